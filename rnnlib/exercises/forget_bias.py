"""The bias with which a forget gate still holds half after a lag."""

import numpy as np

from rnnlib.exercises.exercise import Exercise


def forget_bias(lag: int) -> float:
    """The b with which half is left after lag steps, σ(b)^lag = 1/2, when nothing else moves the gate."""
    f = 0.5 ** (1 / lag)
    return np.log(f / (1 - f))  # σ(b) = f


exercise = Exercise(forget_bias, [(100,), (10,), (3,)])
