"""The bias with which a forget gate still holds half after a lag."""

import numpy as np

from rnnlib.exercises.exercise import Exercise


def forget_bias(lag: int) -> float:
    """The b with which half is left after lag steps, σ(b)^lag = 1/2, when nothing else moves the gate."""
    f = 0.5 ** (1 / lag)
    return np.log(f / (1 - f))  # σ(b) = f


def gate_itself(lag: int) -> float:
    """The gate f instead of its bias b."""
    return 0.5 ** (1 / lag)


def wrong_sign(lag: int) -> float:
    """A gate that forgets as much as it should keep."""
    return -forget_bias(lag)


def time_constant(lag: int) -> float:
    """With f = 1 − 1/lag, which leaves about 1/e."""
    return np.log(lag - 1)


def e_folding(lag: int) -> float:
    """With f = e^(−1/lag), which leaves exactly 1/e."""
    f = np.exp(-1 / lag)
    return np.log(f / (1 - f))


def halved_each_step(lag: int) -> float:
    """σ(b) = 1/2."""
    return 0.0


def logarithm_of_f(lag: int) -> float:
    """The logarithm of f taken for the inverse of σ."""
    return -np.log(2) / lag


exercise = Exercise.of(forget_bias, [(100,), (10,), (3,)])
