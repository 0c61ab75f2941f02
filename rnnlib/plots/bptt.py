"""One recurrent unit unrolled, with what backpropagation writes under it, and the share of each step in dL/dw."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from numpy.typing import NDArray

from rnnlib.locale import text
from rnnlib.plots.style import BLACK, BLUE, GREEN, GREY, ORANGE
from rnnlib.validation import Array

# Heights in CSS pixels in a panel of 370.
NODES, INPUTS, STATES, RULE = 266, 208, 182, 166
ROWS = {"total_dh": 142, "immediate": 102, "total_dw": 62, "share": 22}
LEFT, SUM, RIGHT = (
    -2.2,
    0.95,
    1.5,
)  # of the steps' axis: its left end, the column of sums and the end after the last step
PER_STEP = 778 / (6 + RIGHT - LEFT)  # pixels: the columns of the two panels stand one above the other
HOLLOW: dict[str, Any] = {"facecolor": "white", "edgecolor": GREY, "hatch": "///", "linewidth": 0.8}


@dataclass(frozen=True)
class Backprop:
    """One unit, T steps, a loss at the end; index t is step t.

    Attributes:
        hs: (T+1,) the states.
        multipliers: (T+1,) dh_t/dh_{t-1}; NaN at 0.
        rows: (2, T+1) each, by formula and by finite difference, NaN where there is no such thing: the total dL/dh_t,
            the immediate derivative of h_t in w, the total one, and the share of step t in dL/dw.
        whole: dL/dw, by formula and by finite difference.
        reached: the walk back has come to this state.
        cut: nothing goes back beyond this state.
    """

    hs: Array
    multipliers: Array
    rows: dict[str, Array]
    whole: tuple[float, float]
    reached: int
    cut: int

    @property
    def counted(self) -> NDArray[np.bool_]:
        """(T+1,) whether the share of step t has been added up."""
        return np.arange(len(self.hs)) > max(self.reached, self.cut)

    @property
    def counted_sum(self) -> float:
        """What has been added up: dL/dw so far."""
        return float(self.rows["share"][0, self.counted].sum())


def frame_unrolled(ax: Axes, steps: int) -> None:
    """Nodes, the arrows forward and the names of the rows."""
    ax.set(xlim=(LEFT - 68 / PER_STEP, steps + RIGHT + 14 / PER_STEP), ylim=(0, 370))
    ax.axis("off")
    edge = LEFT - 58 / PER_STEP
    ax.text(edge, 350, text("unrolled.title"), weight="bold", size=9.5)
    for t in range(steps + 1):
        _node(ax, t, f"h_{t}")
        if t:
            _arrow(ax, (t - 0.76, NODES), (t - 0.24, NODES), color=BLACK)
            ax.text(t - 0.5, NODES - 6, "w", ha="center", va="top", style="italic")
            _arrow(ax, (t, INPUTS + 12), (t, NODES - 18), color=GREY)
            ax.text(t, INPUTS, f"x_{t}", ha="center", va="center", color="#404040")
    _node(ax, steps + SUM, "L")
    _arrow(ax, (steps + 0.24, NODES), (steps + SUM - 0.24, NODES), color=BLACK)
    for y, name in ((STATES, "states"), *((y, name) for name, y in ROWS.items())):
        ax.text(edge, y, text(f"unrolled.{name}"), va="center")
    ax.plot([edge, steps + RIGHT], [RULE, RULE], color=GREY, linewidth=0.8)


def draw_unrolled(ax: Axes, data: Backprop) -> list[Artist]:
    """The states, the way back so far with its multipliers, and the numbers that it has reached."""
    last = len(data.hs) - 1
    drawn = [_number(ax, t, STATES, h, BLACK) for t, h in enumerate(data.hs)]
    drawn += _way_back(ax, last + SUM, last, "", cut=False)
    for t in range(last, data.reached, -1):
        drawn += _way_back(ax, t, t - 1, f"×{data.multipliers[t]:.2f}".replace("-", "−"), cut=t <= data.cut)
    for name, y in ROWS.items():
        on_states = name == "total_dh"
        for t in range(data.reached + (not on_states), last + 1):
            exact, numeric = data.rows[name][:, t]
            lost = t < data.cut if on_states else name == "share" and t <= data.cut
            drawn += [_cut(ax, t, y)] if lost else _pair(ax, t, y, exact, numeric)
    drawn.append(ax.text(last + SUM, ROWS["share"] + 25, text("unrolled.sum"), ha="center", va="center"))
    return drawn + _pair(ax, last + SUM, ROWS["share"], data.counted_sum, data.whole[1], GREEN)


def frame_shares(ax: Axes, steps: int, limits: tuple[float, float]) -> None:
    """Axes and key of the shares, between these limits."""
    ax.set(xlim=(LEFT, steps + RIGHT), ylim=limits, xlabel=text("shares.x"))
    ax.set_title(text("shares.title"), pad=10)
    ax.set_xticks([*range(1, steps + 1), steps + SUM], [*map(str, range(1, steps + 1)), text("shares.sum")])
    ax.plot([0.5, steps + RIGHT], [0, 0], color=GREY, linewidth=0.8)
    ax.bar([0], [np.nan], color=BLUE, label=text("shares.counted"))
    ax.bar([0], [np.nan], **HOLLOW, label=text("shares.left_out"))
    ax.plot([], [], "_", color=BLACK, markersize=22, markeredgewidth=2, label=text("shares.numeric"))
    ax.legend(loc="center left", borderpad=0.2)


def draw_shares(ax: Axes, data: Backprop) -> list[Artist]:
    """A bar for the share of each step and for the sum of those counted; a line where the finite difference is."""
    steps = np.arange(1, len(data.hs))
    (exact, numeric), counted = data.rows["share"][:, 1:], data.counted[1:]
    drawn: list[Artist] = [*ax.bar(steps[counted], exact[counted], width=0.5, color=BLUE)]
    drawn += ax.bar(steps[~counted], exact[~counted], width=0.5, **HOLLOW)
    drawn += ax.bar([len(steps) + SUM], [data.counted_sum], width=0.5, color=GREEN)
    places, heights = [*steps, len(steps) + SUM], [*numeric, data.whole[1]]
    return [*drawn, *ax.plot(places, heights, "_", color=BLACK, markersize=40, markeredgewidth=2)]


def _node(ax: Axes, x: float, words: str) -> None:
    ax.plot(x, NODES, "o", markersize=25, color="white", markeredgecolor=BLACK, markeredgewidth=1.2)
    ax.text(x, NODES, words, ha="center", va="center")


def _arrow(ax: Axes, tail: tuple[float, float], head: tuple[float, float], **look: Any) -> Artist:
    return ax.annotate("", head, tail, arrowprops={"arrowstyle": "-|>", "shrinkA": 0, "shrinkB": 0, **look})


def _way_back(ax: Axes, start: float, end: float, words: str, cut: bool) -> list[Artist]:
    """The gradient's arrow from one node to the one before, with its multiplier; dotted where it is cut."""
    look: dict[str, Any] = {"color": GREY, "linestyle": ":"} if cut else {"color": ORANGE, "linewidth": 2}
    curve = _arrow(ax, (start - 0.08, NODES + 20), (end + 0.08, NODES + 20), connectionstyle="arc3,rad=0.35", **look)
    said = text("unrolled.cut") if cut else words
    return [curve, ax.text((start + end) / 2, NODES + 42, said, ha="center", color=look["color"])]


