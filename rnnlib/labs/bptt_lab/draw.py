"""One recurrent unit unrolled, with what backpropagation writes under it, and the share of each step in dL/dw."""

from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes

from rnnlib.labs.bptt_lab.compute import STEPS, Backprop
from rnnlib.locale import text
from rnnlib.plots.style import BLACK, BLUE, GREEN, GREY, ORANGE

SIZE = (860, 580)
TILES = {"unrolled": (0, 210, 860, 580), "shares": (0, 0, 860, 210)}
# Heights in CSS pixels in a panel of 370.
NODES, INPUTS, STATES, RULE = 266, 208, 182, 166
ROWS = {"total_dh": 142, "immediate": 102, "total_dw": 62, "share": 22}
# Of the axis of steps: its left end, the column of sums, and the right end.
LEFT, SUM, RIGHT = -2.2, STEPS + 0.95, STEPS + 1.5
PER_STEP = 778 / (RIGHT - LEFT)  # pixels: the columns of the two panels stand one above the other
HOLLOW: dict[str, Any] = {"facecolor": "white", "edgecolor": GREY, "hatch": "///", "linewidth": 0.8}


def frame_unit(ax: Axes) -> None:
    """Nodes, the arrows forward and the names of the rows."""
    ax.set(xlim=(LEFT - 68 / PER_STEP, RIGHT + 14 / PER_STEP), ylim=(0, 370))
    ax.axis("off")
    edge = LEFT - 58 / PER_STEP
    ax.text(edge, 350, text("unrolled.title"), weight="bold", size=9.5)
    for t in range(STEPS + 1):
        _node(ax, t, f"h_{t}")
        if t:
            _arrow(ax, (t - 0.76, NODES), (t - 0.24, NODES), color=BLACK)
            ax.text(t - 0.5, NODES - 6, "w", ha="center", va="top", style="italic")
            _arrow(ax, (t, INPUTS + 12), (t, NODES - 18), color=GREY)
            ax.text(t, INPUTS, f"x_{t}", ha="center", va="center", color="#404040")
    _node(ax, SUM, "L")
    _arrow(ax, (STEPS + 0.24, NODES), (SUM - 0.24, NODES), color=BLACK)
    for y, name in ((STATES, "states"), *((y, name) for name, y in ROWS.items())):
        ax.text(edge, y, text(f"unrolled.{name}"), va="center")
    ax.plot([edge, RIGHT], [RULE, RULE], color=GREY, linewidth=0.8)


def draw_way_back(ax: Axes, data: Backprop) -> list[Artist]:
    """The states, the way back so far with its multipliers, and the numbers that it has reached."""
    drawn = [_number(ax, t, STATES, h, BLACK) for t, h in enumerate(data.hs)]
    drawn += _arc(ax, SUM, STEPS, "", cut=False)
    for t in range(STEPS, data.reached, -1):
        drawn += _arc(ax, t, t - 1, f"×{data.multipliers[t]:.2f}".replace("-", "−"), cut=t <= data.cut)
    for name, y in ROWS.items():
        on_states = name == "total_dh"
        for t in range(data.reached + (not on_states), STEPS + 1):
            lost = t < data.cut if on_states else name == "share" and t <= data.cut
            drawn += [_cut(ax, t, y)] if lost else _pair(ax, t, y, *data.rows[name][:, t])
    drawn.append(ax.text(SUM, ROWS["share"] + 25, text("unrolled.sum"), ha="center", va="center"))
    return drawn + _pair(ax, SUM, ROWS["share"], data.so_far, data.whole[1], GREEN)


def frame_shares(ax: Axes, limits: tuple[float, float]) -> None:
    """Axes and key of the shares, between these limits."""
    ax.set(xlim=(LEFT, RIGHT), ylim=limits, xlabel=text("settings.step"))
    ax.set_title(text("shares.title"), pad=10)
    steps = range(1, STEPS + 1)
    ax.set_xticks([*steps, SUM], [*map(str, steps), text("unrolled.sum")])
    ax.plot([0.5, RIGHT], [0, 0], color=GREY, linewidth=0.8)
    ax.bar([0], [np.nan], color=BLUE, label=text("shares.counted"))
    ax.bar([0], [np.nan], **HOLLOW, label=text("shares.left_out"))
    ax.plot([], [], "_", color=BLACK, markersize=22, markeredgewidth=2, label=text("shares.numeric"))
    ax.legend(loc="center left", borderpad=0.2)


def draw_shares(ax: Axes, data: Backprop) -> list[Artist]:
    """A bar for the share of each step and for the sum of those counted; a line where the finite difference is."""
    exact, numeric = data.rows["share"]
    drawn: list[Artist] = [*ax.bar(range(data.first, STEPS + 1), exact[data.first :], width=0.5, color=BLUE)]
    drawn += ax.bar(range(1, data.first), exact[1 : data.first], width=0.5, **HOLLOW)
    drawn += ax.bar([SUM], [data.so_far], width=0.5, color=GREEN)
    places, heights = [*range(1, STEPS + 1), SUM], [*numeric[1:], data.whole[1]]
    return [*drawn, *ax.plot(places, heights, "_", color=BLACK, markersize=40, markeredgewidth=2)]


def _node(ax: Axes, x: float, words: str) -> None:
    ax.plot(x, NODES, "o", markersize=25, color="white", markeredgecolor=BLACK, markeredgewidth=1.2)
    ax.text(x, NODES, words, ha="center", va="center")


def _arrow(ax: Axes, tail: tuple[float, float], head: tuple[float, float], **look: Any) -> Artist:
    return ax.annotate("", head, tail, arrowprops={"arrowstyle": "-|>", "shrinkA": 0, "shrinkB": 0, **look})


def _arc(ax: Axes, start: float, end: float, words: str, cut: bool) -> list[Artist]:
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
