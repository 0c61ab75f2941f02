"""Predict the weight scale at which a ReLU network neither loses nor blows up its gradients."""

import numpy as np

from rnnlib.exercises.exercise import Exercise


def relu_critical_scale() -> float:
    """g² E[f'²] = 1, and f' is 1 for half of the units and 0 for the others."""
    return np.sqrt(2)


exercise = Exercise(relu_critical_scale, [()], tolerance=0.0035)  # three digits: 1.41, and neither 1.40 nor 1.42
