"""The numbers of the reading lab: a random network reads a word and a changed one, and a probe reads its states."""

from collections.abc import Mapping, Sequence
from functools import cache, lru_cache
from typing import NamedTuple

import numpy as np

from rnnlib import RNN, sequences
from rnnlib.locale import text
from rnnlib.validation import Array

HIDDEN, LAGS, LONGEST = 64, 10, 24
OTHERS = (0.5, 1.0, 2.0)  # weight scales that are drawn beside the present one
LIMITS = (2, 4, 6, 9)  # of the plane's axes: the first that holds both paths


class Lexicon(NamedTuple):
    """The words of a language that the probe knows.

    Attributes:
        names: country names in small letters.
        letters: what they are made of, a space too.
        symbols: the same with the END of a name.
        guess: the share of letters that always naming the most frequent one gets right.
    """

    names: list[str]
    letters: list[str]
    symbols: list[str]
    guess: float


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


@cache
def lexicon(language: str = "en") -> Lexicon:
    """The country names of this language."""
    names = [name.lower() for name in sequences.country_names(language) if len(name) <= LONGEST]
    said, symbols = "".join(names), sequences.vocabulary(names)
    letters = [symbol for symbol in symbols if symbol != sequences.END]
    return Lexicon(names, letters, symbols, max(map(said.count, letters)) / len(said))


def pair(word: str, position: int, letter: str, language: str = "en") -> tuple[str, str]:
    """The word in small letters, and the same with the letter at this position, or the last one, changed.

    Raises:
        ValueError: the word has none or too many letters, or one that no country's name in this language has.
    """
    word, at = word.lower(), min(position, len(word)) - 1
    unknown = sorted(set(word) - set(lexicon(language).letters))
    if unknown or not 1 <= len(word) <= LONGEST:
        wrong = "letters" if unknown else "length"
        raise ValueError(text(f"reading_lab.refused_{wrong}", longest=LONGEST, letters=unknown, count=len(word)))
    return word, word[:at] + letter + word[at + 1 :]


def inputs(words: Sequence[str], language: str = "en") -> Array:
    """Letters as one-hot inputs (T, B, V) that give a_t a variance of 0.25."""
    symbols = lexicon(language).symbols
    return sequences.characters(words, symbols).xs[1:] * np.sqrt(len(symbols)) / 2


def states(xs: Array, weight_scale: float, seed: int) -> Array:
    """(T+1, B, H) of the random network that reads these inputs."""
    return RNN(xs.shape[2], HIDDEN, weight_scale=weight_scale, rng=seed).forward(xs).hs


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
def corpus(language: str = "en") -> tuple[Array, Array, np.ndarray]:
    """For T steps of the names: inputs, letters x_{t-k} one-hot (T, B, LAGS, V), zero before the first, and a mask."""
    names, _, symbols, _ = lexicon(language)
    one_hot = sequences.characters(names, symbols).xs[1:]
    past = np.zeros((*one_hot.shape[:2], LAGS, len(symbols)))
    for k in range(LAGS):
        past[k:, :, k] = one_hot[: len(one_hot) - k]
    return inputs(names, language), past, one_hot.sum(axis=2) > 0


@lru_cache(maxsize=2)
def probe(weight_scale: float, seed: int, language: str = "en") -> tuple[Array, Array]:
    """What reads x_{t-k} from h_t, k = 0 … LAGS−1, by least squares on every other name, judged on the rest.

    Returns:
        (its weights (H+1, LAGS·V), the last row the bias; the share (LAGS,) that it reads right).
    """
    xs, past, inside = corpus(language)
    hs, even = states(xs, weight_scale, seed)[1:], np.arange(xs.shape[1]) % 2 == 0
    old, new = inside & even, inside & ~even
    weights = np.linalg.lstsq(_with_one(hs[old]), past[old].reshape(-1, LAGS * xs.shape[2]), rcond=None)[0]
    hits = np.take_along_axis(past[new], named(weights, hs[new])[..., None], axis=2)
    return weights, hits[..., 0].sum(axis=0) / past[new].sum(axis=(0, 2))


def named(weights: Array, hs: Array) -> np.ndarray:
    """(N, LAGS) the letters, by number, that a probe names from states (N, H)."""
    return (_with_one(hs) @ weights).reshape(len(hs), LAGS, -1).argmax(axis=2)


def _with_one(hs: Array) -> Array:
    """A column of ones beside the states (N, H), for the bias."""
    return np.column_stack([hs, np.ones(len(hs))])


def run(
    word: str, step: int, position: int, letter: str, weight_scale: float, seed: int, language: str = "en"
) -> Reading:
    """All that the lab shows at these settings; a step beyond the word's end is its end.

    Raises:
        ValueError: see ``pair``.
    """
    words = pair(word, position, letter, language)
    xs, n = inputs(words, language), len(words[0])
    hs, t = states(xs, weight_scale, seed), min(step, n)
    others = {g: distances(states(xs, g, seed)) for g in OTHERS}
    weights, found = probe(weight_scale, seed, language)
    guesses = "".join(lexicon(language).symbols[i] for i in named(weights, hs[t, :1])[0, :t])
    return Reading(t, min(position, n), words, hs[:, 0], plane(hs), distances(hs), others, found, guesses)
