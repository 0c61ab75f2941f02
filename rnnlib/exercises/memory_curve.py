"""The memory curve: how much of x_{t-k} a linear readout of h_t can tell, k for k."""

import numpy as np

from rnnlib.exercises.exercise import Exercise
from rnnlib.exercises.probe import fitted
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


def _read(hs: Array, past: Array, learnt: slice, judged: slice) -> float:
    """The correlation between the past and what a probe, fitted on some steps and judged on others, reads of it."""
    return float(np.corrcoef(fitted(hs[learnt], past[learnt], hs[judged]), past[judged])[0, 1])


def _halves(hs: Array, past: Array) -> float:
    half = len(past) // 2
    return _read(hs, past, slice(half), slice(half, None))


def from_zero(hs: Array, xs: Array, lags: int) -> Array:
    """From k = 0 to lags−1: what is being read now counts as memory."""
    return np.array([_halves(hs, xs) ** 2, *memory_curve(hs, xs, lags)[:-1]])


def future(hs: Array, xs: Array, lags: int) -> Array:
    """x_{t+k}: shifted the wrong way."""
    return memory_curve(hs[::-1], xs[::-1], lags)


def not_squared(hs: Array, xs: Array, lags: int) -> Array:
    """The correlation, not its square."""
    return np.array([_halves(hs[k:], xs[:-k]) for k in range(1, lags + 1)])


def judged_on_the_fitted(hs: Array, xs: Array, lags: int) -> Array:
    """Fitted and judged on the same steps."""
    return np.array([_read(hs[k:], xs[:-k], slice(None), slice(None)) ** 2 for k in range(1, lags + 1)])


def one_probe_for_all(hs: Array, xs: Array, lags: int) -> Array:
    """The probe of the present input, asked for every lag."""
    half = len(xs) // 2
    read = fitted(hs[:half], xs[:half], hs)
    return np.array([np.corrcoef(read[half + k :], xs[half:-k])[0, 1] ** 2 for k in range(1, lags + 1)])


def capacity(hs: Array, xs: Array, lags: int) -> float:
    """The sum over the curve, not the curve."""
    return float(memory_curve(hs, xs, lags).sum())


def _case(T: int, H: int, weight_scale: float, seed: int) -> tuple[Array, Array]:
    rng = np.random.default_rng(seed)
    xs, W_xh, W_hh = rng.uniform(-0.5, 0.5, T), rng.standard_normal(H), rng.standard_normal((H, H)) / np.sqrt(H)
    hs = np.zeros((T + 1, H))
    for t in range(T):
        hs[t + 1] = np.tanh(xs[t] * W_xh + weight_scale * hs[t] @ W_hh)
    return hs[1:], xs


exercise = Exercise(
    memory_curve,
    mistakes=[from_zero, future, not_squared, judged_on_the_fitted, one_probe_for_all, capacity],
    cases=[(*_case(61, 3, 0.8, 0), 3), (*_case(200, 6, 1.2, 1), 6)],
)
