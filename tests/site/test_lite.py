"""The browser-alone edition: the real notebooks, run by a Python in the page."""

import hashlib
import json
import re
import threading
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.error import HTTPError

import nbformat
import pytest
from engines import IDLE, RUN

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*/*.ipynb"))
LANGUAGES = sorted({path.parent.name for path in NOTEBOOKS})
FIRST = next(path for path in NOTEBOOKS if path.parent.name == "en" and path.stem.startswith("05"))
ALL = [path if path == FIRST else pytest.param(path, marks=pytest.mark.slow) for path in NOTEBOOKS]
OUTPUTS = """() => [...window.jupyterapp.shell.currentWidget.content.widgets].filter(cell => cell.model.type === 'code')
  .map(cell => cell.model.outputs.toJSON())"""
# A stored picture is seen, and Python is not there yet.
MEANWHILE = """() => document.querySelector('.jp-OutputArea-output img')?.checkVisibility()
  && window.jupyterapp.shell.currentWidget.sessionContext.session?.kernel?.status !== 'idle'"""
WORDS = "box => box.querySelector('.rnnlib-sentence [role=status]').innerText"


def said(outputs):
    """The text of a cell's outputs."""
    found = [each.get("text") or each.get("data", {}).get("text/plain") or each.get("evalue", "") for each in outputs]
    return "".join("".join(text) for text in found).strip()


@pytest.fixture
def lite_at(visitor, site, lite):
    """A function that opens a notebook, by its path, where it runs in the browser alone."""

    def opened(path, page=None, **options):
        page = page or visitor(**options)
        page.set_default_timeout(120_000)
        page.goto(f"{site}lite/lab/index.html?path={path}")
        page.wait_for_selector(".jp-Notebook .jp-Cell")
        return page

    return opened


def run_all(page):
    page.wait_for_function(IDLE)
    page.evaluate(RUN)
    page.wait_for_function(IDLE, timeout=180_000)


@pytest.mark.parametrize("path", ALL, ids=lambda path: f"{path.parent.name}-{path.stem}")
def test_it_runs_from_top_to_bottom_and_says_what_is_stored(lite_at, path):
    page = lite_at(path.relative_to(ROOT).as_posix())
    run_all(page)
    cells = [cell for cell in nbformat.read(path, as_version=4).cells if cell.cell_type == "code"]
    came = page.evaluate(OUTPUTS)
    assert [each for outputs in came for each in outputs if each["output_type"] == "error"] == []
    assert [each for outputs in came for each in outputs if each.get("name") == "stderr"] == []
    other = [(cell.source, said(cell.outputs), said(outputs)) for cell, outputs in zip(cells, came, strict=True)
             if said(cell.outputs) != said(outputs)]  # fmt: skip
    assert other == []
    labs = page.locator(".rnnlib-lab")
    for lab in labs.all():
        before = lab.evaluate(WORDS)
        handle = lab.locator(".rnnlib-main .noUi-handle")
        handle.focus() if handle.count() else lab.locator(".noUi-handle").first.focus()
        page.keyboard.press("ArrowRight")
        page.wait_for_function(f"([box, before]) => ({WORDS})(box) !== before", arg=[lab.element_handle(), before])


def line(page, words):
    """Wait until the line above the notebook says this."""
    page.locator("#rnnlib-here [role=status]", has_text=words).wait_for()


def test_a_first_visit_says_what_comes_and_a_second_asks_for_next_to_nothing(lite_at, profile, server, lite):
    page, path = profile.new_page(), FIRST.relative_to(ROOT).as_posix()
    server.given.clear()
    lite_at(path, page)
    counted = page.locator("#rnnlib-here [role=status]").inner_text()
    assert re.search(r"\d+(\.\d)? of \d+ MB|Python starts", counted)
    page.wait_for_function(MEANWHILE)
    line(page, "Python starts")
    line(page, "Python runs in this browser")
    first = dict(server.given)
    told = json.loads((lite / "here.json").read_text(encoding="utf-8"))["bytes"]
    fetched = {name: sent for name, sent in first.items() if name.startswith("lite/static/pyodide/")}
    assert {name for name, sent in fetched.items() if sent > size(lite, name)} == set(), "nothing comes twice"
    assert 0 <= sum(fetched.values()) - told < 2e6, "what is told of is what comes, but for scripts"
    server.given.clear()
    lite_at(path, page)
    line(page, "Python runs in this browser")
    assert sum(server.given.values()) < sum(first.values()) / 20


def test_completion_asks_the_running_kernel(lite_at):
    page = lite_at(FIRST.relative_to(ROOT).as_posix())
    page.wait_for_function(IDLE)
    asked = """async ([before, code]) => {
      const kernel = window.jupyterapp.shell.currentWidget.sessionContext.session.kernel;
      await kernel.requestExecute({code: before}).done;
      return (await kernel.requestComplete({code, cursor_pos: code.length})).content.matches;
    }"""
    for code, wanted in {"np.lins": "linspace", "xs.sha": "shape", "RNN(3, 4, act": "activation="}.items():
        before = "import numpy as np\nfrom rnnlib import RNN\nxs = np.zeros(3)"
        assert [found.split(".")[-1] for found in page.evaluate(asked, [before, code])] == [wanted]


def test_packages_come_from_a_folder_or_an_address_and_are_those_that_were_meant(tmp_path, monkeypatch):
    monkeypatch.syspath_prepend(ROOT / "site")
    lite = pytest.importorskip("lite", reason="the requirements of the site are not installed")
    there, here = tmp_path / "there", tmp_path / "here"
    there.mkdir(), here.mkdir()
    (there / "some-1.whl").write_bytes(b"these bytes")
    package = {"file_name": "some-1.whl", "sha256": hashlib.sha256(b"these bytes").hexdigest()}
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(SimpleHTTPRequestHandler, directory=str(there))) as serving:
        threading.Thread(target=serving.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{serving.server_port}"
        for source in (str(there), address, f"{address}/"):
            lite.provide(source, package, here)
            assert (here / "some-1.whl").read_bytes() == b"these bytes"
            with pytest.raises(
                ValueError, match=rf"^some-1\.whl from {source}: expected sha256 0123, got {package['sha256']}"
            ):
                lite.provide(source, package | {"sha256": "0123"}, here)
        with pytest.raises(HTTPError, match="404"):
            lite.provide(address, {"file_name": "another.whl"}, here)
        serving.shutdown()
    with pytest.raises(FileNotFoundError, match=r"^another\.whl is not in "):
        lite.provide(str(there), {"file_name": "another.whl"}, here)


def size(lite, name):
    """The bytes of a file of the browser-alone edition, by its name on the site."""
    return (lite.parent / name).stat().st_size


INSERT = """async words => {
  const {commands, shell} = window.jupyterapp, notebook = shell.currentWidget.content;
  notebook.activeCellIndex = 1;
  await commands.execute('notebook:insert-cell-below');
  notebook.activeCell.model.sharedModel.setSource(words);
}"""
SOURCES = "() => window.jupyterapp.shell.currentWidget.content.widgets.map(cell => cell.model.sharedModel.getSource())"
MINE = "mine = 'kept in this browser'"


@pytest.mark.parametrize("language", LANGUAGES)
def test_edits_are_kept_and_can_be_downloaded_and_undone(lite_at, visitor, language):
    page = visitor(accept_downloads=True)
    notebook = next(path for path in NOTEBOOKS if path.parent.name == language)
    path = notebook.relative_to(ROOT).as_posix()
    lite_at(path, page)
    page.wait_for_function(IDLE)
    page.evaluate(INSERT, MINE)
    page.wait_for_timeout(12_000)  # it is saved every ten seconds
    page.on("dialog", lambda dialog: dialog.accept())
    lite_at(path, page)
    page.wait_for_function(IDLE)
    assert MINE in page.evaluate(SOURCES)
    names = {"en": ("Download my copy", "Start over"), "es": ("Descargar mi copia", "Empezar de nuevo")}[language]
    with page.expect_download() as download:
        page.get_by_role("button", name=names[0], exact=True).click()
    assert download.value.suggested_filename == notebook.name
    assert MINE in [cell.source for cell in nbformat.read(download.value.path(), as_version=4).cells]
    page.get_by_role("button", name=names[1], exact=True).click()
    page.wait_for_function(f"mine => !({SOURCES})().includes(mine)", arg=MINE)
    lite_at(path, page)
    page.wait_for_function(IDLE)
    assert MINE not in page.evaluate(SOURCES)


@pytest.fixture
def newer(lite):
    """A function that has the site publish another version of a notebook."""
    here = lite / "here.json"
    published = here.read_text(encoding="utf-8")

    def publish(path):
        told = json.loads(published)
        told["notebooks"][path]["version"] = "another"
        here.write_text(json.dumps(told), encoding="utf-8")

    yield publish
    here.write_text(published, encoding="utf-8")


def test_a_newer_notebook_is_not_hidden_by_a_stored_copy(lite_at, visitor, newer):
    page, path = visitor(), FIRST.relative_to(ROOT).as_posix()
    lite_at(path, page)
    page.wait_for_function(IDLE)
    page.evaluate(INSERT, MINE)
    page.evaluate("() => window.jupyterapp.commands.execute('docmanager:save')")
    newer(path)
    lite_at(path, page)
    line(page, "This notebook has changed since you began")
    assert MINE in page.evaluate(SOURCES)
    page.on("dialog", lambda dialog: dialog.accept())
    page.get_by_role("button", name="Take the new one").click()
    page.wait_for_function(f"mine => !({SOURCES})().includes(mine)", arg=MINE)


def test_no_notebook_says_there_what_is_true_of_binder(lite):
    for path in NOTEBOOKS:
        staged = nbformat.read(lite / "files" / path.relative_to(ROOT), as_version=4)
        assert "Binder" not in "".join(cell.source for cell in staged.cells)
