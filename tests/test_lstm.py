"""The LSTM: by hand, by the `autograd` package, and the path through c that carries gradients."""

import numpy as np
import pytest
from reference import build, differentiated, draw, error, gradients

from rnnlib import LSTM, log_gradient_norms


@pytest.mark.parametrize("every_step", [True, False])
def test_gradients_by_automatic_differentiation(every_step):
    model = build("LSTM")
    inputs, dhs, ends = draw(model, steps=20, batch=3, every_step=every_step)
    ours, theirs = gradients(model, inputs, dhs, ends), differentiated("LSTM", inputs, dhs, ends)
    assert ours.keys() == theirs.keys() == {"W_xh", "W_hh", "b_h", "xs", "h_0", "c_0"}
    for key in ours:
        assert error(ours[key], theirs[key]) < 1e-10, key


def by_hand():
    """One unit whose gates are i = 1/4, f = 3/4, g = 1/2, o = 2/3 at every step, whatever x and h are."""
    model = LSTM(1, 1)
    logits = [np.log(1 / 3), np.log(3), np.arctanh(0.5), np.log(2)]
    model.params |= {"W_xh": np.zeros((1, 4)), "W_hh": np.zeros((1, 4)), "b_h": np.array(logits)}
    return model


def test_one_unit_two_steps_by_hand():
    trace = by_hand().forward(np.zeros((2, 1, 1)), c_0=[[2.0]])
    # c_1 = 3/4·2 + 1/4·1/2 = 1.625; c_2 = 3/4·1.625 + 0.125 = 1.34375; h = 2/3 tanh(c)
    np.testing.assert_allclose(trace.cs[:, 0, 0], [2, 1.625, 1.34375], rtol=1e-15)
    np.testing.assert_allclose(trace.hs[:, 0, 0], [0, 2 / 3 * np.tanh(1.625), 2 / 3 * np.tanh(1.34375)], rtol=1e-15)
    np.testing.assert_allclose(trace.gates[:, 0], [[1 / 4, 3 / 4, 1 / 2, 2 / 3]] * 2, rtol=1e-15)


def test_gradients_of_one_unit_one_step_by_hand():
    model = by_hand()
    grads = model.backward(model.forward([[[3.0]]], c_0=[[2.0]]), [[[6.0]]], dc_T=[[1.0]])
    dc = 1 + 6 * 2 / 3 * (1 - np.tanh(1.625) ** 2)  # dc_T + dh ⊙ o ⊙ (1 − tanh² c_1)
    da = [
        dc * 1 / 2 * 1 / 4 * 3 / 4,  # dc ⊙ g ⊙ i (1 − i)
        dc * 2 * 3 / 4 * 1 / 4,  # dc ⊙ c_0 ⊙ f (1 − f)
        dc * 1 / 4 * (1 - 1 / 4),  # dc ⊙ i ⊙ (1 − g²)
        6 * np.tanh(1.625) * 2 / 3 * 1 / 3,  # dh ⊙ tanh(c_1) ⊙ o (1 − o)
    ]
    np.testing.assert_allclose(grads.params["b_h"], da, rtol=1e-14)
    np.testing.assert_allclose(grads.params["W_xh"], [3 * np.array(da)], rtol=1e-14)
    assert grads.cs[0].item() == pytest.approx(dc * 3 / 4, rel=1e-14)
    assert grads.hs[0].item() == 0  # W_hh is 0


@pytest.mark.parametrize("lag", [1, 10, 100])
def test_with_constant_gates_the_gradient_through_c_is_a_power_of_f(lag):
    model = by_hand()
    trace = model.forward(np.zeros((lag, 1, 1)))
    grads = model.backward(trace, np.zeros((lag, 1, 1)), dc_T=[[1.0]])
    np.testing.assert_allclose(grads.cs[:, 0, 0], 0.75 ** np.arange(lag, -1, -1), rtol=1e-12)


def test_an_open_forget_gate_hands_the_gradient_on_unchanged():
    model = LSTM(3, 5, forget_bias=100.0, weight_scale=0)
    trace = model.forward(np.zeros((50, 2, 3)))
    dc_T = np.random.default_rng(0).standard_normal((2, 5))
    np.testing.assert_array_equal(model.backward(trace, np.zeros((50, 2, 5)), dc_T).cs[0], dc_T)


def test_shapes_and_order_of_the_blocks():
    model = LSTM(3, 5, forget_bias=2.5)
    assert {key: value.shape for key, value in model.params.items()} == {"W_xh": (3, 20), "W_hh": (5, 20), "b_h": (20,)}
    np.testing.assert_array_equal(model.params["b_h"], [0] * 5 + [2.5] * 5 + [0] * 10)
    np.testing.assert_array_equal(LSTM(3, 5).params["b_h"][5:10], np.ones(5))


