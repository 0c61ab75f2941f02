"""What a notebook spells out in its own cells is what the package computes.

The editions have the same code; where their data differ each is looked at.
"""

import numpy as np
import pytest
from editions import EDITIONS, cells

import rnnlib
from rnnlib import locale


def inline(notebook, *starts, language="en"):
    """Runs the cells of a notebook that start with these words, in this order; returns what they define."""
    sources, spoken = [cell.source for cell in cells(language, notebook[:2])], locale.language()
    names = {"np": np, "rnnlib": rnnlib}
    for start in starts:
        (source,) = (source for source in sources if source.startswith(start))
        exec(source, names)
    rnnlib.set_language(spoken)  # which the first cell chose
    return names


def test_02_the_steps_written_out_are_the_packages_forward_pass():
    here = inline("02_forward_pass.ipynb", "W_xh = ", "a_1 = ", "h_2 = ")
    rnn = rnnlib.RNN(1, 2, "tanh")
    rnn.params.update({name: here[name] for name in rnn.params})
    trace = rnn.forward(np.stack([here["x_1"], here["x_2"], here["x_3"]]))
    np.testing.assert_allclose(trace.hs, np.stack([here[f"h_{t}"] for t in range(4)]), rtol=1e-15, atol=1e-15)
    np.testing.assert_allclose(trace.pre[0], here["a_1"], rtol=1e-15)


def test_02_draws_the_network_that_its_lab_shows():
    from rnnlib.labs.step_through.compute import INPUTS, WEIGHTS

    here = inline("02_forward_pass.ipynb", "W_xh = ", "a_1 = ", "h_2 = ", "rnn = ", "W_hy, b_y = ")
    assert [here[name].item() for name in INPUTS] == list(INPUTS.values())
    for name, weight in WEIGHTS.items():
        np.testing.assert_array_equal(here[name], weight)


def test_05_the_way_back_written_out_is_the_packages_backward_pass():
    here = inline("05_vanishing_exploding_gradients.ipynb", "rng = np.random.default_rng(0)")
    dhs = np.zeros((50, 1, 64))
    dhs[-1] = here["dh_T"]
    grads = here["rnn"].backward(here["trace"], dhs)
    np.testing.assert_allclose(here["dh"], grads.hs[0], rtol=1e-10)


def test_05_the_mean_field_slope_written_out_is_the_packages():
    here = inline("05_vanishing_exploding_gradients.ipynb", "from importlib", "z = ")
    for g in (0.5, 1.3, 2.0):
        assert abs(here["tanh_slope"](g, 0.25) - rnnlib.theory.mean_field_slope(g, "tanh", 0.25)) < 1e-9


def test_04_the_eight_lines_are_the_packages_backward_pass():
    start = ("import csv", "rng = ", "def forward(W_xh", "hs = forward(")
    here = inline("04_bptt.ipynb", *start)
    rnn = rnnlib.RNN(here["D"], here["H"], "tanh")
    rnn.params.update({name: here[name] for name in rnn.params})
    trace = rnn.forward(here["xs"], here["h_0"])
    grads = rnn.backward(trace, here["dhs"])
    np.testing.assert_allclose(here["hs"], trace.hs, rtol=1e-14, atol=1e-14)
    for name, gradient in grads.params.items():
        np.testing.assert_allclose(here[f"d{name}"], gradient, rtol=1e-12, atol=1e-13)
    np.testing.assert_allclose(here["dh"], grads.hs[0], rtol=1e-12, atol=1e-13)


def test_04_the_central_differences_are_the_packages():
    here = inline("04_bptt.ipynb", "import csv", "rng = ", "def forward(W_xh", "def central")

    def f(W):
        return here["loss"](here["W_xh"], W, here["b_h"], here["h_0"])

    # The package divides by the step that was taken, which is 2 eps but for the rounding of x + eps and x − eps.
    wanted = rnnlib.numerical_gradient(f, here["W_hh"])
    np.testing.assert_allclose(here["central"](f, here["W_hh"]), wanted, rtol=1e-10)


