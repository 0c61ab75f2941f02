"""A tiny recurrent network with its numbers: unrolled, one step as a sum, and the activation.

The first two are drawings: their coordinates are CSS pixels from the lower left corner of the panel. Each term has one
colour and one line style, on its arrow in the drawing and under the formula.
"""

from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.patches import FancyBboxPatch

from rnnlib.labs.step_through.compute import Curve, Run
from rnnlib.locale import text
from rnnlib.plots.axes import Axes, Drawn, board, look
from rnnlib.plots.style import BLACK, BLUE, GREEN, GREY, LIGHT, ORANGE, look_of
from rnnlib.validation import Array

SIZE = (860, 470)
TILES = {"unrolled": (0, 200, 640, 470), "curve": (640, 200, 860, 470), "sum": (0, 0, 860, 200)}
INPUT, STATE = look(BLUE), look(ORANGE)
BIAS, READOUT = look(GREEN, linestyle=":"), look(BLACK, linestyle="-.")
COLUMNS, X, H, Y = (62, 230, 398, 566), 30, 118, 206  # of the unrolled network: h_0 and three steps; x_t, h_t, y_t
TERMS = ((INPUT, 122, 124), (STATE, 330, 244), (BIAS, 497, 50))  # look, middle and width of the terms of the sum
PLUS, EQUALS = (196, 462), 532
SUM, OUT, READ, TOP = 564, 652, 770, 158  # a_t, h_t, y_t; the height of the formula
LINE = ((120, 97), (58, 35))  # heights of each unit's products and of their sums
MARKERS = ("o", "s")  # of the two units

Point = tuple[float, float]


def number(value: float) -> str:
    """Two decimals, with the minus of mathematics and never before a zero."""
    return f"{value:z.2f}".replace("-", "−")


def frame_network(ax: Axes) -> None:
    """The unrolled network without its numbers."""
    board(ax, 640, 270, text("network.unrolled"), (8, 264))
    for t, x in enumerate(COLUMNS):
        _box(ax, x, H, 58, color=GREY)
        _write(ax, x - 34, H, f"$h_{t}$ =")
        for marker, y in zip(MARKERS, (H + 13, H - 13)):
            ax.plot(x - 9, y, marker, color=BLACK, markersize=5)
        if t:
            _box(ax, x, X, 34, **INPUT)
            _box(ax, x, Y, 34, **READOUT)
            _write(ax, x - 28, X, f"$x_{t}$ =")
            _write(ax, x - 28, Y, f"$y_{t}$ =")
            _named_arrow(ax, (COLUMNS[t - 1] + 54, H), (x - 56, H), "$W_{hh}$", (0, 9), STATE)
            _named_arrow(ax, (x, X + 18), (x, H - 31), "$W_{xh}$", (-22, 0), INPUT)
            _named_arrow(ax, (x + 36, X + 34), (x + 36, H - 31), "$b_h$", (14, -4), BIAS)
            _named_arrow(ax, (x, H + 30), (x, Y - 19), "$W_{hy}$", (-22, 0), READOUT)


def draw_network(ax: Axes, data: Run) -> Drawn:
    """Every number that is known by this step, and a thick frame around the step's state."""
    now = COLUMNS[data.step]
    drawn: Drawn = [_box(ax, now, H, 58, color=BLACK, linewidth=2.8)]
    drawn.append(_write(ax, now + 36, H + 42, text("network.now"), weight="bold"))
    for t, (x, h_t) in enumerate(zip(COLUMNS, data.hs)):
        values = [(H + 13, h_t[0]), (H - 13, h_t[1])]
        if t:
            drawn.append(_write(ax, x + 47, X, number(data.xs[t - 1]), ha="right"))
            values.append((Y, data.ys[t - 1]))
        drawn += [_write(ax, x + 47, y, number(v) if t <= data.step else "?", ha="right") for y, v in values]
    return drawn


def frame_sum(ax: Axes, activation: str) -> None:
    """What stands between the numbers: signs, arrows, and a line in the look of each term under its name."""
    board(ax, 860, 200, text("network.sum"), (8, 194))
    for term, x, width in (*TERMS, (READOUT, READ, 152)):
        ax.plot([x - width / 2, x + width / 2], [TOP - 13] * 2, linewidth=2.4, **term)
    for y in (TOP, *(height for unit in LINE for height in unit)):
        for x in PLUS:
            _write(ax, x, y, "+")
    for y in (TOP, LINE[0][1], LINE[1][1]):
        _write(ax, EQUALS, y, "=")
        _arrow(ax, (SUM + 30, y), (OUT - 28, y), color=BLACK)
        _write(ax, (SUM + OUT) / 2, y + 8, text(f"activations.{activation}"), fontsize=8)
    for unit, (products, _) in enumerate(LINE):
        _write(ax, 28, products, text("network.unit", unit=unit + 1), weight="bold")
        ax.plot(28, products - 20, MARKERS[unit], color=BLACK, markersize=6)


