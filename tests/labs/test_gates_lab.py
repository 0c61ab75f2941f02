"""The gates lab: at every setting it shows and says what the cells compute, and its gates can be set right by hand."""

import random
import re
from decimal import Decimal

import numpy as np
import pytest
from contract import buttons, key, lines, moving, printed, walk
from matplotlib.collections import LineCollection
from matplotlib.figure import Figure

import rnnlib
from rnnlib.labs.gates_lab import compute, draw
from rnnlib.labs.ratio import fate
from rnnlib.plots.style import BLACK, BLUE, GREEN, GREY, LIGHT, ORANGE
from rnnlib.widgets import gates_lab

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


@pytest.fixture
def ax():
    return Figure().add_subplot()


def log_norms(now):
    """ln of the median norm (T+1,) by cell, from 0 steps back to T: from the package, as the lab's code has it."""
    xs, found = rnnlib.sequences.adding(now["steps"], 8, now["seed"]).xs, {}
    for name, cell in CELLS.items():
        net = cell(2, 32, weight_scale=now["weight_scale"], recurrent_init="orthogonal", rng=now["seed"])
        if name != "RNN":
            net.params["b_h"][32:64] = now["forget_bias"]
        found[name] = np.median(rnnlib.log_gradient_norms(net, xs), axis=1)[::-1]
    return found


def by_hand(now):
    """(i, f, o, g, c, h) of the cell whose gates are set, by a loop of its own."""
    xs = rnnlib.sequences.adding(now["steps"], 8, now["seed"]).xs
    c, cs = 0.0, [0.0]
    for number, mark in xs[:, 0]:
        c = now["f"] * c + (now["i_marked"] if mark else now["i_other"]) * number
        cs.append(c)
    i = [now["i_marked"] if mark else now["i_other"] for mark in xs[:, 0, 1]]
    f, o = (np.full(now["steps"], now[name]) for name in "fo")
    return np.array(i), f, o, xs[:, 0, 0], np.array(cs), now["o"] * np.tanh(cs)


def trained(now):
    """(i, f, o, g, c, h) of one unit of the trained network, with every gate written out."""
    xs = rnnlib.sequences.adding(now["steps"], 8, now["seed"]).xs
    params, k = compute.trained()[0].params, now["unit"] - 1
    h, c, rows = np.zeros(4), np.zeros(4), []
    for x in xs[:, 0]:
        a_i, a_f, a_g, a_o = (x @ params["W_xh"] + h @ params["W_hh"] + params["b_h"]).reshape(4, 4)
        i, f, o = (1 / (1 + np.exp(-a)) for a in (a_i, a_f, a_o))
        g = np.tanh(a_g)
        c = f * c + i * g
        h = o * np.tanh(c)
        rows.append([i[k], f[k], o[k], g[k], c[k], h[k]])
    i, f, o, g, c, h = np.array(rows).T
    return i, f, o, g, np.append(0, c), np.append(0, h)


def told(now):
    """What the memory panel shows, and the sum of the marked numbers where it is wanted of c."""
    xs, targets, _ = rnnlib.sequences.adding(now["steps"], 8, now["seed"])
    hand = now["gates"] == "hand"
    return (by_hand if hand else trained)(now), np.flatnonzero(xs[:, 0, 1]) + 1, targets[0, 0] if hand else None


def line(artists, colour, kind):
    (found,) = lines(artists, color=colour, linestyle=kind)
    return found.get_xdata(), found.get_ydata()


