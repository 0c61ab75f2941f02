"""Three backward passes with a bug each, to be told apart by gradient checks alone."""

from rnnlib.exercises.bptt import bptt
from rnnlib.exercises.exercise import MISTAKES, Exercise, changed

BUGS = {"A": "wrong_transpose", "B": "mean_over_batch", "C": "overwritten"}
planted = {name: changed(bptt, name, *MISTAKES["bptt"][bug]) for name, bug in BUGS.items()}


def three_bugs() -> dict[str, str]:
    """The bug of each, from which arrays fail in which check."""
    return {
        "A": "transpose",  # one step: dh_0 alone; a sequence: everything
        "B": "mean twice",  # the weights in both checks, dh_0 in none
        "C": "overwritten",  # one step: nothing; a sequence: the weights, but not dh_0
    }


exercise = Exercise(three_bugs, [()], words="bugs")
