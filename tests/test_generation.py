"""Made-up texts come as often as the model foretells them, and end, and are repeated by their seed."""

from collections import Counter

import numpy as np
import pytest

from rnnlib import GRU, LSTM, RNN, Readout, dream
from rnnlib.sequences import END

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


@pytest.mark.parametrize("every_step", [True, False])
@pytest.mark.parametrize("symbols", [FOUR, tuple(FOUR), "".join(FOUR), np.array(FOUR)], ids=repr)
def test_symbols_may_come_in_any_sequence_and_the_readout_may_be_of_either_kind(symbols, every_step):
    rnn, readout = model_of(RNN)
    wanted = dream(rnn, readout, FOUR, 5)
    readout.every_step = every_step
    texts = dream(rnn, readout, symbols, 5)
    assert texts == wanted
    assert {type(text) for text in texts} == {str}


def test_what_is_too_small_is_no_error():
    rnn, readout = model_of(RNN)
    readout.params["W_hy"] *= 1e3
    with np.errstate(all="raise"):
        assert len(dream(rnn, readout, FOUR, 3, temperature=1e-300)) == 3


@pytest.mark.parametrize("symbols", [["a", "b", "c", "d"], [END, "a", "b"], [END, *"abcd"]])
def test_symbols_that_do_not_fit_are_refused(symbols):
    wanted = (
        f"^symbols: expected characters with END among them, 4 for the model and 4 for the readout, got {len(symbols)}"
    )
    with pytest.raises(ValueError, match=wanted):
        dream(*model_of(RNN), symbols, 1)


@pytest.mark.parametrize("wrong", [{"temperature": 0}, {"count": 0}, {"longest": 0}, {"rng": -1}])
def test_a_wrong_argument_of_dream_is_refused_by_name(wrong):
    with pytest.raises(ValueError, match=f"^{next(iter(wrong))}: "):
        dream(*model_of(RNN), FOUR, **({"count": 1} | wrong))
