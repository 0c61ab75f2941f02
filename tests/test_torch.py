"""Outputs and all gradients equal to PyTorch's with the same weights; skipped where PyTorch is not installed."""

import numpy as np
import pytest

from rnnlib import GRU, LSTM, RNN, from_torch, to_torch

torch = pytest.importorskip("torch", reason="PyTorch is not installed: it is wanted by the benchmarks only")

T, B, D, H = 9, 4, 3, 6


@pytest.mark.parametrize("cell", [RNN, GRU, LSTM])
@pytest.mark.parametrize("scale", [0.5, 1.0, 3.0])
def test_outputs_and_gradients_are_those_of_pytorch(cell, scale):
    rng, model = np.random.default_rng(7), cell(D, H, weight_scale=scale, rng=3)
    for name in ("b_h", "b_hn"):
        if name in model.params:
            model.params[name] = rng.standard_normal(model.params[name].shape)
    xs, dhs = rng.standard_normal((T, B, D)), rng.standard_normal((T, B, H))
    names = ("h_0", "c_0") if cell is LSTM else ("h_0",)
    starts = {name: rng.standard_normal((B, H)) for name in names}
    dc_T = rng.standard_normal((B, H))

    trace = model.forward(xs, **starts)
    grads = model.backward(trace, dhs, dc_T) if cell is LSTM else model.backward(trace, dhs)

    twin = getattr(torch.nn, cell.__name__)(D, H, dtype=torch.float64)
    twin.load_state_dict({name: torch.from_numpy(value) for name, value in to_torch(model).items()})
    inputs, *states = (torch.from_numpy(a).requires_grad_() for a in (xs, *starts.values()))
    hs, last = twin(inputs, tuple(s[None] for s in states) if cell is LSTM else states[0][None])
    loss = (hs * torch.from_numpy(dhs)).sum()
    if cell is LSTM:
        loss = loss + (last[1][0] * torch.from_numpy(dc_T)).sum()
    loss.backward()

    def same(ours, theirs):
        np.testing.assert_allclose(ours, theirs.detach().numpy(), rtol=1e-10, atol=1e-10)

    same(trace.hs[1:], hs)
    same(grads.xs, inputs.grad)
    same(grads.hs[0], states[0].grad)
    if cell is LSTM:
        same(trace.cs[-1], last[1][0])
        same(grads.cs[0], states[1].grad)
    same(grads.params["W_xh"].T, twin.weight_ih_l0.grad)
    same(grads.params["W_hh"].T, twin.weight_hh_l0.grad)
    same(grads.params["b_h"], twin.bias_ih_l0.grad)
    if cell is GRU:
        same(grads.params["b_hn"], twin.bias_hh_l0.grad[2 * H :])


@pytest.mark.parametrize(
    ("cell", "settings"),
    [(RNN, {}), (RNN, {"nonlinearity": "relu"}), (GRU, {}), (LSTM, {}), (LSTM, {"batch_first": True, "bias": False})],
)
@pytest.mark.parametrize("dtype", [torch.float64, torch.float32])
@pytest.mark.parametrize("input_size", [D, H])
def test_a_module_carried_over_gives_the_same_states(cell, settings, dtype, input_size):
    torch.manual_seed(0)
    module = getattr(torch.nn, cell.__name__)(input_size, H, dtype=dtype, **settings)
    xs = torch.randn(T, B, input_size, dtype=dtype)
    with torch.no_grad():
        hs = module(xs.transpose(0, 1))[0].transpose(0, 1) if module.batch_first else module(xs)[0]
    model = from_torch(module)
    assert (type(model), str(model.dtype)) == (cell, str(dtype).removeprefix("torch."))
    np.testing.assert_allclose(
        model.forward(xs.numpy()).hs[1:], hs.numpy(), rtol=0, atol=1e-14 if dtype == torch.float64 else 1e-6
    )


@pytest.mark.parametrize("settings", [{"num_layers": 2}, {"bidirectional": True}, {"proj_size": 2}])
def test_modules_that_rnnlib_has_not_are_refused_by_name(settings):
    with pytest.raises(ValueError, match=f"^module.{next(iter(settings))}: expected "):
        from_torch(torch.nn.LSTM(D, H, **settings))
    with pytest.raises(TypeError, match=r"^module: expected a torch.nn.RNN, LSTM or GRU, got RNNCell"):
        from_torch(torch.nn.RNNCell(D, H))
