"""The vanilla network: by hand, by the `autograd` package, and as matrix powers where f is linear."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reference import build, differentiated, draw, error, gradients, run

from rnnlib import RNN
from rnnlib.activations import ACTIVATIONS


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("every_step", [True, False])
def test_gradients_by_automatic_differentiation(activation, every_step):
    model = build(f"RNN {activation}")
    inputs, dhs, ends = draw(model, steps=20, batch=3, every_step=every_step)
    ours, theirs = gradients(model, inputs, dhs, ends), differentiated(f"RNN {activation}", inputs, dhs, ends)
    assert ours.keys() == theirs.keys()
    for key in ours:
        assert error(ours[key], theirs[key]) < 1e-10, key


def test_two_relu_units_three_steps_by_hand():
    model = RNN(1, 2, "relu")
    model.params |= {
        "W_xh": np.array([[1.0, -1.0]]),
        "W_hh": np.array([[0.5, 1.0], [2.0, 0.0]]),
        "b_h": np.array([0.5, 1.0]),
    }
    trace = model.forward([[[1.0]], [[2.0]], [[-1.0]]])
    # a_1 = (1, −1) + (0, 0) + (0.5, 1) = (1.5, 0): at the kink, where f' is 0 by convention
    # a_2 = (2, −2) + (1.5·0.5 + 0·2, 1.5·1 + 0·0) + (0.5, 1) = (2, −2) + (0.75, 1.5) + (0.5, 1) = (3.25, 0.5)
    # a_3 = (−1, 1) + (3.25·0.5 + 0.5·2, 3.25·1) + (0.5, 1) = (−1, 1) + (2.625, 3.25) + (0.5, 1) = (2.125, 5.25)
    np.testing.assert_array_equal(trace.pre[:, 0], [[1.5, 0], [3.25, 0.5], [2.125, 5.25]])
    np.testing.assert_array_equal(trace.hs[:, 0], [[0, 0], [1.5, 0], [3.25, 0.5], [2.125, 5.25]])
    grads = model.backward(trace, [[[0.0, 0.0]], [[0.0, 10.0]], [[1.0, 2.0]]])
    # dh_3 = (1, 2), all open: da_3 = (1, 2); dh_2 = (0, 10) + da_3 W_hhᵀ = (0, 10) + (1·0.5 + 2·1, 1·2) = (2.5, 12)
    # da_2 = (2.5, 12); dh_1 = (2.5·0.5 + 12·1, 2.5·2) = (13.25, 5); da_1 = (13.25, 0); dh_0 = (6.625, 26.5)
    np.testing.assert_array_equal(grads.hs[:, 0], [[6.625, 26.5], [13.25, 5], [2.5, 12], [1, 2]])
    np.testing.assert_array_equal(grads.xs[:, 0], [[13.25], [2.5 - 12], [1 - 2]])  # da_t W_xhᵀ
    np.testing.assert_array_equal(grads.params["b_h"], [13.25 + 2.5 + 1, 0 + 12 + 2])
    np.testing.assert_array_equal(grads.params["W_xh"], [[13.25 + 2 * 2.5 - 1, 0 + 2 * 12 - 2]])
    # Σ h_{t-1}ᵀ da_t: row 1 is 1.5·(2.5, 12) + 3.25·(1, 2), row 2 is 0·(2.5, 12) + 0.5·(1, 2)
    np.testing.assert_array_equal(grads.params["W_hh"], [[7, 24.5], [0.5, 1]])


@pytest.mark.parametrize(
    ("activation", "h_1", "slope"),
    [
        ("tanh", 0.46211715726000975, 0.7864477329659274),  # tanh ½ = (e − 1)/(e + 1); 1 − tanh² ½
        ("sigmoid", 0.6224593312018546, 0.2350037122015945),  # 1/(1 + e^-½); σ (1 − σ)
        ("identity", 0.5, 1.0),
        ("relu", 0.5, 1.0),
    ],
)
def test_one_unit_one_step_by_hand(activation, h_1, slope):
    model = RNN(1, 1, activation)
    model.params |= {"W_xh": np.array([[2.0]]), "W_hh": np.array([[0.25]]), "b_h": np.array([-0.5])}
    trace = model.forward([[[0.25]]], h_0=[[2.0]])  # a = 2·0.25 + 0.25·2 − 0.5 = 0.5
    assert trace.hs[1, 0, 0] == pytest.approx(h_1, rel=1e-15)
    grads = model.backward(trace, [[[3.0]]])
    wanted = {"W_xh": 3 * slope * 0.25, "W_hh": 3 * slope * 2.0, "b_h": 3 * slope}
    assert {key: value.item() for key, value in grads.params.items()} == pytest.approx(wanted)
    assert grads.xs.item() == pytest.approx(3 * slope * 2.0)
    assert grads.hs[0].item() == pytest.approx(3 * slope * 0.25)


@settings(max_examples=30)
@given(size=st.integers(1, 5), steps=st.integers(1, 12), scale=st.floats(0.1, 3), seed=st.integers(0, 99))
def test_in_a_linear_network_the_gradient_is_the_matrix_power(size, steps, scale, seed):
    model = build("RNN identity", hidden_size=size, seed=seed, weight_scale=scale)
    inputs, dhs, ends = draw(model, steps, batch=2, seed=seed, every_step=False)
    W, grads = model.params["W_hh"], model.backward(run(model, inputs), dhs, **ends)
    for back in range(steps + 1):
        wanted = dhs[-1] @ np.linalg.matrix_power(W.T, back)
        np.testing.assert_allclose(grads.hs[steps - back], wanted, rtol=1e-9, atol=1e-9 * np.abs(wanted).max())


@settings(max_examples=30)
@given(steps=st.integers(0, 8), seed=st.integers(0, 99))
def test_in_a_linear_network_the_state_is_the_sum_of_matrix_powers(steps, seed):
    model = build("RNN identity", seed=seed)
    inputs, *_ = draw(model, steps + 1, seed=seed)
    p, powers = model.params, [np.linalg.matrix_power(model.params["W_hh"], k) for k in range(steps + 2)]
    driven = sum((inputs["xs"][t] @ p["W_xh"] + p["b_h"]) @ powers[steps - t] for t in range(steps + 1))
    np.testing.assert_allclose(run(model, inputs).hs[-1], driven + inputs["h_0"] @ powers[-1], rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("kind", ["gaussian", "orthogonal", "identity"])
def test_neither_scale_nor_activation_moves_a_draw(activation, kind):
    base = RNN(3, 7, recurrent_init=kind, rng=5).params
    model = RNN(3, 7, activation, 0.3, kind, rng=5)
    np.testing.assert_array_equal(model.params["W_xh"], base["W_xh"])
    np.testing.assert_array_equal(model.params["W_hh"], 0.3 * base["W_hh"])
    np.testing.assert_array_equal(model.params["b_h"], np.zeros(7))


def test_a_weight_scale_of_zero_forgets_at_once():
    trace = RNN(3, 4, weight_scale=0).forward(np.ones((3, 1, 3)))
    np.testing.assert_array_equal(trace.hs[2], trace.hs[1])


def test_a_trace_made_with_another_activation_is_refused():
    trace = RNN(3, 4, "tanh").forward(np.ones((2, 1, 3)))
    with pytest.raises(ValueError, match=r"^trace: expected one of a relu net, got tanh"):
        RNN(3, 4, "relu").backward(trace, np.zeros((2, 1, 4)))


@pytest.mark.parametrize("activation", ACTIVATIONS)
def test_a_twin_with_another_activation_and_the_same_draws(activation):
    model, xs = RNN(3, 4, "tanh", rng=5), np.ones((3, 2, 3))
    twin = model.twin(activation=activation)
    np.testing.assert_array_equal(twin.forward(xs).hs, RNN(3, 4, activation, rng=5).forward(xs).hs)
    np.testing.assert_array_equal(model.forward(xs).hs, RNN(3, 4, "tanh", rng=5).forward(xs).hs)
    assert twin.twin().activation == ACTIVATIONS[activation]
    with pytest.raises(ValueError, match=r"^activation: expected one of .*, got 'x'"):
        model.twin(activation="x")
