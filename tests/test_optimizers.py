"""SGD and Adam: worked updates, a bowl to the bottom, what they keep and what they refuse."""

import numpy as np
import pytest

from rnnlib import SGD, Adam

PARAMS = {"a": np.array([1.0, -2.0]), "b": np.array([[3.0]])}
GRADIENTS = {"a": np.array([0.5, 0.0]), "b": np.array([[-1e-3]])}


def test_sgd_of_a_worked_example():
    new = SGD(0.1).update(PARAMS, GRADIENTS)
    np.testing.assert_allclose(new["a"], [0.95, -2.0], rtol=1e-15)
    np.testing.assert_allclose(new["b"], [[3.0001]], rtol=1e-15)


def test_adam_first_moves_every_entry_by_the_learning_rate():
    new = Adam(0.01).update(PARAMS, GRADIENTS)
    np.testing.assert_allclose(new["a"], [0.99, -2.0], rtol=1e-7)
    np.testing.assert_allclose(new["b"], [[3.01]], rtol=1e-7)


def test_adam_against_the_formula_written_out_with_sums():
    rng, adam, theta, history = np.random.default_rng(0), Adam(0.05, epsilon=1e-3), {"a": np.array([1.0, 2.0])}, []
    for t in range(1, 6):
        history.append(rng.standard_normal(2))
        m_hat = sum(0.9 ** (t - 1 - k) * 0.1 * g for k, g in enumerate(history)) / (1 - 0.9**t)
        v_hat = sum(0.999 ** (t - 1 - k) * 0.001 * g**2 for k, g in enumerate(history)) / (1 - 0.999**t)
        expected = theta["a"] - 0.05 * m_hat / (np.sqrt(v_hat) + 1e-3)
        theta = adam.update(theta, {"a": history[-1]})
        np.testing.assert_allclose(theta["a"], expected, rtol=1e-12)
    assert adam.steps == 5


@pytest.mark.parametrize(("optimizer", "steps"), [(SGD(0.1), 200), (Adam(0.05), 1000)])
def test_both_find_the_bottom_of_a_bowl(optimizer, steps):
    params, bottom = {"x": np.array([5.0, -3.0])}, np.array([1.0, 2.0])
    for _ in range(steps):
        params = optimizer.update(params, {"x": 2 * (params["x"] - bottom) * [1, 4]})
    np.testing.assert_allclose(params["x"], bottom, atol=1e-6)


@pytest.mark.parametrize("make", [SGD, Adam])
def test_the_learning_rate_may_change_and_nothing_is_changed_in_place(make):
    optimizer = make(0.1)
    before = {name: value.copy() for name, value in PARAMS.items()}
    moved = optimizer.update(PARAMS, GRADIENTS)
    assert moved["a"][0] != PARAMS["a"][0]
    optimizer.learning_rate = 0
    still = optimizer.update(PARAMS, GRADIENTS)
    for name, value in before.items():
        np.testing.assert_array_equal(still[name], value)
        np.testing.assert_array_equal(PARAMS[name], value)


@pytest.mark.parametrize("make", [SGD, Adam])
@pytest.mark.parametrize("rate", [0.1, np.float64(0.1)])
def test_float32_stays_float32(make, rate):
    params = {"a": np.ones(3, np.float32)}
    assert make(rate).update(params, {"a": np.ones(3, np.float32)})["a"].dtype == np.float32


@pytest.mark.parametrize("make", [SGD, Adam])
def test_wrong_input_is_refused_by_name(make):
    with pytest.raises(ValueError, match="gradients: expected a, b, got a"):
        make(0.1).update(PARAMS, {"a": GRADIENTS["a"]})
    with pytest.raises(ValueError, match=r"gradients\['a'\]: expected \(2,\), got \(3,\)"):
        make(0.1).update(PARAMS, GRADIENTS | {"a": np.ones(3)})
    with pytest.raises(ValueError, match=r"gradients\['a'\]: expected finite numbers, got nan"):
        make(0.1).update(PARAMS, GRADIENTS | {"a": np.array([1, np.nan])})
    with pytest.raises(ValueError, match="learning_rate: expected a number of at least 0, got -1"):
        make(-1).update(PARAMS, GRADIENTS)
    with pytest.raises(TypeError, match="learning_rate: expected a number, got 'fast'"):
        make("fast").update(PARAMS, GRADIENTS)
