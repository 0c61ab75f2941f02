"""Check what a person passed in: every message names the argument, what came and what was wanted."""

import sys
from collections.abc import Collection, Mapping, Sequence
from math import inf
from typing import Any, TypeAlias, cast

import numpy as np
from numpy.typing import DTypeLike as DTypeLike
from numpy.typing import NDArray

Array = NDArray[np.floating[Any]]
Shape = Sequence[str | int]
Seed: TypeAlias = "int | np.random.Generator"  # in quotes: numpy loads its generators when they are first used


def array(name: str, value: object, shape: Shape | None, dtype: DTypeLike | None = np.float64) -> Array:
    """The value as an array of finite numbers of this shape.

    Args:
        name: what the caller calls the argument.
        value: anything numpy can read as real numbers.
        shape: one entry an axis: a number is the size wanted, a letter stands for any size of at least 1, the same
            letter for the same size. None is any shape.
        dtype: the floating type of the result; None keeps float32 and float64 and makes float64 of whole numbers.

    Returns:
        The array; the value itself, not a copy, where it is one of this dtype already.

    Raises:
        TypeError: the value does not hold real numbers.
        ValueError: its shape is another one, an axis is empty, a number is NaN or infinite, or it masks an entry.
    """
    came = _shaped(name, value, shape, "real numbers", "fiu")
    if dtype is None:
        dtype = came.dtype if came.dtype in (np.float32, np.float64) else np.float64
    with np.errstate(over="ignore", under="ignore"):
        numbers = came.astype(dtype, copy=False)
    if not np.isfinite(numbers).all():
        at = tuple(int(i) for i in np.argwhere(~np.isfinite(numbers))[0])
        reason = f"which is too large for {numbers.dtype}" if np.isfinite(came[at]) else "which is not a finite number"
        raise ValueError(f"{name}: expected finite numbers, got {came[at]} at index {_as_tuple(at)}, {reason}")
    return numbers


def arrays(name: str, value: Any, shapes: Mapping[str, Shape] | None, dtype: DTypeLike | None) -> dict[str, Array]:
    """A dict of arrays with exactly these names and shapes, or any if None; else an error, as ``array`` has it."""
    if not isinstance(value, Mapping):
        raise TypeError(f"{name}: expected a dict of arrays, got {type(value).__name__}")
    wanted: Mapping[str, Shape | None] = dict.fromkeys(value) if shapes is None else shapes
    if set(value) != set(wanted):
        raise ValueError(f"{name}: expected {', '.join(wanted)}, got {', '.join(map(str, value)) or 'none'}")
    return {key: array(f"{name}[{key!r}]", value[key], shape, dtype) for key, shape in wanted.items()}


def booleans(name: str, value: object, shape: Shape | None) -> NDArray[np.bool_]:
    """The value as an array of booleans of this shape; else an error, as ``array`` has it."""
    return _shaped(name, value, shape, "booleans", "b")


def indices(name: str, value: object, shape: Shape, first: int, last: int) -> NDArray[np.intp]:
    """The value as an array of whole numbers from first to last, of this shape; else an error."""
    numbers = array(name, value, shape)
    wrong = (numbers != np.floor(numbers)) | (numbers < first) | (numbers > last)
    if wrong.any():
        raise ValueError(f"{name}: expected whole numbers from {first} to {last}, got {numbers[wrong][0]:g}")
    return numbers.astype(np.intp)


def boolean(name: str, value: object) -> bool:
    """The value, if it is True or False; TypeError otherwise."""
    if not isinstance(value, bool | np.bool_):
        raise TypeError(f"{name}: expected True or False, got {value!r}")
    return bool(value)


def integer(name: str, value: object, at_least: int = 1) -> int:
    """The value as a whole number; TypeError if it is none, ValueError if it is smaller than ``at_least``."""
    if isinstance(value, bool) or not isinstance(value, (int, np.integer)):
        raise TypeError(f"{name}: expected a whole number, got {value!r}")
    if value < at_least:
        raise ValueError(f"{name}: expected a whole number of at least {at_least}, got {value}")
    return int(value)


def real(name: str, value: object, at_least: float = -inf, above: float = -inf, below: float = inf) -> float:
    """The value as a finite number; TypeError if it is none, ValueError if it is out of bounds."""
    if isinstance(value, bool) or not isinstance(value, (int, float, np.integer, np.floating)):
        raise TypeError(f"{name}: expected a number, got {value!r}")
    if abs(value) > sys.float_info.max if isinstance(value, int) else not np.isfinite(value):
        raise ValueError(f"{name}: expected a finite number, got {value}")
    bounds = {f"of at least {at_least:g}": value >= at_least, f"above {above:g}": value > above}
    for words, holds in (bounds | {f"below {below:g}": value < below}).items():
        if not holds:
            raise ValueError(f"{name}: expected a number {words}, got {value}")
    return float(value)


def choice(name: str, value: object, options: Collection[str]) -> str:
    """The value, if it is one of the options; TypeError or ValueError otherwise."""
    if not isinstance(value, str) or value not in options:
        error = ValueError if isinstance(value, str) else TypeError
        raise error(f"{name}: expected one of {', '.join(map(repr, options))}, got {value!r}")
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


def generator(name: str, value: object, *stream: int) -> "np.random.Generator":
    """A random generator from a seed, or the generator itself; each stream of one seed has draws of its own."""
    if isinstance(value, np.random.Generator):
        return value
    try:
        return np.random.default_rng(np.random.SeedSequence(integer(name, value, at_least=0), spawn_key=stream))
    except TypeError:
        raise TypeError(f"{name}: expected a whole number or a numpy.random.Generator, got {value!r}") from None


def _shaped(name: str, value: object, shape: Shape | None, kind: str, letters: str) -> NDArray[Any]:
    """The value as an array of this shape, whose dtype is of one of these kinds."""
    if "numpy.ma" in sys.modules and np.ma.is_masked(value):  # it is loaded by those who use it, not by numpy
        raise ValueError(f"{name}: expected {kind} everywhere, got a masked array; fill it first: .filled(...)")
    try:
        came = np.asarray(value)
    except ValueError:
        raise ValueError(f"{name}: expected an array of {kind}, got rows of unequal length") from None
    wanted = [max(size, 1) for size in came.shape] if shape is None else shape
    if came.dtype.kind not in letters:
        got = "None" if value is None else f"{type(value).__name__} of {came.dtype} {_as_tuple(came.shape)}"
        raise TypeError(f"{name}: expected an array of {kind} {_as_tuple(wanted)}, got {got}")
    sizes = [size if isinstance(size, int) else max(came.shape[wanted.index(size)], 1) for size in wanted[: came.ndim]]
    if came.ndim != len(wanted) or list(came.shape) != sizes:
        raise ValueError(f"{name}: expected {_as_tuple(wanted)}, got {_as_tuple(came.shape)}")
    return came


def _as_tuple(shape: Shape) -> str:
    return "(" + ", ".join(str(size) for size in shape) + ("," if len(shape) == 1 else "") + ")"
