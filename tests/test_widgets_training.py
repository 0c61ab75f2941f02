"""The training lab: what it shows is a training run of the core, and settings act when they say they do."""

import asyncio
import io
import itertools
from contextlib import redirect_stdout
from threading import Thread

import numpy as np
import pytest
from matplotlib.axes import Axes

import rnnlib
from rnnlib.plots.style import BLACK, BLUE, GREEN, ORANGE
from rnnlib.widgets import training_lab
from rnnlib.widgets.training import BATCH, CELLS, HIDDEN, TASKS, WINDOW

SMALL = {"steps": 10, "seed": 3}


@pytest.fixture
def lab():
    made = training_lab(**SMALL)
    yield made
    made.close()


@pytest.fixture
def lines(monkeypatch):
    """The lines that moved into the last picture, by panel's axes."""
    seen, draw_artist = {}, Axes.draw_artist

    def draw(ax, artist):
        seen.setdefault(ax, []).append(artist)
        draw_artist(ax, artist)

    monkeypatch.setattr(Axes, "draw_artist", draw)
    return seen


def run(code):
    said = io.StringIO()
    with redirect_stdout(said):
        exec(code, {})
    return said.getvalue().strip()


def records(settings, updates):
    """The same training from public names."""
    now, task = settings, TASKS[settings["task"]]
    draws = np.random.default_rng([now["seed"], 1])
    batches = (getattr(rnnlib.sequences, now["task"])(now["steps"], BATCH, draws) for _ in range(updates))
    activation = {"activation": now["activation"]} if now["cell"] == "RNN" else {}
    model = getattr(rnnlib, now["cell"])(
        task.inputs, HIDDEN, weight_scale=now["weight_scale"], rng=now["seed"], **activation
    )
    readout = rnnlib.Readout(HIDDEN, task.outputs, rng=now["seed"])
    limit = now["max_norm"] if now["clip"] else None
    training = rnnlib.Training(model, readout, task.loss, rnnlib.Adam(now["learning_rate"]), task.right, max_norm=limit)
    return list(training.run(batches)), model


@pytest.mark.parametrize("task", TASKS)
@pytest.mark.parametrize("cell", CELLS)
def test_lines_sentence_and_code_are_those_of_a_run_of_the_core(lab, lines, task, cell):
    lab.apply(task=task, cell=cell, weight_scale=1.3, max_norm=0.1, clip=cell != "GRU")
    lines.clear()
    lab.train(WINDOW + 4)
    wanted, model = records(lab.settings, WINDOW + 4)
    axes = lab.figure.axes
    (loss,) = [line for line in lines[axes["loss"]] if line.get_color() == BLUE and line.get_marker() == "None"]
    means = [np.mean([r.loss for r in wanted[max(0, n - WINDOW) : n]]) for n in range(1, WINDOW + 5)]
    np.testing.assert_allclose(loss.get_ydata(), np.minimum(means, 2 * TASKS[task].guess), rtol=1e-9)
    (right,) = [line for line in lines[axes["right"]] if line.get_color() == GREEN]
    assert right.get_ydata()[-1] == pytest.approx(np.mean([r.metric for r in wanted[-WINDOW:]]))
    before, after = lines[axes["updates"]][:2]
    assert (before.get_color(), after.get_color()) == (ORANGE, BLACK)
    np.testing.assert_allclose(before.get_ydata(), [r.norm for r in wanted], rtol=1e-9)
    np.testing.assert_allclose(after.get_ydata(), [r.clipped_norm for r in wanted], rtol=1e-9)
    probe = TASKS[task].draw(lab.settings["steps"], BATCH, np.random.default_rng([3, 2])).xs
    median = np.median(rnnlib.log_gradient_norms(model, probe), axis=1)[::-1] / np.log(10)
    _band, norms = lines[axes["norms"]][:2]
    np.testing.assert_allclose(norms.get_ydata(), median, rtol=1e-6, atol=1e-9)
    assert f"the loss is {means[-1]:.2g} " in lab.summary
    assert run(lab.code) == f"{means[-1]:.2g}"
    assert len(lab.code.splitlines()) <= 6


def test_before_training_the_code_gives_what_reaches_the_first_step(lab):
    number = run(lab.code)
    assert f"reaches the first step is {number} of the one at the last" in lab.summary
    assert len(lab.code.splitlines()) <= 6


def test_learning_rate_and_clipping_act_on_the_next_update(lab):
    lab.train(5)
    lab.apply(clip=False, learning_rate=0.01)
    lab.train(5)
    assert len(lab._records) == 10
    assert lab._training.optimizer.learning_rate == 0.01
    assert [r.norm for r in lab._records[5:]] == [r.clipped_norm for r in lab._records[5:]]
    assert lab.code.startswith("# A setting changed")


@pytest.mark.parametrize("change", [{"cell": "GRU"}, {"weight_scale": 2.0}, {"activation": "relu"}, {"seed": 4}])
def test_other_settings_start_over(lab, change):
    lab.train(5)
    lab.apply(**change)
    assert lab._records == []
    assert lab._work.bar.value == 0
    fresh = training_lab(**(SMALL | change))
    assert lab.figure.png() == fresh.figure.png()
    assert lab.summary == fresh.summary
    fresh.close()


def test_reset_starts_over_with_the_settings_of_the_opening(lab):
    picture = lab.figure.png()
    lab.apply(learning_rate=0.05)
    lab.train(3)
    lab.reset()
    assert lab.settings == training_lab(**SMALL).settings
    assert (lab._records, lab.figure.png()) == ([], picture)


def test_a_run_whose_loss_is_no_number_ends_in_words(lab):
    lab.train(2)
    lab._training.readout.params["W_hy"] += 1e308
    lab.train(3)
    assert lab.summary.startswith("Stopped: training stopped at step ")
    assert lab._work.bar.value == lab._work.bar.max
    lab.reset()
    assert lab.summary.startswith("Before training")


def test_it_trains_in_the_event_loop_while_settings_change(lab):
    async def reader():
        lab._work.button.click()
        for scale in itertools.islice(itertools.cycle((1.0, 2.0)), 4):
            await asyncio.sleep(0.1)
            lab.controls["learning_rate"].value = 0.001 * scale
        lab._work.button.click()
        return len(lab._records)

    done = asyncio.run(reader())
    assert 0 < done == len(lab._records)
    assert f"After {done} updates" in lab.summary


def test_close_and_a_second_lab_end_the_training():
    async def reopen():
        first = training_lab(**SMALL)
        first._work.start()
        await asyncio.sleep(0)
        second = training_lab(**SMALL)
        running = first._work.running
        second._work.start()
        second.close()
        first.close()
        return running, second._work.running

    assert asyncio.run(reopen()) == (False, False)


def test_threads_may_move_controls_at_the_same_time(lab):
    def move(values):
        for value in values:
            lab.controls["max_norm"].value = value
            lab.apply(steps=10 + 5 * int(value))

    threads = [Thread(target=move, args=(values,)) for values in ((1, 2, 3, 4), (4, 3, 2, 1))]
    with pytest.MonkeyPatch.context() as patch:
        failures = []
        patch.setattr("threading.excepthook", failures.append)
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    assert failures == []
    assert lab.figure.png() == training_lab(**lab.settings).figure.png()
