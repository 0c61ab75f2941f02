"""The context test: two readings differ in one early input; for how many steps does the state still tell?"""

import numpy as np

from rnnlib.exercises.exercise import Exercise
from rnnlib.validation import Array


def context_test(hs_a: Array, hs_b: Array, share: float) -> int:
    """Steps from the first difference until ‖Δh_t‖ is below ``share`` of it; hs (T+1, H) each. T+1 steps if never."""
    gaps = np.linalg.norm(hs_a - hs_b, axis=1)
    gaps = gaps[np.argmax(gaps > 0) :]  # from the first difference on
    below = np.flatnonzero(gaps < share * gaps[0])
    return int(below[0]) if below.size else len(hs_a)


def _steps(gaps: Array, share: float) -> int:
    """What the test makes of these gaps (T+1,), none below 0."""
    return context_test(gaps[:, None], np.zeros((len(gaps), 1)), share)


def counted_from_h_0(hs_a: Array, hs_b: Array, share: float) -> int:
    """The step t itself, not how many steps it is after the change."""
    gaps = np.linalg.norm(hs_a - hs_b, axis=1)
    below = context_test(hs_a, hs_b, share)
    return below if below == len(hs_a) else below + int(np.argmax(gaps > 0))


def compared_with_h_0(hs_a: Array, hs_b: Array, share: float) -> int:
    """The difference at h_0 is zero: below anything at once."""
    return 0


def absolute(hs_a: Array, hs_b: Array, share: float) -> int:
    """Below ``share`` itself, whatever the difference was at first."""
    gaps = np.linalg.norm(hs_a - hs_b, axis=1)
    return _steps(gaps, share / gaps[np.argmax(gaps > 0)])


def added_up(hs_a: Array, hs_b: Array, share: float) -> int:
    """The sum of the differences, in which pluses and minuses cancel."""
    return _steps(np.abs((hs_a - hs_b).sum(axis=1)), share)


def one_unit(hs_a: Array, hs_b: Array, share: float) -> int:
    """The first unit alone."""
    return context_test(hs_a[:, :1], hs_b[:, :1], share)


def norms_compared(hs_a: Array, hs_b: Array, share: float) -> int:
    """The difference of the lengths: two states of equal length can be far apart."""
    return _steps(np.abs(np.linalg.norm(hs_a, axis=1) - np.linalg.norm(hs_b, axis=1)), share)


def _case(T: int, change: int, factor: float, share: float) -> tuple[Array, Array, float]:
    """Two readings whose difference turns in the plane of two units and shrinks by ``factor`` a step."""
    steps = np.arange(T - change)
    turn = np.exp(1.3j * (steps + 0.5)) * 0.5 * factor**steps
    hs_a = np.sin(np.arange(2 * (T + 1))).reshape(T + 1, 2)
    hs_a[0] = 0
    hs_b = hs_a.copy()
    hs_b[change + 1 :] += np.stack([turn.real, turn.imag], axis=1)
    return hs_a, hs_b, share


exercise = Exercise.of(context_test, [_case(10, 2, 0.7, 0.3), _case(30, 0, 0.8, 0.02), _case(12, 4, 1.0, 0.1)])
