"""Every exercise: the solution passes, what is not written is told so, each typical mistake is caught and named."""

import copy
import functools
import inspect
import itertools

import numpy as np
import pytest

import rnnlib
from rnnlib import exercises
from rnnlib.exercises import exercise as frame
from rnnlib.exercises.exercise import changed
from rnnlib.exercises.trajectories import paths
from rnnlib.locale import table, text


def Exercise(reference, cases):
    """An exercise that borrows the words of another, and has no mistakes."""
    exercise = frame.Exercise(reference, cases, name="half_life")
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
        assert hint in capsys.readouterr().out


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
    few_digits = {"relu_critical_scale": 0.0035, "memory_curve": 0.03}  # typed by hand; fair ways differ
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


def rows(said):
    return said.splitlines()


def backward_step_with(**wrong):
    names = ("dW_xh", "dW_hh", "db_h", "dh_prev")

    def answer(*given):
        right = dict(zip(names, ALL["backward_step"].reference(*given)))
        return tuple(wrong[name](right[name]) if name in wrong else right[name] for name in names)

    return ALL["backward_step"].verdict(answer)


def test_of_several_arrays_it_is_told_which_are_right():
    kind, said = backward_step_with(dW_hh=lambda d: 3 * d)
    assert kind == "wrong"
    after = rows(said)[rows(said).index("dW_xh, db_h, dh_prev right; dW_hh not.") + 1 :]
    assert after[0] == "dW_hh:"
    assert [line.split(":")[0] for line in after[1:3]] == ["expected", "came"]
    assert "db_h, dh_prev right; dW_xh, dW_hh not." in rows(
        backward_step_with(dW_hh=lambda d: -d, dW_xh=lambda d: 2 * d)[1]
    )


def test_where_none_is_right_all_are_named():
    every = dict.fromkeys(("dW_xh", "dW_hh", "db_h", "dh_prev"), lambda d: d + 1)
    assert "Not right: dW_xh, dW_hh, db_h, dh_prev." in rows(backward_step_with(**every)[1])


@pytest.mark.parametrize(
    ("change", "shape"),
    [
        (lambda d: d.T, "Shape: (2, 3) wanted, (3, 2) came."),
        (lambda d: d[0], "Shape: (2, 3) wanted, (3,) came."),
        (lambda d: d[0, 0], "Shape: (2, 3) wanted, a number came."),
    ],
)
def test_shapes_come_first_where_they_differ(change, shape):
    said = rows(backward_step_with(dW_xh=change)[1])
    assert said[said.index("dW_xh:") + 1] == shape


def test_a_number_that_is_wanted_has_no_shape_and_an_array_of_one_is_a_number():
    assert "Shape: a number wanted, (2,) came." in rows(ALL["half_life"].verdict(lambda n: np.ones(2))[1])
    assert "Shape" not in ALL["half_life"].verdict(lambda n: np.ones(1))[1]


@pytest.mark.parametrize("came", [lambda d: d[:3], lambda d: d[0], lambda d: [*d, d[0]], lambda d: 3.0])
def test_one_too_few_or_too_many_is_told_what_is_wanted(came):
    reference = ALL["backward_step"].reference
    kind, said = ALL["backward_step"].verdict(lambda *given: came(reference(*given)))
    assert kind == "wrong"
    assert "Wanted are dW_xh, dW_hh, db_h, dh_prev, in this order." in rows(said)
    assert "Shape" not in said
    assert "expected: (array of shape (2, 3): " in said


def test_one_of_two_arrays_of_one_shape_is_told_what_is_wanted():
    said = ALL["lstm_step"].verdict(lambda *given: ALL["lstm_step"].reference(*given)[0])[1]
    assert "Wanted are h_t, c_t, in this order." in rows(said)
    assert "Shape" not in said


