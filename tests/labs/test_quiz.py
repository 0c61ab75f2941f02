"""The quiz: every one of them has an answer, buttons show it, and it can be read without a kernel."""

import collections
import html
import re
import subprocess
import sys

import nbformat
import pytest
from editions import EDITIONS, notebooks
from nbconvert import HTMLExporter
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

from rnnlib import widgets
from rnnlib.labs.page import when_shown
from rnnlib.locale import languages, names, table, text

KEYS = names("quiz")
FIRST = KEYS[0]
SOURCE = f"from rnnlib import widgets\n\nwidgets.quiz({FIRST!r})"


@pytest.fixture(params=KEYS)
def key(request):
    return request.param


@pytest.fixture(params=languages())
def language(request, monkeypatch):
    """Each language, spoken."""
    monkeypatch.setattr("rnnlib.locale._language", request.param)
    return request.param


def test_each_has_a_question_options_and_a_reason(key):
    words = table(f"quiz.{key}")
    letters = [name for name in words if len(name) == 1]
    assert words.keys() == {"question", *letters, "right", "why"}
    assert letters == list("abcdef"[: len(letters)])
    assert len(letters) >= 2
    assert words["right"] in letters


def asked(edition):
    """The quizzes of each notebook, in order."""
    pages = {number: path.read_text(encoding="utf-8") for number, path in notebooks(edition).items()}
    return {number: re.findall(r"widgets\.quiz\(\\?\"(\w+)", page) for number, page in pages.items()}


@pytest.mark.parametrize("edition", EDITIONS)
def test_every_quiz_is_asked_once(edition):
    assert sorted(key for keys in asked(edition).values() for key in keys) == sorted(KEYS)


@pytest.mark.usefixtures("language")
def test_no_letter_gives_the_answer_away():
    rights = collections.Counter(table(f"quiz.{key}")["right"] for key in KEYS)
    assert all(len(KEYS) / 4 <= rights[letter] <= 0.45 * len(KEYS) for letter in "abc"), rights
    for name, keys in asked("en").items():
        assert len({table(f"quiz.{key}")["right"] for key in keys}) > 1, f"{name}: one letter is right in all"


@pytest.mark.usefixtures("language")
def test_the_right_answer_is_seldom_the_longest():
    longest = []
    for key in KEYS:
        words = table(f"quiz.{key}")
        sizes = {name: len(option) for name, option in words.items() if len(name) == 1}
        if sizes[words["right"]] == max(sizes.values()):
            longest.append(key)
    assert len(longest) <= len(KEYS) / 3, longest


def test_a_right_choice_is_confirmed_and_a_wrong_one_corrected(key):
    quiz, words = widgets.quiz(key), table(f"quiz.{key}")
    assert quiz.summary == ""
    assert not any(button.icon for button in quiz.buttons.values())
    for letter, button in quiz.buttons.items():
        button.click()
        verdict = "Yes, {right}." if letter == words["right"] else "No: it is {right}."
        assert quiz.summary == f"{verdict.format(**words)} {words['why']}"
        icons = {name: other.icon for name, other in quiz.buttons.items() if other.icon}
        assert icons == {letter: "times"} | {words["right"]: "check"}
        assert quiz.children[-1].value == f"<span>{html.escape(quiz.summary)}</span>"
    assert when_shown("attend", text("lab.closed")) in quiz.children[0].value  # which makes the verdict a live region
    assert "rnnlib-verdict" in quiz.children[-1]._dom_classes


def test_it_reads_without_a_kernel(key):
    data, _ = widgets.quiz(key)._repr_mimebundle_()
    words = table(f"quiz.{key}")
    order = [words["question"], *(f"{name}. {words[name]}" for name in words if len(name) == 1), words["why"]]
    places = [data["text/plain"].index(part) for part in order]
    assert places == sorted(places)
    head, folded = data["text/markdown"].split("<details>")
    assert "Answer" not in head
    assert folded.startswith("<summary>Show the answer</summary>\n\nAnswer: ")


def test_an_unknown_quiz_is_refused_by_name():
    with pytest.raises(ValueError, match=r"key: expected .*, got 'nonsense'"):
        widgets.quiz("nonsense")


@pytest.mark.parametrize("words", ["W_hh * x_t * 2", "1 < 2 > 0", "a_b_c `d` $5 and $6", "[x](y) ~z~ #1 |k|"])
def test_words_are_no_marks(words):
    cell = new_markdown_cell(widgets.quiz(FIRST)._repr_mimebundle_.__globals__["_markdown"](words))
    page, _ = HTMLExporter().from_notebook_node(new_notebook(cells=[cell]))
    assert f"<p>{html.escape(words)}</p>" in page


def test_a_page_made_of_it_shows_the_folded_answer():
    data, _ = widgets.quiz(FIRST)._repr_mimebundle_()
    data.pop("application/vnd.jupyter.widget-view+json", None)
    cell = new_code_cell(SOURCE, outputs=[new_output("execute_result", data, execution_count=1)], execution_count=1)
    page, _ = HTMLExporter().from_notebook_node(new_notebook(cells=[cell]))
    assert html.escape(table(f"quiz.{FIRST}")["question"]) in page
    assert "<details><summary>Show the answer</summary>" in page
    assert "model not found" not in page


@pytest.mark.slow
def test_nbval_compares_what_it_says(tmp_path):
    data, _ = widgets.quiz(FIRST)._repr_mimebundle_()
    cells = []
    for change in ("", " No."):
        told = {kind: data[kind] + change for kind in ("text/plain", "text/markdown")}
        count = len(cells) + 1
        outputs = [new_output("execute_result", told, execution_count=count)]
        cells.append(new_code_cell(SOURCE, outputs=outputs, execution_count=count))
    nbformat.write(new_notebook(cells=cells), tmp_path / "quiz.ipynb")
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--nbval", "--nbval-current-env"]
    ran = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True)
    assert "1 failed, 1 passed" in ran.stdout
