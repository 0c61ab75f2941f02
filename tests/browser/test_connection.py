"""Page and kernel apart: a kernel that is silent, a line that is cut, a second tab, and thousands of moves."""

import os
import signal
import subprocess

import pytest

from rnnlib.locale import text

PATH = "connected.ipynb"
pytestmark = pytest.mark.server
WHO = "import os\nprint(os.getpid())"


@pytest.fixture
def lab(notebook):
    """A lab that was just made."""
    notebook.run_all()
    return notebook.lab()


def press(lab, key):
    handle = lab.slider("weight scale g")
    handle.focus()
    handle.press(key)


def test_a_kernel_that_does_not_answer_is_said_until_it_does(notebook, lab):
    unanswered = lab.box.get_by_text(text("lab.unanswered"))
    kernel = int(notebook.run(WHO))
    os.kill(kernel, signal.SIGSTOP)
    try:
        press(lab, "ArrowRight")
        unanswered.wait_for()
    finally:
        os.kill(kernel, signal.SIGCONT)
    unanswered.wait_for(state="hidden")
    before = lab.sentence()
    assert lab.changes(lambda: press(lab, "ArrowRight")) != before
    assert not unanswered.is_visible()


CONNECTED = "() => window.jupyterapp.shell.currentWidget.sessionContext.session.kernel.connectionStatus === 'connected'"


@pytest.mark.slow
def test_a_change_that_is_lost_on_its_way_is_said_and_the_cell_mends_it(open_notebook):
    lines, cut = [], []

    def watch(line):
        server = line.connect_to_server()
        lines.append(line)
        line.on_message(lambda message: None if line in cut else server.send(message))

    notebook = open_notebook(PATH, lambda page: page.route_web_socket("**/channels?*", watch))
    notebook.run_all()
    lab, known = notebook.lab(), len(lines)
    unanswered = lab.box.get_by_text(text("lab.unanswered"))
    assert "explodes" in lab.changes(lambda: lab.press("Explode"))
    cut += lines
    press(lab, "ArrowRight")
    for line in cut:
        line.close()
    unanswered.wait_for()
    notebook.page.wait_for_function(CONNECTED)
    assert len(lines) > known
    notebook.page.evaluate("() => window.waiting.clear()")  # what was lost is never answered
    notebook.run_all()
    lab = notebook.lab()
    before = lab.sentence()
    assert lab.changes(lambda: press(lab, "ArrowRight")) != before
    assert not lab.box.get_by_text(text("lab.unanswered")).is_visible()


@pytest.mark.slow
def test_a_second_tab_shows_the_stored_lab_says_so_and_may_take_it_over(notebook, lab, open_notebook):
    moved = lab.changes(lambda: press(lab, "ArrowRight"))
    second = open_notebook(PATH)
    assert second.page.get_by_text(text("lab.stored")).count() == 0  # nothing was saved: no output at all
    assert lab.sentence() == moved
    second.run_all()
    other = second.lab()
    assert "explodes" in other.changes(lambda: other.press("Explode"))
    notebook.page.get_by_text(text("lab.closed")).first.wait_for()
    notebook.run_all()
    assert notebook.page.get_by_text(text("lab.closed")).count() == 0
    back = notebook.lab()
    assert "explodes" in back.changes(lambda: back.press("Explode"))
    second.page.get_by_text(text("lab.closed")).first.wait_for()


@pytest.mark.slow
def test_after_thousands_of_moves_page_and_kernel_hold_no_more_than_after_some(notebook, lab):
    devtools = notebook.page.context.new_cdp_session(notebook.page)
    devtools.send("Performance.enable")
    kernel, held = ["ps", "-o", "rss=", "-p", notebook.run(WHO)], []
    for _ in range(5):
        for key in ("ArrowRight", "ArrowLeft") * 5:
            for _ in range(40):
                lab.changes(lambda key=key: press(lab, key))
        devtools.send("HeapProfiler.collectGarbage")
        metrics = {each["name"]: each["value"] for each in devtools.send("Performance.getMetrics")["metrics"]}
        held.append((float(subprocess.check_output(kernel)), metrics["JSHeapUsedSize"], metrics["Nodes"]))
    assert all(last < 1.05 * early for early, last in zip(held[1], held[-1], strict=True)), held