@pytest.mark.parametrize("name", ["backward_step", "bptt", "clip_by_norm", "lstm_step", "multiplier"])
def test_right_arrays_in_another_order_are_told_so(name):
    exercise = ALL[name]
    several = len(exercise.reference(*copy.deepcopy(exercise.cases[0])))
    for order in itertools.permutations(range(several)):
        kind, said = exercise.verdict(lambda *given, order=order: [exercise.reference(*given)[i] for i in order])
        assert kind == ("right" if list(order) == sorted(order) else "swapped")
        assert kind == "right" or rows(said)[-1].endswith(f"Return {', '.join(exercise._returned())}.")


def test_right_arrays_and_a_changed_argument_are_not_in_another_order():
    def zeroed(dh_t, *rest):
        back = ALL["backward_step"].reference(dh_t, *rest)
        dh_t[...] = 0
        return back

    kind, said = ALL["backward_step"].verdict(zeroed)
    assert kind == "wrong"
    assert said.startswith("The numbers are right, but the call changed this input")


def test_the_exercises_that_return_several_are_those():
    several = [name for name, e in ALL.items() if isinstance(e.reference(*copy.deepcopy(e.cases[0])), tuple)]
    assert several == ["backward_step", "bptt", "clip_by_norm", "multiplier", "lstm_step"]


@pytest.mark.parametrize(
    ("error", "dtype", "kind"),
    [
        (3e-6, np.float32, "right"),
        (3e-5, np.float32, "nearly"),
        (3e-6, np.float64, "nearly"),
        (0, np.float16, "nearly"),
        (5e-4, np.float64, "nearly"),
        (5e-3, np.float64, "wrong"),
        (5e-3, np.float32, "wrong"),
    ],
)
def test_digits_are_told_apart_from_mistakes(error, dtype, kind):
    third = Exercise(lambda x: x / 3, [(np.arange(1.0, 5),)])
    found, said = third.verdict(lambda x: (x / 3 * (1 + error)).astype(dtype))
    assert found == kind
    assert (text("exercise_frame.nearly") in said) == (kind == "nearly")


@pytest.mark.parametrize("error", [1e-2, 1e-4, 3e-6])
def test_numbers_are_shown_with_the_digits_in_which_they_differ(error):
    said = Exercise(lambda x: x / 3, [(1.0,)]).verdict(lambda x: x / 3 * (1 + error))[1]
    expected, came = (line.split()[1] for line in rows(said) if line.startswith(("expected", "came")))
    assert expected != came
    assert len(expected) == (10 if error < 1e-5 else 6)


def test_of_a_large_array_those_numbers_are_shown_that_differ():
    def off(x):
        return x + (np.arange(20) == 13)

    said = rows(Exercise(lambda x: 1 * x, [(np.arange(20.0),)]).verdict(off)[1])
    assert "expected: array of shape (20,): …, 13, 14, 15, 16, 17, 18, 19" in said
    assert "came:     array of shape (20,): …, 14, 14, 15, 16, 17, 18, 19" in said


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("odd", [np.nan, np.inf, -np.inf])
def test_what_is_no_number_is_wrong_without_a_warning(exercise, odd):
    def odds(*given):
        right = exercise.reference(*given)
        parts = [np.full(np.shape(part), odd) for part in (right if isinstance(right, tuple) else [right])]
        return tuple(parts) if isinstance(right, tuple) else parts[0]

    assert exercise.verdict(odds)[0] == "wrong"


def test_where_numpy_would_warn_of_a_division_it_stops():
    said = Exercise(lambda x: 0.0, [(np.zeros(2),)]).verdict(lambda x: (1 / x).sum() * 0)[1]
    assert said.startswith("Your code stopped with FloatingPointError: divide by zero")


def test_every_change_of_a_mistake_finds_what_it_changes():
    assert frame.MISTAKES.keys() == ALL.keys()
    for name, mistakes in frame.MISTAKES.items():
        for mistake, change in mistakes.items():
            lines = inspect.getsource(ALL[name].reference).rpartition('"""\n')[2]
            assert len(change) % 2 == 0
            for old, new in zip(change[::2], change[1::2]):
                assert old in lines, (name, mistake, old)
                lines = lines.replace(old, new)


