"""Norms through time, in logarithms and beyond what float64 holds; clipping; central differences."""

from decimal import Decimal, localcontext

import numpy as np
import pytest
from autograd import grad
from hypothesis import given, settings
from hypothesis import strategies as st
from reference import NAMES, F, build, draw

import rnnlib
from rnnlib import GRU, LSTM, RNN, clip_by_norm, log_gradient_norms, log_singular_values, numerical_gradient
from rnnlib.activations import ACTIVATIONS
from rnnlib.gradients import log_norms_back

every_cell = pytest.mark.parametrize("name", NAMES)


def totals(grads):
    return np.concatenate([grads.hs, grads.cs], axis=2) if hasattr(grads, "cs") else grads.hs


@every_cell
@pytest.mark.parametrize("steps", [1, 30])
def test_log_norms_are_those_of_backward_where_float64_holds_them(name, steps):
    model = build(name)
    inputs, dhs, _ = draw(model, steps, batch=5, every_step=False)
    norms = np.linalg.norm(totals(model.backward(model.forward(inputs["xs"]), dhs)), axis=2)
    logs = log_gradient_norms(model, inputs["xs"], dhs[-1])
    assert logs.shape == (steps + 1, 5)
    np.testing.assert_allclose(np.exp(logs), norms, rtol=1e-12)


def exact_log_norms(model, pre, dh_T):
    """The product of Jacobians for one sequence in decimal numbers of 30 digits, which know no largest or smallest."""
    with localcontext() as context:
        context.prec, context.Emax, context.Emin = 30, 10**8, -(10**8)
        W = [[Decimal(float(w)) for w in row] for row in model.params["W_hh"]]
        slopes = {
            "tanh": lambda a: 4 / (2 + (2 * a).exp() + (-2 * a).exp()),
            "sigmoid": lambda a: 1 / (2 + a.exp() + (-a).exp()),
            "relu": lambda a: Decimal(int(a > 0)),
            "identity": lambda a: Decimal(1),
        }
        name, dh = model.activation.name, [Decimal(float(d)) for d in dh_T]
        slope = slopes.get(name, lambda a: Decimal(float(grad(F[name])(float(a)))))
        logs = [sum(d * d for d in dh).sqrt().ln()]
        for a_t in pre[::-1]:
            da = [d * slope(Decimal(float(a))) for d, a in zip(dh, a_t)]
            dh = [sum(w * d for w, d in zip(row, da)) for row in W]
            logs.append(sum(d * d for d in dh).sqrt().ln())  # ln 0 is −Infinity
        return np.array([float(log) for log in logs[::-1]])


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("scale", [0.1, 1.0, 10.0])
@pytest.mark.parametrize("kind", ["gaussian", "orthogonal", "identity"])
def test_two_hundred_steps_against_an_exact_product(activation, scale, kind):
    model = RNN(2, 10, activation, scale, kind, rng=3)
    rng = np.random.default_rng(4)
    xs, dh_T = rng.standard_normal((200, 1, 2)), rng.standard_normal((1, 10))
    logs, pre = log_gradient_norms(model, xs, dh_T), model.forward(xs).pre
    np.testing.assert_allclose(logs[:, 0], exact_log_norms(model, pre[:, 0], dh_T[0]), rtol=1e-11, atol=1e-11)
    if (activation, scale) == ("sigmoid", 0.1):
        assert logs[0, 0] < np.log(np.finfo(np.float64).tiny), "not beyond what float64 holds"
    if (activation, kind) == ("relu", "orthogonal"):
        assert np.isfinite(logs).all(), "dead: that would tell little"


