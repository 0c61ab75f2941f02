"""Training as it goes: the loss, how much is right, and the gradient of each update before and after clipping."""

import numpy as np

from rnnlib.labs.training_lab.compute import UPDATES, Progress
from rnnlib.locale import text
from rnnlib.plots.axes import Axes, Drawn, guess_line, key_above
from rnnlib.plots.style import BLACK, GREY, ORANGE

SIZE = (860, 540)
TILES = {
    "loss": (0, 270, 430, 540),
    "right": (430, 270, 860, 540),
    "updates": (0, 0, 430, 270),
    "norms": (430, 0, 860, 270),
}
NORMS = (1e-6, 1e6)  # what the axis of the gradient norms shows


def frame_means(ax: Axes, top: float, guess: float, title: str) -> None:
    """Axes for a running mean, from 0 to top, with the best guess without memory."""
    ax.set(xlim=(0, UPDATES), ylim=(0, top), xlabel=text("training.x"))
    guess_line(ax, guess, text("training.guess"))
    key_above(ax, title, handlelength=2)


def frame_updates(ax: Axes) -> None:
    """Axes and key of the panel of gradient norms, one for each update."""
    ax.set(xlim=(0, UPDATES), yscale="log", ylim=NORMS, xlabel=text("training.x"))
    ax.set_yticks([1e-6, 1e-3, 1, 1e3, 1e6], ["1e-6", "1e-3", "1", "1e3", "1e6"])
    ax.minorticks_off()
    ax.axhline(1, color=GREY, linewidth=0.8)
    ax.plot([], [], ".", color=ORANGE, label=text("training.before"))
    ax.plot([], [], color=BLACK, linewidth=1.4, label=text("training.after"))
    key_above(ax, text("training.updates"), 2, handlelength=2)


def draw_updates(ax: Axes, data: Progress) -> Drawn:
    """A dot for each norm before clipping, a line for the norm after; triangles where dots are off the axis."""
    steps = np.arange(1, len(data.norms) + 1)
    drawn: Drawn = list(ax.plot(steps, np.clip(data.norms, *NORMS), ".", color=ORANGE, markersize=3))
    drawn += ax.plot(steps, np.clip(data.clipped, *NORMS), color=BLACK, linewidth=1)
    for edge, marker, beyond in ((NORMS[0], "v", data.norms < NORMS[0]), (NORMS[1], "^", data.norms > NORMS[1])):
        if beyond.any():
            drawn += ax.plot(steps[beyond], np.full(beyond.sum(), edge), marker, color=ORANGE, clip_on=False)
    return drawn
