"""What every exercise has: a check that names the mistake, hints one at a time, and a solution on request."""

import ast
import contextlib
import functools
import inspect
import itertools
import tomllib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from rnnlib.exercises.calls import Outcome, numbers, outcomes
from rnnlib.locale import names, say, table, text

MISTAKES = tomllib.loads(Path(__file__).with_name("mistakes.toml").read_text(encoding="utf-8"))
ENOUGH = 8  # numbers shown of an array
SINGLE = 1e-5  # float32 holds seven digits; a few are lost on the way
NEARLY = 1e-3  # an error that is one of digits, not of the formula


@dataclass
class Exercise:
    """An exercise; its words are in the table [exercises.<name>] of the locale.

    The words are ``right`` (what it means), ``hint_1``, ``hint_2``, … and one entry for each mistake, by its name. An
    answer that does in every case what a mistake does, to the arguments too, is told the mistake's words.

    Attributes:
        reference: the solution. It is shown as it stands in the file, so it reads like the formula, and it returns what
            has a name: by these names the reader is told which arrays are right.
        cases: the arguments of each call; ``[()]`` where the answer is a value instead of a function.
        tolerance: the largest error that counts as right, relative to the largest number of the array; ``SINGLE``
            where it is smaller and the answer is float32.
        name: of the tables of its words and its mistakes; the name of the reference where none is given.
        words: where answers are words, the table that says them as the reader sees them, by the reference's own.
    """

    reference: Callable[..., Any]
    cases: Sequence[tuple[Any, ...]]
    tolerance: float = 1e-6
    name: str = ""
    words: str = ""
    hints_given: int = 0

    def __post_init__(self) -> None:
        self.name = self.name or self.reference.__name__

    @functools.cached_property
    def mistakes(self) -> list[Callable[..., Any]]:
        """Typical wrong answers, named after the mistake: the solution with its lines changed as mistakes.toml says."""
        return [changed(self.reference, name, *change) for name, change in MISTAKES.get(self.name, {}).items()]

    def check(self, answer: object) -> None:
        """Say whether the answer is right; if not, for which input, what was expected, what came, and why.

        Args:
            answer: the learner's function, or value; None, or a function that returns None, is not written yet.
        """
        say(self.verdict(answer)[1])

    def hint(self) -> None:
        """Print the next hint."""
        hints = [key for key in names(f"exercises.{self.name}") if key.startswith("hint_")]
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

    @np.errstate(all="ignore")
    def judge(self, ask: Callable[[], Sequence[Outcome]]) -> tuple[str, str]:
        """Judge an answer by what it did; it may have run elsewhere, in another process.

        Args:
            ask: gives the answer's outcome in each case, arrays as they are or as lists; a right answer is asked again.

        Returns:
            ("right", "not_yet", "unsteady", a mistake's name, "swapped", "nearly" or "wrong"; what is said).
        """
        came, wanted = ask(), outcomes(self.reference, self.cases)
        if any(outcome["returned"] is None and "raised" not in outcome for outcome in came):
            key = "not_yet" if any(self.cases) else "not_yet_value"
            return "not_yet", text(f"exercise_frame.{key}", name=self.name)
        if self._same(came, wanted):
            if self._same(ask(), wanted):
                return "right", text("exercise_frame.right", meaning=text(f"exercises.{self.name}.right"))
            return "unsteady", text("exercise_frame.unsteady")
        first = next(i for i, outcome in enumerate(came) if not self._same(outcome, wanted[i]))
        said = self._difference(self.cases[first], wanted[first], came[first])
        for mistake in self.mistakes:
            if self._same(came, outcomes(mistake, self.cases)):
                return mistake.__name__, f"{said}\n{text(f'exercises.{self.name}.{mistake.__name__}')}"
        if self._swapped(came, wanted):
            return "swapped", f"{said}\n{text('exercise_frame.swapped', names=', '.join(self._returned()))}"
        if self._same(came, wanted, NEARLY):
            return "nearly", f"{said}\n{text('exercise_frame.nearly')}"
        return "wrong", f"{said}\n{text('exercise_frame.again', name=self.name)}"

    def _difference(self, case: tuple[Any, ...], wanted: Outcome, came: Outcome) -> str:
        """Which input, which parts are right, and of the first that is not its shape, what was expected, what came."""
        names = inspect.signature(self.reference).parameters
        said = {"input": "\n".join(f"    {name} = {_shortened(value)}" for name, value in zip(names, case))}
        if "raised" in came:
            return text("exercise_frame.raised", **said, expected=_shortened(wanted["returned"]), error=came["raised"])
        if self._same(came["returned"], wanted["returned"]):  # then an argument is no longer what it was
            return text("exercise_frame.changed", **said)
        parts, one, other = self._first_wrong(wanted["returned"], came["returned"])
        if not case:
            return " ".join([text("exercise_frame.value", came=_shortened(came["returned"])), *parts[:1]])
        lines = [text("exercise_frame.input", **said), *parts, *_apart(one, other)]
        return "\n".join(lines)

    def _first_wrong(self, wanted: Any, came: Any) -> tuple[list[str], Any, Any]:
        """Where several are wanted: which are right, and the first that is not; what was wanted of it, what came."""
        if isinstance(wanted, tuple):
            if not _several(came) or len(came) != len(wanted):
                return [text("exercise_frame.count", names=", ".join(self._returned()))], wanted, came
            wanted, came = (dict(zip(self._returned(), parts)) for parts in (wanted, came))
        if not isinstance(wanted, dict) or not isinstance(came, dict):
            return [], wanted, came
        own = {self._word(name): name for name in wanted}
        came = {own.get(self._word(key), key): each for key, each in came.items()}
        right = [name for name in wanted if name in came and self._same(came[name], wanted[name])]
        wrong = [name for name in wanted | came if name not in right]
        key = "parts" if right else "no_part"
        said = text(f"exercise_frame.{key}", right=", ".join(right), wrong=", ".join(wrong))
        return [said, f"{wrong[0]}:"], wanted.get(wrong[0]), came.get(wrong[0])

    def _returned(self) -> list[str]:
        """The names of what the solution returns."""
        function = ast.parse(inspect.getsource(self.reference)).body[0]
        return [ast.unparse(part) for part in function.body[-1].value.elts]  # type: ignore[attr-defined]

    def _swapped(self, came: Sequence[Outcome], wanted: Sequence[Outcome]) -> bool:
        """Several are returned, all of them right, in another order."""
        found, right = ([outcome["returned"] for outcome in each] for each in (came, wanted))
        if not isinstance(right[0], tuple) or not all(_several(each) and len(each) == len(right[0]) for each in found):
            return False
        orders = itertools.islice(itertools.permutations(range(len(right[0]))), 1, None)  # without that which is wanted
        return any(self._same([[each[i] for i in order] for each in found], right) for order in orders)

    def _same(self, came: Any, wanted: Any, tolerance: float = 0) -> bool:
        """Equal in structure, shapes and, within the tolerance, numbers; an array of one is a number."""
        if isinstance(wanted, dict):
            if not isinstance(came, dict):
                return False
            came, wanted = ({self._word(key): each for key, each in answer.items()} for answer in (came, wanted))
            return came.keys() == wanted.keys() and all(self._same(came[key], wanted[key], tolerance) for key in wanted)
        if isinstance(wanted, tuple | list):
            pairs = zip(came, wanted) if _several(came) and len(came) == len(wanted) else [(None, 0)]
            return all(self._same(one, other, tolerance) for one, other in pairs)
        try:
            a, b = numbers(came), numbers(wanted)
        except (TypeError, ValueError):  # words, or nothing that has numbers
            both = isinstance(came, str) and isinstance(wanted, str)
            return came is wanted or (both and bool(self._word(came) == self._word(wanted)))
        a = a.reshape(()) if a.size == 1 and not b.ndim else a
        allowed = max(self.tolerance, tolerance, SINGLE if a.dtype == np.float32 else 0)
        atol = allowed * np.abs(b[np.isfinite(b)]).max(initial=0) + 1e-15
        return a.shape == b.shape and np.allclose(a, b, rtol=0, atol=atol, equal_nan=True)

    def _word(self, said: Any) -> Any:
        """A word of the answer without what makes no difference: capitals, spaces, the language."""
        if not self.words or not isinstance(said, str):
            return said
        own = {shown.casefold(): key.replace("_", " ") for key, shown in table(self.words).items()}
        said = " ".join(said.casefold().replace("_", " ").split())
        return own.get(said, said)


