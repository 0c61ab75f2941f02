"""Notebook 05 in a real browser: the gradient lab answers mouse and keyboard, and says what it shows."""

import base64
import io
import re

import pytest
from PIL import Image

from rnnlib.labs.gradient_lab.lab import REST
from rnnlib.locale import text

PATH = "notebooks/en/05_vanishing_exploding_gradients.ipynb"


@pytest.fixture(scope="module")
def lab(notebook):
    """The lab, after Run All."""
    notebook.run_all()
    assert notebook.complaints() == []
    assert notebook.sentences() == notebook.stored()
    return notebook.lab()


def test_before_running_every_lab_shows_its_picture(notebook):
    assert notebook.complaints() == []
    with_labs = notebook.page.locator(".jp-CodeCell", has_text=re.compile(r"widgets\.\w+_lab\("))
    assert with_labs.count() > 0
    for number in range(with_labs.count()):
        picture = with_labs.nth(number).locator(".jp-OutputArea-output img")
        assert picture.evaluate("img => img.naturalWidth") > 1000
        assert with_labs.nth(number).get_by_text(text("lab.stored")).is_visible()


def test_keyboard_and_mouse_move_the_weight_scale(notebook, lab):
    assert "8.6e-13 of itself: it vanishes" in lab.sentence()
    weight_scale, mouse = lab.slider("weight scale g"), notebook.page.mouse
    weight_scale.focus()
    by_keyboard = lab.changes(lambda: weight_scale.press("ArrowRight"))
    assert "8.6e-13" not in by_keyboard
    place = weight_scale.bounding_box()
    x, y = place["x"] + place["width"] / 2, place["y"] + place["height"] / 2
    mouse.move(x, y)
    mouse.down()
    by_mouse = lab.changes(lambda: mouse.move(x + 40, y, steps=4))
    mouse.up()
    assert by_mouse != by_keyboard


# Once what is under way is done: how long a reader has to rest from now on.
RESTING = "import asyncio\nfrom rnnlib.labs.gradient_lab import lab as room\nawait asyncio.sleep(1)\nroom.REST = {}"
COUNTS = "print(room.shown.cache_info().misses, lab.figure._drawn.cache_info().misses)"


def test_a_key_finds_what_was_computed_and_drawn_while_the_reader_looked(notebook, lab):
    def press():
        weight_scale.focus()
        lab.changes(lambda: weight_scale.press("ArrowRight"))

    notebook.run("lab.apply(weight_scale=2.2, seed=985)")
    weight_scale = lab.slider("weight scale g")
    press()
    notebook.run(RESTING.format(60))
    computed, drawn = map(int, notebook.run(COUNTS).split())
    for new in (0, 1):  # one step on, and another without a rest
        press()
        assert notebook.run(COUNTS) == f"{computed + new} {drawn + 4 * new}"
    notebook.run(RESTING.format(REST))


def test_presets_activation_and_reset_are_reached_and_said(notebook, lab):
    assert "explodes" in lab.changes(lambda: lab.press("Explode"))
    assert "vanishes" in lab.changes(lambda: lab.press("Vanish"))
    vanished = lab.sentence()
    assert lab.changes(lambda: lab.choose("activation f", "sigmoid")) != vanished
    assert "8.6e-13 of itself: it vanishes" in lab.changes(lambda: lab.press("Reset"))
    number = notebook.run(lab.code())
    assert f"gradient is {number} of itself" in lab.sentence()
    assert notebook.complaints() == []


def test_the_sentence_is_a_lasting_live_region_and_the_picture_carries_it(lab):
    region = lab.box.locator(".rnnlib-sentence [role=status]").element_handle()
    said = lab.changes(lambda: lab.press("Explode"))
    assert region.evaluate("region => region.isConnected && region.getAttribute('role')") == "status"
    assert region.inner_text() == said
    figure = lab.box.get_by_role("img", name=said, exact=True)
    assert lab.box.get_by_role("img").count() == 1, "the picture of what stays has no name of its own"
    assert figure.bounding_box() == lab.box.locator("img.widget-image").bounding_box()


def test_the_keyboard_reaches_every_control(notebook, lab):
    lab.slider("weight scale g").focus()
    reached = []
    for _ in range(16):
        reached.append(
            notebook.page.evaluate("() => `${document.activeElement.className} ${document.activeElement.tagName}`")
        )
        notebook.page.keyboard.press("Tab")
    assert [sum(kind in name for name in reached) for kind in ("noUi-handle", "SELECT", "BUTTON")] == [4, 2, 5]


# The words of a picture come after it, and its pieces are decoded after they stand in the page.
SEEN = """([box, said]) => box.querySelector('.rnnlib-sentence span').innerText === said
  && [...box.querySelectorAll('.rnnlib-figure img')].every(img => img.complete && img.naturalWidth)"""


@pytest.mark.server  # whose matplotlib drew what is stored; that of the browser alone is another
def test_the_picture_that_is_seen_can_be_saved(notebook, lab):
    lab.press("Reset")
    opened = notebook.stored("text/plain")[0]
    notebook.page.wait_for_function(SEEN, arg=[lab.box.element_handle(), opened])
    with notebook.page.expect_download() as download:
        lab.press("Save picture")
    assert download.value.suggested_filename == "gradient_lab.png"
    saved = Image.open(download.value.path()).convert("RGB")
    data = re.search(r"base64,([^\"]+)", notebook.stored("text/html")[0])[1]
    stored = Image.open(io.BytesIO(base64.b64decode(data))).convert("RGB")
    assert (saved.size, saved.tobytes()) == (stored.size, stored.tobytes())


