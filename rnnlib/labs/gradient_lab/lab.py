"""The gradient lab: move the weight scale, switch the activation, and watch the gradient norms move."""

import asyncio
from contextlib import suppress
from decimal import Decimal
from functools import lru_cache
from typing import Any, ClassVar

import numpy as np

from rnnlib.activations import ACTIVATIONS
from rnnlib.labs.gradient_lab import compute, draw
from rnnlib.labs.lab import Lab, Settings
from rnnlib.labs.live import View
from rnnlib.labs.ratio import digits, fate, ratio
from rnnlib.locale import speaking, text
from rnnlib.plots.norms import draw_norms, frame_norms
from rnnlib.weights import BASES

REST = 0.1  # seconds: who presses a key again sooner, or drags, is not looking yet
CODE = """import decimal, numpy as np, rnnlib
model, inputs, loss = np.random.default_rng({seed}).spawn(3)
rnn = rnnlib.RNN({D}, {hidden_size}, {activation!r}, {weight_scale}, {recurrent_init!r}, rng=model)
xs = np.sqrt({input_variance}) * inputs.standard_normal(({steps}, {B}, {D}))
log_norms = rnnlib.log_gradient_norms(rnn, xs, loss.standard_normal(({B}, {hidden_size})))
print(f"{{decimal.Decimal(np.median(log_norms[0] - log_norms[-1])).exp():{digits}}}")"""


class GradientLab(Lab):
    """See ``gradient_lab``."""

    name = "gradient_lab"
    panels = draw.SIZE, draw.TILES, (), "slopes"
    main = "weight_scale"
    presets: ClassVar = {
        preset: {"activation": "tanh", "recurrent_init": "gaussian", "input_variance": 0.25, "weight_scale": scale}
        for preset, scale in (("vanish", 0.8), ("edge", 1.55), ("explode", 4.0))
    }

    def _controls(self) -> dict[str, Any]:
        return {
            "weight_scale": self._log_slider("weight_scale", 1, -1, 1),
            "activation": self._choice("activation", ACTIVATIONS, "activations"),
            "recurrent_init": self._choice("recurrent_init", BASES, "bases"),
            "steps": self._slider("steps", 100, 5, 200),
            "hidden_size": self._slider("hidden_size", 64, 8, 256, 8),
            "input_variance": self._slider("input_variance", 0.25, 0.0, 2.0, 0.05),
            "seed": self._seed(),
        }

    def _show(self) -> dict[str, View]:
        now = self.settings
        run, views = shown(**now)
        known = {"B": compute.batch(now["hidden_size"]), "D": compute.INPUT_SIZE, "digits": digits(run.log_r)}
        self.code = CODE.format(**now, **known)
        self.summary = _sentence(run, now)
        self.critical = run.slopes.critical.get(now["activation"])
        self.remark = _task(run.log_r / now["steps"], now)
        place = round(100 * np.log10(now["weight_scale"]))  # in steps of the slider
        step, self._place = place - getattr(self, "_place", place), place
        if abs(step) == 1 and abs(place + step) <= 100:  # another may follow
            with suppress(RuntimeError):  # where no event loop runs, nobody moves a slider
                asyncio.get_running_loop().call_later(REST, self._look_ahead, now, place + step)
        return views

    def _look_ahead(self, now: Settings, place: int) -> None:
        """While the reader looks at these settings, draw what the weight scale would show at another place."""
        with self._drawing, speaking(self.language):
            if self.settings == now and "figure" in vars(self):
                self.figure.draw_ahead(shown(**self._in_digits(now | {"weight_scale": 10 ** (place / 100)}))[1])


def gradient_lab(**settings: Any) -> GradientLab:
    """How a gradient grows or shrinks on its way back through a vanilla RNN, live.

    Args:
        **settings: any of weight_scale (0.1 to 10), activation, recurrent_init, steps (5 to 200), hidden_size (8 to
            256), input_variance (0 to 2), seed (0 to 999).

    Returns:
        The lab: ``settings``, ``apply(**settings)``, ``summary``, ``code``, ``close()``.

    Raises:
        ValueError, TypeError: a setting is unknown or out of range.

    Taught in notebook 05.
    """
    return GradientLab(settings)


@lru_cache(maxsize=256)  # a slider goes to and fro
def shown(**now: Any) -> tuple[compute.Run, dict[str, View]]:
    """The numbers at these settings, and what is to be seen of them."""
    run, scale, steps = compute.run(**now), now["weight_scale"], now["steps"]
    return run, {
        "norms": View((frame_norms, steps, True), (draw_norms, *run.norms)),
        "eigenvalues": View((draw.frame_eigenvalues, run.limit), (draw.draw_eigenvalues, run.eigenvalues)),
        "slopes": View((draw.frame_slopes, run.slopes), (draw.draw_slopes, scale, run.log_r / steps)),
        "derivatives": View((draw.frame_histogram, run.histogram.edges[-1]), (draw.draw_histogram, run.histogram)),
    }


def _sentence(run: compute.Run, now: Settings) -> str:
    """What happens to the gradient, in words; r to two significant digits, however small."""
    steps, log_r, zero = now["steps"], run.log_r, int(np.isneginf(run.log_ratios).sum())
    if np.isneginf(log_r):
        said = text(f"gradient_lab.{'dead' if now['input_variance'] else 'kink'}", steps=steps)
    else:
        per = steps * np.log(2) / max(abs(log_r), 1e-9)
        way = "steady" if per > 1000 else "halving" if log_r < 0 else "doubling"
        pace = text(f"gradient_lab.{way}", per=format(Decimal(per), ".2g"))
        said = text("gradient_lab.alive", steps=steps, r=ratio(log_r), fate=fate(log_r), pace=pace)
        if zero:
            said += " " + text("gradient_lab.some_dead", dead=zero, all=len(run.log_ratios))
    if now["recurrent_init"] == "identity":
        said += " " + text("gradient_lab.no_theory")
    return said


def _task(slope: float, now: Settings) -> str:
    """Find the edge: said again while it is not found."""
    if abs(slope) < compute.EDGE:
        return text("gradient_lab.edge_found", slope=f"{slope:+.3f}", scale=now["weight_scale"])
    return text("gradient_lab.edge_task", slope=f"{slope:+.3f}", edge=compute.EDGE)
