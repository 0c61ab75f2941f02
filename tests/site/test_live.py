"""The lab that moves on a page before any Python has come: what is seen, said and reached, in a real browser."""

import base64
import io
import itertools
import json
import random

import numpy as np
import pytest
from page import read
from PIL import Image

from rnnlib import widgets
from rnnlib.labs.live import _nearest
from rnnlib.locale import speaking, text
from rnnlib.plots.style import palette

PAGES = {"en": "index.html", "es": "es/index.html"}
PLACES = list(itertools.product(range(3), range(4), range(201)))  # recurrent matrix, activation, weight scale
# Chaotic, dead, off the axes above and below, without theory; opened.
SOME = [(0, 0, 160), (0, 1, 0), (0, 1, 90), (0, 2, 0), (0, 3, 200), (1, 0, 119), (2, 0, 70), (2, 2, 130), (0, 0, 100)]
BUGS = [(0, 2, 5, 1), (1, 0, 0, 0), (2, 7, 11, 2), (0, 3, 8, 5)]  # recurrent matrix, batch, steps, bug
NAMES = {
    "gradient_lab": ("recurrent_init", "activation", "weight_scale"),
    "broken_backward": ("recurrent_init", "batch", "steps", "bug"),
}
# How far what is drawn here may be off the lab's own picture: dots (two are a CSS pixel), steps of colour, and how many
# of the 1.7 million dots may be further off than that.
NEAR, ALIKE, FEW = 2, 60, 40
# Here three level lines are one: the dots at the edge of the widest are covered wholly by Agg, and in part by a canvas.
MORE = {(1, 3, 100): 400}
READY = "() => document.querySelector('.live-lab [data-setting]:enabled')"
PUT = """places => {
  const control = name => document.querySelector(`.live-lab [data-setting=${name}]`);
  for (const [name, at] of Object.entries(places)) {
    control(name)['selectedIndex' in control(name) ? 'selectedIndex' : 'value'] = at;
  }
  control(Object.keys(places)[0]).dispatchEvent(new Event('input', {bubbles: true}));
}"""
# The panels' canvases, put together at two dots a pixel, as a picture file.
SEEN = """layout => {
  const whole = document.createElement('canvas'), pen = whole.getContext('2d');
  [whole.width, whole.height] = layout.size;
  for (const [panel, [x, y]] of Object.entries(layout.places)) {
    pen.drawImage(document.querySelector(`[data-panel=${panel}] canvas`), x, y);
  }
  return whole.toDataURL().split(',')[1];
}"""


@pytest.fixture
def live(page_at):
    """A function that opens the page of this language with its lab ready."""

    def opened(language="en", page="index.html", **options):
        page = page_at(PAGES[language].replace("index.html", page), **options)
        page.wait_for_function(READY)
        return page

    return opened


def put(page, places):
    """Put the gradient lab's controls to these places."""
    page.evaluate(PUT, dict(zip(NAMES["gradient_lab"], places)))


def seen(page, figure):
    """(height, width, 3) of the panels, in the colours that the lab's pictures are kept in."""
    corners = {name: (2 * x, 2 * (figure.size[1] - top)) for name, (x, _, _, top) in figure.tiles.items()}
    data = page.evaluate(SEEN, {"size": [2 * side for side in figure.size], "places": corners})
    dots = np.asarray(Image.open(io.BytesIO(base64.b64decode(data))).convert("RGBA"))
    return np.reshape(np.uint8(palette()), (-1, 3))[_nearest(np.ascontiguousarray(dots).view("<u4")[..., 0])]


def strange(one, other):
    """How many dots of one have a colour that is not between those of the other nearby."""
    rows, columns = np.nonzero(np.any(one != other, axis=2))  # the rest is alike
    padded = np.pad(other.astype(int), ((NEAR, NEAR), (NEAR, NEAR), (0, 0)), mode="edge")
    reach = range(2 * NEAR + 1)
    near = [padded[rows + y, columns + x] for y in reach for x in reach]
    low, high = np.minimum.reduce(near) - ALIKE, np.maximum.reduce(near) + ALIKE
    dots = one[rows, columns]
    return int(np.any((dots < low) | (dots > high), axis=1).sum())


def value(control, place):
    """What the control of a lab has at this stop."""
    if hasattr(control, "options"):
        return control.options[place][1]
    stop = control.min + control.step * place
    return control.base**stop if hasattr(control, "base") else stop


def apart(page, lab, which):
    """At each of these places, how many dots of the page and of the lab's own picture are strange to each other."""
    off = {}
    for place in which:
        places = dict(zip(NAMES[lab.name], place))
        lab.apply(**{name: value(lab.controls[name], stop) for name, stop in places.items()})
        page.evaluate(PUT, places)
        assert page.locator(".live-lab").get_by_role("status").inner_text() == lab.summary
        here, there = seen(page, lab.figure), read(lab.figure.png())
        off[place] = strange(here, there) + strange(there, here)
    lab.close()
    return off


