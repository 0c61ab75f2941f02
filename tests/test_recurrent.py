"""What every cell must do: right gradients, whole or in parts, one sequence or many; pure; in the dtype asked for."""

import copy
import inspect
import pickle
import textwrap

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from reference import NAMES, build, differences, draw, error, gradients, loss, run

import rnnlib
from rnnlib.recurrent import backpropagate

every_cell = pytest.mark.parametrize("name", NAMES)


def snapshot(*values):
    """All bytes of these arrays, dicts of them included."""
    return [{k: v.tobytes() for k, v in a.items()} if isinstance(a, dict) else a.tobytes() for a in values]


@every_cell
@pytest.mark.parametrize("every_step", [True, False])
def test_gradients_by_central_differences_two_sequences_in_a_row(name, every_step):
    model = build(name)
    for seed in (0, 1):  # whatever the first left behind would spoil the second
        inputs, dhs, ends = draw(model, 4, seed=seed, every_step=every_step)
        if name == "RNN relu":
            assert np.abs(run(model, inputs).pre).min() > 1e-3, "too near the kink for differences"
        analytic = gradients(model, inputs, dhs, ends)
        assert analytic.keys() == inputs.keys()
        for key in inputs:
            assert error(analytic[key], differences(key, model, inputs, dhs, ends)) < 1e-7, key


@every_cell
def test_grads_hs_is_the_total_derivative_of_a_state_put_in_at_any_step(name):
    model = build(name)
    inputs, dhs, ends = draw(model)
    trace = run(model, inputs)
    grads = model.backward(trace, dhs, **ends)
    for t in range(len(dhs) + 1):
        for state in model.states:
            at_t = {f"{s}_0": getattr(trace, f"{s}s")[t] for s in model.states}

            def rest(value, t=t, state=state, at_t=at_t):
                put_in = at_t | {f"{state}_0": value}
                here = np.sum(dhs[t - 1] * put_in["h_0"]) if t else 0.0
                if t == len(dhs):
                    return here + sum(np.sum(dc_T * put_in["c_0"]) for dc_T in ends.values())
                return here + loss(model, inputs | put_in | {"xs": inputs["xs"][t:]}, dhs[t:], ends)

            numeric = rnnlib.numerical_gradient(rest, at_t[f"{state}_0"])
            assert error(getattr(grads, f"{state}s")[t], numeric) < 1e-7, (t, state)


@every_cell
def test_the_immediate_derivatives_of_the_steps_add_up_to_the_gradient_of_the_weights(name):
    model = build(name)
    inputs, dhs, ends = draw(model)
    trace = run(model, inputs)
    whole, sums = model.backward(trace, dhs, **ends), dict.fromkeys(model.params, 0.0)
    for t in range(len(dhs)):  # one step alone knows the immediate derivative only; what comes later arrives as a total
        starts = {f"{s}_0": getattr(trace, f"{s}s")[t] for s in model.states}
        total = {"dc_T": whole.cs[t + 1]} if ends else {}
        step = model.forward(inputs["xs"][t : t + 1], **starts)
        part = model.backward(step, whole.hs[t + 1 : t + 2], **total)
        sums = {key: sums[key] + part.params[key] for key in sums}
    for key in sums:
        assert error(sums[key], whole.params[key]) < 1e-14, key


@every_cell
@settings(max_examples=20)
@given(steps=st.integers(2, 9), cut=st.integers(1, 8), batch=st.integers(1, 3), seed=st.integers(0, 99))
def test_a_sequence_in_two_parts_equals_the_whole(name, steps, cut, batch, seed):
    cut, model = min(cut, steps - 1), build(name)
    inputs, dhs, ends = draw(model, steps, batch, seed)
    whole = run(model, inputs)
    first = run(model, inputs | {"xs": inputs["xs"][:cut]})
    carried = {f"{s}_0": getattr(first, f"{s}s")[-1] for s in model.states}
    second = model.forward(inputs["xs"][cut:], **carried)
    for s in (f"{state}s" for state in model.states):
        both = np.concatenate([getattr(first, s), getattr(second, s)[1:]])
        np.testing.assert_allclose(both, getattr(whole, s), rtol=1e-12, atol=1e-13)
    late = model.backward(second, dhs[cut:], **ends)
    early_dhs = dhs[:cut].copy()
    early_dhs[-1] += late.hs[0]
    early = model.backward(first, early_dhs, **({"dc_T": late.cs[0]} if ends else {}))
    grads = model.backward(whole, dhs, **ends)
    np.testing.assert_allclose(np.concatenate([early.xs, late.xs]), grads.xs, rtol=1e-10, atol=1e-12)
    np.testing.assert_allclose(np.concatenate([early.hs, late.hs[1:]]), grads.hs, rtol=1e-10, atol=1e-12)
    for key, value in grads.params.items():
        np.testing.assert_allclose(early.params[key] + late.params[key], value, rtol=1e-10, atol=1e-12)


