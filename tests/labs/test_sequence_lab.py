"""The sequence lab: at every setting, reached in any order, its numbers are those of the stored networks."""

import base64
import io
import random
import re
import subprocess
import sys
import wave
from importlib import resources
from pathlib import Path

import numpy as np
import pytest
from contract import key, lines, moving, printed, walk, words
from matplotlib.colors import same_color
from matplotlib.figure import Figure

from rnnlib import locale, sequences
from rnnlib.labs.sequence_lab import compute, draw
from rnnlib.plots.style import BLUE, ORANGE
from rnnlib.widgets import sequence_lab

KINDS = {name: made() for name, made in compute.KINDS.items()}
SPANISH = KINDS | {"text": compute.text_kind("es")}
with (resources.files("rnnlib") / "data/in_order.npz").open("rb") as file:
    SAVED = dict(np.load(file))
SETTINGS = [(kind, example, shuffle) for kind in KINDS for example, shuffle in ((1, 0), (2, 7), (20, 50))]


@pytest.fixture
def ax():
    return Figure().add_subplot()


def order_of(shuffle, length):
    return np.random.default_rng(shuffle).permutation(length) if shuffle else np.arange(length)


def by_hand(kind, reader, xs):
    """The share of "in order" after each step, by a softmax written out."""
    W_xh, W_hh, b_h, W_hy, b_y = (SAVED[f"{kind}/{reader}/{name}"] for name in ("W_xh", "W_hh", "b_h", "W_hy", "b_y"))
    h, sure = np.zeros(len(W_hh)), []
    for x_t in xs:
        h = np.tanh(x_t @ W_xh + h @ W_hh + b_h)
        odds = np.exp(h @ W_hy + b_y)
        sure.append(odds[1] / odds.sum())
    return sure


def share_right(kinds, kind, reader):
    """Of all new sequences, each in order and shuffled."""
    rng, hits = np.random.default_rng(0), []
    for xs in kinds[kind].new:
        for asked, in_order in ((xs, True), (rng.permutation(xs), False)):
            read = asked if reader == "recurrent" else [asked.mean(axis=0)]
            hits.append((by_hand(kind, reader, read)[-1] > 0.5) == in_order)
    return np.mean(hits)


RIGHT = {kind: {reader: share_right(KINDS, kind, reader) for reader in ("bag", "recurrent")} for kind in KINDS}
RIGHT_IN_SPANISH = RIGHT | {"text": {reader: share_right(SPANISH, "text", reader) for reader in ("bag", "recurrent")}}


def check_sequence(lab, drawn, kind, xs, shown):
    artists = moving(lab, drawn, "sequence")
    if kind == "text":
        assert "".join(words(artists)).replace("␣", " ") == "".join(shown)
        assert [artist.get_position()[0] for artist in artists] == list(range(1, len(xs) + 1))
    elif kind == "series":
        np.testing.assert_array_equal(artists[0].get_xydata(), np.transpose([range(1, 23), shown]))
    else:
        np.testing.assert_allclose(artists[0].get_array(), sequences.spectra(shown[:, None])[:, 0].T)


def check_bag(lab, drawn, kind, xs):
    bars, ax = moving(lab, drawn, "bag"), lab.figure.axes["bag"]
    heights = {round(bar.get_center()[0]): bar.get_height() for bar in bars}
    named = {round(x): label for x, label in zip(ax.get_xticks(), words(ax.get_xticklabels()))}
    assert heights.keys() == named.keys()
    if kind == "text":
        letters = [letter.replace(" ", "␣") for letter in np.array(KINDS["text"].names)[xs.argmax(axis=1)]]
        counted = {letter: letters.count(letter) / len(letters) for letter in letters}
        assert {named[x]: pytest.approx(height) for x, height in heights.items()} == counted
    else:
        np.testing.assert_allclose(list(heights.values()), xs.mean(axis=0))
        every = {"audio": [str(b) if b % 5 == 0 else "" for b in range(16)], "series": [str(25 * n) for n in range(8)]}
        assert list(named.values()) == every[kind]
    assert max(heights.values()) < ax.get_ylim()[1]


