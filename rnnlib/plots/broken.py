"""A backward pass with its wrong lines marked, and the relative error of each array in two gradient checks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from matplotlib.artist import Artist
from matplotlib.axes import Axes

from rnnlib.locale import text
from rnnlib.plots.style import BLACK, BLUE, GREY, LIGHT, ORANGE

ALLOWED = 1e-6  # a relative error above this is a bug
SMALLEST, LARGEST = 1e-13, 1e4  # of the axis; beyond 1 there are only words
MARKERS = ("o", "s")  # one step, sequence
GAP = 0.2


def frame_code(ax: Axes, loop: str) -> None:
    """Title and first line of the backward pass."""
    ax.set(xlim=(0, 350), ylim=(0, 330))
    ax.axis("off")
    ax.text(10, 310, text("broken_code.title"), weight="bold", size=9.5, va="center")
    ax.text(10, 266, loop, family="monospace", va="center")


def draw_code(ax: Axes, lines: Sequence[tuple[str, bool]]) -> list[Artist]:
    """The lines of the loop, each with whether it is wrong: those are coloured and crossed."""
    drawn: list[Artist] = []
    for i, (line, wrong) in enumerate(lines):
        y, colour, weight = 266 - 34 * (i + 1), ORANGE if wrong else BLACK, "bold" if wrong else "normal"
        drawn.append(ax.text(38, y, line, color=colour, weight=weight, family="monospace", va="center"))
        if wrong:
            drawn.append(ax.text(18, y, "✗", color=colour, va="center"))
    return drawn


def frame_checks(ax: Axes, names: Sequence[str]) -> None:
    """Axes, limit and key of the relative errors; a row for each array."""
    ax.set(xscale="log", xlim=(SMALLEST, LARGEST), ylim=(len(names) - 0.5, -0.5), xlabel=text("checks.x"))
    ax.set_title(text("checks.title"), pad=22)
    powers = range(-12, 1, 3)
    ax.set_xticks([10.0**k for k in powers], [f"1e{k}" if k else "1" for k in powers])
    ax.minorticks_off()
    ax.set_yticks(range(len(names)), [f"d{name}" for name in names])
    ax.axvspan(ALLOWED, 1, color=LIGHT, linewidth=0)
    ax.axvline(ALLOWED, color=GREY, linestyle="--", linewidth=1)
    for marker, check in zip(MARKERS, ("step", "sequence")):
        ax.plot([], [], marker, color=BLACK, markerfacecolor="white", label=text(f"checks.{check}"))
    ax.legend(ncols=2, loc="lower left", bbox_to_anchor=(-0.01, 0.99), borderpad=0, columnspacing=1.2, handlelength=1)


def draw_checks(ax: Axes, errors: Sequence[Mapping[str, float]]) -> list[Artist]:
    """A mark for each array in the step check and below it the sequence check, with tick or cross and the number."""
    drawn: list[Artist] = []
    for marker, shift, check in zip(MARKERS, (-GAP, GAP), errors):
        for row, error in enumerate(check.values()):
            wrong = error > ALLOWED
            colour = ORANGE if wrong else BLUE
            drawn += ax.plot(max(error, SMALLEST), row + shift, marker, color=colour, markersize=7, clip_on=False)
            words = f"✗ {error:.2g}" if wrong else text("checks.passes")
            drawn.append(ax.text(3, row + shift, words, color=colour, va="center", weight="bold"))
    return drawn
