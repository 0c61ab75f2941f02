"""How long Run All of each notebook takes, and how much memory its kernel holds at the most."""

import os
import time
from pathlib import Path

import nbformat
from nbclient import NotebookClient

ROOT = Path(__file__).parents[1]
PEAK = "import resource\nprint(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)"  # kilobytes, on Linux


def run(path, environment=None, before="", left_out=""):
    """(seconds, megabytes) of a notebook from the first cell to the end of the last, the kernel's start not counted.

    Before it the kernel may get other variables and run some code; and a line of the notebook may be left out.
    """
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        cell.source = cell.source.replace(left_out, "") if left_out else cell.source
    notebook.cells.insert(0, nbformat.v4.new_code_cell(before))
    notebook.cells.append(nbformat.v4.new_code_cell(PEAK))
    client = NotebookClient(notebook, kernel_name="python3", timeout=300, resources={"metadata": {"path": path.parent}})
    with client.setup_kernel(env=environment or dict(os.environ)):
        client.execute_cell(notebook.cells[0], 0)
        start = time.perf_counter()
        for number, cell in enumerate(notebook.cells[1:], 1):
            client.execute_cell(cell, number)
        seconds = time.perf_counter() - start
    return seconds, int(notebook.cells[-1].outputs[0].text) / 1000


def main():
    load, rows = os.getloadavg()[0], []
    for path in sorted((ROOT / "notebooks").glob("*/*.ipynb")):
        seconds, megabytes = run(path)
        rows.append(f"| {path.parent.name}/{path.stem} | {seconds:.1f} | {megabytes:.0f} |")
    table = "\n".join(rows)
    return f"""## The notebooks

Run All in a fresh kernel, without a browser, and the most memory that the kernel held. {os.cpu_count()} cores, load
average {load:.1f} when it began. At most 10 s and 250 MB are wanted.

| notebook | seconds | MB |
| --- | --- | --- |
{table}
"""
