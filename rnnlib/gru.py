"""The GRU: gates r and z, and a state that moves only part of the way, h_t = (1 − z) ⊙ n + z ⊙ h_{t-1}."""

from dataclasses import dataclass

import numpy as np

from rnnlib.recurrent import Params, Recurrent, StepBack, Trace
from rnnlib.validation import Array


@dataclass(frozen=True)
class GRUTrace(Trace):
    """A forward pass of a GRU.

    Attributes:
        gates: (T, B, 3H) r, z, n, the σ or tanh of their pre-activations.
        recur_n: (T, B, H) h_{t-1} W_hn + b_hn, the part of n that r multiplies.
    """

    gates: Array
    recur_n: Array


class GRU(Recurrent[GRUTrace]):
    """A gated recurrent unit network, in the variant that PyTorch has.

    r, z = σ(x_t W_x + h_{t-1} W_h + b); n = tanh(x_t W_xn + b_n + r ⊙ (h_{t-1} W_hn + b_hn));
    h_t = (1−z) ⊙ n + z ⊙ h_{t-1}.

    Args:
        input_size: D.
        hidden_size: H.
        weight_scale: multiplies each H×H block of W_hh.
        recurrent_init: the base matrix of each block: "gaussian" N(0, 1/H), "orthogonal" or "identity".
        rng: a seed or a generator.
        dtype: float64 or float32, kept throughout.

    Attributes:
        params: W_xh (D, 3H), W_hh (H, 3H), b_h (3H,), blocks in the order r, z, n, and b_hn (H,), the biases zero at
            the start; assigning into it changes the model.

    Raises:
        ValueError, TypeError: an argument is out of range, unknown or of a wrong type.

    Source: Cho et al. (2014), doi:10.3115/v1/D14-1179; here r multiplies after the product. Taught in notebook 06.
    """

    blocks = 3
    trace_type = GRUTrace

    def shapes(self) -> dict[str, tuple[int, ...]]:
        """The shape of every parameter, by name."""
        return super().shapes() | {"b_hn": (self.hidden_size,)}

    def buffers(self, trace: GRUTrace) -> tuple[Array, Array]:
        """Room for the gradients of drive and recur, (T, B, 3H) each: r makes their n blocks differ."""
        return np.empty_like(trace.pre), np.empty_like(trace.pre)

    def _trace(self, params: Params, xs: Array, drive: Array, *states: Array) -> GRUTrace:
        return GRUTrace(params, xs, states[0], drive, np.empty_like(drive), recur_n=np.empty_like(states[0][1:]))

    def _step(self, trace: GRUTrace, t: int, a_t: Array, recur_t: Array) -> None:
        H, gates, recur_n = self.hidden_size, trace.gates[t], trace.recur_n[t]
        a_rz, a_z, a_n = a_t[:, : 2 * H], a_t[:, H : 2 * H], a_t[:, 2 * H :]
        r, z, n = gates.reshape(len(gates), 3, H).swapaxes(0, 1)
        a_rz += recur_t[:, : 2 * H]
        np.divide(1, 1 + np.exp(-a_rz), out=gates[:, : 2 * H])  # σ
        np.add(recur_t[:, 2 * H :], trace.params["b_hn"], out=recur_n)
        a_n += r * recur_n
        np.tanh(a_n, out=n)
        trace.hs[t + 1] = n / (1 + np.exp(a_z)) + z * trace.hs[t]  # 1 − z = σ(−a_z), even where z rounds to 1

    def _step_back(self, trace: GRUTrace, d_drive: Array, d_recur: Array) -> StepBack:
        hs, recur_n, pre = trace.hs, trace.recur_n, trace.pre
        gates, a_z = self._split(trace.gates), self._split(pre)[:, 1]
        # σ'(a) = (½ / cosh ½a)² and tanh'(a) = (1 / cosh a)²: right to the last digits even where σ or tanh round to 1.
        k = np.full_like(pre[:1], np.repeat([0.5, 0.5, 1], self.hidden_size))
        slopes = np.empty_like(k)
        slope_r, slope_z, slope_n = self._split(slopes)[0]

        def step_back(t: int, dh: Array) -> Array:
            (r, z, n), h_prev = gates[t], hs[t]
            np.square(k / np.cosh(k * pre[t]), out=slopes)
            dz, dn = dh * (h_prev - n), dh / (1 + np.exp(a_z[t]))  # 1 − z = σ(−a_z), as in the step
            da_n = dn * slope_n
            dr = da_n * recur_n[t]
            da_r, da_z = dr * slope_r, dz * slope_z
            np.concatenate((da_r, da_z, da_n), axis=1, out=d_drive[t])
            np.concatenate((da_r, da_z, da_n * r), axis=1, out=d_recur[t])
            return dh * z

        return step_back

    def _params_gradient(self, trace: GRUTrace, d_drive: Array, d_recur: Array) -> Params:
        gradient = super()._params_gradient(trace, d_drive, d_recur)
        return gradient | {"b_hn": d_recur[..., 2 * self.hidden_size :].sum(axis=(0, 1))}
