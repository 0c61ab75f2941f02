"""The numbers of the gradient lab: one network's gradients on their way back, and what theory expects of them."""

from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any, NamedTuple

import numpy as np

from rnnlib import RNN, theory
from rnnlib.activations import ACTIVATIONS
from rnnlib.gradients import log_norms_back
from rnnlib.labs.ratio import Norms, norms
from rnnlib.validation import Array

INPUT_SIZE = 32
SHOWN = 4  # sequences whose derivatives go into the histogram: enough for a smooth one
SCALES = np.geomspace(0.1, 10, 41)  # of the curves of theory
LIMITS = (1.6, 3, 6, 12, 24)  # of the eigenvalue axes: the first that holds them all
EDGE = 0.02  # |slope| per step that counts as having found the edge


class Base(NamedTuple):
    """What moves with neither weight scale nor activation: a network at scale 1 and what is known of its matrix."""

    rnn: RNN
    eigenvalues: np.ndarray
    largest_singular_value: float


class Histogram(NamedTuple):
    """Shares (n,) of f'(a_t) between edges (n+1,), its root mean square, and the weight scale."""

    shares: Array
    edges: Array
    rms: float
    weight_scale: float


@dataclass(frozen=True, eq=False)
class Slopes:
    """ln ‖∂L/∂h‖ per step back, against the weight scale, as theory has it.

    Attributes:
        theory: (n,) slopes at SCALES by activation; empty where theory does not hold.
        critical: the scale at which each slope is 0.
    """

    theory: dict[str, Array]
    critical: dict[str, float]


class Run(NamedTuple):
    """The network at one setting of the lab.

    Attributes:
        log_ratios: (B,) ln ‖∂L/∂h_0‖ / ‖∂L/∂h_T‖.
        eigenvalues: (H,) of W_hh.
        norms, slopes, histogram: what the other panels show.
    """

    log_ratios: Array
    eigenvalues: np.ndarray
    norms: Norms
    slopes: Slopes
    histogram: Histogram

    @property
    def log_r(self) -> float:
        """The median of the batch."""
        return float(np.median(self.log_ratios))

    @property
    def limit(self) -> float:
        """How far the axes of the eigenvalues go."""
        return next(limit for limit in LIMITS if np.abs(self.eigenvalues).max() < 0.95 * limit)


def batch(hidden_size: int) -> int:
    """How many sequences: fewer in a larger network, where they differ less and each takes longer."""
    return min(32, 1024 // hidden_size)


@lru_cache(maxsize=2)
def base(recurrent_init: str, hidden_size: int, seed: int) -> Base:
    """Drawn as the lab's code draws it."""
    model, _, _ = np.random.default_rng(seed).spawn(3)
    rnn = RNN(INPUT_SIZE, hidden_size, recurrent_init=recurrent_init, rng=model)
    W = rnn.params["W_hh"]
    return Base(rnn, np.linalg.eigvals(W).astype(complex), float(np.linalg.norm(W, 2)))


@lru_cache(maxsize=2)
def draws(steps: int, input_variance: float, **drawn: Any) -> tuple[Array, Array, Array]:
    """What does not change with W_hh: inputs (T, B, D), x_t W_xh + b_h (T, B, H) and dh_T (B, H)."""
    rnn, (_, inputs, loss) = base(**drawn).rnn, np.random.default_rng(drawn["seed"]).spawn(3)
    xs = np.sqrt(input_variance) * inputs.standard_normal((steps, batch(rnn.hidden_size), INPUT_SIZE))
    return xs, rnn.drive(rnn.params, xs), loss.standard_normal((xs.shape[1], rnn.hidden_size))


@cache  # one object for each: the panel is drawn again when it is another
def slopes(input_variance: float, holds: bool) -> Slopes:
    """The curves of every activation; none where theory does not hold."""
    names = list(ACTIVATIONS) if holds else []
    curves = {name: np.asarray(theory.mean_field_slope(SCALES, name, input_variance)) for name in names}
    return Slopes(curves, {name: theory.critical_weight_scale(name, input_variance) for name in names})


def run(weight_scale: float, activation: str, steps: int, input_variance: float, **drawn: Any) -> Run:
    """All that the lab shows at these settings; drawn is recurrent_init, hidden_size and seed."""
    known, f = base(**drawn), ACTIVATIONS[activation]
    rnn = known.rnn.twin({"W_hh": weight_scale * known.rnn.params["W_hh"]}, activation=activation)
    xs, drive, dh_T = draws(steps, input_variance, **drawn)
    trace = rnn.run(rnn.params, xs, drive.copy(), np.zeros((steps + 1, *dh_T.shape)))
    logs = log_norms_back(rnn, trace, dh_T)
    logs -= logs[-1]
    holds = drawn["recurrent_init"] != "identity"
    slope = float(theory.mean_field_slope(weight_scale, activation, input_variance)) if holds else None
    bound = np.log(weight_scale * known.largest_singular_value * f.max_derivative)
    expected, seen = slopes(input_variance, holds), norms(logs, slope, float(bound))
    opened = histogram(f.derivative(trace.pre[:, :SHOWN]), f.max_derivative, weight_scale)
    return Run(logs[0], weight_scale * known.eigenvalues, seen, expected, opened)


def histogram(derivatives: Array, largest: float, weight_scale: float) -> Histogram:
    """How open the activation is: f'(a_t) from 0 to the largest."""
    shares, edges = np.histogram(derivatives, 20, (0, largest))
    return Histogram(shares / derivatives.size, edges, float(np.sqrt(np.mean(derivatives**2))), weight_scale)
