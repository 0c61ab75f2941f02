"""What every lab keeps, whatever it teaches; it is driven through settings that a reader can reach."""

import gc
import html
import json
import random
import re
import subprocess
import sys
from itertools import combinations

import ipywidgets
import numpy as np
import pytest
from contract import (
    LABS,
    any_settings,
    any_value,
    buttons,
    contrast,
    inside,
    numbers,
    printed,
    standing,
    state,
    walk,
    within,
)
from ipywidgets.widgets import widget as registry
from matplotlib.colors import to_rgb
from matplotlib.legend import Legend
from matplotlib.lines import Line2D
from matplotlib.text import Text
from page import read, seen

from rnnlib.locale import text
from rnnlib.plots.still import PIXEL_RATIO
from rnnlib.plots.style import LIGHT, palette

WORDS = (ipywidgets.Combobox, ipywidgets.Text)
# What a sentence says of a number without giving it, and the most that it can be.
IN_WORDS = {"exactly zero": 0, "no use of w has been counted": 0, "below 1e-6": 1e-6}


@pytest.fixture(scope="module", params=LABS)
def name(request):
    return request.param


@pytest.fixture(scope="module")
def lab_of(name):
    return LABS[name]


@pytest.fixture(scope="module")
def opened(lab_of):
    """A lab for all tests that leave it as it was opened."""
    made = lab_of()
    as_it_was = state(made)
    yield made
    assert state(made) == as_it_was
    made.close()


@pytest.fixture
def lab(opened):
    """The same lab for a test that moves it; reset takes back whatever the test did."""
    yield opened
    opened.reset()


@pytest.fixture
def rng(name):
    return random.Random(name)  # a seed of its own for each lab, the same on every run


@pytest.mark.parametrize("steps", [2, pytest.param(300, marks=pytest.mark.slow)])
def test_however_it_was_reached_a_lab_is_a_new_one_with_its_settings(lab, lab_of, rng, steps):
    for settings in walk(lab, rng, steps):
        new = lab_of(**settings)
        assert state(lab) == state(new), settings
        assert (seen(lab.figure) == read(lab.figure.png())).all(), settings  # the page shows it
        new.close()


def test_every_slider_is_answered_by_something_that_the_page_sees_change(lab, rng):
    for name, control in lab.controls.items():
        if "Slider" not in type(control).__name__:
            continue
        for _ in range(3):  # live.js takes it for silence otherwise
            before = lab.summary, lab.code, lab.figure.moving.value, lab.figure._lower.value
            new = any_value(control, rng)
            if new != control.value:
                control.value = new
                assert (lab.summary, lab.code, lab.figure.moving.value, lab.figure._lower.value) != before, (name, new)


def test_the_code_prints_the_numbers_of_the_sentence(lab, rng):
    for settings in walk(lab, rng, 5):
        assert lab.code.count("\n") < 6
        found = numbers(printed(lab.code))
        assert found, settings
        beyond = {*found} - {*numbers(lab.summary)}
        most = max((most for words, most in IN_WORDS.items() if words in lab.summary), default=-1)
        assert all(n <= most for n in beyond), settings


def test_the_codes_run_in_a_fresh_kernel_and_no_lab_registers_a_figure():
    labs = [lab_of() for lab_of in LABS.values()]
    script = "import json, sys\nfor code in json.load(sys.stdin): exec(code, {})\n"
    script += f"from rnnlib import widgets\nfor name in {list(LABS)}: getattr(widgets, name)()\n"
    script += "assert 'matplotlib.pyplot' not in sys.modules"
    codes = json.dumps([lab.code for lab in labs])
    # pyparsing would warn of how an older matplotlib uses it.
    strict = [sys.executable, "-W", "error", "-W", "ignore:::pyparsing"]
    run = subprocess.run([*strict, "-c", script], input=codes, capture_output=True, text=True, check=True)
    assert run.stdout.split() == " ".join(printed(lab.code) for lab in labs).split()
    for lab in labs:
        assert f"<pre>{html.escape(lab.code)}</pre>" in lab.children[-1].value


