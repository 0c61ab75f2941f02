"""Every exercise: the solution passes, what is not written is told so, each typical mistake is caught and named."""

import copy
import functools

import numpy as np
import pytest

import rnnlib
from rnnlib import exercises
from rnnlib.exercises.exercise import Exercise as Whole
from rnnlib.locale import table, text


def Exercise(reference, cases):
    """An exercise that borrows the words of another, and has no mistakes."""
    exercise = Whole(reference, cases, name="half_life")
    exercise.mistakes = []
    return exercise


ALL = {name: getattr(exercises, name) for name in exercises.__all__}
MISTAKES = [(exercise, mistake) for exercise in ALL.values() for mistake in exercise.mistakes]


@pytest.fixture(params=ALL.values(), ids=ALL)
def exercise(request):
    return request.param


def test_it_is_found_by_the_name_of_its_words():
    assert [exercise.name for exercise in ALL.values()] == list(ALL)


def test_the_reference_passes(exercise):
    kind, said = exercise.verdict(exercise.reference)
    assert kind == "right"
    assert text(f"exercises.{exercise.name}.right") in said


@pytest.mark.parametrize(("exercise", "mistake"), MISTAKES, ids=[f"{e.name}-{m.__name__}" for e, m in MISTAKES])
def test_each_mistake_is_caught_and_named(exercise, mistake):
    kind, said = exercise.verdict(mistake)
    assert kind == mistake.__name__
    assert said.endswith(text(f"exercises.{exercise.name}.{mistake.__name__}"))


def test_its_words_are_all_used(exercise):
    hints = [
        f"hint_{1 + i}" for i in range(sum(key.startswith("hint_") for key in table(f"exercises.{exercise.name}")))
    ]
    assert hints
    expected = {"right", *hints, *(mistake.__name__ for mistake in exercise.mistakes)}
    assert set(table(f"exercises.{exercise.name}")) == expected


@pytest.mark.parametrize("unwritten", [None, lambda *args: None], ids=["none", "function"])
def test_what_is_not_written_yet_is_told_so(exercise, unwritten):
    words = "not_yet_value" if exercise.cases == [()] else "not_yet"
    assert exercise.verdict(unwritten) == ("not_yet", text(f"exercise_frame.{words}", name=exercise.name))


def raises(*args):
    raise RuntimeError("my own mistake")


@pytest.mark.parametrize("answer", ["a word", object(), np.ones((2, 3)), {"a": [1, None]}, np.nan, raises, int])
def test_nonsense_is_wrong_and_never_a_traceback(exercise, answer):
    function = answer if callable(answer) else lambda *args: answer
    assert exercise.verdict(function)[0] == "wrong"


def test_an_error_in_the_answer_is_said(exercise):
    assert "RuntimeError: my own mistake" in exercise.verdict(raises)[1]


def test_hints_come_one_at_a_time_and_the_last_one_stays(exercise, capsys):
    exercise.hints_given = 0
    hints = [words for key, words in table(f"exercises.{exercise.name}").items() if key.startswith("hint_")]
    for hint in [*hints, hints[-1]]:
        exercise.hint()
        assert hint.format() in capsys.readouterr().out


def test_the_solution_is_code_and_its_meaning(exercise, capsys):
    exercise.solution()
    printed = capsys.readouterr().out
    assert printed.startswith(f"def {exercise.reference.__name__}(")
    assert text(f"exercises.{exercise.name}.right") in printed


def test_a_wrong_answer_is_told_input_expected_and_came(capsys):
    double = Exercise(lambda x, y: 2 * x, [(3.0, 1), (np.arange(20), 1)])
    double.check(lambda x, y: 2.0 * x if x is not None and np.ndim(x) == 0 else x)
    said = capsys.readouterr().out
    assert "x = array of shape (20,): 0, 1, 2, 3, 4, 5, 6, 7, …\n    y = 1" in said
    assert "expected: array of shape (20,): 0, 2, 4, 6, 8, 10, 12, 14, …" in said
    assert "came:     array of shape (20,): 0, 1, 2, 3, 4, 5, 6, 7, …" in said


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (1 / 3, "0.3333"),
        (True, "True"),
        ("none", "'none'"),
        ((1, 2.0), "(1, 2)"),
        ([0.5, "a"], "(0.5, 'a')"),
        ({"W_hh": 1, "b_h": (2,)}, "{'W_hh': 1, 'b_h': (2)}"),
        (np.arange(8), "array of shape (8,): 0, 1, 2, 3, 4, 5, 6, 7"),
        (np.arange(9.0).reshape(3, 3), "array of shape (3, 3): 0, 1, 2, 3, 4, 5, 6, 7, …"),
        (np.array(["a"]), repr(np.array(["a"]))),
    ],
    ids=repr,
)
def test_values_are_said_shortly(value, words):
    said = Exercise(lambda x: 7.0, [(0,)]).verdict(lambda x: value)[1]
    assert f"came:     {words}\n" in said


