"""The gradient that the direct path through c carries back, for constant gates."""

import numpy as np

from rnnlib.exercises.exercise import Exercise
from rnnlib.validation import Array


def gradient_through_c(dc_T: Array, i: Array, f: Array, o: Array, steps: int) -> Array:
    """What reaches c_{T-steps} of dc_T = ∂L/∂c_T, (B, H), through c alone; the gates (H,) are the same at each step."""
    return dc_T * f**steps


GATES = (np.array([0.5, 0.9, 0.2]), np.array([0.9, 0.5, 1.0]), np.array([0.8, 0.7, 0.6]))
dc_T = np.array([[1.0, 1.0, 1.0], [2.0, -1.0, 0.5]])
exercise = Exercise(gradient_through_c, [(dc_T, *GATES, 2), (dc_T, *GATES, 10), (dc_T, *GATES, 0)])