@every_cell
@settings(max_examples=20)
@given(steps=st.integers(1, 6), batch=st.integers(1, 5), seed=st.integers(0, 99))
def test_a_batch_of_one_equals_a_row_of_a_batch(name, steps, batch, seed):
    model = build(name)
    inputs, dhs, ends = draw(model, steps, batch, seed)
    together, sums = gradients(model, inputs, dhs, ends), dict.fromkeys(model.params, 0.0)
    for b in range(batch):
        one = inputs | {"xs": inputs["xs"][:, [b]]} | {k: v[[b]] for k, v in inputs.items() if k.endswith("_0")}
        np.testing.assert_allclose(run(model, one).hs[:, 0], run(model, inputs).hs[:, b], rtol=1e-12, atol=1e-14)
        alone = gradients(model, one, dhs[:, [b]], {k: v[[b]] for k, v in ends.items()})
        np.testing.assert_allclose(alone["xs"][:, 0], together["xs"][:, b], rtol=1e-10, atol=1e-12)
        np.testing.assert_allclose(alone["h_0"][0], together["h_0"][b], rtol=1e-10, atol=1e-12)
        sums = {key: sums[key] + alone[key] for key in sums}
    for key in sums:
        np.testing.assert_allclose(sums[key], together[key], rtol=1e-10, atol=1e-12)


@every_cell
def test_float32_stays_float32_and_is_close_to_float64(name):
    single, double = build(name, dtype=np.float32), build(name)
    inputs, dhs, ends = draw(single, dtype=np.float32)
    assert {value.dtype for value in single.params.values()} == {np.dtype(np.float32)}
    trace, wide = run(single, inputs), run(double, inputs)
    arrays = {k: v for k, v in vars(trace).items() if isinstance(v, np.ndarray)} | trace.params
    assert {key: value.dtype for key, value in arrays.items()} == dict.fromkeys(arrays, np.float32)
    narrow, close = gradients(single, inputs, dhs, ends), gradients(double, inputs, dhs, ends)
    assert {key: value.dtype for key, value in narrow.items()} == dict.fromkeys(narrow, np.float32)
    assert error(trace.hs, wide.hs) < 1e-6
    for key in narrow:
        assert 0 < error(narrow[key], close[key]) < 1e-6, key
        assert close[key].dtype == np.float64


@every_cell
def test_xs_are_cast_to_the_dtype_of_the_model(name):
    xs = np.random.default_rng(0).standard_normal((5, 2, 3))
    single, wide = build(name, dtype=np.float32), xs.astype(np.float32)
    np.testing.assert_array_equal(single.forward(xs).hs, single.forward(wide).hs)
    whole_numbers = [[[1, 0, 2]], [[0, 3, -1]]]
    np.testing.assert_array_equal(single.forward(whole_numbers).hs, single.forward(np.float32(whole_numbers)).hs)


@every_cell
def test_nothing_that_goes_in_is_changed_and_the_trace_holds_copies_of_the_parameters(name):
    model = build(name)
    inputs, dhs, ends = draw(model)
    before = snapshot(inputs, dhs, ends)
    trace = run(model, inputs)
    kept = snapshot(trace.params, trace.hs)
    first = model.backward(trace, dhs, **ends)
    assert snapshot(inputs, dhs, ends) == before
    assert snapshot(trace.params, trace.hs) == kept
    for value in model.params.values():
        value *= 3
    model.params["b_h"] = np.ones_like(model.params["b_h"])
    again = model.backward(trace, dhs, **ends)
    assert snapshot(first.params, first.xs, first.hs) == snapshot(again.params, again.xs, again.hs)
    for key in first.params:
        assert not np.shares_memory(trace.params[key], model.params[key])


@every_cell
def test_the_model_keeps_nothing_of_a_run(name):
    model = build(name)
    inputs, dhs, ends = draw(model)
    before = copy.deepcopy(vars(model))
    gradients(model, inputs, dhs, ends)
    assert vars(model).keys() == before.keys()
    assert snapshot(model.params) == snapshot(before["params"])


