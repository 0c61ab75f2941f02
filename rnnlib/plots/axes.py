"""What several pictures have: a key above the axes, and a line that is marked where it leaves them."""

from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from numpy.typing import ArrayLike

from rnnlib.locale import text
from rnnlib.plots.style import BLACK, BLUE
from rnnlib.validation import Array

ABOVE_KEY = 20  # points between the axes and a title that has a key below it


def key_above(ax: Axes, columns: int = 1, height: float = 0.99, **look: Any) -> None:
    """The key of what is drawn, in a row between the axes and their title."""
    look = {"columnspacing": 1.2, **look}
    ax.legend(ncols=columns, loc="lower left", bbox_to_anchor=(-0.01, height), borderpad=0, **look)


def frame_running(ax: Axes, updates: int, top: float, title: str) -> None:
    """Axes, from 0 to top, for what is measured at every update of a training run."""
    ax.set(xlim=(0, updates), ylim=(0, top), xlabel=text("training.x"))
    ax.set_title(title, pad=ABOVE_KEY)


def guess_line(ax: Axes, guess: float, words: str) -> None:
    """What guessing gives, as a dotted line."""
    ax.axhline(guess, color=BLACK, linestyle=":", linewidth=1.4, label=words)


def draw_running(ax: Axes, values: Array, colour: str = BLUE, width: float | None = None) -> list[Artist]:
    """The values (n,) of updates 1 … n; a triangle where they first leave the axes at the top."""
    top, updates = ax.get_ylim()[1], np.arange(1, len(values) + 1)
    drawn: list[Artist] = list(ax.plot(updates, np.minimum(values, top), color=colour, linewidth=width))
    beyond = np.flatnonzero(values > top)
    if beyond.size:
        drawn += ax.plot(updates[beyond[:1]], [top], "^", color=colour, markersize=7, clip_on=False)
    return drawn


def mark(ax: Axes, x: float, y: float, marker: str, colour: str, **look: Any) -> Artist:
    """A marker, whole even on the edge of the axes."""
    return line(ax, [x], [y], marker=marker, linestyle="none", color=colour, clip_on=False, **look)


def line(ax: Axes, x: ArrayLike, y: ArrayLike, **look: Any) -> Artist:
    """A line that leaves the limits alone, as Polygon and StepPatch do; made three times as fast as by ``ax.plot``."""
    return ax.add_artist(Line2D(x, y, **look))


def visible(letters: str) -> str:
    """A space would not be seen."""
    return letters.replace(" ", "␣")
