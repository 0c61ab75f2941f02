"""The gradient lab in a real browser, beside a bare text label and beside `interact` with inline figures."""

import datetime
import io
import json
import os
import platform
import re
import runpy
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from types import SimpleNamespace
from unittest import mock

import ipywidgets
import matplotlib
import nbformat
import numpy as np
from IPython.display import display
from matplotlib.figure import Figure

from rnnlib.labs.gradient_lab.lab import shown
from rnnlib.plots.still import CSS_DPI, PIXEL_RATIO
from rnnlib.plots.style import style
from rnnlib.widgets import gradient_lab

ROOT = Path(__file__).parents[1]
SIZES = [{"hidden_size": 64, "steps": 100}, {"hidden_size": 256, "steps": 200}]
ROUNDS, PRESSES = 6, 10
KERNEL = [
    "import psutil\nimport numpy as np\nbefore = psutil.Process().memory_info().rss",
    f"import sys\nsys.path.insert(0, {str(ROOT)!r})\nfrom benchmarks import lab as bench\nbench.floor()",
    "lab = bench.gradient_lab()\nlab",
    "%config InlineBackend.figure_formats = ['retina']\n%config InlineBackend.print_figure_kwargs = "
    "{'bbox_inches': None}\nother = bench.interact()",
    "third = bench.ipympl()",
]
# What each way shows: its slider, and the element that changes when the slider moves.
WAYS = {
    "floor": ("floor", ".floor .timed"),
    "lab": ("weight scale g", ".rnnlib-moving img"),
    "interact": ("weight_scale", ".jp-OutputArea-output img"),
}
DRAGGED = WAYS | {"ipympl": ("ipympl", "canvas")}
# Milliseconds from each key press until the browser presented what had changed, by its own record of paints.
PRESS = """async (handle, [watched, key, presses]) => {
  const cell = handle.closest('.jp-Cell'), times = [];
  const all = () => [...cell.querySelectorAll(watched)], shown = e => e.src || e.innerText;
  const mark = () => all().forEach(e => e.hasAttribute('elementtiming') || e.setAttribute('elementtiming', 'timed'));
  cell.scrollIntoView();  // what is out of sight is not presented
  mark();  // and what is marked is recorded when it is
  for (let i = 0; i < presses; i++) {
    const before = new Set(all().map(shown)), start = performance.now(), seen = new Map();
    const presented = new Promise((done, fail) => {
      setTimeout(() => fail(new Error(`nothing changed: ${watched}`)), 60000);
      new PerformanceObserver((list, paints) => {
        for (const paint of list.getEntries()) {
          if (paint.identifier !== 'timed' || paint.renderTime < start || !cell.contains(paint.element)) continue;
          if (!before.has(paint.url || paint.element.innerText)) seen.set(paint.element, paint.renderTime);
        }
        if (seen.size < all().filter(e => !before.has(shown(e))).length) return;
        paints.disconnect();
        done(Math.max(...seen.values()));
      }).observe({type: 'element'});
    });
    const look = new MutationObserver(mark);
    look.observe(cell, {subtree: true, childList: true});
    handle.dispatchEvent(new KeyboardEvent('keydown', {key, bubbles: true}));
    times.push(await presented - start);
    look.disconnect();
    await new Promise(rest => setTimeout(rest, 400));
  }
  return times;
}"""


# Looks at every frame of the page for what has changed since the one before, while the mouse drags a slider.
RECORD = """(handle, watched) => {
  const cell = handle.closest('.jp-Cell');
  const pen = new OffscreenCanvas(96, 64).getContext('2d', {willReadFrequently: true});
  const shown = e => {
    if (e.tagName !== 'CANVAS') return e.src ? e.src.length + e.src.slice(-400) : e.innerText;
    pen.drawImage(e, 0, 0, 96, 64);
    return pen.getImageData(0, 0, 96, 64).data.join();
  };
  const all = () => [...cell.querySelectorAll(watched)].map(shown).join();
  const seen = window.recorded = {changes: [], pressed: 0, released: 0, on: true};
  addEventListener('pointerdown', () => { seen.pressed = performance.now(); }, {capture: true, once: true});
  addEventListener('pointerup', () => { seen.released = performance.now(); }, {capture: true, once: true});
  let before = all();
  const look = () => {
    const now = all();
    if (now !== before) seen.changes.push(performance.now());
    before = now;
    if (seen.on) requestAnimationFrame(look);
  };
  requestAnimationFrame(look);
}"""
RECORDED = """() => {
  const {changes, pressed, released} = window.recorded;
  window.recorded.on = false;
  const during = changes.filter(time => time > pressed && time < released);
  return [1000 * during.length / (released - pressed), Math.max(0, changes.at(-1) - released)];
}"""


