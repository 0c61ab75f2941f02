"""Notebook 03 in a real browser: a word is typed and read, and a character model is trained while a slider moves."""

import re

import pytest

PATH = "notebooks/en/03_hidden_state.ipynb"
pytestmark = pytest.mark.slow  # nbval runs the notebook, test_languages.py drives such labs
UPDATES = (
    "() => Number((document.querySelectorAll('.rnnlib-sentence')[1].innerText.match(/After (\\d+)/) || [0, 0])[1])"
)


def test_before_running_both_labs_show_their_pictures(notebook):
    assert notebook.complaints() == []
    for lab in ("widgets.reading_lab(", "widgets.characters_lab("):
        picture = notebook.page.locator(".jp-CodeCell", has_text=lab).locator(".jp-OutputArea-output img")
        assert picture.evaluate("img => img.naturalWidth") > 1000


def test_run_all_type_a_word_and_train(notebook):
    notebook.run_all()
    assert notebook.complaints() == []
    assert notebook.sentences() == notebook.stored()

    lab = notebook.lab(0)
    step = lab.slider("letters read t")
    step.focus()
    assert lab.changes(lambda: step.press("ArrowLeft")).startswith("After 9 of 10 letters of “madagascar”")
    word = lab.box.locator("input[type=text]").first
    word.fill("Chile")
    assert lab.changes(lambda: word.press("Enter")).startswith("After 5 of 5 letters of “")
    scale = lab.slider("weight scale g")
    scale.focus()
    lab.changes(lambda: scale.press("ArrowRight"))
    assert notebook.run(lab.code()) == re.search(r"‖Δh_5‖ = (\S+),", lab.sentence())[1]

    lab = notebook.lab(1)
    lab.box.get_by_role("button", name="Start").click()
    notebook.page.wait_for_function(f"({UPDATES})() > 0")
    heat = lab.slider("temperature")
    heat.focus()
    heat.press("ArrowRight")
    lab.box.locator(".rnnlib-sentence", has_text="At temperature 0.9").wait_for()
    before = notebook.page.evaluate(UPDATES)
    notebook.page.wait_for_function(f"({UPDATES})() > {before}")
    lab.box.get_by_role("button", name="Pause").click()
    lab.box.get_by_role("button", name="Start").wait_for()
    done = notebook.run("print(len(lab._records))")
    notebook.page.wait_for_function(f"({UPDATES})() === {done}")
    assert notebook.run("lab.close(); print(lab._work.running)") == "False"
    assert notebook.complaints() == []
