"""A figure that is fast enough to move: what stays is drawn once and kept, what moves is drawn over it."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Callable, Collection, Hashable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import ipywidgets
import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from numpy.typing import NDArray
from traitlets import Unicode

from rnnlib.plots.style import palette, style

CSS_DPI = 100
PIXEL_RATIO = 2  # dots a CSS pixel: sharp on a high-resolution screen
MARGINS = {"left": 68, "right": 14, "bottom": 42, "top": 44}  # CSS pixels around the axes for their words

Tile = tuple[int, int, int, int]


@dataclass(frozen=True)
class View:
    """What one panel is to show.

    Attributes:
        key: what the frame depends on; while it stays the same, the frame is not drawn again.
        frame: draws what stays into the axes.
        draw: draws what moves into the axes and returns it.
    """

    key: Hashable
    frame: Callable[[Axes], None]
    draw: Callable[[Axes], Sequence[Artist]]


class Picture(ipywidgets.Image):
    """An image that can carry a tooltip: in the browser that asks for a description, and Image has none."""

    description = Unicode("").tag(sync=True)


class LiveFigure:
    """A persistent matplotlib figure behind an ``ipywidgets.Image``.

    Args:
        size: (width, height) in CSS pixels.
        tiles: each panel's (left, bottom, right, top) in CSS pixels; its axes, words included, stay inside.
        bare: the panels that are drawings: their axes fill the tile and leave no room for ticks and titles.

    Attributes:
        image: the widget that shows the figure.
        axes: the axes by panel.
        views: what was shown last, by panel.
    """

    def __init__(self, size: tuple[int, int], tiles: Mapping[str, Tile], bare: Collection[str] = ()) -> None:
        self.size = width, height = size
        self.figure = Figure(figsize=(width / CSS_DPI, height / CSS_DPI), dpi=CSS_DPI * PIXEL_RATIO)
        self.canvas = FigureCanvasAgg(self.figure)  # not pyplot: no registry keeps the figure alive
        room = "calc(100% - 4px)"  # of the page, without the margins that every widget has
        layout = ipywidgets.Layout(width=f"{width}px", max_width=room, align_self="flex-start")
        self.image = Picture(format="png", layout=layout)
        self.tiles, self.bare = dict(tiles), frozenset(bare)
        self.axes: dict[str, Axes] = {}
        self.views: dict[str, View] = {}
        self._pixels()[:] = 255
        self._keep()
        # A row of the file begins with a 0, which says that no filter is used.
        self._rows = np.zeros((PIXEL_RATIO * height, 1 + PIXEL_RATIO * width // 2), np.uint8)

    def show(self, views: Mapping[str, View]) -> None:
        """Draw the frames that changed and everything that moves, and send the picture."""
        with style():
            self.canvas.restore_region(self._background)
            changed = [name for name in views if name not in self.views or views[name].key != self.views[name].key]
            for name in changed:
                self.views.pop(name, None)  # so that a frame that fails is drawn again next time
                self._draw_frame(name, views[name])
            if changed:
                self._keep()
            for name, view in views.items():
                self._draw_moving(self.axes[name], view)
                self.views[name] = view
        self.image.value = self.png()

    def png(self) -> bytes:
        """The picture as it is, in the palette of ``plots.style``."""
        pairs = self._pairs()
        moved = np.flatnonzero(pairs != self._still)
        self._rows[:, 1:] = self._still_rows
        self._rows[:, 1:].flat[moved] = _packed(pairs[moved])
        # Written by hand, two pixels a byte: far quicker than Pillow, and smaller.
        header = struct.pack(">IIBBBBB", *self.canvas.get_width_height(), 4, 3, 0, 0, 0)
        data = zlib.compress(self._rows.tobytes(), 4)
        parts = {b"IHDR": header, b"PLTE": bytes(palette()), b"IDAT": data, b"IEND": b""}
        return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, data) for name, data in parts.items())

    def _keep(self) -> None:
        """Keep what is drawn as what stays."""
        self._background = self.canvas.copy_from_bbox(self.figure.bbox)
        self._still = self._pairs().copy()
        self._still_rows = _packed(self._still).reshape(self.canvas.get_width_height()[1], -1)

    def _pixels(self) -> NDArray[np.uint8]:
        return np.asarray(self.canvas.get_renderer().buffer_rgba())

    def _pairs(self) -> NDArray[np.uint64]:
        """Two neighbouring pixels a number."""
        return self._pixels().ravel().view("<u8")

    def _draw_frame(self, name: str, view: View) -> None:
        if name in self.axes:
            self.axes.pop(name).remove()
        (x0, y0, x1, y1), rows = self.tiles[name], PIXEL_RATIO * self.size[1]
        self._pixels()[rows - PIXEL_RATIO * y1 : rows - PIXEL_RATIO * y0, PIXEL_RATIO * x0 : PIXEL_RATIO * x1] = 255
        if name not in self.bare:
            x0, y0, x1, y1 = x0 + MARGINS["left"], y0 + MARGINS["bottom"], x1 - MARGINS["right"], y1 - MARGINS["top"]
        width, height = self.size
        ax = self.axes[name] = self.figure.add_axes((x0 / width, y0 / height, (x1 - x0) / width, (y1 - y0) / height))
        view.frame(ax)
        ax.draw(self.canvas.get_renderer())

    def _draw_moving(self, ax: Axes, view: View) -> None:
        moving = view.draw(ax)
        try:
            for artist in moving:
                ax.draw_artist(artist)
        finally:
            for artist in moving:
                artist.remove()


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def _packed(pairs: NDArray[np.uint64]) -> NDArray[np.uint8]:
    """Two numbers of the palette a byte, from two pixels a number; each colour becomes the nearest of the palette."""
    r, g, b = (pairs.view("<u4") >> np.uint32(8 * channel + 3) & np.uint32(31) for channel in range(3))
    left, right = _nearest()[r << 10 | g << 5 | b].reshape(-1, 2).T
    return left << 4 | right


@cache
def _nearest() -> NDArray[np.uint8]:
    """The number of the nearest colour in the palette, for 32 levels of red, green and blue each."""
    levels = np.arange(32) * 255 / 31
    colours = np.stack(np.meshgrid(levels, levels, levels, indexing="ij"), axis=-1).reshape(-1, 1, 3)
    return np.argmin(((colours - np.reshape(palette(), (-1, 3))) ** 2).sum(axis=-1), axis=1).astype(np.uint8)
