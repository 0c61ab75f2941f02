"""The numbers of the reading lab: a random network reads a word and a changed one, and a probe reads its states."""

from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from typing import NamedTuple

import numpy as np

from rnnlib import RNN, sequences
from rnnlib.locale import text
from rnnlib.validation import Array

HIDDEN, LAGS, LONGEST = 64, 10, 24
NAMES = [name.lower() for name in sequences.country_names() if len(name) <= LONGEST]
SYMBOLS = sequences.vocabulary(NAMES)
LETTERS = [symbol for symbol in SYMBOLS if symbol != sequences.END]
GUESS = max(map("".join(NAMES).count, LETTERS)) / len("".join(NAMES))  # right by always naming the most frequent letter
OTHERS = (0.5, 1.0, 2.0)  # weight scales that are drawn beside the present one
LIMITS = (2, 4, 6, 9)  # of the plane's axes: the first that holds both paths


class Reading(NamedTuple):
    """Two readings of a word of n letters, the second with one letter changed.

    Attributes:
        step: t, how many letters have been read.
        position: which letter is changed, from 1.
        words: the two words.
        hs: (n+1, H) states of the first.
        paths: (2, n+1, 2) both in the plane of their first two principal components.
        gaps: (n+1,) ‖Δh_t‖.
        others: the same at other weight scales, by the scale.
        found: (K,) the share of letters, of new names, that the probe reads right k steps later.
        guesses: what it reads from h_t: the letters of k = 0, 1, … steps before, as far as the word goes back.
    """

    step: int
    position: int
    words: tuple[str, str]
    hs: Array
    paths: Array
    gaps: Array
    others: Mapping[float, Array]
    found: Array
    guesses: str

    @property
    def share(self) -> float:
        """What is left of the first difference; 0 where there never was one."""
        return float(self.gaps[self.step] / (self.gaps[self.position] or 1))

    @property
    def right(self) -> int:
        """How many letters, from the last one back, the probe names without a mistake."""
        past = self.words[0][: self.step][::-1]
        return next((k for k, guess in enumerate(self.guesses) if guess != past[k]), len(self.guesses))

    @property
    def limit(self) -> int:
        """How far the plane's axes go."""
        return next(limit for limit in LIMITS if np.abs(self.paths).max() < limit)


def pair(word: str, position: int, letter: str) -> tuple[str, str]:
    """The word in small letters, and the same with the letter at this position, or the last one, changed.

    Raises:
        ValueError: the word has none or too many letters, or one that no country's name has.
    """
    word, at = word.lower(), min(position, len(word)) - 1
    unknown = sorted(set(word) - set(LETTERS))
    if unknown or not 1 <= len(word) <= LONGEST:
        wrong = "letters" if unknown else "length"
        raise ValueError(text(f"reading_lab.refused_{wrong}", longest=LONGEST, letters=unknown, count=len(word)))
    return word, word[:at] + letter + word[at + 1 :]


def inputs(words: Sequence[str]) -> Array:
    """Letters as one-hot inputs (T, B, V) that give a_t a variance of 0.25."""
    return sequences.characters(words, SYMBOLS).xs[1:] * np.sqrt(len(SYMBOLS)) / 2


def states(xs: Array, weight_scale: float, seed: int) -> Array:
    """(T+1, B, H) of the random network that reads these inputs."""
    return RNN(len(SYMBOLS), HIDDEN, weight_scale=weight_scale, rng=seed).forward(xs).hs


def distances(hs: Array) -> Array:
    """‖Δh_t‖ (T+1,) of two runs (T+1, 2, H)."""
    return np.linalg.norm(hs[:, 0] - hs[:, 1], axis=1)


def plane(hs: Array) -> Array:
    """Both paths (2, T+1, 2) on the two directions in which the states vary most, seen from h_0 = 0."""
    centred = hs - hs.mean(axis=(0, 1))
    directions = np.linalg.svd(centred.reshape(-1, HIDDEN), full_matrices=False)[2][:2]
    largest = np.take_along_axis(directions, np.abs(directions).argmax(axis=1, keepdims=True), axis=1)
    directions *= np.sign(largest)  # a direction has no sign: its largest entry gets a plus
    return np.swapaxes(hs @ directions.T, 0, 1)


@cache
def corpus() -> tuple[Array, Array, np.ndarray]:
    """For T steps of the names: inputs, letters x_{t-k} one-hot (T, B, LAGS, V), zero before the first, and a mask."""
    one_hot = sequences.characters(NAMES, SYMBOLS).xs[1:]
    past = np.zeros((*one_hot.shape[:2], LAGS, len(SYMBOLS)))
    for k in range(LAGS):
        past[k:, :, k] = one_hot[: len(one_hot) - k]
    return inputs(NAMES), past, one_hot.sum(axis=2) > 0


@lru_cache(maxsize=2)
def probe(weight_scale: float, seed: int) -> tuple[Array, Array]:
    """What reads x_{t-k} from h_t, k = 0 … LAGS−1, by least squares on every other name, judged on the rest.

    Returns:
        (its weights (H+1, LAGS·V), the last row the bias; the share (LAGS,) that it reads right).
    """
    xs, past, inside = corpus()
    hs, even = states(xs, weight_scale, seed)[1:], np.arange(len(NAMES)) % 2 == 0
    old, new = inside & even, inside & ~even
    weights = np.linalg.lstsq(_with_one(hs[old]), past[old].reshape(-1, LAGS * len(SYMBOLS)), rcond=None)[0]
    hits = np.take_along_axis(past[new], named(weights, hs[new])[..., None], axis=2)
    return weights, hits[..., 0].sum(axis=0) / past[new].sum(axis=(0, 2))


def named(weights: Array, hs: Array) -> np.ndarray:
    """(N, LAGS) the letters, by number, that a probe names from states (N, H)."""
    return (_with_one(hs) @ weights).reshape(len(hs), LAGS, -1).argmax(axis=2)


def _with_one(hs: Array) -> Array:
    """A column of ones beside the states (N, H), for the bias."""
    return np.column_stack([hs, np.ones(len(hs))])


def run(word: str, step: int, position: int, letter: str, weight_scale: float, seed: int) -> Reading:
    """All that the lab shows at these settings; a step beyond the word's end is its end.

    Raises:
        ValueError: see ``pair``.
    """
    words = pair(word, position, letter)
    xs, n = inputs(words), len(words[0])
    hs, t = states(xs, weight_scale, seed), min(step, n)
    others = {g: distances(states(xs, g, seed)) for g in OTHERS}
    weights, found = probe(weight_scale, seed)
    guesses = "".join(SYMBOLS[i] for i in named(weights, hs[t, :1])[0, :t])
    return Reading(t, min(position, n), words, hs[:, 0], plane(hs), distances(hs), others, found, guesses)
