"""A language two fifths longer than English goes through every panel of every lab and every still, and fits.

A lab that was made in one language keeps it, whatever is chosen afterwards.
"""

import random
import re
import string
from concurrent.futures import ThreadPoolExecutor
from itertools import combinations, product

import pytest
from contract import LABS, buttons, standing, state, walk, within
from longer import LONGER, WORD, longer, speak
from matplotlib.figure import Figure
from matplotlib.legend import Legend
from matplotlib.text import Text
from test_pictures import STILLS, labs

from rnnlib import exercises, locale, plots, set_language, widgets
from rnnlib.plots.still import PIXEL_RATIO
from rnnlib.plots.style import style

WALKED = 1
A_WORD = re.compile(r"[^\W\d_]{3}")  # letters of a path may meet
OTHERS = [pytest.param(code, marks=pytest.mark.slow) for code in locale.languages() if code != "en"]
NAMES = {"es": {"trinidad & tobago": "trinidad y tobago"}}  # of the pictures' settings, where a language has others
SIZES = {"draw_uses": (800, 215), "draw_paths": (640, 230)}  # of stills, where notebooks give another than the usual


@pytest.fixture(params=["xx", *OTHERS])
def spoken(request, monkeypatch):
    """The language of the tests; where there is time, those that readers have."""
    if request.param == "xx":
        speak(monkeypatch.setattr)
    else:
        monkeypatch.setattr(locale, "_language", request.param)


def flat(table):
    return [said for each in table.values() for said in (flat(each) if isinstance(each, dict) else [each])]


def test_the_language_is_two_fifths_longer_and_keeps_what_has_no_words():
    english = flat(locale._tables("en"))
    for said in english:
        new = longer(said)
        fields = [sorted(name for _, name, _, _ in string.Formatter().parse(each) if name) for each in (said, new)]
        assert fields[0] == fields[1]
        assert "ñ" not in said
        assert "ñ" in new or not any(longer(part) != part for part in said.split())
    words = [part for said in english for part in said.split() if longer(part) != part]
    grown = sum(map(len, map(longer, english))) - sum(map(len, english))
    assert grown > (LONGER - 1) * sum(map(len, words))
    assert longer("After {n} steps ‖∂L/∂h_t‖, tanh") == "Áftérñi {n} stépsñi ‖∂L/∂h_t‖, tanh"


def room_of(words):
    """The room that words take, with the box around them."""
    return (words.get_bbox_patch() or words).get_window_extent()


def misfits(ax, moved, room):
    """Words that leave their room (left, bottom, right, top, in dots), and those that lie over others, in pairs."""
    said = [(each.get_text(), room_of(each)) for each in standing(ax)]
    said += [(each.get_text(), box) for each, box in moved if isinstance(each, Text) and each.get_text()]
    for axis in (ax.xaxis, ax.yaxis) if ax.axison else ():
        low, high = sorted(axis.get_view_interval())
        ticks = [tick.label1 for tick in axis.get_major_ticks() if low <= tick.get_loc() <= high]
        said += [(each.get_text(), each.get_window_extent()) for each in ticks if each.get_text()]
    keys = [(" | ".join(each.get_text() for each in key.get_texts()), key) for key in ax.findobj(Legend)]
    keys = [(words, key.get_window_extent()) for words, key in keys]
    yield from [(words,) for words, box in [*said, *keys] if not within(box, room)]
    titles = [each for each in said if each[0] == ax.get_title("left")]
    pairs = [*combinations(said, 2), *product(keys, titles)]
    yield from [(one, other) for (one, a), (other, b) in pairs if A_WORD.search(one + other) and a.overlaps(b)]


def states_of(lab, name):
    """The pictures' settings, then some more; the name of each."""
    names = NAMES.get(lab.language, {})
    for key, whose, settings in labs():
        if whose == name:
            wanted = {each: names.get(value, value) for each, value in settings.items() if each != "train"}
            lab.apply(**lab._opened | wanted)
            if "train" in settings:
                lab.train(settings["train"])
            yield key
    yield from map(str, walk(lab, random.Random(name), WALKED))


