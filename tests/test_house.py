"""The rules of the house: which way imports run, how large things may grow, what no file may hold."""

import ast
import functools
import io
import re
import statistics
import subprocess
import sys
import tokenize
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MODULES = {
    ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__"): path
    for path in sorted((ROOT / "rnnlib").rglob("*.py"))
    if path.parent.name != "data"  # a script run by hand, no part of the package
}
# A module may reach only modules of a smaller rank; modules without a rank may stand anywhere, but in no circle.
RANKS = {
    "rnnlib.training": 4,
    "rnnlib.optimizers": 3, "rnnlib.losses": 3, "rnnlib.readout": 3,
    "rnnlib.rnn": 2, "rnnlib.gru": 2, "rnnlib.lstm": 2,
    "rnnlib.recurrent": 1,
    "rnnlib.activations": 0, "rnnlib.weights": 0,
}  # fmt: skip


def layer(name):
    return next(
        (part for part in ("plots", "labs", "widgets", "exercises") if name.startswith(f"rnnlib.{part}")), "core"
    )


INSIDE = [name for name in MODULES if name != "rnnlib"]
CORE = [name for name in INSIDE if layer(name) == "core"]


@functools.cache
def imported(name):
    """The full names that a module imports, anywhere in it; of rnnlib, the modules."""
    path, found = MODULES[name], set()
    package = name if path.name == "__init__.py" else name.rpartition(".")[0]
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            above = package.rsplit(".", node.level - 1)[0] if node.level else ""
            base = ".".join(filter(None, (above, node.module)))
            full = {f"{base}.{alias.name}" for alias in node.names}
            found |= {candidate if candidate in MODULES else base for candidate in full}
    return found


def reached(name):
    """Every module of rnnlib that a module imports, directly or through others."""
    seen, waiting = set(), [name]
    while waiting:
        new = (imported(waiting.pop()) & set(INSIDE)) - seen
        seen |= new
        waiting += new
    return seen


@pytest.mark.parametrize("name", ["rnnlib", *CORE])
def test_the_core_imports_numpy_the_standard_library_and_itself(name):
    outside = {other.partition(".")[0] for other in imported(name)} - sys.stdlib_module_names
    assert outside <= {"numpy", "rnnlib"}
    assert {layer(other) for other in imported(name)} <= {"core"}


def outside(name):
    """The packages that a module imports, but for the standard library and rnnlib."""
    return {other.partition(".")[0] for other in imported(name)} - sys.stdlib_module_names - {"rnnlib"}


def room(part):
    """The files of this name in the rooms of labs."""
    return [name for name in INSIDE if re.fullmatch(rf"rnnlib\.labs\.\w+\.{part}", name)]


def test_a_lab_is_a_room_of_three():
    rooms = {name.rsplit(".", 1)[0] for part in ("compute", "draw", "lab") for name in room(part)}
    assert len(room("compute")) == len(room("draw")) == len(room("lab")) == len(rooms)
    files = {path.name for name in rooms for path in MODULES[name].parent.glob("*.py")}
    assert files == {"__init__.py", "compute.py", "draw.py", "lab.py"}


@pytest.mark.parametrize("name", room("compute"))
def test_compute_has_numbers_without_a_page(name):
    assert outside(name) <= {"numpy"}
    assert {other for other in imported(name) if layer(other) not in ("core", "labs")} == set()
    assert {other for other in imported(name) if layer(other) == "labs"} <= {"rnnlib.labs.ratio", "rnnlib.labs.saved"}
    code = f"import sys, {name}; print(*sorted({{'matplotlib', 'ipywidgets', 'IPython', 'PIL'}} & sys.modules.keys()))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "\n"


@pytest.mark.parametrize("name", room("draw"))
def test_draw_has_pictures_without_numbers(name):
    assert outside(name) <= {"numpy", "matplotlib"}
    mine = f"{name.rsplit('.', 1)[0]}.compute"
    known = {"rnnlib.locale", "rnnlib.validation", mine}
    assert {other for other in imported(name) if other.startswith("rnnlib") and layer(other) != "plots"} <= known


@pytest.mark.parametrize("name", room("lab"))
def test_a_lab_knows_no_other_lab(name):
    mine = name.rsplit(".", 1)[0]
    assert [other for other in reached(name) if re.match(r"rnnlib\.labs\.\w+\.", other) and mine not in other] == []


@pytest.mark.parametrize("name", [name for name in INSIDE if layer(name) == "plots"])
def test_plots_know_no_labs(name):
    assert outside(name) <= {"numpy", "matplotlib"}
    assert {layer(other) for other in imported(name) if other.startswith("rnnlib")} <= {"core", "plots"}


