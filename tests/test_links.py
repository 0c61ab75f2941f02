"""Every link works wherever the page is read: asked of a server with either root, and of exported HTML."""

import re
import secrets
import shutil
import socket
import subprocess
import sys
import time
from collections import namedtuple
from pathlib import Path
from posixpath import join, normpath
from urllib.error import HTTPError
from urllib.parse import quote, unquote, urlsplit
from urllib.request import urlopen

import nbformat
import pytest

ROOT = Path(__file__).parents[1]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*/*.ipynb"))
PAGES = [path for place in ("*.md", "[a-z]*/*.md", "rnnlib/*/*.md", "notebooks/*/*.md") for path in ROOT.glob(place)]
Server = namedtuple("Server", "address token")


def prose(path):
    """The Markdown of a page or a notebook, without its code."""
    if path.suffix == ".ipynb":
        cells = nbformat.read(path, as_version=4).cells
        return "\n\n".join(cell.source for cell in cells if cell.cell_type == "markdown")
    return re.sub(r"^```.*?^```|`[^`\n]*`", "", path.read_text(encoding="utf-8"), flags=re.M | re.S)


def links(words):
    """Where a page leads, pictures too; addresses of other servers aside."""
    found = re.findall(r"\]\(([^)\s]+)", words) + re.findall(r"\b(?:src|href)=[\"']([^\"']+)", words)
    return [link for link in found if not urlsplit(link).scheme and not link.startswith("//")]


@pytest.fixture(scope="module", params=["", "notebooks"], ids=["repository", "notebooks"])
def root(request):
    """The folder that a server starts in."""
    return ROOT / request.param


@pytest.fixture(scope="module")
def server(root):
    """A Jupyter server; JupyterLab and Notebook 7 ask it for every link that they follow."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    token = secrets.token_hex(16)
    options = [f"--ServerApp.root_dir={root}", "--allow-root", "--no-browser", "--ip=127.0.0.1", f"--port={port}"]
    options += [f"--IdentityProvider.token={token}", "--ServerApp.port_retries=0"]
    with subprocess.Popen([sys.executable, "-m", "jupyter_server", *options], stderr=subprocess.DEVNULL) as process:
        while process.poll() is None:  # a busy machine takes its time
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        yield Server(f"http://127.0.0.1:{port}", token)
        process.terminate()


def answer(server, place, path):
    """The status of an answer."""
    try:
        with urlopen(f"{server.address}/{place}/{quote(path)}?token={server.token}&content=0") as answered:
            return answered.status
    except HTTPError as error:
        return error.code


def test_every_link_of_a_page_leads_somewhere(server, root):
    seen, dead = 0, []
    for page in [path for path in (*NOTEBOOKS, *PAGES) if path.is_relative_to(root)]:
        folder = page.parent.relative_to(root).as_posix()
        for link in links(prose(page)):
            # As their pages do it: relative to the page, and never above the root.
            target = normpath(join(folder, unquote(urlsplit(link).path)))
            places = ("api/contents",) if (root / target).is_dir() else ("api/contents", "files")
            dead += [(page.name, link, place) for place in places if answer(server, place, target) != 200]
            seen += 1
    assert dead == []
    assert seen > 20


def test_the_server_says_what_is_not_there(server):
    assert answer(server, "api/contents", "nothing.ipynb") == 404


@pytest.mark.parametrize("path", [*NOTEBOOKS, *PAGES], ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_a_link_into_a_page_names_an_anchor_that_is_written_there(path):
    # JupyterLab, GitHub and nbconvert name headings in different ways, and JupyterLab finds no name with an accent.
    dead = []
    for link in links(prose(path)):
        target, place = urlsplit(link).path, urlsplit(link).fragment
        if place:
            page = (path.parent / unquote(target)).read_text(encoding="utf-8")
            dead += [link] if not place.isascii() or f'<a id="{place}">' not in page else []
    assert dead == []


@pytest.mark.slow
def test_exported_pages_lead_to_what_is_beside_them(tmp_path):
    shutil.copytree(ROOT / "notebooks", tmp_path / "pages")
    copies = sorted((tmp_path / "pages").glob("*/*.ipynb"))
    run = [sys.executable, "-m", "nbconvert", "--to=html", "--log-level=ERROR", "--ClearOutputPreprocessor.enabled=1"]
    subprocess.run([*run, *copies], check=True)
    pages = list((tmp_path / "pages").glob("*/*.html"))
    assert len(pages) == len(copies)
    for page in pages:
        found = re.findall(r"<a\b[^>]*\bhref=\"([^\"#]+)", page.read_text(encoding="utf-8"))
        local = {unquote(link) for link in found if not urlsplit(link).scheme}
        assert len(local) >= len(list(page.parent.glob("*.html"))) - 1
        assert {link for link in local if not (page.parent / link).exists()} == set()