@pytest.mark.parametrize("name", LABS)
def test_every_panel_holds_it(name, spoken, drawn):
    lab, wrong = LABS[name](), {}
    for key in states_of(lab, name):
        drawn.clear()
        lab.apply()
        for panel, ax in lab.figure.axes.items():
            room = [PIXEL_RATIO * edge for edge in lab.figure.tiles[panel]]
            with style():  # ticks are as many as the size of letters lets be
                wrong |= {(panel, *each): key for each in misfits(ax, drawn.get(ax, []), room)}
    assert not wrong, "\n".join(map(str, wrong.items()))


def named_longer(data):
    """The names of lines are words of a notebook."""
    return {longer(name): each for name, each in data.items()} if isinstance(data, dict) else data


@pytest.mark.parametrize("name", STILLS)
def test_every_still_holds_it(name, spoken, monkeypatch):
    draw, data, kept = getattr(plots, name), STILLS[name], []
    monkeypatch.setattr(Figure, "savefig", lambda figure, *_, **options: kept.append(figure))
    if name != "draw_derivatives":  # whose names are keys
        data = [named_longer(each) for each in data]
    with style():
        plots.Still(draw, *data, alt="", size=SIZES.get(name, (640, 300)))
        kept[0].draw_without_rendering()
        assert [*misfits(kept[0].axes[0], [], kept[0].bbox.extents)] == []


def broken():
    """Training whose loss is no number."""
    raise FloatingPointError("nan")
    yield


QUICK = ("gradient_lab", "characters_lab", "step_through")  # the main one, one that trains, one with steps


@pytest.mark.parametrize("name", [pytest.param(name, marks=() if name in QUICK else pytest.mark.slow) for name in LABS])
def test_a_lab_keeps_the_language_it_was_made_in(name, monkeypatch):
    lab_of, moved = LABS[name], {}
    english = lab_of()
    speak(monkeypatch.setattr)
    other = lab_of()
    for lab, language, later in ((english, "en", "xx"), (other, "xx", "en")):
        set_language(later)
        for moved in walk(lab, random.Random(name), 1):
            if hasattr(lab, "train"):
                lab.reset()
                lab.apply(**moved)
                lab.train(1)
        set_language(language)
        new = lab_of(**moved)
        if hasattr(lab, "train"):
            new.train(1)
        set_language(later)
        assert state(lab) == state(new)
        stored = lab._repr_mimebundle_()[0]["text/html"].rpartition("<i>")[2]
        if hasattr(lab, "train"):  # and where training breaks down
            lab._stream = broken()
            lab.train(1)
        words = [lab.summary, stored, *buttons(lab), *(each.description for each in lab.controls.values())]
        assert [each for each in words if WORD.search(each) and ("ñ" in each) != (language == "xx")] == []


def test_a_quiz_keeps_the_language_it_was_made_in(monkeypatch):
    quiz = widgets.quiz("order")
    speak(monkeypatch.setattr)
    other = widgets.quiz("order")
    for each, later, foreign in ((quiz, "xx", False), (other, "en", True)):
        set_language(later)
        for button in each.buttons.values():
            button.click()
            assert ("ñ" in each.summary) == foreign
        said = each._repr_mimebundle_()[0]
        assert all(("ñ" in line) == foreign for line in said["text/markdown"].splitlines() if line.strip("</details>"))


def test_a_check_and_a_hint_are_in_the_language_of_now(monkeypatch, capsys):
    speak(monkeypatch.setattr)
    for language in ("xx", "en"):
        set_language(language)
        exercises.step.check(lambda x_t, h_prev, *_: x_t)
        exercises.step.hint()
        said = capsys.readouterr().out
        assert ("ñ" in said) == (language == "xx")
        first, *_ = said.split()
        assert first == (longer("Not") if language == "xx" else "Not")


def test_language_is_kept_by_a_thread_and_put_back(monkeypatch):
    speak(monkeypatch.setattr)
    with locale.speaking("en"):
        assert locale.language() == "en"
        with ThreadPoolExecutor(1) as other:
            assert other.submit(locale.language).result() == "xx"
        set_language("en")
        set_language("xx")
        assert locale.language() == "en"
    assert locale.language() == "xx"
    with pytest.raises(ZeroDivisionError), locale.speaking("en"):
        1 / 0  # noqa: B018
    assert locale.language() == "xx"
