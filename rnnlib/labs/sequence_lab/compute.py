"""The numbers of the sequence lab: text, sound and a time series, and how sure two readers are of their order."""

from collections.abc import Sequence
from functools import cache
from typing import Any, NamedTuple

import numpy as np

from rnnlib import RNN, Readout, sequences
from rnnlib.labs.saved import saved
from rnnlib.validation import Array

WINDOW, LEVELS, NEW_FROM = 22, 8, 1901  # years: two cycles of the sun; levels of 25 sunspots
PAIRS, NEW_GLIDES, LONGEST, HIDDEN = 100, 40, 16, 32
COLUMNS = [pair + falling * PAIRS for pair in range(PAIRS) for falling in (0, 1)]  # of the glides: they come by turns
READERS = ("bag", "recurrent")
TOPS = (0.12, 0.25, 0.55, 1.05)  # of the bag's axis: the first that holds every bar


class Kind(NamedTuple):
    """Sequences of one kind.

    Attributes:
        names: what the D entries of an input stand for.
        seen: the inputs (T, D) of those learnt from.
        new: those of new ones.
        shown: what the new ones show: letters (T,), frames of sound (T, FRAME), or numbers (T,).
        titles: what the new ones are: a name, "rising" or "falling", or the first year.
    """

    names: Sequence[str]
    seen: list[Array]
    new: list[Array]
    shown: list[np.ndarray]
    titles: Sequence[Any]


class Heard(NamedTuple):
    """One sequence of T steps as it was put before both readers.

    Attributes:
        kind: "text", "audio" or "series".
        title: what it is: see ``Kind``.
        order: (T,) the place that each step has when nothing is shuffled, from 0.
        xs: (T, D) the inputs.
        shown: (T, …) what they show: see ``Kind``.
        words: what each entry of the bag stands for.
        bag: how much of each there is.
        sure: how sure each reader is that it is in order: the recurrent net (T,), after every step; the bag (1,), once.
        right: the share of new sequences that each reader tells right.
    """

    kind: str
    title: Any
    order: np.ndarray
    xs: Array
    shown: np.ndarray
    words: tuple[str, ...]
    bag: Array
    sure: dict[str, Array]
    right: dict[str, float]

    @property
    def top(self) -> float:
        """How high the bag's axis goes."""
        return next(top for top in TOPS if self.bag.max() < top)


def text_kind(language: str = "en") -> Kind:
    """Country names, letter by letter: every fifth is new, in this language; the others are in English and Spanish."""
    every = {code: [name.lower() for name in sequences.country_names(code)] for code in ("en", "es")}
    symbols = sequences.vocabulary([name for names in every.values() for name in names])
    seen = [name for names in every.values() for i, name in enumerate(names) if i % 5 and len(name) <= LONGEST]
    new = [name for name in every[language][::5] if len(name) <= LONGEST]
    seen_xs, new_xs = ([sequences.characters([name], symbols).xs[1:, 0] for name in names] for names in (seen, new))
    return Kind(symbols, seen_xs, new_xs, [np.array(list(name)) for name in new], new)


def audio_kind() -> Kind:
    """Glides, by turns rising and falling; the first 40 are new."""
    sound = sequences.glides(PAIRS, rng=0)[0][:, COLUMNS]
    xs, frames = list(sequences.spectra(sound).swapaxes(0, 1)), list(sound[:, :NEW_GLIDES].swapaxes(0, 1))
    titles = ["rising", "falling"] * (NEW_GLIDES // 2)
    return Kind([str(band) for band in range(sequences.BANDS)], xs[NEW_GLIDES:], xs[:NEW_GLIDES], frames, titles)


def series_kind() -> Kind:
    """Sunspots, windows of 22 years; those after 1900 are new."""
    years, numbers = sequences.sunspots()
    levels = np.eye(LEVELS)[(numbers // 25).astype(int)]
    windows = [(year, slice(s, s + WINDOW)) for s, year in enumerate(years[: 1 - WINDOW])]
    seen = [levels[window] for year, window in windows if year + WINDOW <= NEW_FROM]
    new = {year: window for year, window in windows if year >= NEW_FROM}
    names = [str(25 * level) for level in range(LEVELS)]
    return Kind(names, seen, [levels[w] for w in new.values()], [numbers[w] for w in new.values()], list(new))


KINDS = {"text": text_kind, "audio": audio_kind, "series": series_kind}


@cache
def kind_of(name: str, language: str = "en") -> Kind:
    """The sequences of this kind; text that is new is in this language."""
    return text_kind(language) if name == "text" else KINDS[name]()


@cache
def trained(kind: str, reader: str) -> tuple[RNN, Readout]:
    """The network that reads this kind, trained by data/make_in_order.py."""
    rnn = RNN(len(kind_of(kind).names), HIDDEN)
    return saved("in_order.npz", rnn, Readout(HIDDEN, 2, every_step=True), f"{kind}/{reader}/")


def sure(kind: str, reader: str, xs: Array) -> Array:
    """How sure the reader is that xs (T, D) is in order: (T,) after every step; (1,) from the bag."""
    rnn, readout = trained(kind, reader)
    steps = xs[:, None] if reader == "recurrent" else sequences.bag(xs[:, None])
    ys = readout.forward(rnn.forward(steps).hs)[:, 0]
    return np.asarray(1 / (1 + np.exp(ys[:, 0] - ys[:, 1])))


@cache
def right(kind: str, language: str = "en") -> dict[str, float]:
    """The share that each reader tells right of all new sequences, each in order and shuffled."""
    rng = np.random.default_rng(0)
    asked = [(xs, rng.permutation(xs)) for xs in kind_of(kind, language).new]
    told = {r: [(sure(kind, r, xs)[-1] > 0.5, sure(kind, r, mixed)[-1] < 0.5) for xs, mixed in asked] for r in READERS}
    return {reader: float(np.mean(each)) for reader, each in told.items()}


def run(kind: str, example: int, shuffle: int, language: str = "en") -> Heard:
    """All that the lab shows of one new sequence, from 1 on; a shuffle of 0 leaves it in order."""
    known, e = kind_of(kind, language), example - 1
    order = np.arange(len(known.new[e]))
    if shuffle:
        order = np.random.default_rng(shuffle).permutation(order)
    xs, shown = known.new[e][order], known.shown[e][order]
    bag = xs.mean(axis=0)
    entries = [i for i, share in enumerate(bag) if share > 0 or kind != "text"]
    words, answers = tuple(known.names[i] for i in entries), {reader: sure(kind, reader, xs) for reader in READERS}
    return Heard(kind, known.titles[e], order, xs, shown, words, bag[entries], answers, right(kind, language))
