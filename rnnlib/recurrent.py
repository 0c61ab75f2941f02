"""The two loops over time, shared by every cell: unroll forward, backpropagate through time."""

import copy
import sys
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, ClassVar, Generic, Self, TypeVar

import numpy as np

from rnnlib import weights
from rnnlib.validation import Array, DTypeLike, Seed, array, arrays, floating, generator, integer, real

Params = dict[str, Array]
StepBack = Callable[..., Array | None]


@dataclass(frozen=True)
class Trace:
    """What a forward pass leaves for the backward pass.

    Attributes:
        params: the parameters as they were, copied.
        xs: (T, B, D) the inputs; backward reads them again, so leave them as they are in between.
        hs: (T+1, B, H) the states; ``hs[0]`` is h_0.
        pre: (T, B, G) the pre-activations, G = H for each gate; ``pre[t]`` is a_{t+1}, of which ``hs[t + 1]`` is made.
    """

    params: Params
    xs: Array
    hs: Array
    pre: Array


TraceT = TypeVar("TraceT", bound=Trace)


@dataclass(frozen=True)
class Gradients:
    """The gradient of the loss L with respect to everything that went in.

    Attributes:
        params: dL/dparams, same keys and shapes as ``params``.
        xs: (T, B, D) dL/dx.
        hs: (T+1, B, H) the total derivative dL/dh_t, through every later step; ``hs[0]`` is that of h_0.
    """

    params: Params
    xs: Array
    hs: Array


# What overflows is said in words; what underflows is 0, as it should be, whatever numpy has been told to do.
quiet = np.errstate(over="ignore", invalid="ignore", under="ignore")


def product(rows: Array, W: Array, out: Array) -> Array:
    """The product rows W, written into ``out``: (B, M) times (M, N)."""
    if sys.platform == "emscripten":  # in the browser numpy has no BLAS; what it has instead goes down W by columns
        return np.einsum("bm,mn->bn", rows, W, out=out)
    return np.dot(rows, W, out=out)


@quiet
def unroll(step: Callable[[TraceT, int, Array, Array], None], trace: TraceT) -> TraceT:
    """Forward: h_1 … h_T, in place.

    Args:
        step: ``step(trace, t, pre[t], h_t W_hh)`` writes ``hs[t + 1]``: the pointwise mathematics of a cell.
        trace: ``hs[0]`` is given; ``pre`` holds x_t W_xh + b_h, to which a cell adds what comes from h_t.

    Returns:
        The trace.

    Raises:
        OverflowError: a state left the range of the floating type; the message names the step.
    """
    hs, W_hh, recur = trace.hs, trace.params["W_hh"], np.empty_like(trace.pre[0])
    for t, a_t in enumerate(trace.pre):
        step(trace, t, a_t, product(hs[t], W_hh, recur))
    if not np.isfinite(hs).all():
        t = int(np.argwhere(~np.isfinite(hs).all(axis=(1, 2)))[0, 0])
        advice = "use a smaller weight scale, fewer steps or a bounded activation"
        raise OverflowError(f"h_{t}: the state of step {t} of {len(hs) - 1} is too large for {hs.dtype}; {advice}")
    return trace


def backpropagate(step_back: StepBack, d_recur: Array, W_hh: Array, d_states: Sequence[Array]) -> Iterator[int]:
    """Backward: one step of backpropagation through time each time that the caller asks for the next.

    For one RNN and a loss that adds ``dhs[t]`` at each step, backpropagation through time is this loop::

        dh = np.zeros_like(hs[0])
        for t in reversed(range(len(xs))):
            dh = dh + dhs[t]
            da = dh * derivative(pre[t])
            dW_xh += xs[t].T @ da
            dW_hh += hs[t].T @ da
            db_h += da.sum(axis=0)
            dh = da @ W_hh.T

    Here the cell has the fourth line, the caller the third, and the sums wait until the whole of ``d_recur`` is there.

    Args:
        step_back: ``step_back(t, dh, …)`` gets the gradients of the states after step t+1 and writes ``d_recur[t]``,
            that of h_t W_hh. It returns the part of dL/dh_t that goes around W_hh, or None, and turns the gradients of
            the other states, if any, into those of the step before.
        d_recur: (T, B, G) filled from the last step to the first.
        W_hh: (H, G) recurrent weights.
        d_states: (B, H) each, dh first: at the start the gradient of the last states, then changed in place.

    Yields:
        t = T-1 … 0, when ``d_states`` holds the gradient of the states at ``hs[t]`` from all later steps. Before asking
        for the next t the caller may change it in place: add what the loss says there, or rescale it.
    """
    dh, W_back = d_states[0], np.ascontiguousarray(W_hh.T)  # laid out for the product: up to twice as quick
    for t in reversed(range(len(d_recur))):
        around = step_back(t, *d_states)
        product(d_recur[t], W_back, dh)
        if around is not None:
            dh += around
        yield t


