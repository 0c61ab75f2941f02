"""The reading lab: letters arrive one at a time; what is in the state, and for how long?"""

from typing import Any, ClassVar

import ipywidgets

from rnnlib.labs.lab import Lab, Settings
from rnnlib.labs.live import View
from rnnlib.labs.reading_lab import compute, draw
from rnnlib.locale import text

CODE = """import numpy as np, rnnlib
names = [name.lower() for name in rnnlib.sequences.country_names("{language}")]
symbols = rnnlib.sequences.vocabulary([name for name in names if len(name) <= {longest}])
xs = rnnlib.sequences.characters({words}, symbols).xs[1:] * np.sqrt(len(symbols)) / 2
hs = rnnlib.RNN(len(symbols), {H}, weight_scale={weight_scale}, rng={seed}).forward(xs).hs
print(f"{{np.linalg.norm(hs[{t}, 0] - hs[{t}, 1]):.2g}}")"""


class ReadingLab(Lab):
    """See ``reading_lab``."""

    name = "reading_lab"
    panels = draw.SIZE, draw.TILES
    main = "step"
    stepped = True
    presets: ClassVar = {"short": {"weight_scale": 0.5}, "long": {"weight_scale": 1.0}, "chaos": {"weight_scale": 2.0}}

    def _set(self, settings: Settings) -> None:
        self.controls["step"].max = compute.LONGEST  # beyond the word's end is its end, and the word may still change
        super()._set(settings)

    def _controls(self) -> dict[str, Any]:
        known = compute.lexicon(text("lab.names"))
        letters = [(letter.replace(" ", text("reading_lab.space")), letter) for letter in known.letters]
        names = {"value": "tanzania", "options": sorted(known.names), "continuous_update": False}
        return {
            "word": self._control(ipywidgets.Combobox, "word", **names),
            "step": self._slider("step", 8, 1, compute.LONGEST),
            "position": self._slider("position", 1, 1, 8),
            "letter": self._control(ipywidgets.Dropdown, "letter", options=letters, value="m"),
            "weight_scale": self._log_slider("weight_scale", 1, -1, 1),
            "seed": self._seed(),
        }

    def _show(self) -> dict[str, View]:
        now = self.settings | {"language": text("lab.names")}
        reading = compute.run(**now)
        words, guess = reading.words, compute.lexicon(now["language"]).guess
        self._applying = True
        self.controls["step"].max = len(words[0])
        self._applying = False
        known = {"H": compute.HIDDEN, "longest": compute.LONGEST, "words": list(words), "t": reading.step}
        self.code = CODE.format(**now, **known)
        self.summary = _sentence(reading)
        return {
            "states": View((draw.frame_states, words, compute.HIDDEN), (draw.draw_states, reading)),
            "path": View((draw.frame_path, reading.limit), (draw.draw_path, reading)),
            "gaps": View((draw.frame_gaps, words[1]), (draw.draw_gaps, reading)),
            "found": View((draw.frame_found, compute.LAGS, guess), (draw.draw_found, reading)),
        }


def reading_lab(**settings: Any) -> ReadingLab:
    """A random network reads a word, letter by letter: its state, and what is still in it of the letters before.

    Args:
        **settings: any of word (1 to 24 letters), step (1 to the length of the word; beyond it, the end), position (1
            to 8: which letter is changed), letter (what into), weight_scale (0.1 to 10), seed (0 to 999).

    Returns:
        The lab: ``settings``, ``apply(**settings)``, ``summary``, ``code``, ``close()``.

    Raises:
        ValueError, TypeError: a setting is unknown or out of range.

    Taught in notebook 03.
    """
    return ReadingLab(settings)


def _sentence(reading: compute.Reading) -> str:
    """Where in the word, what is left of the change, and how far back the probe reads without a mistake."""
    t, at, (word, changed), right = reading.step, reading.position, reading.words, reading.right
    gap, share = f"{reading.gaps[t]:.2g}", f"{reading.share:.2g}"
    way = "same" if word == changed else "to_come" if t < at else "differs" if reading.gaps[t] else "gone"
    said = {"n": len(word), "word": word, "at": at, "old": word[at - 1], "new": changed[at - 1]}
    trace = text(f"reading_lab.{way}", t=t, **said, gap=gap, share=share)
    reads = "reads_all" if right == len(reading.guesses) else "reads" if right else "reads_none"
    return " ".join([trace, text(f"reading_lab.{reads}", t=t, right=right)])
