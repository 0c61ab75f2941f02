"""The GRU: by hand, by the `autograd` package, and that it is PyTorch's variant."""

import numpy as np
import pytest
from reference import build, differentiated, draw, error, gradients

from rnnlib import GRU, log_gradient_norms


@pytest.mark.parametrize("every_step", [True, False])
def test_gradients_by_automatic_differentiation(every_step):
    model = build("GRU")
    inputs, dhs, ends = draw(model, steps=20, batch=3, every_step=every_step)
    ours, theirs = gradients(model, inputs, dhs, ends), differentiated("GRU", inputs, dhs, ends)
    assert ours.keys() == theirs.keys() == {"W_xh", "W_hh", "b_h", "b_hn", "xs", "h_0"}
    for key in ours:
        assert error(ours[key], theirs[key]) < 1e-10, key


def by_hand():
    """One unit with r = 1/4 and z = 3/4 at every step; n hears h through W_hn = 2 and b_hn = 1."""
    model = GRU(1, 1)
    model.params |= {
        "W_xh": np.zeros((1, 3)),
        "W_hh": np.array([[0.0, 0.0, 2.0]]),
        "b_h": np.array([np.log(1 / 3), np.log(3), 0.25]),
        "b_hn": np.array([1.0]),
    }
    return model


def test_one_unit_one_step_by_hand():
    model = by_hand()
    trace = model.forward([[[3.0]]], h_0=[[0.5]])
    # h W_hn + b_hn = 2; a_n = 0.25 + 1/4·2 = 0.75; h_1 = 1/4 tanh(0.75) + 3/4·0.5
    n = np.tanh(0.75)
    np.testing.assert_allclose(trace.hs[:, 0, 0], [0.5, n / 4 + 0.375], rtol=1e-15)
    grads = model.backward(trace, [[[8.0]]])
    da_n = 8 / 4 * (1 - n**2)  # dh ⊙ (1 − z) ⊙ (1 − n²)
    da = [
        da_n * 2 * 1 / 4 * 3 / 4,  # da_n ⊙ (h W_hn + b_hn) ⊙ r (1 − r)
        8 * (0.5 - n) * 3 / 4 * 1 / 4,  # dh ⊙ (h_0 − n) ⊙ z (1 − z)
        da_n,
    ]
    np.testing.assert_allclose(grads.params["b_h"], da, rtol=1e-14)
    np.testing.assert_allclose(grads.params["W_xh"], [3 * np.array(da)], rtol=1e-14)
    np.testing.assert_allclose(grads.params["b_hn"], [da_n / 4], rtol=1e-14)
    np.testing.assert_allclose(grads.params["W_hh"], [[0.5 * da[0], 0.5 * da[1], 0.5 * da_n / 4]], rtol=1e-14)
    assert grads.hs[0].item() == pytest.approx(8 * 3 / 4 + da_n / 4 * 2, rel=1e-14)  # dh ⊙ z + (da_n ⊙ r) W_hn


def test_r_multiplies_after_the_product_and_its_bias():
    model = by_hand()
    model.params["b_h"] = np.array([-800.0, -800.0, 0.25])  # r = z = 0: n hears neither h nor b_hn, and h_1 is n
    assert model.forward([[[3.0]]], h_0=[[0.5]]).hs[1].item() == pytest.approx(np.tanh(0.25), rel=1e-15)


def test_a_shut_gate_keeps_the_state_and_hands_the_gradient_on_unchanged():
    model = GRU(3, 5, weight_scale=0)
    model.params["b_h"][5:10] = 100  # z = 1
    h_0, dh_T = np.random.default_rng(0).standard_normal((2, 2, 5))
    trace = model.forward(np.zeros((50, 2, 3)), h_0)
    np.testing.assert_array_equal(trace.hs[-1], h_0)
    dhs = np.zeros((50, 2, 5))
    dhs[-1] = dh_T
    np.testing.assert_array_equal(model.backward(trace, dhs).hs[0], dh_T)


