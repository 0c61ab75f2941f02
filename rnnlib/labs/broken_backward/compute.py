"""A backward pass with a classic bug, run as it is shown, and its relative errors in two gradient checks."""

from functools import lru_cache, partial
from typing import Any, NamedTuple

import numpy as np

from rnnlib import RNN, numerical_gradient
from rnnlib.recurrent import Params
from rnnlib.validation import Array

D, H = 2, 4
ALLOWED = 1e-6  # a relative error above this is a bug
NAMES = ("W_xh", "W_hh", "b_h", "h_0")
LOOP = "for t in reversed(range(T)):"
BACKWARD = (
    "dh = dhs[t] + dh",
    "da = dh * (1 - hs[t + 1] ** 2)",
    "dW_xh += xs[t].T @ da",
    "dW_hh += hs[t].T @ da",
    "db_h += da.sum(axis=0)",
    "dh = da @ W_hh.T",
)
# Which lines a bug puts in the place of the right ones.
BUGS: dict[str, dict[int, str]] = {
    "none": {},
    "not_carried": {0: "dh = dhs[t]"},
    "transpose": {5: "dh = da @ W_hh"},
    "slope": {1: "da = dh * (1 - a[t] ** 2)"},
    "overwritten": {2: "dW_xh = xs[t].T @ da", 3: "dW_hh = hs[t].T @ da", 4: "db_h = da.sum(axis=0)"},
    "mean_twice": {2: "dW_xh += xs[t].T @ da / B", 3: "dW_hh += hs[t].T @ da / B", 4: "db_h += da.mean(axis=0)"},
}

Errors = dict[str, float]  # the relative error of each array


class Line(NamedTuple):
    """A line of the loop, and whether it is wrong."""

    code: str
    wrong: bool


class Run(NamedTuple):
    """The lines of the loop, and their errors over one step and over the sequence."""

    lines: list[Line]
    step: Errors
    sequence: Errors


def run(bug: str, steps: int, batch: int, recurrent_init: str, seed: int) -> Run:
    """All that the lab shows at these settings."""
    lines = [Line(BUGS[bug].get(i, line), i in BUGS[bug]) for i, line in enumerate(BACKWARD)]
    step, sequence = (relative_errors(lines, *case(T, batch, recurrent_init, seed)) for T in (1, steps))
    return Run(lines, step, sequence)


def failing(errors: Errors) -> list[str]:
    """The arrays that a check finds wrong."""
    return [name for name, error in errors.items() if error > ALLOWED]


@lru_cache(maxsize=4)
def case(steps: int, batch: int, recurrent_init: str, seed: int) -> tuple[dict[str, Any], Params]:
    """What the lines of the backward pass read, and the right gradient, by central differences.

    The loss is the mean over the batch of a sum over all states, each with a weight drawn at random.
    """
    rng = np.random.default_rng(seed)
    rnn = RNN(D, H, recurrent_init=recurrent_init, rng=rng)
    xs, h_0, dhs = (rng.standard_normal(n) for n in ((steps, batch, D), (batch, H), (steps, batch, H)))
    dhs /= batch
    trace, given = rnn.forward(xs, h_0), rnn.params | {"h_0": h_0}

    def loss(name: str, value: Array) -> float:
        *weights, start = (given | {name: value}).values()
        rnn.params.update(zip(rnn.params, weights))
        return float((dhs * rnn.forward(xs, start).hs[1:]).sum())

    numeric = {name: numerical_gradient(partial(loss, name), given[name]) for name in NAMES}
    names = {"xs": xs, "hs": trace.hs, "a": trace.pre, "dhs": dhs, "W_hh": given["W_hh"], "T": steps, "B": batch}
    return names, numeric


def relative_errors(lines: list[Line], names: dict[str, Any], right: Params) -> Errors:
    """‖came − right‖ ÷ (‖came‖ + ‖right‖) of each array; the lines that run are the lines that are shown."""
    scope = names | {"dW_xh": 0, "dW_hh": 0, "db_h": 0, "dh": 0}
    exec("\n    ".join([LOOP, *(line.code for line in lines)]), scope)
    came, norm = {name: scope["dh" if name == "h_0" else f"d{name}"] for name in NAMES}, np.linalg.norm
    return {name: float(norm(came[name] - g) / (norm(came[name]) + norm(g))) for name, g in right.items()}
