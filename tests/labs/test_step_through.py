"""The step-through lab: at every setting its numbers are those of the formula, each beside the name of what it is."""

import itertools
import random
import re

import numpy as np
import pytest
from contract import lines, moving, printed, touching, walk, words
from matplotlib.figure import Figure
from matplotlib.text import Annotation, Text

from rnnlib.labs.step_through import compute, draw
from rnnlib.labs.step_through.lab import StepThrough
from rnnlib.locale import text
from rnnlib.plots.style import look_of
from rnnlib.widgets import step_through

W_XH, W_HH = np.array([[1.0, -0.5]]), np.array([[0.5, 0.8], [-0.8, 0.5]])
B_H, W_HY, B_Y = np.array([0.0, 0.2]), np.array([1.0, -1.0]), 0.5
F = {"tanh": np.tanh, "relu": lambda a: np.where(a > 0, a, 0.0)}
CORNERS = [
    {"activation": f, "weight_scale": 1.5, "x_1": x, "x_2": y, "x_3": z, "step": 3}
    for f, x, y, z in itertools.product(F, *[(-2.0, 2.0)] * 3)
]
UNITS = ("o", "s")  # their markers


def by_hand(now):
    """Every sum and every state, unit by unit: a (3, 2), the parts of it (3, 3, 2), h (4, 2), y (3,)."""
    h, a, parts = np.zeros((4, 2)), np.zeros((3, 2)), np.zeros((3, 3, 2))
    for t in range(3):
        for unit in range(2):
            before = sum(h[t, k] * now["weight_scale"] * W_HH[k, unit] for k in range(2))
            parts[t, :, unit] = now[f"x_{t + 1}"] * W_XH[0, unit], before, B_H[unit]
            a[t, unit] = parts[t, :, unit].sum()
        h[t + 1] = F[now["activation"]](a[t])
    return a, parts, h, h[1:] @ W_HY + B_Y


def value(written):
    return eval(written.replace("−", "-").replace("×", "*"))


def near(written, number):
    """The number, rounded to two decimals; rounding may go either way at a tie."""
    assert re.fullmatch(r"−?\d+\.\d\d", written)
    assert written != "−0.00"
    return abs(value(written) - number) < 0.005 + 1e-9


def framed(frame, *data):
    ax = Figure().add_subplot()
    frame(ax, *data)
    return ax


def placed(artists):
    """(x, y) of the middle or edge of each text, by its words; of words that come more than once, the last."""
    return {each.get_text(): each.get_position() for each in artists if isinstance(each, Text) and each.get_text()}


@pytest.mark.parametrize("settings", CORNERS)
@pytest.mark.parametrize("step", [1, 2, 3])
def test_each_number_computed_is_the_formulas(settings, step):
    now = settings | {"step": step}
    run, (a, parts, h, y) = compute.run(**now), by_hand(now)
    np.testing.assert_allclose(run.hs, h, atol=1e-14)
    np.testing.assert_allclose(run.ys, y, atol=1e-14)
    np.testing.assert_allclose(run.terms, parts[step - 1], atol=1e-14)
    np.testing.assert_allclose(run.a_t, a[step - 1], atol=1e-14)
    np.testing.assert_array_equal(run.xs, [now["x_1"], now["x_2"], now["x_3"]])
    np.testing.assert_array_equal(run.params["W_hh"], now["weight_scale"] * W_HH)
    assert abs(run.a_t).max() <= run.curve.a[-1] == -run.curve.a[0] in (3, 6, 12)
    np.testing.assert_allclose(run.curve.f, F[now["activation"]](run.curve.a), atol=1e-14)


def test_the_frame_of_the_curve_is_the_same_until_activation_or_axis_changes():
    assert compute.curve("tanh", 3) is compute.curve("tanh", 3)
    assert len({id(compute.curve(f, limit)) for f in F for limit in (3, 6)}) == 4


