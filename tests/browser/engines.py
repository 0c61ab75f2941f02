"""Browsers that tests drive alike: Chromium through playwright, Firefox by WebDriver BiDi, WebKit by WebDriver.

Each can go to an address, evaluate a function in the page, press a key and move the mouse. Debian's Firefox and WebKit
are driven without a library between: playwright wants its own builds of them, and Debian has no geckodriver.
"""

import json
import os
import shutil
import socket
import subprocess
import time
from contextlib import closing, contextmanager
from pathlib import Path
from urllib.request import Request, urlopen

import websocket

SIZE = 1300, 1000  # of display and window, in dots
KEYS = {"ArrowLeft": "\ue012", "ArrowRight": "\ue014", "Enter": "\ue007"}  # as WebDriver writes them
# In the page, because each look from outside costs the page time. What it waits for is looked at once a frame.
UNTIL = """(look, ...given) => new Promise((done, fail) => {
  const end = performance.now() + 60000;
  const again = () => {
    const found = look(...given);
    if (found) done(found);
    else if (performance.now() > end) fail(new Error(`waited a minute for ${look} of ${JSON.stringify(given)}`));
    else setTimeout(again, 16);
  };
  again();
})"""
# Whether the notebook in front has nothing to run; and what runs all of it.
IDLE = """() => {
  const session = window.jupyterapp?.shell.currentWidget?.sessionContext;
  const waiting = [...document.querySelectorAll('.jp-CodeCell .jp-InputPrompt')].some(p => p.textContent.includes('*'));
  return session?.session?.kernel?.status === 'idle' && !waiting;
}"""
RUN = """async () => {
  const app = window.jupyterapp;
  await app.shell.currentWidget.sessionContext.ready;
  await app.commands.execute('notebook:run-all-cells');
}"""
QUIET = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking", "--disable-sync"]
PREFERENCES = {
    "app.update.disabledForTesting": True,
    "browser.aboutwelcome.enabled": False,
    "browser.shell.checkDefaultBrowser": False,
    "datareporting.policy.dataSubmissionEnabled": False,
}


def chromium_path():
    """Where Chromium is, or None."""
    return shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


@contextmanager
def running(command, **options):
    """A process that is ended afterwards, and waited for."""
    process = subprocess.Popen(command, **options)
    try:
        yield process
    finally:
        process.terminate()
        try:
            process.wait(20)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


def free_port():
    """A port that nobody listens to."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


def wait_for(process, port):
    """Wait until this process listens to the port, or has ended."""
    while process.poll() is None:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)


@contextmanager
def display():
    """The name of an X display that nobody sees."""
    read, write = os.pipe()
    command = ["Xvfb", "-displayfd", str(write), "-screen", "0", "{}x{}x24".format(*SIZE), "-nolisten", "tcp"]
    with running(command, pass_fds=[write], stderr=subprocess.DEVNULL), os.fdopen(read) as number:
        os.close(write)
        yield f":{number.readline().strip()}"


class Browser:
    """What the browsers have in common."""

    def until(self, look, *given):
        """Wait until this function of the page gives something that is true, and return it."""
        return self.evaluate(f"(...given) => ({UNTIL})({look}, ...given)", *given)


class Chromium(Browser):
    """A page of playwright's."""

    def __init__(self, page):
        self.page = page

    def goto(self, address):
        """Open this address."""
        self.page.goto(address)

    def evaluate(self, function, *given):
        """What this function of the page gives; a promise is awaited."""
        return self.page.evaluate(f"given => ({function})(...given)", given)

    def press(self, key):
        """Press this key."""
        self.page.keyboard.press(key)

    def drag(self, start, *stops):
        """Press the mouse button at a point and release it at the last; one point is a click."""
        self.page.mouse.move(*start)
        self.page.mouse.down()
        for stop in stops:
            self.page.mouse.move(*stop)
        self.page.mouse.up()


class WebDriver(Browser):
    """What WebDriver and BiDi write alike: keys and mouse."""

    def press(self, key):
        """Press this key."""
        pressed = [{"type": f"key{way}", "value": KEYS[key]} for way in ("Down", "Up")]
        self._act({"type": "key", "id": "keys", "actions": pressed})

    def drag(self, start, *stops):
        """Press the mouse button at a point and release it at the last; one point is a click."""
        moves = [{"type": "pointerMove", "x": round(x), "y": round(y), "duration": 0} for x, y in (start, *stops)]
        steps = [moves[0], {"type": "pointerDown", "button": 0}, *moves[1:], {"type": "pointerUp", "button": 0}]
        self._act({"type": "pointer", "id": "mouse", "actions": steps})


