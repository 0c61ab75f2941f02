"""What every exercise has: a check that names the mistake, hints one at a time, and a solution on request."""

import builtins
import copy
import functools
import inspect
import json
import sys
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Self

import numpy as np

from rnnlib.locale import say, table, text

Outcome = dict[str, Any]
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

    @classmethod
    def of(cls, reference: Callable[..., Any], cases: Sequence[tuple[Any, ...]], **more: Any) -> Self:
        """The exercise whose mistakes stand beside its solution: every function of the file but those named _…."""
        file = vars(sys.modules[reference.__module__]).values()
        own = [each for each in file if inspect.isfunction(each) and each.__module__ == reference.__module__]
        mistakes = [each for each in own if each is not reference and not each.__name__.startswith("_")]
        return cls(reference, mistakes, cases, **more)

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

    def verdict(self, answer: object) -> tuple[str, str]:
        """What ``check`` finds: see ``judge``."""
        function = answer if callable(answer) else lambda *_: answer
        return self.judge(lambda: outcomes(function, self.cases))

    @np.errstate(under="ignore")
    def judge(self, ask: Callable[[], Sequence[Outcome]]) -> tuple[str, str]:
        """Judge an answer by what it did; it may have run elsewhere, in another process.

        Args:
            ask: gives the answer's outcome in each case, arrays as they are or as lists; a right answer is asked again.

        Returns:
            ("right", "not_yet", "unsteady", a mistake's name or "wrong"; what is said).
        """
        came, wanted = ask(), outcomes(self.reference, self.cases)
        if any(outcome["returned"] is None and "raised" not in outcome for outcome in came):
            key = "not_yet" if any(self.cases) else "not_yet_value"
            return "not_yet", text(f"exercise_frame.{key}", name=self.name)
        if self._same(came, wanted):
            if self._same(came, ask()):
                return "right", text("exercise_frame.right", meaning=text(f"exercises.{self.name}.right"))
            return "unsteady", text("exercise_frame.unsteady")
        first = next(pair for pair in zip(self.cases, wanted, came, strict=True) if not self._same(*pair[1:]))
        said = self._difference(*first)
        for mistake in self.mistakes:
            if self._same(came, outcomes(mistake, self.cases)):
                return mistake.__name__, f"{said}\n{text(f'exercises.{self.name}.{mistake.__name__}')}"
        return "wrong", f"{said}\n{text('exercise_frame.again', name=self.name)}"

    def _difference(self, case: tuple[Any, ...], wanted: Outcome, came: Outcome) -> str:
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


def outcomes(function: Callable[..., Any], cases: Sequence[tuple[Any, ...]]) -> list[Outcome]:
    """For each case what the call returns and what it leaves of its arguments; or the error it ends in, in words."""
    found: list[Outcome] = []
    for case in cases:
        arguments = copy.deepcopy(case)
        try:
            with np.errstate(all="ignore"):
                found.append({"returned": function(*arguments), "arguments": arguments})
        except Exception as error:  # the learner's own: it is said, whatever it is
            found.append({"returned": None, "raised": f"{type(error).__name__}: {error}"})
    return found


def collect(exercises: Any) -> None:
    """Get a kernel ready whose answers are judged elsewhere (``rnnlib.exercises.__main__``): ``__came__()`` tells them.

    A cell's ``exercises.step.check(…)`` is to be written ``__check_step__(…)``: it keeps the outcomes of two rounds.
    """
    cases = {name: copy.deepcopy(getattr(exercises, name).cases) for name in exercises.__all__}
    came: dict[str, str] = {}

    def plain(value: object) -> object:
        array = np.asarray(value)
        return array.astype(float).tolist() if array.dtype.kind in "biuf" else repr(type(value))

    def check(name: str, answer: object) -> None:
        function = answer if callable(answer) else lambda *_: answer
        rounds = [outcomes(function, cases[name]) for _ in range(2)]
        came[name] = json.dumps(rounds, default=plain, skipkeys=True)[:1_000_000]  # what is longer is wrong

    checks = {f"__check_{name}__": functools.partial(check, name) for name in cases}
    vars(builtins).update(checks, __came__=lambda: json.dumps(came))


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
