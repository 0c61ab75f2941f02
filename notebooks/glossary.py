"""Writes the glossary of every edition, notebooks/<language>/glossary.md, from glossary.toml.

A term has an anchor without accents: JupyterLab finds no other, and GitHub's own anchors differ from JupyterLab's.
"""

import json
import tomllib
import unicodedata
from pathlib import Path

HERE = Path(__file__).parent


def plain(term):
    """The letters of a term, small and without accents: what terms are sorted by."""
    letters = unicodedata.normalize("NFD", term.casefold())
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


def anchor(term):
    """The fragment of a link to a term."""
    return plain(term).replace(" ", "-")


def editions():
    """The languages that have notebooks."""
    return sorted({path.parent.name for path in HERE.glob("*/*.ipynb")})


def links(language):
    """A link to each notebook of a language, by its number."""
    found = {}
    for path in sorted((HERE / language).glob("*.ipynb")):
        heading = "".join(json.loads(path.read_text(encoding="utf-8"))["cells"][0]["source"]).splitlines()[0]
        found[path.stem[:2]] = f"[{heading.removeprefix('# ')}]({path.name})"
    return found


def page(language, words, terms):
    """The glossary of a language, as Markdown."""
    others, notebooks, mine = [each for each in editions() if each != language], links(language), words[language]
    parts = [f"[{words[other]['edition']}](../{other}/glossary.md)" for other in others]
    parts += [f"# {mine['title']}", mine["about"]]
    for term in sorted(terms.values(), key=lambda term: plain(term[language]["term"])):
        name, says = term[language]["term"], term[language]["says"]
        elsewhere = "".join(f"{mine[other]}: *{term[other]['term']}*. " for other in others)
        parts.append(f'### <a id="{anchor(name)}"></a>{name}')
        parts.append(f"{says} {elsewhere}{mine['taught']} {notebooks[term['notebook']]}.")
    return "\n\n".join(parts) + "\n"


def main():
    """Writes all of them."""
    source = tomllib.loads((HERE / "glossary.toml").read_text(encoding="utf-8"))
    for language in editions():
        (HERE / language / "glossary.md").write_text(page(language, **source), encoding="utf-8", newline="\n")


if __name__ == "__main__":
    main()
