"""A notebook runs in other ways than from top to bottom: each cell again, and as a script."""

import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
from nbclient import NotebookClient
from nbconvert import PythonExporter

NOTEBOOKS = sorted((Path(__file__).parents[1] / "notebooks").glob("*/*.ipynb"))


def some(*quick):
    """Every notebook; only these editions and numbers in the quick run."""
    names = [f"{path.parent.name}/{path.stem}" for path in NOTEBOOKS]
    marks = [() if name.startswith(quick) else pytest.mark.slow for name in names]
    return [pytest.param(path, marks=mark, id=name) for path, mark, name in zip(NOTEBOOKS, marks, names)]


def words(cell):
    """What a cell printed and, of what it showed, the words."""
    return [output.get("text") or output.data["text/plain"] for output in cell.outputs]


@pytest.mark.parametrize("path", some("en/01"))
def test_each_cell_can_be_run_again(path):
    notebook = nbformat.read(path, as_version=4)
    client = NotebookClient(notebook, timeout=None, coalesce_streams=True)
    changed = []
    with client.setup_kernel(cwd=str(path.parent)):
        for index, cell in enumerate(notebook.cells):
            if cell.cell_type == "code":
                once, again = (words(client.execute_cell(cell, index)) for _ in range(2))
                changed += [(cell.source, once, again)] if once != again else []
    assert changed == []


@pytest.mark.parametrize("place", ["beside it", "elsewhere"])
@pytest.mark.parametrize("path", some("es/02"))
def test_as_a_script_it_prints_the_same(path, place, tmp_path):
    script = tmp_path / f"{path.stem}.py"
    script.write_text(PythonExporter().from_filename(str(path))[0], encoding="utf-8")
    # As it would be where the output goes to a file on Windows.
    mine = os.environ | {"MPLBACKEND": "agg", "PYTHONIOENCODING": "cp1252", "PYTHONUTF8": "0"}
    folder = path.parent if place == "beside it" else tmp_path
    run = subprocess.run([sys.executable, script], cwd=folder, env=mine, capture_output=True)
    assert run.stderr.decode("cp1252") == ""
    assert run.returncode == 0
    cells = [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]
    stored = "".join(output.text for cell in cells for output in cell.outputs if output.output_type == "stream")
    printed = run.stdout.decode("cp1252").splitlines()
    writable = [line for line in stored.splitlines() if line.encode("cp1252", "replace").decode("cp1252") == line]
    assert [line for line in writable if line not in printed] == []
