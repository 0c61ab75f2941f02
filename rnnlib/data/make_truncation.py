"""Write truncation.csv again: the echo task learnt by truncated and by whole backpropagation through time.

Run by hand, python rnnlib/data/make_truncation.py: about ten minutes. A row is one training: H = 16 tanh units with an
orthogonal W_hh, inputs weighed with 0.3, read BATCHES batches of 16 sequences of 60 steps, with Adam 5e-3 and the
gradient clipped to norm 1. ``window`` is where the gradient is cut, 60 nowhere; the states are carried on from window
to window. ``learns`` is "all", or "readout": then the network stays as it was drawn. The columns loss_0, loss_80, …
are the mean squared errors on fresh sequences after so many batches; guessing 0 has 1. Taught in notebook 04.
"""

import csv
import itertools
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from rnnlib import RNN, Adam, Readout, Training, mse, sequences
from rnnlib.optimizers import State
from rnnlib.recurrent import Params

RUNS = ((4, 8, "all"), (4, 60, "all"), (12, 8, "all"), (12, 60, "all"), (12, 8, "readout"))
SEEDS, HIDDEN, STEPS, BATCH, BATCHES, EVERY = range(20), 16, 60, 16, 800, 80


class OfReadout(Adam):
    """Adam that leaves the network alone."""

    def update(self, params: Params, gradients: Params, state: State) -> tuple[Params, State]:
        """The readout's new parameters, the network's old ones."""
        updated, state = super().update(params, gradients, state)
        return params | {name: updated[name] for name in ("W_hy", "b_y")}, state


def row(lag: int, window: int, learns: str, seed: int) -> dict[str, Any]:
    """Train once; the row of the table."""
    rnn, readout = RNN(1, HIDDEN, recurrent_init="orthogonal", rng=seed), Readout(HIDDEN, 1, True, seed)
    rnn.params["W_xh"] *= 0.3
    optimizer = Adam(5e-3) if learns == "all" else OfReadout(5e-3)
    training = Training(rnn, readout, mse, optimizer, max_norm=1.0, window=window)
    draws, held_out = np.random.default_rng([seed, 1]), sequences.echo(200, 50, lag, np.random.default_rng([seed, 2]))
    losses = {"loss_0": training.evaluate(held_out)[0]}
    for batches in range(EVERY, BATCHES + 1, EVERY):
        for _ in training.run(sequences.echo(STEPS, BATCH, lag, draws) for _ in range(EVERY)):
            pass
        losses[f"loss_{batches}"] = training.evaluate(held_out)[0]
    start = {"lag": lag, "window": window, "learns": learns, "seed": seed, "updates": training.steps}
    return start | {name: f"{loss:.3f}" for name, loss in losses.items()}


def rows() -> Iterator[dict[str, Any]]:
    """Every training, seed by seed."""
    for seed, run in itertools.product(SEEDS, RUNS):
        yield row(*run, seed)


if __name__ == "__main__":
    with Path(__file__).with_name("truncation.csv").open("w", encoding="utf-8", newline="") as file:
        for each in rows():
            if not file.tell():
                writer = csv.DictWriter(file, list(each), lineterminator="\n")
                writer.writeheader()
            writer.writerow(each)
            file.flush()
            print(*each.values(), file=sys.stderr)
