"""Three networks of one matrix, without input: what becomes of each is to be read from the way of its state."""

import numpy as np

from rnnlib.exercises.exercise import Exercise
from rnnlib.rnn import RNN
from rnnlib.validation import Array


def _path(weight_scale: float) -> Array:
    """The states h_0 … h_150 (151, 32) of the network without input."""
    h_0 = np.random.default_rng(137).uniform(-1, 1, (1, 32))
    return RNN(1, 32, weight_scale=weight_scale, rng=137).forward(np.zeros((150, 1, 1)), h_0).hs[:, 0]


paths = {"A": _path(2.0), "B": _path(0.85), "C": _path(1.2)}


def trajectories() -> dict[str, str]:
    """What becomes of each path in the end."""
    return {
        "A": "chaos",  # never repeats: no curve holds its states
        "B": "point",  # falls to a point: it moves about at first, and less at every step
        "C": "cycle",  # goes round: one closed curve, turn after turn
    }


exercise = Exercise(trajectories, [()], words="paths")
