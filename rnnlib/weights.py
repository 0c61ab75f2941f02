"""Starting weights: the base matrices that the weight scale multiplies, and the input weights."""

import numpy as np

from rnnlib.validation import Array, choice


def gaussian(size: int, rng: "np.random.Generator") -> Array:
    """(H, H) entries N(0, 1/H): the spectral radius tends to 1 as H grows (circular law, Ginibre 1965)."""
    return rng.standard_normal((size, size)) / np.sqrt(size)


def orthogonal(size: int, rng: "np.random.Generator") -> Array:
    """(H, H) orthogonal matrix, every one equally likely: all singular values are 1.

    Source: Mezzadri (2007), arXiv:math-ph/0609050: the signs of R's diagonal make the QR factor uniform.
    """
    q, r = np.linalg.qr(rng.standard_normal((size, size)))
    return q * np.sign(np.diag(r))


def identity(size: int, rng: "np.random.Generator") -> Array:
    """(H, H) identity matrix; draws nothing. Source: Le, Jaitly & Hinton (2015), arXiv:1504.00941."""
    return np.eye(size)


BASES = {"gaussian": gaussian, "orthogonal": orthogonal, "identity": identity}


def recurrent_matrix(kind: str, size: int, blocks: int, rng: "np.random.Generator") -> Array:
    """(H, blocks·H): one base matrix of this kind a block, side by side, before the weight scale.

    Raises:
        TypeError, ValueError: no base matrix has this name.
    """
    base = BASES[choice("recurrent_init", kind, BASES)]
    return np.hstack([base(size, rng) for _ in range(blocks)])


def input_matrix(input_size: int, columns: int, rng: "np.random.Generator") -> Array:
    """(D, columns) entries N(0, 1/D): inputs of variance s give the pre-activation the variance s."""
    return rng.standard_normal((input_size, columns)) / np.sqrt(input_size)
