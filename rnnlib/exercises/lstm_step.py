"""One step of an LSTM."""

import numpy as np

from rnnlib.activations import sigmoid
from rnnlib.exercises.exercise import Exercise
from rnnlib.validation import Array


def lstm_step(x_t: Array, h_prev: Array, c_prev: Array, W_xh: Array, W_hh: Array, b_h: Array) -> tuple[Array, Array]:
    """(h_t, c_t), (B, H) each, from the input (B, D) and the states before; blocks in the order i, f, g, o."""
    i, f, g, o = np.split(x_t @ W_xh + h_prev @ W_hh + b_h, 4, axis=1)
    c_t = sigmoid(f) * c_prev + sigmoid(i) * np.tanh(g)
    h_t = sigmoid(o) * np.tanh(c_t)
    return h_t, c_t


def _case(B: int, D: int, H: int) -> tuple[Array, ...]:
    rng = np.random.default_rng(6)
    return tuple(rng.standard_normal(shape) for shape in ((B, D), (B, H), (B, H), (D, 4 * H), (H, 4 * H), (4 * H,)))


exercise = Exercise(lstm_step, [_case(1, 1, 1), _case(3, 2, 4)])
