"""A sequence in order or shuffled, its bag of inputs, and what a bag reader and a recurrent net say of it."""

from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes

from rnnlib.labs.sequence_lab.compute import READERS, Heard
from rnnlib.locale import text
from rnnlib.plots.axes import guess_line, key_above, line, look, visible
from rnnlib.plots.style import BLACK, BLUE, GREY, ORANGE
from rnnlib.validation import Array

SIZE = (860, 520)
TILES = {
    "sequence": (0, 270, 560, 520),
    "bag": (560, 270, 860, 520),
    "sure": (0, 0, 560, 270),
    "right": (560, 0, 860, 270),
}
LOUDNESS = ["white", "#A8CFE5", "#59A3CD", BLUE]
LOOKS = {"bag": look(ORANGE), "recurrent": look(BLUE, marker="o", markersize=4)}


def frame_sequence(ax: Axes, kind: str, steps: int) -> None:
    """Axes of the sequence itself."""
    tops = {"text": (1, [], ""), "audio": (16, [0, 5, 10, 15], "band"), "series": (200, [0, 100, 200], "number")}
    top, ticks, words = tops[kind]
    ax.set(xlim=(0.5, steps + 0.5), ylim=(0, top), yticks=ticks, xlabel=text("sequence.step"))
    ax.set_xticks(np.arange(1, steps + 1))
    ax.set_ylabel(text(f"sequence.{words}") if words else "")
    ax.set_title(text(f"sequence.{kind}"))
    ax.spines["left"].set_visible(bool(words))


def draw_sequence(ax: Axes, data: Heard) -> list[Artist]:
    """Its letters in a row, its spectrum, or its numbers."""
    steps = range(1, len(data.xs) + 1)
    if data.kind == "text":
        as_set: dict[str, Any] = {"ha": "center", "va": "center", "fontsize": 20, "family": "monospace"}
        return [ax.text(t, 0.5, visible(letter), **as_set) for t, letter in zip(steps, data.shown)]
    if data.kind == "audio":
        edges, colours = np.arange(len(steps) + 1) + 0.5, mpl.colors.ListedColormap(LOUDNESS)
        bands = np.arange(data.xs.shape[1] + 1)
        return [ax.pcolormesh(edges, bands, data.xs.T, cmap=colours, vmin=0, vmax=1, edgecolors="none")]
    return [line(ax, steps, data.shown, marker="o", color=BLACK, markersize=4)]


def frame_bag(ax: Axes, kind: str, words: tuple[str, ...], top: float) -> None:
    """Axes of the bag of inputs."""
    ax.set(xlim=(-0.6, len(words) - 0.4), ylim=(0, top), xlabel=text(f"sequence.{kind}_bag"))
    ax.set_ylabel(text("sequence.loudness" if kind == "audio" else "sequence.share"))
    every = 5 if kind == "audio" else 1
    ax.set_xticks(np.arange(len(words)), ["" if i % every else visible(word) for i, word in enumerate(words)])
    ax.set_title(text("sequence.bag_title"))


def draw_bag(ax: Axes, bag: Array) -> list[Artist]:
    """A bar for each entry."""
    return list(ax.bar(np.arange(len(bag)), bag, color="#80CFBA", edgecolor=GREY, width=0.7))


def frame_sure(ax: Axes, steps: int) -> None:
    """Axes of how sure the readers are that the sequence is in order."""
    ax.set(xlim=(0.5, steps + 0.5), ylim=(-0.03, 1.03), xlabel=text("sequence.step"))
    ax.set_xticks(np.arange(1, steps + 1))
    ax.set_yticks([0, 0.5, 1], [text("sequence.shuffled"), "½", text("sequence.in_order")])
    ax.axhline(0.5, color=GREY, linestyle=":", linewidth=1)
    for reader in READERS:
        ax.plot([], [], **LOOKS[reader], label=text(f"sequence.{reader}"))
    key_above(ax, text("sequence.sure_title"), 2, columnspacing=2)


def draw_sure(ax: Axes, sure: dict[str, Array]) -> list[Artist]:
    """The recurrent net after every step; the bag once for all."""
    steps = len(sure["recurrent"])
    return [
        line(ax, [0.5, steps + 0.5], np.repeat(sure["bag"], 2), clip_on=False, **LOOKS["bag"]),
        line(ax, np.arange(1, steps + 1), sure["recurrent"], clip_on=False, **LOOKS["recurrent"]),
    ]


def frame_right(ax: Axes) -> None:
    """Axes of the shares told right."""
    ax.set(xlim=(-0.6, 1.6), ylim=(0, 1.15), ylabel=text("sequence.share"))
    ax.set_xticks(range(len(READERS)), [text(f"sequence.{reader}") for reader in READERS])
    ax.set_yticks([0, 0.5, 1], ["0", "½", "1"])
    guess_line(ax, 0.5, text("sequence.chance"))
    key_above(ax, text("sequence.right"))


def draw_right(ax: Axes, right: dict[str, float]) -> list[Artist]:
    """A bar for each reader, with its number."""
    drawn: list[Artist] = []
    for i, reader in enumerate(READERS):
        drawn += ax.bar([i], [right[reader]], color=LOOKS[reader]["color"], width=0.5, zorder=0)
        drawn.append(ax.text(i, right[reader] + 0.03, f"{100 * right[reader]:.0f} %", ha="center", weight="bold"))
    return drawn
