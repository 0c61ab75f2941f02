"""Records the picture at the head of the README: the gradient lab, moved in a real browser.

    python tests/browser/record.py

Needs a Chromium on the path. Writes notebooks/images/gradient_lab.gif.
"""

import io
import shutil
import tempfile
from pathlib import Path

from conftest import ROOT, Notebook, start_jupyter, stop
from engines import QUIET
from PIL import Image
from playwright.sync_api import sync_playwright

PATH = "notebooks/en/05_vanishing_exploding_gradients.ipynb"
TARGET = ROOT / "notebooks" / "images" / "gradient_lab.gif"
WIDTH = 760  # of the picture


def frames(lab):
    """Moves the lab and yields (what it shows, how long to show it in milliseconds)."""
    scale = lab.slider("weight scale g")
    lab.changes(lambda: lab.press("Vanish"))
    yield shot(lab), 1500
    scale.focus()
    for _ in range(14):
        lab.changes(lambda: [scale.press("ArrowRight") for _ in range(4)])
        yield shot(lab), 200
    yield shot(lab), 1500
    for activation in ("relu", "sigmoid", "tanh"):
        label = {"relu": "ReLU"}.get(activation, activation)
        lab.changes(lambda label=label: lab.choose("activation f", label))
        yield shot(lab), 1500


def shot(lab):
    """The lab without its code and task, as an image of WIDTH."""
    box, picture = lab.box.bounding_box(), lab.box.locator("img.widget-image").bounding_box()
    sentence = lab.box.locator(".rnnlib-sentence").bounding_box()
    height = sentence["y"] + sentence["height"] - box["y"]
    clip = {"x": box["x"], "y": box["y"], "width": picture["width"] + 8, "height": height}
    image = Image.open(io.BytesIO(lab.page.screenshot(clip=clip))).convert("RGB")
    return image.resize((WIDTH, round(image.height * WIDTH / image.width)), Image.Resampling.LANCZOS)


def main():
    """Starts JupyterLab, runs the notebook, records, and stops everything again."""
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        server, address = start_jupyter(Path(folder))
        try:
            browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=QUIET)
            notebook = Notebook(browser.new_page(viewport={"width": 1050, "height": 1000}), address, PATH)
            notebook.run_all()
            lab = notebook.lab()
            lab.box.evaluate("box => box.scrollIntoView({block: 'start'})")
            images, times = zip(*frames(lab))
        finally:
            stop(server)
    first, *rest = [image.quantize(255, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE) for image in images]
    first.save(TARGET, save_all=True, append_images=rest, duration=times, loop=0, optimize=True)


if __name__ == "__main__":
    main()
