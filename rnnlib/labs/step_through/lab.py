"""The forward pass step by step: a network of two units reads three numbers, and every number is in sight."""

from typing import Any, ClassVar

from rnnlib.labs.lab import Lab
from rnnlib.labs.live import View
from rnnlib.labs.step_through import compute, draw
from rnnlib.locale import text

CODE = """import numpy as np
W_xh, W_hh, b_h = np.array([[1.0, -0.5]]), {g} * np.array([[0.5, 0.8], [-0.8, 0.5]]), np.array([0.0, 0.2])
h = np.zeros((1, 2))
for x_t in np.reshape({xs}, (-1, 1, 1)):
    h = {step}
print(h.round(2), (h @ [[1.0], [-1.0]] + 0.5).round(2))"""
IN_NUMPY = {"tanh": "np.tanh({a_t})", "relu": "np.maximum(0, {a_t})"}


class StepThrough(Lab):
    """See ``step_through``."""

    name = "step_through"
    panels = draw.SIZE, draw.TILES, ["unrolled", "sum"]
    main = "step"
    stepped = True
    decimals = 1
    presets: ClassVar = {
        "pulse": {"x_1": 1.0, "x_2": 0.0, "x_3": 0.0, "weight_scale": 1.0},
        "late": {"x_1": 0.0, "x_2": 0.0, "x_3": 1.0, "weight_scale": 1.0},
        "steady": {"x_1": 1.0, "x_2": 1.0, "x_3": 1.0, "weight_scale": 1.0},
        "no_memory": {"weight_scale": 0.0},
    }

    def _controls(self) -> dict[str, Any]:
        tenths: dict[str, Any] = {"step": 0.1, "readout_format": ".1f"}
        return {
            "step": self._slider("step", 1, 1, compute.STEPS),
            "activation": self._choice("activation", IN_NUMPY, "activations"),
            **{name: self._slider(name, x, -2.0, 2.0, **tenths) for name, x in compute.INPUTS.items()},
            "weight_scale": self._slider("weight_scale", 1.0, 0.0, 1.5, **tenths),
        }

    def _show(self) -> dict[str, View]:
        now = self.settings
        run = compute.run(**now)
        step = IN_NUMPY[now["activation"]].format(a_t="x_t @ W_xh + h @ W_hh + b_h")
        self.code = CODE.format(g=now["weight_scale"], xs=run.xs[: run.step].tolist(), step=step)
        self.summary = _sentence(run, now["activation"])
        return {
            "unrolled": View((draw.frame_network,), (draw.draw_network, run)),
            "curve": View((draw.frame_curve, run.curve), (draw.draw_units, run)),
            "sum": View((draw.frame_sum, now["activation"]), (draw.draw_sum, run)),
        }


def step_through(**settings: Any) -> StepThrough:
    """A network of two units reads three numbers, one step at a time, with every number in sight.

    Args:
        **settings: any of step (1 to 3), activation ("tanh" or "relu"), x_1, x_2, x_3 (-2 to 2), weight_scale (0 to
            1.5).

    Returns:
        The lab: ``settings``, ``apply(**settings)``, ``summary``, ``code``, ``close()``.

    Raises:
        ValueError, TypeError: a setting is unknown or out of range.

    Taught in notebook 02.
    """
    return StepThrough(settings)


def _sentence(run: compute.Run, activation: str) -> str:
    """What unit 1 adds up at this step, the state that it leads to, and the readout."""
    t, (h_1, h_2) = run.step, run.hs[run.step]
    values = dict(zip("xhb", run.terms[:, 0])) | {"a": run.a_t[0], "h_1": h_1, "h_2": h_2, "y": run.ys[t - 1]}
    words = {name: draw.number(value) for name, value in values.items()}
    return text("step_through.says", step=t, steps=compute.STEPS, f=text(f"activations.{activation}"), **words)
