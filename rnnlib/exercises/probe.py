"""A linear probe: fitted on states whose letters are known, it names the letters of other states."""

import numpy as np

from rnnlib.exercises.exercise import Exercise
from rnnlib.validation import Array


def probe(states: Array, labels: Array, new: Array) -> Array:
    """The labels (M,) that a linear probe reads from new (M, H), fitted on states (N, H) and their labels 0 … V−1."""
    one_hot = np.eye(labels.max() + 1)[labels]
    W, *_ = np.linalg.lstsq(np.column_stack([states, np.ones(len(states))]), one_hot, rcond=None)
    return (np.column_stack([new, np.ones(len(new))]) @ W).argmax(axis=1)


def _fitted(states: Array, targets: Array, new: Array) -> Array:
    """What a plane with a bias, fitted on states and targets, reads from new."""
    W, *_ = np.linalg.lstsq(np.column_stack([states, np.ones(len(states))]), targets, rcond=None)
    return np.column_stack([new, np.ones(len(new))]) @ W


def no_bias(states: Array, labels: Array, new: Array) -> Array:
    """A plane through the origin."""
    W, *_ = np.linalg.lstsq(states, np.eye(labels.max() + 1)[labels], rcond=None)
    return (new @ W).argmax(axis=1)


def labels_as_numbers(states: Array, labels: Array, new: Array) -> Array:
    """The index of a letter taken for a quantity."""
    return np.rint(_fitted(states, labels, new)).astype(int)


def scores(states: Array, labels: Array, new: Array) -> Array:
    """What the probe gives each letter, and no decision."""
    return _fitted(states, np.eye(labels.max() + 1)[labels], new)


def read_the_old(states: Array, labels: Array, new: Array) -> Array:
    """Judged on what it was fitted on."""
    return probe(states, labels, states)


def best_unit(states: Array, labels: Array, new: Array) -> Array:
    """The number of the unit, not of the letter."""
    return new.argmax(axis=1)


def _case(H: int, N: int, M: int, V: int, seed: int) -> tuple[Array, Array, Array]:
    """States around one centre for each letter, all of them off the origin."""
    rng = np.random.default_rng(seed)
    centres, labels = 3 + rng.standard_normal((V, H)), rng.permutation(np.arange(N + M) % V)
    states = np.tanh((centres[labels] + 0.4 * rng.standard_normal((N + M, H))) / 4)
    return states[:N], labels[:N], states[N:]


exercise = Exercise.of(probe, [_case(3, 24, 7, 3, 0), _case(4, 60, 30, 5, 1)])
