"""How far back does a leaky sum with w = 0.9 remember?"""

import math

from rnnlib.exercises.exercise import Exercise


def reach() -> int:
    """The first k with 0.9^k < 0.01."""
    return math.ceil(math.log(0.01) / math.log(0.9))


def one_short() -> int:
    """Rounded down: a little more than a hundredth is left."""
    return 43


def half() -> int:
    """The first k with 0.9^k < 1/2."""
    return 7


def tenth() -> int:
    """The first k with 0.9^k < 0.1."""
    return 22


def thousandth() -> int:
    """The first k with 0.9^k < 0.001."""
    return 66


def mean_reach() -> int:
    """1 / (1 − w), the sum of all w^k."""
    return 10


exercise = Exercise.of(reach, [()])
