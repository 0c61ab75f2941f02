"""The BPTT lab: walk back through an unrolled unit; immediate and total derivatives beside finite differences."""

from typing import Any, ClassVar

from rnnlib.labs.bptt_lab import compute, draw
from rnnlib.labs.lab import Lab
from rnnlib.labs.live import View
from rnnlib.locale import text

CODE = """import numpy as np; w, rng = {weight}, np.random.default_rng({seed})
xs, hs = rng.normal(0, 0.6, {T}).round(1), [rng.choice([-0.5, 0.5])]
for x_t in xs: hs.append(np.tanh(x_t + w * hs[-1]))
dh, dw = hs[{T}] - 1, 0.0
for t in range({T}, {last}, -1): da = dh * (1 - hs[t] ** 2); dw += da * hs[t - 1]; dh = da * w
print(f"{{dw:+.4f}}")"""


class BPTTLab(Lab):
    """See ``bptt_lab``."""

    name = "bptt_lab"
    panels = draw.SIZE, draw.TILES, ["unrolled"]
    main = "back"
    stepped = True
    decimals = 2
    presets: ClassVar = {
        "at_the_loss": {"back": 0, "truncation": compute.STEPS},
        "all_the_way": {"back": compute.STEPS, "truncation": compute.STEPS},
        "truncated": {"back": compute.STEPS, "truncation": 2},
    }

    def _controls(self) -> dict[str, Any]:
        return {
            "back": self._slider("back", 3, 0, compute.STEPS),
            "truncation": self._slider("truncation", compute.STEPS, 1, compute.STEPS),
            "weight": self._slider("weight", 0.9, -2.0, 2.0, 0.05),
            "seed": self._seed(10),
        }

    def _show(self) -> dict[str, View]:
        now = self.settings
        run = compute.run(**now)
        self.code = CODE.format(**now, T=compute.STEPS, last=run.first - 1)
        self.summary = _sentence(run)
        return {
            "unrolled": View((draw.frame_unit,), (draw.draw_way_back, run)),
            "shares": View((draw.frame_shares, run.limits), (draw.draw_shares, run)),
        }


def bptt_lab(**settings: Any) -> BPTTLab:
    """Backpropagation through time on one unit, h_t = tanh(x_t + w h_{t-1}), with the loss ½ (h_6 − 1)².

    Args:
        **settings: any of back (0 to 6 steps walked back), truncation (1 to 6 steps, after which the gradient is cut),
            weight (w, −2 to 2), seed (of the inputs and of h_0, 0 to 999).

    Returns:
        The lab: ``settings``, ``apply(**settings)``, ``summary``, ``code``, ``close()``.

    Raises:
        ValueError, TypeError: a setting is unknown or out of range.

    Taught in notebook 04.
    """
    return BPTTLab(settings)


def _sentence(run: compute.Backprop) -> str:
    """How much of dL/dw has been collected, in words."""
    collected = "nothing" if run.first > compute.STEPS else "all" if run.first == 1 else "on_the_way"
    key = "truncated" if run.cut > run.reached else collected
    so_far, whole, numeric = (f"{value:+.4f}" for value in (run.so_far, *run.whole))
    words = {"so_far": so_far, "whole": whole, "numeric": numeric, "missing": f"{100 * run.missing:.0f} %"}
    return text(f"bptt_lab.said_{key}", steps=compute.STEPS, first=run.first, **words)
