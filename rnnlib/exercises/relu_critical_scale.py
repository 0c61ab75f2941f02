"""Predict the weight scale at which a ReLU network neither loses nor blows up its gradients."""

import numpy as np

from rnnlib.exercises.exercise import Exercise


def relu_critical_scale() -> float:
    """g² E[f'²] = 1, and f' is 1 for half of the units and 0 for the others."""
    return np.sqrt(2)


def as_for_identity() -> float:
    """No unit is taken to be off."""
    return 1.0


def mean_derivative() -> float:
    """The mean of f' instead of its mean square: g E[f'] = 1."""
    return 2.0


def inverse() -> float:
    """What half of the units leave of a norm, not the scale that makes up for it."""
    return float(np.sqrt(0.5))


exercise = Exercise.of(relu_critical_scale, [()], tolerance=0.01)
