"""The vanilla recurrent network: h_t = f(x_t W_xh + h_{t-1} W_hh + b_h)."""

from dataclasses import dataclass
from typing import Self

import numpy as np

from rnnlib import activations
from rnnlib.recurrent import Params, Recurrent, StepBack, Trace
from rnnlib.validation import Array, DTypeLike, Seed


@dataclass(frozen=True)
class RNNTrace(Trace):
    """A forward pass of an RNN.

    Attributes:
        activation: f, with ``hs[t + 1]`` = f(``pre[t]``).
    """

    activation: activations.Activation


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
        self.activation = activations.activation(activation)
        super().__init__(input_size, hidden_size, weight_scale, recurrent_init, rng, dtype)

    def twin(self, params: Params | None = None, dtype: DTypeLike | None = None, activation: str | None = None) -> Self:
        """A network of the same sizes that shares nothing with this one: see ``Recurrent.twin``.

        Args:
            params: the parameters that are to differ.
            dtype: float64 or float32; that of this network if None.
            activation: f; that of this network if None.
        """
        twin = super().twin(params, dtype)
        twin.activation = activations.activation(self.activation.name if activation is None else activation)
        return twin

    def _trace(self, params: Params, xs: Array, drive: Array, *states: Array) -> RNNTrace:
        return RNNTrace(params, xs, states[0], drive, self.activation)

    def _step(self, trace: RNNTrace, t: int, a_t: Array, recur_t: Array) -> None:
        a_t += recur_t
        self.activation.f(a_t, out=trace.hs[t + 1])

    def _step_back(self, trace: RNNTrace, d_drive: Array, d_recur: Array) -> StepBack:
        if trace.activation.name != self.activation.name:
            raise ValueError(f"trace: expected one of a {self.activation.name} net, got {trace.activation.name}")
        slopes = self.activation.derivative(trace.pre)

        def step_back(t: int, dh_t: Array) -> None:
            np.multiply(dh_t, slopes[t], out=d_recur[t])  # da_t = dh_t ⊙ f'(a_t)

        return step_back