@every_cell
def test_assigning_into_params_changes_the_model(name):
    model = build(name)
    xs = draw(model)[0]["xs"]
    before = model.forward(xs).hs
    model.params["W_xh"] = 2 * model.params["W_xh"]
    assert np.abs(model.forward(xs).hs - before).max() > 0.01


@every_cell
def test_states_start_at_zero_unless_they_are_given(name):
    model = build(name)
    trace = model.forward(np.ones((2, 3, 3)))
    for state in model.states:
        np.testing.assert_array_equal(getattr(trace, f"{state}s")[0], np.zeros((3, 4)))
    assert trace.hs.shape == (3, 3, 4)


@every_cell
def test_a_twin_has_parameters_of_its_own_in_the_dtype_asked_for(name):
    single = build(name, dtype=np.float32)
    before, same, double = snapshot(single.params), single.twin(), single.twin(dtype=np.float64)
    assert (single.dtype, same.dtype, double.dtype) == (np.float32, np.float32, np.float64)
    for key, value in single.params.items():
        assert same.params[key].dtype == np.float32
        assert double.params[key].dtype == np.float64
        for twin in (same, double):
            np.testing.assert_array_equal(twin.params[key], value)
            twin.params[key] += 1
    assert snapshot(single.params) == before
    assert single.dtype == np.float32


@every_cell
def test_a_twin_takes_the_parameters_that_are_to_differ_and_nothing_else(name):
    model, W_hh = build(name), np.ones_like(build(name).params["W_hh"])
    twin, xs = model.twin({"W_hh": 2 * W_hh}), np.ones((3, 2, 3))
    assert not np.shares_memory(model.twin({"W_hh": W_hh}).params["W_hh"], W_hh)
    assert (twin.params["W_hh"] == 2).all()
    assert snapshot(twin.params | {"W_hh": 0 * W_hh}) == snapshot(model.params | {"W_hh": 0 * W_hh})
    model.params["W_hh"] = 2 * W_hh
    np.testing.assert_array_equal(twin.forward(xs).hs, model.forward(xs).hs)
    with pytest.raises(ValueError, match=r"^params: expected W_xh, .*, got .*W_xx"):
        model.twin({"W_xx": W_hh})
    with pytest.raises(ValueError, match=r"^params\['W_hh'\]: expected "):
        model.twin({"W_hh": W_hh[:-1]})
    with pytest.raises(ValueError, match=r"^dtype: expected float64 or float32, got int64"):
        model.twin(dtype=np.int64)


@every_cell
@pytest.mark.parametrize(
    "copied",
    [copy.copy, copy.deepcopy, lambda model: pickle.loads(pickle.dumps(model))],
    ids=["copy", "deep", "pickle"],
)
def test_a_model_takes_the_trace_of_its_copy(name, copied):
    model = build(name)
    inputs, dhs, ends = draw(model)
    twin, trace = copied(model), run(model, inputs)
    own, grads = model.backward(trace, dhs, **ends), twin.backward(copied(trace), dhs, **ends)
    assert snapshot(grads.params, grads.xs, grads.hs) == snapshot(own.params, own.xs, own.hs)
    assert snapshot(twin.forward(inputs["xs"]).hs) == snapshot(model.forward(inputs["xs"]).hs)
    assert (repr(twin), twin.dtype) == (repr(model), model.dtype)


@every_cell
@pytest.mark.parametrize(("own", "foreign"), [("float64", "float32"), ("float32", "float64")])
def test_a_trace_of_another_dtype_is_refused(name, own, foreign):
    model = build(name, dtype=own)
    trace = model.twin(dtype=foreign).forward(np.ones((5, 2, 3)))
    with pytest.raises(ValueError, match=f"^trace: expected one made with params .* in {own}, got .* in {foreign}"):
        model.backward(trace, np.zeros((5, 2, 4)))


@every_cell
@pytest.mark.parametrize("size", [1e-3, 1e-5, 1e-8])
def test_float32_keeps_its_digits_for_small_inputs(name, size):
    cell, *activation = name.split()
    single = getattr(rnnlib, cell)(3, 4, *activation, dtype=np.float32)
    double, xs = single.twin(dtype=np.float64), np.random.default_rng(0).standard_normal((20, 2, 3)) * size
    xs = xs.astype(np.float32)
    narrow, wide = single.forward(xs).hs, double.forward(xs).hs
    assert np.abs(wide[1]).max() > 0
    assert error(narrow, wide) < 5e-7
    assert error(narrow[1], wide[1]) < 5e-7  # the first step: no later one hides it


