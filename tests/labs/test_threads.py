"""One BLAS thread inside, the reader's own number afterwards: after errors, nested, and from several threads."""

import subprocess
import sys
from pathlib import Path
from threading import Event, Thread

import nbformat
import pytest
from contract import LABS
from threadpoolctl import ThreadpoolController, threadpool_info, threadpool_limits

from rnnlib.labs import threads
from rnnlib.labs.run import RunLab
from rnnlib.labs.threads import one_thread

NOTEBOOKS = sorted((Path(__file__).parents[2] / "notebooks").glob("*/*.ipynb"))
OWN = 5  # the reader's number; no machine starts with it


def count():
    """The number of threads of each BLAS."""
    return {library["num_threads"] for library in threadpool_info() if library["user_api"] == "blas"}


@pytest.fixture(autouse=True)
def own():
    if not count():
        pytest.skip("no BLAS whose threads can be told")
    one_thread.undo()  # what all tests keep
    before = threadpool_limits(OWN, user_api="blas")
    with threadpool_limits(OWN, user_api="blas"):
        pass  # threadpoolctl leaves the number to the thread that set it last until a block of its ends
    yield
    one_thread.undo()
    left = count()
    before.restore_original_limits()
    one_thread.keep()
    assert left == {OWN}


def test_one_inside_and_the_own_number_afterwards():
    with one_thread:
        assert count() == {1}
        with one_thread:
            assert count() == {1}
        assert count() == {1}


def test_an_error_leaves_the_own_number():
    with pytest.raises(KeyError), one_thread:
        raise KeyError
    assert count() == {OWN}


def test_kept_until_undone_however_often():
    one_thread.keep()
    one_thread.keep()
    with one_thread:
        assert count() == {1}
    assert count() == {1}
    one_thread.undo()
    assert count() == {OWN}
    one_thread.undo()
    assert count() == {OWN}
    one_thread.keep()
    assert count() == {1}


def test_the_reader_may_choose_another_number_in_between():
    one_thread.keep()
    with threadpool_limits(3, user_api="blas"):
        assert count() == {3}
    assert count() == {1}


def test_two_threads_whose_blocks_overlap_leave_the_own_number():
    inside, leave = Event(), Event()

    def work():
        with one_thread:
            inside.set()
            leave.wait()

    thread = Thread(target=work)
    with one_thread:
        thread.start()
        assert not inside.wait(0.1)
    inside.wait()
    assert count() == {1}
    leave.set()
    thread.join()
    assert count() == {OWN}


def test_the_readers_own_limit_in_another_thread_stays_and_ends_as_it_would():
    inside, leave = Event(), Event()

    def cell():
        with threadpool_limits(3, user_api="blas"):
            inside.set()
            leave.wait()

    thread = Thread(target=cell)
    thread.start()
    inside.wait()
    with one_thread:
        assert count() == {3}
        leave.set()
        thread.join()
        assert count() == {OWN}
    assert count() == {OWN}


def test_undo_waits_for_what_goes_on_in_another_thread():
    kept, undo = Event(), Event()

    def cells():
        one_thread.keep()
        kept.set()
        undo.wait()
        one_thread.undo()

    thread = Thread(target=cells)
    thread.start()
    kept.wait()
    with one_thread:
        undo.set()
        thread.join(0.1)
        assert thread.is_alive()
        assert count() == {1}
    thread.join()
    assert count() == {OWN}


def test_where_there_is_no_blas_nothing_changes(monkeypatch):
    monkeypatch.setattr(threads, "_blas", lambda: ThreadpoolController().select(prefix="none"))
    one_thread.keep()
    with one_thread:
        assert count() == {OWN}
    one_thread.undo()


@pytest.mark.parametrize("name", LABS)
def test_a_lab_computes_and_draws_with_one(name, monkeypatch):
    lab, seen = LABS[name](), []
    monkeypatch.setattr(lab, "_show", lambda: seen.append(count()))
    monkeypatch.setattr(lab.figure, "show", lambda *shown: seen.append(count()))
    lab.reset()
    assert seen == [{1}, {1}]
    assert count() == {OWN}
    monkeypatch.setattr(lab, "_show", lambda: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        lab.reset()
    assert count() == {OWN}
    if isinstance(lab, RunLab):
        monkeypatch.setattr(lab, "_advance", lambda: seen.append(count()) or 1 / 0)
        with pytest.raises(ZeroDivisionError):
            lab.train(1)
        assert seen[2:] == [{1}]
    lab.close()


def test_labs_that_python_closes_at_its_end_say_nothing():
    code = "import ipywidgets, rnnlib.widgets as w; lab = w.bptt_lab(); import this"
    ended = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ended.stderr == ""


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_a_notebook_says_that_it_keeps_one_and_how_to_undo_it(path):
    first = next(cell.source for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code")
    assert "\none_thread.keep()  # " in first
    assert "one_thread.undo()" in first
