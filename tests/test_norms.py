"""The axes of gradient norms: the zones begin where the words of labs change, and what leaves the axes is marked."""

import numpy as np
import pytest
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

from rnnlib.labs.ratio import fate
from rnnlib.locale import text
from rnnlib.plots import norms
from rnnlib.plots.style import BLACK, BLUE, LIGHT, ORANGE, style


@pytest.fixture
def ax():
    with style():
        yield Figure().add_subplot()


def zones(ax):
    """(from, to) of each grey zone, from below."""
    spans = [patch for patch in ax.patches if to_hex(patch.get_facecolor()) == LIGHT]
    rooms = [span.get_path().get_extents(span.get_patch_transform()) for span in spans]
    return sorted((room.y0, room.y1) for room in rooms)


@pytest.mark.parametrize("theory", [True, False])
def test_the_zones_are_where_a_gradient_has_vanished_and_exploded(ax, theory):
    norms.frame_norms(ax, 40, theory)
    (bottom, vanished), (exploded, top) = zones(ax)
    assert (bottom, top) == ax.get_ylim() == (-12, 12)
    assert 10**vanished == pytest.approx(1e-3)
    assert 10**exploded == pytest.approx(1e3)
    for edge in (vanished, exploded):
        said = {fate((edge + aside) * np.log(10)) for aside in (-0.01, 0.01)}
        assert said == {text("ratio.carries"), text("ratio.vanishes" if edge < 0 else "ratio.explodes")}
    words = {each.get_text(): each.get_position()[1] for each in ax.texts}
    assert bottom < words[text("norms.vanished")] < vanished
    assert exploded < words[text("norms.exploded")] < top


def test_the_key_names_each_line_in_its_look(ax):
    norms.frame_norms(ax, 40, True)
    median, band, mean_field, bound = ax.get_legend().legend_handles
    assert [each.get_text() for each in ax.get_legend().get_texts()] == [
        text(f"norms.{name}") for name in ("median", "band", "mean_field", "bound")
    ]
    drawn = norms.draw_norms(ax, *(np.arange(3.0) - i for i in range(3)), 0.5, 1.0)
    for handle, look, line in zip((median, mean_field, bound), (BLUE, ORANGE, BLACK), drawn[1:]):
        assert (handle.get_color(), handle.get_linestyle()) == (look, line.get_linestyle())
        assert line.get_color() == look
    assert to_hex(band.get_facecolor()) == to_hex(drawn[0].get_facecolor()) == BLUE.lower()


def test_without_theory_there_is_neither_line_nor_key_of_it(ax):
    norms.frame_norms(ax, 40, False)
    assert len(ax.get_legend().get_texts()) == 2
    assert len(norms.draw_norms(ax, np.zeros(3), -np.ones(3), np.ones(3))) == 2


@pytest.mark.parametrize(("slope", "at", "marker"), [(1.0, 13, "^"), (-2.0, 7, "v")])
def test_a_triangle_stands_where_a_line_leaves_the_axes(ax, slope, at, marker):
    (mark,) = norms.exit_mark(ax, slope * np.arange(40), BLUE)
    assert (*mark.get_xdata(), *mark.get_ydata(), mark.get_marker()) == (at, 12 if slope > 0 else -12, marker)
    assert norms.exit_mark(ax, np.full(40, 12.0), BLUE) == []


def test_lines_and_band_are_drawn_as_they_are_and_no_further_than_a_little_beyond_the_axes(ax):
    median, low, high = np.array([0, -13, 30.0]), np.array([0, -99, -1.0]), np.array([0, 5, 99.0])
    band, *drawn = norms.draw_norms(ax, median, low, high)
    outline = band.get_xy().tolist()  # there and back
    assert outline == [[0, 0], [1, -24], [2, -1], [2, 24], [1, 5], [0, 0]]
    assert [line.get_ydata().tolist() for line in drawn if len(getattr(line, "get_xdata", list)()) == 3] == [
        [0, -13, 24]
    ]


def test_what_is_exactly_zero_is_crossed_out_from_its_first_step(ax):
    median = np.array([0, -1, -np.inf, -np.inf, -np.inf, -np.inf])
    *_, cross, words = norms.draw_norms(ax, median, median, median)
    assert (cross.get_marker(), *cross.get_xdata(), words.get_text()) == ("X", 2, text("norms.dead"))
    assert cross.get_color() == words.get_color() == BLUE


def test_an_end_beyond_the_axes_is_said_in_digits(ax):
    median = -4.0 * np.arange(6)
    *_, words = norms.draw_norms(ax, median, median, median)
    assert words.get_text() == text("norms.off", value="1e-20")
