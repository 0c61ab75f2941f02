"""The exercises of the notebooks: each has ``check(answer)``, ``hint()`` and ``solution()``."""

from rnnlib.exercises.backward_step import exercise as backward_step
from rnnlib.exercises.bptt import exercise as bptt
from rnnlib.exercises.clip_by_norm import exercise as clip_by_norm
from rnnlib.exercises.context import exercise as context_test
from rnnlib.exercises.find_the_bug import exercise as find_the_bug
from rnnlib.exercises.forget_bias import exercise as forget_bias
from rnnlib.exercises.gradient_through_c import exercise as gradient_through_c
from rnnlib.exercises.half_life import exercise as half_life
from rnnlib.exercises.leaky_sum import exercise as leaky_sum
from rnnlib.exercises.lstm_step import exercise as lstm_step
from rnnlib.exercises.memory_curve import exercise as memory_curve
from rnnlib.exercises.multiplier import exercise as multiplier
from rnnlib.exercises.probe import exercise as probe
from rnnlib.exercises.reach import exercise as reach
from rnnlib.exercises.relu_critical_scale import exercise as relu_critical_scale
from rnnlib.exercises.step import exercise as step
from rnnlib.exercises.three_bugs import exercise as three_bugs
from rnnlib.exercises.trajectories import exercise as trajectories
from rnnlib.exercises.truncated import exercise as truncated
from rnnlib.exercises.unroll import exercise as unroll

__all__ = ["leaky_sum", "reach"]  # of notebook 01
__all__ += ["find_the_bug", "step", "unroll"]  # 02
__all__ += ["context_test", "memory_curve", "probe", "trajectories"]  # 03
__all__ += ["backward_step", "bptt", "three_bugs", "truncated"]  # 04
__all__ += ["clip_by_norm", "half_life", "multiplier", "relu_critical_scale"]  # 05
__all__ += ["forget_bias", "gradient_through_c", "lstm_step"]  # 06
