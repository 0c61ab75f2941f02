"""The pictures of the broken backward pass leave nothing behind, and show an error of exactly zero."""

import pytest
from matplotlib.figure import Figure

from rnnlib.plots import broken


@pytest.mark.parametrize(
    ("frame", "draw"),
    [
        (lambda ax: broken.frame_code(ax, "for …:"), lambda ax: broken.draw_code(ax, [("a", False), ("b", True)])),
        (lambda ax: broken.frame_checks(ax, ["b_h"]), lambda ax: broken.draw_checks(ax, [{"b_h": 0.0}, {"b_h": 0.5}])),
    ],
)
def test_what_moves_can_be_taken_away_again(frame, draw):
    ax = Figure().add_subplot()
    frame(ax)
    before = len(ax.get_children())
    moving = draw(ax)
    assert len(ax.get_children()) == before + len(moving)
    for artist in moving:
        artist.remove()
    assert len(ax.get_children()) == before


def test_marks_stand_at_their_errors_and_zero_at_the_edge():
    ax = Figure().add_subplot()
    broken.frame_checks(ax, ["b_h"])
    moving = broken.draw_checks(ax, [{"b_h": 0.0}, {"b_h": 0.5}])
    assert [float(mark.get_xdata()[0]) for mark in moving[::2]] == [broken.SMALLEST, 0.5]
    assert [words.get_text() for words in moving[1::2]] == ["✓ passes", "✗ 0.5"]
