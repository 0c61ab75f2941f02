"""A backward pass with its wrong lines marked, and the relative error of each array in two gradient checks."""

from rnnlib.labs.broken_backward.compute import ALLOWED, LOOP, NAMES, Errors, Line
from rnnlib.locale import text
from rnnlib.plots.axes import Axes, Drawn, board, key_above
from rnnlib.plots.style import BLACK, BLUE, GREY, LIGHT, ORANGE

SIZE = (860, 330)
TILES = {"code": (0, 0, 350, 330), "checks": (350, 0, 860, 330)}
SMALLEST, LARGEST = 1e-13, 1e4  # of the axis; beyond 1 there are only words
LOOKS = {"step": ("o", -0.2), "sequence": ("s", 0.2)}  # of each check: marker, and how far below the array's row


def frame_code(ax: Axes) -> None:
    """Title and first line of the backward pass."""
    board(ax, 350, 330, text("broken_code.title"), (10, 310), va="center")
    ax.text(10, 266, LOOP, family="monospace", va="center")


def draw_code(ax: Axes, lines: list[Line]) -> Drawn:
    """The lines of the loop; those that are wrong are coloured and crossed."""
    drawn: Drawn = []
    for i, (line, wrong) in enumerate(lines):
        y, colour, weight = 266 - 34 * (i + 1), ORANGE if wrong else BLACK, "bold" if wrong else "normal"
        drawn.append(ax.text(38, y, line, color=colour, weight=weight, family="monospace", va="center"))
        if wrong:
            drawn.append(ax.text(18, y, "✗", color=colour, va="center"))
    return drawn


def frame_checks(ax: Axes) -> None:
    """Axes, limit and key of the relative errors; a row for each array."""
    ax.set(xscale="log", xlim=(SMALLEST, LARGEST), ylim=(len(NAMES) - 0.5, -0.5), xlabel=text("checks.x"))
    powers = range(-12, 1, 3)
    ax.set_xticks([10.0**k for k in powers], [f"1e{k}" if k else "1" for k in powers])
    ax.minorticks_off()
    ax.set_yticks(range(len(NAMES)), [f"d{name}" for name in NAMES])
    ax.axvspan(ALLOWED, 1, color=LIGHT, linewidth=0)
    ax.axvline(ALLOWED, color=GREY, linestyle="--", linewidth=1)
    for check, (marker, _) in LOOKS.items():
        ax.plot([], [], marker, color=BLACK, markerfacecolor="white", label=text(f"checks.{check}"))
    key_above(ax, text("checks.title"), 2, pad=22, handlelength=1)


def draw_checks(ax: Axes, step: Errors, sequence: Errors) -> Drawn:
    """A mark for each array in the step check and below it the sequence check, with tick or cross and the number."""
    drawn: Drawn = []
    for (marker, shift), errors in zip(LOOKS.values(), (step, sequence)):
        for row, error in enumerate(errors.values()):
            wrong = error > ALLOWED
            colour = ORANGE if wrong else BLUE
            drawn += ax.plot(max(error, SMALLEST), row + shift, marker, color=colour, markersize=7, clip_on=False)
            words = f"✗ {error:.2g}" if wrong else text("checks.passes")
            drawn.append(ax.text(3, row + shift, words, color=colour, va="center", weight="bold"))
    return drawn
