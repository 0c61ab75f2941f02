"""The character lab: loss, code and dreams are those of a run of the core, and settings act when they say they do."""

import asyncio
import io
from collections import Counter
from contextlib import redirect_stdout

import numpy as np
import pytest

import rnnlib
from rnnlib import GRU, LSTM, RNN, Readout
from rnnlib.plots.style import BLACK, ORANGE
from rnnlib.sequences import END
from rnnlib.widgets import characters_lab
from rnnlib.widgets.characters import dream

NAMES = rnnlib.sequences.country_names()
SYMBOLS = rnnlib.sequences.vocabulary(NAMES)


@pytest.fixture
def lab():
    made = characters_lab(seed=3)
    yield made
    made.close()


def run(code):
    said = io.StringIO()
    with redirect_stdout(said):
        exec(code, {})
    return said.getvalue().strip()


def drawn(lab, panel):
    artists = list(lab.figure.views[panel].draw(lab.figure.axes[panel]))
    for artist in artists:
        artist.remove()
    return artists


def test_loss_sentence_code_and_dreams_are_those_of_a_run_of_the_core(lab):
    lab.apply(weight_scale=0.9, learning_rate=0.005, temperature=1.2)
    lab.train(7)
    draws = np.random.default_rng([3, 1])
    batches = [rnnlib.sequences.characters(list(draws.choice(NAMES, 32)), SYMBOLS) for _ in range(7)]
    rnn, readout = rnnlib.RNN(66, 64, weight_scale=lab.settings["weight_scale"], rng=3), rnnlib.Readout(64, 66, True, 3)
    rate = lab.settings["learning_rate"]
    training = rnnlib.Training(rnn, readout, rnnlib.cross_entropy, rnnlib.Adam(rate), max_norm=1)
    losses = [record.loss for record in training.run(batches)]
    np.testing.assert_allclose(drawn(lab, "loss")[0].get_ydata(), losses, rtol=1e-9)
    assert f"After 7 updates the loss is {losses[-1]:.2f} " in lab.summary
    assert run(lab.code) == f"{losses[-1]:.2f}"
    assert len(lab.code.splitlines()) <= 6
    dreams = dream(rnn, readout, SYMBOLS, 8, 1.2, 3)
    assert [words.get_text() for words in drawn(lab, "names")] == dreams
    assert all(f"“{name}”" in lab.summary for name in dreams)
    assert f"{sum(name in NAMES for name in dreams)} of these are real" in lab.summary


def test_the_two_lines_are_ln_c_and_the_entropy_of_the_letters(lab):
    counts = Counter("".join(name + "\n" for name in NAMES))
    entropy = -sum(n / counts.total() * np.log(n / counts.total()) for n in counts.values())
    lines = {line.get_color(): line.get_ydata()[0] for line in lab.figure.axes["loss"].lines}
    assert lines == pytest.approx({BLACK: np.log(66), ORANGE: entropy})
    assert f"ln C = {np.log(66):.2f}, and by their frequencies {entropy:.2f}" in lab.summary
    assert run(lab.code) == f"{np.log(66):.2f}"


def test_temperature_dreams_anew_without_a_new_start(lab):
    lab.train(3)
    loss, names = lab.code, lab.summary
    lab.apply(temperature=0.1)
    assert lab.code == loss
    assert lab.summary != names
    assert len(lab._records) == 3


def test_the_learning_rate_acts_on_the_next_update(lab):
    lab.train(2)
    lab.apply(learning_rate=0.1)
    lab.train(2)
    assert lab._training.optimizer.learning_rate == 0.1
    assert len(lab._records) == 4
    assert lab.code.startswith("# A setting changed")


@pytest.mark.parametrize("change", [{"weight_scale": 2.0}, {"seed": 4}])
def test_other_settings_start_over(lab, change):
    lab.train(2)
    lab.apply(**change)
    fresh = characters_lab(**({"seed": 3} | change))
    assert lab._work.bar.value == 0
    assert (lab.summary, lab.figure.png()) == (fresh.summary, fresh.figure.png())


