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


exercise = Exercise(leaky_sum, [(np.array([1.0, 2.0, 3.0, -1.0]), 0.5), (np.array([2.0, 0.0, 0.0, 0.0, 1.0]), -0.9)])
