"""The character lab: its loss, code and dreams are those of a run of the core."""

from collections import Counter

import numpy as np
import pytest
from contract import moving, printed, words

import rnnlib
from rnnlib.labs.characters_lab import compute
from rnnlib.locale import text
from rnnlib.plots.style import BLACK, ORANGE
from rnnlib.widgets import characters_lab

NAMES = rnnlib.sequences.country_names()
SYMBOLS = rnnlib.sequences.vocabulary(NAMES)


@pytest.fixture
def lab():
    made = characters_lab(seed=3)
    yield made
    made.close()


def test_loss_sentence_code_and_dreams_are_those_of_a_run_of_the_core(lab, drawn):
    lab.apply(weight_scale=0.9, learning_rate=0.005, temperature=1.2)
    drawn.clear()
    lab.train(7)
    draws = np.random.default_rng([3, 1])
    batches = [rnnlib.sequences.characters(list(draws.choice(NAMES, 32)), SYMBOLS) for _ in range(7)]
    rnn, readout = rnnlib.RNN(66, 64, weight_scale=lab.settings["weight_scale"], rng=3), rnnlib.Readout(64, 66, True, 3)
    rate = lab.settings["learning_rate"]
    training = rnnlib.Training(rnn, readout, rnnlib.cross_entropy, rnnlib.Adam(rate), max_norm=1)
    losses = [record.loss for record in training.run(batches)]
    np.testing.assert_allclose(moving(lab, drawn, "loss")[0].get_ydata(), losses, rtol=1e-9)
    assert f"After 7 updates the loss is {losses[-1]:.2f} " in lab.summary
    assert printed(lab.code) == f"{losses[-1]:.2f}"
    dreams = rnnlib.dream(rnn, readout, SYMBOLS, 8, 1.2, 3)
    said, title = moving(lab, drawn, "names"), lab.figure.axes["names"].texts[0]
    assert words(said) == dreams
    assert np.diff([title.get_position()[1], *(each.get_position()[1] for each in said), 0]).max() < -0.1
    assert ", ".join(f"“{name}”" for name in dreams) in lab.summary
    assert f"{sum(name in NAMES for name in dreams)} of these are real" in lab.summary


def test_the_two_lines_are_ln_c_and_the_entropy_of_the_letters(lab):
    counts = Counter("".join(name + "\n" for name in NAMES))
    entropy = -sum(n / counts.total() * np.log(n / counts.total()) for n in counts.values())
    ax = lab.figure.axes["loss"]
    assert {line.get_color(): line.get_ydata()[0] for line in ax.lines} == pytest.approx(
        {BLACK: np.log(66), ORANGE: entropy}
    )
    assert (ax.get_xlim(), ax.get_title("left")) == ((0, compute.UPDATES), text("characters.loss"))
    assert ax.get_ylim() == pytest.approx((0, 1.2 * np.log(66)))
    assert compute.corpus()[2:] == pytest.approx((np.log(66), entropy))
    named = dict(zip((each.get_text() for each in ax.get_legend().get_texts()), ax.get_legend().legend_handles))
    assert {name: handle.get_color() for name, handle in named.items()} == {
        text("characters.alike"): BLACK,
        text("characters.frequencies"): ORANGE,
    }
    assert f"ln C = {np.log(66):.2f}, and by their frequencies {entropy:.2f}" in lab.summary
    assert printed(lab.code) == f"{np.log(66):.2f}"


def test_temperature_dreams_anew_without_a_new_start(lab):
    lab.train(3)
    loss, names = lab.code, lab.summary
    lab.apply(temperature=0.1)
    assert lab.code == loss
    assert lab.summary != names
    assert len(lab._records) == 3
