"""How far back does a leaky sum with w = 0.9 remember?"""

import math

from rnnlib.exercises.exercise import Exercise


def reach() -> int:
    """The first k with 0.9^k < 0.01."""
    return math.ceil(math.log(0.01) / math.log(0.9))


exercise = Exercise(reach, [()])
