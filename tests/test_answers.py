"""Answers to the exercises as readers write them: right ones in any form are taken, plausible wrong ones are not."""

import itertools
import math
from fractions import Fraction
from types import SimpleNamespace

import numpy as np
import pytest

import rnnlib
from rnnlib import exercises
from rnnlib.exercises.calls import heard, outcomes, told
from rnnlib.locale import text

RIGHT, WRONG = {}, {}
norm, lstsq = np.linalg.norm, np.linalg.lstsq


def single(value):
    """All arrays of a value as float32."""
    if isinstance(value, dict):
        return {name: single(each) for name, each in value.items()}
    if isinstance(value, tuple):
        return tuple(single(each) for each in value)
    return np.asarray(value, np.float32) if np.asarray(value).dtype.kind == "f" else value


def lists(value):
    """All arrays of a value, and all tuples, as lists."""
    if isinstance(value, dict):
        return {name: lists(each) for name, each in value.items()}
    return [lists(each) for each in value] if isinstance(value, tuple) else np.asarray(value).tolist()


def changing(reference, place):
    """The reference, and then zeros in an argument of its caller."""

    def answer(*given):
        result = reference(*given)
        target = given[place]
        for array in target.values() if isinstance(target, dict) else [target]:
            array[...] = 0
        return result

    return answer


# --- 01


def leaky(xs, w, h=0.0, new=lambda h, x, w: w * h + x):
    states = []
    for x in xs:
        h = new(h, x, w)
        states.append(h)
    return np.array(states)


RIGHT["leaky_sum"] = {
    "accumulate": lambda xs, w: list(itertools.accumulate(xs, lambda h, x: w * h + x)),
    "closed form": lambda a, b: np.array([sum(b**k * a[t - k] for k in range(t + 1)) for t in range(len(a))]),
    "a matrix": lambda xs, w: np.tril(w ** np.abs(np.subtract.outer(*[np.arange(len(xs))] * 2))) @ xs,
    "a list that begins with h_0": lambda xs, w: leaky(xs, w)[:].tolist(),
    "float32": lambda xs, w: single(leaky(xs.astype(np.float32), np.float32(w))),
}
WRONG["leaky_sum"] = {
    "the inputs": lambda xs, w: xs.copy(),
    "w times the inputs": lambda xs, w: w * xs,
    "the plain sum": lambda xs, w: np.cumsum(xs),
    "the leaky average": lambda xs, w: leaky(xs, w, new=lambda h, x, w: w * h + (1 - w) * x),
    "w and 1 - w exchanged": lambda xs, w: leaky(xs, w, new=lambda h, x, w: (1 - w) * h + w * x),
    "the last state alone": lambda xs, w: leaky(xs, w)[-1],
    "h_0 among the states": lambda xs, w: np.append(0, leaky(xs, w)),
    "h_0 for the last state": lambda xs, w: np.append(0, leaky(xs, w)[:-1]),
    "w at the input": lambda xs, w: leaky(xs, w, new=lambda h, x, w: h + w * x),
    "w at both": lambda xs, w: leaky(xs, w, new=lambda h, x, w: w * (h + x)),
    "the input before for the state": lambda xs, w: xs + w * np.append(0, xs[:-1]),
    "the absolute value of w": lambda xs, w: leaky(xs, abs(w)),
    "started from the first input": lambda xs, w: leaky(xs, w, h=xs[0]),
    "read from the end": lambda xs, w: leaky(xs[::-1], w),
    "divided by 1 - w": lambda xs, w: leaky(xs, w) / (1 - w),
    "the input alone, the state lost": lambda xs, w: leaky(xs, w, new=lambda h, x, w: w * x + x),
    "the inputs zeroed": changing(leaky, 0),
    "rounded to two digits": lambda xs, w: leaky(xs, w).round(1),
}
RIGHT["reach"] = {
    "int": 44,
    "float": 44.0,
    "numpy's int": np.int64(44),
    "an array of one": np.array([44]),
    "a fraction": Fraction(88, 2),
    "a loop": next(k for k in itertools.count() if 0.9**k < 0.01),
}
WRONG["reach"] = {
    "rounded down": 43,
    "not rounded": math.log(0.01) / math.log(0.9),
    "one too many": 45,
    "until a half": 7,
    "until a tenth": 22,
    "until a thousandth": 66,
    "the sum of the powers": 10,
    "what is left": 0.9**44,
    "a hundred": 100,
    "a minus": -44,
    "decimal against natural logarithms": math.ceil(math.log10(0.01) / math.log(0.9)),
    "0.01 over 0.1": 0.1,
    "w = 0.99": math.ceil(math.log(0.01) / math.log(0.99)),
}


# --- 02


def one(x_t, h_prev, W_xh, W_hh, b_h, f=np.tanh):
    return f(x_t @ W_xh + h_prev @ W_hh + b_h)


def sigmoid(a):
    return 1 / (1 + np.exp(-a))


RIGHT["step"] = {
    "renamed": lambda a, b, c, d, e: np.tanh(e + b @ d + a @ c),
    "einsum": lambda x, h, U, W, b: np.tanh(np.einsum("bd,dh->bh", x, U) + np.einsum("bi,ij->bj", h, W) + b),
    "one matrix": lambda x, h, U, W, b: np.tanh(np.hstack([x, h]) @ np.vstack([U, W]) + b),
    "tanh by exponentials": lambda *given: one(*given, f=lambda a: 1 - 2 / (np.exp(2 * a) + 1)),
    "row after row, in lists": lambda x, h, U, W, b: [np.tanh(r @ U + s @ W + b).tolist() for r, s in zip(x, h)],
    "float32": lambda *given: one(*single(given)),
    "on a copy of its own": lambda x, h, U, W, b: np.tanh(np.add(x @ U, h.copy() @ W + b, out=np.empty_like(h))),
}
WRONG["step"] = {
    "W_hh transposed": lambda x, h, U, W, b: one(x, h, U, W.T, b),
    "no activation": lambda *given: one(*given, f=lambda a: a),
    "relu": lambda *given: one(*given, f=lambda a: np.maximum(a, 0)),
    "sigmoid": lambda *given: one(*given, f=sigmoid),
    "no bias": lambda x, h, U, W, b: one(x, h, U, W, 0),
    "the bias twice": lambda x, h, U, W, b: one(x, h, U, W, 2 * b),
    "the bias subtracted": lambda x, h, U, W, b: one(x, h, U, W, -b),
    "no state": lambda x, h, U, W, b: one(x, 0 * h, U, W, b),
    "no input": lambda x, h, U, W, b: one(0 * x, h, U, W, b),
    "the state without W_hh": lambda x, h, U, W, b: np.tanh(x @ U + h + b),
    "tanh of every term": lambda x, h, U, W, b: np.tanh(x @ U) + np.tanh(h @ W) + np.tanh(b),
    "tanh of the input alone": lambda x, h, U, W, b: np.tanh(x @ U) + h @ W + b,
    "tanh before the bias": lambda x, h, U, W, b: np.tanh(x @ U + h @ W) + b,
    "the old state added": lambda x, h, *rest: h + one(x, h, *rest),
    "the transpose": lambda *given: one(*given).T,
    "the first sequence alone": lambda *given: one(*given)[0],
    "the batch added up": lambda *given: one(*given).sum(axis=0),
    "the state zeroed": changing(one, 1),
}


def unrolled(xs, h, W_xh, W_hh, b_h, f=np.tanh, carry=lambda h, new: new):
    hs = [h]
    for x_t in xs:
        hs.append(one(x_t, h, W_xh, W_hh, b_h, f))
        h = carry(h, hs[-1])
    return np.stack(hs)