TEXTS = ".rnnlib-sentence span, .rnnlib-remark, .rnnlib-code pre, .widget-label, button, select"
# Of each text: its colour, that of what it stands on, and the words.
COLOURS = """texts => {
  const ground = e => {
    const colour = getComputedStyle(e).backgroundColor;
    return colour.endsWith(', 0)') && e.parentElement ? ground(e.parentElement) : colour;
  };
  return texts.map(e => [getComputedStyle(e).color, ground(e), e.innerText]);
}"""
# The theme's style sheet has come, and no colour is on its way to another.
LIGHT = """light => {
  const ground = getComputedStyle(document.body).getPropertyValue('--jp-layout-color0').trim();
  return ['white', '#fff', '#ffffff'].includes(ground) === light
    && document.getAnimations().every(each => each.playState !== 'running');
}"""


def contrast(colour, ground):
    """The contrast of two colours such as rgba(0, 0, 0, 0.87), the second opaque, as WCAG 2 defines it."""
    (*front, alpha), back = ([float(x) for x in re.findall(r"[\d.]+", f"{c}, 1")][:4] for c in (colour, ground))
    mixed = [alpha * a + (1 - alpha) * b for a, b in zip(front, back)]
    lights = []
    for channels in (mixed, back):
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in (x / 255 for x in channels[:3])]
        lights.append(sum(weight * c for weight, c in zip((0.2126, 0.7152, 0.0722), linear)))
    return (max(lights) + 0.05) / (min(lights) + 0.05)


@pytest.mark.parametrize(("theme", "light"), [("JupyterLab Dark", "false"), ("JupyterLab Light", "true")])
def test_words_can_be_read_in_either_theme(notebook, lab, theme, light):
    notebook.page.evaluate("theme => window.jupyterapp.commands.execute('apputils:change-theme', {theme})", theme)
    notebook.page.wait_for_selector(f"body[data-jp-theme-light={light}]", state="attached")
    notebook.page.wait_for_function(LIGHT, arg=light == "true")
    texts = lab.box.locator(TEXTS).evaluate_all(COLOURS)
    assert len(texts) > 15
    assert {words: (colour, ground) for colour, ground, words in texts if contrast(colour, ground) < 4.5} == {}


# Waits until the page has this width and the lab was at one place for five frames: JupyterLab lays out in steps.
SETTLED = """async width => {
  const place = () => JSON.stringify(document.querySelector('.rnnlib-lab').getBoundingClientRect());
  for (let still = 0, before = ''; still < 5; still++, before = place()) {
    await new Promise(requestAnimationFrame);
    if (document.body.clientWidth !== width || place() !== before) still = -1;
  }
}"""


@pytest.mark.parametrize("width", [800, 1280])
def test_nothing_is_cut_off(notebook, lab, width):
    notebook.page.set_viewport_size({"width": width, "height": 1000})
    notebook.page.evaluate(SETTLED, width)
    outer = lab.box.bounding_box()
    for part in lab.box.locator("img.widget-image, .widget-slider, .widget-dropdown, button").all():
        place = part.bounding_box()
        assert place["x"] >= outer["x"] - 1
        assert place["x"] + place["width"] <= min(outer["x"] + outer["width"] + 1, width)


FORBID = """() => {
  const policy = document.createElement('meta');
  policy.httpEquiv = 'Content-Security-Policy';
  policy.content = "script-src-attr 'none'";
  document.head.append(policy);
}"""


def test_a_page_that_forbids_handlers_says_so_and_its_lab_goes_on(open_notebook):
    notebook = open_notebook("chromium.ipynb")
    notebook.page.evaluate(FORBID)
    notebook.run_all()
    lab = notebook.lab()
    assert lab.box.get_by_role("button", name=text("lab.forbidden"), exact=True).is_disabled()
    assert lab.box.get_by_role("button", name=text("lab.save")).count() == 0
    lab.press("Explode")
    lab.box.get_by_role("img", name="it explodes").wait_for()


PLACES = """box => {
  const from = box.querySelector('.rnnlib-figure').getBoundingClientRect();
  return [...box.querySelectorAll('.rnnlib-figure img:not([hidden])')].map(image => {
    const {x, y, width, height} = image.getBoundingClientRect();
    return [x - from.x, y - from.y, width, height].map(Math.round);
  });
}"""


def test_after_a_restart_the_figure_stays_as_it_was_and_the_lab_says_what_to_do(open_notebook):
    notebook = open_notebook("chromium.ipynb")
    notebook.run_all()
    lab = notebook.lab()
    lost, before = lab.box.get_by_text(text("lab.lost")), lab.box.evaluate(PLACES)
    assert not lost.is_visible()
    notebook.page.evaluate("() => window.jupyterapp.shell.currentWidget.sessionContext.restartKernel()")
    lost.wait_for()
    assert lab.box.evaluate(PLACES) == before
    notebook.run_all()
    lab = notebook.lab()
    assert not lab.box.get_by_text(text("lab.lost")).is_visible()
    assert "explodes" in lab.changes(lambda: lab.press("Explode"))
