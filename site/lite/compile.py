"""Run in Pyodide by compile.mjs: what lies in /pyodide comes compiled, and matplotlib with the list of its fonts.

Otherwise the browser does both at every visit, and that is more than half of the time in which Python starts. It also
writes every file one by one: tests, headers, type stubs and sample data, which nothing here reads, are left out.
"""

import compileall
import re
import shutil
import sys
from pathlib import Path
from py_compile import PycInvalidationMode

IDLE = re.compile(r"/(tests?|sample_data)/|\.([acf]|f90|h|lib|pyf|pyi)$")


def compiled(archive: Path, place: str) -> Path:
    """Unpack an archive, whose modules will lie in this place, and compile them; only rnnlib keeps its sources."""
    folder, sources = Path("/unpacked", archive.stem), archive.name.startswith("rnnlib-")
    shutil.unpack_archive(archive, folder, "zip")
    kind = PycInvalidationMode.UNCHECKED_HASH
    compileall.compile_dir(
        folder, quiet=2, legacy=not sources, invalidation_mode=kind, stripdir=str(folder), prependdir=place
    )
    for path in folder.rglob("*"):
        source = path.suffix == ".py" and path.with_suffix(".pyc").exists()  # what does not compile is left as it is
        if path.is_file() and (IDLE.search(str(path)) or (source and not sources)):
            path.unlink()
    return folder


version = sys.version_info
places = dict.fromkeys(Path("/pyodide").glob("*.whl"), f"/lib/python{version.major}.{version.minor}/site-packages")
places[Path("/pyodide/python_stdlib.zip")] = f"/lib/python{version.major}{version.minor}.zip"
folders = {archive: compiled(archive, place) for archive, place in places.items()}
sys.path += map(str, folders.values())
import matplotlib.font_manager  # noqa: E402, F401  (writes the list beside itself)

for archive, folder in folders.items():
    archive.unlink()  # it may be one that cannot be written to
    shutil.copy(shutil.make_archive(str(folder), "zip", folder), archive)
