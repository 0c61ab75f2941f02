"""The sequences: what makes each task a task, the baselines, and the data as their sources have them."""

import runpy
from pathlib import Path

import numpy as np
import pytest

from rnnlib import RNN, sequences
from rnnlib.sequences import END, SYMBOLS

DATA = Path(sequences.__file__).with_name("data")
DRAWS = {
    "glides": lambda rng: sequences.glides(4, rng),
    "echo": lambda rng: sequences.echo(20, 6, 3, rng),
    "adding": lambda rng: sequences.adding(20, 6, rng),
    "temporal_order": lambda rng: sequences.temporal_order(20, 6, rng),
}


@pytest.mark.parametrize("draw", DRAWS.values(), ids=DRAWS)
def test_the_same_seed_gives_the_same_bytes_and_a_generator_moves_on(draw):
    first, again, other = draw(0), draw(0), draw(1)
    assert [a.tobytes() for a in first if a is not None] == [a.tobytes() for a in again if a is not None]
    assert first[0].tobytes() != other[0].tobytes()
    rng = np.random.default_rng(0)
    assert draw(rng)[0].tobytes() != draw(rng)[0].tobytes()


def test_a_seed_draws_apart_from_a_network_of_the_same_seed():
    numbers = sequences.adding(10, 10, 0).xs[..., 0].ravel()
    np.testing.assert_array_equal(RNN(1, 100, rng=0).params["W_xh"].ravel()[0], np.random.default_rng(0).normal())
    assert numbers[0] != np.random.default_rng(0).random()


# Text


@pytest.mark.parametrize(("language", "some"), [("en", ["Spain", "Japan"]), ("es", ["España", "Japón"])])
def test_country_names(language, some):
    names = sequences.country_names(language)
    assert len(names) == len(set(names)) == 256
    assert set(some) < set(names)
    assert (sequences.country_names() == names) == (language == "en")
    assert not any(END in name or name != name.strip() for name in names)


def test_the_committed_names_are_those_of_the_source():
    core = pytest.importorskip("babel.core", reason="Babel is not installed")
    version = core.get_cldr_version()
    if version != "47":
        pytest.skip(f"the file has CLDR 47, the installed Babel has {version}")
    rows = runpy.run_path(str(DATA / "make_country_names.py"))["rows"]()
    text = "".join(f"{code},{english},{spanish}\n" for code, english, spanish in rows)
    assert (DATA / "country_names.csv").read_text(encoding="utf-8") == "code,en,es\n" + text


def test_sources_and_licences_are_stated():
    readme = (DATA / "README.md").read_text(encoding="utf-8")
    assert [path.name for path in DATA.glob("*.csv") if path.name not in readme] == []
    assert "CLDR 47" in readme
    assert "Permission is hereby granted" in (DATA / "UNICODE-LICENSE.txt").read_text(encoding="utf-8")


def test_a_vocabulary_is_sorted_and_complete():
    assert sequences.vocabulary(["cab", "é", ""]) == [END, "a", "b", "c", "é"]


def test_characters_of_a_worked_example():
    xs, labels, mask = sequences.characters(["ab", "b"], [END, "a", "b"])
    assert xs.shape == (3, 2, 3)
    assert xs[:, 0].tolist() == [[1, 0, 0], [0, 1, 0], [0, 0, 1]]
    assert xs[:, 1].tolist() == [[1, 0, 0], [0, 0, 1], [0, 0, 0]]
    assert labels[:, 0].tolist() == [1, 2, 0]
    assert labels[:2, 1].tolist() == [2, 0]
    assert mask.T.tolist() == [[True, True, True], [True, True, False]]


def test_characters_can_be_read_back():
    names = sequences.country_names("es")
    symbols = sequences.vocabulary(names)
    xs, labels, mask = sequences.characters(names, symbols)
    assert mask.sum() == sum(map(len, names)) + len(names)
    for b, name in enumerate(names):
        assert "".join(symbols[i] for i in labels[mask[:, b], b]) == name + END
        assert "".join(symbols[i] for i in xs[mask[:, b], b].argmax(axis=1)) == END + name
    assert not xs[~mask].any()


