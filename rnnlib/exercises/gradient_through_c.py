"""The gradient that the direct path through c carries back, for constant gates."""

import numpy as np

from rnnlib.exercises.exercise import Exercise
from rnnlib.validation import Array


def gradient_through_c(dc_T: Array, i: Array, f: Array, o: Array, steps: int) -> Array:
    """What reaches c_{T-steps} of dc_T = ∂L/∂c_T, (B, H), through c alone; the gates (H,) are the same at each step."""
    return dc_T * f**steps


def input_gate_too(dc_T: Array, i: Array, f: Array, o: Array, steps: int) -> Array:
    """(f + i) for a step back."""
    return dc_T * (f + i) ** steps


def input_gate_factor(dc_T: Array, i: Array, f: Array, o: Array, steps: int) -> Array:
    """(f · i) for a step back."""
    return dc_T * (f * i) ** steps


def output_gate_too(dc_T: Array, i: Array, f: Array, o: Array, steps: int) -> Array:
    """(f · o) for a step back."""
    return dc_T * (f * o) ** steps


def one_step_only(dc_T: Array, i: Array, f: Array, o: Array, steps: int) -> Array:
    """One factor f however many steps."""
    return dc_T * f


def times_steps(dc_T: Array, i: Array, f: Array, o: Array, steps: int) -> Array:
    """Factors added instead of multiplied."""
    return dc_T * f * steps


def one_step_more(dc_T: Array, i: Array, f: Array, o: Array, steps: int) -> Array:
    """One factor f more than steps."""
    return dc_T * f ** (steps + 1)


def units_mixed(dc_T: Array, i: Array, f: Array, o: Array, steps: int) -> Array:
    """The product of two vectors summed over the units."""
    return (dc_T @ f**steps)[:, None] * np.ones_like(f)


def in_place(dc_T: Array, i: Array, f: Array, o: Array, steps: int) -> Array:
    """The right numbers, written into dc_T."""
    dc_T *= f**steps
    return dc_T


GATES = (np.array([0.5, 0.9, 0.2]), np.array([0.9, 0.5, 1.0]), np.array([0.8, 0.7, 0.6]))
dc_T = np.array([[1.0, 1.0, 1.0], [2.0, -1.0, 0.5]])
exercise = Exercise.of(gradient_through_c, [(dc_T, *GATES, 2), (dc_T, *GATES, 10), (dc_T, *GATES, 0)])
