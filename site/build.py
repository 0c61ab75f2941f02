"""Builds the whole site: pages of each edition, the lab that moves on them, and the browser-alone edition.

    python site/build.py                        into build/site
    python site/build.py --output DIR --zip     elsewhere, and packed into DIR.zip

REPOSITORY, "owner/name" on GitHub, completes the links to Binder and Colab. PYODIDE is where Pyodide's compiled
packages are, a folder or an address; the folder beside the repository is found by itself.
"""

import argparse
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import lite
import stage
from stage import frames

ROOT = Path(__file__).parents[1]


def pages(edition: stage.Edition, editions: list[stage.Edition], staged: Path, output: Path) -> None:
    """Render the pages of one edition."""
    stage.stage(edition, editions, staged)
    static = staged / "static"
    shutil.copytree(lite.NPM / "katex" / "dist" / "fonts", static / "katex" / "fonts")
    shutil.copy(lite.NPM / "katex" / "dist" / "katex.min.css", static / "katex")
    for name in ("live_lab.js", "live_lab.css"):
        shutil.copy(Path(frames.__file__).with_name(name), static)
    title = (staged / "index.md").read_text(encoding="utf-8").partition("\n")[0].removeprefix("# ")
    known = {"SITE_STAGED": str(staged), "SITE_LANGUAGE": edition.language, "SITE_TITLE": title}
    command = [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "-c", str(Path(__file__).parent)]
    subprocess.run([*command, "-d", f"{staged}.doctrees", staged, output], check=True, env=os.environ | known)


def build(output: Path) -> None:
    """Build everything anew into this folder."""
    lock = lite.npm_lock()
    source = lite.find_pyodide(lock["info"]["version"]) if lock else ""
    editions = stage.editions(os.environ.get("REPOSITORY", ""), bool(source))
    shutil.rmtree(output, ignore_errors=True)
    with tempfile.TemporaryDirectory() as folder:
        staged = Path(folder)
        for edition in editions:
            place = output if edition.language == "en" else output / edition.language
            pages(edition, editions, staged / edition.language, place)
            notebooks = output / edition.folder.relative_to(ROOT)
            notebooks.mkdir(parents=True)
            for path in edition.notebooks:
                shutil.copy(path, notebooks)
        (output / "_static" / "live").mkdir()
        frames.write(output / "_static" / "live")
        if source:
            lite.build(editions, staged / "lite", output / "lite", source)
    tell(output, editions, source)


def tell(output: Path, editions: list[stage.Edition], source: str) -> None:
    """Say what was built, and what it lacks."""
    total = sum(path.stat().st_size for path in output.rglob("*") if path.is_file())
    print(f"{output}: {', '.join(edition.words['name'] for edition in editions)}; {total / 1e6:.0f} MB")
    if not source:
        print(
            "Without lite/, notebooks that run in the browser: neither Pyodide's packages nor their address is known."
        )
        print("Set PYODIDE to a folder that holds them, or to the address of Pyodide's own: see CONTRIBUTING.md.")
    if not editions[0].repository:
        print('Binder and Colab lead to the page that says how: set REPOSITORY to "owner/name" for links to them.')


def main() -> None:
    """Build, and pack if it is wanted."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--output", type=Path, default=ROOT / "build" / "site")
    parser.add_argument("--zip", action="store_true")
    asked = parser.parse_args()
    build(asked.output.resolve())
    if asked.zip:
        print(shutil.make_archive(str(asked.output), "zip", asked.output.parent, asked.output.name))


if __name__ == "__main__":
    main()