@pytest.mark.parametrize("name", [name for name in INSIDE if layer(name) == "exercises"])
def test_exercises_need_no_more_than_the_core(name):
    runs_notebooks = {"jupyter_client", "psutil"} if name == "rnnlib.exercises.__main__" else set()
    assert outside(name) <= {"numpy"} | runs_notebooks
    assert {layer(other) for other in imported(name)} <= {"core", "exercises"}


@pytest.mark.parametrize("name", INSIDE)
def test_imports_run_one_way(name):
    assert name not in reached(name), "imports itself through others"
    if layer(name) == "core":
        assert "rnnlib" not in imported(name), "imports the package that imports it"
    if name in RANKS:
        assert {other: RANKS[other] for other in reached(name) if RANKS.get(other, -1) >= RANKS[name]} == {}


def test_importing_rnnlib_pulls_in_neither_matplotlib_nor_widgets():
    code = "import sys, rnnlib; print(*sorted({'matplotlib', 'ipywidgets', 'IPython', 'PIL'} & sys.modules.keys()))"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "\n"


@pytest.mark.parametrize("name", [name for name in INSIDE if MODULES[name].name != "__init__.py"])
def test_every_module_has_its_tests(name):
    _, *packages, module = name.split(".")
    names = [module, *packages]
    tests = {path.stem for path in (ROOT / "tests").rglob("test_*.py") if path.parent.name != "browser"}
    assert tests & {f"test_{name}" for name in names}, f"wanted one of test_{names}.py"


def code_lines(source):
    """The numbers of the lines that hold code: no docstrings, comments, blank lines."""
    silent = {tokenize.COMMENT, tokenize.NL, tokenize.NEWLINE, tokenize.INDENT, tokenize.DEDENT, tokenize.ENDMARKER}
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    lines = {n for t in tokens if t.type not in silent for n in range(t.start[0], t.end[0] + 1)}
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef) and ast.get_docstring(node) is not None:
            lines -= set(range(node.body[0].lineno, node.body[0].end_lineno + 1))
    return lines


def test_code_lines_are_counted_right():
    source = '''"Doc."

# why
x = (1,
     2)
def f():
    """Doc

    more."""
    return x'''
    assert code_lines(source) == {4, 5, 6, 10}


SIZES = {name: len(code_lines(path.read_text(encoding="utf-8"))) for name, path in MODULES.items()}


def functions(name):
    """The lines of code of every function of a module, by name."""
    source = MODULES[name].read_text(encoding="utf-8")
    lines = code_lines(source)
    found = [n for n in ast.walk(ast.parse(source)) if isinstance(n, ast.FunctionDef | ast.AsyncFunctionDef)]
    return [(node.name, len(lines & set(range(node.lineno, node.end_lineno + 1)))) for node in found]


def test_the_core_is_read_in_one_sitting_and_every_lab_alone():
    core = ["rnnlib", *(name for name in CORE if name != "rnnlib.locale")]  # which holds words
    assert sum(SIZES[name] for name in core) <= 1000
    assert sum(SIZES.values()) <= 4200
    assert {name: SIZES[name] for name in core if SIZES[name] > 150} == {}
    assert {name: size for name, size in SIZES.items() if size > 200} == {}


def test_functions_are_short():
    sizes = [size for name in MODULES for _, size in functions(name)]
    assert statistics.median(sizes) <= 6


@pytest.mark.parametrize("name", MODULES)
def test_a_function_fits_on_a_screen(name):
    assert [(function, size) for function, size in functions(name) if size > 25] == []


def tracked():
    """The files under version control."""
    command = ["git", "-c", "safe.directory=*", "ls-files", "-z"]
    listed = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    if listed.returncode:
        pytest.skip("not a git checkout")
    return [path for name in set(listed.stdout.split("\0")) - {""} if (path := ROOT / name).is_file()]


def test_no_file_names_a_package_index_or_a_path_of_one_machine():
    index = r"pypi\.org|pythonhosted\.org|npmjs\.(?:com|org)|anaconda\.org|download\.pytorch\.org|(?:extra-)?index-url"
    place = r"(?<![\w.+/-])/(?:home|root|work|Users|tmp)/\w|[A-Z]:\\\\?Users"
    found = {}
    for path in tracked():
        if path != Path(__file__):
            hits = re.findall(f"{index}|{place}", path.read_text(encoding="utf-8", errors="ignore"))
            found |= {path.relative_to(ROOT).as_posix(): hits} if hits else {}
    assert found == {}
