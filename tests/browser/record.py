"""Records the picture at the head of each README: the gradient lab, moved in a real browser.

    python tests/browser/record.py en    notebooks/images/gradient_lab.gif
    python tests/browser/record.py es    notebooks/images/gradient_lab.es.gif

Needs a Chromium on the path.
"""

import io
import shutil
import sys
import tempfile
from pathlib import Path

from conftest import ROOT, Notebook, start_jupyter, stop
from engines import QUIET
from PIL import Image, ImageOps
from playwright.sync_api import sync_playwright

from rnnlib import set_language
from rnnlib.locale import text

WIDTH = 760  # of the picture


def frames(lab):
    """Moves the lab and yields (what it shows, how long to show it in milliseconds)."""
    scale = lab.slider(text("settings.weight_scale"))
    lab.changes(lambda: lab.press(text("gradient_lab.vanish")))
    yield shot(lab), 1500
    scale.focus()
    for _ in range(14):
        lab.changes(lambda: [scale.press("ArrowRight") for _ in range(4)])
        yield shot(lab), 200
    yield shot(lab), 1500
    for activation in ("relu", "sigmoid", "tanh"):
        label = text(f"activations.{activation}")
        lab.changes(lambda label=label: lab.choose(text("settings.activation"), label))
        yield shot(lab), 1500


def shot(lab):
    """The lab without its code and task, as an image of WIDTH."""
    box, picture = lab.box.bounding_box(), lab.box.locator("img.widget-image").bounding_box()
    sentence = lab.box.locator(".rnnlib-sentence").bounding_box()
    height = sentence["y"] + sentence["height"] - box["y"]
    clip = {"x": box["x"], "y": box["y"], "width": picture["width"] + 8, "height": height}
    image = Image.open(io.BytesIO(lab.page.screenshot(clip=clip))).convert("RGB")
    return image.resize((WIDTH, round(image.height * WIDTH / image.width)), Image.Resampling.LANCZOS)


def main(language):
    """Starts JupyterLab, runs the notebook in this language, records, and stops everything again."""
    set_language(language)
    target = ROOT / "notebooks/images" / ("gradient_lab.gif" if language == "en" else f"gradient_lab.{language}.gif")
    (path,) = (ROOT / "notebooks" / language).glob("05_*.ipynb")
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as playwright:
        server, address = start_jupyter(Path(folder))
        try:
            browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=QUIET)
            page = browser.new_page(viewport={"width": 1050, "height": 1000})
            notebook = Notebook(page, address, path.relative_to(ROOT).as_posix())
            notebook.run_all()
            lab = notebook.lab()
            lab.box.evaluate("box => box.scrollIntoView({block: 'start'})")
            images, times = zip(*frames(lab))
        finally:
            stop(server)
    height = max(image.height for image in images)  # a sentence may take two lines
    images = [ImageOps.pad(image, (WIDTH, height), color="white", centering=(0, 0)) for image in images]
    first, *rest = [image.quantize(255, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE) for image in images]
    first.save(target, save_all=True, append_images=rest, duration=times, loop=0, optimize=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
