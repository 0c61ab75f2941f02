"""A real JupyterLab in a real Chromium: notebooks are opened, run and used as a reader would."""

import json
import os
import re
import secrets
import shutil
import socket
import subprocess
import sys
import time
from pathlib import Path

import nbformat
import pytest
from engines import IDLE, QUIET, RUN, chromium_path
from nbformat.v4 import new_code_cell, new_notebook
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).parents[2]
SETTINGS = {
    "notebook-extension/tracker": {"windowingMode": "none"},  # every cell is in the page, seen or not
    "apputils-extension/themes": {"adaptive-theme": False},  # whatever the system's is
    "apputils-extension/notification": {"fetchNews": "false", "checkForUpdates": False, "doNotDisturbMode": True},
}
CLIENTS = ("firefox", "webkit", "chromium", "notebook", "voila")
SINGLE = ("moved", "trained", "connected", "longer", "spoken")
SMALL = new_notebook(
    metadata={
        "kernelspec": {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"},
        "language_info": {"name": "python"},
    },
    cells=[
        new_code_cell("from rnnlib import widgets"),
        new_code_cell("lab = widgets.gradient_lab()\nlab"),
        new_code_cell("training = widgets.training_lab()\ntraining"),
        new_code_cell('widgets.quiz("silent_input")'),
    ],
)
# Runs the cells up to the first with these words in it.
RUN_UNTIL = """async words => {
  const {commands, shell} = window.jupyterapp, {content, sessionContext} = shell.currentWidget;
  await sessionContext.ready;
  content.activeCellIndex = 1 + content.widgets.findIndex(cell => cell.model.sharedModel.source.includes(words));
  await commands.execute('notebook:run-all-above');
}"""
# Typed into a new cell at the end, and run there; gives the text of its outputs.
TYPE_AND_RUN = """async code => {
  const {commands, shell} = window.jupyterapp, notebook = shell.currentWidget.content;
  notebook.activeCellIndex = notebook.widgets.length - 1;
  await commands.execute('notebook:insert-cell-below');
  notebook.activeCell.model.sharedModel.setSource(code);
  await commands.execute('notebook:run-cell');
  return notebook.activeCell.node.querySelector('.jp-Cell-outputArea').innerText.trim();
}"""


# Keeps the messages to the kernel that it is not done with: it answers those of widgets beside those of cells.
WATCH = """() => {
  const {kernel} = window.jupyterapp.shell.currentWidget.sessionContext.session;
  if (window.waiting) return;
  window.waiting = new Set();
  kernel.anyMessage.connect((_, {msg, direction}) => {
    if (direction === 'send' && msg.channel === 'shell') window.waiting.add(msg.header.msg_id);
    if (msg.content.execution_state === 'idle') window.waiting.delete(msg.parent_header.msg_id);
  });
}"""
# What a lab's figure is made of: the picture of what stays, and the pieces of the upper one of the two layers.
IMAGES = """box => {
  const layers = [...box.querySelectorAll('.rnnlib-moving')].sort((a, b) => a.style.zIndex - b.style.zIndex);
  return [box.querySelector('.rnnlib-figure > img'), ...layers.at(-1).children].map(image => image.src);
}"""
# Waits until picture and sentence are others than before, and the kernel is done; a widget may keep one change back
# until then. (A promise is true for playwright's wait_for_function, whatever becomes of it.)
CHANGED = f"""async ([box, picture, sentence]) => {{
  const frame = () => new Promise(requestAnimationFrame), end = performance.now() + 60000;
  const images = () => JSON.stringify(({IMAGES})(box));
  const words = () => box.querySelector('.rnnlib-sentence [role=status]').innerText;
  for (let quiet = 0; quiet < 3; quiet++) {{
    await frame();
    const [drawn, said] = [images() !== JSON.stringify(picture), words() !== sentence];
    if (window.waiting.size || !drawn || !said) quiet = -1;
    if (performance.now() > end) throw new Error(`picture changed: ${{drawn}}; sentence: ${{said}}, ${{words()}}`);
  }}
}}"""


def pytest_collection_modifyitems(config, items):
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)
            if config.getoption("alone") and item.get_closest_marker("server"):
                item.add_marker(pytest.mark.skip("there is no server in the browser alone"))


@pytest.fixture(scope="session")
def chromium():
    """A browser."""
    path = chromium_path()
    if path is None:
        (pytest.fail if os.environ.get("REQUIRE_BROWSER") == "1" else pytest.skip)("no Chromium on the path")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=QUIET)
        yield browser
        browser.close()


