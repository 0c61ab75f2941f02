"""Every word that a widget, a plot, a check or a hint shows, in one TOML file a language."""

import functools
import sys
import tomllib
import unicodedata
from contextlib import ExitStack
from contextvars import ContextVar
from typing import Any

from rnnlib import validation

_language = "en"
_own: ContextVar[str] = ContextVar("own")  # of a lab while it speaks: in its thread alone
# Characters by what stands for them in ASCII; those that are not named here lose their marks, as é does.
_SPELLED = {"‖": "||", "√": "sqrt ", "²": "^2", "ᵀ": "^T", "½": "1/2", "∂": "d", "Δ": "Delta ", "ε": "eps"}
_SPELLED |= {"λ": "lambda", "σ": "sigma", "·": "*", "×": "*", "⊙": "*", "÷": "/", "−": "-", "–": "-", "±": "+-"}
_SPELLED |= {"→": "->", "≤": "<=", "≥": ">=", "“": '"', "”": '"', "«": '"', "»": '"', "¿": "", "¡": ""}


def languages() -> list[str]:
    """The languages there is a file for, by their two-letter codes."""
    from importlib import resources  # here: it takes longer to import than all of rnnlib

    files = (path.name for path in resources.files(__name__).iterdir())
    return sorted(name.removesuffix(".toml") for name in files if name.endswith(".toml"))


def set_language(language: str) -> None:
    """Choose the language of everything made from now on; a lab or quiz that was made before keeps its own.

    Args:
        language: a code such as "en".

    Raises:
        TypeError, ValueError: there is no file for this language.
    """
    global _language
    _language = validation.choice("language", language, languages())


def language() -> str:
    """The language that is spoken now, by its code."""
    return _own.get(_language)


def speaking(language: str) -> ExitStack:
    """Speak this language for the length of a ``with`` block, whatever was chosen since."""
    block = ExitStack()
    block.callback(_own.reset, _own.set(language))
    return block


def text(key: str, **values: object) -> str:
    """The words of this key in the language that is spoken, with {names} filled in; {{ and }} are braces.

    Args:
        key: table and name, as "gradient_lab.title".
        values: what the words' {names} stand for.

    Raises:
        KeyError: the language's file has no such key, or the words want a value that was not given.
    """
    return _entry(key, str).format(**values)


def table(key: str) -> dict[str, str]:
    """The words of this table by name, each as ``text`` gives it: none of them has {names}.

    Args:
        key: the table's name, as "quiz.sharing".

    Raises:
        KeyError: the language's file has no such table, or the table has a table in it, or words that want values.
    """
    return {name: text(f"{key}.{name}") for name in names(key)}


def names(key: str) -> list[str]:
    """The names in this table, of words and of tables.

    Args:
        key: the table's name, as "quiz".

    Raises:
        KeyError: the language's file has no such table.
    """
    return list(_entry(key, dict))


def say(words: str) -> None:
    """Print words. What the output cannot write, on Windows often ‖ or σ, is spelled: ||, sigma."""
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    print("".join(_spelled(letter, encoding) for letter in words))


def _spelled(letter: str, encoding: str) -> str:
    try:
        letter.encode(encoding)
    except UnicodeEncodeError:
        if letter in _SPELLED:
            return _SPELLED[letter]
        plain = unicodedata.normalize("NFKD", letter).encode("ascii", "ignore")
        return (plain or letter.encode("ascii", "backslashreplace")).decode()
    return letter


def _entry(key: str, kind: type) -> Any:
    entry: object = _tables(language())
    for part in key.split("."):
        entry = entry.get(part) if isinstance(entry, dict) else None
    if not isinstance(entry, kind):
        raise KeyError(f"{key}: not in locale/{language()}.toml as {'a table' if kind is dict else 'words'}")
    return entry


@functools.cache
def _tables(language: str) -> dict[str, object]:
    from importlib import resources  # as above

    return tomllib.loads(resources.files(__name__).joinpath(f"{language}.toml").read_text(encoding="utf-8"))
