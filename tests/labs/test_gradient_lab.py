"""The gradient lab: at every setting, reached in any order, it shows and says what the core computes."""

import asyncio
import random
import re
from decimal import Decimal
from types import SimpleNamespace

import numpy as np
import pytest
from autograd import elementwise_grad
from contract import buttons, contrast, lines, moving, standing, state, walk, within, words
from matplotlib.patches import Circle, Polygon
from matplotlib.text import Text
from page import read, seen
from reference import F

import rnnlib
from rnnlib.activations import ACTIVATIONS
from rnnlib.gradients import log_norms_back
from rnnlib.labs.gradient_lab import compute
from rnnlib.labs.gradient_lab import lab as room
from rnnlib.locale import text
from rnnlib.plots.still import PIXEL_RATIO
from rnnlib.plots.style import BLACK, BLUE, LIGHT, ORANGE
from rnnlib.widgets import gradient_lab

PANELS = {"norms", "eigenvalues", "slopes", "derivatives"}
D = 32
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


def fresh(settings):
    """A network and its inputs, drawn as the lab's code says, and ln ‖∂L/∂h‖ from 0 steps back to T, 0 at the loss."""
    model, inputs, loss = np.random.default_rng(settings["seed"]).spawn(3)
    H, g, T = settings["hidden_size"], settings["weight_scale"], settings["steps"]
    B = {8: 32, 16: 32, 24: 32, 32: 32, 48: 21, 64: 16, 96: 10, 256: 4}[H]  # fewer sequences of larger networks
    rnn = rnnlib.RNN(D, H, settings["activation"], g, settings["recurrent_init"], rng=model)
    xs = np.sqrt(settings["input_variance"]) * inputs.standard_normal((T, B, D))
    logs = rnnlib.log_gradient_norms(rnn, xs, loss.standard_normal((B, H)))
    return rnn, xs, (logs - logs[-1])[::-1]


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
    check_digits(lab, drawn, "eigenvalues", "largest |λ| =")


def check_digits(lab, drawn, panel, said):
    """What is measured stands in digits to the right of its words, line by line."""
    ax = lab.figure.axes[panel]
    (label,) = [each for each in ax.texts if each.get_text() == said]
    (digits,) = [room for artist, room in drawn[ax] if isinstance(artist, Text)]
    beside = label.get_window_extent(lab.figure.canvas.get_renderer())
    assert beside.x1 < digits.x0 < beside.x1 + 20
    assert (digits.y0, digits.y1) == pytest.approx((beside.y0, beside.y1), abs=3)


def test_the_circle_has_radius_1_and_every_eigenvalue_is_in_sight():
    lab = gradient_lab()
    for scale in (0.1, 1.0, 10.0):
        lab.apply(weight_scale=scale)
        (circle,) = [patch for patch in lab.figure.axes["eigenvalues"].patches if isinstance(patch, Circle)]
        assert (circle.center, circle.radius) == ((0, 0), 1)


def check_derivatives(lab, drawn, rnn, xs):
    now, artists = lab.settings, moving(lab, drawn, "derivatives")
    a = rnn.forward(xs).pre[:, :4]  # four sequences are shown
    with np.errstate(over="ignore"):
        slopes = elementwise_grad(F[now["activation"]])(a)
    (stairs,) = [artist for artist in artists if hasattr(artist, "get_data") and hasattr(artist.get_data(), "edges")]
    shares, edges, _ = stairs.get_data()
    assert edges[-1] == ACTIVATIONS[now["activation"]].max_derivative
    wanted, _ = np.histogram(slopes, edges)
    assert np.abs(shares - wanted / slopes.size).max() < 1e-3  # values on an edge may fall to either side
    assert shares.sum() == pytest.approx(1)
    rms = np.sqrt(np.mean(slopes**2))
    (line,) = lines(artists)
    np.testing.assert_allclose(line.get_xdata(), rms, rtol=1e-6, atol=1e-12)
    (said,) = words(artists)
    np.testing.assert_allclose([float(n) for n in said.split()], [rms, rms * now["weight_scale"]], rtol=0.051)
    check_digits(lab, drawn, "derivatives", "root mean square:\ntimes weight scale:")
    ax = lab.figure.axes["derivatives"]
    assert ax.get_ylim() == (0, 1.3)
    assert ax.get_xlim() == pytest.approx((-0.03 * edges[-1], 1.03 * edges[-1]))