def check_memory(lab, drawn, now):
    (i, f, o, g, c, h), marked, wanted = told(now)
    artists, steps = moving(lab, drawn, "gates"), np.arange(1, now["steps"] + 1)
    for (colour, kind), gate in zip([(BLUE, "-"), (ORANGE, "--"), (GREEN, "-.")], (i, f, o)):
        x, y = line(artists, colour, kind)
        np.testing.assert_array_equal(x, steps)
        np.testing.assert_allclose(y, gate, atol=1e-12)
    (marks,) = lines(artists, marker="v")
    np.testing.assert_array_equal(marks.get_xdata(), marked)
    assert (marks.get_ydata() > 1).all()
    artists, ax = moving(lab, drawn, "memory"), lab.figure.axes["memory"]
    np.testing.assert_allclose(line(artists, BLUE, "-")[1], c, atol=1e-12)
    np.testing.assert_allclose(line(artists, GREEN, "-.")[1], h, atol=1e-12)
    (bars,) = [artist for artist in artists if isinstance(artist, LineCollection)]
    np.testing.assert_allclose([path[0] for path in bars.get_segments()], np.transpose([steps, 0 * g]))
    np.testing.assert_allclose([path[1] for path in bars.get_segments()], np.transpose([steps, g]), atol=1e-12)
    low, high = ax.get_ylim()
    assert low <= min(c.min(), g.min()) <= max(c.max(), g.max(), wanted or 0) < high
    assert [y for each in lines(artists, color=ORANGE) for y in each.get_ydata()] == [wanted, wanted] * (
        wanted is not None
    )
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
        assert [mark.get_marker() for mark in exits] == ["v^"[int(y[t] > 0)] for t in np.flatnonzero(~inside)[:1]]
    return wanted


def check_words(lab, now, ends, f):
    words = re.search(
        r"After (\d+) steps back the gradient is (\S+) of itself \((\w+)\) in the RNN, (\S+) of itself \((\w+)\) "
        r"in the GRU and (\S+) of itself \((\w+)\) in the LSTM\.",
        lab.summary,
    ).groups()
    assert int(words[0]) == now["steps"]
    for r, said, log_r in zip(words[1::2], words[2::2], ends):
        assert abs(float(Decimal(r).ln()) - log_r) < 0.051  # two significant digits
        assert said == ("vanishes" if log_r < np.log(1e-3) else "explodes" if log_r > np.log(1e3) else "carries")
    kept = re.search(r"multiplies a gradient by (\S+)\.$", lab.remark)[1]
    assert float(kept) == pytest.approx(float(np.prod(f)), rel=0.051, abs=1e-300)
    return set(words[2::2])


@pytest.mark.parametrize(("seed", "count"), [(0, 15), pytest.param(1, 600, marks=pytest.mark.slow)])
def test_what_is_drawn_and_said_is_what_the_cells_compute(drawn, seed, count):
    lab, fates = gates_lab(), set()
    drawn.clear()
    for now in walk(lab, random.Random(seed), count, CORNERS):
        if not drawn:
            continue  # the control stayed where it was
        f = check_memory(lab, drawn, now)
        wanted = check_cells(lab, drawn, now, f)
        fates |= check_words(lab, now, [wanted[name][-1] * np.log(10) for name in CELLS], f)
        drawn.clear()
    assert fates == {"vanishes", "carries", "explodes"}


def test_the_code_prints_the_numbers_of_the_sentence_in_its_order():
    lab = gates_lab(steps=20)
    for now in walk(lab, random.Random(4), 4):
        said = [float(number) for number in re.findall(r"(\S+) of itself", lab.summary)]
        np.testing.assert_allclose([float(number) for number in printed(lab.code).split()], said, err_msg=now)


@pytest.mark.parametrize("hand", [(0.9, 1.0, 0.2, 0.5), (1, 1, 0, 1), (0, 0, 0, 0)])
def test_a_cell_by_hand_is_a_sum_of_what_each_gate_lets_through(hand):
    now = dict(zip(("f", "i_marked", "i_other", "o"), hand)) | {"steps": 30, "seed": 3}
    memory = compute.by_hand(**now)
    i, f, o, g, c, h = by_hand(now)
    for name, gate in {"i": i, "f": f, "o": o}.items():
        np.testing.assert_array_equal(memory.gates[name], gate)
    for shown, wanted in ((memory.written, g), (memory.c, c), (memory.h, h)):
        np.testing.assert_allclose(shown, wanted, rtol=1e-14)
    # Written out without a recurrence: c_T = Σ f^(T−t) i_t g_t.
    assert memory.c[-1] == pytest.approx((f[0] ** np.arange(29, -1, -1.0) * i * g).sum(), rel=1e-12, abs=1e-15)
    xs, targets, _ = rnnlib.sequences.adding(30, 8, 3)
    assert (memory.by_hand, memory.answer, memory.wanted) == (True, memory.c[-1], targets[0, 0])
    assert list(xs[memory.marked - 1, 0, 1]) == [1, 1]
    assert memory.found == (hand == (1, 1, 0, 1))


