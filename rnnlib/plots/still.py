"""A picture that stays: drawn once, shown by any notebook, with a sentence for those who cannot see it."""

import base64
import html
import io
from collections.abc import Callable
from typing import Any

from matplotlib.figure import Figure

from rnnlib.plots.style import style

CSS_DPI, PIXEL_RATIO = 100, 2  # dots a CSS pixel: sharp on a high-resolution screen


class Still:
    """A figure with one pair of axes. As the last line of a cell it shows itself, without pyplot.

    Args:
        draw: draws into the axes, ``draw(ax, *data)``.
        data: what ``draw`` takes after the axes.
        alt: one sentence that says what the picture shows.
        size: (width, height) in CSS pixels.

    Attributes:
        png: the picture's bytes.
    """

    def __init__(self, draw: Callable[..., None], *data: Any, alt: str, size: tuple[int, int] = (640, 300)) -> None:
        self.alt, self.size = alt, size
        with style():
            inches = (size[0] / CSS_DPI, size[1] / CSS_DPI)
            figure = Figure(figsize=inches, dpi=CSS_DPI * PIXEL_RATIO, layout="constrained")
            draw(figure.add_subplot(), *data)
            file = io.BytesIO()
            figure.savefig(file, format="png", metadata={"Software": None})
        self.png = file.getvalue()

    def __repr__(self) -> str:
        return self.alt

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict[str, str], dict[str, Any]]:
        """The picture, and the sentence for readers that cannot show it."""
        return {"text/plain": self.alt, "text/html": picture(self.png, self.size[0], self.alt)}, {}


def picture(png: bytes, width: int, alt: str) -> str:
    """A picture as an element, because a notebook's own pictures can have no alternative text in an exported page."""
    data = base64.b64encode(png).decode()
    return f'<img width="{width}" alt="{html.escape(alt)}" src="data:image/png;base64,{data}">'