def test_a_change_leaves_the_first_line_and_the_docstring():
    half = changed(ALL["half_life"].reference, "half", "log_norms", "norms", "def", "fed")
    assert half.__name__ == "half"
    with pytest.raises(NameError, match="norms"):
        half(np.arange(3.0))


def test_05_the_multiplier_is_the_jacobian_of_the_package_and_its_bound_the_theorys():
    rnn, rng = rnnlib.RNN(2, 5, "tanh", weight_scale=1.4, rng=3), np.random.default_rng(3)
    h_0, W_hh = rng.uniform(-1, 1, (1, 5)), rnn.params["W_hh"]
    trace = rnn.forward(rng.standard_normal((1, 1, 2)), h_0)
    J_t, bound = ALL["multiplier"].reference(trace.hs[1, 0], W_hh)
    for j in range(5):
        dhs = np.eye(5)[None, j : j + 1]
        np.testing.assert_allclose(rnn.backward(trace, dhs).hs[0, 0], J_t[:, j], rtol=1e-12)
    assert bound == pytest.approx(rnnlib.theory.norm_bound(W_hh, "tanh"), rel=1e-12)
    assert np.linalg.norm(J_t, 2) < bound


@pytest.mark.parametrize("window", [1, 3, 7])
def test_04_truncated_is_the_packages_gradient_over_the_last_window(window):
    rnn, rng = rnnlib.RNN(2, 5, "tanh", rng=4), np.random.default_rng(4)
    trace = rnn.forward(xs := rng.standard_normal((7, 3, 2)), rng.uniform(-1, 1, (3, 5)))
    dhs = np.zeros((window, 3, 5))
    dhs[-1] = rng.standard_normal((3, 5))
    wanted = rnn.backward(rnn.forward(xs[-window:], trace.hs[-window - 1]), dhs).params["W_hh"]
    came = ALL["truncated"].reference(dhs[-1], trace.hs, rnn.params["W_hh"], window)
    np.testing.assert_allclose(came, wanted, rtol=1e-11, atol=1e-14)


def test_03_the_paths_are_a_point_a_closed_curve_and_chaos():
    """What is asked of them, in numbers, with room for another processor's rounding."""
    moves = {name: np.linalg.norm(np.diff(hs, axis=0), axis=1) for name, hs in paths.items()}
    back = {name: np.linalg.norm(hs[75:-9] - hs[-1], axis=1).min() for name, hs in paths.items()}  # as hint 3 has it
    assert moves["B"][-1] < 1e-6 < moves["B"][50] < moves["B"][20]
    assert moves["C"][75:].min() > 0.1
    assert back["C"] < 0.1 < 2 < back["A"]
    assert moves["A"].min() > 1
    turns = paths["C"][75:] - paths["C"][75:].mean(axis=0)
    shares = np.linalg.svd(turns, compute_uv=False) ** 2
    assert shares[:2].sum() > 0.97 * shares.sum()  # it lies in a plane, so its picture shows it
    angle = np.unwrap(np.angle((turns @ np.linalg.svd(turns)[2][:2].T) @ [1, 1j]))
    assert abs(angle[-1] - angle[0]) > 2 * 2 * np.pi  # more than two whole turns in 75 steps
    assert (np.diff(angle) > 0).all() or (np.diff(angle) < 0).all()  # in one direction


@pytest.mark.parametrize(("name", "grows"), [("A", True), ("B", False), ("C", False)])
def test_03_of_the_paths_only_chaos_makes_a_small_difference_large(name, grows):
    scale = {"A": 2.0, "B": 0.85, "C": 1.2}[name]
    rnn = rnnlib.RNN(1, 32, weight_scale=scale, rng=137)
    other = rnn.forward(np.zeros((150, 1, 1)), paths[name][:1] + 1e-9).hs[:, 0]
    gap = np.linalg.norm(other - paths[name], axis=1)
    assert (gap[-1] > 1000 * gap[0]) == grows
