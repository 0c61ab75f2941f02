"""What can be said without training: spectral radius, norm bound, mean-field slope and the critical weight scale."""

import functools
from collections.abc import Callable

import numpy as np

from rnnlib import activations
from rnnlib.validation import Array, array, real

# z ~ N(0, 1) at ±e^u, u evenly spaced: where f is smooth on either side of 0 the plain sum converges exponentially, and
# alike for every q, since √q z only moves u. A jump of f' elsewhere costs the slope up to 0.003.
POSITIVE = np.exp(np.arange(-36, 2.3, 0.025))
SHARES = POSITIVE * np.exp(-(POSITIVE**2) / 2)
Z, DENSITY = np.append(-POSITIVE, POSITIVE), np.append(SHARES, SHARES) / (2 * SHARES.sum())
LN_Q = 0.2 * np.arange(-345, 93)  # of q = 1e-30, which stands for 0, to 1e8, beyond which f' is too narrow for the grid


def spectral_radius(W: object) -> float:
    """The largest |eigenvalue| of W (H, H): in the long run W multiplies by it. ValueError if W is not square."""
    return float(np.abs(np.linalg.eigvals(array("W", W, ("H", "H")))).max())


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
    largest = float(np.linalg.norm(array("W_hh", W_hh, ("H", "H")), 2))
    return largest * activations.activation(activation).max_derivative


def mean_field_slope(weight_scale: float | Array, activation: str, input_variance: float) -> float | Array:
    """Growth of ln ‖∂L/∂h‖ per step back, in a typical direction, for large H: ½ ln χ.

    q = g² E[f(√q z)²] + s is the variance of a_t once it has settled, z ~ N(0, 1), and χ = g² E[f'(√q z)²] what a step
    back multiplies the squared norm by. Of several q it is the one that variance reaches from 1; where it grows without
    end, χ is its limit. It holds for gaussian and orthogonal recurrent matrices, not for the identity.

    Args:
        weight_scale: g, a number or an array (n,), above 0.
        activation: the name of f.
        input_variance: s, the variance that the input gives a_t, at least 0.

    Returns:
        The slope, natural logarithm per step: below 0 vanishing, above 0 exploding; an array (n,) where g is one.

    Raises:
        ValueError, TypeError: an argument is out of range, unknown or of a wrong type; or q does not settle below 1e8,
            and χ has no limit.

    Source: Poole et al. (2016), arXiv:1606.05340; Schoenholz et al. (2017), arXiv:1611.01232; Chen, Pennington &
    Schoenholz (2018), arXiv:1806.05394. Taught in notebook 05.
    """
    f, s = activations.activation(activation), real("input_variance", input_variance, at_least=0)
    g = array("weight_scale", weight_scale, () if np.isscalar(weight_scale) else ("n",))
    if (g <= 0).any():
        raise ValueError(f"weight_scale: expected numbers above 0, got {g.min():g}")
    slope = _slopes(g.ravel(), f, s)
    if np.isnan(slope).any():
        came = f"{g.ravel()[np.isnan(slope)][0]:g} with {f.name} and input_variance {s:g}"
        raise ValueError(f"weight_scale: expected one with which the variance of a_t settles below 1e+08, got {came}")
    return slope if g.ndim else float(slope[0])


def critical_weight_scale(activation: str, input_variance: float) -> float:
    """The weight scale at which the mean-field slope is 0: below it gradients vanish, above it they explode.

    Args:
        activation: the name of f.
        input_variance: s, the variance that the input gives a_t, at least 0.

    Raises:
        ValueError, TypeError: an argument is out of range, unknown or of a wrong type; or there is no such scale.
    """
    f, s = activations.activation(activation), real("input_variance", input_variance, at_least=0)
    scales = 4.0 ** np.arange(-10, 11)
    slopes = _slopes(scales, f, s)
    edges = np.flatnonzero((slopes[:-1] < 0) & (slopes[1:] >= 0))
    if not edges.size:
        raise ValueError(f"activation: expected one with an edge between 1e-6 and 1e6, got {f.name}")
    ln_g = np.log(scales[edges[0] : edges[0] + 2])
    return float(np.exp(_falling_root(lambda x: -_slopes(np.exp(x), f, s), ln_g[:1], ln_g[1:])[0]))


@np.errstate(all="ignore")
def _slopes(g: Array, f: activations.Activation, s: float) -> Array:
    """The slope for each g (n,); NaN where q leaves the grid and E[f'(√q z)²] has not settled."""
    variances, squares = _on_the_grid(f)
    # Beside 0, not at 0, where f' may be a convention.
    at_0, at_infinity = (f.derivative(np.array([[-1e-300, 1e-300], [-1e9, 1e9]])) ** 2).mean(axis=1)
    if np.ptp(squares) <= 1e-12 * squares.min():  # f(ca) = c f(a) for c > 0: E[f'²] is the same for every q
        return np.log(g) + np.log(at_0) / 2
    rises = ~(g[:, None] ** 2 * variances + s < np.exp(LN_Q))  # NaN does not fall
    rises[:, 0] = True  # nothing falls below 0
    settles = rises[:, :-1] & ~rises[:, 1:] & ((LN_Q[:-1] >= 0) == rises[:, LN_Q == 0])  # up from q = 1, or down
    low = np.where(settles, abs(LN_Q[:-1]), np.inf).argmin(axis=1)
    cell = LN_Q[low], LN_Q[low + 1]
    ln_q = _falling_root(lambda x: np.where(low > 0, np.log(g**2 * _mean_square(f.f, x) + s) - x, 0), *cell)
    beyond = at_infinity if abs(squares[-1] - at_infinity) <= 1e-3 * at_infinity else np.nan
    square = np.where(low > 0, _mean_square(f.derivative, ln_q), at_0)
    return np.log(g) + np.log(np.where(settles.any(axis=1), square, beyond)) / 2


@functools.cache
def _on_the_grid(f: activations.Activation) -> tuple[Array, Array]:
    return _mean_square(f.f, LN_Q), _mean_square(f.derivative, LN_Q)


def _mean_square(f: Callable[[Array], Array], ln_q: Array) -> Array:
    """E[f(√q z)²] for each q (n,)."""
    return f(np.exp(ln_q / 2)[:, None] * Z) ** 2 @ DENSITY


def _falling_root(y: Callable[[Array], Array], low: Array, high: Array) -> Array:
    """Where y (n,) falls through 0 between low and high: false position (Illinois; Dowell & Jarratt 1971)."""
    y_low, y_high, before = y(low), y(high), np.zeros_like(low)
    for _ in range(100):
        x = low + (high - low) * np.clip(np.nan_to_num(y_low / (y_low - y_high)), 0, 1)  # NaN: 0 at both, to rounding
        y_x = y(x)
        if (abs(y_x) < 1e-13).all():
            break
        above, kept = y_x > 0, np.where(y_x * before > 0, 0.5, 1)  # an end that is kept again pulls half as much
        low, high = np.where(above, x, low), np.where(above, high, x)
        y_low, y_high, before = np.where(above, y_x, kept * y_low), np.where(above, kept * y_high, y_x), y_x
    return x
