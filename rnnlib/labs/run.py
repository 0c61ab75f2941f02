"""What the labs share that train a network on the page: Start, Pause, a bar, and when a setting is a new start."""

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

import ipywidgets

from rnnlib import Training
from rnnlib.labs.background import Background
from rnnlib.labs.lab import Lab, Settings
from rnnlib.locale import speaking, text
from rnnlib.training import Record


class RunLab(Lab):
    """A lab with a training run in the background.

    A lab of its own begins a run in ``_begin`` and calls ``_follow`` first in its ``_show``. The learning rate and what
    ``_max_norm`` says act on the next update; a change of the settings named in ``starts_over`` is a new start.
    """

    updates: ClassVar[int]  # how many make a run
    starts_over: ClassVar[Sequence[str]]

    def __init__(self, settings: Settings) -> None:
        self._run_settings: Settings = {}
        self._work = Background(self.name, self.updates, self._advance, self._refresh, self._drawing)
        super().__init__(settings)

    def train(self, updates: int) -> None:
        """Train now, in the calling cell, for so many updates or to the end; the page changes once, afterwards."""
        self._work.pause()
        with self._drawing:
            for _ in range(updates):
                if self._work.bar.value < self.updates:
                    self._work.bar.value = self._advance()
            self._refresh()

    def reset(self) -> None:
        """Stop, go back to the settings that the lab was opened with, and start over."""
        self._work.pause()
        with self._drawing:
            self._run_settings = {}
            super().reset()

    def close(self) -> None:
        """End the training, take the lab out of the page and free what it holds."""
        self._work.pause()
        super().close()

    def _begin(self, now: Settings) -> tuple[Training, Iterable[Sequence[Any]]]:
        """A training run with these settings, and its batches."""
        raise NotImplementedError

    def _max_norm(self, now: Settings) -> float | None:
        """What the gradient is clipped to."""
        raise NotImplementedError

    def _follow(self, now: Settings) -> None:
        """Let the run follow the settings."""
        run_settings = {name: now[name] for name in self.starts_over}
        if run_settings != self._run_settings:
            self._run_settings = run_settings
            self._training, batches = self._begin(now)
            self._stream = self._training.run(batches)
            self._records: list[Record] = []
            self._stopped, self._mixed = "", False
            self._work.bar.value = 0
        acting, training = (now["learning_rate"], self._max_norm(now)), self._training
        self._mixed |= bool(self._records) and acting != (training.optimizer.learning_rate, training.max_norm)
        training.optimizer.learning_rate, training.max_norm = acting

    def _advance(self) -> int:
        """One update; a run whose loss is no number any more ends, and the sentence says so."""
        try:
            self._records.append(next(self._stream))
        except FloatingPointError:
            with speaking(self.language):
                self._stopped = text("lab.stopped", n=self._training.steps)
            return self.updates
        return len(self._records)

    def _code_of(self, code: str) -> str:
        """This code, unless settings changed on the way: then no few lines repeat the run, and that is said."""
        return text("lab.no_code") if self._mixed else code

    def _buttons(self) -> list[ipywidgets.Widget]:
        return [self._work.button, self._work.bar, *super()._buttons()]
