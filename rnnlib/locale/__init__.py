"""Every word that a widget, a plot, a check or a hint shows, in one TOML file a language."""

import functools
import sys
import tomllib
import unicodedata

from rnnlib import validation

_language = "en"
# Characters by what stands for them in ASCII; those that are not named here lose their marks, as é does.
_SPELLED = {"‖": "||", "√": "sqrt ", "²": "^2", "ᵀ": "^T", "½": "1/2", "∂": "d", "Δ": "Delta ", "ε": "eps"}
_SPELLED |= {"λ": "lambda", "σ": "sigma", "·": "*", "×": "*", "⊙": "*", "÷": "/", "−": "-", "–": "-", "±": "+-"}
_SPELLED |= {"→": "->", "≤": "<=", "≥": ">=", "“": '"', "”": '"'}
_SPELLED |= {"«": '"', "»": '"', "¿": "", "¡": ""}


def languages() -> list[str]:
    """The languages there is a file for, by their two-letter codes."""
    from importlib import resources  # here: it takes longer to import than all of rnnlib

    files = (path.name for path in resources.files(__name__).iterdir())
    return sorted(name.removesuffix(".toml") for name in files if name.endswith(".toml"))


def set_language(language: str) -> None:
    """Choose the language of everything made from now on.

    Args:
        language: a code such as "en".

    Raises:
        TypeError, ValueError: there is no file for this language.
    """
    global _language
    _language = validation.choice("language", language, languages())


def text(key: str, **values: object) -> str:
    """The words of this key in the chosen language, with {names} filled in.

    Args:
        key: table and name, as "gradient_lab.title".
        values: what the words' {names} stand for.

    Raises:
        KeyError: the language's file has no such key, or the words want a value that was not given.
    """
    entry = _entry(key)
    if not isinstance(entry, str):
        raise KeyError(f"{key}: a table, not words, in locale/{_language}.toml")
    return entry.format(**values)


def say(words: str) -> None:
    """Print words. What the output cannot write, on Windows often ‖ or σ, is spelled: ||, sigma."""
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    print("".join(_spelled(letter, encoding) for letter in words))


def table(key: str) -> dict[str, str]:
    """The words of this table in the chosen language, by name, as they stand in the file.

    Args:
        key: the table's name, as "quiz.sharing".

    Raises:
        KeyError: the language's file has no such table.
    """
    entry = _entry(key)
    if not isinstance(entry, dict):
        raise KeyError(f"{key}: words, not a table, in locale/{_language}.toml")
    return dict(entry)


def _spelled(letter: str, encoding: str) -> str:
    try:
        letter.encode(encoding)
    except UnicodeEncodeError:
        if letter in _SPELLED:
            return _SPELLED[letter]
        plain = unicodedata.normalize("NFKD", letter).encode("ascii", "ignore")
        return (plain or letter.encode("ascii", "backslashreplace")).decode()
    return letter


def _entry(key: str) -> object:
    entry: object = _tables(_language)
    for part in key.split("."):
        if not isinstance(entry, dict) or part not in entry:
            raise KeyError(f"{key}: not in locale/{_language}.toml")
        entry = entry[part]
    return entry


@functools.cache
def _tables(language: str) -> dict[str, object]:
    from importlib import resources  # as above

    return tomllib.loads(resources.files(__name__).joinpath(f"{language}.toml").read_text(encoding="utf-8"))
