"""`python -m rnnlib.exercises`: whole notebooks judged, whatever they do."""

import csv
import io
import os
import re
import subprocess
import sys
from pathlib import Path

import nbformat
import psutil
import pytest
from editions import OTHERS, notebooks

from rnnlib import exercises
from rnnlib.exercises.calls import heard, outcomes, told
from rnnlib.locale import text

ROOT = Path(__file__).parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks/en").glob("*.ipynb"))


def collected(*arguments, cwd=None, **environment):
    """What the command does: (exit code, stdout, stderr)."""
    command = [sys.executable, "-m", "rnnlib.exercises", *map(str, arguments)]
    environment = os.environ | {"PYTHONPATH": str(ROOT), "PYTHONUTF8": "1"} | environment
    done = subprocess.run(command, cwd=cwd, env=environment, capture_output=True, timeout=600)
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def rows(printed):
    """The rows of a CSV by the notebook's name."""
    return {row.pop("notebook"): row for row in csv.DictReader(io.StringIO(printed, newline=""))}


def store(path, *sources):
    nbformat.write(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in sources]), path)


def changed(folder, answer):
    """Verdicts on all exercises, asked in one notebook; answer(name of the exercise) is checked."""
    checks = [f"exercises.{name}.check({answer(name)})" for name in exercises.__all__]
    store(folder / "all.ipynb", "from rnnlib import exercises", *checks)
    return verdicts(folder)


def verdicts(folder):
    """The verdicts that the notebooks of a folder get, by exercise: each stands in one of them."""
    code, printed, _ = collected(folder)
    found = rows(printed)
    assert code == 0
    assert list(found) == [str(path) for path in sorted(folder.glob("*.ipynb"))]
    assert {row.pop("ended") for row in found.values()} == {"ran"}
    given = {name: said for row in found.values() for name, said in row.items() if said}
    assert sum(said != "" for row in found.values() for said in row.values()) == len(exercises.__all__)
    return given


def test_solved_notebooks_are_right(tmp_path):
    given = changed(tmp_path, lambda name: f"exercises.{name}.reference")
    assert given == dict.fromkeys(exercises.__all__, "right")


def test_mistakes_are_named(tmp_path):
    """The last one of each: most of these write into their arguments, or return something of another shape."""
    given = changed(tmp_path, lambda name: f"exercises.{name}.mistakes[-1]")
    assert given == {name: getattr(exercises, name).mistakes[-1].__name__ for name in exercises.__all__}


@pytest.mark.slow
def test_what_is_not_written_is_not_yet(tmp_path):
    assert changed(tmp_path, lambda name: "lambda *_: None") == dict.fromkeys(exercises.__all__, "not yet")


def test_verdicts_in_spanish(tmp_path):
    store(tmp_path / "made.ipynb", IMPORTS, "exercises.reach.check(None)", "1 / 0; exercises.forget_bias.check(1)")
    code, printed, complaints = collected("--language", "es", tmp_path)
    assert (code, complaints) == (0, "")
    assert rows(printed) == {
        f"{tmp_path}/made.ipynb": {"ended": "ejecutado", "reach": "todavía no", "forget_bias": "sin comprobar"}
    }


@pytest.mark.slow
def test_the_notebooks_as_they_stand_are_not_yet():
    assert verdicts(ROOT / "notebooks/en") == dict.fromkeys(exercises.__all__, "not yet")


@pytest.mark.parametrize("language", ["en", *(pytest.param(other, marks=pytest.mark.slow) for other in OTHERS)])
def test_a_single_notebook_is_a_table(language):
    path = notebooks(language)["02"]
    code, printed, complaints = collected(path)
    assert (code, complaints) == (0, "")
    first, *lines = printed.splitlines()
    assert first == f"{path}: ran"
    assert [line.split(maxsplit=1) for line in lines] == [[n, "not yet"] for n in ("step", "unroll", "find_the_bug")]


