"""What can be said without training: spectral radius, norm bound, mean-field slope and the critical weight scale."""

from __future__ import annotations

import numpy as np

from rnnlib import validation
from rnnlib.activations import Activation
from rnnlib.activations import activation as activation_named
from rnnlib.validation import Array

# z ~ N(0, 1) on a uniform grid: for smooth functions that die out at the ends, the plain sum converges exponentially.
Z = np.linspace(-10, 10, 4001)
DENSITY = np.exp(-(Z**2) / 2) / np.exp(-(Z**2) / 2).sum()
LARGEST_VARIANCE = 1e4  # beyond it f'(√q z) is narrower than this grid can see


def spectral_radius(W: object) -> float:
    """The largest |eigenvalue| of W (H, H): in the long run W multiplies by it. ValueError if W is not square."""
    return float(np.abs(np.linalg.eigvals(_square("W", W))).max())


def norm_bound(W_hh: object, activation: str) -> float:
    """σ_max(W_hh) · max|f'|: the factor by which one step back can at most multiply a gradient's norm.

    Below 1 it forces vanishing; above 1 it only permits explosion.

    Args:
        W_hh: (H, H) recurrent weights.
        activation: the name of f.

    Raises:
        ValueError, TypeError: W_hh is not square or not finite, or no activation has this name.

    Source: Pascanu, Mikolov & Bengio (2013), arXiv:1211.5063. Taught in notebook 05.
    """
    return float(np.linalg.norm(_square("W_hh", W_hh), 2)) * activation_named(activation).max_derivative


def mean_field_slope(weight_scale: float | Array, activation: str, input_variance: float) -> float | Array:
    """Growth of ln ‖∂L/∂h‖ per step back, in a typical direction, for large H: ½ ln χ.

    q = g² E[f(√q z)²] + s is the variance of a_t once it has settled, z ~ N(0, 1), and χ = g² E[f'(√q z)²] what a step
    back multiplies the squared norm by. It holds for gaussian and orthogonal recurrent matrices, not for the identity.

    Args:
        weight_scale: g, a number or an array (n,), above 0.
        activation: the name of f.
        input_variance: s, the variance that the input gives a_t, at least 0.

    Returns:
        The slope, natural logarithm per step: below 0 vanishing, above 0 exploding; an array (n,) where g is one.

    Raises:
        ValueError, TypeError: an argument is out of range, unknown or of a wrong type.

    Source: Poole et al. (2016), arXiv:1606.05340; Schoenholz et al. (2017), arXiv:1611.01232; Chen, Pennington &
    Schoenholz (2018), arXiv:1806.05394. Taught in notebook 05.
    """
    f, s = activation_named(activation), validation.real("input_variance", input_variance, at_least=0)
    g = validation.array("weight_scale", weight_scale, () if np.isscalar(weight_scale) else ("n",))
    if (g <= 0).any():
        raise ValueError(f"weight_scale: expected numbers above 0, got {g.min():g}")
    slope = np.array([_slope(float(scale), f, s) for scale in g.ravel()])
    return slope if g.ndim else float(slope[0])


def critical_weight_scale(activation: str, input_variance: float) -> float:
    """The weight scale at which the mean-field slope is 0: below it gradients vanish, above it they explode.

    Args:
        activation: the name of f.
        input_variance: s, the variance that the input gives a_t, at least 0.

    Raises:
        ValueError, TypeError: an argument is out of range, unknown or of a wrong type.
    """
    f, s = activation_named(activation), validation.real("input_variance", input_variance, at_least=0)
    low, high = 0.1, 0.2
    while _slope(high, f, s) < 0:
        low, high = high, 2 * high
    while high - low > 1e-12 * high:
        middle = (low + high) / 2
        low, high = (middle, high) if _slope(middle, f, s) < 0 else (low, middle)
    return high


def _slope(g: float, f: Activation, s: float) -> float:
    if f.name in ("relu", "identity"):  # f' is 1, or 0 for half of all z: E[f'²] needs no q, which may be infinite
        return float(np.log(g) - (np.log(2) / 2 if f.name == "relu" else 0))
    q = _settled_variance(g, f, s)
    return float(np.log(g) + np.log(DENSITY @ f.derivative(np.sqrt(q) * Z) ** 2) / 2)


def _settled_variance(g: float, f: Activation, s: float) -> float:
    """The fixed point of q = g² E[f(√q z)²] + s, for f bounded by 1: Newton from above.

    The right side is concave in q, so the steps come down to the largest fixed point and never jump past it.
    """
    q = g * g + s  # g**2 of a float raises where this is inf
    if q > LARGEST_VARIANCE:
        wanted = f"weight_scale² + input_variance of at most {LARGEST_VARIANCE:g}"
        raise ValueError(f"weight_scale: expected {wanted}, got {q:g}")
    while q > 1e-30:  # without input and below the edge the fixed point is 0
        a = np.sqrt(q) * Z
        h = f.f(a)
        excess = q - s - g**2 * (DENSITY @ h**2)
        if excess <= 1e-14 * q:
            break
        q -= excess / (1 - g**2 * (DENSITY @ (h * f.derivative(a) * Z)) / np.sqrt(q))
    return float(max(q, 0))


def _square(name: str, W: object) -> Array:
    matrix = validation.array(name, W, ("H", "H"))
    if len(set(matrix.shape)) > 1:
        raise ValueError(f"{name}: expected a square matrix (H, H), got {matrix.shape}")
    return matrix
