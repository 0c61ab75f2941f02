"""A whole sequence: the same step for every input, each from the state that the last one left."""

import numpy as np

from rnnlib.exercises.exercise import Exercise
from rnnlib.exercises.step import H_PREV, WEIGHTS, X_T, step
from rnnlib.validation import Array


def unroll(xs: Array, h_0: Array, W_xh: Array, W_hh: Array, b_h: Array) -> Array:
    """All states, hs (T+1, B, H) with hs[0] = h_0, from xs (T, B, D)."""
    hs = np.zeros((len(xs) + 1, *h_0.shape))
    hs[0] = h_0
    for t, x_t in enumerate(xs):
        hs[t + 1] = np.tanh(x_t @ W_xh + hs[t] @ W_hh + b_h)
    return hs


def never_carried_on(xs: Array, h_0: Array, *weights: Array) -> Array:
    """Every step right by itself, and every one from h_0."""
    return np.stack([h_0, *(step(x_t, h_0, *weights) for x_t in xs)])


def without_h_0(xs: Array, h_0: Array, *weights: Array) -> Array:
    """T states instead of T+1."""
    return unroll(xs, h_0, *weights)[1:]


def last_only(xs: Array, h_0: Array, *weights: Array) -> Array:
    """The last state instead of all."""
    return unroll(xs, h_0, *weights)[-1]


def h_0_ignored(xs: Array, h_0: Array, *weights: Array) -> Array:
    """Started from zeros whatever came."""
    return unroll(xs, 0 * h_0, *weights)


def overwritten(xs: Array, h_0: Array, *weights: Array) -> Array:
    """One array kept T+1 times, so that every entry shows the last state."""
    return np.stack([last_only(xs, h_0, *weights)] * (len(xs) + 1))


def reused_between_sequences(xs: Array, h_0: Array, *weights: Array) -> Array:
    """The sequences of the batch one after the other, each from where the one before ended."""
    hs, h = [], h_0[:1]
    for b in range(xs.shape[1]):
        hs.append(unroll(xs[:, b : b + 1], h, *weights))
        h = hs[-1][-1]
    return np.concatenate(hs, axis=1)


def backwards(xs: Array, h_0: Array, *weights: Array) -> Array:
    """The inputs read from the last to the first."""
    return unroll(xs[::-1], h_0, *weights)


XS = np.stack([X_T[:2], X_T[2:], X_T[1:3]])  # (T, B, D) = (3, 2, 2)
CASES = [(XS[:, :1], H_PREV[1:2], *WEIGHTS), (XS, H_PREV[1:3], *WEIGHTS)]
exercise = Exercise.of(unroll, CASES)
