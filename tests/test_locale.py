"""Every word shown comes from the language's file: none missing there, none left over."""

import ast
import re
import string
import tomllib
from collections import Counter
from pathlib import Path

import pytest
from editions import LEFT
from py3langid.langid import MODEL_FILE, LanguageIdentifier

from rnnlib import locale, set_language
from rnnlib.locale import languages, names, table, text

ROOT = Path(__file__).parents[1]
SOURCES = [ast.parse(path.read_text(encoding="utf-8")) for path in sorted((ROOT / "rnnlib").rglob("*.py"))]
NODES = [node for source in SOURCES for node in ast.walk(source)]
HOLE = "([^.]+)"
# Formulas, code and proper names are the same in every language; so may be a word such as "tanh".
SHARED = {"derivatives.x", "activations.tanh", "activations.relu", "cells.RNN", "cells.GRU", "cells.LSTM"}
SHARED |= {"network.curve", "products.gradient", "checks.x", "reading.gap"}
SHARED |= {f"exercises.{name}.hint_3" for name in ("step", "unroll", "backward_step")}
# The same in English, and not the same thing: a check over a sequence, and the sequence that is chosen; a control, and
# the words below an axis, for which a notebook asks by their key.
HOMONYMS = {"checks.sequence", "sequence_lab.kind", "settings.weight_scale", "slopes.x"}


def words(language):
    """The words of a language by their full keys."""
    found, waiting = {}, [("", tomllib.loads((ROOT / f"rnnlib/locale/{language}.toml").read_text(encoding="utf-8")))]
    while waiting:
        prefix, entries = waiting.pop()
        for name, entry in entries.items():
            if isinstance(entry, dict):
                waiting.append((f"{prefix}{name}.", entry))
            else:
                found[prefix + name] = entry
    return found


ENGLISH = words("en")
OTHERS = [language for language in languages() if language != "en"]


def patterns(node):
    """What keys a piece of code can mean, as regular expressions; none if only running it would tell."""
    if isinstance(node, ast.IfExp):
        return patterns(node.body) + patterns(node.orelse)
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return [re.escape(node.value)]
    if isinstance(node, ast.JoinedStr):
        return ["".join(HOLE if isinstance(v, ast.FormattedValue) else re.escape(v.value) for v in node.values)]
    return []


def asked(function):
    calls = (n for n in NODES if isinstance(n, ast.Call) and isinstance(n.func, ast.Name) and n.func.id == function)
    return sorted({pattern for call in calls for pattern in patterns(call.args[0])})


def test_the_scan_finds_calls():
    assert {r"lab\.reset", r"gradient_lab\.alive", rf"activations\.{HOLE}"} <= set(
        asked("text") + [p for n in NODES for p in patterns(n)]
    )
    assert len(asked("text")) > 20


def test_every_key_asked_for_exists():
    tables = {key.rsplit(".", n)[0] for key in ENGLISH for n in (1, 2)}
    assert [p for p in asked("text") if not any(re.fullmatch(p, key) for key in ENGLISH)] == []
    parts = {id(v) for n in NODES if isinstance(n, ast.JoinedStr) for v in n.values}
    constants = {str(n.value) for n in NODES if isinstance(n, ast.Constant) and id(n) not in parts}
    keys = {key for key in constants if re.fullmatch(r"\w+(\.\w+)+", key)}  # not all stand in a call of text
    assert [key for key in keys if key.split(".")[0] in tables and key not in {*ENGLISH, *tables}] == []
    assert [p for p in asked("table") if not any(re.fullmatch(p, name) for name in tables)] == []


def test_every_key_is_used():
    """By its name in full, with its table, or through an f-string whose holes names from code or notebooks can fill."""
    known = {str(n) for n in range(10)} | {n.value for n in NODES if isinstance(n, ast.Constant)}
    known |= {n.arg for n in NODES if isinstance(n, ast.keyword)}
    known |= {n.name for n in NODES if isinstance(n, ast.FunctionDef | ast.ClassDef)}
    notebooks = "".join(path.read_text(encoding="utf-8") for path in (ROOT / "notebooks").rglob("*.ipynb"))
    mistakes = (ROOT / "rnnlib/exercises/mistakes.toml").read_text(encoding="utf-8")
    known |= set(re.findall(r"\w+", notebooks + mistakes))
    whole = {pattern.replace(HOLE, "[^.]+") + r"\..+" for pattern in asked("table") if HOLE in pattern}
    possible = {pattern for n in NODES for pattern in patterns(n) if r"\." in pattern and " " not in pattern} | whole
    compiled = [re.compile(pattern) for pattern in possible]

    def used(key):
        matches = (pattern.fullmatch(key) for pattern in compiled)
        return any(match and set(match.groups()) <= known for match in matches)

    assert [key for key in ENGLISH if not used(key)] == []


