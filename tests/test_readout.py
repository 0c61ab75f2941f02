"""The readout: the formula, its gradients by central differences, and what it refuses."""

import numpy as np
import pytest

import rnnlib
from rnnlib import validation

T, B, H, K = 4, 3, 5, 2
HS = np.random.default_rng(1).standard_normal((T + 1, B, H))


def readout(every_step, **settings):
    out = rnnlib.Readout(H, K, every_step, **settings)
    out.params["b_y"] = np.arange(1.0, K + 1).astype(out.dtype)
    return out


def test_the_formula_at_every_step_and_at_the_last():
    every, last = readout(True), readout(False)
    W, b = every.params["W_hy"], every.params["b_y"]
    expected = np.array([[h @ W + b for h in batch] for batch in HS[1:]])
    np.testing.assert_allclose(every.forward(HS), expected, rtol=1e-14)
    np.testing.assert_allclose(last.forward(HS), expected[-1], rtol=1e-14)


@pytest.mark.parametrize("every_step", [True, False])
@pytest.mark.parametrize("seed", [0, 1])
def test_gradients_by_central_differences(every_step, seed):
    rng = np.random.default_rng(seed)
    hs, out = rng.standard_normal((T + 1, B, H)), readout(every_step)
    dys = rng.standard_normal((T, B, K) if every_step else (B, K))
    gradients, dhs = out.backward(hs, dys)

    def loss_of_states(states):
        return float((out.forward(np.concatenate([hs[:1], states])) * dys).sum())

    np.testing.assert_allclose(dhs, rnnlib.numerical_gradient(loss_of_states, hs[1:]), atol=1e-9)
    for name in ("W_hy", "b_y"):

        def loss_of(value, name=name):
            before = out.params[name]
            out.params[name] = value
            value = float((out.forward(hs) * dys).sum())
            out.params[name] = before
            return value

        np.testing.assert_allclose(gradients[name], rnnlib.numerical_gradient(loss_of, out.params[name]), atol=1e-9)


LENGTHS = [2, 4, 1]


def test_a_padded_batch_is_read_at_each_end():
    out = readout(False)
    ys = out.forward(HS, LENGTHS)
    for b, length in enumerate(LENGTHS):
        np.testing.assert_allclose(ys[b], out.forward(HS[: length + 1, b : b + 1])[0], rtol=1e-14)
    np.testing.assert_array_equal(out.forward(HS, [T] * B), out.forward(HS))


def test_gradients_of_a_padded_batch_by_central_differences():
    out, dys = readout(False), np.random.default_rng(4).standard_normal((B, K))
    gradients, dhs = out.backward(HS, dys, LENGTHS)

    def loss_of_states(states):
        return float((out.forward(np.concatenate([HS[:1], states]), LENGTHS) * dys).sum())

    np.testing.assert_allclose(dhs, rnnlib.numerical_gradient(loss_of_states, HS[1:]), atol=1e-9)
    alone = [out.backward(HS[: n + 1, b : b + 1], dys[b : b + 1]) for b, n in enumerate(LENGTHS)]
    for name, gradient in gradients.items():
        np.testing.assert_allclose(gradient, sum(each[name] for each, _ in alone), rtol=1e-13)
    for b, n in enumerate(LENGTHS):
        np.testing.assert_allclose(dhs[:n, b], alone[b][1][:, 0], rtol=1e-14)
        assert not dhs[n:, b].any()


def test_wrong_lengths_are_refused_by_name():
    dys = np.zeros((B, K))
    for wrong, message in (
        ([1, 2], r"expected \(3,\), got \(2,\)"),
        ([0, 2, 3], "expected whole numbers from 1 to 4, got 0"),
        ([1, 5, 3], "expected whole numbers from 1 to 4, got 5"),
        ([1, 2.5, 3], "expected whole numbers from 1 to 4, got 2.5"),
    ):
        for call in (lambda w: readout(False).forward(HS, w), lambda w: readout(False).backward(HS, dys, w)):
            with pytest.raises(ValueError, match=f"^lengths: {message}$"):
                call(wrong)
    with pytest.raises(
        ValueError, match=r"^lengths: expected None with a readout at every step, where a mask says what counts$"
    ):
        readout(True).forward(HS, LENGTHS)
    with pytest.raises(
        ValueError, match=r"^lengths: expected None with a readout at every step, where a mask says what counts$"
    ):
        readout(True).backward(HS, np.zeros((T, B, K)), LENGTHS)


