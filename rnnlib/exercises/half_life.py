"""The half-life of a gradient: after how many steps back is it half of itself?"""

import numpy as np

from rnnlib.exercises.exercise import Exercise
from rnnlib.validation import Array


def half_life(log_norms: Array) -> float:
    """Steps back until the norm has halved, from ln ‖∂L/∂h_t‖, (T+1,)."""
    T = len(log_norms) - 1
    slope = (log_norms[T] - log_norms[0]) / T  # what one step back takes away
    return np.log(2) / slope


def e_folding(log_norms: Array) -> float:
    """Until it is 1/e of itself."""
    return half_life(log_norms) / np.log(2)


def counted_states(log_norms: Array) -> float:
    """T+1 states taken for T+1 steps."""
    return np.log(2) * len(log_norms) / (log_norms[-1] - log_norms[0])


def wrong_end(log_norms: Array) -> float:
    """Read from h_0 to h_T, in the direction of time."""
    return -half_life(log_norms)


def base_ten(log_norms: Array) -> float:
    """The decimal logarithm of 2 beside natural logarithms of norms."""
    return np.log10(2) * e_folding(log_norms)


def norms_not_logs(log_norms: Array) -> float:
    """The exponential taken first, and then a straight line through what is no line."""
    return half_life(np.exp(log_norms))


CASES = np.linspace(-10 * np.log(2), 0, 11), np.array([-2.0, -1.5, -0.2, 0.0]), np.linspace(-30, 1.5, 64)
exercise = Exercise.of(half_life, [(log_norms,) for log_norms in CASES])
