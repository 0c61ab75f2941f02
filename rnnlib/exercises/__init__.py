"""The exercises of the notebooks: each has ``check(answer)``, ``hint()`` and ``solution()``."""

from rnnlib.exercises.clip_by_norm import exercise as clip_by_norm
from rnnlib.exercises.half_life import exercise as half_life
from rnnlib.exercises.relu_critical_scale import exercise as relu_critical_scale

__all__ = ["clip_by_norm", "half_life", "relu_critical_scale"]
