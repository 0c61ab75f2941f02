"""What tests of labs share."""

import pytest
from ipywidgets.widgets import widget as registry
from matplotlib.axes import Axes

from rnnlib.labs.lab import Lab


@pytest.fixture(autouse=True)
def _nothing_stays_open():
    """Close the labs that a test made: each takes 17 MB, and collecting garbage takes the longer the more there is."""
    widgets = registry._instances if hasattr(registry, "_instances") else registry.Widget.widgets  # ipywidgets 7
    before = set(widgets)
    yield
    made = [widgets[key] for key in widgets.keys() - before]
    for lab in [each for each in made if isinstance(each, Lab)]:
        lab.close()


@pytest.fixture
def drawn(monkeypatch):
    """By axes, what moved into the last picture: each artist and the room it took, in dots. All is drawn each time."""
    seen, draw_artist = {}, Axes.draw_artist

    def draw(ax, artist):
        seen.setdefault(ax, []).append((artist, artist.get_tightbbox(ax.figure.canvas.get_renderer())))
        draw_artist(ax, artist)

    monkeypatch.setattr(Axes, "draw_artist", draw)
    monkeypatch.setattr("rnnlib.labs.live.lru_cache", lambda maxsize: lambda draw: draw)
    return seen
