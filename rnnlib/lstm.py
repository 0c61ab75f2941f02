"""The LSTM: gates i, f, o and the candidate g around a cell state that is added to, c_t = f ⊙ c_{t-1} + i ⊙ g."""

from dataclasses import dataclass

import numpy as np

from rnnlib.recurrent import Gradients, Params, Recurrent, StepBack, Trace
from rnnlib.validation import Array, DTypeLike, Seed, array, real


@dataclass(frozen=True)
class LSTMTrace(Trace):
    """A forward pass of an LSTM.

    Attributes:
        cs: (T+1, B, H) the cell states; ``cs[0]`` is c_0.
        gates: (T, B, 4H) i, f, g, o, the σ or tanh of their pre-activations.
    """

    cs: Array
    gates: Array


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
        bias = array("forget_bias", real("forget_bias", forget_bias), (), self.dtype)
        self.params["b_h"][self.hidden_size : 2 * self.hidden_size] = bias

    def forward(self, xs: object, h_0: object = None, c_0: object = None) -> LSTMTrace:
        """Run over a batch of sequences: see ``Recurrent.forward``; c_0 is (B, H), zeros if None."""
        return self._forward(xs, h_0=h_0, c_0=c_0)

    def backward(self, trace: LSTMTrace, dhs: object, dc_T: object = None) -> LSTMGradients:
        """Backpropagation through time: see ``Recurrent.backward``; dc_T (B, H) is ∂L/∂c_T, zeros if None."""
        return LSTMGradients(*self._backward(trace, dhs, dc_T=dc_T))

    def _trace(self, params: Params, xs: Array, drive: Array, *states: Array) -> LSTMTrace:
        return LSTMTrace(params, xs, states[0], drive, cs=states[1], gates=np.empty_like(drive))

    def _step(self, trace: LSTMTrace, t: int, a_t: Array, recur_t: Array) -> None:
        H, gates = self.hidden_size, trace.gates[t]
        a_t += recur_t
        np.divide(1, 1 + np.exp(-a_t), out=gates)  # σ, of all four blocks at once: that is quicker
        i, f, g, o = gates.reshape(len(gates), 4, H).swapaxes(0, 1)
        np.tanh(a_t[:, 2 * H : 3 * H], out=g)
        c_t = trace.cs[t + 1] = f * trace.cs[t] + i * g
        trace.hs[t + 1] = o * np.tanh(c_t)

    def _step_back(self, trace: LSTMTrace, d_drive: Array, d_recur: Array) -> StepBack:
        cs, pre, gates = trace.cs, trace.pre, self._split(trace.gates)
        # σ'(a) = (½ / cosh ½a)² and tanh'(a) = (1 / cosh a)²: right to the last digits even where σ or tanh round to 1.
        k = np.full_like(pre[0], np.repeat([0.5, 0.5, 1, 0.5], self.hidden_size))

        def step_back(t: int, dh: Array, dc: Array) -> None:
            (i, f, g, o), c_prev, c_t = gates[t], cs[t], cs[t + 1]
            do = dh * np.tanh(c_t)
            dc += dh * o * (1 / np.cosh(c_t)) ** 2
            di, df, dg = dc * g, dc * c_prev, dc * i
            da = np.concatenate((di, df, dg, do), axis=1, out=d_recur[t])
            da *= (k / np.cosh(k * pre[t])) ** 2
            dc *= f

        return step_back
