"""The live figure: frames stay while what they take does, what moves leaves nothing behind, the picture is small."""

import gc
import io
import struct
import tracemalloc
import weakref

import numpy as np
import pytest
from matplotlib.text import Text
from page import PIECE, read, seen
from PIL import Image

from rnnlib.labs.live import LiveFigure, View
from rnnlib.plots.still import PIXEL_RATIO
from rnnlib.plots.style import BLUE, LIGHT, ORANGE, palette

TILES = {"left": (0, 0, 200, 150), "right": (200, 0, 400, 150)}


def figure():
    return LiveFigure((400, 150), TILES)


def view(key=0, at=0.5, frames=None, colour=ORANGE):
    """A frame titled by its key, and a thick line at a height; frames collects the keys of those drawn."""
    return View((draw_frame, key, Log(frames)), (draw_line, at, colour))


class Log(list):
    """A list that is equal to any other: no part of what a frame depends on."""

    def __init__(self, target):
        self.target = [] if target is None else target

    def __eq__(self, other):
        return True

    __hash__ = None


def draw_frame(ax, key, log):
    log.target.append(key)
    ax.set(xlim=(0, 1), ylim=(0, 1), title=f"frame {key}")


def draw_line(ax, at, colour):
    return ax.plot([0, 1], [at, at], color=colour, linewidth=6)


def draw_noise(ax, rng):
    return [ax.imshow(rng.random((300, 300)), extent=(0, 1, 0, 1))]


def show(live, left, right):
    live.show({"left": left, "right": right})


def at(live, panel, x, y):
    """The colour of the picture at data coordinates of a panel."""
    column, up = live.axes[panel].transData.transform((x, y))
    picture = seen(live)
    return tuple(int(channel) for channel in picture[round(len(picture) - up), round(column)])


def rgb(colour):
    return tuple(int(colour[i : i + 2], 16) for i in (1, 3, 5))


def test_the_picture_shows_what_was_drawn_at_two_dots_a_pixel():
    live = figure()
    show(live, view(at=0.25), view(at=0.75, colour=BLUE))
    assert seen(live).shape == (150 * PIXEL_RATIO, 400 * PIXEL_RATIO, 3)
    assert at(live, "left", 0.5, 0.25) == rgb(ORANGE)
    assert at(live, "right", 0.5, 0.75) == rgb(BLUE)
    assert at(live, "left", 0.5, 0.75) == at(live, "right", 0.5, 0.25) == (255, 255, 255)
    show(live, view(at=0.75), view(at=0.75, colour=BLUE))
    assert at(live, "left", 0.5, 0.75) == rgb(ORANGE)
    assert at(live, "left", 0.5, 0.25) == (255, 255, 255)


def test_every_colour_of_the_house_is_shown_as_it_is():
    for number, colour in enumerate(zip(*[iter(palette())] * 3)):
        live = figure()
        show(live, view(colour=[channel / 255 for channel in colour]), view())
        assert at(live, "left", 0.5, 0.5) == colour, number


def test_a_frame_is_drawn_again_only_when_what_it_takes_changes():
    live, frames = figure(), {"left": [], "right": []}

    for left, right in [(0, 0), (0, 0), (1, 0), (1, 0), (1, 2), (0, 2)]:
        show(live, view(left, 0.1, frames["left"]), view(right, 0.1, frames["right"]))
    assert frames == {"left": [0, 1, 0], "right": [0, 2]}
    assert len(live.figure.axes) == 2


def test_the_way_to_a_picture_does_not_matter():
    live = figure()
    for key, height in [(1, 0.2), (2, 0.9), (1, 0.4), (3, 0.3)]:
        show(live, view(key, height), view(7, 1 - height))
    new = figure()
    show(new, view(3, 0.3), view(7, 0.7))
    assert live.png() == new.png()


