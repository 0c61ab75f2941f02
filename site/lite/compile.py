"""Run in Pyodide by compile.mjs: what lies in /pyodide comes compiled, and matplotlib with the list of its fonts.

Otherwise the browser does both at every visit, and that is more than half of the time in which Python starts.
"""

import compileall
import shutil
import sys
from pathlib import Path
from py_compile import PycInvalidationMode


def compiled(archive: Path, place: str) -> Path:
    """Unpack an archive, whose modules will lie in this place, and compile them; only rnnlib keeps its sources."""
    folder, sources = Path("/unpacked", archive.stem), archive.name.startswith("rnnlib-")
    shutil.unpack_archive(archive, folder, "zip")
    kind = PycInvalidationMode.UNCHECKED_HASH
    compileall.compile_dir(
        folder, quiet=2, legacy=not sources, invalidation_mode=kind, stripdir=str(folder), prependdir=place
    )
    for source in () if sources else folder.rglob("*.py"):
        if source.with_suffix(".pyc").exists():  # what does not compile is left as it is
            source.unlink()
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
