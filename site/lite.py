"""The browser-alone edition: JupyterLite with Pyodide, rnnlib and everything it needs, and the notebooks."""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import stage
from flit_core import buildapi

ROOT = Path(__file__).parents[1]
HERE = Path(__file__).with_name("lite")
ENVIRONMENT = Path(sys.prefix)
NPM = ENVIRONMENT / "site" / "node_modules"
CORE = ("pyodide.mjs", "pyodide.asm.js", "pyodide.asm.mjs", "pyodide.asm.wasm", "python_stdlib.zip")
KERNEL = "@jupyterlite/pyodide-kernel-extension"
EXTENSIONS = (KERNEL, "@jupyter-widgets/jupyterlab-manager")
# What is loaded before the first cell runs, with all that it depends on; so no cell installs anything.
WANTED = ["micropip", "piplite", "ipykernel", "comm", "pyodide-kernel", "ipython", "rnnlib"]
DEPENDS = {
    "rnnlib": ["numpy", "matplotlib", "ipywidgets", "threadpoolctl"],
    "ipywidgets": ["comm", "ipython", "traitlets", "jupyterlab-widgets"],
    "pyodide-kernel": ["comm", "ipython", "traitlets"],
    "piplite": ["micropip"],
}
# Named as dependencies, and imported by nothing that is used here; or done without: completion asks the running kernel,
# as IPython does where there is no jedi, which has more than a third of all files (counted.mjs keeps it away).
IDLE = {"fonttools", "jedi", "matplotlib-pyodide", "openssl", "pyodide-unix-timezones", "pytz", "ssl"}


def find_pyodide(version: str) -> str:
    """Where Pyodide's compiled packages are: a folder, or the address of one; empty if there is neither.

    $PYODIDE says it, with {version} where that stands; otherwise it is the folder beside the repository, if any.
    """
    beside = ROOT.parent / "shared" / f"pyodide-{version}"
    return os.environ.get("PYODIDE", str(beside) if beside.is_dir() else "").format(version=version)


def npm_lock() -> dict[str, Any]:
    """What Pyodide's npm package says of its packages; nothing where that is not installed."""
    path = NPM / "pyodide" / "pyodide-lock.json"
    return json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}


def wheels(target: Path) -> list[Path]:
    """The wheels that Pyodide does not have: rnnlib's own, those that were downloaded, the kernel's."""
    downloads = ENVIRONMENT / "site" / "wheels"
    built = target / buildapi.build_wheel(str(target))
    extension = ENVIRONMENT / "share" / "jupyter" / "labextensions" / KERNEL / "static" / "pypi"
    with zipfile.ZipFile(next(downloads.glob("jupyterlite_pyodide_kernel-*.whl"))) as earlier:
        (piplite,) = [name for name in earlier.namelist() if "/piplite-" in name]
        (target / Path(piplite).name).write_bytes(earlier.read(piplite))
    mine = [path for path in downloads.glob("*.whl") if named(path) != "jupyterlite-pyodide-kernel"]
    theirs = [path for path in extension.glob("*.whl") if named(path) not in ("widgetsnbextension", "piplite")]
    return [built, target / Path(piplite).name, *mine, *theirs]


def named(wheel: Path) -> str:
    """The name of a wheel's package, in the form that names are compared in."""
    return normal(wheel.name.split("-")[0])


def normal(name: str) -> str:
    """A package's name in the form that names are compared in: Pyodide's lock has several."""
    return re.sub(r"[-_.]+", "-", name).lower()


def entry(wheel: Path) -> dict[str, Any]:
    """What a lock says of a wheel."""
    return {
        "name": named(wheel),
        "version": wheel.name.split("-")[1],
        "file_name": wheel.name,
        "install_dir": "site",
        "package_type": "package",
        "imports": [named(wheel).replace("-", "_")],
        "depends": DEPENDS.get(named(wheel), []),
        "unvendored_tests": False,
    }


def closed(packages: dict[str, Any], wanted: Iterable[str]) -> dict[str, Any]:
    """These packages and all that they depend on, without what is idle here."""
    found: dict[str, Any] = {}
    waiting = list(wanted)
    while waiting:
        name = waiting.pop()
        if name not in found:
            depends = [normal(other) for other in packages[name]["depends"] if normal(other) not in IDLE]
            found[name] = packages[name] | {"depends": depends}
            waiting += depends
    return found


