"""The gradient of W_hh when the walk back is cut short."""

import numpy as np

from rnnlib.exercises.exercise import Exercise
from rnnlib.exercises.step import H_PREV, WEIGHTS
from rnnlib.exercises.unroll import XS, unroll
from rnnlib.validation import Array


def truncated(dh_T: Array, hs: Array, W_hh: Array, window: int) -> Array:
    """dW_hh (H, H) from the last ``window`` steps of hs (T+1, B, H), for a loss that sees h_T alone: dh_T (B, H)."""
    dW_hh, dh, T = np.zeros(W_hh.shape), dh_T, len(hs) - 1
    for t in range(T, T - window, -1):
        da = dh * (1 - hs[t] ** 2)
        dW_hh += hs[t - 1].T @ da
        dh = da @ W_hh.T
    return dW_hh


HS = unroll(np.concatenate([XS, XS[::-1]]), H_PREV[1:3], *WEIGHTS)  # T = 6
DH_T = np.array([[1.0, 0.0, -2.0], [0.5, 1.0, 0.3]])
exercise = Exercise(truncated, [(DH_T[:1], HS[:, :1], WEIGHTS[1], 2), (DH_T, HS, WEIGHTS[1], 4)])
