"""Notebook 01 in a real browser: the sequence lab shuffles by keyboard, and its sound can be played."""

import pytest

PATH = "notebooks/en/01_intro.ipynb"
pytestmark = pytest.mark.slow  # nbval runs the notebook, test_languages.py drives such labs


def test_shuffle_listen_and_change_the_kind(notebook):
    assert notebook.complaints() == []
    notebook.run_all()
    assert notebook.complaints() == []
    assert notebook.sentences() == notebook.stored()

    lab = notebook.lab()
    assert lab.sentence().startswith("A rising glide, in order: the recurrent net is 100 % sure")
    sound = lab.box.locator("audio")
    before = sound.get_attribute("src")
    assert abs(lab.sound() - 0.4) < 0.01
    shuffle = lab.slider("shuffle (0: none)")
    shuffle.focus()
    assert lab.changes(lambda: shuffle.press("ArrowRight")).startswith("A rising glide, shuffled: ")
    assert sound.get_attribute("src") != before
    assert abs(lab.sound() - 0.4) < 0.01
    said = lab.changes(lambda: lab.choose("sequence", "Sunspots"))
    assert said.startswith("The sunspots of 1901–1922, shuffled: the recurrent net is ")
    assert sound.count() == 0
    assert notebook.run(lab.code()).replace("%", " %") in said
    lab.box.get_by_role("button", name="Text", exact=True).focus()
    assert lab.changes(lambda: notebook.page.keyboard.press("Enter")).startswith("“")
    assert notebook.complaints() == []