def some_or_all():
    """Some places in every run, all of them among the slow tests; what differs in Spanish are words."""
    parts = [pytest.param("en", PLACES[i::8], id=f"en-all-{i}", marks=pytest.mark.slow) for i in range(8)]
    return [pytest.param(language, SOME, id=f"{language}-some") for language in PAGES] + [
        *parts,
        pytest.param("es", PLACES[4::40], id="es-many", marks=pytest.mark.slow),
    ]


@pytest.mark.parametrize(("language", "which"), some_or_all())
def test_what_is_drawn_is_the_labs_own_picture(live, language, which):
    page = live(language)
    with speaking(language):
        lab = widgets.gradient_lab()
    off = apart(page, lab, which)
    assert {place: dots for place, dots in off.items() if dots > MORE.get(place, FEW)} == {}


@pytest.mark.parametrize("language", PAGES)
def test_so_it_is_of_the_broken_backward_pass(live, language):
    page = live(language, "04_bptt.html")
    with speaking(language):
        lab = widgets.broken_backward()
    off = apart(page, lab, BUGS)
    assert {place: dots for place, dots in off.items() if dots > FEW} == {}


def test_a_line_that_is_drawn_three_dots_off_is_seen():
    lab = widgets.gradient_lab()
    picture = read(lab.figure.png())
    moved = np.roll(picture, 3, axis=0)
    assert strange(picture, picture) == 0
    assert strange(picture, moved) > 20 * FEW


def slider(page, language="en"):
    with speaking(language):
        return page.locator(".live-lab").get_by_role("slider", name=text("settings.weight_scale"), exact=True)


def said(page):
    return page.locator(".live-lab").get_by_role("status").inner_text()


@pytest.mark.parametrize("language", PAGES)
def test_it_opens_as_the_lab_does_with_its_names_roles_and_values(live, language):
    page = live(language)
    with speaking(language):
        lab = widgets.gradient_lab()
        assert said(page) == lab.summary
        assert page.locator(".live-lab").get_by_role("img", name=lab.summary, exact=True).count() == 1
        assert slider(page, language).get_attribute("aria-valuetext") == "1.00"
        assert (
            page.locator(".live-lab")
            .get_by_role("textbox", name=text("settings.weight_scale"), exact=True)
            .input_value()
            == "1.00"
        )
        for name, table in (("activation", "activations"), ("recurrent_init", "bases")):
            choice = page.locator(".live-lab").get_by_role("combobox", name=text(f"settings.{name}"), exact=True)
            options = [text(f"{table}.{value}") for _, value in lab.controls[name].options]
            assert choice.locator("option").all_inner_texts() == options
        buttons = [text(f"gradient_lab.{name}") for name in lab.presets] + [text("lab.reset")]
        assert page.locator(".live-lab").get_by_role("button").all_inner_texts() == buttons
        ticks = page.locator(".live-ticks span").all_inner_texts()
        assert ticks == ["0.1", "0.8", "1.55", "4", "10", f"▲ {text('lab.critical', value='1.55')}"]
    lab.close()


def test_keys_move_the_weight_scale_as_in_the_notebook(live):
    page = live()
    scale = slider(page)
    scale.focus()
    for key, value in [("ArrowRight", "1.02"), ("ArrowLeft", "1.00"), ("PageUp", "1.26"), ("PageDown", "1.00")]:
        before = said(page)
        page.keyboard.press(key)
        assert scale.get_attribute("aria-valuetext") == value
        assert said(page) != before
    for key, value in [("End", "10.0"), ("Home", "0.100")]:
        page.keyboard.press(key)
        assert scale.get_attribute("aria-valuetext") == value


def test_mouse_choices_presets_and_typing_move_it(live):
    page = live()
    opened, lab = said(page), page.locator(".live-lab")
    lab.get_by_role("button", name="Explode").click()
    assert "explodes" in said(page)
    lab.get_by_role("combobox", name="activation f").select_option("ReLU")
    assert slider(page).get_attribute("aria-valuetext") == "3.98"
    lab.get_by_role("combobox", name="recurrent matrix").select_option(index=2)
    assert "no mean-field line" in said(page)
    lab.get_by_role("button", name="Edge").click()
    assert lab.get_by_role("combobox", name="activation f").evaluate("e => e.selectedOptions[0].text") == "tanh"
    assert "You found the edge" in lab.inner_text()
    field = lab.get_by_role("textbox")
    for typed, value in [("1,5", "1.51"), ("0.3", "0.302"), ("1e9", "10.0"), ("much", "10.0"), ("0", "0.100")]:
        field.fill(typed)
        field.press("Enter")
        assert (field.input_value(), slider(page).get_attribute("aria-valuetext")) == (value, value)
    page.locator(".live-drag").scroll_into_view_if_needed()
    place = page.locator(".live-drag").bounding_box()
    page.mouse.move(place["x"] + place["width"] / 4, place["y"] + 20)
    page.mouse.down()
    assert field.input_value() == "0.316"
    page.mouse.move(place["x"] + place["width"] * 0.75, place["y"] + 90, steps=3)
    page.mouse.up()
    assert field.input_value() == "3.16"
    lab.get_by_role("button", name="Reset").click()
    assert said(page) == opened


