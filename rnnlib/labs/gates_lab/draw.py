"""The three pictures of gated cells: the gates over time, what the cell holds, and gradients of three cells."""

import numpy as np

from rnnlib.labs.gates_lab.compute import Memory
from rnnlib.locale import text
from rnnlib.plots.axes import Axes, Drawn, key_above, line, look
from rnnlib.plots.norms import draw_powers, frame_zones
from rnnlib.plots.style import BLACK, BLUE, GREEN, GREY, ORANGE
from rnnlib.validation import Array

SIZE = (860, 560)
TILES = {"gates": (0, 330, 440, 560), "memory": (0, 0, 440, 330), "cells": (440, 0, 860, 560)}
GATES = {"i": BLUE, "f": ORANGE, "o": GREEN}
CELLS = {"RNN": BLUE, "GRU": GREEN, "LSTM": ORANGE, "c": BLACK}


def frame_gates(ax: Axes, steps: int) -> None:
    """Axes and key of the gates panel, for ``steps`` steps."""
    ax.set(xlim=(0, steps + 1), ylim=(-0.04, 1.16), xlabel=text("settings.step"), ylabel=text("gates.y"))
    ax.set_yticks([0, 0.5, 1])
    for name, colour in GATES.items():
        ax.plot([], [], **look(colour), label=text(f"gates.{name}"))
    ax.plot([], [], "v", color=BLACK, label=text("gates.marked"))
    key_above(ax, text("gates.title"), 4, handlelength=2)


def draw_gates(ax: Axes, data: Memory) -> Drawn:
    """How open i, f and o are at each step, and a triangle above each marked step."""
    drawn: Drawn = [*ax.plot(data.marked, np.full(len(data.marked), 1.12), "v", color=BLACK, markersize=6)]
    steps = np.arange(1, len(data.c))
    return drawn + [line(ax, steps, data.gates[name], drawstyle="steps-mid", **look(GATES[name])) for name in GATES]


def frame_held(ax: Axes, steps: int, low: float, high: float) -> None:
    """Axes and key of the panel of c_t, for ``steps`` steps and values from low to high."""
    ax.set(xlim=(0, steps + 1), ylim=(low, high), xlabel=text("settings.step"))
    ax.axhline(0, color=GREY, linewidth=0.8)
    ax.plot([], [], color=GREY, linewidth=3, label=text("memory.written"))
    ax.plot([], [], color=BLUE, label=text("memory.c"))
    ax.plot([], [], **look(GREEN), label=text("memory.h"))
    ax.plot([], [], **look(ORANGE), label=text("memory.wanted"))
    key_above(ax, text("memory.title"), 4, handlelength=2)


def draw_held(ax: Axes, data: Memory) -> Drawn:
    """What is offered to the cell (bars), what it holds, what it shows, and by hand what it should hold in the end."""
    steps = np.arange(len(data.c))
    drawn: Drawn = [ax.vlines(steps[1:], 0, data.written, color=GREY, linewidth=2)]
    drawn += [line(ax, steps, data.c, color=BLUE, linewidth=2.4), line(ax, steps, data.h, **look(GREEN))]
    return drawn + ([ax.axhline(data.wanted, **look(ORANGE))] if data.by_hand else [])


def frame_cells(ax: Axes, steps: int) -> None:
    """Axes, zones and key of the panel of gradients, for ``steps`` steps back."""
    frame_zones(ax, steps, 0.5, 0.4, 1)
    ax.set(ylabel=text("cells.y"))
    for name, colour in CELLS.items():
        ax.plot([], [], **look(colour), label=text(f"cells.{name}"))
    key_above(ax, text("cells.title"), 4, handlelength=2)


def draw_cells(ax: Axes, norms: dict[str, Array]) -> Drawn:
    """A line for each cell, (T+1,) powers of ten from 0 steps back to T; a triangle where it leaves the axes."""
    return [artist for name, colour in CELLS.items() for artist in draw_powers(ax, norms[name], colour)]
