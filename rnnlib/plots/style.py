"""One look for every figure: readable without colours, at half size, on a dark page."""

from contextlib import ExitStack
from functools import cache
from typing import Any

import matplotlib as mpl
import numpy as np

# Okabe & Ito's palette for colour-blind readers (jfly.uni-koeln.de/color, 2008); each colour comes with a line style.
BLACK, GREY, LIGHT = "#000000", "#767676", "#f0f0f0"
BLUE, ORANGE, GREEN, PURPLE = "#0072B2", "#D55E00", "#009E73", "#CC79A7"
LINES: dict[str, dict[str, Any]] = {
    "tanh": {"color": BLUE, "linestyle": "-"},
    "relu": {"color": ORANGE, "linestyle": "--"},
    "sigmoid": {"color": GREEN, "linestyle": "-."},
    "identity": {"color": PURPLE, "linestyle": ":"},
}
OTHER = {"color": BLACK, "linestyle": (0, (6, 1, 1, 1, 1, 1))}  # of an activation that has no look of its own
RC: dict[Any, Any] = {
    "font.size": 8.5,
    "text.hinting": "no_hinting",  # of no use at two dots a pixel, and slow
    "axes.titlesize": 9.5,
    "axes.titlelocation": "left",
    "axes.titleweight": "bold",
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": GREY,
    "axes.axisbelow": True,
    "xtick.color": "#404040",
    "ytick.color": "#404040",
    "lines.linewidth": 1.8,
    "legend.frameon": False,
    "legend.fontsize": 8,
    "legend.handlelength": 2.6,
    "figure.facecolor": "white",
    "savefig.facecolor": "white",
    "hatch.linewidth": 0.4,
}


def style() -> ExitStack:
    """The look, for the length of a ``with`` block, whatever the reader has set; importing this changes nothing."""
    block = ExitStack()
    # Past matplotlib's checks, which _house has made: this is done on every move.
    block.callback(dict.update, mpl.rcParams, {name: dict.__getitem__(mpl.rcParams, name) for name in _house()})
    dict.update(mpl.rcParams, _house())
    return block


@cache
def _house() -> dict[Any, Any]:
    """Matplotlib's settings as they are delivered, with the house's own; all but the backend."""
    house = mpl.rcParamsDefault.copy()
    house.update(RC)
    return {name: value for name, value in dict.items(house) if name != "backend"}


def look_of(activation: str) -> dict[str, Any]:
    """Colour and line style of an activation's curves."""
    return LINES.get(activation, OTHER)


@cache
def palette() -> tuple[int, ...]:
    """The 15 colours that pictures are stored in, as flat RGB bytes: each colour of the house in steps to white."""
    steps = {BLACK: (0, 0.25, 0.75), BLUE: (0, 0.35, 0.66), ORANGE: (0, 0.5), GREEN: (0, 0.5), PURPLE: (0, 0.5)}
    mixed = [(1 - w) * np.array(mpl.colors.to_rgb(c)) + w for c, weights in steps.items() for w in weights]
    plain = [np.array(mpl.colors.to_rgb(c)) for c in ("white", LIGHT, GREY)]
    return tuple(round(255 * channel) for colour in plain + mixed for channel in colour)
