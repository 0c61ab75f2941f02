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
    dh_0 = dh
    return dW_xh, dW_hh, db_h, dh_0


HS = unroll(XS, H_PREV[1:3], *WEIGHTS)
DHS = np.stack([DH_T[:2], DH_T[2:], DH_T[1:3]])
BATCH = (DHS, XS, np.arctanh(HS[1:]), HS)
exercise = Exercise(bptt, [(*(array[:, :1] for array in BATCH), WEIGHTS[1]), (*BATCH, WEIGHTS[1])])
