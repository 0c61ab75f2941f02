"""The three pictures of gated cells: the gates over time, what the cell holds, and gradients of three cells."""

from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes

from rnnlib.labs.gates_lab.compute import Memory
from rnnlib.locale import text
from rnnlib.plots.axes import ABOVE_KEY, key_above, line
from rnnlib.plots.norms import exit_mark, frame_zones, shown
from rnnlib.plots.style import BLACK, BLUE, GREEN, GREY, ORANGE
from rnnlib.validation import Array

SIZE = (860, 560)
TILES = {"gates": (0, 330, 440, 560), "memory": (0, 0, 440, 330), "cells": (440, 0, 860, 560)}
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


def frame_gates(ax: Axes, steps: int) -> None:
    """Axes and key of the gates panel, for ``steps`` steps."""
    ax.set(xlim=(0, steps + 1), ylim=(-0.04, 1.16), xlabel=text("gates.x"), ylabel=text("gates.y"))
    ax.set_yticks([0, 0.5, 1])
    for name, look in GATES.items():
        ax.plot([], [], **look, label=text(f"gates.{name}"))
    ax.plot([], [], "v", color=BLACK, label=text("gates.marked"))
    _key(ax, "gates")


def draw_gates(ax: Axes, data: Memory) -> list[Artist]:
    """How open i, f and o are at each step, and a triangle above each marked step."""
    drawn: list[Artist] = [*ax.plot(data.marked, np.full(len(data.marked), 1.12), "v", color=BLACK, markersize=6)]
    steps = np.arange(1, len(data.c))
    return drawn + [line(ax, steps, data.gates[name], drawstyle="steps-mid", **look) for name, look in GATES.items()]


def frame_held(ax: Axes, steps: int, low: float, high: float) -> None:
    """Axes and key of the panel of c_t, for ``steps`` steps and values from low to high."""
    ax.set(xlim=(0, steps + 1), ylim=(low, high), xlabel=text("gates.x"))
    ax.axhline(0, color=GREY, linewidth=0.8)
    ax.plot([], [], color=GREY, linewidth=3, label=text("memory.written"))
    ax.plot([], [], color=BLUE, label=text("memory.c"))
    ax.plot([], [], color=GREEN, linestyle="-.", label=text("memory.h"))
    ax.plot([], [], color=ORANGE, linestyle="--", label=text("memory.wanted"))
    _key(ax, "memory")


def draw_held(ax: Axes, data: Memory) -> list[Artist]:
    """What is offered to the cell (bars), what it holds, what it shows, and by hand what it should hold in the end."""
    steps = np.arange(len(data.c))
    drawn: list[Artist] = [ax.vlines(steps[1:], 0, data.written, color=GREY, linewidth=2)]
    drawn.append(line(ax, steps, data.c, color=BLUE, linewidth=2.4))
    drawn.append(line(ax, steps, data.h, color=GREEN, linestyle="-."))
    return drawn + ([ax.axhline(data.wanted, color=ORANGE, linestyle="--")] if data.by_hand else [])


def frame_cells(ax: Axes, steps: int) -> None:
    """Axes, zones and key of the panel of gradients, for ``steps`` steps back."""
    frame_zones(ax, steps, (0.5, 0.4, 1))
    ax.set(ylabel=text("cells.y"))
    for name, look in CELLS.items():
        ax.plot([], [], **look, label=text(f"cells.{name}"))
    _key(ax, "cells")


def draw_cells(ax: Axes, norms: dict[str, Array]) -> list[Artist]:
    """A line for each cell, (T+1,) powers of ten from 0 steps back to T; a triangle where it leaves the axes."""
    drawn: list[Artist] = []
    for name, look in CELLS.items():
        drawn.append(line(ax, np.arange(len(norms[name])), shown(norms[name]), **look))
        drawn += exit_mark(ax, norms[name], look["color"])
    return drawn


def _key(ax: Axes, panel: str) -> None:
    """Title and key above the axes."""
    ax.set_title(text(f"{panel}.title"), pad=ABOVE_KEY)
    key_above(ax, 4, handlelength=2)
