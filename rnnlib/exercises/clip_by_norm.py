"""Clip a gradient by its global norm."""

import numpy as np

from rnnlib.exercises.exercise import Exercise
from rnnlib.recurrent import Params


def clip_by_norm(gradients: Params, max_norm: float) -> tuple[Params, float]:
    """The gradients, shortened together to max_norm if they are longer; and their norm before."""
    norm = np.sqrt(sum(np.sum(gradient**2) for gradient in gradients.values()))
    factor = max_norm / norm if norm > max_norm else 1
    clipped = {name: factor * gradient for name, gradient in gradients.items()}
    return clipped, norm


LONG = {"W_hh": np.array([[3.0, 0.0], [0.0, 4.0]]), "b_h": np.array([12.0, 0.0])}
SHORT = {"W_hh": np.array([[0.3, 0.0], [0.0, 0.4]]), "b_h": np.array([0.0, -1.2])}
ZERO = {"W_hh": np.zeros((2, 2)), "b_h": np.zeros(2)}
exercise = Exercise(clip_by_norm, [(LONG, 6.5), (SHORT, 6.5), (LONG, 1), (ZERO, 1.0)])
