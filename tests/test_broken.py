"""The broken backward pass: at every setting, the errors shown and said are those of the bug that is shown."""

import io
import random
import re
from contextlib import redirect_stdout

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.text import Text

import rnnlib
from rnnlib.plots.style import BLUE, ORANGE
from rnnlib.widgets import broken_backward
from rnnlib.widgets.live import PIXEL_RATIO

BUGS = ["none", "not_carried", "transpose", "slope", "overwritten", "mean_twice"]
NAMES = ["W_xh", "W_hh", "b_h", "h_0"]
CHECKS = {"o": 1, "s": None}  # the marker of each check, and its steps


def walk(lab, rng, steps):
    """Settings one after the other: at one time all of them anew, at another one control moved, as by a reader."""
    for _ in range(steps):
        wanted = {
            "bug": rng.choice(BUGS),
            "steps": rng.choice([1, 12, rng.randint(1, 12)]),
            "batch": rng.choice([1, 8, rng.randint(1, 8)]),
            "recurrent_init": rng.choice(["gaussian", "orthogonal", "identity"]),
            "seed": rng.randint(0, 999),
        }
        if rng.random() < 0.5:
            lab.apply(**wanted)
        else:
            name = rng.choice([name for name, value in wanted.items() if value != lab.settings[name]] or ["bug"])
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


def fresh_errors(settings, T):
    """The relative errors of the backward pass with the bug, written anew, against the package's gradient."""
    B, bug, rng = settings["batch"], settings["bug"], np.random.default_rng(settings["seed"])
    rnn = rnnlib.RNN(2, 4, recurrent_init=settings["recurrent_init"], rng=rng)
    xs, h_0, dhs = (rng.standard_normal(n) for n in ((T, B, 2), (B, 4), (T, B, 4)))
    dhs /= B
    trace = rnn.forward(xs, h_0)
    grads, hs, W = rnn.backward(trace, dhs), trace.hs, rnn.params["W_hh"]
    slopes = 1 - (trace.pre if bug == "slope" else hs[1:]) ** 2
    das, back = [], np.zeros((B, 4))
    for t in range(T - 1, -1, -1):
        das.insert(0, (dhs[t] + (0 if bug == "not_carried" else back)) * slopes[t])
        back = das[0] @ (W if bug == "transpose" else W.T)
    kept = slice(0, 1) if bug == "overwritten" else slice(None)
    das = np.array(das)[kept] / (B if bug == "mean_twice" else 1)
    came = {
        "W_xh": np.einsum("tbd,tbh->dh", xs[kept], das),
        "W_hh": np.einsum("tbi,tbj->ij", hs[:-1][kept], das),
        "b_h": das.sum(axis=(0, 1)),
        "h_0": back,
    }
    right = grads.params | {"h_0": grads.hs[0]}
    norm = np.linalg.norm
    return {name: norm(came[name] - right[name]) / (norm(came[name]) + norm(right[name])) for name in NAMES}


def check_picture(artists, settings):
    marks = [artist for artist in artists if hasattr(artist, "get_marker")]
    said = [artist for artist in artists if isinstance(artist, Text)]
    for kind, T in CHECKS.items():
        errors = fresh_errors(settings, T or settings["steps"])
        mine = [(mark, words) for mark, words in zip(marks, said) if mark.get_marker() == kind]
        assert len(mine) == len(NAMES)
        for (mark, words), error in zip(mine, errors.values()):
            (x,) = mark.get_xdata()
            if error > 1e-6:
                assert x == pytest.approx(error, rel=1e-6)
                assert words.get_text() == f"✗ {x:.2g}"
            else:
                assert x < 1e-6
                assert words.get_text() == "✓ passes"
            assert mark.get_color() == words.get_color() == (ORANGE if error > 1e-6 else BLUE)


def check_sentence(lab):
    now = lab.settings
    bug = next(words for words, name in lab.controls["bug"].options if name == now["bug"])
    assert lab.summary.startswith(f"Bug: {bug}. ")
    found = set()
    for check, T in [("step", 1), ("sequence", now["steps"])]:
        errors = fresh_errors(now, T)
        failed = [name for name, error in errors.items() if error > 1e-6]
        wanted = f"fails for {', '.join(failed)}" if failed else "passes"
        assert re.search(rf"The {check} check ({wanted})[.;]", lab.summary)
        if failed:
            found.add((now["bug"], check))
    number = re.search(r"dW_hh is (\S+)\.$", lab.summary)
    if errors["W_hh"] > 1e-6:
        assert float(number[1]) == pytest.approx(errors["W_hh"], rel=0.051)
    else:
        assert lab.summary.endswith("dW_hh is below 1e-6.")
    return found


