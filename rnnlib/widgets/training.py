"""The training lab: train on a long-lag task, clip or not, and watch what reaches the early steps."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, ClassVar

import ipywidgets
import numpy as np

from rnnlib import GRU, LSTM, RNN, Adam, Readout, Training, log_gradient_norms, sequences
from rnnlib.activations import ACTIVATIONS
from rnnlib.locale import text
from rnnlib.losses import accuracy, cross_entropy, mse
from rnnlib.plots import gradients as gradient_plots
from rnnlib.plots import training as plots
from rnnlib.recurrent import Recurrent
from rnnlib.training import Record
from rnnlib.validation import Array
from rnnlib.widgets.lab import Settings, labelled
from rnnlib.widgets.live import LiveFigure, View
from rnnlib.widgets.ratio import digits, fate, ratio
from rnnlib.widgets.trained import TrainedLab

SIZE = (860, 540)
TILES = {
    "loss": (0, 270, 430, 540),
    "right": (430, 270, 860, 540),
    "updates": (0, 0, 430, 270),
    "norms": (430, 0, 860, 270),
}
BATCH, HIDDEN, UPDATES = 32, 32, 1500
WINDOW = 50  # updates that a running mean is over
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


def _within(ys: Array, targets: Array, mask: object = None) -> float:
    """The share of sums that are right to within 0.1."""
    return float(np.mean(np.abs(ys - targets) < 0.1))


@dataclass(frozen=True)
class Task:
    """A task of ``rnnlib.sequences``: sizes, loss, what counts as right, and the best guess without memory."""

    draw: Callable[..., sequences.Batch]
    inputs: int
    outputs: int
    loss: Callable[..., tuple[float, Array]]
    right: Callable[..., float]
    guess: float
    guess_right: float


TASKS = {
    "temporal_order": Task(sequences.temporal_order, 8, 4, cross_entropy, accuracy, float(np.log(4)), 0.25),
    # The sum of two U(0, 1) has a triangular density, so 1 ± 0.1 holds 0.19 of it.
    "adding": Task(sequences.adding, 2, 1, mse, _within, 1 / 6, 0.19),
}
CELLS: dict[str, type[Recurrent[Any]]] = {"RNN": RNN, "GRU": GRU, "LSTM": LSTM}


class TrainingLab(TrainedLab):
    """See ``training_lab``."""

    name = "training_lab"
    updates = UPDATES
    starts_over = ("task", "cell", "activation", "weight_scale", "steps", "seed")
    presets: ClassVar = {
        name: {**KNOWN, "weight_scale": scale, "clip": clip}
        for name, scale, clip in (("learns", 0.9, True), ("vanished", 0.3, True), ("unclipped", 2.0, False))
    }

    def __init__(self, settings: Settings) -> None:
        super().__init__(LiveFigure(SIZE, TILES), _controls(), settings)

    def _show(self) -> dict[str, View]:
        now = self.settings
        self._follow(now)
        logs = log_gradient_norms(self._training.model, self._probe)
        self.summary = self._stopped or _sentence(self._records, logs, now)
        self.code = self._code_of(_code(now, len(self._records), logs))
        return _views(now, self._records, logs)

    def _begin(self, now: Settings) -> tuple[Training, Iterable[Sequence[Any]]]:
        task, seed = TASKS[now["task"]], now["seed"]
        draws = np.random.default_rng([seed, 1])
        self._probe = task.draw(now["steps"], BATCH, np.random.default_rng([seed, 2])).xs
        readout = Readout(HIDDEN, task.outputs, rng=seed)
        training = Training(_model(now), readout, task.loss, Adam(), task.right)
        return training, iter(lambda: task.draw(now["steps"], BATCH, draws), None)

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


def _controls() -> dict[str, Any]:
    def label(name: str) -> str:
        return text(f"training_lab.{name}")

    def log_slider(name: str, **traits: Any) -> Any:
        return labelled(ipywidgets.FloatLogSlider, label(name), readout_format=".3g", step=0.01, **traits)

    tasks = [(text(f"training_lab.{name}"), name) for name in TASKS]
    activations = [(text(f"activations.{name}"), name) for name in ACTIVATIONS]
    return {
        "task": labelled(ipywidgets.Dropdown, label("task"), options=tasks),
        "cell": labelled(ipywidgets.Dropdown, label("cell"), options=list(CELLS)),
        "activation": labelled(ipywidgets.Dropdown, label("activation"), options=activations),
        "weight_scale": log_slider("weight_scale", value=1, min=-1, max=1),
        "steps": labelled(ipywidgets.IntSlider, label("steps"), value=50, min=10, max=100, step=5),
        "learning_rate": log_slider("learning_rate", value=0.002, min=-4, max=-1),
        "clip": labelled(ipywidgets.Checkbox, label("clip"), value=True),
        "max_norm": log_slider("max_norm", value=1, min=-2, max=2),
        "seed": labelled(ipywidgets.BoundedIntText, label("seed"), value=0, min=0, max=999),
    }


def _model(now: Settings) -> Recurrent[Any]:
    scale, seed = now["weight_scale"], now["seed"]
    if now["cell"] == "RNN":
        return RNN(TASKS[now["task"]].inputs, HIDDEN, now["activation"], scale, rng=seed)
    return CELLS[now["cell"]](TASKS[now["task"]].inputs, HIDDEN, weight_scale=scale, rng=seed)  # type: ignore[call-arg]


def _code(now: Settings, n: int, logs: Array) -> str:
    task = TASKS[now["task"]]
    activation = f" {now['activation']!r}," if now["cell"] == "RNN" else ""
    scale = f"weight_scale={now['weight_scale']}, rng={now['seed']}"
    cell = f"rnnlib.{now['cell']}({task.inputs}, {HIDDEN},{activation} {scale})"
    known = {"B": BATCH, "H": HIDDEN, "n": n, "window": WINDOW, "loss": task.loss.__name__, "outputs": task.outputs}
    limit = now["max_norm"] if now["clip"] else None
    known |= {**now, "cell": cell, "max_norm": limit, "digits": digits(float(np.median(logs[0])))}
    return (CODE if n else CODE_BEFORE).format(**known)


def _views(now: Settings, records: list[Record], logs: Array) -> dict[str, View]:
    task = TASKS[now["task"]]
    columns = np.array([(r.loss, r.metric or 0, r.norm, r.clipped_norm) for r in records]).reshape(-1, 4).T
    progress = plots.Progress(_running_mean(columns[0]), _running_mean(columns[1]), columns[2], columns[3])
    tens = logs[::-1] / np.log(10)
    norms = gradient_plots.Norms(np.median(tens, axis=1), tens.min(axis=1), tens.max(axis=1), None, -np.inf)
    running = partial(plots.frame_running, steps=UPDATES)
    loss = partial(running, top=2 * task.guess, guess=task.guess, title=text("training.loss"))
    right = partial(running, top=1, guess=task.guess_right, title=text(f"training.right_{now['task']}"))
    frame_norms = partial(gradient_plots.frame_norms, steps=now["steps"], theory=False)
    return {
        "loss": View(now["task"], loss, partial(plots.draw_loss, data=progress)),
        "right": View(now["task"], right, partial(plots.draw_right, data=progress)),
        "updates": View(0, partial(plots.frame_updates, steps=UPDATES), partial(plots.draw_updates, data=progress)),
        "norms": View(now["steps"], frame_norms, partial(gradient_plots.draw_norms, data=norms)),
    }


def _sentence(records: list[Record], logs: Array, now: Settings) -> str:
    log_r = float(np.median(logs[0]))
    reach = text("training_lab.reach", r=ratio(log_r), fate=fate(log_r))
    if not records:
        return text("training_lab.before", steps=now["steps"]) + " " + reach
    loss, right = np.mean([(r.loss, r.metric or 0) for r in records[-WINDOW:]], axis=0)
    guess = f"{TASKS[now['task']].guess:.2g}"
    done = text("training_lab.after", n=len(records), loss=f"{loss:.2g}", guess=guess, right=f"{100 * right:.0f}")
    return done + " " + reach


def _running_mean(values: Array) -> Array:
    """The mean of the last WINDOW values, at every step (n,)."""
    sums = np.concatenate([[0.0], np.cumsum(values)])
    first = np.maximum(np.arange(1, len(sums)) - WINDOW, 0)
    return (sums[1:] - sums[first]) / (np.arange(1, len(sums)) - first)
