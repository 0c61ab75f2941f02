"""The step-through lab: at every setting, reached in any order, its numbers are those of the formula."""

import io
import itertools
import random
import re
from contextlib import redirect_stdout

import numpy as np
import pytest
from matplotlib.text import Text

from rnnlib.widgets import step_through

W_XH, W_HH = np.array([[1.0, -0.5]]), np.array([[0.5, 0.8], [-0.8, 0.5]])
B_H, W_HY, B_Y = np.array([0.0, 0.2]), np.array([1.0, -1.0]), 0.5
F = {"tanh": np.tanh, "relu": lambda a: np.where(a > 0, a, 0.0)}
CORNERS = [
    {"activation": f, "weight_scale": 1.5, "x_1": x, "x_2": y, "x_3": z, "step": 3}
    for f, x, y, z in itertools.product(F, *[(-2.0, 2.0)] * 3)
]


def any_settings(rng):
    inputs = {f"x_{t}": rng.randint(-20, 20) / 10 for t in (1, 2, 3)}
    scale = rng.choice([0.0, 1.0, 1.5, rng.randint(0, 15) / 10])
    return {"step": rng.randint(1, 3), "activation": rng.choice(list(F)), "weight_scale": scale, **inputs}


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
            name = rng.choice(list(wanted))
            lab.controls[name].value = wanted[name]
        yield lab.settings


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


def drawn(lab, panel):
    """What moves in a panel, drawn once more."""
    artists = list(lab.figure.views[panel].draw(lab.figure.axes[panel]))
    for artist in artists:
        artist.remove()
    return artists


def words(lab, panel):
    return [artist.get_text() for artist in drawn(lab, panel) if isinstance(artist, Text)]


def value(written):
    return eval(written.replace("−", "-").replace("×", "*"))


def near(written, number):
    """The number, rounded to two decimals; rounding may go either way at a tie."""
    assert re.fullmatch(r"−?\d+\.\d\d", written)
    assert written != "−0.00"
    return abs(value(written) - number) < 0.005 + 1e-9


def check_unrolled(lab, now, h, y):
    said = iter(words(lab, "unrolled"))
    assert next(said) == "now"
    for t in range(4):
        if t:
            assert near(next(said), now[f"x_{t}"])
        numbers = [*h[t], *([y[t - 1]] if t else [])]
        if t <= now["step"]:
            assert all(near(next(said), number) for number in numbers)
        else:
            assert [next(said) for _ in numbers] == ["?"] * len(numbers)
    assert list(said) == []


def check_sum(lab, now, a, parts, h, y):
    t, said = now["step"], iter(words(lab, "sum"))
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


def check_curve(lab, now, a, h):
    square, circle = drawn(lab, "curve")
    t = now["step"]
    assert [circle.get_marker(), square.get_marker()] == ["o", "s"]
    shown = np.stack([circle.get_data(), square.get_data()])[..., 0]
    np.testing.assert_allclose(shown, np.stack([a[t - 1], h[t]]).T, atol=1e-12)
    (low, high), (bottom, top) = lab.figure.axes["curve"].get_xlim(), lab.figure.axes["curve"].get_ylim()
    assert ((low <= a[t - 1]) & (a[t - 1] <= high) & (bottom < h[t]) & (h[t] < top)).all()


def test_every_number_is_the_formulas():
    lab, rng = step_through(), random.Random(0)
    for now in walk(lab, rng, 25):
        a, parts, h, y = by_hand(now)
        check_unrolled(lab, now, h, y)
        check_sum(lab, now, a, parts, h, y)
        check_curve(lab, now, a, h)


def test_the_sentence_and_its_code_say_the_same_numbers():
    lab, rng = step_through(), random.Random(1)
    for now in walk(lab, rng, 25):
        a, parts, h, y = by_hand(now)
        t = now["step"]
        said = re.findall(r"−?\d+\.\d\d", lab.summary)
        shown = [*parts[t - 1, :, 0], a[t - 1, 0], h[t, 0], h[t, 0], h[t, 1], y[t - 1]]
        assert len(said) == len(shown)
        assert all(near(written, number) for written, number in zip(said, shown))
        assert lab.summary.startswith(f"Step {t} of 3: ")
        assert len(lab.code.splitlines()) <= 6
        out = io.StringIO()
        with redirect_stdout(out):
            exec(lab.code, {})
        printed = [float(number) for number in re.findall(r"-?\d+\.\d*", out.getvalue())]
        assert printed == pytest.approx([*h[t], y[t - 1]], abs=0.005 + 1e-9)


def test_the_picture_is_that_of_a_new_lab():
    lab, rng = step_through(), random.Random(2)
    for now in itertools.islice(walk(lab, rng, 10), 10, None, 3):
        assert lab.figure.png() == step_through(**now).figure.png()


def test_previous_next_and_play_move_the_step_and_stop_at_the_ends():
    lab = step_through()
    back, forward, play = lab.children[2].children[:3]
    assert [back.description, forward.description] == ["Previous", "Next"]
    for button, wanted in ((back, 1), (forward, 2), (forward, 3), (forward, 3), (back, 2)):
        button.click()
        assert lab.settings["step"] == play.value == wanted
        assert lab.summary.startswith(f"Step {wanted} of 3: ")
    play.value = 3
    assert lab.summary.startswith("Step 3 of 3: ")


def test_presets_show_what_they_are_named_after():
    lab = step_through(step=3)
    lab.apply(**lab.presets["no_memory"])
    alone = words(lab, "unrolled")[-4:-1]
    lab.apply(x_1=2.0, x_2=-2.0)
    assert words(lab, "unrolled")[-4:-1] == alone
    for name in ("pulse", "late", "steady"):
        lab.apply(**lab.presets[name])
        alone = words(lab, "unrolled")[-4:-1]
        lab.apply(x_1=lab.settings["x_1"] + 0.5)
        assert words(lab, "unrolled")[-4:-1] != alone


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"step": 4}, "step: "),
        ({"activation": "sigmoid"}, "activation: "),
        ({"x_2": 2.5}, "x_2: "),
        ({"x_4": 1.0}, "setting: "),
    ],
)
def test_a_wrong_setting_is_refused_by_name(settings, message):
    with pytest.raises(ValueError, match=message):
        step_through(**settings)
