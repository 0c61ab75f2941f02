"""The reading lab: at any settings, what it draws, says and prints is computed here once more, from the core."""

import random
import re
from collections import Counter

import numpy as np
import pytest
from contract import key, lines, moving, printed, walk, words
from matplotlib.colors import same_color
from matplotlib.figure import Figure

import rnnlib
from rnnlib import locale
from rnnlib.labs.reading_lab import compute, draw
from rnnlib.plots.style import BLACK, BLUE, GREY, ORANGE
from rnnlib.widgets import reading_lab

NAMES = {
    code: [name.lower() for name in rnnlib.sequences.country_names(code) if len(name) <= 24] for code in ("en", "es")
}
SYMBOLS = {code: rnnlib.sequences.vocabulary(names) for code, names in NAMES.items()}
ISLANDS = {"en": "são tomé & príncipe", "es": "santo tomé y príncipe"}
SAID = {
    "en": [
        "After {t} of {n} letters of “{word}”",
        *("nothing is changed", "to come", "no trace", "of the first"),
        r"(\S+) of the first",
    ],
    "es": [
        "En «{word}», tras la letra {t} de {n},",
        *("nada ha cambiado", "por llegar", "ningún rastro", "multiplicada por"),
        r"multiplicada por (\S+)\. ",
    ],
}
LANGUAGES = pytest.mark.parametrize("language", NAMES)


def corners(language):
    """Settings that a walk may miss."""
    return [
        {"word": "q", "step": 1, "position": 8, "letter": "z", "weight_scale": 10.0},
        {"word": "x" * 24, "step": 24, "weight_scale": 0.1},
        {"word": ISLANDS[language], "step": 9, "position": 5, "letter": " ", "weight_scale": 1.3, "seed": 3},
        {"word": "tanzania", "position": 1, "letter": "t"},
        {"step": 2, "position": 6},
    ]


def lab_in(language, **settings):
    """A lab that was made in this language."""
    with locale.speaking(language):
        return reading_lab(**settings)


@pytest.fixture
def ax():
    return Figure().add_subplot()


def one_hot(letters, language="en"):
    """What is read of these letters, with a length that gives a_t a variance of a quarter."""
    symbols = SYMBOLS[language]
    return np.eye(len(symbols))[[symbols.index(letter) for letter in letters]] * np.sqrt(len(symbols) / 4)


def read(words, weight_scale, seed=0, language="en"):
    """hs (n+1, B, H) by the package: at large scales another order of sums would soon be another state."""
    rnn = rnnlib.RNN(len(SYMBOLS[language]), 64, weight_scale=weight_scale, rng=seed)
    return rnn.forward(np.stack([one_hot(letters, language) for letters in zip(*words)])).hs


def read_by_hand(words, weight_scale, seed=0, language="en"):
    """The same, letter by letter, by a loop of its own."""
    params = rnnlib.RNN(len(SYMBOLS[language]), 64, weight_scale=weight_scale, rng=seed).params
    hs = [np.zeros((len(words), 64))]
    for letters in zip(*words):
        hs.append(np.tanh(one_hot(letters, language) @ params["W_xh"] + hs[-1] @ params["W_hh"]))
    return np.stack(hs)


def both(now):
    """The word and the changed one."""
    at = min(now["position"], len(now["word"])) - 1
    return now["word"], now["word"][:at] + now["letter"] + now["word"][at + 1 :]


def gaps_of(hs):
    return np.sqrt(((hs[:, 0] - hs[:, 1]) ** 2).sum(axis=1))


def check_states(lab, drawn, hs):
    t, (mesh, here) = lab.settings["step"], moving(lab, drawn, "states")
    np.testing.assert_allclose(mesh.get_array(), hs[1 : t + 1, 0].T, atol=1e-7)
    corners = mesh.get_coordinates()  # a letter is centred on its number, unit 0 on top
    np.testing.assert_array_equal(corners[0, :, 0], np.arange(t + 1) + 0.5)
    np.testing.assert_array_equal(corners[:, 0, 1], np.arange(65))
    assert set(here.get_xdata()) == {t + 0.5}


