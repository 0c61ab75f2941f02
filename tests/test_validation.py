"""Bad input to any public name of the core: an error that names the argument, what came and what was wanted."""

import re

import numpy as np
import pytest
from reference import build

from rnnlib import GRU, LSTM, RNN, theory, validation
from rnnlib.activations import ACTIVATIONS
from rnnlib.gradients import clip_by_norm, log_gradient_norms, numerical_gradient

GOOD = {
    "(T, B, 3)": np.ones((5, 2, 3)),
    "(5, 2, 4)": np.ones((5, 2, 4)),
    "(2, 4)": np.ones((2, 4)),
    "(H, H)": np.eye(2),
}


def spoilt(array, value):
    """A copy whose last number is this."""
    array = array.copy()
    array[(-1,) * array.ndim] = value
    return array


def bad_arrays(wanted, none=True):
    """(bad value, error, message without the name): everything that is not a finite array of this shape."""
    good, real = GOOD[wanted], f"expected an array of real numbers {wanted}, got"
    last = tuple(n - 1 for n in good.shape)
    shapes = [good[None], good[0], good[:0], np.ones((*good.shape[:-1], 0)), np.float64(1), []]
    return [
        *((each, ValueError, f"expected {wanted}, got {np.shape(each)}") for each in shapes),
        *(
            (
                spoilt(good, x),
                ValueError,
                f"expected finite numbers, got {x} at index {last}, which is not a finite number",
            )
            for x in (np.nan, np.inf, -np.inf)
        ),
        ([[1.0], [1.0, 2.0]], ValueError, "expected an array of real numbers, got rows of unequal length"),
        ("text", TypeError, f"{real} str of <U4 ()"),
        *(
            (good.astype(t), TypeError, f"{real} ndarray of {np.dtype(t)} {good.shape}")
            for t in (complex, object, bool)
        ),
        *([(None, TypeError, f"{real} None")] if none else []),
    ]


NUMBERS = [
    (np.nan, ValueError, "expected a finite number, got nan"),
    (-np.inf, ValueError, "expected a finite number, got -inf"),
    (10**400, ValueError, f"expected a finite number, got {10**400}"),
    *((x, TypeError, f"expected a number, got {x!r}") for x in (None, "1", True, np.True_, 1j, [1.0], np.ones(2))),
]
NOT_NEGATIVE = [*NUMBERS, (-0.1, ValueError, "expected a number of at least 0, got -0.1")]
POSITIVE = [*NUMBERS, *((x, ValueError, f"expected a number above 0, got {x}") for x in (0.0, -1))]
SIZES = [
    *((x, ValueError, f"expected a whole number of at least 1, got {x}") for x in (0, -3)),
    *((x, TypeError, f"expected a whole number, got {x!r}") for x in (None, 2.0, "4", True, [4], np.ones(2))),
]
SEEDS = [
    (-1, ValueError, "expected a whole number of at least 0, got -1"),
    *(
        (x, TypeError, f"expected a whole number or a numpy.random.Generator, got {x!r}")
        for x in (None, 1.5, "0", True)
    ),
]
DTYPES = [
    *(
        (x, ValueError, f"expected float64 or float32, got {np.dtype(x)}")
        for x in (np.float16, int, complex, "O", ">f8")
    ),
    *((x, TypeError, f"expected float64 or float32, got {x!r}") for x in ("float13", 1.5, ",")),
    (None, ValueError, "expected float64 or float32, got None"),
]


def names(*options):
    wanted = "expected one of " + ", ".join(map(repr, options))
    return [
        *((x, ValueError, f"{wanted}, got {x!r}") for x in ("Tanh", "")),
        *((x, TypeError, f"{wanted}, got {x!r}") for x in (None, 3, True, ["tanh"], b"tanh")),
    ]


