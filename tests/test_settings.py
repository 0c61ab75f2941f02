"""Whatever the reader has set, pictures and words are the same, and what was set stays."""

import io
import locale
import os
import subprocess
import sys
import warnings
from functools import partial

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pytest
from test_pictures import PICTURES, lab_picture

from rnnlib import exercises, widgets
from rnnlib.locale import languages, say, table
from rnnlib.plots.style import style

STYLE = {
    "font": {"font.family": ["No such font", "DejaVu Serif"]},  # the first gives a warning a word
    "large": {"font.size": 30, "axes.labelsize": 40, "xtick.labelsize": 2},
    "latex": {"text.usetex": True},
    "cycle": {"axes.prop_cycle": mpl.cycler(color=["red"], linestyle=[":"]), "image.cmap": "jet"},
    "autolayout": {"figure.autolayout": True},
    "constrained": {"figure.constrained_layout.use": True, "figure.constrained_layout.w_pad": 1},
    "figure": {"figure.dpi": 33, "figure.figsize": (1, 1), "figure.facecolor": "black", "figure.frameon": False},
    "saved": {"savefig.bbox": "tight", "savefig.dpi": 37, "savefig.format": "svg", "savefig.transparent": True},
    "minus": {"axes.unicode_minus": False},
    "comma": {"axes.formatter.use_locale": True},
    "lines": {"lines.linestyle": "--", "lines.marker": "x", "lines.linewidth": 9, "lines.antialiased": False},
    "paths": {"path.simplify": False, "path.snap": False, "agg.path.chunksize": 10},
}


def sketched():
    plt.xkcd()


def numpys():
    np.set_printoptions(precision=2, threshold=2, legacy="1.13")
    np.seterr(all="raise")


def comma():
    """A locale that writes a comma, where there is one."""
    for name in ("de_DE.UTF-8", "de_DE.utf8", "German_Germany", "fr_FR.UTF-8", "es_ES.UTF-8"):
        try:
            locale.setlocale(locale.LC_ALL, name)
        except locale.Error:
            continue
        mpl.rcParams.update(STYLE["comma"])
        return
    pytest.skip("this machine has no locale with a decimal comma")


def everything():
    """At once what may stand together."""
    plt.style.use("dark_background")
    for settings in STYLE.values():
        mpl.rcParams.update(settings)
    numpys()


READERS = {f"style-{name}": lambda name=name: plt.style.use(name) for name in ("dark_background", "ggplot")}
READERS |= {name: lambda these=these: mpl.rcParams.update(these) for name, these in STYLE.items()}
READERS |= {"xkcd": sketched, "numpy": numpys, "locale": comma, "all": everything}
OPENED = [name for name in PICTURES if name.endswith("-opened") or name.startswith("still-")]
FEW = ["still-draw_derivatives", "bptt_lab-opened"]


@pytest.fixture
def reader():
    """Takes back what a reader sets."""
    printed, errors, place = np.get_printoptions(), np.geterr(), locale.setlocale(locale.LC_ALL)
    with mpl.rc_context():
        yield
    np.set_printoptions(**printed)
    np.seterr(**errors)
    locale.setlocale(locale.LC_ALL, place)


def drawn(name):
    """A still's picture; a lab's, and all that it says."""
    draw, *what = PICTURES[name]
    if draw is not lab_picture:
        return draw(*what)
    lab = getattr(widgets, what[0])()
    said = lab.figure.png(), lab.summary, lab.remark, lab.code
    lab.close()
    return said


@pytest.fixture(scope="module")
def plain():
    """The pictures as one sees them who has set nothing."""
    with mpl.rc_context(mpl.rcParamsDefault):
        return {name: drawn(name) for name in OPENED}


def settings():
    looks = {name: mpl.rcParams[name] for name in mpl.rcParams if name != "backend"}
    return looks, np.get_printoptions(), np.geterr(), locale.setlocale(locale.LC_ALL), list(warnings.filters)


# A style, and what "all" leaves out; the others are parts of it.
QUICK = ("style-dark_background", "locale", "xkcd", "all")
LOOKS = [pytest.param(name, marks=() if name in QUICK else pytest.mark.slow) for name in READERS]