@pytest.mark.parametrize("cell", [LSTM, GRU])
@pytest.mark.parametrize("scale", [0.1, 1.0, 10.0])
def test_two_hundred_steps_of_a_gated_cell_against_steps_with_exponents_apart(cell, scale):
    model = cell(2, 4, scale, rng=3)
    model.params["b_h"][4:8] = -12  # f or z nearly shut: the gradient dies fast
    rng = np.random.default_rng(4)
    xs, dh_T = rng.standard_normal((200, 1, 2)), rng.standard_normal((1, 4))
    trace, logs = model.forward(xs), log_gradient_norms(model, xs, dh_T)
    d, exponent = {"h": dh_T, "c": np.zeros((1, 4))}, 0
    for t in reversed(range(200)):
        one = model.forward(xs[t : t + 1], **{f"{s}_0": getattr(trace, f"{s}s")[t] for s in model.states})
        grads = model.backward(one, d["h"][None], **({"dc_T": d["c"]} if cell is LSTM else {}))
        d = {s: getattr(grads, f"{s}s")[0] for s in model.states}
        _, shift = np.frexp(max(np.abs(value).max() for value in d.values()))
        d, exponent = {s: np.ldexp(value, -shift) for s, value in d.items()}, exponent + int(shift)
        wanted = np.log(np.linalg.norm(np.concatenate(list(d.values())))) + exponent * np.log(2)
        assert logs[t, 0] == pytest.approx(wanted, rel=1e-10, abs=1e-10)
    if scale == 0.1:
        assert logs[0, 0] < -500


@pytest.mark.parametrize("activation", ["tanh", "sigmoid"])
@pytest.mark.parametrize("scale", [0.1, 1.0])
def test_thousands_of_steps(activation, scale):
    xs = np.random.default_rng(0).standard_normal((3000, 2, 4)) / 2
    logs = log_gradient_norms(RNN(4, 64, activation, scale), xs)
    assert np.isfinite(logs).all()
    slope = (logs[0] - logs[-1]).mean() / 3000
    assert slope == pytest.approx(rnnlib.theory.mean_field_slope(scale, activation, 0.25), abs=0.1)


def test_dead_relus_give_minus_infinity_and_never_nan():
    model = RNN(1, 3, "relu")
    xs = np.ones((6, 2, 1))
    model.params["W_xh"] = np.array([[1.0, 1.0, 1.0]])
    model.params["W_hh"] = np.zeros((3, 3)) + np.eye(3)
    xs[3, 1] = -100  # the second sequence: every unit is off at step 4
    logs = log_gradient_norms(model, xs, np.eye(3)[:2])
    np.testing.assert_array_equal(logs[:, 0], np.zeros(7))
    np.testing.assert_array_equal(logs[:, 1], [-np.inf] * 4 + [0] * 3)  # on again later, but no gradient passes step 4
    np.testing.assert_array_equal(log_gradient_norms(model, xs, np.zeros((2, 3))), np.full((7, 2), -np.inf))


@pytest.mark.parametrize("size", [1e-320, 1e-200, 1e-160, 1e-100, 1.0, 1e100, 1e160, 1e200, 1.7e308])
@every_cell
def test_gradients_whose_squares_leave_float64_are_still_right(name, size):
    model = build(name)
    inputs, dhs, _ = draw(model, 12, batch=3, every_step=False)
    dh_T = np.sign(dhs[-1])
    plain, sized = (log_gradient_norms(model, inputs["xs"], d) for d in (dh_T, dh_T * size))
    np.testing.assert_allclose(sized, plain + np.log(size), rtol=1e-12, atol=1e-12)
    mixed = log_gradient_norms(model, inputs["xs"], dh_T * [[size], [1], [0]])
    np.testing.assert_allclose(mixed, np.stack([sized[:, 0], plain[:, 1], np.full(13, -np.inf)], axis=1))


@every_cell
def test_a_loss_along_one_fixed_unit_vector_is_the_default(name):
    model, xs = build(name, hidden_size=50), np.random.default_rng(0).standard_normal((8, 3, 3))
    logs = log_gradient_norms(model, xs)
    np.testing.assert_allclose(logs[-1], 0, atol=1e-14)
    np.testing.assert_array_equal(logs, log_gradient_norms(model, xs))
    rng = np.random.default_rng(9)
    given = log_gradient_norms(model, xs, rng.standard_normal((3, 50)))
    assert np.abs(given - given[-1] - logs).max() > 1e-3  # another direction, another path


