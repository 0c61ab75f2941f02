"""The gates lab: be the gates of a memory cell, look into a trained one, and compare the gradients of three cells."""

from __future__ import annotations

from functools import lru_cache, partial
from importlib import resources
from typing import Any, ClassVar

import ipywidgets
import numpy as np
from numpy.typing import NDArray

from rnnlib import GRU, LSTM, RNN, Readout
from rnnlib.gradients import log_gradient_norms
from rnnlib.locale import text
from rnnlib.plots import gates as plots
from rnnlib.sequences import Batch, adding
from rnnlib.validation import Array
from rnnlib.widgets.lab import Lab, Settings, labelled
from rnnlib.widgets.live import LiveFigure, View
from rnnlib.widgets.ratio import fate, ratio

SIZE = (860, 560)
TILES = {"gates": (0, 330, 440, 560), "memory": (0, 0, 440, 330), "cells": (440, 0, 860, 560)}
HIDDEN_SIZE, BATCH = 32, 8
BY_HAND = ("f", "i_marked", "i_other", "o")
LIMITS = (1.2, 2.2, 4.5, 12, 25, 60, 120, 210)  # of the axis of c: the first that holds it; |c_T| ≤ T
FOUND = 0.05  # as near as c_T has to come to the sum
CODE = """import numpy as np, rnnlib
xs = rnnlib.sequences.adding({steps}, {B}, {seed}).xs
for cell in (rnnlib.RNN, rnnlib.GRU, rnnlib.LSTM):
    net = cell(2, {H}, weight_scale={weight_scale}, recurrent_init="orthogonal", rng={seed})
    net.params["b_h"][{H}:{twice}] = {forget_bias}  # z of the GRU, f of the LSTM; an RNN has nothing there
    print(f"{{np.exp(np.median(rnnlib.log_gradient_norms(net, xs)[0])):.2g}}")"""


@lru_cache(maxsize=2)
def _task(steps: int, seed: int) -> Batch:
    return adding(steps, BATCH, seed)


@lru_cache(maxsize=1)
def _trained() -> tuple[LSTM, Readout]:
    """The LSTM that data/make_adding_lstm.py trained, and its readout."""
    with resources.files("rnnlib").joinpath("data", "adding_lstm.npz").open("rb") as file:
        saved = dict(np.load(file))
    H = len(saved["W_hh"])
    model, readout = LSTM(2, H), Readout(H, 1)
    for owner in (model, readout):
        owner.params = {name: saved[name] for name in owner.params}
    return model, readout


@lru_cache(maxsize=2)
def _log_norms(steps: int, weight_scale: float, forget_bias: float, seed: int) -> dict[str, Array]:
    """Logs of the norms (T+1, B) by cell; the loss is at row T, where they are 0."""
    found = {}
    for cell in (RNN, GRU, LSTM):
        net = cell(2, HIDDEN_SIZE, weight_scale=weight_scale, recurrent_init="orthogonal", rng=seed)
        net.params["b_h"][HIDDEN_SIZE : 2 * HIDDEN_SIZE] = forget_bias  # nothing, in an RNN
        found[cell.__name__] = log_gradient_norms(net, _task(steps, seed).xs)
    return found


class GatesLab(Lab):
    """See ``gates_lab``."""

    name = "gates_lab"
    presets: ClassVar = {
        "forget": {"gates": "hand", "f": 0.8, "i_marked": 1.0, "i_other": 0.0, "o": 1.0, "forget_bias": 0.0},
        "remember": {"gates": "hand", "f": 1.0, "i_marked": 1.0, "i_other": 0.0, "o": 1.0, "forget_bias": 5.0},
        "trained": {"gates": "trained", "unit": 2, "steps": 50, "forget_bias": 3.0},
    }

    def __init__(self, settings: Settings) -> None:
        super().__init__(LiveFigure(SIZE, TILES), _controls(), settings)

    def _show(self) -> dict[str, View]:
        now = self.settings
        for name in (*BY_HAND, "unit"):
            self.controls[name].disabled = (name == "unit") == (now["gates"] == "hand")
        logs = _log_norms(now["steps"], now["weight_scale"], now["forget_bias"], now["seed"])
        memory = _by_hand(now) if now["gates"] == "hand" else _through_trained(now)
        ends = {name: float(np.median(norms[0])) for name, norms in logs.items()}
        self.code = CODE.format(**now, B=BATCH, H=HIDDEN_SIZE, twice=2 * HIDDEN_SIZE)
        said = {name: text("gates_lab.end", r=ratio(r), fate=fate(r)) for name, r in ends.items()}
        self.summary = text("gates_lab.sentence", steps=now["steps"], **said)
        self.remark = _words(now, memory)
        return _views(now["steps"], memory, logs)


def gates_lab(**settings: Any) -> GatesLab:
    """A memory cell with gates set by hand or trained, and the gradients of RNN, GRU and LSTM side by side.

    Args:
        **settings: any of gates ("hand", "trained"), f, i_marked, i_other, o (0 to 1, the gates by hand), unit (1 to 4,
            of the trained cell), steps (10 to 200), forget_bias (−2 to 8), weight_scale (0.2 to 2), seed (0 to 999).

    Returns:
        The lab: ``settings``, ``apply(**settings)``, ``summary``, ``code``, ``close()``.

    Raises:
        ValueError, TypeError: a setting is unknown or out of range.

    Taught in notebook 06.
    """
    return GatesLab(settings)


