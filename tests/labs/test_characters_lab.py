"""The character lab: its loss, code and dreams are those of a run of the core."""

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from contract import moving, printed, words

import rnnlib
from rnnlib import locale
from rnnlib.labs.characters_lab import compute
from rnnlib.locale import table
from rnnlib.plots.style import BLACK, BLUE, GREEN, ORANGE, PURPLE
from rnnlib.widgets import characters_lab

NAMES = {code: rnnlib.sequences.country_names(code) for code in ("en", "es")}
SYMBOLS = {code: rnnlib.sequences.vocabulary(names) for code, names in NAMES.items()}
SAID = {
    "en": [
        "After 23 updates the loss of the last batch is {:.2f}, and that of 26 names held out {:.2f} ",
        "“{}”",
        "{} of these are names that it was trained on",
    ],
    "es": [
        "Tras 23 actualizaciones, la pérdida del último lote es {:.2f}, y la de 26 nombres reservados, {:.2f} ",
        "«{}»",
        "con {} de ellos se entrenó",
    ],
}
GUESSED = {
    "en": "ln C = {:.2f}. On 26 names held out, letter frequencies would have {:.2f}, and pairs of letters {:.2f}.",
    "es": "ln C = {:.2f}. En 26 nombres reservados, las frecuencias de letras darían {:.2f}, y los pares de "
    "letras, {:.2f}.",
}


@pytest.fixture(params=NAMES)
def lab(request):
    with locale.speaking(request.param):
        made = characters_lab(seed=3)
    yield made
    made.close()


def split(seed, language):
    """The names that are learnt from, and those held out, as a batch."""
    order = list(np.random.default_rng([seed, 2]).permutation(NAMES[language]))
    return order[26:], rnnlib.sequences.characters(order[:26], SYMBOLS[language])


def test_losses_sentence_code_and_dreams_are_those_of_a_run_of_the_core(lab, drawn):
    lab.apply(weight_scale=0.9, learning_rate=0.005, temperature=1.2)
    drawn.clear()
    lab.train(23)
    draws, (learnt, held_out) = np.random.default_rng([3, 1]), split(3, lab.language)
    symbols, (losses_said, quoted, real) = SYMBOLS[lab.language], SAID[lab.language]
    batches, C = [rnnlib.sequences.characters(list(draws.choice(learnt, 32)), symbols) for _ in range(23)], len(symbols)
    rnn, readout = rnnlib.RNN(C, 64, weight_scale=lab.settings["weight_scale"], rng=3), rnnlib.Readout(64, C, True, 3)
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
    assert losses_said.format(losses[-1], now) in lab.summary
    assert printed(lab.code) == f"{losses[-1]:.2f} {now:.2f}"
    dreams = rnnlib.dream(rnn, readout, symbols, 8, 1.2, 3)
    said, title = moving(lab, drawn, "names"), lab.figure.axes["names"].texts[0]
    assert words(said) == dreams
    assert np.diff([title.get_position()[1], *(each.get_position()[1] for each in said), 0]).max() < -0.1
    assert ", ".join(map(quoted.format, dreams)) in lab.summary
    assert real.format(sum(name in learnt for name in dreams)) in lab.summary


def test_the_names_held_out_are_no_others_and_are_never_learnt_from(lab):
    learnt, held_out = split(3, lab.language)
    names, batch, *_ = compute.corpus(3, lab.language)
    assert names == learnt
    assert len(names) == 230
    np.testing.assert_array_equal(batch.targets, held_out.targets)
    _, batches = compute.begin(1.0, 3, lab.language)
    for _ in range(30):
        said = "".join(SYMBOLS[lab.language][i] for i in next(batches).targets.T.ravel())
        assert not {name for name in said.split("\n") if name} - set(learnt)


def test_the_lines_are_what_simple_guesses_have_on_the_names_held_out(lab):
    (learnt, _), C = split(3, lab.language), len(SYMBOLS[lab.language])
    held = [name for name in NAMES[lab.language] if name not in learnt]
    after = [character for name in held for character in name + "\n"]
    before = [character for name in held for character in "\n" + name]
    once = Counter("".join(name + "\n" for name in learnt))
    twice = Counter(pair for name in learnt for pair in zip("\n" + name, name + "\n"))
    frequencies = np.log([(once[c] + 0.1) / (once.total() + 0.1 * C) for c in after])
    pairs = np.log([(twice[b, c] + 0.1) / (once[b] + 0.1 * C) for b, c in zip(before, after)])
    guesses = np.log(C), -frequencies.mean(), -pairs.mean()
    ax = lab.figure.axes["loss"]
    level = {line.get_color(): line.get_ydata()[0] for line in ax.lines if len(line.get_ydata())}
    assert level == pytest.approx(dict(zip((BLACK, GREEN, PURPLE), guesses)))
    assert compute.corpus(3, lab.language).guesses == pytest.approx(guesses)
    with locale.speaking(lab.language):
        known = table("characters")
    assert (ax.get_xlim(), ax.get_ylabel()) == ((0, compute.UPDATES), known["loss"])
    assert ax.get_ylim() == pytest.approx((0, 1.2 * np.log(C)))
    named = dict(zip((each.get_text() for each in ax.get_legend().get_texts()), ax.get_legend().legend_handles))
    looks = {"batch": BLUE, "held_out": ORANGE, "alike": BLACK, "frequencies": GREEN, "pairs": PURPLE}
    assert {name: handle.get_color() for name, handle in named.items()} == {
        known[name]: colour for name, colour in looks.items()
    }
    assert GUESSED[lab.language].format(*guesses) in lab.summary
    assert printed(lab.code) == f"{np.log(C):.2f}"


def test_a_lab_keeps_the_names_it_was_made_with(monkeypatch):
    with locale.speaking("es"):
        lab = characters_lab(seed=3, temperature=0.3)
    monkeypatch.setattr(locale, "_language", "en")
    lab.apply(seed=4)
    with ThreadPoolExecutor(1) as other:  # as a page may answer
        other.submit(lab.train, 120).result()
    learnt, held_out = split(4, "es")
    assert (lab._corpus.names, "España" in learnt) == (learnt, True)
    np.testing.assert_array_equal(lab._corpus.held_out.targets, held_out.targets)
    loss, held = lab._records[-1].loss, lab._training.evaluate(held_out)[0]
    assert f"Tras 120 actualizaciones, la pérdida del último lote es {loss:.2f}, " in lab.summary
    assert 'country_names("es")' in lab.code
    assert printed(lab.code) == f"{loss:.2f} {held:.2f}"
    assert 'country_names("en")' in trained_in_english().code


def trained_in_english():
    lab = characters_lab()
    lab.train(1)
    return lab


def test_temperature_dreams_anew_without_a_new_start(lab):
    lab.train(3)
    loss, names = lab.code, lab.summary
    lab.apply(temperature=0.1)
    assert lab.code == loss
    assert lab.summary != names
    assert len(lab._records) == 3
