"""Long work in the kernel's own event loop: controls stay alive while it goes on, and Pause answers at once."""

import asyncio
from collections.abc import Callable
from time import monotonic
from typing import ClassVar
from weakref import WeakValueDictionary

import ipywidgets

from rnnlib.labs.threads import OneThread
from rnnlib.locale import text

CHUNK = 0.05  # seconds of work before the controls have their turn: short enough to feel immediate
REST = 0.01  # seconds of their turn: a message from the page takes several rounds of the event loop to arrive


class Background:
    """A button that starts and pauses the work, and a bar that shows how far it is.

    Only one work of a name goes on in a kernel: a lab opened again, by running its cell again, ends the old one.

    Args:
        name: whose work it is.
        total: how many pieces there are.
        advance: does one piece, and says how many are done.
        show: shows what has been done; called once a chunk.
        lock: held during each chunk and its showing. Start and Pause may come from different threads, as may the
            controls: each finds work and picture in step.

    Attributes:
        button, bar: the widgets.
    """

    _current: ClassVar[WeakValueDictionary[str, "Background"]] = WeakValueDictionary()

    def __init__(
        self, name: str, total: int, advance: Callable[[], int], show: Callable[[], None], lock: OneThread
    ) -> None:
        self.name, self._advance, self._show, self._lock = name, advance, show, lock
        self.button = ipywidgets.Button(button_style="primary", layout=ipywidgets.Layout(width="auto"))
        self.button.on_click(lambda _: self.pause() if self.running else self.start())
        self.bar = ipywidgets.IntProgress(max=total, layout=ipywidgets.Layout(width="302px"))
        self._labels = text("lab.start"), text("lab.pause")
        self._task: asyncio.Task[None] | None = None
        if (other := self._current.get(name)) is not None:
            other.pause()
        self._current[name] = self
        self._label()

    @property
    def running(self) -> bool:
        """Whether the work goes on."""
        return self._task is not None

    def start(self) -> None:
        """Go on, in the running event loop, until all is done or ``pause`` is called.

        Raises:
            RuntimeError: there is no event loop; outside Jupyter, do the work in a loop of your own.
        """
        if not self.running and self.bar.value < self.bar.max:
            self._task = asyncio.get_running_loop().create_task(self._work())
            self._label()

    def pause(self) -> None:
        """Stop after the present piece; ``start`` goes on from there."""
        self._task = None  # the work looks here before each piece, so any thread may pause it
        self._label()

    async def _work(self) -> None:
        me = asyncio.current_task()
        try:
            while self._task is me and self.bar.value < self.bar.max:
                self._chunk(me)
                await asyncio.sleep(REST)
        finally:
            if self._task is me:
                self.pause()

    def _chunk(self, me: asyncio.Task[None] | None) -> None:
        with self._lock:
            until, done = monotonic() + CHUNK, self.bar.value
            while self._task is me and done < self.bar.max and monotonic() < until:
                done = self._advance()
            if done != self.bar.value:  # paused or not: what is done is shown
                self.bar.value = done
                self._show()

    def _label(self) -> None:
        self.button.description = self._labels[self.running]
