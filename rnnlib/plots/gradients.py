"""The four pictures of gradients through time: norms, eigenvalues, derivatives of the activation, slopes."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.lines import Line2D
from matplotlib.patches import Circle, Polygon, StepPatch
from numpy.typing import ArrayLike, NDArray

from rnnlib.locale import text
from rnnlib.plots.style import BLACK, BLUE, GREY, LIGHT, LINES, ORANGE
from rnnlib.validation import Array

DECADES = 12  # the norm axis shows 1e-12 to 1e12
VANISHED = -3.0  # log10 of the ratio below which a gradient counts as vanished; above −VANISHED it has exploded
SLOPES = (-4.0, 2.6)


@dataclass(frozen=True)
class Norms:
    """‖∂L/∂h_t‖ over ‖∂L/∂h_T‖, in powers of ten, against steps back.

    Attributes:
        median, low, high: (T+1,) over the batch, from 0 steps back to T; −inf where the gradient is exactly zero.
        mean_field: log10 per step that theory expects, or None where it does not hold.
        bound: log10 per step that cannot be exceeded; −inf for a matrix of zeros.
    """

    median: Array
    low: Array
    high: Array
    mean_field: float | None
    bound: float


@dataclass(frozen=True)
class Slopes:
    """ln ‖∂L/∂h‖ per step back, against the weight scale.

    Attributes:
        scales: (n,) weight scales.
        theory: (n,) slopes by activation; empty where theory does not hold.
        critical: the scale at which each slope is 0.
    """

    scales: Array
    theory: dict[str, Array]
    critical: dict[str, float]


def frame_norms(ax: Axes, steps: int, theory: bool = True) -> None:
    """Axes, zones and key of the norms panel, for ``steps`` steps back, with or without the lines of theory."""
    ax.set(xlim=(0, steps), ylim=(-DECADES, DECADES))
    ax.set_title(text("norms.title"), pad=20)  # above the key
    ax.set(xlabel=text("norms.x"), ylabel=text("norms.y"))
    ticks = range(-DECADES, DECADES + 1, 3)
    ax.set_yticks(ticks, [f"1e{k}" if k else "1" for k in ticks])
    ax.axhspan(-DECADES, VANISHED, color=LIGHT, linewidth=0)
    ax.axhspan(-VANISHED, DECADES, color=LIGHT, linewidth=0)
    ax.axhline(0, color=GREY, linewidth=0.8)
    for word, y in (("vanished", -DECADES + 0.6), ("exploded", DECADES - 1.6)):
        ax.text(steps * 0.62, y, text(f"norms.{word}"), color="#404040", ha="center")
    ax.plot([], [], color=BLUE, label=text("norms.median"))
    ax.fill_between([], [], color=BLUE, alpha=0.3, linewidth=0, label=text("norms.band"))
    if theory:
        ax.plot([], [], color=ORANGE, linestyle="--", label=text("norms.mean_field"))
        ax.plot([], [], color=BLACK, linestyle=":", label=text("norms.bound"))
    ax.legend(ncols=4, loc="lower left", bbox_to_anchor=(-0.01, 1.03), borderpad=0, columnspacing=1.2, handlelength=2)


def draw_norms(ax: Axes, data: Norms) -> list[Artist]:
    """Median, band, mean-field line and bound; a triangle where a line leaves the axes, a hollow one for the band."""
    back = np.arange(len(data.median))
    edge = np.column_stack([np.append(back, back[::-1]), np.append(shown(data.low), shown(data.high[::-1]))])
    drawn: list[Artist] = [ax.add_artist(Polygon(edge, color=BLUE, alpha=0.3, linewidth=0))]
    for edge in (data.low, data.high):
        drawn += exit_mark(ax, edge, BLUE, markerfacecolor="white")
    lines: list[tuple[Array, dict[str, Any]]] = [(data.median, {"color": BLUE, "linewidth": 2.4})]
    if data.mean_field is not None:
        lines.append((data.mean_field * back, {"color": ORANGE, "linestyle": "--"}))
    if np.isfinite(data.bound):
        lines.append((data.bound * back, {"color": BLACK, "linestyle": ":", "linewidth": 1.4}))
    for y, look in lines:
        drawn.append(_line(ax, back, shown(y), **look))
        drawn += exit_mark(ax, y, look["color"])
    return drawn + _off_the_axes(ax, data.median)


def _off_the_axes(ax: Axes, median: Array) -> list[Artist]:
    """Where the median ends, in digits, if that is beyond the axes; a cross where it becomes exactly zero."""
    end, half = median[-1], len(median) / 2
    if np.isneginf(end):
        first = int(np.argmax(np.isneginf(median)))
        side = "left" if first < half else "right"
        cross = _mark(ax, first, -DECADES, "X", BLUE, markersize=9)
        return [cross, ax.text(first, -DECADES + 2.6, text("norms.dead"), color=BLUE, ha=side, weight="bold")]
    if abs(end) <= DECADES:
        return []
    words = text("norms.off", value=f"{Decimal(10) ** Decimal(end):.1g}")
    level = DECADES - 1.6 if end > 0 else -DECADES + 0.6
    x, side = (0.985, "right") if np.argmax(np.abs(median) > DECADES) < half else (0.015, "left")  # away from the line
    return [ax.text(x * (len(median) - 1), level, words, color=BLUE, ha=side, weight="bold")]


def frame_eigenvalues(ax: Axes, limit: float) -> None:
    """Axes and unit circle of the eigenvalue panel; it shows −limit to limit."""
    ax.set(xlim=(-limit, limit), ylim=(-limit, limit), aspect="equal", title=text("eigenvalues.title"))
    ax.set(xlabel=text("eigenvalues.x"), ylabel=text("eigenvalues.y"))
    ax.axhline(0, color=LIGHT, linewidth=0.8)
    ax.axvline(0, color=LIGHT, linewidth=0.8)
    ax.add_patch(Circle((0, 0), 1, fill=False, color=BLACK, linewidth=1.4, linestyle="--"))
    ax.text(0.79, 0.97, text("eigenvalues.radius"), ha="right", va="top", transform=ax.transAxes)


def draw_eigenvalues(ax: Axes, eigenvalues: NDArray[np.complexfloating[Any]]) -> list[Artist]:
    """A dot for each eigenvalue (H,), complex, and the spectral radius in digits."""
    look = {"marker": "o", "linestyle": "none", "markersize": 3.4, "markeredgewidth": 0}
    dots = _line(ax, eigenvalues.real, eigenvalues.imag, color=BLUE, **look)
    radius = f"{np.abs(eigenvalues).max():.2f}"
    return [dots, ax.text(0.81, 0.97, radius, va="top", transform=ax.transAxes)]


def frame_derivatives(ax: Axes, largest: float) -> None:
    """Axes of the panel of f'(a), from 0 to the largest value it can take."""
    ax.set(xlim=(-0.03 * largest, 1.03 * largest), ylim=(0, 1.3), title=text("derivatives.title"))
    ax.set(xlabel=text("derivatives.x"), ylabel=text("derivatives.y"))
    ax.set_xticks(np.linspace(0, largest, 6))
    ax.set_yticks(np.linspace(0, 1, 6))
    ax.text(0.66, 0.985, text("derivatives.rms"), ha="right", va="top", transform=ax.transAxes)


