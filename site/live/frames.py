"""Labs that move on a page before any Python has come: all that they show is computed here, by the labs themselves.

For each lab of ``LABS``, ``write`` leaves these files:

    <lab>.bin                     the numbers of every curve
    <lab>.json                    pictures: a frame, and the strokes over it; looks and shapes of strokes
    <lab>-<language>.json         what is said at each place of the controls, and which pictures are shown
    <lab>-<language>.png          the frames, one below the other
    <lab>-<language>-<panel>.png  the panel as the lab opens
"""

import hashlib
import html
import importlib
import io
import itertools
import json
import os
import pickle
import shutil
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import astuple, replace
from functools import cache, lru_cache, partial
from pathlib import Path
from typing import Any, NamedTuple
from unittest import mock

import ipywidgets
import matplotlib as mpl
import numpy as np
from PIL import Image
from recorder import Recorder, Stroke
from threadpoolctl import threadpool_info

from rnnlib import widgets
from rnnlib.labs.lab import Lab
from rnnlib.labs.live import LiveFigure, View
from rnnlib.labs.threads import one_thread
from rnnlib.locale import languages, speaking
from rnnlib.plots.axes import Axes
from rnnlib.plots.still import PIXEL_RATIO
from rnnlib.plots.style import palette, style
from rnnlib.validation import Array

LABS = {  # and what moves of each, the last fastest
    "gradient": ("gradient_lab", ("recurrent_init", "activation", "weight_scale")),
    "backward": ("broken_backward", ("recurrent_init", "batch", "steps", "bug")),
}
HERE = Path(__file__).parent
PACKAGE, KEPT = HERE.parents[1] / "rnnlib", HERE.parents[1] / "build" / "live"
DRAWN = (HERE / "frames.py", HERE / "recorder.py")
PARTS, BEFORE = 32, 256  # a number is a 32nd of a dot, counted from 256 dots before the panel's upper left corner


class Table(dict[Any, int]):
    """Things, by the number that stands for them: equal things have one."""

    def number(self, thing: Any) -> int:
        """Its number: the next one if it is new."""
        return self.setdefault(thing, len(self))


class Frame(NamedTuple):
    """What stays of a panel: its number, its picture by language, and the axes that what moves is drawn into."""

    number: int
    pictures: dict[str, Image.Image]
    axes: Axes
    recorder: Recorder


