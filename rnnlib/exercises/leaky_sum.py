"""The smallest recurrent network: one number that leaks, and takes in what comes."""

import numpy as np

from rnnlib.exercises.exercise import Exercise
from rnnlib.validation import Array


def leaky_sum(xs: Array, w: float) -> Array:
    """All states h_1 … h_T, (T,), of h_t = w h_{t-1} + x_t from h_0 = 0; xs is (T,)."""
    h, states = 0.0, []
    for x_t in xs:
        h = w * h + x_t
        states.append(h)
    return np.array(states)


def never_carried_on(xs: Array, w: float) -> Array:
    """Every step starts from h_0 = 0."""
    return 1.0 * xs


def nothing_leaks(xs: Array, w: float) -> Array:
    """The sum without w."""
    return np.cumsum(xs)


def last_only(xs: Array, w: float) -> float:
    """h_T instead of all states."""
    return leaky_sum(xs, w)[-1]


def with_h_0(xs: Array, w: float) -> Array:
    """T+1 states."""
    return np.concatenate([[0.0], leaky_sum(xs, w)])


def w_on_the_input(xs: Array, w: float) -> Array:
    """The input is multiplied instead of the state: h_{t-1} + w x_t."""
    return np.cumsum(w * xs)


def w_on_both(xs: Array, w: float) -> Array:
    """Both are multiplied: w (h_{t-1} + x_t)."""
    return w * leaky_sum(xs, w)


def previous_input(xs: Array, w: float) -> Array:
    """The input before in the place of the state before: one step of memory and no more."""
    return xs + w * np.concatenate([[0.0], xs[:-1]])


exercise = Exercise.of(leaky_sum, [(np.array([1.0, 2.0, 3.0, -1.0]), 0.5), (np.array([2.0, 0.0, 0.0, 0.0, 1.0]), -0.9)])
