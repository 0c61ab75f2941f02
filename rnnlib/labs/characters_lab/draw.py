"""A character model in training: its loss beside that of simple guesses, and the names that it dreams up."""

from collections.abc import Sequence

import numpy as np

from rnnlib.labs.characters_lab.compute import EVERY, UPDATES
from rnnlib.locale import text
from rnnlib.plots.axes import STYLES, Axes, Drawn, draw_running, guess_line, key_above, look
from rnnlib.plots.style import BLUE, GREEN, ORANGE, PURPLE
from rnnlib.validation import Array

SIZE = (860, 330)
TILES = {"loss": (0, 0, 560, 330), "names": (570, 0, 860, 330)}
LOOKS = {"batch": BLUE, "held_out": ORANGE}


def frame_losses(ax: Axes, alike: float, frequencies: float, pairs: float) -> None:
    """Axes of the loss, with what three simple guesses have, and the key of all lines."""
    ax.set(xlim=(0, UPDATES), ylim=(0, 1.2 * alike), xlabel=text("training.x"), ylabel=text("characters.loss"))
    for name, colour in LOOKS.items():
        ax.plot([], [], **look(colour), label=text(f"characters.{name}"))
    guess_line(ax, alike, text("characters.alike"))
    ax.axhline(frequencies, **look(GREEN, linewidth=1.4), label=text("characters.frequencies"))
    ax.axhline(pairs, **look(PURPLE, linewidth=1.4), label=text("characters.pairs"))
    key_above(ax, "", 3)


def draw_losses(ax: Axes, batches: Array, held_out: Array) -> Drawn:
    """The loss of every batch, and that of the names held out, taken now and then."""
    drawn = draw_running(ax, batches, LOOKS["batch"], linewidth=1.2)
    return drawn + draw_running(ax, held_out, LOOKS["held_out"], EVERY, linestyle=STYLES[LOOKS["held_out"]])


def draw_names(ax: Axes, names: Sequence[str]) -> Drawn:
    """The names, one below the other, on a board of size 1."""
    heights = 0.86 - 0.84 * np.arange(len(names)) / len(names)
    return [ax.text(0.02, y, name.replace("$", r"\$"), fontsize=9.5, va="top") for y, name in zip(heights, names)]
