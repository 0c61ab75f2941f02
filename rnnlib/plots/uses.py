"""A drawing: what a recurrent network can be asked for, unrolled. Coordinates are CSS pixels from the lower left."""

from typing import Any

from rnnlib.locale import text
from rnnlib.plots.axes import Axes, board, look
from rnnlib.plots.style import BLACK, BLUE, GREEN, ORANGE

INPUT, STATE, OUTPUT, FED_BACK = look(BLUE), look(ORANGE), look(BLACK, linestyle="-."), look(GREEN, linestyle=":")
STEPS, PITCH, WIDTH = 4, 60, 267
X, H, Y = 26, 86, 146  # the heights of inputs, states and outputs


def draw_uses(ax: Axes) -> None:
    """Many-to-one, many-to-many and generation, side by side, 800 × 215 pixels.

    The same network each time: what differs is where an output is read, and where the inputs come from.
    """
    board(ax, 800, 215, "", (0, 0))
    for panel, use in enumerate(("many_to_one", "many_to_many", "generation")):
        left = WIDTH * panel
        ax.text(left, 206, text(f"uses.{use}"), weight="bold", fontsize=10, va="top")
        words = text(f"uses.{use}_as")
        ax.text(left, 188, words, fontsize=min(9, 335 / len(words)), va="top")  # as wide as the drawing at most
        for t in range(1, STEPS + 1):
            x = left + 30 + PITCH * (t - 1)
            _node(ax, x, H, f"$h_{t}$", STATE)
            _node(ax, x, X, f"$y_{t - 1}$" if use == "generation" and t > 1 else f"$x_{t}$", INPUT)
            _arrow(ax, (x, X + 15), (x, H - 16), INPUT)
            if t > 1:
                _arrow(ax, (x - PITCH + 17, H), (x - 18, H), STATE)
            if use != "many_to_one" or t == STEPS:
                _node(ax, x, Y, f"$y_{t}$", OUTPUT)
                _arrow(ax, (x, H + 15), (x, Y - 16), OUTPUT)
            if use == "generation" and t < STEPS:
                _arrow(ax, (x + 13, Y - 13), (x + PITCH - 13, X + 15), FED_BACK)


def _node(ax: Axes, x: float, y: float, name: str, edge: dict[str, Any]) -> None:
    box = {"boxstyle": "round,pad=0.42", "facecolor": "white", "linewidth": 1.6}
    box |= {"edgecolor": edge["color"], "linestyle": edge["linestyle"]}
    ax.text(x, y, name, ha="center", va="center", fontsize=11, bbox=box)


def _arrow(ax: Axes, tail: tuple[float, float], head: tuple[float, float], line: dict[str, Any]) -> None:
    ax.plot(*zip(tail, head), **line)
    point = {"arrowstyle": "-|>", "color": line["color"], "linewidth": 0, "mutation_scale": 13}
    ax.annotate("", head, tail, arrowprops=point)