F, BASES = names(*ACTIVATIONS), names("gaussian", "orthogonal", "identity")
SQUARE = [
    *(case for case in bad_arrays("(H, H)") if "got (2,)" not in case[2] or case[1] is TypeError),
    (np.ones((2, 3)), ValueError, "expected (H, H), got (2, 3)"),
]
SCALES = [
    (0.0, ValueError, "expected numbers above 0, got 0"),
    ([1.0, -2.0], ValueError, "expected numbers above 0, got -2"),
    (np.ones((2, 2)), ValueError, "expected (n,), got (2, 2)"),
    ([], ValueError, "expected (n,), got (0,)"),
    ([1, np.nan], ValueError, "expected finite numbers, got nan at index (1,), which is not a finite number"),
    ([[1], [1, 2]], ValueError, "expected an array of real numbers, got rows of unequal length"),
    (True, TypeError, "expected an array of real numbers (), got bool of bool ()"),
    (None, TypeError, "expected an array of real numbers (n,), got None"),
]
ANY = [case for case in bad_arrays("(H, H)") if "unequal" in case[2] or "finite" in case[2]] + [
    (np.ones((0, 2)), ValueError, "expected (1, 2), got (0, 2)"),
    (None, TypeError, "expected an array of real numbers (), got None"),
]
FUNCTIONS = [
    ("gradients", lambda x: clip_by_norm(x, 1.0), [
        (x, TypeError, f"expected a dict of arrays, got {came}")
        for x, came in ((None, "NoneType"), (3, "int"), ("ab", "str"), ([1.0], "float"), (np.ones(2), "float64"))
    ]),
    ("gradients['W']", lambda x: clip_by_norm([{"b": np.ones(2)}, {"W": x}], 1.0), ANY),
    ("max_norm", lambda x: clip_by_norm({"W": np.eye(2)}, x), POSITIVE),
    ("f", lambda x: numerical_gradient(x, 1.0), [(3, TypeError, "expected a function, got int")]),
    ("f(x)", lambda y: numerical_gradient(lambda x: y, 1.0), [
        (np.nan, ValueError, "expected finite numbers, got nan at index (), which is not a finite number"),
        (np.ones(1), ValueError, "expected (), got (1,)"),
        (None, TypeError, "expected an array of real numbers (), got None"),
    ]),
    ("x", lambda x: numerical_gradient(np.sum, x), ANY),
    ("eps", lambda x: numerical_gradient(np.sum, 1.0, x), POSITIVE),
    ("W", theory.spectral_radius, SQUARE),
    ("W_hh", lambda x: theory.norm_bound(x, "tanh"), SQUARE),
    ("activation", lambda x: theory.norm_bound(np.eye(2), x), F),
    ("weight_scale", lambda x: theory.mean_field_slope(x, "tanh", 0.25), SCALES),
    ("activation", lambda x: theory.mean_field_slope(1.0, x, 0.25), F),
    ("input_variance", lambda x: theory.mean_field_slope(1.0, "tanh", x), NOT_NEGATIVE),
    ("activation", lambda x: theory.critical_weight_scale(x, 0.25), F),
    ("input_variance", lambda x: theory.critical_weight_scale("relu", x), NOT_NEGATIVE),
    ("rnn", lambda x: log_gradient_norms(x, GOOD["(T, B, 3)"]), [
        (x, TypeError, f"expected an RNN, GRU or LSTM, got {type(x).__name__}") for x in (None, 3, np.ones(2))
    ]),
]  # fmt: skip
ARGUMENTS = {
    "input_size": SIZES, "hidden_size": SIZES, "weight_scale": NOT_NEGATIVE, "recurrent_init": BASES, "rng": SEEDS,
    "dtype": DTYPES,
}  # fmt: skip
EXTRA = {RNN: {"activation": F}, LSTM: {"forget_bias": NUMBERS}, GRU: {}}
every_cell = pytest.mark.parametrize("name", ["RNN tanh", "LSTM", "GRU"])


def assert_refused(argument, call, cases):
    """Every case raises its error, whose message is complete; the bad value is not changed."""
    for bad, error, message in cases:
        before = bad.tobytes() if isinstance(bad, np.ndarray) and bad.dtype != object else repr(bad)
        with pytest.raises(error) as raised:
            call(bad)
        assert (type(raised.value), str(raised.value)) == (error, f"{argument}: {message}")
        assert (bad.tobytes() if isinstance(before, bytes) else repr(bad)) == before


@pytest.mark.parametrize(("argument", "call", "cases"), FUNCTIONS)
def test_functions(argument, call, cases):
    assert_refused(argument, call, cases)


@pytest.mark.parametrize("cell", [RNN, LSTM, GRU])
def test_constructors(cell):
    for argument, cases in (ARGUMENTS | EXTRA[cell]).items():
        assert_refused(argument, lambda bad, a=argument: cell(**{"input_size": 3, "hidden_size": 4, a: bad}), cases)


