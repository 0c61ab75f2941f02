"""Every exercise: the solution passes, what is not written is told so, each typical mistake is caught and named."""

import numpy as np
import pytest

import rnnlib
from rnnlib import exercises
from rnnlib.exercises.exercise import Exercise
from rnnlib.locale import table, text

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
    double = Exercise("half_life", lambda x, y: 2 * x, [], [(3.0, 1), (np.arange(20), 1)])
    double.check(lambda x, y: 2.0 * x if x is not None and np.ndim(x) == 0 else x)
    said = capsys.readouterr().out
    assert "x = array of shape (20,): 0, 1, 2, 3, 4, 5, 6, 7, …\n    y = 1" in said
    assert "expected: array of shape (20,): 0, 2, 4, 6, 8, 10, 12, 14, …" in said
    assert "came:     array of shape (20,): 0, 1, 2, 3, 4, 5, 6, 7, …" in said


def test_an_unforeseen_change_of_an_argument_is_said():
    def keep(x):
        return 2 * x

    def change(x):
        x *= 2
        return x

    kind, said = Exercise("half_life", keep, [], [(np.ones(2),)]).verdict(change)
    assert kind == "wrong"
    assert said.startswith("The numbers are right, but the call changed this input:\n    x = array")


def test_what_is_kept_between_calls_is_noticed():
    kept = []

    def one_more(x):
        kept.append(x)
        return 2 * x + (len(kept) > 1)

    assert Exercise("half_life", lambda x: 2 * x, [], [(1.0,)]).verdict(one_more)[0] == "unsteady"


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
