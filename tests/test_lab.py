"""The frame of every lab, held to a small one: controls, presets, sentence, code and errors."""

import base64
import gc
import html
import re

import ipywidgets
import numpy as np
import pytest
from ipywidgets.widgets import widget as registry

from rnnlib.locale import text
from rnnlib.widgets.lab import LIVE_REGION, Lab, labelled
from rnnlib.widgets.live import LiveFigure, View


class Small(Lab):
    """Draws a line at a height; it cannot draw the height 7."""

    name = "gradient_lab"
    presets = {"vanish": {"height": 1, "kind": "dashed"}, "explode": {"height": 10.0}}  # noqa: RUF012

    def __init__(self, **settings):
        self.shown = []
        controls = {
            "height": labelled(ipywidgets.FloatSlider, "height", value=5, min=0.0, max=10.0),
            "kind": labelled(ipywidgets.Dropdown, "kind", options=[("in one", "solid"), ("in parts", "dashed")]),
            "count": labelled(ipywidgets.IntSlider, "count", value=3, min=1, max=9),
            "size": labelled(ipywidgets.FloatLogSlider, "size", value=1, min=-1, max=1),
            "on": labelled(ipywidgets.Checkbox, "on", value=True),
        }
        super().__init__(LiveFigure((300, 200), {"only": (0, 0, 300, 200)}), controls, settings)

    def _show(self):
        now = self.settings
        self.shown.append(now)
        if now["height"] == 7:
            raise ZeroDivisionError("not this <height>")

        def draw(ax):
            return ax.plot([0, 1], [now["height"]] * 2, linestyle=now["kind"], color="black")

        self.summary = f"The height is {now['height']:g} & the count {now['count']} < 10."
        self.code = f"print({now['height']!r} < 10)"
        return {"only": View(0, lambda ax: ax.set(xlim=(0, 1), ylim=(0, 10)), draw)}


def shown(lab):
    """The words in the page: those of the sentence, and those of remark and code."""
    words = {"sentence": lab._sentence.value, "more": lab._more.value}
    return {name: html.unescape(re.sub("<[^>]*>", "", value)) for name, value in words.items()}


def inside(widget):
    return [widget, *(each for child in getattr(widget, "children", ()) for each in inside(child))]


def buttons(lab):
    return {each.description: each for each in inside(lab) if isinstance(each, ipywidgets.Button)}


def state(lab):
    return lab.settings, lab.summary, lab.code, shown(lab), lab.figure.png()


def test_a_control_moves_figure_sentence_and_code():
    lab = Small()
    before = lab.figure.png()
    lab.controls["height"].value = 2
    assert lab.settings == {"height": 2, "kind": "solid", "count": 3, "size": 1, "on": True}
    assert lab.figure.png() != before
    assert shown(lab) == {"sentence": "The height is 2 & the count 3 < 10.", "more": "print(2.0 < 10)"}
    assert (lab.summary, lab.code) == ("The height is 2 & the count 3 < 10.", "print(2.0 < 10)")
    assert f'title="{html.escape(lab.summary)}"' in lab.figure.moving.value


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
        ({"kind": "in one"}, ValueError, "kind: expected one of 'solid', 'dashed', got 'in one'"),
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
    assert f'title="{html.escape(words)}"' in lab.figure.moving.value
    assert lab.settings["height"] == 7
    lab.controls["height"].value = 6
    assert state(lab) == state(Small(height=6))


def test_a_change_sends_what_moves_once_and_before_the_sentence():
    lab, sent = Small(), []
    for name, widget in {"still": lab.figure.still, "moving": lab.figure.moving, "sentence": lab._sentence}.items():
        widget.observe(lambda _, name=name: sent.append(name), "value")
    lab.controls["height"].value = 4.0
    assert sent == ["moving", "sentence"]


def test_readers_without_a_kernel_get_picture_and_sentence():
    lab = Small()
    data, metadata = lab._repr_mimebundle_()
    assert base64.b64decode(data["image/png"]) == lab.figure.png()
    assert data["text/plain"] == lab.summary
    assert data["application/vnd.jupyter.widget-view+json"]["model_id"] == lab.model_id
    assert metadata == {"image/png": {"width": 300, "height": 200}}


def test_every_control_and_button_has_a_label_in_words():
    lab = Small()
    assert [control.description for control in lab.controls.values()] == ["height", "kind", "count", "size", "on"]
    assert set(lab.controls.values()) <= set(inside(lab))
    assert all(button.description for button in buttons(lab).values())


def test_the_sentence_is_a_live_region_and_the_picture_can_be_saved():
    lab = Small()
    (sentence,) = [child for child in lab.children if "rnnlib-sentence" in child._dom_classes]
    lab.apply(height=2)
    assert sentence.value.endswith(LIVE_REGION)
    assert "setAttribute('role', 'status')" in LIVE_REGION
    (save,) = [each.value for each in inside(lab) if isinstance(each, ipywidgets.HTML) and "download" in each.value]
    assert "link.download = 'gradient_lab.png'" in save
    assert text("lab.save") in save
    assert "rnnlib-lab" in lab._dom_classes  # where the button looks for the picture


def test_close_frees_every_widget_of_the_lab():
    gc.collect()
    before = set(registry._instances)
    lab = Small()
    assert len(set(registry._instances) - before) > 10
    lab.close()
    assert set(registry._instances) - before == set()
