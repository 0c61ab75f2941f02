"""The gradient lab: at every setting, reached in any order, it shows and says what the core computes."""

import html
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
from matplotlib.colors import to_rgb
from matplotlib.legend import Legend
from matplotlib.patches import Polygon
from matplotlib.text import Text
from page import read, seen

import rnnlib
from rnnlib.activations import ACTIVATIONS
from rnnlib.plots.style import BLACK, BLUE, LIGHT, ORANGE, palette
from rnnlib.widgets import gradient_lab
from rnnlib.widgets.live import PIXEL_RATIO

PANELS = {"norms", "eigenvalues", "slopes", "derivatives"}
B = D = 32
EDGE = 12  # the norm axis runs from 1e-12 to 1e12
LARGEST = {"weight_scale": 10.0, "recurrent_init": "gaussian", "steps": 200, "hidden_size": 8, "seed": 690}
CORNERS = [
    # No seed gives a larger spectral radius than 690 with 8 units: 1.81 before the weight scale.
    {**LARGEST, "activation": "identity", "input_variance": 2.0},
    {**LARGEST, "activation": "relu", "input_variance": 0.0},
    {"activation": "sigmoid", "weight_scale": 0.1, "steps": 200, "hidden_size": 256, "input_variance": 2.0},
    {"activation": "tanh", "weight_scale": 10.0, "steps": 200, "hidden_size": 256, "recurrent_init": "orthogonal"},
    {"activation": "relu", "weight_scale": 1.0, "recurrent_init": "identity", "input_variance": 0.0},
    {"activation": "identity", "weight_scale": 1.0, "recurrent_init": "identity", "steps": 5, "hidden_size": 8},
]


def any_settings(rng):
    return {
        "weight_scale": rng.choice([0.1, 10.0, *(10 ** round(rng.uniform(-1, 1), 2) for _ in range(8))]),
        "activation": rng.choice(list(ACTIVATIONS)),
        "recurrent_init": rng.choice(["gaussian", "orthogonal", "identity"]),
        "steps": rng.choice([5, 200, *(rng.randint(5, 200) for _ in range(8))]),
        "hidden_size": rng.choice([8, 16, 24, 32, 48, 64, 64, 64, 96, 128, 256]),
        "input_variance": rng.choice([0.0, 0.25, 0.25, 2.0, round(0.05 * rng.randint(0, 40), 2)]),
        "seed": rng.randint(0, 999),
    }


def walk(lab, rng, steps):
    """Settings one after the other: at one time all of them anew, at another one control moved, as by a reader."""
    for corner in CORNERS:
        lab.apply(**corner)
        yield lab.settings
    for _ in range(steps):
        wanted = any_settings(rng)
        if rng.random() < 0.04:
            lab.apply(**wanted)
        else:
            often = [*wanted, "weight_scale", "weight_scale", "activation", "recurrent_init", "seed"]
            name = rng.choice([name for name in often if wanted[name] != lab.controls[name].value])
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


def words(artists):
    return [artist.get_text() for artist in artists if isinstance(artist, Text)]


def fresh(settings):
    """A network and its inputs, drawn as the lab's code says, and ln ‖∂L/∂h‖ from 0 steps back to T, 0 at the loss."""
    model, inputs, loss = np.random.default_rng(settings["seed"]).spawn(3)
    H, g, T = settings["hidden_size"], settings["weight_scale"], settings["steps"]
    rnn = rnnlib.RNN(D, H, settings["activation"], g, settings["recurrent_init"], rng=model)
    xs = np.sqrt(settings["input_variance"]) * inputs.standard_normal((T, B, D))
    logs = rnnlib.log_gradient_norms(rnn, xs, loss.standard_normal((B, H)))
    return rnn, xs, (logs - logs[-1])[::-1]


def lines(artists, **look):
    """The lines of this look; markers are lines of one point."""
    found = [artist for artist in artists if hasattr(artist, "get_marker")]
    return [line for line in found if all(getattr(line, f"get_{name}")() == value for name, value in look.items())]


