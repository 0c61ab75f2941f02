"""The forward pass of a network of two units that reads three numbers, with every number that a step adds up."""

from dataclasses import dataclass
from functools import cache
from typing import NamedTuple

import numpy as np

from rnnlib.activations import ACTIVATIONS
from rnnlib.rnn import RNN
from rnnlib.validation import Array

INPUTS = {"x_1": 1.0, "x_2": 0.0, "x_3": -1.0}
STEPS = len(INPUTS)
WEIGHTS = {
    "W_xh": np.array([[1.0, -0.5]]),
    "W_hh": np.array([[0.5, 0.8], [-0.8, 0.5]]),
    "b_h": np.array([0.0, 0.2]),
    "W_hy": np.array([[1.0], [-1.0]]),
    "b_y": np.array([0.5]),
}
LIMITS = (3, 6, 12)  # of the activation's axis: the first that holds every a_t


@dataclass(frozen=True, eq=False)
class Curve:
    """An activation: f(a) (n,) at a (n,)."""

    activation: str
    a: Array
    f: Array


class Run(NamedTuple):
    """A forward pass of one input, two units and one output, and the step to look at.

    Attributes:
        step: t, from 1.
        xs: (T,) inputs.
        hs: (T+1, 2) states.
        ys: (T,) outputs.
        params: W_xh (1, 2), W_hh (2, 2), b_h (2,), W_hy (2, 1), b_y (1,).
        terms: (3, 2) x_t W_xh, h_{t-1} W_hh and b_h at this step.
        a_t: (2,) their sum.
        curve: the activation as far as a_t.
    """

    step: int
    xs: Array
    hs: Array
    ys: Array
    params: dict[str, Array]
    terms: Array
    a_t: Array
    curve: Curve


def run(step: int, activation: str, weight_scale: float, **inputs: float) -> Run:
    """All that the lab shows at these settings, by the package's own network; inputs are x_1, x_2 and x_3."""
    params = WEIGHTS | {"W_hh": weight_scale * WEIGHTS["W_hh"]}
    rnn = RNN(1, 2, activation)
    rnn.params.update({name: params[name] for name in rnn.params})
    xs = np.array([inputs[name] for name in INPUTS])
    trace = rnn.forward(xs.reshape(STEPS, 1, 1))
    hs, a_t = trace.hs[:, 0], trace.pre[step - 1, 0]
    ys = hs[1:] @ params["W_hy"] + params["b_y"]
    terms = np.stack([xs[step - 1] * params["W_xh"][0], hs[step - 1] @ params["W_hh"], params["b_h"]])
    limit = next(limit for limit in LIMITS if np.abs(a_t).max() <= limit)
    return Run(step, xs, hs, ys[:, 0], params, terms, a_t, curve(activation, limit))


@cache
def curve(activation: str, limit: float) -> Curve:
    """From −limit to limit."""
    a = np.linspace(-limit, limit, 121)
    return Curve(activation, a, ACTIVATIONS[activation].f(a))