class Firefox(WebDriver):
    """A Firefox that listens to BiDi."""

    @staticmethod
    def path():
        """Where it is, or None."""
        return shutil.which("firefox-esr") or shutil.which("firefox")

    @classmethod
    @contextmanager
    def started(cls, display, folder):
        """A browser with a profile of its own in this folder."""
        prefs = [f"user_pref({json.dumps(name)}, {json.dumps(value)});" for name, value in PREFERENCES.items()]
        (folder / "user.js").write_text("\n".join(prefs))
        size = [word for name, dots in zip(("--width", "--height"), SIZE) for word in (name, str(dots))]
        port = free_port()
        command = [cls.path(), "--profile", str(folder), "--no-remote", "--remote-debugging-port", str(port), *size]
        env = os.environ | {"DISPLAY": display, "HOME": str(folder), "MOZ_ENABLE_WAYLAND": "0"}
        with running(command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
            wait_for(process, port)
            address = f"ws://127.0.0.1:{port}/session"
            with closing(websocket.create_connection(address, timeout=120, suppress_origin=True)) as connected:
                yield cls(connected)

    def __init__(self, connected):
        self._socket, self._asked = connected, 0
        self._ask("session.new", capabilities={})
        self._tab = self._ask("browsingContext.create", type="tab")["context"]

    def _ask(self, method, **params):
        self._asked += 1
        self._socket.send(json.dumps({"id": self._asked, "method": method, "params": params}))
        while (answer := json.loads(self._socket.recv())).get("id") != self._asked:
            pass
        if answer["type"] == "error":
            raise RuntimeError(f"{method}: {answer['error']}: {answer['message']}")
        return answer["result"]

    def _act(self, *sources):
        self._ask("input.performActions", context=self._tab, actions=sources)

    def goto(self, address):
        """Open this address."""
        self._ask("browsingContext.navigate", context=self._tab, url=address, wait="complete")

    def evaluate(self, function, *given):
        """What this function of the page gives; a promise is awaited."""
        call = f"async () => JSON.stringify(await ({function})(...{json.dumps(given)}))"
        options = {"functionDeclaration": call, "awaitPromise": True, "target": {"context": self._tab}}
        answer = self._ask("script.callFunction", **options)
        if answer["type"] == "exception":
            raise RuntimeError(answer["exceptionDetails"]["text"])
        return json.loads(answer["result"].get("value", "null"))


class WebKit(WebDriver):
    """WebKitGTK's small browser: the engine of Safari."""

    @staticmethod
    def path():
        """Where it is, or None."""
        found = Path("/usr").glob("lib*/**/webkit2gtk-4.*/MiniBrowser")
        return next(map(str, found), None) if shutil.which("WebKitWebDriver") else None

    @classmethod
    @contextmanager
    def started(cls, display, folder):
        """A browser with a home of its own in this folder."""
        port, env = free_port(), os.environ | {"DISPLAY": display, "HOME": str(folder)}
        command = ["WebKitWebDriver", f"--port={port}", "--host=127.0.0.1"]
        with running(command, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
            wait_for(process, port)
            made = cls(f"http://127.0.0.1:{port}/session")
            try:
                yield made
            finally:
                made._ask("", "DELETE")

    def __init__(self, address):
        self._address = address
        options = {"binary": self.path(), "args": ["--automation"]}
        made = self._ask("", capabilities={"alwaysMatch": {"webkitgtk:browserOptions": options}})
        self._address += f"/{made['sessionId']}"
        self._ask("/timeouts", script=120_000)
        self._ask("/window/rect", x=0, y=0, width=SIZE[0], height=SIZE[1])

    def _ask(self, path, method="POST", **params):
        request = Request(self._address + path, json.dumps(params).encode(), method=method)
        with urlopen(request, timeout=120) as answer:
            return json.load(answer)["value"]

    def _act(self, *sources):
        self._ask("/actions", actions=sources)

    def goto(self, address):
        """Open this address."""
        self._ask("/url", url=address)

    def evaluate(self, function, *given):
        """What this function of the page gives; a promise is awaited."""
        script = f"return (async () => JSON.stringify(await ({function})(...arguments)))()"
        return json.loads(self._ask("/execute/sync", script=script, args=given) or "null")
