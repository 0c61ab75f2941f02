"""The still pictures of products: what is drawn are the data."""

import numpy as np
import pytest
from matplotlib.figure import Figure

from rnnlib import plots
from rnnlib.locale import text
from rnnlib.plots.style import LINES


@pytest.fixture
def ax():
    return Figure().add_subplot()


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
    assert [line.get_color() for line in ax.lines] == [LINES[name]["color"] for name in ("tanh", "relu")]
    np.testing.assert_array_equal(ax.lines[1].get_ydata(), [0, 0, 0, 1, 1])
