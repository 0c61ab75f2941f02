"""One unit, h_t = tanh(x_t + w h_{t-1}), with a loss at the end: derivatives by formula and by finite difference."""

from functools import lru_cache, partial
from typing import Any, NamedTuple

import numpy as np

from rnnlib import RNN, numerical_gradient
from rnnlib.validation import Array

STEPS = 6
# Of the axis of shares, up and down: the first that holds them.
LIMITS = (0.1, 0.2, 0.3, 0.5, 1, 1.5, 2, 3, 5, 10, 15, 25)


class Backprop(NamedTuple):
    """One unit, T steps, a loss at the end; index t is step t.

    Attributes:
        hs: (T+1,) the states.
        multipliers: (T+1,) dh_t/dh_{t-1}; NaN at 0.
        rows: (2, T+1) each, by formula and by finite difference, NaN where there is no such thing: the total dL/dh_t,
            the immediate derivative of h_t in w, the total one, and the share of step t in dL/dw.
        whole: dL/dw, by formula and by finite difference.
        reached: the walk back has come to this state.
        cut: nothing goes back beyond this state.
    """

    hs: Array
    multipliers: Array
    rows: dict[str, Array]
    whole: tuple[float, float]
    reached: int = 0
    cut: int = 0

    @property
    def first(self) -> int:
        """The first step whose share has been added up; T + 1 as long as there is none."""
        return max(self.reached, self.cut) + 1

    @property
    def so_far(self) -> float:
        """What has been added up: dL/dw so far."""
        return float(self.rows["share"][0, self.first :].sum())

    @property
    def missing(self) -> float:
        """How far that is from the whole dL/dw, as a share of it."""
        whole = self.whole[0]
        return abs(whole - self.so_far) / abs(whole) if whole else 0.0

    @property
    def limits(self) -> tuple[float, float]:
        """Between which the bars of the shares and of their sum lie."""
        bars = [*self.rows["share"][0, 1:], self.so_far, self.whole[0]]
        down, up = (next(limit for limit in LIMITS if most < 0.95 * limit) for most in (-min(bars), max(bars)))
        return -down, up


def run(back: int, truncation: int, weight: float, seed: int) -> Backprop:
    """All that the lab shows at these settings."""
    return derivatives(weight, seed)._replace(reached=STEPS - back, cut=STEPS - truncation)


@lru_cache(maxsize=2)
def derivatives(weight: float, seed: int) -> Backprop:
    """Every derivative, all the way back; the loss is ½ (h_T − 1)²."""
    rng = np.random.default_rng(seed)
    xs, h_0 = rng.normal(0, 0.6, STEPS).round(1), rng.choice([-0.5, 0.5], (1, 1))  # h_0 = 0 would hide the first use
    rnn = RNN(1, 1)
    rnn.params.update(W_xh=np.ones((1, 1)), W_hh=np.array([[weight]]))
    trace = rnn.forward(xs[:, None, None], h_0)
    dhs = np.zeros((STEPS, 1, 1))
    dhs[-1] = trace.hs[-1] - 1
    grads = rnn.backward(trace, dhs)
    hs, slopes = trace.hs.ravel(), np.append(np.nan, rnn.activation.derivative(trace.pre))
    multipliers, immediate = weight * slopes, slopes * np.roll(hs, 1)
    total_dw = immediate.copy()
    for t in range(2, STEPS + 1):
        total_dw[t] += multipliers[t] * total_dw[t - 1]
    total_dh = grads.hs.ravel()
    exact = {"total_dh": total_dh, "immediate": immediate, "total_dw": total_dw, "share": total_dh * immediate}
    rows = {name: np.stack([exact[name], numeric]) for name, numeric in differences(weight, xs, hs).items()}
    whole = grads.params["W_hh"].item(), numerical_gradient(partial(_loss, xs, h=hs[0]), weight).item()
    return Backprop(hs, multipliers, rows, whole)


def differences(weight: float, xs: Array, hs: Array) -> dict[str, Array]:
    """The rows by central differences: nudge one thing, run forward again, see what comes out."""
    steps = range(1, STEPS + 1)
    nudged = {
        "total_dh": [(partial(_loss, xs[t:], weight), hs[t]) for t in range(STEPS + 1)],
        "immediate": [(partial(_state, xs[t - 1 : t], h=hs[t - 1]), weight) for t in steps],
        "total_dw": [(partial(_state, xs[:t], h=hs[0]), weight) for t in steps],
        "share": [(partial(_loss, xs, h=hs[0]), np.full(STEPS, weight))],
    }
    found = {name: [numerical_gradient(f, x) for f, x in each] for name, each in nudged.items()}
    return {name: np.append([np.nan] * (STEPS + 1 - np.size(each)), each) for name, each in found.items()}


def _state(xs: Array, w: Any, h: Any) -> Any:
    """The last state; w is one number, or one for each step (t,), so that the use at one step can be nudged alone."""
    for x_t, w_t in zip(xs, np.broadcast_to(w, xs.shape)):
        h = np.tanh(x_t + w_t * h)
    return h


def _loss(xs: Array, w: Any, h: Any) -> Any:
    return 0.5 * (_state(xs, w, h) - 1) ** 2
