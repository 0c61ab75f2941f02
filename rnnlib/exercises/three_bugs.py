"""Three backward passes with a bug each, to be told apart by gradient checks alone."""

from collections.abc import Callable

from rnnlib.exercises.backward_step import Back
from rnnlib.exercises.bptt import bptt, overwritten, wrong_transpose
from rnnlib.exercises.exercise import Exercise
from rnnlib.validation import Array


def _mean_twice(dhs: Array, xs: Array, pre: Array, hs: Array, W_hh: Array) -> Back:
    """The loss is a mean over the batch already, and the gradients of the weights are divided once more."""
    *weights, dh_0 = bptt(dhs, xs, pre, hs, W_hh)
    dW_xh, dW_hh, db_h = (gradient / xs.shape[1] for gradient in weights)
    return dW_xh, dW_hh, db_h, dh_0


def _sealed(backward: Callable[..., Back]) -> Callable[..., Back]:
    return lambda *given: backward(*given)  # so that its name does not give it away


planted = {"A": _sealed(wrong_transpose), "B": _sealed(_mean_twice), "C": _sealed(overwritten)}


def three_bugs() -> dict[str, str]:
    """The bug of each, from which arrays fail in which check."""
    return {
        "A": "transpose",  # one step: dh_0 alone; a sequence: everything
        "B": "mean twice",  # the weights in both checks, dh_0 in none
        "C": "overwritten",  # one step: nothing; a sequence: the weights, but not dh_0
    }


def one_step_only() -> dict[str, str]:
    """A and C pass a check of the weights over one step."""
    return {"A": "none", "B": "mean twice", "C": "none"}


def nothing_before_the_step() -> dict[str, str]:
    """A taken for a gradient that is not carried back: only dh_0 of a single step tells them apart."""
    return three_bugs() | {"A": "not carried"}


def carried_after_all() -> dict[str, str]:
    """C taken for a gradient that is not carried back, although its dh_0 is right."""
    return three_bugs() | {"C": "not carried"}


def both_not_carried() -> dict[str, str]:
    """A and C both taken for it."""
    return three_bugs() | {"A": "not carried", "C": "not carried"}


def slope_in_the_mean() -> dict[str, str]:
    """B taken for a wrong slope, which dh_0 would feel."""
    return three_bugs() | {"B": "slope"}


exercise = Exercise.of(three_bugs, [()])
