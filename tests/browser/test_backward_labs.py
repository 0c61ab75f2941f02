"""Notebook 04 in a real browser: both labs show a picture before, run without complaint, and answer the keyboard."""

import pytest

PATH = "notebooks/en/04_bptt.ipynb"
pytestmark = pytest.mark.slow  # nbval runs the notebook, test_contract.py drives its labs


def test_before_running_every_lab_shows_its_picture(notebook):
    assert notebook.complaints() == []
    for call in ("widgets.bptt_lab(", "widgets.broken_backward("):
        picture = notebook.page.locator(".jp-CodeCell", has_text=call).locator(".jp-OutputArea-output img")
        assert picture.evaluate("img => img.naturalWidth") > 1000


def test_run_all_walk_back_and_break_the_backward_pass(notebook):
    notebook.run_all()
    assert notebook.complaints() == []
    assert notebook.sentences() == notebook.stored()

    walk = notebook.lab(0)
    back = walk.slider("steps back")
    back.focus()
    assert "back to step 3" in walk.changes(lambda: back.press("ArrowRight"))
    assert "back to step 2" in walk.changes(lambda: walk.press("Next"))
    assert "Cut after step 5" in walk.changes(lambda: walk.press("Truncated after 2"))
    assert f"dL/dw is {notebook.run(walk.code())} where" in walk.sentence()

    broken = notebook.lab(1)
    said = broken.changes(lambda: broken.choose("bug", "wrong transpose"))
    assert "The step check fails for h_0." in said
    assert f"dW_hh is {notebook.run(broken.code())}." in said
    assert "sequence check passes" in broken.changes(lambda: broken.press("Hide it: symmetric matrix"))
    assert notebook.complaints() == []
