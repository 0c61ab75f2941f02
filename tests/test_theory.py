"""What can be said without training, against independent computation, brute force and simulated networks."""

import functools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rnnlib import RNN, theory
from rnnlib.activations import ACTIVATIONS, Activation
from rnnlib.gradients import log_norms_back
from rnnlib.theory import critical_weight_scale, mean_field_slope, norm_bound, spectral_radius

SCALES = np.geomspace(0.1, 10, 25)
VARIANCES = [0, 0.25, 1, 2]
NON_NORMAL = np.array([[0.9, 50], [0, 0.9]])


@pytest.mark.parametrize("activation", ["tanh", "sigmoid"])
@pytest.mark.parametrize("s", VARIANCES)
def test_the_slope_has_converged(monkeypatch, activation, s):
    slopes = mean_field_slope(SCALES, activation, s)
    z = np.exp(np.arange(-38, 2.5, 0.01))  # half the step, on a wider grid
    density = z * np.exp(-(z**2) / 2)
    monkeypatch.setattr(theory, "Z", np.append(-z, z))
    monkeypatch.setattr(theory, "DENSITY", np.append(density, density) / (2 * density.sum()))
    np.testing.assert_allclose(mean_field_slope(SCALES, activation, s), slopes, rtol=0, atol=1e-12)


def gelu(a, out=None):
    erf = np.vectorize(math.erf)
    return np.multiply(a, 0.5 * (1 + erf(a / np.sqrt(2))), out=out)


def gelu_derivative(a):
    return 0.5 * (1 + np.vectorize(math.erf)(a / np.sqrt(2))) + a * np.exp(-(a**2) / 2) / np.sqrt(2 * np.pi)


def elu(a, out=None):
    return np.add(np.maximum(a, 0), 2 * np.expm1(np.minimum(a, 0)), out=out)


# (f, f', largest |f'|): bounded without and with a kink of f'' at 0, and unbounded, homogeneous or not.
OTHERS = {
    "softsign": (lambda a, out=None: np.divide(a, 1 + abs(a), out=out), lambda a: (1 + abs(a)) ** -2.0, 1.0),
    "gelu": (gelu, gelu_derivative, 1.129),
    "elu 2": (elu, lambda a: np.where(a > 0, 1, 2 * np.exp(np.minimum(a, 0))), 2.0),
    "leaky relu": (lambda a, out=None: np.maximum(a, 0.1 * a, out=out), lambda a: np.where(a > 0, 1, 0.1), 1.0),
    "softplus": (lambda a, out=None: np.logaddexp(0, a, out=out), ACTIVATIONS["sigmoid"].f, 1.0),
    "growing": (lambda a, out=None: np.copysign(np.log1p(abs(a)), a, out=out), lambda a: 1 / (1 + abs(a)), 1.0),
    "late": (
        lambda a, out=None: np.tanh(np.square(a, out=out), out=out),
        lambda a: 2 * a * (1 - np.tanh(a**2) ** 2),
        2,
    ),
    "overflowing": (lambda a, out=None: np.where(a < 1e3, a, np.nan), lambda a: np.where(a < 1e3, 1.0, np.nan), 1.0),
    "cube": (lambda a, out=None: np.power(a, 3, out=out), lambda a: 3 * a**2, np.inf),
    "tanh": (np.tanh, lambda a: np.cosh(a) ** -2.0, 1.0),
    "sigmoid": (lambda a: 0.5 + 0.5 * np.tanh(a / 2), lambda a: 0.25 * np.cosh(a / 2) ** -2.0, 0.25),
}


@pytest.fixture
def more_activations(monkeypatch):
    for name in OTHERS.keys() - ACTIVATIONS.keys():
        monkeypatch.setitem(ACTIVATIONS, name, Activation(name, *OTHERS[name]))


ROOTS = np.arange(-2.1 + 0.0005, 2.1, 0.001)
MIDPOINTS = ROOTS**3  # of a grid that is finer towards 0, where f may have a kink
WEIGHTS = np.exp(-(MIDPOINTS**2) / 2) / np.sqrt(2 * np.pi) * 3 * ROOTS**2 * 0.001  # they need no normalising