def check_path(lab, drawn, hs, word):
    t, artists = lab.settings["step"], moving(lab, drawn, "path")
    (path,), (other,) = lines(artists, color=BLUE, linestyle="-"), lines(artists, color=ORANGE, linestyle="--")
    wanted = compute.plane(hs)
    np.testing.assert_allclose(path.get_xydata(), wanted[0, : t + 1], atol=1e-6)
    np.testing.assert_allclose(other.get_xydata(), wanted[1, : t + 1], atol=1e-6)
    (ring,) = lines(artists, markerfacecolor="none")
    np.testing.assert_allclose(ring.get_xydata()[0], path.get_xydata()[t])
    notes = [artist for artist in artists if hasattr(artist, "xy")]
    assert words(notes) == [letter.replace(" ", "␣") for letter in word[:t]]
    np.testing.assert_allclose([note.xy for note in notes], path.get_xydata()[1:])
    assert np.abs(wanted).max() < lab.figure.axes["path"].get_xlim()[1] == lab.figure.axes["path"].get_ylim()[1]


def check_gaps(lab, drawn, hs, others):
    gaps, artists, t = gaps_of(hs), moving(lab, drawn, "gaps"), lab.settings["step"]
    steps = np.flatnonzero(gaps[: t + 1])
    low = gaps[steps] < 1e-6
    shown = lines(artists, color=BLACK, linestyle="-")
    assert len(shown) == (steps.size > 0)
    for line in shown:
        np.testing.assert_array_equal(line.get_xdata(), steps)
        np.testing.assert_allclose(line.get_ydata(), np.maximum(gaps[steps], 1e-6), rtol=1e-6)
    for marker, at in (("o", steps[~low]), ("v", steps[low])):
        assert [x for marks in lines(artists, marker=marker) for x in marks.get_xdata()] == list(at)
    names = {note.get_text(): note.xy for note in artists if hasattr(note, "xy")}
    faint, expected = lines(artists, color=GREY, linestyle=":"), {}
    for g, other in others.items():
        on_axis = np.flatnonzero(other >= 1e-6)
        if on_axis.size:
            expected[f"g = {g:g}"] = (on_axis[-1], pytest.approx(other[on_axis[-1]], rel=1e-6))
            np.testing.assert_allclose(faint[len(expected) - 1].get_ydata(), other[on_axis], rtol=1e-6)
    assert names == expected
    assert len(faint) == len(expected)


def check_sentence(lab, gaps, word, changed):
    now, said, (start, *ways, share) = lab.settings, lab.summary, SAID[lab.language]
    t, at = now["step"], min(now["position"], len(word))
    assert said.startswith(start.format(t=t, n=len(word), word=word))
    gap = re.search(r"‖Δh_(\d+)‖ = (\S+?)[,.:]? ", said)
    assert (int(gap[1]), float(gap[2])) == (t, pytest.approx(gaps[t], rel=0.06, abs=1e-12))
    way = 0 if changed == word else 1 if t < at else 2 if gaps[t] == 0 else 3
    assert [ways[way]] == [part for part in ways if part in said]
    if way == 3:
        assert float(re.search(share, said)[1]) == pytest.approx(gaps[t] / gaps[at], rel=0.06)
    elif way == 0 and lab.language == "en":
        assert f"letter {at} is “{word[at - 1]}” already" in said
    return way