@pytest.mark.parametrize("texts", [["ab\n", "b"], ("ab", "b\n"), np.array(["ab\n", "b"]), ["ab", "b"]], ids=repr)
def test_an_end_that_a_text_has_already_is_not_doubled(texts):
    wanted = sequences.characters(["ab", "b"], [END, "a", "b"])
    for symbols in ([END, "a", "b"], "\nab", np.array([END, "a", "b"])):
        for part, same in zip(sequences.characters(texts, symbols)[:3], wanted):
            np.testing.assert_array_equal(part, same)
            assert part.dtype == same.dtype
    assert sequences.vocabulary(texts) == [END, "a", "b"]


def test_texts_that_are_none_or_hold_an_end_inside_are_refused():
    for call in (sequences.vocabulary, lambda texts: sequences.characters(texts, [END, "a", "b"])):
        for torn in ("a\nb", "a\n\n", "\na"):
            with pytest.raises(ValueError, match=r"^texts: expected END nowhere but at the end of a text, got '"):
                call(["b", torn])
        for wrong in ("ab", ["a", 3], [b"a"], None, 3):
            with pytest.raises(TypeError, match=r"^texts: expected several texts, got "):
                call(wrong)


def test_an_empty_text_is_its_end():
    xs, labels, mask = sequences.characters(["", "\n"], [END, "a"])
    assert xs.tolist() == [[[1, 0], [1, 0]]]
    assert labels.tolist() == [[0, 0]]
    assert mask.all()


def test_padding():
    each = [np.arange(6.0).reshape(3, 2), np.ones((1, 2)), [[5, 6], [7, 8]]]
    xs, lengths = sequences.pad(iter(each))
    assert lengths.tolist() == [3, 1, 2]
    assert xs.tolist() == [[[0, 1], [1, 1], [5, 6]], [[2, 3], [0, 0], [7, 8]], [[4, 5], [0, 0], [0, 0]]]
    with pytest.raises(ValueError, match=r"^number of sequences: expected a whole number of at least 1, got 0$"):
        sequences.pad([])
    with pytest.raises(ValueError, match=r"^sequences\[1\]: expected \(T, 2\), got \(1, 3\)$"):
        sequences.pad([np.ones((1, 2)), np.ones((1, 3))])
    with pytest.raises(ValueError, match=r"^sequences\[0\]: expected \(T, D\), got \(3,\)$"):
        sequences.pad([np.ones(3)])
    with pytest.raises(ValueError, match=r"^sequences\[0\]: expected \(T, D\), got \(0, 2\)$"):
        sequences.pad([np.ones((0, 2))])


def test_characters_refuse_what_the_vocabulary_has_not():
    with pytest.raises(ValueError, match=r"texts: expected texts of the characters in symbols, got \['z'\]"):
        sequences.characters(["az"], [END, "a"])
    with pytest.raises(ValueError, match="got no text"):
        sequences.characters([], [END, "a"])
    with pytest.raises(ValueError, match="language: expected one of 'en', 'es', got 'fr'"):
        sequences.country_names("fr")


# Time series


def test_sunspots():
    years, numbers = sequences.sunspots()
    np.testing.assert_array_equal(years, np.arange(1700, 2009))
    assert numbers.shape == (309,)
    assert (numbers >= 0).all()
    assert (
        dict(zip(years.tolist(), numbers.tolist())).items() >= {1700: 5.0, 1778: 154.4, 1957: 190.2, 2008: 2.9}.items()
    )
    spectrum = np.abs(np.fft.rfft(numbers - numbers.mean()))
    assert 309 / spectrum.argmax() == pytest.approx(11, abs=0.5)  # years: the solar cycle


# Sound


def test_a_falling_glide_has_the_frames_of_a_rising_one_in_reverse():
    assert (sequences.SAMPLE_RATE, sequences.FRAME, sequences.BANDS) == (8000, 200, 16)
    assert sequences.glides(1, 0, steps=2)[0].shape == (2, 2, 200)
    frames, labels = sequences.glides(5, 0, steps=12)
    assert frames.shape == (12, 10, sequences.FRAME)
    assert labels.tolist() == [0] * 5 + [1] * 5
    assert np.abs(frames).max() <= 1
    np.testing.assert_array_equal(frames[:, 5:], frames[::-1, :5])
    assert (frames[1:] != frames[:-1]).any(axis=2).all()


