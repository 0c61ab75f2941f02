"""The files of the moving labs: at every place of their controls, the numbers and words of the package."""

import gzip
import html
import itertools
import json
from decimal import Decimal
from types import SimpleNamespace

import numpy as np
import pytest

from rnnlib import widgets
from rnnlib.activations import ACTIVATIONS
from rnnlib.labs.broken_backward import compute as broken_compute
from rnnlib.labs.broken_backward import draw as broken_draw
from rnnlib.labs.broken_backward import lab as broken_lab
from rnnlib.labs.gradient_lab import compute, lab
from rnnlib.labs.gradient_lab.draw import SLOPES, TILES
from rnnlib.labs.live import MARGINS
from rnnlib.locale import languages, speaking, text
from rnnlib.plots.norms import DECADES
from rnnlib.plots.still import PIXEL_RATIO
from rnnlib.plots.style import BLACK, BLUE, ORANGE
from rnnlib.weights import BASES

SCALES = [float(f"{10 ** (stop / 100 - 1):.4g}") for stop in range(201)]  # every stop of the slider
PLACES = list(itertools.product(BASES, ACTIVATIONS, SCALES))
HALF = 0.51 / 32  # dots: numbers are kept to a 32nd
STEPS, OTHERS = 100, {"steps": 100, "hidden_size": 64, "input_variance": 0.25, "seed": 0}


@pytest.fixture(scope="module")
def folder(built):
    return built / "_static/live"


@pytest.fixture(scope="module")
def film(folder):
    """What is in the files, by language."""
    return {language: Film(folder, "gradient", TILES, language) for language in languages()}


class Film:
    def __init__(self, folder, key, tiles, language):
        self.tiles = tiles
        for name in (key, f"{key}-{language}"):
            vars(self).update(json.loads((folder / f"{name}.json").read_text(encoding="utf-8")))
        lower, upper = np.frombuffer((folder / f"{key}.bin").read_bytes(), np.uint8).reshape(2, -1).astype(int)
        ends = np.cumsum(self.lengths)
        steps = np.split(lower + 256 * upper, ends[:-1])
        assert ends[-1] == len(lower)
        self.columns = [np.cumsum(step) % 65536 / 32 - 256 for step in steps]

    def state(self, number):
        """Sentence, remark and ruler at this place of the controls, and each panel's strokes."""
        said, pictures = self.states[number][:3], self.states[number][3:]
        return [self.said[each] for each in said], dict(zip(self.tiles, map(self.picture, pictures), strict=True))

    def picture(self, number):
        _, *strokes = self.pictures[number]
        return [self.stroke(*self.strokes[each]) for each in strokes]

    def stroke(self, look, xs, ys, shape):
        fill, line, width, dashes, *_ = self.looks[look]
        points = {"x": self.columns[xs], "y": self.columns[ys]}
        return SimpleNamespace(fill=fill, line=line, width=width, dashes=dashes, shape=self.shapes[shape], **points)


class Scale:
    """From dots of a panel to what its axes say, and how far that may be off."""

    def __init__(self, tile, xlim, ylim, square=False):
        x0, y0, x1, y1 = tile
        self.left, self.top = PIXEL_RATIO * MARGINS["left"], PIXEL_RATIO * MARGINS["top"]
        self.width = PIXEL_RATIO * (x1 - x0 - MARGINS["left"] - MARGINS["right"])
        self.height = PIXEL_RATIO * (y1 - y0 - MARGINS["bottom"] - MARGINS["top"])
        if square:
            self.left, self.width = self.left + (self.width - self.height) / 2, self.height
        self.xlim, self.ylim = xlim, ylim

    def check(self, stroke, x, y):
        """The stroke's points are these, to half of what numbers are kept to; upright and level ones lie on dots."""
        (low, high), (bottom, top) = self.xlim, self.ylim
        x, y = self.left + (x - low) / (high - low) * self.width, self.top + (top - y) / (top - bottom) * self.height
        on_dots = not stroke.shape and np.all((np.diff(stroke.x) == 0) | (np.diff(stroke.y) == 0))
        for came, wanted in ((stroke.x, x), (stroke.y, y)):
            np.testing.assert_allclose(came, wanted, rtol=0, atol=on_dots + HALF)


