"""One thread for products of small matrices: several wait for each other longer than they compute.

OpenBLAS starts a thread for each core that it sees. Beside a busy process, or in a container that may use fewer cores
than it sees, training that takes seconds then takes minutes: ``benchmarks/README.md`` has the numbers.
"""

from contextlib import ExitStack
from functools import cache
from threading import RLock

from threadpoolctl import ThreadpoolController


class OneThread:
    """Held, as in ``with one_thread:``, BLAS computes with one thread; afterwards with as many as before.

    It is a lock, too: the number is the whole process's, so whoever wants another waits until it has been put back.
    Where there is no BLAS whose threads can be told, it is a lock alone.
    """

    def __init__(self) -> None:
        self._lock, self._held, self._kept = RLock(), list[ExitStack](), ExitStack()

    def __enter__(self) -> None:
        with ExitStack() as stack:
            stack.enter_context(self._lock)
            _limit(stack)
            self._held.append(stack.pop_all())

    def __exit__(self, *error: object) -> None:
        self._held.pop().close()

    def keep(self) -> None:
        """One thread from here on, for all code of this process, until ``undo``."""
        with self._lock:
            _limit(self._kept)

    def undo(self) -> None:
        """As many threads as before ``keep``. A cell may call it; another thread than that of ``keep`` may not."""
        with self._lock:
            self._kept.close()


def _limit(stack: ExitStack) -> None:
    with ExitStack() as limit:
        limit.enter_context(_blas().limit(limits=1))
        # Where the reader's own limit is in force in another thread, it stays, and there is nothing to put back.
        if all(library.num_threads == 1 for library in _blas().lib_controllers):
            stack.push(limit.pop_all())


@cache
def _blas() -> ThreadpoolController:
    """Numpy's own, found once: it takes 1 ms, and cannot be done any more while Python shuts down and closes labs."""
    return ThreadpoolController().select(user_api="blas")


one_thread = OneThread()
