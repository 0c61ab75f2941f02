"""Texts that a character model makes up."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from rnnlib.readout import Readout
from rnnlib.recurrent import Recurrent
from rnnlib.sequences import END
from rnnlib.validation import Array, Seed, generator, integer, real


@np.errstate(over="ignore", under="ignore")  # at a low temperature e^ of what is unlikely is 0
def dream(
    model: Recurrent[Any],
    readout: Readout,
    symbols: Sequence[str],
    count: int,
    temperature: float = 1.0,
    rng: Seed = 0,
    longest: int = 30,
) -> list[str]:
    """Texts that a character model makes up, from END to END.

    Args:
        model: what was trained on ``sequences.characters`` with these symbols.
        readout: its readout.
        symbols: the vocabulary, V characters with END among them.
        count: how many texts.
        temperature: the logits are divided by it: below 1 likely characters become likelier, above 1 all more alike.
        rng: a seed or a generator.
        longest: a text is cut off after this many characters.

    Raises:
        ValueError, TypeError: an argument is out of range or of a wrong type, or does not fit the model.

    Taught in notebook 03.
    """
    B, heat = integer("count", count), real("temperature", temperature, above=0)
    V, wanted = [str(symbol) for symbol in symbols], (model.input_size, readout.output_size)
    if END not in V or wanted != (len(V), len(V)):
        sizes = f"{wanted[0]} for the model and {wanted[1]} for the readout"
        raise ValueError(f"symbols: expected characters with END among them, {sizes}, got {len(V)}: {V}")
    random, one_hot = generator("rng", rng, 4), np.eye(len(V))
    said = np.full((1, B), V.index(END))
    states: dict[str, Array] = {}
    for _ in range(integer("longest", longest)):
        trace = model.forward(one_hot[said[-1:]], **states)
        states = {f"{name}_0": getattr(trace, f"{name}s")[-1] for name in model.states}
        ys = readout.forward(trace.hs).reshape(B, -1)
        up_to = np.exp((ys - ys.max(axis=1, keepdims=True)) / heat).cumsum(axis=1)
        drawn = (up_to > random.random((B, 1)) * up_to[:, -1:]).argmax(axis=1)
        said = np.concatenate([said, drawn[None]])
    return ["".join(V[i] for i in column).split(END)[0] for column in said[1:].T]
