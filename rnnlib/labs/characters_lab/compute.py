"""The numbers of the characters lab: names to learn from and names held out, three simple guesses, a training run."""

from collections.abc import Iterator
from functools import lru_cache
from typing import NamedTuple

import numpy as np

from rnnlib import RNN, Adam, Readout, Training, cross_entropy, sequences
from rnnlib.sequences import Batch

HIDDEN, BATCH, DREAMS, UPDATES = 64, 32, 8, 800
HELD_OUT, EVERY = 26, 10  # names that nothing is learnt from; how many updates until their loss is taken again
ADDED = 0.1  # to every count: what never came may still come


class Corpus(NamedTuple):
    """Names, and the C characters that all of them are made of.

    Attributes:
        names: what is learnt from.
        held_out: the others, as a batch.
        symbols: the characters.
        guesses: the loss on the held out names, in nats a character, if all characters are equally likely, if they come
            as often as in the names, and if they come as often as there after the character before.
    """

    names: list[str]
    held_out: Batch
    symbols: list[str]
    guesses: tuple[float, float, float]


@lru_cache(maxsize=2)
def corpus(seed: int, language: str = "en") -> Corpus:
    """The country names of this language, some of them held out."""
    every = sequences.country_names(language)
    symbols, order = sequences.vocabulary(every), list(np.random.default_rng([seed, 2]).permutation(every))
    names, held_out = order[HELD_OUT:], sequences.characters(order[:HELD_OUT], symbols)
    counts = np.zeros((len(symbols), len(symbols)))
    np.add.at(counts, _pairs(sequences.characters(names, symbols)), 1)
    before, after = _pairs(held_out)
    chances = np.full(len(after), 1 / len(symbols)), _shares(counts.sum(axis=0))[after], _shares(counts)[before, after]
    alike, frequencies, pairs = (-float(np.log(each).mean()) for each in chances)
    return Corpus(names, held_out, symbols, (alike, frequencies, pairs))


def begin(weight_scale: float, seed: int, language: str = "en") -> tuple[Training, Iterator[Batch]]:
    """A training run, as the lab's code makes it, and batches without end."""
    names, _, symbols, _ = corpus(seed, language)
    C, draws = len(symbols), np.random.default_rng([seed, 1])
    model, readout = RNN(C, HIDDEN, weight_scale=weight_scale, rng=seed), Readout(HIDDEN, C, True, seed)
    batches = iter(lambda: sequences.characters(list(draws.choice(names, BATCH)), symbols), None)
    return Training(model, readout, cross_entropy, Adam()), batches


def _pairs(batch: Batch) -> tuple[np.ndarray, np.ndarray]:
    """Every character of a batch, and the one that follows it, by number."""
    return batch.xs.argmax(axis=2)[batch.mask], batch.targets[batch.mask]


def _shares(counts: np.ndarray) -> np.ndarray:
    """Counts as shares of their row."""
    return (counts + ADDED) / (counts + ADDED).sum(axis=-1, keepdims=True)
