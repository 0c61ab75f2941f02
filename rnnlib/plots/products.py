"""Still pictures of repeated multiplication: powers, products of Jacobians, two states that part."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from matplotlib.axes import Axes

from rnnlib.locale import text
from rnnlib.plots.style import BLACK, BLUE, GREEN, GREY, LINES, ORANGE, PURPLE
from rnnlib.validation import Array

LOOKS = [(BLUE, "-"), (GREEN, "-."), (BLACK, ":"), (PURPLE, (0, (5, 1))), (ORANGE, "--")]


def draw_growth(ax: Axes, data: Mapping[str, Array], x: str, y: str) -> None:
    """A line for each size against the number of steps, on a log axis, with its name at its end.

    Args:
        ax: where to draw.
        data: (K+1,) positive numbers, after 0 … K steps, by the name of the line.
        x: name of the words below the axis, in the table [products].
        y: name of the words beside it.
    """
    for (name, sizes), (colour, line) in zip(data.items(), LOOKS):
        ax.plot(sizes, color=colour, linestyle=line)
        ax.annotate(name, (len(sizes) - 1, sizes[-1]), (5, 0), textcoords="offset points", color=colour, va="center")
    if all(np.isclose(sizes[0], 1) for sizes in data.values()):  # then 1 is where every line began
        ax.axhline(1, color=GREY, linewidth=0.8)
    ax.set(yscale="log", xlim=(0, max(map(len, data.values())) - 1))
    ax.set(xlabel=text(f"products.{x}"), ylabel=text(f"products.{y}"))


def draw_derivatives(ax: Axes, data: Mapping[str, Array], a: Array) -> None:
    """f'(a) for each activation.

    Args:
        ax: where to draw.
        data: (n,) derivatives by the activation's name.
        a: (n,) pre-activations.
    """
    for name, derivative in data.items():
        ax.plot(a, derivative, **LINES[name], label=text(f"activations.{name}"))
    ax.set(xlabel=text("products.a"), ylabel=text("derivatives.x"), xlim=(a[0], a[-1]), ylim=(-0.03, 1.1))
    ax.set_yticks(np.linspace(0, 1, 5))
    ax.legend(loc="center right")
