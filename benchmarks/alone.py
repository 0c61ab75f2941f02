"""Notebooks that run in the browser alone: what a visit costs, and a move of the lab beside one in JupyterLab."""

import datetime
import gzip
import inspect
import os
import random
import runpy
import sys
import tempfile
import threading
import time
from collections import Counter
from functools import partial
from http.server import ThreadingHTTPServer
from itertools import product
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import psutil

from benchmarks import lab
from rnnlib.plots.still import PIXEL_RATIO

ROOT = Path(__file__).parents[1]
SITE = Path(os.environ.get("SITE_BUILT", ROOT / "build/site"))
PATH = "notebooks/en/05_vanishing_exploding_gradients.ipynb"
PACKED = {".js", ".mjs", ".json", ".css", ".html", ".wasm", ".svg", ".ipynb"}  # by a static host, as gzip
ROUNDS, VISITS = 4, 3
SHOW = f"""import ipywidgets
from rnnlib import widgets
{inspect.getsource(lab.slider)}
{inspect.getsource(lab.floor)}
display(floor())"""
WAYS = ("floor", "lab")
KEYS = {"ArrowRight": "a step on", "ArrowLeft": "a step back", "PageUp": "ten steps on"}
PRESSES = {"ArrowRight": 10, "ArrowLeft": 10, "PageUp": 4}  # in each round: the slider has 200 steps
READY = "() => document.querySelector('.live-lab [data-setting]:enabled')"
# Milliseconds from the event of a key to the frame that shows it: a message that is sent while a frame is made comes
# when it has been painted.
TIMES = """() => {
  window.times = [];
  const painted = new MessageChannel();
  let pressed;
  painted.port1.onmessage = () => window.times.push(performance.now() - pressed);
  document.addEventListener('input', ({timeStamp}) => {
    pressed = timeStamp;
    requestAnimationFrame(() => painted.port2.postMessage(0));
  });
}"""


def sent(given):
    """Megabytes as they are, and as a static host packs them."""
    plain = packed = 0
    for name, count in given.items():
        path = SITE / name
        plain += count
        size = path.stat().st_size if path.is_file() else 0
        whole = len(gzip.compress(path.read_bytes(), 6)) if path.suffix in PACKED and size else size
        packed += count * whole / size if size else 0
    return plain / 1e6, packed / 1e6


def memory():
    """Megabytes of the page and of the Python in it: the largest process of the browser's pages."""
    ours = psutil.Process().children(recursive=True)
    pages = [process for process in ours if "--type=renderer" in process.cmdline()]
    return max(process.memory_full_info().pss for process in pages) / 1e6


def before_python(chromium, address):
    """Milliseconds until the moving lab on the first page can be used, and that each of 100 moves by key takes."""
    page, rng = chromium.new_context(viewport={"width": 1280, "height": 900}).new_page(), random.Random(0)
    page.goto(address)
    page.wait_for_function(READY)
    usable = page.evaluate("() => performance.now()")
    page.evaluate(TIMES)
    page.locator(".live-lab [type=range]").focus()
    for move in range(100):
        page.wait_for_timeout(rng.uniform(0, 50))  # at any time between two frames
        page.keyboard.press("ArrowRight" if move < 60 else "ArrowLeft")
        page.wait_for_function(f"() => window.times.length > {move}", polling=30)
    return usable, page.evaluate("() => window.times")


def visits(browser, playwright, server, folder):
    """For each visit: seconds until the notebook is seen, Python is ready, all is run; bytes; and memory."""
    options = {"executable_path": browser.chromium_path(), "args": browser.QUIET}
    with playwright.chromium.launch_persistent_context(folder, **options) as profile:
        for _ in range(VISITS):
            server.given.clear()
            page, start = profile.new_page(), time.perf_counter()
            page.set_default_timeout(180_000)
            page.goto(f"http://127.0.0.1:{server.server_port}/series/lite/lab/index.html?path={PATH}")
            times = []
            for look in ("() => document.querySelector('.jp-Notebook .jp-Cell')", browser.IDLE):
                page.wait_for_function(look)
                times.append(time.perf_counter() - start)
            came, before = sent(server.given), time.perf_counter()
            page.evaluate(browser.RUN)
            page.wait_for_function(browser.IDLE)
            yield *times, time.perf_counter() - before, *came, memory()
            page.close()


