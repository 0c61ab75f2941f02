"""The gates lab: at every setting it shows and says what the cells compute, and its gates can be set right by hand."""

import io
import random
import re
import subprocess
import sys
from contextlib import redirect_stdout
from decimal import Decimal

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.text import Text

import rnnlib
from rnnlib.plots import gates as plots
from rnnlib.plots.style import BLACK, BLUE, GREEN, GREY, ORANGE, style
from rnnlib.widgets import gates_lab
from rnnlib.widgets.gates import _trained
from rnnlib.widgets.live import PIXEL_RATIO

CELLS = {"RNN": rnnlib.RNN, "GRU": rnnlib.GRU, "LSTM": rnnlib.LSTM}
LOOKS = {"RNN": (BLUE, "-"), "GRU": (GREEN, "-."), "LSTM": (ORANGE, "--"), "c": (BLACK, ":")}
CORNERS = [
    {"gates": "hand", "f": 0.0, "i_marked": 0.0, "i_other": 0.0, "o": 0.0},
    {"gates": "hand", "f": 1.0, "i_marked": 1.0, "i_other": 1.0, "o": 1.0, "steps": 200},
    {"weight_scale": 0.2, "forget_bias": -2.0, "steps": 200},
    {"weight_scale": 2.0, "forget_bias": 8.0, "steps": 200},
    {"gates": "trained", "unit": 4, "steps": 200},
    {"gates": "trained", "unit": 1, "steps": 10, "forget_bias": -2.0},
]


def any_settings(rng):
    return {
        "gates": rng.choice(["hand", "trained"]),
        **{name: rng.choice([0.0, 1.0, round(rng.random(), 2)]) for name in ("f", "i_marked", "i_other", "o")},
        "unit": rng.randint(1, 4),
        "steps": rng.choice([10, rng.randint(10, 100), rng.randint(10, 100)]),
        "forget_bias": round(rng.uniform(-2, 8), 1),
        "weight_scale": round(0.05 * rng.randint(4, 40), 2),
        "seed": rng.randint(0, 999),
    }


def walk(lab, rng, steps):
    for corner in CORNERS:
        lab.apply(**corner)
        yield lab.settings
    for _ in range(steps):
        wanted = any_settings(rng)
        if rng.random() < 0.3:
            lab.apply(**wanted)
        else:
            name = rng.choice([name for name in wanted if wanted[name] != lab.settings[name]])
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


def moving(lab, drawn, panel):
    return [artist for artist, _ in drawn[lab.figure.axes[panel]]]


def line(artists, colour, kind):
    (found,) = [a for a in artists if hasattr(a, "get_marker") and (a.get_color(), a.get_linestyle()) == (colour, kind)]
    return found.get_xdata(), found.get_ydata()


def log_norms(now):
    """ln of the median norm (T+1,) by cell, from 0 steps back to T: from the package, as the lab's code has it."""
    xs, found = rnnlib.sequences.adding(now["steps"], 8, now["seed"]).xs, {}
    for name, cell in CELLS.items():
        net = cell(2, 32, weight_scale=now["weight_scale"], recurrent_init="orthogonal", rng=now["seed"])
        if name != "RNN":
            net.params["b_h"][32:64] = now["forget_bias"]
        found[name] = np.median(rnnlib.log_gradient_norms(net, xs), axis=1)[::-1]
    return found


