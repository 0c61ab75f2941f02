"""A character model in training: its loss beside what needs no memory, and the names that it dreams up."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes

from rnnlib.locale import text
from rnnlib.plots.style import BLACK, BLUE, ORANGE
from rnnlib.validation import Array


def frame_loss(ax: Axes, updates: int, alike: float, frequencies: float) -> None:
    """Axes of the loss, with what it is if all characters are taken as equally likely, and by their frequencies."""
    ax.set(xlim=(0, updates), ylim=(0, 1.2 * alike), xlabel=text("training.x"))
    ax.set_title(text("characters.loss"), pad=20)
    ax.axhline(alike, color=BLACK, linestyle=":", linewidth=1.4, label=text("characters.alike"))
    ax.axhline(frequencies, color=ORANGE, linestyle="--", linewidth=1.4, label=text("characters.frequencies"))
    ax.legend(ncols=2, loc="lower left", bbox_to_anchor=(-0.01, 0.99), borderpad=0, columnspacing=1.2)


def draw_loss(ax: Axes, losses: Array) -> list[Artist]:
    """The loss of each update (n,); a triangle where it leaves the axes."""
    top, updates = ax.get_ylim()[1], np.arange(1, len(losses) + 1)
    drawn: list[Artist] = list(ax.plot(updates, np.minimum(losses, top), color=BLUE, linewidth=1.2))
    beyond = np.flatnonzero(losses > top)
    if beyond.size:
        drawn += ax.plot(updates[beyond[:1]], [top], "^", color=BLUE, markersize=7, clip_on=False)
    return drawn


def frame_names(ax: Axes) -> None:
    """A board for names."""
    ax.set_axis_off()
    ax.set(xlim=(0, 1), ylim=(0, 1))
    ax.text(0.02, 0.98, text("characters.names"), weight="bold", fontsize=9.5, va="top")


def draw_names(ax: Axes, names: Sequence[str]) -> list[Artist]:
    """The names, one below the other."""
    heights = 0.86 - 0.84 * np.arange(len(names)) / len(names)
    return [ax.text(0.02, y, name.replace("$", r"\$"), fontsize=9.5, va="top") for y, name in zip(heights, names)]
