"""A whole sequence: the same step for every input, each from the state that the last one left."""

import numpy as np

from rnnlib.exercises.exercise import Exercise
from rnnlib.exercises.step import H_PREV, WEIGHTS, X_T
from rnnlib.validation import Array


def unroll(xs: Array, h_0: Array, W_xh: Array, W_hh: Array, b_h: Array) -> Array:
    """All states, hs (T+1, B, H) with hs[0] = h_0, from xs (T, B, D)."""
    hs = np.zeros((len(xs) + 1, *h_0.shape))
    hs[0] = h_0
    for t, x_t in enumerate(xs):
        hs[t + 1] = np.tanh(x_t @ W_xh + hs[t] @ W_hh + b_h)
    return hs


XS = np.stack([X_T[:2], X_T[2:], X_T[1:3]])  # (T, B, D) = (3, 2, 2)
CASES = [(XS[:, :1], H_PREV[1:2], *WEIGHTS), (XS, H_PREV[1:3], *WEIGHTS)]
exercise = Exercise(unroll, CASES)