def _cut(ax: Axes, x: float, y: float) -> Artist:
    return ax.text(x, y, text("unrolled.cut"), ha="center", va="center", color=GREY)


def _pair(ax: Axes, x: float, y: float, exact: float, numeric: float, colour: str = BLUE) -> list[Artist]:
    """A number, and its finite difference below it."""
    return [_number(ax, x, y + 8, exact, colour, weight="bold"), _number(ax, x, y - 8, numeric, "#404040")]


def _number(ax: Axes, x: float, y: float, value: float, colour: str, **look: Any) -> Artist:
    return ax.text(x, y, f"{value:+.4f}".replace("-", "−"), ha="center", va="center", color=colour, **look)


def draw_errors(ax: Axes, x: Array, errors: Mapping[str, Array], words: str, xscale: str = "linear") -> None:
    """A still picture: a relative error, on a log axis, for each name.

    Args:
        ax: where to draw.
        x: (n,) what it depends on.
        errors: (n,) positive numbers by the name of the line.
        words: the words below the axis, in the table [errors].
        xscale: scale of the axis of x.
    """
    for (name, error), (colour, line) in zip(errors.items(), [(BLUE, "-"), (ORANGE, "--"), (GREEN, "-.")]):
        ax.plot(x, error, color=colour, linestyle=line, label=name)
    ax.set(xscale=xscale, yscale="log", xlabel=text(f"errors.{words}"), ylabel=text("errors.y"))
    ax.legend(loc="best")