def check_line(artists, colour, style, y):
    """The line is y wherever the axes show it, runs out at the right side, and its way out is marked; seen: way out."""
    (line,) = lines(artists, color=colour, linestyle=style, marker="None")
    inside, shown = np.abs(y) < EDGE + 1e-6, line.get_ydata()  # what lies on the edge may fall to either side
    np.testing.assert_array_equal(line.get_xdata(), np.arange(len(y)))
    np.testing.assert_allclose(shown[inside], y[inside], rtol=1e-9, atol=1e-9)
    assert (np.abs(shown[~inside]) >= EDGE).all()
    assert (np.sign(shown[~inside]) == np.sign(y[~inside])).all()
    return check_way_out(artists, colour, colour, [shown])


def check_way_out(artists, colour, face, many):
    """Each y that leaves the axes has its triangle where it does; seen: which way they point."""
    marks = [mark for mark in lines(artists, color=colour, markerfacecolor=face) if mark.get_marker() in {"^", "v"}]
    wanted = []
    for y in many:
        out = np.flatnonzero(np.abs(y) > EDGE)[:1]
        wanted += [(t, EDGE if y[t] > 0 else -EDGE, "^" if y[t] > 0 else "v", False) for t in out]
    assert [(*m.get_xdata(), *m.get_ydata(), m.get_marker(), m.get_clip_on()) for m in marks] == wanted
    return {mark.get_marker() for mark in marks}


def check_norms(lab, drawn, rnn, back):
    now, artists = lab.settings, moving(lab, drawn, "norms")
    in_tens, T = back / np.log(10), now["steps"]
    median, steps = np.median(in_tens, axis=1), np.arange(now["steps"] + 1)
    seen = check_line(artists, BLUE, "-", median)
    if now["recurrent_init"] == "identity":
        assert lines(artists, color=ORANGE) == []
    else:
        slope = rnnlib.theory.mean_field_slope(now["weight_scale"], now["activation"], now["input_variance"])
        seen |= check_line(artists, ORANGE, "--", slope / np.log(10) * steps)
    bound = np.log10(rnnlib.theory.norm_bound(rnn.params["W_hh"], now["activation"]))
    seen |= check_line(artists, BLACK, ":", bound * steps)
    (band,) = [artist for artist in artists if isinstance(artist, Polygon)]
    x, y = band.get_xy().T
    low, high = np.full(T + 1, np.inf), np.full(T + 1, -np.inf)
    np.minimum.at(low, x.astype(int), y)
    np.maximum.at(high, x.astype(int), y)
    for outline, edge in ((low, in_tens.min(axis=1)), (high, in_tens.max(axis=1))):
        np.testing.assert_allclose(outline, np.clip(edge, -2 * EDGE, 2 * EDGE), rtol=1e-9, atol=1e-9)
    seen |= check_way_out(artists, BLUE, "white", [low, high])
    (said,) = words(artists) or [""]
    if np.isneginf(median[-1]):
        (cross,) = lines(artists, marker="X")
        assert (*cross.get_xdata(), *cross.get_ydata()) == (np.flatnonzero(np.isneginf(median))[0], -EDGE)
        assert said == "exactly zero from here"
    elif abs(median[-1]) > EDGE:
        number = Decimal(re.fullmatch(r"(\S+) at the end", said)[1])
        assert abs(float(number.log10()) - median[-1]) < 0.18  # one significant digit
    else:
        assert said == ""
    assert lab.figure.axes["norms"].get_xlim() == (0, T)
    return seen | {re.sub(r"\S*\d", "", said)}