def test_the_default_direction_shares_no_draw_with_a_model_of_seed_0():
    model, basis = RNN(1, 500, "identity", rng=0), np.zeros((1, 1, 1))
    model.params["W_hh"] = np.diag(model.params["W_xh"][0])  # then ‖W dh_T‖² = Σ w² d², largest if they were one
    assert log_gradient_norms(model, basis)[0, 0] == pytest.approx(0, abs=0.25)  # ln √3 = 0.55 if w ∝ d


@every_cell
def test_float32_models_give_float64_logarithms_and_stay_as_they_are(name):
    single, double = build(name, dtype=np.float32), build(name)
    before = {key: value.tobytes() for key, value in single.params.items()}
    xs = np.random.default_rng(0).standard_normal((300, 2, 3))
    narrow, wide = log_gradient_norms(single, xs), log_gradient_norms(double, xs)
    assert narrow.dtype == np.float64
    np.testing.assert_array_equal(narrow, log_gradient_norms(single.twin(dtype=np.float64), xs))
    if name in ("LSTM", "GRU", "RNN sigmoid", "RNN identity"):  # no chaos, no kink
        np.testing.assert_allclose(narrow, wide, rtol=1e-3, atol=1e-3)
    assert {key: value.tobytes() for key, value in single.params.items()} == before
    assert single.dtype == np.float32


@pytest.mark.parametrize("size", [1e-18, 1e-25, 1.0, 1e25])
def test_a_trace_in_float32_keeps_what_float32_can_tell(size):
    model = build("RNN sigmoid", dtype=np.float32, weight_scale=0.1)
    xs, dh_T = np.ones((200, 2, 3)), np.full((2, 4), size, np.float32)
    logs = log_norms_back(model, model.forward(xs), dh_T)
    np.testing.assert_allclose(logs, log_gradient_norms(model, xs, dh_T), rtol=1e-5)


def test_a_forward_state_that_overflows_is_an_error_that_names_the_step():
    with pytest.raises(OverflowError, match=r"^h_\d+: the state of step \d+ of 2000 is too large for float64"):
        log_gradient_norms(RNN(3, 8, "identity", 10.0), np.ones((2000, 1, 3)))
    assert log_gradient_norms(RNN(3, 8, "identity", 10.0), np.zeros((2000, 1, 3)))[0, 0] > 2000  # the gradient may


@settings(max_examples=50)
@given(sizes=st.lists(st.floats(1e-3, 1e3), min_size=1, max_size=4), limit=st.floats(1e-3, 1e3))
def test_clipping_keeps_the_direction_and_shortens_to_the_limit(sizes, limit):
    rng = np.random.default_rng(0)
    dicts = [{"W": s * rng.standard_normal((3, 2)), "b": s * rng.standard_normal(2)} for s in sizes]
    flat = np.concatenate([a.ravel() for each in dicts for a in each.values()])
    clipped, norm = clip_by_norm(dicts, limit)
    after = np.concatenate([a.ravel() for each in clipped for a in each.values()])
    assert norm == pytest.approx(np.linalg.norm(flat), rel=1e-14)
    np.testing.assert_allclose(after, flat * min(1, limit / norm), rtol=1e-14)
    if norm <= limit:
        np.testing.assert_array_equal(after, flat)


def test_clipping_a_worked_example_of_two_dicts():
    came = [{"a": np.array([3.0, 0.0])}, {"b": np.array([[4.0]]), "c": np.array(0.0)}]
    clipped, norm = clip_by_norm(came, 1.0)
    assert norm == 5
    np.testing.assert_allclose(clipped[0]["a"], [0.6, 0], rtol=1e-15)
    np.testing.assert_allclose(clipped[1]["b"], [[0.8]], rtol=1e-15)
    np.testing.assert_array_equal(came[0]["a"], [3, 0])
    one, norm = clip_by_norm(came[0], 10.0)
    assert norm == 3
    assert one["a"] is not came[0]["a"]
    np.testing.assert_array_equal(one["a"], came[0]["a"])
    assert clip_by_norm({"a": np.zeros(3)}, 1.0)[1] == 0


