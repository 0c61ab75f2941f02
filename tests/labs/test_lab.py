"""The frame of every lab, held to a small one: controls, presets, sentence, code and errors."""

import gc
import html
import json
import re
from threading import Thread

import ipywidgets
import numpy as np
import pytest
from contract import buttons, inside
from ipywidgets.widgets import widget as registry

from rnnlib.labs.lab import Lab
from rnnlib.labs.live import View
from rnnlib.labs.page import when_shown
from rnnlib.locale import text
from rnnlib.plots.still import picture


def frame(ax):
    ax.set(xlim=(0, 1), ylim=(0, 10))


def draw(ax, height, kind):
    return ax.plot([0, 1], [height, height], linestyle=kind, color="black")


class Small(Lab):
    """Draws a line at a height; it cannot draw the height 7."""

    name = "gradient_lab"
    main = "height"
    presets = {"vanish": {"height": 1, "kind": "dashed"}, "explode": {"height": 10.0}}  # noqa: RUF012

    panels = (300, 200), {"only": (0, 0, 300, 200)}

    def __init__(self, **settings):
        self.shown = []
        super().__init__(settings)

    def _controls(self):
        return {
            "height": self._slider("input_variance", 5, 0.0, 10.0, 0.1),
            "kind": self._control(ipywidgets.Dropdown, "activation", options=["solid", "dashed"]),
            "count": self._slider("steps", 3, 1, 9),
            "size": self._log_slider("weight_scale", 1, -1, 1, 0.1),
            "on": self._control(ipywidgets.Checkbox, "hidden_size", value=True),
        }

    def _show(self):
        now = self.settings
        self.shown.append(now)
        if now["height"] == 7:
            raise ZeroDivisionError("not this <height>")

        self.summary = f"The height is {now['height']:g} & the count {now['count']} < 10."
        self.code = f"print({now['height']!r} < 10)"
        return {"only": View((frame,), (draw, now["height"], now["kind"]))}


def shown(lab):
    """The words in the page: those of the sentence, and those of remark and code."""
    words = {"sentence": lab._sentence.value, "more": lab._more.value}
    return {name: html.unescape(re.sub("<[^>]*>", "", value)) for name, value in words.items()}


def state(lab):
    return lab.settings, lab.summary, lab.code, shown(lab), lab.figure.png()


def told(lab):
    """What the figure is called: the words of the element that it names."""
    names = "".join(each.value for each in lab.figure.box.children if isinstance(each, ipywidgets.HTML))
    (name,) = re.findall(r'role="img" aria-labelledby="([^"]+)"', names)
    return html.unescape(re.search(f'<span id="{name}">([^<]*)</span>', lab._sentence.value)[1])


def test_a_control_moves_figure_sentence_and_code():
    lab = Small()
    before = lab.figure.png()
    lab.controls["height"].value = 2
    assert lab.settings == {"height": 2, "kind": "solid", "count": 3, "size": 1, "on": True}
    assert lab.figure.png() != before
    assert shown(lab) == {"sentence": "The height is 2 & the count 3 < 10.", "more": "print(2.0 < 10)"}
    assert (lab.summary, lab.code) == ("The height is 2 & the count 3 < 10.", "print(2.0 < 10)")
    assert told(lab) == lab.summary


def test_it_opens_with_the_settings_given():
    lab = Small(height=2, kind="dashed", on=False)
    assert lab.settings == {"height": 2, "kind": "dashed", "count": 3, "size": 1, "on": False}
    assert len(lab.shown) == 1


def test_apply_changes_several_settings_and_draws_once():
    lab = Small()
    lab.apply(height=1, kind="dashed", count=9, size=10, on=False)
    assert lab.settings == {"height": 1, "kind": "dashed", "count": 9, "size": 10, "on": False}
    assert len(lab.shown) == 2
    assert lab.figure.png() == Small(**lab.settings).figure.png()


