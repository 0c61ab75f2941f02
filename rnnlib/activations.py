"""The activation f of h_t = f(a_t), its derivative f'(a_t), and the largest value that derivative can take."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from rnnlib import validation
from rnnlib.validation import Array


def sigmoid(a: Array, out: Array | None = None) -> Array:
    """σ(a) = 1 / (1 + e^-a), element by element; a and the result have one shape."""
    with np.errstate(over="ignore"):  # e^-a = inf gives σ = 0, the right limit
        return np.divide(1, 1 + np.exp(-a), out=out)


def sigmoid_derivative(a: Array) -> Array:
    """σ'(a) = e / (1 + e)² with e = e^-|a|: right to the last digits even where σ(a) rounds to 1."""
    return _bell(a, 1)


def tanh_derivative(a: Array) -> Array:
    """tanh'(a) = 4 σ'(2a), which is 1 − tanh²(a) without losing digits where tanh(a) rounds to 1."""
    return _bell(a, 2)


def _bell(a: Array, k: int) -> Array:
    """k² σ'(ka), in two arrays: with a new one for each sign, a long sequence takes six times as long."""
    e = np.asarray(np.abs(a))
    e *= -k
    np.exp(e, out=e)
    square = 1 + e
    square *= square
    e /= square
    e *= k**2
    return e


def relu(a: Array, out: Array | None = None) -> Array:
    """max(a, 0), element by element."""
    return np.maximum(a, 0, out=out)


def relu_derivative(a: Array) -> Array:
    """1 where a > 0 and 0 elsewhere; at the kink, a = 0, it is 0 by convention."""
    return (a > 0).astype(a.dtype)


@dataclass(frozen=True)
class Activation:
    """An activation and what is known about it.

    Attributes:
        name: the name it is asked for by.
        f: f(a, out=None), element by element, any shape.
        derivative: f'(a), element by element, from the pre-activation a.
        max_derivative: the largest |f'(a)|; it enters the bound on what one step back can multiply by.
    """

    name: str
    f: Callable[..., Array]
    derivative: Callable[[Array], Array]
    max_derivative: float


ACTIVATIONS = {
    known.name: known
    for known in (
        Activation("tanh", np.tanh, tanh_derivative, 1.0),
        Activation("relu", relu, relu_derivative, 1.0),
        Activation("sigmoid", sigmoid, sigmoid_derivative, 0.25),
        Activation("identity", np.positive, np.ones_like, 1.0),
    )
}


def activation(name: str) -> Activation:
    """The activation of this name.

    Args:
        name: "tanh", "relu", "sigmoid" or "identity".

    Raises:
        TypeError, ValueError: no activation has this name.
    """
    return ACTIVATIONS[validation.choice("activation", name, ACTIVATIONS)]
