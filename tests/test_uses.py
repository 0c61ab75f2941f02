"""The drawing of what a network can be asked for: which outputs are read, and what is fed back."""

import pytest
from matplotlib.figure import Figure

from rnnlib import plots
from rnnlib.locale import text
from rnnlib.plots import uses


@pytest.fixture
def ax():
    ax = Figure(figsize=(8, 2.15)).add_subplot()
    plots.draw_uses(ax)
    return ax


def names(ax, panel):
    """The names of the nodes of a panel, by row, from left to right."""
    placed = [(*t.get_position(), t.get_text()) for t in ax.texts if t.get_text()]
    inside = sorted(each for each in placed if uses.WIDTH * panel < each[0] < uses.WIDTH * (panel + 1))
    return [[name for _, y, name in inside if y == row] for row in (uses.X, uses.H, uses.Y)]


def test_what_is_read_and_what_comes_in(ax):
    x, h, y = ([f"${name}_{t}$" for t in range(1, 5)] for name in "xhy")
    assert names(ax, 0) == [x, h, y[-1:]]
    assert names(ax, 1) == [x, h, y]
    assert names(ax, 2) == [[x[0], *y[:-1]], h, y]


def test_only_generation_feeds_back(ax):
    back = [line for line in ax.lines if line.get_color() == uses.FED_BACK["color"]]
    assert len(back) == 3
    for t, line in enumerate(back):
        assert all(line.get_xdata() > 2 * uses.WIDTH + 30 + uses.PITCH * t)
        assert line.get_ydata()[0] > uses.H > line.get_ydata()[1]


def test_each_kind_of_arrow_has_a_line_style_of_its_own():
    kinds = (uses.INPUT, uses.STATE, uses.OUTPUT, uses.FED_BACK)
    assert len({kind["linestyle"] for kind in kinds}) == len({kind["color"] for kind in kinds}) == 4


def test_every_panel_has_its_name(ax):
    said = {each.get_text() for each in ax.texts}
    for use in ("many_to_one", "many_to_many", "generation"):
        assert {text(f"uses.{use}"), text(f"uses.{use}_as")} <= said
