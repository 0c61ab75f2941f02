"""A sequence in order or shuffled, its bag of inputs, and what a bag reader and a recurrent net say of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import matplotlib as mpl
import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes

from rnnlib.locale import text
from rnnlib.plots.style import BLACK, BLUE, GREY, ORANGE
from rnnlib.validation import Array

LOUDNESS = ["white", "#A8CFE5", "#59A3CD", BLUE]
READERS: dict[str, dict[str, Any]] = {
    "bag": {"color": ORANGE, "linestyle": "--"},
    "recurrent": {"color": BLUE, "linestyle": "-", "marker": "o", "markersize": 4},
}


@dataclass(frozen=True)
class Heard:
    """One sequence of T steps as it was put before both readers.

    Attributes:
        kind: "text", "audio" or "series".
        shown: its T letters, the loudness (T, bands) of its frames, or its T numbers.
        words: what stands under each bar of the bag.
        bag: how much of each there is.
        sure: how sure each reader is that it is in order: the recurrent net (T,), after every step; the bag, once.
        right: the share of new sequences that each reader tells right.
    """

    kind: str
    shown: Any
    words: Sequence[str]
    bag: Array
    sure: dict[str, Array]
    right: dict[str, float]


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
    steps = range(1, len(data.shown) + 1)
    if data.kind == "text":
        look: dict[str, Any] = {"ha": "center", "va": "center", "fontsize": 20, "family": "monospace"}
        return [ax.text(t, 0.5, letter.replace(" ", "␣"), **look) for t, letter in zip(steps, data.shown)]
    if data.kind == "audio":
        edges = np.arange(len(steps) + 1) + 0.5, np.arange(data.shown.shape[1] + 1)
        colours = mpl.colors.ListedColormap(LOUDNESS)
        return [ax.pcolormesh(*edges, data.shown.T, cmap=colours, vmin=0, vmax=1, edgecolors="none")]
    return list(ax.plot(steps, data.shown, "o-", color=BLACK, markersize=4))


def frame_bag(ax: Axes, kind: str, words: Sequence[str], top: float) -> None:
    """Axes of the bag of inputs."""
    ax.set(xlim=(-0.6, len(words) - 0.4), ylim=(0, top), xlabel=text(f"sequence.{kind}_bag"))
    ax.set_ylabel(text("sequence.loudness" if kind == "audio" else "sequence.share"))
    ax.set_xticks(np.arange(len(words)), words)
    ax.set_title(text("sequence.bag_title"))


def draw_bag(ax: Axes, data: Heard) -> list[Artist]:
    """A bar for each entry."""
    return list(ax.bar(np.arange(len(data.bag)), data.bag, color="#80CFBA", edgecolor=GREY, width=0.7))


def frame_sure(ax: Axes, steps: int) -> None:
    """Axes of how sure the readers are that the sequence is in order."""
    ax.set(xlim=(0.5, steps + 0.5), ylim=(-0.03, 1.03), xlabel=text("sequence.step"))
    ax.set_xticks(np.arange(1, steps + 1))
    ax.set_yticks([0, 0.5, 1], [text("sequence.shuffled"), "½", text("sequence.in_order")])
    ax.set_title(text("sequence.sure_title"), pad=20)
    ax.axhline(0.5, color=GREY, linestyle=":", linewidth=1)
    for reader, look in READERS.items():
        ax.plot([], [], **look, label=text(f"sequence.{reader}"))
    ax.legend(ncols=2, loc="lower left", bbox_to_anchor=(-0.01, 0.99), borderpad=0)


def draw_sure(ax: Axes, data: Heard) -> list[Artist]:
    """The recurrent net after every step; the bag once for all."""
    steps = len(data.sure["recurrent"])
    at = {"bag": ([0.5, steps + 0.5], np.repeat(data.sure["bag"], 2))}
    at["recurrent"] = (list(range(1, steps + 1)), data.sure["recurrent"])
    return [line for reader, look in READERS.items() for line in ax.plot(*at[reader], clip_on=False, **look)]


def frame_right(ax: Axes) -> None:
    """Axes of the shares told right."""
    ax.set(xlim=(-0.6, 1.6), ylim=(0, 1.15), ylabel=text("sequence.share"))
    ax.set_xticks(range(len(READERS)), [text(f"sequence.{reader}") for reader in READERS])
    ax.set_yticks([0, 0.5, 1], ["0", "½", "1"])
    ax.set_title(text("sequence.right"), pad=20)
    ax.axhline(0.5, color=BLACK, linestyle=":", linewidth=1.4, label=text("sequence.chance"))
    ax.legend(loc="lower left", bbox_to_anchor=(-0.01, 0.99), borderpad=0)


def draw_right(ax: Axes, data: Heard) -> list[Artist]:
    """A bar for each reader, with its number."""
    drawn: list[Artist] = []
    for i, (reader, share) in enumerate(data.right.items()):
        drawn += ax.bar([i], [share], color=READERS[reader]["color"], width=0.5, zorder=0)
        drawn.append(ax.text(i, share + 0.03, f"{100 * share:.0f} %", ha="center", weight="bold"))
    return drawn
