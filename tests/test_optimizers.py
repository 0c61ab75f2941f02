"""Adam: worked updates, a bowl to the bottom, what it keeps and what it refuses."""

import copy

import numpy as np
import pytest

from rnnlib import Adam

PARAMS = {"a": np.array([1.0, -2.0]), "b": np.array([[3.0]])}
GRADIENTS = {"a": np.array([0.5, 0.0]), "b": np.array([[-1e-3]])}


def test_adam_first_moves_every_entry_by_the_learning_rate():
    new, state = Adam(0.01).update(PARAMS, GRADIENTS, {})
    np.testing.assert_allclose(new["a"], [0.99, -2.0], rtol=1e-7)
    np.testing.assert_allclose(new["b"], [[3.01]], rtol=1e-7)
    assert state["steps"] == 1
    np.testing.assert_allclose(state["m"]["a"], [0.05, 0], rtol=1e-14)
    np.testing.assert_allclose(state["v"]["a"], [0.25e-3, 0], rtol=1e-12)


def test_the_settings_of_adam_are_those_of_its_source():
    adam = Adam()
    assert (adam.learning_rate, adam.beta_1, adam.beta_2, adam.epsilon) == (1e-3, 0.9, 0.999, 1e-8)


@pytest.mark.parametrize(("beta_1", "beta_2"), [(0.9, 0.999), (0.8, 0.95), (0, 0)])
def test_adam_against_the_formula_written_out_with_sums(beta_1, beta_2):
    rng, adam = np.random.default_rng(0), Adam(0.05, beta_1, beta_2, epsilon=1e-3)
    theta, state, history = {"a": np.array([1.0, 2.0])}, {}, []
    for t in range(1, 6):
        history.append(rng.standard_normal(2))
        m_hat = sum(beta_1 ** (t - 1 - k) * (1 - beta_1) * g for k, g in enumerate(history)) / (1 - beta_1**t)
        v_hat = sum(beta_2 ** (t - 1 - k) * (1 - beta_2) * g**2 for k, g in enumerate(history)) / (1 - beta_2**t)
        expected = theta["a"] - 0.05 * m_hat / (np.sqrt(v_hat) + 1e-3)
        theta, state = adam.update(theta, {"a": history[-1]}, state)
        np.testing.assert_allclose(theta["a"], expected, rtol=1e-12)
    assert state["steps"] == 5


def to_the_bottom(optimizer, bottom, steps):
    """Where a bowl's params are after these steps, one state after the other; a generator, to be run in turns."""
    params, state = {"x": np.array([5.0, -3.0])}, {}
    for _ in range(steps):
        params, state = optimizer.update(params, {"x": 2 * (params["x"] - bottom) * [1, 4]}, state)
        yield params["x"]


@pytest.mark.parametrize(("optimizer", "steps"), [(Adam(0.05), 1000), (Adam(0.1, 0, 0.9), 1000)])
def test_it_finds_the_bottom_of_a_bowl(optimizer, steps):
    *_, x = to_the_bottom(optimizer, [1.0, 2.0], steps)
    np.testing.assert_allclose(x, [1.0, 2.0], atol=1e-6)


@pytest.mark.parametrize("optimizer", [Adam(0.05), Adam(0.1, 0.5)])
def test_one_optimizer_serves_two_models_in_turns(optimizer):
    alone = [list(to_the_bottom(copy.copy(optimizer), bottom, 20)) for bottom in ([1.0, 2.0], [-4.0, 0.0])]
    turns = zip(to_the_bottom(optimizer, [1.0, 2.0], 20), to_the_bottom(optimizer, [-4.0, 0.0], 20))
    np.testing.assert_array_equal(alone, np.swapaxes(list(turns), 0, 1))
    optimizer.update({"W": np.ones((2, 3))}, {"W": np.ones((2, 3))}, {})  # and a third one of another shape


def test_the_learning_rate_may_change_and_nothing_is_changed_in_place():
    optimizer, (_, state) = Adam(0.1), Adam(0.1).update(PARAMS, GRADIENTS, {})
    before = copy.deepcopy((PARAMS, GRADIENTS, state))
    moved, _ = optimizer.update(PARAMS, GRADIENTS, state)
    assert moved["a"][0] != PARAMS["a"][0]
    optimizer.learning_rate = 0
    still, _ = optimizer.update(PARAMS, GRADIENTS, state)
    for name, value in PARAMS.items():
        np.testing.assert_array_equal(still[name], value)
    np.testing.assert_equal((PARAMS, GRADIENTS, state), before)


