"""What is said twice is said alike: in pyproject.toml and the locks, in the README and CI."""

import ast
import re
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement

ROOT = Path(__file__).parents[1]


def locked(name):
    """The requirements of a lock file, each with its hashes' number."""
    entries = re.split(r"\n(?=\S)", (ROOT / name).read_text(encoding="utf-8"))
    entries = [entry for entry in entries if not entry.startswith("#")]
    return [(Requirement(entry.partition(" \\\n")[0]), entry.count("--hash=sha256:")) for entry in entries]


@pytest.mark.parametrize(
    ("lock", "extras"),
    [
        ("requirements.lock", ["lab"]),
        ("requirements-test.lock", ["lab", "test", "lint"]),
        ("requirements-site.lock", ["lab", "site"]),
    ],
)
@pytest.mark.parametrize("python", ["3.11", "3.12", "3.13", "3.14"])
@pytest.mark.parametrize("system", [("linux", "posix"), ("darwin", "posix"), ("win32", "nt")], ids=lambda s: s[0])
def test_locks_hold_what_pyproject_asks_for(lock, extras, python, system):
    whole = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    asked = whole["project"]["dependencies"] + whole["build-system"]["requires"]
    asked += [line for extra in extras for line in whole["project"]["optional-dependencies"][extra]]
    machine = {"python_version": python, "python_full_version": f"{python}.9"}
    machine |= {"sys_platform": system[0], "os_name": system[1]}
    rows = [(r, hashes) for r, hashes in locked(lock) if r.marker is None or r.marker.evaluate(machine)]
    pins = {r.name.replace("_", "-"): next(iter(r.specifier)) for r, _ in rows}
    assert len(pins) == len(rows), "a package is pinned twice"
    assert all(hashes for _, hashes in rows), "a pin without a hash"
    for requirement in map(Requirement, asked):
        pin = pins[requirement.name.replace("_", "-")]
        assert pin.operator == "==", pin
        assert pin.version in requirement.specifier, requirement


def test_the_extra_for_tests_holds_what_tests_import():
    tested = [*(ROOT / "tests").rglob("*.py"), *(ROOT / "benchmarks").glob("*.py"), ROOT / "notebooks/execute.py"]
    nodes = [node for path in tested for node in ast.parse(path.read_text(encoding="utf-8")).body]
    found = {alias.name for node in nodes if isinstance(node, ast.Import) for alias in node.names}
    found |= {node.module for node in nodes if isinstance(node, ast.ImportFrom)}
    ours = {"rnnlib", "benchmarks", *(path.stem for path in tested)}
    outside = {name.partition(".")[0] for name in found} - sys.stdlib_module_names - ours
    outside |= {"ipykernel", "jupyterlab", "nbval", "repo2docker", "voila", "xdist"}  # run, not imported
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    asked = project["dependencies"] + project["optional-dependencies"]["test"]
    names = {
        "IPython": "ipython",
        "PIL": "pillow",
        "yaml": "pyyaml",
        "repo2docker": "jupyter-repo2docker",
        "xdist": "pytest-xdist",
    }
    names |= {"bs4": "beautifulsoup4", "websocket": "websocket-client"}
    assert {names.get(name, name) for name in outside} <= {Requirement(line).name for line in asked} | {"torch"}


def test_the_locks_agree():
    reader, tester = ({str(r) for r, _ in locked(name)} for name in ("requirements.lock", "requirements-test.lock"))
    assert reader <= tester
    for name in ("requirements-site.lock", "site/browser.lock"):
        mine = [r for r, _ in locked(name)]
        known = {r.name for r, _ in locked("requirements-test.lock")} & {r.name for r in mine}
        tested = {(r.name, str(r.specifier)) for r, _ in locked("requirements-test.lock")}
        assert {(r.name, str(r.specifier)) for r in mine if r.name in known} <= tested


def test_readme_and_ci_give_the_same_commands():
    readme, ci = ((ROOT / name).read_text(encoding="utf-8") for name in ("README.md", ".ci/run"))
    assert "make lab" in readme
    assert "make test\n" in readme
    assert re.search(r"^REQUIRE_BROWSER=1 make test$", ci, re.M)
    assert re.search(r"^REQUIRE_BROWSER=1 REQUIRE_LITE=1 make test-site$", ci, re.M)


@pytest.mark.parametrize("name", ["ci.yml", "pages.yml"])
def test_workflow_reads_only_and_pins_what_it_uses(name):
    text = (ROOT / ".github/workflows" / name).read_text(encoding="utf-8")
    workflow = yaml.safe_load(text)
    assert workflow["permissions"] == {"contents": "read"}
    more = {
        job: wanted
        for job, wanted in ((job, each.get("permissions")) for job, each in workflow["jobs"].items())
        if wanted
    }
    assert more == ({"deploy": {"pages": "write", "id-token": "write"}} if name == "pages.yml" else {})
    uses = re.findall(r"uses: (.*)", text)
    assert uses
    assert [line for line in uses if not re.fullmatch(r"actions/[\w-]+@[0-9a-f]{40}  # v[\d.]+", line)] == []