@pytest.mark.parametrize("language", languages())
def test_every_language_says_the_same(language):
    def fields(said):
        return {name for _, name, _, _ in string.Formatter().parse(said) if name is not None}

    here = words(language)
    assert here.keys() == ENGLISH.keys()
    assert {key: fields(said) for key, said in here.items()} == {key: fields(said) for key, said in ENGLISH.items()}
    assert [
        key for key, said in here.items() if not isinstance(said, str) or not said.strip() or "" in fields(said)
    ] == []


def numbers(said):
    """How often each number stands there; 2,900 is 2900."""
    return Counter(re.findall(r"\d+(?:\.\d+)?", re.sub(r"(?<=\d),(?=\d{3}\b)", "", said)))


@pytest.mark.parametrize("language", OTHERS)
def test_every_language_gives_the_same_numbers(language):
    here = words(language)
    assert [key for key in ENGLISH if numbers(here[key]) != numbers(ENGLISH[key])] == []


def prose(said):
    """The words of an entry: no {fields}, no code, no formulas."""
    bare = re.sub(r"\{[^}]*\}|\bfor [\w, ]+ in\b|^word:", "", said)
    return " ".join(re.findall(r"(?<![\w.=\[(*@])[^\W\d_]{2,}(?![\w.=\[(])", bare))


@pytest.mark.parametrize("language", OTHERS)
def test_no_english_is_left(language):
    """Three words are enough to tell a language by; shorter entries have to differ from the English ones.

    None may hold a word that only English has.
    """
    here = words(language)
    detector = LanguageIdentifier.from_model_file(MODEL_FILE)
    detector.set_languages(["en", language])
    said = {key: prose(entry) for key, entry in here.items()}
    long = [key for key, entry in said.items() if len(entry.split()) >= 3]
    assert len(long) > len(said) / 2
    assert [key for key in long if detector.classify(said[key])[0] != language] == []
    assert [key for key, entry in said.items() if LEFT.search(entry)] == []
    letters = {key for key in ENGLISH if re.fullmatch(r"quiz\.\w+\.right", key)}
    assert {key for key in ENGLISH if here[key] == ENGLISH[key]} - letters <= SHARED
    assert {key: here[key] for key in letters} == {key: ENGLISH[key] for key in letters}
    assert ENGLISH.keys() >= SHARED


def test_languages_are_the_files():
    assert languages() == sorted(path.stem for path in (ROOT / "rnnlib/locale").glob("*.toml"))
    assert "en" in languages()


def test_shared_words_stand_once():
    """Beside what is a sentence of one quiz or exercise alone, and letters of quizzes."""
    known = Counter(said for key, said in ENGLISH.items() if not key.startswith(("quiz.", "exercises.")))
    assert [(key, said) for key, said in ENGLISH.items() if known[said] > 1 and key not in HOMONYMS] == []


@pytest.fixture
def two_words(monkeypatch):
    """A language that has one sentence in a table of a table, and another without it."""
    spoken = {"en": {"lab": {"greeting": "{n} of {all}"}, "set": {"of": "{{x}}", "two": "x"}}, "xx": {"lab": {}}}
    monkeypatch.setattr(locale, "_tables", spoken.__getitem__)
    monkeypatch.setattr(locale, "_language", "en")
    monkeypatch.setattr(locale, "languages", lambda: ["en", "xx"])


def test_words_are_filled_in(two_words):
    assert text("lab.greeting", n=3, all="four") == "3 of four"
    assert names("lab") == ["greeting"]


def test_braces_mean_the_same_in_words_and_in_tables(two_words):
    assert text("set.of") == "{x}"
    assert table("set") == {"of": "{x}", "two": "x"}
    with pytest.raises(KeyError, match="n"):
        table("lab")  # nothing gives its {n}


@pytest.mark.parametrize("key", ["lab.farewell", "greeting", "lab.greeting.more", "", "lab"])
def test_a_missing_key_is_an_error(two_words, key):
    with pytest.raises(KeyError, match=f"{re.escape(key)}: .*locale/en.toml"):
        text(key, n=1, all=2)


@pytest.mark.parametrize("key", ["labs", "lab.greeting", ""])
def test_a_missing_table_is_an_error(two_words, key):
    for ask in (names, table):
        with pytest.raises(KeyError, match=f"{re.escape(key)}: .*locale/en.toml"):
            ask(key)


def test_a_missing_value_is_an_error(two_words):
    with pytest.raises(KeyError, match="all"):
        text("lab.greeting", n=1)


def test_another_language_is_spoken_from_then_on_and_a_missing_key_names_its_file(two_words):
    set_language("xx")
    with pytest.raises(KeyError, match=r"lab\.greeting: not in locale/xx\.toml"):
        text("lab.greeting")
    set_language("en")
    assert text("lab.greeting", n=1, all=1) == "1 of 1"


@pytest.mark.parametrize(
    ("language", "error"), [("xx-YY", ValueError), ("", ValueError), (None, TypeError), (1, TypeError)]
)
def test_a_language_without_a_file_is_refused_and_the_old_one_stays(language, error):
    before = locale._language
    with pytest.raises(error, match=r"^language: expected one of 'en'"):
        set_language(language)
    assert locale._language == before
