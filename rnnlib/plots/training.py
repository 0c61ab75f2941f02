"""Training as it goes: the loss, how much is right, and the gradient of each update before and after clipping."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes

from rnnlib.locale import text
from rnnlib.plots.style import BLACK, BLUE, GREEN, GREY, ORANGE
from rnnlib.validation import Array

NORMS = (1e-6, 1e6)  # what the axis of the gradient norms shows


@dataclass(frozen=True)
class Progress:
    """Training so far, one entry a step.

    Attributes:
        losses, right: (n,) running means of the loss and of the share of right answers.
        norms, clipped: (n,) ‖gradient‖ before and after clipping.
    """

    losses: Array
    right: Array
    norms: Array
    clipped: Array


def frame_running(ax: Axes, steps: int, top: float, guess: float, title: str) -> None:
    """Axes for a running mean over ``steps`` steps, from 0 to top, with the best guess without memory."""
    ax.set(xlim=(0, steps), ylim=(0, top), xlabel=text("training.x"))
    ax.set_title(title, pad=20)
    ax.axhline(guess, color=BLACK, linestyle=":", linewidth=1.4, label=text("training.guess"))
    ax.legend(loc="lower left", bbox_to_anchor=(-0.01, 0.99), borderpad=0, handlelength=2)


def draw_loss(ax: Axes, data: Progress) -> list[Artist]:
    """The loss; a triangle where it leaves the axes."""
    top, steps = ax.get_ylim()[1], np.arange(1, len(data.losses) + 1)
    drawn: list[Artist] = list(ax.plot(steps, np.minimum(data.losses, top), color=BLUE))
    beyond = np.flatnonzero(data.losses > top)
    if beyond.size:
        drawn += ax.plot(steps[beyond[:1]], [top], "^", color=BLUE, markersize=7, clip_on=False)
    return drawn


def draw_right(ax: Axes, data: Progress) -> list[Artist]:
    """The share of right answers."""
    return list(ax.plot(np.arange(1, len(data.right) + 1), data.right, color=GREEN))


def frame_updates(ax: Axes, steps: int) -> None:
    """Axes and key of the panel of gradient norms, one for each update."""
    ax.set(xlim=(0, steps), yscale="log", ylim=NORMS, xlabel=text("training.x"))
    ax.set_title(text("training.updates"), pad=20)
    ax.set_yticks([1e-6, 1e-3, 1, 1e3, 1e6], ["1e-6", "1e-3", "1", "1e3", "1e6"])
    ax.minorticks_off()
    ax.axhline(1, color=GREY, linewidth=0.8)
    ax.plot([], [], ".", color=ORANGE, label=text("training.before"))
    ax.plot([], [], color=BLACK, linewidth=1.4, label=text("training.after"))
    ax.legend(ncols=2, loc="lower left", bbox_to_anchor=(-0.01, 0.99), borderpad=0, columnspacing=1.2, handlelength=2)


def draw_updates(ax: Axes, data: Progress) -> list[Artist]:
    """A dot for each norm before clipping, a line for the norm after; triangles where dots are off the axis."""
    steps = np.arange(1, len(data.norms) + 1)
    drawn: list[Artist] = list(ax.plot(steps, np.clip(data.norms, *NORMS), ".", color=ORANGE, markersize=3))
    drawn += ax.plot(steps, np.clip(data.clipped, *NORMS), color=BLACK, linewidth=1)
    for edge, marker, beyond in ((NORMS[0], "v", data.norms < NORMS[0]), (NORMS[1], "^", data.norms > NORMS[1])):
        if beyond.any():
            drawn += ax.plot(steps[beyond], np.full(beyond.sum(), edge), marker, color=ORANGE, clip_on=False)
    return drawn


def draw_trainability(ax: Axes, table: Array) -> None:
    """Best accuracy against the weight scale, a dot for each training; chance and the bag of inputs as lines.

    Args:
        ax: where to draw.
        table: (n, 4) weight scale, seed, ln of the gradient's ratio at the start, accuracy.
    """
    scales = np.unique(table[:, 0])
    ax.plot(table[:, 0], table[:, 3], "o", color=BLUE, markersize=5, label=text("training.one_seed"))
    medians = [np.median(table[table[:, 0] == scale, 3]) for scale in scales]
    ax.plot(scales, medians, color=BLUE, label=text("training.median"))
    ax.axhline(0.75, color=ORANGE, linestyle="--", linewidth=1.4, label=text("training.bag"))
    ax.axhline(0.25, color=BLACK, linestyle=":", linewidth=1.4, label=text("training.chance"))
    ax.set(xscale="log", ylim=(0, 1.05), xlabel=text("slopes.x"), ylabel=text("training.accuracy"))
    ax.set_xticks(scales, [f"{scale:g}" for scale in scales])
    ax.minorticks_off()
    ax.legend(loc="center left", bbox_to_anchor=(1.01, 0.5))
