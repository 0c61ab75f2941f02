"""Outputs and all gradients equal to PyTorch's with the same weights; skipped where PyTorch is not installed."""

import numpy as np
import pytest

from rnnlib import GRU, LSTM, RNN

torch = pytest.importorskip("torch", reason="PyTorch is not installed: it is wanted by the benchmarks only")
autograd = pytest.importorskip("autograd", reason="autograd is not installed")

T, B, D, H = 9, 4, 3, 6


@pytest.mark.parametrize("cell", [RNN, GRU, LSTM])
@pytest.mark.parametrize("scale", [0.5, 1.0, 3.0])
def test_outputs_and_gradients_are_those_of_pytorch(cell, scale):
    from benchmarks.cells import torch_twin

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

    twin = torch_twin(model)
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
