"""The sequences: text, a time series and sound, and three tasks with a long lag whose best guess is known.

A batch has inputs ``xs`` (T, B, D), time first, its targets, and a mask where not every output counts. Every function
that draws takes a generator, or a seed; a seed draws apart from a network of the same seed.
"""

import csv
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import numpy as np

from rnnlib.validation import Array, Seed, array, choice, generator, integer

END = "\n"  # begins and ends every text
SAMPLE_RATE = 8000  # of the glides, in samples a second
FRAME = 200  # samples in a frame of a glide: 25 ms
BANDS = 16
SYMBOLS = "abcdXYEB"  # of the temporal order task: distractors, X and Y, beginning and end


class Batch(NamedTuple):
    """Sequences and what is wanted of them.

    Attributes:
        xs: (T, B, D) inputs.
        targets: numbers (T, B, K) or (B, K), or labels (T, B) or (B,).
        mask: booleans (T, B), True where an output counts; None where all do.
    """

    xs: Array
    targets: np.ndarray
    mask: np.ndarray | None = None


def pad(sequences: Iterable[object]) -> tuple[Array, np.ndarray]:
    """Sequences of unequal length as one array, zeros behind each end.

    A network steps on over the zeros, so that its state at T is not what a shorter sequence left behind, and a readout
    at T would be silently wrong. Hand the lengths on, to the readout or as a batch (xs, targets, None, lengths).
    With a readout at every step a mask does the same: ``np.arange(len(xs))[:, None] < lengths``.

    Args:
        sequences: B arrays (T_b, D) each.

    Returns:
        xs (T, B, D), T the largest T_b; lengths (B,), the T_b.

    Raises:
        ValueError, TypeError: there is none, or one has a wrong shape or type or is not finite.
    """
    each: list[Array] = []
    for b, one in enumerate(sequences):
        each.append(array(f"sequences[{b}]", one, ("T", each[0].shape[1] if each else "D")))
    B, lengths = integer("number of sequences", len(each)), np.array([len(one) for one in each])
    xs = np.zeros((lengths.max(), B, each[0].shape[1]))
    for b, one in enumerate(each):
        xs[: len(one), b] = one
    return xs, lengths


def country_names(language: str = "en") -> list[str]:
    """The names of 256 countries and territories, sorted by code, from Unicode CLDR 47 (Unicode License v3).

    Args:
        language: "en" or "es".

    Raises:
        ValueError, TypeError: the language is another one.
    """
    column = choice("language", language, ("en", "es"))
    return [row[column] for row in _table("country_names.csv")]


def vocabulary(texts: Sequence[str]) -> list[str]:
    """Every character of the texts once, sorted, with the END that begins and ends a text; errors as ``characters``."""
    return sorted({END}.union(*_without_end(texts)))


def characters(texts: Sequence[str], symbols: Sequence[str]) -> Batch:
    """Texts to be foretold, character by character.

    Args:
        texts: B texts. An END at the end of one is the one that it gets anyway: lines of a file come with it.
        symbols: the vocabulary, V characters with END among them.

    Returns:
        xs (T, B, V), one-hot, END first; labels (T, B), the index of the character that comes next, END last; the mask
        is True up to there. T is the longest text's length + 1. What lies behind END is zero.

    Raises:
        ValueError: a text holds a character that symbols has not, or an END before its end, which would make two texts
            of it; or there is no text.
        TypeError: what came is one text instead of several, or holds something else.
    """
    texts = _without_end(texts)
    unknown = sorted({END}.union(*texts) - set(symbols))
    if unknown or not texts:
        raise ValueError(f"texts: expected texts of the characters in symbols, got {unknown or 'no text'}")
    index, one_hot = {symbol: i for i, symbol in enumerate(symbols)}, np.eye(len(symbols))
    codes = [np.array([index[symbol] for symbol in END + text + END]) for text in texts]
    xs, lengths = pad(one_hot[each[:-1]] for each in codes)
    labels, _ = pad(each[1:, None] for each in codes)
    return Batch(xs, labels[..., 0].astype(int), np.arange(len(xs))[:, None] < lengths)


def _without_end(texts: Iterable[str]) -> list[str]:
    came = list(texts) if isinstance(texts, Iterable) else [None]
    if isinstance(texts, str) or not all(isinstance(text, str) for text in came):
        raise TypeError(f"texts: expected several texts, got {texts!r}")
    if torn := [text for text in came if END in text[:-1]]:
        raise ValueError(f"texts: expected END nowhere but at the end of a text, got {torn[0]!r}")
    return [text.removesuffix(END) for text in came]


def sunspots() -> tuple[np.ndarray, Array]:
    """Years (309,) 1700–2008 and the mean sunspot number (309,) of each; public domain, US NGDC through statsmodels."""
    table = _table("sunspots.csv")
    return np.array([int(row["year"]) for row in table]), np.array([float(row["number"]) for row in table])


def glides(pairs: int, rng: Seed, steps: int = 16) -> tuple[Array, np.ndarray]:
    """Rising and falling tones. A falling one is a rising one with its frames put in reverse order.

    So the two have exactly the same frames, and only the order tells them apart.

    Args:
        pairs: how many glides; each comes rising and falling.
        rng: a seed or a generator.
        steps: T, frames in a glide.

    Returns:
        (T, B, FRAME) frames of sound in [−1, 1], SAMPLE_RATE samples a second, B = 2·pairs, the rising ones first;
        (B,) labels, 0 rising and 1 falling. ``frames[:, b].ravel()`` can be played.

    Raises:
        ValueError, TypeError: an argument is out of range or of a wrong type.
    """
    B, T = integer("pairs", pairs), integer("steps", steps, at_least=2)
    random = generator("rng", rng, 1)
    low, octaves, phase = random.uniform(300, 600, (B, 1)), random.uniform(1, 2, (B, 1)), random.random((B, 1))
    hertz = low * 2 ** (octaves * np.arange(T * FRAME) / (T * FRAME))
    waves = np.sin(2 * np.pi * (phase + np.cumsum(hertz, axis=1) / SAMPLE_RATE))
    # Every frame fades in and out: no click where two meet.
    rising = waves.reshape(B, T, FRAME).swapaxes(0, 1) * np.minimum(1, 8 * np.hanning(FRAME))
    return np.concatenate([rising, rising[::-1]], axis=1), np.repeat([0, 1], B)