def by_package(xs, h_0, *weights):
    rnn = rnnlib.RNN(xs.shape[-1], h_0.shape[-1], "tanh")
    rnn.params.update(zip(("W_xh", "W_hh", "b_h"), weights))
    return rnn.forward(xs, h_0).hs


def one_after_the_other(xs, h, *weights):
    hs = []
    for b in range(xs.shape[1]):
        hs.append(unrolled(xs[:, b : b + 1], h[b : b + 1] if not b else hs[-1][-1], *weights))
    return np.concatenate(hs, axis=1)


RIGHT["unroll"] = {
    "a list of arrays": lambda *given: list(unrolled(*given)),
    "lists": lambda *given: unrolled(*given).tolist(),
    "accumulate": lambda xs, h_0, *w: list(itertools.accumulate(xs, lambda h, x: one(x, h, *w), initial=h_0)),
    "the package": by_package,
    "float32": lambda *given: unrolled(*single(given)),
    "sequence by sequence": lambda xs, h_0, *w: np.stack(
        [unrolled(xs[:, b], h_0[b], *w) for b in range(len(h_0))], axis=1
    ),
}
WRONG["unroll"] = {
    "never carried on": lambda *given: unrolled(*given, carry=lambda h, new: h),
    "h_0 left out": lambda *given: unrolled(*given)[1:],
    "the last state left out": lambda *given: unrolled(*given)[:-1],
    "the last state alone": lambda *given: unrolled(*given)[-1],
    "started from zeros": lambda xs, h, *w: unrolled(xs, 0 * h, *w),
    "started from zeros, h_0 shown": lambda xs, h, *w: np.concatenate([[h], unrolled(xs, 0 * h, *w)[1:]]),
    "the last state T+1 times": lambda *given: np.stack([unrolled(*given)[-1]] * (len(given[0]) + 1)),
    "one sequence after the other": one_after_the_other,
    "the inputs from the end": lambda xs, *rest: unrolled(xs[::-1], *rest),
    "the states from the end": lambda *given: unrolled(*given)[::-1],
    "h_0 at the end": lambda *given: np.roll(unrolled(*given), -1, axis=0),
    "the batch first": lambda *given: unrolled(*given).swapaxes(0, 1),
    "no activation": lambda *given: unrolled(*given, f=lambda a: a),
    "W_hh transposed": lambda xs, h, U, W, b: unrolled(xs, h, U, W.T, b),
    "no bias": lambda xs, h, U, W, b: unrolled(xs, h, U, W, 0 * b),
    "added to the old state": lambda *given: unrolled(*given, carry=lambda h, new: h + new),
    "h_0 squashed": lambda xs, h, *w: unrolled(xs, np.tanh(h), *w),
    "h_0 zeroed": changing(unrolled, 1),
}


def read(*given, **twist):
    return unrolled(*given, **twist)[1:]


def written_over(xs, h, *weights):
    states = []
    for x_t in xs:
        h[...] = one(x_t, h, *weights)
        states.append(h)
    return np.stack(states)


RIGHT["find_the_bug"] = {
    "a list": lambda *given: list(read(*given)),
    "lists": lambda *given: read(*given).tolist(),
    "the package": lambda *given: by_package(*given)[1:],
    "float32": lambda *given: read(*single(given)),
    "in place on a copy of h_0": lambda xs, h, *w: np.stack([s.copy() for h in [h.copy()] for s in read(xs, h, *w)]),
}
WRONG["find_the_bug"] = {
    "still there": lambda *given: read(*given, carry=lambda h, new: h),
    "added to the old state": lambda *given: read(*given, carry=lambda h, new: h + new),
    "the mean of old and new": lambda *given: read(*given, carry=lambda h, new: (h + new) / 2),
    "zeros in the loop": lambda *given: read(*given, carry=lambda h, new: 0 * h),
    "zeros before the loop": lambda xs, h, *w: read(xs, 0 * h, *w),
    "written in place": written_over,
    "h_0 among the states": unrolled,
    "the states before each step": lambda *given: unrolled(*given)[:-1],
    "the last state alone": lambda *given: read(*given)[-1],
    "the last state T times": lambda *given: np.stack([read(*given)[-1]] * len(given[0])),
    "the inputs from the end": lambda xs, *rest: read(xs[::-1], *rest),
    "no activation": lambda *given: read(*given, f=lambda a: a),
    "W_hh transposed": lambda xs, h, U, W, b: read(xs, h, U, W.T, b),
    "no bias": lambda xs, h, U, W, b: read(xs, h, U, W, 0 * b),
    "carried without tanh": lambda xs, h, U, W, b: np.tanh(read(xs, h, U, W, b, f=lambda a: a)),
    "h_0 zeroed": changing(read, 1),
}


# --- 03


def lasts(a, b, share, size=lambda d: norm(d, axis=1), first=lambda gaps: gaps[0], when=lambda i: i[0], never=None):
    """The context test: how differences are measured, against what, which step is said, and what if never."""
    gaps = size(a - b)
    gaps = gaps[np.argmax(norm(a - b, axis=1) > 0) :]
    below = np.flatnonzero(gaps < share * first(gaps))
    return when(below) if below.size else len(a) if never is None else never


def looped(hs_a, hs_b, share):
    first, steps = None, 0
    for a, b in zip(hs_a, hs_b):
        gap = math.sqrt(sum((x - y) ** 2 for x, y in zip(a, b)))
        if first is None:
            first = gap or None
        else:
            steps += 1
            if gap < share * first:
                return float(steps)
    return len(hs_a)


def last_time(hs_a, hs_b, share):
    gaps = norm(hs_a - hs_b, axis=1)
    start = np.argmax(gaps > 0)
    above = np.flatnonzero(gaps >= share * gaps[start])[-1]
    return len(hs_a) if above == len(gaps) - 1 else above - start + 1


RIGHT["context_test"] = {
    "a loop": looped,
    "squares": lambda a, b, s: lasts(a, b, s**2, size=lambda d: (d**2).sum(axis=1)),
    "an array of one": lambda a, b, s: np.array([lasts(a, b, s)]),
    "float32": lambda a, b, s: lasts(*single((a, b)), s),
    "float": lambda p, q, r: float(lasts(q, p, r)),
}
WRONG["context_test"] = {
    "the last time above": last_time,
    "the count of steps above": lambda a, b, s: int(
        (norm(a - b, axis=1) >= s * norm(a - b, axis=1)[np.argmax(norm(a - b, axis=1) > 0)]).sum()
    ),
    "the share of the largest difference": lambda *given: lasts(*given, first=np.max),
    "the maximum norm": lambda *given: lasts(*given, size=lambda d: abs(d).max(axis=1)),
    "the sum of absolute values": lambda *given: lasts(*given, size=lambda d: abs(d).sum(axis=1)),
    "the sum with signs": lambda *given: lasts(*given, size=lambda d: abs(d.sum(axis=1))),
    "squares without a root": lambda *given: lasts(*given, size=lambda d: (d**2).sum(axis=1)),
    "the first unit": lambda *given: lasts(*given, size=lambda d: abs(d[:, 0])),
    "the last unit": lambda *given: lasts(*given, size=lambda d: abs(d[:, -1])),
    "the lengths compared": lambda a, b, s: lasts(a, b, s, size=lambda d: abs(norm(a, axis=1) - norm(b, axis=1))),
    "below share itself": lambda *given: lasts(*given, first=lambda gaps: 1),
    "counted from h_0": lambda a, b, s: min(lasts(a, b, s) + np.argmax(norm(a - b, axis=1) > 0), len(a)),
    "one step too many": lambda *given: lasts(*given) + 1,
    "the step before it": lambda *given: lasts(*given) - 1,
    "-1 if never": lambda *given: lasts(*given, never=-1),
    "T if never": lambda *given: lasts(*given, never=len(given[0]) - 1),
    "infinite if never": lambda *given: lasts(*given, never=np.inf),
    "the last step below": lambda *given: lasts(*given, when=lambda below: below[-1]),
    "how many are below": lambda *given: lasts(*given, when=len),
    "against the step before": lambda a, b, s: next(
        (t for t, (p, q) in enumerate(itertools.pairwise(norm(a - b, axis=1))) if p > 0 and q < s * p), len(a)
    ),
    "against the state's own length": lambda a, b, s: lasts(
        a, b, s, size=lambda d: norm(d, axis=1) / norm(a, axis=1), first=lambda gaps: 1
    ),
    "the mean of the units": lambda *given: lasts(*given, size=lambda d: d.mean(axis=1), first=lambda gaps: gaps[0]),
}


