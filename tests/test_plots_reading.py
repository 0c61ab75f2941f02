"""The still pictures of what is remembered."""

import numpy as np
from matplotlib.figure import Figure

from rnnlib.plots import reading


def test_memory_is_drawn_from_one_step_back_on_with_a_look_for_each_line():
    ax = Figure().add_subplot()
    curves = {"short": np.array([1.0, 0.5]), "long": np.array([0.9, 0.8, 0.7])}
    reading.draw_memory(ax, curves)
    assert [line.get_label() for line in ax.lines] == list(curves)
    for line, curve in zip(ax.lines, curves.values()):
        np.testing.assert_array_equal(line.get_xdata(), 1 + np.arange(len(curve)))
        np.testing.assert_array_equal(line.get_ydata(), curve)
    assert len({line.get_linestyle() for line in ax.lines}) == 2


def test_capacity_is_drawn_against_the_weight_scale():
    ax = Figure().add_subplot()
    reading.draw_capacity(ax, np.array([0.5, 1.0]), np.array([3.0, 8.0]))
    assert ax.lines[0].get_xydata().tolist() == [[0.5, 3.0], [1.0, 8.0]]


def test_a_difference_below_the_axis_is_marked_not_cut():
    ax = Figure().add_subplot()
    reading.frame_gaps(ax, ("abc", "xbc"))
    gaps = np.array([0, 1.0, 1e-4, 1e-9])
    data = reading.Reading(3, ("abc", "xbc"), np.zeros((4, 2)), np.zeros((2, 4, 2)), gaps, {}, np.ones(2), "cb")
    line, dots, triangles = reading.draw_gaps(ax, data)
    assert line.get_ydata().tolist() == [1.0, 1e-4, 1e-6]
    assert dots.get_xdata().tolist() == [1, 2]
    assert (triangles.get_marker(), triangles.get_xdata().tolist()) == ("v", [3])
