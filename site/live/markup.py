"""The place of a moving lab in a page: its controls, its picture as it opens, and its words.

All of it is there before the script comes, which then only has to move it: nothing shifts.
"""

import html
import json
from collections.abc import Sequence
from typing import Any

import numpy as np
from frames import LABS, made, stops

from rnnlib import widgets
from rnnlib.labs.lab import Lab
from rnnlib.labs.live import MARGINS
from rnnlib.locale import speaking, text

PLACE = """\
<div class="live-lab" data-live-lab="{key}" data-static="{static}" lang="{language}">
<div class="live-controls">{main}
<div class="live-buttons">{buttons}</div>
<div class="live-others">{others}<p class="live-fixed">{fixed}</p></div></div>
<div class="live-figure" role="img" aria-labelledby="{key}-said" style="--width:{width}px;--ratio:{ratio}">
{panels}</div>
<div class="live-words" data-room="{longest}"><p id="{key}-said" role="status" data-says="0">{said}</p></div>
<div class="live-words" data-room="{longest_remark}"><p data-says="1">{remark}</p></div></div>"""
SLIDER = """<div class="live-slider"><label for="{id}">{label}</label>
<input type="range" id="{id}" data-setting="{name}" max="{last}" value="{place}" aria-valuetext="{word}" {off}>
<input type="text" data-value="{name}" value="{word}" aria-label="{label}" inputmode="decimal" {off}>{ruler}</div>"""
RULER = """\n<div class="live-ticks" data-says="2">{}</div>"""
CHOICE = """<label class="live-choice">{label} <select data-setting="{name}" {off}>{options}</select></label>"""
PANEL = """<div class="live-panel" data-panel="{panel}" style="--left:{left:.4%};--top:{top:.4%};--width:{share:.4%}">\
<img src="{src}" width="{width}" height="{height}" alt="">{drag}</div>"""
DRAG = '<div class="live-drag" style="left:{:.4%};bottom:{:.4%};width:{:.4%};height:{:.4%}"></div>'
OFF = 'disabled autocomplete="off"'  # until the script comes; browsers would keep what was chosen before


def place(key: str, language: str, static: str) -> str:
    """One element that holds the lab.

    Args:
        key: of the lab, in frames.LABS.
        language: its two-letter code.
        static: where the files of ``frames.write`` are, as an address from the page, with a slash at its end.
    """
    known = json.loads((made() / f"{key}-{language}.json").read_text(encoding="utf-8"))
    with speaking(language):
        name, moving = LABS[key]
        lab = getattr(widgets, name)()
        controls = {name: _control(key, lab, name, known["values"][name]) for name in lab.controls if name in moving}
        return PLACE.format(
            key=key,
            static=static,
            language=language,
            main=controls.pop(lab.main),
            buttons=_buttons(lab, moving),
            others="\n".join(controls.values()),
            fixed=" · ".join(_fixed(lab, name) for name in lab.controls if name not in moving),
            width=lab.figure.size[0],
            ratio="{}/{}".format(*lab.figure.size),
            panels="\n".join(_panel(lab, panel, f"{static}{key}-{language}-{panel}.png") for panel in lab.figure.tiles),
            said=html.escape(lab.summary, quote=False),
            longest=_longest(known, 0),
            remark=html.escape(lab.remark, quote=False),
            longest_remark=_longest(known, 1),
        )


def _longest(known: dict[str, Any], which: int) -> str:
    """The longest sentence (0) or remark (1), for an attribute."""
    return max((known["said"][state[which]] for state in known["states"]), key=len).replace('"', "&quot;")


def _control(key: str, lab: Lab, name: str, values: list[list[Any]]) -> str:
    at, words = _place(lab, name, lab.settings[name]), [html.escape(word) for _, word in values]
    known = {"id": f"{key}-{name}", "name": name, "label": html.escape(lab.controls[name].description), "off": OFF}
    if hasattr(lab.controls[name], "options"):
        chosen = [" selected" if place == at else "" for place in range(len(words))]
        return CHOICE.format(**known, options="".join(f"<option{c}>{word}</option>" for c, word in zip(chosen, words)))
    ruler = RULER.format(lab._ruler()) if name == lab.main else ""
    return SLIDER.format(**known, last=len(words) - 1, place=at, word=words[at], ruler=ruler)


def _place(lab: Lab, name: str, value: Any) -> int:
    """Where this control has the value, or the one that is nearest to it."""
    known = stops(lab.controls[name])
    return known.index(value) if isinstance(value, str) else int(np.argmin(np.abs(np.subtract(known, value))))


def _buttons(lab: Lab, moving: Sequence[str]) -> str:
    """Reset, and the presets that set nothing else than what moves."""
    presets = {text(f"{lab.name}.{name}"): settings for name, settings in lab.presets.items()}
    presets[text("lab.reset")] = {name: lab.settings[name] for name in moving}
    buttons = []
    for words, settings in presets.items():
        if all(name in moving or value == lab.settings[name] for name, value in settings.items()):
            places = {name: _place(lab, name, value) for name, value in settings.items() if name in moving}
            put = html.escape(json.dumps(places))
            buttons.append(f'<button type="button" data-put="{put}" {OFF}>{html.escape(words)}</button>')
    return " ".join(buttons)


def _fixed(lab: Lab, name: str) -> str:
    return html.escape(f"{lab.controls[name].description} {lab.settings[name]:g}")


def _panel(lab: Lab, panel: str, src: str) -> str:
    (x0, y0, x1, y1), (width, height) = lab.figure.tiles[panel], lab.figure.size
    drag = ""
    if panel in lab.panels[3:]:  # its horizontal axis is the slider's
        left, right, bottom, top = (MARGINS[edge] for edge in ("left", "right", "bottom", "top"))
        wide, high = x1 - x0, y1 - y0
        drag = DRAG.format(left / wide, bottom / high, 1 - (left + right) / wide, 1 - (bottom + top) / high)
    shares = {"left": x0 / width, "top": 1 - y1 / height, "share": (x1 - x0) / width}
    return PANEL.format(panel=panel, src=src, width=x1 - x0, height=y1 - y0, drag=drag, **shares)
