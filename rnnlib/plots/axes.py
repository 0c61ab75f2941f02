"""What several pictures have: looks of lines, a key above the axes, a mark where a line leaves them."""

from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes as Axes
from matplotlib.legend import Legend
from matplotlib.lines import Line2D
from matplotlib.text import Text
from numpy.typing import ArrayLike

from rnnlib.plots.style import BLACK, BLUE, GREEN, ORANGE, PURPLE
from rnnlib.validation import Array

Drawn = list[Artist]  # what a ``draw_…`` has drawn and returns
# Each colour has its line style, so that no line is told by its colour alone.
STYLES: dict[str, Any] = {BLUE: "-", ORANGE: "--", GREEN: "-.", BLACK: ":", PURPLE: (0, (5, 1))}


def look(colour: str, **more: Any) -> dict[str, Any]:
    """How a line of this colour is drawn."""
    return {"color": colour, "linestyle": STYLES[colour], **more}


def key_above(ax: Axes, title: str, columns: int = 1, height: float = 0.99, pad: float = 20, **more: Any) -> None:
    """Title of the axes, and between the two, ``pad`` points high, the key of what is drawn."""
    ax.set_title(title, pad=pad)
    more = {"columnspacing": 1.2, **more}
    ax.legend(ncols=columns, loc="lower left", bbox_to_anchor=(-0.01, height), borderpad=0, **more)


def keep_within(ax: Axes, left: float, right: float) -> None:
    """Words that would leave this room, in dots, as those of a language of long words do, get smaller letters."""
    for each in [*ax.get_children(), *ax.get_yticklabels()]:
        words = each.get_texts() if isinstance(each, Legend) else [each] if isinstance(each, Text) else []
        for _ in range(8 if words else 0):  # to two thirds at most: they are to be read
            box = each.get_window_extent()
            if left <= box.x0 and box.x1 <= right:
                break
            for one in words:
                one.set_fontsize(0.95 * float(one.get_fontsize()))


def board(ax: Axes, width: float, height: float, title: str, at: tuple[float, float], va: str = "top") -> None:
    """Paper to draw on: no axes, coordinates from the lower left corner, and a title at this place."""
    ax.set_axis_off()
    ax.set(xlim=(0, width), ylim=(0, height))
    ax.text(*at, title, weight="bold", fontsize=9.5, va=va)


def guess_line(ax: Axes, guess: float, words: str) -> None:
    """What guessing gives, as a dotted line."""
    ax.axhline(guess, color=BLACK, linestyle=":", linewidth=1.4, label=words)


def draw_running(ax: Axes, values: Array, colour: str = BLUE, every: int = 1, **more: Any) -> Drawn:
    """The values (n,) after each so many updates; a triangle where they first leave the axes at the top."""
    top, updates = ax.get_ylim()[1], every * np.arange(1, len(values) + 1)
    drawn: Drawn = list(ax.plot(updates, np.minimum(values, top), color=colour, **more))
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


def heat_map(ax: Axes, values: Array, colours: list[str], low: float) -> Artist:
    """Values (T, N) as a column for each step from 1 on; each colour is an equal part of the way from low to 1."""
    columns, rows = np.arange(len(values) + 1) + 0.5, np.arange(values.shape[1] + 1)
    look: dict[str, Any] = {"cmap": mpl.colors.ListedColormap(colours), "vmin": low, "vmax": 1, "edgecolors": "none"}
    return ax.pcolormesh(columns, rows, values.T, **look)


def visible(letters: str) -> str:
    """A space would not be seen."""
    return letters.replace(" ", "␣")