@pytest.mark.parametrize(("language", "count"), [("en", 6), ("es", 2), pytest.param("en", 24, marks=pytest.mark.slow)])
def test_what_is_drawn_and_said_is_what_the_network_does(drawn, language, count):
    lab, ways = lab_in(language), set()
    drawn.clear()
    for now in walk(lab, random.Random(0), count, corners(language)):
        if not drawn:
            continue  # the control stayed where it was
        word, changed = both(now)
        hs = read((word, changed), now["weight_scale"], now["seed"], language)
        assert now["step"] <= len(word) == lab.controls["step"].max
        check_states(lab, drawn, hs)
        check_path(lab, drawn, hs, word)
        others = {g: gaps_of(read((word, changed), g, now["seed"], language)) for g in (0.5, 1.0, 2.0)}
        check_gaps(lab, drawn, hs, others)
        ways.add(check_sentence(lab, gaps_of(hs), word, changed))
        drawn.clear()
    assert ways >= {0, 1, 3}


@LANGUAGES
def test_the_code_prints_the_number_of_the_sentence(language):
    lab = lab_in(language)
    for now in walk(lab, random.Random(1), 4, corners(language)):
        assert printed(lab.code) == re.search(r"‖Δh_\d+‖ = (\S+?)[,.:]? ", lab.summary)[1], now


def test_a_lab_has_the_words_of_the_language_it_was_made_in_and_keeps_them():
    lab, before = lab_in("es", word="España", step=6, position=5, letter="n"), locale._language
    try:
        rnnlib.set_language("en")
        for word, changed in (("España", "espana"), ("Perú", "pern")):
            lab.apply(word=word, step=len(word))
            t = len(word)
            gap = gaps_of(read((word.lower(), changed), 1.0, language="es"))[t]
            assert f"«{word.lower()}»" in lab.summary
            assert f"‖Δh_{t}‖ = {gap:.2g}" in lab.summary
            assert 'country_names("es")' in lab.code
            assert printed(lab.code) == f"{gap:.2g}"
        assert list(lab.controls["word"].options) == sorted(NAMES["es"])
        assert [letter for _, letter in lab.controls["letter"].options] == SYMBOLS["es"][1:]
        with pytest.raises(ValueError, match=r"^word: se esperan .*\['ã'\]$"):
            lab.apply(word="são")
        with pytest.raises(ValueError, match=r"^word: expected .*\['ñ'\]$"):
            reading_lab(word="España")
        assert 'country_names("en")' in reading_lab().code
    finally:
        rnnlib.set_language(before)


def test_a_pair_is_the_word_and_the_same_with_one_letter_changed():
    assert compute.pair("Tanzania", 1, "m") == ("tanzania", "manzania")
    assert compute.pair("chad", 8, " ") == ("chad", "cha ")  # beyond the word's end is its end


@pytest.mark.parametrize(("language", "other"), [("en", "åman"), ("es", "ñíúy")])
def test_inputs_are_one_hot_and_give_a_t_a_variance_of_a_quarter(language, other):
    xs, symbols = compute.inputs(["mali", other], language), SYMBOLS[language]
    assert xs.shape == (4, 2, len(symbols))
    np.testing.assert_array_equal(np.array(symbols)[xs.argmax(axis=2).T], [list("mali"), list(other)])
    np.testing.assert_allclose((xs**2).sum(axis=2) / len(symbols), 0.25)  # W_xh ~ N(0, 1/D)
    assert (np.count_nonzero(xs, axis=2) == 1).all()


def test_states_and_distances_are_those_of_the_networks_recurrence():
    pair = ("madagascar", "matagascar")
    hs = compute.states(compute.inputs(pair), 1.3, 4)
    np.testing.assert_allclose(hs, read_by_hand(pair, 1.3, 4), atol=1e-9)
    np.testing.assert_allclose(compute.distances(hs), gaps_of(hs))
    assert compute.distances(hs)[2] == 0 < compute.distances(hs)[3]


