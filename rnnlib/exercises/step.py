"""One step of a recurrent network, for a batch."""

import numpy as np

from rnnlib.exercises.exercise import Exercise
from rnnlib.validation import Array


def step(x_t: Array, h_prev: Array, W_xh: Array, W_hh: Array, b_h: Array) -> Array:
    """h_t (B, H) from x_t (B, D) and h_prev (B, H)."""
    return np.tanh(x_t @ W_xh + h_prev @ W_hh + b_h)


WEIGHTS = (
    np.array([[1.0, -0.5, 0.3], [0.4, 0.8, -1.0]]),
    np.array([[0.5, 0.8, 0.0], [-0.8, 0.5, 0.3], [0.2, -0.4, 0.9]]),
    np.array([0.0, 0.2, -0.1]),
)
X_T = np.array([[1.0, 0.0], [0.5, -1.0], [0.0, 2.0], [-1.0, 1.0]])
H_PREV = np.array([[0.0, 0.0, 0.0], [0.2, -0.6, 0.9], [0.7, 0.1, -0.3], [-0.5, 0.4, 0.8]])
exercise = Exercise(step, [(X_T[1:2], H_PREV[1:2], *WEIGHTS), (X_T, H_PREV, *WEIGHTS)])
