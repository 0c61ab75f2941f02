"""The BPTT lab: at every setting, reached in any order, it shows and says what the formulas give."""

import io
import random
import re
import subprocess
import sys
from contextlib import redirect_stdout

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.text import Text

from rnnlib.plots.style import BLUE, GREEN, ORANGE
from rnnlib.widgets import bptt_lab
from rnnlib.widgets.live import PIXEL_RATIO

T = 6
CORNERS = [
    {"back": 0, "truncation": 1, "weight": -2.0, "seed": 999},
    {"back": 6, "truncation": 1, "weight": 2.0, "seed": 225},  # no seed has a longer bar: 12.3
    {"back": 6, "truncation": 6, "weight": 0.0, "seed": 0},
    {"back": 1, "truncation": 6, "weight": 1.8, "seed": 3},
]


def any_settings(rng):
    return {
        "back": rng.randint(0, T),
        "truncation": rng.choice([T, rng.randint(1, T)]),
        "weight": rng.choice([-2.0, 2.0, 0.0, round(0.05 * rng.randint(-40, 40), 2)]),
        "seed": rng.randint(0, 999),
    }


def walk(lab, rng, steps):
    """Settings one after the other: at one time all of them anew, at another one control moved, as by a reader."""
    for corner in CORNERS:
        lab.apply(**corner)
        yield lab.settings
    for _ in range(steps):
        wanted = any_settings(rng)
        if rng.random() < 0.4:
            lab.apply(**wanted)
        else:
            name = rng.choice([name for name, value in wanted.items() if value != lab.settings[name]] or ["back"])
            lab.controls[name].value = wanted[name]
        yield lab.settings


@pytest.fixture
def drawn(monkeypatch):
    """By axes, what moved into the last picture: each artist and the room it took, in dots."""
    seen, draw_artist = {}, Axes.draw_artist

    def draw(ax, artist):
        seen.setdefault(ax, []).append((artist, artist.get_tightbbox(ax.figure.canvas.get_renderer())))
        draw_artist(ax, artist)

    monkeypatch.setattr(Axes, "draw_artist", draw)
    return seen


def fresh(settings):
    """States, multipliers, total dL/dh_t, immediate and total derivative of h_t in w, shares; by hand, forward in t."""
    w, hs, slopes = settings["weight"], [0.0], [np.nan]
    for x in np.random.default_rng(settings["seed"]).normal(0, 0.6, T).round(1):
        hs.append(np.tanh(x + w * hs[-1]))
        slopes.append(1 - hs[-1] ** 2)
    multipliers = w * np.array(slopes)
    immediate = np.r_[np.nan, np.array(slopes[1:]) * hs[:-1]]
    total_dw = [np.nan, immediate[1]]
    for t in range(2, T + 1):
        total_dw.append(immediate[t] + multipliers[t] * total_dw[-1])
    total_dh = np.array([(hs[-1] - 1) * np.prod(multipliers[t + 1 :]) for t in range(T + 1)])
    return np.array(hs), multipliers, total_dh, immediate, np.array(total_dw), total_dh * immediate


def words(values):
    return [f"{value:+.4f}".replace("-", "−") for value in values]


def zero(word):
    """A number that rounds to zero may come with either sign."""
    return word.replace("−0.0000", "+0.0000")


