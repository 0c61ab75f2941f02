"""Read an output from the states: y_t = h_t W_hy + b_y, after the last step or after every step."""

from __future__ import annotations

import numpy as np
from numpy.typing import DTypeLike

from rnnlib import validation
from rnnlib.recurrent import Params
from rnnlib.validation import Array


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
        self,
        hidden_size: int,
        output_size: int,
        every_step: bool = False,
        rng: int | np.random.Generator = 0,
        dtype: DTypeLike = np.float64,
    ) -> None:
        self.hidden_size = validation.integer("hidden_size", hidden_size)
        self.output_size = validation.integer("output_size", output_size)
        self.every_step, self.dtype = every_step, validation.floating("dtype", dtype)
        shape = (self.hidden_size, self.output_size)
        W_hy = validation.generator("rng", rng, 3).standard_normal(shape) / np.sqrt(self.hidden_size)
        self.params: Params = {"W_hy": W_hy.astype(self.dtype), "b_y": np.zeros(self.output_size, self.dtype)}

    def forward(self, hs: object) -> Array:
        """Read the states.

        Args:
            hs: (T+1, B, H) states as in a trace, h_0 first; h_0 is not read.

        Returns:
            (T, B, K) outputs where every step is read, otherwise (B, K).

        Raises:
            ValueError, TypeError: hs or a parameter has a wrong shape or type, or is not finite.
            OverflowError: an output is too large for the dtype.
        """
        params, hs = self._checked(hs)
        with np.errstate(over="ignore", invalid="ignore"):  # said below, in words
            ys = (hs[1:] if self.every_step else hs[-1]) @ params["W_hy"] + params["b_y"]
        if not np.isfinite(ys).all():
            raise OverflowError(f"ys: an output is too large for {self.dtype}; use a smaller learning rate or states")
        return ys

    def backward(self, hs: object, dys: object) -> tuple[Params, Array]:
        """The gradients, from that of the outputs.

        Args:
            hs: (T+1, B, H) the states that were read.
            dys: dL/dy, of the shape that ``forward`` returned.

        Returns:
            (dL/dparams; dhs (T, B, H), what the loss adds directly to dL/dh_t: a network's ``backward`` takes it).

        Raises:
            ValueError, TypeError: an argument or a parameter has a wrong shape or type, or is not finite.
        """
        params, hs = self._checked(hs)
        read = slice(1, None) if self.every_step else slice(-1, None)
        shape = (*hs[read].shape[:2], self.output_size)
        dys = validation.array("dys", dys, shape if self.every_step else shape[1:], self.dtype).reshape(shape)
        dhs = np.zeros_like(hs)
        dhs[read] = dys @ params["W_hy"].T
        dW_hy = np.tensordot(hs[read], dys, axes=((0, 1), (0, 1)))
        return {"W_hy": dW_hy, "b_y": dys.sum(axis=(0, 1))}, dhs[1:]

    def _checked(self, hs: object) -> tuple[Params, Array]:
        shapes = {"W_hy": (self.hidden_size, self.output_size), "b_y": (self.output_size,)}
        params = validation.arrays("params", self.params, shapes, self.dtype)
        return params, validation.array("hs", hs, ("T+1", "B", self.hidden_size), self.dtype)