def test_shapes():
    shapes = {"W_xh": (3, 15), "W_hh": (5, 15), "b_h": (15,), "b_hn": (5,)}
    assert {key: value.shape for key, value in GRU(3, 5).params.items()} == shapes == GRU(3, 5).shapes()


def test_the_weight_scale_multiplies_each_block_of_its_own():
    blocks = np.hsplit(GRU(3, 5, 2.0, "orthogonal").params["W_hh"], 3)
    for n, block in enumerate(blocks):
        np.testing.assert_allclose(block @ block.T, 4 * np.eye(5), atol=1e-14)
        assert all(np.abs(block - other).max() > 0.1 for other in blocks[:n])


def slope(a):
    """σ'(a) = e / (1 + e)² with e = e^-|a|."""
    return np.exp(-abs(a)) / (1 + np.exp(-abs(a))) ** 2


@pytest.mark.parametrize(("dtype", "rtol"), [(np.float64, 1e-13), (np.float32, 3e-6)])
@pytest.mark.parametrize("sizes", [(50, 45, 24), (40, -60, 30), (-50, 39, -30), (-3, 44, 0.5), (1, 2, 3)])
def test_saturated_gates_have_the_right_slopes(dtype, rtol, sizes):
    a_r, a_z, a_n = np.array(sizes, float) / (1 if dtype == np.float64 else 2)
    model = GRU(1, 1, dtype=dtype)
    model.params |= {"W_xh": np.zeros((1, 3)), "W_hh": np.zeros((1, 3)), "b_h": [a_r, a_z, a_n], "b_hn": [0.125]}
    trace = model.forward([[[0.0]]], h_0=[[0.25]])
    r, z, n = trace.gates.ravel().astype(float)
    da_n = 1 / (1 + np.exp(a_z)) * 4 * slope(2 * trace.pre[0, 0, 2].astype(float))
    grads = model.backward(trace, [[[1.0]]])
    wanted = [da_n * 0.125 * slope(a_r), (0.25 - n) * slope(a_z), da_n]
    np.testing.assert_allclose(grads.params["b_h"], wanted, rtol=rtol, atol=1e-44 if dtype == np.float32 else 0)
    np.testing.assert_allclose(grads.params["b_hn"], da_n * r, rtol=rtol)
    assert grads.hs[0].item() == pytest.approx(z, rel=rtol, abs=0)


@pytest.mark.parametrize(("dtype", "a_z", "rtol"), [(np.float64, 60.0, 1e-14), (np.float32, 30.0, 1e-6)])
def test_a_gate_that_rounds_to_one_still_writes_what_it_should(dtype, a_z, rtol):
    model = GRU(1, 1, dtype=dtype)
    model.params |= {"W_xh": np.zeros((1, 3)), "W_hh": np.zeros((1, 3)), "b_h": [0, a_z, 0.5]}
    trace = model.forward([[[0.0]]])
    assert trace.gates[0, 0, 1] == 1
    assert trace.hs[1].item() == pytest.approx(np.exp(-a_z) * np.tanh(0.5), rel=rtol, abs=0)  # (1 − z) ⊙ n from h_0 = 0


def test_a_gradient_that_only_saturated_units_let_through():
    model = GRU(1, 1)
    model.params |= {"W_xh": np.zeros((1, 3)), "W_hh": [[0, 0, 0.5]], "b_h": [45, -800, 30.0], "b_hn": [0.0]}
    xs = np.zeros((20, 1, 1))
    trace, logs = model.forward(xs), log_gradient_norms(model, xs, [[1.0]])
    a_n = trace.pre[:, 0, 2]  # z = 0 and r = 1: dh → da_n → dh
    steps = np.log(4) - 2 * a_n - 2 * np.log1p(np.exp(-2 * a_n)) + np.log(0.5)
    np.testing.assert_allclose(logs[:, 0], np.append(np.cumsum(steps[::-1])[::-1], 0), rtol=1e-13)
    assert logs[0, 0] < -1000
    grads = model.backward(trace, np.concatenate([xs[1:], [[[1.0]]]]))
    np.testing.assert_allclose(np.log(grads.hs[-11:, 0, 0]), logs[-11:, 0], rtol=1e-13)
