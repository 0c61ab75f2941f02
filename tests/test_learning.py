"""What the networks are known to learn, with the settings, seeds and tolerances of the benchmarks."""

import numpy as np
import pytest

from benchmarks import training

pytestmark = pytest.mark.slow


@pytest.mark.parametrize("seed", [0, 1, 2])
def test_glides_are_told_apart_in_order_but_not_from_the_bag(seed):
    assert training.glides_run(seed, bag=False) > 0.95
    assert training.glides_run(seed, bag=True) == 0.5  # the two bags are equal: a right answer for each wrong one


@pytest.mark.parametrize("language", ["en", "es"])
def test_the_character_model_beats_the_unigram_and_stands_beside_the_bigram(language):
    uniform, unigram, bigram, ours, _ = np.mean([training.names_run(language, seed) for seed in (0, 1, 2)], axis=0)
    assert ours < unigram - 0.3
    assert ours < bigram + 0.15
    assert unigram < uniform


@pytest.mark.parametrize("seed", [0, 1])
def test_an_lstm_solves_adding_over_100_steps(seed):
    assert training.adding_run("LSTM, H = 64", seed).min() < 0.005


def test_the_weight_scale_decides_what_a_plain_rnn_learns_of_temporal_order():
    small, edge, large = ([training.temporal_order_run(g, seed, 0.3) for seed in (0, 1)] for g in (0.3, 1.0, 3.0))
    assert max(accuracy for _, accuracy in small) < 0.35
    assert min(accuracy for _, accuracy in edge) > 0.85
    assert max(accuracy for _, accuracy in large) < 0.5
    assert max(ratio for ratio, _ in small) < 1e-15
    assert min(ratio for ratio, _ in large) > 1e3