@pytest.mark.parametrize(
    ("settings", "error", "message"),
    [
        ({"hight": 1}, ValueError, "setting: expected one of 'height', 'kind', 'count', 'size', 'on', got 'hight'"),
        ({"height": 10.5}, ValueError, "height: expected 0 to 10, got 10.5"),
        ({"height": -1}, ValueError, "height: expected a number of at least 0, got -1"),
        ({"height": "5"}, TypeError, "height: expected a number, got '5'"),
        ({"height": np.inf}, ValueError, "height: expected a finite number, got inf"),
        ({"height": np.ones(2)}, TypeError, "height: expected a number, got array"),
        ({"count": 2.5}, TypeError, "count: expected a whole number, got 2.5"),
        ({"count": 10}, ValueError, "count: expected 1 to 9, got 10"),
        ({"size": 0.09}, ValueError, "size: expected a number of at least 0.1, got 0.09"),
        ({"size": 11}, ValueError, "size: expected 0.1 to 10, got 11"),
        ({"kind": "dotted"}, ValueError, "kind: expected one of 'solid', 'dashed', got 'dotted'"),
        ({"kind": None}, ValueError, "kind: expected one of 'solid', 'dashed', got None"),
        ({"on": 1}, TypeError, "on: expected True or False, got 1"),
    ],
)
def test_a_wrong_setting_is_named_and_changes_nothing(settings, error, message):
    lab = Small()
    before = state(lab)
    with pytest.raises(error, match=re.escape(message)):
        lab.apply(**{"count": 4} | settings)
    assert state(lab) == before
    with pytest.raises(error, match=re.escape(message)):
        Small(**settings)


def test_whole_numbers_and_numpy_numbers_are_taken():
    lab = Small()
    lab.apply(height=np.float64(3), count=np.int64(2), size=10)
    assert (lab.settings["height"], lab.settings["count"], lab.settings["size"]) == (3, 2, 10)


def test_a_number_between_two_stops_goes_to_the_nearer_as_in_the_page():
    lab = Small(size=2)  # a step of the logarithm is 0.1
    assert lab.settings["size"] == 1.995
    lab.apply(height=2.34)
    assert lab.settings["height"] == 2.3


def test_presets_and_reset():
    lab = Small(height=2, count=4)
    opened = state(lab)
    assert list(buttons(lab)) == ["Vanish", "Explode", "Reset"]
    buttons(lab)["Vanish"].click()
    assert lab.settings == {"height": 1, "kind": "dashed", "count": 4, "size": 1, "on": True}
    buttons(lab)["Explode"].click()
    assert lab.settings == {"height": 10, "kind": "dashed", "count": 4, "size": 1, "on": True}
    buttons(lab)["Reset"].click()
    assert state(lab) == opened


@pytest.mark.parametrize(
    "change",
    [lambda lab: lab.controls["height"].set_trait("value", 7), lambda lab: lab.apply(height=7)],
    ids=["control", "apply"],
)
def test_an_error_is_shown_in_words_raised_and_survived(change):
    lab = Small()
    with pytest.raises(ZeroDivisionError, match="not this <height>"):
        change(lab)
    words = "This setting could not be drawn. ZeroDivisionError: not this <height>. Change a control to go on."
    assert lab.summary == shown(lab)["sentence"] == words
    assert told(lab) == words
    assert lab.settings["height"] == 7
    lab.controls["height"].value = 6
    assert state(lab) == state(Small(height=6))


def test_a_change_sends_what_moves_once_and_before_the_sentence():
    lab, sent = Small(), []
    for name, widget in {"still": lab.figure.still, "moving": lab.figure._lower, "sentence": lab._sentence}.items():
        widget.observe(lambda _, name=name: sent.append(name), "value")
    lab.controls["height"].value = 4.0
    assert sent == ["moving", "sentence"]


class Stepped(Small):
    """Previous, next and play move its count."""

    main, stepped = "count", True


def test_the_button_that_plays_and_the_one_that_stops_get_their_own_names():
    """In the order in which ipywidgets has made them, which is that in which the page gives names: see test_page.py."""
    namer = Stepped().children[0].value
    names = re.search(r"\(this, (.*)\)", html.unescape(namer))[1]
    assert json.loads(f"[{names}]") == [text("lab.closed"), "Play", "Stop, and back to the first step"]


def test_floats_are_in_use_as_the_code_shows_them():
    lab = Small()
    lab.controls["height"].value = 1e-17  # what is left of 0 in a page's arithmetic
    assert lab.settings["height"] == 0
    lab.decimals = 1
    lab.controls["height"].value = 3.44
    assert lab.settings["height"] == 3.4


