"""A prediction before a surprising result: choose an answer, then see whether it holds and why."""

import html
import re
from functools import partial
from typing import Any

import ipywidgets

from rnnlib import validation
from rnnlib.labs.page import look, when_shown
from rnnlib.labs.rerun import Box
from rnnlib.locale import names, table, text


class Quiz(Box):
    """See ``quiz``.

    Attributes:
        buttons: the button of each option, by its letter.
        summary: what is said about the option chosen last; empty before.
    """

    def __init__(self, key: str) -> None:
        self._words = table(f"quiz.{validation.choice('key', key, names('quiz'))}")
        self._frame = {name: text(f"quiz_frame.{name}", **self._words) for name in names("quiz_frame")}
        self._options = {name: words for name, words in self._words.items() if len(name) == 1}
        self._reveal = ipywidgets.HTML().add_class("rnnlib-verdict")
        self.summary = ""
        self.buttons: dict[str, Any] = {}
        for name, words in self._options.items():
            self.buttons[name] = ipywidgets.Button(description=f"{name}. {words}", tooltip=words)
            self.buttons[name].on_click(partial(self._answer, name))
        asked = ipywidgets.HTML(look() + when_shown("attend", text("lab.closed")) + html.escape(self._frame["asked"]))
        super().__init__([asked, *self.buttons.values(), self._reveal])
        self.add_class("rnnlib-quiz")

    def _answer(self, chosen: str, _: object) -> None:
        right = self._words["right"]
        for name, button in self.buttons.items():
            button.icon = "check" if name == right else "times" if name == chosen else ""
        verdict = self._frame["right" if chosen == right else "wrong"]
        self.summary = f"{verdict} {self._words['why']}"
        self._reveal.value = f"<span>{html.escape(self.summary)}</span>"

    def _repr_mimebundle_(self, **kwargs: Any) -> tuple[dict[str, Any], dict[str, Any]]:
        """The widget, and question, options and folded answer for readers that have no kernel."""
        bundle, _ = super()._repr_mimebundle_(**kwargs)
        asked, answer = self._frame["asked"], self._frame["answer"]
        options = [f"{name}. {words}" for name, words in self._options.items()]
        bundle["text/plain"] = "\n".join([asked, *options, "", answer])
        folded = f"<details><summary>{self._frame['show']}</summary>\n\n{_markdown(answer)}\n\n</details>"
        listed = "\n".join(f"- {_markdown(option)}" for option in options)
        bundle["text/markdown"] = "\n\n".join([_markdown(asked), listed, folded])
        return bundle, {}


def quiz(key: str) -> Quiz:
    """A question with options; choosing one says whether it is right, and why.

    Args:
        key: the table [quiz.<key>] of locale/en.toml: ``question``, the options ``a``, ``b``, …, ``right`` (the letter
            of the right one) and ``why``.

    Returns:
        The quiz: ``buttons``, ``summary``.

    Raises:
        ValueError, TypeError: there is no quiz of this key.
    """
    return Quiz(key)


def _markdown(words: str) -> str:
    """Plain words for a Markdown reader: nothing in them is a mark."""
    return re.sub(r"([\\`*_$<>\[\]#|~])", r"\\\1", words)
