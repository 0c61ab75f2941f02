"""What every lab is driven through, and what its own tests are written with."""

import io
import re
from contextlib import redirect_stdout
from decimal import Decimal
from itertools import combinations

import ipywidgets
import numpy as np
from matplotlib.colors import to_rgb
from matplotlib.text import Text

from rnnlib import widgets

LABS = {name: getattr(widgets, name) for name in vars(widgets) if callable(getattr(widgets, name)) and name != "quiz"}

FEW = {"hidden_size": [8, 16, 24, 32, 48, 64, 64, 96]}  # large networks take long: corners have them


def any_value(control, rng):
    """A value of this control; its ends come often."""
    if isinstance(control, ipywidgets.Checkbox):
        return rng.random() < 0.5
    if hasattr(control, "options"):
        return rng.choice([option[1] if isinstance(option, tuple) else option for option in control.options])
    step = getattr(control, "step", None) or 1
    stops = round((control.max - control.min) / step)
    stop = control.min + step * rng.choice([0, stops, *(rng.randint(0, stops) for _ in range(8))])
    return control.base**stop if isinstance(control, ipywidgets.FloatLogSlider) else type(control.min)(stop)


def any_settings(lab, rng):
    """A value for every control."""
    values = {name: any_value(control, rng) for name, control in lab.controls.items()}
    return values | {name: rng.choice(FEW[name]) for name in FEW.keys() & values.keys()}


def walk(lab, rng, steps, corners=()):
    """Settings one after the other: at one time all of them anew, at another one control moved, as by a reader."""
    for corner in corners:
        lab.apply(**corner)
        yield lab.settings
    for _ in range(steps):
        if rng.random() < 0.2:
            lab.apply(**any_settings(lab, rng))
        else:
            new = any_settings(lab, rng)
            name = rng.choice([name for name in new if new[name] != lab.controls[name].value])
            lab.controls[name].value = new[name]
        yield lab.settings


def state(lab):
    """All that a reader sees."""
    return lab.settings, lab.figure.png(), lab.summary, lab.remark, lab.code


def inside(widget):
    """The widget and every one within it, in the order of the page."""
    return [widget, *(each for child in getattr(widget, "children", ()) for each in inside(child))]


def buttons(lab):
    """The lab's buttons, by their words."""
    return {each.description: each for each in inside(lab) if isinstance(each, ipywidgets.Button)}


def moving(lab, drawn, panel):
    """What moved into the last picture of a panel."""
    return [artist for artist, _ in drawn.get(lab.figure.axes[panel], [])]


def words(artists):
    """The texts among these artists."""
    return [artist.get_text() for artist in artists if isinstance(artist, Text)]


def lines(artists, **look):
    """The lines of this look among these artists; a marker is a line of one point."""
    found = [artist for artist in artists if hasattr(artist, "get_marker")]
    return [line for line in found if all(getattr(line, f"get_{name}")() == value for name, value in look.items())]


def key(ax):
    """The key of these axes: (colour, line style, marker) by its words."""
    legend = ax.get_legend()
    looks = [(h.get_color(), h.get_linestyle(), h.get_marker()) for h in legend.legend_handles]
    return dict(zip((words.get_text() for words in legend.get_texts()), looks))


def standing(ax):
    """The texts of a frame that take up room: title, labels, words, key."""
    found = [text for text in ax.findobj(Text) if text.get_visible() and text.get_text().strip()]
    ticks = {*ax.get_xticklabels(), *ax.get_yticklabels()}
    return [text for text in found if text not in ticks]


def printed(code):
    """What the code prints in a namespace of its own."""
    said = io.StringIO()
    with redirect_stdout(said):
        exec(code, {})
    return said.getvalue().strip()


def numbers(said):
    """The numbers in these words."""
    return [Decimal(number) for number in re.findall(r"-?\d+(?:\.\d+)?(?:e[+-]?\d+)?", said.replace("−", "-"))]


def within(box, room):
    """Whether a box (x0, y0, x1, y1 of matplotlib) lies in a room (left, bottom, right, top)."""
    return box.x0 >= room[0] and box.y0 >= room[1] and box.x1 <= room[2] and box.y1 <= room[3]


def luminance(colour):
    channels = np.array(to_rgb(colour))
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    return linear @ [0.2126, 0.7152, 0.0722]


def contrast(one, other):
    """Of two colours, by WCAG 2."""
    dark, light = sorted([luminance(one), luminance(other)])
    return (light + 0.05) / (dark + 0.05)


def touching(lab, drawn):
    """The words that lie over other words of their panel, in pairs; ticks aside."""
    renderer, found = lab.figure.canvas.get_renderer(), []
    for ax in lab.figure.axes.values():
        said = [(each.get_text(), each.get_window_extent(renderer)) for each in standing(ax)]
        said += [(each.get_text(), room) for each, room in drawn[ax] if isinstance(each, Text) and each.get_text()]
        found += [(a, b) for (a, one), (b, other) in combinations(said, 2) if one.overlaps(other)]
    return found