def started(folder, form, *command, **environment):
    """A server on a free port, once it listens: (process, address); the command and the form of the address have it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with (folder / "log").open("w") as log:
        known = [part.format(port=port) for part in command]
        server = subprocess.Popen([sys.executable, "-m", *known], env=os.environ | environment, stdout=log, stderr=log)
    until = time.monotonic() + 60
    while time.monotonic() < until and server.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return server, f"http://127.0.0.1:{port}/{form}"
        time.sleep(0.1)
    server.kill()
    pytest.fail(f"{command[0]} did not start: " + (folder / "log").read_text()[-2000:])


def start_jupyter(folder):
    """JupyterLab on a copy of the notebooks, with settings, workspaces and token of its own: (process, address)."""
    shutil.copytree(ROOT / "notebooks", folder / "notebooks")
    for client in (*CLIENTS, *SINGLE):  # a notebook has one kernel, whoever opens it
        nbformat.write(SMALL, folder / f"{client}.ipynb")
    for name, value in SETTINGS.items():
        path = folder / "settings" / "@jupyterlab" / f"{name}.jupyterlab-settings"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(value))
    token = secrets.token_hex(16)
    places = {"JUPYTERLAB_SETTINGS_DIR": "settings", "JUPYTERLAB_WORKSPACES_DIR": "ws", "JUPYTER_RUNTIME_DIR": "run"}
    options = ["--no-browser", "--allow-root", "--ip=127.0.0.1", "--port={port}", f"--ServerApp.root_dir={folder}"]
    options += [f"--IdentityProvider.token={token}"]
    options += [f"--{app}.expose_app_in_browser=True" for app in ("LabApp", "JupyterNotebookApp")]
    known = {name: str(folder / place) for name, place in places.items()}
    return started(folder, f"doc/tree/{{path}}?token={token}&reset", "jupyterlab", *options, **known)


def start_alone(folder, site):
    """A static server of a copy of a built site, in whose browser-alone edition there are the small notebooks, too."""
    shutil.copytree(site, folder / "site")
    lite = folder / "site" / "lite"

    def change(name, act):
        known = json.loads((lite / name).read_text(encoding="utf-8"))
        act(known)
        (lite / name).write_text(json.dumps(known), encoding="utf-8")

    own = {"@jupyterlab/{}:{}".format(*name.split("/")): value for name, value in SETTINGS.items()}
    change("jupyter-lite.json", lambda known: known["jupyter-config-data"]["settingsOverrides"].update(own))
    listed = {"type": "notebook", "format": None, "mimetype": None, "content": None, "size": None, "writable": True}
    listed |= dict.fromkeys(("created", "last_modified"), "2020-01-01T00:00:00Z")
    names = [f"{client}.ipynb" for client in (*CLIENTS, *SINGLE)]
    for name in names:
        nbformat.write(SMALL, lite / "files" / name)
    added = [listed | {"name": name, "path": name} for name in names]
    change("api/contents/all.json", lambda known: known["content"].extend(added))
    serve = "http.server", "--bind=127.0.0.1", f"--directory={folder / 'site'}", "{port}"
    return started(folder, "lite/lab/index.html?path={path}", *serve)


def stop(server):
    """End a server and wait for it."""
    server.terminate()
    try:
        server.wait(20)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()


@pytest.fixture(scope="session")
def jupyter(tmp_path_factory, request):
    """The address form of a running JupyterLab; of that of the browser alone, if it is asked for."""
    folder, site = tmp_path_factory.mktemp("jupyter"), request.config.getoption("alone")
    if site and not Path(site, "lite").exists():
        (pytest.fail if os.environ.get("REQUIRE_LITE") == "1" else pytest.skip)(f"{site} has no browser-alone edition")
    server, address = start_alone(folder, site) if site else start_jupyter(folder)
    yield address
    stop(server)


DURATION = """async sound => {
  if (sound.readyState < 1) await new Promise(done => sound.addEventListener('loadedmetadata', done, {once: true}));
  return sound.duration;
}"""


class Notebook:
    """A notebook in the browser.

    Attributes:
        page: the playwright page.
    """

    def __init__(self, page, address, path):
        self.page, self.path = page, path
        page.set_default_timeout(60_000)
        page.goto(address.format(path=path))
        page.wait_for_selector(".jp-Notebook .jp-Cell")
        page.evaluate("() => window.jupyterapp.shell.collapseLeft()")  # a list of files, in the browser alone
        page.wait_for_function(IDLE)

    def run_all(self):
        """Run every cell and wait until the last is done."""
        self.page.evaluate(RUN)
        self.page.wait_for_function(IDLE, timeout=180_000)

    def run_until(self, words):
        """Run the cells up to the first with these words in it, and wait until that is done."""
        self.page.evaluate(RUN_UNTIL, words)
        self.page.wait_for_function(IDLE, timeout=180_000)

    def sentences(self):
        """What the labs on the page say, from top to bottom."""
        return self.page.locator(".rnnlib-sentence [role=status]").all_inner_texts()

    def stored(self, kind="text/plain"):
        """What the stored notebook has them say; or, of kind "text/html", show."""
        cells = [cell for cell in nbformat.read(ROOT / self.path, as_version=4).cells if cell.cell_type == "code"]
        labs = [cell.outputs[-1].data for cell in cells if re.search(r"\bwidgets\.(?!quiz)\w+\(", cell.source)]
        return [data[kind] for data in labs]

    def run(self, code):
        """The text that this code prints in a new last cell."""
        return self.page.evaluate(TYPE_AND_RUN, code)

    def complaints(self):
        """Texts of errors, of stderr and of widgets that could not be shown."""
        kinds = ("vnd.jupyter.error", "vnd.jupyter.stderr")
        found = [
            text
            for kind in kinds
            for text in self.page.locator(f'[data-mime-type="application/{kind}"]').all_inner_texts()
        ]
        body = self.page.locator(".jp-Notebook").inner_text()
        return found + [words for words in ("model not found", "Click to show javascript error") if words in body]

    def lab(self, number=0):
        """The lab of this number on the page."""
        return Lab(self.page, self.page.locator(".rnnlib-lab").nth(number))


class Lab:
    """A lab in the browser.

    Attributes:
        page: the playwright page.
        box: the locator of everything in the lab.
    """

    def __init__(self, page, box):
        self.page, self.box = page, box
        box.locator(".rnnlib-figure [role=img]").wait_for()

    def picture(self):
        """What the figure is made of."""
        return self.box.evaluate(IMAGES)

    def sentence(self):
        """What the lab says."""
        return self.box.locator(".rnnlib-sentence [role=status]").inner_text()

    def code(self):
        """The code that the lab shows."""
        return self.box.locator(".rnnlib-code pre").inner_text()

    def sound(self):
        """How many seconds the lab's sound takes, once the browser has it."""
        return self.box.locator("audio").evaluate(DURATION)

    def slider(self, label):
        """The handle of the slider with this label."""
        return self.box.locator(".widget-slider", has_text=label).locator(".noUi-handle")

    def choose(self, label, option):
        """Choose from the dropdown with this label."""
        self.box.locator(".widget-dropdown", has_text=label).locator("select").select_option(option)

    def press(self, words):
        """Press the button with these words."""
        self.box.get_by_role("button", name=words, exact=True).click()

    def changes(self, act):
        """Do this, wait until picture and sentence are others and the kernel has no more to say; the new sentence."""
        self.page.evaluate(WATCH)
        before = self.picture(), self.sentence()
        act()
        self.page.evaluate(CHANGED, [self.box.element_handle(), *before])
        return self.sentence()


@pytest.fixture(scope="session")
def profile(chromium, request):
    """A function that gives the place of a new page.

    All share one, as a reader's tabs do: JupyterLab's scripts come once. In the browser alone each has its own, since
    it would open beside itself whatever was open in the same place.
    """
    wanted = {"viewport": {"width": 1280, "height": 1000}, "accept_downloads": True}
    if request.config.getoption("alone"):
        return lambda: chromium.new_context(**wanted)
    context = chromium.new_context(**wanted)
    return lambda: context


@pytest.fixture(scope="module")
def open_notebook(profile, jupyter):
    """A function that opens a notebook, given its path below the root; its page may be prepared for it."""
    pages = []

    def opened(path, prepare=lambda page: None):
        pages.append(profile().new_page())
        prepare(pages[-1])
        return Notebook(pages[-1], jupyter, path)

    yield opened
    for page in pages:
        page.close()


@pytest.fixture(scope="module")
def notebook(open_notebook, request):
    """The notebook of a module of tests, opened once: they look at it before they run it, and afterwards."""
    return open_notebook(request.module.PATH)
