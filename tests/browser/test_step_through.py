"""Notebook 02 in a real browser: the step-through lab steps and plays, and the quiz answers the keyboard."""

import pytest

PATH = "notebooks/en/02_forward_pass.ipynb"
pytestmark = pytest.mark.slow  # nbval runs the notebook, test_contract.py drives its labs


def test_before_running_the_lab_shows_its_picture_and_the_quiz_its_question(notebook):
    assert notebook.complaints() == []
    picture = notebook.page.locator(".jp-CodeCell", has_text="widgets.step_through(").locator(
        ".jp-OutputArea-output img"
    )
    assert picture.evaluate("img => img.naturalWidth") > 1000
    quiz = notebook.page.locator(".jp-CodeCell", has_text='widgets.quiz("sharing")').locator(".jp-OutputArea-output")
    answer = quiz.get_by_text("Answer: c.")
    assert not answer.is_visible()
    quiz.get_by_text("Show the answer").click()
    assert answer.is_visible()


def test_run_all_step_play_and_answer(notebook):
    notebook.run_all()
    assert notebook.complaints() == []
    assert notebook.sentences() == notebook.stored()

    lab = notebook.lab()
    assert lab.sentence().startswith("Step 2 of 3: ")
    step = lab.slider("step t")
    step.focus()
    assert lab.changes(lambda: step.press("ArrowLeft")).startswith("Step 1 of 3: ")
    lab.box.get_by_role("button", name="Next", exact=True).focus()
    assert lab.changes(lambda: notebook.page.keyboard.press("Enter")).startswith("Step 2 of 3: ")
    assert lab.changes(lambda: lab.press("Previous")).startswith("Step 1 of 3: ")
    lab.press("Play")
    lab.box.locator(".rnnlib-sentence", has_text="Step 3 of 3: ").wait_for()
    assert "ReLU makes it 0.00; so h_3 = (0.00, 1.60)" in lab.changes(lambda: lab.choose("activation f", "ReLU"))
    printed = notebook.run(lab.code())
    assert printed == "[[0.  1.6]] [[-1.1]]"
    assert lab.sentence().endswith("y_3 = −1.10.")

    quiz = notebook.page.locator(".rnnlib-quiz").first
    region = quiz.locator("[role=status]").element_handle()
    quiz.get_by_role("button", name="b. (0.76, −0.29): nothing new has come, so it stays.").focus()
    notebook.page.keyboard.press("Space")
    quiz.get_by_text("No: it is c.").wait_for()
    assert region.inner_text().startswith("No: it is c. Zero takes")
    assert notebook.complaints() == []