def slider(words):
    look = {"layout": {"width": "860px"}}  # as wide as the lab's
    return ipywidgets.FloatLogSlider(description=words, value=1, min=-1, max=1, step=0.01, **look)


def floor():
    """A slider, and a label that says where it stands."""
    words = '<div class="timed" elementtiming="timed">{}</div>'
    moved, label = slider("floor"), ipywidgets.HTML(words.format(1))
    label.add_class("floor")
    moved.observe(lambda change: label.set_trait("value", words.format(change.new)), "value")
    return ipywidgets.VBox([moved, label])


def panels(figure, places, views):
    """Every panel of the lab drawn into a figure that is new, by the same functions."""
    for name, view in views.items():
        ax = figure.add_axes(places[name])
        view.draw_frame(ax)
        view.draw_moving(ax)


def drawing_anew(draw):
    """A lab whose pictures are drawn by draw(size in inches, places, views), for each setting anew."""
    lab = gradient_lab()
    places = {name: ax.get_position(original=True).bounds for name, ax in lab.figure.axes.items()}
    inches = [pixels / CSS_DPI for pixels in lab.figure.size]
    lab.figure.show = lambda views: draw(inches, places, views)
    return lab


def interact():
    """The usual way: `interact` and pyplot."""
    import matplotlib.pyplot as plt

    def draw(inches, places, views):
        with style():
            panels(plt.figure(figsize=inches, dpi=CSS_DPI), places, views)
            plt.show()

    lab = drawing_anew(draw)
    ipywidgets.interact(lambda weight_scale: lab.apply(weight_scale=weight_scale), weight_scale=slider(""))
    return lab


def ipympl():
    """A figure that stays, in ipympl's canvas: what moves is taken out and drawn again, and ``draw_idle`` sends it."""
    import matplotlib.pyplot as plt
    from ipympl.backend_nbagg import Canvas, FigureManager

    plt.switch_backend("inline")  # which `interact` goes on with
    lab, moving = gradient_lab(), []
    figure = Figure(figsize=[pixels / CSS_DPI for pixels in lab.figure.size], dpi=CSS_DPI)
    canvas = Canvas(figure)
    FigureManager(canvas, 0)
    axes = {name: figure.add_axes(ax.get_position(original=True)) for name, ax in lab.figure.axes.items()}
    with style():
        for name, view in lab.figure.views.items():
            view.draw_frame(axes[name])

    def show(views):
        with style():
            while moving:
                moving.pop().remove()
            for name, view in views.items():
                moving.extend(view.draw_moving(axes[name]))
            canvas.draw_idle()

    lab.figure.show, moved = show, slider("ipympl")
    moved.observe(lambda change: lab.apply(weight_scale=change.new), "value")
    display(ipywidgets.VBox([moved, canvas]))
    return lab


def save_anew(inches, places, views):
    with style():
        figure = Figure(figsize=inches, dpi=CSS_DPI * PIXEL_RATIO)
        panels(figure, places, views)
        figure.savefig(io.BytesIO(), format="png")


def callback_times(labs, scales):
    """Milliseconds that each lab takes to show each weight scale, in turns."""
    times = []
    for scale in scales:
        times.append([])
        for lab in labs:
            shown.cache_clear()  # every move goes to a new place
            start = time.perf_counter()
            lab.apply(weight_scale=scale)
            times[-1].append(1e3 * (time.perf_counter() - start))
            time.sleep(0.03)  # the browser has its turn
    return np.median(times[2:], axis=0)


def in_the_kernel(**size):
    """What one move of the weight scale costs in the kernel, and the same figure drawn anew; for a lab not on show."""
    lab, anew = gradient_lab(), drawing_anew(save_anew)
    for each in (lab, anew):
        each.apply(**size)
    callback, drawn = callback_times([lab, anew], np.geomspace(0.9, 1.1, 21))
    frames = []
    with mock.patch("numpy.linalg.eigvals", wraps=np.linalg.eigvals) as eigvals:
        lab.apply(seed=7)
        for scale in np.geomspace(0.1, 10, 41):
            still = lab.figure.still.value
            lab.apply(weight_scale=scale)
            renewed = lab.figure.still.value is not still
            frames.append(len(lab.figure.moving.value) + renewed * len(lab.figure.still.value))
    for each in (lab, anew):
        each.close()
    return {"callback": callback, "anew": drawn, "frame": max(frames) / 1000, "eigenvalues": eigvals.call_count}


