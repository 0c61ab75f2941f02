"""How labs say what became of a gradient: r = ‖∂L/∂h_0‖ / ‖∂L/∂h_T‖, given as ln r, in digits and in words."""

from __future__ import annotations

from decimal import Decimal

import numpy as np

from rnnlib.locale import text

LIMIT = float(np.log(1e3))  # vanishes below 1e-3, explodes above 1e3, carries in between


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