def test_reset_starts_over_with_the_settings_of_the_opening(lab):
    before = lab.figure.png()
    lab.apply(learning_rate=0.05, temperature=2.0)
    lab.train(2)
    lab.reset()
    assert (lab._records, lab.figure.png(), lab.code[:11]) == ([], before, "import math")


def test_a_run_whose_loss_is_no_number_ends_in_words(lab):
    lab.train(1)
    lab._training.readout.params["W_hy"] += 1e308
    lab.train(3)
    assert lab.summary.startswith("Stopped: training stopped at step 2")
    assert lab._work.bar.value == lab._work.bar.max


def test_it_trains_in_the_event_loop_while_the_temperature_changes_and_close_ends_it():
    async def reader():
        lab = characters_lab()
        lab._work.button.click()
        for temperature in (0.5, 1.5):
            await asyncio.sleep(0.1)
            lab.controls["temperature"].value = temperature
        lab._work.button.click()
        done = len(lab._records)
        await asyncio.sleep(0.1)
        paused, summary = len(lab._records), lab.summary
        lab._work.start()
        await asyncio.sleep(0)
        lab.close()
        return done, paused, summary, lab._work.running

    done, paused, summary, running = asyncio.run(reader())
    assert 0 < done == paused
    assert f"After {done} updates" in summary
    assert "At temperature 1.5 " in summary
    assert not running


def test_a_wrong_setting_is_refused_by_name():
    with pytest.raises(ValueError, match=r"^temperature: expected .*2, got 3"):
        characters_lab(temperature=3)


FOUR = sorted([END, *"abc"])


def model_of(cell, seed=0):
    rnn, readout = cell(4, 8, rng=seed), Readout(8, 4, every_step=True, rng=seed)
    readout.params["W_hy"] *= 4
    return rnn, readout


def shares(rnn, readout, said, temperature):
    """softmax(y / temperature) after END and these characters."""
    xs = np.eye(4)[[FOUR.index(s) for s in END + said]][:, None]
    ys = readout.forward(rnn.forward(xs).hs)[-1, 0] / temperature
    return np.exp(ys) / np.exp(ys).sum()


@pytest.mark.parametrize("cell", [RNN, GRU, LSTM])
@pytest.mark.parametrize("temperature", [0.5, 1.0, 2.0])
def test_characters_come_as_often_as_they_are_foretold(cell, temperature):
    rnn, readout = model_of(cell)
    texts = dream(rnn, readout, FOUR, 4000, temperature)
    for said in ("", "b", "ab"):
        going_on = [text + END for text in texts if text.startswith(said)]
        came = Counter(text[len(said)] for text in going_on)
        wanted = shares(rnn, readout, said, temperature)
        deviation = np.sqrt(wanted / len(going_on))
        assert all(abs(came[s] / len(going_on) - p) < 4 * d for s, p, d in zip(FOUR, wanted, deviation))


def test_a_name_is_cut_off_at_the_longest_and_the_seed_repeats_it():
    rnn, readout = model_of(RNN)
    readout.params["b_y"][0] = -1e4  # never the end
    texts = dream(rnn, readout, FOUR, 5, rng=3, longest=7)
    assert [len(text) for text in texts] == [7] * 5
    assert texts == dream(rnn, readout, FOUR, 5, rng=3, longest=7)
    assert texts != dream(rnn, readout, FOUR, 5, rng=4, longest=7)


def test_cold_dreams_say_the_likeliest():
    rnn, readout = model_of(RNN)
    (text,) = set(dream(rnn, readout, FOUR, 20, temperature=1e-4, longest=6))
    for n in range(len(text)):
        assert text[n] == FOUR[shares(rnn, readout, text[:n], 1.0).argmax()]


@pytest.mark.parametrize("wrong", [{"temperature": 0}, {"count": 0}, {"longest": 0}, {"rng": -1}])
def test_a_wrong_argument_of_dream_is_refused_by_name(wrong):
    with pytest.raises(ValueError, match=f"^{next(iter(wrong))}: "):
        dream(*model_of(RNN), FOUR, **({"count": 1} | wrong))