@pytest.mark.parametrize(
    ("size", "limit", "dtype"),
    [(1e200, 1.0, "f8"), (1e-200, 1e-201, "f8"), (1.7e308, 1.0, "f8"), (3e38, 1e-5, "f4"), (1e-30, 1e-35, "f4")],
)
def test_clipping_gradients_whose_squares_leave_the_dtype(size, limit, dtype):
    came = {"W": np.full((2, 2), size, dtype), "b": np.zeros(3)}
    clipped, norm = clip_by_norm(came, limit)
    assert norm == pytest.approx(2 * float(came["W"][0, 0]))  # inf where no float64 can say it
    assert {key: a.dtype for key, a in clipped.items()} == {"W": np.dtype(dtype), "b": np.float64}
    np.testing.assert_allclose(clipped["W"], limit / 2, rtol=1e-6)


@given(st.lists(st.floats(-3, 3), min_size=1, max_size=5))
def test_the_numerical_gradient_of_known_functions(values):
    x = np.array(values)
    before = x.tobytes()
    np.testing.assert_allclose(numerical_gradient(lambda v: np.sum(v**2), x), 2 * x, atol=1e-8)
    np.testing.assert_allclose(numerical_gradient(lambda v: np.sin(v).sum(), x), np.cos(x), atol=1e-9)
    assert x.tobytes() == before


def test_the_numerical_gradient_takes_scalars_lists_and_functions_that_spoil_their_argument():
    assert numerical_gradient(lambda x: x**3, 2.0).shape == ()
    assert numerical_gradient(lambda x: x**3, 2.0) == pytest.approx(12, abs=1e-8)
    assert numerical_gradient(lambda x: x.item() ** 3, 2) == pytest.approx(12, abs=1e-8)
    A = np.arange(6.0).reshape(2, 3)
    np.testing.assert_allclose(numerical_gradient(lambda x: np.sum(A * x), np.ones((2, 3)).tolist()), A, atol=1e-9)

    def spoil(x):
        total = float(np.sum(A * x))
        x[:] = 99
        return total

    np.testing.assert_allclose(numerical_gradient(spoil, np.ones((2, 3))), A, atol=1e-9)


def test_the_step_is_what_eps_says():
    assert numerical_gradient(lambda x: x**3, 0.0, eps=0.5) == pytest.approx(0.25)  # ((½)³ − (−½)³) / 1


@pytest.mark.parametrize("x", [1e12, -1e12, 1e150, 1e-12, 0.0, 3.0])
def test_the_step_grows_with_x(x):
    assert numerical_gradient(lambda v: v**2, x) == pytest.approx(2 * x, rel=1e-9, abs=0)
    assert numerical_gradient(lambda v: 3 * v, x) == pytest.approx(3, rel=1e-9)


def test_each_entry_has_the_step_of_its_own_size():
    x = np.array([[1e12, -1e-12], [0.0, 2.5]])
    rest = numerical_gradient(lambda v: np.sum((v * x).flat[1:]), x)
    np.testing.assert_allclose(rest.flat, [0, *x.flat[1:]], rtol=1e-9, atol=1e-9)
    seen = []
    numerical_gradient(lambda v: seen.append(v - x) or 0.0, x, eps=2.0**-10)
    steps = np.array(seen).reshape(4, 2, 4)
    for place, size in enumerate([1e12, 1, 1, 2.5]):
        wanted = np.zeros((2, 4))
        wanted[:, place] = size / 2**10, -size / 2**10
        np.testing.assert_allclose(steps[place], wanted, rtol=1e-9)


def test_the_difference_is_divided_by_the_step_really_taken():
    x, eps = 2.0**20 + 0.5, 2.0**-50 / 1.3  # the step asked for falls between two numbers that float64 knows
    assert numerical_gradient(lambda v: v, x, eps=eps) == 1
    assert numerical_gradient(lambda v: v, 1.0, eps=3e-16) == 1
    with pytest.raises(ValueError, match=r"^eps: expected a step that changes x = 1\.0, got 1e-17"):
        numerical_gradient(lambda v: v, 1.0, eps=1e-17)


