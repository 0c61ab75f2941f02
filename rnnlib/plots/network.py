"""A tiny recurrent network with its numbers: unrolled, one step as a sum, and the activation.

The first two are drawings: their coordinates are CSS pixels from the lower left corner of the panel. Each term has one
colour and one line style, on its arrow in the drawing and under the formula.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.patches import FancyBboxPatch

from rnnlib.locale import text
from rnnlib.plots.style import BLACK, BLUE, GREEN, GREY, LIGHT, LINES, ORANGE
from rnnlib.validation import Array

INPUT: dict[str, Any] = {"color": BLUE, "linestyle": "-"}
STATE: dict[str, Any] = {"color": ORANGE, "linestyle": "--"}
BIAS: dict[str, Any] = {"color": GREEN, "linestyle": ":"}
READOUT: dict[str, Any] = {"color": BLACK, "linestyle": "-."}
COLUMNS, X, H, Y = (62, 230, 398, 566), 30, 118, 206  # of the unrolled network: h_0 and three steps; x_t, h_t, y_t
TERMS = ((INPUT, 122, 124), (STATE, 330, 244), (BIAS, 497, 50))  # look, middle and width of the terms of the sum
PLUS, EQUALS = (196, 462), 532
SUM, OUT, READ, TOP = 564, 652, 770, 158  # a_t, h_t, y_t; the height of the formula
LINE = ((120, 97), (58, 35))  # heights of each unit's products and of their sums
MARKERS = ("o", "s")  # of the two units


@dataclass(frozen=True)
class Walk:
    """A forward pass of one input, two units and one output, and the step to look at.

    Attributes:
        step: t, from 1.
        activation: the name of f.
        xs: (T,) inputs.
        hs: (T+1, 2) states.
        ys: (T,) outputs.
        params: W_xh (1, 2), W_hh (2, 2), b_h (2,), W_hy (2, 1), b_y (1,).
        terms: (3, 2) x_t W_xh, h_{t-1} W_hh and b_h at this step.
        a_t: (2,) their sum.
    """

    step: int
    activation: str
    xs: Array
    hs: Array
    ys: Array
    params: dict[str, Array]
    terms: Array
    a_t: Array


def number(value: float) -> str:
    """Two decimals, with the minus of mathematics and never before a zero."""
    return f"{value:z.2f}".replace("-", "−")


def frame_unrolled(ax: Axes, size: tuple[int, int]) -> None:
    """The unrolled network without its numbers; size is the panel's, in CSS pixels."""
    _board(ax, size, text("network.unrolled"))
    for t, x in enumerate(COLUMNS):
        _box(ax, x, H, 58, color=GREY)
        _words(ax, x - 34, H, f"$h_{t}$ =")
        for marker, y in zip(MARKERS, (H + 13, H - 13)):
            ax.plot(x - 9, y, marker, color=BLACK, markersize=5)
        if t:
            _box(ax, x, X, 34, **INPUT)
            _box(ax, x, Y, 34, **READOUT)
            _words(ax, x - 28, X, f"$x_{t}$ =")
            _words(ax, x - 28, Y, f"$y_{t}$ =")
            _arrow(ax, (COLUMNS[t - 1] + 54, H), (x - 56, H), "W_{hh}", (0, 9), STATE)
            _arrow(ax, (x, X + 18), (x, H - 31), "W_{xh}", (-22, 0), INPUT)
            _arrow(ax, (x + 36, X + 34), (x + 36, H - 31), "b_h", (14, -4), BIAS)
            _arrow(ax, (x, H + 30), (x, Y - 19), "W_{hy}", (-22, 0), READOUT)


def draw_unrolled(ax: Axes, data: Walk) -> list[Artist]:
    """Every number that is known by this step, and a thick frame around the step's state."""
    now = COLUMNS[data.step]
    drawn: list[Artist] = [_box(ax, now, H, 58, color=BLACK, linewidth=2.8)]
    drawn.append(_words(ax, now + 36, H + 42, text("network.now"), weight="bold"))
    for t, (x, h_t) in enumerate(zip(COLUMNS, data.hs)):
        values = [(H + 13, h_t[0]), (H - 13, h_t[1])]
        if t:
            drawn.append(_words(ax, x + 47, X, number(data.xs[t - 1]), ha="right"))
            values.append((Y, data.ys[t - 1]))
        drawn += [_words(ax, x + 47, y, number(v) if t <= data.step else "?", ha="right") for y, v in values]
    return drawn


def frame_sum(ax: Axes, size: tuple[int, int], activation: str) -> None:
    """What stands between the numbers: signs, arrows, and a line in the look of each term under its name."""
    _board(ax, size, text("network.sum"))
    for look, x, width in TERMS:
        ax.plot([x - width / 2, x + width / 2], [TOP - 13] * 2, linewidth=2.4, **look)
    ax.plot([READ - 76, READ + 76], [TOP - 13] * 2, linewidth=2.4, **READOUT)
    for y in (TOP, *(height for unit in LINE for height in unit)):
        for x in PLUS:
            _words(ax, x, y, "+")
    for y in (TOP, LINE[0][1], LINE[1][1]):
        _words(ax, EQUALS, y, "=")
        _arrow(ax, (SUM + 30, y), (OUT - 28, y), "", (0, 0), {"color": BLACK, "linestyle": "-"})
        _words(ax, (SUM + OUT) / 2, y + 8, text(f"activations.{activation}"), fontsize=8)
    for unit, (products, _) in enumerate(LINE):
        _words(ax, 28, products, text("network.unit", unit=unit + 1), weight="bold")
        ax.plot(28, products - 20, MARKERS[unit], color=BLACK, markersize=6)