def changed(reference: Callable[..., Any], name: str, *change: str) -> Callable[..., Any]:
    """The reference with other words in its lines: what stands there and what takes its place, in turn."""
    *head, lines = inspect.getsource(reference).rpartition('"""\n')
    for old, new in zip(change[::2], change[1::2]):
        lines = lines.replace(old, new)
    scope = dict(reference.__globals__)
    exec("".join([*head, lines]), scope)
    scope[reference.__name__].__name__ = name
    return scope[reference.__name__]


def _several(value: Any) -> bool:
    return isinstance(value, tuple | list) or (isinstance(value, np.ndarray) and value.ndim > 0)


def _apart(wanted: Any, came: Any) -> list[str]:
    """Two values that differ: their shapes, if these do; then both, from where and with as many digits as shows it."""
    lines, furthest = [], 0
    with contextlib.suppress(TypeError, ValueError):  # where there are no numbers
        one, other = numbers(wanted), numbers(came)
        if one.shape == other.shape:
            furthest = int(np.argmax(np.abs(one - other)))
        elif not isinstance(wanted, tuple) and (one.ndim or other.size != 1):
            shapes = [each.shape or text("exercise_frame.number") for each in (one, other)]
            lines = [text("exercise_frame.shape", wanted=shapes[0], came=shapes[1])]
    for digits, start in itertools.product((4, 8, 17), (0, furthest)):
        shown = [_shortened(value, digits, start) for value in (wanted, came)]
        if shown[0] != shown[1]:
            break
    return [*lines, text("exercise_frame.numbers", expected=shown[0], came=shown[1])]


def _shortened(value: Any, digits: int = 4, start: int = 0) -> str:
    """A value short enough to read: so many digits, and of a large array its shape and its numbers from start on."""
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key!r}: {_shortened(each, digits)}" for key, each in value.items()) + "}"
    if isinstance(value, tuple | list):
        return "(" + ", ".join(_shortened(each, digits) for each in value) + ")"
    if isinstance(value, float | int | np.number) and not isinstance(value, bool):
        return f"{value:.{digits}g}"
    if isinstance(value, np.ndarray) and value.dtype.kind in "fiu":
        shown = [f"{number:.{digits}g}" for number in value.ravel()[start : start + ENOUGH]]
        shown = ["…"] * (start > 0) + shown + ["…"] * (value.size > start + ENOUGH)
        return text("exercise_frame.array", shape=value.shape, numbers=", ".join(shown))
    return repr(value)
