"""The forward pass step by step: a network of two units reads three numbers, and every number is in sight."""

from __future__ import annotations

from functools import partial
from typing import Any, ClassVar

import ipywidgets
import numpy as np

from rnnlib import RNN
from rnnlib.activations import ACTIVATIONS
from rnnlib.locale import text
from rnnlib.plots import network as plots
from rnnlib.widgets.lab import Lab, Settings, labelled
from rnnlib.widgets.live import LiveFigure, View

SIZE = (860, 470)
TILES = {"unrolled": (0, 200, 640, 470), "curve": (640, 200, 860, 470), "sum": (0, 0, 860, 200)}
INPUTS = {"x_1": 1.0, "x_2": 0.0, "x_3": -1.0}
STEPS = len(INPUTS)
WEIGHTS = {
    "W_xh": np.array([[1.0, -0.5]]),
    "W_hh": np.array([[0.5, 0.8], [-0.8, 0.5]]),
    "b_h": np.array([0.0, 0.2]),
    "W_hy": np.array([[1.0], [-1.0]]),
    "b_y": np.array([0.5]),
}
LIMITS = (3, 6, 12)  # of the activation's axis: the first that holds every a_t
CODE = """import numpy as np
W_xh, W_hh, b_h = np.array([[1.0, -0.5]]), {g} * np.array([[0.5, 0.8], [-0.8, 0.5]]), np.array([0.0, 0.2])
h = np.zeros((1, 2))
for x_t in np.reshape({xs}, (-1, 1, 1)):
    h = {step}
print(h.round(2), (h @ [[1.0], [-1.0]] + 0.5).round(2))"""
IN_NUMPY = {"tanh": "np.tanh({a_t})", "relu": "np.maximum(0, {a_t})"}


class StepThrough(Lab):
    """See ``step_through``."""

    name = "step_through"
    stepped = "step"
    presets: ClassVar = {
        "pulse": {"x_1": 1.0, "x_2": 0.0, "x_3": 0.0, "weight_scale": 1.0},
        "late": {"x_1": 0.0, "x_2": 0.0, "x_3": 1.0, "weight_scale": 1.0},
        "steady": {"x_1": 1.0, "x_2": 1.0, "x_3": 1.0, "weight_scale": 1.0},
        "no_memory": {"weight_scale": 0.0},
    }

    def __init__(self, settings: Settings) -> None:
        super().__init__(LiveFigure(SIZE, TILES, bare=("unrolled", "sum")), _controls(), settings)

    @property
    def settings(self) -> Settings:
        """The settings in use; floats to one decimal, as the sliders move."""
        return {n: round(v, 1) if isinstance(v, float) else v for n, v in super().settings.items()}

    def _show(self) -> dict[str, View]:
        now = self.settings
        walk = _walk(now)
        step = IN_NUMPY[walk.activation].format(a_t="x_t @ W_xh + h @ W_hh + b_h")
        self.code = CODE.format(g=now["weight_scale"], xs=walk.xs[: walk.step].tolist(), step=step)
        self.summary = _sentence(walk)
        return _views(walk)


def step_through(**settings: Any) -> StepThrough:
    """A network of two units reads three numbers, one step at a time, with every number in sight.

    Args:
        **settings: any of step (1 to 3), activation ("tanh" or "relu"), x_1, x_2, x_3 (-2 to 2), weight_scale (0 to
            1.5).

    Returns:
        The lab: ``settings``, ``apply(**settings)``, ``summary``, ``code``, ``close()``.

    Raises:
        ValueError, TypeError: a setting is unknown or out of range.

    Taught in notebook 02.
    """
    return StepThrough(settings)


def _controls() -> dict[str, Any]:
    def label(name: str) -> str:
        return text(f"step_through.{name}")

    activations = [(text(f"activations.{name}"), name) for name in IN_NUMPY]
    slider = partial(labelled, ipywidgets.FloatSlider, step=0.1, readout_format=".1f")
    return {
        "step": labelled(ipywidgets.IntSlider, label("step"), value=1, min=1, max=STEPS),
        "activation": labelled(ipywidgets.Dropdown, label("activation"), options=activations),
        **{name: slider(label(name), value=x, min=-2.0, max=2.0) for name, x in INPUTS.items()},
        "weight_scale": slider(label("weight_scale"), value=1.0, min=0.0, max=1.5),
    }


def _walk(now: Settings) -> plots.Walk:
    """The forward pass, by the package's own network."""
    t, params = now["step"], WEIGHTS | {"W_hh": now["weight_scale"] * WEIGHTS["W_hh"]}
    rnn = RNN(1, 2, now["activation"])
    rnn.params.update({name: params[name] for name in rnn.params})
    xs = np.array([now[name] for name in INPUTS])
    trace = rnn.forward(xs.reshape(STEPS, 1, 1))
    hs = trace.hs[:, 0]
    ys = hs[1:] @ params["W_hy"] + params["b_y"]
    terms = np.stack([xs[t - 1] * params["W_xh"][0], hs[t - 1] @ params["W_hh"], params["b_h"]])
    return plots.Walk(t, now["activation"], xs, hs, ys[:, 0], params, terms, trace.pre[t - 1, 0])


def _views(walk: plots.Walk) -> dict[str, View]:
    limit = next(limit for limit in LIMITS if np.abs(walk.a_t).max() <= limit)
    a = np.linspace(-limit, limit, 121)
    curve = np.stack([a, ACTIVATIONS[walk.activation].f(a)])
    sizes = {name: (right - left, top - bottom) for name, (left, bottom, right, top) in TILES.items()}
    return {
        "unrolled": View(
            None, partial(plots.frame_unrolled, size=sizes["unrolled"]), partial(plots.draw_unrolled, data=walk)
        ),
        "curve": View(
            (walk.activation, limit),
            partial(plots.frame_curve, activation=walk.activation, curve=curve),
            partial(plots.draw_curve, data=walk),
        ),
        "sum": View(
            walk.activation,
            partial(plots.frame_sum, size=sizes["sum"], activation=walk.activation),
            partial(plots.draw_sum, data=walk),
        ),
    }


def _sentence(walk: plots.Walk) -> str:
    t, unit, written = walk.step, 0, plots.number
    x, h, b = (written(term) for term in walk.terms[:, unit])
    return text(
        "step_through.says",
        step=t,
        steps=STEPS,
        x=x,
        h=h,
        b=b,
        a=written(walk.a_t[unit]),
        f=text(f"activations.{walk.activation}"),
        h_1=written(walk.hs[t, 0]),
        h_2=written(walk.hs[t, 1]),
        y=written(walk.ys[t - 1]),
    )
