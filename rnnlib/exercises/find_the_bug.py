"""A forward pass with a bug that no shape and no error gives away."""

import numpy as np

from rnnlib.exercises.exercise import Exercise
from rnnlib.exercises.unroll import CASES
from rnnlib.validation import Array


def read(xs: Array, h: Array, W_xh: Array, W_hh: Array, b_h: Array) -> Array:
    """The states h_1 … h_T (T, B, H), from xs (T, B, D) and h_0."""
    states = []
    for x_t in xs:
        h = np.tanh(x_t @ W_xh + h @ W_hh + b_h)  # h, not h_t: the next step has to start from it
        states.append(h)
    return np.stack(states)


exercise = Exercise(read, CASES, name="find_the_bug")