@np.errstate(divide="ignore")
def brute_force(g, activation, s):
    """The slope: q = g² E[f²] + s iterated from q = 1 until it stays, or is below 1e-25 or above 1e16."""
    f, slope, _ = OTHERS[activation]
    q, before = 1.0, np.inf
    while abs(q - before) > 1e-14 * q and 1e-25 < q < 1e16:
        q, before = g**2 * np.sum(WEIGHTS * f(np.sqrt(q) * MIDPOINTS) ** 2) + s, q
    a = np.sqrt(q) * MIDPOINTS if q > 1e-25 else 1e-200 * MIDPOINTS
    return 0.5 * np.log(g**2 * np.sum(WEIGHTS * slope(a) ** 2))


@pytest.mark.parametrize("activation", ["tanh", "sigmoid"])
@pytest.mark.parametrize("s", VARIANCES)
@pytest.mark.parametrize("g", [0.1, 0.6, 1.3, 3.0, 10.0])
def test_the_slope_by_brute_force(g, activation, s):
    assert mean_field_slope(g, activation, s) == pytest.approx(brute_force(g, activation, s), abs=1e-9)


@pytest.mark.parametrize("activation", ["softsign", "gelu", "elu 2", "leaky relu", "softplus", "growing", "late"])
@pytest.mark.parametrize("s", [0, 0.25, 2])
def test_the_slope_of_any_activation_by_brute_force(more_activations, activation, s):
    for g in (0.3, 0.8, 1.2, 1.38, 1.6, 4.0):
        assert mean_field_slope(g, activation, s) == pytest.approx(brute_force(g, activation, s), abs=1e-7), g


def test_where_the_variance_grows_without_end_the_slope_is_its_limit(more_activations):
    np.testing.assert_allclose(mean_field_slope([1.5, 4, 1e3], "gelu", 0.25), np.log([1.5, 4, 1e3]) - np.log(2) / 2)
    np.testing.assert_allclose(mean_field_slope([2.0, 1e200], "elu 2", 0), np.log([2.0, 1e200]) - np.log(2) / 2)
    exact = np.log(3) + np.log(1.01 / 2) / 2
    assert mean_field_slope(3.0, "leaky relu", 0.25) == pytest.approx(exact, abs=1e-14)


@pytest.mark.parametrize(
    ("activation", "g", "s"), [("cube", 1.0, 0.25), ("cube", 0.5, 2), ("growing", 1e7, 0), ("overflowing", 1.5, 0)]
)
def test_where_it_has_no_limit_it_says_so(more_activations, activation, g, s):
    with pytest.raises(
        ValueError, match=r"^weight_scale: expected one with which the variance of a_t settles below 1e"
    ):
        mean_field_slope(g, activation, s)


def test_of_several_fixed_points_it_is_the_one_that_is_reached_from_1(more_activations):
    for g in np.arange(1.3, 2, 0.05):  # of "late" 0 is one at every scale; from some scale on there are two more
        assert mean_field_slope(g, "late", 0) == pytest.approx(brute_force(g, "late", 0), abs=1e-6), g
    assert mean_field_slope(1.3, "late", 0) == -np.inf == mean_field_slope(0.2, "cube", 0)
    assert mean_field_slope(1.95, "late", 0) > -0.5


@pytest.mark.parametrize(("activation", "wanted"), [("leaky relu", np.sqrt(2 / 1.01)), ("gelu", np.sqrt(2))])
@pytest.mark.parametrize("s", [0, 0.25])
def test_critical_scales_of_other_activations(more_activations, activation, wanted, s):
    g = critical_weight_scale(activation, s)
    assert g == pytest.approx(wanted, abs=1e-11 if activation == "leaky relu" else 0.2)
    assert mean_field_slope(0.98 * g, activation, s) < 0 < mean_field_slope(1.02 * g, activation, s)


