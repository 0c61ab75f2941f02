"""The reading lab: at any settings, what it draws, says and prints is computed here once more, from the core."""

import io
import random
import re
from contextlib import redirect_stdout

import numpy as np
import pytest
from matplotlib.text import Text

import rnnlib
from rnnlib.plots.style import BLACK
from rnnlib.widgets import reading_lab

NAMES = [name.lower() for name in rnnlib.sequences.country_names() if len(name) <= 24]
SYMBOLS = rnnlib.sequences.vocabulary(NAMES)


def any_settings(rng):
    word = rng.choice([rng.choice(NAMES), "".join(rng.choices(SYMBOLS[1:], k=rng.randint(1, 24)))])
    scale = rng.choice([0.1, 10.0, 10 ** (rng.randint(-100, 100) / 100)])
    change = {"position": rng.randint(1, 8), "letter": rng.choice(SYMBOLS[1:])}
    return {"word": word, "step": rng.randint(1, 24), "weight_scale": scale, "seed": rng.randint(0, 3), **change}


def walk(lab, rng, count):
    """Settings one after the other: at one time all of them anew, at another one control moved, as by a reader."""
    for _ in range(count):
        wanted = any_settings(rng)
        if rng.random() < 0.5:
            lab.apply(**wanted)
        else:
            name = rng.choice(list(wanted))
            lab.controls[name].value = wanted[name]
        yield lab.settings


def read(words, now, weight_scale):
    """hs (n+1, 2, H) letter by letter, with the weights of the package and a loop of its own."""
    rnn = rnnlib.RNN(len(SYMBOLS), 64, weight_scale=weight_scale, rng=now["seed"])
    h, hs = np.zeros((2, 64)), [np.zeros((2, 64))]
    for letters in zip(*words):
        x_t = np.eye(len(SYMBOLS))[[SYMBOLS.index(letter) for letter in letters]] * np.sqrt(len(SYMBOLS) / 4)
        h = np.tanh(x_t @ rnn.params["W_xh"] + h @ rnn.params["W_hh"])
        hs.append(h)
    return np.stack(hs)


def changed(now):
    at = min(now["position"], len(now["word"])) - 1
    return now["word"][:at] + now["letter"] + now["word"][at + 1 :]


def drawn(lab, panel):
    """What moves in a panel, drawn once more."""
    artists = list(lab.figure.views[panel].draw(lab.figure.axes[panel]))
    for artist in artists:
        artist.remove()
    return artists


def check_gaps(lab, hs, t):
    gaps = np.linalg.norm(hs[:, 0] - hs[:, 1], axis=1)
    (line,) = [a for a in drawn(lab, "gaps") if a.get_color() == BLACK and a.get_linestyle() == "-"]
    steps = np.flatnonzero(gaps[: t + 1])
    np.testing.assert_array_equal(line.get_xdata(), steps)
    np.testing.assert_allclose(line.get_ydata(), np.maximum(gaps[steps], 1e-6), rtol=1e-6)
    return gaps


def test_what_is_drawn_is_what_the_network_does():
    lab, rng = reading_lab(), random.Random(0)
    for now in walk(lab, rng, 12):
        t = now["step"]
        hs = read((now["word"], changed(now)), now, now["weight_scale"])
        assert t <= len(now["word"]) == lab.controls["step"].max
        states = drawn(lab, "states")[0].get_array()
        np.testing.assert_allclose(states, hs[1 : t + 1, 0].T, atol=1e-7)
        check_gaps(lab, hs, t)
        other, path = (line.get_xydata() for line in drawn(lab, "path")[:2])
        for shown, run in ((path, 0), (other, 1)):
            assert shown.shape == (t + 1, 2)
            # A projection is never longer than what is projected, and h_0 = 0 lies at the origin.
            assert (np.linalg.norm(shown, axis=1) <= np.linalg.norm(hs[: t + 1, run], axis=1) + 1e-6).all()
        assert (
            np.abs(lab.figure.views["path"].draw.keywords["data"].paths).max() < lab.figure.axes["path"].get_xlim()[1]
        )


def test_the_plane_holds_as_much_of_the_states_as_any_plane_can():
    lab = reading_lab(word="madagascar", weight_scale=1.2)
    now = lab.settings
    hs = read((now["word"], changed(now)), now, now["weight_scale"]).reshape(-1, 64)
    variances = np.linalg.eigvalsh(np.cov(hs.T, bias=True))
    data = lab.figure.views["path"].draw.keywords["data"]
    np.testing.assert_allclose(data.paths.reshape(2, -1, 2).var(axis=(0, 1)), variances[[-1, -2]], rtol=1e-9)