def install_pyodide(target: Path, source: str) -> list[str]:
    """Write Pyodide's core, every package that is wanted and the lock that names them into this folder.

    Args:
        target: a new folder.
        source: where the compiled packages are: a folder, or an address.

    Returns:
        The names of all that Pyodide fetches from the folder.

    Raises:
        FileNotFoundError, HTTPError: there is no such package.
        ValueError: it is another than Pyodide's lock says.
        RuntimeError: the packages cannot be compiled.
    """
    target.mkdir(parents=True)
    core = [name for name in CORE if (NPM / "pyodide" / name).exists()]
    for name in core:
        shutil.copy(NPM / "pyodide" / name, target)
    (target / "pyodide.mjs").rename(target / "pyodide.core.mjs")
    shutil.copy(HERE / "counted.mjs", target / "pyodide.mjs")
    lock, own = npm_lock(), wheels(target)
    for wheel in own:
        if wheel.parent != target:
            shutil.copy(wheel, target)
    added = {named(wheel): entry(wheel) for wheel in own}
    known = {normal(name): package for name, package in lock["packages"].items()}
    lock["packages"] = closed(known | added, WANTED)
    for name, package in lock["packages"].items():
        if name not in added:
            provide(source, package, target)
    run("node", HERE / "compile.mjs", NPM / "pyodide" / "pyodide.mjs", target)
    for package in lock["packages"].values():
        package["sha256"] = digest(target / package["file_name"])
    (target / "pyodide-lock.json").write_text(json.dumps(lock), encoding="utf-8")
    fetched = [name for name in core if name.endswith((".wasm", ".zip"))]
    return [*fetched, "pyodide-lock.json", *(package["file_name"] for package in lock["packages"].values())]


def provide(source: str, package: dict[str, Any], target: Path) -> None:
    """Copy a package from where the compiled ones are, or fetch it from there; it has to be the one that was meant."""
    path = target / package["file_name"]
    if re.match(r"https?://", source):
        with urlopen(f"{source.rstrip('/')}/{path.name}") as answer:
            path.write_bytes(answer.read())
    elif (Path(source) / path.name).exists():
        shutil.copy(Path(source) / path.name, path)
    else:
        raise FileNotFoundError(f"{path.name} is not in {source}")
    if digest(path) != package["sha256"]:
        raise ValueError(f"{path.name} from {source}: expected sha256 {package['sha256']}, got {digest(path)}")


def run(*command: str | Path, cwd: Path | None = None) -> None:
    """Run a command; what it prints is shown if it fails."""
    done = subprocess.run(command, cwd=cwd, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if done.returncode:
        raise RuntimeError(f"{' '.join(map(str, command))} failed:\n{done.stdout[-3000:]}")


def digest(path: Path) -> str:
    """The sha256 of a file."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def build(editions: list[stage.Edition], staged: Path, output: Path, source: str) -> None:
    """Build the browser-alone edition into ``output``; ``staged`` is a new folder for its sources."""
    pyodide, content = staged / "static" / "pyodide", staged / "content"
    loaded = install_pyodide(pyodide, source)
    count = sum((pyodide / name).stat().st_size for name in loaded)
    here: dict[str, Any] = {"bytes": count, "notebooks": {}, "words": {}}
    for edition in editions:
        here["words"][edition.language] = edition.words["here"]
        for path in edition.notebooks:
            name = path.relative_to(ROOT).as_posix()
            notebook = stage.in_browser(path, edition)
            version = hashlib.sha256(json.dumps(notebook, sort_keys=True).encode()).hexdigest()[:12]
            notebook["metadata"]["rnnlib"] = {"version": version}
            (content / name).parent.mkdir(parents=True, exist_ok=True)
            (content / name).write_text(json.dumps(notebook, ensure_ascii=False), encoding="utf-8")
            here["notebooks"][name] = {"version": version, "page": f"../{edition.address(name)}"}
        for path in edition.folder.glob("*.md"):
            shutil.copy(path, content / path.relative_to(ROOT))
    configure(staged)
    run(sys.executable, "-m", "jupyter", "lite", "build", f"--output-dir={output}", "--no-sourcemaps", cwd=staged)
    for name in ("here.js", "here.css"):
        shutil.copy(HERE / name, output)
    (output / "here.json").write_text(json.dumps(here, ensure_ascii=False), encoding="utf-8")
    for app in APPS:
        page = output / app / "index.html"
        words = page.read_text(encoding="utf-8")
        added = '<link rel="stylesheet" href="../here.css"><script type="module" src="../here.js"></script></head>'
        page.write_text(words.replace("</head>", added, 1), encoding="utf-8")


APPS = ["lab"]


def configure(staged: Path) -> None:
    """Write JupyterLite's settings, for the build and for the page."""
    share = ENVIRONMENT / "share" / "jupyter" / "labextensions"
    building = {
        "apps": APPS,
        "contents": ["content"],
        "federated_extensions": [str(share / name) for name in EXTENSIONS],
        "ignore_sys_prefix": ["federated_extensions"],
        "no_sourcemaps": True,
        "no_unused_shared_packages": True,
    }
    kernel = {
        "pyodideUrl": "./static/pyodide/pyodide.mjs",
        "loadPyodideOptions": {"lockFileURL": "./static/pyodide/pyodide-lock.json", "packages": [*WANTED, "jedi"]},
        "disablePyPIFallback": True,
    }
    page = {
        "appName": "rnnlib",
        "exposeAppInBrowser": True,
        "litePluginSettings": {f"{KERNEL}:kernel": kernel},
    }
    written = {
        "jupyter_lite_config.json": {"LiteBuildConfig": building},
        "jupyter-lite.json": {"jupyter-lite-schema-version": 0, "jupyter-config-data": page},
        "overrides.json": json.loads((HERE / "overrides.json").read_text(encoding="utf-8")),
    }
    for name, settings in written.items():
        (staged / name).write_text(json.dumps(settings), encoding="utf-8")
