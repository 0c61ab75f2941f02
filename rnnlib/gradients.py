"""How large a gradient is on its way back through time, how to clip it, and how to check it."""

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np

from rnnlib.recurrent import Recurrent, TraceT, quiet
from rnnlib.validation import Array, array, arrays, generator, real
from rnnlib.weights import orthogonal

LIMIT = float(np.log(1e3))  # of |ln r|, r = ‖∂L/∂h_0‖ / ‖∂L/∂h_T‖: a gradient vanishes below 1e-3, explodes above 1e3


def log_gradient_norms(rnn: Recurrent[Any], xs: object, dh_T: object = None) -> Array:
    """Natural logarithm of ‖∂L/∂state_t‖₂ for a loss at the last step, for every t and every sequence.

    A gradient that grows long or short on its way is halved or doubled until it is not, and how often is kept, so
    nothing overflows or underflows: a norm of e^-700 is a number like any other. Always computed in float64.

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
    model = _double(rnn)
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
        OverflowError: one step multiplies a gradient of length up to 1e6 beyond the range of the dtype.
    """
    d_states = np.zeros((len(model.states), *dh_T.shape), dh_T.dtype)
    d_states[0] = dh_T
    squares, halved = np.empty((2, *trace.hs.shape[:2]))  # ‖·‖² = squares · 4^halved
    squares[-1], halved[-1] = _in_range(d_states, np.zeros(len(dh_T)))
    for t in model.sweep(trace, list(d_states), *model.buffers(trace)):
        squares[t], halved[t] = _in_range(d_states, halved[t + 1])
    if not np.isfinite(squares).all():
        raise OverflowError(f"W_hh: one step back multiplies the gradient by more than {model.dtype} holds")
    return np.log(squares) / 2 + np.log(2) * halved


def _in_range(d_states: Array, halved: Array) -> tuple[Array, Array]:
    """The squares of the joint norms (B,) of ``d_states`` (states, B, H), and how often the rows have been halved.

    Once a norm leaves 1e-6 … 1e6, each row is halved, or doubled, in place until its largest entry is between ½ and 1:
    that rounds nothing, and is seldom needed.
    """
    squares = np.einsum("sbh,sbh->b", d_states, d_states)
    if min(each := squares.tolist()) > 1e-12 and max(each) < 1e12:  # of so few, quicker than numpy's min and max
        return squares, halved
    _, exponents = np.frexp(np.abs(d_states).max(axis=(0, 2)))  # 0 for a row of zeros
    np.ldexp(d_states, -exponents[:, None], out=d_states)
    return np.einsum("sbh,sbh->b", d_states, d_states), halved + exponents


def log_singular_values(rnn: Recurrent[Any], xs: object) -> Array:
    """Natural logarithms of the singular values of ∂state_T/∂state_0, the product of the Jacobians of all steps.

    ``log_gradient_norms`` follows one gradient; these say what becomes of every direction. The product itself would
    hold the small ones only as rounding errors of the large ones. So the directions are made orthogonal again at every
    step (QR), and their lengths are kept as logarithms. The sums of ln |R_ii| that this gives are T times the
    finite-time Lyapunov exponents, which share the long run with the singular values but are not them; rotations
    (one-sided Jacobi) of the triangular factor, its rows scaled, make them so. Always computed in float64.

    Args:
        rnn: an RNN, GRU or LSTM; for an LSTM the state is (h, c) together.
        xs: (T, B, D) inputs; each sequence starts from a state of zeros.

    Returns:
        (B, N), the largest first, N = H, or 2H for an LSTM. A direction that one step takes away is −inf: for ReLU at
        least one for each unit that is off. "Takes away" is what rounding cannot tell from it: a length below N times
        2e-16 of the step's largest.

    Raises:
        ValueError, TypeError: rnn is no network; xs has a wrong shape or type, or is not finite.
        OverflowError: a forward state or one step's Jacobian is too large for float64.

    Source: D. E. Stewart (1997), Electronic Transactions on Numerical Analysis 5, 29-47, for products of matrices.
    Taught in notebook 05.
    """
    model = _double(rnn)
    xs = array("xs", xs, ("T", "B", model.input_size))
    return np.stack([_log_singular_values(model, xs[:, b : b + 1]) for b in range(xs.shape[1])])


@np.errstate(all="ignore")
def _log_singular_values(model: Recurrent[TraceT], xs: Array) -> Array:
    """Those of one sequence (T, 1, D): the product is Q diag(e^logs) V, and the columns of Q go back as a batch."""
    trace, N = model.forward(xs), len(model.states) * model.hidden_size
    Q, V, logs = orthogonal(N, generator("seed", 0, 3)), np.eye(N), np.zeros(N)  # a start that no W_hh knows
    d_states = [d.copy() for d in np.split(Q, len(model.states), axis=1)]
    for _ in model.sweep(trace, d_states, *np.empty((2, len(xs), N, trace.pre.shape[2]))):
        Q, R = np.linalg.qr(np.hstack(d_states)[: len(logs)].T)
        if not np.isfinite(R).all():
            raise OverflowError("W_hh: one step back multiplies the gradient by more than float64 holds")
        kept = np.logical_and.accumulate(abs(np.diag(R)) > N * np.finfo(float).eps * abs(R).max(initial=0))
        R, Q = R[kept], Q[:, kept]
        V = np.where(R, np.exp(logs - logs[kept, None]) * R, 0) @ V  # R diag(e^logs) = diag(e^logs) (this)
        lengths = np.linalg.norm(V, axis=1)
        V, logs = V / lengths[:, None], logs[kept] + np.log(lengths)
        for d, rows in zip(d_states, np.split(Q.T, len(d_states), axis=1)):
            d[: len(rows)] = rows
    return np.append(_rotated(logs, V), np.full(N - len(logs), -np.inf))


def _rotated(logs: Array, V: Array) -> Array:
    """The logarithms wanted, of diag(e^logs) V: pairs of its rows are rotated until all are orthogonal, in place."""
    row, largest = np.arange(len(logs)), np.inf
    rounds = [np.stack([row, (n - row) % len(row)])[:, row < (n - row) % len(row)] for n in row]  # each pair once
    while largest > 1e-9:  # the cosine of two rows; it falls quadratically in the end
        largest = 0.0
        for pairs in rounds:  # which have no row in common
            a, b = np.where(logs[pairs[0]] >= logs[pairs[1]], pairs, pairs[::-1])  # a is the longer one
            cosine, square = np.einsum("ij,ij->i", V[a], V[b]), np.exp(2 * (logs[b] - logs[a]))
            turn = 2 * cosine / (1 - square + np.hypot(1 - square, 2 * np.sqrt(square) * cosine) + 1e-300)
            rows = np.stack([V[a] + (square * turn)[:, None] * V[b], V[b] - turn[:, None] * V[a]])
            lengths = np.linalg.norm(rows, axis=2)
            V[[a, b]] = rows / lengths[..., None]
            logs[[a, b]] += np.log(lengths) - np.log1p(square * turn**2) / 2
            largest = max(largest, float(abs(cosine).max(initial=0)))
    return np.sort(logs)[::-1]


def _double(rnn: Recurrent[TraceT]) -> Recurrent[TraceT]:
    """A copy in float64."""
    if not isinstance(rnn, Recurrent):
        raise TypeError(f"rnn: expected an RNN, GRU or LSTM, got {type(rnn).__name__}")
    return rnn.twin(dtype=np.float64)


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
