"""The training lab: train on a long-lag task, clip or not, and watch what reaches the early steps."""

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

import ipywidgets
import numpy as np

from rnnlib import Training, log_gradient_norms
from rnnlib.activations import ACTIVATIONS
from rnnlib.labs.lab import Settings
from rnnlib.labs.live import View
from rnnlib.labs.ratio import digits, fate, norms, ratio
from rnnlib.labs.run import RunLab
from rnnlib.labs.training_lab import compute, draw
from rnnlib.labs.training_lab.compute import BATCH, CELLS, HIDDEN, TASKS, UPDATES, WINDOW
from rnnlib.locale import text
from rnnlib.plots.axes import draw_running
from rnnlib.plots.norms import draw_norms, frame_norms
from rnnlib.plots.style import GREEN
from rnnlib.validation import Array

KNOWN = {"task": "temporal_order", "cell": "RNN", "activation": "tanh", "steps": 50, "learning_rate": 0.002, "seed": 0}
CODE = """import numpy as np, rnnlib
draws = np.random.default_rng([{seed}, 1])
batches = (rnnlib.sequences.{task}({steps}, {B}, draws) for _ in range({n}))
rnn, readout = {cell}, rnnlib.Readout({H}, {outputs}, rng={seed})
training = rnnlib.Training(rnn, readout, rnnlib.{loss}, rnnlib.Adam({learning_rate}), max_norm={max_norm})
print(f"{{np.mean([record.loss for record in training.run(batches)][-{window}:]):.2g}}")"""
CODE_BEFORE = """import decimal, numpy as np, rnnlib
xs = rnnlib.sequences.{task}({steps}, {B}, np.random.default_rng([{seed}, 2])).xs
log_norms = rnnlib.log_gradient_norms({cell}, xs)
print(f"{{decimal.Decimal(np.median(log_norms[0])).exp():{digits}}}")"""


class TrainingLab(RunLab):
    """See ``training_lab``."""

    name = "training_lab"
    panels = draw.SIZE, draw.TILES
    main = "weight_scale"
    updates = UPDATES
    starts_over = ("task", "cell", "activation", "weight_scale", "steps", "seed")
    presets: ClassVar = {
        name: {**KNOWN, "weight_scale": scale, "clip": clip}
        for name, scale, clip in (("learns", 0.9, True), ("vanished", 0.3, True), ("unclipped", 2.0, False))
    }

    def _controls(self) -> dict[str, Any]:
        return {
            "task": self._choice("task", TASKS, "training_lab"),
            "cell": self._control(ipywidgets.Dropdown, "cell", options=list(CELLS)),
            "activation": self._choice("activation", ACTIVATIONS, "activations"),
            "weight_scale": self._log_slider("weight_scale", 1, -1, 1),
            "steps": self._slider("steps", 50, 10, 100, 5),
            "learning_rate": self._log_slider("learning_rate", 0.002, -4, -1),
            "clip": self._control(ipywidgets.Checkbox, "clip", value=True),
            "max_norm": self._log_slider("max_norm", 1, -2, 2),
            "seed": self._seed(),
        }

    def _show(self) -> dict[str, View]:
        now = self.settings
        self._follow(now)
        task, progress = TASKS[now["task"]], compute.progress(self._records)
        logs = log_gradient_norms(self._training.model, self._probe)
        self.summary = self._stopped or _sentence(progress, logs, now)
        self.code = self._code_of(_code(now, len(self._records), logs))
        loss = 2 * task.guess, task.guess, text("training.loss")
        right = 1, task.guess_right, text(f"training.right_{now['task']}")
        return {
            "loss": View((draw.frame_means, *loss), (draw_running, progress.losses)),
            "right": View((draw.frame_means, *right), (draw_running, progress.right, GREEN)),
            "updates": View((draw.frame_updates,), (draw.draw_updates, progress)),
            "norms": View((frame_norms, now["steps"], False), (draw_norms, *norms(logs))),
        }

    def _begin(self, now: Settings) -> tuple[Training, Iterable[Sequence[Any]]]:
        self._probe = compute.probe(now["task"], now["steps"], now["seed"])
        named = ("task", "cell", "activation", "weight_scale", "seed")
        network = compute.model(**{name: now[name] for name in named})
        return compute.begin(now["task"], now["steps"], now["seed"], network)

    def _max_norm(self, now: Settings) -> float | None:
        return now["max_norm"] if now["clip"] else None


def training_lab(**settings: Any) -> TrainingLab:
    """Training on a task with a long lag, live: the loss, the gradients, and how much of them reaches the first step.

    Learning rate and clipping act on the next update. Everything else is a new start, which they make at once.

    Args:
        **settings: any of task ("temporal_order", "adding"), cell ("RNN", "GRU", "LSTM"), activation (of the RNN),
            weight_scale (0.1 to 10), steps (10 to 100), learning_rate (1e-4 to 0.1), clip (True, False), max_norm (0.01
            to 100), seed (0 to 999).

    Returns:
        The lab: ``settings``, ``apply(**settings)``, ``train(updates)``, ``summary``, ``code``, ``close()``.

    Raises:
        ValueError, TypeError: a setting is unknown or out of range.

    Taught in notebook 05.
    """
    return TrainingLab(settings)


def _code(now: Settings, n: int, logs: Array) -> str:
    task = TASKS[now["task"]]
    scale = f"weight_scale={now['weight_scale']}, rng={now['seed']}"
    activation = f" {now['activation']!r}," if now["cell"] == "RNN" else ""
    cell = f"rnnlib.{now['cell']}({task.inputs}, {HIDDEN},{activation} {scale})"
    known = {"B": BATCH, "H": HIDDEN, "n": n, "window": WINDOW, "loss": task.loss.__name__, "outputs": task.outputs}
    limit = now["max_norm"] if now["clip"] else None
    known |= {**now, "cell": cell, "max_norm": limit, "digits": digits(float(np.median(logs[0])))}
    return (CODE if n else CODE_BEFORE).format(**known)


def _sentence(progress: compute.Progress, logs: Array, now: Settings) -> str:
    log_r = float(np.median(logs[0]))
    reach = text("training_lab.reach", r=ratio(log_r), fate=fate(log_r))
    n = len(progress.losses)
    if not n:
        return text("training_lab.before", steps=now["steps"]) + " " + reach
    loss, right, guess = f"{progress.losses[-1]:.2g}", f"{100 * progress.right[-1]:.0f}", TASKS[now["task"]].guess
    done = text("training_lab.after", n=n, loss=loss, guess=f"{guess:.2g}", right=right)
    return done + " " + reach
