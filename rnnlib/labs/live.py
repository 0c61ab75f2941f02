"""A figure that is fast enough to move: what stays is drawn and sent once, what moves is laid over it."""

import struct
import zlib
from base64 import b64encode
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache, partial
from typing import Any
from weakref import proxy

import ipywidgets
import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from numpy.typing import NDArray

from rnnlib.plots.axes import keep_within
from rnnlib.plots.still import CSS_DPI, PIXEL_RATIO
from rnnlib.plots.style import palette, style

MARGINS = {"left": 68, "right": 14, "bottom": 42, "top": 44}  # CSS pixels around the axes for their words

Tile = tuple[int, int, int, int]
Moving = tuple[NDArray[np.int32], NDArray[np.uint16], list[int]]  # places of what moves, the colours there, its box
WHITE = 0xFFFFFFFF_FFFFFFFF  # two dots
NOWHERE = int(np.iinfo(np.intp).max)
ENOUGH = 45_000  # characters of what moves: with the words, less than 60 kB go over the wire


@dataclass(frozen=True, eq=False)
class View:
    """What one panel is to show. The figure knows the last four of each panel, and does not draw them again.

    Attributes:
        frame: what stays: a function that draws it into the axes, and what it takes after them. While these are equal
            to those before, it is not drawn again.
        moving: what moves: a function that draws it into the axes and returns it, and what it takes after them.
    """

    frame: tuple[Any, ...]
    moving: tuple[Any, ...]

    def draw_frame(self, ax: Axes) -> None:
        """Draw what stays."""
        self.frame[0](ax, *self.frame[1:])

    def draw_moving(self, ax: Axes) -> Sequence[Artist]:
        """Draw what moves, and say what it is."""
        return self.moving[0](ax, *self.moving[1:])