def _controls() -> dict[str, Any]:
    def slider(kind: Any, name: str, value: float, low: float, high: float, **more: Any) -> Any:
        return labelled(kind, text(f"gates_lab.{name}"), value=value, min=low, max=high, **more)

    hand = {"f": 0.9, "i_marked": 1.0, "i_other": 0.2, "o": 1.0}
    ways = [(text("gates_lab.by_hand"), "hand"), (text("gates_lab.trained_cell"), "trained")]
    return {
        "gates": labelled(ipywidgets.Dropdown, text("gates_lab.gates"), options=ways),
        **{name: slider(ipywidgets.FloatSlider, name, value, 0.0, 1.0, step=0.01) for name, value in hand.items()},
        "unit": slider(ipywidgets.IntSlider, "unit", 2, 1, 4),
        "steps": slider(ipywidgets.IntSlider, "steps", 50, 10, 200),
        "forget_bias": slider(ipywidgets.FloatSlider, "forget_bias", 1.0, -2.0, 8.0, step=0.1),
        "weight_scale": slider(ipywidgets.FloatSlider, "weight_scale", 1.0, 0.2, 2.0, step=0.05),
        "seed": slider(ipywidgets.BoundedIntText, "seed", 0, 0, 999),
    }


def _by_hand(now: Settings) -> plots.Memory:
    """A cell of one unit that is offered the numbers themselves, through gates that only know what is marked."""
    xs, targets, _ = _task(now["steps"], now["seed"])
    numbers, marks = xs[:, 0].T
    i = np.where(marks > 0, float(now["i_marked"]), float(now["i_other"]))
    c = np.zeros(now["steps"] + 1)
    for t, (i_t, g_t) in enumerate(zip(i, numbers)):
        c[t + 1] = now["f"] * c[t] + i_t * g_t
    gates: dict[str, Array] = {"i": i, "f": np.full_like(i, now["f"]), "o": np.full_like(i, now["o"])}
    return plots.Memory(gates, numbers, c, now["o"] * np.tanh(c), _marked(xs), float(targets[0, 0]))


def _through_trained(now: Settings) -> plots.Memory:
    """One unit of the trained LSTM."""
    model, _ = _trained()
    xs, unit = _task(now["steps"], now["seed"]).xs[:, :1], now["unit"] - 1
    trace = model.forward(xs)
    i, f, g, o = trace.gates[:, 0].reshape(-1, 4, model.hidden_size)[..., unit].T
    return plots.Memory({"i": i, "f": f, "o": o}, g, trace.cs[:, 0, unit], trace.hs[:, 0, unit], _marked(xs), None)


def _marked(xs: Array) -> NDArray[np.intp]:
    return np.flatnonzero(xs[:, 0, 1]) + 1


def _views(steps: int, memory: plots.Memory, logs: dict[str, Array]) -> dict[str, View]:
    limit = next(limit for limit in LIMITS if max(np.abs(memory.c).max(), memory.wanted or 0) < limit)
    low = -limit if min(memory.c.min(), memory.written.min()) < 0 else -0.03 * limit
    cells = {name: np.median(norms[::-1], axis=1) / np.log(10) for name, norms in logs.items()}
    direct = np.concatenate([[0], np.cumsum(_log10(memory.gates["f"][::-1]))])
    cells["c"] = np.maximum(direct, -1000)  # so that the way out of the axes is marked for f = 0 too
    return {
        "gates": View(steps, partial(plots.frame_gates, steps=steps), partial(plots.draw_gates, data=memory)),
        "memory": View(
            (steps, low, limit),
            partial(plots.frame_memory, steps=steps, low=low, high=limit),
            partial(plots.draw_memory, data=memory),
        ),
        "cells": View(steps, partial(plots.frame_cells, steps=steps), partial(plots.draw_cells, data=cells)),
    }


def _log10(f: Array) -> Array:
    return np.log10(f, out=np.full_like(f, -np.inf), where=f > 0)


def _words(now: Settings, memory: plots.Memory) -> str:
    """What the cell has made of the sequence: by hand it is a task, said again while it is not done."""
    kept = text("gates_lab.kept", kept=ratio(float(_log10(memory.gates["f"]).sum() * np.log(10))), steps=now["steps"])
    if memory.wanted is None:
        model, readout = _trained()
        batch = _task(now["steps"], now["seed"])
        said = readout.forward(model.forward(batch.xs[:, :1]).hs)[0, 0]
        return text("gates_lab.answer", said=f"{said:.2f}", wanted=f"{batch.targets[0, 0]:.2f}") + " " + kept
    found = abs(memory.c[-1] - memory.wanted) < FOUND
    words = "found" if found else "find"
    return text(f"gates_lab.{words}", c=f"{memory.c[-1]:.2f}", wanted=f"{memory.wanted:.2f}") + " " + kept