def test_readers_without_a_kernel_get_picture_and_sentence():
    lab = Small()
    data, metadata = lab._repr_mimebundle_()
    shown = f"{picture(lab.figure.png(), 300, lab.summary)}<p>{html.escape(lab.summary)}</p>"
    shown += f"<p><i>{text('lab.stored')}</i></p>"
    assert (data["text/plain"], data["text/html"]) == (lab.summary, shown)
    assert data["application/vnd.jupyter.widget-view+json"]["model_id"] == lab.model_id
    assert (set(data), metadata) == ({"text/plain", "text/html", "application/vnd.jupyter.widget-view+json"}, {})


def test_every_control_and_button_has_a_label_in_words():
    lab = Small()
    wanted = ["input variance", "activation f", "steps T", "weight scale g", "hidden size H"]
    assert [control.description for control in lab.controls.values()] == wanted
    assert set(lab.controls.values()) <= set(inside(lab))
    assert all(button.description for button in buttons(lab).values())


def test_the_sentence_is_a_live_region_and_the_picture_can_be_saved():
    lab = Small()
    (sentence,) = [child for child in lab.children if "rnnlib-sentence" in child._dom_classes]
    assert (
        when_shown("attend", *map(text, ("lab.closed", "lab.play", "lab.stop"))) in lab.children[0].value
    )  # which gives it its role
    lab.apply(height=2)
    assert sentence.value.endswith(">The height is 2 &amp; the count 3 &lt; 10.</span>")
    (save,) = [each.value for each in inside(lab) if isinstance(each, ipywidgets.HTML) and "download" in each.value]
    assert html.unescape(save).count('(this, "gradient_lab.png")') == 1
    assert "disabled onclick=" in save
    assert f">{text('lab.forbidden')}</button>{when_shown('offer', text('lab.save'))}" in save
    assert "rnnlib-lab" in lab._dom_classes  # where the button looks for the picture


def ruler(lab):
    """(place in per cent, words) of each tick of the main control."""
    ticks = re.findall(r"<span[^>]*left:([\d.]+)%[^>]*>([^<]*)</span>", lab._ticks.value)
    return [(float(place), words) for place, words in ticks]


def test_the_main_control_is_first_as_wide_as_the_figure_and_has_its_ticks():
    lab = Small()
    main = lab.controls["height"]
    assert lab.children[1:3] == (main, lab._ticks)
    assert [each.layout.width for each in (main, lab._ticks, lab.figure.box)] == ["300px"] * 3
    assert ruler(lab) == [(0, "0"), (10, "1"), (100, "10")]  # its ends, and where presets put it
    others = next(child for child in lab.children if "rnnlib-others" in child._dom_classes)
    assert list(others.children) == [lab.controls[name] for name in ("kind", "count", "size", "on")]


def test_the_ruler_of_a_logarithmic_slider_is_logarithmic_and_marks_the_critical_value():
    lab = Small()
    lab.main, lab.presets, lab.critical = "size", {"near": {"size": 2}}, 10**0.5
    lab._write()
    assert ruler(lab) == [(0, "0.1"), (65.05, "2"), (100, "10"), (75, "▲ critical 3.16")]
    lab.critical = 12
    lab._write()
    assert ruler(lab)[-1] == (100, "→ critical 12")  # beyond the end


def test_a_list_needs_no_ticks():
    lab = Small()
    lab.main = "kind"
    lab._write()
    assert lab._ticks.value == ""


def test_close_frees_every_widget_of_the_lab():
    gc.collect()
    before = set(registry._instances)
    lab = Small()
    assert len(set(registry._instances) - before) > 10
    lab.close()
    assert set(registry._instances) - before == set()


def test_settings_wait_until_a_drawing_in_another_thread_is_done():
    lab, before = Small(), Small().settings
    threads = [
        Thread(target=lab.apply, kwargs={"height": 2}),
        Thread(target=lab.controls["count"].set_trait, args=("value", 4)),
    ]
    with lab._drawing:
        for thread in threads:
            thread.start()
            thread.join(0.1)
        assert lab.settings["height"] == before["height"]
        assert lab.shown == [before]
    for thread in threads:
        thread.join()
    assert (lab.settings["height"], lab.settings["count"]) == (2, 4)
    assert lab.shown[-1] == lab.settings
