"""What the labs that train share: a run follows its settings, whichever thread moves them, and ends with its lab."""

import asyncio
import time
from threading import Thread

import pytest

from rnnlib.widgets import characters_lab, training_lab
from rnnlib.widgets.background import CHUNK

LABS = pytest.mark.parametrize("lab_of", [characters_lab, training_lab])


def elsewhere(act):
    """Do this in another thread, as JupyterLab may, in the midst of a chunk of work."""

    def do():
        time.sleep(CHUNK / 2)
        act()

    return asyncio.get_running_loop().run_in_executor(None, do)


@LABS
def test_a_pause_from_another_thread_leaves_nothing_unshown(lab_of):
    async def reader(lab):
        lab._work.start()
        await asyncio.sleep(0.15)
        await elsewhere(lab._work.pause)
        await asyncio.sleep(0.2)

    lab = lab_of(seed=3)
    asyncio.run(reader(lab))
    assert 0 < len(lab._records) == lab._work.bar.value
    assert f"After {len(lab._records)} updates" in lab.summary
    assert f"range({len(lab._records)})" in lab.code
    lab.close()


@LABS
def test_a_reset_from_another_thread_leaves_a_lab_as_it_was_opened(lab_of):
    async def reader(lab):
        for _ in range(5):
            lab._work.start()
            await asyncio.sleep(0.1)
            await elsewhere(lab.reset)
            await asyncio.sleep(0.1)
            yield (list(lab._records), lab._work.bar.value, lab.summary, lab.figure.png())

    async def collect(lab):
        return [seen async for seen in reader(lab)]

    lab = lab_of(seed=3)
    opened = ([], 0, lab.summary, lab.figure.png())
    assert asyncio.run(collect(lab)) == [opened] * 5
    lab.close()


@LABS
def test_settings_moved_from_another_thread_all_act(lab_of):
    def move(lab):
        for rate in (0.001, 0.002, 0.003, 0.004):
            lab.controls["learning_rate"].value = rate
            time.sleep(0.05)

    async def reader(lab):
        lab._work.start()
        await elsewhere(lambda: move(lab))
        lab._work.pause()
        await asyncio.sleep(0.2)

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
        lab._work.start()
        await asyncio.sleep(0.1)
        closer = Thread(target=lab.close)
        closer.start()
        while closer.is_alive():
            await asyncio.sleep(0)
        done = len(lab._records)
        await asyncio.sleep(0.2)
        return done

    lab = lab_of(seed=3)
    assert asyncio.run(reader(lab)) == len(lab._records)
    assert not lab._work.running


@LABS
def test_training_in_a_cell_shows_the_same_as_training_on_the_page(lab_of):
    async def reader(lab):
        lab._work.start()
        await asyncio.sleep(0.2)
        lab._work.pause()

    page = lab_of(seed=3)
    asyncio.run(reader(page))
    cell = lab_of(seed=3)
    cell.train(len(page._records))
    assert (cell.summary, cell.code, cell.figure.png()) == (page.summary, page.code, page.figure.png())
    for lab in (page, cell):
        lab.close()