def test_04_the_planted_bugs_show_the_patterns_that_the_solution_speaks_of():
    from rnnlib.exercises.three_bugs import planted

    start = ("import csv", "rng = ", "def forward(W_xh", "hs = forward(", "def central", "def relative_error")
    start += ("from rnnlib.exercises",)
    failing = inline("04_bptt.ipynb", *start)["failing"]
    every, weights = {"dW_xh", "dW_hh", "db_h", "dh_0"}, {"dW_xh", "dW_hh", "db_h"}
    found = {name: (set(failing(bug, 1)), set(failing(bug, 5))) for name, bug in planted.items()}
    assert found == {"A": ({"dh_0"}, every), "B": (weights, weights), "C": (set(), weights)}
    assert set(failing(planted["B"], 5).values()) == {0.5}  # (1 − 1/B) ÷ (1 + 1/B), with B = 3


def test_04_the_error_of_a_cut_is_that_of_the_gradient_over_the_last_window_alone():
    errors = inline("04_bptt.ipynb", "import csv", "def truncation_errors")["truncation_errors"]
    rng = np.random.default_rng(1)
    rnn = rnnlib.RNN(4, 32, "tanh", 1.0, rng=rng)
    xs, dhs = 0.5 * rng.standard_normal((60, 1, 4)), np.zeros((60, 1, 32))
    dhs[-1] = rng.standard_normal((1, 32))
    trace = rnn.forward(xs)
    whole = rnn.backward(trace, dhs).params["W_hh"]
    window = rnn.backward(rnn.forward(xs[-10:], trace.hs[-11]), dhs[-10:]).params["W_hh"]
    assert abs(errors(1.0, 1)[9] - np.linalg.norm(window - whole) / np.linalg.norm(whole)) < 1e-10
    assert errors(0.5, 1)[9] < 1e-3
    assert errors(2.0, 1)[39] > 0.9


def test_06_the_gru_step_written_out_is_the_packages():
    here = inline("06_lstm_gru_teaser.ipynb", "import csv", "def gru_step")
    rng, gru = np.random.default_rng(3), rnnlib.GRU(4, 16, rng=3)
    gru.params["b_h"] += rng.standard_normal(48)
    gru.params["b_hn"] += rng.standard_normal(16)
    trace = gru.forward(rng.standard_normal((7, 5, 4)), h := rng.standard_normal((5, 16)))
    for x_t, h_t in zip(trace.xs, trace.hs[1:]):
        h = here["gru_step"](x_t, h, **gru.params)
        np.testing.assert_allclose(h, h_t, rtol=1e-12, atol=1e-14)


def test_06_the_step_of_its_exercise_is_the_packages():
    rng, lstm = np.random.default_rng(4), rnnlib.LSTM(4, 16, rng=4)
    h, c = rng.standard_normal((2, 5, 16))
    trace = lstm.forward(rng.standard_normal((7, 5, 4)), h, c)
    for x_t, h_t, c_t in zip(trace.xs, trace.hs[1:], trace.cs[1:]):
        h, c = rnnlib.exercises.lstm_step.reference(x_t, h, c, **lstm.params)
        np.testing.assert_allclose(h, h_t, rtol=1e-12, atol=1e-14)
        np.testing.assert_allclose(c, c_t, rtol=1e-12, atol=1e-14)


def test_06_the_direct_path_is_the_whole_gradient_where_nothing_leads_through_h():
    paths = inline("06_lstm_gru_teaser.ipynb", "import csv", "def paths")["paths"]
    for seed in range(20):
        direct, total = paths(0.0, seed)
        np.testing.assert_allclose(direct, total, rtol=1e-12)


@pytest.mark.parametrize("language", EDITIONS)
def test_03_reads_as_the_lab_does(language):
    from rnnlib.labs.reading_lab.compute import HIDDEN, inputs, lexicon, states

    here = inline("03_hidden_state.ipynb", "from itertools", "names = ", language=language)
    assert (here["symbols"], here["H"]) == (lexicon(language).symbols, HIDDEN)
    hs = states(inputs(["madagascar"], language), 1.0, 0)
    np.testing.assert_allclose(here["read"]("madagascar"), hs[:, 0], rtol=1e-12)