IMPORTS = "import builtins, ctypes, os, subprocess, sys\nimport numpy as np\nfrom rnnlib import exercises"
RIGHT = "def forget_bias(lag):\n    f = 0.5 ** (1 / lag)\n    return np.log(f / (1 - f))"
NAMED = "def forget_bias(lag):\n    return 0.5 ** (1 / lag)"
ASK = "exercises.forget_bias.check(forget_bias)"
OVERWRITE = """
import copy, json
from rnnlib.exercises import calls, exercise
exercises.forget_bias.check = lambda answer: print("right")
exercises.forget_bias.reference = forget_bias
exercises.forget_bias.cases = []
exercises.forget_bias.mistakes = []
for name in ("verdict", "judge", "check", "_same"):
    setattr(exercise.Exercise, name, lambda *args: ("right", "right"))
calls.outcomes = calls.told = calls.numbers = calls.copy = calls.np = exercise.outcomes = exercise.np = None
np.allclose = lambda *args, **more: True
print = len = list = dict = str = None
"""
FORGED = """builtins.__came__ = lambda: '{"forget_bias": "[[], []]"}'"""
COUNTS = RIGHT.replace("return", "k.append(1)\n    return (len(k) > 3) +")
ALONE = "assert 'A_SECRET' not in os.environ\nassert os.path.expanduser('~') == os.getcwd()"
HANDED_IN = {  # by file: the cells, how the run ends, and what is said
    "00_right": ([IMPORTS, RIGHT, ASK], "ran", "right"),
    "01_overwrites_all_and_is_right": ([IMPORTS, RIGHT, OVERWRITE, ASK], "ran", "right"),
    "02_overwrites_all_and_is_wrong": ([IMPORTS, NAMED, OVERWRITE, ASK], "ran", "gate_itself"),
    "03_prints": ([IMPORTS, 'os.write(1, b"a,right\\n")\nos.system("echo right")', NAMED, ASK], "ran", "gate_itself"),
    "04_prints_much": ([IMPORTS, 'for i in range(200): print("x" * 10**6)', RIGHT, ASK], "ran", "right"),
    "05_exits": ([IMPORTS, RIGHT, ASK, "os._exit(0)"], "died in cell 4", "right"),
    "06_exits_before": ([IMPORTS, RIGHT, "os._exit(0)", ASK], "died in cell 3", "not checked"),
    "07_segfault": ([IMPORTS, RIGHT, "ctypes.string_at(0)", ASK], "died in cell 3", "not checked"),
    "08_quits": ([IMPORTS, RIGHT, ASK, "quit()", "1 + 1"], None, "right"),
    "09_wants_a_hundred_gigabytes": ([IMPORTS, RIGHT, "np.ones(12 * 10**9)", ASK], "ran", "right"),
    "10_errors_before": ([IMPORTS, RIGHT, *["1 / 0"] * 50, ASK], "ran", "right"),
    "11_error_in_its_cell": ([IMPORTS, f"{RIGHT}\n{ASK}\n1 / 0", "1 / 0"], "ran", "right"),
    "12_does_not_parse": ([IMPORTS, f"def forget_bias(lag:\n{ASK}"], "ran", "not checked"),
    "13_magics": ([IMPORTS, "%reset -f", "%%time\n1 + 1", f"{IMPORTS}\n{RIGHT}", f"%time {ASK}"], "ran", "right"),
    "14_asks_for_input": ([IMPORTS, "input()", RIGHT, ASK], "ran", "right"),
    "15_answered_twice": ([IMPORTS, RIGHT, ASK, NAMED, ASK], "ran", "gate_itself"),
    "16_draws_at_random": ([IMPORTS, "def forget_bias(lag):\n    return np.random.random()", ASK], "ran", "wrong"),
    "17_counts_calls": ([IMPORTS, f"k = []\n{COUNTS}", ASK], "ran", "unsteady"),
    "18_returns_far_too_much": ([IMPORTS, "def forget_bias(lag):\n    return np.ones(10**6)", ASK], "ran", "wrong"),
    "19_returns_a_thing": ([IMPORTS, "def forget_bias(lag):\n    return exercises", ASK], "ran", "wrong"),
    "20_forges_nothing": ([IMPORTS, FORGED, NAMED, ASK], "ran", "wrong"),
    "21_forges": ([IMPORTS, NAMED, ASK, "builtins.__came__ = lambda: 'right'"], "died in cell 4", "gate_itself"),
    "22_knows_no_secret": ([IMPORTS, f"{RIGHT}\n{ALONE}\n{ASK}"], "ran", "right"),
    "23_float32": (
        [IMPORTS, RIGHT.replace("return ", "return np.float32(1) * np.float32(") + ")", ASK],
        "ran",
        "right",
    ),
    "24_rounded": ([IMPORTS, RIGHT.replace("return ", "return round(") + ", 4)", ASK], "ran", "nearly right"),
    "=1+1": ([IMPORTS, RIGHT, ASK], "ran", "right"),
    'one,"two"\nthree': ([IMPORTS, RIGHT, ASK], "ran", "right"),
}


QUICK = ("00", "02", "03", "05", "07", "11", "17", "21", "24", "=")  # one of each kind