def test_the_plane_holds_as_much_of_the_states_as_any_plane_can_and_h_0_is_its_origin():
    hs = read(("madagascar", "matagascar"), 1.2)
    paths, every = compute.plane(hs), hs.reshape(-1, 64)
    assert paths.shape == (2, 11, 2)
    variances = np.linalg.eigvalsh(np.cov(every.T, bias=True))
    np.testing.assert_allclose(paths.reshape(-1, 2).var(axis=0), variances[[-1, -2]], rtol=1e-9)
    np.testing.assert_array_equal(paths[:, 0], 0)
    assert (np.linalg.norm(paths, axis=2) <= np.linalg.norm(hs, axis=2).T + 1e-9).all()  # a projection is never longer


def test_the_plane_has_the_same_directions_whatever_sign_the_svd_gives(monkeypatch):
    hs, svd = read(("madagascar", "matagascar"), 1.2), np.linalg.svd
    before = compute.plane(hs)
    monkeypatch.setattr(np.linalg, "svd", lambda a, **more: tuple(-part for part in svd(a, **more)))
    np.testing.assert_array_equal(compute.plane(hs), before)


def fitted(weight_scale, seed, k, language):
    """The probe for one k: its weights, and its hits on the names that it was not fitted on."""
    rows, symbols = {0: [], 1: []}, SYMBOLS[language]
    for i, name in enumerate(NAMES[language]):
        hs = read_by_hand((name,), weight_scale, seed, language)[1:, 0]
        rows[i % 2] += [(hs[t], name[: t + 1][::-1]) for t in range(len(name))]
    X, past = zip(*rows[0])
    Y = np.stack([np.eye(len(symbols))[symbols.index(p[k])] if k < len(p) else np.zeros(len(symbols)) for p in past])
    W = np.linalg.lstsq(np.c_[np.stack(X), np.ones(len(X))], Y, rcond=None)[0]
    return W, [symbols[(np.append(h, 1) @ W).argmax()] == p[k] for h, p in rows[1] if k < len(p)]


@pytest.mark.parametrize(("k", "language"), [(0, "en"), (3, "en"), (7, "en"), (3, "es")])
def test_the_probe_is_a_least_squares_fit_judged_on_names_it_has_not_seen(k, language):
    weights, found = compute.probe(0.8, 2, language)
    W, hits = fitted(0.8, 2, k, language)
    np.testing.assert_allclose(weights.reshape(65, 10, -1)[:, k], W, atol=1e-6)
    assert found[k] == pytest.approx(np.mean(hits), abs=0.005)
    reading = compute.run("mozambique", 9, 1, "m", 0.8, 2, language)
    state = read(("mozambique",), 0.8, 2, language)[9, 0]
    assert reading.guesses[k] == SYMBOLS[language][(np.append(state, 1) @ W).argmax()]
    np.testing.assert_array_equal(reading.found, found)


@LANGUAGES
def test_guessing_names_the_letter_that_names_have_most_often(language):
    (_, most), *_ = Counter(letter for name in NAMES[language] for letter in name).most_common()
    assert most / sum(map(len, NAMES[language])) == compute.lexicon(language).guess
    assert 0.1 < compute.lexicon(language).guess < 0.2


def test_a_run_has_both_words_and_ends_where_the_word_does():
    reading = compute.run("chad", 24, 8, "r", 0.5, 1)
    pair = ("chad", "char")
    hs = read(pair, 0.5, 1)
    assert (reading.step, reading.position, reading.words) == (4, 4, pair)
    np.testing.assert_allclose(reading.hs, hs[:, 0], atol=1e-12)
    np.testing.assert_allclose(reading.paths, compute.plane(hs), atol=1e-9)
    np.testing.assert_allclose(reading.gaps, gaps_of(hs), atol=1e-12)
    assert list(reading.others) == [0.5, 1.0, 2.0]
    np.testing.assert_allclose(reading.others[2.0], gaps_of(read(pair, 2.0, 1)), atol=1e-12)
    assert len(reading.guesses) == 4
    assert reading.share == 1
    assert np.abs(reading.paths).max() < reading.limit


