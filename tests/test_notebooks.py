"""The shape of the stored notebooks, and the script that stores them. What they compute is compared by nbval."""

import copy
import io
import math
import re
import runpy
from pathlib import Path

import nbformat
import numpy as np
import pytest
from editions import EDITIONS, FORMS
from nbclient.exceptions import CellExecutionError
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from rnnlib import exercises, widgets

ROOT = Path(__file__).parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*/*.ipynb"))
SCRIPT = runpy.run_path(str(ROOT / "notebooks/execute.py"))


@pytest.fixture(params=NOTEBOOKS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def path(request):
    return request.param


@pytest.fixture
def notebook(path):
    return nbformat.read(path, as_version=4)


@pytest.fixture
def code(notebook):
    return [cell for cell in notebook.cells if cell.cell_type == "code"]


def test_there_are_notebooks():
    assert NOTEBOOKS


def test_it_is_stored_as_make_notebooks_leaves_it(path, notebook):
    again = copy.deepcopy(notebook)
    SCRIPT["normalise"](again)
    assert again == notebook
    assert nbformat.writes(notebook) + "\n" == path.read_text(encoding="utf-8")


def test_its_cells_have_ids_of_their_own(notebook):
    ids = [cell.id for cell in notebook.cells]
    assert len(set(ids)) == len(ids)


def test_its_formulas_are_closed(notebook):
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            words = re.sub(r"`[^`]*`", "", cell.source)
            inline = re.sub(r"\$\$.*?\$\$", "", words, flags=re.S)
            assert [line for line in inline.splitlines() if line.count("$") % 2] == []


def test_it_was_run_from_top_to_bottom(code):
    # nbval compares nothing where a cell has no count.
    assert [cell.execution_count for cell in code] == list(range(1, len(code) + 1))


def test_no_cell_ends_in_an_error(code):
    assert [cell.source for cell in code for output in cell.outputs if output.output_type == "error"] == []


def test_nbval_skips_nothing(code):
    assert [cell.source for cell in code if re.search(r"#\s*(NBVAL|PYTEST_VALIDATE)_", cell.source)] == []
    tags = {tag for cell in code for tag in cell.metadata.get("tags", [])}
    assert {tag for tag in tags if tag.startswith(("nbval", "pytest-validate", "raises-exception"))} == set()


def test_no_cell_has_more_than_20_lines(code):
    assert [cell.source for cell in code if len(cell.source.splitlines()) > 20] == []


def word_count(texts):
    """How many words: what stands between spaces and holds a letter or a digit."""
    return sum(len(re.findall(r"\S*\w\S*", text)) for text in texts)


def minutes(notebook):
    """To read and to do: 130 words a minute of prose, quizzes and outputs; 8 a lab, 8 an exercise, 1 a quiz."""
    prose, source, outputs = [], "", []
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            prose.append(cell.source)
        else:
            source += cell.source + "\n"
            outputs += [output.get("text") or output.data["text/plain"] for output in cell.outputs]
    called = re.findall(r"\bwidgets\.(\w+)\(", source)
    labs = [name for name in called if name != "quiz" and hasattr(widgets, name)]
    checked = re.findall(r"^exercises\.\w+\.check\(", source, re.M)
    read = word_count(prose + outputs) / 130
    return tuple(5 * math.ceil(each / 5) for each in (read, 8 * len(labs) + 8 * len(checked) + called.count("quiz")))


def test_words_labs_exercises_and_quizzes_are_counted():
    text = new_output("stream", text="not yet\n")
    cells = [new_markdown_cell("one *two* three, $x = 4$\n\n| a | -- | - |"), new_code_cell("x = 1", outputs=[text])]
    cells[0].source += " and so on" * 214
    assert word_count([cells[0].source]) == 6 + 3 * 214
    assert minutes(new_notebook(cells=cells)) == (5, 0)  # 650 words in all
    cells.append(new_markdown_cell("more"))
    assert minutes(new_notebook(cells=cells)) == (10, 0)
    called = 'widgets.quiz("order")\nwidgets.gates_lab()\nipywidgets.IntProgress()\nexercises.step.check(step)\n'
    cells += [new_code_cell(called), new_code_cell("exercises.step.hint()")]
    assert minutes(new_notebook(cells=cells)) == (10, 20)


@pytest.fixture
def forms(path):
    """The forms of the notebook's edition."""
    return FORMS[path.parent.name]


def test_its_minutes_are_said(notebook, forms):
    read, do = minutes(notebook)
    wanted = forms["minutes"].format(read=read, do=do)
    assert wanted in notebook.cells[0].source, f"wanted in the first cell: {wanted}"


@pytest.mark.parametrize("number", [0, 1], ids=["readme", "teaching"])
def test_the_pages_state_the_same_minutes(path, notebook, forms, number):
    page, (read, do) = forms["pages"][number], minutes(notebook)
    row = re.compile(rf"^\| (\[)?{path.stem[:2]} .*\| {read} \| {do} \|", re.M)
    assert row.search((ROOT / page).read_text(encoding="utf-8")), f"{page}, {path.stem}: wanted | {read} | {do} |"


@pytest.mark.parametrize("language", EDITIONS)
def test_the_plan_fills_90_minutes_and_what_it_names_fits(language):
    teaching = (ROOT / FORMS[language]["pages"][1]).read_text(encoding="utf-8")
    for number in (1, 2):
        heading = re.escape(FORMS[language]["class"].format(n=number))
        (plan,) = re.findall(rf"^## {heading}.*?(?=^\w|^## )", teaching, re.M | re.S)
        rows = re.findall(r"^\| (\d+)–(\d+) \| (.*?) \|", plan, re.M)
        assert [start for start, _, _ in rows] == ["0", *(end for _, end, _ in rows[:-1])]
        assert rows[-1][1] == "90"
        for start, end, what in rows:
            names = re.findall(r"`(\w+)`", what)
            assert all(hasattr(widgets, name) or hasattr(exercises, name) for name in names), what
            assert int(end) - int(start) >= 8 * len(names), what


def core_path(line, to="to"):
    """The numbers of the sections that a line like "sections 1 to 4 and 6" names."""
    named = set()
    for first, last in re.findall(rf"(\d+)(?: {to} (\d+))?", line):
        named |= set(range(int(first), int(last or first) + 1))
    return named


def test_the_core_path_is_every_section_that_is_no_second_reading(notebook, forms):
    assert core_path("sections 1 to 4 and 6, 9 to 11") == {1, 2, 3, 4, 6, 9, 10, 11}
    headings = re.findall(
        r"^## (\d+)\. (.*)$", "\n".join(c.source for c in notebook.cells if c.cell_type == "markdown"), re.M
    )
    core = {int(number) for number, title in headings if not title.endswith(forms["second reading"])}
    (line,) = re.findall(forms["core path"], notebook.cells[0].source, re.M) or [""]
    assert core_path(line, forms["to"]) == core, f"wanted in the first cell: the sections {sorted(core)}"


PICTURE = """
import matplotlib.pyplot as plt
plt.plot([0, 1])
plt.show()
"""
WIDGET = """
import ipywidgets
ipywidgets.IntSlider(value=3)
"""


def stored(folder, *sources):
    """Stores a notebook of these code cells and returns its path."""
    target = folder / "made.ipynb"
    nbformat.write(new_notebook(cells=[new_code_cell(source) for source in sources]), target)
    return target


@pytest.mark.slow
def test_execute_twice_stores_the_same_bytes(tmp_path):
    path = stored(tmp_path, "print(1)\nprint(2)", PICTURE, WIDGET)
    SCRIPT["execute"](path)
    once = path.read_bytes()
    SCRIPT["execute"](path)
    assert path.read_bytes() == once
    printed, picture, slider = (cell.outputs for cell in nbformat.read(path, as_version=4).cells)
    assert [output.text for output in printed] == ["1\n2\n"]
    assert b"Software" not in SCRIPT["base64"].b64decode(picture[0].data["image/png"])
    assert list(slider[0].data) == ["text/plain"]


@pytest.mark.parametrize(
    ("source", "error", "words"),
    [
        ("1 / 0", CellExecutionError, "ZeroDivisionError"),
        ("import warnings; warnings.warn('look here')", RuntimeError, "look here"),
    ],
)
def test_execute_fails_loudly_and_changes_nothing(tmp_path, source, error, words):
    path = stored(tmp_path, source)
    before = path.read_bytes()
    with pytest.raises(error, match=words):
        SCRIPT["execute"](path)
    assert path.read_bytes() == before


def test_text_is_dropped_from_a_picture_but_no_pixel():
    pixels = np.arange(48, dtype=np.uint8).reshape(4, 4, 3)
    plain, signed = io.BytesIO(), io.BytesIO()
    Image.fromarray(pixels).save(plain, "png")
    info = PngInfo()
    info.add_text("Software", "rnnlib")
    Image.fromarray(pixels).save(signed, "png", pnginfo=info)
    assert b"Software" in signed.getvalue()
    assert SCRIPT["without_text"](signed.getvalue()) == plain.getvalue()
