"""A character model in training: its loss beside what needs no memory, and the names that it dreams up."""

from collections.abc import Sequence

import numpy as np

from rnnlib.labs.characters_lab.compute import UPDATES
from rnnlib.locale import text
from rnnlib.plots.axes import Axes, Drawn, board, guess_line, key_above, look
from rnnlib.plots.style import ORANGE

SIZE = (860, 330)
TILES = {"loss": (0, 0, 560, 330), "names": (570, 0, 860, 330)}


def frame_losses(ax: Axes, alike: float, frequencies: float) -> None:
    """Axes of the loss, with what it is if all characters are taken as equally likely, and by their frequencies."""
    ax.set(xlim=(0, UPDATES), ylim=(0, 1.2 * alike), xlabel=text("training.x"))
    guess_line(ax, alike, text("characters.alike"))
    ax.axhline(frequencies, **look(ORANGE, linewidth=1.4), label=text("characters.frequencies"))
    key_above(ax, text("characters.loss"), 2)


def frame_names(ax: Axes) -> None:
    """A board for names."""
    board(ax, 1, 1, text("characters.names"), (0.02, 0.98))


def draw_names(ax: Axes, names: Sequence[str]) -> Drawn:
    """The names, one below the other."""
    heights = 0.86 - 0.84 * np.arange(len(names)) / len(names)
    return [ax.text(0.02, y, name.replace("$", r"\$"), fontsize=9.5, va="top") for y, name in zip(heights, names)]
