"""A character model in training: watch it go from noise to names that might be countries."""

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

import numpy as np

from rnnlib import Training, dream
from rnnlib.labs.characters_lab import compute, draw
from rnnlib.labs.lab import Settings
from rnnlib.labs.live import View
from rnnlib.labs.run import RunLab
from rnnlib.locale import text
from rnnlib.plots.axes import draw_running
from rnnlib.plots.style import BLUE
from rnnlib.validation import Array

CODE = """import numpy as np, rnnlib
names, draws = rnnlib.sequences.country_names(), np.random.default_rng([{seed}, 1])
C = rnnlib.sequences.vocabulary(names)
rnn, out = rnnlib.RNN(len(C), {H}, weight_scale={weight_scale}, rng={seed}), rnnlib.Readout({H}, len(C), True, {seed})
run = rnnlib.Training(rnn, out, rnnlib.cross_entropy, rnnlib.Adam({learning_rate}), max_norm=1).run({batches})
print(f"{{[record.loss for record in run][-1]:.2f}}")"""
CODE_BEFORE = """import math
print(f"{{math.log({C}):.2f}}")"""
BATCHES = "rnnlib.sequences.characters(list(draws.choice(names, {B})), C) for _ in range({n})"


class CharactersLab(RunLab):
    """See ``characters_lab``."""

    name = "characters_lab"
    panels = draw.SIZE, draw.TILES, ["names"]
    main = "temperature"
    updates = compute.UPDATES
    starts_over = ("weight_scale", "seed")
    presets: ClassVar = {"cold": {"temperature": 0.3}, "warm": {"temperature": 0.8}, "hot": {"temperature": 1.6}}

    def _controls(self) -> dict[str, Any]:
        return {
            "temperature": self._slider("temperature", 0.8, 0.1, 2.0, 0.1),
            "learning_rate": self._log_slider("learning_rate", 0.01, -4, -1, 0.05, digits=2),
            "weight_scale": self._log_slider("weight_scale", 1, -1, 1, 0.05, digits=2),
            "seed": self._seed(),
        }

    def _show(self) -> dict[str, View]:
        now = self.settings
        _, symbols, *guesses = compute.corpus()
        self._follow(now)
        model, readout = self._training.model, self._training.readout
        dreams = dream(model, readout, symbols, compute.DREAMS, now["temperature"], now["seed"])
        losses = np.array([record.loss for record in self._records])
        self.summary = self._stopped or _sentence(losses, dreams, now)
        n, C = len(losses), len(symbols)
        code = CODE.format(**now, H=compute.HIDDEN, batches=BATCHES.format(B=compute.BATCH, n=n))
        self.code = self._code_of(code if n else CODE_BEFORE.format(C=C))
        return {
            "loss": View((draw.frame_losses, *guesses), (draw_running, losses, BLUE, 1.2)),
            "names": View((draw.frame_names,), (draw.draw_names, dreams)),
        }

    def _begin(self, now: Settings) -> tuple[Training, Iterable[Sequence[Any]]]:
        return compute.begin(now["weight_scale"], now["seed"])

    def _max_norm(self, now: Settings) -> float:
        return 1


def characters_lab(**settings: Any) -> CharactersLab:
    """A character model of country names, trained live: its loss, and the names that it dreams up at this moment.

    Learning rate and temperature act at once, while it trains. The weight scale and the seed are a new start.

    Args:
        **settings: any of temperature (0.1 to 2), learning_rate (1e-4 to 0.1), weight_scale (0.1 to 10), seed (0 to
            999).

    Returns:
        The lab: ``settings``, ``apply(**settings)``, ``train(updates)``, ``summary``, ``code``, ``close()``.

    Raises:
        ValueError, TypeError: a setting is unknown or out of range.

    Taught in notebook 03.
    """
    return CharactersLab(settings)


def _sentence(losses: Array, dreams: list[str], now: Settings) -> str:
    names, symbols, *guesses = compute.corpus()
    alike, frequencies = (f"{guess:.2f}" for guess in guesses)
    said = {"C": len(symbols), "alike": alike, "frequencies": frequencies, "n": len(losses)}
    loss = f"{losses[-1]:.2f}" if len(losses) else alike
    quoted, real = ", ".join(f"“{name}”" for name in dreams), sum(name in names for name in dreams)
    dreamt = text("characters_lab.dreams", temperature=f"{now['temperature']:g}", names=quoted, real=real)
    return text(f"characters_lab.{'after' if len(losses) else 'before'}", loss=loss, **said) + " " + dreamt