def draw_derivatives(ax: Axes, data: tuple[Array, Array, float, float]) -> list[Artist]:
    """The share of units and steps by f'(a), as (shares (n,), edges (n+1,), root mean square, weight scale)."""
    shares, edges, rms, scale = data
    drawn: list[Artist] = [ax.add_artist(StepPatch(shares, edges, fill=True, color=BLUE, alpha=0.45, linewidth=0))]
    drawn.append(_line(ax, [rms, rms], [0, 1], color=BLACK, linewidth=1.4, linestyle="--"))
    drawn.append(ax.text(0.68, 0.985, f"{rms:.2g}\n{scale * rms:.2g}", va="top", transform=ax.transAxes))
    return drawn


def frame_slopes(ax: Axes, data: Slopes) -> None:
    """Axes and theory of the slope panel: a curve for each activation and a dot where it crosses 0."""
    ax.set(xscale="log", xlim=(data.scales[0], data.scales[-1]), ylim=SLOPES, title=text("slopes.title"))
    ax.set(xlabel=text("slopes.x"), ylabel=text("slopes.y"))
    ticks = (0.1, 0.2, 0.5, 1, 2, 5, 10)
    ax.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    ax.minorticks_off()
    ax.axhspan(SLOPES[0], 0, color=LIGHT, linewidth=0)
    ax.axhline(0, color=GREY, linewidth=0.8)
    for name, slope in data.theory.items():
        ax.plot(data.scales, slope, **LINES[name], linewidth=1.4, label=text(f"activations.{name}"))
        if data.critical[name] <= data.scales[-1]:
            ax.plot(data.critical[name], 0, "o", color=LINES[name]["color"], markersize=5, markerfacecolor="white")
    ax.plot([], [], "D", color=BLACK, label=text("slopes.here"))
    ax.legend(loc="lower right", borderpad=0.2)
    if not data.theory:
        ax.text(0.04, 0.95, text("slopes.no_theory"), va="top", transform=ax.transAxes)


def draw_slopes(ax: Axes, here: tuple[float, float]) -> list[Artist]:
    """You are here: (weight scale, measured slope), at the edge of the axes where the slope lies beyond it."""
    scale, slope = here
    inside = float(np.clip(slope, *SLOPES))
    marker = "D" if inside == slope else ("^" if slope > 0 else "v")
    return [_mark(ax, scale, inside, marker, BLACK, markersize=8, markeredgecolor="white")]


def shown(y: Array) -> Array:
    """Lines go a little beyond the axes and no further: coordinates of 1e300 are more than a renderer can take."""
    return np.clip(y, -2 * DECADES, 2 * DECADES)


def exit_mark(ax: Axes, y: Array, colour: str, **look: Any) -> list[Artist]:
    """A triangle on the edge of the axes, at the first step at which y is beyond it."""
    beyond = np.flatnonzero(np.abs(y) > DECADES)
    if not beyond.size:
        return []
    up = y[beyond[0]] > 0
    edge = DECADES if up else -DECADES
    return [_mark(ax, beyond[0], edge, "^" if up else "v", colour, markersize=7, **look)]


def _mark(ax: Axes, x: float, y: float, marker: str, colour: str, **look: Any) -> Artist:
    """A marker, whole even on the edge of the axes."""
    return _line(ax, [x], [y], marker=marker, linestyle="none", color=colour, clip_on=False, **look)


def _line(ax: Axes, x: ArrayLike, y: ArrayLike, **look: Any) -> Artist:
    """A line that leaves the limits alone, as Polygon and StepPatch do; made three times as fast as by ``ax.plot``."""
    return ax.add_artist(Line2D(x, y, **look))