def of(strokes, colour, shape=False, filled=False):
    """The lines, areas or markers of this colour; letters are filled shapes without a line."""
    found = [each for each in strokes if bool(each.shape) == shape]
    if shape:
        return [each for each in found if each.line[:7] == colour.lower()]
    return [each for each in found if (each.fill if filled else each.line)[:7] == colour.lower()]


def check_norms(strokes, norms):
    scale, back = Scale(TILES["norms"], (0, STEPS), (-DECADES, DECADES)), np.arange(STEPS + 1)
    shown = {name: np.clip(getattr(norms, name), -2 * DECADES, 2 * DECADES) for name in ("median", "low", "high")}
    (band,), (median,) = of(strokes, BLUE, filled=True), of(strokes, BLUE)
    edge = np.append(back, back[::-1]), np.append(shown["low"], shown["high"][::-1])
    scale.check(band, *edge)
    assert (band.fill[7:], band.line, median.dashes) == ("4c", "", [])  # three tenths
    scale.check(median, back, shown["median"])
    lines = [(BLUE, norms.low), (BLUE, norms.high), (BLUE, norms.median), (BLACK, norms.bound * back)]
    if norms.mean_field is not None:
        lines.append((ORANGE, norms.mean_field * back))
    for colour, y in lines[3:]:
        (line,) = of(strokes, colour)
        assert line.dashes != []
        scale.check(line, back, np.clip(y, -2 * DECADES, 2 * DECADES))
    assert len([each for each in strokes if not each.shape]) == len(lines) - 1  # low and high are the band
    ways_out = [(colour, np.flatnonzero(np.abs(y) > DECADES)[0], y) for colour, y in lines if np.abs(y).max() > DECADES]
    wanted = sorted((colour.lower(), t, np.sign(y[t]) * DECADES) for colour, t, y in ways_out)
    wanted += [(BLUE.lower(), np.argmax(np.isneginf(norms.median)), -DECADES)] if np.isneginf(norms.median[-1]) else []
    marks = [each for each in strokes if each.shape and each.line]
    assert len(marks) == len(wanted)
    for mark, (colour, t, y) in zip(sorted(marks, key=lambda m: (m.line, m.x[0], -m.y[0])), sorted(wanted)):
        assert mark.line[:7] == colour
        scale.check(mark, t, y)


def check_eigenvalues(strokes, run):
    limit = (-run.limit, run.limit)
    (dots,) = [each for each in strokes if each.shape and len(each.x) > 1]
    Scale(TILES["eigenvalues"], limit, limit, square=True).check(dots, run.eigenvalues.real, run.eigenvalues.imag)
    assert dots.fill == f"{BLUE.lower()}ff"


def check_slopes(strokes, weight_scale, slope):
    (here,) = strokes
    place = Scale(TILES["slopes"], (-1, 1), SLOPES)
    place.check(here, np.log10(weight_scale), np.clip(slope, *SLOPES))
    assert (here.fill, here.line) == (f"{BLACK}ff", "#ffffffff")


def check_derivatives(strokes, histogram):
    largest = histogram.edges[-1]
    scale = Scale(TILES["derivatives"], (-0.03 * largest, 1.03 * largest), (0, 1.3))
    (stairs,), (rms,) = of(strokes, BLUE, filled=True), of(strokes, BLACK)
    x, y = np.repeat(histogram.edges, 2), np.concatenate([[0], np.repeat(histogram.shares, 2), [0]])
    scale.check(stairs, x, y)
    scale.check(rms, histogram.rms, np.array([0, 1]))


def words(panel, run, weight_scale):
    """What moves in letters, in the panel."""
    if panel == "eigenvalues":
        return f"{np.abs(run.eigenvalues).max():.2f}"
    if panel == "derivatives":
        return f"{run.histogram.rms:.2g}\n{weight_scale * run.histogram.rms:.2g}"
    end = run.norms.median[-1] if panel == "norms" else 0
    if np.isneginf(end):
        return text("norms.dead")
    return text("norms.off", value=f"{Decimal(10) ** Decimal(end):.1g}") if abs(end) > DECADES else ""