def check_eigenvalues(lab, drawn, rnn):
    artists, wanted = moving(lab, drawn, "eigenvalues"), np.linalg.eigvals(rnn.params["W_hh"])
    (dots,) = lines(artists)
    x, y = dots.get_data()
    distances = np.abs((x + 1j * y)[:, None] - wanted)
    assert distances.shape == (len(wanted), len(wanted))
    # A pair of nearly equal eigenvalues moves by the root of what a product is rounded by.
    assert max(distances.min(axis=0).max(), distances.min(axis=1).max()) < 1e-6 * np.abs(wanted).max()
    low, high = lab.figure.axes["eigenvalues"].get_xlim()
    assert lab.figure.axes["eigenvalues"].get_ylim() == (low, high)
    assert low < min(x.min(), y.min())
    assert high > max(x.max(), y.max(), 1)
    assert words(artists) == [f"{np.abs(wanted).max():.2f}"]
    assert "largest |λ| =" in words(lab.figure.axes["eigenvalues"].texts)


def check_derivatives(lab, drawn, rnn, xs):
    now, artists = lab.settings, moving(lab, drawn, "derivatives")
    a = rnn.forward(xs).pre[:, :4]  # four sequences are shown
    slopes = {
        "tanh": lambda: 1 / np.cosh(np.clip(a, -350, 350)) ** 2,
        "relu": lambda: (a > 0).astype(float),
        "sigmoid": lambda: 0.25 / np.cosh(np.clip(a / 2, -350, 350)) ** 2,
        "identity": lambda: np.ones_like(a),
    }[now["activation"]]()
    (stairs,) = [artist for artist in artists if hasattr(artist, "get_data") and hasattr(artist.get_data(), "edges")]
    shares, edges, _ = stairs.get_data()
    assert edges[-1] == (0.25 if now["activation"] == "sigmoid" else 1)
    wanted, _ = np.histogram(slopes, edges)
    assert np.abs(shares - wanted / slopes.size).max() < 1e-3  # values on an edge may fall to either side
    assert shares.sum() == pytest.approx(1)
    rms = np.sqrt(np.mean(slopes**2))
    (line,) = lines(artists)
    np.testing.assert_allclose(line.get_xdata(), rms, rtol=1e-6, atol=1e-12)
    (said,) = words(artists)
    np.testing.assert_allclose([float(n) for n in said.split()], [rms, rms * now["weight_scale"]], rtol=0.051)
    assert "root mean square:\ntimes weight scale:" in words(lab.figure.axes["derivatives"].texts)


def check_slopes(lab, drawn, back, rng):
    now, ax = lab.settings, lab.figure.axes["slopes"]
    (here,) = moving(lab, drawn, "slopes")
    slope, (low, high) = np.median(back, axis=1)[-1] / now["steps"], ax.get_ylim()
    kind = "^" if slope > high else "v" if slope < low else "D"
    np.testing.assert_allclose([*here.get_xdata(), *here.get_ydata()], [now["weight_scale"], np.clip(slope, low, high)])
    assert (here.get_marker(), here.get_clip_on()) == (kind, False)
    curves = {line.get_label(): line for line in ax.lines if len(line.get_xdata()) > 2}
    if now["recurrent_init"] == "identity":
        assert curves == {}
        assert any("no theory line" in text.get_text() for text in ax.texts)
        return kind
    assert list(curves) == ["tanh", "ReLU", "sigmoid", "identity"]
    for name, line in zip(ACTIVATIONS, curves.values()):
        at = rng.sample(range(len(line.get_xdata())), 2)
        wanted = rnnlib.theory.mean_field_slope(line.get_xdata()[at], name, now["input_variance"])
        np.testing.assert_allclose(line.get_ydata()[at], wanted, rtol=1e-9, atol=1e-9)
        assert low < line.get_ydata().min()
        assert line.get_ydata().max() < high
    return kind