def test_a_glide_is_a_tone_that_fades_in_and_out_within_an_eighth_of_a_frame():
    frames, _ = sequences.glides(40, 0)
    loudest = np.abs(frames).max(axis=(0, 1))  # over all glides and their frames: the fade itself
    # hanning is sin²: 8 sin²(πn/199) reaches 1 after 23 of the 200 samples.
    n = np.arange(sequences.FRAME)
    np.testing.assert_allclose(loudest, np.minimum(1, 8 * np.sin(np.pi * n / 199) ** 2), atol=0.002)
    assert (loudest[23:-23] > 0.998).all()


def test_glides_rise_and_fall():
    frames, labels = sequences.glides(400, 0)
    hertz = np.abs(np.fft.rfft(frames * np.hanning(sequences.FRAME))).argmax(axis=-1) * 40.0
    steps = np.diff(hertz, axis=0)
    assert (steps[:, labels == 0] >= 0).all()
    assert (steps[:, labels == 1] <= 0).all()
    assert (np.abs(hertz[-1] - hertz[0]) >= 240).all()
    starts, ends = hertz[0, labels == 0], hertz[-1, labels == 0]  # in steps of 40 Hz, within a frame of the ends
    assert 300 - 20 <= starts.min() < 340 < 560 < starts.max() <= 600 * 2 ** (2 / 16) + 20
    assert 600 * 2 ** (-1 / 16) - 20 <= ends.min() < 800 < 1800 < ends.max() <= 2400 + 20
    assert 1.7 < (ends / starts).min() < 2.2 < 3.2 < (ends / starts).max() < 4.3  # one to two octaves


def test_spectra_have_the_same_bag_for_both_and_follow_the_pitch():
    frames, labels = sequences.glides(20, 0)
    xs = sequences.spectra(frames)
    assert xs.shape == (16, 40, sequences.BANDS)
    assert xs.min() >= 0
    assert 0.5 < xs.max() < 2
    np.testing.assert_array_equal(xs[:, labels == 1], xs[::-1, labels == 0])
    assert (xs[0, labels == 0].argmax(axis=-1) < xs[-1, labels == 0].argmax(axis=-1)).all()
    tone = np.sin(2 * np.pi * 1000 * np.arange(sequences.FRAME) / sequences.SAMPLE_RATE)
    assert sequences.spectra(tone[None, None]).argmax() == 1000 // 240


def test_the_bag_forgets_order():
    frames, labels = sequences.glides(20, 0)
    bags = sequences.bag(sequences.spectra(frames))
    assert bags.shape == (1, 40, sequences.BANDS)
    np.testing.assert_allclose(bags[:, labels == 0], bags[:, labels == 1], rtol=1e-13)
    xs = np.random.default_rng(0).standard_normal((9, 2, 3))
    np.testing.assert_allclose(sequences.bag(xs), sequences.bag(np.random.default_rng(1).permutation(xs)), rtol=1e-13)


# Tasks with a long lag


def test_echo():
    xs, targets, mask = sequences.echo(300, 200, 5, 0)
    assert xs.shape == targets.shape == (300, 200, 1)
    assert set(np.unique(xs)) == {-1, 1}
    np.testing.assert_array_equal(targets[5:], xs[:-5])
    assert mask[5:].all()
    assert not mask[:5].any()
    assert (targets[mask] ** 2).mean() == 1  # the baseline: predict 0
    nearest = [abs((targets[5:] * xs[5 - k : 300 - k]).mean()) for k in (0, 1, 4)]
    assert max(nearest) < 5 / np.sqrt(295 * 200)  # nothing but the input 5 steps ago helps
    np.testing.assert_array_equal(sequences.echo(7, 2, 0, 0).targets, sequences.echo(7, 2, 0, 0).xs)


def test_adding():
    xs, targets, mask = sequences.adding(30, 20_000, 0)
    assert mask is None
    numbers, markers = xs[..., 0], xs[..., 1]
    assert set(np.unique(markers)) == {0, 1}
    assert (markers[:15].sum(axis=0) == 1).all()
    assert (markers[15:].sum(axis=0) == 1).all()
    np.testing.assert_allclose(targets[:, 0], (numbers * markers).sum(axis=0))
    assert (markers.sum(axis=1) > 0).all()  # every place occurs
    # The squared error of predicting 1 is 1/6 with a standard deviation of √(7/180) a sequence.
    assert ((targets - 1) ** 2).mean() == pytest.approx(1 / 6, abs=5 * np.sqrt(7 / 180 / 20_000))
    assert abs(np.corrcoef(numbers.sum(axis=0) - targets[:, 0], targets[:, 0])[0, 1]) < 0.04