def test_what_moves_stays_inside_its_panel(lab, rng, drawn):
    renderer, known = lab.figure.canvas.get_renderer(), {}
    lab.apply()
    for i, settings in enumerate(walk(lab, rng, 6)):
        if i % 3 == 2 and hasattr(lab, "train"):
            lab.train(5)
        for panel, ax in lab.figure.axes.items():
            tile = [PIXEL_RATIO * edge for edge in lab.figure.tiles[panel]]
            if known.get(panel) is not ax:
                known[panel] = ax
                assert within(ax.get_tightbbox(renderer), tile), (panel, settings)
            for artist, room in drawn.get(ax, []):
                assert room is None or within(room, tile), (panel, artist, settings)  # a line without points has none
        drawn.clear()


def test_panels_lie_within_the_figure_and_apart(opened):
    (width, height), tiles = opened.figure.size, opened.figure.tiles.values()
    assert all(0 <= x0 < x1 <= width and 0 <= y0 < y1 <= height for x0, y0, x1, y1 in tiles)
    for one, other in combinations(tiles, 2):
        assert one[2] <= other[0] or other[2] <= one[0] or one[3] <= other[1] or other[3] <= one[1], (one, other)
    assert not any(opened.figure.axes[panel].axison for panel in opened.figure.bare)  # a drawing has no axes


def test_a_frame_that_stays_is_not_drawn_again_and_nothing_is_left_behind(lab, rng):
    for _ in walk(lab, rng, 5):
        axes = dict(lab.figure.axes)
        counts = {panel: len(ax.get_children()) for panel, ax in axes.items()}
        lab.apply()
        assert lab.figure.axes == axes
        assert {panel: len(ax.get_children()) for panel, ax in axes.items()} == counts
        assert len(lab.figure.figure.axes) == len(axes)


def test_every_control_has_a_label_in_words_and_can_be_reached(opened, lab_of):
    labels = [control.description for control in opened.controls.values()]
    assert len(set(labels)) == len(labels)
    assert all(re.search(r"\w", label) for label in labels)
    assert set(opened.controls.values()) <= set(inside(opened))
    assert list(opened.controls) == list(opened.settings)
    assert not any(getattr(control, "tabbable", None) is False for control in opened.controls.values())
    assert all(button.description for button in buttons(opened).values())
    for control in opened.controls:
        assert re.search(rf"\b{control}\b", lab_of.__doc__), control


def test_the_docstring_gives_the_range_of_every_number(opened, lab_of):
    said = " ".join(lab_of.__doc__.replace("−", "-").split())
    for setting, control in opened.controls.items():
        if hasattr(control, "min"):
            log = isinstance(control, ipywidgets.FloatLogSlider)
            ends = [control.base**edge if log else edge for edge in (control.min, control.max)]
            words = re.findall(rf"\b{setting}\b[^()]*\(([^)]*)\)", said)[-1]
            words = words.replace("the length of the word", str(control.max))  # of the one that is read now
            low, *_, high = map(float, re.findall(r"-?\d[\d.e-]*", words))
            assert [low, high] == pytest.approx(ends), setting


def wrong_values(control):
    """(value, error) of what this control cannot be."""
    if isinstance(control, WORDS):
        yield from [(3, TypeError), (None, TypeError)]
    elif hasattr(control, "options"):
        yield from [("nonsense", ValueError), (None, ValueError)]
    elif isinstance(control, ipywidgets.Checkbox):
        yield from [(1, TypeError), ("yes", TypeError)]
    else:
        log = isinstance(control, ipywidgets.FloatLogSlider)
        low, high = (control.base**edge if log else edge for edge in (control.min, control.max))
        yield from [(low - 1, ValueError), (high + 1, ValueError), (str(low), TypeError), (None, TypeError)]
        yield (low + 0.5, TypeError) if isinstance(control.min, int) else (float("nan"), ValueError)
        yield (True, TypeError)