def check_sentence(lab, back):
    now, ends = lab.settings, back[-1]
    log_r, said = np.median(ends), lab.summary
    assert f"After {now['steps']} steps back" in said
    assert ("no mean-field line" in said) == (now["recurrent_init"] == "identity")
    if np.isneginf(log_r):
        assert "exactly zero: it is dead" in said
        return "dead"
    r, word, pace = re.search(r"gradient is (\S+) of itself: it (\w+), (.*?)\.( |$)", said).groups()[:3]
    assert abs(float(Decimal(r).ln()) - log_r) < 0.051  # two significant digits
    assert word == ("vanishes" if log_r < np.log(1e-3) else "explodes" if log_r > np.log(1e3) else "carries")
    if pace != "hardly changing":
        way, every = re.fullmatch(r"(halving|doubling) every (\S+) steps", pace).groups()
        assert way == ("halving" if log_r < 0 else "doubling")
        assert float(every) == pytest.approx(now["steps"] * np.log(2) / abs(log_r), rel=0.051)
    zero = np.isneginf(ends).sum()
    assert (f"In {zero} of {B} sequences" in said) if zero else ("sequences" not in said)
    return word


def check_picture(lab):
    """The page shows it, and it is, byte for byte, that of a new lab with these settings."""
    np.testing.assert_array_equal(seen(lab.figure), read(lab.figure.png()))
    new = gradient_lab(**lab.settings)
    assert (lab.figure.png(), lab.summary, lab.code) == (new.figure.png(), new.summary, new.code)
    new.close()


@pytest.mark.parametrize(("seed", "count"), [(0, 250), pytest.param(1, 3000, marks=pytest.mark.slow)])
def test_at_any_setting_the_lab_is_correct(drawn, seed, count):
    rng, lab, fates, ways = random.Random(seed), gradient_lab(), set(), set()
    drawn.clear()
    for settings in walk(lab, rng, count):
        rnn, xs, back = fresh(settings)
        ways |= check_norms(lab, drawn, rnn, back)
        check_eigenvalues(lab, drawn, rnn)
        check_derivatives(lab, drawn, rnn, xs)
        ways.add(check_slopes(lab, drawn, back, rng))
        fates.add(check_sentence(lab, back))
        if rng.random() < 0.12:
            check_picture(lab)
        drawn.clear()
    assert fates == {"vanishes", "explodes", "carries", "dead"}
    assert ways == {"", " at the end", "exactly zero from here", "^", "v", "D"}


def number(said):
    return Decimal(re.search(r"gradient is (\S+) of itself", said)[1]) if "of itself" in said else Decimal(0)


def test_the_code_prints_the_number_of_the_sentence():
    lab, found, rng = gradient_lab(), set(), random.Random(4)
    for settings in [*CORNERS, *(any_settings(rng) for _ in range(20))]:
        lab.apply(**settings)
        assert lab.code.count("\n") < 6, settings
        printed = io.StringIO()
        with redirect_stdout(printed):
            exec(lab.code, {})
        assert Decimal(printed.getvalue()) == number(lab.summary), settings
        assert printed.getvalue().strip() in lab.summary or "exactly zero" in lab.summary
        found.add(number(lab.summary))
    assert len(found) > 15


def test_the_code_runs_in_a_fresh_kernel():
    lab = gradient_lab(weight_scale=0.8)
    run = subprocess.run([sys.executable, "-W", "error", "-c", lab.code], capture_output=True, text=True, check=True)
    assert Decimal(run.stdout) == number(lab.summary)
    assert f"<pre>{html.escape(lab.code)}</pre>" in lab.children[-1].value


@pytest.mark.parametrize("start", [{}, CORNERS[1]])
def test_presets_say_what_they_promise_and_reset_goes_back(start):
    lab = gradient_lab(**start)
    opened = lab.settings, lab.summary, lab.figure.png()
    buttons = {child.description: child for child in lab.children[2].children if hasattr(child, "description")}
    for name, word in [("Vanish", "vanishes"), ("Edge", "carries"), ("Explode", "explodes")]:
        buttons[name].click()
        # A preset sets what decides; with 5 steps only, or 8 units, nothing has gone far.
        if lab.settings["steps"] >= 100 and lab.settings["hidden_size"] >= 64:
            assert f"it {word}," in lab.summary
        assert lab.settings["activation"] == "tanh"
    buttons["Reset"].click()
    assert (lab.settings, lab.summary, lab.figure.png()) == opened


