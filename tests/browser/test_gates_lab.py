"""Notebook 06 in a real browser: the gates lab is set by hand, looks into a trained cell, and says what it shows."""

import re

import pytest

PATH = "notebooks/en/06_lstm_gru_teaser.ipynb"
pytestmark = pytest.mark.slow  # nbval runs the notebook, test_contract.py drives its labs


def test_before_running_the_lab_shows_its_picture(notebook):
    assert notebook.complaints() == []
    picture = notebook.page.locator(".jp-CodeCell", has_text="widgets.gates_lab(").locator(".jp-OutputArea-output img")
    assert picture.evaluate("img => img.naturalWidth") > 1000


def test_run_all_and_be_the_gates(notebook):
    notebook.run_all()
    assert notebook.complaints() == []
    assert notebook.sentences() == notebook.stored()
    lab = notebook.lab()
    bias = lab.slider("forget bias b")
    bias.focus()
    before = lab.sentence()
    after = lab.changes(lambda: bias.press("ArrowRight"))
    rnn = re.compile(r"is (\S+) of itself \(vanishes\) in the RNN")
    assert rnn.search(after)[1] == rnn.search(before)[1]  # an RNN has no such bias

    said = lab.box.locator(".rnnlib-remark")
    assert said.inner_text().startswith("Task: be the gates")
    lab.changes(lambda: lab.press("Remember"))
    assert said.inner_text().startswith("You were the gates")
    picture = lab.picture()
    lab.slider("forget gate f").focus()
    lab.slider("forget gate f").press("ArrowLeft")
    notebook.page.wait_for_function(
        "([box, old]) => [...box.querySelectorAll('.rnnlib-figure img')].some((img, i) => img.src !== old[i])",
        arg=[lab.box.element_handle(), picture],
    )
    lab.changes(lambda: lab.press("Trained"))
    assert said.inner_text().startswith("The trained network answers")
    numbers = notebook.run(lab.code()).split()
    assert len(numbers) == 3
    for number, told in zip(numbers, re.findall(r"(\S+) of itself", lab.sentence())):
        assert float(number) == float(told)
    assert notebook.complaints() == []