def test_differences_and_clipping_whatever_numpy_has_been_told_of_underflow():
    def f(v):
        return float(np.sum(v * 1e-310))

    came = {"W": np.array([1e300, 1e-300, 1e-320]), "b": np.array([1e-38, 1e30], "f4")}
    plain, clipped = numerical_gradient(f, [1e12, 1e13]), clip_by_norm(came, 1e-10)
    with np.errstate(all="raise"):
        np.testing.assert_array_equal(numerical_gradient(f, [1e12, 1e13]), plain)
        again = clip_by_norm(came, 1e-10)
    assert again[1] == clipped[1]
    for key, value in clipped[0].items():
        np.testing.assert_array_equal(again[0][key], value)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_a_step_that_multiplies_beyond_the_dtype_is_said_in_words(dtype):
    model = RNN(1, 4, "identity", dtype=dtype)
    model.params["W_hh"] = np.full((4, 4), np.finfo(dtype).max)
    trace = model.forward(np.zeros((3, 1, 1)))
    with pytest.raises(OverflowError, match=f"^W_hh: one step back multiplies .* than {dtype(0).dtype} holds"):
        log_norms_back(model, trace, np.ones((1, 4), dtype))


def test_a_cell_state_far_beyond_any_slope_is_zero_and_no_warning():
    model = LSTM(1, 1)
    model.params |= {"W_xh": np.zeros((1, 4)), "W_hh": np.zeros((1, 4)), "b_h": np.full(4, 40.0)}
    logs = log_gradient_norms(model, np.zeros((800, 1, 1)), [[1.0]])  # c_T = 800: tanh' = 4 e^-1600
    np.testing.assert_array_equal(logs[:, 0], [-np.inf] * 800 + [0])


def jacobians(model, xs):
    """∂state_T/∂state_0, by steps: the rows of the identity go back through one step each, T arrays (N, N)."""
    trace, N = model.forward(xs), len(model.states) * model.hidden_size
    for t in range(len(xs)):
        starts = {f"{s}_0": np.repeat(getattr(trace, f"{s}s")[t], N, axis=0) for s in model.states}
        one = model.forward(np.repeat(xs[t : t + 1], N, axis=1), **starts)
        eye = np.split(np.eye(N), len(model.states), axis=1)
        grads = model.backward(one, eye[0][None], **({"dc_T": eye[1]} if len(eye) > 1 else {}))
        yield np.concatenate([getattr(grads, f"{s}s")[0] for s in model.states], axis=1).T


@every_cell
@pytest.mark.parametrize("steps", [1, 2, 6])
def test_singular_values_are_those_of_the_product_where_float64_holds_it(name, steps):
    model, xs = build(name, hidden_size=5), np.random.default_rng(1).standard_normal((steps, 3, 3))
    logs = log_singular_values(model, xs)
    assert logs.shape == (3, 5 * len(model.states))
    assert (logs[:, 1:] <= logs[:, :-1]).all()
    for b in range(3):
        wanted = np.linalg.svd(np.linalg.multi_dot([np.eye(logs.shape[1]), *jacobians(model, xs[:, [b]])]))[1]
        held = wanted > 1e-9 * wanted[0]
        np.testing.assert_allclose(np.exp(logs[b][held]), wanted[held], rtol=1e-5)
        np.testing.assert_array_less(np.exp(logs[b][~held]), 2e-9 * wanted[0])


@pytest.mark.parametrize("name", ["RNN tanh", "RNN sigmoid", "LSTM", "GRU"])
def test_two_hundred_steps_of_all_directions_against_determinant_and_first_direction(name):
    model, xs = build(name, hidden_size=6), np.random.default_rng(1).standard_normal((200, 1, 3))
    (logs,) = log_singular_values(model, xs)
    determinant = sum(np.linalg.slogdet(J)[1] for J in jacobians(model, xs))
    assert logs.sum() == pytest.approx(determinant, rel=1e-9)  # the small ones too: float64 holds e^-745 at most
    assert logs[-1] < -100
    drawn = np.random.default_rng(2).standard_normal((1, 6))
    back = [log_gradient_norms(model, xs, d)[[0, -1], 0] for d in (drawn, *np.eye(6)[:, None])]
    assert max(first - last for first, last in back) <= logs[0] + 1e-9
    assert max(first - last for first, last in back) > logs[0] - 6  # a drawn direction has its share of the largest


