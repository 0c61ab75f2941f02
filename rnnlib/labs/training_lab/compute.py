"""The numbers of the training lab: its tasks and cells, a run, and what the run's records say so far."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from rnnlib import GRU, LSTM, RNN, Adam, Readout, Training, accuracy, cross_entropy, mse, sequences
from rnnlib.recurrent import Recurrent
from rnnlib.sequences import Batch
from rnnlib.training import Record
from rnnlib.validation import Array

BATCH, HIDDEN, UPDATES = 32, 32, 1500
WINDOW = 50  # updates that a running mean is over
CELLS: dict[str, type[Recurrent[Any]]] = {"RNN": RNN, "GRU": GRU, "LSTM": LSTM}


def within(ys: Array, targets: Array, mask: object = None) -> float:
    """The share of sums that are right to within 0.1."""
    return float(np.mean(np.abs(ys - targets) < 0.1))


class Task(NamedTuple):
    """A task of ``rnnlib.sequences``: sizes, loss, what counts as right, and the best guess without memory."""

    draw: Callable[..., Batch]
    inputs: int
    outputs: int
    loss: Callable[..., tuple[float, Array]]
    right: Callable[..., float]
    guess: float
    guess_right: float


TASKS = {
    "temporal_order": Task(sequences.temporal_order, 8, 4, cross_entropy, accuracy, float(np.log(4)), 0.25),
    # The sum of two U(0, 1) has a triangular density, so 1 ± 0.1 holds 0.19 of it.
    "adding": Task(sequences.adding, 2, 1, mse, within, 1 / 6, 0.19),
}


class Progress(NamedTuple):
    """Training so far, one entry an update.

    Attributes:
        losses, right: (n,) running means of the loss and of the share of right answers.
        norms, clipped: (n,) ‖gradient‖ before and after clipping.
    """

    losses: Array
    right: Array
    norms: Array
    clipped: Array


def model(task: str, cell: str, activation: str, weight_scale: float, seed: int) -> Recurrent[Any]:
    """The network, as the lab's code makes it; the activation is that of an RNN."""
    kind: Any = CELLS[cell]
    known = {"activation": activation} if cell == "RNN" else {}
    return kind(TASKS[task].inputs, HIDDEN, weight_scale=weight_scale, rng=seed, **known)


def begin(task: str, steps: int, seed: int, network: Recurrent[Any]) -> tuple[Training, Iterator[Batch]]:
    """A training run of this network, and batches without end."""
    asked, draws = TASKS[task], np.random.default_rng([seed, 1])
    readout = Readout(HIDDEN, asked.outputs, rng=seed)
    training = Training(network, readout, asked.loss, Adam(), asked.right)
    return training, iter(lambda: asked.draw(steps, BATCH, draws), None)


def probe(task: str, steps: int, seed: int) -> Array:
    """(T, B, D) inputs apart from the batches, for the gradient norms at this moment."""
    return TASKS[task].draw(steps, BATCH, np.random.default_rng([seed, 2])).xs


def progress(records: Sequence[Record]) -> Progress:
    """What the panels show of these records."""
    columns = np.array([(r.loss, r.metric or 0, r.norm, r.clipped_norm) for r in records]).reshape(-1, 4).T
    return Progress(running_mean(columns[0]), running_mean(columns[1]), columns[2], columns[3])


def running_mean(values: Array) -> Array:
    """The mean of the last WINDOW values, at every update (n,)."""
    sums = np.concatenate([[0.0], np.cumsum(values)])
    first = np.maximum(np.arange(1, len(sums)) - WINDOW, 0)
    return (sums[1:] - sums[first]) / (np.arange(1, len(sums)) - first)
