"""Read an output from the states: y_t = h_t W_hy + b_y, after the last step or after every step.

Sequences of unequal length are padded to the longest, and the network steps on over the padding. The state at T of a
short one is no longer what its own end left there: forgotten by half, or moved by the biases. So each is read at its
own last step, told by ``lengths``; nothing then depends on the padding, and no gradient comes from it.
"""

from typing import Any

import numpy as np

from rnnlib.recurrent import Params
from rnnlib.validation import Array, DTypeLike, Seed, array, arrays, boolean, floating, generator, indices, integer


class Readout:
    """A linear readout.

    Args:
        hidden_size: H.
        output_size: K.
        every_step: read after every step; otherwise after the last one only.
        rng: a seed or a generator. W_hy ~ N(0, 1/H); a seed draws apart from a network of the same seed.
        dtype: float64 or float32, kept throughout.

    Attributes:
        params: W_hy (H, K), b_y (K,), the bias zero at the start; assigning into it changes the readout.

    Raises:
        ValueError, TypeError: an argument is out of range or of a wrong type.

    Taught in notebook 02.
    """

    def __init__(
        self, hidden_size: int, output_size: int, every_step: bool = False, rng: Seed = 0, dtype: DTypeLike = np.float64
    ) -> None:
        self.hidden_size = integer("hidden_size", hidden_size)
        self.output_size = integer("output_size", output_size)
        self.every_step, self.dtype = boolean("every_step", every_step), floating("dtype", dtype)
        self._shapes = {"W_hy": (self.hidden_size, self.output_size), "b_y": (self.output_size,)}
        W_hy = generator("rng", rng, 3).standard_normal(self._shapes["W_hy"]) / np.sqrt(self.hidden_size)
        self.params: Params = {"W_hy": W_hy.astype(self.dtype), "b_y": np.zeros(self.output_size, self.dtype)}

    @np.errstate(over="ignore", invalid="ignore", under="ignore")  # the first two are said below, in words
    def forward(self, hs: object, lengths: object = None) -> Array:
        """Read the states.

        Args:
            hs: (T+1, B, H) states as in a trace, h_0 first; h_0 is not read.
            lengths: (B,) the last step of each sequence of a padded batch, 1 … T; T for all if None. With every_step
                the mask of the loss says what counts instead.

        Returns:
            (T, B, K) outputs where every step is read, otherwise (B, K).

        Raises:
            ValueError, TypeError: hs or a parameter has a wrong shape or type, or is not finite.
            OverflowError: an output is too large for the dtype.
        """
        params, hs, read = self._checked(hs, lengths)
        ys = hs[read] @ params["W_hy"] + params["b_y"]
        if not np.isfinite(ys).all():
            raise OverflowError(f"ys: an output is too large for {self.dtype}; use a smaller learning rate or states")
        return ys

    @np.errstate(under="ignore")
    def backward(self, hs: object, dys: object, lengths: object = None) -> tuple[Params, Array]:
        """The gradients, from that of the outputs.

        Args:
            hs: (T+1, B, H) the states that were read.
            dys: dL/dy, of the shape that ``forward`` returned.
            lengths: as in ``forward``.

        Returns:
            (dL/dparams; dhs (T, B, H), what the loss adds directly to dL/dh_t: a network's ``backward`` takes it).

        Raises:
            ValueError, TypeError: an argument or a parameter has a wrong shape or type, or is not finite.
        """
        params, hs, read = self._checked(hs, lengths)
        dys = array("dys", dys, (*hs[read].shape[:-1], self.output_size), self.dtype)
        dhs = np.zeros_like(hs)
        dhs[read] = dys @ params["W_hy"].T
        axes = tuple(range(dys.ndim - 1))
        return {"W_hy": np.tensordot(hs[read], dys, axes=(axes, axes)), "b_y": dys.sum(axis=axes)}, dhs[1:]

    def _checked(self, hs: object, lengths: object) -> tuple[Params, Array, Any]:
        """The parameters, the states and which of them are read."""
        params = arrays("params", self.params, self._shapes, self.dtype)
        hs = array("hs", hs, ("T+1", "B", self.hidden_size), self.dtype)
        if lengths is None:
            return params, hs, slice(1, None) if self.every_step else -1
        if self.every_step:
            raise ValueError("lengths: expected None with a readout at every step, where a mask says what counts")
        steps = indices("lengths", lengths, hs.shape[1:2], 1, len(hs) - 1)
        return params, hs, (steps, np.arange(len(steps)))