def test_a_critical_scale_far_from_1_is_found_and_none_is_said(monkeypatch):
    steep = Activation(
        "steep", lambda a, out=None: np.tanh(500 * a, out=out), lambda a: 500 / np.cosh(500 * a) ** 2, 500
    )
    flat = Activation("flat", lambda a, out=None: np.add(0 * a, 1, out=out), lambda a: 0 * a, 0)
    monkeypatch.setitem(ACTIVATIONS, "steep", steep)
    monkeypatch.setitem(ACTIVATIONS, "flat", flat)
    assert critical_weight_scale("steep", 0) == pytest.approx(1 / 500, rel=1e-6)
    assert mean_field_slope(1.0, "flat", 1) == -np.inf
    with pytest.raises(ValueError, match=r"^activation: expected one with an edge between 1e-6 and 1e6, got flat$"):
        critical_weight_scale("flat", 0.25)


@pytest.mark.parametrize("activation", ["tanh", "gelu", "softsign", "elu 2"])
def test_what_is_too_small_is_no_error(more_activations, activation):
    theory._on_the_grid.cache_clear()
    W = 1e-310 * NON_NORMAL
    with np.errstate(all="raise"):
        assert np.isfinite(mean_field_slope([1e-200, 0.1, 9], activation, 1e-300)).all()
        assert critical_weight_scale(activation, 0.25) > 0.5
        assert spectral_radius(W) < 1e-300
        assert norm_bound(W, activation) < 1e-300


def test_slopes_in_closed_form():
    np.testing.assert_allclose(mean_field_slope(SCALES, "identity", 0.25), np.log(SCALES), rtol=1e-14)
    np.testing.assert_allclose(mean_field_slope(SCALES, "relu", 2), np.log(SCALES**2 / 2) / 2, atol=1e-14)
    np.testing.assert_array_equal(mean_field_slope([1.0, 2.0], "identity", 1), np.log([1.0, 2.0]))
    small = np.array([1e-200, 1e-3, 0.1])  # without input and below the edge the states die out, and tanh is linear
    np.testing.assert_allclose(mean_field_slope(small, "tanh", 0), np.log(small), rtol=1e-12)
    np.testing.assert_allclose(mean_field_slope(1e-6, "sigmoid", 0), np.log(1e-6 / 4), rtol=1e-12)  # σ'(0) = ¼


def test_the_slope_at_a_large_scale():
    assert mean_field_slope(10, "tanh", 0) == pytest.approx(0.856, abs=5e-4)


def test_a_number_gives_a_number_and_an_array_an_array():
    assert type(mean_field_slope(1, "tanh", 1)) is type(mean_field_slope(np.float64(1), "relu", 1)) is float
    slopes = mean_field_slope([0.5, 2.0], "tanh", 0.25)
    assert slopes.shape == (2,)
    alone = [mean_field_slope(0.5, "tanh", 0.25), mean_field_slope(2.0, "tanh", 0.25)]
    np.testing.assert_allclose(slopes, alone, rtol=1e-12)  # to rounding: they are searched for together
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


@pytest.mark.parametrize(("g", "s"), [(1e5, 0), (1.0, 1e9), (1e200, 0), (np.array([1.0, 1e5]), 0.25)])
def test_beyond_the_reach_of_the_grid_it_refuses(g, s):
    wanted = (
        f"^weight_scale: expected one with which the variance of a_t settles below 1e.08, got {np.max(g):g} with tanh"
    )
    with pytest.raises(ValueError, match=wanted.replace("e+", r"e\+")):
        mean_field_slope(g, "tanh", s)
    assert np.isfinite(mean_field_slope(g, "relu", s)).all()  # which needs no grid
    if s == 1e9:
        with pytest.raises(ValueError, match="activation: expected one with an edge"):
            critical_weight_scale("sigmoid", s)


@pytest.mark.parametrize("g", [30.0, 300.0, 3000.0])
def test_far_out_tanh_is_a_switch(g):
    """q = g² of which f'(√q z) sees only |z| below about 1/g: E[f'²] = √(2/π)/g ∫ (1 − tanh²)² = 4/3 √(2/π) / 2g."""
    assert mean_field_slope(g, "tanh", 0) == pytest.approx(np.log(g * 4 / 3 / np.sqrt(2 * np.pi)) / 2, abs=2 / g)


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
