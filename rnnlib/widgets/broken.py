"""The broken backward pass: choose a classic bug, and see which gradient check lights up."""

from __future__ import annotations

from functools import lru_cache, partial
from typing import Any, ClassVar

import ipywidgets
import numpy as np

from rnnlib import RNN, numerical_gradient
from rnnlib.locale import text
from rnnlib.plots import broken as plots
from rnnlib.recurrent import Params
from rnnlib.validation import Array
from rnnlib.weights import BASES
from rnnlib.widgets.lab import Lab, Settings, labelled
from rnnlib.widgets.live import LiveFigure, View

SIZE = (860, 330)
TILES = {"code": (0, 0, 350, 330), "checks": (350, 0, 860, 330)}
D, H = 2, 4
LOOP = "for t in reversed(range(T)):"
BACKWARD = (
    "dh = dhs[t] + dh",
    "da = dh * (1 - hs[t + 1] ** 2)",
    "dW_xh += xs[t].T @ da",
    "dW_hh += hs[t].T @ da",
    "db_h += da.sum(axis=0)",
    "dh = da @ W_hh.T",
)
# Which lines a bug puts in the place of the right ones.
BUGS: dict[str, dict[int, str]] = {
    "none": {},
    "not_carried": {0: "dh = dhs[t]"},
    "transpose": {5: "dh = da @ W_hh"},
    "slope": {1: "da = dh * (1 - a[t] ** 2)"},
    "overwritten": {2: "dW_xh = xs[t].T @ da", 3: "dW_hh = hs[t].T @ da", 4: "db_h = da.sum(axis=0)"},
    "mean_twice": {2: "dW_xh += xs[t].T @ da / B", 3: "dW_hh += hs[t].T @ da / B", 4: "db_h += da.mean(axis=0)"},
}
CODE = """import numpy as np, rnnlib; T, B, rng = {steps}, {batch}, np.random.default_rng({seed})
rnn = rnnlib.RNN({D}, {H}, recurrent_init={recurrent_init!r}, rng=rng); W_hh = rnn.params["W_hh"]
xs, h_0, dhs = (rng.standard_normal(n) for n in ((T, B, {D}), (B, {H}), (T, B, {H}))); dhs /= B; dh = dW_hh = 0
trace = rnn.forward(xs, h_0); hs, a, right = trace.hs, trace.pre, rnn.backward(trace, dhs).params["W_hh"]
{loop} {lines}
print(f"{{np.linalg.norm(dW_hh - right) / (np.linalg.norm(dW_hh) + np.linalg.norm(right)):.2g}}")"""


class BrokenBackward(Lab):
    """See ``broken_backward``."""

    name = "broken_backward"
    presets: ClassVar = {
        "one_step": {"bug": "not_carried", "steps": 1},
        "batch_of_one": {"bug": "mean_twice", "batch": 1},
        "symmetric": {"bug": "transpose", "recurrent_init": "identity"},
    }

    def __init__(self, settings: Settings) -> None:
        super().__init__(LiveFigure(SIZE, TILES, bare=["code"]), _controls(), settings)

    def _show(self) -> dict[str, View]:
        now = self.settings
        case = now["batch"], now["recurrent_init"], now["seed"]
        errors = [_errors(now["bug"], steps, *case) for steps in (1, now["steps"])]
        changed = _lines(now["bug"])
        lines = "; ".join(changed[i] for i in (0, 1, 3, 5))
        self.code = CODE.format(**now, D=D, H=H, loop=LOOP, lines=lines)
        self.summary = _sentence(now["bug"], *errors)
        return _views(now["bug"], errors)


def broken_backward(**settings: Any) -> BrokenBackward:
    """A backward pass with a classic bug, and its relative error for one step and for a sequence, array by array.

    Args:
        **settings: any of bug ("none", "not_carried", "transpose", "slope", "overwritten", "mean_twice"), steps (of the
            sequence check, 1 to 12), batch (1 to 8), recurrent_init ("gaussian", "orthogonal", "identity"), seed (0 to
            999).

    Returns:
        The lab: ``settings``, ``apply(**settings)``, ``summary``, ``code``, ``close()``.

    Raises:
        ValueError, TypeError: a setting is unknown or out of range.

    Taught in notebook 04.
    """
    return BrokenBackward(settings)