def draw_sum(ax: Axes, data: Run) -> Drawn:
    """The formula of this step and its numbers, unit by unit; the readout beside it."""
    t, p, h_before, h_t = data.step, data.params, data.hs[data.step - 1], data.hs[data.step]
    columns = [*(x for _, x, _ in TERMS), SUM, OUT]
    names = [f"$x_{t}$ $W_{{xh}}$", f"$h_{t - 1}$ $W_{{hh}}$", "$b_h$", f"$a_{t}$", f"$h_{t}$"]
    drawn = [_write(ax, x, TOP, name, fontsize=12) for x, name in zip(columns, names)]
    for unit, (products, sums) in enumerate(LINE):
        x_W, h_W = _products(data.xs[t - 1 : t], p["W_xh"][:, unit]), _products(h_before, p["W_hh"][:, unit])
        drawn += [_write(ax, x, products, words) for x, words in zip(columns, (x_W, h_W, number(p["b_h"][unit])))]
        values = [*data.terms[:, unit], data.a_t[unit]]
        drawn += [_write(ax, x, sums, number(value)) for x, value in zip(columns, values)]
        drawn.append(_write(ax, OUT, sums, number(h_t[unit]), weight="bold"))
    drawn.append(_write(ax, READ, TOP, f"$y_{t}$ = $h_{t}$ $W_{{hy}}$ + $b_y$", fontsize=12))
    first, second = (_products(h_t[k : k + 1], p["W_hy"][k]) for k in (0, 1))
    lines = [first, f"+ {second}", f"+ {number(p['b_y'][0])}", f"= {number(data.ys[t - 1])}"]
    return drawn + [_write(ax, READ, y, words) for y, words in zip((120, 97, 74, 51), lines)]


def frame_curve(ax: Axes, curve: Curve) -> None:
    """The activation."""
    a, f = curve.a, curve.f
    ax.set(xlim=(a[0], a[-1]), ylim=(min(-1.3, f.min() * 1.1), max(1.3, f.max() * 1.1)))
    ax.set(title=text("network.curve", f=text(f"activations.{curve.activation}")), xlabel="$a_t$", ylabel="$h_t$")
    ax.axhline(0, color=LIGHT, linewidth=1)
    ax.axvline(0, color=LIGHT, linewidth=1)
    ax.plot(a, f, **look_of(curve.activation))


def draw_units(ax: Axes, data: Run) -> Drawn:
    """Where the two units stand on the curve, in the marker of each."""
    a, h = data.a_t, data.hs[data.step]
    drawn = ax.plot(a[1], h[1], MARKERS[1], color=BLACK, markersize=10, markerfacecolor="white")
    return [*drawn, *ax.plot(a[0], h[0], MARKERS[0], color=BLACK, markersize=5)]  # in sight, even within the other


def _products(factors: Array, weights: Array) -> str:
    return " + ".join(f"{_bracketed(v)} × {_bracketed(w)}" for v, w in zip(factors, weights))


def _bracketed(value: float) -> str:
    written = number(value)
    return f"({written})" if written.startswith("−") else written


def _box(ax: Axes, x: float, y: float, height: float, **more: Any) -> Artist:
    more = {"boxstyle": "round,pad=0,rounding_size=6", "fill": False, "linewidth": 1.2, **more}
    return ax.add_patch(FancyBboxPatch((x - 53, y - height / 2), 106, height, **more))


def _named_arrow(ax: Axes, tail: Point, head: Point, name: str, beside: Point, drawn: Any) -> None:
    """An arrow with its name beside its middle."""
    _arrow(ax, tail, head, **drawn)
    x, y = np.mean([tail, head], axis=0) + beside
    _write(ax, x, y, name, color=drawn["color"])


def _arrow(ax: Axes, tail: Point, head: Point, color: str, linestyle: str = "-") -> None:
    ax.plot(*np.transpose([tail, head]), color=color, linestyle=linestyle)
    point = {"arrowstyle": "-|>", "color": color, "linewidth": 0, "mutation_scale": 14}
    ax.annotate("", head, tail, arrowprops=point)


def _write(ax: Axes, x: float, y: float, words: str, **more: Any) -> Artist:
    return ax.text(x, y, words, **{"ha": "center", "va": "center", "fontsize": 9.5, **more})