@pytest.mark.parametrize(
    ("language", "seed", "count"), [("en", 0, 20), ("es", 2, 5), pytest.param("en", 1, 300, marks=pytest.mark.slow)]
)
def test_every_number_is_right_after_any_change_of_controls(drawn, language, seed, count):
    kinds, shares = (KINDS, RIGHT) if language == "en" else (SPANISH, RIGHT_IN_SPANISH)
    in_order, shuffled = {"en": ("in order:", "shuffled:"), "es": ("en orden:", "sin orden:")}[language]
    with locale.speaking(language):
        lab = sequence_lab(kind="text")
    drawn.clear()
    for now in walk(lab, random.Random(seed), count):
        if not drawn:
            continue  # the control stayed where it was
        kind, e = now["kind"], now["example"] - 1
        order = order_of(now["shuffle"], len(kinds[kind].new[e]))
        xs, shown = kinds[kind].new[e][order], kinds[kind].shown[e][order]
        check_sequence(lab, drawn, kind, xs, shown)
        check_bag(lab, drawn, kind, xs)
        recurrent, bag = by_hand(kind, "recurrent", xs), by_hand(kind, "bag", [xs.mean(axis=0)])
        artists = moving(lab, drawn, "sure")
        (line,) = lines(artists, color=ORANGE)
        np.testing.assert_allclose(line.get_xydata(), [[0.5, bag[0]], [len(xs) + 0.5, bag[0]]], rtol=1e-6)
        (line,) = lines(artists, color=BLUE)
        np.testing.assert_allclose(line.get_xydata(), np.transpose([range(1, len(xs) + 1), recurrent]), rtol=1e-6)
        said = [int(number) for number in re.findall(r"(\d+) %", lab.summary)]
        right = [shares[kind]["recurrent"], shares[kind]["bag"]]
        assert said == [round(100 * share) for share in (recurrent[-1], bag[0], *right)]
        assert (in_order in lab.summary, shuffled in lab.summary) == (now["shuffle"] == 0, now["shuffle"] > 0)
        assert printed(lab.code) == f"{said[0]}%"
        drawn.clear()


@pytest.mark.parametrize(
    ("kind", "example", "said"),
    [
        ("text", 1, f"“{KINDS['text'].titles[0]}”"),
        ("audio", 1, "A rising glide"),
        ("audio", 2, "A falling glide"),
        ("series", 1, "The sunspots of 1901–1922"),
        ("series", 20, "The sunspots of 1920–1941"),
    ],
)
def test_the_sentence_says_what_is_heard(kind, example, said):
    assert sequence_lab(kind=kind, example=example).summary.startswith(f"{said}, in order:")


def test_a_lab_shows_new_names_of_the_language_it_was_made_in_and_keeps_them(monkeypatch):
    names = [name.lower() for name in sequences.country_names("es")[::5] if len(name) <= 16]
    assert [SPANISH["text"].titles, compute.kind_of("text", "es").titles] == [names, names]
    assert any(set(name) & set("áéíóúñ") for name in names)
    with locale.speaking("es"):
        lab = sequence_lab(kind="text")
    monkeypatch.setattr(locale, "_language", "en")
    for example, name in enumerate(names[:20], 1):
        lab.apply(example=example)
        assert lab.summary.startswith(f"«{name}», en orden:")
        assert name in lab.code
    lab.apply(shuffle=3)
    sure = by_hand("text", "recurrent", SPANISH["text"].new[19][order_of(3, len(names[19]))])[-1]
    assert f" {100 * sure:.0f} %" in lab.summary
    assert printed(lab.code) == f"{100 * sure:.0f}%"


def test_the_networks_read_both_languages_and_no_name_that_is_new_in_either():
    seen = {xs.tobytes() for xs in KINDS["text"].seen}
    assert [list(KINDS["text"].names)] * 2 == [list(SPANISH["text"].names), list(compute.kind_of("text", "es").names)]
    assert {xs.tobytes() for xs in SPANISH["text"].seen} == seen
    for kinds in (KINDS, SPANISH):
        assert len(kinds["text"].new) >= 20
        assert not {xs.tobytes() for xs in kinds["text"].new} & seen


@pytest.mark.parametrize(("kind", "example", "shuffle"), SETTINGS)
def test_a_run_is_one_new_sequence_in_this_order(kind, example, shuffle):
    heard, known = compute.run(kind, example, shuffle), KINDS[kind]
    order = order_of(shuffle, len(known.new[example - 1]))
    np.testing.assert_array_equal(heard.order, order)
    np.testing.assert_array_equal(heard.xs, known.new[example - 1][order])
    np.testing.assert_array_equal(heard.shown, known.shown[example - 1][order])
    assert (heard.kind, heard.title) == (kind, known.titles[example - 1])
    entries = dict(zip(heard.words, heard.bag))
    bag = {name: share for name, share in zip(known.names, heard.xs.mean(axis=0)) if share or kind != "text"}
    assert entries == pytest.approx(bag)
    assert max(heard.bag) < heard.top
    np.testing.assert_allclose(heard.sure["recurrent"], by_hand(kind, "recurrent", heard.xs), rtol=1e-6)
    np.testing.assert_allclose(heard.sure["bag"], by_hand(kind, "bag", [heard.xs.mean(axis=0)]), rtol=1e-6)
    assert heard.right == pytest.approx(RIGHT[kind])