@every_cell
def test_runs_leave_model_and_trace_unchanged(name):
    model, xs, dhs = build(name), GOOD["(T, B, 3)"], GOOD["(5, 2, 4)"]
    trace = model.forward(xs)

    def state():
        return {key: value.tobytes() for key, value in model.params.items()}, trace.hs.tobytes(), xs.tobytes()

    before = state()
    assert_refused("xs", model.forward, bad_arrays("(T, B, 3)"))
    assert_refused("xs", lambda bad: log_gradient_norms(model, bad), bad_arrays("(T, B, 3)"))
    assert_refused("h_0", lambda bad: model.forward(xs, bad), bad_arrays("(2, 4)", none=False))
    assert_refused("dhs", lambda bad: model.backward(trace, bad), bad_arrays("(5, 2, 4)"))
    assert_refused("dh_T", lambda bad: log_gradient_norms(model, xs, bad), bad_arrays("(2, 4)", none=False))
    if name == "LSTM":
        assert_refused("c_0", lambda bad: model.forward(xs, None, bad), bad_arrays("(2, 4)", none=False))
        assert_refused("dc_T", lambda bad: model.backward(trace, dhs, bad), bad_arrays("(2, 4)", none=False))
    assert state() == before


@every_cell
def test_parameters_that_were_assigned_are_checked_at_the_next_run(name):
    model, xs = build(name), GOOD["(T, B, 3)"]
    good, keys = dict(model.params), ", ".join(model.params)
    wanted = str(good["W_hh"].shape)
    cases = [
        ("params['W_hh']", {"W_hh": good["W_hh"].T[:2]}, f"expected {wanted}, got (2, 4)"),
        ("params['W_hh']", {"W_hh": good["b_h"]}, f"expected {wanted}, got {good['b_h'].shape}"),
        ("params['b_h']", {"b_h": spoilt(good["b_h"], np.nan)}, "expected finite numbers, got nan"),
        ("params['W_xh']", {"W_xh": None}, "expected an array of real numbers"),
        ("params", {"W_hy": np.eye(2)}, f"expected {keys}, got {keys}, W_hy"),
    ]
    for argument, assigned, message in cases:
        model.params = good | assigned
        for run in (model.forward, lambda xs: log_gradient_norms(model, xs)):
            with pytest.raises((ValueError, TypeError), match="^" + re.escape(f"{argument}: {message}")):
                run(xs)
        assert model.params.keys() == (good | assigned).keys()
    for params, message in ((good | {}, "expected "), ({}, f"expected {keys}, got none")):
        model.params = {key: value for key, value in params.items() if key != "b_h"}
        with pytest.raises(ValueError, match=f"^params: {message}"):
            model.forward(xs)
    model.params = None
    with pytest.raises(TypeError, match=r"^params: expected a dict of arrays, got NoneType"):
        model.forward(xs)


@every_cell
def test_a_trace_of_another_model_is_refused(name):
    model, dhs = build(name), GOOD["(5, 2, 4)"]
    for other in (build(name, hidden_size=5), build(name, input_size=2), build(name, dtype=np.float32)):
        trace = other.forward(np.ones((5, 2, other.input_size)))
        with pytest.raises(ValueError, match=r"^trace: expected one made with params .*float64, got .*float"):
            model.backward(trace, dhs)
    for other in {"RNN tanh", "LSTM", "GRU"} - {name}:
        with pytest.raises(TypeError, match=rf"^trace: expected what {type(model).__name__}.forward returned, got "):
            model.backward(build(other).forward(GOOD["(T, B, 3)"]), dhs)
    with pytest.raises(TypeError, match=r"^trace: expected what .*, got NoneType"):
        model.backward(None, dhs)


def test_numbers_too_large_for_float32_are_refused_by_name():
    with pytest.raises(
        ValueError, match=r"^xs: expected finite .*got 1e\+39 at index \(0, 0, 0\), which is too large for"
    ):
        RNN(1, 1, dtype="float32").forward([[[1e39]]])
    with pytest.raises(ValueError, match=r"^forget_bias: .* too large for float32"):
        LSTM(3, 4, forget_bias=1e39, dtype="float32")
    with pytest.raises(ValueError, match=r"^W_hh: .* too large for float32"):
        GRU(3, 4, weight_scale=1e39, dtype="float32")


