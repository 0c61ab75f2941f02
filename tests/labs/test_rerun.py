"""A cell that runs again frees the lab that it made before, wherever the kernel is told which cell runs."""

import gc
import json
from types import SimpleNamespace

import pytest
from contract import LABS
from IPython.core.formatters import DisplayFormatter
from ipywidgets.widgets import widget as registry
from jupyter_client.manager import start_new_kernel

from rnnlib.labs import rerun
from rnnlib.widgets import bptt_lab, characters_lab, quiz

RUNS, WARM = 40, 5
LAB = 17 * 2**20  # bytes that one lab takes


class Kernel:
    """Says which cell runs, as ipykernel does."""

    def __init__(self):
        self.runs = 0

    def run(self, cell, make):
        self.runs += 1
        self.parent_header = {"metadata": {"cellId": cell} if cell else {}, "header": {"msg_id": str(self.runs)}}
        return make()


@pytest.fixture
def kernel(monkeypatch):
    made = Kernel()
    monkeypatch.setattr(rerun, "get_ipython", lambda: made)
    monkeypatch.setattr(rerun, "_made", {})
    return made


def test_it_shows_itself_with_its_picture_to_the_ipywidgets_of_colab_too():
    """Version 7 has its own way to show a widget, which knows no picture: it is left out."""
    lab = bptt_lab()
    data, _ = DisplayFormatter().format(lab)
    view = {"version_major": 2, "version_minor": 0, "model_id": lab.model_id}
    assert data["application/vnd.jupyter.widget-view+json"] == view
    assert (data["text/plain"], data["text/html"][:5]) == (lab.summary, "<img ")
    lab.close()


def is_open(lab):
    return lab.comm is not None


QUICK = ("bptt_lab", "characters_lab", "quiz")  # a lab, one that trains, and what is no lab


@pytest.mark.parametrize(
    "name", [pytest.param(name, marks=() if name in QUICK else pytest.mark.slow) for name in (*LABS, "quiz")]
)
def test_a_cell_that_runs_again_keeps_one_lab(kernel, name):
    make = LABS.get(name, lambda: quiz("fate"))
    kernel.run("a", make)
    gc.collect()
    before = len(registry._instances)
    for _ in range(2):
        lab = kernel.run("a", make)
    gc.collect()
    assert len(registry._instances) == before
    assert is_open(lab)
    lab.close()


def test_other_cells_and_other_labs_of_one_run_stay(kernel):
    first, second = kernel.run("a", lambda: (bptt_lab(), bptt_lab()))
    other = kernel.run("b", bptt_lab)
    assert [is_open(lab) for lab in (first, second, other)] == [True, True, True]
    again = kernel.run("a", bptt_lab)
    assert [is_open(lab) for lab in (first, second, other, again)] == [False, False, True, True]
    for lab in (other, again):
        lab.close()


def test_a_lab_that_was_closed_by_hand_is_no_hindrance(kernel):
    kernel.run("a", bptt_lab).close()
    kernel.run("a", bptt_lab).close()


@pytest.mark.parametrize("shell", [None, SimpleNamespace(), SimpleNamespace(parent_header={})])
def test_where_nobody_says_which_cell_runs_nothing_is_closed(monkeypatch, shell):
    monkeypatch.setattr(rerun, "get_ipython", lambda: shell)
    labs = [bptt_lab(), bptt_lab()]
    assert [is_open(lab) for lab in labs] == [True, True]
    for lab in labs:
        lab.close()


def test_a_run_of_the_cell_ends_the_training_that_goes_on_in_the_lab_before(kernel):
    first = kernel.run("a", characters_lab)
    first._work._task = object()  # as if it were going on
    second = kernel.run("a", characters_lab)
    assert not first._work.running
    second.close()


CELL = """import gc, json, psutil
from IPython.core.formatters import DisplayFormatter
from ipywidgets.widgets import widget as registry
from matplotlib.figure import Figure
from rnnlib import widgets
lab = widgets.{name}()
gc.collect()
figures = sum(isinstance(each, Figure) for each in gc.get_objects())
print(json.dumps([len(registry._instances), figures, psutil.Process().memory_info().rss]))
lab"""


@pytest.mark.slow
@pytest.mark.parametrize("name", LABS)
def test_forty_runs_of_a_cell_take_the_widgets_and_the_memory_of_one(name):
    manager, client = start_new_kernel()
    said = []

    def hear(message):
        if message["msg_type"] == "stream":
            said.extend(json.loads(line) for line in message["content"]["text"].splitlines())
        assert message["msg_type"] != "error", message["content"]

    def run():
        content = {"code": CELL.format(name=name), "silent": False, "store_history": True, "allow_stdin": False}
        message = client.session.msg("execute_request", content, metadata={"cellId": "a"})
        client.shell_channel.send(message)
        client._recv_reply(message["header"]["msg_id"], timeout=60)
        while (heard := client.get_iopub_msg(timeout=60))["content"].get("execution_state") != "idle":
            hear(heard)

    try:
        for _ in range(RUNS):
            run()
    finally:
        client.stop_channels()
        manager.shutdown_kernel(now=True)
    widgets, figures, memory = zip(*said)
    assert len(said) == RUNS
    assert set(widgets[WARM:]) == {widgets[WARM]}
    assert set(figures) == {1}
    assert memory[-1] - memory[WARM] < 5 * LAB  # the allocator keeps some; 35 labs would take seven times as much
