"""Check what a person passed in: every message names the argument, what came and what was wanted."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, cast

import numpy as np
from numpy.typing import DTypeLike, NDArray

Array = NDArray[np.floating[Any]]
Shape = Sequence[str | int]


def array(name: str, value: object, shape: Shape | None, dtype: DTypeLike | None = np.float64) -> Array:
    """The value as an array of finite numbers of this shape.

    Args:
        name: what the caller calls the argument.
        value: anything numpy can read as real numbers.
        shape: one entry an axis: a number is the size wanted, a letter stands for any size of at least 1.
            None is any shape.
        dtype: the floating type of the result; None keeps float32 and float64 and makes float64 of whole numbers.

    Returns:
        The array; the value itself, not a copy, where it is one of this dtype already.

    Raises:
        TypeError: the value does not hold real numbers.
        ValueError: its shape is another one, an axis is empty, or a number is NaN or infinite.
    """
    try:
        came = np.asarray(value)
    except ValueError:
        raise ValueError(f"{name}: expected an array of numbers, got rows of unequal length") from None
    if shape is None:
        shape = [max(size, 1) for size in came.shape]
    if came.dtype.kind not in "fiu":
        raise TypeError(f"{name}: expected an array of real numbers {_words(shape)}, got {_describe(value, came)}")
    wanted_sizes = [size if isinstance(size, int) else max(came_size, 1) for size, came_size in zip(shape, came.shape)]
    if came.ndim != len(shape) or list(came.shape) != wanted_sizes:
        raise ValueError(f"{name}: expected {_words(shape)}, got {_words(came.shape)}")
    if dtype is None:
        dtype = came.dtype if came.dtype in (np.float32, np.float64) else np.float64
    with np.errstate(over="ignore"):
        numbers = came.astype(dtype, copy=False)
    if not np.isfinite(numbers).all():
        place = tuple(int(i) for i in np.argwhere(~np.isfinite(numbers))[0])
        number = came[place]
        reason = f"which is too large for {numbers.dtype}" if np.isfinite(number) else "which is not a finite number"
        raise ValueError(f"{name}: expected finite numbers, got {number} at index {_words(place)}, {reason}")
    return numbers


def arrays(name: str, value: Any, shapes: Mapping[str, Shape], dtype: DTypeLike | None) -> dict[str, Array]:
    """A dict of arrays with exactly these names and shapes; else an error that names the entry, as ``array`` has it."""
    if not isinstance(value, Mapping):
        raise TypeError(f"{name}: expected a dict of arrays, got {type(value).__name__}")
    if set(value) != set(shapes):
        raise ValueError(f"{name}: expected {', '.join(shapes)}, got {', '.join(map(str, value)) or 'none'}")
    return {key: array(f"{name}[{key!r}]", value[key], shape, dtype) for key, shape in shapes.items()}


def integer(name: str, value: object, at_least: int = 1) -> int:
    """The value as a whole number; TypeError if it is none, ValueError if it is smaller than ``at_least``."""
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)):
        raise TypeError(f"{name}: expected a whole number, got {value!r}")
    if value < at_least:
        raise ValueError(f"{name}: expected a whole number of at least {at_least}, got {value}")
    return int(value)


def real(name: str, value: object, at_least: float = -np.inf, above: float = -np.inf) -> float:
    """The value as a finite number; TypeError if it is none, ValueError if it is out of bounds."""
    if isinstance(value, bool) or not isinstance(value, (int, float, np.integer, np.floating)):
        raise TypeError(f"{name}: expected a number, got {value!r}")
    try:
        number = float(value)
    except OverflowError:  # a whole number of hundreds of digits
        number = np.inf
    if not np.isfinite(number):
        raise ValueError(f"{name}: expected a finite number, got {value}")
    if number < at_least:
        raise ValueError(f"{name}: expected a number of at least {at_least:g}, got {value}")
    if number <= above:
        raise ValueError(f"{name}: expected a number above {above:g}, got {value}")
    return number


def choice(name: str, value: object, options: Collection[str]) -> str:
    """The value, if it is one of the options; TypeError or ValueError otherwise."""
    wanted = ", ".join(repr(option) for option in options)
    if not isinstance(value, str) or value not in options:
        error = ValueError if isinstance(value, str) else TypeError
        raise error(f"{name}: expected one of {wanted}, got {value!r}")
    return value


def floating(name: str, value: DTypeLike) -> np.dtype[np.floating[Any]]:
    """The value as the dtype float64 or float32."""
    try:
        dtype = np.dtype(value)
    except (TypeError, ValueError, SyntaxError):  # the last for text such as ","
        raise TypeError(f"{name}: expected float64 or float32, got {value!r}") from None
    if value is None or dtype not in (np.float64, np.float32):
        raise ValueError(f"{name}: expected float64 or float32, got {value if value is None else dtype}")
    return cast("np.dtype[np.floating[Any]]", dtype)


def generator(name: str, value: object, *stream: int) -> np.random.Generator:
    """A random generator from a seed, or the generator itself; each stream of one seed has draws of its own."""
    if isinstance(value, np.random.Generator):
        return value
    try:
        return np.random.default_rng(np.random.SeedSequence(integer(name, value, at_least=0), spawn_key=stream))
    except TypeError:
        raise TypeError(f"{name}: expected a whole number or a numpy.random.Generator, got {value!r}") from None


def _words(shape: Shape) -> str:
    return "(" + ", ".join(str(size) for size in shape) + ("," if len(shape) == 1 else "") + ")"


def _describe(value: object, came: NDArray[Any]) -> str:
    return "None" if value is None else f"{type(value).__name__} of {came.dtype} {_words(came.shape)}"