def test_the_probe_is_a_least_squares_fit_judged_on_names_it_has_not_seen():
    lab = reading_lab(word="mozambique", step=9, weight_scale=0.8, seed=2)
    now, V = lab.settings, len(SYMBOLS)
    rows = {0: [], 1: []}
    for i, name in enumerate(NAMES):
        hs = read((name, name), now, 0.8)[1:, 0]
        rows[i % 2] += [(hs[t], name[: t + 1][::-1]) for t in range(len(name))]
    data = lab.figure.views["found"].draw.keywords["data"]
    assert [bar.get_height() for bar in drawn(lab, "found")[:10]] == list(data.found)
    for k in (0, 3, 7):
        X, past = zip(*rows[0])
        Y = np.stack([np.eye(V)[SYMBOLS.index(p[k])] if k < len(p) else np.zeros(V) for p in past])
        W = np.linalg.lstsq(np.c_[np.stack(X), np.ones(len(X))], Y, rcond=None)[0]
        hits = [SYMBOLS[(np.append(h, 1) @ W).argmax()] == p[k] for h, p in rows[1] if k < len(p)]
        assert data.found[k] == pytest.approx(np.mean(hits), abs=0.005)
        h_t = read(("mozambique",) * 2, now, 0.8)[9, 0]
        assert data.guesses[k] == SYMBOLS[(np.append(h_t, 1) @ W).argmax()]
    said = [a.get_text() for a in drawn(lab, "found") if isinstance(a, Text)]
    assert said[::2] == list("uqibmazom")
    assert said[1::2] == [g.replace(" ", "␣") + "✗✓"[g == true] for g, true in zip(data.guesses, "uqibmazom")]


def test_the_sentence_and_its_code_say_the_same_number():
    lab, rng = reading_lab(), random.Random(1)
    for now in walk(lab, rng, 6):
        gaps = np.linalg.norm(
            np.diff(read((now["word"], changed(now)), now, now["weight_scale"]), axis=1)[:, 0], axis=1
        )
        t, at = now["step"], min(now["position"], len(now["word"]))
        said = re.search(r"‖Δh_(\d+)‖ = (\S+?)[,.]? ", lab.summary)
        assert int(said[1]) == t
        assert float(said[2]) == pytest.approx(gaps[t], rel=0.06, abs=1e-12)
        assert lab.summary.startswith(f"After {t} of {len(now['word'])} letters of “{now['word']}”")
        assert len(lab.code.splitlines()) <= 6
        out = io.StringIO()
        with redirect_stdout(out):
            exec(lab.code, {})
        assert out.getvalue().strip() == said[2]
        assert ("still to come" in lab.summary) == (t < at and now["word"] != changed(now))


def test_the_sentence_counts_what_the_probe_names():
    for settings in ({"weight_scale": 0.5}, {"weight_scale": 10.0}, {"step": 1}):
        lab = reading_lab(**settings)
        t, guesses = lab.settings["step"], lab.figure.views["found"].draw.keywords["data"].guesses
        right = 0
        while right < t and guesses[right] == "tanzania"[t - 1 - right]:
            right += 1
        said = re.search(r"the last (\d+) letters", lab.summary)
        assert (int(said[1]) if said else 0) == right


def test_the_picture_is_that_of_a_new_lab():
    lab, rng = reading_lab(), random.Random(2)
    for now in walk(lab, rng, 2):
        fresh = reading_lab(**now)
        assert lab.settings == fresh.settings
        assert lab.figure.png() == fresh.figure.png()
        assert lab.summary == fresh.summary


def test_the_step_keeps_within_the_word_and_reset_brings_the_longer_one_back():
    lab = reading_lab(word="madagascar", step=10)
    lab.apply(word="chad")
    assert lab.settings["step"] == lab.controls["step"].max == 4
    assert lab.summary.startswith("After 4 of 4 letters")
    lab.reset()
    assert (lab.settings["word"], lab.settings["step"]) == ("madagascar", 10)


def test_a_word_may_be_typed_and_capitals_are_small_letters():
    assert reading_lab(word="Zumbo").figure.png() == reading_lab(word="zumbo").figure.png()


@pytest.mark.parametrize(
    ("settings", "error", "message"),
    [
        ({"word": "日本"}, ValueError, "word: expected 1 to 24 letters of country names, got the letters"),
        ({"word": ""}, ValueError, "word: .* got 0 letters"),
        ({"word": "a" * 25}, ValueError, "word: .* got 25 letters"),
        ({"word": 3}, TypeError, "word: expected text, got 3"),
        ({"letter": "?"}, ValueError, "letter: "),
        ({"position": 9}, ValueError, "position: "),
        ({"step": 25}, ValueError, "step: "),
    ],
)
def test_a_wrong_setting_is_refused_by_name(settings, error, message):
    with pytest.raises(error, match=message):
        reading_lab(**settings)
