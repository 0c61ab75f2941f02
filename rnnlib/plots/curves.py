"""The notebooks' still pictures: curves of what is measured, told apart by line style as well as by colour."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from rnnlib.locale import text
from rnnlib.plots.axes import Axes, guess_line, look
from rnnlib.plots.style import BLACK, BLUE, GREEN, GREY, ORANGE, PURPLE, look_of
from rnnlib.validation import Array

COLOURS = (BLUE, ORANGE, GREEN, BLACK, PURPLE)  # of lines that the key names


def draw_growth(ax: Axes, data: Mapping[str, Array], x: str, y: str) -> None:
    """A line for each size against the number of steps, on a log axis, with its name at its end.

    Args:
        ax: where to draw.
        data: (K+1,) positive numbers, after 0 … K steps, by the name of the line.
        x: name of the words below the axis, in the table [products].
        y: name of the words beside it.
    """
    _with_their_names(ax, data, (BLUE, GREEN, BLACK, PURPLE, ORANGE))
    if all(np.isclose(sizes[0], 1) for sizes in data.values()):  # then 1 is where every line began
        ax.axhline(1, color=GREY, linewidth=0.8)
    ax.set(yscale="log", xlabel=text(f"products.{x}"), ylabel=text(f"products.{y}"))


def draw_derivatives(ax: Axes, data: Mapping[str, Array], a: Array) -> None:
    """f'(a) for each activation.

    Args:
        ax: where to draw.
        data: (n,) derivatives by the activation's name.
        a: (n,) pre-activations.
    """
    for name, derivative in data.items():
        ax.plot(a, derivative, **look_of(name), label=text(f"activations.{name}"))
    ax.set(xlim=(a[0], a[-1]), xlabel=text("products.a"))
    ax.set(ylim=(-0.03, 1.1), yticks=np.linspace(0, 1, 5), ylabel=text("derivatives.x"))
    ax.legend(loc="center right")


def draw_parameters(ax: Axes, counts: Mapping[str, Array]) -> None:
    """How many parameters a network has, (n,) for 0 … n-1 steps, a line for each network with its name at its end."""
    _with_their_names(ax, counts, (ORANGE, BLUE))
    ax.set(xlabel=text("settings.steps"), ylabel=text("network.parameters"), ylim=(0, None))


def draw_memory(ax: Axes, curves: Mapping[str, Array]) -> None:
    """r² against how many steps back, (lags,) from 1 on, by the name of the line."""
    ax.set(xlabel=text("reading.back"), ylabel=text("reading.r2"), ylim=(0, 1.05))
    _named(ax, {name: (np.arange(1, len(curve) + 1), curve) for name, curve in curves.items()})


def draw_quartiles(ax: Axes, x: Array, runs: Mapping[str, Array], below: str, beside: str) -> None:
    """The median of several runs as a line, and the middle half of them as a band; of one run, the run.

    Args:
        ax: where to draw.
        x: (n,) what it depends on.
        runs: (R, n) numbers, none below 0, by the name of the line.
        below: the key of the words below the axes.
        beside: the key of the words beside them.
    """
    quartiles = {name: np.quantile(values, (0.25, 0.5, 0.75), axis=0) for name, values in runs.items()}
    for (low, _, high), colour in zip(quartiles.values(), COLOURS):
        ax.fill_between(x, low, high, color=colour, alpha=0.2, linewidth=0)
    _named(ax, {name: (x, median) for name, (_, median, _) in quartiles.items()})
    ax.set(xlabel=text(below), ylabel=text(beside), ylim=(0, None))


def draw_paths(ax: Axes, paths: Mapping[str, Array]) -> None:
    """Ways (T+1, 2) through a plane, side by side on one scale: a ring at the start, dots in the second half."""
    width = 1.2 * max(np.ptp(path, axis=0).max() for path in paths.values())
    for i, ((name, path), colour) in enumerate(zip(paths.items(), COLOURS)):
        x, y = (path - (path.max(axis=0) + path.min(axis=0)) / 2 + (i * width, 0)).T
        ax.plot(x, y, color=GREY, linewidth=0.8)
        ax.plot(x[len(x) // 2 :], y[len(y) // 2 :], ".", color=colour, markersize=5)
        ax.plot(x[:1], y[:1], "o", color=BLACK, markerfacecolor="none")
        ax.text(i * width, width / 2, name, weight="bold", ha="center")
    ax.set_axis_off()
    ax.set_aspect("equal")


def draw_errors(ax: Axes, x: Array, errors: Mapping[str, Array], words: str, xscale: str = "linear") -> None:
    """A still picture: a relative error, on a log axis, for each name.

    Args:
        ax: where to draw.
        x: (n,) what it depends on.
        errors: (n,) positive numbers by the name of the line.
        words: the words below the axis, in the table [errors].
        xscale: scale of the axis of x.
    """
    ax.set(xscale=xscale, yscale="log", xlabel=text(f"errors.{words}"), ylabel=text("errors.y"))
    _named(ax, {name: (x, error) for name, error in errors.items()})


def draw_trainability(ax: Axes, table: Array) -> None:
    """Best accuracy against the weight scale, a dot for each training, median and quartiles; two guesses as lines.

    Args:
        ax: where to draw.
        table: (n, 4 or more) weight scale, seed, ln of the gradient's ratio at the start, accuracy.
    """
    scales = np.unique(table[:, 0])
    low, medians, high = np.transpose([np.quantile(table[table[:, 0] == g, 3], (0.25, 0.5, 0.75)) for g in scales])
    ax.fill_between(scales, low, high, color=BLUE, alpha=0.2, linewidth=0, label=text("training.quartiles"))
    ax.plot(table[:, 0], table[:, 3], "o", color=BLUE, markersize=3, label=text("training.one_seed"))
    ax.plot(scales, medians, color=BLUE, label=text("norms.median"))
    ax.axhline(0.75, **look(ORANGE, linewidth=1.4), label=text("sequence.bag"))
    guess_line(ax, 0.25, text("sequence.chance"))
    ax.set(xscale="log", ylim=(0, 1.05), xlabel=text("settings.weight_scale"), ylabel=text("training.accuracy"))
    ax.set_xticks(scales, [f"{scale:g}" for scale in scales])
    ax.minorticks_off()
    ax.legend(loc="center left", bbox_to_anchor=(1.01, 0.5))


def _with_their_names(ax: Axes, lines: Mapping[str, Array], colours: Sequence[str]) -> None:
    """A line from 0 on for each name, which stands at its end; the longest reaches to the edge of the axes."""
    for (name, y), colour in zip(lines.items(), colours):
        ax.plot(y, **look(colour))
        ax.annotate(name, (len(y) - 1, y[-1]), (5, 0), textcoords="offset points", color=colour, va="center")
    ax.set_xlim(0, max(map(len, lines.values())) - 1)


def _named(ax: Axes, lines: Mapping[str, tuple[Any, Array]]) -> None:
    """A line for each name, and the key."""
    for (name, xy), colour in zip(lines.items(), COLOURS):
        ax.plot(*xy, **look(colour), label=name)
    ax.legend(loc="best")