def test_a_wrong_setting_is_named_and_changes_nothing(opened, lab_of, rng):
    before = state(opened)
    for name, control in opened.controls.items():
        for value, error in wrong_values(control):
            others = {other: good for other, good in any_settings(opened, rng).items() if other != name}
            with pytest.raises(error, match=f"^{name}: expected .*, got "):
                opened.apply(**others, **{name: value})
            assert state(opened) == before, (name, value)
    with pytest.raises(ValueError, match=r"^setting: expected one of .*, got 'nonsense'"):
        lab_of(nonsense=1)


def test_presets_set_what_they_name_and_reset_goes_back(lab):
    opened = state(lab)
    for preset, settings in lab.presets.items():
        before = lab.settings
        lab.apply(**settings)
        wanted = state(lab)
        lab.apply(**before)
        buttons(lab)[text(f"{lab.name}.{preset}")].click()
        assert state(lab) == wanted, preset
    buttons(lab)[text("lab.reset")].click()
    assert state(lab) == opened


def test_readers_without_a_kernel_get_picture_and_sentence(opened):
    data, _ = opened._repr_mimebundle_()
    assert data["text/plain"] == opened.summary
    assert data["text/html"].startswith(
        f'<img width="{opened.figure.size[0]}" alt="{html.escape(opened.summary)}" src="'
    )


def test_it_can_be_read_without_colours(opened, drawn):
    opened.apply()
    for panel, ax in opened.figure.axes.items():
        moved = [artist for artist, _ in drawn.get(ax, []) if isinstance(artist, Text)]
        for each in [*standing(ax), *moved]:
            # What WCAG 2 asks of large words and of graphics; the gradient lab keeps the 4.5 of small ones.
            assert min(contrast(each.get_color(), behind) for behind in ("white", LIGHT)) >= 3, (panel, each)
        for legend in [child for child in ax.get_children() if isinstance(child, Legend)]:
            handles = [each for each in legend.legend_handles if isinstance(each, Line2D) and each.get_marker() != "s"]
            looks = [(each.get_linestyle(), each.get_marker(), each.get_linewidth()) for each in handles]
            assert len(set(looks)) == len(looks), (panel, looks)  # squares are steps of a scale, told by their words


def test_every_colour_drawn_is_near_one_that_pictures_can_hold(opened, drawn):
    opened.apply()
    stored = np.reshape(palette(), (-1, 3))
    for panel, ax in opened.figure.axes.items():
        artists = [*(artist for artist, _ in drawn.get(ax, [])), *standing(ax), *ax.lines, *ax.get_xticklabels()]
        for artist in artists:
            if hasattr(artist, "get_color") and isinstance(artist.get_color(), str):
                colour = 255 * np.array(to_rgb(artist.get_color()))
                assert np.abs(stored - colour).max(axis=1).min() < 24, (panel, artist)


def test_previous_next_and_play_move_the_step_and_stop_at_the_ends(lab):
    if not lab.stepped:
        pytest.skip("this lab has no steps")
    control = lab.controls[lab.main]
    (play,) = [each for each in inside(lab) if isinstance(each, ipywidgets.Play)]
    for press, end in (("lab.next", "max"), ("lab.previous", "min")):
        for _ in range(control.max - control.min + 2):
            buttons(lab)[text(press)].click()
            assert play.value == control.value
        assert control.value == getattr(control, end)
    play.value = control.max
    assert control.value == control.max


@pytest.mark.usefixtures("opened")  # whatever is kept for all labs is kept now
def test_close_frees_every_widget_and_says_so_afterwards(lab_of):
    gc.collect()
    before = set(registry._instances)
    lab = lab_of()
    assert len(set(registry._instances) - before) > 10
    lab.close()
    lab.close()
    assert set(registry._instances) <= before
    with pytest.raises(RuntimeError, match="this lab is closed"):
        lab.apply()
