"""Each cell written a second time, for the `autograd` package to differentiate, and what tests of the cells share."""

import copy
import functools

import autograd.numpy as anp
import numpy as np
from autograd import grad

import rnnlib


def build(name, input_size=3, hidden_size=4, seed=1, **settings):
    """The model of this name; its biases are drawn too, so that no term is hidden by a zero."""
    cell, *activation = name.split()
    settings |= {"activation": activation[0]} if activation else {}
    model = getattr(rnnlib, cell)(input_size, hidden_size, rng=seed, **settings)
    rng = np.random.default_rng((seed, 1))
    for key in model.params.keys() - {"W_xh", "W_hh"}:
        model.params[key] += rng.normal(0, 0.5, model.params[key].shape).astype(model.dtype)
    return model


def draw(model, steps=6, batch=2, seed=0, every_step=True, dtype=np.float64):
    """(inputs, dhs, ends): parameters, xs and starting states by name; what the loss adds at each step and to c_T."""
    rng = np.random.default_rng((seed, 2))

    def normal(*shape):
        return rng.standard_normal(shape).astype(dtype)

    state = (batch, model.hidden_size)
    inputs = {"xs": normal(steps, batch, model.input_size), "h_0": normal(*state)}
    dhs, ends = normal(steps, *state), {}
    if not every_step:
        dhs[:-1] = 0
    if "c" in model.states:
        inputs["c_0"], ends = normal(*state), {"dc_T": normal(*state)}
    return model.params | inputs, dhs, ends


def run(model, inputs):
    """The trace of the model with these parameters, xs and starting states."""
    twin = copy.copy(model)
    twin.params = {name: inputs[name] for name in model.params}
    return twin.forward(inputs["xs"], **{name: value for name, value in inputs.items() if name.endswith("_0")})


def loss(model, inputs, dhs, ends):
    """A loss whose gradient with respect to h_t is dhs, directly, and with respect to c_T dc_T."""
    trace = run(model, inputs)
    return float(np.sum(dhs * trace.hs[1:]) + sum(np.sum(dc_T * trace.cs[-1]) for dc_T in ends.values()))


def gradients(model, inputs, dhs, ends):
    """What ``backward`` says of every input, by its name."""
    grads = model.backward(run(model, inputs), dhs, **ends)
    starts = {f"{state}_0": getattr(grads, f"{state}s")[0] for state in model.states}
    return grads.params | {"xs": grads.xs} | starts


def differences(key, model, inputs, dhs, ends):
    """The gradient of ``loss`` with respect to one input, by central differences."""
    return rnnlib.numerical_gradient(lambda value: loss(model, inputs | {key: value}, dhs, ends), inputs[key])


def error(a, b):
    """‖a − b‖ / (‖a‖ + ‖b‖)."""
    assert a.shape == b.shape
    return np.linalg.norm(a - b) / (np.linalg.norm(a) + np.linalg.norm(b))


def sigmoid(a):
    return 1 / (1 + anp.exp(-a))


F = {"tanh": anp.tanh, "sigmoid": sigmoid, "identity": lambda a: a, "relu": lambda a: anp.where(a > 0, a, 0 * a)}
NAMES = [*(f"RNN {activation}" for activation in F), "LSTM", "GRU"]


def rnn_step(f, p, x, h, c):
    return f(anp.dot(x, p["W_xh"]) + anp.dot(h, p["W_hh"]) + p["b_h"]), c


def lstm_step(p, x, h, c):
    i, f, g, o = anp.split(anp.dot(x, p["W_xh"]) + anp.dot(h, p["W_hh"]) + p["b_h"], 4, axis=1)
    c = sigmoid(f) * c + sigmoid(i) * anp.tanh(g)
    return sigmoid(o) * anp.tanh(c), c


def gru_step(p, x, h, c):
    x_r, x_z, x_n = anp.split(anp.dot(x, p["W_xh"]) + p["b_h"], 3, axis=1)
    h_r, h_z, h_n = anp.split(anp.dot(h, p["W_hh"]), 3, axis=1)
    r, z = sigmoid(x_r + h_r), sigmoid(x_z + h_z)
    n = anp.tanh(x_n + r * (h_n + p["b_hn"]))
    return (1 - z) * n + z * h, c


def differentiated(name, inputs, dhs, ends):
    """The gradient of ``loss`` with respect to every input, by the `autograd` package."""
    cell, *activation = name.split()
    steps = {"LSTM": lstm_step, "GRU": gru_step}
    step = functools.partial(rnn_step, F[activation[0]]) if activation else steps[cell]

    def second_loss(inputs):
        h, c, total = inputs["h_0"], inputs.get("c_0"), 0.0
        for t in range(len(dhs)):
            h, c = step(inputs, inputs["xs"][t], h, c)
            total = total + anp.sum(dhs[t] * h)
        return total + sum(anp.sum(dc_T * c) for dc_T in ends.values())

    return grad(second_loss)(inputs)
