"""The gates lab: be the gates of a memory cell, look into a trained one, and compare the gradients of three cells."""

from typing import Any, ClassVar

from rnnlib.labs.gates_lab import compute, draw
from rnnlib.labs.lab import Lab
from rnnlib.labs.live import View
from rnnlib.labs.ratio import fate, ratio
from rnnlib.locale import text

BY_HAND = {"f": 0.9, "i_marked": 1.0, "i_other": 0.2, "o": 1.0}
CODE = """import numpy as np, rnnlib
xs = rnnlib.sequences.adding({steps}, {B}, {seed}).xs
for cell in (rnnlib.RNN, rnnlib.GRU, rnnlib.LSTM):
    net = cell(2, {H}, weight_scale={weight_scale}, recurrent_init="orthogonal", rng={seed})
    net.params["b_h"][{H}:{twice}] = {forget_bias}  # {note}
    print(f"{{np.exp(np.median(rnnlib.log_gradient_norms(net, xs)[0])):.2g}}")"""


class GatesLab(Lab):
    """See ``gates_lab``."""

    name = "gates_lab"
    panels = draw.SIZE, draw.TILES
    main = "f"
    presets: ClassVar = {
        "forget": {"gates": "hand", "f": 0.8, "i_marked": 1.0, "i_other": 0.0, "o": 1.0, "forget_bias": 0.0},
        "remember": {"gates": "hand", "f": 1.0, "i_marked": 1.0, "i_other": 0.0, "o": 1.0, "forget_bias": 5.0},
        "trained": {"gates": "trained", "unit": 2, "steps": 50, "forget_bias": 3.0},
    }

    def _controls(self) -> dict[str, Any]:
        return {
            "gates": self._choice("gates", ("hand", "trained"), "gates_from"),
            **{name: self._slider(name, value, 0.0, 1.0, 0.01) for name, value in BY_HAND.items()},
            "unit": self._slider("unit", 2, 1, compute.UNITS),
            "steps": self._slider("steps", 50, 10, 200),
            "forget_bias": self._slider("forget_bias", 1.0, -2.0, 8.0, 0.1),
            "weight_scale": self._slider("weight_scale", 1.0, 0.2, 2.0, 0.05),
            "seed": self._seed(),
        }

    def _show(self) -> dict[str, View]:
        now, steps = self.settings, self.settings["steps"]
        for name in (*BY_HAND, "unit"):
            self.controls[name].disabled = (name == "unit") == (now["gates"] == "hand")
        run = compute.run(**now)
        known = {"B": compute.BATCH, "H": compute.HIDDEN_SIZE, "twice": 2 * compute.HIDDEN_SIZE}
        self.code = CODE.format(**now, **known, note=text("gates_lab.note"))
        said = {name: text("gates_lab.end", r=ratio(log[-1]), fate=fate(log[-1])) for name, log in run.logs.items()}
        self.summary = text("gates_lab.sentence", steps=steps, **said)
        self.remark = _answer(run, steps)
        return {
            "gates": View((draw.frame_gates, steps), (draw.draw_gates, run.memory)),
            "memory": View((draw.frame_held, steps, *run.memory.limits), (draw.draw_held, run.memory)),
            "cells": View((draw.frame_cells, steps), (draw.draw_cells, run.norms)),
        }


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


def _answer(run: compute.Run, steps: int) -> str:
    """What the cell has made of the sequence: by hand it is a task, said again while it is not done."""
    memory = run.memory
    way = "answer" if not memory.by_hand else "found" if memory.found else "find"
    said = text(f"gates_lab.{way}", answer=f"{memory.answer:.2f}", wanted=f"{memory.wanted:.2f}")
    return said + " " + text("gates_lab.kept", kept=ratio(run.logs["c"][-1]), steps=steps)
