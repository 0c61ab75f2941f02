"""Collected answers: what the exercises say of whole notebooks.

    python -m rnnlib.exercises 02_forward_pass.ipynb     a table
    python -m rnnlib.exercises handed_in > answers.csv   a folder: CSV, a row for each notebook
    … --language es                                      in Spanish

Every notebook runs in a kernel of its own, with a time limit, an empty home, and no more of the environment than it
needs. There its answers are only called; what they did comes back as plain data and is judged here, where none of its
lines ran. They are other people's programs all the same: run this in a container, or as a user of its own.
"""

import argparse
import ast
import contextlib
import csv
import ctypes
import json
import os
import queue
import re
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import psutil
from jupyter_client.blocking.client import BlockingKernelClient
from jupyter_client.manager import KernelManager

from rnnlib import exercises
from rnnlib.exercises import calls
from rnnlib.locale import languages, names, set_language, text

Cells = list[str]
CHECK = re.compile(rf"\bexercises\.({'|'.join(exercises.__all__)})\.check\(")
KEPT = ("PATH", "PYTHONPATH", "LANG", "LC_ALL", "TZ", "SYSTEMROOT")  # of the environment
HOME = ("HOME", "USERPROFILE", "TMPDIR", "TEMP")
# What the kernel runs first: a copy of this package's code that no cell reaches; 4 GB at most, where there is a limit.
START = [
    f"__import__('runpy').run_path({calls.__file__!r})['collect'](__import__('rnnlib.exercises').exercises)",
    "__import__('resource').setrlimit(__import__('resource').RLIMIT_AS, (2**32, 2**32))",
]


def run(cells: Cells, seconds: float) -> tuple[Any, str]:
    """What the answers of these cells did, as JSON by exercise; and how the run ended, in words."""
    manager, until, number = KernelManager(), time.monotonic() + seconds, 0
    came, ended = {}, "ran"
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home:
        kept = {name: os.environ[name] for name in KEPT if name in os.environ} | {"OPENBLAS_NUM_THREADS": "1"}
        silent = dict.fromkeys(("stdout", "stderr"), subprocess.DEVNULL)
        manager.start_kernel(env=kept | dict.fromkeys(HOME, home), cwd=home, **silent)
        client = manager.blocking_client()
        client.start_channels(iopub=False, stdin=False, hb=False, control=False)  # what it prints goes nowhere
        try:
            for number, cell in enumerate([*START, *cells, ""], 1 - len(START)):  # noqa: B007
                answered = reply(manager, client, CHECK.sub(r"__check_\1__(", cell), until)
                for said in answered["user_expressions"].values():  # none after a cell that stopped with an error
                    came = json.loads(ast.literal_eval(said["data"]["text/plain"]))
        except Exception as error:  # whatever a foreign kernel does, or says
            ended = "late" if isinstance(error, TimeoutError) else "died"
        client.stop_channels()
        manager.shutdown_kernel(now=True)
        for left in psutil.Process().children(recursive=True):
            with contextlib.suppress(psutil.Error):  # it may have ended by itself
                left.kill()
    return came, text(f"collected.{ended}", cell=number)


def reply(manager: KernelManager, client: BlockingKernelClient, code: str, until: float) -> Any:
    """What the kernel answers when the code has run, errors or not.

    Raises:
        TimeoutError: the time was up first.
        ChildProcessError: the kernel is no more.
    """
    # stop_on_error would refuse what comes a moment after an error.
    sent = client.execute(code, user_expressions={"came": "__came__()"}, allow_stdin=False, stop_on_error=False)
    while time.monotonic() < until:
        try:
            message = client.get_shell_msg(timeout=0.2)
            if message["parent_header"]["msg_id"] == sent:
                return message["content"]
        except queue.Empty:
            if not manager.is_alive():
                raise ChildProcessError from None
    raise TimeoutError


def judged(cells: Cells | None, seconds: float) -> dict[str, str]:
    """How the run ended, and what each exercise that these cells check says, by its name."""
    if cells is None:
        return {"ended": text("collected.unreadable")}
    came, ended = run(cells, seconds)
    row = {"ended": ended}
    for name in CHECK.findall("\n".join(cells)):
        try:
            said = getattr(exercises, name).judge(iter(calls.heard(came[name])).__next__)[0]
        except Exception as error:  # any but the first kind is of a notebook that forges what it sends
            said = "unchecked" if isinstance(error, KeyError) else "wrong"
        row[name] = text(f"collected.{said}") if said in names("collected") else said
    return row


def read(path: str) -> Cells | None:
    """The code cells of a notebook; None where there is no notebook."""
    try:
        cells = json.loads(Path(path).read_text(encoding="utf-8"))["cells"]
        return ["".join(cell["source"]) for cell in cells if cell["cell_type"] == "code"]
    except (OSError, ValueError, LookupError, TypeError):
        return None


def within(path: str) -> list[str]:
    """A folder's notebooks, by names that begin with the folder's, so that none reads as a formula; or the path."""
    found = sorted(each.relative_to(path) for each in Path(path).rglob("*.ipynb") if each.is_file())
    return [f"{path}/{each.as_posix()}" for each in found if ".ipynb_checkpoints" not in each.parts] or [path]


def main() -> None:
    """Read every notebook, then run and judge one after the other."""
    parser = argparse.ArgumentParser("python -m rnnlib.exercises", description=text("collected.about"))
    parser.add_argument("paths", nargs="+", help=text("collected.paths"))
    parser.add_argument("--seconds", type=float, default=120, help=text("collected.seconds"))
    parser.add_argument("--language", choices=languages(), default="en", help=text("collected.language"))
    given = parser.parse_args()
    set_language(given.language)
    notebooks = {name: read(name) for path in given.paths for name in within(os.path.normpath(path))}
    folder = any(map(os.path.isdir, given.paths))
    if not folder and None in notebooks.values():
        parser.error(text("collected.no_notebook", path=next(name for name in notebooks if notebooks[name] is None)))
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(36, 1)  # PR_SET_CHILD_SUBREAPER: what outlives its parent becomes a child of ours
    # A name may have any character; and a line is seen when it is written.
    sys.stdout.reconfigure(errors="backslashreplace", line_buffering=True)  # type: ignore[union-attr]
    asked = set(CHECK.findall("\n".join(cell for cells in notebooks.values() for cell in cells or [])))
    columns = ["notebook", "ended", *(name for name in exercises.__all__ if name in asked)]
    lines = csv.DictWriter(sys.stdout, columns, lineterminator="\n")
    if folder:
        lines.writeheader()
    for path, cells in notebooks.items():
        row = judged(cells, given.seconds)
        if folder:
            lines.writerow({"notebook": path, **row})
        else:
            print(f"{path}: {row.pop('ended')}", *(f"  {name:<20} {said}" for name, said in row.items()), sep="\n")


if __name__ == "__main__":
    main()
