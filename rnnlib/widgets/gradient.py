"""The gradient lab: move the weight scale, switch the activation, and watch the gradient norms move."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import lru_cache, partial
from typing import Any, ClassVar

import ipywidgets
import numpy as np
from numpy.typing import NDArray

from rnnlib import RNN, theory
from rnnlib.activations import ACTIVATIONS
from rnnlib.gradients import log_norms_back
from rnnlib.locale import text
from rnnlib.plots import gradients as plots
from rnnlib.validation import Array
from rnnlib.weights import BASES
from rnnlib.widgets.lab import Lab, Settings, labelled
from rnnlib.widgets.live import LiveFigure, View
from rnnlib.widgets.ratio import digits, fate, ratio

SIZE = (860, 500)
TILES = {
    "norms": (0, 250, 550, 500),
    "eigenvalues": (550, 250, 860, 500),
    "slopes": (0, 0, 550, 250),
    "derivatives": (550, 0, 860, 250),
}
INPUT_SIZE, BATCH = 32, 32
SHOWN = 4  # sequences whose derivatives go into the histogram: enough for a smooth one
CURVE = np.geomspace(0.1, 10, 41)
LIMITS = (1.6, 3, 6, 12, 24)  # of the eigenvalue axes: the first that holds them all
EDGE = 0.02  # |slope| per step that counts as having found the edge
CODE = """import decimal, numpy as np, rnnlib
model, inputs, loss = np.random.default_rng({seed}).spawn(3)
rnn = rnnlib.RNN({D}, {hidden_size}, {activation!r}, {weight_scale}, {recurrent_init!r}, rng=model)
xs = np.sqrt({input_variance}) * inputs.standard_normal(({steps}, {B}, {D}))
log_norms = rnnlib.log_gradient_norms(rnn, xs, loss.standard_normal(({B}, {hidden_size})))
print(f"{{decimal.Decimal(np.median(log_norms[0] - log_norms[-1])).exp():{digits}}}")"""


@dataclass(frozen=True)
class Network:
    """What does not change with the weight scale: a network at scale 1 and what is known of its base matrix."""

    rnn: RNN
    base: Array
    eigenvalues: NDArray[np.complexfloating[Any]]
    largest_singular_value: float


@lru_cache(maxsize=2)
def _network(recurrent_init: str, hidden_size: int, seed: int) -> Network:
    model, _, _ = np.random.default_rng(seed).spawn(3)
    rnn = RNN(INPUT_SIZE, hidden_size, recurrent_init=recurrent_init, rng=model)
    base = rnn.params["W_hh"]
    return Network(rnn, base, np.linalg.eigvals(base).astype(complex), float(np.linalg.norm(base, 2)))


@lru_cache(maxsize=2)
def _draws(recurrent_init: str, hidden_size: int, seed: int, steps: int, variance: float) -> tuple[Array, Array, Array]:
    """What does not change with W_hh: inputs (T, B, D), x_t W_xh + b_h (T, B, H) and dh_T (B, H)."""
    rnn = _network(recurrent_init, hidden_size, seed).rnn
    _, inputs, loss = np.random.default_rng(seed).spawn(3)
    xs = np.sqrt(variance) * inputs.standard_normal((steps, BATCH, INPUT_SIZE))
    return xs, rnn.drive(rnn.params, xs), loss.standard_normal((BATCH, hidden_size))


@lru_cache(maxsize=2)
def _slopes(input_variance: float, holds: bool) -> plots.Slopes:
    names = list(ACTIVATIONS) if holds else []
    return plots.Slopes(
        CURVE,
        {name: np.asarray(theory.mean_field_slope(CURVE, name, input_variance)) for name in names},
        {name: theory.critical_weight_scale(name, input_variance) for name in names},
    )


class GradientLab(Lab):
    """See ``gradient_lab``."""

    name = "gradient_lab"
    presets: ClassVar = {
        preset: {"activation": "tanh", "recurrent_init": "gaussian", "input_variance": 0.25, "weight_scale": scale}
        for preset, scale in (("vanish", 0.8), ("edge", 1.55), ("explode", 4.0))
    }

    def __init__(self, settings: Settings) -> None:
        super().__init__(LiveFigure(SIZE, TILES), _controls(), settings)

    def _show(self) -> dict[str, View]:
        now = self.settings
        network = _network(now["recurrent_init"], now["hidden_size"], now["seed"])
        logs, slopes = _run(network, now)
        log_r = float(np.median(logs[0]))
        self.code = CODE.format(**now, B=BATCH, D=INPUT_SIZE, digits=digits(log_r))
        self.summary = _sentence(log_r, logs[0], now)
        self.remark = _task(log_r / now["steps"], now)
        return _views(now, network, logs, slopes)


def gradient_lab(**settings: Any) -> GradientLab:
    """How a gradient grows or shrinks on its way back through a vanilla RNN, live.

    Args:
        **settings: any of weight_scale (0.1 to 10), activation, recurrent_init, steps (5 to 200), hidden_size (8 to
            256), input_variance (0 to 2), seed (0 to 999).

    Returns:
        The lab: ``settings``, ``apply(**settings)``, ``summary``, ``code``, ``close()``.

    Raises:
        ValueError, TypeError: a setting is unknown or out of range.

    Taught in notebook 05.
    """
    return GradientLab(settings)


def _controls() -> dict[str, Any]:
    def label(name: str) -> str:
        return text(f"gradient_lab.{name}")

    activations = [(text(f"activations.{name}"), name) for name in ACTIVATIONS]
    bases = [(text(f"bases.{name}"), name) for name in BASES]
    return {
        "weight_scale": labelled(
            ipywidgets.FloatLogSlider, label("weight_scale"), value=1, min=-1, max=1, step=0.01, readout_format=".3g"
        ),
        "activation": labelled(ipywidgets.Dropdown, label("activation"), options=activations),
        "recurrent_init": labelled(ipywidgets.Dropdown, label("recurrent_init"), options=bases),
        "steps": labelled(ipywidgets.IntSlider, label("steps"), value=100, min=5, max=200),
        "hidden_size": labelled(ipywidgets.IntSlider, label("hidden_size"), value=64, min=8, max=256, step=8),
        "input_variance": labelled(
            ipywidgets.FloatSlider, label("input_variance"), value=0.25, min=0.0, max=2.0, step=0.05
        ),
        "seed": labelled(ipywidgets.BoundedIntText, label("seed"), value=0, min=0, max=999),
    }


def _run(network: Network, now: Settings) -> tuple[Array, Array]:
    """Logs of the norms (T+1, B), 0 at the loss, and f'(a_t) (T, SHOWN, H)."""
    rnn = network.rnn
    rnn.activation = ACTIVATIONS[now["activation"]]
    rnn.params["W_hh"] = now["weight_scale"] * network.base
    draws = ("recurrent_init", "hidden_size", "seed", "steps", "input_variance")
    xs, drive, dh_T = _draws(*(now[name] for name in draws))
    trace = rnn.run(rnn.params, xs, drive.copy(), np.zeros((now["steps"] + 1, *dh_T.shape)))
    logs = log_norms_back(rnn, trace, dh_T)
    return logs - logs[-1], rnn.activation.derivative(trace.pre[:, :SHOWN])


