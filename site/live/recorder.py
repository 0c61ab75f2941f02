"""Keeps what matplotlib draws as strokes that a page can draw again, in its own dots and looks."""

import re
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

import matplotlib as mpl
import numpy as np
from matplotlib.backend_bases import GraphicsContextBase, RendererBase
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.path import Path
from matplotlib.textpath import text_to_path
from matplotlib.transforms import Affine2D, Transform

from rnnlib.validation import Array

LETTERS = {Path.MOVETO: "M", Path.LINETO: "L", Path.CURVE3: "Q", Path.CURVE4: "C", Path.CLOSEPOLY: "Z"}


@dataclass(frozen=True)
class Look:
    """How a stroke is drawn; lengths in dots.

    Attributes:
        fill: colour of what is inside, as #rrggbbaa, or nothing.
        line: colour of the line, or nothing.
        width: of the line.
        dashes: lengths of what is drawn and what is left out, in turn.
        cap: how the line ends, as canvas names it.
        join: how it turns.
        clip: (left, bottom, right, top) that nothing is drawn outside of, or nothing.
    """

    fill: str
    line: str
    width: float
    dashes: tuple[float, ...]
    cap: str
    join: str
    clip: tuple[float, ...]


class Stroke(NamedTuple):
    """A line through the points (n,), or a shape that is stamped at each of them; dots from the lower left corner.

    The shape is an SVG path whose y runs down, or nothing.
    """

    look: Look
    xs: Array
    ys: Array
    shape: str


class Recorder(RendererBase):
    """A renderer that draws nothing: an artist's ``draw(recorder)`` leaves its strokes here.

    Args:
        figure: whose artists will be drawn; it has an Agg canvas, by which words are measured.

    Attributes:
        strokes: what was drawn, in order.
        words: whether words were, and not digits alone.
    """

    def __init__(self, figure: Figure) -> None:
        super().__init__()
        self._agg = figure.canvas.get_renderer()  # type: ignore[attr-defined]
        self.clear()

    def clear(self) -> None:
        """Forget what was drawn."""
        self.strokes: list[Stroke] = []
        self.words = False

    def draw_path(self, gc: GraphicsContextBase, path: Path, transform: Transform, rgbFace: Any = None) -> None:
        """A line or an area is kept as the points that it goes through; upright and level ones on dots, as Agg."""
        look, height = self._look(gc, rgbFace), self.get_canvas_width_height()[1]
        down = transform + Affine2D().scale(1, -1).translate(0, height)  # as Agg counts
        snapped = path.cleaned(down, snap=gc.get_snap(), stroke_width=look.width if look.line else 0)
        for points in snapped.to_polygons(closed_only=False):
            xs, ys = np.transpose(points)
            self.strokes.append(Stroke(look, xs, height - ys, ""))

    def draw_markers(
        self,
        gc: GraphicsContextBase,
        marker_path: Path,
        marker_trans: Transform,
        path: Path,
        trans: Transform,
        rgbFace: Any = None,
    ) -> None:
        """The marker is a shape, stamped at each point."""
        xs, ys = np.transpose(path.transformed(trans).vertices)
        self.strokes.append(Stroke(self._look(gc, rgbFace), xs, ys, _svg(marker_path.transformed(marker_trans))))

    def draw_text(
        self,
        gc: GraphicsContextBase,
        x: float,
        y: float,
        s: str,
        prop: FontProperties,
        angle: float,
        ismath: Any = False,
        mtext: Any = None,
    ) -> None:
        """Each letter is a shape: a reader's machine may lack the font."""
        self.words |= re.search(r"[^\W\d_]{2}", s) is not None
        look = replace(self._look(gc, gc.get_rgb()), line="")
        size = self.points_to_pixels(prop.get_size_in_points()) / text_to_path.FONT_SCALE
        letters, outlines, _ = text_to_path.get_glyphs_with_font(text_to_path._get_font(prop), s)  # type: ignore[attr-defined]
        for name, right, up, scale in letters:
            if shape := _outline(name, size * scale, outlines[name]):  # a space has none
                self.strokes.append(Stroke(look, np.array([x + size * right]), np.array([y + size * up]), shape))

    def get_text_width_height_descent(self, s: str, prop: FontProperties, ismath: Any) -> tuple[float, float, float]:
        """As the picture has them."""
        return self._agg.get_text_width_height_descent(s, prop, ismath)

    def get_canvas_width_height(self) -> tuple[float, float]:
        """As the picture has them."""
        return self._agg.get_canvas_width_height()

    def points_to_pixels(self, points: Any) -> Any:
        """As the picture has them."""
        return self._agg.points_to_pixels(points)

    def flipy(self) -> bool:
        """The height of words counts from below, as that of all else does."""
        return False

    def _look(self, gc: GraphicsContextBase, face: Any) -> Look:
        width = float(self.points_to_pixels(gc.get_linewidth()))
        alpha = gc.get_alpha() if gc.get_forced_alpha() else None
        _, dashes = gc.get_dashes()
        clip = gc.get_clip_rectangle()
        return Look(
            "" if face is None else mpl.colors.to_hex(mpl.colors.to_rgba(face, alpha), keep_alpha=True),
            mpl.colors.to_hex(gc.get_rgb(), keep_alpha=True) if width else "",
            round(width, 3),
            tuple(round(float(self.points_to_pixels(length)), 3) for length in np.ravel(dashes or ())),
            {"projecting": "square"}.get(gc.get_capstyle(), gc.get_capstyle()),
            gc.get_joinstyle(),
            () if clip is None else tuple(round(float(edge), 3) for edge in (clip.x0, clip.y0, clip.x1, clip.y1)),
        )


_known: dict[tuple[str, float], str] = {}


def _outline(name: str, size: float, outline: tuple[Array, Array]) -> str:
    if (name, size) not in _known:
        _known[name, size] = _svg(Path(*outline).transformed(Affine2D().scale(size)))
    return _known[name, size]


def _svg(path: Path) -> str:
    """The path as SVG writes it, y running down."""
    parts = []
    for points, code in path.iter_segments(simplify=False):
        numbers = np.reshape(points, (-1, 2)) * (1, -1) if code != Path.CLOSEPOLY else np.empty(0)
        parts.append(LETTERS[code] + " ".join(f"{number:.2f}".rstrip("0").rstrip(".") for number in numbers.flat))
    return "".join(parts)
