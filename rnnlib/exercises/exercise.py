"""What every exercise has: a check that names the mistake, hints one at a time, and a solution on request."""

import copy
import inspect
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from rnnlib.locale import say, table, text

ENOUGH = 8  # numbers shown of an array


@dataclass
class Exercise:
    """An exercise; its words are in the table [exercises.<name>] of the locale.

    The words are ``right`` (what it means), ``hint_1``, ``hint_2``, … and one entry for each mistake, by its name.

    Attributes:
        reference: the solution. It is shown as it stands in the file, so it reads like the formula.
        mistakes: typical wrong answers, each a function named after the mistake. An answer that does in every case
            what a mistake does, to the arguments too, is told that mistake's words.
        cases: the arguments of each call; ``[()]`` where the answer is a value instead of a function.
        tolerance: relative error up to which a number counts as right.
        name: the table of its words; the name of the reference where none is given.
    """

    reference: Callable[..., Any]
    mistakes: Sequence[Callable[..., Any]]
    cases: Sequence[tuple[Any, ...]]
    tolerance: float = 1e-6
    name: str = ""
    hints_given: int = 0

    def __post_init__(self) -> None:
        self.name = self.name or self.reference.__name__

    def check(self, answer: object) -> None:
        """Say whether the answer is right; if not, for which input, what was expected, what came, and why.

        Args:
            answer: the learner's function, or value; None, or a function that returns None, is not written yet.
        """
        say(self.verdict(answer)[1])

    def hint(self) -> None:
        """Print the next hint."""
        hints = [key for key in table(f"exercises.{self.name}") if key.startswith("hint_")]
        self.hints_given = min(self.hints_given + 1, len(hints))
        given = text(f"exercises.{self.name}.hint_{self.hints_given}")
        say(text("exercise_frame.hint", number=self.hints_given, all=len(hints), hint=given))

    def solution(self) -> None:
        """Print the reference solution and what it means."""
        say(inspect.getsource(self.reference))
        say(text(f"exercises.{self.name}.right"))

    @np.errstate(under="ignore")
    def verdict(self, answer: object) -> tuple[str, str]:
        """What ``check`` finds, as ("right", "not_yet", a mistake's name or "wrong"; what is said)."""
        function = answer if callable(answer) else lambda *_: answer
        came = [_outcome(function, case) for case in self.cases]
        wanted = [_outcome(self.reference, case) for case in self.cases]
        if any(outcome["returned"] is None and "raised" not in outcome for outcome in came):
            key = "not_yet" if any(self.cases) else "not_yet_value"
            return "not_yet", text(f"exercise_frame.{key}", name=self.name)
        wrong = [i for i, pair in enumerate(zip(came, wanted)) if not self._same(*pair)]
        if not wrong:
            if self._same(came, [_outcome(function, case) for case in self.cases]):
                return "right", text("exercise_frame.right", meaning=text(f"exercises.{self.name}.right"))
            return "unsteady", text("exercise_frame.unsteady")
        first = wrong[0]
        said = self._difference(self.cases[first], wanted[first], came[first])
        for mistake in self.mistakes:
            if self._same(came, [_outcome(mistake, case) for case in self.cases]):
                return mistake.__name__, f"{said}\n{text(f'exercises.{self.name}.{mistake.__name__}')}"
        return "wrong", f"{said}\n{text('exercise_frame.again', name=self.name)}"

    def _difference(self, case: tuple[Any, ...], wanted: Mapping[str, Any], came: Mapping[str, Any]) -> str:
        """Which input, what was expected, what came."""
        names = inspect.signature(self.reference).parameters
        said = {"input": "\n".join(f"    {name} = {_shortened(value)}" for name, value in zip(names, case))}
        said["expected"] = _shortened(wanted["returned"])
        frame = "difference" if case else "value"
        if "raised" in came:
            return text("exercise_frame.raised", **said, error=came["raised"])
        if self._same(came["returned"], wanted["returned"]):  # then an argument is no longer what it was
            return text("exercise_frame.changed", **said)
        return text(f"exercise_frame.{frame}", **said, came=_shortened(came["returned"]))

    def _same(self, one: Any, other: Any) -> bool:
        """Equal in structure, shapes and, within the tolerance, numbers."""
        if isinstance(one, Mapping) and isinstance(other, Mapping):
            return one.keys() == other.keys() and all(self._same(one[key], other[key]) for key in one)
        if isinstance(one, tuple | list) and isinstance(other, tuple | list):
            return len(one) == len(other) and all(self._same(*pair) for pair in zip(one, other))
        try:
            a, b = np.asarray(one), np.asarray(other)
            if not {a.dtype.kind, b.dtype.kind} <= set("fiu"):
                return bool(a.shape == b.shape and np.all(a == b))
        except (TypeError, ValueError):  # nothing that has numbers
            return False
        return a.shape == b.shape and np.allclose(a, b, rtol=self.tolerance, atol=1e-9 * self.tolerance, equal_nan=True)


def _outcome(function: Callable[..., Any], case: tuple[Any, ...]) -> dict[str, Any]:
    """What a call returns and what it leaves of its arguments; or the error that it ends in, in words."""
    arguments = copy.deepcopy(case)
    try:
        with np.errstate(all="ignore"):
            return {"returned": function(*arguments), "arguments": arguments}
    except Exception as error:  # the learner's own: it is said, whatever it is
        return {"returned": None, "raised": f"{type(error).__name__}: {error}"}


def _shortened(value: Any) -> str:
    """A value short enough to read: four digits, and of a large array its shape and first numbers."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key!r}: {_shortened(each)}" for key, each in value.items()) + "}"
    if isinstance(value, tuple | list):
        return "(" + ", ".join(_shortened(each) for each in value) + ")"
    if isinstance(value, float | int | np.number) and not isinstance(value, bool):
        return f"{value:.4g}"
    if isinstance(value, np.ndarray) and value.dtype.kind in "fiu":
        numbers = ", ".join(f"{number:.4g}" for number in value.ravel()[:ENOUGH])
        return text("exercise_frame.array", shape=value.shape, numbers=numbers + (", …" if value.size > ENOUGH else ""))
    return repr(value)