def test_the_task_is_done_when_the_slope_is_near_zero():
    lab = gradient_lab()
    for g in (1.0, 1.3, 1.5, 1.53, 1.55, 1.6, 2.0, 4.0):
        lab.controls["weight_scale"].value = g
        slope = np.median(fresh(lab.settings)[2], axis=1)[-1] / 100
        assert f"{slope:+.3f}" in lab.remark
        assert ("You found the edge" in lab.remark) == (abs(slope) < 0.02)
    lab.apply(weight_scale=1.55)
    assert "You found the edge" in lab.remark


def inside(box, room):
    return box.x0 >= room[0] and box.y0 >= room[1] and box.x1 <= room[2] and box.y1 <= room[3]


def standing(ax):
    """The texts of a frame that take up room: title, labels, words, key."""
    found = [text for text in ax.findobj(Text) if text.get_visible() and text.get_text().strip()]
    ticks = {*ax.get_xticklabels(), *ax.get_yticklabels()}
    return [text for text in found if text not in ticks]


def test_words_stay_inside_their_panel_and_apart(drawn):
    lab, frames = gradient_lab(), {}
    renderer = lab.figure.canvas.get_renderer()
    drawn.clear()
    for settings in walk(lab, random.Random(5), 50):
        for panel, ax in lab.figure.axes.items():
            tile = [PIXEL_RATIO * edge for edge in lab.figure.tiles[panel]]
            if ax not in frames:
                assert inside(ax.get_tightbbox(renderer), tile), (panel, settings)
                frames[ax] = [(text.get_text(), text.get_window_extent(renderer)) for text in standing(ax)]
            texts = list(frames[ax])
            for artist, room in drawn[ax]:
                assert inside(room, tile), (panel, artist, settings)
                if isinstance(artist, Text):
                    over = [text for text, standing in texts if room.overlaps(standing)]
                    assert over == [], (panel, artist.get_text(), settings)
                    texts.append((artist.get_text(), room))
        drawn.clear()


def test_only_frames_that_changed_are_drawn_again_and_nothing_is_left_behind():
    lab = gradient_lab()

    def anew(**settings):
        before = dict(lab.figure.axes)
        lab.apply(**settings)
        return {panel for panel in PANELS if lab.figure.axes[panel] is not before[panel]}

    assert anew(weight_scale=0.7) == set()
    assert anew(seed=3) == set()
    assert anew(hidden_size=128) == set()
    assert anew(steps=50) == {"norms"}
    assert anew(weight_scale=4.0) == {"eigenvalues"}
    assert anew(activation="relu") == set()
    assert anew(activation="sigmoid") == {"derivatives"}
    assert anew(input_variance=1.0) == {"slopes"}
    assert anew(recurrent_init="identity") == {"slopes"}
    counts = {panel: len(ax.get_children()) for panel, ax in lab.figure.axes.items()}
    for scale in (0.1, 0.2, 5.0, 10.0, 5.0):
        lab.apply(weight_scale=scale)
    lab.apply(weight_scale=4.0)
    assert {panel: len(ax.get_children()) for panel, ax in lab.figure.axes.items()} == counts
    assert len(lab.figure.figure.axes) == len(PANELS)


def luminance(colour):
    channels = np.array(to_rgb(colour))
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    return linear @ [0.2126, 0.7152, 0.0722]


def contrast(one, other):
    dark, light = sorted([luminance(one), luminance(other)])
    return (light + 0.05) / (dark + 0.05)


def test_it_can_be_read_without_colours(drawn):
    lab = gradient_lab(weight_scale=0.3)
    for panel, ax in lab.figure.axes.items():
        moved = [artist for artist in moving(lab, drawn, panel) if isinstance(artist, Text)]
        for text in [*standing(ax), *moved]:
            on = [LIGHT, "white"] if panel == "norms" and text in [*ax.texts, *moved] else ["white"]
            assert min(contrast(text.get_color(), back) for back in on) >= 4.5, text.get_text()
        (legend,) = [child for child in ax.get_children() if isinstance(child, Legend)] or [None]
        if legend:
            looks = [(line.get_linestyle(), line.get_marker()) for line in legend.get_lines()]
            assert len(set(looks)) == len(looks) >= 3


