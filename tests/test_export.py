"""Notebooks as pages: what a reader sees of `jupyter nbconvert --to html`, without a kernel and without a network."""

import re
from pathlib import Path

import nbformat
import pytest
from bs4 import BeautifulSoup
from nbconvert import HTMLExporter
from nbconvert.preprocessors import ExecutePreprocessor
from nbformat.v4 import new_code_cell, new_notebook

from rnnlib import widgets
from rnnlib.locale import table

NOTEBOOKS = sorted((Path(__file__).parents[1] / "notebooks").glob("*/*.ipynb"))
LAB = re.compile(r"\bwidgets\.(?!quiz)\w+\(")


def page(notebook):
    """The page that the default template makes of a notebook."""
    return BeautifulSoup(HTMLExporter().from_notebook_node(notebook)[0], "html.parser")


def quizzes(notebook):
    """The keys of the quizzes that a notebook asks."""
    return re.findall(r'widgets\.quiz\("(\w+)"\)', "".join(cell.source for cell in notebook.cells))


def words(element):
    return " ".join(element.get_text().split())


QUICK = ("en/05", "es/05")  # the longest page of each edition


@pytest.mark.parametrize(
    "path",
    [
        pytest.param(path, id=name, marks=() if name.startswith(QUICK) else pytest.mark.slow)
        for path in NOTEBOOKS
        for name in [f"{path.parent.name}/{path.stem}"]
    ],
)
def test_every_picture_has_its_words_every_lab_its_sentence_and_every_quiz_can_be_read(path, monkeypatch):
    monkeypatch.setattr("rnnlib.locale._language", path.parent.name)
    notebook = nbformat.read(path, as_version=4)
    shown = page(notebook)
    outputs = [output.data for cell in notebook.cells for output in cell.get("outputs", []) if "data" in output]
    pictures = [image["alt"] for image in shown.select(".jp-OutputArea-output img")]
    assert len(pictures) == sum("<img " in data.get("text/html", "") for data in outputs) > 0
    assert [data for data in outputs if "image/png" in data] == [], "a picture without words"
    assert all(len(alt.split()) > 3 and not alt.startswith("No description") for alt in pictures), pictures

    said = [words(each) for each in shown.select(".jp-OutputArea-output")]
    labs = [cell.outputs[-1].data["text/plain"] for cell in notebook.cells if LAB.search(cell.source)]
    assert labs
    assert all(any(" ".join(sentence.split()) in each for each in said) for sentence in labs)
    for key in quizzes(notebook):
        asked = table(f"quiz.{key}")
        (quiz,) = [each for each in shown.select(".jp-OutputArea-output:has(details)") if asked["why"] in words(each)]
        assert asked["question"] in words(quiz)
        assert asked["why"] in words(quiz.details)
        assert [words(option) for option in quiz.select("li")] == [
            f"{name}. {option}" for name, option in asked.items() if len(name) == 1
        ]


def test_formulas_are_left_to_mathjax():
    shown = page(nbformat.read(NOTEBOOKS[1], as_version=4))
    assert "$" in shown.get_text()
    assert [script["src"] for script in shown.select("script[src]") if "mathjax" in script["src"].lower()]


def test_a_notebook_that_is_run_for_its_page_shows_pictures_where_no_widgets_are_stored():
    """As `--execute --ExecutePreprocessor.store_widget_state=False` does: widgets need scripts from the network."""
    notebook = new_notebook(cells=[new_code_cell("from rnnlib import widgets\nlab = widgets.bptt_lab()\nlab")])
    ExecutePreprocessor(store_widget_state=False).preprocess(notebook)
    assert "application/vnd.jupyter.widget-view+json" in notebook.cells[0].outputs[-1].data
    shown, summary = page(notebook), widgets.bptt_lab().summary
    assert shown.select_one(".jp-OutputArea-output img")["alt"] == summary
    assert shown.select_one(".jp-OutputArea-output p").get_text() == summary
