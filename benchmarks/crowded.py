"""Run All of each notebook with a busy process a core beside it, by the number of BLAS threads; and on its own."""

import os
import statistics
import subprocess
import sys
import time
from contextlib import contextmanager
from threading import RLock

from benchmarks.notebooks import ROOT, run
from rnnlib.labs.gradient_lab.lab import shown
from rnnlib.labs.threads import one_thread
from rnnlib.widgets import gradient_lab

CORES, MANY, ROUNDS = os.cpu_count() or 1, 16, 3
KEEP = "one_thread.keep()"
FORCED = f"import numpy, threadpoolctl\nthreadpoolctl.threadpool_limits({MANY})"  # the variable is cut to the cores
# What a kernel starts with, and whether the notebook keeps its limit.
WAYS = {
    "one": ({"OPENBLAS_NUM_THREADS": "1"}, "", True),
    "as installed": ({}, "", True),
    "many": ({}, FORCED, True),
    "without": ({}, "", False),
}


@contextmanager
def busy(processes):
    started = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(processes)]
    try:
        yield
    finally:
        for process in started:
            process.kill()
            process.wait()


def seconds(path, way):
    more, before, kept = WAYS[way]
    free = {name: value for name, value in os.environ.items() if not name.endswith("_NUM_THREADS")}
    return run(path, free | more, before, "" if kept else KEEP)[0]


def best(path, ways, rounds):
    """The shortest of some rounds for each way, in turns."""
    times = [[seconds(path, way) for way in ways] for _ in range(rounds)]
    return [min(column) for column in zip(*times)]


def crowded_row(path):
    one, installed, many = best(path, ["one", "as installed", "many"], ROUNDS)
    (without,) = best(path, ["without"], 1)
    cells = f"{one:.1f} | {installed:.1f} | {installed / one:.2f} | {many:.1f} | {many / one:.2f} | {without:.1f}"
    return f"| {path.stem} | {cells} |"


def alone_row(path):
    without, installed = best(path, ["without", "as installed"], ROUNDS + 1)
    return f"| {path.stem} | {without:.2f} | {installed:.2f} | {installed / without:.2f} |"


def step_row(steps, hidden_size):
    """The gradient lab's step, with its limit and with a lock that limits nothing, in turns."""
    lab, times = gradient_lab(hidden_size=hidden_size, steps=steps), ([], [])
    for stop in range(200):
        lab._drawing = (RLock(), one_thread)[stop % 2]
        shown.cache_clear()  # every step at a new place
        start = time.perf_counter()
        lab.apply(weight_scale=10 ** (stop // 2 % 20 / 100))
        times[stop % 2].append(1e3 * (time.perf_counter() - start))
    lab.close()
    without, limited = map(statistics.median, times)
    return f"| {hidden_size} | {steps} | {without:.1f} | {limited:.1f} | {limited / without:.2f} |"


def main():
    paths, load = sorted((ROOT / "notebooks" / "en").glob("*.ipynb")), os.getloadavg()[0]
    steps = "\n".join(step_row(*sizes) for sizes in ((100, 64), (200, 128), (200, 256)))
    alone = "\n".join(map(alone_row, paths))
    with busy(CORES):
        crowded = "\n".join(map(crowded_row, paths))
    return f"""## A crowded machine

{CORES} cores, load average {load:.1f} when it began, without the {CORES} busy processes. Labs and notebooks keep
BLAS to one thread: `rnnlib.labs.threads`. *Left out*: the notebook without its line `{KEEP}`; its
labs keep their limit.

Run All in seconds with a busy process a core beside it, the best of {ROUNDS} in turns (*left out*: of 1). The two
ratios are to `OPENBLAS_NUM_THREADS=1`, and at most 1.3.

| notebook | `OPENBLAS_NUM_THREADS=1` | as installed | ratio | {MANY} threads forced | ratio | left out |
| --- | --- | --- | --- | --- | --- | --- |
{crowded}

Run All in seconds with nothing beside it, the best of {ROUNDS + 1}. At most 1.05.

| notebook | left out | as installed | ratio |
| --- | --- | --- | --- |
{alone}

A step of the gradient lab in the kernel, in milliseconds, with nothing beside it; medians of 100 in turns. At most
1.05.

| H | T | no limit | as installed | ratio |
| --- | --- | --- | --- | --- |
{steps}
"""