def test_numbers_are_written_as_mathematics_writes_them():
    assert [draw.number(v) for v in (0.0, -0.001, -0.126, 2)] == ["0.00", "0.00", "−0.13", "2.00"]


def test_each_term_has_a_colour_and_a_line_style_of_its_own():
    looks = [draw.INPUT, draw.STATE, draw.BIAS, draw.READOUT]
    assert len({look["color"] for look in looks}) == len({look["linestyle"] for look in looks}) == 4


def named_arrows(ax):
    """(name, from, to, colour, line style) of each arrow; its name is the nearest of the matrices' and the bias's."""
    names = [each for each in ax.texts if re.fullmatch(r"\$(W|b)_.*\$", each.get_text())]
    shafts = {tuple(map(tuple, line.get_xydata())): line for line in ax.lines if len(line.get_xdata()) == 2}
    for each in ax.texts:
        if isinstance(each, Annotation):
            tail, head = tuple(each.xyann), tuple(each.xy)
            middle = np.mean([tail, head], axis=0)
            name = min(names, key=lambda one: np.hypot(*(one.get_position() - middle)))
            shaft = shafts[tail, head]
            assert name.get_color() == shaft.get_color()
            yield name.get_text(), tail, head, shaft.get_color(), shaft.get_linestyle()


def test_every_arrow_is_named_for_what_it_carries_from_where_to_where():
    ax = framed(draw.frame_network)
    at = placed(ax.texts)
    boxes = {
        name: each.get_bbox() for name in at if name.endswith("=") for each in ax.patches if around(each, at[name])
    }
    assert len(boxes) == 10
    found = set()
    for name, tail, head, *look in named_arrows(ax):
        ends = (near_box(boxes, tail), near_box(boxes, head))
        found.add((name, *ends))
        wanted = {"$W_{xh}$": draw.INPUT, "$W_{hh}$": draw.STATE, "$b_h$": draw.BIAS, "$W_{hy}$": draw.READOUT}[name]
        assert look == [wanted["color"], wanted["linestyle"]]
    wanted = set()
    for t in (1, 2, 3):
        h, x, y = f"$h_{t}$ =", f"$x_{t}$ =", f"$y_{t}$ ="
        wanted |= {("$W_{xh}$", x, h), ("$W_{hh}$", f"$h_{t - 1}$ =", h), ("$b_h$", None, h), ("$W_{hy}$", h, y)}
    assert found == wanted


def around(patch, place):
    """Whether a box stands around this place."""
    return patch.get_bbox().contains(*place)


def near_box(boxes, place):
    """The box that an arrow's end touches, or nearly."""
    found = [name for name, box in boxes.items() if box.padded(4).contains(*place)]
    assert len(found) <= 1
    return found[0] if found else None


def test_each_term_of_the_sum_is_underlined_in_the_look_of_its_arrow():
    ax = framed(draw.frame_sum, "tanh")
    run = compute.run(2, "tanh", 1.0, x_1=1.0, x_2=0.5, x_3=0.0)
    at = placed(draw.draw_sum(ax, run))
    looks = {"$x_2$ $W_{xh}$": draw.INPUT, "$h_1$ $W_{hh}$": draw.STATE, "$b_h$": draw.BIAS}
    for name, look in (looks | {"$y_2$ = $h_2$ $W_{hy}$ + $b_y$": draw.READOUT}).items():
        (line,) = lines(ax.lines, **look, linewidth=2.4)
        assert np.mean(line.get_xdata()) == at[name][0]
        assert set(line.get_ydata()) == {at[name][1] - 13}


