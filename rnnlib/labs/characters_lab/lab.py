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
from rnnlib.plots.axes import board
from rnnlib.validation import Array

CODE = """import numpy as np, rnnlib; seq, draws = rnnlib.sequences, np.random.default_rng([{seed}, 1])
names = np.random.default_rng([{seed}, 2]).permutation(seq.country_names("{language}")); C = seq.vocabulary(names)
rnn, out = rnnlib.RNN(len(C), {H}, weight_scale={weight_scale}, rng={seed}), rnnlib.Readout({H}, len(C), True, {seed})
training = rnnlib.Training(rnn, out, rnnlib.cross_entropy, rnnlib.Adam({learning_rate}), max_norm=1)
losses = [record.loss for record in training.run({batches})]
print(f"{{losses[-1]:.2f}} {{training.evaluate(seq.characters(list(names[:{held_out}]), C))[0]:.2f}}")"""
CODE_BEFORE = 'import math\nprint(f"{{math.log({C}):.2f}}")'
BATCHES = "seq.characters(list(draws.choice(names[{held_out}:], {B})), C) for _ in range({n})"


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
        self._follow(now)
        _, held_out, symbols, guesses = self._corpus
        model, readout = self._training.model, self._training.readout
        dreams = dream(model, readout, symbols, compute.DREAMS, now["temperature"], now["seed"])
        losses, held = np.array([record.loss for record in self._records]), self._training.evaluate(held_out)[0]
        self.summary = self._stopped or _sentence(losses, held, dreams, self._corpus, now["temperature"])
        n, C = len(losses), len(symbols)
        known = {"H": compute.HIDDEN, "held_out": compute.HELD_OUT, "language": text("lab.names")}
        batches = BATCHES.format(B=compute.BATCH, n=n, **known)
        self.code = self._code_of(CODE.format(**now, **known, batches=batches) if n else CODE_BEFORE.format(C=C))
        return {
            "loss": View((draw.frame_losses, *guesses), (draw.draw_losses, losses, np.array(self._held_out))),
            "names": View((board, 1, 1, text("characters.names"), (0.02, 0.98)), (draw.draw_names, dreams)),
        }

    def _begin(self, now: Settings) -> tuple[Training, Iterable[Sequence[Any]]]:
        self._held_out: list[float] = []
        self._corpus = compute.corpus(now["seed"], text("lab.names"))
        return compute.begin(now["weight_scale"], now["seed"], text("lab.names"))

    def _advance(self) -> int:
        """One update, and now and then the loss of the names held out."""
        done = super()._advance()
        if len(self._records) == compute.EVERY * (len(self._held_out) + 1):
            self._held_out.append(self._training.evaluate(self._corpus.held_out)[0])
        return done

    def _max_norm(self, now: Settings) -> float:
        return 1


def characters_lab(**settings: Any) -> CharactersLab:
    """A character model of country names, trained live: its loss, and the names that it dreams up at this moment.

    Learning rate and temperature act at once, while it trains. The weight scale and the seed are a new start; the seed
    draws the network, the batches, and the 26 names that are held out.

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


def _sentence(losses: Array, held: float, dreams: list[str], corpus: compute.Corpus, temperature: float) -> str:
    names, _, symbols, guesses = corpus
    said = dict(zip(("alike", "frequencies", "pairs"), (f"{guess:.2f}" for guess in guesses)))
    numbers = {"C": len(symbols), "n": len(losses), "count": compute.HELD_OUT, "held": f"{held:.2f}"}
    loss = f"{losses[-1]:.2f}" if len(losses) else said["alike"]
    quoted = ", ".join(text("lab.quoted", name=name) for name in dreams)
    real = sum(name in names for name in dreams)
    dreamt = text("characters_lab.dreams", temperature=f"{temperature:g}", names=quoted, real=real)
    key = "after" if len(losses) else "before"
    return text(f"characters_lab.{key}", loss=loss, **said, **numbers) + " " + dreamt
