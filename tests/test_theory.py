"""What can be said without training, against independent computation, brute force and simulated networks."""

import functools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnlib import RNN, theory
from rnnlib.activations import ACTIVATIONS
from rnnlib.gradients import log_norms_back
from rnnlib.theory import critical_weight_scale, mean_field_slope, norm_bound, spectral_radius

SCALES = np.geomspace(0.1, 10, 25)
VARIANCES = [0, 0.25, 1, 2]
NON_NORMAL = np.array([[0.9, 50], [0, 0.9]])


@pytest.mark.parametrize("activation", ["tanh", "sigmoid"])
@pytest.mark.parametrize("s", VARIANCES)
def test_the_slope_has_converged(monkeypatch, activation, s):
    slopes = mean_field_slope(SCALES, activation, s)
    for reach, points in ((10, 8001), (12, 4801)):  # half the step; the same step on a wider grid
        z = np.linspace(-reach, reach, points)
        monkeypatch.setattr(theory, "Z", z)
        monkeypatch.setattr(theory, "DENSITY", np.exp(-(z**2) / 2) / np.exp(-(z**2) / 2).sum())
        np.testing.assert_allclose(mean_field_slope(SCALES, activation, s), slopes, rtol=0, atol=1e-6)


def brute_force(g, activation, s):
    """q = g² E[f²] + s iterated from q = 1, on midpoints of another grid, with densities that need no normalising."""
    f = {"tanh": np.tanh, "sigmoid": lambda a: 0.5 + 0.5 * np.tanh(a / 2)}[activation]
    slope = {"tanh": lambda a: np.cosh(a) ** -2.0, "sigmoid": lambda a: 0.25 * np.cosh(a / 2) ** -2.0}[activation]
    dz = 0.004
    z = np.arange(-9 + dz / 2, 9, dz)
    weight = np.exp(-(z**2) / 2) / np.sqrt(2 * np.pi) * dz
    q, before = 1.0, np.inf
    while abs(q - before) > 1e-14:
        q, before = g**2 * np.sum(weight * f(np.sqrt(q) * z) ** 2) + s, q
    return 0.5 * np.log(g**2 * np.sum(weight * slope(np.sqrt(q) * z) ** 2))


@pytest.mark.parametrize("activation", ["tanh", "sigmoid"])
@pytest.mark.parametrize("s", VARIANCES)
@pytest.mark.parametrize("g", [0.1, 0.6, 1.3, 3.0, 10.0])
def test_the_slope_by_brute_force(g, activation, s):
    assert mean_field_slope(g, activation, s) == pytest.approx(brute_force(g, activation, s), abs=1e-9)


def test_slopes_in_closed_form():
    np.testing.assert_allclose(mean_field_slope(SCALES, "identity", 0.25), np.log(SCALES), rtol=1e-14)
    np.testing.assert_allclose(mean_field_slope(SCALES, "relu", 2), np.log(SCALES**2 / 2) / 2, atol=1e-14)
    small = np.array([1e-200, 1e-3, 0.1])  # without input and below the edge the states die out, and tanh is linear
    np.testing.assert_allclose(mean_field_slope(small, "tanh", 0), np.log(small), rtol=1e-12)
    np.testing.assert_allclose(mean_field_slope(1e-6, "sigmoid", 0), np.log(1e-6 / 4), rtol=1e-12)  # σ'(0) = ¼


def test_the_slope_at_a_large_scale():
    assert mean_field_slope(10, "tanh", 0) == pytest.approx(0.856, abs=5e-4)


def test_a_number_gives_a_number_and_an_array_an_array():
    assert type(mean_field_slope(1, "tanh", 1)) is type(mean_field_slope(np.float64(1), "relu", 1)) is float
    slopes = mean_field_slope([0.5, 2.0], "tanh", 0.25)
    assert slopes.shape == (2,)
    assert slopes.tolist() == [mean_field_slope(0.5, "tanh", 0.25), mean_field_slope(2.0, "tanh", 0.25)]
    assert type(critical_weight_scale("tanh", 0)) is float


@functools.cache
def networks(kind, size, seeds):
    return [RNN(16, size, recurrent_init=kind, rng=seed) for seed in range(seeds)]


def simulated_slope(kind, g, activation, s, size=500, seeds=10):
    """Growth of ln ‖∂L/∂h‖ per step, from 60 steps of which the first 30, in which the states settle, are dropped."""
    slopes = []
    for seed, base in enumerate(networks(kind, size, seeds)):
        model = RNN(16, size, activation)
        model.params = base.params | {"W_hh": g * base.params["W_hh"]}
        rng = np.random.default_rng((seed, 1))
        xs, h_0, dh_T = np.sqrt(s) * rng.standard_normal((60, 2, 16)), *rng.standard_normal((2, 2, size))
        logs = log_norms_back(model, model.forward(xs, h_0), dh_T)
        slopes.append((logs[30] - logs[60]).mean() / 30)
    return np.mean(slopes)


@pytest.mark.parametrize(
    ("kind", "g", "activation", "size"),
    [
        ("gaussian", 0.8, "tanh", 500),
        ("gaussian", 2.0, "relu", 500),
        ("gaussian", 5.0, "sigmoid", 500),
        ("gaussian", 0.5, "identity", 500),
        ("orthogonal", 3.0, "tanh", 200),  # smaller: these are slow to draw
    ],
)
def test_the_slope_of_simulated_networks(kind, g, activation, size):
    simulated = simulated_slope(kind, g, activation, 0.25, size)
    assert simulated == pytest.approx(mean_field_slope(g, activation, 0.25), abs=0.02)


