"""The built site, served on loopback below a prefix, as GitHub Pages does; a request to anywhere else is a failure."""

import importlib.util
import os
import subprocess
import sys
import threading
from collections import Counter
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from engines import QUIET, chromium_path
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).parents[2]
PREFIX = "/series/"
ALONE = [*QUIET, "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1"]


def missing(why):
    """Skip, or fail where nothing may be missing."""
    (pytest.fail if os.environ.get("REQUIRE_LITE") == "1" else pytest.skip)(why)


def pytest_collection_modifyitems(items):
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.site)


@pytest.fixture(scope="session")
def built(tmp_path_factory):
    """The folder of a site built anew, with the repository's name known; or of the one that $SITE_BUILT names."""
    if any(importlib.util.find_spec(name) is None for name in ("myst_nb", "jupyterlite_core")):
        missing("the requirements of the site are not installed: make .venv/.ready-site")
    if "SITE_BUILT" in os.environ:
        return Path(os.environ["SITE_BUILT"]).resolve()
    output = tmp_path_factory.mktemp("site") / "site"
    command = [sys.executable, str(ROOT / "site/build.py"), f"--output={output}", "--zip"]
    done = subprocess.run(
        command,
        env=os.environ | {"REPOSITORY": "someone/rnnlib"},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert done.returncode == 0, done.stdout[-5000:]
    return output


@pytest.fixture(scope="session")
def lite(built):
    """The browser-alone edition, in the built site."""
    if not (built / "lite").exists():
        missing("no wheels for Pyodide in ../shared, and PYODIDE does not say where they are")
    return built / "lite"


class Handler(SimpleHTTPRequestHandler):
    """Serves a folder below the prefix, and counts the bytes of each file that it gives."""

    def translate_path(self, path):
        inside = urlsplit(path).path.startswith(PREFIX)
        return super().translate_path(path.removeprefix(PREFIX.rstrip("/")) if inside else "/nowhere")

    def copyfile(self, source, output):
        self.server.given[urlsplit(self.path).path.removeprefix(PREFIX)] += os.fstat(source.fileno()).st_size
        super().copyfile(source, output)

    def log_message(self, *_):
        pass


@pytest.fixture(scope="session")
def server(built):
    """A server of the built site; ``given`` counts the bytes that each file was sent with."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Handler, directory=str(built))) as serving:
        serving.given = Counter()
        threading.Thread(target=serving.serve_forever, daemon=True).start()
        yield serving
        serving.shutdown()


@pytest.fixture(scope="session")
def site(server):
    """The address of the site's root."""
    return f"http://127.0.0.1:{server.server_port}{PREFIX}"


@pytest.fixture(scope="session")
def browser():
    """A Chromium that finds no other host."""
    path = chromium_path()
    if path is None:
        (pytest.fail if os.environ.get("REQUIRE_BROWSER") == "1" else pytest.skip)("no Chromium on the path")
    with sync_playwright() as playwright:
        launched = playwright.chromium.launch(executable_path=path, args=ALONE)
        yield launched
        launched.close()


@pytest.fixture
def profile(browser, tmp_path):
    """A browser with a profile on disk, as readers have it: a private window keeps no large file."""
    kind = browser.browser_type
    with kind.launch_persistent_context(tmp_path, executable_path=chromium_path(), args=ALONE) as context:
        yield context


@pytest.fixture
def visitor(browser, site):
    """A function that gives a new browser's page; it may ask no other host, and its scripts may not complain."""
    contexts, elsewhere, complaints = [], [], []

    def visits(width=1280, dark=False, **options):
        scheme = "dark" if dark else "light"
        context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme, **options)
        contexts.append(context)
        context.on("request", lambda request: elsewhere.append(request.url) if foreign(request.url) else None)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        return page

    def foreign(url):
        return urlsplit(url).scheme in ("http", "https", "ws", "wss") and urlsplit(url).hostname != "127.0.0.1"

    yield visits
    for context in contexts:
        context.close()
    assert elsewhere == []
    assert complaints == []


@pytest.fixture
def page_at(visitor, site):
    """A function that opens a page of the site by its path."""

    def opened(path, width=1280, dark=False, **options):
        page = visitor(width, dark, **options)
        page.goto(site + path)
        return page

    return opened
