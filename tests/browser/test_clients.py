"""The same labs in other browsers and other clients: each is moved, compared, trained, answered and saved."""

import base64
import io
import os
import shutil
from contextlib import ExitStack
from importlib.util import find_spec
from threading import Event, Thread

import numpy as np
import pytest
from engines import QUIET, Chromium, Firefox, WebKit, chromium_path, display
from PIL import Image, ImageGrab

from rnnlib import widgets
from rnnlib.locale import table, text

pytestmark = pytest.mark.server
CLIENTS = {
    "firefox": (Firefox, "/doc/tree/"),
    "webkit": (WebKit, "/doc/tree/"),
    "chromium": (Chromium, "/doc/tree/"),
    "notebook": (Chromium, "/notebooks/"),
    "voila": (Chromium, "/voila/render/"),
}
OPEN = "() => document.querySelector('.jp-Notebook .jp-CodeCell')"
IDLE = """() => {
  const kernel = window.jupyterapp?.shell.currentWidget?.sessionContext?.session?.kernel;
  const waiting = [...document.querySelectorAll('.jp-CodeCell .jp-InputPrompt')].some(p => p.textContent.includes('*'));
  return kernel?.status === 'idle' && !waiting;
}"""
RUN = "() => window.jupyterapp.commands.execute('notebook:run-all-cells')"
SHOWN = """() => document.querySelectorAll('.rnnlib-figure [role=img]').length === 2
  && document.querySelector('.rnnlib-quiz button')"""
LAB = "const box = document.querySelectorAll('.rnnlib-lab')[number];"
SENTENCE = f"number => {{{LAB} return box.querySelector('.rnnlib-sentence [role=status]').innerText}}"
CODE = f"number => {{{LAB} return box.querySelector('.rnnlib-code').innerText}}"
# The words of a picture come after it, and its pieces are decoded after they stand in the page.
SEEN = f"""(number, said) => {{{LAB} return box.querySelector('.rnnlib-sentence span').innerText === said
  && [...box.querySelectorAll('.rnnlib-figure img')].every(img => img.complete && img.naturalWidth)}}"""
# The middle of what a selector and words find, in sight.
PLACE = """(selector, words) => {
  const found = [...document.querySelectorAll(selector)].find(each => each.textContent.includes(words));
  const part = found?.querySelector('.noUi-handle') ?? found;
  part.scrollIntoView({block: 'center'});
  const {x, y, width, height} = part.getBoundingClientRect();
  part.focus();
  return [x + width / 2, y + height / 2];
}"""
# What would be downloaded: (the file's name, its contents).
KEEP = "() => { HTMLAnchorElement.prototype.click = function () { window.kept = [this.download, this.href]; }; }"
NAMES = """() => {
  const [figure] = document.querySelectorAll('.rnnlib-figure [role=img]');
  const words = document.getElementById(figure.getAttribute('aria-labelledby'));
  const still = document.querySelector('.rnnlib-figure .widget-image');
  return [words.innerText, words.closest('[role=status]') !== null, still.alt];
}"""


@pytest.fixture(scope="module")
def screen():
    if shutil.which("Xvfb") is None:
        missing("Xvfb")
    with display() as name:
        yield name


def missing(what):
    (pytest.fail if os.environ.get("REQUIRE_BROWSER") == "1" else pytest.skip)(f"no {what} here")


OTHERS = [
    "firefox",
    *(pytest.param(name, marks=pytest.mark.slow) for name in ("webkit", "notebook", "voila")),
]


@pytest.fixture(scope="module", params=OTHERS)
def browser(request, tmp_path_factory, jupyter):
    """A browser that has the labs on show, in one client."""
    name = request.param
    kind, folder = CLIENTS[name]
    if name == "voila" and find_spec("voila") is None:
        missing(name)
    if kind is Chromium:
        context = request.getfixturevalue("chromium").new_context(viewport={"width": 1280, "height": 1000})
        yield opened(Chromium(context.new_page()), jupyter, folder, name)
        context.close()
        return
    if kind.path() is None:
        missing(name)
    with kind.started(request.getfixturevalue("screen"), tmp_path_factory.mktemp(name)) as started:
        yield opened(started, jupyter, folder, name)


def opened(browser, jupyter, folder, name):
    browser.goto(jupyter.replace("/doc/tree/", folder).format(path=f"{name}.ipynb"))
    if name != "voila":
        browser.until(OPEN)
        browser.until(IDLE)
        browser.evaluate(RUN)
    browser.until(SHOWN)
    return browser


def says(browser, number, *words):
    """Wait until a lab's sentence holds all these words."""
    browser.until(f"(number, words) => words.every(each => ({SENTENCE})(number).includes(each))", number, words)


def press(browser, words, within=".rnnlib-lab button"):
    browser.drag(browser.evaluate(PLACE, within, words))


