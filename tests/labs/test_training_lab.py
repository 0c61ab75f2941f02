"""The training lab: what it shows is a training run of the core, and settings act when they say they do."""

from threading import Thread

import numpy as np
import pytest
from contract import lines, moving, printed, words
from matplotlib.figure import Figure

import rnnlib
from rnnlib.labs.training_lab import compute, draw
from rnnlib.labs.training_lab.compute import BATCH, CELLS, HIDDEN, TASKS, WINDOW
from rnnlib.locale import text
from rnnlib.plots.style import BLACK, BLUE, GREEN, GREY, ORANGE, style
from rnnlib.widgets import training_lab

SMALL = {"steps": 10, "seed": 3}


@pytest.fixture
def lab():
    made = training_lab(**SMALL)
    yield made
    made.close()


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
def test_lines_sentence_and_code_are_those_of_a_run_of_the_core(lab, drawn, task, cell):
    lab.apply(task=task, cell=cell, weight_scale=1.3, max_norm=0.1, clip=cell != "GRU")
    drawn.clear()
    lab.train(WINDOW + 4)
    wanted, model = records(lab.settings, WINDOW + 4)
    (loss,) = lines(moving(lab, drawn, "loss"), color=BLUE, marker="None")
    means = [np.mean([r.loss for r in wanted[max(0, n - WINDOW) : n]]) for n in range(1, WINDOW + 5)]
    np.testing.assert_allclose(loss.get_ydata(), np.minimum(means, 2 * TASKS[task].guess), rtol=1e-9)
    (right,) = lines(moving(lab, drawn, "right"), color=GREEN)
    assert right.get_ydata()[-1] == pytest.approx(np.mean([r.metric for r in wanted[-WINDOW:]]))
    before, after = moving(lab, drawn, "updates")[:2]
    assert (before.get_color(), after.get_color()) == (ORANGE, BLACK)
    np.testing.assert_allclose(before.get_ydata(), [r.norm for r in wanted], rtol=1e-9)
    np.testing.assert_allclose(after.get_ydata(), [r.clipped_norm for r in wanted], rtol=1e-9)
    probe = TASKS[task].draw(lab.settings["steps"], BATCH, np.random.default_rng([3, 2])).xs
    median = np.median(rnnlib.log_gradient_norms(model, probe), axis=1)[::-1] / np.log(10)
    _band, norms = moving(lab, drawn, "norms")[:2]
    np.testing.assert_allclose(norms.get_ydata(), median, rtol=1e-6, atol=1e-9)
    assert f"the loss is {means[-1]:.2g} " in lab.summary
    assert printed(lab.code) == f"{means[-1]:.2g}"


def test_before_training_the_code_gives_what_reaches_the_first_step(lab):
    number = printed(lab.code)
    assert f"reaches the first step is {number} of the one at the last" in lab.summary


def test_learning_rate_and_clipping_act_on_the_next_update(lab):
    lab.train(5)
    lab.apply(clip=False, learning_rate=0.01)
    lab.train(5)
    assert len(lab._records) == 10
    assert lab._training.optimizer.learning_rate == 0.01
    assert [r.norm for r in lab._records[5:]] == [r.clipped_norm for r in lab._records[5:]]
    assert lab.code.startswith("# A setting changed")


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


def test_presets_differ_in_weight_scale_and_clipping_alone():
    lab = training_lab()
    opened, presets = lab.settings, lab.presets
    for settings in presets.values():
        assert opened.keys() - settings.keys() == {"max_norm"}
        lab.apply(**settings)
        assert {name for name in opened if opened[name] != lab.settings[name]} <= {"weight_scale", "clip"}
    assert [name for name, settings in presets.items() if not settings["clip"]] == ["unclipped"]


@pytest.mark.parametrize("task", TASKS)
def test_guesses_stand_where_guessing_comes_out(lab, task):
    lab.apply(task=task)
    xs, targets, _ = TASKS[task].draw(50, 20_000, 5)
    ys = np.zeros((len(targets), 4)) if task == "temporal_order" else np.ones((len(targets), 1))
    assert (TASKS[task].inputs, TASKS[task].outputs) == (xs.shape[2], ys.shape[1])
    loss = TASKS[task].loss(ys, targets)[0]
    right = TASKS[task].right(ys, targets) if task == "adding" else np.mean(targets == 0)  # always the same class
    for panel, wanted in (("loss", loss), ("right", right)):
        (guess,) = lines(lab.figure.axes[panel].lines, linestyle=":")
        assert guess.get_ydata()[0] == pytest.approx(wanted, abs=0.02)
        assert guess.get_label() == text("training.guess")
    assert lab.figure.axes["right"].get_ylim() == (0, 1)
    assert lab.figure.axes["loss"].get_ylim() == pytest.approx((0, 2 * TASKS[task].guess))


def test_norms_beyond_the_axes_are_marked():
    norms, clipped = np.array([1e-9, 1.0, 1e9]), np.array([1e-9, 1.0, 1.0])
    with style():
        ax = Figure().add_subplot()
        draw.frame_updates(ax)
        dots, after, low, high = draw.draw_updates(ax, compute.Progress(norms, norms, norms, clipped))
    np.testing.assert_array_equal(dots.get_ydata(), [1e-6, 1, 1e6])
    np.testing.assert_array_equal(after.get_ydata(), [1e-6, 1, 1])
    assert [(mark.get_marker(), *mark.get_xdata(), *mark.get_ydata()) for mark in (low, high)] == [
        ("v", 1, 1e-6),
        ("^", 3, 1e6),
    ]
    assert (ax.get_xlim(), ax.get_ylim(), ax.get_yscale()) == ((0, compute.UPDATES), draw.NORMS, "log")
    assert dict(zip(ax.get_yticks(), map(float, words(ax.get_yticklabels())))) == {y: y for y in ax.get_yticks()}
    assert [set(each.get_ydata()) for each in lines(ax.lines, color=GREY)] == [{1}]
    key = ax.get_legend()
    assert [(each.get_text(), handle.get_color()) for each, handle in zip(key.get_texts(), key.legend_handles)] == [
        (text("training.before"), dots.get_color()),
        (text("training.after"), after.get_color()),
    ]


def test_a_running_mean_is_that_of_the_last_window():
    values = np.random.default_rng(0).standard_normal(3 * WINDOW)
    means = compute.running_mean(values)
    assert means == pytest.approx([values[max(0, n - WINDOW) : n].mean() for n in range(1, 3 * WINDOW + 1)])
    assert compute.running_mean(np.empty(0)).shape == (0,)