def test_every_colour_drawn_is_one_that_pictures_can_hold(drawn):
    stored = {tuple(palette()[i : i + 3]) for i in range(0, len(palette()), 3)}
    lab = gradient_lab(weight_scale=0.3)
    artists = [artist for panel in PANELS for artist in moving(lab, drawn, panel)]
    for ax in lab.figure.axes.values():
        artists += [*standing(ax), *ax.lines, *ax.get_xticklabels(), *ax.get_xticklines()]
    colours = [artist.get_color() for artist in artists if hasattr(artist, "get_color")]
    used = {tuple(round(255 * channel) for channel in to_rgb(colour)) for colour in colours}
    assert len(used) > 5
    assert used <= stored


def test_every_control_is_labelled_in_words_and_can_be_reached():
    lab = gradient_lab()
    shown = [child for box in lab.children for child in getattr(box, "children", ())]
    assert [control for control in lab.controls.values() if control not in shown] == []
    assert [control.description for control in lab.controls.values()] == [
        "weight scale g",
        "activation f",
        "recurrent matrix",
        "steps T",
        "hidden size H",
        "input variance",
        "seed",
    ]
    assert list(lab.controls) == list(lab.settings)
    assert not any(control.disabled for control in lab.controls.values())


@pytest.fixture(scope="module")
def lab():
    return gradient_lab()


@pytest.mark.parametrize(
    ("settings", "error", "message"),
    [
        ({"weight_scale": 11}, ValueError, "weight_scale: expected 0.1 to 10, got 11"),
        ({"weight_scale": 0}, ValueError, "weight_scale: expected a number of at least 0.1, got 0"),
        ({"weight_scale": float("nan")}, ValueError, "weight_scale: expected a finite number, got nan"),
        ({"weight_scale": "1"}, TypeError, "weight_scale: expected a number, got '1'"),
        ({"weight_scale": None}, TypeError, "weight_scale: expected a number, got None"),
        ({"activation": "softmax"}, ValueError, "activation: expected one of 'tanh', 'relu', 'sigmoid', 'identity'"),
        ({"activation": 3}, ValueError, "activation: expected one of"),
        ({"recurrent_init": "zeros"}, ValueError, "recurrent_init: expected one of"),
        ({"steps": 4}, ValueError, "steps: expected a whole number of at least 5, got 4"),
        ({"steps": 201}, ValueError, "steps: expected 5 to 200, got 201"),
        ({"steps": 50.0}, TypeError, "steps: expected a whole number, got 50.0"),
        ({"hidden_size": -8}, ValueError, "hidden_size: expected a whole number of at least 8, got -8"),
        ({"input_variance": -0.1}, ValueError, "input_variance: expected a number of at least 0, got -0.1"),
        ({"input_variance": 2.01}, ValueError, "input_variance: expected 0 to 2, got 2.01"),
        ({"seed": True}, TypeError, "seed: expected a whole number, got True"),
        ({"seed": 1000}, ValueError, "seed: expected 0 to 999, got 1000"),
        ({"scale": 1}, ValueError, "setting: expected one of 'weight_scale'"),
    ],
)
def test_a_wrong_setting_is_named_and_changes_nothing(settings, error, message, lab):
    before = lab.settings, lab.summary, lab.figure.png()
    with pytest.raises(error, match=re.escape(message)):
        lab.apply(**{"steps": 6} | settings)
    assert (lab.settings, lab.summary, lab.figure.png()) == before
    with pytest.raises(error, match=re.escape(message)):
        gradient_lab(**settings)


def test_no_figure_is_registered():
    code = "import sys\nfrom rnnlib.widgets import gradient_lab\nfor _ in range(3): gradient_lab()\n"
    code += "assert 'matplotlib.pyplot' not in sys.modules"
    subprocess.run([sys.executable, "-W", "error", "-c", code], check=True)