def test_letters_levels_and_bands_are_what_the_inputs_say():
    for xs, shown, title in zip(*KINDS["text"][2:]):
        assert "".join(np.array(KINDS["text"].names)[xs.argmax(axis=1)]) == "".join(shown) == title
    years, numbers = sequences.sunspots()
    for xs, shown, first in zip(*KINDS["series"][2:]):
        np.testing.assert_array_equal(shown, numbers[years.searchsorted(first) :][:22])
        np.testing.assert_array_equal(xs.argmax(axis=1), shown // 25)
    for xs, frames, way in zip(*KINDS["audio"][2:]):
        np.testing.assert_allclose(xs, sequences.spectra(frames[:, None])[:, 0])
        loudest = xs.argmax(axis=1)
        assert (loudest[-1] > loudest[0]) == (way == "rising")
    np.testing.assert_array_equal(compute.run("series", 3, 5).xs, KINDS["series"].new[2][order_of(5, 22)])


def test_new_sequences_were_not_learnt_from():
    for kind in KINDS.values():
        assert len(kind.titles) == len(kind.shown) == len(kind.new) >= 20
    assert not {xs.tobytes() for xs in KINDS["audio"].new} & {xs.tobytes() for xs in KINDS["audio"].seen}
    assert len(KINDS["audio"].seen) == 160
    assert KINDS["series"].titles[0] == 1901
    assert len(KINDS["series"].seen) == 1900 - 1700 + 1 - 22 + 1
    english, spanish = ([name.lower() for name in sequences.country_names(code)] for code in ("en", "es"))
    assert KINDS["text"].titles == [name for name in english[::5] if len(name) <= 16]
    learnt = [name for names in (english, spanish) for i, name in enumerate(names) if i % 5 and len(name) <= 16]
    assert [len(xs) for xs in KINDS["text"].seen] == list(map(len, learnt))


@pytest.mark.parametrize("kind", KINDS)
def test_the_bag_is_told_by_guessing_and_the_order_helps(kind):
    right, spanish = compute.right(kind), compute.right(kind, "es")
    assert right == {"bag": 0.5, "recurrent": pytest.approx(RIGHT[kind]["recurrent"], abs=1e-12)}
    assert spanish == {"bag": 0.5, "recurrent": pytest.approx(RIGHT_IN_SPANISH[kind]["recurrent"], abs=1e-12)}
    assert right["recurrent"] > {"text": 0.55, "audio": 0.98, "series": 0.9}[kind]


def test_a_bar_stands_over_the_name_of_its_reader(ax):
    draw.frame_right(ax)
    drawn = draw.draw_right(ax, {"recurrent": 0.9, "bag": 0.3})
    named = {round(x): label for x, label in zip(ax.get_xticks(), words(ax.get_xticklabels()))}
    bars = [artist for artist in drawn if hasattr(artist, "get_height")]
    found = {named[round(bar.get_center()[0])]: (bar.get_height(), bar.get_facecolor()) for bar in bars}
    assert list(named.values()) == ["bag of inputs", "recurrent net"]
    wanted = {"bag of inputs": (0.3, ORANGE), "recurrent net": (0.9, BLUE)}
    assert {name: height for name, (height, _) in found.items()} == {name: share for name, (share, _) in wanted.items()}
    assert all(same_color(found[name][1], colour) for name, (_, colour) in wanted.items())
    texts = [artist for artist in drawn if hasattr(artist, "get_text")]
    said = {named[text.get_position()[0]]: text.get_text() for text in texts}
    assert said == {"bag of inputs": "30 %", "recurrent net": "90 %"}
    assert [text.get_position()[1] for text in texts] == pytest.approx([0.33, 0.93])  # above its bar
    (chance,) = ax.lines
    assert (set(chance.get_ydata()), list(key(ax))) == ({0.5}, ["chance"])


@pytest.mark.parametrize("kind", KINDS)
def test_the_lab_puts_each_share_over_its_readers_name(drawn, kind):
    lab = sequence_lab()
    drawn.clear()
    lab.apply(kind=kind)
    ax = lab.figure.axes["right"]
    named = {round(x): label for x, label in zip(ax.get_xticks(), words(ax.get_xticklabels()))}
    bars = [artist for artist in moving(lab, drawn, "right") if hasattr(artist, "get_height")]
    found = {named[round(bar.get_center()[0])]: bar.get_height() for bar in bars}
    assert found == pytest.approx({"bag of inputs": 0.5, "recurrent net": RIGHT[kind]["recurrent"]})


def test_the_key_names_the_readers_and_the_axis_what_they_are_sure_of(ax):
    draw.frame_sure(ax, 2)
    drawn, known = draw.draw_sure(ax, {"recurrent": np.array([0.4, 0.9]), "bag": np.array([0.7])}), key(ax)
    for name, points in {"bag of inputs": [[0.5, 0.7], [2.5, 0.7]], "recurrent net": [[1, 0.4], [2, 0.9]]}.items():
        colour, style, marker = known[name]
        (line,) = lines(drawn, color=colour, linestyle=style, marker=marker)
        assert line.get_xydata().tolist() == points
    assert len({look[1] for look in known.values()}) == 2  # told apart without colours
    named = dict(zip(ax.get_yticks(), words(ax.get_yticklabels())))
    assert named == {0: "shuffled", 0.5: "½", 1: "in order"}
    assert ax.get_xlim() == (0.5, 2.5)


def heard(kind, xs, shown):
    return compute.Heard(kind, "", np.arange(len(xs)), xs, shown, ("a",), np.ones(1), {}, {})


def test_a_space_is_seen_and_each_letter_stands_at_its_step(ax):
    draw.frame_sequence(ax, "text", 3)
    letters = draw.draw_sequence(ax, heard("text", np.eye(3), np.array(list("a b"))))
    assert [(letter.get_text(), letter.get_position()[0]) for letter in letters] == [("a", 1), ("␣", 2), ("b", 3)]
    assert (ax.get_xlim(), ax.get_xticks().tolist()) == ((0.5, 3.5), [1, 2, 3])
    draw.frame_bag(ax, "text", (" ", "a"), 0.5)
    assert words(ax.get_xticklabels()) == ["␣", "a"]
    assert (ax.get_ylim(), ax.get_xlabel(), ax.get_ylabel()) == ((0, 0.5), "letter", "share")


def test_a_loud_band_is_dark_at_its_height_and_its_step(ax):
    draw.frame_sequence(ax, "audio", 3)
    xs = np.zeros((3, 16))
    xs[1, 5] = 1.0
    (mesh,) = draw.draw_sequence(ax, heard("audio", xs, np.zeros((3, 200))))
    (row,), (column,) = np.nonzero(mesh.get_array())
    corners = mesh.get_coordinates()
    assert corners[row, column].tolist() == [1.5, 5]
    assert corners[row + 1, column + 1].tolist() == [2.5, 6]
    assert same_color(mesh.to_rgba(1.0), BLUE)
    assert same_color(mesh.to_rgba(0.0), "white")
    assert (ax.get_ylim(), ax.get_ylabel()) == ((0, 16), "band of 240 Hz")


def test_presets_show_their_kind_in_order_and_the_last_shuffles():
    lab = sequence_lab(shuffle=9)
    for kind in KINDS:
        lab.apply(**lab.presets[kind])
        assert (lab.settings["kind"], lab.settings["shuffle"]) == (kind, 0)
        lab.apply(**lab.presets["mixed"])
        assert (lab.settings["kind"], lab.settings["shuffle"] > 0) == (kind, True)


def played(lab):
    """The sound in the page, samples between −1 and 1."""
    data = re.search('base64,([^"]+)', lab._sound.value)[1]
    with wave.open(io.BytesIO(base64.b64decode(data))) as sound:
        assert (sound.getnchannels(), sound.getsampwidth(), sound.getframerate()) == (1, 2, sequences.SAMPLE_RATE)
        return np.frombuffer(sound.readframes(sound.getnframes()), "<i2") / 32767


@pytest.mark.parametrize(("example", "shuffle"), [(1, 0), (2, 0), (2, 3), (7, 50)])
def test_the_sound_is_heard_in_the_order_that_is_shown(drawn, example, shuffle):
    lab = sequence_lab()
    drawn.clear()
    lab.apply(kind="audio", example=example, shuffle=shuffle)
    (mesh,) = moving(lab, drawn, "sequence")
    frames = played(lab).reshape(16, 1, sequences.FRAME)
    np.testing.assert_allclose(2 * sequences.spectra(frames)[:, 0].T, mesh.get_array(), atol=2e-3)
    in_order = KINDS["audio"].shown[example - 1][order_of(shuffle, 16)]
    np.testing.assert_allclose(frames.ravel(), 0.5 * in_order.ravel(), atol=1e-4)
    assert 'aria-label="A ' in lab._sound.value
    lab.apply(kind="text")
    assert lab._sound.value == ""


def test_what_trained_the_networks_needs_no_page():
    script = Path(compute.__file__).parents[2] / "data/make_in_order.py"
    code = f"import runpy, sys; runpy.run_path({str(script)!r}, run_name='not main'); "
    code += "print(*{'matplotlib', 'ipywidgets', 'IPython'} & sys.modules.keys())"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout == "\n"