@pytest.mark.parametrize("rate", [0.1, np.float64(0.1)])
def test_float32_stays_float32(rate):
    params, state = {"a": np.ones(3, np.float32)}, {}
    for _ in range(2):
        params, state = Adam(rate).update(params, {"a": np.ones(3, np.float32)}, state)
    assert params["a"].dtype == np.float32
    assert {a.dtype for mean in "mv" for a in state.get(mean, {}).values()} <= {np.dtype(np.float32)}


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_what_is_too_small_is_no_error(dtype):
    params, state = {"a": np.ones(4, dtype)}, {}
    tiny = np.array([1e-30, 1e-38, 0, 1e-45 if dtype == np.float32 else 1e-320], dtype)
    with np.errstate(all="raise"):
        for epsilon in (1e-8, 1e-300):
            optimizer = Adam(1e-3)
            optimizer.epsilon = epsilon
            new, state = optimizer.update(params, {"a": tiny}, state)
            assert np.isfinite(new["a"]).all()


def test_wrong_input_is_refused_by_name():
    with pytest.raises(ValueError, match="gradients: expected a, b, got a"):
        Adam(0.1).update(PARAMS, {"a": GRADIENTS["a"]}, {})
    with pytest.raises(ValueError, match=r"gradients\['a'\]: expected \(2,\), got \(3,\)"):
        Adam(0.1).update(PARAMS, GRADIENTS | {"a": np.ones(3)}, {})
    with pytest.raises(ValueError, match=r"gradients\['a'\]: expected finite numbers, got nan"):
        Adam(0.1).update(PARAMS, GRADIENTS | {"a": np.array([1, np.nan])}, {})
    with pytest.raises(ValueError, match="learning_rate: expected a number of at least 0, got -1"):
        Adam(-1).update(PARAMS, GRADIENTS, {})
    with pytest.raises(TypeError, match="learning_rate: expected a number, got 'fast'"):
        Adam("fast").update(PARAMS, GRADIENTS, {})
    with pytest.raises(TypeError, match="state: expected a dict, empty before the first update, got NoneType"):
        Adam(0.1).update(PARAMS, GRADIENTS, None)


@pytest.mark.parametrize(
    ("name", "wrong", "message"),
    [
        ("beta_1", 1, "a number below 1, got 1"),
        ("beta_1", -0.1, "a number of at least 0, got -0.1"),
        ("beta_2", 1.5, "a number below 1, got 1.5"),
        ("beta_2", -1, "a number of at least 0, got -1"),
        ("epsilon", 0, "a number above 0, got 0"),
        ("epsilon", -1e-8, "a number above 0, got -1e-08"),
        ("learning_rate", np.nan, "a finite number, got nan"),
    ],
)
def test_settings_of_adam_out_of_range_are_refused_and_the_state_stays(name, wrong, message):
    adam = Adam()
    _, state = adam.update(PARAMS, GRADIENTS, {})
    before = copy.deepcopy(state)
    setattr(adam, name, wrong)
    with pytest.raises(ValueError, match=f"^{name}: expected {message}$"):
        adam.update(PARAMS, GRADIENTS, state)
    np.testing.assert_equal(state, before)


def test_a_state_of_other_parameters_is_refused():
    _, state = Adam().update(PARAMS, GRADIENTS, {})
    with pytest.raises(ValueError, match=r"^state\['m'\]: expected a, got a, b$"):
        Adam().update({"a": PARAMS["a"]}, {"a": GRADIENTS["a"]}, state)
    with pytest.raises(ValueError, match=r"^state\['m'\]\['a'\]: expected \(1,\), got \(2,\)$"):
        Adam().update({"a": np.ones(1), "b": np.ones(1)}, {"a": np.ones(1), "b": np.ones(1)}, state)
    with pytest.raises(ValueError, match=r"^state\['steps'\]: expected a whole number of at least 0, got -3$"):
        Adam().update(PARAMS, GRADIENTS, state | {"steps": -3})


@pytest.mark.parametrize(("dtype", "large"), [(np.float32, 1e25), (np.float64, 1e200)])
def test_a_gradient_too_large_to_be_squared_is_said(dtype, large):
    """Else v is infinite from then on, and the entry never moves again."""
    params, state = {"a": np.ones(2, dtype)}, {}
    with pytest.raises(OverflowError, match=rf"^gradients\['a'\]: too large to be squared in {np.dtype(dtype)}; clip"):
        Adam().update(params, {"a": np.array([0, large], dtype)}, state)
    assert state == {}
