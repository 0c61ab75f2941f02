"""The activation f of h_t = f(a_t), its derivative f'(a_t), and the largest value that derivative can take."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from rnnlib.validation import Array, choice


def sigmoid(a: Array, out: Array | None = None) -> Array:
    """σ(a) = 1 / (1 + e^-a), element by element; a and the result have one shape."""
    with np.errstate(over="ignore", under="ignore"):  # e^-a = inf gives σ = 0, the right limit
        return np.divide(1, 1 + np.exp(-a), out=out)


@np.errstate(over="ignore", under="ignore")
def sigmoid_derivative(a: Array) -> Array:
    """σ'(a) = (½ / cosh ½a)², which is σ (1 − σ) with all its digits, even where σ rounds to 1."""
    return np.square(0.5 / np.cosh(0.5 * a))


@np.errstate(over="ignore", under="ignore", divide="ignore")  # e^a = 0 or inf gives 0, the right limit
def tanh_derivative(a: Array) -> Array:
    """tanh'(a) = (2 / (e^a + e^-a))², which is 1 − tanh² with all its digits, even where tanh rounds to 1."""
    exp = np.exp(a)  # in the browser twice as quick as cosh
    return np.square(2 / (exp + 1 / exp))


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
    "tanh": Activation("tanh", np.tanh, tanh_derivative, 1.0),
    "relu": Activation("relu", relu, relu_derivative, 1.0),
    "sigmoid": Activation("sigmoid", sigmoid, sigmoid_derivative, 0.25),
    "identity": Activation("identity", np.positive, np.ones_like, 1.0),
}


def activation(name: str) -> Activation:
    """The activation of this name.

    Args:
        name: "tanh", "relu", "sigmoid" or "identity".

    Raises:
        TypeError, ValueError: no activation has this name.
    """
    return ACTIVATIONS[choice("activation", name, ACTIVATIONS)]