def draw_sum(ax: Axes, data: Walk) -> list[Artist]:
    """The formula of this step and its numbers, unit by unit; the readout beside it."""
    t, p, h_before, h_t = data.step, data.params, data.hs[data.step - 1], data.hs[data.step]
    names = [f"$x_{t}$ $W_{{xh}}$", f"$h_{t - 1}$ $W_{{hh}}$", "$b_h$"]
    columns = [x for _, x, _ in TERMS]
    drawn: list[Artist] = [_words(ax, x, TOP, name, fontsize=12) for x, name in zip(columns, names)]
    drawn += [_words(ax, SUM, TOP, f"$a_{t}$", fontsize=12), _words(ax, OUT, TOP, f"$h_{t}$", fontsize=12)]
    for unit, (products, sums) in enumerate(LINE):
        W_xh, W_hh, b_h = p["W_xh"][:, unit], p["W_hh"][:, unit], p["b_h"][unit]
        written = [_products(data.xs[t - 1 : t], W_xh), _products(h_before, W_hh), number(b_h)]
        drawn += [_words(ax, x, products, words) for x, words in zip(columns, written)]
        drawn += [_words(ax, x, sums, number(term)) for x, term in zip(columns, data.terms[:, unit])]
        drawn += [
            _words(ax, SUM, sums, number(data.a_t[unit])),
            _words(ax, OUT, sums, number(h_t[unit]), weight="bold"),
        ]
    drawn.append(_words(ax, READ, TOP, f"$y_{t}$ = $h_{t}$ $W_{{hy}}$ + $b_y$", fontsize=12))
    first, second = (_products(h_t[k : k + 1], p["W_hy"][k]) for k in (0, 1))
    lines = [first, f"+ {second}", f"+ {number(p['b_y'][0])}", f"= {number(data.ys[t - 1])}"]
    return drawn + [_words(ax, READ, y, words) for y, words in zip((120, 97, 74, 51), lines)]


def frame_curve(ax: Axes, activation: str, curve: Array) -> None:
    """The activation; curve is (2, n): a and f(a)."""
    a, f = curve
    ax.set(xlim=(a[0], a[-1]), ylim=(min(-1.3, f.min() * 1.1), max(1.3, f.max() * 1.1)))
    ax.set(title=text("network.curve", f=text(f"activations.{activation}")), xlabel="$a_t$", ylabel="$h_t$")
    ax.axhline(0, color=LIGHT, linewidth=1)
    ax.axvline(0, color=LIGHT, linewidth=1)
    ax.plot(a, f, **LINES[activation])


def draw_curve(ax: Axes, data: Walk) -> list[Artist]:
    """Where the two units stand on it, in the marker of each."""
    a, h = data.a_t, data.hs[data.step]
    drawn = ax.plot(a[1], h[1], MARKERS[1], color=BLACK, markersize=10, markerfacecolor="white")
    return [*drawn, *ax.plot(a[0], h[0], MARKERS[0], color=BLACK, markersize=5)]  # in sight, even within the other


def draw_parameters(ax: Axes, counts: Mapping[str, Array]) -> None:
    """How many parameters a network has, (n,) for 0 … n-1 steps, a line for each network with its name at its end."""
    for (name, count), look in zip(counts.items(), (STATE, INPUT)):
        ax.plot(count, **look)
        ax.annotate(
            name, (len(count) - 1, count[-1]), (5, 0), textcoords="offset points", color=look["color"], va="center"
        )
    ax.set(xlabel=text("network.steps"), ylabel=text("network.parameters"), xlim=(0, len(count) - 1), ylim=(0, None))


def _products(factors: Array, weights: Array) -> str:
    return " + ".join(f"{_bracketed(v)} × {_bracketed(w)}" for v, w in zip(factors, weights))


def _bracketed(value: float) -> str:
    written = number(value)
    return f"({written})" if written.startswith("−") else written


def _board(ax: Axes, size: tuple[int, int], title: str) -> None:
    ax.set_axis_off()
    ax.set(xlim=(0, size[0]), ylim=(0, size[1]))
    ax.text(8, size[1] - 6, title, weight="bold", fontsize=9.5, va="top")


def _box(
    ax: Axes, x: float, y: float, height: float, color: str, linestyle: str = "-", linewidth: float = 1.2
) -> Artist:
    corner = (x - 53, y - height / 2)
    look: dict[str, Any] = {"boxstyle": "round,pad=0,rounding_size=6", "facecolor": "none", "edgecolor": color}
    return ax.add_patch(FancyBboxPatch(corner, 106, height, linestyle=linestyle, linewidth=linewidth, **look))


def _arrow(
    ax: Axes, start: tuple[float, float], end: tuple[float, float], name: str, beside: tuple[float, float], look: Any
) -> None:
    """An arrow in this look, with its name beside its middle."""
    ax.plot(*np.transpose([start, end]), linewidth=1.8, **look)
    ax.annotate(
        "", end, start, arrowprops={"arrowstyle": "-|>", "color": look["color"], "linewidth": 0, "mutation_scale": 14}
    )
    if name:
        x, y = np.mean([start, end], axis=0) + beside
        _words(ax, x, y, f"${name}$", color=look["color"])


def _words(ax: Axes, x: float, y: float, words: str, **look: Any) -> Artist:
    return ax.text(x, y, words, **{"ha": "center", "va": "center", "fontsize": 9.5, **look})