def steps(browser, chromium, addresses):
    """Median milliseconds of a press, by place, way and key: on, back, and in leaps from one end; in turns."""
    opened = {}
    for place, address in addresses.items():
        context = chromium.new_context(viewport={"width": 1280, "height": 1000}, device_scale_factor=PIXEL_RATIO)
        opened[place] = browser.Notebook(context.new_page(), address, PATH)
        for code in (SHOW, "lab = widgets.gradient_lab()\nlab"):
            opened[place].run(code)
            opened[place].page.wait_for_function(browser.IDLE)
    times = {(place, way, key): [] for place in opened for way in WAYS for key in KEYS}
    for key, number in product(KEYS, range(ROUNDS + 1)):
        for place, way in product(opened, WAYS):
            page, (words, watched) = opened[place].page, lab.WAYS[way]
            page.bring_to_front()
            handle = page.locator(".widget-slider", has_text=words).locator(".noUi-handle").last
            if key == "PageUp" and not number:
                handle.evaluate(lab.PRESS, [watched, "Home", 1])
            took = handle.evaluate(lab.PRESS, [watched, key, PRESSES[key]])
            times[place, way, key] += took if number else []  # one to warm up
    return {each: float(np.median(found)) for each, found in times.items()}


def section(seen, moved, before, version):
    visited = seen[0], np.median(seen[1:], axis=0)
    names = ("notebook seen, s", "Python ready, s", "Run All, s", "sent, MB", "as gzip, MB", "memory of the tab, MB")
    table = "\n".join(f"| {name} | {first:.1f} | {second:.1f} |" for name, first, second in zip(names, *visited))
    rows = []
    for key, where in KEYS.items():
        floor, taken = ([moved[place, way, key] for place in ("alone", "kernel")] for way in WAYS)
        rows.append(f"| floor: slider → Python → text label, {where}, ms | {floor[0]:.0f} | {floor[1]:.0f} |")
        rows.append(f"| lab: slider → changed pixels, {where}, ms | {taken[0]:.0f} | {taken[1]:.0f} |")
        rows.append(f"| lab ÷ floor, {where} | {taken[0] / floor[0]:.2f} | {taken[1] / floor[1]:.2f} |")
    steps = "\n".join(rows)
    on, back, leap = (moved["alone", "lab", key] / moved["kernel", "lab", key] for key in KEYS)
    usable, times = before
    return f"""## In the browser alone

{lab.machine()}, Chromium {version}; {datetime.date.today()}.
The built site on loopback; notebook 05, in a profile new at the first visit; medians of {VISITS - 1} later ones.

| | first visit | later |
| --- | --- | --- |
{table}

A press of a key moves the weight scale by one step, as in the section on the gradient lab, or, where the lab cannot
know it beforehand, by ten: medians of {ROUNDS * PRESSES["ArrowRight"]} and {ROUNDS * PRESSES["PageUp"]} presses, each
in its turn, all in one run.

| | browser alone | JupyterLab with a kernel |
| --- | --- | --- |
{steps}

A move in the browser alone takes {on:.2f} times one in JupyterLab, back {back:.2f}, by ten steps {leap:.2f} times.

Before Python: the lab on the first page can be used after {usable / 1000:.1f} s, and 100 moves by key were seen after
{np.median(times):.0f} ms (median; the longest {max(times):.0f} ms).
"""


def main():
    """Serve the site, start JupyterLab and browsers, measure, and write the section."""
    from playwright.sync_api import sync_playwright

    if not (SITE / "lite").is_dir():
        sys.exit(f"{SITE} has no browser-alone edition: make site")
    sys.path.insert(0, str(ROOT / "tests/browser"))  # where conftest.py finds its own
    browser = SimpleNamespace(**runpy.run_path(str(ROOT / "tests/browser/conftest.py")))
    handler = partial(runpy.run_path(str(ROOT / "tests/site/conftest.py"))["Handler"], directory=str(SITE))
    with (
        tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as folder,
        ThreadingHTTPServer(("127.0.0.1", 0), handler) as server,
        sync_playwright() as playwright,
    ):
        server.given = Counter()
        threading.Thread(target=server.serve_forever, daemon=True).start()
        seen = list(visits(browser, playwright, server, Path(folder, "profile")))
        Path(folder, "jupyter").mkdir()
        jupyter, kernel = browser.start_jupyter(Path(folder, "jupyter"))
        try:
            chromium = playwright.chromium.launch(executable_path=browser.chromium_path(), args=browser.QUIET)
            alone = f"http://127.0.0.1:{server.server_port}/series/lite/lab/index.html?path={{path}}"
            moved = steps(browser, chromium, {"alone": alone, "kernel": kernel})
            before = before_python(chromium, f"http://127.0.0.1:{server.server_port}/series/index.html")
            return section(seen, moved, before, chromium.version)
        finally:
            browser.stop(jupyter)
            server.shutdown()
