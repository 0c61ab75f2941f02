"""What the labs that train share: a run follows its settings, whichever thread moves them, and ends with its lab."""

import asyncio
from threading import Event

import pytest

from rnnlib.widgets import characters_lab, training_lab

LABS = pytest.mark.parametrize("lab_of", [characters_lab, training_lab])


def start(lab):
    """Press Start, and give the task that works."""
    lab._work.start()
    return lab._work._task


async def grown(lab, updates=1):
    """Let the lab train until it has made so many updates more."""
    wanted = len(lab._records) + updates
    while len(lab._records) < wanted:
        await asyncio.sleep(0)


async def elsewhere(lab, act):
    """Do this in another thread, as JupyterLab may, in the midst of a chunk of work."""
    amid, advance = Event(), lab._work._advance

    def signalling():
        amid.set()
        return advance()

    def do():
        assert amid.wait(60)
        act()

    lab._work._advance = signalling
    await asyncio.get_running_loop().run_in_executor(None, do)


@LABS
def test_a_pause_from_another_thread_leaves_nothing_unshown(lab_of):
    async def reader(lab):
        task = start(lab)
        await elsewhere(lab, lab._work.pause)
        await task

    lab = lab_of(seed=3)
    asyncio.run(reader(lab))
    assert 0 < len(lab._records) == lab._work.bar.value
    assert f"After {len(lab._records)} update" in lab.summary
    assert f"range({len(lab._records)})" in lab.code
    lab.close()


@LABS
def test_a_reset_from_another_thread_leaves_a_lab_as_it_was_opened(lab_of):
    async def reader(lab):
        for _ in range(5):
            task = start(lab)
            await elsewhere(lab, lab.reset)
            await task
            yield (list(lab._records), lab._work.bar.value, lab.summary, lab.figure.png())

    async def collect(lab):
        return [seen async for seen in reader(lab)]

    lab = lab_of(seed=3)
    opened = ([], 0, lab.summary, lab.figure.png())
    assert asyncio.run(collect(lab)) == [opened] * 5
    lab.close()


@LABS
def test_settings_moved_from_another_thread_all_act(lab_of):
    async def reader(lab):
        task = start(lab)
        for rate in (0.001, 0.002, 0.003, 0.004):
            await elsewhere(lab, lambda rate=rate: lab.controls["learning_rate"].set_trait("value", rate))
            await grown(lab)
        lab._work.pause()
        await task

    lab = lab_of(seed=3)
    asyncio.run(reader(lab))
    assert lab._training.optimizer.learning_rate == 0.004
    assert lab.code.startswith("# A setting changed")
    assert [record.step for record in lab._records] == list(range(1, len(lab._records) + 1))
    assert f"After {len(lab._records)} updates" in lab.summary
    lab.close()


@LABS
def test_close_from_another_thread_ends_the_run(lab_of):
    async def reader(lab):
        task = start(lab)
        await elsewhere(lab, lab.close)
        await task

    lab = lab_of(seed=3)
    asyncio.run(reader(lab))
    assert not lab._work.running


@LABS
def test_training_in_a_cell_shows_the_same_as_training_on_the_page(lab_of):
    async def reader(lab):
        task = start(lab)
        await grown(lab, 3)
        lab._work.pause()
        await task

    page = lab_of(seed=3)
    asyncio.run(reader(page))
    cell = lab_of(seed=3)
    cell.train(len(page._records))
    assert (cell.summary, cell.code, cell.figure.png()) == (page.summary, page.code, page.figure.png())
    for lab in (page, cell):
        lab.close()


@pytest.fixture(params=[characters_lab, training_lab])
def lab(request):
    made = request.param(seed=3)
    yield made
    made.close()


def test_the_learning_rate_acts_on_the_next_update(lab):
    lab.train(2)
    lab.apply(learning_rate=0.1)
    lab.train(2)
    assert lab._training.optimizer.learning_rate == 0.1
    assert len(lab._records) == 4
    assert lab.code.startswith("# A setting changed")


def test_a_setting_that_starts_over_is_a_new_lab_with_it(lab):
    for name in type(lab).starts_over:
        lab.train(2)
        control = lab.controls[name]
        values = [option[1] if isinstance(option, tuple) else option for option in getattr(control, "options", [])]
        value = values[-1] if values else control.min if isinstance(control.min, int) else 2.0
        lab.apply(**{name: 2.0 if name == "weight_scale" else value})
        new = type(lab)(lab.settings)
        assert (lab._records, lab._work.bar.value) == ([], 0)
        assert (lab.summary, lab.code, lab.figure.png()) == (new.summary, new.code, new.figure.png()), name
        new.close()


def test_reset_starts_over_with_the_settings_of_the_opening(lab):
    opened = lab.settings, lab.summary, lab.code, lab.figure.png()
    lab.apply(learning_rate=0.05)
    lab.train(3)
    lab.reset()
    assert lab._records == []
    assert (lab.settings, lab.summary, lab.code, lab.figure.png()) == opened


def test_a_run_whose_loss_is_no_number_ends_in_words(lab):
    lab.train(2)
    lab._training.readout.params["W_hy"] += 1e308
    lab.train(3)
    assert lab.summary.startswith("Stopped at update 3: ")
    assert lab._work.bar.value == lab._work.bar.max
    lab.reset()
    assert lab.summary.startswith("Before")


def test_it_trains_in_the_event_loop_while_settings_change(lab):
    async def reader():
        lab._work.button.click()
        task = lab._work._task
        for rate in (0.001, 0.002, 0.001):
            await grown(lab)
            lab.controls["learning_rate"].value = rate
        lab._work.button.click()
        done = len(lab._records)
        await task
        return done

    assert 0 < asyncio.run(reader()) == len(lab._records)
    assert f"After {len(lab._records)} updates" in lab.summary


@LABS
def test_a_second_lab_ends_the_training_of_the_first_and_close_its_own(lab_of):
    async def reopen():
        first = lab_of(seed=3)
        first._work.start()
        await asyncio.sleep(0)
        second = lab_of(seed=3)
        running = first._work.running
        second._work.start()
        second.close()
        first.close()
        return running, second._work.running

    assert asyncio.run(reopen()) == (False, False)