@pytest.mark.parametrize("wrong", [3, "yes", None, 1.0, [True]])
def test_every_step_is_true_or_false(wrong):
    with pytest.raises(TypeError, match=r"^every_step: expected True or False, got "):
        rnnlib.Readout(H, K, wrong)


def test_what_is_too_small_is_no_error():
    out, hs = readout(False), HS * 1e-320
    out.params["W_hy"] *= 1e-200
    with np.errstate(all="raise"):
        assert np.isfinite(out.forward(hs)).all()
        gradients, dhs = out.backward(hs, np.full((B, K), 1e-200))
    assert np.isfinite([dhs.sum(), gradients["W_hy"].sum()]).all()


def test_dhs_is_what_the_network_takes():
    rnn, out = rnnlib.RNN(2, H), readout(False)
    xs = np.random.default_rng(0).standard_normal((T, B, 2))
    trace = rnn.forward(xs)
    _, dhs = out.backward(trace.hs, np.ones((B, K)))
    assert rnn.backward(trace, dhs).hs.shape == (T + 1, B, H)
    assert not dhs[:-1].any()


def test_start_is_that_of_the_seed_and_apart_from_the_network():
    big = rnnlib.Readout(400, 50)
    assert big.params["W_hy"].std() == pytest.approx(1 / 20, rel=0.03)
    assert not big.params["b_y"].any()
    np.testing.assert_array_equal(big.params["W_hy"], rnnlib.Readout(400, 50).params["W_hy"])
    assert not big.every_step
    np.testing.assert_array_equal(big.params["W_hy"], rnnlib.Readout(400, 50, False, 0).params["W_hy"])
    wanted = validation.generator("rng", 0, 3).standard_normal((400, 50)) / 20  # the streams' numbers are a contract
    np.testing.assert_array_equal(big.params["W_hy"], wanted)
    same_seed = rnnlib.RNN(400, 50, rng=0).params["W_xh"]
    assert abs(np.corrcoef(big.params["W_hy"].ravel(), same_seed.ravel())[0, 1]) < 0.05


@pytest.mark.parametrize("every_step", [True, False])
def test_float32_stays_and_nothing_is_changed_in_place(every_step):
    out, hs = readout(every_step, dtype=np.float32), HS.astype(np.float32)
    before = {name: value.copy() for name, value in out.params.items()}
    ys = out.forward(hs)
    gradients, dhs = out.backward(hs, ys)
    assert {a.dtype for a in (ys, dhs, *gradients.values())} == {np.dtype(np.float32)}
    np.testing.assert_array_equal(hs, HS.astype(np.float32))
    for name, value in before.items():
        np.testing.assert_array_equal(out.params[name], value)


def test_wrong_input_is_refused_by_name():
    out = readout(False)
    with pytest.raises(ValueError, match=r"hs: expected \(T\+1, B, 5\), got \(4, 3, 4\)"):
        out.forward(np.zeros((4, 3, 4)))
    with pytest.raises(ValueError, match=r"dys: expected \(3, 2\), got \(4, 3, 2\)"):
        out.backward(HS, np.zeros((T, B, K)))
    with pytest.raises(ValueError, match=r"hs: expected finite numbers, got nan"):
        out.forward(np.full_like(HS, np.nan))
    out.params["W_hy"] = np.zeros((K, H))
    with pytest.raises(ValueError, match=r"params\['W_hy'\]: expected \(5, 2\), got \(2, 5\)"):
        out.forward(HS)
    del out.params["W_hy"]
    with pytest.raises(ValueError, match=r"params: expected W_hy, b_y, got b_y"):
        out.forward(HS)
    with pytest.raises(ValueError, match=r"^hidden_size: expected a whole number of at least 1, got 0$"):
        rnnlib.Readout(0, K)
    with pytest.raises(ValueError, match=r"^rng: expected a whole number of at least 0, got -1$"):
        rnnlib.Readout(H, K, rng=-1)
    with pytest.raises(ValueError, match=r"^dtype: expected float64 or float32, got int"):
        rnnlib.Readout(H, K, dtype=int)
    with pytest.raises(ValueError, match=r"output_size: expected a whole number of at least 1, got 0"):
        rnnlib.Readout(H, 0)


def test_an_output_too_large_is_said_in_words():
    out = readout(False, dtype=np.float32)
    out.params["W_hy"] = np.full((H, K), 1e38, np.float32)
    with pytest.raises(OverflowError, match="ys: an output is too large for float32"):
        out.forward(np.full((T + 1, B, H), 10, np.float32))
