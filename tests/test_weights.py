"""The draws: their size, their spread, and what they depend on."""

import numpy as np
import pytest

from rnnlib import GRU, LSTM, RNN
from rnnlib.weights import BASES, gaussian, identity, input_matrix, orthogonal, recurrent_matrix


def rng(seed=0):
    return np.random.default_rng(seed)


def test_gaussian_entries_have_variance_one_over_size():
    W = gaussian(400, rng())
    assert W.shape == (400, 400)
    assert W.mean() * 20 == pytest.approx(0, abs=5 / 400)  # five standard errors, here and below
    assert W.var() * 400 == pytest.approx(1, abs=5 * np.sqrt(2) / 400)
    assert (W**4).mean() * 400**2 == pytest.approx(3, abs=5 * np.sqrt(96) / 400)
    for axis in (0, 1):  # every row and column alike
        sums = (W**2).sum(axis=axis)
        assert np.abs(sums - 1).max() < 5.5 * np.sqrt(2 / 400)


def test_the_spectral_radius_of_a_gaussian_tends_to_one_from_above():
    radius = np.mean([np.abs(np.linalg.eigvals(gaussian(200, rng(seed)))).max() for seed in range(4)])
    assert 1 < radius < 1.08


@pytest.mark.parametrize("size", [1, 2, 5, 64])
def test_orthogonal_is_orthogonal(size):
    W = orthogonal(size, rng())
    np.testing.assert_allclose(W @ W.T, np.eye(size), atol=1e-14)
    np.testing.assert_allclose(np.linalg.norm(W, 2), 1, atol=1e-14)


def test_every_orthogonal_matrix_is_equally_likely():
    random = rng()
    drawn = np.array([orthogonal(3, random) for _ in range(4000)])
    # QR alone fixes signs; a uniform draw has entries of mean 0 and variance 1/3, and reflections half of the time
    assert np.abs(drawn.mean(axis=0)).max() < 5 / np.sqrt(3 * 4000)
    np.testing.assert_allclose((drawn**2).mean(axis=0), 1 / 3, atol=5 * 0.3 / np.sqrt(4000))
    assert (np.linalg.det(drawn) > 0).mean() == pytest.approx(0.5, abs=5 * 0.5 / np.sqrt(4000))


def test_the_identity_draws_nothing():
    random = rng()
    np.testing.assert_array_equal(identity(3, random), np.eye(3))
    assert random.random() == rng().random()


@pytest.mark.parametrize("kind", BASES)
def test_blocks_stand_side_by_side(kind):
    W = recurrent_matrix(kind, 4, 3, rng())
    random = rng()
    np.testing.assert_array_equal(W, np.hstack([BASES[kind](4, random) for _ in range(3)]))


def test_an_unknown_base_is_refused():
    with pytest.raises(ValueError, match=r"recurrent_init: expected one of 'gaussian', 'orthogonal', .*, got 'x'"):
        recurrent_matrix("x", 4, 1, rng())


def test_inputs_of_variance_s_give_the_pre_activation_the_variance_s():
    W = input_matrix(50, 4000, rng())
    assert W.shape == (50, 4000)
    assert W.var() * 50 == pytest.approx(1, abs=5 * np.sqrt(2 / W.size))
    xs = np.sqrt(0.25) * rng(1).standard_normal((20, 100, 50))
    model = RNN(50, 400, weight_scale=0, rng=3)
    assert model.forward(xs).pre.var() == pytest.approx(0.25, rel=0.05)


@pytest.mark.parametrize("cell", [RNN, LSTM, GRU])
def test_W_xh_does_not_depend_on_the_base_and_the_base_not_on_the_scale(cell):
    models = {kind: cell(3, 5, recurrent_init=kind, rng=7) for kind in BASES}
    for kind, model in models.items():
        np.testing.assert_array_equal(model.params["W_xh"], models["gaussian"].params["W_xh"])
        twice = cell(3, 5, recurrent_init=kind, weight_scale=2, rng=7).params["W_hh"]
        np.testing.assert_array_equal(twice, 2 * model.params["W_hh"])


@pytest.mark.parametrize("cell", [RNN, LSTM, GRU])
def test_seeds(cell):
    def weights(seed):
        return cell(3, 5, rng=seed).params["W_hh"]

    np.testing.assert_array_equal(weights(4), weights(4))
    np.testing.assert_array_equal(weights(4), weights(np.random.default_rng(4)))
    np.testing.assert_array_equal(weights(0), cell(3, 5).params["W_hh"])
    assert np.abs(weights(4) - weights(5)).max() > 0.1
    random = np.random.default_rng(4)
    assert np.abs(weights(random) - weights(random)).max() > 0.1  # a generator goes on


def test_float32_models_have_the_same_weights_rounded():
    np.testing.assert_array_equal(RNN(3, 5, dtype="float32").params["W_hh"], RNN(3, 5).params["W_hh"].astype("float32"))
