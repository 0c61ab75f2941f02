"""The three pictures of gated cells: the gates over time, what the cell holds, and gradients of three cells."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from numpy.typing import NDArray

from rnnlib.locale import text
from rnnlib.plots.gradients import DECADES, VANISHED, exit_mark, shown
from rnnlib.plots.style import BLACK, BLUE, GREEN, GREY, LIGHT, ORANGE
from rnnlib.validation import Array

GATES: dict[str, dict[str, Any]] = {
    "i": {"color": BLUE, "linestyle": "-"},
    "f": {"color": ORANGE, "linestyle": "--"},
    "o": {"color": GREEN, "linestyle": "-."},
}
CELLS: dict[str, dict[str, Any]] = {
    "RNN": {"color": BLUE, "linestyle": "-"},
    "GRU": {"color": GREEN, "linestyle": "-."},
    "LSTM": {"color": ORANGE, "linestyle": "--"},
    "c": {"color": BLACK, "linestyle": ":"},
}
KEY: dict[str, Any] = {
    "loc": "lower left",
    "bbox_to_anchor": (-0.01, 0.99),
    "borderpad": 0,
    "columnspacing": 1.2,
    "handlelength": 2,
}


@dataclass(frozen=True)
class Memory:
    """One unit of an LSTM over a sequence.

    Attributes:
        gates: i, f, o by name, (T,) each.
        written: (T,) the candidate g_t.
        c: (T+1,) the cell state, c_0 first.
        h: (T+1,) the state, h_0 first.
        marked: the steps, from 1, at which a number is marked.
        wanted: what c_T should be, or None where no unit alone should be it.
    """

    gates: dict[str, Array]
    written: Array
    c: Array
    h: Array
    marked: NDArray[np.intp]
    wanted: float | None


def frame_gates(ax: Axes, steps: int) -> None:
    """Axes and key of the gates panel, for ``steps`` steps."""
    ax.set(xlim=(0, steps + 1), ylim=(-0.04, 1.16), xlabel=text("gates.x"), ylabel=text("gates.y"))
    ax.set_title(text("gates.title"), pad=20)  # above the key
    ax.set_yticks([0, 0.5, 1])
    for name, look in GATES.items():
        ax.plot([], [], **look, label=text(f"gates.{name}"))
    ax.plot([], [], "v", color=BLACK, label=text("gates.marked"))
    ax.legend(ncols=4, **KEY)


def draw_gates(ax: Axes, data: Memory) -> list[Artist]:
    """How open i, f and o are at each step, and a triangle above each marked step."""
    drawn: list[Artist] = [*ax.plot(data.marked, np.full(len(data.marked), 1.12), "v", color=BLACK, markersize=6)]
    steps = np.arange(1, len(data.c))
    for name, look in GATES.items():
        drawn += ax.plot(steps, data.gates[name], drawstyle="steps-mid", **look)
    return drawn


def frame_memory(ax: Axes, steps: int, low: float, high: float) -> None:
    """Axes and key of the panel of c_t, for ``steps`` steps and values from low to high."""
    ax.set(xlim=(0, steps + 1), ylim=(low, high), xlabel=text("gates.x"))
    ax.set_title(text("memory.title"), pad=20)
    ax.axhline(0, color=GREY, linewidth=0.8)
    ax.plot([], [], color=GREY, linewidth=3, label=text("memory.written"))
    ax.plot([], [], color=BLUE, label=text("memory.c"))
    ax.plot([], [], color=GREEN, linestyle="-.", label=text("memory.h"))
    ax.plot([], [], color=ORANGE, linestyle="--", label=text("memory.wanted"))
    ax.legend(ncols=4, **KEY)


def draw_memory(ax: Axes, data: Memory) -> list[Artist]:
    """What is offered to the cell (bars), what it holds, what it shows, and what it should hold in the end."""
    steps = np.arange(len(data.c))
    drawn: list[Artist] = [ax.vlines(steps[1:], 0, data.written, color=GREY, linewidth=2)]
    drawn += ax.plot(steps, data.c, color=BLUE, linewidth=2.4)
    drawn += ax.plot(steps, data.h, color=GREEN, linestyle="-.")
    if data.wanted is not None:
        drawn.append(ax.axhline(data.wanted, color=ORANGE, linestyle="--"))
    return drawn


def frame_cells(ax: Axes, steps: int) -> None:
    """Axes, zones and key of the panel of gradients, for ``steps`` steps back."""
    ax.set(xlim=(0, steps), ylim=(-DECADES, DECADES), xlabel=text("norms.x"), ylabel=text("cells.y"))
    ax.set_title(text("cells.title"), pad=20)
    ticks = range(-DECADES, DECADES + 1, 3)
    ax.set_yticks(ticks, [f"1e{k}" if k else "1" for k in ticks])
    ax.axhspan(-DECADES, VANISHED, color=LIGHT, linewidth=0)
    ax.axhspan(-VANISHED, DECADES, color=LIGHT, linewidth=0)
    ax.axhline(0, color=GREY, linewidth=0.8)
    for word, y in (("vanished", -DECADES + 0.4), ("exploded", DECADES - 1)):
        ax.text(steps * 0.5, y, text(f"norms.{word}"), color="#404040", ha="center")
    for name, look in CELLS.items():
        ax.plot([], [], **look, label=text(f"cells.{name}"))
    ax.legend(ncols=4, **KEY)


def draw_cells(ax: Axes, data: dict[str, Array]) -> list[Artist]:
    """A line for each cell, (T+1,) powers of ten from 0 steps back to T; a triangle where it leaves the axes."""
    drawn: list[Artist] = []
    for name, look in CELLS.items():
        y = data[name]
        drawn += ax.plot(np.arange(len(y)), shown(y), **look)
        drawn += exit_mark(ax, y, look["color"])
    return drawn