def test_03_the_probe_written_out_is_the_exercises():
    from rnnlib.exercises.memory_curve import memory_curve

    here = inline("03_hidden_state.ipynb", "T, H = ", "def curve")
    assert abs(here["r"] ** 2 - memory_curve(here["hs"], here["xs"], here["k"])[-1]) < 1e-9
    for lags in (1, 7):
        assert abs(here["curve"](here["hs"], lags)[-1] - memory_curve(here["hs"], here["xs"], lags)[-1]) < 1e-9


@pytest.mark.parametrize("language", EDITIONS)
def test_03_the_guesses_written_out_are_the_labs(language):
    from rnnlib.labs.characters_lab.compute import corpus

    here, (learnt, held_out, symbols, guesses) = (
        inline("03_hidden_state.ipynb", "from itertools", "countries = ", "def pairs", language=language),
        corpus(0, language),
    )
    assert (here["learnt"], here["alphabet"]) == (learnt, symbols)
    np.testing.assert_array_equal(here["held_out"].targets, held_out.targets)
    np.testing.assert_allclose([np.log(len(symbols)), here["frequencies"], here["bigram"]], guesses, rtol=1e-12)


def test_04_the_cut_of_its_exercise_is_the_gradient_over_the_last_window_alone():
    rng = np.random.default_rng(0)
    rnn, dh_T = rnnlib.RNN(3, 8, rng=rng), rng.standard_normal((4, 8))
    trace, dhs = rnn.forward(rng.standard_normal((20, 4, 3))), np.zeros((5, 4, 8))
    dhs[-1] = dh_T
    window = rnn.backward(rnn.forward(trace.xs[-5:], trace.hs[-6]), dhs).params["W_hh"]
    cut = rnnlib.exercises.truncated.reference(dh_T, trace.hs, rnn.params["W_hh"], 5)
    np.testing.assert_allclose(cut, window, rtol=1e-12, atol=1e-14)


def test_03_the_dream_written_out_says_what_the_labs_says():
    from rnnlib.labs.characters_lab.lab import dream

    here = inline(
        "03_hidden_state.ipynb",
        "from itertools",
        "countries = ",
        "model, readout, training = untrained()\nloss",
        "def dream",
    )
    model, readout = here["model"], here["readout"]
    readout.params["W_hy"] *= 100  # so sure of each letter that no draw matters
    one = here["dream"](model, readout, 1e-3, np.random.default_rng(0))
    assert [one] == dream(model, readout, here["alphabet"], 1, 1e-3)


def test_01_the_state_of_words_is_the_packages_recurrent_network():
    here = inline("01_intro.ipynb", "one = ", "words = ")
    rnn = rnnlib.RNN(4, 4, "identity")
    rnn.params.update(W_xh=np.eye(4), W_hh=0.5 * np.eye(4))
    xs = np.eye(4)[[here["words"].index(word) for word in here["other"]]]
    np.testing.assert_array_equal(rnn.forward(xs[:, None]).hs[-1, 0], here["h"])


def test_01_the_leaky_sum_is_the_packages_recurrent_network():
    from rnnlib.exercises import leaky_sum

    rnn, xs = rnnlib.RNN(1, 1, "identity"), np.random.default_rng(0).standard_normal(30)
    rnn.params.update(W_xh=np.ones((1, 1)), W_hh=np.full((1, 1), 0.9))
    states = leaky_sum.reference(xs, 0.9)
    np.testing.assert_allclose(rnn.forward(xs[:, None, None]).hs[1:, 0, 0], states, rtol=1e-12)
    powers = [sum(0.9**k * xs[t - k] for k in range(t + 1)) for t in range(30)]
    np.testing.assert_allclose(states, powers, rtol=1e-12)
