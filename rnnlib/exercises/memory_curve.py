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


def _fit(hs: Array, xs: Array, new: Array, past: Array) -> float:
    """r² between the past and what a probe, fitted on hs and xs, reads of it from new states."""
    W, *_ = np.linalg.lstsq(np.column_stack([hs, np.ones(len(hs))]), xs, rcond=None)
    return np.corrcoef(np.column_stack([new, np.ones(len(new))]) @ W, past)[0, 1] ** 2


def from_zero(hs: Array, xs: Array, lags: int) -> Array:
    """From k = 0 to lags−1: what is being read now counts as memory."""
    return memory_curve(np.insert(hs, 0, 0, axis=0), np.append(xs, 0), lags)


def future(hs: Array, xs: Array, lags: int) -> Array:
    """x_{t+k}: shifted the wrong way."""
    return memory_curve(hs[::-1], xs[::-1], lags)


def not_squared(hs: Array, xs: Array, lags: int) -> Array:
    """The correlation, not its square; in these cases it is never below 0."""
    return np.sqrt(memory_curve(hs, xs, lags))


def judged_on_the_fitted(hs: Array, xs: Array, lags: int) -> Array:
    """Fitted and judged on the same steps."""
    return np.array([_fit(hs[k:], xs[:-k], hs[k:], xs[:-k]) for k in range(1, lags + 1)])


def one_probe_for_all(hs: Array, xs: Array, lags: int) -> Array:
    """The probe of the present input, asked for every lag."""
    half = len(xs) // 2
    return np.array([_fit(hs[:half], xs[:half], hs[half + k :], xs[half:-k]) for k in range(1, lags + 1)])


def capacity(hs: Array, xs: Array, lags: int) -> float:
    """The sum over the curve, not the curve."""
    return float(memory_curve(hs, xs, lags).sum())


def _case(T: int, H: int, weight_scale: float, seed: int) -> tuple[Array, Array]:
    xs = np.random.default_rng(seed).uniform(-0.5, 0.5, T)
    return RNN(1, H, weight_scale=weight_scale, rng=seed).forward(xs[:, None, None]).hs[1:, 0], xs


exercise = Exercise.of(memory_curve, [(*_case(61, 3, 0.8, 0), 3), (*_case(200, 6, 1.2, 1), 6)])
