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


def _case(change: int, share: float, *sizes: float) -> tuple[Array, Array, float]:
    """Two readings whose difference has these sizes from step change + 1 on, and turns in the plane of two units."""
    turn = np.exp(1j * (np.pi / 4 + 1.3 * np.arange(len(sizes)))) * sizes
    hs_a = np.sin(np.arange(2 * (change + 1 + len(sizes)))).reshape(-1, 2)
    hs_b = hs_a.copy()
    hs_b[change + 1 :] += np.stack([turn.real, turn.imag], axis=1)
    return hs_a, hs_b, share


RISES_AGAIN = (0.5, 0.8, 0.45, 0.2, 0.125, 0.25, 0.1, 0.05)
FALLS = 3 * 0.8 ** np.arange(25)
CASES = [_case(2, 0.3, *RISES_AGAIN), _case(0, 0.03, *FALLS), _case(4, 0.1, 0.5, 0.5, 1.5, 0.14)]
exercise = Exercise(context_test, CASES)