def test_the_sentence_is_a_lasting_live_region_and_the_picture_carries_it(live):
    page = live()
    region = page.locator(".live-lab").get_by_role("status").element_handle()
    page.locator(".live-lab").get_by_role("button", name="Vanish").click()
    assert region.evaluate("e => e.isConnected && e.innerText") == said(page)
    figure = page.locator(".live-lab").get_by_role("img", name=said(page), exact=True)
    assert figure.count() == page.locator(".live-lab").get_by_role("img").count() == 1


def test_the_keyboard_reaches_every_control_and_the_focus_is_seen(live):
    page, reached = live(), []
    slider(page).focus()
    for _ in range(8):
        reached.append(page.evaluate("() => document.activeElement.type"))
        assert page.evaluate("() => getComputedStyle(document.activeElement).outlineStyle") == "solid"
        page.keyboard.press("Tab")
    assert reached == ["range", "text", "button", "button", "button", "button", "select-one", "select-one"]


# What shifted in the lab or after it; icons of the page's head come with their font.
MOVED = """() => new Promise(done => {
  const found = [], lab = document.querySelector('.live-lab'), after = Node.DOCUMENT_POSITION_FOLLOWING;
  const ours = ({node}) => node && (node === lab || lab.compareDocumentPosition(node) & after);
  new PerformanceObserver(list => list.getEntries().forEach(entry => found.push(...entry.sources.filter(ours))))
    .observe({type: 'layout-shift', buffered: true});
  setTimeout(() => done(found.map(({node}) => node.outerHTML ?? node.data)), 700);
})"""
BOX = "e => JSON.stringify(e.getBoundingClientRect())"


@pytest.mark.parametrize("width", [400, 800, 1280])
@pytest.mark.parametrize("language", PAGES)
def test_nothing_shifts_when_it_loads_or_moves(visitor, site, language, width):
    page, waiting = visitor(width), []
    page.route("**/*.bin", lambda route: waiting.append(route))
    page.goto(site + PAGES[language])
    parts = page.locator(".live-lab > *, .live-lab button, .live-lab .live-panel, .live-lab ~ *")
    before = parts.evaluate_all(f"all => all.map({BOX})")
    assert page.locator(".live-lab [type=range]").is_disabled()
    page.wait_for_timeout(300)
    waiting[0].continue_()
    page.wait_for_function(READY)
    assert parts.evaluate_all(f"all => all.map({BOX})") == before
    rng = random.Random(0)
    for place in rng.sample(PLACES, 40):
        put(page, place)
        assert parts.evaluate_all(f"all => all.map({BOX})") == before
    assert page.evaluate(MOVED) == []


# What is seen when the first frame after a move has been made, and when nothing more comes.
FRAME = """async move => {
  const seen = () => [...document.querySelectorAll('.live-lab canvas')].map(each => each.toDataURL())
    + document.querySelector('.live-lab [role=status]').innerText;
  const frame = () => new Promise(requestAnimationFrame), before = seen();
  move();
  await frame();
  await frame();
  const first = seen();
  await new Promise(rest => setTimeout(rest, 300));
  return [before !== first, first === seen()];
}"""


def test_a_move_is_seen_whole_in_the_next_frame(live):
    page, rng = live(), random.Random(0)
    for place in rng.sample(PLACES, 20):
        move = f"() => ({PUT})({json.dumps(dict(zip(NAMES['gradient_lab'], place)))})"
        assert page.evaluate(f"() => ({FRAME})({move})") == [True, True], place


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
@pytest.mark.parametrize("width", [400, 800, 1280])
def test_nothing_is_cut_off(live, width, dark):
    page = live(width=width, dark=dark)
    outer = page.locator(".live-lab").bounding_box()
    parts = page.locator(".live-lab :is(input, select, button, p, canvas, label)")
    for place in parts.evaluate_all("all => all.map(e => e.getBoundingClientRect().toJSON())"):
        assert place["left"] >= outer["x"] - 1
        assert place["right"] <= outer["x"] + outer["width"] + 1 <= width
    ticks = page.locator(".live-ticks span").evaluate_all("all => all.map(e => e.getBoundingClientRect().right)")
    assert max(ticks) <= width


def test_without_scripts_the_picture_and_its_words_stand_there(visitor, site):
    page = visitor(java_script_enabled=False)
    page.goto(site + PAGES["en"])
    assert page.locator(".live-controls").is_hidden()
    assert page.locator(".live-lab").get_by_role("img", name="it vanishes").is_visible()
    assert page.locator(".live-panel img").count() == 4