@pytest.mark.parametrize("bad", [3, 0, "yes", None, 1.0, [True], np.ones(1, bool)])
def test_true_and_false_are_nothing_else(bad):
    with pytest.raises(TypeError, match="^" + re.escape(f"every_step: expected True or False, got {bad!r}") + "$"):
        validation.boolean("every_step", bad)
    assert validation.boolean("every_step", np.True_) is True
    assert validation.boolean("every_step", False) is False


def test_booleans_and_indices():
    mask = np.array([[True, False]])
    assert validation.booleans("mask", mask, ("T", "B")) is mask
    with pytest.raises(
        TypeError, match=r"^mask: expected an array of booleans \(1, 2\), got ndarray of float64 \(1, 2\)$"
    ):
        validation.booleans("mask", mask * 1.0, (1, 2))
    with pytest.raises(ValueError, match=r"^mask: expected \(2,\), got \(1, 2\)$"):
        validation.booleans("mask", mask, (2,))
    assert validation.indices("labels", [0.0, 3], (2,), 0, 3).dtype.kind == "i"
    for bad, number in (([0, 4], "4"), ([-1, 0], "-1"), ([0.5, 0], "0.5")):
        with pytest.raises(ValueError, match=f"^labels: expected whole numbers from 0 to 3, got {number}$"):
            validation.indices("labels", bad, (2,), 0, 3)


def test_bounds_of_numbers():
    assert validation.real("beta", 0.999, at_least=0, below=1) == 0.999
    assert validation.real("x", np.finfo(np.float64).max) == np.finfo(np.float64).max
    assert type(validation.real("x", 10**300)) is float
    for bad, words in ((1, "below 1"), (1.5, "below 1"), (-1e-9, "of at least 0")):
        with pytest.raises(ValueError, match=f"^beta: expected a number {words}, got {bad}$"):
            validation.real("beta", bad, at_least=0, below=1)


def test_what_numpy_masks_is_refused_unless_nothing_is():
    xs = np.ma.masked_array(GOOD["(T, B, 3)"], GOOD["(T, B, 3)"] < 0)
    np.testing.assert_array_equal(RNN(3, 4).forward(xs).hs, RNN(3, 4).forward(xs.data).hs)
    xs[2, 1] = np.ma.masked
    with pytest.raises(ValueError, match=r"^xs: expected real numbers everywhere, got a masked array; fill it first"):
        RNN(3, 4).forward(xs)
    with pytest.raises(ValueError, match=r"^f\(x\): expected real numbers everywhere, got a masked array"):
        numerical_gradient(lambda x: np.ma.masked, 1.0)


def test_one_letter_is_one_size():
    assert validation.array("W", np.eye(3), ("H", "H")).shape == (3, 3)
    with pytest.raises(ValueError, match=r"^W: expected \(H, K, H\), got \(2, 3, 3\)$"):
        validation.array("W", np.ones((2, 3, 3)), ("H", "K", "H"))


def test_numbers_too_small_for_float32_are_zero_and_no_error():
    with np.errstate(all="raise"):
        assert validation.array("xs", [1e-60, 1.0], None, np.float32).tolist() == [0, 1]


def test_what_is_not_bad_is_taken():
    assert validation.integer("n", np.int8(3)) == 3
    assert validation.real("x", np.float32(0.5)) == 0.5
    assert validation.real("x", 0, at_least=0) == 0
    for dtype in ("float32", np.float32, np.dtype("f4"), "f4"):
        assert RNN(3, 4, dtype=dtype).params["W_hh"].dtype == np.float32
    same = np.ones((2, 3))
    assert validation.array("x", same, ("B", 3)) is same
    assert validation.array("x", [[1, 2]], None, dtype=None).dtype == np.float64
    assert validation.array("x", np.float32([1]), None, dtype=None).dtype == np.float32
    assert validation.generator("rng", random := np.random.default_rng(0)) is random


def test_the_streams_of_one_seed_have_draws_of_their_own():
    drawn = [validation.generator("rng", 0, *stream).standard_normal(2000) for stream in ((), (1,), (2,), (3,))]
    np.testing.assert_array_equal(drawn[0], np.random.default_rng(0).standard_normal(2000))
    assert np.abs(np.corrcoef(drawn) - np.eye(4)).max() < 5 / np.sqrt(2000)
    np.testing.assert_array_equal(drawn[1], validation.generator("rng", 0, 1).standard_normal(2000))