def check_letters(strokes, said, known):
    """Each letter has one shape, and no two letters the same; known: letters by shape."""
    shapes = [each.shape for each in strokes if each.shape and not each.line and len(each.x) == 1]
    letters = "".join(said.split()).replace("fi", "ﬁ")  # a ligature
    assert len(shapes) == len(letters)
    assert [known.setdefault(shape, letter) for shape, letter in zip(shapes, letters)] == list(letters)


def test_at_every_place_numbers_and_words_are_those_of_the_package(film):
    known = {(language, panel): {} for language in film for panel in TILES}
    for number, (base, activation, scale) in enumerate(PLACES):
        now = {"weight_scale": scale, "activation": activation, "recurrent_init": base, **OTHERS}
        run = compute.run(**now)
        for language, shown in film.items():
            (said, remark, _), drawn = shown.state(number)
            check_norms(drawn["norms"], run.norms)
            check_eigenvalues(drawn["eigenvalues"], run)
            check_slopes(drawn["slopes"], scale, run.log_r / STEPS)
            check_derivatives(drawn["derivatives"], run.histogram)
            with speaking(language):
                assert html.unescape(said) == lab._sentence(run, now)
                assert html.unescape(remark) == lab._task(run.log_r / STEPS, now)
                for panel in TILES:
                    check_letters(drawn[panel], words(panel, run, scale), known[language, panel])
    for letters in known.values():
        assert len(set(letters.values())) == len(letters)
    assert len(PLACES) == len(film["en"].states) == 2412


def test_a_lab_that_is_moved_there_says_the_same(film):
    for language, shown in film.items():
        with speaking(language):
            moved = widgets.gradient_lab()
        for number in range(0, len(PLACES), 97):
            base, activation, scale = PLACES[number]
            moved.apply(recurrent_init=base, activation=activation, weight_scale=scale)
            said, remark, ruler = shown.state(number)[0]
            assert (html.unescape(said), html.unescape(remark)) == (moved.summary, moved.remark)
            assert ruler == moved._ticks.value
        moved.close()


def check_marks(strokes, run):
    """The relative errors of both checks, each row by its own, at the edge of the axes if they are smaller."""
    marks, scale = [each for each in strokes if each.line], Scale(broken_draw.TILES["checks"], (-13, 4), (3.5, -0.5))
    errors = [
        (row + shift, error)
        for shift, each in ((-0.2, run.step), (0.2, run.sequence))
        for row, error in enumerate(each.values())
    ]
    assert len(marks) == len(errors)
    for mark, (row, error) in zip(marks, errors):
        scale.check(mark, np.log10(max(error, 1e-13)), row)
        assert mark.fill[:7] == (ORANGE if error > 1e-6 else BLUE).lower()
    return "".join(f"✗{error:.2g}" if error > 1e-6 else text("checks.passes") for _, error in errors)


@pytest.mark.parametrize("language", languages())
def test_the_broken_backward_pass_is_that_of_the_package(folder, language):
    shown, known, steps = (
        Film(folder, "backward", broken_draw.TILES, language),
        {"code": {}, "checks": {}},
        range(1, 13),
    )
    places = list(itertools.product(BASES, range(1, 9), steps, broken_compute.BUGS))
    for number, (base, batch, length, bug) in enumerate(places):
        run = broken_compute.run(bug, length, batch, base, 0)
        (said, _, _), drawn = shown.state(number)
        with speaking(language):
            assert html.unescape(said) == broken_lab._sentence(bug, run)
            check_letters(drawn["checks"], check_marks(drawn["checks"], run), known["checks"])
        code = "".join(line + "✗" * wrong for line, wrong in run.lines)
        check_letters(drawn["code"], code, known["code"])
    assert len(places) == len(shown.states) == 1728


def test_the_files_are_small(folder):
    raw = {path.name: path.read_bytes() for path in folder.iterdir()}
    packed = {name: len(data if name.endswith("png") else gzip.compress(data)) for name, data in raw.items()}
    print({name: (len(data), packed[name]) for name, data in raw.items()})
    assert sum(packed.values()) <= 3e6