class Recurrent(ABC, Generic[TraceT]):
    """What every recurrent network shares; a cell adds the pointwise mathematics of its gates.

    Attributes:
        params: the parameters by name; assigning into them changes the model.
    """

    blocks: ClassVar[int] = 1  # how many H×H blocks W_hh has, side by side
    states: ClassVar[tuple[str, ...]] = ("h",)  # what a step hands on to the next, h first
    trace_type: ClassVar[type[Trace]]

    @quiet
    def __init__(
        self,
        input_size: int,  # D
        hidden_size: int,  # H
        weight_scale: float = 1.0,
        recurrent_init: str = "gaussian",
        rng: Seed = 0,
        dtype: DTypeLike = np.float64,
    ) -> None:
        self.input_size = integer("input_size", input_size)
        self.hidden_size = integer("hidden_size", hidden_size)
        self.dtype = floating("dtype", dtype)
        scale = real("weight_scale", weight_scale, at_least=0)
        random = generator("rng", rng)
        params: Params = {name: np.zeros(shape) for name, shape in self.shapes().items()}
        # W_xh first, and the base unscaled: neither the scale nor the kind of base moves another draw.
        params["W_xh"] = weights.input_matrix(self.input_size, self.blocks * self.hidden_size, random)
        params["W_hh"] = scale * weights.recurrent_matrix(recurrent_init, self.hidden_size, self.blocks, random)
        self.params = {name: array(name, W, W.shape, self.dtype) for name, W in params.items()}

    def __repr__(self) -> str:
        sizes = f"input_size={self.input_size}, hidden_size={self.hidden_size}"
        return f"{type(self).__name__}({sizes}, dtype={self.dtype})"

    @abstractmethod
    def _trace(self, params: Params, xs: Array, drive: Array, *states: Array) -> TraceT:
        """The record of a forward pass: states and whatever else ``_step`` fills."""

    @abstractmethod
    def _step(self, trace: TraceT, t: int, a_t: Array, recur_t: Array) -> None:
        """The cell forward, one step: see ``unroll``."""

    @abstractmethod
    def _step_back(self, trace: TraceT, d_drive: Array, d_recur: Array) -> StepBack:
        """The cell backward: see ``backpropagate``. It fills ``d_drive[t]`` too, where that is not ``d_recur[t]``."""

    def shapes(self) -> dict[str, tuple[int, ...]]:
        """The shape of every parameter, by name."""
        columns = self.blocks * self.hidden_size
        return {"W_xh": (self.input_size, columns), "W_hh": (self.hidden_size, columns), "b_h": (columns,)}

    def forward(self, xs: object, h_0: object = None) -> TraceT:
        """Run over a batch of sequences.

        Args:
            xs: (T, B, D) inputs, cast to the model's dtype; ``xs[t]`` is read at step t+1.
            h_0: (B, H) state before the first step; zeros if None.

        Returns:
            The trace: ``hs`` (T+1, B, H) and what ``backward`` needs. The model keeps nothing.

        Raises:
            ValueError, TypeError: an argument or a parameter has a wrong shape or type, or is not finite.
            OverflowError: a state grew too large for the dtype.
        """
        return self._forward(xs, h_0=h_0)

    def backward(self, trace: TraceT, dhs: object) -> Gradients:
        """Backpropagation through time, with the parameters that the trace was made with.

        Args:
            trace: what ``forward`` returned.
            dhs: (T, B, H); ``dhs[t]`` is what the loss adds directly to ∂L/∂h at ``hs[t + 1]``. For a loss at the end
                it is zero but for ``dhs[-1]``.

        Returns:
            The gradients; ``hs`` holds the total derivatives.

        Raises:
            ValueError, TypeError: the trace is not this model's, or dhs has a wrong shape or is not finite.
            OverflowError: a gradient grew too large for the dtype.

        Source: Werbos (1990), doi:10.1109/5.58337. Taught in notebook 04.
        """
        return Gradients(*self._backward(trace, dhs))

    def twin(self, params: Params | None = None, dtype: DTypeLike | None = None) -> Self:
        """A network of the same sizes that shares nothing with this one; nothing is drawn.

        Args:
            params: the parameters that are to differ, by name; the others are copied from this network.
            dtype: float64 or float32; that of this network if None.

        Returns:
            The other network; this one stays as it is.

        Raises:
            ValueError, TypeError: a parameter is unknown or has a wrong shape or type, or is not finite.
        """
        twin = copy.copy(self)
        twin.dtype = self.dtype if dtype is None else floating("dtype", dtype)
        wanted = {**self.params, **params} if params else self.params
        checked = arrays("params", wanted, self.shapes(), twin.dtype)
        twin.params = {name: value.copy() for name, value in checked.items()}
        return twin

    @quiet
    def drive(self, params: Params, xs: Array) -> Array:
        """x_t W_xh + b_h, (T, B, G): one product for all steps, since the inputs do not wait for the states."""
        drive = _rows(xs) @ params["W_xh"]
        return np.add(drive, params["b_h"], out=drive).reshape(*xs.shape[:2], -1)

    def run(self, params: Params, xs: Array, drive: Array, *states: Array) -> TraceT:
        """The trace of a forward pass from what drives it, which it keeps and changes; ``states[0][0]`` is h_0."""
        return unroll(self._step, self._trace(params, xs, drive, *states))

    def buffers(self, trace: TraceT) -> tuple[Array, Array]:
        """Room for the gradients of drive and recur, (T, B, G) each: one array where the two are equal."""
        both = np.empty_like(trace.pre)
        return both, both

    def sweep(self, trace: TraceT, d_states: Sequence[Array], d_drive: Array, d_recur: Array) -> Iterator[int]:
        """Backpropagate through a trace, one step at a time: see ``backpropagate``."""
        return backpropagate(self._step_back(trace, d_drive, d_recur), d_recur, trace.params["W_hh"], d_states)

    def _split(self, stack: Array) -> Array:
        """(T, B, G) seen as (T, blocks, B, H): one array a gate at every step."""
        return stack.reshape(*stack.shape[:2], self.blocks, -1).swapaxes(1, 2)

    def _forward(self, xs: object, **starts: object) -> TraceT:
        params = self.twin().params
        xs = array("xs", xs, ("T", "B", self.input_size), self.dtype)
        states = [np.zeros((len(xs) + 1, xs.shape[1], self.hidden_size), self.dtype) for _ in starts]
        for state, (name, start) in zip(states, starts.items()):
            state[0] = array(name, state[0] if start is None else start, state[0].shape, self.dtype)
        return self.run(params, xs, self.drive(params, xs), *states)

    @quiet
    def _backward(self, trace: TraceT, dhs: object, **ends: object) -> tuple[Any, ...]:
        """The gradients of the parameters and the inputs, and the total derivatives of each state."""
        self._check_trace(trace)
        totals = [np.zeros_like(trace.hs) for _ in self.states]
        totals[0][1:] = array("dhs", dhs, trace.hs[1:].shape, self.dtype)  # so far what the loss says itself
        for total, (name, end) in zip(totals[1:], ends.items()):
            total[-1] = array(name, total[-1] if end is None else end, total[-1].shape, self.dtype)
        d_states = [total[-1].copy() for total in totals]
        d_drive, d_recur = self.buffers(trace)
        for t in self.sweep(trace, d_states, d_drive, d_recur):
            d_states[0] += totals[0][t]
            for total, d_state in zip(totals, d_states):
                total[t] = d_state
        dxs = (_rows(d_drive) @ trace.params["W_xh"].T).reshape(trace.xs.shape)
        d_params = self._params_gradient(trace, d_drive, d_recur)
        if not all(np.isfinite(d).all() for d in (*totals, dxs, *d_params.values())):
            raise OverflowError(f"the gradient through {len(dxs)} steps overflows {self.dtype}; see log_gradient_norms")
        return d_params, dxs, *totals

    def _params_gradient(self, trace: TraceT, d_drive: Array, d_recur: Array) -> Params:
        """∂L/∂W sums over t the immediate derivative of each step, one product for all steps."""
        dW_xh, dW_hh = _rows(trace.xs).T @ _rows(d_drive), _rows(trace.hs[:-1]).T @ _rows(d_recur)
        return {"W_xh": dW_xh, "W_hh": dW_hh, "b_h": _rows(d_drive).sum(axis=0)}

    def _check_trace(self, trace: TraceT) -> None:
        if not isinstance(trace, self.trace_type):
            raise TypeError(f"trace: expected what {type(self).__name__}.forward returned, got {type(trace).__name__}")
        came = {name: value.shape for name, value in trace.params.items()}
        if came != self.shapes() or trace.hs.dtype != self.dtype:
            wanted = f"{self.shapes()} in {self.dtype}"
            raise ValueError(f"trace: expected one made with params {wanted}, got {came} in {trace.hs.dtype}")


def _rows(stack: Array) -> Array:
    """(T, B, N) as (T·B, N)."""
    return stack.reshape(-1, stack.shape[-1])