@pytest.mark.parametrize(("guesses", "right"), [("bcx", 0), ("cba", 3), ("cbx", 2), ("xba", 0)])
def test_what_is_named_is_counted_from_the_last_letter_back(guesses, right):
    assert some(3, guesses=guesses).right == right


@pytest.mark.parametrize("settings", [{"weight_scale": 0.5}, {"weight_scale": 10.0}, {"step": 1}])
def test_the_sentence_counts_what_the_probe_names(settings):
    lab = reading_lab(**settings)
    reading = compute.run(**lab.settings)
    said = re.search(r"the last (\d+) letters", lab.summary)
    assert (int(said[1]) if said else 0) == reading.right
    every = reading.right == len(reading.guesses)
    assert ("every one of" in lab.summary, "first mistake" in lab.summary) == (every, reading.right > 0 and not every)


def some(step, **more):
    """A reading of "abc" and "xbc", every number another."""
    paths = np.arange(16.0).reshape(2, 4, 2)
    gaps = np.array([0, 1.0, 1e-4, 1e-9])
    known = {"hs": np.zeros((4, 2)), "others": {}, "found": np.array([0.9, 0.4, 0.2]), "guesses": "cxa"}
    return compute.Reading(
        **{"step": step, "position": 1, "words": ("abc", "xbc"), "paths": paths, "gaps": gaps} | known | more
    )


def test_the_key_of_the_heat_map_has_the_colours_of_the_states(ax):
    draw.frame_states(ax, ("abc", "xbc"), 5)
    states = np.array([[0] * 5, [-1, -0.5, 0, 0.5, 1], [0] * 5, [0] * 5])
    mesh, _ = draw.draw_states(ax, some(1, hs=states))
    known = key(ax)
    for label, colour in zip(("−1", "−½", "0", "½", "1"), mesh.to_rgba(states[1])):
        assert same_color(known[label][0], colour), label
    assert same_color(known["−1"][0], ORANGE)
    assert same_color(known["1"][0], BLUE)
    assert list(known) == ["−1", "−½", "0", "½", "1"]


def test_a_column_is_named_for_its_letter_and_for_what_it_becomes(ax):
    draw.frame_states(ax, ("a b", "x b"), 5)
    named = {x: label.get_text() for x, label in zip(ax.get_xticks(), ax.get_xticklabels())}
    assert named == {1: "a\n↓x", 2: "␣", 3: "b"}
    assert (ax.get_xlim(), ax.get_ylim()) == ((0.5, 3.5), (5, 0))  # unit 0 on top


def test_the_key_of_the_path_names_the_word_and_the_changed_one(ax):
    draw.frame_path(ax, 20)
    known, drawn, reading = key(ax), draw.draw_path(ax, some(2)), some(2)
    for label, path in zip(("the word", "one letter changed"), reading.paths):
        colour, style, marker = known[label]
        (line,) = lines(drawn, color=colour, linestyle=style, marker=marker)
        np.testing.assert_array_equal(line.get_xydata(), path[:3])
    assert (ax.get_xlim(), ax.get_ylim()) == ((-20, 20), (-20, 20))
    assert (ax.get_xlabel(), ax.get_ylabel()) == ("first principal component", "second")


def test_a_difference_below_the_axis_is_marked_not_cut(ax):
    draw.frame_gaps(ax, "xbc")
    line, dots, triangles = draw.draw_gaps(ax, some(3))
    assert line.get_ydata().tolist() == [1.0, 1e-4, 1e-6]
    assert dots.get_xydata().tolist() == [[1, 1.0], [2, 1e-4]]
    assert (triangles.get_marker(), triangles.get_xydata().tolist()) == ("v", [[3, 1e-6]])
    assert ax.get_ylim()[0] == 1e-6