def memory(now):
    """(i, f, o, g, c, h, wanted) of the cell, by a loop of its own."""
    xs, targets, _ = rnnlib.sequences.adding(now["steps"], 8, now["seed"])
    if now["gates"] == "hand":
        c, cs = 0.0, [0.0]
        for number, mark in xs[:, 0]:
            c = now["f"] * c + (now["i_marked"] if mark else now["i_other"]) * number
            cs.append(c)
        i = [now["i_marked"] if mark else now["i_other"] for mark in xs[:, 0, 1]]
        f, o = (np.full(now["steps"], now[name]) for name in "fo")
        return np.array(i), f, o, xs[:, 0, 0], np.array(cs), now["o"] * np.tanh(cs), targets[0, 0]
    model, _ = _trained()
    (W_xh, W_hh, b_h), k = (model.params[name] for name in ("W_xh", "W_hh", "b_h")), now["unit"] - 1
    h, c, rows = np.zeros(4), np.zeros(4), []
    for x in xs[:, 0]:
        i, f, g, o = (x @ W_xh + h @ W_hh + b_h).reshape(4, 4)
        i, f, o, g = (1 / (1 + np.exp(-a)) for a in (i, f, o)), None, None, np.tanh(g)
        i, f, o = i
        c = f * c + i * g
        h = o * np.tanh(c)
        rows.append([i[k], f[k], o[k], g[k], c[k], h[k]])
    i, f, o, g, c, h = np.array(rows).T
    return i, f, o, g, np.append(0, c), np.append(0, h), None


def check_memory(lab, drawn, now):
    i, f, o, g, c, h, wanted = memory(now)
    artists, steps = moving(lab, drawn, "gates"), np.arange(1, now["steps"] + 1)
    for (colour, kind), gate in zip([(BLUE, "-"), (ORANGE, "--"), (GREEN, "-.")], (i, f, o)):
        x, y = line(artists, colour, kind)
        np.testing.assert_array_equal(x, steps)
        np.testing.assert_allclose(y, gate, atol=1e-12)
    marks = rnnlib.sequences.adding(now["steps"], 8, now["seed"]).xs[:, 0, 1]
    np.testing.assert_array_equal(artists[0].get_xdata(), steps[marks > 0])
    artists, ax = moving(lab, drawn, "memory"), lab.figure.axes["memory"]
    np.testing.assert_allclose(line(artists, BLUE, "-")[1], c, atol=1e-12)
    np.testing.assert_allclose(line(artists, GREEN, "-.")[1], h, atol=1e-12)
    bars = np.array([path[1] for path in artists[0].get_segments()])
    np.testing.assert_allclose(bars, np.transpose([steps, g]), atol=1e-12)
    low, high = ax.get_ylim()
    assert low <= min(c.min(), g.min()) <= max(c.max(), g.max(), wanted or 0) < high
    if wanted is None:
        assert len(artists) == 3
    else:
        np.testing.assert_allclose(line(artists, ORANGE, "--")[1], wanted)
    return f


def check_cells(lab, drawn, now, f):
    artists = moving(lab, drawn, "cells")
    with np.errstate(divide="ignore"):
        direct = np.array([np.log10(f[now["steps"] - k :]).sum() for k in range(now["steps"] + 1)])
    wanted = {name: logs / np.log(10) for name, logs in log_norms(now).items()} | {"c": direct}
    marks = [a for a in artists if hasattr(a, "get_marker") and a.get_marker() in "^v"]
    for name, y in wanted.items():
        x, shown = line(artists, *LOOKS[name])
        inside = np.abs(y) <= 12
        np.testing.assert_array_equal(x, np.arange(now["steps"] + 1))
        np.testing.assert_allclose(shown[inside], y[inside], atol=1e-9)
        assert (np.abs(shown[~inside]) > 12).all()
        exits = [mark for mark in marks if mark.get_color() == LOOKS[name][0]]
        assert [mark.get_xdata()[0] for mark in exits] == list(np.flatnonzero(~inside)[:1])
    return wanted


def check_words(lab, now, ends, f):
    words = re.search(
        r"After (\d+) steps back the gradient is (\S+) of itself \((\w+)\) in the RNN, (\S+) of itself \((\w+)\) "
        r"in the GRU and (\S+) of itself \((\w+)\) in the LSTM\.",
        lab.summary,
    ).groups()
    assert int(words[0]) == now["steps"]
    for r, fate, log_r in zip(words[1::2], words[2::2], ends):
        assert abs(float(Decimal(r).ln()) - log_r) < 0.051  # two significant digits
        assert fate == ("vanishes" if log_r < np.log(1e-3) else "explodes" if log_r > np.log(1e3) else "carries")
    kept = re.search(r"multiplies a gradient by (\S+)\.$", lab.remark)[1]
    assert float(kept) == pytest.approx(float(np.prod(f)), rel=0.051, abs=1e-300)
    return set(words[2::2])


