"""The broken backward pass: at every setting, the errors computed, shown and said are those of the bug shown."""

import random
import re

import numpy as np
import pytest
from contract import buttons, lines, moving, printed, walk
from matplotlib.colors import same_color
from matplotlib.figure import Figure
from matplotlib.text import Text

import rnnlib
from rnnlib.labs.broken_backward import compute, draw
from rnnlib.plots.style import BLACK, BLUE, GREY, LIGHT, ORANGE
from rnnlib.widgets import broken_backward

BUGS = ["none", "not_carried", "transpose", "slope", "overwritten", "mean_twice"]
NAMES = ["W_xh", "W_hh", "b_h", "h_0"]
MARKERS = {"step": "o", "sequence": "s"}
HIDDEN = {("not_carried", "step"), ("overwritten", "step")}  # what a bug does only over more steps
MARKED = {"none": [], "not_carried": [0], "transpose": [5], "slope": [1]}  # which lines; of the others, all sums


def fresh_errors(T, bug, batch, recurrent_init, seed):
    """The relative errors of the backward pass with the bug, written anew, against the package's gradient."""
    rng = np.random.default_rng(seed)
    rnn = rnnlib.RNN(2, 4, recurrent_init=recurrent_init, rng=rng)
    xs, h_0, dhs = (rng.standard_normal(n) for n in ((T, batch, 2), (batch, 4), (T, batch, 4)))
    dhs /= batch
    trace = rnn.forward(xs, h_0)
    grads, hs, W = rnn.backward(trace, dhs), trace.hs, rnn.params["W_hh"]
    slopes = 1 - (trace.pre if bug == "slope" else hs[1:]) ** 2
    das, back = [], np.zeros((batch, 4))
    for t in range(T - 1, -1, -1):
        das.insert(0, (dhs[t] + (0 if bug == "not_carried" else back)) * slopes[t])
        back = das[0] @ (W if bug == "transpose" else W.T)
    kept = slice(0, 1) if bug == "overwritten" else slice(None)
    das = np.array(das)[kept] / (batch if bug == "mean_twice" else 1)
    came = {
        "W_xh": np.einsum("tbd,tbh->dh", xs[kept], das),
        "W_hh": np.einsum("tbi,tbj->ij", hs[:-1][kept], das),
        "b_h": das.sum(axis=(0, 1)),
        "h_0": back,
    }
    right = grads.params | {"h_0": grads.hs[0]}
    norm = np.linalg.norm
    return {name: norm(came[name] - right[name]) / (norm(came[name]) + norm(right[name])) for name in NAMES}


def checks(settings):
    """The errors over one step and over the sequence."""
    others = {name: value for name, value in settings.items() if name != "steps"}
    return {"step": fresh_errors(1, **others), "sequence": fresh_errors(settings["steps"], **others)}


def framed(frame):
    ax = Figure().add_subplot()
    frame(ax)
    return ax


@pytest.mark.parametrize("bug", BUGS)
def test_the_errors_computed_are_those_of_the_bug(bug):
    settings = {"bug": bug, "steps": 5, "batch": 3, "recurrent_init": "gaussian", "seed": 2}
    run = compute.run(**settings)
    for errors, wanted in zip((run.step, run.sequence), checks(settings).values()):
        assert list(errors) == NAMES
        assert errors == pytest.approx(wanted, rel=1e-6, abs=1e-8)
        assert compute.failing(errors) == [name for name, error in wanted.items() if error > 1e-6]
    caught = {check for check in MARKERS if compute.failing(getattr(run, check))}
    assert caught == {check for check in MARKERS if bug != "none" and (bug, check) not in HIDDEN}


@pytest.mark.parametrize("bug", BUGS)
def test_the_lines_that_differ_from_the_right_ones_are_called_wrong(bug):
    right, run = compute.run("none", 1, 1, "gaussian", 0), compute.run(bug, 1, 1, "gaussian", 0)
    assert [line.code != good.code for line, good in zip(run.lines, right.lines)] == [line.wrong for line in run.lines]
    assert [i for i, line in enumerate(run.lines) if line.wrong] == MARKED.get(bug, [2, 3, 4])


def test_the_loss_is_a_mean_over_the_batch():
    dhs = compute.case(12, 8, "gaussian", 0)[0]["dhs"]
    assert 8 * dhs.std() == pytest.approx(1, rel=0.1)


def test_a_relative_error_is_that_of_the_lines_given():
    lines = [compute.Line(f"d{name} = np.full(2, 3.0)", False) for name in NAMES[:3]]
    lines.append(compute.Line("dh = np.full(2, 1.0)", False))
    right = {name: np.ones(2) for name in NAMES}
    errors = compute.relative_errors(lines, {"T": 1, "np": np}, right)
    assert errors == pytest.approx({"W_xh": 0.5, "W_hh": 0.5, "b_h": 0.5, "h_0": 0.0})


def test_the_loop_is_drawn_line_below_line_and_wrong_ones_are_crossed():
    ax, run = framed(draw.frame_code), compute.run("overwritten", 1, 1, "gaussian", 0)
    loop = ax.texts[-1]
    assert loop.get_text() == "for t in reversed(range(T)):"
    moving = draw.draw_code(ax, run.lines)
    said = [each for each in moving if each.get_text() != "✗"]
    crosses = {each.get_position()[1] for each in moving if each.get_text() == "✗"}
    assert [each.get_text() for each in said] == [line.code for line in run.lines]
    heights = [each.get_position()[1] for each in [loop, *said]]
    assert np.unique(np.diff(heights)).tolist() == [-34]
    assert all(each.get_position()[0] > loop.get_position()[0] for each in said)
    for each, line in zip(said, run.lines):
        assert each.get_color() == (ORANGE if line.wrong else BLACK)
        assert (each.get_position()[1] in crosses) == line.wrong


