"""Weights from PyTorch and to it, with a stand-in for its modules; tests/test_torch.py has PyTorch itself."""

import numpy as np
import pytest
from reference import build

from rnnlib import GRU, LSTM, RNN, from_torch, to_torch

T, B, H = 7, 2, 4  # D = H too: only then would a forgotten transposition go unseen


def module(name, rng=0, bias=True, dtype=np.float64, input_size=H, **settings):
    """What from_torch reads of a PyTorch module of this name, the weights drawn."""
    random, blocks = np.random.default_rng(rng), {"RNN": 1, "LSTM": 4, "GRU": 3}.get(name, 1)
    shapes = {"weight_ih_l0": (blocks * H, input_size), "weight_hh_l0": (blocks * H, H)}
    shapes |= {"bias_ih_l0": (blocks * H,), "bias_hh_l0": (blocks * H,)} if bias else {}
    state = {key: random.normal(0, 0.5, shape).astype(dtype) for key, shape in shapes.items()}
    given = {"input_size": input_size, "hidden_size": H, "num_layers": 1, "bidirectional": False, "proj_size": 0}
    given |= {"nonlinearity": "tanh"} if name == "RNN" else {}
    return type(name, (), given | settings | {"state_dict": lambda self: state})()


def sigmoid(a):
    return 1 / (1 + np.exp(-a))


def run(module, xs):
    """The states after each step as PyTorch's documentation defines them, column by column."""
    state, hs = module.state_dict(), []
    zero = np.zeros(len(state["weight_ih_l0"]))
    b_ih, b_hh = state.get("bias_ih_l0", zero)[:, None], state.get("bias_hh_l0", zero)[:, None]
    h, c = np.zeros((2, H, B))
    for x in xs:
        a, u = state["weight_ih_l0"] @ x.T + b_ih, state["weight_hh_l0"] @ h + b_hh
        if type(module).__name__ == "RNN":
            h = np.tanh(a + u) if module.nonlinearity == "tanh" else np.maximum(a + u, 0)
        elif type(module).__name__ == "LSTM":
            i, f, g, o = np.split(a + u, 4)
            c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
            h = sigmoid(o) * np.tanh(c)
        else:
            (a_r, a_z, a_n), (u_r, u_z, u_n) = np.split(a, 3), np.split(u, 3)
            r, z = sigmoid(a_r + u_r), sigmoid(a_z + u_z)
            h = (1 - z) * np.tanh(a_n + r * u_n) + z * h
        hs.append(h.T)
    return np.array(hs)


@pytest.mark.parametrize("bias", [True, False])
@pytest.mark.parametrize("input_size", [H, 3])
@pytest.mark.parametrize(
    ("name", "settings"), [("RNN", {}), ("RNN", {"nonlinearity": "relu"}), ("LSTM", {}), ("GRU", {})]
)
def test_the_network_computes_what_the_module_computes(name, settings, input_size, bias):
    given = module(name, bias=bias, input_size=input_size, **settings)
    model, xs = from_torch(given), np.random.default_rng(1).standard_normal((T, B, input_size))
    assert type(model).__name__ == name
    np.testing.assert_allclose(model.forward(xs).hs[1:], run(given, xs), rtol=1e-12, atol=1e-14)


@pytest.mark.parametrize("name", ["RNN tanh", "RNN relu", "LSTM", "GRU"])
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_there_and_back_again(name, dtype):
    model = build(name, input_size=H, hidden_size=H, dtype=dtype)
    state, kind = to_torch(model), name.split()[0]
    given = module(kind, **({"nonlinearity": name.split()[1]} if kind == "RNN" else {}))
    shapes = {key: value.shape for key, value in given.state_dict().items()}
    assert {key: value.shape for key, value in state.items()} == shapes
    assert {value.dtype for value in state.values()} == {np.dtype(dtype)}
    assert all(value.flags["C_CONTIGUOUS"] for value in state.values())
    given.state_dict().update(state)
    back = from_torch(given)
    assert back.dtype == dtype
    for key, value in model.params.items():
        np.testing.assert_array_equal(back.params[key], value)
    if kind == "RNN":
        assert back.activation == model.activation


@pytest.mark.parametrize("name", ["RNN tanh", "LSTM", "GRU"])
def test_both_ways_copy(name):
    model = build(name, input_size=H, hidden_size=H)
    state, given = to_torch(model), module(name.split()[0])
    taken = from_torch(given)
    for one in (state, given.state_dict()):
        for value in one.values():
            assert not any(np.shares_memory(value, W) for W in [*model.params.values(), *taken.params.values()])


def test_the_biases_of_a_gru_stay_apart_where_r_multiplies():
    given = module("GRU")
    state, params = given.state_dict(), from_torch(given).params
    np.testing.assert_array_equal(params["b_hn"], state["bias_hh_l0"][2 * H :])
    np.testing.assert_array_equal(params["b_h"][2 * H :], state["bias_ih_l0"][2 * H :])
    np.testing.assert_array_equal(params["b_h"][: 2 * H], (state["bias_ih_l0"] + state["bias_hh_l0"])[: 2 * H])


@pytest.mark.parametrize("name", ["RNN", "LSTM", "GRU"])
@pytest.mark.parametrize(
    ("setting", "value", "wanted"), [("num_layers", 2, 1), ("bidirectional", True, False), ("proj_size", 3, 0)]
)
def test_what_rnnlib_has_not_is_refused_by_name(name, setting, value, wanted):
    with pytest.raises(ValueError, match=f"^module.{setting}: expected {wanted}, got {value}$"):
        from_torch(module(name, **{setting: value}))


def test_other_things_are_refused():
    with pytest.raises(TypeError, match=r"^module: expected a torch.nn.RNN, LSTM or GRU, got Linear$"):
        from_torch(module("Linear"))
    with pytest.raises(TypeError, match=r"^module: expected a torch.nn.RNN, LSTM or GRU, got NoneType$"):
        from_torch(None)
    with pytest.raises(ValueError, match=r"^dtype: expected float64 or float32, got float16$"):
        from_torch(module("LSTM", dtype=np.float16))
    with pytest.raises(TypeError, match=r"^model: expected an RNN, LSTM or GRU, got dict$"):
        to_torch({})
    for activation in ("sigmoid", "identity"):
        with pytest.raises(ValueError, match=f"^model: expected the activation tanh or relu, got {activation}$"):
            to_torch(RNN(3, 4, activation))


def test_a_network_that_is_no_longer_right_is_refused():
    for model in (RNN(3, 4), LSTM(3, 4), GRU(3, 4)):
        model.params["W_hh"] = model.params["W_hh"][:-1]
        with pytest.raises(ValueError, match=r"^params\['W_hh'\]: expected "):
            to_torch(model)