@pytest.mark.parametrize("largest", [0.2, 1.0, 3.0])
def test_singular_values_of_a_power_of_a_symmetric_matrix_are_powers(largest):
    values, model = largest * 0.8 ** np.arange(8), RNN(1, 8, "identity")
    basis = np.linalg.qr(np.random.default_rng(0).standard_normal((8, 8)))[0]
    model.params["W_hh"] = basis * values @ basis.T
    (logs,) = log_singular_values(model, np.zeros((3000, 1, 1)))
    np.testing.assert_allclose(logs, 3000 * np.log(values), rtol=1e-9, atol=1e-8)


def test_per_step_they_tend_to_the_eigenvalues_of_a_linear_net():
    model = RNN(1, 8, "identity", rng=2)
    eigenvalues = np.sort(np.log(np.abs(np.linalg.eigvals(model.params["W_hh"]))))[::-1]
    for steps, near in ((300, 0.03), (3000, 0.003)):
        (logs,) = log_singular_values(model, np.zeros((steps, 1, 1)))
        np.testing.assert_allclose(logs / steps, eigenvalues, rtol=0, atol=near)
    assert np.abs(log_singular_values(model, np.zeros((3, 1, 1)))[0] / 3 - eigenvalues).max() > 0.2  # not yet


def test_a_matrix_that_keeps_its_triangle_is_no_trap():
    model = RNN(1, 3, "identity")
    model.params["W_hh"] = np.array([[0.1, 1.0, 0], [0, 2.0, 1.0], [0, 0, 0.5]])
    for W in (model.params["W_hh"], model.params["W_hh"].T, np.diag([0.1, 2.0, 0.5])):
        model.params["W_hh"] = W
        (logs,) = log_singular_values(model, np.zeros((400, 1, 1)))
        np.testing.assert_allclose(logs / 400, np.log([2, 0.5, 0.1]), atol=0.01)
        assert logs.sum() == pytest.approx(400 * np.log(0.1), rel=1e-10)


def test_an_orthogonal_matrix_keeps_every_direction_and_a_dead_unit_none():
    logs = log_singular_values(RNN(1, 16, "identity", 1.0, "orthogonal"), np.zeros((500, 1, 1)))
    np.testing.assert_allclose(logs, 0, atol=1e-11)
    model = RNN(1, 4, "relu", 0.5, "identity")
    model.params["W_xh"] = np.array([[1.0, 1.0, -1.0, -1.0]])
    xs = np.ones((30, 2, 1))
    xs[20, 1] = -9  # the second sequence: the other two are off at this step
    np.testing.assert_allclose(log_singular_values(model, xs)[0], [30 * np.log(0.5)] * 2 + [-np.inf] * 2)
    np.testing.assert_array_equal(log_singular_values(model, xs)[1], [-np.inf] * 4)
    np.testing.assert_array_equal(log_singular_values(RNN(1, 3, weight_scale=0), xs), np.full((2, 3), -np.inf))


def test_singular_values_of_a_float32_model_are_computed_in_float64():
    single, xs = build("LSTM", dtype=np.float32), np.ones((40, 2, 3))
    logs = log_singular_values(single, xs)
    np.testing.assert_array_equal(logs, log_singular_values(single.twin(dtype=np.float64), xs))
    assert single.dtype == np.float32


def test_singular_values_refuse_what_they_cannot_take():
    with pytest.raises(TypeError, match=r"^rnn: expected an RNN, GRU or LSTM, got int"):
        log_singular_values(3, np.ones((2, 1, 3)))
    with pytest.raises(ValueError, match=r"^xs: expected \(T, B, 3\), got \(2, 1, 4\)"):
        log_singular_values(build("GRU"), np.ones((2, 1, 4)))
    model = RNN(1, 4, "identity")
    model.params["W_hh"] = np.full((4, 4), np.finfo(np.float64).max)
    with pytest.raises(OverflowError, match=r"^W_hh: one step back multiplies"):
        log_singular_values(model, np.zeros((3, 1, 1)))
