"""What the pages say of networks in general, measured again: each test quotes its sentence, and holds its numbers.

A test fails when its sentence is no longer on the page, and when networks no longer do what the sentence says.
"""

import functools
import tomllib
from pathlib import Path

import nbformat
import numpy as np

ROOT = Path(__file__).parents[1]


@functools.cache
def words(page):
    """All that a page says, spaces made one: a notebook by its number, the words of labs and quizzes, or a file."""
    if page == "locale":
        said = spoken(tomllib.loads((ROOT / "rnnlib/locale/en.toml").read_text(encoding="utf-8")))
    elif page.isdigit():
        (path,) = (ROOT / "notebooks/en").glob(f"{page}_*.ipynb")
        said = [cell.source for cell in nbformat.read(path, as_version=4).cells]
    else:
        said = [(ROOT / page).read_text(encoding="utf-8")]
    return " ".join(" ".join(said).split())


def spoken(table):
    """Every text of a locale's table."""
    return [table] if isinstance(table, str) else [text for each in table.values() for text in spoken(each)]


def claims(page, sentence):
    """Mark a test with the sentence that it holds, word for word as it stands on the page."""

    def decorate(test):
        @functools.wraps(test)
        def held(*args, **kwargs):
            assert " ".join(sentence.split()) in words(page), f"{page} no longer says: {sentence}"
            return test(*args, **kwargs)

        return held

    return decorate


# --- 01 and 02


@claims("01", "A sum does not know the order of its terms.")
def test_a_bag_of_inputs_has_no_order():
    rng = np.random.default_rng(0)
    xs = rng.standard_normal((16, 8))
    assert all(np.allclose(rng.permutation(xs).mean(axis=0), xs.mean(axis=0)) for _ in range(20))


# --- 03

# --- 04

# --- 05

# --- 06

# --- labs, quizzes, README.md, TEACHING.md
