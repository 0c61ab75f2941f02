"""What deploy/ asks for is what was measured, and what the package is called."""

import re
from collections import defaultdict
from pathlib import Path

import yaml

ROOT = Path(__file__).parents[1]
VALUES = yaml.safe_load((ROOT / "deploy/values.yaml").read_text(encoding="utf-8"))
STEPS = (ROOT / "deploy/README.md").read_text(encoding="utf-8")
MEASURED = (ROOT / "benchmarks/README.md").read_text(encoding="utf-8")
LEARNER = VALUES["singleuser"]


def rows(name):
    """The cells of the first table of a benchmark's part of the page, without its head."""
    part = MEASURED.partition(f"<!-- {name} -->")[2].partition(f"<!-- end of {name} -->")[0]
    lines = re.search(r"(?:^\|.*\n)+", part, re.M)[0].splitlines()[2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


def megabytes(words):
    number, unit = re.fullmatch(r"([\d.]+)([MG])", words).groups()
    return float(number) * {"M": 1, "G": 1000}[unit]


HUB = rows("hub")
SERVER, KERNEL = (max(int(row[column].split(" / ")[0]) for row in HUB) for column in (7, 8))  # RSS


def test_a_server_and_two_kernels_are_guaranteed():
    assert 0 <= megabytes(LEARNER["memory"]["guarantee"]) - (SERVER + 2 * KERNEL) < 100


def test_a_server_and_all_notebooks_fit_below_the_limit():
    kernels = defaultdict(int)  # by edition: nobody reads both at once
    for name, _, megabytes_of_kernel in rows("notebooks"):
        kernels[name.partition("/")[0]] += int(megabytes_of_kernel)
    needed = SERVER + max(kernels.values())
    assert 0 < megabytes(LEARNER["memory"]["limit"]) - needed < 300


def test_the_guaranteed_share_of_a_core_is_what_moving_takes():
    """Of the largest class that kept up with one BLAS thread each: none failed, and 95 % within half a second."""
    kept_up = [row for row in HUB if row[1] == "1" and float(row[4]) < 500 and row[5] == "0"]
    cores = int(re.search(r"(\d+) cores", MEASURED.partition("<!-- hub -->")[2])[1])
    learners = max(int(row[0]) for row in kept_up)
    assert learners * LEARNER["cpu"]["guarantee"] <= cores


def test_nobody_is_culled_before_a_class_ends():
    minutes = int(re.search(r"## Class 1 \((\d+) minutes\)", (ROOT / "TEACHING.md").read_text(encoding="utf-8"))[1])
    assert VALUES["cull"]["timeout"] == 60 * minutes


def test_both_ways_have_the_same_limits():
    assert f"limits.memory {LEARNER['memory']['limit']}\n" in STEPS
    assert f"limits.cpu {LEARNER['cpu']['limit']}\n" in STEPS
    assert f"services.cull.timeout {VALUES['cull']['timeout']}\n" in STEPS
    (threads,) = LEARNER["extraEnv"].items()
    assert '"{}": "{}"'.format(*threads) in STEPS


def test_the_link_opens_a_notebook_that_is_there():
    paths = re.findall(r"lab%2Ftree%2F<repo>%2F(\S+)", STEPS)
    assert paths
    assert all((ROOT / path.replace("%2F", "/")).is_file() for path in paths)


def test_its_links_within_the_repository_resolve():
    local = [target for target in re.findall(r"\]\(([^)\s]+)", STEPS) if "://" not in target]
    assert [target for target in local if not (ROOT / "deploy" / target).exists()] == []
