"""The drawing of a tiny network: terms can be told apart, and nothing runs out of its panel or into its neighbour."""

import itertools

import numpy as np
import pytest

from rnnlib.plots import Still, network
from rnnlib.widgets import step_through
from rnnlib.widgets.step import TILES


def test_numbers_are_written_as_mathematics_writes_them():
    assert [network.number(v) for v in (0.0, -0.001, -0.126, 2)] == ["0.00", "0.00", "−0.13", "2.00"]


def test_each_term_has_a_colour_and_a_line_style_of_its_own():
    looks = [network.INPUT, network.STATE, network.BIAS, network.READOUT]
    assert len({look["color"] for look in looks}) == len({look["linestyle"] for look in looks}) == 4


@pytest.mark.parametrize("activation", ["tanh", "relu"])
@pytest.mark.parametrize("step", [1, 2, 3])
def test_words_stay_in_their_panel_and_apart(activation, step):
    # These inputs make the longest numbers: every factor negative where it can be.
    lab = step_through(step=step, activation=activation, x_1=-2.0, x_2=-2.0, x_3=-2.0, weight_scale=1.5)
    figure = lab.figure
    renderer, height = figure.canvas.get_renderer(), figure.figure.bbox.height
    for panel in ("unrolled", "sum"):
        ax = figure.axes[panel]
        moving = [artist for artist in figure.views[panel].draw(ax) if hasattr(artist, "get_text")]
        texts = [text for text in ax.texts if text.get_text()]
        boxes = [text.get_window_extent(renderer) for text in texts]
        left, bottom, right, top = (2 * edge for edge in TILES[panel])
        assert all(left <= b.x0 and b.x1 <= right and bottom <= b.y0 and b.y1 <= top <= height for b in boxes)
        overlap = [
            (one.get_text(), two.get_text())
            for (one, a), (two, b) in itertools.combinations(zip(texts, boxes), 2)
            if a.x0 < b.x1 and b.x0 < a.x1 and a.y0 < b.y1 and b.y0 < a.y1
        ]
        assert overlap == []
        assert moving


def test_each_network_has_its_line_of_counts_and_its_name():
    seen = []
    counts = {"flat": np.full(5, 7), "rising": np.arange(5)}
    Still(lambda ax: (network.draw_parameters(ax, counts), seen.append(ax)), alt="two lines")
    (ax,) = seen
    for line, words, (name, count) in zip(ax.lines, ax.texts, counts.items()):
        np.testing.assert_array_equal(line.get_ydata(), count)
        assert words.get_text() == name
        assert words.get_color() == line.get_color()
    assert len({line.get_linestyle() for line in ax.lines}) == 2
