"""Notebook 05 in a real browser: a network trains while controls move, pauses at once, and starts over."""

import re
import time

import pytest

PATH = "notebooks/en/05_vanishing_exploding_gradients.ipynb"


@pytest.fixture(scope="module")
def lab(open_notebook):
    notebook = open_notebook(PATH)
    notebook.run_all()
    assert notebook.complaints() == []
    assert notebook.sentences() == notebook.stored()
    yield notebook.lab(1)
    assert notebook.complaints() == []


def updates(lab):
    """How many updates the sentence speaks of; 0 before training."""
    found = re.search(r"After (\d+) updates", lab.sentence())
    return int(found[1]) if found else 0


def wait_until(true, seconds=30):
    """How many seconds it took until this was true."""
    start = time.monotonic()
    while not true():
        assert time.monotonic() - start < seconds
        time.sleep(0.02)
    return time.monotonic() - start


def test_it_trains_while_controls_move_and_pauses(lab):
    assert lab.sentence().startswith("Before training")
    lab.press("Start")
    wait_until(lambda: updates(lab) > 20)
    rate = lab.slider("learning rate")
    rate.focus()
    for _ in range(3):
        rate.press("ArrowRight")
    so_far = updates(lab)
    wait_until(lambda: updates(lab) > so_far + 20)
    wait_until(lambda: "A setting changed" in lab.code())
    picture = lab.picture()
    wait_until(lambda: lab.picture() != picture)
    answers = []
    for _ in range(4):
        lab.box.get_by_role("button", name="Pause", exact=True).evaluate("button => button.click()")
        answers.append(wait_until(lambda: lab.box.get_by_role("button", name="Start", exact=True).count() == 1))
        lab.press("Start")
        wait_until(lambda: lab.box.get_by_role("button", name="Pause", exact=True).count() == 1)
        lab.page.wait_for_timeout(300)
    assert min(answers) < 0.2, answers  # the best of them, as this machine may be busy
    lab.press("Pause")
    wait_until(lambda: lab.box.get_by_role("button", name="Start", exact=True).count() == 1)
    lab.page.wait_for_timeout(300)
    at_rest = updates(lab)
    lab.page.wait_for_timeout(500)
    assert updates(lab) == at_rest


def test_it_goes_on_and_reset_starts_over(lab):
    at_rest = updates(lab)
    lab.press("Start")
    wait_until(lambda: updates(lab) > at_rest)
    lab.press("Reset")
    wait_until(lambda: lab.sentence().startswith("Before training"))
    lab.page.wait_for_timeout(500)
    assert lab.sentence().startswith("Before training")