@pytest.mark.parametrize("unit", [1, 2, 3, 4])
def test_a_unit_of_the_trained_cell_is_the_lstm_written_out(unit):
    memory = compute.through_trained(unit, 40, 5)
    i, f, o, g, c, h = trained({"unit": unit, "steps": 40, "seed": 5})
    for shown, wanted in zip(
        (*(memory.gates[n] for n in "ifo"), memory.written, memory.c, memory.h), (i, f, o, g, c, h)
    ):
        np.testing.assert_allclose(shown, wanted, atol=1e-12)
    model, readout = compute.trained()
    batch = rnnlib.sequences.adding(40, 8, 5)
    assert memory.answer == pytest.approx(readout.forward(model.forward(batch.xs).hs)[0, 0])
    assert (memory.by_hand, memory.wanted, memory.found) == (False, batch.targets[0, 0], True)


def test_the_norms_are_those_of_each_cells_own_gradients():
    steps, seed, bias = 12, 4, 2.0
    logs = compute.log_norms(steps, 0.8, bias, seed)
    xs, dhs = rnnlib.sequences.adding(steps, 8, seed).xs, np.zeros((steps, 8, 32))
    dhs[-1] = np.random.default_rng(np.random.SeedSequence(0, spawn_key=(2,))).standard_normal((8, 32))
    dhs[-1] /= np.linalg.norm(dhs[-1], axis=1, keepdims=True)
    for name, cell in CELLS.items():
        net = cell(2, 32, weight_scale=0.8, recurrent_init="orthogonal", rng=seed)
        if name != "RNN":
            net.params["b_h"][32:64] = bias
        grads = net.backward(net.forward(xs), dhs)
        parts = [grads.hs, grads.cs] if name == "LSTM" else [grads.hs]
        np.testing.assert_allclose(logs[name], np.log(np.linalg.norm(np.concatenate(parts, axis=2), axis=2)), atol=1e-9)


def test_a_run_has_medians_from_the_loss_back_and_the_path_through_c():
    now = {"gates": "hand", "unit": 1, "steps": 15, "forget_bias": 1.0, "weight_scale": 1.1, "seed": 2}
    run = compute.run(**now, f=0.5, i_marked=1.0, i_other=0.0, o=1.0)
    for name, log in log_norms(now).items():
        np.testing.assert_allclose(run.logs[name], log, atol=1e-12)
    np.testing.assert_allclose(run.norms["c"], np.arange(16) * np.log10(0.5))
    assert list(run.norms) == ["RNN", "GRU", "LSTM", "c"]
    assert not compute.run(**now | {"gates": "trained"}, f=0.5, i_marked=1.0, i_other=0.0, o=1.0).memory.by_hand


def test_the_path_through_c_is_the_product_of_the_last_forget_gates():
    np.testing.assert_allclose(np.exp(compute.through_c(np.array([0.1, 0.5, 0.8]))), [1, 0.8, 0.4, 0.04])
    np.testing.assert_array_equal(compute.through_c(np.array([1.0, 0.0, 1.0])), [0, 0, -np.inf, -np.inf])


@pytest.mark.parametrize("steps", [10, 200])
def test_the_axis_of_c_holds_it_whatever_the_gates(steps):
    for f, i in ((1, 1), (1, 0), (0, 1), (0.5, 0.5)):
        memory = compute.by_hand(f, i, i, 1, steps, 0)
        low, high = memory.limits
        assert low < 0 < max(memory.c.max(), memory.wanted, memory.written.max()) < high
        assert low == -0.03 * high
    for unit in (1, 2, 3, 4):
        memory = compute.through_trained(unit, steps, 0)
        (low, high), least = memory.limits, min(memory.c.min(), memory.written.min())
        assert low == (-high if least < 0 else -0.03 * high)
        assert low < least
        assert memory.c.max() < high