# At tanh 10 so few units are open that 500 are not many: the simulated slope is 0.024 lower, with 1,500 units 0.010.
@pytest.mark.slow
@pytest.mark.parametrize("kind", ["gaussian", "orthogonal"])
@pytest.mark.parametrize(
    ("activation", "g"),
    [(f, g) for f in ACTIVATIONS for g in (0.1, 0.5, 0.8, 2.5, 5.0) if (f, g) != ("relu", 5.0)] + [("sigmoid", 7.0)],
)
@pytest.mark.parametrize("s", [0, 0.25])
def test_the_slope_of_many_simulated_networks(kind, g, activation, s):
    assert simulated_slope(kind, g, activation, s) == pytest.approx(mean_field_slope(g, activation, s), abs=0.02)


@pytest.mark.parametrize(
    ("activation", "s", "wanted", "within"),
    [
        ("identity", 0, 1, 1e-11),
        ("identity", 2, 1, 1e-11),
        ("relu", 0, np.sqrt(2), 1e-11),
        ("relu", 0.25, np.sqrt(2), 1e-11),
        ("tanh", 0, 1, 1e-6),
        ("tanh", 0.25, 1.550, 5e-4),
        ("sigmoid", 0, 10.2, 0.06),
        ("sigmoid", 0.25, 10.2, 0.06),
    ],
)
def test_known_critical_scales(activation, s, wanted, within):
    assert critical_weight_scale(activation, s) == pytest.approx(wanted, abs=within)


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("s", [0.01, *VARIANCES[1:], 50])
def test_slope_and_critical_scale_agree(activation, s):
    g = critical_weight_scale(activation, s)
    assert mean_field_slope(g, activation, s) == pytest.approx(0, abs=1e-9)
    assert mean_field_slope(0.98 * g, activation, s) < 0 < mean_field_slope(1.02 * g, activation, s)


def test_sigmoid_vanishes_at_every_setting_of_the_slider():
    for s in VARIANCES:
        assert np.max(mean_field_slope(SCALES, "sigmoid", s)) < 0


def test_more_input_shuts_tanh_and_moves_its_edge_up():
    edges = [critical_weight_scale("tanh", s) for s in VARIANCES]
    assert edges == sorted(edges)
    assert edges[-1] > 1.9


@pytest.mark.parametrize(("g", "s"), [(101.0, 0), (1.0, 1e4), (1e200, 0), (np.array([1.0, 1e3]), 0.25)])
def test_beyond_the_reach_of_the_grid_it_refuses(g, s):
    wanted = r"^weight_scale: expected weight_scale² \+ input_variance of at most 10000, got "
    with pytest.raises(ValueError, match=wanted):
        mean_field_slope(g, "tanh", s)
    assert np.isfinite(mean_field_slope(g, "relu", s)).all()  # which needs no grid
    if s == 1e4:
        with pytest.raises(ValueError, match="input_variance of at most 10000"):
            critical_weight_scale("sigmoid", s)


@settings(max_examples=60)
@given(st.integers(1, 5), st.floats(0.1, 5), st.sampled_from(list(ACTIVATIONS)), st.integers(0, 99))
def test_the_bound_bounds(size, scale, activation, seed):
    model, rng = RNN(2, size, activation, scale, rng=seed), np.random.default_rng(seed)
    trace = model.forward(rng.standard_normal((6, 3, 2)))
    dhs = np.zeros((6, 3, size))
    dhs[-1] = rng.standard_normal((3, size))
    norms = np.linalg.norm(model.backward(trace, dhs).hs, axis=2)
    bound = norm_bound(model.params["W_hh"], activation)
    assert (norms[:-1] <= bound * norms[1:] * (1 + 1e-12)).all()
    assert bound >= spectral_radius(model.params["W_hh"]) * ACTIVATIONS[activation].max_derivative * (1 - 1e-12)


def test_the_bound_is_reached_along_the_leading_singular_vector():
    model = RNN(2, 6, "identity", 1.7, rng=1)
    W = model.params["W_hh"]
    _, _, right = np.linalg.svd(W)
    dhs = right[0][None, None]
    grads = model.backward(model.forward(np.zeros((1, 1, 2))), dhs)
    assert np.linalg.norm(grads.hs[0]) == pytest.approx(norm_bound(W, "identity"), rel=1e-12)


def test_a_non_normal_matrix_grows_before_it_dies():
    assert spectral_radius(NON_NORMAL) == pytest.approx(0.9, rel=1e-12)
    assert np.linalg.norm(np.linalg.matrix_power(NON_NORMAL, 9), 2) == pytest.approx(193.7, abs=0.05)
    assert np.linalg.norm(np.linalg.matrix_power(NON_NORMAL, 160), 2) == pytest.approx(0.0004, abs=5e-5)
    assert norm_bound(NON_NORMAL, "tanh") == pytest.approx(np.linalg.svd(NON_NORMAL)[1][0], rel=1e-12)
    assert norm_bound(NON_NORMAL, "sigmoid") == norm_bound(NON_NORMAL, "tanh") / 4


def test_the_spectral_radius_of_matrices_with_known_eigenvalues():
    assert spectral_radius(np.diag([0.5, -2.0, 1.0])) == 2
    assert spectral_radius([[0, -3], [3, 0]]) == pytest.approx(3, rel=1e-14)  # ±3i
    assert spectral_radius([[0, 5], [0, 0]]) == 0