class Film:
    """All that a lab shows and says at every place of the controls that move on a page, in every language.

    Args:
        key: of the lab, in LABS.

    Attributes:
        key: of the lab.
        labs: the lab, by language.
        controls: of the lab, those that move.
        said: sentences, remarks and rulers as HTML, by language.
        states: what there is at each place of the controls, by language: the numbers of sentence, remark and ruler in
            ``said``, and a picture for each panel.
    """

    def __init__(self, key: str) -> None:
        self.key = key
        self.name, moving = LABS[key]
        self.labs = self._opened()
        self._lab = next(iter(self.labs.values()))
        self.controls = {name: self._lab.controls[name] for name in moving}
        self.said = {language: Table() for language in self.labs}
        self.states: dict[str, list[list[int]]] = {language: [] for language in self.labs}
        self._frames: dict[tuple[Any, ...], Frame] = {}
        self._drawn: dict[tuple[str, int, bytes], int] = {}  # pictures by language, frame and data
        self._columns, self._looks, self._shapes, self._strokes, self._pictures = (Table() for _ in range(5))
        compute = importlib.import_module(f"rnnlib.labs.{self.name}.compute")
        with mock.patch.object(compute, "run", lru_cache(maxsize=1)(compute.run)):  # once for all languages
            for places in itertools.product(*map(stops, self.controls.values())):
                self._take(dict(zip(self.controls, places)))

    def _opened(self, **settings: Any) -> dict[str, Lab]:
        """A lab in each language."""
        labs = {}
        for language in languages():
            with speaking(language):
                labs[language] = getattr(widgets, self.name)(**settings)
        return labs

    def _take(self, places: dict[str, Any]) -> None:
        """Keep what is shown and said where the controls have these values."""
        for language, lab in self.labs.items():
            with one_thread, speaking(language), style():
                lab._set(places)
                views = lab._show()
                said = *(html.escape(words, quote=False) for words in (lab.summary, lab.remark)), lab._ruler()
                pictures = [self._picture(panel, views[panel], language) for panel in lab.figure.tiles]
            self.states[language].append([*map(self.said[language].number, said), *pictures])

    def _picture(self, panel: str, view: View, language: str) -> int:
        frame = self._frame(panel, view)
        key = frame.number, pickle.dumps(view.moving)
        for known in (("", *key), (language, *key)):  # what is without words is the same in every language
            if known in self._drawn:
                return self._drawn[known]
        frame.recorder.clear()
        for artist in view.draw_moving(frame.axes):
            artist.draw(frame.recorder)
            artist.remove()
        strokes = (self._stroke(stroke, panel) for stroke in frame.recorder.strokes)
        picture = self._pictures.number((frame.number, *strokes))
        self._drawn[(language if frame.recorder.words else "", *key)] = picture
        return picture

    def _frame(self, panel: str, view: View) -> Frame:
        key = panel, view.frame
        if key not in self._frames:
            # The still picture of a figure that is new is that of its frames.
            figures = {language: lab.figure for language, lab in self._opened(**self._lab.settings).items()}
            pictures = {language: cut(figure.still.value, figure, panel) for language, figure in figures.items()}
            figure = next(iter(figures.values()))
            self._frames[key] = Frame(len(self._frames), pictures, figure.axes[panel], Recorder(figure.figure))
        return self._frames[key]

    def _stroke(self, stroke: Stroke, panel: str) -> int:
        left, _, _, top = (PIXEL_RATIO * edge for edge in self._lab.figure.tiles[panel])
        look, xs, ys, shape = stroke
        if look.clip:
            x0, y0, x1, y1 = look.clip
            look = replace(look, clip=(x0 - left, top - y1, x1 - x0, y1 - y0))
        columns = (self._columns.number(packed(each)) for each in (xs - left, top - ys))
        return self._strokes.number((self._looks.number(look), *columns, self._shapes.number(shape)))

    def write(self, folder: Path) -> None:
        """Write all of it into this folder."""
        frames = list(self._frames.values())
        heights = [frame.pictures[self._lab.language].height for frame in frames]
        tables = {"pictures": self._pictures, "strokes": self._strokes, "shapes": self._shapes}
        (folder / f"{self.key}.bin").write_bytes(differences(self._columns))
        data = {name: list(table) for name, table in tables.items()} | {
            "looks": [astuple(look) for look in self._looks],
            "lengths": [len(column) // 2 for column in self._columns],
            "tops": [0, *itertools.accumulate(heights)],
        }
        self._write_json(folder / f"{self.key}.json", data)
        for language, lab in self.labs.items():
            written = {name: values(lab.controls[name]) for name in self.controls}
            known = {"values": written, "said": list(self.said[language]), "states": self.states[language]}
            stem = f"{self.key}-{language}"
            self._write_json(folder / f"{stem}.json", known)
            sheet([frame.pictures[language] for frame in frames]).save(folder / f"{stem}.png", optimize=True)
            lab.reset()
            for panel in lab.figure.tiles:
                opened = cut(lab.figure.png(), lab.figure, panel)
                opened.save(folder / f"{stem}-{panel}.png", optimize=True)

    def _write_json(self, path: Path, data: Any) -> None:
        path.write_text(json.dumps(data, ensure_ascii=False, separators=(",", ":")), encoding="utf-8")


def stops(control: Any) -> list[Any]:
    """Every value that the control can have, in its order."""
    if hasattr(control, "options"):
        return [value for _, value in control.options]
    count = round((control.max - control.min) / control.step) + 1
    places = [control.min + control.step * place for place in range(count)]
    return [control.base**place for place in places] if isinstance(control, ipywidgets.FloatLogSlider) else places


def values(control: Any) -> list[list[Any]]:
    """Every value, and how the control writes it."""
    if hasattr(control, "options"):
        return [[value, word] for word, value in control.options]
    return [[value, format(value, f"#{control.readout_format}")] for value in stops(control)]


def cut(png: bytes, figure: LiveFigure, panel: str) -> Image.Image:
    """The panel's part of a picture of the figure."""
    (x0, y0, x1, y1), (_, height) = figure.tiles[panel], figure.size
    left, upper, right, lower = (PIXEL_RATIO * edge for edge in (x0, height - y1, x1, height - y0))
    return Image.open(io.BytesIO(png)).crop((left, upper, right, lower))


def sheet(pictures: Sequence[Image.Image]) -> Image.Image:
    """One picture of all, below each other, in their palette."""
    size = max(picture.width for picture in pictures), sum(picture.height for picture in pictures)
    made, top = Image.new("P", size), 0
    made.putpalette(palette())
    for picture in pictures:
        made.paste(picture, (0, top))
        top += picture.height
    return made


def packed(dots: Array) -> bytes:
    """Dots from the panel's upper left corner as whole numbers of two bytes.

    Raises:
        ValueError: one is so far outside that two bytes are too few.
    """
    numbers = np.round((dots + BEFORE) * PARTS)
    if numbers.min() < 0 or numbers.max() > np.iinfo(np.uint16).max:
        raise ValueError(f"dots: expected {-BEFORE} to {2**16 // PARTS - BEFORE}, got {dots.min()} to {dots.max()}")
    return numbers.astype("<u2").tobytes()


def differences(columns: Iterable[bytes]) -> bytes:
    """The columns, each number less the one before it: all lower bytes, then all upper ones. So they pack well."""
    steps = [np.diff(np.frombuffer(column, "<u2"), prepend=np.uint16(0)) for column in columns]
    return np.concatenate(steps).view(np.uint8).reshape(-1, 2).T.tobytes()


def made() -> Path:
    """The folder with all that every lab shows and says; it is kept, because making it takes a minute."""
    folder = KEPT / _digest()
    if not folder.exists():
        for older in KEPT.glob("[0-9a-f]*"):
            shutil.rmtree(older)
        unfinished = KEPT / f"unfinished-{os.getpid()}"
        unfinished.mkdir(parents=True)
        with ProcessPoolExecutor() as pool:
            list(pool.map(partial(_make, unfinished), LABS))
        unfinished.rename(folder)
    return folder


def write(folder: Path) -> None:
    """Write what every lab shows and says into this folder."""
    shutil.copytree(made(), folder, dirs_exist_ok=True)


def _make(folder: Path, key: str) -> None:
    Film(key).write(folder)


@cache
def _digest() -> str:
    """What all of it depends on: our sources, the versions of others, and how this processor rounds."""
    ours = sorted(path for kind in ("*.py", "*.toml", "*.csv") for path in PACKAGE.rglob(kind))
    kernels = sorted(str(library.get("architecture")) for library in threadpool_info())
    parts = [np.__version__, mpl.__version__, *kernels, *(path.read_text(encoding="utf-8") for path in (*ours, *DRAWN))]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()[:16]