def test_the_key_of_the_differences_names_this_scale_and_the_others(ax):
    draw.frame_gaps(ax, "x c")
    drawn, known = draw.draw_gaps(ax, some(2, others={2.0: np.array([0, 1, 2, 3.0])})), key(ax)
    for label, gaps in {"at this weight scale": [1, 1e-4], "at others": [1, 2, 3]}.items():
        (line,) = lines(drawn, color=known[label][0], linestyle=known[label][1])
        assert line.get_ydata().tolist() == gaps
    (note,) = [artist for artist in drawn if hasattr(artist, "xy")]
    assert (note.get_text(), note.xy) == ("g = 2", (3, 3.0))
    assert [label.get_text() for label in ax.get_xticklabels()] == ["x", "␣", "c"]
    assert dict(zip(ax.get_yticks(), words(ax.get_yticklabels()))) == {1e-6: "1e-6", 1e-4: "1e-4", 0.01: "0.01", 1: "1"}
    assert ax.get_yscale() == "log"


@pytest.mark.parametrize(
    ("language", "frequent"), [("en", "always the most frequent letter"), ("es", "siempre la letra más frecuente")]
)
def test_a_bar_is_a_share_read_right_and_guessing_a_line_at_its_own(drawn, language, frequent):
    lab = lab_in(language, word="mozambique", step=9, weight_scale=0.8)
    ax, reading = lab.figure.axes["found"], compute.run(**lab.settings, language=language)
    (line,) = lines(ax.lines, color=BLACK, linestyle=":")
    (_, most), *_ = Counter("".join(NAMES[language])).most_common(1)
    assert set(line.get_ydata()) == {most / len("".join(NAMES[language]))}
    assert list(key(ax)) == [frequent]
    drawn.clear()
    lab.apply()
    artists = moving(lab, drawn, "found")
    bars = [artist for artist in artists if hasattr(artist, "get_height")]
    assert [bar.get_height() for bar in bars] == list(reading.found)
    np.testing.assert_allclose([bar.get_center()[0] for bar in bars], range(10))
    assert all(bar.get_y() == 0 for bar in bars)
    assert words(artists)[::2] == list("uqibmazom")
    marked = [
        f"{guess}{'✓' if guess == true else '✗'}".replace(" ", "␣") for guess, true in zip(reading.guesses, "uqibmazom")
    ]
    assert words(artists)[1::2] == marked
    assert {text[-1] for text in marked} == {"✓", "✗"}
    said = [artist for artist in artists if hasattr(artist, "get_text")]
    assert [text.get_position()[0] for text in said] == [k for k in range(9) for _ in "tg"]
    assert {text.get_color() for text in said if "✗" in text.get_text()} == {ORANGE}
    ticks = dict(zip(ax.get_yticks(), words(ax.get_yticklabels())))
    assert (ticks, ax.get_xticks().tolist()) == ({0: "0", 0.5: "½", 1: "1"}, list(range(10)))


def test_only_frames_that_changed_are_drawn_again():
    lab = reading_lab()

    def anew(**settings):
        before = dict(lab.figure.axes)
        lab.apply(**settings)
        return {panel for panel in before if lab.figure.axes[panel] is not before[panel]}

    assert anew(step=3) == anew(position=1) == set()
    assert {"states", "gaps"} <= anew(letter="k") <= {"states", "gaps", "path"}
    assert {"path"} >= anew(weight_scale=0.1)
    assert anew(weight_scale=10.0) == {"path"}


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
    ("word", "message"),
    [
        ("日本", "word: expected 1 to 24 letters of country names, got the letters ['日', '本']"),
        ("", "word: expected 1 to 24 letters of country names, got 0 letters"),
        ("a" * 25, "word: expected 1 to 24 letters of country names, got 25 letters"),
    ],
)
def test_a_wrong_word_is_refused_by_name(word, message):
    for refuses in (lambda: reading_lab(word=word), lambda: compute.pair(word, 1, "a")):
        with pytest.raises(ValueError, match=f"^{re.escape(message)}$"):
            refuses()
