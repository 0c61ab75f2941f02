"""Weights from PyTorch and to it.

PyTorch multiplies columns by its weights from the left, rnnlib rows from the right. So every matrix is transposed on
the way, also a square one, where no shape would tell: copied as it is, it gives another network. The blocks stand in
one order in both, i, f, g, o and r, z, n. PyTorch has two biases, which are added up, except that the n part of a GRU's
second one is b_hn.
"""

from typing import Any

import numpy as np

from rnnlib.gru import GRU
from rnnlib.lstm import LSTM
from rnnlib.recurrent import Params, Recurrent
from rnnlib.rnn import RNN

CELLS: dict[str, type[RNN] | type[LSTM] | type[GRU]] = {"RNN": RNN, "LSTM": LSTM, "GRU": GRU}
SHARED = {"num_layers": 1, "bidirectional": False, "proj_size": 0}  # what both libraries can be


def from_torch(module: Any) -> RNN | LSTM | GRU:
    """The network of rnnlib that computes what a PyTorch module computes, with weights of its own.

    Args:
        module: a ``torch.nn.RNN``, ``LSTM`` or ``GRU`` of one layer and one direction, float64 or float32, on the CPU.
            Without biases they are 0. Ours reads (T, B, D), whatever the module's ``batch_first`` says.

    Returns:
        The network, in the module's dtype.

    Raises:
        TypeError: the module is none of the three.
        ValueError: it has more layers, directions or a projection, or another dtype.
    """
    name = type(module).__name__
    if name not in CELLS:
        raise TypeError(f"module: expected a torch.nn.RNN, LSTM or GRU, got {name}")
    for setting, wanted in SHARED.items():
        if getattr(module, setting) != wanted:
            raise ValueError(f"module.{setting}: expected {wanted}, got {getattr(module, setting)}")
    given = {key.removesuffix("_l0"): np.asarray(value) for key, value in module.state_dict().items()}
    W_ih, W_hh, H = given["weight_ih"], given["weight_hh"], module.hidden_size
    b_ih, b_hh = (given.get(bias, np.zeros(len(W_ih), W_ih.dtype)) for bias in ("bias_ih", "bias_hh"))
    params = {"W_xh": W_ih.T, "W_hh": W_hh.T, "b_h": b_ih + b_hh}
    if name == "GRU":
        params["b_h"][2 * H :], params["b_hn"] = b_ih[2 * H :], b_hh[2 * H :]
    activation = {"activation": module.nonlinearity} if name == "RNN" else {}
    return CELLS[name](module.input_size, H, dtype=W_ih.dtype, **activation).twin(params)


def to_torch(model: Recurrent[Any]) -> Params:
    """The weights by the names that they have in PyTorch, transposed.

    The module that takes them is one of the same class, sizes and dtype::

        module = torch.nn.LSTM(model.input_size, model.hidden_size, dtype=torch.float64)
        module.load_state_dict({name: torch.from_numpy(value) for name, value in rnnlib.to_torch(model).items()})

    Args:
        model: an RNN, LSTM or GRU. Of the activations of an RNN PyTorch has tanh and relu; its module is told which.

    Returns:
        weight_ih_l0 (G, D), weight_hh_l0 (G, H), bias_ih_l0 and bias_hh_l0 (G,), with G = H, 4H or 3H; copies.

    Raises:
        TypeError: model is no network.
        ValueError: its activation is none that PyTorch has.
    """
    if not isinstance(model, Recurrent):
        raise TypeError(f"model: expected an RNN, LSTM or GRU, got {type(model).__name__}")
    if isinstance(model, RNN) and model.activation.name not in ("tanh", "relu"):
        raise ValueError(f"model: expected the activation tanh or relu, got {model.activation.name}")
    params = model.twin().params
    b_hh = np.zeros_like(params["b_h"])
    if "b_hn" in params:
        b_hh[-model.hidden_size :] = params["b_hn"]
    W_ih, W_hh = (np.ascontiguousarray(params[name].T) for name in ("W_xh", "W_hh"))
    return {"weight_ih_l0": W_ih, "weight_hh_l0": W_hh, "bias_ih_l0": params["b_h"], "bias_hh_l0": b_hh}