@pytest.mark.parametrize("seed", [0, 1, 7])
@pytest.mark.parametrize("steps", [10, 50, 200])
def test_gates_set_right_by_hand_solve_the_task_and_leaking_ones_do_not(seed, steps):
    lab = gates_lab(seed=seed, steps=steps)
    lab.apply(**lab.presets["remember"])
    wanted = rnnlib.sequences.adding(steps, 8, seed).targets[0, 0]
    assert lab.remark.startswith(f"You were the gates: c_T is {wanted:.2f}")
    lab.apply(i_other=0.1)
    assert lab.remark.startswith("Task: be the gates")
    assert f"{wanted:.2f}; it is {by_hand(lab.settings)[4][-1]:.2f}." in lab.remark


def test_presets_say_what_they_promise():
    lab = gates_lab()
    buttons(lab)["Forget"].click()
    assert "(vanishes) in the LSTM" in lab.summary
    buttons(lab)["Remember"].click()
    assert "(carries) in the LSTM" in lab.summary
    assert "(vanishes) in the RNN" in lab.summary
    buttons(lab)["Trained"].click()
    answer, wanted = re.search(r"answers (\S+); .* add up to (\S+)\. Over", lab.remark).groups()
    assert abs(float(answer) - float(wanted)) < 0.1
    assert wanted == f"{rnnlib.sequences.adding(50, 8, 0).targets[0, 0]:.2f}"


def test_only_the_gates_in_use_can_be_moved():
    lab = gates_lab()
    assert [name for name, control in lab.controls.items() if control.disabled] == ["unit"]
    lab.apply(gates="trained")
    assert [name for name, control in lab.controls.items() if control.disabled] == ["f", "i_marked", "i_other", "o"]


def test_the_trained_network_has_learnt_what_it_was_trained_on_and_opens_its_gate_at_marks():
    model, readout = compute.trained()
    xs, targets, _ = rnnlib.sequences.adding(50, 400, 12)
    trace = model.forward(xs)
    assert np.mean((readout.forward(trace.hs) - targets) ** 2) < 1e-3 < 1 / 6
    i = trace.gates[:, :, 1]  # the input gate of unit 2, which the notebook looks at
    assert i[xs[..., 1] == 1].mean() > 0.8
    assert i[xs[..., 1] == 0].mean() < 0.05


def test_only_frames_that_changed_are_drawn_again():
    lab = gates_lab(f=0.5)

    def anew(**settings):
        before = dict(lab.figure.axes)
        lab.apply(**settings)
        return {panel for panel in before if lab.figure.axes[panel] is not before[panel]}

    assert anew(forget_bias=4.0, weight_scale=0.5) == set()
    assert anew(o=0.3) == set()
    assert anew(f=1.0, i_other=1.0) == {"memory"}
    assert anew(steps=20) == {"gates", "memory", "cells"}


def test_the_zones_are_where_the_sentence_says_vanishes_and_explodes(ax):
    draw.frame_cells(ax, 40)
    zones = [patch for patch in ax.patches if patch.get_facecolor()[:3] == pytest.approx((0xF0 / 0xFF,) * 3)]
    rooms = [zone.get_path().get_extents(zone.get_patch_transform()) for zone in zones]
    (bottom, below), (above, top) = sorted((room.y0, room.y1) for room in rooms)
    assert ((bottom, top), (below, above)) == (ax.get_ylim(), pytest.approx((-3, 3)))
    for edge, beyond, word in ((below, -1e-9, "vanishes"), (above, 1e-9, "explodes")):
        assert [fate((edge + d) * np.log(10)) for d in (beyond, -beyond)] == [word, "carries"]
    assert LIGHT == "#f0f0f0"
    at = {words.get_text(): words.get_position()[1] for words in ax.texts}
    assert bottom < at["vanished"] < below < 0 < above < at["exploded"] < top
    assert {tick: label.get_text() for tick, label in zip(ax.get_yticks(), ax.get_yticklabels())} == {
        k: "1" if k == 0 else f"1e{k}" for k in range(-12, 13, 3)
    }
    assert (ax.get_xlim(), ax.get_xlabel()) == ((0, 40), "steps back from the loss")


