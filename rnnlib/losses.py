"""How wrong an output is, as one number and as its gradient: squared error, cross-entropy, and the share of hits."""

import numpy as np

from rnnlib.validation import Array, array, booleans, indices


@np.errstate(over="ignore", under="ignore")  # an infinite loss is for the caller to judge
def mse(ys: object, targets: object, mask: object = None) -> tuple[float, Array]:
    """Mean squared error: the mean of (y − target)² over all outputs that count.

    Args:
        ys: (T, B, K) or (B, K) outputs.
        targets: what they should be, of the same shape.
        mask: (T, B) or (B,) booleans, True where an output counts; all count if None.

    Returns:
        (the value; dL/dy of the shape and type of ys, zero where nothing counts).

    Raises:
        ValueError, TypeError: an argument has a wrong shape or type or is not finite, or nothing counts.
    """
    ys = _outputs(ys)
    targets = array("targets", targets, ys.shape, ys.dtype)
    weights = _weights(mask, ys)[..., None] / ys.shape[-1]
    difference = weights * (ys - targets)
    return float((difference * (ys - targets)).sum()), 2 * difference


@np.errstate(over="ignore", under="ignore")  # a difference beyond the range is −inf, of which e^ is 0
def cross_entropy(ys: object, labels: object, mask: object = None) -> tuple[float, Array]:
    """Cross-entropy of softmax(y): the mean of −ln p(label) over all outputs that count, in nats.

    Args:
        ys: (T, B, K) or (B, K) logits; only their differences matter, and however large they are nothing overflows.
        labels: (T, B) or (B,) the right classes, 0 … K−1.
        mask: (T, B) or (B,) booleans, True where an output counts; all count if None.

    Returns:
        (the value; dL/dy of the shape and type of ys: softmax(y), less 1 at the label, over the number of outputs that
        count, and zero where nothing counts).

    Raises:
        ValueError, TypeError: an argument has a wrong shape or type or is not finite, or nothing counts.
    """
    ys = _outputs(ys)
    labels, weights = indices("labels", labels, ys.shape[:-1], 0, ys.shape[-1] - 1), _weights(mask, ys)
    shifted = ys - ys.max(axis=-1, keepdims=True)
    log_p = shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))
    log_p_label = np.take_along_axis(log_p, labels[..., None], axis=-1)
    dys = np.exp(log_p)
    np.put_along_axis(dys, labels[..., None], np.exp(log_p_label) - 1, axis=-1)
    counts = weights > 0
    return -float(weights[counts] @ log_p_label[counts, 0]), dys * weights[..., None]


def accuracy(ys: object, labels: object, mask: object = None) -> float:
    """The share of outputs whose largest entry is the label's, among those that count.

    Args:
        ys: (T, B, K) or (B, K) logits.
        labels: (T, B) or (B,) the right classes, 0 … K−1.
        mask: (T, B) or (B,) booleans, True where an output counts; all count if None.

    Raises:
        ValueError, TypeError: an argument has a wrong shape or type or is not finite, or nothing counts.
    """
    ys = _outputs(ys)
    hits = ys.argmax(axis=-1) == indices("labels", labels, ys.shape[:-1], 0, ys.shape[-1] - 1)
    return float(hits[_weights(mask, ys) > 0].mean())


def _outputs(ys: object) -> Array:
    checked = array("ys", ys, None, dtype=None)
    return array("ys", checked, ("T", "B", "K") if checked.ndim == 3 else ("B", "K"), dtype=None)


def _weights(mask: object, ys: Array) -> Array:
    """What each output weighs in the mean: one over the number of those that count, or 0."""
    counts = booleans("mask", np.full(ys.shape[:-1], True) if mask is None else mask, ys.shape[:-1])
    if not counts.any():
        raise ValueError("mask: expected True somewhere, got False everywhere")
    return (counts / counts.sum()).astype(ys.dtype)
