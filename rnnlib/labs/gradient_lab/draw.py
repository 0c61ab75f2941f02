"""The panels of the gradient lab beside the norms: eigenvalues, derivatives of the activation, slopes."""

import numpy as np
from matplotlib.patches import Circle, StepPatch

from rnnlib.labs.gradient_lab.compute import SCALES, Histogram, Slopes
from rnnlib.locale import text
from rnnlib.plots.axes import Axes, Drawn, line, mark
from rnnlib.plots.style import BLACK, BLUE, GREY, LIGHT, look_of

SIZE = (860, 500)
TILES = {
    "norms": (0, 250, 550, 500),
    "eigenvalues": (550, 250, 860, 500),
    "slopes": (0, 0, 550, 250),
    "derivatives": (550, 0, 860, 250),
}
SLOPES = (-4.0, 2.6)


def frame_eigenvalues(ax: Axes, limit: float) -> None:
    """Axes and unit circle of the eigenvalue panel; it shows −limit to limit."""
    ax.set(xlim=(-limit, limit), ylim=(-limit, limit), aspect="equal", title=text("eigenvalues.title"))
    ax.set(xlabel=text("eigenvalues.x"), ylabel=text("eigenvalues.y"))
    ax.axhline(0, color=LIGHT, linewidth=0.8)
    ax.axvline(0, color=LIGHT, linewidth=0.8)
    ax.add_patch(Circle((0, 0), 1, fill=False, color=BLACK, linewidth=1.4, linestyle="--"))
    ax.text(0.79, 0.97, text("eigenvalues.radius"), ha="right", va="top", transform=ax.transAxes)


def draw_eigenvalues(ax: Axes, eigenvalues: np.ndarray) -> Drawn:
    """A dot for each eigenvalue (H,), and the spectral radius in digits."""
    look = {"marker": "o", "linestyle": "none", "markersize": 3.4, "markeredgewidth": 0}
    dots = line(ax, eigenvalues.real, eigenvalues.imag, color=BLUE, **look)
    radius = f"{np.abs(eigenvalues).max():.2f}"
    return [dots, ax.text(0.81, 0.97, radius, va="top", transform=ax.transAxes)]


def frame_histogram(ax: Axes, largest: float) -> None:
    """Axes of the panel of f'(a), from 0 to the largest value it can take."""
    ax.set(xlim=(-0.03 * largest, 1.03 * largest), ylim=(0, 1.3), title=text("derivatives.title"))
    ax.set(xlabel=text("derivatives.x"), xticks=np.linspace(0, largest, 6))
    ax.set(ylabel=text("derivatives.y"), yticks=np.linspace(0, 1, 6))
    ax.text(0.66, 0.985, text("derivatives.rms"), ha="right", va="top", transform=ax.transAxes)


def draw_histogram(ax: Axes, data: Histogram) -> Drawn:
    """The share of units and steps by f'(a), and its root mean square as a line and in digits."""
    drawn: Drawn = [ax.add_artist(StepPatch(data.shares, data.edges, fill=True, color=BLUE, alpha=0.45, linewidth=0))]
    drawn.append(line(ax, [data.rms, data.rms], [0, 1], color=BLACK, linewidth=1.4, linestyle="--"))
    digits = f"{data.rms:.2g}\n{data.weight_scale * data.rms:.2g}"
    return [*drawn, ax.text(0.68, 0.985, digits, va="top", transform=ax.transAxes)]


def frame_slopes(ax: Axes, data: Slopes) -> None:
    """Axes and theory of the slope panel: a curve for each activation and a dot where it crosses 0."""
    ax.set(xscale="log", xlim=(SCALES[0], SCALES[-1]), ylim=SLOPES, title=text("slopes.title"))
    ax.set(xlabel=text("settings.weight_scale"), ylabel=text("slopes.y"))
    ticks = (0.1, 0.2, 0.5, 1, 2, 5, 10)
    ax.set_xticks(ticks, [f"{tick:g}" for tick in ticks])
    ax.minorticks_off()
    ax.axhspan(SLOPES[0], 0, color=LIGHT, linewidth=0)
    ax.axhline(0, color=GREY, linewidth=0.8)
    for name, slope in data.theory.items():
        look = look_of(name)
        ax.plot(SCALES, slope, **look, linewidth=1.4, label=text(f"activations.{name}"))
        if data.critical[name] <= SCALES[-1]:
            ax.plot(data.critical[name], 0, "o", color=look["color"], markersize=5, markerfacecolor="white")
    ax.plot([], [], "D", color=BLACK, label=text("slopes.here"))
    ax.legend(loc="lower right", borderpad=0.2)
    if not data.theory:
        ax.text(0.04, 0.95, text("slopes.no_theory"), va="top", transform=ax.transAxes)


def draw_slopes(ax: Axes, scale: float, slope: float) -> Drawn:
    """You are here: the measured slope, at the edge of the axes where it lies beyond it."""
    inside = float(np.clip(slope, *SLOPES))
    marker = "D" if inside == slope else ("^" if slope > 0 else "v")
    return [mark(ax, scale, inside, marker, BLACK, markersize=8, markeredgecolor="white")]
