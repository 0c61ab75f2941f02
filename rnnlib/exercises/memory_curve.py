"""The memory curve: how much of x_{t-k} a linear readout of h_t can tell, k for k."""

import numpy as np

from rnnlib.exercises.exercise import Exercise
from rnnlib.rnn import RNN
from rnnlib.validation import Array


def memory_curve(hs: Array, xs: Array, lags: int) -> Array:
    """r² (lags,) between x_{t-k} and what a probe of h_t reads of it, k = 1 … lags; hs (T, H) = h_1 … h_T, xs (T,)."""
    curve = []
    for k in range(1, lags + 1):
        states, past = np.column_stack([hs[k:], np.ones(len(hs) - k)]), xs[:-k]
        half = len(past) // 2
        W, *_ = np.linalg.lstsq(states[:half], past[:half], rcond=None)
        curve.append(np.corrcoef(states[half:] @ W, past[half:])[0, 1] ** 2)
    return np.array(curve)


def _case(T: int, H: int, weight_scale: float, seed: int) -> tuple[Array, Array]:
    xs = np.random.default_rng(seed).uniform(-0.5, 0.5, T)
    return RNN(1, H, weight_scale=weight_scale, rng=seed).forward(xs[:, None, None]).hs[1:, 0], xs


exercise = Exercise(memory_curve, [(*_case(61, 3, 0.8, 0), 3), (*_case(200, 6, 1.2, 1), 6)])
