"""Gradient norms against steps back: powers of ten with the zones of vanished and exploded gradients."""

from decimal import Decimal
from typing import Any

import numpy as np
from matplotlib.patches import Polygon

from rnnlib.gradients import LIMIT
from rnnlib.locale import text
from rnnlib.plots.axes import Axes, Drawn, key_above, line, look, mark
from rnnlib.plots.style import BLACK, BLUE, GREY, LIGHT, ORANGE
from rnnlib.validation import Array

DECADES = 12  # the axis shows 1e-12 to 1e12
ZONE = LIMIT / np.log(10)  # powers of ten: a gradient has vanished below −ZONE, and exploded above ZONE


def frame_zones(ax: Axes, steps: int, share: float, above: float, below: float) -> None:
    """The axis of powers of ten with its zones, for ``steps`` steps back.

    Args:
        ax: where to draw.
        steps: T.
        share: where the zones' words stand, as a share of the width.
        above: how far above the bottom, in powers of ten.
        below: how far below the top.
    """
    ax.set(xlim=(0, steps), ylim=(-DECADES, DECADES), xlabel=text("products.back"))
    ticks = range(-DECADES, DECADES + 1, 3)
    ax.set_yticks(ticks, [f"1e{k}" if k else "1" for k in ticks])
    ax.axhspan(-DECADES, -ZONE, color=LIGHT, linewidth=0)
    ax.axhspan(ZONE, DECADES, color=LIGHT, linewidth=0)
    ax.axhline(0, color=GREY, linewidth=0.8)
    for word, y in (("vanished", -DECADES + above), ("exploded", DECADES - below)):
        ax.text(steps * share, y, text(f"norms.{word}"), color="#404040", ha="center")


def frame_norms(ax: Axes, steps: int, theory: bool) -> None:
    """Axes, zones and key of the norms panel, for ``steps`` steps back, with or without the lines of theory."""
    frame_zones(ax, steps, 0.62, 0.6, 1.6)
    ax.set(ylabel=text("products.gradient"))
    ax.plot([], [], color=BLUE, label=text("norms.median"))
    ax.fill_between([], [], color=BLUE, alpha=0.3, linewidth=0, label=text("norms.band"))
    if theory:
        ax.plot([], [], **look(ORANGE), label=text("norms.mean_field"))
        ax.plot([], [], **look(BLACK), label=text("norms.bound"))
    key_above(ax, text("norms.title"), 4, 1.03, handlelength=2)


def draw_norms(
    ax: Axes, median: Array, low: Array, high: Array, mean_field: float | None = None, bound: float = -np.inf
) -> Drawn:
    """Median, band, mean-field line and bound; a triangle where a line leaves the axes, a hollow one for the band.

    Args:
        ax: where to draw.
        median: (T+1,) of ‖∂L/∂h_t‖ over ‖∂L/∂h_T‖ in the batch, in powers of ten, from 0 steps back to T; −inf where
            it is exactly zero.
        low: (T+1,) the smallest of the batch.
        high: (T+1,) the largest.
        mean_field: powers of ten a step that theory expects, or None where it does not hold.
        bound: powers of ten a step that cannot be exceeded; −inf for a matrix of zeros.
    """
    back = np.arange(len(median))
    edge = np.column_stack([np.append(back, back[::-1]), np.append(_shown(low), _shown(high[::-1]))])
    drawn: Drawn = [ax.add_artist(Polygon(edge, color=BLUE, alpha=0.3, linewidth=0))]
    for edge in (low, high):
        drawn += exit_mark(ax, edge, BLUE, markerfacecolor="white")
    drawn += draw_powers(ax, median, BLUE, linewidth=2.4)
    if mean_field is not None:
        drawn += draw_powers(ax, mean_field * back, ORANGE)
    if np.isfinite(bound):
        drawn += draw_powers(ax, bound * back, BLACK, linewidth=1.4)
    return drawn + _off_the_axes(ax, median)


def draw_powers(ax: Axes, y: Array, colour: str, **more: Any) -> Drawn:
    """A line of powers of ten (T+1,), from 0 steps back to T; a triangle where it leaves the axes."""
    return [line(ax, np.arange(len(y)), _shown(y), **look(colour, **more)), *exit_mark(ax, y, colour)]


def _shown(y: Array) -> Array:
    """Lines go a little beyond the axes and no further: coordinates of 1e300 are more than a renderer can take."""
    return np.clip(y, -2 * DECADES, 2 * DECADES)


def exit_mark(ax: Axes, y: Array, colour: str, **more: Any) -> Drawn:
    """A triangle on the edge of the axes, at the first step at which y is beyond it."""
    beyond = np.flatnonzero(np.abs(y) > DECADES)
    if not beyond.size:
        return []
    edge = np.copysign(DECADES, y[beyond[0]])
    return [mark(ax, beyond[0], edge, "^" if edge > 0 else "v", colour, markersize=7, **more)]


def _off_the_axes(ax: Axes, median: Array) -> Drawn:
    """Where the median ends, in digits, if that is beyond the axes; a cross where it becomes exactly zero."""
    end, half = median[-1], len(median) / 2
    if np.isneginf(end):
        first = int(np.argmax(np.isneginf(median)))
        side = "left" if first < half else "right"
        cross = mark(ax, first, -DECADES, "X", BLUE, markersize=9)
        return [cross, ax.text(first, -DECADES + 2.6, text("norms.dead"), color=BLUE, ha=side, weight="bold")]
    if abs(end) <= DECADES:
        return []
    words = text("norms.off", value=f"{Decimal(10) ** Decimal(end):.1g}")
    level = DECADES - 1.6 if end > 0 else -DECADES + 0.6
    right = np.argmax(np.abs(median) > DECADES) < half  # away from the line, and there from the zone's word
    x, side = (0.985, "right") if right else (0.015, "left")
    return [ax.text(x * (len(median) - 1), level - 2 * right * np.sign(end), words, color=BLUE, ha=side, weight="bold")]