def _views(now: Settings, network: Network, logs: Array, derivatives: Array) -> dict[str, View]:
    scale, steps, s = now["weight_scale"], now["steps"], now["input_variance"]
    holds, largest = now["recurrent_init"] != "identity", ACTIVATIONS[now["activation"]].max_derivative
    eigenvalues = scale * network.eigenvalues
    limit = next(limit for limit in LIMITS if np.abs(eigenvalues).max() < 0.95 * limit)
    here = (scale, float(np.median(logs[0])) / steps)
    frames = {
        "norms": (steps, partial(plots.frame_norms, steps=steps)),
        "eigenvalues": (limit, partial(plots.frame_eigenvalues, limit=limit)),
        "slopes": ((s, holds), partial(plots.frame_slopes, data=_slopes(s, holds))),
        "derivatives": (largest, partial(plots.frame_derivatives, largest=largest)),
    }
    draws = {
        "norms": partial(plots.draw_norms, data=_norms(now, network, logs, holds)),
        "eigenvalues": partial(plots.draw_eigenvalues, eigenvalues=eigenvalues),
        "slopes": partial(plots.draw_slopes, here=here),
        "derivatives": partial(plots.draw_derivatives, data=_histogram(derivatives, largest, scale)),
    }
    return {panel: View(*frames[panel], draws[panel]) for panel in frames}


def _norms(now: Settings, network: Network, logs: Array, holds: bool) -> plots.Norms:
    scale, known = now["weight_scale"], ACTIVATIONS[now["activation"]]
    slope = theory.mean_field_slope(scale, known.name, now["input_variance"]) / np.log(10) if holds else None
    bound = float(np.log10(scale * network.largest_singular_value * known.max_derivative))
    back = logs[::-1] / np.log(10)
    return plots.Norms(np.median(back, axis=1), back.min(axis=1), back.max(axis=1), slope, bound)


def _histogram(derivatives: Array, largest: float, scale: float) -> tuple[Array, Array, float, float]:
    shares, edges = np.histogram(derivatives, 20, (0, largest))
    return shares / derivatives.size, edges, float(np.sqrt(np.mean(derivatives**2))), scale


def _sentence(log_r: float, all_log_r: Array, now: Settings) -> str:
    """What happens to the gradient, in words; r to two significant digits, however small."""
    steps, zero = now["steps"], int(np.isneginf(all_log_r).sum())
    if np.isneginf(log_r):
        said = text("gradient_lab.dead", steps=steps)
    else:
        per = steps * np.log(2) / max(abs(log_r), 1e-9)
        way = "steady" if per > 1000 else "halving" if log_r < 0 else "doubling"
        pace = text(f"gradient_lab.{way}", per=format(Decimal(per), ".2g"))
        said = text("gradient_lab.alive", steps=steps, r=ratio(log_r), fate=fate(log_r), pace=pace)
        if zero:
            said += " " + text("gradient_lab.some_dead", dead=zero, all=len(all_log_r))
    if now["recurrent_init"] == "identity":
        said += " " + text("gradient_lab.no_theory")
    return said


def _task(slope: float, now: Settings) -> str:
    """Find the edge: said again while it is not found."""
    if abs(slope) < EDGE:
        return text("gradient_lab.edge_found", slope=f"{slope:+.3f}", scale=now["weight_scale"])
    return text("gradient_lab.edge_task", slope=f"{slope:+.3f}", edge=EDGE)