@pytest.fixture(scope="module")
def handed_in(tmp_path_factory, request):
    """What is printed of a folder in which notebooks do what they should not: those that this run asks about."""
    folder = tmp_path_factory.mktemp("handed_in")
    for name in asked(request):
        store(folder / f"{name}.ipynb", *HANDED_IN[name][0])
    (folder / "a_folder.ipynb").mkdir()
    (folder / ".ipynb_checkpoints").mkdir()
    store(folder / ".ipynb_checkpoints" / "00_right-checkpoint.ipynb", IMPORTS, NAMED, ASK)
    (folder / "no_notebook.ipynb").write_text("I have written it into the mail.", encoding="utf-8")
    (folder / "no_cells.ipynb").write_text("[1]", encoding="utf-8")
    code, printed, complaints = collected(".", cwd=folder, A_SECRET="abc")
    assert (code, complaints) == (0, "")
    return printed


def asked(request):
    """The notebooks that the tests of this run ask about."""
    found = [item.callspec.params.get("name") for item in request.session.items if hasattr(item, "callspec")]
    return [name for name in HANDED_IN if name in found] or ["00_right"]


@pytest.mark.parametrize(
    "name",
    [
        pytest.param(name, id=name.split("\n")[0], marks=() if name.startswith(QUICK) else pytest.mark.slow)
        for name in HANDED_IN
    ],
)
def test_a_row_is_what_its_notebook_deserves(handed_in, name):
    _, ended, said = HANDED_IN[name]
    row = rows(handed_in)[f"./{name}.ipynb"]
    assert ended in (None, row["ended"])
    assert row["forget_bias"] == said


def test_every_notebook_is_one_row_and_the_rows_are_in_order(handed_in, request):
    found = rows(handed_in)
    assert list(found) == [f"./{name}.ipynb" for name in sorted([*asked(request), "no_cells", "no_notebook"])]
    assert handed_in.startswith("notebook,ended,forget_bias\n")
    for name in ("no_cells", "no_notebook"):
        assert found[f"./{name}.ipynb"] == {"ended": text("collected.unreadable"), "forget_bias": ""}


def test_no_cell_of_the_csv_is_a_formula(handed_in):
    cells = [cell for row in csv.reader(io.StringIO(handed_in, newline="")) for cell in row]
    assert [cell for cell in cells if cell.startswith(("=", "+", "-", "@", "\t", "\r"))] == []


def test_what_never_ends_is_a_row_and_not_the_end(tmp_path):
    for name in "ab":
        store(tmp_path / f"{name}.ipynb", IMPORTS, RIGHT, "while True:\n    pass", ASK)
    code, printed, _ = collected("--seconds", 1, tmp_path)
    assert code == 0
    assert [row["forget_bias"] for row in rows(printed).values()] == ["not checked"] * 2
    assert all(re.fullmatch(r"time is up in cell -?\d", row["ended"]) for row in rows(printed).values())


@pytest.mark.skipif(sys.platform != "linux", reason="elsewhere a process that leaves its parent is not found")
def test_no_process_of_a_notebook_stays(tmp_path):
    stay = "[sys.executable, '-c', 'import time; time.sleep(3600)']"
    start = f"subprocess.Popen({stay}, start_new_session=True).pid"
    leave = f"print({start}, file=open({str(tmp_path / 'pid')!r}, 'w'))\nos._exit(0)"
    store(tmp_path / "stays.ipynb", IMPORTS, leave)
    assert collected(tmp_path / "stays.ipynb")[:2] == (0, f"{tmp_path / 'stays.ipynb'}: died in cell 2\n")
    pid = int((tmp_path / "pid").read_text())
    assert not psutil.pid_exists(pid) or psutil.Process(pid).status() == psutil.STATUS_ZOMBIE


@pytest.mark.parametrize("name", ["missing.ipynb", "text.ipynb"])
def test_what_is_no_notebook_is_said_plainly(tmp_path, name):
    (tmp_path / "text.ipynb").write_text("no notebook", encoding="utf-8")
    code, printed, complaints = collected(NOTEBOOKS[0], tmp_path / name)
    assert (code, printed) == (2, "")
    assert complaints.endswith(f"error: {text('collected.no_notebook', path=tmp_path / name)}\n")


def test_outcomes_survive_json_as_they_are_judged():
    """What comes back from a kernel is judged like what never left it, but for arrays that are lists then."""
    for name in exercises.__all__:
        exercise = getattr(exercises, name)
        for answer in (exercise.reference, *exercise.mistakes):
            rounds = heard(told([outcomes(answer, exercise.cases) for _ in range(2)]))
            assert exercise.judge(iter(rounds).__next__)[0] == exercise.verdict(answer)[0]
