"""The multiplier of one step, and the bound that it never exceeds."""

import numpy as np

from rnnlib.exercises.exercise import Exercise
from rnnlib.exercises.step import H_PREV, WEIGHTS
from rnnlib.validation import Array


def multiplier(h_t: Array, W_hh: Array) -> tuple[Array, float]:
    """J_t = ∂h_t/∂h_{t-1} (H, H) where a tanh network is in the state h_t (H,), and σ_max(W_hh) · max|f'|."""
    J_t = W_hh * (1 - h_t**2)  # column j leads to unit j: times the slope of unit j
    bound = float(np.linalg.norm(W_hh, 2))  # σ_max; the slope of tanh is 1 at most
    return J_t, bound


NON_NORMAL = np.array([[0.9, 5.0], [0.0, 0.9]])
exercise = Exercise(multiplier, [(np.array([0.5, -0.8]), NON_NORMAL), (H_PREV[1], WEIGHTS[1])])