@np.errstate(under="ignore")
def spectra(frames: object) -> Array:
    """How loud each frame is in each of BANDS bands of 240 Hz: inputs (T, B, BANDS), between 0 and about 1.

    Args:
        frames: (T, B, FRAME) sound, SAMPLE_RATE samples a second.

    Raises:
        ValueError, TypeError: frames has a wrong shape or type or is not finite.
    """
    sound = array("frames", frames, ("T", "B", FRAME))
    power = np.abs(np.fft.rfft(sound * np.hanning(FRAME))) ** 2
    return np.sqrt(power[..., : 6 * BANDS].reshape(*sound.shape[:2], BANDS, 6).sum(axis=-1)) * 4 / FRAME


@np.errstate(under="ignore")
def bag(xs: object) -> Array:
    """The bag of inputs: their mean over time (1, B, D), which says what was there and nothing of when."""
    return array("xs", xs, ("T", "B", "D")).mean(axis=0, keepdims=True)


def echo(steps: int, batch: int, lag: int, rng: Seed) -> Batch:
    """Say again what was heard ``lag`` steps ago.

    Predicting 0, the best guess without memory, has a mean squared error of 1.

    Args:
        steps: T, above lag.
        batch: B.
        lag: 0 asks for what is heard now.
        rng: a seed or a generator.

    Returns:
        xs (T, B, 1) of −1 and +1; targets (T, B, 1), xs of lag steps before; the mask is False in the first lag steps.

    Raises:
        ValueError, TypeError: an argument is out of range or of a wrong type.
    """
    delay, B = integer("lag", lag, at_least=0), integer("batch", batch)
    T = integer("steps", steps, at_least=delay + 1)
    xs = generator("rng", rng, 1).choice([-1.0, 1.0], (T, B, 1))
    targets, mask = np.zeros_like(xs), np.zeros((T, B), bool)
    targets[delay:], mask[delay:] = xs[: T - delay], True
    return Batch(xs, targets, mask)


def adding(steps: int, batch: int, rng: Seed) -> Batch:
    """Add the two marked numbers among many.

    Predicting 1, the best guess without memory, has a mean squared error of 1/6: the variance of a sum of two U(0, 1).

    Args:
        steps: T, at least 2.
        batch: B.
        rng: a seed or a generator.

    Returns:
        xs (T, B, 2): numbers U(0, 1), and markers, 1 at one place in the first half and at one in the second, else 0;
        targets (B, 1): the sum of the two marked numbers.

    Raises:
        ValueError, TypeError: an argument is out of range or of a wrong type.

    Source: Hochreiter & Schmidhuber (1997), doi:10.1162/neco.1997.9.8.1735, in the form of Le, Jaitly & Hinton (2015),
    arXiv:1504.00941.
    """
    T, B = integer("steps", steps, at_least=2), integer("batch", batch)
    random, every = generator("rng", rng, 1), np.arange(B)
    xs = np.zeros((T, B, 2))
    xs[..., 0] = random.random((T, B))
    for start, stop in ((0, T // 2), (T // 2, T)):
        xs[random.integers(start, stop, B), every, 1] = 1
    return Batch(xs, (xs[..., 0] * xs[..., 1]).sum(axis=0)[:, None])


def temporal_order(steps: int, batch: int, rng: Seed) -> Batch:
    """Tell in which order two symbols came: X or Y early, X or Y late, distractors elsewhere.

    Guessing among the four classes has a cross-entropy of ln 4 and 75 % errors. The bag of inputs gets 75 % right:
    it sees two X and two Y, but cannot tell XY from YX.

    Args:
        steps: T, at least 10. With T = 50 the first place is in the steps 4–13 and the second in 26–40.
        batch: B.
        rng: a seed or a generator.

    Returns:
        xs (T, B, 8), one-hot in the order of SYMBOLS: E first, B last, X or Y at the two places, a, b, c or d
        elsewhere; labels (B,): 0 XX, 1 XY, 2 YX, 3 YY.

    Raises:
        ValueError, TypeError: an argument is out of range or of a wrong type.

    Source: Hochreiter & Schmidhuber (1997), doi:10.1162/neco.1997.9.8.1735, experiment 6a.
    """
    T, B = integer("steps", steps, at_least=10), integer("batch", batch)
    random, every = generator("rng", rng, 1), np.arange(B)
    codes = random.integers(4, size=(T, B))
    codes[0], codes[-1] = SYMBOLS.index("E"), SYMBOLS.index("B")
    early, late = random.integers(2, size=(2, B))
    codes[random.integers(max(1, 3 * T // 50), 13 * T // 50, B), every] = 4 + early
    codes[random.integers(T // 2, 4 * T // 5, B), every] = 4 + late
    return Batch(np.eye(len(SYMBOLS))[codes], 2 * early + late)


def _table(name: str) -> list[dict[str, str]]:
    from importlib import resources  # here: it takes longer to import than all of rnnlib

    text = resources.files("rnnlib").joinpath("data", name).read_text(encoding="utf-8")
    return list(csv.DictReader(text.splitlines()))
