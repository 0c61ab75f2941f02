"""A cell that runs again closes the boxes that it made before: they left the page, and would fill the memory."""

from typing import Any
from weakref import WeakSet

import ipywidgets
from IPython import get_ipython

from rnnlib import locale

_made: dict[str, tuple[str, "WeakSet[Box]"]] = {}  # by cell: the run of it, and what it made then


class Box(ipywidgets.VBox):
    """Widgets below each other; when the cell that made them runs again, they are closed and freed.

    JupyterLab and its relatives say which cell runs; where nobody says it, ``close`` is left to the reader.

    Attributes:
        language: that which was chosen when it was made. It is kept, so that no box mixes two.
    """

    def __init__(self, children: list[ipywidgets.Widget]) -> None:
        super().__init__(children)
        self.language = locale.language()
        asked: dict[str, Any] = getattr(get_ipython(), "parent_header", {})
        cell, run = asked.get("metadata", {}).get("cellId"), asked.get("header", {}).get("msg_id")
        if not cell:
            return
        run_before, boxes = _made.get(cell, (run, WeakSet()))
        if run_before != run:
            for box in list(boxes):
                box.close()
            boxes = WeakSet()
        boxes.add(self)
        _made[cell] = run, boxes

    _ipython_display_ = None  # by this ipywidgets 7 shows itself, and asks for no picture

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        view = {"version_major": 2, "version_minor": 0, "model_id": self.model_id}
        return {"application/vnd.jupyter.widget-view+json": view}, {}

    def close(self) -> None:
        """Take it out of the page and free what it holds."""
        for widget in _inside(self)[1:]:
            widget.close()
        super().close()
        self.children = ()  # Out[…] of the notebook may keep the box, but not what was in it


def _inside(widget: Any) -> list[Any]:
    """The widget and what it is made of: children, layouts, styles."""
    parts = [*getattr(widget, "children", ()), *(getattr(widget, name, None) for name in ("layout", "style"))]
    return [widget, *(each for part in parts if part is not None for each in _inside(part))]
