"""What a guess without memory gets is recomputed from drawn sequences, wherever it is stated."""

import re
from pathlib import Path

import numpy as np
import pytest

from rnnlib import accuracy, cross_entropy, mse, sequences, widgets
from rnnlib.plots.style import BLACK

B = 20_000
README = (Path(__file__).parents[1] / "benchmarks/README.md").read_text(encoding="utf-8")


def temporal_order():
    """(loss, share right) of the same answer to everything."""
    _, labels, _ = sequences.temporal_order(50, B, 0)
    return cross_entropy(np.zeros((B, 4)), labels)[0], max(accuracy(np.eye(4)[[c] * B], labels) for c in range(4))


def adding():
    """(loss, share right) of answering 1; a sum is right to within 0.1."""
    targets = sequences.adding(50, B, 0).targets
    return mse(np.ones((B, 1)), targets)[0], np.mean(abs(targets - 1) < 0.1)


@pytest.mark.parametrize("measured", [temporal_order, adding], ids=lambda measured: measured.__name__)
def test_the_training_lab_draws_the_guess_of_its_task(measured):
    lab = widgets.training_lab(task=measured.__name__)
    for axis, value in zip(("loss", "right"), measured()):
        (guess,) = [line for line in lab.figure.axes[axis].lines if line.get_color() == BLACK]
        assert guess.get_ydata() == pytest.approx([value] * 2, abs=0.01)
    lab.close()


def test_the_docstrings_and_the_benchmarks_state_what_is_measured():
    loss, share = temporal_order()
    assert loss == pytest.approx(np.log(4), rel=1e-12)
    assert f"a cross-entropy of ln 4 and {100 * (1 - share):.0f} % errors" in sequences.temporal_order.__doc__
    assert f"{share:.2f}; the bag" in re.search(r"### Temporal order.*?Chance is (.*)", README, re.S)[1]
    assert adding()[0] == pytest.approx(1 / 6, abs=5 * np.sqrt(7 / 180 / B))
    assert "a mean squared error of 1/6" in sequences.adding.__doc__
    assert "predicting 1 gives 1/6 = 0.1667" in README
    _, rising_or_falling = sequences.glides(50, 0)
    assert f"Chance is {accuracy(np.eye(2)[[0] * 100], rising_or_falling)}." in README
    echoed = sequences.echo(200, 50, 3, 0)
    assert mse(np.zeros_like(echoed.targets), *echoed[1:3])[0] == 1
    assert "has a mean squared error of 1." in sequences.echo.__doc__
