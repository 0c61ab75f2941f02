"""Background work: it leaves the event loop alive, pauses, goes on, ends, and never runs twice under one name."""

import asyncio
from itertools import pairwise
from threading import Event, RLock, Thread

import pytest

from rnnlib.labs import background
from rnnlib.labs.background import CHUNK, Background
from rnnlib.locale import text


class Counter:
    """Work that counts: by its own clock, ten pieces are a chunk; it fails at ``fails_at``."""

    def __init__(self, monkeypatch, name="counter", total=10_000, fails_at=None):
        self.done, self.shown, self.fails_at = 0, [], fails_at
        self.lock, self.begun = RLock(), Event()
        self.work = Background(name, total, self.advance, self.show, self.lock)
        monkeypatch.setattr(background, "monotonic", lambda: self.done * 0.1 * CHUNK)

    def advance(self):
        self.begun.set()
        self.done += 1
        if self.done == self.fails_at:
            raise ArithmeticError("piece of work failed")
        return self.done

    def show(self):
        self.shown.append(self.done)


def test_other_tasks_have_their_turn_and_pause_answers(monkeypatch):
    async def watch():
        counter, rounds = Counter(monkeypatch), {}
        counter.work.start()
        task = counter.work._task
        assert counter.work.button.description == text("lab.pause")
        while len(counter.shown) < 20:
            await asyncio.sleep(0)
            rounds[len(counter.shown)] = rounds.get(len(counter.shown), 0) + 1
        counter.work.button.click()
        await task
        return counter, rounds

    counter, rounds = asyncio.run(watch())
    assert {after - before for before, after in pairwise([0, *counter.shown])} <= {10, 11}  # as the clock rounds
    assert counter.shown[-1] == counter.done
    assert max(rounds.values()) > 10, "a message takes several rounds of the event loop to arrive"
    assert not counter.work.running
    assert counter.work.button.description == text("lab.start")


def test_it_goes_on_where_it_was_and_ends(monkeypatch):
    async def finish():
        counter = Counter(monkeypatch, total=100)
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


def test_what_is_done_is_shown_when_another_thread_pauses_it(monkeypatch):
    def press(counter):
        assert counter.begun.wait(60)  # in the midst of a chunk
        counter.work.pause()

    async def watch(counter):
        counter.work.start()
        task, presser = counter.work._task, Thread(target=press, args=(counter,))
        presser.start()
        await task
        presser.join()
        return counter

    for _ in range(5):
        counter = asyncio.run(watch(Counter(monkeypatch, total=10**9)))
        assert 0 < counter.done == counter.shown[-1] == counter.work.bar.value


def test_the_lock_is_held_from_the_work_to_its_picture(monkeypatch):
    def look(counter, seen):
        while counter.work.running:
            with counter.lock:
                seen.append((counter.done, counter.shown[-1] if counter.shown else 0))

    async def watch():
        counter, seen = Counter(monkeypatch, total=200), []
        counter.work.start()
        task, looker = counter.work._task, Thread(target=look, args=(counter, seen))
        looker.start()
        await task
        looker.join()
        return seen

    seen = asyncio.run(watch())
    assert seen
    assert all(done == shown for done, shown in seen)


def test_a_new_one_of_the_same_name_ends_the_old_one_and_leaves_others_alone(monkeypatch):
    async def reopen():
        old, other = Counter(monkeypatch, "same"), Counter(monkeypatch, "other")
        old.work.start()
        other.work.start()
        await asyncio.sleep(0)
        Counter(monkeypatch, "same")
        running = old.work.running, other.work.running
        other.work.pause()
        return running

    assert asyncio.run(reopen()) == (False, True)


def test_a_failure_ends_the_work_and_is_raised(monkeypatch):
    async def fail():
        counter = Counter(monkeypatch, fails_at=3)
        counter.work.start()
        task = counter.work._task
        with pytest.raises(ArithmeticError, match="piece of work failed"):
            await task
        return counter

    counter = asyncio.run(fail())
    assert not counter.work.running
    assert counter.work.button.description == text("lab.start")


def test_outside_an_event_loop_it_says_so(monkeypatch):
    counter = Counter(monkeypatch)
    with pytest.raises(RuntimeError, match="no running event loop"):
        counter.work.start()
    assert not counter.work.running
