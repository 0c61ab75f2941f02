"""One step back: from dL/dh_t to everything that went into h_t."""

import numpy as np

from rnnlib.exercises.exercise import Exercise
from rnnlib.exercises.step import H_PREV, WEIGHTS, X_T, step
from rnnlib.validation import Array

Back = tuple[Array, Array, Array, Array]


def backward_step(dh_t: Array, x_t: Array, h_prev: Array, a_t: Array, h_t: Array, W_hh: Array) -> Back:
    """dW_xh (D, H), dW_hh (H, H), db_h (H,) and dh_prev (B, H), for h_t = tanh(a_t)."""
    da_t = dh_t * (1 - h_t**2)
    dW_xh, dW_hh, db_h = x_t.T @ da_t, h_prev.T @ da_t, da_t.sum(axis=0)
    dh_prev = da_t @ W_hh.T
    return dW_xh, dW_hh, db_h, dh_prev


A_T = np.arctanh(step(X_T, H_PREV, *WEIGHTS))
DH_T = np.array([[1.0, 0.0, -2.0], [0.5, 1.0, 0.3], [-1.0, 0.4, 0.0], [0.2, -0.6, 1.5]])
BATCH = (DH_T, X_T, H_PREV, A_T, np.tanh(A_T))
exercise = Exercise(backward_step, [(*(array[1:2] for array in BATCH), WEIGHTS[1]), (*BATCH, WEIGHTS[1])])
