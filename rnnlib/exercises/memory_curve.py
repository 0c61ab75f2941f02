"""The memory curve: how much of x_{t-k} a linear readout of h_t can tell, k for k."""

import numpy as np

from rnnlib.exercises.exercise import Exercise
from rnnlib.rnn import RNN
from rnnlib.validation import Array


def memory_curve(hs: Array, xs: Array, lags: int) -> Array:
    """r² (lags,) between x_{t-k} and what a probe of h_t reads of it, k = 1 … lags; hs (T, H) = h_1 … h_T, xs (T,).

    The probe is fitted on the first half and judged on the second. Fair ways to align the two, and 1 − SSE/SST for the
    squared correlation, differ by less than 0.01 here; up to 0.03 of the largest r² counts as right.
    """
    curve = []
    for k in range(1, lags + 1):
        states, past = np.column_stack([hs[k:], np.ones(len(hs) - k)]), xs[:-k]
        half = len(past) // 2
        W, *_ = np.linalg.lstsq(states[:half], past[:half], rcond=None)
        curve.append(np.corrcoef(states[half:] @ W, past[half:])[0, 1] ** 2)
    return np.array(curve)


T = 3000  # long enough for that


def _random(H: int, weight_scale: float) -> tuple[Array, Array]:
    """A random network, and the numbers that it reads."""
    xs = np.random.default_rng(0).uniform(-0.5, 0.5, T)
    return RNN(1, H, weight_scale=weight_scale, rng=0).forward(xs[:, None, None]).hs[1:, 0], xs


def _unlike_halves() -> tuple[Array, Array]:
    """Of xs = u + v the state hears u; v, which rests in the first half, is heard in the second, and noise before it.

    So it shows where a probe was fitted on the second half, or judged on the first, and where a bias is missing.
    """
    u, v, noise = np.random.default_rng(2).uniform(0, 1, (3, T))
    late = np.arange(T) >= T // 2
    heard = np.stack([1.5 * u, np.where(late, v, noise)], axis=1)
    states = RNN(2, 6, "identity", weight_scale=0.7, rng=2).forward(heard[:, None]).hs[1:, 0]
    return states, 2 + 1.5 * u + np.where(late, v, 0.5)


exercise = Exercise(memory_curve, [(*_random(8, 0.9), 7), (*_unlike_halves(), 3)], tolerance=0.03)
