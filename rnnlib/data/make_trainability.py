"""Makes trainability.csv: does a network learn what its gradient can carry? About ten minutes on one core.

    python rnnlib/data/make_trainability.py

A tanh RNN with H = 32 learns temporal order (T = 50, inputs as drawn) from 1,500 batches of 32 with Adam 2e-3, the
gradient clipped to norm 1. A row is one training: weight scale, seed, ln ‖∂L/∂h_0‖/‖∂L/∂h_T‖ before it (the median over
1,000 held-out sequences), the best accuracy on them, of ten looks, and the logarithm after it.

On a processor that rounds in another way, or with another BLAS, the table comes out otherwise: training makes the last
digit of a sum into another network. trainability_haswell.csv is the table with OPENBLAS_CORETYPE=Haswell on the same
machine: single accuracies differ by up to 0.7, medians of a scale by up to 0.04.
"""

import csv
import itertools
from pathlib import Path

import numpy as np

import rnnlib
from rnnlib import sequences

SCALES, SEEDS = (0.3, 0.6, 0.9, 1.2, 1.5, 1.8, 2.4, 3.0), range(20)
LOOKS, UPDATES = 10, 150


def row(scale: float, seed: int) -> list[object]:
    """One training."""
    model, readout = rnnlib.RNN(8, 32, weight_scale=scale, rng=seed), rnnlib.Readout(32, 4, rng=seed)
    held_out = sequences.temporal_order(50, 1000, np.random.default_rng([seed, 2]))
    before = np.median(rnnlib.log_gradient_norms(model, held_out.xs)[0])
    draws = np.random.default_rng([seed, 1])
    training = rnnlib.Training(model, readout, rnnlib.cross_entropy, rnnlib.Adam(2e-3), rnnlib.accuracy, max_norm=1.0)
    run, best = training.run(iter(lambda: sequences.temporal_order(50, 32, draws), None)), 0.0
    for _ in range(LOOKS):
        for _ in itertools.islice(run, UPDATES):
            pass
        best = max(best, training.evaluate(held_out)[1] or 0.0)
    after = np.median(rnnlib.log_gradient_norms(training.model, held_out.xs)[0])
    return [scale, seed, f"{before:.2f}", f"{best:.3f}", f"{after:.2f}"]


def main() -> None:
    """Train them all and write the table."""
    with Path(__file__).with_name("trainability.csv").open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["weight_scale", "seed", "log_ratio", "accuracy", "log_ratio_after"])
        for scale, seed in itertools.product(SCALES, SEEDS):
            writer.writerow(row(scale, seed))
            file.flush()


if __name__ == "__main__":
    main()
