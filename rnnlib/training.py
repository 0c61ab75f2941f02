"""Training, one record a step: whoever drives the loop may stop it, change a setting between two steps, and go on."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np

from rnnlib.gradients import clip_by_norm
from rnnlib.optimizers import Adam, State
from rnnlib.readout import Readout
from rnnlib.recurrent import Params, Recurrent, Trace
from rnnlib.validation import Array, booleans, integer


class Record(NamedTuple):
    """One step of training.

    Attributes:
        step: 1, 2, …
        loss: of this batch, before the update.
        metric: the same of the metric; None where none was asked for.
        norm: ‖gradient‖ of all parameters together, readout included, before clipping.
        clipped_norm: the same after clipping.
    """

    step: int
    loss: float
    metric: float | None
    norm: float
    clipped_norm: float


@dataclass
class Training:
    """A network and its readout in training; all settings may be changed between two steps.

    A batch is (xs, targets), (xs, targets, mask), as the functions of ``rnnlib.sequences`` give it, or, of padded
    sequences that are read at their ends, (xs, targets, None, lengths): see ``sequences.pad``.

    Attributes:
        model: an RNN, GRU or LSTM.
        readout: what reads its states.
        loss: (ys, targets, mask) → (value, gradient), as ``mse`` and ``cross_entropy``.
        optimizer: what makes new parameters from gradients: ``Adam``, or anything with its ``update``. What it has to
            remember is kept here, so that it can serve other trainings too.
        metric: (ys, targets, mask) → number, as ``accuracy``.
        max_norm: the gradient is clipped to this norm; None is no clipping.
        window: backpropagation through time is truncated to windows of this many steps, with an update after each; the
            states are carried on from window to window, and start at zero with each batch. None is no truncation.
        steps: how many steps there were.

    Source of truncation: Williams & Peng (1990), doi:10.1162/neco.1990.2.4.490. Taught in notebooks 04 and 05.
    """

    model: Recurrent[Any]
    readout: Readout
    loss: Callable[..., tuple[float, Array]]
    optimizer: Adam
    metric: Callable[..., float] | None = None
    max_norm: float | None = None
    window: int | None = None
    steps: int = field(default=0, init=False)
    _state: State = field(default_factory=dict, init=False, repr=False)
    _good: tuple[Params, State] = field(default=({}, {}), init=False, repr=False)

    def run(self, batches: Iterable[Sequence[Any]]) -> Iterator[Record]:
        """Train: each time that the caller asks for the next record, one batch or window more.

        Args:
            batches: what to learn from, one by one. They may be endless: the caller stops when it likes.

        Yields:
            The record of the step, after the update.

        Raises:
            FloatingPointError: loss, gradient or update became NaN or infinite, or a state too large, and at which
                step. The parameters are then those of the last step where loss and gradient were finite.
            ValueError, TypeError: a batch or a setting does not fit.
        """
        for batch in batches:
            starts: dict[str, Array] = {}
            for part in self._windows(batch):
                # Where nothing counts the network hears it and learns nothing.
                if len(part) > 2 and part[2] is not None and not booleans("mask", part[2], None).any():
                    trace = self.model.forward(part[0], **starts)
                else:
                    trace, record = self._step(part, starts)
                    yield record
                starts = {f"{name}_0": getattr(trace, f"{name}s")[-1] for name in self.model.states}

    @np.errstate(under="ignore")
    def evaluate(self, batch: Sequence[Any]) -> tuple[float, float | None]:
        """(loss, metric) of a batch, held out or not; nothing is changed."""
        ys = self.readout.forward(self.model.forward(batch[0]).hs, *batch[3:])
        return self.loss(ys, *batch[1:3])[0], self.metric(ys, *batch[1:3]) if self.metric else None

    def _windows(self, batch: Sequence[Any]) -> Sequence[Sequence[Any]]:
        if self.window is None:
            return [batch]
        length = integer("window", self.window)
        if not self.readout.every_step:
            raise ValueError(f"window: expected None with a readout at the last step, got {length}")
        starts = range(0, len(batch[0]), length)
        return [[None if part is None else part[t : t + length] for part in batch] for t in starts]

    @np.errstate(over="ignore", invalid="ignore", under="ignore")  # the first two are looked for, and said in words
    def _step(self, batch: Sequence[Any], starts: dict[str, Array]) -> tuple[Trace, Record]:
        self.steps += 1
        params, state, goal = self.model.params | self.readout.params, self._state, batch[1:3]
        limit = float(np.finfo(np.float64).max) if self.max_norm is None else self.max_norm
        try:
            trace = self.model.forward(batch[0], **starts)
            ys = self.readout.forward(trace.hs, *batch[3:])
            loss, dys = self.loss(ys, *goal)
            _check_finite("the loss", loss)
            d_read, dhs = self.readout.backward(trace.hs, dys, *batch[3:])
            gradients = self.model.backward(trace, dhs).params | d_read
            _check_finite("the gradient", *gradients.values())
            self._good = params, state
            clipped, norm = clip_by_norm(gradients, limit)
            updated, state = self.optimizer.update(params, clipped, state)
            _check_finite("the update", *updated.values())
        except (FloatingPointError, OverflowError) as error:
            self._assign(*self._good)
            raise FloatingPointError(f"training stopped at step {self.steps}: {error}") from error
        self._assign(updated, state)
        metric = self.metric(ys, *goal) if self.metric else None
        return trace, Record(self.steps, loss, metric, norm, min(norm, limit))

    def _assign(self, params: Params, state: State) -> None:
        self._state = state
        for owner in (self.model, self.readout):
            owner.params.update({name: params[name] for name in owner.params.keys() & params.keys()})


def _check_finite(what: str, *values: float | Array) -> None:
    if not all(np.isfinite(value).all() for value in values):
        raise FloatingPointError(f"{what} is not finite; use a smaller learning rate, or clip the gradient")