class LiveFigure:
    """A persistent matplotlib figure in the page: a picture of what stays, and over it small ones of what moves.

    Args:
        size: (width, height) in CSS pixels.
        tiles: each panel's (left, bottom, right, top) in CSS pixels; its axes, words included, stay inside.
        bare: the panels that are drawings: their axes fill the tile and leave no room for ticks and titles.
        dragged: the panel whose horizontal axis is the main control's, if there is one: dragging there moves it too.
        told_by: the id of the element in the page that says in words what the figure shows.

    Attributes:
        box: the widget that shows the figure.
        still: in it, the picture of what stays.
        moving: in it, what moves, as data in its text: a picture that the browser has to fetch comes a frame later.
            There are two of them, one over the other. The lower one is sent next, and so becomes the upper one: until
            the browser has decoded it, what moved before is seen, and not a figure without its curve.
        axes: the axes by panel.
        views: what was shown last, by panel.
    """

    def __init__(
        self,
        size: tuple[int, int],
        tiles: Mapping[str, Tile],
        bare: Collection[str] = (),
        dragged: str = "",
        *,
        told_by: str = "",
    ) -> None:
        self.size = width, height = size
        self.tiles, self.bare = dict(tiles), frozenset(bare)
        self.figure = Figure(figsize=(width / CSS_DPI, height / CSS_DPI), dpi=CSS_DPI * PIXEL_RATIO)
        self.canvas = FigureCanvasAgg(self.figure)  # not pyplot: no registry keeps the figure alive
        self.box = self._box(dragged, told_by)
        self.axes: dict[str, Axes] = {}
        self.views: dict[str, View] = {}
        # Four bytes a dot, red, green, blue and opacity; the two of a CSS pixel as one number compare quicker.
        self._pairs = np.asarray(self.canvas.get_renderer().buffer_rgba()).reshape(-1).view("<u8")
        self._pairs[:] = WHITE
        self._drawn = lru_cache(maxsize=4 * len(tiles))(partial(LiveFigure._draw_moving, proxy(self)))
        self._sendings, self._sent = 0, self._pairs.copy()
        self._covered = self._renewed = np.array(NOWHERE)
        self._keep()

    def _box(self, dragged: str, told_by: str) -> ipywidgets.Box:
        self.still = ipywidgets.Image(format="png", layout=ipywidgets.Layout(width="100%", margin="0"))
        self.moving, self._lower = ipywidgets.HTML(), ipywidgets.HTML()
        named = ipywidgets.HTML(f'<div role="img" aria-labelledby="{told_by}"></div>')
        parts = [self.still, self.moving, self._lower, named]
        if dragged:
            place = "left:{:.4%};bottom:{:.4%};width:{:.4%};height:{:.4%}".format(*self._place(dragged))
            parts.append(ipywidgets.HTML(f'<div class="rnnlib-drag" style="{place}"></div>'))
        width, room = f"{self.size[0]}px", "calc(100% - 4px)"  # of the page, without the margins of every widget
        layout = ipywidgets.Layout(width=width, max_width=room, align_self="flex-start", margin="2px")
        return ipywidgets.Box(parts, layout=layout).add_class("rnnlib-figure")

    def show(self, views: Mapping[str, View]) -> None:
        """Draw the frames that changed and everything that moves, and send it."""
        with style():
            changed = [name for name in views if name not in self.views or views[name].frame != self.views[name].frame]
            for name in changed:
                self.views.pop(name, None)  # so that a frame that fails is drawn again next time
                self._draw_frame(name, views[name])
            if changed:
                self._keep()
            drawn = [self._drawn(name, views[name]) for name in self.tiles]
        self.views = dict(views)
        self._send(drawn)

    def draw_ahead(self, views: Mapping[str, View]) -> None:
        """Draw what moves, for a later ``show``, and send nothing; a panel that will have another frame is left out."""
        with style():
            for name, view in views.items():
                if name in self.views and self.views[name].frame == view.frame:
                    self._drawn(name, view)

    def _send(self, drawn: Sequence[Moving]) -> None:
        """Send what moves, and what stays where that is new."""
        self._numbers = self._still_numbers.copy()
        for places, numbers, _ in drawn:
            self._numbers.reshape(-1).view("<u2")[places] = numbers
        moving = np.array([box for _, _, box in drawn])
        moved = np.minimum(moving, self._renewed)
        pieces, self._covered = "".join(self._cut(np.minimum(moved, self._covered))), moved
        self._sendings += 1
        self.moving, self._lower = self._lower, self.moving
        self.moving.value = f'<div class="rnnlib-moving" style="z-index:{self._sendings}">{pieces}</div>'
        # New frames are among the pieces, until these grow large: then they are sent themselves.
        if self._still is not self._sent and (not self.still.value or len(pieces) > ENOUGH):
            self._sent, self._covered, self._renewed = self._still, moving, np.array(NOWHERE)
            self.still.value = _png(self._still_numbers)

    def png(self) -> bytes:
        """The whole picture as it was shown last, in the palette of ``plots.style``."""
        return _png(self._numbers)

    def _unlike(self, name: str, other: NDArray[np.uint64]) -> tuple[NDArray[np.int32], list[int]]:
        """The places of a panel where what is drawn is not as in ``other``, and the box that holds them.

        A box is left, top, −right, −bottom, in CSS pixels: the smaller numbers of two are of the box that holds both.
        """
        x0, _, x1, y1 = self.tiles[name]
        unlike = np.flatnonzero(self._part(self._pairs, name) != self._part(other, name))
        rows, columns = unlike // (x1 - x0) + PIXEL_RATIO * (self.size[1] - y1), unlike % (x1 - x0) + x0
        corners = np.stack([columns, rows // PIXEL_RATIO])
        box = [*corners.min(axis=1, initial=NOWHERE), *-corners.max(axis=1, initial=-NOWHERE)]
        return (self.size[0] * rows + columns).astype(np.int32), box

    def _cut(self, boxes: NDArray[np.intp]) -> Iterator[str]:
        """For each panel the picture of its box, at its place."""
        width, height = self.size
        for (x0, y0, x1, y1), (left, top, right, bottom) in zip(self.tiles.values(), boxes.tolist()):
            if left < NOWHERE:
                # A little more on each side: on a narrow page edges fall between dots, and what is below shows.
                top, bottom = max(top - 2, height - y1), min(3 - bottom, height - y0)
                left, right = max(left - 2, x0), min(3 - right, x1)
                dots = (slice(PIXEL_RATIO * a, PIXEL_RATIO * b) for a, b in ((top, bottom), (left, right)))
                data = b64encode(_png(self._numbers[*dots])).decode()
                shares = left / width, top / height, (right - left) / width, (bottom - top) / height
                place = "left:{:.6%};top:{:.6%};width:{:.6%};height:{:.6%}".format(*shares)
                yield f'<img alt="" style="{place}" src="data:image/png;base64,{data}">'

    def _keep(self) -> None:
        """Keep what is drawn as what stays, and where that is not what was sent."""
        self._still = self._pairs.copy()
        self._renewed = np.array([self._unlike(name, self._sent)[1] for name in self.tiles])
        # A part at a time: all at once takes 50 MB on the way, most of which the process then keeps.
        parts = [_nearest(part) for part in np.array_split(self._still.view("<u4"), 32)]
        self._still_numbers = np.concatenate(parts).reshape(PIXEL_RATIO * self.size[1], -1)

    def _place(self, name: str) -> tuple[float, float, float, float]:
        """A panel's axes, (left, bottom, width, height), as shares of the figure."""
        (x0, y0, x1, y1), (width, height) = self.tiles[name], self.size
        if name not in self.bare:
            x0, y0, x1, y1 = x0 + MARGINS["left"], y0 + MARGINS["bottom"], x1 - MARGINS["right"], y1 - MARGINS["top"]
        return x0 / width, y0 / height, (x1 - x0) / width, (y1 - y0) / height

    def _part(self, pairs: NDArray[Any], name: str) -> NDArray[Any]:
        """Those in a panel's tile."""
        (x0, y0, x1, y1), (width, height) = self.tiles[name], self.size
        return pairs.reshape(-1, width)[PIXEL_RATIO * (height - y1) : PIXEL_RATIO * (height - y0), x0:x1]

    def _draw_frame(self, name: str, view: View) -> None:
        if name in self.axes:
            self.axes.pop(name).remove()
        self._part(self._pairs, name)[:] = WHITE
        ax = self.axes[name] = self.figure.add_axes(self._place(name))
        view.draw_frame(ax)
        keep_within(ax, *(PIXEL_RATIO * x for x in self.tiles[name][::2]))
        ax.draw(self.canvas.get_renderer())

    def _draw_moving(self, name: str, view: View) -> Moving:
        """Draw it, say where and in which colours, and take it off."""
        ax = self.axes[name]
        places: Any = slice(None)  # all of them, if drawing fails
        moving = view.draw_moving(ax)
        try:
            for artist in moving:
                ax.draw_artist(artist)
            places, box = self._unlike(name, self._still)
            return places, _nearest(self._pairs[places].view("<u4")).view("<u2"), box
        finally:
            for artist in moving:
                artist.remove()
            self._pairs[places] = self._still[places]


def _png(numbers: NDArray[np.uint8]) -> bytes:
    """A file from numbers of the palette (height, width)."""
    # Written by hand, far quicker than Pillow: a byte a pixel, which browsers decode faster than less; only runs are
    # packed; before each row stands a 0: it comes as it is.
    rows = np.hstack([np.zeros((len(numbers), 1), np.uint8), numbers])
    deflate = zlib.compressobj(level=1, memLevel=6, strategy=zlib.Z_RLE)
    header = struct.pack(">IIBBBBB", *numbers.shape[::-1], 8, 3, 0, 0, 0)
    data = deflate.compress(rows.data) + deflate.flush()
    parts = {b"IHDR": header, b"PLTE": bytes(palette()), b"IDAT": data, b"IEND": b""}
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(name, data) for name, data in parts.items())


def _chunk(name: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data))


def _nearest(pixels: NDArray[np.uint32]) -> NDArray[np.uint8]:
    """The number of the nearest colour in the palette."""
    r, g, b = (pixels >> np.uint32(8 * channel + 3) & np.uint32(31) for channel in range(3))
    return _table()[r << 10 | g << 5 | b]


@cache
def _table() -> NDArray[np.uint8]:
    """The number of the nearest colour in the palette, for 32 levels of red, green and blue each."""
    levels = np.arange(32) * 255 / 31
    colours = np.stack(np.meshgrid(levels, levels, levels, indexing="ij"), axis=-1).reshape(-1, 1, 3)
    return np.argmin(((colours - np.reshape(palette(), (-1, 3))) ** 2).sum(axis=-1), axis=1).astype(np.uint8)