def told(model, xs, dhs):
    """Everything that a run says, in bytes or in words."""
    said = []
    for dtype in (np.float64, np.float32):
        twin = model.twin(dtype=dtype)
        try:
            trace = twin.forward(xs)
            said += snapshot(trace.hs)
            grads = twin.backward(trace, dhs)
            said += snapshot(grads.params, grads.xs, grads.hs, *rnnlib.clip_by_norm(grads.params, 1e-3)[:1])
        except OverflowError as error:
            said.append(str(error))
    try:
        said += snapshot(rnnlib.log_gradient_norms(model, xs))
    except OverflowError as error:
        said.append(str(error))
    return said


@every_cell
@pytest.mark.parametrize("scale", [0.1, 10.0])
@pytest.mark.parametrize("bias", [0.0, 90.0, -1500.0])
def test_nothing_depends_on_what_numpy_has_been_told_of_underflow(name, scale, bias):
    model = build(name, weight_scale=scale)
    model.params["b_h"] += bias
    inputs, dhs, _ = draw(model, 200, every_step=False)
    inputs["xs"][::2] *= 1e-300  # below float32, and its products with W_xh below float64
    model.params["W_xh"][0] *= 1e-300
    plain = told(model, inputs["xs"], dhs * 1e-30)
    with np.errstate(all="raise"):
        assert told(model, inputs["xs"], dhs * 1e-30) == plain
        drawn = getattr(rnnlib, name.split()[0])(3, 4, weight_scale=1e-45, dtype=np.float32)  # W_hh goes below float32
        assert np.abs(drawn.params["W_hh"]).max() < 1e-44
        step = model.drive(model.params, inputs["xs"])
        states = [np.zeros((201, 2, 4)) for _ in model.states]
        if not any(isinstance(word, str) for word in plain):
            np.testing.assert_array_equal(
                model.run(model.params, inputs["xs"], step, *states).hs, model.forward(inputs["xs"]).hs
            )


def test_the_loop_in_the_docstring_is_backpropagation_through_time():
    model = build("RNN tanh")
    inputs, dhs, _ = draw(model)
    trace = run(model, inputs)
    code = inspect.getdoc(backpropagate).split("::\n\n")[1].split("\n\n")[0]
    names = {f"d{key}": np.zeros_like(value) for key, value in model.params.items()}
    names |= {"xs": trace.xs, "hs": trace.hs, "pre": trace.pre, "dhs": dhs, "W_hh": model.params["W_hh"]}
    names |= {"np": np, "derivative": model.activation.derivative}
    exec(textwrap.dedent(code), names)
    grads = model.backward(trace, dhs)
    np.testing.assert_allclose(names["dh"], grads.hs[0], rtol=1e-12)
    for key, value in grads.params.items():
        np.testing.assert_allclose(names[f"d{key}"], value, rtol=1e-12)


@pytest.mark.parametrize(("dtype", "largest"), [(np.float64, 308), (np.float32, 38)])
def test_a_state_that_overflows_is_named_with_its_step(dtype, largest):
    model = rnnlib.RNN(1, 1, "identity", dtype=dtype)
    model.params |= {"W_xh": np.ones((1, 1)), "W_hh": np.full((1, 1), 10.0)}
    xs = np.zeros((400, 1, 1))
    xs[0] = 1  # h_1 = 1, h_2 = 10, …: h_(n+1) = 10^n, and the largest power that fits is 10^largest
    assert np.isfinite(model.forward(xs[: largest + 1]).hs).all()
    n = largest + 2
    with pytest.raises(OverflowError, match=f"^h_{n}: the state of step {n} of 400 is too large for {dtype(0).dtype}"):
        model.forward(xs)
    model = rnnlib.RNN(9, 1, "relu", dtype=dtype)
    model.params["W_xh"] = np.ones((9, 1))
    with pytest.raises(OverflowError, match=r"^h_1: "):  # the projection of the inputs is too large already
        model.forward(np.full((2, 1, 9), np.finfo(dtype).max))


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_a_gradient_that_overflows_is_said_in_words(dtype):
    model = rnnlib.RNN(1, 1, "identity", dtype=dtype)
    model.params["W_hh"] = np.full((1, 1), 10.0)
    trace = model.forward(np.zeros((400, 1, 1)))  # the states stay 0, the gradient grows to 1e400
    with pytest.raises(OverflowError, match=f"the gradient through 400 steps overflows {dtype(0).dtype}"):
        model.backward(trace, np.ones((400, 1, 1)))