def with_ones(states):
    return np.column_stack([states, np.ones(len(states))])


def r2(was_read, was):
    return np.corrcoef(was_read, was)[0, 1] ** 2


def explained(was_read, was):
    return 1 - ((was - was_read) ** 2).sum() / ((was - was.mean()) ** 2).sum()


def curve(hs, xs, lags, score=r2, fit="first", judge="second", bias=with_ones, half=lambda n: n // 2, step=1):
    found = []
    for k in range(1, lags + 1):
        states, past = bias(hs[k:]), xs[:-k]
        n = half(len(past))
        parts = {"first": slice(0, n), "second": slice(n, None), "all": slice(None)}
        W = lstsq(states[parts[fit]], past[parts[fit]], rcond=None)[0]
        found.append(score(states[parts[judge]] @ W, past[parts[judge]]))
    return np.array(found)


def at_once(hs, xs, lags, score=r2):
    """As notebook 03 has it: one fit for all k."""
    past = np.stack([xs[lags - k : len(xs) - k] for k in range(1, lags + 1)], axis=1)
    states, half = with_ones(hs[lags:]), len(past) // 2
    W = lstsq(states[:half], past[:half], rcond=None)[0]
    return np.array([score(was_read, was) for was_read, was in zip((states[half:] @ W).T, past[half:].T)])


def by_normal_equations(hs, xs, lags):
    found = []
    for k in range(1, lags + 1):
        states, past = with_ones(hs[k:]), xs[:-k]
        half = len(past) // 2
        W = np.linalg.solve(states[:half].T @ states[:half], states[:half].T @ past[:half])
        found.append(r2(states[half:] @ W, past[half:]))
    return found


def in_turns(hs, xs, lags):
    found = []
    for k in range(1, lags + 1):
        states, past = with_ones(hs[k:]), xs[:-k]
        found.append(r2(states[1::2] @ lstsq(states[::2], past[::2], rcond=None)[0], past[1::2]))
    return np.array(found)


def one_probe(hs, xs, lags):
    half = len(xs) // 2
    W = lstsq(with_ones(hs[:half]), xs[:half], rcond=None)[0]
    return np.array([r2(with_ones(hs[half + k :]) @ W, xs[half:-k]) for k in range(1, lags + 1)])


RIGHT["memory_curve"] = {
    "1 - SSE/SST": lambda *given: curve(*given, score=explained),
    "notebook 03's curve": at_once,
    "all at once, 1 - SSE/SST": lambda *given: at_once(*given, score=explained),
    "half of T": lambda hs, xs, lags: curve(hs, xs, lags, half=lambda n: len(xs) // 2),
    "half of T, 1 - SSE/SST": lambda hs, xs, lags: curve(hs, xs, lags, explained, half=lambda n: len(xs) // 2),
    "normal equations, a list": by_normal_equations,
    "float32": lambda hs, xs, lags: curve(*single((hs, xs)), lags),
    "means taken off": lambda hs, xs, lags: curve(hs - hs.mean(axis=0), xs - xs.mean(), lags),
}
WRONG["memory_curve"] = {
    "r": lambda *given: np.sqrt(curve(*given)),
    "from k = 0": lambda hs, xs, lags: curve(np.insert(hs, 0, 0, axis=0), np.append(xs, 0), lags),
    "one step further back": lambda hs, xs, lags: curve(hs, xs, lags + 1)[1:],
    "the future": lambda hs, xs, lags: curve(hs[::-1], xs[::-1], lags),
    "the sum": lambda *given: curve(*given).sum(),
    "added up on the way": lambda *given: np.cumsum(curve(*given)),
    "fitted and judged on all": lambda *given: curve(*given, fit="all", judge="all"),
    "fitted on all": lambda *given: curve(*given, fit="all"),
    "judged on all": lambda *given: curve(*given, judge="all"),
    "judged on the fitted half": lambda *given: curve(*given, judge="first"),
    "the halves exchanged": lambda *given: curve(*given, fit="second", judge="first"),
    "the second half alone": lambda *given: curve(*given, fit="second"),
    "every other step for the halves": in_turns,
    "no bias": lambda *given: curve(*given, bias=lambda states: states),
    "no bias, 1 - SSE/SST": lambda *given: curve(*given, score=explained, bias=lambda states: states),
    "one probe for all k": one_probe,
    "the mean squared error": lambda *given: curve(*given, score=lambda a, b: ((a - b) ** 2).mean()),
    "1 - the mean squared error": lambda *given: curve(*given, score=lambda a, b: 1 - ((a - b) ** 2).mean()),
    "the mean not taken off": lambda *given: curve(*given, score=lambda a, b: 1 - ((a - b) ** 2).sum() / (b**2).sum()),
    "the variance of what is read": lambda *given: curve(*given, score=lambda a, b: a.var() / b.var()),
    "the best single unit": lambda hs, xs, lags: np.array(
        [max(r2(unit[k:], xs[:-k]) for unit in hs.T) for k in range(1, lags + 1)]
    ),
    "from the last k to the first": lambda *given: curve(*given)[::-1],
}


def scored(states, labels, new, bias=with_ones, targets=None):
    one_hot = np.eye(labels.max() + 1)[labels] if targets is None else targets(labels)
    return bias(new) @ lstsq(bias(states), one_hot, rcond=None)[0]


def centres(states, labels):
    return np.stack([states[labels == v].mean(axis=0) for v in range(labels.max() + 1)])


def softmax(scores):
    return np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)


RIGHT["probe"] = {
    "pinv": lambda s, y, n: (with_ones(n) @ np.linalg.pinv(with_ones(s)) @ np.eye(y.max() + 1)[y]).argmax(axis=1),
    "plus and minus one": lambda *given: scored(*given, targets=lambda y: 2 * np.eye(y.max() + 1)[y] - 1).argmax(
        axis=1
    ),
    "the ones first": lambda *given: scored(*given, bias=lambda s: np.insert(s, 0, 1, axis=1)).argmax(axis=1),
    "a list": lambda *given: [int(np.argmax(row)) for row in scored(*given)],
    "floats": lambda *given: scored(*given).argmax(axis=1).astype(float),
    "float32": lambda s, y, n: scored(*single((s, y, n))).argmax(axis=1),
    "means taken off": lambda s, y, n: (
        scored(
            s - s.mean(axis=0),
            y,
            n - s.mean(axis=0),
            lambda s: s,
            lambda y: (lambda o: o - o.mean(axis=0))(np.eye(y.max() + 1)[y]),
        )
        .__add__(np.bincount(y) / len(y))
        .argmax(axis=1)
    ),
}
WRONG["probe"] = {
    "no bias": lambda *given: scored(*given, bias=lambda s: s).argmax(axis=1),
    "the bias fitted and not used": lambda s, y, n: (
        n @ lstsq(with_ones(s), np.eye(y.max() + 1)[y], rcond=None)[0][:-1]
    ).argmax(axis=1),
    "labels as numbers": lambda *given: np.rint(scored(*given, targets=lambda y: y)),
    "labels as numbers, rounded down": lambda *given: scored(*given, targets=lambda y: y).astype(int),
    "the scores": scored,
    "probabilities": lambda *given: softmax(scored(*given)),
    "one-hot": lambda *given: (lambda s: np.eye(s.shape[1])[s.argmax(axis=1)])(scored(*given)),
    "the lowest score": lambda *given: scored(*given).argmin(axis=1),
    "the best of all states for each letter": lambda *given: scored(*given).argmax(axis=0),
    "from 1 to V": lambda *given: scored(*given).argmax(axis=1) + 1,
    "read from the old": lambda s, y, n: scored(s, y, s).argmax(axis=1),
    "the old labels": lambda s, y, n: y[: len(n)],
    "the unit with the largest value": lambda s, y, n: n.argmax(axis=1),
    "the most frequent letter": lambda s, y, n: np.full(len(n), np.bincount(y).argmax()),
    "the nearest old state": lambda s, y, n: y[norm(n[:, None] - s, axis=2).argmin(axis=1)],
    "the nearest centre": lambda s, y, n: norm(n[:, None] - centres(s, y), axis=2).argmin(axis=1),
    "the centre of the largest product": lambda s, y, n: (n @ centres(s, y).T).argmax(axis=1),
    "one letter too few": lambda *given: scored(*given)[:, :-1].argmax(axis=1),
}
KINDS = ("point", "cycle", "chaos")
RIGHT["trajectories"] = {
    "short words": {"A": "chaos", "B": "point", "C": "cycle"},
    "the notebook's words": {"A": "never repeats", "B": "falls to a point", "C": "goes round"},
    "capitals and spaces": {"A": " Never repeats", "B": "FALLS TO A POINT ", "C": "Goes  round"},
    "another order, small letters": {"c": "goes round", "a": "chaos", "b": "point"},
    "underscores": {"A": "never_repeats", "B": "falls_to_a_point", "C": "goes_round"},
}
WRONG["trajectories"] = {
    ", ".join(given): dict(zip("ABC", given))
    for given in itertools.product(KINDS, repeat=3)
    if given != ("chaos", "point", "cycle")
} | {
    "A alone": {"A": "chaos"},
    "one more": {"A": "chaos", "B": "point", "C": "cycle", "D": "point"},
    "no names": ["chaos", "point", "cycle"],
    "a word": "chaos",
}


# --- 04


def back(dh_t, x_t, h_prev, a_t, h_t, W_hh, slope=lambda a, h: 1 - h**2):
    da_t = dh_t * slope(a_t, h_t)
    return x_t.T @ da_t, h_prev.T @ da_t, da_t.sum(axis=0), da_t @ W_hh.T


def put(place, change):
    """Of four gradients, one changed by change(the gradient, the arguments)."""
    return lambda answer: (
        lambda *given: tuple(change(part, given) if i == place else part for i, part in enumerate(answer(*given)))
    )


RIGHT["backward_step"] = {
    "a list": lambda *given: list(back(*given)),
    "lists": lambda *given: lists(back(*given)),
    "slope from a_t": lambda *given: back(*given, slope=lambda a, h: 1 / np.cosh(a) ** 2),
    "einsum, renamed": lambda u, v, w, p, q, r: (
        np.einsum("bd,bh->dh", v, u * (1 - q * q)),
        np.einsum("bi,bj->ij", w, u * (1 - q * q)),
        np.ones(len(u)) @ (u * (1 - q * q)),
        (r @ (u * (1 - q * q)).T).T,
    ),
    "float32": lambda *given: single(back(*single(given))),
    "some of it float32": lambda *given: (np.float32(back(*given)[0]), *back(*given)[1:]),
}
WRONG["backward_step"] = {
    "1 - a²": lambda *given: back(*given, slope=lambda a, h: 1 - a**2),
    "1 - h": lambda *given: back(*given, slope=lambda a, h: 1 - h),
    "1 + h²": lambda *given: back(*given, slope=lambda a, h: 1 + h**2),
    "h (1 - h)": lambda *given: back(*given, slope=lambda a, h: h * (1 - h)),
    "tanh twice": lambda *given: back(*given, slope=lambda a, h: 1 - np.tanh(h) ** 2),
    "no slope": lambda *given: back(*given, slope=lambda a, h: 1),
    "the slope squared": lambda *given: back(*given, slope=lambda a, h: (1 - h**2) ** 2),
    "dh through W_hh": put(3, lambda d, given: given[0] * (1 - given[4] ** 2) @ given[5])(back),
    "da without W_hh": put(3, lambda d, given: given[0] * (1 - given[4] ** 2))(back),
    "dh around the activation": put(3, lambda d, given: given[0] @ given[5].T)(back),
    "dW_hh from h_t": put(1, lambda d, given: given[4].T @ (given[0] * (1 - given[4] ** 2)))(back),
    "dW_hh transposed": put(1, lambda d, given: d.T)(back),
    "dW_xh transposed": put(0, lambda d, given: d.T)(back),
    "the bias not summed": put(2, lambda d, given: given[0] * (1 - given[4] ** 2))(back),
    "the bias (1, H)": put(2, lambda d, given: d[None])(back),
    "the bias summed over the units": put(2, lambda d, given: (given[0] * (1 - given[4] ** 2)).sum(axis=1))(back),
    "the bias a mean": put(2, lambda d, given: d / len(given[0]))(back),
    "means over the batch": lambda *given: tuple(
        d / (len(given[0]) if i < 3 else 1) for i, d in enumerate(back(*given))
    ),
    "dh first": lambda *given: (back(*given)[3], *back(*given)[:3]),
    "dW_hh before dW_xh": lambda *given: tuple(back(*given)[i] for i in (1, 0, 2, 3)),
    "three arrays": lambda *given: back(*given)[:3],
    "dh alone": lambda *given: back(*given)[3],
    "dh_t zeroed": changing(back, 0),
}


def walk(dhs, xs, pre, hs, W_hh, slope=None, carry=None, arrives=None, before=None, start=0, only=None):
    """BPTT: the slopes, what is carried, what arrives at t, the states before, dh at the end, which steps are in."""
    slopes = 1 - hs[1:] ** 2 if slope is None else slope(pre, hs)
    dh, das = start + np.zeros_like(hs[0]), np.zeros_like(dhs)
    for t in reversed(range(len(xs))):
        dh = arrives(dhs, dh, t) if arrives else dhs[t] + dh
        das[t] = dh * slopes[t]
        dh = carry(dh, das[t], W_hh) if carry else das[t] @ W_hh.T
    das = das if only is None else das * only(len(das))[:, None, None]
    before = hs[:-1] if before is None else before(hs)
    return np.einsum("tbd,tbh->dh", xs, das), np.einsum("tbi,tbj->ij", before, das), das.sum(axis=(0, 1)), dh


def stepwise(dhs, xs, pre, hs, W_hh):
    sums, dh = [0, 0, 0], np.zeros_like(hs[0])
    for t in range(len(xs) - 1, -1, -1):
        *weights, dh = back(dhs[t] + dh, xs[t], hs[t], pre[t], hs[t + 1], W_hh)
        sums = [one + other for one, other in zip(sums, weights)]
    return (*sums, dh)


def chained(dhs, xs, pre, hs, W_hh):
    """One sequence after the other, dh never set back."""
    sums, dhs_0, dh = [0, 0, 0], [], 0
    for b in range(xs.shape[1]):
        each = slice(b, b + 1)
        *weights, dh = walk(dhs[:, each], xs[:, each], pre[:, each], hs[:, each], W_hh, start=dh)
        sums, dhs_0 = [one + other for one, other in zip(sums, weights)], [*dhs_0, dh]
    return (*sums, np.concatenate(dhs_0))


def by_rnnlib(dhs, xs, pre, hs, W_hh):
    rnn = rnnlib.RNN(xs.shape[-1], len(W_hh), "tanh")
    rnn.params.update(W_hh=W_hh)
    trace = rnn.forward(xs, hs[0])
    grads = rnn.backward(SimpleNamespace(**vars(trace) | {"hs": hs, "pre": pre}), dhs)
    return (*grads.params.values(), grads.hs[0])


RIGHT["bptt"] = {
    "sums after the loop": walk,
    "by backward_step": stepwise,
    "a list": lambda *given: list(stepwise(*given)),
    "lists, renamed": lambda u, v, w, p, q: lists(walk(u, v, w, p, q)),
    "slope from pre": lambda *given: walk(*given, slope=lambda pre, hs: 1 - np.tanh(pre) ** 2),
    "float32": lambda *given: single(walk(*single(given))),
}
WRONG["bptt"] = {
    "dh not carried": lambda *given: walk(*given, arrives=lambda dhs, dh, t: dhs[t]),
    "the last loss alone": lambda *given: walk(*given, arrives=lambda dhs, dh, t: dhs[t] if t == len(dhs) - 1 else dh),
    "the losses in the wrong order": lambda dhs, *rest: walk(dhs[::-1], *rest),
    "the first step alone": lambda *given: walk(*given, only=lambda T: np.arange(T) == 0),
    "the last step alone": lambda *given: walk(*given, only=lambda T: np.arange(T) == T - 1),
    "the first step left out": lambda *given: walk(*given, only=lambda T: np.arange(T) > 0),
    "a mean over the steps": lambda *given: tuple(
        d / (len(given[1]) if i < 3 else 1) for i, d in enumerate(walk(*given))
    ),
    "means over the batch": lambda *given: tuple(
        d / (given[1].shape[1] if i < 3 else 1) for i, d in enumerate(walk(*given))
    ),
    "1 - a²": lambda *given: walk(*given, slope=lambda pre, hs: 1 - pre**2),
    "1 - h": lambda *given: walk(*given, slope=lambda pre, hs: 1 - hs[1:]),
    "the slope of the state before": lambda *given: walk(*given, slope=lambda pre, hs: 1 - hs[:-1] ** 2),
    "no slope": lambda *given: walk(*given, slope=lambda pre, hs: np.ones_like(pre)),
    "through W_hh": lambda *given: walk(*given, carry=lambda dh, da, W: da @ W),
    "da carried without W_hh": lambda *given: walk(*given, carry=lambda dh, da, W: da),
    "dh carried around the activation": lambda *given: walk(*given, carry=lambda dh, da, W: dh @ W.T),
    "dh carried as it is": lambda *given: walk(*given, carry=lambda dh, da, W: dh),
    "dW_hh from the state after": lambda *given: walk(*given, before=lambda hs: hs[1:]),
    "dW_hh from h_0 alone": lambda *given: walk(*given, before=lambda hs: np.stack([hs[0]] * (len(hs) - 1))),
    "dW_hh transposed": put(1, lambda d, given: d.T)(walk),
    "the bias not summed over the batch": put(
        2,
        lambda d, given: np.array(
            [walk(*(a[:, b : b + 1] for a in given[:4]), given[4])[2] for b in range(given[1].shape[1])]
        ),
    )(walk),
    "dh_0 before tanh": put(3, lambda d, given: d @ np.linalg.inv(given[4].T))(walk),
    "dh_0 with dhs[0]": put(3, lambda d, given: d + given[0][0])(walk),
    "one sequence after the other": chained,
    "dh_0 first": lambda *given: (walk(*given)[3], *walk(*given)[:3]),
    "three arrays": lambda *given: walk(*given)[:3],
}
BUGS = ("not carried", "transpose", "slope", "overwritten", "mean twice")
RIGHT["three_bugs"] = {
    "the notebook's words": {"A": "transpose", "B": "mean twice", "C": "overwritten"},
    "the lab's words": {"A": "wrong transpose", "B": "mean taken twice", "C": "overwritten, not added"},
    "the lab's names": {"A": "transpose", "B": "mean_twice", "C": "overwritten"},
    "capitals and spaces": {"A": "Transpose ", "B": " MEAN TWICE", "C": "Overwritten"},
    "another order, small letters": {"b": "Mean  twice", "a": "transpose", "c": "overwritten"},
}
WRONG["three_bugs"] = {
    ", ".join(given): dict(zip("ABC", given))
    for given in itertools.product(BUGS, repeat=3)
    if given != ("transpose", "mean twice", "overwritten") and len({*given}) > 1
} | {
    "A alone": {"A": "transpose"},
    "no names": ["transpose", "mean twice", "overwritten"],
    "one string": "transpose, mean twice, overwritten",
}


def cut(dh_T, hs, W_hh, window, first=None, **twist):
    """dW_hh over the last window steps, by the walk above."""
    start = len(hs) - 1 - window if first is None else first(len(hs) - 1, window)
    hs = hs[max(start, 0) :]
    dhs = np.concatenate([np.zeros_like(hs[2:]), dh_T[None]]) if len(hs) > 1 else np.zeros((0, *dh_T.shape))
    return walk(dhs, np.zeros((*dhs.shape[:2], 1)), np.arctanh(hs[1:]), hs, W_hh, **twist)[1]


def shares(dh_T, hs, W_hh):
    """Each step's term of dW_hh, from the last step back."""
    dh, found = dh_T, []
    for h_prev, h in zip(hs[-2::-1], hs[:0:-1]):
        found.append(h_prev.T @ (dh * (1 - h**2)))
        dh = dh * (1 - h**2) @ W_hh.T
    return found


RIGHT["truncated"] = {
    "the last states": cut,
    "the sum of the last shares": lambda dh, hs, W, K: sum(shares(dh, hs, W)[:K]),
    "lists, renamed": lambda a, b, c, d: np.sum(shares(a, b, c)[:d], axis=0).tolist(),
    "float32": lambda dh, hs, W, K: single(cut(*single((dh, hs, W)), K)),
    "the whole less the far": lambda dh, hs, W, K: cut(dh, hs, W, len(hs) - 1) - sum(shares(dh, hs, W)[K:]),
}
WRONG["truncated"] = {
    "not cut": lambda dh, hs, W, K: cut(dh, hs, W, len(hs) - 1),
    "one step too many": lambda dh, hs, W, K: cut(dh, hs, W, K + 1),
    "one step too few": lambda dh, hs, W, K: cut(dh, hs, W, K - 1),
    "the first states": lambda dh, hs, W, K: cut(dh, hs[: K + 1], W, K),
    "the shares of the first steps": lambda dh, hs, W, K: sum(shares(dh, hs, W)[-K:]),
    "the shares left out": lambda dh, hs, W, K: sum(shares(dh, hs, W)[K:]),
    "the share of one step": lambda dh, hs, W, K: shares(dh, hs, W)[K - 1],
    "the last share alone": lambda dh, hs, W, K: shares(dh, hs, W)[0],
    "dh not carried": lambda *given: cut(*given, carry=lambda dh, da, W: given[0]),
    "dh lost after a step": lambda *given: cut(*given, carry=lambda dh, da, W: 0 * dh),
    "through W_hh": lambda *given: cut(*given, carry=lambda dh, da, W: da @ W),
    "da carried without W_hh": lambda *given: cut(*given, carry=lambda dh, da, W: da),
    "dh carried around the activation": lambda *given: cut(*given, carry=lambda dh, da, W: dh @ W.T),
    "dh_T at every step": lambda *given: cut(*given, arrives=lambda dhs, dh, t: dhs[-1] + dh),
    "no slope": lambda *given: cut(*given, slope=lambda pre, hs: np.ones_like(pre)),
    "the slope of the state before": lambda *given: cut(*given, slope=lambda pre, hs: 1 - hs[:-1] ** 2),
    "the state after": lambda *given: cut(*given, before=lambda hs: hs[1:]),
    "transposed": lambda *given: cut(*given).T,
    "a mean over the batch": lambda *given: cut(*given) / len(given[0]),
    "a mean over the window": lambda *given: cut(*given) / given[3],
    "scaled up to the whole": lambda dh, hs, W, K: cut(dh, hs, W, K) * (len(hs) - 1) / K,
    "the states cut off too": lambda dh, hs, W, K: cut(dh, np.concatenate([0 * hs[:1], hs[-K:]]), W, K),
}


# --- 05


def mean_slope(n):
    return (n[-1] - n[0]) / (len(n) - 1)


RIGHT["half_life"] = {
    "mean of the differences": lambda n: math.log(2) / np.diff(n).mean(),
    "steps over halvings": lambda n: (len(n) - 1) / ((n[-1] - n[0]) / math.log(2)),
    "base two": lambda n: 1 / (mean_slope(n) / math.log(2)),
    "an array of one": lambda n: np.array([math.log(2) / mean_slope(n)]),
    "by the factor": lambda norms: math.log(0.5) / math.log(math.exp(-mean_slope(norms))),
    "float32": lambda n: np.float32(math.log(2)) / mean_slope(n.astype(np.float32)),
}
WRONG["half_life"] = {
    "until 1/e": lambda n: 1 / mean_slope(n),
    "T+1 steps": lambda n: math.log(2) * len(n) / (n[-1] - n[0]),
    "T-1 steps": lambda n: math.log(2) * (len(n) - 2) / (n[-1] - n[0]),
    "the sign turned": lambda n: -math.log(2) / mean_slope(n),
    "the absolute value": lambda n: abs(math.log(2) / mean_slope(n)),
    "the decimal logarithm": lambda n: math.log10(2) / mean_slope(n),
    "the binary logarithm": lambda n: math.log2(2) / mean_slope(n),
    "exp first": lambda n: math.log(2) / mean_slope(np.exp(n)),
    "half of the logarithm": lambda n: (len(n) - 1) / 2,
    "the last step alone": lambda n: math.log(2) / (n[-1] - n[-2]),
    "the first step alone": lambda n: math.log(2) / (n[1] - n[0]),
    "a fitted line": lambda n: math.log(2) / np.polyfit(np.arange(len(n)), n, 1)[0],
    "the first state below a half": lambda n: int(np.argmax(n[::-1] < n[-1] - math.log(2))),
    "from the largest to the smallest": lambda n: math.log(2) * (len(n) - 1) / (n.max() - n.min()),
    "ln 2 times the slope": lambda n: math.log(2) * mean_slope(n),
    "the slope": mean_slope,
    "the total change": lambda n: math.log(2) / (n[-1] - n[0]),
}


def multiplied(h, W, slope=lambda h: 1 - h**2, bound=lambda h, W: norm(W, 2)):
    return W * slope(h), bound(h, W)


RIGHT["multiplier"] = {
    "diag": lambda h, W: (W @ np.diag(1 - h**2), np.linalg.svd(W)[1][0]),
    "the root of the largest eigenvalue": lambda h, W: [W * (1 - h * h), math.sqrt(np.linalg.eigvalsh(W.T @ W)[-1])],
    "the package's bound": lambda h, W: (lists(W * (1 - h**2)), rnnlib.theory.norm_bound(W, "tanh")),
    "column by column, renamed": lambda a, b: (
        np.stack([(1 - x * x) * c for x, c in zip(a, b.T)], axis=1),
        [norm(b, 2)],
    ),
    "float32": lambda h, W: single(multiplied(*single((h, W)))),
}
WRONG["multiplier"] = {
    "rows scaled": lambda h, W: ((1 - h**2)[:, None] * W, norm(W, 2)),
    "transposed": lambda h, W: ((W * (1 - h**2)).T, norm(W, 2)),
    "1 - h": lambda *given: multiplied(*given, slope=lambda h: 1 - h),
    "1 + h²": lambda *given: multiplied(*given, slope=lambda h: 1 + h**2),
    "tanh twice": lambda *given: multiplied(*given, slope=lambda h: 1 - np.tanh(h) ** 2),
    "h (1 - h)": lambda *given: multiplied(*given, slope=lambda h: h * (1 - h)),
    "no slope": lambda *given: multiplied(*given, slope=lambda h: 1),
    "the slopes' mean": lambda *given: multiplied(*given, slope=lambda h: (1 - h**2).mean()),
    "a product of matrix and vector": lambda h, W: (W @ (1 - h**2), norm(W, 2)),
    "the diagonal alone": lambda h, W: (np.diag(np.diag(W) * (1 - h**2)), norm(W, 2)),
    "the spectral radius": lambda *given: multiplied(*given, bound=lambda h, W: abs(np.linalg.eigvals(W)).max()),
    "the Frobenius norm": lambda *given: multiplied(*given, bound=lambda h, W: norm(W)),
    "the largest singular value of J_t": lambda *given: multiplied(*given, bound=lambda h, W: norm(W * (1 - h**2), 2)),
    "with this state's largest slope": lambda *given: multiplied(
        *given, bound=lambda h, W: norm(W, 2) * (1 - h**2).max()
    ),
    "the squared singular value": lambda *given: multiplied(*given, bound=lambda h, W: norm(W, 2) ** 2),
    "the smallest singular value": lambda *given: multiplied(*given, bound=lambda h, W: norm(W, -2)),
    "the largest entry": lambda *given: multiplied(*given, bound=lambda h, W: abs(W).max()),
    "the largest column sum": lambda *given: multiplied(*given, bound=lambda h, W: norm(W, 1)),
    "the largest row sum": lambda *given: multiplied(*given, bound=lambda h, W: norm(W, np.inf)),
    "sigmoid's bound": lambda *given: multiplied(*given, bound=lambda h, W: norm(W, 2) / 4),
    "the determinant": lambda *given: multiplied(*given, bound=lambda h, W: abs(np.linalg.det(W))),
    "the bound first": lambda *given: multiplied(*given)[::-1],
    "J_t alone": lambda *given: multiplied(*given)[0],
}
RIGHT["relu_critical_scale"] = {
    "three digits": 1.41,
    "more digits": 1.4142,
    "the root": math.sqrt(2),
    "an array of one": np.array([2**0.5]),
    "a fraction": Fraction(577, 408),
    "the package": rnnlib.theory.critical_weight_scale("relu", 0.25),
    "float32": np.float32(1.41),
}
WRONG["relu_critical_scale"] = {
    "the root forgotten": 2,
    "as for f(a) = a": 1,
    "the inverse": math.sqrt(0.5),
    "a half": 0.5,
    "two digits": 1.4,
    "rounded up": 1.42,
    "a guess": 1.5,
    "tanh's at 0.25": 1.55,
    "the cube root": 2 ** (1 / 3),
    "the fourth root": 2**0.25,
    "the square": 4,
    "a minus": -1.41,
    "its logarithm": math.log(2) / 2,
    "π/2": math.pi / 2,
}


def clip(gradients, max_norm, size=None, factor=None, after=False):
    n = math.sqrt(sum(float(np.sum(np.square(g))) for g in gradients.values())) if size is None else size(gradients)
    f = (max_norm / n if n > max_norm else 1) if factor is None else factor(n, max_norm)
    return {name: f * g for name, g in gradients.items()}, min(n, max_norm) if after else n


def in_place(gradients, max_norm):
    clipped, n = clip(gradients, max_norm)
    for name, gradient in gradients.items():
        gradient[...] = clipped[name]
    return gradients, n


RIGHT["clip_by_norm"] = {
    "the package": rnnlib.clip_by_norm,
    "one long vector": lambda g, m: clip(g, m, size=lambda g: norm(np.concatenate([a.ravel() for a in g.values()]))),
    "a list, renamed": lambda a, b: [lists(clip(a, b)[0]), np.array([clip(a, b)[1]])],
    "in place on copies": lambda g, m: (lambda own: clip(own, m))({name: a.copy() for name, a in g.items()}),
    "divided by the larger": lambda g, m: clip(g, m, factor=lambda n, m: m / max(n, m)),
    "float32": lambda g, m: single(clip(single(g), m)),
}
WRONG["clip_by_norm"] = {
    "array by array": lambda g, m: ({k: clip({k: a}, m)[0][k] for k, a in g.items()}, clip(g, m)[1]),
    "in place": in_place,
    "always rescaled": lambda *given: clip(*given, factor=lambda n, m: m / (n or 1)),
    "never rescaled": lambda *given: clip(*given, factor=lambda n, m: 1),
    "short ones stretched, long ones left": lambda *given: clip(*given, factor=lambda n, m: m / n if 0 < n < m else 1),
    "entry by entry": lambda g, m: ({k: np.clip(a, -m, m) for k, a in g.items()}, clip(g, m)[1]),
    "the norm after": lambda *given: clip(*given, after=True),
    "no root": lambda *given: clip(*given, size=lambda g: sum(np.sum(a**2) for a in g.values())),
    "norms added": lambda *given: clip(*given, size=lambda g: sum(norm(a) for a in g.values())),
    "the largest norm": lambda *given: clip(*given, size=lambda g: max(norm(a) for a in g.values())),
    "the largest entry": lambda *given: clip(*given, size=lambda g: max(abs(a).max() for a in g.values())),
    "the mean square": lambda *given: clip(
        *given, size=lambda g: math.sqrt(np.mean(np.concatenate([a.ravel() ** 2 for a in g.values()])))
    ),
    "the spectral norm of matrices": lambda *given: clip(
        *given, size=lambda g: math.hypot(*(norm(a, 2) for a in g.values()))
    ),
    "divided by zero": lambda *given: clip(*given, factor=lambda n, m: min(1, m / np.float64(n))),
    "0/0": lambda g, m: (
        {k: a / np.float64(clip(g, m)[1]) * min(m, clip(g, m)[1]) for k, a in g.items()},
        clip(g, m)[1],
    ),
    "the inverse factor": lambda *given: clip(*given, factor=lambda n, m: n / m if n > m else 1),
    "a mistake of the smallest": lambda *given: clip(*given, factor=lambda n, m: m / (n + 1e-3) if n > m else 1),
    "zeros where it is long": lambda *given: clip(*given, factor=lambda n, m: float(n <= m)),
    "the norm first": lambda *given: clip(*given)[::-1],
    "the gradients alone": lambda *given: clip(*given)[0],
    "the factor for the norm": lambda g, m: (clip(g, m)[0], min(1, m / (clip(g, m)[1] or 1))),
    "a list of arrays": lambda g, m: (list(clip(g, m)[0].values()), clip(g, m)[1]),
}


# --- 06


def cell(x, h, c, U, W, b, order="ifgo", keep=None, write=None, candidate=np.tanh, show=np.tanh):
    gates = dict(zip(order, np.split(x @ U + h @ W + b, 4, axis=1)))
    i, f, o = (sigmoid(gates[name]) for name in "ifo")
    i = i if write is None else write(i, f)
    c_t = (f if keep is None else keep(i, f)) * c + i * candidate(gates["g"])
    return o * show(c_t), c_t


RIGHT["lstm_step"] = {
    "a list": lambda *given: list(cell(*given)),
    "lists, renamed": lambda p, q, r, s, t, u: lists(cell(p, q, r, s, t, u)),
    "one array of both": lambda *given: np.stack(cell(*given)),
    "sigmoid by tanh": lambda x, h, c, U, W, b: (lambda i, f, g, o: (lambda c: (o * np.tanh(c), c))(f * c + i * g))(
        *(
            np.tanh(a) if n == 2 else (1 + np.tanh(a / 2)) / 2
            for n, a in enumerate(np.split(x @ U + h @ W + b, 4, axis=1))
        )
    ),
    "float32": lambda *given: single(cell(*single(given))),
    "h of one gate after the other": lambda x, h, c, U, W, b: cell(x, h, c, U.copy(), W.copy(), b.copy()),
}
WRONG["lstm_step"] = {
    "i, f, o, g": lambda *given: cell(*given, order="ifog"),
    "f, i, g, o": lambda *given: cell(*given, order="figo"),
    "g, i, f, o": lambda *given: cell(*given, order="gifo"),
    "o, f, g, i": lambda *given: cell(*given, order="ofgi"),
    "sigmoid for the candidate": lambda *given: cell(*given, candidate=sigmoid),
    "no activation for the candidate": lambda *given: cell(*given, candidate=lambda a: a),
    "the cell shown without tanh": lambda *given: cell(*given, show=lambda c: c),
    "the cell shown through sigmoid": lambda *given: cell(*given, show=sigmoid),
    "nothing forgotten": lambda *given: cell(*given, keep=lambda i, f: 1),
    "1 - σ(f)": lambda *given: cell(*given, keep=lambda i, f: 1 - f),
    "1 - σ(i), as a GRU": lambda *given: cell(*given, keep=lambda i, f: 1 - i),
    "written with 1 - σ(f)": lambda *given: cell(*given, write=lambda i, f: 1 - f),
    "written in full": lambda *given: cell(*given, write=lambda i, f: 1),
    "h kept for c": lambda x, h, c, *rest: cell(x, h, h, *rest),
    "h and c exchanged": lambda x, h, c, *rest: cell(x, c, h, *rest),
    "the old cell shown": lambda *given: (
        cell(*given)[0] / np.tanh(cell(*given)[1]) * np.tanh(given[2]),
        cell(*given)[1],
    ),
    "no bias": lambda x, h, c, U, W, b: cell(x, h, c, U, W, 0 * b),
    "no state": lambda x, h, c, U, W, b: cell(x, 0 * h, c, U, W, b),
    "(c_t, h_t)": lambda *given: cell(*given)[::-1],
    "h_t alone": lambda *given: cell(*given)[0],
    "c zeroed": changing(cell, 2),
}
RIGHT["gradient_through_c"] = {
    "a loop": lambda d, i, f, o, n: (lambda own: [own := own * f for _ in range(n)][-1] if n else own)(d.copy()),
    "exp of logs": lambda d, i, f, o, n: d * np.exp(n * np.log(f)),
    "np.power, renamed": lambda a, b, c, d, e: np.power(c, e) * a,
    "a matrix": lambda d, i, f, o, n: d @ np.linalg.matrix_power(np.diag(f), n),
    "lists": lambda d, i, f, o, n: (d * f**n).tolist(),
    "float32": lambda d, i, f, o, n: single(d) * single(f) ** n,
}
WRONG["gradient_through_c"] = {
    "f + i": lambda d, i, f, o, n: d * (f + i) ** n,
    "f i": lambda d, i, f, o, n: d * (f * i) ** n,
    "f o": lambda d, i, f, o, n: d * (f * o) ** n,
    "f i o": lambda d, i, f, o, n: d * (f * i * o) ** n,
    "1 - f": lambda d, i, f, o, n: d * (1 - f) ** n,
    "i": lambda d, i, f, o, n: d * i**n,
    "o": lambda d, i, f, o, n: d * o**n,
    "one step": lambda d, i, f, o, n: d * f,
    "f times the steps": lambda d, i, f, o, n: d * f * n,
    "a step more": lambda d, i, f, o, n: d * f ** (n + 1),
    "a step less": lambda d, i, f, o, n: d * f ** max(n - 1, 0),
    "the steps to the power of f": lambda d, i, f, o, n: d * n**f,
    "the factors alone": lambda d, i, f, o, n: f**n,
    "the mean gate": lambda d, i, f, o, n: d * f.mean() ** n,
    "units mixed": lambda d, i, f, o, n: (d @ f**n)[:, None] * np.ones_like(f),
    "the batch added up": lambda d, i, f, o, n: (d * f**n).sum(axis=0),
    "to the power of dc": lambda d, i, f, o, n: (np.abs(d) * f) ** n,
    "o at the end": lambda d, i, f, o, n: d * f**n * o,
    "f's own slope": lambda d, i, f, o, n: d * (f * (1 - f)) ** n,
    "in place": lambda d, i, f, o, n: d.__imul__(f**n),
}


def logit(f):
    return math.log(f / (1 - f))


RIGHT["forget_bias"] = {
    "a difference of logarithms": lambda lag: math.log(0.5 ** (1 / lag)) - math.log(1 - 0.5 ** (1 / lag)),
    "closed form": lambda lag: -math.log(2 ** (1 / lag) - 1),
    "expm1": lambda n: -np.log(np.expm1(np.log(2) / n)),
    "an array of one": lambda lag: np.array([logit(math.exp(-math.log(2) / lag))]),
    "float32": lambda lag: np.float32(logit(0.5 ** (1 / lag))),
}
WRONG["forget_bias"] = {
    "the gate": lambda lag: 0.5 ** (1 / lag),
    "the sign": lambda lag: -logit(0.5 ** (1 / lag)),
    "1 - 1/lag": lambda lag: logit(1 - 1 / lag),
    "exp(-1/lag)": lambda lag: logit(math.exp(-1 / lag)),
    "1 - 1/(2 lag)": lambda lag: logit(1 - 0.5 / lag),
    "a half": lambda lag: 0.0,
    "ln f": lambda lag: math.log(0.5 ** (1 / lag)),
    "σ of f": lambda lag: sigmoid(0.5 ** (1 / lag)),
    "atanh, the inverse of tanh": lambda lag: math.atanh(0.5 ** (1 / lag)),
    "one step more": lambda lag: logit(0.5 ** (1 / (lag + 1))),
    "one step less": lambda lag: logit(0.5 ** (1 / (lag - 1))),
    "the logarithm of the lag": lambda lag: math.log(lag),
    "the usual start": lambda lag: 1.0,
    "the decimal logarithm": lambda lag: logit(0.5 ** (1 / lag)) / math.log(10),
    "a tenth left": lambda lag: logit(0.1 ** (1 / lag)),
    "f/(1 - f)": lambda lag: math.exp(logit(0.5 ** (1 / lag))),
    "a half of the lag": lambda lag: logit(0.5 ** (2 / lag)),
}


# --- what is asked of them


def verdict(name, answer):
    return getattr(exercises, name).verdict(answer)


def pairs(table):
    found = [(name, what) for name, answers in table.items() for what in answers]
    return pytest.mark.parametrize(("name", "what"), found, ids=[f"{name}-{what}" for name, what in found])


def test_every_exercise_has_its_tables():
    assert set(RIGHT) == set(WRONG) == set(exercises.__all__)
    assert {name: len(answers) for name, answers in RIGHT.items() if len(answers) < 4} == {}
    assert {name: len(answers) for name, answers in WRONG.items() if len(answers) < 10} == {}


@pairs(RIGHT)
def test_a_right_answer_is_right_however_it_is_written(name, what):
    assert verdict(name, RIGHT[name][what])[0] == "right"


@pairs(WRONG)
def test_a_wrong_answer_is_refused_and_what_is_shown_of_it_differs(name, what):
    kind, said = verdict(name, WRONG[name][what])
    assert kind not in ("right", "not_yet", "unsteady")
    shown = [line.partition(":")[2].strip() for line in said.splitlines() if line.startswith(("expected:", "came:"))]
    assert len(shown) == len({*shown})


SLOW = {"memory_curve": pytest.mark.slow}


@pytest.mark.parametrize("name", [pytest.param(name, marks=SLOW.get(name, ())) for name in exercises.__all__])
def test_an_answer_that_was_called_elsewhere_is_judged_alike(name):
    exercise = getattr(exercises, name)
    for what, answer in (RIGHT[name] | WRONG[name]).items():
        function = answer if callable(answer) else lambda *_, answer=answer: answer
        rounds = told([outcomes(function, exercise.cases) for _ in range(2)])
        assert len(rounds) < 4_000_000, what
        assert exercise.judge(iter(heard(rounds)).__next__)[0] == verdict(name, answer)[0], what


@pytest.mark.parametrize(("dtype", "kind"), [(np.float32, "right"), (np.float64, "nearly"), (np.float16, "nearly")])
def test_what_is_held_in_fewer_digits_is_judged_by_them_elsewhere_too(dtype, kind):
    exercise = exercises.half_life

    def answer(log_norms):
        return dtype(exercise.reference(log_norms) * (1 + 3e-6))

    rounds = heard(told([outcomes(answer, exercise.cases) for _ in range(2)]))
    assert exercise.judge(iter(rounds).__next__)[0] == exercise.verdict(answer)[0] == kind


VALUES = ("three_bugs", "trajectories")


def test_how_many_wrong_answers_are_told_which_mistake_it_is():
    """Of those above; where answers are words there is every combination, and each part is told apart (below)."""
    said = [verdict(name, answer)[0] for name in WRONG for answer in WRONG[name].values() if name not in VALUES]
    named = [kind for kind in said if kind not in ("wrong", "nearly")]
    assert len(named) > 0.5 * len(said)


@pytest.mark.parametrize("name", VALUES)
def test_of_a_partial_answer_each_part_is_told(name):
    right = getattr(exercises, name).reference()
    for answer in WRONG[name].values():
        if not isinstance(answer, dict):
            continue
        fine = [part for part in right if answer.get(part) == right[part]]
        off = [part for part in {**right, **answer} if part not in fine]
        key = "parts" if fine else "no_part"
        words = text(f"exercise_frame.{key}", right=", ".join(fine), wrong=", ".join(off))
        assert verdict(name, answer)[1].splitlines()[0].endswith(words)
