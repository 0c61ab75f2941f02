"""What several pictures share: a guess stands at its height, and a line that leaves the axes is marked."""

import numpy as np
import pytest
from matplotlib.figure import Figure

from rnnlib.plots import axes
from rnnlib.plots.style import BLACK, BLUE, GREEN


@pytest.fixture
def ax():
    return Figure().add_subplot()


def test_a_value_beyond_the_axes_is_marked_once_at_the_top(ax):
    ax.set(xlim=(0, 10), ylim=(0, 2.0))
    line, mark = axes.draw_running(ax, np.array([1.0, 5.0, 1.0, 7.0]))
    np.testing.assert_array_equal(line.get_xydata(), [[1, 1], [2, 2], [3, 1], [4, 2]])
    assert (mark.get_marker(), *mark.get_xdata(), *mark.get_ydata(), mark.get_color()) == ("^", 2, 2.0, BLUE)
    assert not mark.get_clip_on()  # whole, on the edge
    assert (ax.get_xlim(), ax.get_ylim()) == ((0, 10), (0, 2.0))


def test_values_inside_the_axes_are_drawn_as_they_are(ax):
    ax.set(xlim=(0, 10), ylim=(0, 1))
    (line,) = axes.draw_running(ax, np.array([0.0, 0.5, 1.0]), GREEN)
    np.testing.assert_array_equal(line.get_xydata(), [[1, 0], [2, 0.5], [3, 1]])
    assert line.get_color() == GREEN


def test_a_guess_is_a_dotted_line_at_its_height_and_in_the_key_above_the_axes(ax):
    axes.guess_line(ax, 0.3, "guess")
    axes.key_above(ax, "Title")
    assert list(ax.lines[0].get_ydata()) == [0.3, 0.3]
    assert (ax.lines[0].get_linestyle(), ax.lines[0].get_color()) == (":", BLACK)
    assert [each.get_text() for each in ax.get_legend().get_texts()] == ["guess"]
    assert ax.get_title() == "Title"
    ax.figure.canvas.draw()
    assert ax.get_legend().get_window_extent().y0 >= ax.bbox.y1 - 1


def test_a_space_can_be_seen():
    assert axes.visible("a b c") == "a␣b␣c"


def test_a_line_and_a_mark_leave_the_limits_alone(ax):
    ax.set(xlim=(0, 1), ylim=(0, 1))
    mark = axes.mark(ax, 5, 5, "o", BLUE)
    axes.line(ax, [0, 9], [0, 9])
    assert (ax.get_xlim(), ax.get_ylim(), mark.get_clip_on()) == ((0, 1), (0, 1), False)


def test_letters_of_words_that_fit_are_left_as_they_are_and_none_becomes_too_small_to_read():
    ax = Figure(figsize=(4, 2), dpi=100).add_subplot()
    fits, long = ax.text(0.1, 0.5, "short"), ax.text(0.1, 0.2, 30 * "long ")
    axes.keep_within(ax, 0, 400)
    assert (fits.get_fontsize(), round(long.get_fontsize() / 10, 2)) == (10, 0.66)
