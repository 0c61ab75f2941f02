"""The whole of backpropagation through time: the step back, for every t, with the gradient of h carried along."""

import numpy as np

from rnnlib.exercises.backward_step import DH_T, Back
from rnnlib.exercises.exercise import Exercise
from rnnlib.exercises.step import H_PREV, WEIGHTS
from rnnlib.exercises.unroll import XS, unroll
from rnnlib.validation import Array


def bptt(dhs: Array, xs: Array, pre: Array, hs: Array, W_hh: Array) -> Back:
    """dW_xh (D, H), dW_hh (H, H), db_h (H,) and dh_0 (B, H); dhs[t] is what the loss adds at hs[t + 1]."""
    dW_xh, dW_hh, db_h = np.zeros((xs.shape[-1], len(W_hh))), np.zeros(W_hh.shape), np.zeros(len(W_hh))
    dh = np.zeros(hs[0].shape)
    for t in reversed(range(len(xs))):
        dh = dhs[t] + dh
        da = dh * (1 - hs[t + 1] ** 2)
        dW_xh += xs[t].T @ da
        dW_hh += hs[t].T @ da
        db_h += da.sum(axis=0)
        dh = da @ W_hh.T
    return dW_xh, dW_hh, db_h, dh


def _walk(dhs: Array, slopes: Array, W_back: Array, dh: Array | float = 0) -> tuple[Array, Array]:
    """dL/da_t (T, B, H) and dL/dh_0 (B, H): the loop that the mistakes spoil."""
    das: list[Array] = []
    for t in reversed(range(len(dhs))):
        das.insert(0, (dhs[t] + dh) * slopes[t])
        dh = das[0] @ W_back
    return np.stack(das), das[0] @ W_back


def _collect(das: Array, dh_0: Array, xs: Array, before: Array) -> Back:
    return np.einsum("tbd,tbh->dh", xs, das), np.einsum("tbi,tbj->ij", before, das), das.sum(axis=(0, 1)), dh_0


def not_carried(dhs: Array, xs: Array, pre: Array, hs: Array, W_hh: Array) -> Back:
    """Each step right by itself, and the sequence wrong: dh of the step after never arrives."""
    das = dhs * (1 - hs[1:] ** 2)
    return _collect(das, das[0] @ W_hh.T, xs, hs[:-1])


def overwritten(dhs: Array, xs: Array, pre: Array, hs: Array, W_hh: Array) -> Back:
    """= for +=: what the first step says is all that is left."""
    das, dh_0 = _walk(dhs, 1 - hs[1:] ** 2, W_hh.T)
    return _collect(das[:1], dh_0, xs[:1], hs[:1])


def slope_of_a(dhs: Array, xs: Array, pre: Array, hs: Array, W_hh: Array) -> Back:
    """1 − a² for 1 − h²."""
    return _collect(*_walk(dhs, 1 - pre**2, W_hh.T), xs, hs[:-1])


def slope_before(dhs: Array, xs: Array, pre: Array, hs: Array, W_hh: Array) -> Back:
    """The slope taken at hs[t] for hs[t + 1]: one step off."""
    return _collect(*_walk(dhs, 1 - hs[:-1] ** 2, W_hh.T), xs, hs[:-1])


def wrong_transpose(dhs: Array, xs: Array, pre: Array, hs: Array, W_hh: Array) -> Back:
    """The gradient goes back through W_hh instead of its transpose."""
    return bptt(dhs, xs, pre, hs, W_hh.T)


def last_loss_only(dhs: Array, xs: Array, pre: Array, hs: Array, W_hh: Array) -> Back:
    """What the loss says at earlier steps left out."""
    return bptt(np.concatenate([0 * dhs[:-1], dhs[-1:]]), xs, pre, hs, W_hh)


def state_after(dhs: Array, xs: Array, pre: Array, hs: Array, W_hh: Array) -> Back:
    """dW_hh from the state after the step instead of the one before it."""
    return _collect(*_walk(dhs, 1 - hs[1:] ** 2, W_hh.T), xs, hs[1:])


def bias_not_summed(dhs: Array, xs: Array, pre: Array, hs: Array, W_hh: Array) -> Back:
    """The bias summed over the steps and not over the batch."""
    das, _ = _walk(dhs, 1 - hs[1:] ** 2, W_hh.T)
    dW_xh, dW_hh, _, dh_0 = bptt(dhs, xs, pre, hs, W_hh)
    return dW_xh, dW_hh, das.sum(axis=0), dh_0


def reused_between_sequences(dhs: Array, xs: Array, pre: Array, hs: Array, W_hh: Array) -> Back:
    """One sequence after the other, and dh not set back to zero in between."""
    das, dh = [], 0 * hs[0, :1]
    for b in range(xs.shape[1]):
        da, dh = _walk(dhs[:, b : b + 1], 1 - hs[1:, b : b + 1] ** 2, W_hh.T, dh)
        das.append((da, dh))
    joined, starts = zip(*das)
    return _collect(np.concatenate(joined, axis=1), np.concatenate(starts), xs, hs[:-1])


HS = unroll(XS, H_PREV[1:3], *WEIGHTS)
DHS = np.stack([DH_T[:2], DH_T[2:], DH_T[1:3]])
BATCH = (DHS, XS, np.arctanh(HS[1:]), HS)
exercise = Exercise.of(bptt, [(*(array[:, :1] for array in BATCH), WEIGHTS[1]), (*BATCH, WEIGHTS[1])])