@pytest.mark.parametrize("unit", [0, 1])
def test_a_units_name_marker_and_numbers_stand_together_in_every_panel(unit):
    run = compute.run(2, "tanh", 1.5, x_1=1.0, x_2=-0.5, x_3=0.0)
    marker, own = UNITS[unit], draw.number(run.hs[2, unit])
    ax = framed(draw.frame_network)
    column = placed(ax.texts)["$h_2$ ="][0] + 25
    (mark,) = [each for each in lines(ax.lines, marker=marker) if each.get_xdata()[0] == column]
    assert placed(draw.draw_network(ax, run))[own][1] == mark.get_ydata()[0]
    ax = framed(draw.frame_sum, "tanh")
    name, (mark,) = placed(ax.texts)[f"unit {unit + 1}"], lines(ax.lines, marker=marker)
    assert (mark.get_xdata()[0], mark.get_ydata()[0]) == (name[0], name[1] - 20)
    said = draw.draw_sum(ax, run)
    row = [each.get_text() for each in said if each.get_position()[1] == name[1]][:3]
    assert [value(each) for each in row] == pytest.approx(run.terms[:, unit], abs=0.03)
    assert 0 < name[1] - placed(said)[own][1] < 30
    ax = framed(draw.frame_curve, run.curve)
    (mark,) = lines(draw.draw_units(ax, run), marker=marker)
    assert mark.get_xydata().tolist() == [[run.a_t[unit], run.hs[2, unit]]]


def test_the_curve_is_the_activation_in_its_look():
    for name, f in F.items():
        ax = framed(draw.frame_curve, compute.curve(name, 6))
        curve = ax.lines[-1]
        np.testing.assert_allclose(curve.get_ydata(), f(curve.get_xdata()))
        assert (curve.get_xdata()[0], curve.get_xdata()[-1]) == ax.get_xlim() == (-6, 6)
        assert ax.get_title() == f"$h_t$ = {text(f'activations.{name}')}($a_t$)"
        assert curve.get_color() == look_of(name)["color"]


def check_network(lab, artists, now, h, y):
    """In each box its numbers, those that are known by this step; around the box of this step a thick frame."""
    frame, *said = artists
    boxes = placed(lab.figure.axes["unrolled"].texts)
    found = {each.get_position(): each.get_text() for each in said}
    column = [boxes[f"$h_{t}$ ="][0] + 81 for t in range(4)]
    wanted = {}
    for t, unit in itertools.product(range(4), range(2)):
        wanted[column[t], boxes["$h_0$ ="][1] + 13 - 26 * unit] = h[t, unit] if t <= now["step"] else "?"
    for t in (1, 2, 3):
        wanted[column[t], boxes["$x_1$ ="][1]] = now[f"x_{t}"]
        wanted[column[t], boxes["$y_1$ ="][1]] = y[t - 1] if t <= now["step"] else "?"
    for place, number in wanted.items():
        written = found.pop(place)
        assert written == number if isinstance(number, str) else near(written, number)
    assert list(found.values()) == ["now"]
    assert around(frame, boxes[f"$h_{now['step']}$ ="])
    assert frame.get_linewidth() > 2


def check_sum(artists, now, a, parts, h, y):
    t, said = now["step"], iter(words(artists))
    names = [rf"$x_{t}$ $W_{{xh}}$", rf"$h_{t - 1}$ $W_{{hh}}$", "$b_h$", f"$a_{t}$", f"$h_{t}$"]
    assert [next(said) for _ in names] == names
    for unit in range(2):
        # The factors are shown rounded, so their products agree but for that.
        assert [value(next(said)) for _ in range(3)] == pytest.approx(parts[t - 1, :, unit], abs=0.03)
        shown = [*parts[t - 1, :, unit], a[t - 1, unit], h[t, unit]]
        assert all(near(next(said), number) for number in shown)
    assert next(said) == rf"$y_{t}$ = $h_{t}$ $W_{{hy}}$ + $b_y$"
    first, second, third, result = said
    assert value(first + second + third) == pytest.approx(y[t - 1], abs=0.03)
    assert near(result.removeprefix("= "), y[t - 1])
    places = [each.get_position() for each in artists]
    assert len({x for x, _ in places[:5]}) == 5
    for row in (places[5:8], places[8:13], places[13:16], places[16:21]):  # each number below its name
        assert [x for x, _ in row] == [x for x, _ in places[:5]][: len(row)]
        assert len({y for _, y in row}) == 1


