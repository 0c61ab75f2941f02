"""A character model in training: watch it go from noise to names that might be countries."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import partial
from typing import Any, ClassVar

import ipywidgets
import numpy as np

from rnnlib import RNN, Adam, Readout, Training, cross_entropy, sequences, validation
from rnnlib.locale import text
from rnnlib.plots import characters as plots
from rnnlib.recurrent import Recurrent, Seed
from rnnlib.validation import Array
from rnnlib.widgets.lab import Settings, labelled
from rnnlib.widgets.live import LiveFigure, View
from rnnlib.widgets.trained import TrainedLab

SIZE = (860, 330)
TILES = {"loss": (0, 0, 560, 330), "names": (570, 0, 860, 330)}
HIDDEN, BATCH, DREAMS = 64, 32, 8
CODE = """import numpy as np, rnnlib
names, draws = rnnlib.sequences.country_names(), np.random.default_rng([{seed}, 1])
C = rnnlib.sequences.vocabulary(names)
rnn, out = rnnlib.RNN(len(C), {H}, weight_scale={weight_scale}, rng={seed}), rnnlib.Readout({H}, len(C), True, {seed})
run = rnnlib.Training(rnn, out, rnnlib.cross_entropy, rnnlib.Adam({learning_rate}), max_norm=1).run({batches})
print(f"{{[record.loss for record in run][-1]:.2f}}")"""
CODE_BEFORE = """import math
print(f"{{math.log({C}):.2f}}")"""
BATCHES = "rnnlib.sequences.characters(list(draws.choice(names, {B})), C) for _ in range({n})"


class CharactersLab(TrainedLab):
    """See ``characters_lab``."""

    name = "characters_lab"
    updates = 800
    starts_over = ("weight_scale", "seed")
    presets: ClassVar = {"cold": {"temperature": 0.3}, "warm": {"temperature": 0.8}, "hot": {"temperature": 1.6}}

    def __init__(self, settings: Settings) -> None:
        self._names = sequences.country_names()
        self._symbols = sequences.vocabulary(self._names)
        counts = np.bincount([self._symbols.index(letter) for letter in "".join(f"{n}\n" for n in self._names)])
        shares = counts[counts > 0] / counts.sum()
        self._guesses = float(np.log(len(self._symbols))), -float(shares @ np.log(shares))
        super().__init__(LiveFigure(SIZE, TILES, bare=("names",)), _controls(), settings)

    def _show(self) -> dict[str, View]:
        now = self.settings
        self._follow(now)
        model, readout = self._training.model, self._training.readout
        dreams = dream(model, readout, self._symbols, DREAMS, now["temperature"], now["seed"])
        self.summary = self._stopped or self._says(dreams, now)
        n, C = len(self._records), len(self._symbols)
        code = CODE.format(**now, H=HIDDEN, batches=BATCHES.format(B=BATCH, n=n))
        self.code = self._code_of(code if n else CODE_BEFORE.format(C=C))
        return self._views(dreams)

    def _begin(self, now: Settings) -> tuple[Training, Iterable[Sequence[Any]]]:
        C, seed = len(self._symbols), now["seed"]
        draws = np.random.default_rng([seed, 1])
        model, readout = RNN(C, HIDDEN, weight_scale=now["weight_scale"], rng=seed), Readout(HIDDEN, C, True, seed)
        drawn = iter(lambda: sequences.characters(list(draws.choice(self._names, BATCH)), self._symbols), None)
        return Training(model, readout, cross_entropy, Adam()), drawn

    def _max_norm(self, now: Settings) -> float:
        return 1

    def _views(self, dreams: list[str]) -> dict[str, View]:
        alike, frequencies = self._guesses
        frame = partial(plots.frame_loss, updates=self.updates, alike=alike, frequencies=frequencies)
        losses = np.array([record.loss for record in self._records])
        return {
            "loss": View(0, frame, partial(plots.draw_loss, losses=losses)),
            "names": View(0, plots.frame_names, partial(plots.draw_names, names=dreams)),
        }

    def _says(self, dreams: list[str], now: Settings) -> str:
        alike, frequencies = (f"{guess:.2f}" for guess in self._guesses)
        said = {"C": len(self._symbols), "alike": alike, "frequencies": frequencies, "n": len(self._records)}
        way = "after" if self._records else "before"
        loss = f"{self._records[-1].loss:.2f}" if self._records else alike
        names = ", ".join(f"“{name}”" for name in dreams)
        real = sum(name in self._names for name in dreams)
        dreamt = text("characters_lab.dreams", temperature=f"{now['temperature']:g}", names=names, real=real)
        return text(f"characters_lab.{way}", loss=loss, **said) + " " + dreamt


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


def dream(
    model: Recurrent[Any],
    readout: Readout,
    symbols: Sequence[str],
    count: int,
    temperature: float = 1.0,
    rng: Seed = 0,
    longest: int = 30,
) -> list[str]:
    """Texts that a character model makes up, from END to END.

    Args:
        model: what was trained on ``sequences.characters`` with these symbols.
        readout: its readout.
        symbols: the vocabulary, V characters with END among them.
        count: how many texts.
        temperature: the logits are divided by it: below 1 likely characters become likelier, above 1 all more alike.
        rng: a seed or a generator.
        longest: a text is cut off after this many characters.

    Raises:
        ValueError, TypeError: an argument is out of range or of a wrong type, or does not fit the model.

    Taught in notebook 03.
    """
    B, heat = validation.integer("count", count), validation.real("temperature", temperature, above=0)
    random, one_hot = validation.generator("rng", rng, 4), np.eye(len(symbols))
    said = np.full((1, B), list(symbols).index(sequences.END))
    states: dict[str, Array] = {}
    for _ in range(validation.integer("longest", longest)):
        trace = model.forward(one_hot[said[-1:]], **states)
        states = {f"{name}_0": getattr(trace, f"{name}s")[-1] for name in model.states}
        ys = readout.forward(trace.hs).reshape(B, -1)
        up_to = np.exp((ys - ys.max(axis=1, keepdims=True)) / heat).cumsum(axis=1)
        drawn = (up_to > random.random((B, 1)) * up_to[:, -1:]).argmax(axis=1)
        said = np.concatenate([said, drawn[None]])
    return ["".join(symbols[i] for i in column).split(sequences.END)[0] for column in said[1:].T]


def _controls() -> dict[str, Any]:
    def label(name: str) -> str:
        return text(f"characters_lab.{name}")

    def log_slider(name: str, **traits: Any) -> Any:
        return labelled(ipywidgets.FloatLogSlider, label(name), readout_format=".2g", step=0.05, **traits)

    return {
        "temperature": labelled(ipywidgets.FloatSlider, label("temperature"), value=0.8, min=0.1, max=2.0, step=0.1),
        "learning_rate": log_slider("learning_rate", value=0.01, min=-4, max=-1),
        "weight_scale": log_slider("weight_scale", value=1, min=-1, max=1),
        "seed": labelled(ipywidgets.BoundedIntText, label("seed"), value=0, min=0, max=999),
    }
