"""The main control in a real browser: moved by mouse, keys, a typed number and dragging in the picture; named."""

import pytest
from contract import LABS

PATH = "moved.ipynb"


@pytest.fixture(scope="module")
def lab(notebook):
    notebook.run_all()
    return notebook.lab()


# The lab's code has this value, and so does, but for rounding, what the slider says of itself.
SETTLED = """([box, value, code]) => {
  const said = Number(box.querySelector('.rnnlib-main [role=slider]').getAttribute('aria-valuetext'));
  return box.querySelector('.rnnlib-code').innerText.includes(code) && Math.abs(said / value - 1) < 0.005;
}"""


def settles(lab, value):
    """Wait until the lab has been told, and has said, that the weight scale is this."""
    code = f"'tanh', {float(value)!r}, 'gaussian'"
    lab.page.wait_for_function(SETTLED, arg=[lab.box.element_handle(), value, code])


def test_arrows_move_it_by_a_stop_and_page_keys_by_ten(lab):
    handle = lab.slider("weight scale g")
    handle.focus()
    for key, value in (("ArrowRight", 1.023), ("PageUp", 1.288), ("PageDown", 1.023), ("ArrowLeft", 1.0)):
        handle.press(key)
        settles(lab, value)
    for key, value in (("End", 10), ("PageUp", 10), ("Home", 0.1), ("PageDown", 0.1)):
        handle.press(key)
        settles(lab, value)


@pytest.mark.parametrize(("typed", "value"), [("1.55", 1.549), ("0,8", 0.7943), ("99", 10), ("much", 10)])
def test_a_typed_number_with_point_or_comma_goes_to_the_nearest_stop(lab, typed, value):
    field = lab.box.locator(".rnnlib-main").get_by_role("textbox", name="weight scale g")
    field.fill(typed)
    field.press("Enter")
    settles(lab, value)


def test_a_place_on_the_track_is_worth_a_stop_or_more(lab):
    track = lab.box.locator(".rnnlib-main .noUi-base").bounding_box()
    assert track["width"] / 200 > 3  # CSS pixels a stop


def test_ticks_stand_where_the_handle_stands(lab):
    for words, value in (("0.8", 0.7943), ("1.55", 1.549), ("4", 3.981), ("10", 10)):
        field = lab.box.locator(".rnnlib-main .widget-readout")
        field.fill(words)
        field.press("Enter")
        settles(lab, value)
        places = [lab.slider("weight scale g"), lab.box.locator(".rnnlib-ticks").get_by_text(words, exact=True)]
        handle, tick = ((box["x"] + box["width"] / 2) for box in (place.bounding_box() for place in places))
        assert handle == pytest.approx(tick, abs=1.5)


def test_dragging_in_the_panel_of_slopes_moves_it(lab):
    lab.box.locator(".rnnlib-drag").scroll_into_view_if_needed()
    panel, mouse = lab.box.locator(".rnnlib-drag").bounding_box(), lab.page.mouse
    middle = panel["y"] + panel["height"] / 2
    mouse.move(panel["x"] + panel["width"] / 4, middle)
    mouse.down()
    settles(lab, 0.3162)
    mouse.move(panel["x"] + panel["width"] / 2, middle, steps=5)
    settles(lab, 1)
    mouse.move(panel["x"] + 2 * panel["width"], middle + 300)  # held beyond its edge
    settles(lab, 10)
    mouse.up()
    mouse.move(panel["x"] + panel["width"] / 2, middle)  # without a button nothing moves
    lab.slider("weight scale g").press("ArrowLeft")
    settles(lab, 9.772)


# At rest is who has an answer to what was asked last, idle and all: what shows comes before that. Back is who gets an
# answer: until then the server asks the kernel by itself, and keeps what comes.
DROP = """async () => {
  const {kernel} = window.jupyterapp.shell.currentWidget.sessionContext.session;
  await kernel.requestKernelInfo();
  await new Promise(done => {
    kernel.connectionStatusChanged.connect((_, status) => status === 'connected' && done());
    kernel._ws.close();
  });
  await kernel.requestKernelInfo();
}"""


@pytest.mark.server
def test_after_the_connection_was_lost_and_found_at_rest_it_goes_on(notebook, lab):
    handle = lab.slider("weight scale g")
    lab.changes(lambda: handle.press("ArrowRight"))  # a change whose answer is lost on the way is another matter
    notebook.page.evaluate(DROP)
    handle.press("Home")
    settles(lab, 0.1)


def test_every_control_has_a_name_and_says_what_the_page_shows(lab):
    words = "labels => labels.map(label => label.innerText)"
    labels = lab.box.locator(".widget-slider .widget-label").evaluate_all(words)
    named = lab.box.get_by_role("slider").evaluate_all("all => all.map(one => one.getAttribute('aria-label'))")
    assert named == labels
    shown = lab.box.locator(".widget-slider .widget-readout").evaluate_all(words)
    texts = lab.box.get_by_role("slider").evaluate_all("all => all.map(one => one.getAttribute('aria-valuetext'))")
    assert texts == shown
    for kind in ("combobox", "spinbutton"):
        for control in lab.box.get_by_role(kind).all():
            assert control.evaluate("control => control.labels[0].innerText.trim()")


WIDTHS = """box => [box, ...box.querySelectorAll('*')].filter(each => getComputedStyle(each).overflowX === 'visible'
  && each.scrollWidth > each.clientWidth + 1 && each.clientWidth && each.getBoundingClientRect().right
  > box.getBoundingClientRect().right + 1).map(each => each.className)"""


@pytest.fixture(scope="module")
def every_lab(notebook, lab):
    """The page with every lab in it."""
    notebook.run(f"from rnnlib import widgets\ndisplay(*(getattr(widgets, name)() for name in {list(LABS)}))")
    notebook.page.wait_for_function("n => document.querySelectorAll('.rnnlib-drag').length > n", arg=1)
    assert notebook.complaints() == []
    return notebook


@pytest.mark.parametrize("width", [600, 1280])
def test_no_lab_overflows_sideways(every_lab, width):
    page = every_lab.page
    page.set_viewport_size({"width": width, "height": 1000})
    page.wait_for_function("width => innerWidth === width", arg=width)
    for lab in page.locator(".rnnlib-lab").all():
        assert lab.evaluate("box => box.scrollWidth - box.clientWidth") <= 0
        assert lab.evaluate(WIDTHS) == []


def test_forced_colours_leave_tracks_borders_and_focus(every_lab):
    page = every_lab.page
    page.emulate_media(forced_colors="active")
    page.wait_for_function("() => matchMedia('(forced-colors: active)').matches")
    width = "(element, side) => parseFloat(getComputedStyle(element).getPropertyValue(side))"
    for lab in page.locator(".rnnlib-lab").all():
        for part in (".noUi-base", ".noUi-handle", ".widget-button"):
            for each in lab.locator(part).all():
                assert each.evaluate(width, "border-top-width") >= 1, part
        for handle in lab.locator(".noUi-handle:not([disabled])").all()[:1]:
            handle.focus()
            assert handle.evaluate(width, "outline-width") >= 2
