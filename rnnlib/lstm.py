"""The LSTM: gates i, f, o and the candidate g around a cell state that is added to, c_t = f ⊙ c_{t-1} + i ⊙ g."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import DTypeLike

from rnnlib import validation
from rnnlib.recurrent import Gradients, Params, Recurrent, Seed, Step, StepBack, Trace
from rnnlib.validation import Array


@dataclass(frozen=True)
class LSTMTrace(Trace):
    """A forward pass of an LSTM.

    Attributes:
        cs: (T+1, B, H) the cell states; ``cs[0]`` is c_0.
        gates: (T, B, 4H) i, f, g, o after their σ or tanh.
        tanh_cs: (T, B, H) tanh(c_t), so that h_t = o ⊙ tanh(c_t).
    """

    cs: Array
    gates: Array
    tanh_cs: Array


@dataclass(frozen=True)
class LSTMGradients(Gradients):
    """Gradients of an LSTM.

    Attributes:
        cs: (T+1, B, H) dL/dc_t through every later step, with h_t held fixed; ``cs[0]`` is that of c_0.
    """

    cs: Array


class LSTM(Recurrent[LSTMTrace]):
    """A long short-term memory network.

    i, f, o = σ(…), g = tanh(…) of x_t W_xh + h_{t-1} W_hh + b_h; c_t = f ⊙ c_{t-1} + i ⊙ g; h_t = o ⊙ tanh(c_t).

    Args:
        input_size: D.
        hidden_size: H.
        weight_scale: multiplies each H×H block of W_hh.
        recurrent_init: the base matrix of each block: "gaussian" N(0, 1/H), "orthogonal" or "identity".
        forget_bias: where the bias of the forget gate starts; the others start at 0.
        rng: a seed or a generator.
        dtype: float64 or float32, kept throughout.

    Attributes:
        params: W_xh (D, 4H), W_hh (H, 4H), b_h (4H,), blocks in the order i, f, g, o; assigning into it changes the
            model.

    Raises:
        ValueError, TypeError: an argument is out of range, unknown or of a wrong type.

    Source: Hochreiter & Schmidhuber (1997), doi:10.1162/neco.1997.9.8.1735, with the forget gate of Gers, Schmidhuber &
    Cummins (2000), doi:10.1162/089976600300015015. Taught in notebook 06.
    """

    blocks = 4
    states = ("h", "c")
    trace_type = LSTMTrace

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        weight_scale: float = 1.0,
        recurrent_init: str = "gaussian",
        forget_bias: float = 1.0,
        rng: Seed = 0,
        dtype: DTypeLike = np.float64,
    ) -> None:
        super().__init__(input_size, hidden_size, weight_scale, recurrent_init, rng, dtype)
        bias = validation.array("forget_bias", validation.real("forget_bias", forget_bias), (), self.dtype)
        self.params["b_h"][self.hidden_size : 2 * self.hidden_size] = bias

    def forward(self, xs: object, h_0: object = None, c_0: object = None) -> LSTMTrace:
        """Run over a batch of sequences: see ``Recurrent.forward``; c_0 is (B, H), zeros if None."""
        return self._forward(xs, h_0=h_0, c_0=c_0)

    def backward(self, trace: LSTMTrace, dhs: object, dc_T: object = None) -> LSTMGradients:
        """Backpropagation through time: see ``Recurrent.backward``; dc_T (B, H) is ∂L/∂c_T, zeros if None."""
        params, dxs, (d_hs, d_cs) = self._backward(trace, dhs, dc_T=dc_T)
        return LSTMGradients(params, dxs, d_hs, d_cs)

    def _trace(self, params: Params, xs: Array, drive: Array, *states: Array) -> LSTMTrace:
        return LSTMTrace(params, xs, states[0], states[1], gates=drive, tanh_cs=np.empty_like(states[1][1:]))

    def _step(self, trace: LSTMTrace) -> Step:
        hs, cs, tanh_cs, gates = trace.hs, trace.cs, trace.tanh_cs, self._split(trace.gates)
        scale = np.ones_like(trace.gates[:1])  # of a whole step: nothing is broadcast in the loop
        self._split(scale)[2] = 2
        scale, minus = scale[0], -scale[0]

        def step(t: int, a_t: Array, recur_t: Array) -> None:
            a_t += recur_t
            # σ(a) = 1 / (1 + e^-a) and tanh(a) = 2 / (1 + e^-2a) − 1: one exponential for all four gates saves time.
            a_t *= minus
            np.exp(a_t, out=a_t)
            a_t += 1
            np.divide(scale, a_t, out=a_t)
            i, f, g, o = gates[:, t]
            g -= 1
            c_t = np.multiply(f, cs[t], out=cs[t + 1])
            c_t += i * g
            np.multiply(o, np.tanh(c_t, out=tanh_cs[t]), out=hs[t + 1])

        return step

    def _step_back(self, trace: LSTMTrace, d_drive: Array, d_recur: Array) -> StepBack:
        (i, f, g, o), (da_i, da_f, da_g, da_o) = self._split(trace.gates), self._split(d_recur)
        # What dh and dc are multiplied by is known before the loop: it is put into d_recur for all steps at once.
        np.subtract(1, trace.gates, out=d_recur)
        d_recur *= trace.gates  # σ' of i, f and o
        da_i *= g
        da_f *= trace.cs[:-1]
        np.multiply(i, 1 - g**2, out=da_g)
        da_o *= trace.tanh_cs
        dc_dh = 1 - trace.tanh_cs**2
        dc_dh *= o
        by_dc = self._split(d_recur)[:3]

        def step_back(t: int, dh_t: Array, dc_t: Array) -> None:
            dc_t += dh_t * dc_dh[t]
            by_dc[:, t] *= dc_t
            da_o[t] *= dh_t
            dc_t *= f[t]

        return step_back