def check_curve(lab, artists, now, a, h):
    square, circle = artists
    t = now["step"]
    assert [circle.get_marker(), square.get_marker()] == ["o", "s"]
    shown = np.stack([circle.get_data(), square.get_data()])[..., 0]
    np.testing.assert_allclose(shown, np.stack([a[t - 1], h[t]]).T, atol=1e-12)
    (low, high), (bottom, top) = lab.figure.axes["curve"].get_xlim(), lab.figure.axes["curve"].get_ylim()
    assert ((low <= a[t - 1]) & (a[t - 1] <= high) & (bottom < h[t]) & (h[t] < top)).all()


def check_sentence(lab, now, a, parts, h, y):
    t = now["step"]
    said = re.findall(r"−?\d+\.\d\d", lab.summary)
    shown = [*parts[t - 1, :, 0], a[t - 1, 0], h[t, 0], h[t, 0], h[t, 1], y[t - 1]]
    assert len(said) == len(shown)
    assert all(near(written, number) for written, number in zip(said, shown))
    assert lab.summary.startswith(f"Step {t} of 3: ")
    numbers = [float(number) for number in re.findall(r"-?\d+\.\d*", printed(lab.code))]
    assert numbers == pytest.approx([*h[t], y[t - 1]], abs=0.005 + 1e-9)


@pytest.mark.parametrize("count", [4, pytest.param(100, marks=pytest.mark.slow)])
def test_every_number_shown_and_said_is_the_formulas(drawn, count):
    lab = step_through()
    for now in walk(lab, random.Random(0), count, CORNERS):
        drawn.clear()
        lab.apply()
        a, parts, h, y = by_hand(now)
        check_network(lab, moving(lab, drawn, "unrolled"), now, h, y)
        check_sum(moving(lab, drawn, "sum"), now, a, parts, h, y)
        check_curve(lab, moving(lab, drawn, "curve"), now, a, h)
        check_sentence(lab, now, a, parts, h, y)


@pytest.mark.parametrize("activation", ["tanh", "relu"])
@pytest.mark.parametrize("step", [1, 2, 3])
def test_words_stay_apart(drawn, activation, step):
    # These inputs make the longest numbers: every factor negative where it can be.
    lab = step_through(step=step, activation=activation, x_1=-2.0, x_2=-2.0, x_3=-2.0, weight_scale=1.5)
    assert touching(lab, drawn) == []


def test_presets_show_what_they_are_named_after():
    others = {"step": 3, "activation": "tanh", "x_1": 1.0, "x_2": 0.0, "x_3": -1.0}
    presets = {name: others | settings for name, settings in StepThrough.presets.items()}

    def last_state(preset, **more):
        return compute.run(**presets[preset] | more).hs[3].tolist()

    assert last_state("no_memory", x_1=2.0, x_2=-2.0) == last_state("no_memory")
    for name in ("pulse", "late", "steady"):
        assert last_state(name, x_1=presets[name]["x_1"] + 0.5) != last_state(name)
    inputs = {name: [presets[name][f"x_{t}"] for t in (1, 2, 3)] for name in ("pulse", "late", "steady")}
    assert inputs == {"pulse": [1, 0, 0], "late": [0, 0, 1], "steady": [1, 1, 1]}


def test_only_the_activation_and_its_axis_draw_frames_again():
    lab = step_through(step=1, activation="tanh")
    before = dict(lab.figure.axes)
    lab.apply(step=3, x_1=-1.3, weight_scale=0.4)
    assert lab.figure.axes == before
    lab.apply(activation="relu")
    assert [panel for panel, ax in lab.figure.axes.items() if ax is not before[panel]] == ["curve", "sum"]
