"""The GRU: gates r and z, and a state that moves only part of the way, h_t = (1 − z) ⊙ n + z ⊙ h_{t-1}."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import DTypeLike

from rnnlib.recurrent import Params, Recurrent, Seed, Step, StepBack, Trace
from rnnlib.validation import Array


@dataclass(frozen=True)
class GRUTrace(Trace):
    """A forward pass of a GRU.

    Attributes:
        gates: (T, B, 3H) r, z, n after their σ or tanh.
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

    def __init__(
        self,
        input_size: int,
        hidden_size: int,
        weight_scale: float = 1.0,
        recurrent_init: str = "gaussian",
        rng: Seed = 0,
        dtype: DTypeLike = np.float64,
    ) -> None:
        super().__init__(input_size, hidden_size, weight_scale, recurrent_init, rng, dtype)
        self.params["b_hn"] = np.zeros(self.hidden_size, self.dtype)

    def shapes(self) -> dict[str, tuple[int, ...]]:
        """The shape of every parameter, by name."""
        return super().shapes() | {"b_hn": (self.hidden_size,)}

    def buffers(self, trace: GRUTrace) -> tuple[Array, Array]:
        """Room for the gradients of drive and recur, (T, B, 3H) each: r makes their n blocks differ."""
        d_drive, _ = super().buffers(trace)
        return d_drive, np.empty_like(d_drive)

    def _trace(self, params: Params, xs: Array, drive: Array, *states: Array) -> GRUTrace:
        return GRUTrace(params, xs, states[0], gates=drive, recur_n=np.empty_like(states[0][1:]))

    def _step(self, trace: GRUTrace) -> Step:
        H, hs, recur_n, b_hn = self.hidden_size, trace.hs, trace.recur_n, trace.params["b_hn"]

        def step(t: int, a_t: Array, recur_t: Array) -> None:
            rz, n = a_t[:, : 2 * H], a_t[:, 2 * H :]
            rz += recur_t[:, : 2 * H]
            np.negative(rz, out=rz)
            np.exp(rz, out=rz)
            rz += 1
            np.divide(1, rz, out=rz)  # σ, in place
            r, z = rz[:, :H], rz[:, H:]
            n += r * np.add(recur_t[:, 2 * H :], b_hn, out=recur_n[t])
            np.tanh(n, out=n)
            h_t = np.subtract(hs[t], n, out=hs[t + 1])  # h_t = n + z ⊙ (h_{t-1} − n)
            h_t *= z
            h_t += n

        return step

    def _step_back(self, trace: GRUTrace, d_drive: Array, d_recur: Array) -> StepBack:
        (r, z, n), drives, recurs = self._split(trace.gates), self._split(d_drive), self._split(d_recur)
        # What dh is multiplied by is known before the loop: it is put into d_drive and d_recur for all steps at once.
        np.subtract(1, trace.gates, out=d_drive)
        d_drive *= trace.gates  # σ' of r and z
        da_r, da_z, da_n = drives
        np.multiply(1 - z, 1 - n**2, out=da_n)
        da_r *= da_n * trace.recur_n
        da_z *= trace.hs[:-1] - n
        d_recur[:] = d_drive
        recurs[2] *= r

        def step_back(t: int, dh_t: Array) -> Array:
            drives[:, t] *= dh_t
            recurs[:, t] *= dh_t
            return dh_t * z[t]

        return step_back

    def _params_gradient(self, trace: GRUTrace, d_drive: Array, d_recur: Array) -> Params:
        gradient = super()._params_gradient(trace, d_drive, d_recur)
        return gradient | {"b_hn": d_recur[..., 2 * self.hidden_size :].sum(axis=(0, 1))}