def test_the_page_shows_the_picture_whatever_was_sent_before(monkeypatch):
    monkeypatch.setattr("rnnlib.labs.live.ENOUGH", 5000)
    live, renewed, rng = figure(), [], np.random.default_rng(0)
    live.still.observe(lambda change: renewed.append(len(live.moving.value)), "value")
    for step in range(60):
        left, right = (view(step // 4 % 3 * side, float(rng.random())) for side in (1, 2))
        noise = View(left.frame, (draw_noise, rng))
        show(live, noise if step % 20 > 15 else left, right)
        np.testing.assert_array_equal(seen(live), read(live.png()))
    assert 2 < len(renewed) < 15  # when first shown, and when too much was new at once
    assert min(renewed[1:]) > 5000


def test_what_stays_is_sent_once_and_little_for_what_moves():
    live = figure()
    show(live, view(), view())
    still, sizes = live.still.value, []
    for height in np.linspace(0.1, 0.9, 9):
        show(live, view(at=height), view(at=height))
        sizes.append(len(live.moving.value))
        assert live.still.value is still
    assert max(sizes) < len(still) / 2


def test_pieces_reach_beyond_what_moved_so_that_no_edge_shows_between_dots():
    live = figure()
    show(live, view(at=0.25), view(at=0.25))
    show(live, view(at=0.5), view(at=0.5))
    still = read(live.still.value)
    changed = np.any(seen(live) != still, axis=2)
    for (x0, y0, x1, y1), piece in zip(TILES.values(), PIECE.findall(live.moving.value)):
        rows, columns = (np.flatnonzero(changed[:, PIXEL_RATIO * x0 : PIXEL_RATIO * x1].any(axis=i)) for i in (1, 0))
        left, top, width, height = (float(share) / 100 for share in piece[:4])
        edges = [400 * left - x0, 400 * (left + width) - x0, 150 * top, 150 * (top + height)]
        seen_edges = [n / PIXEL_RATIO for n in (columns[0], columns[-1] + 1, rows[0], rows[-1] + 1)]
        beyond = np.array([-1, 1, -1, 1]) * (np.array(edges) - seen_edges)
        assert (beyond >= 2 - 1e-3).all(), beyond
        assert (y0, y1) == (0, 150)


def test_nothing_that_moved_stays_behind():
    live = figure()
    show(live, view(), view())
    counts = [len(ax.get_children()) for ax in live.axes.values()]
    for height in np.linspace(0, 1, 20):
        show(live, view(at=height), view(at=1 - height))
    assert [len(ax.get_children()) for ax in live.axes.values()] == counts


def counting(drawn, at):
    """A view that counts in the list how often it is drawn."""
    return View((draw_frame, 0, Log(None)), (lambda ax, height: drawn.append(at) or draw_line(ax, height, BLUE), at))


def test_what_was_drawn_ahead_is_shown_without_being_drawn_again():
    live, new, drawn = figure(), figure(), []
    show(live, view(), counting(drawn, 0.2))
    later = {"left": view(at=0.7), "right": counting(drawn, 0.8)}
    before = live.png(), live.moving.value, live.still.value
    live.draw_ahead(later)
    assert (live.png(), live.moving.value, live.still.value) == before
    assert drawn == [0.2, 0.8]
    live.show(later)
    assert drawn == [0.2, 0.8]
    show(new, view(at=0.7), counting([], 0.8))
    assert live.png() == new.png()
    np.testing.assert_array_equal(seen(live), seen(new))


def test_a_panel_with_another_frame_is_not_drawn_ahead():
    live, new = figure(), figure()
    show(live, view(1, 0.1), view(1, 0.1))
    later = {"left": view(2, 0.7), "right": view(1, 0.8)}
    live.draw_ahead(later)
    live.show(later)
    show(new, view(2, 0.7), view(1, 0.8))
    assert live.png() == new.png()


def test_a_view_shown_again_is_not_drawn_again_whatever_frames_came_between():
    live, new, left, drawn = figure(), figure(), view(), []
    views = [counting(drawn, number / 20) for number in range(1, 13)]
    for right in (*views[:3], view(1), *views[:3]):
        show(live, left, right)
    assert len(drawn) == 3
    show(new, left, counting([], 3 / 20))
    assert live.png() == new.png()
    for right in (*views[3:], views[0]):  # so many are not kept
        show(live, left, right)
    assert len(drawn) == 13


@pytest.mark.parametrize("part", ["frame", "draw"])
def test_what_fails_is_drawn_again_next_time(part):
    def fail(ax, *_):
        ax.set_facecolor(LIGHT)
        raise ZeroDivisionError

    live, new = figure(), figure()
    show(live, view(1), view(1))
    before = live.png()
    good = view(2)
    bad = View((fail,) if part == "frame" else good.frame, (fail,) if part == "draw" else good.moving)
    with pytest.raises(ZeroDivisionError):
        show(live, view(3, at=0.9), bad)
    assert live.png() == before
    for drawn in (live, new):
        show(drawn, view(3), view(2))
    assert live.png() == new.png()
    np.testing.assert_array_equal(seen(live), seen(new))


def test_words_of_an_axes_stay_inside_its_tile():
    live = figure()
    show(live, view(), view())
    renderer = live.canvas.get_renderer()
    for name, ax in live.axes.items():
        ax.set(xlabel="x", ylabel="y")
        room, (x0, y0, x1, y1) = ax.get_tightbbox(renderer), TILES[name]
        assert room.x0 >= PIXEL_RATIO * x0
        assert room.y0 >= PIXEL_RATIO * y0
        assert room.x1 <= PIXEL_RATIO * x1
        assert room.y1 <= PIXEL_RATIO * y1
        assert any(text.get_text().startswith("frame") for text in ax.findobj(Text))


def test_a_bare_panel_fills_its_tile():
    live = LiveFigure((400, 150), TILES, bare=["right"])
    show(live, view(), view())
    box = live.axes["right"].get_window_extent().bounds
    np.testing.assert_allclose(box, [PIXEL_RATIO * size for size in (200, 0, 200, 150)])
    assert live.axes["left"].get_window_extent().width < PIXEL_RATIO * 200


def chunks(png):
    """The names of a PNG's chunks, in order."""
    found, place = [], 8
    while place < len(png):
        size, name = struct.unpack(">I4s", png[place : place + 8])
        found.append(name.decode())
        place += 12 + size
    return found


def test_the_files_hold_the_pictures_and_nothing_else():
    live = figure()
    show(live, view(), view())
    assert live.png() == live.png()
    assert live.png() != live.still.value
    for file in (live.png(), live.still.value):
        assert set(chunks(file)) == {"IHDR", "PLTE", "IDAT", "IEND"}
        with Image.open(io.BytesIO(file)) as picture:
            assert (picture.mode, picture.info) == ("P", {})


def test_the_widget_keeps_its_size_and_says_what_it_shows():
    live = figure()
    layout = live.box.layout
    assert (layout.width, layout.max_width, layout.align_self) == ("400px", "calc(100% - 4px)", "flex-start")
    show(live, view(), view())
    assert live.moving.value.count('<img alt="" ') == 2


def test_what_moved_before_is_seen_until_what_moves_is_decoded():
    """What is sent covers what it replaces, which stays where it is until the time after."""
    live = figure()
    for step, height in enumerate([0.9, 0.1, 0.5, 0.5, 0.2]):
        before = live.moving, live.moving.value
        show(live, view(step > 2, at=height), view(step > 3, at=height))
        assert live.moving is not before[0]
        assert before[0].value == before[1]
        assert f'z-index:{step + 1}"' in live.moving.value
        both = seen(live, [before[1], live.moving.value])
        np.testing.assert_array_equal(both, read(live.png()))


def test_a_figure_that_is_let_go_is_freed():
    live = figure()
    show(live, view(), view())
    gone = weakref.ref(live.figure)
    live.box.close()
    del live
    gc.collect()
    assert gone() is None


def test_what_stays_is_kept_without_much_memory_on_the_way():
    """What is taken on the way, the process keeps: it was 50 MB."""
    live = LiveFigure((900, 500), {})
    tracemalloc.start()
    live._keep()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 2 * live._pairs.nbytes
