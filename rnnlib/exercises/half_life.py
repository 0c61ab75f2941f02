"""The half-life of a gradient: after how many steps back is it half of itself?"""

import numpy as np

from rnnlib.exercises.exercise import Exercise
from rnnlib.validation import Array


def half_life(log_norms: Array) -> float:
    """Steps back until the norm has halved, from ln ‖∂L/∂h_t‖, (T+1,); minus those in which it doubles, if it grows."""
    T = len(log_norms) - 1
    slope = (log_norms[T] - log_norms[0]) / T  # what one step back takes away
    return np.log(2) / slope


FALLS = np.linspace(-10 * np.log(2), 0, 11), np.array([-2.0, -2.5, -0.2, 0.0]), np.linspace(-30, 1.5, 64)
exercise = Exercise(half_life, [(log_norms,) for log_norms in (*FALLS, np.linspace(2, -1, 6))])
