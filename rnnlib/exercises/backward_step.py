"""One step back: from dL/dh_t to everything that went into h_t."""

import numpy as np

from rnnlib.exercises.exercise import Exercise
from rnnlib.exercises.step import H_PREV, WEIGHTS, X_T, step
from rnnlib.validation import Array

Back = tuple[Array, Array, Array, Array]


def backward_step(dh_t: Array, x_t: Array, h_prev: Array, a_t: Array, h_t: Array, W_hh: Array) -> Back:
    """dW_xh (D, H), dW_hh (H, H), db_h (H,) and dh_prev (B, H), for h_t = tanh(a_t)."""
    da_t = dh_t * (1 - h_t**2)
    return x_t.T @ da_t, h_prev.T @ da_t, da_t.sum(axis=0), da_t @ W_hh.T


def slope_of_a(dh_t: Array, x_t: Array, h_prev: Array, a_t: Array, h_t: Array, W_hh: Array) -> Back:
    """1 − a² for 1 − h²."""
    return backward_step(dh_t, x_t, h_prev, a_t, a_t, W_hh)


def no_slope(dh_t: Array, x_t: Array, h_prev: Array, a_t: Array, h_t: Array, W_hh: Array) -> Back:
    """The activation forgotten."""
    return backward_step(dh_t, x_t, h_prev, a_t, 0 * h_t, W_hh)


def wrong_transpose(dh_t: Array, x_t: Array, h_prev: Array, a_t: Array, h_t: Array, W_hh: Array) -> Back:
    """The state's gradient through W_hh instead of its transpose."""
    return backward_step(dh_t, x_t, h_prev, a_t, h_t, W_hh.T)


def bias_not_summed(dh_t: Array, x_t: Array, h_prev: Array, a_t: Array, h_t: Array, W_hh: Array) -> Back:
    """A gradient of the bias for every sequence."""
    dW_xh, dW_hh, _, dh_prev = backward_step(dh_t, x_t, h_prev, a_t, h_t, W_hh)
    return dW_xh, dW_hh, dh_t * (1 - h_t**2), dh_prev


def weights_transposed(dh_t: Array, x_t: Array, h_prev: Array, a_t: Array, h_t: Array, W_hh: Array) -> Back:
    """da_tᵀ h_prev for h_prevᵀ da_t, as column-vector books have it."""
    dW_xh, dW_hh, db_h, dh_prev = backward_step(dh_t, x_t, h_prev, a_t, h_t, W_hh)
    return dW_xh.T, dW_hh.T, db_h, dh_prev


def around_the_activation(dh_t: Array, x_t: Array, h_prev: Array, a_t: Array, h_t: Array, W_hh: Array) -> Back:
    """The state's gradient from dh_t instead of da_t."""
    return (*backward_step(dh_t, x_t, h_prev, a_t, h_t, W_hh)[:3], dh_t @ W_hh.T)


A_T = np.arctanh(step(X_T, H_PREV, *WEIGHTS))
DH_T = np.array([[1.0, 0.0, -2.0], [0.5, 1.0, 0.3], [-1.0, 0.4, 0.0], [0.2, -0.6, 1.5]])
BATCH = (DH_T, X_T, H_PREV, A_T, np.tanh(A_T))
exercise = Exercise.of(backward_step, [(*(array[1:2] for array in BATCH), WEIGHTS[1]), (*BATCH, WEIGHTS[1])])