def growth():
    """Milliseconds a callback by T at H = 64, and by H at T = 100."""
    lab, found = gradient_lab(), {}
    for name, other, sizes in (
        ("steps", {"hidden_size": 64}, (25, 50, 100, 200)),
        ("hidden_size", {"steps": 100}, (32, 64, 128, 256)),
    ):
        found[name] = {}
        for size in sizes:
            lab.apply(**other, **{name: size})
            found[name][size] = float(callback_times([lab], np.geomspace(0.9, 1.1, 11))[0])
    lab.close()
    return found


def memory(before):
    """Megabytes of the kernel: with numpy alone, and now."""
    import psutil

    return [before / 1e6, psutil.Process().memory_info().rss / 1e6]


def import_times(repeats=15):
    """Milliseconds of `import numpy` in a new process, and of `import rnnlib` after it, both compiled before."""
    code = "import time as t; a = t.perf_counter(); import numpy; b = t.perf_counter(); import rnnlib; "
    code += "print(b - a, t.perf_counter() - b)"
    compiled = os.environ | {"PYTHONDONTWRITEBYTECODE": ""}
    command = [sys.executable, "-c", code]
    runs = [subprocess.run(command, env=compiled, capture_output=True, check=True) for _ in range(repeats + 1)]
    return 1e3 * np.median([[float(x) for x in run.stdout.split()] for run in runs[1:]], axis=0)


def slider_of(notebook, way):
    """The handle of the slider of this way."""
    return notebook.page.locator(".widget-slider", has_text=DRAGGED[way][0]).locator(".noUi-handle").first


def presses(notebook, key):
    """Medians, by way: every way has its turn in each round, and each press goes one step further."""
    times = {way: [] for way in WAYS}
    for number in range(ROUNDS + 1):
        for way, (_, watched) in WAYS.items():
            found = slider_of(notebook, way).evaluate(PRESS, [watched, key, PRESSES])
            times[way] += found if number else []  # one to warm up
    return {way: float(np.median(found)) for way, found in times.items()}


def drags(notebook, rounds=3, moves=120):
    """By way: frames a second while the mouse drags the slider for two seconds, and how late the last one is, in ms."""
    mouse, found = notebook.page.mouse, {way: [] for way in DRAGGED}
    for _ in range(rounds):
        for way, (_, watched) in DRAGGED.items():
            handle = slider_of(notebook, way)
            handle.scroll_into_view_if_needed()
            handle.evaluate(RECORD, watched)
            track = handle.locator("xpath=ancestor::*[contains(@class, 'noUi-base')]").bounding_box()
            place = handle.bounding_box()
            y = place["y"] + place["height"] / 2
            mouse.move(place["x"] + place["width"] / 2, y)
            mouse.down()
            for share in 0.2 + 0.6 * np.abs(np.linspace(-1, 1, moves)):
                mouse.move(track["x"] + track["width"] * share, y)
                notebook.page.wait_for_timeout(2000 / moves)
            mouse.up()
            notebook.page.wait_for_timeout(1500)
            found[way].append(notebook.page.evaluate(RECORDED))
    return {way: np.median(pairs, axis=0).tolist() for way, pairs in found.items()}


def measure(notebook):
    """All numbers, the browser's and the kernel's."""

    def kernel(call):
        return json.loads(notebook.run(f"import json\nprint(json.dumps(bench.{call}, default=float))"))

    columns = []
    for size, key in zip(SIZES, ("ArrowRight", "ArrowLeft")):
        notebook.run(f"for each in (lab, other, third):\n    each.apply(**{size})")
        found = presses(notebook, key) | {"dragged": drags(notebook)}
        columns.append(found | kernel(f"in_the_kernel(**{size})"))
    return columns, kernel("growth()"), kernel("memory(before)")


def machine():
    """The processor, its cores, and the versions that matter."""
    names = re.findall(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text()) if sys.platform == "linux" else []
    versions = f"Python {platform.python_version()}, numpy {np.__version__}, matplotlib {matplotlib.__version__}"
    name = names[0] if names else platform.processor()
    return f"{name}, {os.cpu_count()} cores, {platform.system()}; {versions}, ipywidgets {ipywidgets.__version__}"


