"""The look of every figure: only while a figure is drawn, in colours that pictures can hold and eyes tell apart."""

import subprocess
import sys

import matplotlib as mpl
import numpy as np
from matplotlib.colors import to_rgb
from PIL import Image

from rnnlib.plots import style
from rnnlib.plots.style import LINES, RC, look_of, palette

COLOURS = {name: value for name, value in vars(style).items() if isinstance(value, str) and value.startswith("#")}


def as_bytes(colour):
    return tuple(round(255 * channel) for channel in to_rgb(colour))


def looks():
    """All of matplotlib's settings but the backend, which is chosen when it is first asked for."""
    return {name: mpl.rcParams[name] for name in mpl.rcParams if name != "backend"}


def test_importing_it_changes_nothing():
    code = (
        "import matplotlib as m\nlooks = lambda: {n: m.rcParams[n] for n in m.rcParams if n != 'backend'}\n"
        "before = looks()\nimport rnnlib.plots.style, rnnlib.widgets\nassert looks() == before"
    )
    subprocess.run([sys.executable, "-W", "error", "-c", code], check=True)


def test_it_lasts_for_a_with_block():
    before = looks()
    with style.style():
        assert {name: mpl.rcParams[name] for name in RC} == RC
        assert looks() != before
    assert looks() == before


def test_pictures_hold_every_colour_of_the_house():
    stored = np.reshape(palette(), (-1, 3))
    assert len(stored) == len({tuple(colour) for colour in stored}) == 15
    wanted = {"white", *COLOURS.values(), *(RC[name] for name in RC if "color" in name and "face" not in name)}
    assert len(COLOURS) == 7
    assert {as_bytes(colour) for colour in wanted} <= {tuple(map(int, colour)) for colour in stored}


def test_a_colour_that_pictures_hold_comes_out_as_it_went_in():
    colours = np.reshape(palette(), (1, -1, 3)).astype(np.uint8)
    holder = Image.new("P", (1, 1))
    holder.putpalette(palette())
    few = Image.fromarray(colours).quantize(palette=holder, dither=Image.Dither.NONE)
    np.testing.assert_array_equal(np.asarray(few.convert("RGB")), colours)


def test_lines_differ_in_more_than_colour():
    assert len({look["linestyle"] for look in style.LINES.values()}) == len(style.LINES) == 4
    assert len({look["color"] for look in style.LINES.values()}) == 4


def simulated(colour, kind):
    """A colour as the colour-blind see it (Viénot, Brettel & Mollon 1999), as cone signals."""
    channels = np.array(to_rgb(colour))
    linear = np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)
    lms = np.array([[17.8824, 43.5161, 4.11935], [3.45565, 27.1554, 3.86714], [0.0299566, 0.184309, 1.46709]])
    blind = {
        "protan": [[0, 2.02344, -2.52581], [0, 1, 0], [0, 0, 1]],
        "deutan": [[1, 0, 0], [0.494207, 0, 1.24827], [0, 0, 1]],
    }[kind]
    return np.cbrt(np.clip(np.linalg.inv(lms) @ blind @ lms @ linear, 0, 1))


def test_the_colour_blind_can_tell_the_lines_apart():
    colours = [look["color"] for look in style.LINES.values()]
    for kind in ("protan", "deutan"):
        seen = np.array([simulated(colour, kind) for colour in colours])
        apart = np.linalg.norm(seen[:, None] - seen, axis=-1) + np.eye(len(seen))
        assert apart.min() > 0.1


def test_an_activation_without_a_look_of_its_own_can_be_told_from_all_others():
    looks = [look_of(name) for name in [*LINES, "nobody"]]
    assert len({str(look["linestyle"]) for look in looks}) == len(looks)
    assert len({look["color"] for look in looks}) == len(looks)