@pytest.mark.parametrize(("seed", "count"), [(0, 30), pytest.param(1, 600, marks=pytest.mark.slow)])
def test_what_is_drawn_and_said_is_what_the_cells_compute(drawn, seed, count):
    lab, fates = gates_lab(), set()
    drawn.clear()
    for now in walk(lab, random.Random(seed), count):
        f = check_memory(lab, drawn, now)
        wanted = check_cells(lab, drawn, now, f)
        fates |= check_words(lab, now, [wanted[name][-1] * np.log(10) for name in CELLS], f)
        drawn.clear()
    assert fates == {"vanishes", "carries", "explodes"}


@pytest.mark.parametrize(("seed", "count"), [(2, 12), pytest.param(3, 200, marks=pytest.mark.slow)])
def test_the_picture_is_that_of_a_new_lab_with_these_settings(seed, count):
    lab = gates_lab()
    for now in walk(lab, random.Random(seed), count):
        new = gates_lab(**now)
        assert (lab.figure.png(), lab.summary, lab.code) == (new.figure.png(), new.summary, new.code)
        new.close()


def test_the_code_prints_the_numbers_of_the_sentence():
    lab = gates_lab()
    for now in walk(lab, random.Random(4), 6):
        assert lab.code.count("\n") < 6
        printed = io.StringIO()
        with redirect_stdout(printed):
            exec(lab.code, {})
        said = re.findall(r"(\S+) of itself", lab.summary)
        np.testing.assert_allclose(
            [float(n) for n in printed.getvalue().split()], [float(n) for n in said], err_msg=now
        )


def test_the_code_runs_in_a_fresh_kernel():
    lab = gates_lab(steps=20)
    run = subprocess.run([sys.executable, "-W", "error", "-c", lab.code], capture_output=True, text=True, check=True)
    assert [float(n) for n in run.stdout.split()] == [float(n) for n in re.findall(r"(\S+) of itself", lab.summary)]


@pytest.mark.parametrize("seed", [0, 1, 7])
@pytest.mark.parametrize("steps", [10, 50, 200])
def test_gates_set_right_by_hand_solve_the_task_and_leaking_ones_do_not(seed, steps):
    lab = gates_lab(seed=seed, steps=steps, **lab_presets()["remember"])
    wanted = rnnlib.sequences.adding(steps, 8, seed).targets[0, 0]
    assert lab.remark.startswith(f"You were the gates: c_T is {wanted:.2f}")
    lab.apply(i_other=0.1)
    assert lab.remark.startswith("Task: be the gates")


def lab_presets():
    return gates_lab(steps=10).presets


def test_presets_say_what_they_promise_and_reset_goes_back():
    lab = gates_lab()
    opened = lab.settings, lab.summary, lab.figure.png()
    buttons = {child.description: child for child in lab.children[2].children if hasattr(child, "description")}
    buttons["Forget"].click()
    assert "(vanishes) in the LSTM" in lab.summary
    buttons["Remember"].click()
    assert "(carries) in the LSTM" in lab.summary
    assert "(vanishes) in the RNN" in lab.summary
    buttons["Trained"].click()
    answer, wanted = re.search(r"answers (\S+); .* add up to (\S+)\. Over", lab.remark).groups()
    assert abs(float(answer) - float(wanted)) < 0.1
    buttons["Reset"].click()
    assert (lab.settings, lab.summary, lab.figure.png()) == opened


def test_only_the_gates_in_use_can_be_moved():
    lab = gates_lab()
    assert [name for name, control in lab.controls.items() if control.disabled] == ["unit"]
    lab.apply(gates="trained")
    assert [name for name, control in lab.controls.items() if control.disabled] == ["f", "i_marked", "i_other", "o"]


