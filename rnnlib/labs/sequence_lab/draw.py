"""A sequence in order or shuffled, its bag of inputs, and what a bag reader and a recurrent net say of it."""

from textwrap import fill
from typing import Any

import numpy as np

from rnnlib.labs.sequence_lab.compute import READERS, Heard
from rnnlib.locale import text
from rnnlib.plots.axes import Axes, Drawn, guess_line, heat_map, key_above, line, look, visible
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
    tops = {"text": (1, [], ""), "audio": (16, [0, 5, 10, 15], "audio_bag"), "series": (200, [0, 100, 200], "number")}
    top, ticks, words = tops[kind]
    ax.set(xlim=(0.5, steps + 0.5), xticks=range(1, steps + 1), xlabel=text("settings.step"))
    ax.set(ylim=(0, top), yticks=ticks, ylabel=text(f"sequence.{words}") if words else "")
    ax.set_title(text(f"sequence.{kind}"))
    ax.spines["left"].set_visible(bool(words))


def draw_sequence(ax: Axes, data: Heard) -> Drawn:
    """Its letters in a row, its spectrum, or its numbers."""
    steps = range(1, len(data.xs) + 1)
    if data.kind == "text":
        as_set: dict[str, Any] = {"ha": "center", "va": "center", "fontsize": 20, "family": "monospace"}
        return [ax.text(t, 0.5, visible(letter), **as_set) for t, letter in zip(steps, data.shown)]
    if data.kind == "audio":
        return [heat_map(ax, data.xs, LOUDNESS, 0)]
    return [line(ax, steps, data.shown, marker="o", color=BLACK, markersize=4)]


def frame_bag(ax: Axes, kind: str, words: tuple[str, ...], top: float) -> None:
    """Axes of the bag of inputs."""
    ylabel = text("sequence.loudness" if kind == "audio" else "sequence.share")
    ax.set(xlim=(-0.6, len(words) - 0.4), ylim=(0, top), xlabel=text(f"sequence.{kind}_bag"), ylabel=ylabel)
    every = 5 if kind == "audio" else 1
    ax.set_xticks(np.arange(len(words)), ["" if i % every else visible(word) for i, word in enumerate(words)])
    ax.set_title(text("sequence.bag_title"))


def draw_bag(ax: Axes, bag: Array) -> Drawn:
    """A bar for each entry."""
    return list(ax.bar(np.arange(len(bag)), bag, color="#80CFBA", edgecolor=GREY, width=0.7))


def frame_sure(ax: Axes, steps: int) -> None:
    """Axes of how sure the readers are that the sequence is in order."""
    ax.set(xlim=(0.5, steps + 0.5), xticks=range(1, steps + 1), xlabel=text("settings.step"), ylim=(-0.03, 1.03))
    ax.set_yticks([0, 0.5, 1], [text("sequence.shuffled"), "½", text("sequence.in_order")])
    ax.axhline(0.5, color=GREY, linestyle=":", linewidth=1)
    for reader in READERS:
        ax.plot([], [], **LOOKS[reader], label=text(f"sequence.{reader}"))
    key_above(ax, text("sequence.sure_title"), 2, columnspacing=2)


def draw_sure(ax: Axes, sure: dict[str, Array]) -> Drawn:
    """The recurrent net after every step; the bag once for all."""
    steps = len(sure["recurrent"])
    return [
        line(ax, [0.5, steps + 0.5], np.repeat(sure["bag"], 2), clip_on=False, **LOOKS["bag"]),
        line(ax, np.arange(1, steps + 1), sure["recurrent"], clip_on=False, **LOOKS["recurrent"]),
    ]


def frame_right(ax: Axes) -> None:
    """Axes of the shares told right."""
    ax.set(xlim=(-0.6, 1.6), xticks=(0, 1), xticklabels=[fill(text(f"sequence.{reader}"), 15) for reader in READERS])
    ax.set(ylim=(0, 1.15), yticks=(0, 0.5, 1), yticklabels=("0", "½", "1"), ylabel=text("sequence.share"))
    guess_line(ax, 0.5, text("sequence.chance"))
    key_above(ax, text("sequence.right"))


def draw_right(ax: Axes, right: dict[str, float]) -> Drawn:
    """A bar for each reader, with its number."""
    drawn: Drawn = []
    for i, reader in enumerate(READERS):
        drawn += ax.bar([i], [right[reader]], color=LOOKS[reader]["color"], width=0.5, zorder=0)
        drawn.append(ax.text(i, right[reader] + 0.03, f"{100 * right[reader]:.0f} %", ha="center", weight="bold"))
    return drawn