def test_temporal_order():
    T, B = 50, 20_000
    xs, labels, mask = sequences.temporal_order(T, B, 0)
    assert mask is None
    assert xs.shape == (T, B, 8)
    assert (xs.sum(axis=2) == 1).all()
    symbols = np.array(list(SYMBOLS))[xs.argmax(axis=2)]
    assert (symbols[0] == "E").all()
    assert (symbols[-1] == "B").all()
    for b in range(0, B, 97):
        word = "".join(s for s in symbols[:, b] if s in "XY")
        assert ["XX", "XY", "YX", "YY"][labels[b]] == word
    places = np.nonzero(np.isin(symbols.T, ["X", "Y"]))[1].reshape(B, 2)
    assert sorted(set(places[:, 0] + 1)) == list(range(4, 14))  # steps, counted from 1
    assert sorted(set(places[:, 1] + 1)) == list(range(26, 41))
    shares = np.bincount(labels, minlength=4) / B
    np.testing.assert_allclose(shares, 0.25, atol=5 * np.sqrt(0.25 * 0.75 / B))
    middle = symbols[1:-1][~np.isin(symbols[1:-1], ["X", "Y"])]
    assert sorted(set(middle.tolist())) == list("abcd")


def test_a_bag_gets_three_quarters_of_temporal_order_right():
    xs, labels, _ = sequences.temporal_order(50, 20_000, 1)
    bags = sequences.bag(xs)[0]
    xs_seen = np.rint(bags[:, SYMBOLS.index("X")] * 50).astype(int)
    best = sum(np.bincount(labels[xs_seen == n]).max() for n in range(3)) / len(labels)
    assert best == pytest.approx(0.75, abs=0.02)
    assert set(labels[xs_seen == 2]) == {0}
    assert set(labels[xs_seen == 1]) == {1, 2}


@pytest.mark.parametrize("T", [10, 11, 25, 100, 333])
def test_temporal_order_at_every_length(T):
    xs, labels, _ = sequences.temporal_order(T, 500, 0)
    codes = xs.argmax(axis=2)
    assert ((codes == 4).sum(axis=0) + (codes == 5).sum(axis=0) == 2).all()
    assert ((codes == 4).sum(axis=0) == np.array([2, 1, 1, 0])[labels]).all()
    assert (codes[0] == 6).all()
    assert (codes[-1] == 7).all()


@pytest.mark.parametrize(
    ("call", "message"),
    [
        (lambda: sequences.echo(5, 2, 5, 0), "steps: expected a whole number of at least 6, got 5"),
        (lambda: sequences.echo(5, 2, -1, 0), "lag: expected a whole number of at least 0, got -1"),
        (lambda: sequences.adding(1, 2, 0), "steps: expected a whole number of at least 2, got 1"),
        (lambda: sequences.adding(4, 0, 0), "batch: expected a whole number of at least 1, got 0"),
        (lambda: sequences.temporal_order(9, 2, 0), "steps: expected a whole number of at least 10, got 9"),
        (lambda: sequences.temporal_order(50, 2, -1), "rng: expected a whole number of at least 0, got -1"),
        (lambda: sequences.glides(0, 0), "pairs: expected a whole number of at least 1, got 0"),
        (lambda: sequences.glides(1, 0, steps=1), "steps: expected a whole number of at least 2, got 1"),
        (lambda: sequences.spectra(np.zeros((2, 2, 7))), r"frames: expected \(T, B, 200\), got \(2, 2, 7\)"),
        (lambda: sequences.bag(np.zeros((2, 2))), r"xs: expected \(T, B, D\), got \(2, 2\)"),
    ],
)
def test_wrong_input_is_refused_by_name(call, message):
    with pytest.raises(ValueError, match=message):
        call()


@pytest.mark.parametrize("draw", DRAWS.values(), ids=DRAWS)
def test_drawing_raises_no_error_where_numpy_raises_all(draw):
    with np.errstate(all="raise"):
        draw(0)
        sequences.bag(np.full((3, 2, 2), 1e-310))
        loud = sequences.spectra(np.full((2, 1, sequences.FRAME), 1e-200))
    assert np.isfinite(loud).all()
