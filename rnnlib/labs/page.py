"""The page's side of labs and quizzes: their look, from live.css, and what they do there, from live.js."""

import html
import json
import re
from functools import cache
from importlib import resources

BLANK = "data:image/gif;base64,R0lGODlhAQABAAAAACwAAAAAAQABAAA="  # a picture of one dot


@cache
def look() -> str:
    """The style sheet, for an HTML widget."""
    return f"<style>{_read('live.css')}</style>"


def handler(name: str, *words: str) -> str:
    """The text of an element's handler: it calls this function of live.js with the element and these words."""
    return html.escape(f"({_functions()[name]})({', '.join(['this', *map(json.dumps, words)])})")


def when_shown(name: str, *words: str) -> str:
    """An element that cannot be seen and calls this function of live.js as soon as it is in the page."""
    return f'<img src="{BLANK}" alt="" hidden onload="{handler(name, *words)}">'


@cache
def _functions() -> dict[str, str]:
    found = re.finditer(r"^export (function (\w+)\(.*?^})", _read("live.js"), re.M | re.S)
    return {match[2]: re.sub(r"\s+", " ", match[1]) for match in found}


def _read(name: str) -> str:
    return resources.files("rnnlib.labs").joinpath(name).read_text(encoding="utf-8")
