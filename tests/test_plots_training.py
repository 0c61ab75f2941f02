"""What the training panels mark when a value is off their axes."""

import numpy as np
import pytest
from matplotlib.figure import Figure

from rnnlib.plots import training as plots
from rnnlib.plots.style import style

DATA = plots.Progress(
    losses=np.array([1.0, 5.0, 1.0]),
    right=np.array([0.0, 0.5, 1.0]),
    norms=np.array([1e-9, 1.0, 1e9]),
    clipped=np.array([1e-9, 1.0, 1.0]),
)


@pytest.fixture
def ax():
    with style():
        yield Figure().add_subplot()


def test_a_loss_beyond_the_axes_is_marked(ax):
    plots.frame_running(ax, 10, 2.0, 1.0, "Loss")
    line, mark = plots.draw_loss(ax, DATA)
    np.testing.assert_array_equal(line.get_ydata(), [1, 2, 1])
    assert (mark.get_marker(), *mark.get_xdata(), *mark.get_ydata()) == ("^", 2, 2.0)


def test_the_share_right_is_drawn_as_it_is(ax):
    (line,) = plots.draw_right(ax, DATA)
    np.testing.assert_array_equal(line.get_xydata(), [[1, 0], [2, 0.5], [3, 1]])


def test_norms_beyond_the_axes_are_marked(ax):
    plots.frame_updates(ax, 10)
    dots, after, low, high = plots.draw_updates(ax, DATA)
    np.testing.assert_array_equal(dots.get_ydata(), [1e-6, 1, 1e6])
    np.testing.assert_array_equal(after.get_ydata(), [1e-6, 1, 1])
    assert [(mark.get_marker(), *mark.get_xdata()) for mark in (low, high)] == [("v", 1), ("^", 3)]


def test_trainability_shows_every_training_and_the_median(ax):
    table = np.array([[0.5, 0, -9.0, 0.3], [0.5, 1, -8.0, 0.5], [0.5, 2, -8.0, 1.0], [2.0, 0, 5.0, 0.9]])
    plots.draw_trainability(ax, table)
    dots, medians, bag, chance = ax.lines
    np.testing.assert_array_equal(dots.get_xydata(), table[:, [0, 3]])
    np.testing.assert_array_equal(medians.get_xydata(), [[0.5, 0.5], [2.0, 0.9]])
    assert (bag.get_ydata()[0], chance.get_ydata()[0]) == (0.75, 0.25)
