"""The sequence lab: text, sound and a time series, in order or shuffled, and who notices the difference."""

from __future__ import annotations

import base64
import html
import io
import wave
from functools import lru_cache, partial
from importlib import resources
from typing import Any, ClassVar, NamedTuple

import ipywidgets
import numpy as np

from rnnlib import RNN, Readout, sequences
from rnnlib.locale import text
from rnnlib.plots import sequences as plots
from rnnlib.validation import Array
from rnnlib.widgets.lab import Lab, Settings, labelled
from rnnlib.widgets.live import LiveFigure, View

WINDOW, LEVELS = 22, 8  # years: two cycles of the sun; levels of 25 sunspots
PAIRS, LONGEST, HIDDEN = 100, 16, 32


class Kind(NamedTuple):
    """Sequences of one kind: the inputs (T, D) of those learnt from and of new ones, and what the new ones show."""

    seen: list[Array]
    new: list[Array]
    shown: list[Any]


def text_kind() -> Kind:
    """Country names, letter by letter: every fifth is new, in English; the others are in English and in Spanish."""
    languages = [[name.lower() for name in sequences.country_names(language)] for language in ("en", "es")]
    symbols = sequences.vocabulary([name for names in languages for name in names])
    seen = [name for names in languages for i, name in enumerate(names) if i % 5 and len(name) <= LONGEST]
    new = [name for name in languages[0][::5] if len(name) <= LONGEST]
    seen_xs, new_xs = ([sequences.characters([name], symbols).xs[1:, 0] for name in names] for names in (seen, new))
    return Kind(seen_xs, new_xs, new)


def audio_kind() -> Kind:
    """Glides, by turns rising and falling; the first 40 are new."""
    sound = sequences.glides(PAIRS, rng=0)[0]
    frames = sound.reshape(len(sound), 2, PAIRS, -1).swapaxes(1, 2).reshape(sound.shape)
    every = list(sequences.spectra(frames).swapaxes(0, 1))
    return Kind(every[40:], every[:40], list(frames[:, :40].swapaxes(0, 1)))


