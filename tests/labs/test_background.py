"""Background work: it leaves the event loop alive, pauses, goes on, ends, and never runs twice under one name."""

import asyncio
import time
from itertools import pairwise
from threading import RLock, Thread

import pytest

from rnnlib.labs.background import CHUNK, Background
from rnnlib.locale import text


class Clock:
    """Stands still while nobody works."""

    now = 0.0


@pytest.fixture(autouse=True)
def _clock(monkeypatch):
    monkeypatch.setattr("rnnlib.labs.background.monotonic", lambda: Clock.now)


class Counter:
    """Work that counts: a piece takes ``seconds`` of the clock; it fails at ``fails_at``."""

    def __init__(self, name, total=10_000, seconds=0.001, fails_at=None):
        self.done, self.shown, self.seconds, self.fails_at = 0, [], seconds, fails_at
        self.lock = RLock()
        self.work = Background(name, total, self.advance, self.show, self.lock)

    def advance(self):
        Clock.now += self.seconds
        time.sleep(0)  # other threads have their turn, as they would in numpy
        self.done += 1
        if self.done == self.fails_at:
            raise ArithmeticError("piece of work failed")
        return self.done

    def show(self):
        self.shown.append(self.done)


def test_other_tasks_have_their_turn_and_pause_answers():
    async def watch():
        counter, seen = Counter("watch"), []
        counter.work.start()
        task = counter.work._task
        assert counter.work.button.description == text("lab.pause")
        while len(counter.shown) < 3:
            await asyncio.sleep(0)
            seen.append(counter.done)
        counter.work.button.click()
        done = counter.done
        await task
        return counter, seen, done

    counter, seen, done = asyncio.run(watch())
    assert 0 < done == counter.done
    assert max(b - a for a, b in pairwise([0, *seen])) * counter.seconds < 1.1 * CHUNK
    assert len(seen) > 2 * len(counter.shown), "a message takes several rounds of the event loop to arrive"
    assert not counter.work.running
    assert counter.work.button.description == text("lab.start")


def test_it_goes_on_where_it_was_and_ends():
    async def finish():
        counter = Counter("finish", total=100, seconds=0.002)
        counter.work.start()
        await asyncio.sleep(0)
        counter.work.pause()
        counter.work.start()
        task = counter.work._task
        counter.work.start()
        assert counter.work._task is task, "started twice"
        await task
        counter.work.start()
        return counter

    counter = asyncio.run(finish())
    assert (counter.done, counter.work.bar.value, counter.work.running) == (100, 100, False)


def test_what_is_done_is_shown_when_another_thread_pauses_it():
    async def watch(counter):
        def press():
            while not counter.done:
                time.sleep(0)
            counter.work.pause()

        counter.work.start()
        task, presser = counter.work._task, Thread(target=press)
        presser.start()
        await task
        presser.join()
        return counter

    for number in range(5):
        counter = asyncio.run(watch(Counter(f"thread {number}")))
        assert 0 < counter.done == counter.shown[-1] == counter.work.bar.value


def test_the_lock_is_held_from_the_work_to_its_picture():
    def look(counter, seen):
        while counter.work.running:
            with counter.lock:
                seen.append((counter.done, counter.shown[-1] if counter.shown else 0))
            time.sleep(0)

    async def watch():
        counter, seen = Counter("lock", total=200), []
        counter.work.start()
        task, looker = counter.work._task, Thread(target=look, args=(counter, seen))
        looker.start()
        await task
        looker.join()
        return seen

    seen = asyncio.run(watch())
    assert seen
    assert all(done == shown for done, shown in seen)


def test_a_new_one_of_the_same_name_ends_the_old_one_and_leaves_others_alone():
    async def reopen():
        old, other = Counter("same"), Counter("other")
        old.work.start()
        other.work.start()
        await asyncio.sleep(0)
        Counter("same")
        running = old.work.running, other.work.running
        other.work.pause()
        return running

    assert asyncio.run(reopen()) == (False, True)


def test_a_failure_ends_the_work_and_is_raised():
    async def fail():
        counter = Counter("fail", fails_at=3)
        counter.work.start()
        task = counter.work._task
        with pytest.raises(ArithmeticError, match="piece of work failed"):
            await task
        return counter

    counter = asyncio.run(fail())
    assert not counter.work.running
    assert counter.work.button.description == text("lab.start")


def test_outside_an_event_loop_it_says_so():
    counter = Counter("nowhere")
    with pytest.raises(RuntimeError, match="no running event loop"):
        counter.work.start()
    assert not counter.work.running