def check_slopes(lab, drawn, back, rng):
    now, ax = lab.settings, lab.figure.axes["slopes"]
    (here,) = moving(lab, drawn, "slopes")
    slope, (low, high) = np.median(back, axis=1)[-1] / now["steps"], ax.get_ylim()
    kind = "^" if slope > high else "v" if slope < low else "D"
    (grey,) = [patch.get_path().get_extents(patch.get_patch_transform()) for patch in ax.patches]
    assert (grey.y0, grey.y1) == (low, 0)  # where gradients vanish
    np.testing.assert_allclose([*here.get_xdata(), *here.get_ydata()], [now["weight_scale"], np.clip(slope, low, high)])
    assert (here.get_marker(), here.get_clip_on()) == (kind, False)
    curves = {line.get_label(): line for line in ax.lines if len(line.get_xdata()) > 2}
    if now["recurrent_init"] == "identity":
        assert curves == {}
        assert any("no theory line" in text.get_text() for text in ax.texts)
        return kind
    assert list(curves) == [text(f"activations.{name}") for name in ACTIVATIONS]
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
        assert ("exactly zero: it is dead" in said) == (now["input_variance"] > 0)
        assert ("exactly zero, by convention" in said) == (now["input_variance"] == 0)
        return "dead"
    r, word, pace = re.search(r"gradient is (\S+) of itself: it (\w+), (.*?)\.( |$)", said).groups()[:3]
    assert abs(float(Decimal(r).ln()) - log_r) < 0.051  # two significant digits
    assert word == ("vanishes" if log_r < np.log(1e-3) else "explodes" if log_r > np.log(1e3) else "carries")
    if pace != "hardly changing":
        way, every = re.fullmatch(r"(halving|doubling) every (\S+) steps", pace).groups()
        assert way == ("halving" if log_r < 0 else "doubling")
        assert float(every) == pytest.approx(now["steps"] * np.log(2) / abs(log_r), rel=0.051)
    zero = np.isneginf(ends).sum()
    assert (f"In {zero} of {len(ends)} sequences" in said) if zero else ("sequences" not in said)
    return word


def check_picture(lab):
    """The page shows it, and it is, byte for byte, that of a new lab with these settings."""
    np.testing.assert_array_equal(seen(lab.figure), read(lab.figure.png()))
    new = gradient_lab(**lab.settings)
    assert (lab.figure.png(), lab.summary, lab.code) == (new.figure.png(), new.summary, new.code)
    new.close()


@pytest.mark.parametrize(("seed", "count"), [(0, 12), pytest.param(1, 3000, marks=pytest.mark.slow)])
def test_at_any_setting_the_lab_is_correct(drawn, seed, count):
    rng, lab, fates, ways = random.Random(seed), gradient_lab(), set(), set()
    drawn.clear()
    for settings in walk(lab, rng, count, CORNERS):
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


@pytest.mark.parametrize("start", [{}, CORNERS[1]])
def test_presets_say_what_they_promise_and_reset_goes_back(start):
    lab = gradient_lab(**start)
    opened = lab.settings, lab.summary, lab.figure.png()
    for name, word in [("Vanish", "vanishes"), ("Edge", "carries"), ("Explode", "explodes")]:
        buttons(lab)[name].click()
        # A preset sets what decides; with 5 steps only, or 8 units, nothing has gone far.
        if lab.settings["steps"] >= 100 and lab.settings["hidden_size"] >= 64:
            assert f"it {word}," in lab.summary
        assert lab.settings["activation"] == "tanh"
    buttons(lab)["Reset"].click()
    assert (lab.settings, lab.summary, lab.figure.png()) == opened


def test_the_task_is_done_when_the_slope_is_near_zero():
    lab = gradient_lab()
    for g in (1.0, 1.3, 1.5, 1.53, 1.55, 1.6, 2.0, 4.0):
        lab.controls["weight_scale"].value = g
        slope = np.median(fresh(lab.settings)[2], axis=1)[-1] / 100
        assert f"{slope:+.3f}" in lab.remark
        assert ("You found the edge" in lab.remark) == (abs(slope) < 0.02)
        assert ("0.02 " in lab.remark) == (abs(slope) >= 0.02)
    lab.apply(weight_scale=1.55)
    assert "You found the edge" in lab.remark


