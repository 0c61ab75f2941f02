"""One step of an LSTM."""

import numpy as np

from rnnlib.activations import sigmoid
from rnnlib.exercises.exercise import Exercise
from rnnlib.validation import Array


def lstm_step(x_t: Array, h_prev: Array, c_prev: Array, W_xh: Array, W_hh: Array, b_h: Array) -> tuple[Array, Array]:
    """(h_t, c_t), (B, H) each, from the input (B, D) and the states before; blocks in the order i, f, g, o."""
    i, f, g, o = np.split(x_t @ W_xh + h_prev @ W_hh + b_h, 4, axis=1)
    c_t = sigmoid(f) * c_prev + sigmoid(i) * np.tanh(g)
    return sigmoid(o) * np.tanh(c_t), c_t


def _blocks(x_t: Array, h_prev: Array, c_prev: Array, W_xh: Array, W_hh: Array, b_h: Array) -> list[Array]:
    return np.split(x_t @ W_xh + h_prev @ W_hh + b_h, 4, axis=1)


def _cell(i: Array, f: Array, g: Array, o: Array, c_prev: Array) -> tuple[Array, Array]:
    """(h_t, c_t) from gates that are open or shut already."""
    c_t = f * c_prev + i * g
    return o * np.tanh(c_t), c_t


def order_ifog(*args: Array) -> tuple[Array, Array]:
    """The blocks read as i, f, o, g."""
    i, f, o, g = _blocks(*args)
    return _cell(sigmoid(i), sigmoid(f), np.tanh(g), sigmoid(o), args[2])


def forget_and_input_swapped(*args: Array) -> tuple[Array, Array]:
    """Keep with i and write with f."""
    f, i, g, o = _blocks(*args)
    return _cell(sigmoid(i), sigmoid(f), np.tanh(g), sigmoid(o), args[2])


def sigmoid_candidate(*args: Array) -> tuple[Array, Array]:
    """σ for g too."""
    i, f, g, o = (sigmoid(a) for a in _blocks(*args))
    return _cell(i, f, g, o, args[2])


def cell_without_tanh(*args: Array) -> tuple[Array, Array]:
    """h_t = o ⊙ c_t."""
    _, c_t = lstm_step(*args)
    return sigmoid(_blocks(*args)[3]) * c_t, c_t


def nothing_forgotten(*args: Array) -> tuple[Array, Array]:
    """c_t = c_{t-1} + i ⊙ g: the LSTM of 1997, without a forget gate."""
    i, f, g, o = _blocks(*args)
    return _cell(sigmoid(i), np.ones_like(f), np.tanh(g), sigmoid(o), args[2])


def h_kept_instead_of_c(x_t: Array, h_prev: Array, c_prev: Array, *weights: Array) -> tuple[Array, Array]:
    """The forget gate on h_{t-1}."""
    return lstm_step(x_t, h_prev, h_prev, *weights)


def swapped_return(*args: Array) -> tuple[Array, Array]:
    """(c_t, h_t)."""
    return lstm_step(*args)[::-1]


def no_bias(x_t: Array, h_prev: Array, c_prev: Array, W_xh: Array, W_hh: Array, b_h: Array) -> tuple[Array, Array]:
    """b_h left out."""
    return lstm_step(x_t, h_prev, c_prev, W_xh, W_hh, 0 * b_h)


def _case(B: int, D: int, H: int) -> tuple[Array, ...]:
    rng = np.random.default_rng(6)
    return tuple(rng.standard_normal(shape) for shape in ((B, D), (B, H), (B, H), (D, 4 * H), (H, 4 * H), (4 * H,)))


exercise = Exercise.of(lstm_step, [_case(1, 1, 1), _case(3, 2, 4)])