def check_unrolled(texts, settings):
    hs, multipliers, total_dh, immediate, total_dw, shares = fresh(settings)
    reached, cut = T - settings["back"], T - settings["truncation"]
    last = max(reached, cut)
    rows = [total_dh[last:], immediate[reached + 1 :], total_dw[reached + 1 :], shares[last + 1 :]]
    exact = words(number for row in rows for number in row)
    numbers = [(zero(text.get_text()), text.get_color()) for text in texts if text.get_text()[0] in "+−"]
    bold = [word for word, colour in numbers if colour == BLUE]
    assert sorted(bold) == sorted(map(zero, exact))
    (total,) = [word for word, colour in numbers if colour == GREEN]
    assert total == zero(words([shares[last + 1 :].sum()])[0])
    plain = [word for word, colour in numbers if colour not in (BLUE, GREEN)]
    # The finite differences agree to the digits shown, or nearly where they round to either side.
    wanted = sorted([*hs, *(number for row in rows for number in row), shares[1:].sum()])
    given = sorted(float(word.replace("−", "-")) for word in plain)
    np.testing.assert_allclose(given, wanted, atol=6e-5)
    arrows = [text.get_text() for text in texts if text.get_color() == ORANGE and "×" in text.get_text()]
    assert arrows == [f"×{m:.2f}".replace("-", "−") for m in multipliers[:last:-1]]
    assert sum(text.get_text() == "cut" for text in texts) == 3 * max(cut - reached, 0)
    return shares, last


def check_shares(lab, artists, shares, last):
    bars = {round(bar.get_x() + bar.get_width() / 2, 2): bar for bar in artists if hasattr(bar, "get_hatch")}
    assert len(bars) == T + 1
    for t in range(1, T + 1):
        assert bars[t].get_height() == pytest.approx(shares[t], abs=1e-12)
        assert (bars[t].get_hatch() is None) == (t > last)
    assert bars[T + 0.95].get_height() == pytest.approx(shares[last + 1 :].sum(), abs=1e-12)
    (marks,) = [artist for artist in artists if hasattr(artist, "get_marker")]
    np.testing.assert_allclose(marks.get_ydata(), [*shares[1:], shares[1:].sum()], atol=1e-8)
    low, high = lab.figure.axes["shares"].get_ylim()
    assert low < min(0, *shares[1:], shares[last + 1 :].sum())
    assert high > max(0, *shares[1:], shares[last + 1 :].sum())


def check_sentence(lab, shares, last):
    whole, so_far = shares[1:].sum(), shares[last + 1 :].sum()
    said, numbers = lab.summary, [float(n) for n in re.findall(r"[+-]\d+\.\d{4}", lab.summary)]
    if last == T:
        assert "no use of w" in said
        np.testing.assert_allclose(numbers, [whole], atol=6e-5)
        return "nothing"
    np.testing.assert_allclose(numbers, [so_far, whole], atol=6e-5)
    truncation = lab.settings["truncation"]
    if truncation < lab.settings["back"]:
        error = float(re.search(r"the error is (\d+)%", said)[1])
        assert error == pytest.approx(100 * abs(whole - so_far) / abs(whole) if whole else 0, abs=0.51)
        return "truncated"
    assert ("All 6 uses" in said) == (last == 0)
    return "all" if last == 0 else "on the way"


def test_what_is_drawn_and_said_is_what_the_formulas_give(drawn):
    lab, found = bptt_lab(), set()
    drawn.clear()
    for settings in walk(lab, random.Random(0), 50):
        artists = {panel: [artist for artist, _ in drawn[ax]] for panel, ax in lab.figure.axes.items()}
        texts = [artist for artist in artists["unrolled"] if isinstance(artist, Text) and artist.get_text()]
        shares, last = check_unrolled(texts, settings)
        check_shares(lab, artists["shares"], shares, last)
        found.add(check_sentence(lab, shares, last))
        drawn.clear()
    assert found == {"nothing", "truncated", "all", "on the way"}


def test_the_picture_is_that_of_a_new_lab_with_these_settings():
    lab = bptt_lab()
    for settings in walk(lab, random.Random(1), 10):
        new = bptt_lab(**settings)
        assert (lab.figure.png(), lab.summary, lab.code) == (new.figure.png(), new.summary, new.code)
        new.close()


def test_the_code_prints_the_number_of_the_sentence():
    lab = bptt_lab()
    for settings in walk(lab, random.Random(2), 12):
        assert lab.code.count("\n") < 6
        printed = io.StringIO()
        with redirect_stdout(printed):
            exec(lab.code, {})
        number = "+0.0000" if "no use of w" in lab.summary else re.search(r"dL/dw is (\S+)", lab.summary)[1].strip(",")
        assert zero(printed.getvalue().strip().replace("-", "−")) == zero(number.replace("-", "−")), settings


