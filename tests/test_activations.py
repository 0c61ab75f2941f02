"""Each activation is its formula, its derivative is its own, and nothing is lost at the far ends."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from rnnlib.activations import ACTIVATIONS, activation, relu, sigmoid

FORMULAS = {
    "tanh": lambda a: (math.exp(a) - math.exp(-a)) / (math.exp(a) + math.exp(-a)),
    "relu": lambda a: a if a > 0 else 0.0,
    "sigmoid": lambda a: 1 / (1 + math.exp(-a)),
    "identity": lambda a: a,
}
AT_ONE = {"tanh": math.tanh(1), "relu": 1, "sigmoid": 0.7310585786300049, "identity": 1}
every_activation = pytest.mark.parametrize("name", ACTIVATIONS)
far = st.floats(-1e300, 1e300)


@pytest.mark.parametrize("name", FORMULAS)
@given(a=st.floats(-20, 20))
def test_the_name_means_the_formula(name, a):
    assert activation(name).name == name
    assert activation(name).f(np.array([a])) == pytest.approx(FORMULAS[name](a), rel=1e-13, abs=1e-15)


@pytest.mark.parametrize(("name", "value"), AT_ONE.items())
def test_values_at_one(name, value):
    assert float(ACTIVATIONS[name].f(np.array(1.0))) == pytest.approx(value, rel=1e-15)


@every_activation
@given(a=st.floats(-15, 15).filter(lambda a: abs(a) > 1e-4))
def test_the_derivative_by_central_differences(name, a):
    f, eps = ACTIVATIONS[name], 1e-5
    numeric = (f.f(np.array(a + eps)) - f.f(np.array(a - eps))) / (2 * eps)
    assert f.derivative(np.array(a)) == pytest.approx(numeric, abs=2e-10)


@pytest.mark.parametrize("a", [20.0, -20.0, 300.0, -300.0])
def test_derivatives_keep_their_digits_where_f_rounds_to_its_limit(a):
    # σ' = e^-|a| and tanh' = 4 e^-2|a| up to a factor 1 + O(e^-|a|)
    assert ACTIVATIONS["sigmoid"].derivative(np.array(a)) == pytest.approx(math.exp(-abs(a)), rel=1e-8, abs=0)
    assert ACTIVATIONS["tanh"].derivative(np.array(a)) == pytest.approx(4 * math.exp(-2 * abs(a)), rel=1e-8, abs=0)


@every_activation
@given(a=far)
def test_no_number_is_too_large_and_no_derivative_above_its_largest(name, a):
    f = ACTIVATIONS[name]
    value, slope = f.f(np.array(a)), f.derivative(np.array(a))
    assert np.isfinite(value)
    assert abs(slope) <= f.max_derivative


@every_activation
def test_the_largest_derivative_is_reached(name):
    f = ACTIVATIONS[name]
    slopes = f.derivative(np.linspace(-10, 10, 20_001))
    assert np.abs(slopes).max() == pytest.approx(f.max_derivative, rel=1e-6)


@every_activation
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_what_is_too_small_is_no_error(name, dtype):
    a, f = np.array([-1e4, -700, -100, 1e-40, 100, 700, 1e4], dtype), ACTIVATIONS[name]
    with np.errstate(all="raise"):
        assert np.isfinite(f.f(a)).all()
        assert np.isfinite(f.derivative(a)).all()


def test_relu_at_its_kink_is_shut():
    np.testing.assert_array_equal(relu(np.array([-1.0, 0.0, 2.0])), [0, 0, 2])
    np.testing.assert_array_equal(ACTIVATIONS["relu"].derivative(np.array([-1.0, 0.0, 2.0])), [0, 0, 1])


@every_activation
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_dtype_and_shape_are_kept_and_out_is_filled(name, dtype):
    f, a = ACTIVATIONS[name], np.linspace(-200, 200, 24, dtype=dtype).reshape(2, 3, 4)
    before, out = a.copy(), np.full_like(a, 7)
    value = f.f(a)
    assert f.f(a, out=out) is out
    np.testing.assert_array_equal(out, value)
    assert (value.dtype, f.derivative(a).dtype) == (dtype, dtype)
    assert value.shape == f.derivative(a).shape == a.shape
    np.testing.assert_array_equal(a, before)


def test_sigmoid_may_write_over_its_own_argument():
    a = np.array([-800.0, 0.0, 800.0])
    np.testing.assert_array_equal(sigmoid(a, out=a), [0, 0.5, 1])


@pytest.mark.parametrize(("name", "error"), [("Tanh", ValueError), ("", ValueError), (None, TypeError), (3, TypeError)])
def test_an_unknown_name_is_refused(name, error):
    wanted = f"^activation: expected one of {', '.join(map(repr, ACTIVATIONS))}, got {name!r}$"
    with pytest.raises(error, match=wanted):
        activation(name)
