"""What Binder would build, as far as repo2docker itself tells without Docker. It does not solve the environment."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from editions import EDITIONS, FORMS, notebooks
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

ROOT = Path(__file__).parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
NEEDED = [Requirement(line) for line in PROJECT["dependencies"] + PROJECT["optional-dependencies"]["lab"]]
LISTED = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))["dependencies"]
# Conda's python=3.12 means any 3.12; all other lines here are requirements as pip writes them, too.
PYTHON = next(line for line in LISTED if str(line).startswith("python=")).removeprefix("python=")
CONDA = {r.name: r.specifier for r in (Requirement(x) for x in LISTED if isinstance(x, str) and "python=" not in x)}


@pytest.fixture(scope="module")
def build():
    """Everything that repo2docker says it would do with this repository."""
    if sys.platform == "win32":
        pytest.skip("repo2docker does not run on Windows")
    command = [sys.executable, "-m", "repo2docker", "--no-build", "--debug", str(ROOT)]
    done = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, timeout=120)
    assert done.returncode == 0, done.stdout
    return done.stdout


def test_conda_builds_with_the_wanted_python(build):
    assert f"Building conda environment for python={PYTHON}\n" in build
    assert re.search(rf"COPY .*conda-2fenvironment-2epy-2d{PYTHON.replace('.', '-2e')}-", build)
    assert f"{PYTHON}.0" in SpecifierSet(PROJECT["requires-python"])


def test_the_package_in_this_folder_is_installed(build):
    assert LISTED[-1] == {"pip": ["-e ."]}
    # Only when repo2docker has understood that the environment needs the sources does it copy them first.
    sources, update = build.index("COPY --chown=0:0 src/ ${REPO_DIR}/"), build.index("${MAMBA_EXE} env update")
    assert sources < update
    assert '--file "environment.yml"' in build[update : update + 100]


@pytest.mark.parametrize("requirement", NEEDED, ids=lambda r: r.name)
def test_conda_names_what_the_package_needs(requirement):
    assert CONDA[requirement.name] == requirement.specifier


def test_conda_can_run_the_notebook_tests():
    assert {"numpy", "jupyter", "ipywidgets", "matplotlib", "nbval"} <= CONDA.keys()


def test_nothing_hides_the_environment_from_binder():
    assert not [name for name in ("binder", ".binder", "Dockerfile") if (ROOT / name).exists()]


@pytest.mark.parametrize("language", EDITIONS)
def test_readme_gives_the_launch_link_and_every_path_that_may_end_it(language):
    readme = (ROOT / FORMS[language]["pages"][0]).read_text(encoding="utf-8")
    links = re.findall(r"mybinder\.org/v2/gh/[^/\s]+/[^/\s]+/main\?urlpath=lab/tree/([^)\s\"'>]+)", readme)
    assert links
    assert len(links) == readme.count("mybinder.org/v2/"), "a launch link of another form"
    paths = {path.relative_to(ROOT).as_posix() for path in notebooks(language).values()}
    assert set(links) <= paths
    assert {path for path in paths if f"({path})" not in readme} == set()
