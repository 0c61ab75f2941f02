"""Clip a gradient by its global norm."""

import numpy as np

from rnnlib.exercises.exercise import Exercise
from rnnlib.recurrent import Params


def clip_by_norm(gradients: Params, max_norm: float) -> tuple[Params, float]:
    """The gradients, shortened together to max_norm if they are longer; and their norm before."""
    norm = np.sqrt(sum(np.sum(gradient**2) for gradient in gradients.values()))
    factor = min(1, max_norm / norm)
    return {name: factor * gradient for name, gradient in gradients.items()}, norm


def each_array(gradients: Params, max_norm: float) -> tuple[Params, float]:
    """Every array by its own norm: the direction of the whole changes."""
    clipped = {name: clip_by_norm({name: gradient}, max_norm)[0][name] for name, gradient in gradients.items()}
    return clipped, clip_by_norm(gradients, max_norm)[1]


def in_place(gradients: Params, max_norm: float) -> tuple[Params, float]:
    """The right numbers, written into the arrays that came."""
    clipped, norm = clip_by_norm(gradients, max_norm)
    for name, gradient in gradients.items():
        gradient[...] = clipped[name]
    return gradients, norm


def always_rescaled(gradients: Params, max_norm: float) -> tuple[Params, float]:
    """Short gradients made longer too."""
    norm = clip_by_norm(gradients, max_norm)[1]
    return {name: max_norm / norm * gradient for name, gradient in gradients.items()}, norm


def each_entry(gradients: Params, max_norm: float) -> tuple[Params, float]:
    """Clipping by value."""
    clipped = {name: np.clip(gradient, -max_norm, max_norm) for name, gradient in gradients.items()}
    return clipped, clip_by_norm(gradients, max_norm)[1]


def norm_after(gradients: Params, max_norm: float) -> tuple[Params, float]:
    """The norm of what is returned, instead of the norm of what came."""
    clipped, norm = clip_by_norm(gradients, max_norm)
    return clipped, min(norm, max_norm)


def squared_norm(gradients: Params, max_norm: float) -> tuple[Params, float]:
    """The root forgotten."""
    square = float(sum(np.sum(gradient**2) for gradient in gradients.values()))
    return {name: min(1, max_norm / square) * gradient for name, gradient in gradients.items()}, square


def added_norms(gradients: Params, max_norm: float) -> tuple[Params, float]:
    """The norms of the arrays added up, which is no norm of the whole."""
    total = float(sum(np.linalg.norm(gradient) for gradient in gradients.values()))
    return {name: min(1, max_norm / total) * gradient for name, gradient in gradients.items()}, total


LONG = {"W_hh": np.array([[3.0, 0.0], [0.0, 4.0]]), "b_h": np.array([12.0, 0.0])}
SHORT = {"W_hh": np.array([[0.3, 0.0], [0.0, 0.4]]), "b_h": np.array([0.0, -1.2])}
exercise = Exercise.of(clip_by_norm, [(LONG, 6.5), (SHORT, 6.5), (LONG, 1)])
