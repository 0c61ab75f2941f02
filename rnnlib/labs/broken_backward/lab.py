"""The broken backward pass: choose a classic bug, and see which gradient check lights up."""

from typing import Any, ClassVar

from rnnlib.labs.broken_backward import compute, draw
from rnnlib.labs.lab import Lab
from rnnlib.labs.live import View
from rnnlib.locale import text
from rnnlib.weights import BASES

CODE = """import numpy as np, rnnlib; T, B, rng = {steps}, {batch}, np.random.default_rng({seed})
rnn = rnnlib.RNN({D}, {H}, recurrent_init={recurrent_init!r}, rng=rng); W_hh = rnn.params["W_hh"]
xs, h_0, dhs = (rng.standard_normal(n) for n in ((T, B, {D}), (B, {H}), (T, B, {H}))); dhs /= B; dh = dW_hh = 0
trace = rnn.forward(xs, h_0); hs, a, right = trace.hs, trace.pre, rnn.backward(trace, dhs).params["W_hh"]
{loop} {lines}
print(f"{{np.linalg.norm(dW_hh - right) / (np.linalg.norm(dW_hh) + np.linalg.norm(right)):.2g}}")"""


class BrokenBackward(Lab):
    """See ``broken_backward``."""

    name = "broken_backward"
    panels = draw.SIZE, draw.TILES, ["code"]
    main = "bug"
    presets: ClassVar = {
        "one_step": {"bug": "not_carried", "steps": 1},
        "batch_of_one": {"bug": "mean_twice", "batch": 1},
        "symmetric": {"bug": "transpose", "recurrent_init": "identity"},
    }

    def _controls(self) -> dict[str, Any]:
        return {
            "bug": self._choice("bug", compute.BUGS, "bugs", value="not_carried"),
            "steps": self._slider("steps", 6, 1, 12),
            "batch": self._slider("batch", 3, 1, 8),
            "recurrent_init": self._choice("recurrent_init", BASES, "bases"),
            "seed": self._seed(),
        }

    def _show(self) -> dict[str, View]:
        now = self.settings
        run = compute.run(**now)
        lines = "; ".join(run.lines[i].code for i in (0, 1, 3, 5))
        self.code = CODE.format(**now, D=compute.D, H=compute.H, loop=compute.LOOP, lines=lines)
        self.summary = _sentence(now["bug"], run)
        return {
            "code": View((draw.frame_code,), (draw.draw_code, run.lines)),
            "checks": View((draw.frame_checks,), (draw.draw_checks, run.step, run.sequence)),
        }


def broken_backward(**settings: Any) -> BrokenBackward:
    """A backward pass with a classic bug, and its relative error for one step and for a sequence, array by array.

    Args:
        **settings: any of bug ("none", "not_carried", "transpose", "slope", "overwritten", "mean_twice"), steps (of the
            sequence check, 1 to 12), batch (1 to 8), recurrent_init ("gaussian", "orthogonal", "identity"), seed (0 to
            999).

    Returns:
        The lab: ``settings``, ``apply(**settings)``, ``summary``, ``code``, ``close()``.

    Raises:
        ValueError, TypeError: a setting is unknown or out of range.

    Taught in notebook 04.
    """
    return BrokenBackward(settings)


def _sentence(bug: str, run: compute.Run) -> str:
    """Which check sees the bug, and by how much the gradient of W_hh is wrong over the sequence."""

    def said(errors: compute.Errors) -> str:
        failed = ", ".join(compute.failing(errors))
        return text("broken_backward.fails", names=failed) if failed else text("broken_backward.passes")

    key = "off" if "W_hh" in compute.failing(run.sequence) else "fine"
    off = text(f"broken_backward.{key}", error=f"{run.sequence['W_hh']:.2g}")
    words = {"step": said(run.step), "sequence": said(run.sequence), "off": off}
    return text("broken_backward.said", bug=text(f"bugs.{bug}"), **words)
