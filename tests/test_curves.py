"""The notebooks' curves: what is drawn are the data, and lines are told apart without colour."""

import numpy as np
import pytest
from matplotlib.colors import same_color
from matplotlib.figure import Figure

from rnnlib import plots
from rnnlib.locale import text
from rnnlib.plots.style import look_of


@pytest.fixture
def ax():
    return Figure().add_subplot()


def named(ax):
    """What the key names."""
    return [each.get_text() for each in ax.get_legend().get_texts()]


def test_growth_draws_each_line_with_its_name_at_its_end(ax):
    data = {"falls": 0.5 ** np.arange(11), "rises": 2.0 ** np.arange(8)}
    plots.draw_growth(ax, data, "factors", "size")
    for line, sizes in zip(ax.lines, data.values()):
        np.testing.assert_array_equal(line.get_ydata(), sizes)
    assert [(note.get_text(), note.xy) for note in ax.texts] == [("falls", (10, 0.5**10)), ("rises", (7, 2.0**7))]
    assert ax.get_yscale() == "log"
    assert ax.get_xlim() == (0, 10)
    assert ax.get_xlabel() == text("products.factors")


def test_growth_draws_a_line_at_1_where_all_lines_begin_there(ax):
    plots.draw_growth(ax, {"near": 1e-12 * np.ones(3), "far": np.ones(3)}, "steps", "distance")
    assert len(ax.lines) == 2
    plots.draw_growth(ax, {"falls": 0.5 ** np.arange(3)}, "steps", "left")
    assert list(ax.lines[-1].get_ydata()) == [1, 1]


def test_growth_tells_lines_apart_without_colour(ax):
    plots.draw_growth(ax, {str(i): np.ones(3) for i in range(5)}, "factors", "size")
    assert len({str(line.get_linestyle()) + str(line._dash_pattern) for line in ax.lines[:5]}) == 5


def test_derivatives_are_drawn_in_the_look_of_their_activation(ax):
    a = np.linspace(-1, 1, 5)
    plots.draw_derivatives(ax, {"tanh": 1 - np.tanh(a) ** 2, "relu": (a > 0) * 1.0}, a)
    assert [line.get_color() for line in ax.lines] == [look_of(name)["color"] for name in ("tanh", "relu")]
    np.testing.assert_array_equal(ax.lines[1].get_ydata(), [0, 0, 0, 1, 1])
    assert named(ax) == [text("activations.tanh"), text("activations.relu")]


def test_memory_is_drawn_from_one_step_back_on_with_a_look_for_each_line(ax):
    curves = {"short": np.array([1.0, 0.5]), "long": np.array([0.9, 0.8, 0.7])}
    plots.draw_memory(ax, curves)
    assert named(ax) == [line.get_label() for line in ax.lines] == list(curves)
    for line, curve in zip(ax.lines, curves.values()):
        np.testing.assert_array_equal(line.get_xdata(), 1 + np.arange(len(curve)))
        np.testing.assert_array_equal(line.get_ydata(), curve)
    assert len({line.get_linestyle() for line in ax.lines}) == 2


def test_quartiles_are_the_median_and_the_middle_half_of_the_runs(ax):
    x, runs = np.array([0.5, 1.0]), {"many": np.array([[0.0, 9.0], [4.0, 1.0], [8.0, 5.0]]), "one": np.ones((1, 2))}
    plots.draw_quartiles(ax, x, runs, "slopes.x", "reading.capacity")
    assert [line.get_xydata().tolist() for line in ax.lines] == [[[0.5, 4.0], [1.0, 5.0]], [[0.5, 1.0], [1.0, 1.0]]]
    many, one = (band.get_paths()[0].vertices for band in ax.collections)
    assert {(0.5, 2.0), (0.5, 6.0), (1.0, 3.0), (1.0, 7.0)} == {*map(tuple, many)}
    assert set(one[:, 1]) == {1.0}
    for line, band in zip(ax.lines, ax.collections):
        assert same_color(band.get_facecolor()[0][:3], line.get_color())
    assert named(ax) == list(runs)
    assert (ax.get_xlabel(), ax.get_ylabel(), ax.get_ylim()[0]) == (text("slopes.x"), text("reading.capacity"), 0)


def test_paths_stand_side_by_side_on_one_scale(ax):
    paths = {"far": np.array([[0.0, 0.0], [2.0, 1.0], [0.0, 1.0], [2.0, 0.0]]), "near": np.full((4, 2), 7.0)}
    plots.draw_paths(ax, paths)
    assert [(said.get_text(), said.get_position()[0]) for said in ax.texts] == [("far", 0), ("near", 2.4)]
    for i, path in enumerate(paths.values()):
        way, dots, start = (line.get_xydata() for line in ax.lines[3 * i : 3 * i + 3])
        np.testing.assert_allclose(np.diff(way, axis=0), np.diff(path, axis=0), atol=1e-12)
        np.testing.assert_allclose((way.min(axis=0) + way.max(axis=0)) / 2, [2.4 * i, 0], atol=1e-12)
        np.testing.assert_array_equal(dots, way[2:])
        np.testing.assert_array_equal(start, way[:1])
    assert len({line.get_color() for line in ax.lines[1::3]}) == 2
    assert ax.get_aspect() == 1


def test_each_network_has_its_line_of_counts_and_its_name(ax):
    counts = {"flat": np.full(5, 7), "rising": np.arange(5)}
    plots.draw_parameters(ax, counts)
    for line, words, (name, count) in zip(ax.lines, ax.texts, counts.items()):
        np.testing.assert_array_equal(line.get_ydata(), count)
        assert (words.get_text(), words.get_color()) == (name, line.get_color())
        assert words.xy == (len(count) - 1, count[-1])
    assert len({line.get_linestyle() for line in ax.lines}) == 2


def test_errors_are_drawn_as_they_come(ax):
    x, errors = np.array([1.0, 2.0]), {"one": np.array([1e-3, 1e-6]), "other": np.array([1.0, 2.0])}
    plots.draw_errors(ax, x, errors, "eps", "log")
    assert [(line.get_label(), *line.get_ydata()) for line in ax.lines] == [("one", 1e-3, 1e-6), ("other", 1.0, 2.0)]
    assert (ax.get_xscale(), ax.get_yscale(), named(ax)) == ("log", "log", ["one", "other"])
    assert len({line.get_linestyle() for line in ax.lines}) == 2


def test_trainability_shows_every_training_the_median_and_the_middle_half(ax):
    best = [0.3, 0.5, 1.0, 0.9, 0.4]
    table = np.array([[0.5, seed, -9.0, each] for seed, each in enumerate(best)] + [[2.0, 0, 5.0, 0.9]])
    plots.draw_trainability(ax, table)
    dots, medians, bag, chance = ax.lines
    np.testing.assert_array_equal(dots.get_xydata(), table[:, [0, 3]])
    np.testing.assert_array_equal(medians.get_xydata(), [[0.5, 0.5], [2.0, 0.9]])
    (band,) = ax.collections
    heights = band.get_paths()[0].vertices
    assert {(x, y) for x, y in heights if x == 0.5} == {(0.5, 0.4), (0.5, 0.9)}
    assert {(x, y) for x, y in heights if x == 2.0} == {(2.0, 0.9)}
    assert dots.get_color() == medians.get_color()
    assert named(ax) == [each.get_label() for each in (band, *ax.lines)]
    assert {line.get_label(): line.get_ydata()[0] for line in (bag, chance)} == {
        text("sequence.bag"): 0.75,
        text("sequence.chance"): 0.25,
    }
