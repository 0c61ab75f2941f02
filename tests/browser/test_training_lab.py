"""The training lab in a real browser: a network trains while controls move, pauses, and starts over."""

import re
import time

import pytest

PATH = "trained.ipynb"


@pytest.fixture(scope="module")
def lab(notebook):
    notebook.run_all()
    yield notebook.lab(1)
    assert notebook.complaints() == []


def updates(lab):
    """How many updates the sentence speaks of; 0 before training."""
    found = re.search(r"After (\d+) updates", lab.sentence())
    return int(found[1]) if found else 0


def wait_until(true, seconds=60):
    """Look until this is true: each look asks the page, which takes its own time."""
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end


def test_it_trains_while_controls_move_and_pauses(notebook, lab):
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
    lab.press("Pause")
    wait_until(lambda: lab.box.get_by_role("button", name="Start", exact=True).count() == 1)
    done = notebook.run("print(len(training._records))")
    wait_until(lambda: updates(lab) == int(done))
    assert updates(lab) < 1500, "it paused, and did not end"
    assert notebook.run("print(len(training._records), training._work.running)") == f"{done} False"


def test_it_goes_on_and_reset_starts_over(notebook, lab):
    at_rest = updates(lab)
    lab.press("Start")
    wait_until(lambda: updates(lab) > at_rest)
    lab.press("Reset")
    wait_until(lambda: lab.sentence().startswith("Before training"))
    assert notebook.run("print(len(training._records), training._work.running)") == "0 False"
    assert lab.sentence().startswith("Before training")
