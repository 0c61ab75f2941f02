"""The vanilla recurrent network: h_t = f(x_t W_xh + h_{t-1} W_hh + b_h)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import DTypeLike

from rnnlib.activations import Activation
from rnnlib.activations import activation as activation_named
from rnnlib.recurrent import Params, Recurrent, Seed, Step, StepBack, Trace
from rnnlib.validation import Array


@dataclass(frozen=True)
class RNNTrace(Trace):
    """A forward pass of an RNN.

    Attributes:
        pre: (T, B, H) the pre-activations; ``pre[t]`` is a_{t+1}, and ``hs[t + 1]`` = f(``pre[t]``).
        activation: f.
    """

    pre: Array
    activation: Activation


class RNN(Recurrent[RNNTrace]):
    """A vanilla recurrent network.

    Args:
        input_size: D.
        hidden_size: H.
        activation: f: "tanh", "relu", "sigmoid" or "identity".
        weight_scale: multiplies the base matrix of W_hh; it is, near enough, the spectral radius.
        recurrent_init: the base matrix: "gaussian" N(0, 1/H), "orthogonal" or "identity".
        rng: a seed or a generator. W_xh ~ N(0, 1/D) and the base depend on neither scale nor activation.
        dtype: float64 or float32, kept throughout.

    Attributes:
        params: W_xh (D, H), W_hh (H, H), b_h (H,), the bias zero at the start; assigning into it changes the model.

    Raises:
        ValueError, TypeError: an argument is out of range, unknown or of a wrong type.

    Source: Elman (1990), doi:10.1207/s15516709cog1402_1. Taught in notebook 02.
    """

    trace_type = RNNTrace

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        activation: str = "tanh",
        weight_scale: float = 1.0,
        recurrent_init: str = "gaussian",
        rng: Seed = 0,
        dtype: DTypeLike = np.float64,
    ) -> None:
        self.activation = activation_named(activation)
        super().__init__(input_size, hidden_size, weight_scale, recurrent_init, rng, dtype)

    def _trace(self, params: Params, xs: Array, drive: Array, *states: Array) -> RNNTrace:
        return RNNTrace(params, xs, states[0], pre=drive, activation=self.activation)

    def _step(self, trace: RNNTrace) -> Step:
        f, hs = self.activation.f, trace.hs

        def step(t: int, a_t: Array, recur_t: Array) -> None:
            a_t += recur_t
            f(a_t, out=hs[t + 1])

        return step

    def _step_back(self, trace: RNNTrace, d_drive: Array, d_recur: Array) -> StepBack:
        if trace.activation is not self.activation:
            raise ValueError(f"trace: expected one of a {self.activation.name} net, got {trace.activation.name}")
        slopes = self.activation.derivative(trace.pre)

        def step_back(t: int, dh_t: Array) -> None:
            np.multiply(dh_t, slopes[t], out=d_recur[t])  # da_t = dh_t ⊙ f'(a_t)

        return step_back