@pytest.mark.slow
def test_words_stay_inside_their_panel_and_apart(drawn):
    lab, frames = gradient_lab(), {}
    renderer = lab.figure.canvas.get_renderer()
    drawn.clear()
    for settings in walk(lab, random.Random(5), 50, CORNERS):
        for panel, ax in lab.figure.axes.items():
            tile = [PIXEL_RATIO * edge for edge in lab.figure.tiles[panel]]
            if ax not in frames:
                assert within(ax.get_tightbbox(renderer), tile), (panel, settings)
                frames[ax] = [(text.get_text(), text.get_window_extent(renderer)) for text in standing(ax)]
            texts = list(frames[ax])
            for artist, box in drawn[ax]:
                assert within(box, tile), (panel, artist, settings)
                if isinstance(artist, Text):
                    over = [text for text, standing in texts if box.overlaps(standing)]
                    assert over == [], (panel, artist.get_text(), settings)
                    texts.append((artist.get_text(), box))
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


@pytest.fixture
def computed(monkeypatch):
    """Grows by one whenever a network is run."""
    runs = []
    monkeypatch.setattr(compute, "log_norms_back", lambda *args: runs.append(args) or log_norms_back(*args))
    return runs


def test_the_way_back_over_a_slider_is_not_computed_again(computed):
    lab, scales = gradient_lab(seed=987), (1.1, 1.2, 1.3)
    computed.clear()

    def move(scale):
        lab.controls["weight_scale"].value = scale
        return state(lab)

    there = [move(scale) for scale in scales]
    assert [move(scale) for scale in reversed(scales)] == there[::-1]
    assert len(computed) == len(scales)


async def rest(computed, number):
    """Until so many networks have been run, and no more for a while."""
    async with asyncio.timeout(60):
        while len(computed) < number:
            await asyncio.sleep(0.01)
    await asyncio.sleep(4 * room.REST)
    assert len(computed) == number


def test_after_a_step_the_next_one_is_computed_and_drawn_while_the_reader_looks(computed):
    """A press of a key finds what it shows where there was a rest; nothing is computed that nobody is near."""
    lab = gradient_lab(seed=986)
    drawn = lab.figure._drawn.cache_info
    computed.clear()

    def move(place):
        before = len(computed), drawn().misses
        lab.controls["weight_scale"].value = 10**place
        return len(computed) - before[0], drawn().misses - before[1]

    async def look():
        assert move(0.30) == (1, 4)
        await rest(computed, 1)  # after a jump nobody knows where to
        assert move(0.31) == (1, 4)
        await rest(computed, 3)
        assert move(0.32) == (0, 0)
        await rest(computed, 4)
        assert (move(0.31), move(0.30)) == ((0, 0), (0, 0))
        await rest(computed, 5)
        assert [move(0.29), move(0.28), move(0.27)] == [(0, 0), (1, 4), (1, 4)]
        lab.controls["seed"].value = 984
        await rest(computed, 8)  # the place beside that of the other seed is of no use
        return state(lab)

    shown = asyncio.run(look())
    room.shown.cache_clear()
    assert state(gradient_lab(seed=984, weight_scale=10**0.27)) == shown


@pytest.mark.parametrize("way", [1, -1])
def test_what_is_computed_ahead_is_what_the_slider_asks_for_at_every_stop(monkeypatch, way):
    lab, shown, asked = gradient_lab(hidden_size=8, steps=5), room.shown, []
    loop = SimpleNamespace(call_later=lambda seconds, call, *args: call(*args))
    monkeypatch.setattr(asyncio, "get_running_loop", lambda: loop)
    monkeypatch.setattr(room, "shown", lambda **settings: asked.append(settings) or shown(**settings))
    places = [10 ** (stop / 100) for stop in range(-100, 101)[::way]]
    for place in places:
        lab.controls["weight_scale"].value = place
    stops = [lab.settings | {"weight_scale": float(f"{place:.4g}")} for place in places]
    assert asked == [*stops[:2], *(stop for stop in stops[2:] for _ in ("ahead", "then"))]  # the first is a jump


def test_nobody_looks_at_a_lab_that_was_closed(computed, caplog):
    async def look():
        lab = gradient_lab(seed=985)
        lab.controls["weight_scale"].value = 10**0.01
        number = len(computed)
        lab.close()
        await rest(computed, number)

    asyncio.run(look())
    assert caplog.records == []  # where a loop says what failed in it


def test_its_words_can_be_read_without_colours(drawn):
    lab = gradient_lab(weight_scale=0.3)
    for panel, ax in lab.figure.axes.items():
        moved = [artist for artist in moving(lab, drawn, panel) if isinstance(artist, Text)]
        for each in [*standing(ax), *moved]:
            on = [LIGHT, "white"] if panel == "norms" and each in [*ax.texts, *moved] else ["white"]
            assert min(contrast(each.get_color(), behind) for behind in on) >= 4.5, each.get_text()
