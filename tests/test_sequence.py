"""The sequence lab: at every setting, reached in any order, its numbers are those of the stored networks."""

import base64
import io
import random
import re
import wave
from contextlib import redirect_stdout

import numpy as np
import pytest

from rnnlib import sequences
from rnnlib.widgets import sequence, sequence_lab

KINDS = {name: made() for name, made in sequence.KINDS.items()}
SAVED = dict(np.load(sequence.resources.files("rnnlib").joinpath("data", "in_order.npz")))


def any_settings(rng):
    shuffle = rng.choice([0, rng.randint(1, 50)])
    return {"kind": rng.choice(list(KINDS)), "example": rng.randint(1, 20), "shuffle": shuffle}


def walk(lab, rng, steps):
    """Settings one after the other: at one time all of them anew, at another one control moved, as by a reader."""
    for _ in range(steps):
        wanted = any_settings(rng)
        if rng.random() < 0.5:
            lab.apply(**wanted)
        else:
            name = rng.choice(list(wanted))
            lab.controls[name].value = wanted[name]
        yield lab.settings


def order_of(now, length):
    return np.random.default_rng(now["shuffle"]).permutation(length) if now["shuffle"] else np.arange(length)


def by_hand(kind, reader, xs):
    """The share of "in order" after each step, by a softmax written out."""
    W_xh, W_hh, b_h, W_hy, b_y = (SAVED[f"{kind}/{reader}/{name}"] for name in ("W_xh", "W_hh", "b_h", "W_hy", "b_y"))
    h, sure = np.zeros(len(W_hh)), []
    for x_t in xs:
        h = np.tanh(x_t @ W_xh + h @ W_hh + b_h)
        odds = np.exp(h @ W_hy + b_y)
        sure.append(odds[1] / odds.sum())
    return sure


def drawn(lab, panel):
    """What moves in a panel, drawn once more."""
    artists = list(lab.figure.views[panel].draw(lab.figure.axes[panel]))
    for artist in artists:
        artist.remove()
    return artists


def test_every_number_is_right_after_any_change_of_controls():
    lab, rng = sequence_lab(), random.Random(0)
    for now in walk(lab, rng, 12):
        kind = KINDS[now["kind"]]
        xs = kind.new[now["example"] - 1]
        xs = xs[order_of(now, len(xs))]
        recurrent = by_hand(now["kind"], "recurrent", xs)
        bag = by_hand(now["kind"], "bag", [xs.mean(axis=0)])
        lines = drawn(lab, "sure")
        np.testing.assert_allclose(lines[0].get_ydata(), bag * 2, rtol=1e-6)
        np.testing.assert_allclose(lines[1].get_ydata(), recurrent, rtol=1e-6, atol=1e-9)
        heights = [bar.get_height() for bar in drawn(lab, "bag")]
        np.testing.assert_allclose([h for h in heights if h], xs.mean(axis=0)[xs.mean(axis=0) > 0], rtol=1e-12)
        said = [int(number) for number in re.findall(r"(\d+) %", lab.summary)]
        assert said[:2] == [round(100 * recurrent[-1]), round(100 * bag[0])]
        assert len(lab.code.splitlines()) <= 6
        out = io.StringIO()
        with redirect_stdout(out):
            exec(lab.code, {})
        assert out.getvalue() == f"{said[0]}%\n"


def test_what_is_shown_is_the_sequence_in_this_order():
    lab, rng = sequence_lab(), random.Random(1)
    for now in walk(lab, rng, 8):
        shown = KINDS[now["kind"]].shown[now["example"] - 1]
        artists = drawn(lab, "sequence")
        if now["kind"] == "text":
            said = "".join(artist.get_text() for artist in artists).replace("␣", " ")
            assert said == "".join(shown[i] for i in order_of(now, len(shown)))
            assert shown in lab.summary
        elif now["kind"] == "series":
            np.testing.assert_array_equal(artists[0].get_ydata(), shown[1][order_of(now, sequence.WINDOW)])
            assert f"{shown[0]}–{shown[0] + 21}" in lab.summary
        else:
            loudness = sequences.spectra(shown[:, None])[order_of(now, len(shown)), 0]
            np.testing.assert_allclose(artists[0].get_array(), loudness.T)


@pytest.mark.parametrize("kind", KINDS)
def test_the_bag_is_told_by_guessing_and_the_order_helps(kind):
    lab, new = sequence_lab(kind=kind), KINDS[kind].new
    bars = [artist for artist in drawn(lab, "right") if hasattr(artist, "get_height")]
    rng, hits = np.random.default_rng(0), []
    for xs in new:
        mixed = rng.permutation(xs)
        hits += [by_hand(kind, "recurrent", xs)[-1] > 0.5, by_hand(kind, "recurrent", mixed)[-1] < 0.5]
    assert [bar.get_height() for bar in bars] == [0.5, pytest.approx(np.mean(hits), abs=1e-12)]
    assert np.mean(hits) > {"text": 0.55, "audio": 0.98, "series": 0.9}[kind]


def test_new_sequences_were_not_learnt_from():
    for kind in KINDS.values():
        assert len(kind.shown) == len(kind.new) >= 20
    assert not {xs.tobytes() for xs in KINDS["audio"].new} & {xs.tobytes() for xs in KINDS["audio"].seen}
    assert KINDS["series"].shown[0][0] == 1901
    assert len(KINDS["series"].seen) == 1900 - 1700 + 1 - sequence.WINDOW + 1


def test_the_sound_is_that_of_the_frames_and_there_is_none_elsewhere():
    lab = sequence_lab(kind="audio", example=2, shuffle=3)
    data = re.search('base64,([^"]+)', lab._sound.value)[1]
    with wave.open(io.BytesIO(base64.b64decode(data))) as sound:
        assert (sound.getnchannels(), sound.getsampwidth(), sound.getframerate()) == (1, 2, sequences.SAMPLE_RATE)
        heard = np.frombuffer(sound.readframes(sound.getnframes()), "<i2") / 32767
    frames = KINDS["audio"].shown[1]
    np.testing.assert_allclose(heard, 0.5 * frames[order_of(lab.settings, len(frames))].ravel(), atol=1e-4)
    assert lab.summary.startswith("A falling glide, shuffled:")
    lab.apply(kind="text")
    assert lab._sound.value == ""


def test_the_picture_is_that_of_a_new_lab():
    lab, rng = sequence_lab(), random.Random(2)
    for now in walk(lab, rng, 5):
        fresh = sequence_lab(**now)
        assert lab.figure.png() == fresh.figure.png()
        assert lab.summary == fresh.summary


@pytest.mark.parametrize(
    ("settings", "message"), [({"kind": "video"}, "kind: "), ({"example": 21}, "example: "), ({"shuffle": -1}, "shuf")]
)
def test_a_wrong_setting_is_refused_by_name(settings, message):
    with pytest.raises(ValueError, match=message):
        sequence_lab(**settings)
