"""The reading lab: letters arrive one at a time; what is in the state, and for how long?"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any, ClassVar

import ipywidgets
import numpy as np

from rnnlib import RNN, sequences
from rnnlib.locale import text
from rnnlib.plots import reading as plots
from rnnlib.validation import Array
from rnnlib.widgets.lab import Lab, Settings, labelled
from rnnlib.widgets.live import LiveFigure, View

SIZE = (860, 580)
TILES = {
    "states": (0, 290, 500, 580),
    "path": (500, 290, 860, 580),
    "gaps": (0, 0, 430, 290),
    "found": (430, 0, 860, 290),
}
HIDDEN, LAGS, LONGEST = 64, 10, 24
NAMES = [name.lower() for name in sequences.country_names() if len(name) <= LONGEST]
SYMBOLS = sequences.vocabulary(NAMES)
LETTERS = [symbol for symbol in SYMBOLS if symbol != sequences.END]
OTHERS = (0.5, 1.0, 2.0)  # weight scales that are drawn beside the present one
LIMITS = (2, 4, 6, 9)  # of the plane's axes: the first that holds both paths
CODE = """import numpy as np, rnnlib
names = [name.lower() for name in rnnlib.sequences.country_names()]
symbols = rnnlib.sequences.vocabulary([name for name in names if len(name) <= {longest}])
xs = rnnlib.sequences.characters({words}, symbols).xs[1:] * np.sqrt(len(symbols)) / 2
hs = rnnlib.RNN(len(symbols), {H}, weight_scale={weight_scale}, rng={seed}).forward(xs).hs
print(f"{{np.linalg.norm(hs[{t}, 0] - hs[{t}, 1]):.2g}}")"""


def _inputs(words: list[str]) -> Array:
    """Letters as one-hot inputs (T, B, V) that give a_t a variance of 0.25."""
    return sequences.characters(words, SYMBOLS).xs[1:] * np.sqrt(len(SYMBOLS)) / 2


def _states(words: list[str], weight_scale: float, seed: int) -> Array:
    return RNN(len(SYMBOLS), HIDDEN, weight_scale=weight_scale, rng=seed).forward(_inputs(words)).hs


@dataclass(frozen=True)
class Probe:
    """What reads x_{t-k} from h_t, k = 0 … LAGS−1, fitted on every other name; found (LAGS,) is judged on the rest."""

    weights: Array
    found: Array

    def read(self, states: Array) -> np.ndarray[Any, np.dtype[np.intp]]:
        """(N, LAGS) the likeliest letters, from (N, H)."""
        return (_with_one(states) @ self.weights).reshape(len(states), LAGS, -1).argmax(axis=2)


def _with_one(states: Array) -> Array:
    """A column of ones beside the states (N, H), for the bias."""
    return np.concatenate([states, np.ones((len(states), 1))], axis=1)


@lru_cache(maxsize=1)
def _corpus() -> tuple[Array, Array, np.ndarray[Any, np.dtype[np.bool]]]:
    """For T steps of the names: inputs, letters x_{t-k} one-hot (T, B, LAGS, V), zero before the first, and a mask."""
    one_hot = sequences.characters(NAMES, SYMBOLS).xs[1:]
    past = np.zeros((*one_hot.shape[:2], LAGS, len(SYMBOLS)))
    for k in range(LAGS):
        past[k:, :, k] = one_hot[: len(one_hot) - k]
    return _inputs(NAMES), past, one_hot.sum(axis=2) > 0


@lru_cache(maxsize=2)
def _probe(weight_scale: float, seed: int) -> Probe:
    xs, past, inside = _corpus()
    hs = RNN(len(SYMBOLS), HIDDEN, weight_scale=weight_scale, rng=seed).forward(xs).hs[1:]
    half = np.arange(len(NAMES)) % 2 == 0
    targets = past[inside & half].reshape(-1, LAGS * len(SYMBOLS))
    weights = np.linalg.lstsq(_with_one(hs[inside & half]), targets, rcond=None)[0]
    states, wanted = hs[inside & ~half], past[inside & ~half]
    hits = np.take_along_axis(wanted, Probe(weights, np.empty(0)).read(states)[..., None], axis=2)
    return Probe(weights, hits[..., 0].sum(axis=0) / wanted.sum(axis=(0, 2)))


class ReadingLab(Lab):
    """See ``reading_lab``."""

    name = "reading_lab"
    stepped = "step"
    presets: ClassVar = {"short": {"weight_scale": 0.5}, "long": {"weight_scale": 1.0}, "chaos": {"weight_scale": 2.0}}

    def __init__(self, settings: Settings) -> None:
        super().__init__(LiveFigure(SIZE, TILES), _controls(), settings)

    def _set(self, settings: Settings) -> None:
        self.controls["step"].max = LONGEST  # beyond the word's end is its end, and the word may still change
        super()._set(settings)

    def _show(self) -> dict[str, View]:
        words = _words(self.settings)
        self._applying = True
        self.controls["step"].max = len(words[0])
        self._applying = False
        now = self.settings
        reading, limit = _read(now, words)
        known = {"H": HIDDEN, "longest": LONGEST, "words": list(words), "t": now["step"]}
        self.code = CODE.format(**now, **known)
        self.summary = _sentence(reading, now)
        return _views(reading, limit)


def reading_lab(**settings: Any) -> ReadingLab:
    """A random network reads a word, letter by letter: its state, and what is still in it of the letters before.

    Args:
        **settings: any of word (1 to 24 letters), step (1 to the length of the word; beyond it, the end), position (1
            to 8: which letter is changed), letter (what into), weight_scale (0.1 to 10), seed (0 to 999).

    Returns:
        The lab: ``settings``, ``apply(**settings)``, ``summary``, ``code``, ``close()``.

    Raises:
        ValueError, TypeError: a setting is unknown or out of range.

    Taught in notebook 03.
    """
    return ReadingLab(settings)


def _controls() -> dict[str, Any]:
    def label(name: str) -> str:
        return text(f"reading_lab.{name}")

    def slider(name: str, **traits: Any) -> Any:
        return labelled(ipywidgets.IntSlider, label(name), min=1, **traits)

    letters = [(letter.replace(" ", text("reading_lab.space")), letter) for letter in LETTERS]
    scale = {"value": 1, "min": -1, "max": 1, "step": 0.01, "readout_format": ".3g"}
    known = {"options": sorted(NAMES), "continuous_update": False}
    return {
        "word": labelled(ipywidgets.Combobox, label("word"), value="tanzania", **known),
        "step": slider("step", value=8, max=LONGEST),
        "position": slider("position", value=1, max=8),
        "letter": labelled(ipywidgets.Dropdown, label("letter"), options=letters, value="m"),
        "weight_scale": labelled(ipywidgets.FloatLogSlider, label("weight_scale"), **scale),
        "seed": labelled(ipywidgets.BoundedIntText, label("seed"), value=0, min=0, max=999),
    }


def _words(now: Settings) -> tuple[str, str]:
    """The word in small letters, and the same with one letter changed."""
    word, at = now["word"].lower(), now["position"] - 1
    unknown = sorted(set(word) - set(LETTERS))
    if unknown or not 1 <= len(word) <= LONGEST:
        wrong = f"the letters {unknown}" if unknown else f"{len(word)} letters"
        raise ValueError(f"word: expected 1 to {LONGEST} letters of country names, got {wrong}")
    at = min(at, len(word) - 1)
    return word, word[:at] + now["letter"] + word[at + 1 :]


def _read(now: Settings, words: tuple[str, str]) -> tuple[plots.Reading, int]:
    """What is drawn, and the limit of the plane."""
    t, seed = now["step"], now["seed"]
    hs = _states(list(words), now["weight_scale"], seed)
    others = {g: _gaps(_states(list(words), g, seed)) for g in OTHERS}
    paths = _plane(hs)
    probe = _probe(now["weight_scale"], seed)
    guesses = "".join(SYMBOLS[i] for i in probe.read(hs[t, :1])[0, :t])
    limit = next(limit for limit in LIMITS if np.abs(paths).max() < limit)
    return plots.Reading(t, words, hs[:, 0], paths, _gaps(hs), others, probe.found, guesses), limit


def _gaps(hs: Array) -> Array:
    return np.linalg.norm(hs[:, 0] - hs[:, 1], axis=1)


def _plane(hs: Array) -> Array:
    """Both paths (2, n+1, 2) on the two directions in which the states vary most, seen from h_0 = 0."""
    centred = hs - hs.mean(axis=(0, 1))
    _, _, directions = np.linalg.svd(centred.reshape(-1, HIDDEN), full_matrices=False)
    largest = np.take_along_axis(directions, np.abs(directions).argmax(axis=1, keepdims=True), axis=1)
    plane = directions[:2] * np.sign(largest[:2])  # a direction has no sign: its largest entry gets a plus
    return np.swapaxes(hs @ plane.T, 0, 1)


def _views(reading: plots.Reading, limit: int) -> dict[str, View]:
    words = reading.words
    counts = np.bincount([SYMBOLS.index(letter) for letter in "".join(NAMES)])
    guess = float(counts.max() / counts.sum())
    frames = {
        "states": (words, partial(plots.frame_states, words=words, units=HIDDEN)),
        "path": (limit, partial(plots.frame_path, limit=limit)),
        "gaps": (words[1], partial(plots.frame_gaps, words=words)),
        "found": (0, partial(plots.frame_found, lags=LAGS, guess=guess)),
    }
    draws = (plots.draw_states, plots.draw_path, plots.draw_gaps, plots.draw_found)
    return {panel: View(*frames[panel], partial(draw, data=reading)) for panel, draw in zip(frames, draws)}


def _sentence(reading: plots.Reading, now: Settings) -> str:
    """Where in the word, what is left of the change, and how far back the probe reads without a mistake."""
    t, (word, changed), gaps = reading.step, reading.words, reading.gaps
    right = next((k for k, guess in enumerate(reading.guesses) if guess != word[t - 1 - k]), len(reading.guesses))
    at = min(now["position"], len(word))
    said = {"t": t, "n": len(word), "word": word, "at": at, "old": word[at - 1], "new": changed[at - 1]}
    way = "same" if word == changed else "to_come" if t < at else "gone" if not gaps[t] else "differs"
    share = f"{gaps[t] / gaps[at]:.2g}" if way == "differs" else ""
    trace = text(f"reading_lab.{way}", **said, gap=f"{gaps[t]:.2g}", share=share)
    reads = "reads_all" if right == len(reading.guesses) else "reads" if right else "reads_none"
    return " ".join([trace, text(f"reading_lab.{reads}", t=t, right=right)])
