"""The pictures of the BPTT lab: what a walk back has counted, and that a picture leaves nothing behind."""

import numpy as np
import pytest
from matplotlib.figure import Figure

from rnnlib.plots import bptt

ROW = [np.nan, 1.0, 2.0, 4.0]
ROWS = {name: np.array([ROW, ROW]) for name in bptt.ROWS}


@pytest.mark.parametrize(
    ("reached", "cut", "counted"), [(3, 0, 0.0), (2, 0, 4.0), (1, 0, 6.0), (0, 0, 7.0), (0, 1, 6.0), (2, 1, 4.0)]
)
def test_a_share_counts_once_it_is_reached_and_not_cut(reached, cut, counted):
    data = bptt.Backprop(np.zeros(4), np.ones(4), ROWS, (7.0, 7.0), reached, cut)
    assert data.counted_sum == counted
    assert data.counted.sum() == 3 - max(reached, cut)


def test_what_moves_can_be_taken_away_again():
    data = bptt.Backprop(np.zeros(4), np.ones(4), ROWS, (7.0, 7.0), reached=0, cut=1)
    for frame, draw in [
        (lambda ax: bptt.frame_unrolled(ax, 3), bptt.draw_unrolled),
        (lambda ax: bptt.frame_shares(ax, 3, (-1.0, 10.0)), bptt.draw_shares),
    ]:
        ax = Figure().add_subplot()
        frame(ax)
        before = len(ax.get_children())
        for artist in draw(ax, data):
            artist.remove()
        assert len(ax.get_children()) == before


def test_errors_are_drawn_as_they_come():
    ax, x = Figure().add_subplot(), np.array([1.0, 2.0])
    bptt.draw_errors(ax, x, {"one": np.array([1e-3, 1e-6]), "other": np.array([1.0, 2.0])}, "eps", "log")
    assert [(line.get_label(), *line.get_ydata()) for line in ax.lines] == [("one", 1e-3, 1e-6), ("other", 1.0, 2.0)]
    assert (ax.get_xscale(), ax.get_yscale()) == ("log", "log")
    assert len({line.get_linestyle() for line in ax.lines}) == 2