def test_the_code_runs_in_a_fresh_kernel():
    lab = bptt_lab()
    run = subprocess.run([sys.executable, "-W", "error", "-c", lab.code], capture_output=True, text=True, check=True)
    assert f"dL/dw is {run.stdout.strip()} so far" in lab.summary


def test_the_share_of_every_step_adds_up_to_total_times_total():
    """The other way to count: dL/dw = dL/dh_T dh_T/dw, the totals at the last step."""
    for seed in range(20):
        *_, total_dh, _, total_dw, shares = fresh({"weight": 1.3, "seed": seed})
        assert shares[1:].sum() == pytest.approx(total_dh[T] * total_dw[T])


def test_presets_buttons_and_reset():
    lab = bptt_lab(back=2, weight=-0.7)
    opened = lab.settings, lab.summary, lab.figure.png()
    buttons = {child.description: child for child in lab.children[2].children if hasattr(child, "description")}
    for name, phrase in [("At the loss", "At the loss"), ("All the way", "All 6"), ("Truncated after 2", "Cut after")]:
        buttons[name].click()
        assert lab.summary.startswith(phrase)
    buttons["Reset"].click()
    assert (lab.settings, lab.summary, lab.figure.png()) == opened
    buttons["Next"].click()
    assert lab.settings["back"] == 3
    buttons["Previous"].click()
    assert (lab.settings, lab.summary, lab.figure.png()) == opened


def test_words_stay_inside_their_panel_and_apart(drawn):
    lab = bptt_lab()
    renderer = lab.figure.canvas.get_renderer()
    for settings in walk(lab, random.Random(3), 8):
        drawn.clear()
        lab.apply()
        for panel, ax in lab.figure.axes.items():
            left, bottom, right, top = (PIXEL_RATIO * edge for edge in lab.figure.tiles[panel])
            rooms = []
            for text in ax.findobj(Text):
                if text.get_visible() and text.get_text().strip():
                    rooms.append((text.get_text(), text.get_window_extent(renderer)))
            rooms += [(text.get_text(), room) for text, room in drawn[ax] if isinstance(text, Text) and text.get_text()]
            for name, room in rooms:
                assert left <= room.x0 <= room.x1 <= right, (panel, name, settings)
                assert bottom <= room.y0 <= room.y1 <= top, (panel, name, settings)
                over = [other for other, place in rooms if place is not room and place.overlaps(room)]
                assert over == [], (panel, name, settings)


def test_only_the_frame_of_a_new_axis_is_drawn_again():
    lab = bptt_lab(weight=0.9, seed=10)
    before = dict(lab.figure.axes)
    lab.apply(back=6, truncation=2)
    assert lab.figure.axes == before
    lab.apply(seed=225, weight=2.0)
    assert lab.figure.axes["unrolled"] is before["unrolled"]
    assert lab.figure.axes["shares"] is not before["shares"]


def test_every_control_is_labelled_and_wrong_settings_are_named():
    lab = bptt_lab()
    assert [control.description for control in lab.controls.values()] == [
        "steps back",
        "truncate after",
        "weight w",
        "seed",
    ]
    before = lab.settings, lab.summary, lab.figure.png()
    for settings, error, message in [
        ({"back": 7}, ValueError, "back: expected 0 to 6, got 7"),
        ({"truncation": 0}, ValueError, "truncation: expected a whole number of at least 1, got 0"),
        ({"weight": "1"}, TypeError, "weight: expected a number, got '1'"),
        ({"w": 1}, ValueError, "setting: expected one of 'back'"),
    ]:
        with pytest.raises(error, match=re.escape(message)):
            lab.apply(**{"back": 1} | settings)
        assert (lab.settings, lab.summary, lab.figure.png()) == before
