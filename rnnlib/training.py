"""Training, one record a step: whoever drives the loop may stop it, change a setting between two steps, and go on."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from rnnlib import validation
from rnnlib.gradients import clip_by_norm, log_norms_back
from rnnlib.optimizers import SGD, Adam
from rnnlib.readout import Readout
from rnnlib.recurrent import Gradients, Params, Recurrent, Trace
from rnnlib.validation import Array

NO_LIMIT = float(np.finfo(np.float64).max)


@dataclass(frozen=True)
class Record:
    """One step of training.

    Attributes:
        step: 1, 2, …
        loss: of this batch, before the update.
        metric: the same of the metric; None where none was asked for.
        norm: ‖gradient‖ of all parameters together, readout included, before clipping.
        clipped_norm: the same after clipping.
        log_norms: (T+1, B) natural logarithm of ‖∂L/∂state_t‖, where asked for; see ``Training.log_norms``.
    """

    step: int
    loss: float
    metric: float | None
    norm: float
    clipped_norm: float
    log_norms: Array | None


@dataclass
class Training:
    """A network and its readout in training; all settings may be changed between two steps.

    A batch is (xs, targets) or (xs, targets, mask), as the functions of ``rnnlib.sequences`` give it.

    Attributes:
        model: an RNN, GRU or LSTM.
        readout: what reads its states.
        loss: (ys, targets, mask) → (value, gradient), as ``mse`` and ``cross_entropy``.
        optimizer: what makes new parameters from gradients.
        metric: (ys, targets, mask) → number, as ``accuracy``.
        max_norm: the gradient is clipped to this norm; None is no clipping.
        window: backpropagation through time is truncated to windows of this many steps, with an update after each; the
            states are carried on from window to window, and start at zero with each batch. None is no truncation.
        log_norms: whether records hold ln ‖∂L/∂state_t‖ (for an LSTM that of h and c together). For a loss at the last
            step they are computed in log space and nothing underflows; it costs a second backward pass.
        steps: how many steps there were.

    Source of truncation: Williams & Peng (1990), doi:10.1162/neco.1990.2.4.490. Taught in notebooks 04 and 05.
    """

    model: Recurrent[Any]
    readout: Readout
    loss: Callable[..., tuple[float, Array]]
    optimizer: SGD | Adam
    metric: Callable[..., float] | None = None
    max_norm: float | None = None
    window: int | None = None
    log_norms: bool = False
    steps: int = field(default=0, init=False)
    _good: Params = field(default_factory=dict, init=False, repr=False)

    def run(self, batches: Iterable[Sequence[Any]]) -> Iterator[Record]:
        """Train: each time that the caller asks for the next record, one batch or window more.

        Args:
            batches: (xs, targets) or (xs, targets, mask) each. They may be endless: the caller stops when it likes.

        Yields:
            The record of the step, after the update.

        Raises:
            FloatingPointError: loss, gradient or update became NaN or infinite, or a state too large, and at which
                step. The parameters are then those of the last step where loss and gradient were finite.
            ValueError, TypeError: a batch or a setting does not fit.
        """
        for batch in batches:
            starts: dict[str, Array] = {}
            for xs, *goal in self._windows(batch):
                if len(goal) == 2 and goal[1] is not None and not np.any(goal[1]):  # nothing counts, but it is heard
                    trace = self.model.forward(xs, **starts)
                else:
                    trace, record = self._step(xs, goal, starts)
                    yield record
                starts = {f"{name}_0": getattr(trace, f"{name}s")[-1] for name in self.model.states}

    def evaluate(self, batch: Sequence[Any]) -> tuple[float, float | None]:
        """(loss, metric) of a batch, held out or not; nothing is changed."""
        xs, *goal = batch
        ys = self.readout.forward(self.model.forward(xs).hs)
        return self.loss(ys, *goal)[0], self.metric(ys, *goal) if self.metric else None

    def _windows(self, batch: Sequence[Any]) -> Iterator[Sequence[Any]]:
        if self.window is None:
            yield batch
            return
        length = validation.integer("window", self.window)
        if not self.readout.every_step:
            raise ValueError(f"window: expected None with a readout at the last step, got {length}")
        for start in range(0, len(batch[0]), length):
            yield [None if part is None else part[start : start + length] for part in batch]

    def _step(self, xs: Any, goal: Sequence[Any], starts: dict[str, Array]) -> tuple[Trace, Record]:
        self.steps += 1
        params = self.model.params | self.readout.params
        limit = NO_LIMIT if self.max_norm is None else self.max_norm
        try:
            with np.errstate(over="ignore", invalid="ignore"):  # looked for below, and said in words
                trace = self.model.forward(xs, **starts)
                ys = self.readout.forward(trace.hs)
                loss, dys = self.loss(ys, *goal)
                _check_finite("the loss", loss)
                d_read, dhs = self.readout.backward(trace.hs, dys)
                back = self.model.backward(trace, dhs)
                gradients = back.params | d_read
                _check_finite("the gradient", *gradients.values())
                self._good = params
                clipped, norm = clip_by_norm(gradients, limit)
                updated = self.optimizer.update(params, clipped)
                _check_finite("the update", *updated.values())
        except (FloatingPointError, OverflowError) as error:
            self._assign(self._good)
            raise FloatingPointError(f"training stopped at step {self.steps}: {error}") from error
        self._assign(updated)
        metric = self.metric(ys, *goal) if self.metric else None
        log_norms = self._log_norms(trace, dhs, back) if self.log_norms else None
        return trace, Record(self.steps, loss, metric, norm, min(norm, limit), log_norms)

    def _log_norms(self, trace: Trace, dhs: Array, back: Gradients) -> Array:
        if not self.readout.every_step:
            return log_norms_back(self.model, trace, dhs[-1])
        totals = np.concatenate([getattr(back, f"{name}s") for name in self.model.states], axis=2)
        norms = np.linalg.norm(totals.astype(np.float64), axis=2)
        return np.log(norms, out=np.full_like(norms, -np.inf), where=norms > 0)

    def _assign(self, params: Params) -> None:
        for owner in (self.model, self.readout):
            owner.params.update({name: params[name] for name in owner.params.keys() & params.keys()})


def _check_finite(what: str, *values: float | Array) -> None:
    if not all(np.isfinite(value).all() for value in values):
        raise FloatingPointError(f"{what} is not finite; use a smaller learning rate, or clip the gradient")