def test_the_trained_network_has_learnt_what_it_was_trained_on_and_opens_its_gate_at_marks():
    model, readout = _trained()
    xs, targets, _ = rnnlib.sequences.adding(50, 400, 12)
    trace = model.forward(xs)
    assert np.mean((readout.forward(trace.hs) - targets) ** 2) < 1e-3 < 1 / 6
    i = trace.gates[:, :, 1]  # the input gate of unit 2, which the notebook looks at
    assert i[xs[..., 1] == 1].mean() > 0.8
    assert i[xs[..., 1] == 0].mean() < 0.05


def test_only_frames_that_changed_are_drawn_again_and_nothing_is_left_behind():
    lab = gates_lab(f=0.5)

    def anew(**settings):
        before = dict(lab.figure.axes)
        lab.apply(**settings)
        return {panel for panel in before if lab.figure.axes[panel] is not before[panel]}

    assert anew(forget_bias=4.0, weight_scale=0.5) == set()
    assert anew(o=0.3) == set()
    assert anew(f=1.0, i_other=1.0) == {"memory"}
    counts = {panel: len(ax.get_children()) for panel, ax in lab.figure.axes.items()}
    lab.apply(o=0.7)
    assert {panel: len(ax.get_children()) for panel, ax in lab.figure.axes.items()} == counts
    assert anew(steps=20) == {"gates", "memory", "cells"}


def test_words_stay_inside_their_panel(drawn):
    lab = gates_lab()
    renderer = lab.figure.canvas.get_renderer()
    for now in walk(lab, random.Random(5), 10):
        drawn.clear()
        lab.apply()
        for panel, ax in lab.figure.axes.items():
            left, bottom, right, top = (PIXEL_RATIO * edge for edge in lab.figure.tiles[panel])
            for box in (ax.get_tightbbox(renderer), *(room for _, room in drawn[ax])):
                assert box.x0 >= left, (panel, now)
                assert box.x1 <= right, (panel, now)
                assert box.y0 >= bottom, (panel, now)
                assert box.y1 <= top, (panel, now)
        assert not [artist for ax in drawn for artist, _ in drawn[ax] if isinstance(artist, Text)]


def test_a_product_of_shut_gates_is_marked_where_it_leaves_the_axes():
    with style():
        ax = Figure().add_subplot()
        lines = {name: np.zeros(3) for name in ("RNN", "GRU", "LSTM")} | {"c": np.array([0, -1000, -1000])}
        *_, mark = plots.draw_cells(ax, lines)
    assert (mark.get_marker(), mark.get_color(), *mark.get_xdata(), *mark.get_ydata()) == ("v", BLACK, 1, -12)


def test_a_cell_that_nothing_is_wanted_of_has_no_line_for_it():
    some, none = np.full(3, 0.5), None
    data = plots.Memory(dict.fromkeys("ifo", some), some, np.zeros(4), np.zeros(4), np.array([1, 2]), none)
    with style():
        colours = [artist.get_color() for artist in plots.draw_memory(Figure().add_subplot(), data)[1:]]
    assert colours == [BLUE, GREEN] != [GREY]


@pytest.mark.parametrize(
    ("settings", "error", "message"),
    [
        ({"gates": "open"}, ValueError, "gates: expected one of 'hand', 'trained', got 'open'"),
        ({"f": 1.1}, ValueError, "f: expected 0 to 1, got 1.1"),
        ({"unit": 5}, ValueError, "unit: expected 1 to 4, got 5"),
        ({"forget_bias": "1"}, TypeError, "forget_bias: expected a number, got '1'"),
        ({"bias": 1}, ValueError, "setting: expected one of 'gates', "),
    ],
)
def test_wrong_settings_are_refused_by_name_and_change_nothing(settings, error, message):
    with pytest.raises(error, match=re.escape(message)):
        gates_lab(**settings)
    lab = gates_lab(steps=20)
    before = lab.settings
    with pytest.raises(error):
        lab.apply(seed=5, **settings)
    assert lab.settings == before
