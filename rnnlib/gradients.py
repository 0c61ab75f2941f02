"""How large a gradient is on its way back through time, how to clip it, and how to check it."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from rnnlib.recurrent import Recurrent, TraceT, quiet
from rnnlib.validation import Array, array, arrays, generator, real

LIMIT = float(np.log(1e3))  # of |ln r|, r = ‖∂L/∂h_0‖ / ‖∂L/∂h_T‖: a gradient vanishes below 1e-3, explodes above 1e3


def log_gradient_norms(rnn: Recurrent[Any], xs: object, dh_T: object = None) -> Array:
    """Natural logarithm of ‖∂L/∂state_t‖₂ for a loss at the last step, for every t and every sequence.

    The gradient is brought back to length 1 at every step and the logarithms are added up, so nothing overflows or
    underflows: a norm of e^-700 is a number like any other. Always computed in float64.

    Args:
        rnn: an RNN, GRU or LSTM; for an LSTM the norm is that of (h, c) together.
        xs: (T, B, D) inputs.
        dh_T: (B, H) gradient of the loss with respect to h_T; one fixed random unit vector a sequence if None.

    Returns:
        (T+1, B); row t is the gradient at state t, row T that at the loss. An exactly zero gradient gives −inf.

    Raises:
        ValueError, TypeError: rnn is no network; xs or dh_T has a wrong shape or type, or is not finite.
        OverflowError: a forward state is too large for float64.

    Taught in notebook 05.
    """
    if not isinstance(rnn, Recurrent):
        raise TypeError(f"rnn: expected an RNN, GRU or LSTM, got {type(rnn).__name__}")
    model = rnn.twin(dtype=np.float64)
    trace = model.forward(xs)
    batch = trace.hs.shape[1:]
    if dh_T is None:
        drawn = generator("seed", 0, 2).standard_normal(batch)  # apart from a model drawn from seed 0
        dh_T = drawn / np.linalg.norm(drawn, axis=1, keepdims=True)
    return log_norms_back(model, trace, array("dh_T", dh_T, batch))


@np.errstate(all="ignore")  # as ``quiet``; and the logarithm of 0 is −inf
def log_norms_back(model: Recurrent[TraceT], trace: TraceT, dh_T: Array) -> Array:
    """What ``log_gradient_norms`` gives, for a trace that is there already, in the model's dtype.

    Args:
        model: the model that made the trace.
        trace: what its ``forward`` returned.
        dh_T: (B, H) gradient of the loss with respect to h_T.

    Returns:
        (T+1, B) natural logarithms.

    Raises:
        OverflowError: one step multiplies a gradient of length 1 beyond the range of the dtype.
    """
    d_states = [dh_T.copy(), *(np.zeros_like(dh_T) for _ in model.states[1:])]
    norms, scales = np.empty((2, *trace.hs.shape[:2]))
    norms[-1], scales[-1] = _normalise(d_states)
    for t in model.sweep(trace, d_states, *model.buffers(trace)):
        norms[t], scales[t] = _normalise(d_states)
    if not np.isfinite(norms).all():
        raise OverflowError(f"W_hh: one step back multiplies the gradient by more than {model.dtype} holds")
    return np.cumsum((np.log(norms) + np.log(scales))[::-1], axis=0)[::-1]


def _normalise(d_states: Sequence[Array]) -> tuple[Array, Array]:
    """Divide the rows by their joint norm, in place, and return it as two factors (B,); rows of zeros stay."""
    squares = sum(np.einsum("bh,bh->b", d, d) for d in d_states)
    safe, scale = np.sqrt(np.finfo(squares.dtype).max), np.ones(())
    if not (squares.min() > 1 / safe and squares.max() < safe):  # a square may have left the range
        largest = np.max([np.abs(d).max(axis=1) for d in d_states], axis=0)
        scale = np.where(largest > 0, largest, 1)
        for d in d_states:
            d /= scale[:, None]
        squares = sum(np.einsum("bh,bh->b", d, d) for d in d_states)
    norm = np.sqrt(squares)
    for d in d_states:
        d /= np.where(norm > 0, norm, 1)[:, None]
    return norm, scale


@np.errstate(under="ignore")
def numerical_gradient(f: Callable[[Array], float], x: object, eps: float = 1e-5) -> Array:
    """The gradient of f at x by central differences, (f(x + h) − f(x − h)) / 2h for one entry after the other.

    The step h is eps where |x| is at most 1, and eps |x| where it is more, so that it is never lost beside x. The error
    is about h² f'''/6 + 1e-16 |f|/h: near 1e-11 for values and derivatives near 1.

    Args:
        f: takes an array of x's shape and gives one number.
        x: the point, of any shape; it is copied, not changed.
        eps: the step, in the units of x, and relative to |x| where that is above 1.

    Returns:
        The gradient, of x's shape, float64.

    Raises:
        ValueError, TypeError: x is not finite or not numeric, eps is not above 0 or too small to change x, f does not
            give one finite number.
    """
    if not callable(f):
        raise TypeError(f"f: expected a function, got {type(f).__name__}")
    eps = real("eps", eps, above=0)
    point = array("x", x, None)
    gradient = np.empty_like(point)
    for place in np.ndindex(point.shape):
        above, below = point.copy(), point.copy()
        above[place] += eps * max(1.0, abs(float(point[place])))
        below[place] -= eps * max(1.0, abs(float(point[place])))
        taken = above[place] - below[place]  # before f, which may change them
        if taken == 0:
            raise ValueError(f"eps: expected a step that changes x = {point[place]}, got {eps}")
        gradient[place] = (array("f(x)", f(above), ()) - array("f(x)", f(below), ())) / taken
    return gradient


@quiet
def clip_by_norm(gradients: Mapping[str, Any] | Iterable[Mapping[str, Any]], max_norm: float) -> tuple[Any, float]:
    """Shorten a gradient to max_norm where it is longer; the direction stays.

    Args:
        gradients: a dict of arrays, or several (recurrent net and readout, say): the norm is that of all together.
        max_norm: the largest norm wanted, above 0.

    Returns:
        (the clipped copy, in the same form; the norm before). The arrays that came are not changed.

    Raises:
        ValueError, TypeError: max_norm is not above 0, or an array holds NaN or infinity; clipping cannot mend those.

    Source: Pascanu, Mikolov & Bengio (2013), arXiv:1211.5063. Taught in notebook 05.
    """
    limit = real("max_norm", max_norm, above=0)
    many = isinstance(gradients, Iterable) and not isinstance(gradients, Mapping)
    dicts = [arrays("gradients", each, None, None) for each in (gradients if many else [gradients])]
    parts = [a for each in dicts for a in each.values()]
    # First by the largest entry: the squares of an exploded gradient would overflow.
    scale = max((float(np.abs(a).max()) for a in parts), default=0.0) or 1.0
    root = float(np.sqrt(sum(float(np.square(a.astype(np.float64) / scale).sum()) for a in parts)))
    factor = min(1.0, limit / scale / root) if root > 0 else 1.0
    clipped = [{name: (a * np.float64(factor)).astype(a.dtype) for name, a in each.items()} for each in dicts]
    return (clipped if many else clipped[0]), scale * root