def saved(browser):
    """The picture that the first lab saves: (name, pixels)."""
    browser.evaluate(KEEP)
    press(browser, text("lab.save"))
    name, data = browser.until("() => window.kept")
    return name, np.asarray(Image.open(io.BytesIO(base64.b64decode(data.partition(",")[2]))).convert("RGB"))


def drawn(**settings):
    """(sentence, pixels) of a lab opened with these settings."""
    lab = widgets.gradient_lab(**settings)
    pixels = np.asarray(Image.open(io.BytesIO(lab.figure.png())).convert("RGB"))
    lab.close()
    return lab.summary, pixels


def test_keys_and_mouse_move_the_lab_and_what_it_saves_is_a_new_labs_picture(browser):
    browser.evaluate(PLACE, ".rnnlib-lab .widget-slider", "weight scale g")
    for _ in range(3):
        browser.press("ArrowRight")
    said, picture = drawn(weight_scale=10**0.03)
    browser.until(SEEN, 0, said)
    name, shown = saved(browser)
    assert name == "gradient_lab.png"
    np.testing.assert_array_equal(shown, picture)

    x, y = browser.evaluate(PLACE, ".rnnlib-lab .widget-slider", "weight scale g")
    browser.drag((x, y), (x + 5, y), (x + 20, y))
    browser.until(f"said => ({SENTENCE})(0) !== said", said)
    said, picture = drawn(**widgets.gradient_lab().presets["explode"])
    press(browser, "Explode")
    browser.until(SEEN, 0, said)
    np.testing.assert_array_equal(saved(browser)[1], picture)


def test_the_figure_has_the_sentence_for_its_name(browser):
    name, live, still = browser.evaluate(NAMES)
    assert (name, live, still) == (browser.evaluate(SENTENCE, 0), True, "")


def test_a_network_trains_while_a_setting_changes_and_pauses(browser):
    says(browser, 1, "Before training")
    press(browser, text("lab.start"))
    says(browser, 1, "After ")
    browser.evaluate(PLACE, ".rnnlib-lab .widget-slider", "learning rate")
    browser.press("ArrowRight")
    browser.until(f"words => ({CODE})(1).includes(words)", "A setting changed")
    press(browser, text("lab.pause"))
    browser.until(
        "words => [...document.querySelectorAll('.rnnlib-lab button')].some(b => b.innerText === words)", "Start"
    )
    press(browser, text("lab.reset"), ".rnnlib-lab:has(.widget-hprogress) button")
    says(browser, 1, "Before training")


def test_a_quiz_answers(browser):
    asked = table("quiz.silent_input")
    press(browser, f"{asked['right']}. ", ".rnnlib-quiz button")
    browser.until(
        "words => document.querySelector('.rnnlib-quiz [role=status]')?.innerText.includes(words)", asked["why"]
    )


INSIDE = """() => {
  const {x, y, width, height} = document.querySelector('.rnnlib-figure').getBoundingClientRect();
  const left = window.mozInnerScreenX ?? screenX, top = window.mozInnerScreenY ?? screenY + outerHeight - innerHeight;
  return [left + x, top + y, left + x + width / 2, top + y + height / 2];  // the first panel
}"""


def ink(frame):
    """How many dots of a frame have a colour."""
    return np.count_nonzero(np.ptp(np.asarray(frame, dtype=int), axis=2) > 60)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["chromium", "firefox", "webkit"])
def test_no_frame_of_the_screen_is_without_the_curve_while_it_moves(name, request, tmp_path, jupyter, screen):
    with ExitStack() as stack:
        if name == "chromium":
            playwright = request.getfixturevalue("chromium").browser_type
            window = {"headless": False, "env": os.environ | {"DISPLAY": screen}, "executable_path": chromium_path()}
            context = stack.enter_context(playwright.launch(args=QUIET, **window)).new_context(no_viewport=True)
            browser = Chromium(context.new_page())
        else:
            browser = stack.enter_context(CLIENTS[name][0].started(screen, tmp_path))
        opened(browser, jupyter, "/doc/tree/", name)
        browser.evaluate(PLACE, ".rnnlib-lab .widget-slider", "weight scale g")
        panel = tuple(round(place) for place in browser.evaluate(INSIDE))
        frames, stop = [], Event()

        def record():
            while not stop.is_set():
                frames.append(ink(ImageGrab.grab(panel, xdisplay=screen)))

        recorder = Thread(target=record)
        recorder.start()
        said = [drawn(weight_scale=10**scale)[0] for scale in (0.01, 0)]
        for move in range(40):
            browser.press(("ArrowRight", "ArrowLeft")[move % 2])
            browser.until(SEEN, 0, said[move % 2])
        stop.set()
        recorder.join()
    assert len(frames) > 80
    assert min(frames) > 0.8 * np.median(frames) > 800
