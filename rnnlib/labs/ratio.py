"""How labs say what became of a gradient: its norms on the way back, and r = ‖∂L/∂h_0‖ / ‖∂L/∂h_T‖ in words."""

from decimal import Decimal
from typing import NamedTuple

import numpy as np

from rnnlib.gradients import LIMIT
from rnnlib.locale import text
from rnnlib.validation import Array


class Norms(NamedTuple):
    """‖∂L/∂h_t‖ over ‖∂L/∂h_T‖ in powers of ten: see ``plots.norms.draw_norms``."""

    median: Array
    low: Array
    high: Array
    mean_field: float | None = None
    bound: float = -np.inf


def norms(logs: Array, slope: float | None = None, bound: float = -np.inf) -> Norms:
    """The norms panel from logs (T+1, B), the last row that of the loss; theory's slope and the bound are in ln."""
    back, mean_field = logs[::-1] / np.log(10), None if slope is None else slope / np.log(10)
    return Norms(np.median(back, axis=1), back.min(axis=1), back.max(axis=1), mean_field, bound / np.log(10))


def digits(log_r: float) -> str:
    """The format of r: two significant digits, with an exponent where the plain number is long to read."""
    return ".2g" if np.isneginf(log_r) or abs(log_r) < np.log(1e2) else ".1e"


def ratio(log_r: float) -> str:
    """The ratio r in digits, however small or large; 0 for −inf."""
    return format(Decimal(log_r).exp(), digits(log_r))


def fate(log_r: float) -> str:
    """What happens to the gradient, in the words of the language: vanishes, explodes, carries, or is exactly zero."""
    if np.isneginf(log_r):
        return text("ratio.dead")
    return text("ratio.vanishes" if log_r < -LIMIT else "ratio.explodes" if log_r > LIMIT else "ratio.carries")
