"""The BPTT lab: walk back through an unrolled unit; immediate and total derivatives beside finite differences."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import lru_cache, partial
from typing import Any, ClassVar

import ipywidgets
import numpy as np

from rnnlib import RNN, numerical_gradient
from rnnlib.locale import text
from rnnlib.plots import bptt as plots
from rnnlib.recurrent import Gradients
from rnnlib.validation import Array
from rnnlib.widgets.lab import Lab, Settings, labelled
from rnnlib.widgets.live import LiveFigure, View

SIZE = (860, 580)
TILES = {"unrolled": (0, 210, 860, 580), "shares": (0, 0, 860, 210)}
STEPS = 6
LIMITS = (0.1, 0.2, 0.3, 0.5, 1, 1.5, 2, 3, 5, 10, 15)  # of the axis of shares, up and down: the first that holds them
CODE = """import numpy as np
w, hs, xs = {weight}, [0.0], np.random.default_rng({seed}).normal(0, 0.6, {T}).round(1)
for x_t in xs: hs.append(np.tanh(x_t + w * hs[-1]))
dh, dw = hs[{T}] - 1, 0.0
for t in range({T}, {last}, -1): da = dh * (1 - hs[t] ** 2); dw += da * hs[t - 1]; dh = da * w
print(f"{{dw:+.4f}}")"""


class BPTTLab(Lab):
    """See ``bptt_lab``."""

    name = "bptt_lab"
    presets: ClassVar = {
        "at_the_loss": {"back": 0, "truncation": STEPS},
        "all_the_way": {"back": STEPS, "truncation": STEPS},
        "truncated": {"back": STEPS, "truncation": 2},
    }
    stepped = "back"

    def __init__(self, settings: Settings) -> None:
        super().__init__(LiveFigure(SIZE, TILES, bare=["unrolled"]), _controls(), settings)

    @property
    def settings(self) -> Settings:
        """The settings in use; the weight to its two digits, as the code shows it."""
        now = super().settings
        return now | {"weight": round(now["weight"], 2)}

    def _show(self) -> dict[str, View]:
        now = self.settings
        computed = _computed(now["weight"], now["seed"])
        data = replace(computed, reached=STEPS - now["back"], cut=STEPS - now["truncation"])
        self.code = CODE.format(**now, T=STEPS, last=max(data.reached, data.cut))
        self.summary = _sentence(data)
        return _views(data)


def bptt_lab(**settings: Any) -> BPTTLab:
    """Backpropagation through time on one unit, h_t = tanh(x_t + w h_{t-1}), with the loss ½ (h_6 − 1)².

    Args:
        **settings: any of back (0 to 6 steps walked back), truncation (1 to 6 steps, after which the gradient is cut),
            weight (w, −2 to 2), seed (of the inputs, 0 to 999).

    Returns:
        The lab: ``settings``, ``apply(**settings)``, ``summary``, ``code``, ``close()``.

    Raises:
        ValueError, TypeError: a setting is unknown or out of range.

    Taught in notebook 04.
    """
    return BPTTLab(settings)


def _controls() -> dict[str, Any]:
    def label(name: str) -> str:
        return text(f"bptt_lab.{name}")

    return {
        "back": labelled(ipywidgets.IntSlider, label("back"), value=3, min=0, max=STEPS),
        "truncation": labelled(ipywidgets.IntSlider, label("truncation"), value=STEPS, min=1, max=STEPS),
        "weight": labelled(ipywidgets.FloatSlider, label("weight"), value=0.9, min=-2.0, max=2.0, step=0.05),
        "seed": labelled(ipywidgets.BoundedIntText, label("seed"), value=10, min=0, max=999),
    }


@lru_cache(maxsize=2)
def _computed(weight: float, seed: int) -> plots.Backprop:
    """Every derivative by formula and by finite difference; nothing cut yet."""
    xs = np.random.default_rng(seed).normal(0, 0.6, STEPS).round(1)
    rnn = RNN(1, 1)
    rnn.params.update(W_xh=np.ones((1, 1)), W_hh=np.array([[weight]]))
    trace = rnn.forward(xs[:, None, None])
    hs, slopes = trace.hs.ravel(), rnn.activation.derivative(trace.pre).ravel()
    back = _back(rnn, xs, hs[-1] - 1)
    total_dh, immediate = back.hs.ravel(), slopes * hs[:-1]
    exact = {
        "total_dh": total_dh,
        "immediate": _from_1(immediate),
        "total_dw": _from_1([_back(rnn, xs[:t], 1).params["W_hh"].item() for t in range(1, STEPS + 1)]),
        "share": _from_1(total_dh[1:] * immediate),
    }
    numeric = _numeric(weight, xs, hs)
    rows = {name: np.stack([exact[name], numeric[name]]) for name in exact}
    whole = back.params["W_hh"].item(), numerical_gradient(lambda w: _loss(w, xs), weight).item()
    return plots.Backprop(hs, _from_1(weight * slopes), rows, whole, reached=0, cut=0)


def _back(rnn: RNN, xs: Array, dh: float) -> Gradients:
    """Backpropagation from the last of these inputs (t,), where ∂L/∂h = dh."""
    dhs = np.zeros((len(xs), 1, 1))
    dhs[-1] = dh
    return rnn.backward(rnn.forward(xs[:, None, None]), dhs)


def _numeric(weight: float, xs: Array, hs: Array) -> dict[str, Array]:
    """The rows by central differences: nudge one thing, run forward again, see what comes out."""

    def total_dh(t: int) -> float:
        return numerical_gradient(lambda h: _loss(weight, xs[t:], h), hs[t]).item()

    def immediate(t: int) -> float:
        return numerical_gradient(lambda w: _run(w, xs[t - 1 : t], hs[t - 1]), weight).item()

    def total_dw(t: int) -> float:
        return numerical_gradient(lambda w: _run(w, xs[:t]), weight).item()

    steps = range(1, STEPS + 1)
    return {
        "total_dh": np.array([total_dh(t) for t in range(STEPS + 1)]),
        "immediate": _from_1([immediate(t) for t in steps]),
        "total_dw": _from_1([total_dw(t) for t in steps]),
        "share": _from_1(numerical_gradient(lambda ws: _loss(ws, xs), np.full(STEPS, weight))),
    }


def _run(w: Any, xs: Array, h: Any = 0.0) -> Any:
    """The last state; w is one number, or one for each step (t,), so that the use at one step can be nudged alone."""
    for w_t, x_t in zip(np.broadcast_to(w, xs.shape), xs):
        h = np.tanh(x_t + w_t * h)
    return h


def _loss(w: Any, xs: Array, h: Any = 0.0) -> float:
    return 0.5 * (_run(w, xs, h) - 1) ** 2


def _from_1(values: Array | Sequence[float]) -> Array:
    """Values for steps 1 … T in an array (T+1,) in which step 0 has none."""
    return np.concatenate([[np.nan], values])


def _views(data: plots.Backprop) -> dict[str, View]:
    bars = [*data.rows["share"][0, 1:], data.counted_sum, data.whole[0]]
    limits = -_limit(-min(bars)), _limit(max(bars))
    return {
        "unrolled": View(
            STEPS,
            partial(plots.frame_unrolled, steps=STEPS),
            partial(plots.draw_unrolled, data=data),
        ),
        "shares": View(
            limits,
            partial(plots.frame_shares, steps=STEPS, limits=limits),
            partial(plots.draw_shares, data=data),
        ),
    }


def _limit(height: float) -> float:
    return next(limit for limit in LIMITS if height < 0.95 * limit)


def _sentence(data: plots.Backprop) -> str:
    """How much of dL/dw has been collected, in words."""
    first, (whole, numeric) = max(data.reached, data.cut) + 1, data.whole
    words = {
        "steps": STEPS,
        "first": first,
        "so_far": f"{data.counted_sum:+.4f}",
        "whole": f"{whole:+.4f}",
        "numeric": f"{numeric:+.4f}",
        "missing": f"{abs(whole - data.counted_sum) / abs(whole):.0%}" if whole else "0%",
    }
    if first > STEPS:
        key = "nothing"
    elif data.cut > data.reached:
        key = "truncated"
    else:
        key = "all" if first == 1 else "on_the_way"
    return text(f"bptt_lab.said_{key}", **words)