def test_what_is_drawn_and_said_is_what_the_bug_does(drawn):
    lab, found = broken_backward(), set()
    drawn.clear()
    for settings in walk(lab, random.Random(0), 80):
        check_picture([artist for artist, _ in drawn[lab.figure.axes["checks"]]], settings)
        found |= check_sentence(lab)
        drawn.clear()
    assert found == {(bug, check) for bug in BUGS[1:] for check in ("step", "sequence")} - {
        ("not_carried", "step"),
        ("overwritten", "step"),
    }


@pytest.mark.parametrize("bug", BUGS)
def test_the_wrong_lines_are_marked(drawn, bug):
    lab = broken_backward(bug="none")
    ax = lab.figure.axes["code"]

    def shown():
        return [(artist.get_text(), artist.get_color()) for artist, _ in drawn[ax] if artist.get_text() != "✗"]

    drawn.clear()
    lab.apply(bug="none")
    right = [line for line, _ in shown()]
    drawn.clear()
    lab.apply(bug=bug)
    for (line, colour), once in zip(shown(), right):
        assert (colour == ORANGE) == (line != once)
    assert [artist.get_text() for artist, _ in drawn[ax]].count("✗") == sum(c == ORANGE for _, c in shown())
    assert (sum(c == ORANGE for _, c in shown()) == 0) == (bug == "none")


def test_the_code_prints_the_number_of_the_sentence():
    lab = broken_backward()
    for settings in walk(lab, random.Random(1), 15):
        assert lab.code.count("\n") < 6
        printed = io.StringIO()
        with redirect_stdout(printed):
            exec(lab.code, {})
        if "below 1e-6" in lab.summary:
            assert float(printed.getvalue()) < 1e-6, settings
        else:
            assert f"dW_hh is {printed.getvalue().strip()}." in lab.summary, settings


def test_the_picture_is_that_of_a_new_lab_with_these_settings():
    lab = broken_backward()
    for settings in walk(lab, random.Random(2), 10):
        new = broken_backward(**settings)
        assert (lab.figure.png(), lab.summary, lab.code) == (new.figure.png(), new.summary, new.code)
        new.close()


@pytest.mark.parametrize("name", ["Hide it: one step", "Hide it: one sequence", "Hide it: symmetric matrix"])
def test_each_hiding_place_hides_its_bug_and_reset_goes_back(name):
    lab = broken_backward(seed=3)
    opened = lab.settings, lab.summary, lab.figure.png()
    buttons = {child.description: child for child in lab.children[2].children if hasattr(child, "description")}
    buttons[name].click()
    assert lab.settings["bug"] != "none"
    assert "The step check passes. The sequence check passes" in lab.summary
    buttons["Reset"].click()
    assert (lab.settings, lab.summary, lab.figure.png()) == opened


def test_words_stay_inside_their_panel(drawn):
    lab = broken_backward()
    renderer = lab.figure.canvas.get_renderer()
    for bug in BUGS:
        drawn.clear()
        lab.apply(bug=bug)
        for panel, ax in lab.figure.axes.items():
            left, bottom, right, top = (PIXEL_RATIO * edge for edge in lab.figure.tiles[panel])
            texts = [text for text in ax.findobj(Text) if text.get_visible() and text.get_text().strip()]
            for room in [text.get_window_extent(renderer) for text in texts] + [room for _, room in drawn[ax]]:
                assert left <= room.x0 <= room.x1 <= right
                assert bottom <= room.y0 <= room.y1 <= top


def test_no_frame_is_drawn_again():
    lab = broken_backward()
    before = dict(lab.figure.axes)
    lab.apply(bug="slope", steps=1, batch=8)
    assert lab.figure.axes == before


def test_wrong_settings_are_named_and_change_nothing():
    lab = broken_backward()
    assert [c.description for c in lab.controls.values()] == [
        "bug",
        "steps T",
        "sequences B",
        "recurrent matrix",
        "seed",
    ]
    before = lab.settings, lab.summary, lab.figure.png()
    for settings, error, message in [
        ({"bug": "typo"}, ValueError, "bug: expected one of 'none', 'not_carried'"),
        ({"steps": 13}, ValueError, "steps: expected 1 to 12, got 13"),
        ({"batch": 0}, ValueError, "batch: expected a whole number of at least 1, got 0"),
    ]:
        with pytest.raises(error, match=re.escape(message)):
            lab.apply(**{"seed": 1} | settings)
        assert (lab.settings, lab.summary, lab.figure.png()) == before
