"""Write cells_compared.csv again: RNN, GRU and LSTM of one size, trained on temporal order at several lengths.

Run by hand, python rnnlib/data/make_cells_compared.py: about an hour. Every row is one run: it
ends when 99 % of the held-out sequences are right, or after UPDATES updates. Taught in notebook 06.
"""

import csv
import itertools
import sys
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from rnnlib import GRU, LSTM, RNN, Adam, Readout, Training, accuracy, cross_entropy, sequences

LENGTHS, RATES, SEEDS = (20, 50, 100), (2e-3, 4e-3), range(10)
BATCH, UPDATES, EVERY, ENOUGH = 32, 1500, 50, 0.99
CELLS = {"RNN": (RNN, 48), "GRU": (GRU, 26), "LSTM": (LSTM, 22)}  # H for 2,932, 2,864 and 2,820 parameters with readout


def model(cell: str, bias: float, input_bias: float, seed: int) -> RNN | GRU | LSTM:
    """The network; all recurrent matrices are orthogonal, and f of the LSTM or z of the GRU starts at σ(bias)."""
    kind, H = CELLS[cell]
    net = kind(8, H, recurrent_init="orthogonal", rng=seed)
    net.params["b_h"][H : 2 * H] = bias  # nothing, in an RNN
    if cell == "LSTM":
        net.params["b_h"][:H] = input_bias
    return net


def batches(steps: int, seed: int) -> Iterator[sequences.Batch]:
    """Fresh sequences without end."""
    rng = np.random.default_rng(seed)
    while True:
        yield sequences.temporal_order(steps, BATCH, rng)


def run(cell: str, bias: float, input_bias: float, steps: int, rate: float, seed: int) -> dict[str, object]:
    """Train once; the row of the table."""
    readout = Readout(CELLS[cell][1], 4, rng=seed)
    training = Training(model(cell, bias, input_bias, seed), readout, cross_entropy, Adam(rate), accuracy, max_norm=1.0)
    held_out, best = sequences.temporal_order(steps, 500, 1000), 0.0
    for record in itertools.islice(training.run(batches(steps, seed)), UPDATES):
        if record.step % EVERY == 0:
            best = max(best, training.evaluate(held_out)[1] or 0.0)
            if best >= ENOUGH:
                break
    size = sum(value.size for value in (training.model.params | readout.params).values())
    start = {"cell": cell, "bias": round(bias, 2), "input_bias": round(input_bias, 2), "parameters": size}
    return start | {"steps": steps, "rate": rate, "seed": seed, "accuracy": f"{best:.3f}", "updates": record.step}


def rows() -> Iterator[dict[str, object]]:
    """Every run; a gate's bias is 0, or the one with which half of the memory is left after all the steps."""
    for steps in LENGTHS:
        long = -float(np.log(2 ** (1 / steps) - 1))
        starts = [("RNN", 0.0, 0.0), ("GRU", long, 0.0)]
        starts += [("LSTM", long, -long), ("LSTM", long, 0.0), ("LSTM", 0.0, 0.0)]
        for start in starts:
            for rate, seed in itertools.product(RATES, SEEDS):
                yield run(*start, steps, rate, seed)


if __name__ == "__main__":
    with Path(__file__).with_name("cells_compared.csv").open("w", encoding="utf-8", newline="") as file:
        for row in rows():
            if not file.tell():
                writer = csv.DictWriter(file, list(row), lineterminator="\n")
                writer.writeheader()
            writer.writerow(row)
            file.flush()
            print(*row.values(), file=sys.stderr)
