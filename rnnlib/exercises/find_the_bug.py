"""A forward pass with a bug that no shape and no error gives away."""

import numpy as np

from rnnlib.exercises.exercise import Exercise
from rnnlib.exercises.step import H_PREV, WEIGHTS
from rnnlib.exercises.unroll import XS
from rnnlib.validation import Array


def read(xs: Array, h: Array, W_xh: Array, W_hh: Array, b_h: Array) -> Array:
    """The states h_1 … h_T (T, B, H), from xs (T, B, D) and h_0."""
    states = []
    for x_t in xs:
        h = np.tanh(x_t @ W_xh + h @ W_hh + b_h)  # h, not h_t: the next step has to start from it
        states.append(h)
    return np.stack(states)


def still_there(xs: Array, h: Array, W_xh: Array, W_hh: Array, b_h: Array) -> Array:
    """The code as it was handed out."""
    states = []
    for x_t in xs:
        h_t = np.tanh(x_t @ W_xh + h @ W_hh + b_h)
        states.append(h_t)
    return np.stack(states)


def added_up(xs: Array, h: Array, W_xh: Array, W_hh: Array, b_h: Array) -> Array:
    """The new state added to the old one instead of taking its place."""
    states = []
    for x_t in xs:
        h = h + np.tanh(x_t @ W_xh + h @ W_hh + b_h)
        states.append(h)
    return np.stack(states)


def written_over(xs: Array, h: Array, W_xh: Array, W_hh: Array, b_h: Array) -> Array:
    """Carried on in place: the caller's h_0 is lost, and the list holds one array T times."""
    states = []
    for x_t in xs:
        h[...] = np.tanh(x_t @ W_xh + h @ W_hh + b_h)
        states.append(h)
    return np.stack(states)


def started_again(xs: Array, h: Array, W_xh: Array, W_hh: Array, b_h: Array) -> Array:
    """Zeros inside the loop."""
    return still_there(xs, 0 * h, W_xh, W_hh, b_h)


exercise = Exercise(
    read,
    mistakes=[still_there, added_up, written_over, started_again],
    cases=[(XS[:, :1], H_PREV[1:2], *WEIGHTS), (XS, H_PREV[1:3], *WEIGHTS)],
    name="find_the_bug",
)
