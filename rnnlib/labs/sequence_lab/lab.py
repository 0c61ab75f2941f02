"""The sequence lab: text, sound and a time series, in order or shuffled, and who notices the difference."""

import base64
import html
from typing import Any, ClassVar

import ipywidgets
from IPython.display import Audio

from rnnlib.labs.lab import Lab
from rnnlib.labs.live import View
from rnnlib.labs.sequence_lab import compute, draw
from rnnlib.locale import text
from rnnlib.sequences import SAMPLE_RATE

CODE = """import importlib.resources, numpy as np; from rnnlib import sequences
saved = np.load(importlib.resources.files("rnnlib") / "data/in_order.npz")
W_xh, W_hh, b_h, W_hy, b_y = (saved["{kind}/recurrent/" + name] for name in "W_xh W_hh b_h W_hy b_y".split())
h, xs = np.zeros({H}), {xs}
for x_t in xs: h = np.tanh(x_t @ W_xh + h @ W_hh + b_h)
print(f"{{1 / (1 + np.exp((h @ W_hy + b_y) @ [1, -1])):.0%}}")"""
NAMES = '[name.lower() for code in ("en", "es") for name in sequences.country_names(code)]'
AUDIO = '<audio controls aria-label="{words}" src="data:audio/wav;base64,{data}"></audio>'


class SequenceLab(Lab):
    """See ``sequence_lab``."""

    name = "sequence_lab"
    panels = draw.SIZE, draw.TILES
    main = "shuffle"
    presets: ClassVar = {**{kind: {"kind": kind, "shuffle": 0} for kind in compute.KINDS}, "mixed": {"shuffle": 1}}

    def _extras(self) -> list[ipywidgets.Widget]:
        self._sound = ipywidgets.HTML()
        return [self._sound]

    def _controls(self) -> dict[str, Any]:
        return {
            "kind": self._choice("kind", compute.KINDS, "sequence_lab"),
            "example": self._slider("example", 1, 1, 20),
            "shuffle": self._slider("shuffle", 0, 0, 50),
        }

    def _show(self) -> dict[str, View]:
        now = self.settings
        heard = compute.run(**now, language=text("lab.names"))
        what, kind, steps = _what(heard), heard.kind, len(heard.xs)
        self.code = CODE.format(kind=kind, H=compute.HIDDEN, xs=_inputs(heard, now["example"]))
        self.summary = _sentence(heard, what, now["shuffle"] > 0)
        self._sound.value = _audio(heard, what) if kind == "audio" else ""
        return {
            "sequence": View((draw.frame_sequence, kind, steps), (draw.draw_sequence, heard)),
            "bag": View((draw.frame_bag, kind, heard.words, heard.top), (draw.draw_bag, heard.bag)),
            "sure": View((draw.frame_sure, steps), (draw.draw_sure, heard.sure)),
            "right": View((draw.frame_right,), (draw.draw_right, heard.right)),
        }


def sequence_lab(**settings: Any) -> SequenceLab:
    """Text, sound or a time series, in order or shuffled: a reader of the bag of inputs beside a recurrent net.

    Both were trained to tell sequences in order from shuffled ones; those shown here are new to them.

    Args:
        **settings: any of kind ("text", "audio" or "series"), example (1 to 20), shuffle (0 is in order; 1 to 50 are
            different shuffles).

    Returns:
        The lab: ``settings``, ``apply(**settings)``, ``summary``, ``code``, ``close()``.

    Raises:
        ValueError, TypeError: a setting is unknown or out of range.

    Taught in notebook 01.
    """
    return SequenceLab(settings)


def _inputs(heard: compute.Heard, example: int) -> str:
    """The code that makes the inputs."""
    if heard.kind == "text":
        return f"sequences.characters([{''.join(heard.shown)!r}], sequences.vocabulary({NAMES})).xs[1:, 0]"
    if heard.kind == "series":
        return f"np.eye({compute.LEVELS})[{heard.xs.argmax(axis=1).tolist()}]"
    place = f"{heard.order.tolist()}, {compute.COLUMNS[example - 1]}"
    return f"sequences.spectra(sequences.glides({compute.PAIRS}, rng=0)[0])[{place}]"


def _what(heard: compute.Heard) -> str:
    """The sequence in words."""
    if heard.kind == "text":
        return text("lab.quoted", name=heard.title)
    if heard.kind == "audio":
        return text(f"sequence_lab.{heard.title}")
    return text("sequence_lab.years", first=heard.title, last=heard.title + compute.WINDOW - 1)


def _sentence(heard: compute.Heard, what: str, shuffled: bool) -> str:
    """How sure each reader is of this one, and how many new ones each tells right."""
    said = {reader: f"{100 * sure[-1]:.0f} %" for reader, sure in heard.sure.items()}
    right = {f"{reader}_right": f"{100 * share:.0f} %" for reader, share in heard.right.items()}
    order = text("sequence.shuffled" if shuffled else "sequence.in_order")
    return text("sequence_lab.sentence", what=what, order=order, **said, **right)


def _audio(heard: compute.Heard, what: str) -> str:
    """The sound to be played: in the page, nothing is written to the disk."""
    wav = Audio(0.5 * heard.shown.ravel(), rate=SAMPLE_RATE, normalize=False).data
    return AUDIO.format(words=html.escape(what), data=base64.b64encode(wav).decode())