def test_the_limit_of_the_checks_is_drawn_where_a_bug_begins():
    ax = framed(draw.frame_checks)
    (limit,) = [line for line in ax.lines if line.get_linestyle() == "--"]
    assert limit.get_xdata() == [1e-6, 1e-6]
    assert limit.get_color() == GREY
    (zone,) = ax.patches
    assert zone.get_extents().transformed(ax.transData.inverted()).intervalx == pytest.approx([1e-6, 1])
    assert same_color(zone.get_facecolor(), LIGHT)
    passes, fails = draw.draw_checks(ax, {"b_h": 0.999e-6}, {"b_h": 1.001e-6})[::2]
    assert (passes.get_color(), fails.get_color()) == (BLUE, ORANGE)
    ticks = dict(zip(ax.get_xticks(), (tick.get_text() for tick in ax.get_xticklabels())))
    assert ticks == {1e-12: "1e-12", 1e-9: "1e-9", 1e-6: "1e-6", 1e-3: "1e-3", 1: "1"}


def test_the_checks_have_a_row_for_each_array_and_a_key_with_the_marks_that_are_drawn():
    ax = framed(draw.frame_checks)
    assert [tick.get_text() for tick in ax.get_yticklabels()] == [f"d{name}" for name in NAMES]
    rows = ax.transData.transform([(1, row) for row in ax.get_yticks()])[:, 1]
    assert (np.diff(rows) < 0).all()  # from top to bottom
    key = {said.get_text(): mark for said, mark in zip(ax.get_legend().get_texts(), ax.get_legend().legend_handles)}
    marks = draw.draw_checks(ax, {"W_xh": 0.1}, {"W_xh": 0.2})[::2]
    shown = {mark.get_xdata()[0]: mark.get_marker() for mark in marks}
    assert {name: mark.get_marker() for name, mark in key.items()} == {"one step": shown[0.1], "sequence": shown[0.2]}


def test_an_error_of_exactly_zero_is_marked_at_the_edge():
    ax = framed(draw.frame_checks)
    moving = draw.draw_checks(ax, {"b_h": 0.0}, {"b_h": 0.5})
    assert [float(mark.get_xdata()[0]) for mark in moving[::2]] == [ax.get_xlim()[0], 0.5]
    assert [words.get_text() for words in moving[1::2]] == ["✓ passes", "✗ 0.5"]


def check_picture(artists, settings):
    for (check, errors), beside in zip(checks(settings).items(), (-0.2, 0.2)):
        marks = lines(artists, marker=MARKERS[check])
        said = {each.get_position()[1]: each for each in artists if isinstance(each, Text)}
        assert len(marks) == len(NAMES)
        for row, (mark, error) in enumerate(zip(marks, errors.values())):
            ((x, y),) = mark.get_xydata()
            words = said[y]
            assert y == pytest.approx(row + beside)
            if error > 1e-6:
                assert x == pytest.approx(error, rel=1e-6)
                assert words.get_text() == f"✗ {x:.2g}"
            else:
                assert x < 1e-6
                assert words.get_text() == "✓ passes"
            assert mark.get_color() == words.get_color() == (ORANGE if error > 1e-6 else BLUE)


def check_sentence(lab, settings):
    bug = next(words for words, name in lab.controls["bug"].options if name == settings["bug"])
    assert lab.summary.startswith(f"Bug: {bug}. ")
    found = set()
    for check, errors in checks(settings).items():
        failed = [name for name, error in errors.items() if error > 1e-6]
        wanted = f"fails for {', '.join(failed)}" if failed else "passes"
        assert re.search(rf"The {check} check ({wanted})[.;]", lab.summary)
        if failed:
            found.add((settings["bug"], check))
    said = printed(lab.code)
    if errors["W_hh"] > 1e-6:
        assert float(said) == pytest.approx(errors["W_hh"], rel=0.051)
        assert lab.summary.endswith(f"dW_hh is {said}.")
    else:
        assert float(said) < 1e-6
        assert lab.summary.endswith("dW_hh is below 1e-6.")
    return found


def test_what_is_drawn_and_said_is_what_the_bug_does(drawn):
    lab, found = broken_backward(), set()
    for settings in walk(lab, random.Random(0), 30):
        drawn.clear()
        lab.apply()
        check_picture(moving(lab, drawn, "checks"), settings)
        found |= check_sentence(lab, settings)
    assert found == {(bug, check) for bug in BUGS[1:] for check in MARKERS} - HIDDEN


@pytest.mark.parametrize("name", ["Hide it: one step", "Hide it: one sequence", "Hide it: symmetric matrix"])
def test_each_hiding_place_hides_its_bug(name):
    lab = broken_backward(seed=3)
    buttons(lab)[name].click()
    assert lab.settings["bug"] != "none"
    assert "The step check passes. The sequence check passes" in lab.summary


def test_no_frame_is_drawn_again():
    lab = broken_backward()
    before = dict(lab.figure.axes)
    lab.apply(bug="slope", steps=1, batch=8)
    assert lab.figure.axes == before