def series_kind() -> Kind:
    """Sunspots, windows of 22 years; those after 1900 are new."""
    years, numbers = sequences.sunspots()
    levels = np.eye(LEVELS)[(numbers // 25).astype(int)]
    starts = range(len(years) - WINDOW + 1)
    seen = [levels[s : s + WINDOW] for s in starts if years[s] + WINDOW <= 1901]
    new = [s for s in starts if years[s] > 1900]
    return Kind(seen, [levels[s : s + WINDOW] for s in new], [(years[s], numbers[s : s + WINDOW]) for s in new])


KINDS = {"text": text_kind, "audio": audio_kind, "series": series_kind}
SIZE = (860, 520)
TILES = {
    "sequence": (0, 270, 560, 520),
    "bag": (560, 270, 860, 520),
    "sure": (0, 0, 560, 270),
    "right": (560, 0, 860, 270),
}
TOPS = (0.12, 0.25, 0.55, 1.05)  # of the bag's axis: the first that holds every bar
CODE = """import importlib.resources, numpy as np; from rnnlib import sequences
saved = np.load(importlib.resources.files("rnnlib") / "data/in_order.npz")
W_xh, W_hh, b_h, W_hy, b_y = (saved["{kind}/recurrent/" + name] for name in "W_xh W_hh b_h W_hy b_y".split())
h, xs = np.zeros({H}), {xs}
for x_t in xs: h = np.tanh(x_t @ W_xh + h @ W_hh + b_h)
print(f"{{1 / (1 + np.exp((h @ W_hy + b_y) @ [1, -1])):.0%}}")"""
NAMES = '[name.lower() for code in ("en", "es") for name in sequences.country_names(code)]'
INPUTS = {
    "text": f"sequences.characters([{{shown!r}}], sequences.vocabulary({NAMES})).xs[1:, 0]",
    "audio": f"sequences.spectra(sequences.glides({PAIRS}, rng=0)[0])[{{order}}, {{column}}]",
    "series": f"np.eye({LEVELS})[{{levels}}]",
}
AUDIO = '<audio controls aria-label="{words}" src="data:audio/wav;base64,{data}"></audio>'


@lru_cache(maxsize=3)
def _kind(name: str) -> Kind:
    return KINDS[name]()


@lru_cache(maxsize=6)
def _trained(kind: str, reader: str) -> tuple[RNN, Readout]:
    """The network that reads this kind, trained by data/make_in_order.py."""
    with resources.files("rnnlib").joinpath("data", "in_order.npz").open("rb") as file:
        saved = np.load(file)
        params = {name: saved[f"{kind}/{reader}/{name}"] for name in ("W_xh", "W_hh", "b_h", "W_hy", "b_y")}
    rnn, readout = RNN(len(params["W_xh"]), HIDDEN), Readout(HIDDEN, 2, every_step=True)
    for owner in (rnn, readout):
        owner.params = {name: params[name].astype(float) for name in owner.params}
    return rnn, readout


def _sure(kind: str, reader: str, xs: Array) -> Array:
    """How sure the reader is that xs (T, D) is in order: (T,) after every step; (1,) from the bag."""
    rnn, readout = _trained(kind, reader)
    steps = xs[:, None] if reader == "recurrent" else sequences.bag(xs[:, None])
    ys = readout.forward(rnn.forward(steps).hs)[:, 0]
    return np.asarray(1 / (1 + np.exp(ys[:, 0] - ys[:, 1])))


@lru_cache(maxsize=3)
def _right(kind: str) -> dict[str, float]:
    """The share that each reader tells right of all new sequences, each in order and shuffled."""
    rng, right = np.random.default_rng(0), {}
    asked = [(xs, rng.permutation(xs)) for xs in _kind(kind).new]
    for reader in plots.READERS:
        told = [(_sure(kind, reader, xs)[-1] > 0.5, _sure(kind, reader, mixed)[-1] < 0.5) for xs, mixed in asked]
        right[reader] = float(np.mean(told))
    return right


class SequenceLab(Lab):
    """See ``sequence_lab``."""

    name = "sequence_lab"
    presets: ClassVar = {**{kind: {"kind": kind, "shuffle": 0} for kind in KINDS}, "mixed": {"shuffle": 1}}

    def __init__(self, settings: Settings) -> None:
        self._sound = ipywidgets.HTML()
        super().__init__(LiveFigure(SIZE, TILES), _controls(), settings)

    def _extras(self) -> list[ipywidgets.Widget]:
        return [self._sound]

    def _show(self) -> dict[str, View]:
        now = self.settings
        kind, e = now["kind"], now["example"] - 1
        xs, shown = _kind(kind).new[e], _kind(kind).shown[e]
        order = np.arange(len(xs))
        if now["shuffle"]:
            order = np.random.default_rng(now["shuffle"]).permutation(order)
        heard = _heard(kind, xs[order], shown, order)
        known = {"order": order.tolist(), "column": e // 2 + PAIRS * (e % 2), "shown": heard.shown}
        inputs = INPUTS[kind].format(levels=xs[order].argmax(axis=1).tolist(), **known)
        self.code = CODE.format(kind=kind, H=HIDDEN, xs=inputs)
        what = _what(kind, shown, e)
        self.summary = _sentence(heard, what, bool(now["shuffle"]))
        self._sound.value = AUDIO.format(words=html.escape(what), data=_wav(shown[order])) if kind == "audio" else ""
        return _views(heard)


def sequence_lab(**settings: Any) -> SequenceLab:
    """Text, sound or a time series, in order or shuffled: a reader of the bag of inputs beside a recurrent net.

    Both were trained to tell sequences in order from shuffled ones; those shown here are new to them.

    Args:
        **settings: any of kind ("text", "audio" or "series"), example (1 to 20), shuffle (0 is in order; 1 to 50 are
            different shuffles).

    Returns:
        The lab: ``settings``, ``apply(**settings)``, ``summary``, ``code``, ``close()``.

    Raises:
        ValueError, TypeError: a setting is unknown or out of range.

    Taught in notebook 01.
    """
    return SequenceLab(settings)


def _controls() -> dict[str, Any]:
    kinds = [(text(f"sequence_lab.{kind}"), kind) for kind in KINDS]
    return {
        "kind": labelled(ipywidgets.Dropdown, text("sequence_lab.kind"), options=kinds),
        "example": labelled(ipywidgets.IntSlider, text("sequence_lab.example"), value=1, min=1, max=20),
        "shuffle": labelled(ipywidgets.IntSlider, text("sequence_lab.shuffle"), value=0, min=0, max=50),
    }


def _heard(kind: str, xs: Array, shown: Any, order: np.ndarray[Any, np.dtype[np.intp]]) -> plots.Heard:
    bag = xs.mean(axis=0)
    if kind == "text":
        shown, inside = "".join(shown[i] for i in order), bag > 0
        bag, words = bag[inside], [letter.replace(" ", "␣") for letter in sorted(set(shown))]
    elif kind == "audio":
        shown, words = xs, ["" if band % 5 else str(band) for band in range(len(bag))]
    else:
        shown, words = shown[1][order], [str(25 * level) for level in range(LEVELS)]
    sure = {reader: _sure(kind, reader, xs) for reader in plots.READERS}
    return plots.Heard(kind, shown, words, bag, sure, _right(kind))


def _views(heard: plots.Heard) -> dict[str, View]:
    kind, steps, words = heard.kind, len(heard.shown), heard.words
    top = next(top for top in TOPS if heard.bag.max() < top)
    sequence = partial(plots.frame_sequence, kind=kind, steps=steps)
    bag = partial(plots.frame_bag, kind=kind, words=words, top=top)
    sure = partial(plots.frame_sure, steps=steps)
    return {
        "sequence": View((kind, steps), sequence, partial(plots.draw_sequence, data=heard)),
        "bag": View((kind, words, top), bag, partial(plots.draw_bag, data=heard)),
        "sure": View(steps, sure, partial(plots.draw_sure, data=heard)),
        "right": View(0, plots.frame_right, partial(plots.draw_right, data=heard)),
    }


def _what(kind: str, shown: Any, example: int) -> str:
    """The sequence in words."""
    if kind == "text":
        return text("sequence_lab.name", name=shown)
    if kind == "audio":
        return text("sequence_lab.falling" if example % 2 else "sequence_lab.rising")
    return text("sequence_lab.years", first=shown[0], last=shown[0] + WINDOW - 1)


def _sentence(heard: plots.Heard, what: str, shuffled: bool) -> str:
    """How sure each reader is of this one, and how many new ones each tells right."""
    said = {reader: f"{sure[-1]:.0%}".replace("%", " %") for reader, sure in heard.sure.items()}
    right = {f"{reader}_right": f"{share:.0%}".replace("%", " %") for reader, share in heard.right.items()}
    order = text("sequence.shuffled" if shuffled else "sequence.in_order")
    return text("sequence_lab.sentence", what=what, order=order, **said, **right)


def _wav(frames: Array) -> str:
    """Sound as the bytes of a WAV file, in base 64: nothing is written to the disk."""
    file = io.BytesIO()
    with wave.open(file, "wb") as sound:
        sound.setparams((1, 2, sequences.SAMPLE_RATE, 0, "NONE", "not compressed"))
        sound.writeframes((0.5 * 32767 * frames.ravel()).astype("<i2").tobytes())
    return base64.b64encode(file.getvalue()).decode()