def exponent(costs):
    """The p of cost ∝ size^p over the last doubling."""
    (small, less), (large, more) = list(costs.items())[-2:]
    return np.log(more / less) / np.log(int(large) / int(small))


def section(columns, costs, used, imports, version):
    rows = [
        ("floor: slider → kernel → text label, ms", lambda c: c["floor"], ".0f", ""),
        ("lab: slider → changed pixels, ms", lambda c: c["lab"], ".0f", ""),
        ("`interact` + inline, ms", lambda c: c["interact"], ".0f", ""),
        ("**lab ÷ floor** (at H = 256: 3.0)", lambda c: c["lab"] / c["floor"], ".2f", "1.8"),
        ("**lab ÷ `interact`**", lambda c: c["lab"] / c["interact"], ".2f", "0.25"),
        *(
            (f"frames a second while dragging: {way}", lambda c, way=way: c["dragged"][way][0], ".0f", "")
            for way in DRAGGED
        ),
        *(
            (f"last frame after the release: {way}, ms", lambda c, way=way: c["dragged"][way][1], ".0f", "")
            for way in DRAGGED
        ),
        ("callback in the kernel, ms", lambda c: c["callback"], ".1f", ""),
        ("the figure drawn anew, ms", lambda c: c["anew"], ".0f", ""),
        ("**callback ÷ drawn anew**", lambda c: c["callback"] / c["anew"], ".2f", "0.2"),
        ("**largest frame on the wire, kB**", lambda c: c["frame"], ".0f", "60"),
        ("**eigenvalues computed for 41 weight scales**", lambda c: c["eigenvalues"], "d", "1"),
    ]
    table = "\n".join(
        f"| {name} | " + " | ".join(format(of(column), form) for column in columns) + f" | {most} |"
        for name, of, form, most in rows
    )
    grows = "\n".join(
        f"| {name} | " + ", ".join(f"{size}: {cost:.1f}" for size, cost in costs[key].items())
        + f" | {exponent(costs[key]):.2f} |"
        for name, key in (("T, at H = 64", "steps"), ("H, at T = 100", "hidden_size"))
    )  # fmt: skip
    return f"""## The gradient lab

{machine()}, Chromium {version}; {datetime.date.today()}.
JupyterLab in a headless Chromium, a display of two dots a pixel, batch 16 (4 at H = 256). A key press moves the weight
scale by one step, always on, 0.4 s after the picture before was seen: meanwhile the lab draws the next one ahead. The
time runs until the browser presents the new picture, or the new text of the floor, by its own record of paints (Element
Timing). Medians of {ROUNDS * PRESSES} presses, each way in its turn, all in one run. `interact` draws the same panels
by the same functions, at the same size and resolution, from numbers that are there too; ipympl keeps its figure and
draws what moves again. While dragging, the mouse moves sixty times a second for two seconds, over sliders of one width:
the frames in which the page shows something new, and how long after the release the last of them comes; medians of
three.

| | H = 64, T = 100 | H = 256, T = 200 | at most, at H = 64 |
| --- | --- | --- | --- |
{table}

How the callback grows, in milliseconds; p is that of cost ∝ size^p over the last doubling.

| over | milliseconds | p |
| --- | --- | --- |
{grows}

`import rnnlib` takes {imports[1]:.0f} ms more than `import numpy` ({imports[0]:.0f} ms); at most 30 are allowed.
The kernel holds {used[0]:.0f} MB with numpy alone and {used[1]:.0f} MB at the end, with pyplot, `interact` and the lab.
"""


def main():
    """Start JupyterLab and a browser, measure, and write the section."""
    from playwright.sync_api import sync_playwright

    sys.path.insert(0, str(ROOT / "tests/browser"))  # where conftest.py finds its own
    browser = SimpleNamespace(**runpy.run_path(str(ROOT / "tests/browser/conftest.py")))
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        imports = import_times()
        server, address = browser.start_jupyter(Path(folder))
        try:
            page = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(source) for source in KERNEL])
            page.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
            nbformat.write(page, Path(folder, "notebooks", "bench.ipynb"))
            chromium = playwright.chromium.launch(executable_path=browser.chromium_path(), args=browser.QUIET)
            page = chromium.new_page(viewport={"width": 1280, "height": 1000}, device_scale_factor=PIXEL_RATIO)
            notebook = browser.Notebook(page, address, "notebooks/bench.ipynb")
            notebook.run_all()
            assert notebook.complaints() == []
            return section(*measure(notebook), imports, chromium.version)
        finally:
            browser.stop(server)
