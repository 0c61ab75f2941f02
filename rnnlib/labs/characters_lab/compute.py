"""The numbers of the characters lab: the names, what needs no memory, and a training run."""

from collections.abc import Iterator
from functools import cache
from typing import NamedTuple

import numpy as np

from rnnlib import RNN, Adam, Readout, Training, cross_entropy, sequences
from rnnlib.sequences import END, Batch

HIDDEN, BATCH, DREAMS, UPDATES = 64, 32, 8, 800


class Corpus(NamedTuple):
    """Names, the C characters that they are made of, and the losses of two guesses, in nats a character.

    ``alike`` takes all characters as equally likely, ``frequencies`` as they come: ln C, and the entropy.
    """

    names: list[str]
    symbols: list[str]
    alike: float
    frequencies: float


@cache
def corpus() -> Corpus:
    """The country names."""
    names = sequences.country_names()
    symbols = sequences.vocabulary(names)
    counts = np.bincount([symbols.index(letter) for letter in "".join(name + END for name in names)])
    shares = counts[counts > 0] / counts.sum()
    return Corpus(names, symbols, float(np.log(len(symbols))), -float(shares @ np.log(shares)))


def begin(weight_scale: float, seed: int) -> tuple[Training, Iterator[Batch]]:
    """A training run, as the lab's code makes it, and batches without end."""
    names, symbols, *_ = corpus()
    C, draws = len(symbols), np.random.default_rng([seed, 1])
    model, readout = RNN(C, HIDDEN, weight_scale=weight_scale, rng=seed), Readout(HIDDEN, C, True, seed)
    batches = iter(lambda: sequences.characters(list(draws.choice(names, BATCH)), symbols), None)
    return Training(model, readout, cross_entropy, Adam()), batches
