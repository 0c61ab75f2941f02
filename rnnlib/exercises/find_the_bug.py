"""A forward pass with a bug that no shape and no error gives away."""

import numpy as np

from rnnlib.exercises.exercise import Exercise
from rnnlib.exercises.step import step
from rnnlib.exercises.unroll import CASES
from rnnlib.validation import Array


def read(xs: Array, h: Array, W_xh: Array, W_hh: Array, b_h: Array) -> Array:
    """The states h_1 … h_T (T, B, H), from xs (T, B, D) and h_0."""
    states = []
    for x_t in xs:
        h = np.tanh(x_t @ W_xh + h @ W_hh + b_h)  # h, not h_t: the next step has to start from it
        states.append(h)
    return np.stack(states)


def still_there(xs: Array, h: Array, W_xh: Array, W_hh: Array, b_h: Array) -> Array:
    """The code as it was handed out: every step from h_0."""
    return np.stack([step(x_t, h, W_xh, W_hh, b_h) for x_t in xs])


def added_up(xs: Array, h: Array, W_xh: Array, W_hh: Array, b_h: Array) -> Array:
    """The new state added to the old one instead of taking its place."""
    states = []
    for x_t in xs:
        h = h + np.tanh(x_t @ W_xh + h @ W_hh + b_h)
        states.append(h)
    return np.stack(states)


def written_over(xs: Array, h: Array, W_xh: Array, W_hh: Array, b_h: Array) -> Array:
    """Carried on in place: the caller's h_0 is lost, and the list holds one array T times."""
    h[...] = read(xs, h, W_xh, W_hh, b_h)[-1]
    return np.stack([h] * len(xs))


def started_again(xs: Array, h: Array, W_xh: Array, W_hh: Array, b_h: Array) -> Array:
    """Zeros inside the loop."""
    return still_there(xs, 0 * h, W_xh, W_hh, b_h)


exercise = Exercise.of(read, CASES, name="find_the_bug")
