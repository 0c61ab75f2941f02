"""A network reading a word: its states as a heat map and a path, a changed letter's trace, what a probe reads."""

from typing import Any

import numpy as np

from rnnlib.labs.reading_lab.compute import Reading
from rnnlib.locale import text
from rnnlib.plots.axes import Axes, Drawn, guess_line, heat_map, key_above, line, visible
from rnnlib.plots.style import BLACK, BLUE, GREY, LIGHT, ORANGE

SIZE = (860, 580)
TILES = {
    "states": (0, 290, 500, 580),
    "path": (500, 290, 860, 580),
    "gaps": (0, 0, 430, 290),
    "found": (430, 0, 860, 290),
}
LEVELS = [ORANGE, "#EAAE80", "white", "#A8CFE5", BLUE]  # of a state from −1 to 1, in steps of the palette
GAPS = (1e-6, 10.0)  # what the axis of ‖Δh_t‖ shows


def frame_states(ax: Axes, words: tuple[str, str], units: int) -> None:
    """Axes of the heat map: a column a letter, changed letters with what they become; and the key of the colours."""
    columns = [old if old == new else f"{old}\n↓{new}" for old, new in zip(*words)]
    ax.set(xlim=(0.5, len(columns) + 0.5), ylim=(units, 0), ylabel=text("reading.unit"))
    ax.set_xticks(np.arange(1, len(columns) + 1), [visible(column) for column in columns])
    for label, colour in zip(("−1", "−½", "0", "½", "1"), LEVELS):
        ax.plot([], [], "s", color=colour, markeredgecolor=GREY, markersize=7, label=label)
    key_above(ax, text("reading.states"), 5, columnspacing=1, handlelength=1)


def draw_states(ax: Axes, data: Reading) -> Drawn:
    """The states read so far, and a line at the present one."""
    t, bottom = data.step, data.hs.shape[1] + 1
    image = heat_map(ax, data.hs[1 : t + 1], LEVELS, -1)
    return [image, *ax.plot([t + 0.5, t + 0.5], [0, bottom], color=BLACK, linewidth=2, clip_on=False)]


def frame_path(ax: Axes, limit: float) -> None:
    """Axes of the plane of the two components."""
    ax.set(xlim=(-limit, limit), ylim=(-limit, limit), xlabel=text("reading.first"), ylabel=text("reading.second"))
    ax.axhline(0, color=LIGHT, linewidth=1)
    ax.axvline(0, color=LIGHT, linewidth=1)
    ax.plot([], [], "o-", color=BLUE, markersize=4, label=text("reading.word"))
    ax.plot([], [], "s--", color=ORANGE, markersize=4, label=text("reading.changed"))
    key_above(ax, text("reading.path"), 2)


def draw_path(ax: Axes, data: Reading) -> Drawn:
    """Both paths up to now, a letter beside each point of the first, and a ring around the present."""
    t, (path, changed) = data.step, data.paths
    drawn: Drawn = list(ax.plot(*changed[: t + 1].T, "s--", color=ORANGE, markersize=3.5, linewidth=1.2))
    drawn += ax.plot(*path[: t + 1].T, "o-", color=BLUE, markersize=3.5, linewidth=1.2)
    drawn += ax.plot(*path[t], "o", color=BLACK, markersize=11, markerfacecolor="none")
    for letter, point in zip(data.words[0][:t], path[1:]):
        drawn.append(ax.annotate(visible(letter), point, (4, 4), textcoords="offset points", weight="bold"))
    return drawn


def frame_gaps(ax: Axes, word: str) -> None:
    """Axes of ‖Δh_t‖, a step a letter of this word."""
    n = len(word)
    ax.set(yscale="log", ylim=GAPS, ylabel=text("reading.gap"))
    # With room for the others' names.
    ax.set(xlim=(0.5, 0.7 + 1.14 * n), xticks=range(1, n + 1), xticklabels=[visible(letter) for letter in word])
    ax.set_yticks([1e-6, 1e-4, 1e-2, 1], ["1e-6", "1e-4", "0.01", "1"])
    ax.minorticks_off()
    ax.plot([], [], "o-", color=BLACK, markersize=4, label=text("reading.now"))
    ax.plot([], [], ":", color=GREY, label=text("reading.others"))
    key_above(ax, text("reading.gaps"), 2)


def draw_gaps(ax: Axes, data: Reading) -> Drawn:
    """‖Δh_t‖ up to now; at other scales all of it, their names at the end. Triangles where it is off the axis."""
    drawn: Drawn = []
    for scale, gaps in data.others.items():
        steps = np.flatnonzero(gaps >= GAPS[0])
        if steps.size:
            drawn += ax.plot(steps, gaps[steps], ":", color=GREY, linewidth=1.2)
            end, name = (steps[-1], gaps[steps[-1]]), f"g = {scale:g}"
            drawn.append(ax.annotate(name, end, (6, 0), textcoords="offset points", color="#606060", va="center"))
    steps = np.flatnonzero(data.gaps[: data.step + 1])
    low, dots = data.gaps[steps] < GAPS[0], {"linestyle": "none", "marker": "o", "markersize": 4}
    off_axis = {"linestyle": "none", "marker": "v", "clip_on": False}
    parts: list[tuple[Any, dict[str, Any]]] = [(steps, {}), (steps[~low], dots), (steps[low], off_axis)]
    height = np.maximum(data.gaps, GAPS[0])
    return drawn + [line(ax, at, height[at], color=BLACK, **look) for at, look in parts if at.size]


def frame_found(ax: Axes, lags: int, guess: float) -> None:
    """Axes of what the probe reads, k steps back; guess is how often the most frequent letter is right."""
    ax.set(xlim=(-0.6, lags - 0.4), xticks=range(lags), xlabel=text("reading.back"))
    ax.set(ylim=(0, 1.32), yticks=(0, 0.5, 1), yticklabels=("0", "½", "1"), ylabel=text("reading.share"))
    guess_line(ax, guess, text("reading.frequent"))
    key_above(ax, text("reading.probe"))


def draw_found(ax: Axes, data: Reading) -> Drawn:
    """A bar for each k; above it the letter that was there, and what the probe reads from h_t: ✓ or ✗."""
    drawn: Drawn = list(ax.bar(np.arange(len(data.found)), data.found, color="#80CFBA", width=0.7))
    for k, guess in enumerate(data.guesses):
        true = data.words[0][data.step - 1 - k]
        mark, colour = ("✓", BLACK) if guess == true else ("✗", ORANGE)
        drawn.append(ax.text(k, 1.17, visible(true), ha="center", weight="bold"))
        drawn.append(ax.text(k, 1.03, f"{visible(guess)}{mark}", ha="center", color=colour))
    return drawn