def memory_of(**more):
    """One unit over three steps, every number another."""
    gates = {"i": np.array([0.1, 0.2, 0.3]), "f": np.array([0.4, 0.5, 0.6]), "o": np.array([0.7, 0.8, 0.9])}
    c, h, written = np.array([0, 1.1, 1.2, 1.3]), np.array([0, 0.21, 0.22, 0.23]), np.array([2.1, 2.2, 2.3])
    return compute.Memory(**{"by_hand": True, "gates": gates, "written": written, "c": c, "h": h} | more)


MEMORY = memory_of(marked=np.array([1, 3]), wanted=1.4, answer=1.3)


def test_the_keys_name_what_is_drawn(ax):
    draw.frame_gates(ax, 3)
    known, drawn = key(ax), draw.draw_gates(ax, MEMORY)
    for label, name in {"input i": "i", "forget f": "f", "output o": "o"}.items():
        np.testing.assert_array_equal(line(drawn, *known[label][:2])[1], MEMORY.gates[name])
    (marks,) = lines(drawn, marker=known["marked"][2])
    assert marks.get_xdata().tolist() == [1, 3]
    assert ax.get_xlim() == (0, 4)  # each step has its width
    assert ax.get_ylim()[0] < 0 < 1 < marks.get_ydata().max() < ax.get_ylim()[1] < 1.2


def test_the_key_of_the_memory_names_what_is_drawn(ax):
    draw.frame_held(ax, 3, -0.1, 2.5)
    known, (bars, *drawn) = key(ax), draw.draw_held(ax, MEMORY)
    for label, values in {"held c_t": MEMORY.c, "shown h_t": MEMORY.h, "wanted": [1.4, 1.4]}.items():
        np.testing.assert_array_equal(line(drawn, *known[label][:2])[1], values)
    assert known["offered g_t"][0] == GREY
    assert bars.get_color().tolist()[0][:3] == pytest.approx([0x76 / 0xFF] * 3)
    assert [path[1].tolist() for path in bars.get_segments()] == [[1, 2.1], [2, 2.2], [3, 2.3]]
    assert (ax.get_xlim(), ax.get_ylim()) == ((0, 4), (-0.1, 2.5))
    assert [set(each.get_ydata()) for each in lines(ax.lines, color=GREY, linewidth=0.8)] == [{0}]


def test_the_key_of_the_cells_names_what_is_drawn(ax):
    draw.frame_cells(ax, 3)
    norms = {name: np.arange(4.0) * factor for name, factor in {"RNN": -1, "GRU": 1, "LSTM": 2, "c": -2}.items()}
    known, drawn = key(ax), draw.draw_cells(ax, norms)
    for label, name in {"RNN": "RNN", "GRU": "GRU", "LSTM": "LSTM", "c alone, left": "c"}.items():
        np.testing.assert_array_equal(line(drawn, *known[label][:2])[1], norms[name])


def test_a_product_of_shut_gates_is_marked_where_it_leaves_the_axes(ax):
    norms = {name: np.zeros(3) for name in CELLS} | {"c": np.array([0, -np.inf, -np.inf])}
    *_, mark = draw.draw_cells(ax, norms)
    assert (mark.get_marker(), mark.get_color(), *mark.get_xdata(), *mark.get_ydata()) == ("v", BLACK, 1, -12)


def test_a_unit_of_a_network_has_no_line_for_what_is_wanted_of_the_whole(ax):
    drawn = draw.draw_held(ax, memory_of(by_hand=False, marked=np.array([1]), wanted=1.4, answer=1.4))
    assert [artist.get_color() for artist in drawn[1:]] == [BLUE, GREEN]