def _controls() -> dict[str, Any]:
    def label(name: str) -> str:
        return text(f"broken_backward.{name}")

    bugs = [(label(f"bug_{name}"), name) for name in BUGS]
    bases = [(text(f"bases.{name}"), name) for name in BASES]
    return {
        "bug": labelled(ipywidgets.Dropdown, label("bug"), options=bugs, value="not_carried"),
        "steps": labelled(ipywidgets.IntSlider, label("steps"), value=6, min=1, max=12),
        "batch": labelled(ipywidgets.IntSlider, label("batch"), value=3, min=1, max=8),
        "recurrent_init": labelled(ipywidgets.Dropdown, label("recurrent_init"), options=bases),
        "seed": labelled(ipywidgets.BoundedIntText, label("seed"), value=0, min=0, max=999),
    }


def _lines(bug: str) -> list[str]:
    return [BUGS[bug].get(i, line) for i, line in enumerate(BACKWARD)]


@lru_cache(maxsize=4)
def _case(steps: int, batch: int, recurrent_init: str, seed: int) -> tuple[dict[str, Any], Params]:
    """What the lines of the backward pass read, and the right gradient, by central differences.

    The loss is the mean over the batch of a sum over all states, each with a weight drawn at random.
    """
    rng = np.random.default_rng(seed)
    rnn = RNN(D, H, recurrent_init=recurrent_init, rng=rng)
    xs, h_0, dhs = (rng.standard_normal(n) for n in ((steps, batch, D), (batch, H), (steps, batch, H)))
    dhs /= batch
    given = rnn.params | {"h_0": h_0}

    def loss(name: str, value: Array) -> float:
        *weights, start = (given | {name: value}).values()
        rnn.params.update(zip(rnn.params, weights))
        return float((dhs * rnn.forward(xs, start).hs[1:]).sum())

    numeric = {name: numerical_gradient(partial(loss, name), value) for name, value in given.items()}
    rnn.params.update({name: given[name] for name in rnn.params})
    trace = rnn.forward(xs, h_0)
    names = {"xs": xs, "hs": trace.hs, "a": trace.pre, "dhs": dhs, "W_hh": given["W_hh"], "T": steps, "B": batch}
    return names, numeric


def _errors(bug: str, *case: Any) -> dict[str, float]:
    """The relative error of each array; the lines that run are the lines that are shown."""
    names, numeric = _case(*case)
    scope = names | {"dW_xh": 0, "dW_hh": 0, "db_h": 0, "dh": 0}
    exec("\n    ".join([LOOP, *_lines(bug)]), scope)
    came = {name: scope["dh" if name == "h_0" else f"d{name}"] for name in numeric}
    return {name: _relative_error(came[name], right) for name, right in numeric.items()}


def _relative_error(one: Array, other: Array) -> float:
    return float(np.linalg.norm(one - other) / (np.linalg.norm(one) + np.linalg.norm(other)))


def _views(bug: str, errors: list[dict[str, float]]) -> dict[str, View]:
    lines = [(line, i in BUGS[bug]) for i, line in enumerate(_lines(bug))]
    return {
        "code": View("code", partial(plots.frame_code, loop=LOOP), partial(plots.draw_code, lines=lines)),
        "checks": View(
            "checks", partial(plots.frame_checks, names=list(errors[0])), partial(plots.draw_checks, errors=errors)
        ),
    }


def _sentence(bug: str, step: dict[str, float], sequence: dict[str, float]) -> str:
    """Which check sees the bug, and by how much the gradient of W_hh is wrong over the sequence."""

    def said(errors: dict[str, float]) -> str:
        failed = [name for name, error in errors.items() if error > plots.ALLOWED]
        return text("broken_backward.fails", names=", ".join(failed)) if failed else text("broken_backward.passes")

    error = sequence["W_hh"]
    off = text("broken_backward.off", error=f"{error:.2g}") if error > plots.ALLOWED else text("broken_backward.fine")
    words = {"bug": text(f"broken_backward.bug_{bug}"), "step": said(step), "sequence": said(sequence), "off": off}
    return text("broken_backward.said", **words)