@pytest.mark.usefixtures("reader")
@pytest.mark.parametrize("name", LOOKS)
def test_a_reader_who_sets_this_sees_the_same_pictures(name, plain, caplog):
    READERS[name]()
    before = settings()
    shown = OPENED if name == "all" else FEW
    assert [each for each in shown if drawn(each) != plain[each]] == []
    assert settings() == before
    assert caplog.records == []


@pytest.mark.slow
@pytest.mark.usefixtures("reader")
@pytest.mark.parametrize("name", READERS)
def test_every_lab_and_every_still_is_the_same_under_each(name, plain):
    READERS[name]()
    assert [each for each in OPENED if drawn(each) != plain[each]] == []


@pytest.mark.usefixtures("reader")
def test_an_error_while_drawing_leaves_the_readers_settings():
    everything()
    before = settings()
    with pytest.raises(ZeroDivisionError), style():
        1 / mpl.rcParams["text.usetex"]
    assert settings() == before


@pytest.mark.parametrize("chosen", ["", "m.use('svg')"], ids=["none", "svg"])
def test_the_backend_is_left_alone(chosen):
    code = (
        "import matplotlib as m\nfrom rnnlib import plots\nbackend = lambda: dict.__getitem__(m.rcParams, 'backend')\n"
        f"{chosen}\nbefore = backend()\nplots.Still(plots.draw_parameters, dict(one=[1, 2]), alt='')\n"
        "assert backend() is before"  # looked at without choosing one
    )
    mine = {name: value for name, value in os.environ.items() if name != "MPLBACKEND"}
    subprocess.run([sys.executable, "-W", "error", "-c", code], check=True, env=mine)


def said(encoding, speak, *what):
    """What comes out of an output of this encoding."""
    out = io.TextIOWrapper(io.BytesIO(), encoding=encoding, newline="\n")
    before, sys.stdout = sys.stdout, out
    try:
        speak(*what)
    finally:
        sys.stdout = before
    out.flush()
    return out.buffer.getvalue().decode(encoding)


def speeches():
    """All that exercises say, each as a function to call and its arguments."""
    for name in exercises.__all__:
        exercise = getattr(exercises, name)
        yield exercise.solution
        yield from (partial(exercise.check, answer) for answer in (exercise.reference, None, "‖", *exercise.mistakes))
        exercise.hints_given = 0
        yield from [exercise.hint] * sum(key.startswith("hint_") for key in table(f"exercises.{name}"))


@pytest.mark.usefixtures("reader")
@pytest.mark.parametrize("encoding", ["cp1252", "ascii", pytest.param("cp437", marks=pytest.mark.slow)])
@pytest.mark.parametrize("language", languages())
def test_exercises_speak_to_every_output(encoding, language, monkeypatch):
    monkeypatch.setattr("rnnlib.locale._language", language)
    numpys()
    lines = "".join(said(encoding, speak) for speak in speeches())
    assert "||" in lines
    assert "\\u" not in lines, "a character of the words has no spelling"
    assert "\\x" not in lines, "a character of the words has no spelling"


@pytest.mark.parametrize(
    ("encoding", "words", "wanted"),
    [
        ("utf-8", "‖Δh‖ ≤ √2 … é", "‖Δh‖ ≤ √2 … é"),
        ("cp1252", "‖Δh‖ ≤ √2 · W_hhᵀ … é", "||Delta h|| <= sqrt 2 · W_hh^T … é"),
        ("ascii", "x² · σ − é ½ “…”", 'x^2 * sigma - e 1/2 "..."'),
        ("ascii", "网 \ud800", "\\u7f51 \\ud800"),
        ("ascii", "¿«a» o ¡b!, n.º 1", '"a" o b!, n.o 1'),
        ("utf-8", "\ud800", "\\ud800"),
    ],
)
def test_what_an_output_cannot_write_is_spelled(encoding, words, wanted):
    assert said(encoding, say, words) == wanted + "\n"


@pytest.mark.parametrize("mine", [{"PYTHONIOENCODING": "cp1252"}, {"LC_ALL": "C", "PYTHONCOERCECLOCALE": "0"}])
def test_a_console_without_the_characters_is_no_error(mine):
    code = "from rnnlib import exercises as e\nfor _ in range(9): e.context_test.hint()\ne.context_test.solution()"
    run = [sys.executable, "-W", "error", "-X", "warn_default_encoding", "-X", "utf8=0", "-c", code]
    assert subprocess.run(run, check=True, env=os.environ | mine, capture_output=True).stdout