def test_the_weight_scale_multiplies_each_block_of_its_own():
    blocks = np.hsplit(LSTM(3, 5, 0.5, "orthogonal").params["W_hh"], 4)
    for n, block in enumerate(blocks):
        np.testing.assert_allclose(block @ block.T, np.eye(5) / 4, atol=1e-15)
        assert all(np.abs(block - other).max() > 0.1 for other in blocks[:n])


def test_without_dc_T_nothing_arrives_at_c_T():
    model = build("LSTM")
    inputs, dhs, _ = draw(model)
    trace = model.forward(inputs["xs"])
    np.testing.assert_array_equal(model.backward(trace, dhs).cs[-1], np.zeros((2, 4)))
    np.testing.assert_array_equal(model.backward(trace, dhs).cs, model.backward(trace, dhs, np.zeros((2, 4))).cs)


def log_sigmoid_slope(a):
    """ln σ'(a), from σ'(a) = e / (1 + e)² with e = e^-|a|."""
    return -abs(a) - 2 * np.log1p(np.exp(-abs(a)))


def log_tanh_slope(a):
    """ln tanh'(a) = ln 4 σ'(2a)."""
    return np.log(4) + log_sigmoid_slope(2 * a)


@pytest.mark.parametrize(("dtype", "rtol"), [(np.float64, 1e-13), (np.float32, 3e-6)])
@pytest.mark.parametrize(
    "sizes", [(50, 60, 45, 70), (40, 38, 40, 39), (-50, 50, -30, -2), (25, 17, 20, 18), (1, 2, 3, 4)]
)
@pytest.mark.parametrize("c_0", [29.0, -29.0, 0.25])
def test_saturated_gates_have_the_right_slopes(dtype, rtol, sizes, c_0):
    a_i, a_f, a_g, a_o = np.array(sizes, float) / (1 if dtype == np.float64 else 2)
    c_0 = c_0 if dtype == np.float64 else c_0 / 3
    model = LSTM(1, 1, dtype=dtype)
    model.params |= {"W_xh": np.zeros((1, 4)), "W_hh": np.zeros((1, 4)), "b_h": np.array([a_i, a_f, a_g, a_o])}
    trace = model.forward(np.zeros((1, 1, 1)), c_0=[[c_0]])
    c, (i, f, g, o) = trace.cs[1].item(), trace.gates.ravel().astype(float)
    dc = np.exp(log_tanh_slope(c)) * o
    wanted = [
        dc * g * np.exp(log_sigmoid_slope(a_i)),
        dc * c_0 * np.exp(log_sigmoid_slope(a_f)),
        dc * i * np.exp(log_tanh_slope(a_g)),
        np.tanh(c) * np.exp(log_sigmoid_slope(a_o)),
    ]
    grads = model.backward(trace, [[[1.0]]])
    np.testing.assert_allclose(grads.params["b_h"], wanted, rtol=rtol, atol=1e-44 if dtype == np.float32 else 0)
    np.testing.assert_allclose(grads.cs[0].item(), dc * f, rtol=rtol)
    assert (grads.params["b_h"] != 0).all()


def test_a_saturated_cell_lets_a_gradient_through_that_has_a_logarithm():
    model = LSTM(1, 1)
    model.params |= {"W_xh": np.ones((1, 4)), "W_hh": np.zeros((1, 4)), "b_h": np.full(4, 40.0)}
    xs = np.zeros((30, 1, 1))  # i = f = g = o = 1 to the last digit: c_t = t
    grads = model.backward(model.forward(xs), np.concatenate([xs[1:], [[[1.0]]]]))
    logs = log_gradient_norms(model, xs, [[1.0]])
    np.testing.assert_allclose(logs[:, 0], [np.log(4) - 60] * 30 + [0], rtol=1e-14)
    np.testing.assert_allclose(grads.cs[:-1, 0, 0], 4 * np.exp(-60), rtol=1e-13)


def test_a_gradient_that_only_the_saturated_gates_let_through():
    model = LSTM(1, 1)
    W_hh, b_h = np.array([[0.5, 0.0, 0.0, 0.0]]), np.array([45.0, -800.0, 1.0, 50.0])  # f = 0: nothing goes through c
    model.params |= {"W_xh": np.zeros((1, 4)), "W_hh": W_hh, "b_h": b_h}
    xs = np.zeros((20, 1, 1))
    trace, logs = model.forward(xs), log_gradient_norms(model, xs, [[1.0]])
    a_i, g, c = trace.pre[:, 0, 0], np.tanh(1.0), trace.cs[1:, 0, 0]
    steps = log_tanh_slope(c) + np.log(g) + log_sigmoid_slope(a_i) + np.log(0.5)  # dh → dc → da_i → dh
    wanted = np.append(np.cumsum(steps[::-1])[::-1], 0)
    np.testing.assert_allclose(logs[:, 0], wanted, rtol=1e-13)
    assert logs[0, 0] < -900
