"""One step of a recurrent network, for a batch."""

import numpy as np

from rnnlib.exercises.exercise import Exercise
from rnnlib.validation import Array


def step(x_t: Array, h_prev: Array, W_xh: Array, W_hh: Array, b_h: Array) -> Array:
    """h_t (B, H) from x_t (B, D) and h_prev (B, H)."""
    return np.tanh(x_t @ W_xh + h_prev @ W_hh + b_h)


def wrong_transpose(x_t: Array, h_prev: Array, W_xh: Array, W_hh: Array, b_h: Array) -> Array:
    """W_hh as column-vector books store it."""
    return step(x_t, h_prev, W_xh, W_hh.T, b_h)


def no_activation(x_t: Array, h_prev: Array, W_xh: Array, W_hh: Array, b_h: Array) -> Array:
    """The sum a_t itself."""
    return x_t @ W_xh + h_prev @ W_hh + b_h


def no_bias(x_t: Array, h_prev: Array, W_xh: Array, W_hh: Array, b_h: Array) -> Array:
    """b_h left out."""
    return step(x_t, h_prev, W_xh, W_hh, 0 * b_h)


def no_state(x_t: Array, h_prev: Array, W_xh: Array, W_hh: Array, b_h: Array) -> Array:
    """The state left out: a feed-forward layer."""
    return step(x_t, 0 * h_prev, W_xh, W_hh, b_h)


def state_added_as_it_is(x_t: Array, h_prev: Array, W_xh: Array, W_hh: Array, b_h: Array) -> Array:
    """The state added without W_hh."""
    return step(x_t, h_prev, W_xh, np.eye(len(W_hh)), b_h)


def each_term_squashed(x_t: Array, h_prev: Array, W_xh: Array, W_hh: Array, b_h: Array) -> Array:
    """The activation of the terms instead of that of their sum."""
    return np.tanh(x_t @ W_xh) + np.tanh(h_prev @ W_hh) + np.tanh(b_h)


WEIGHTS = (
    np.array([[1.0, -0.5, 0.3], [0.4, 0.8, -1.0]]),
    np.array([[0.5, 0.8, 0.0], [-0.8, 0.5, 0.3], [0.2, -0.4, 0.9]]),
    np.array([0.0, 0.2, -0.1]),
)
X_T = np.array([[1.0, 0.0], [0.5, -1.0], [0.0, 2.0], [-1.0, 1.0]])
H_PREV = np.array([[0.0, 0.0, 0.0], [0.2, -0.6, 0.9], [0.7, 0.1, -0.3], [-0.5, 0.4, 0.8]])
exercise = Exercise.of(step, [(X_T[1:2], H_PREV[1:2], *WEIGHTS), (X_T, H_PREV, *WEIGHTS)])
