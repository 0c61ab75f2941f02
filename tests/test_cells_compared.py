"""The tables and weights that scripts beside the data have made: complete, as stated, and made again the same way."""

import csv
import runpy
from pathlib import Path

import numpy as np
import pytest

from rnnlib import sequences

DATA = Path(__file__).parents[1] / "rnnlib/data"
SCRIPT = runpy.run_path(str(DATA / "make_cells_compared.py"))
with (DATA / "cells_compared.csv").open(encoding="utf-8") as file:
    ROWS = list(csv.DictReader(file))


def test_every_run_is_in_the_table_in_order():
    came = [tuple(row[name] for name in ("steps", "cell", "bias", "input_bias", "rate", "seed")) for row in ROWS]
    wanted = []
    for steps, held in (("20", "3.34"), ("50", "4.27"), ("100", "4.97")):
        assert abs((1 / (1 + np.exp(-float(held)))) ** int(steps) - 0.5) < 0.005  # half is left, to two decimals of b
        starts = [("RNN", "0.0", "0.0"), ("GRU", held, "0.0")]
        starts += [("LSTM", held, f"-{held}"), ("LSTM", held, "0.0"), ("LSTM", "0.0", "0.0")]
        wanted += [
            (steps, *start, rate, seed) for start in starts for rate in ("0.002", "0.004") for seed in "0123456789"
        ]
    assert came == wanted


def test_all_cells_have_the_same_budget_of_parameters():
    sizes = {row["cell"]: int(row["parameters"]) for row in ROWS}
    assert sizes == {"RNN": 2932, "GRU": 2864, "LSTM": 2820}
    assert max(sizes.values()) / min(sizes.values()) < 1.05


def test_a_run_ends_when_enough_is_right_or_the_updates_are_used_up():
    for row in ROWS:
        assert (float(row["accuracy"]) >= 0.99) or row["updates"] == "1500", row
        assert 0.2 < float(row["accuracy"]) <= 1


@pytest.mark.parametrize(("cell", "bias"), [("RNN", 0.0), ("LSTM", 3.34)])
def test_a_short_run_comes_out_again(cell, bias):
    wanted = {
        "steps": "20",
        "cell": cell,
        "bias": str(bias),
        "input_bias": str(-bias or 0.0),
        "rate": "0.004",
        "seed": "0",
    }
    (row,) = [row for row in ROWS if wanted.items() <= row.items()]
    again = SCRIPT["run"](cell, bias, -bias, 20, 4e-3, 0)
    assert float(again["accuracy"]) >= 0.99
    assert abs(again["updates"] - int(row["updates"])) <= 50  # another machine rounds otherwise


@pytest.mark.slow
def test_the_lstm_that_adds_is_learnt_again():
    training = runpy.run_path(str(DATA / "make_adding_lstm.py"))["trained"]()
    assert training.evaluate(sequences.adding(50, 500, 1))[0] < 2e-3
