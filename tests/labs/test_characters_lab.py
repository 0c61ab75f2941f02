"""The character lab: its loss, code and dreams are those of a run of the core."""

from collections import Counter

import numpy as np
import pytest
from contract import moving, printed, words

import rnnlib
from rnnlib.labs.characters_lab import compute
from rnnlib.locale import text
from rnnlib.plots.style import BLACK, BLUE, GREEN, ORANGE, PURPLE
from rnnlib.widgets import characters_lab

NAMES = rnnlib.sequences.country_names()
SYMBOLS = rnnlib.sequences.vocabulary(NAMES)


@pytest.fixture
def lab():
    made = characters_lab(seed=3)
    yield made
    made.close()


def split(seed):
    """The names that are learnt from, and those held out, as a batch."""
    order = list(np.random.default_rng([seed, 2]).permutation(NAMES))
    return order[26:], rnnlib.sequences.characters(order[:26], SYMBOLS)


def test_losses_sentence_code_and_dreams_are_those_of_a_run_of_the_core(lab, drawn):
    lab.apply(weight_scale=0.9, learning_rate=0.005, temperature=1.2)
    drawn.clear()
    lab.train(23)
    draws, (learnt, held_out) = np.random.default_rng([3, 1]), split(3)
    batches = [rnnlib.sequences.characters(list(draws.choice(learnt, 32)), SYMBOLS) for _ in range(23)]
    rnn, readout = rnnlib.RNN(66, 64, weight_scale=lab.settings["weight_scale"], rng=3), rnnlib.Readout(64, 66, True, 3)
    rate = lab.settings["learning_rate"]
    training = rnnlib.Training(rnn, readout, rnnlib.cross_entropy, rnnlib.Adam(rate), max_norm=1)
    losses, held = [], []
    for record in training.run(batches):
        losses.append(record.loss)
        if record.step in (10, 20):
            held.append(training.evaluate(held_out)[0])
    now = training.evaluate(held_out)[0]
    of_batches, of_held_out = moving(lab, drawn, "loss")
    np.testing.assert_allclose(of_batches.get_ydata(), losses, rtol=1e-9)
    np.testing.assert_allclose(of_held_out.get_xydata(), np.transpose([(10, 20), held]), rtol=1e-9)
    assert (of_batches.get_color(), of_held_out.get_color()) == (BLUE, ORANGE)
    assert f"After 23 updates the loss of the last batch is {losses[-1]:.2f}, " in lab.summary
    assert f"that of 26 names held out {now:.2f} " in lab.summary
    assert printed(lab.code) == f"{losses[-1]:.2f} {now:.2f}"
    dreams = rnnlib.dream(rnn, readout, SYMBOLS, 8, 1.2, 3)
    said, title = moving(lab, drawn, "names"), lab.figure.axes["names"].texts[0]
    assert words(said) == dreams
    assert np.diff([title.get_position()[1], *(each.get_position()[1] for each in said), 0]).max() < -0.1
    assert ", ".join(f"“{name}”" for name in dreams) in lab.summary
    assert f"{sum(name in learnt for name in dreams)} of these are names that it was trained on" in lab.summary


def test_the_names_held_out_are_no_others_and_are_never_learnt_from(lab):
    learnt, held_out = split(3)
    names, batch, *_ = compute.corpus(3)
    assert names == learnt
    assert len(names) == 230
    np.testing.assert_array_equal(batch.targets, held_out.targets)
    _, batches = compute.begin(1.0, 3)
    for _ in range(30):
        said = "".join(SYMBOLS[i] for i in next(batches).targets.T.ravel())
        assert not {name for name in said.split("\n") if name} - set(learnt)


def test_the_lines_are_what_simple_guesses_have_on_the_names_held_out(lab):
    learnt, _ = split(3)
    held = [name for name in NAMES if name not in learnt]
    after = [character for name in held for character in name + "\n"]
    before = [character for name in held for character in "\n" + name]
    once = Counter("".join(name + "\n" for name in learnt))
    twice = Counter(pair for name in learnt for pair in zip("\n" + name, name + "\n"))
    frequencies = np.log([(once[c] + 0.1) / (once.total() + 6.6) for c in after])
    pairs = np.log([(twice[b, c] + 0.1) / (once[b] + 6.6) for b, c in zip(before, after)])
    guesses = np.log(66), -frequencies.mean(), -pairs.mean()
    ax = lab.figure.axes["loss"]
    level = {line.get_color(): line.get_ydata()[0] for line in ax.lines if len(line.get_ydata())}
    assert level == pytest.approx(dict(zip((BLACK, GREEN, PURPLE), guesses)))
    assert compute.corpus(3).guesses == pytest.approx(guesses)
    assert (ax.get_xlim(), ax.get_ylabel()) == ((0, compute.UPDATES), text("characters.loss"))
    assert ax.get_ylim() == pytest.approx((0, 1.2 * np.log(66)))
    named = dict(zip((each.get_text() for each in ax.get_legend().get_texts()), ax.get_legend().legend_handles))
    looks = {"batch": BLUE, "held_out": ORANGE, "alike": BLACK, "frequencies": GREEN, "pairs": PURPLE}
    assert {name: handle.get_color() for name, handle in named.items()} == {
        text(f"characters.{name}"): colour for name, colour in looks.items()
    }
    said = "ln C = {:.2f}. On 26 names held out, letter frequencies would have {:.2f}, and pairs of letters {:.2f}"
    assert said.format(*guesses) in lab.summary
    assert printed(lab.code) == f"{np.log(66):.2f}"


def test_temperature_dreams_anew_without_a_new_start(lab):
    lab.train(3)
    loss, names = lab.code, lab.summary
    lab.apply(temperature=0.1)
    assert lab.code == loss
    assert lab.summary != names
    assert len(lab._records) == 3