def test_no_hint_is_given_before_it_is_asked_for(capsys):
    fresh = Exercise(ALL["half_life"].reference, [(1.0,)])
    fresh.hint()
    assert capsys.readouterr().out.startswith(text("exercise_frame.hint", number=1, all=3, hint="")[:10])
    assert fresh.hints_given == 1


def test_an_unforeseen_change_of_an_argument_is_said():
    def keep(x):
        return 2 * x

    def change(x):
        x *= 2
        return x

    kind, said = Exercise(keep, [(np.ones(2),)]).verdict(change)
    assert kind == "wrong"
    assert said.startswith("The numbers are right, but the call changed this input, and the caller still holds it")


def test_what_is_kept_between_calls_is_noticed():
    kept = []

    def one_more(x):
        kept.append(x)
        return 2 * x + (len(kept) > 1)

    assert Exercise(lambda x: 2 * x, [(1.0,)]).verdict(one_more)[0] == "unsteady"


def scaled(value, factor, place):
    """The value with the numbers of one of its parts scaled; and which place is the next."""
    if isinstance(value, dict):
        parts = []
        for part in value.values():
            part, place = scaled(part, factor, place)
            parts.append(part)
        return dict(zip(value, parts)), place
    if isinstance(value, tuple):
        parts, place = scaled(dict(enumerate(value)), factor, place)
        return tuple(parts.values()), place
    return (value * factor if place == 0 and not isinstance(value, str) else value), place - 1


def nearly(exercise, factor, place, *case):
    return scaled(exercise.reference(*case), factor, place)[0]


@pytest.mark.parametrize(
    "name", [name for name in ALL if name not in ("three_bugs", "trajectories")]
)  # whose answer has no numbers
def test_every_part_of_an_answer_is_wrong_by_1e_4_and_right_by_1e_9(name):
    exercise = ALL[name]
    few_digits = {"relu_critical_scale": 0.0035}  # a number typed by hand: 1.41 is what √2 is known as
    tolerance = few_digits.get(name, 1e-6)
    assert exercise.tolerance == tolerance
    first = exercise.reference(*copy.deepcopy(exercise.cases[0]))
    parts = -scaled(first, 1, 0)[1]
    for place in range(parts):
        for error in (1e-9, 0.5 * tolerance, -0.5 * tolerance, 2 * tolerance, -2 * tolerance, 100 * tolerance, 1e-4):
            off = functools.partial(nearly, exercise, 1 + error, place)
            verdict = exercise.verdict(off)[0]
            assert (verdict == "right") == (abs(error) < tolerance), (place, error)


def test_a_part_near_0_is_wrong_too():
    doubled = Exercise(lambda x: 0 * x, [(1.0,)])
    assert [doubled.verdict(lambda x, e=e: e)[0] for e in (0.0, 1e-16, 1e-14, -1e-14)] == ["right", "right"] + [
        "wrong"
    ] * 2


def test_numpy_that_raises_all_changes_no_verdict(exercise):
    tiny = Exercise(lambda x: x**2, [(1e-200,), (np.array([1e-155, 1e-160]),)])
    with np.errstate(all="raise"):
        assert exercise.verdict(exercise.reference)[0] == "right"
        assert tiny.verdict(tiny.reference)[0] == "right"


def test_a_value_is_right_within_its_tolerance():
    assert [ALL["relu_critical_scale"].verdict(value)[0] for value in (1.41, 1.4142, 1.5)] == [
        "right",
        "right",
        "wrong",
    ]


def test_the_package_solves_its_own_exercise():
    assert ALL["clip_by_norm"].verdict(rnnlib.clip_by_norm)[0] == "right"


@pytest.mark.parametrize("kept", [1, 3, 5])
def test_a_line_of_units_that_hand_on_what_they_hold_remembers_exactly_as_many_steps(kept):
    """Unit j is x_{t-j}: k = 1 … H−1 can be read, and nothing before."""
    rnn, xs = rnnlib.RNN(1, kept + 1, "identity"), np.random.default_rng(2).standard_normal(4000)
    rnn.params.update(W_xh=np.eye(1, kept + 1), W_hh=np.eye(kept + 1, k=1))
    curve = ALL["memory_curve"].reference(rnn.forward(xs[:, None, None]).hs[1:, 0], xs, 10)
    np.testing.assert_allclose(curve[:kept], 1)
    assert curve[kept:].max() < 0.01
