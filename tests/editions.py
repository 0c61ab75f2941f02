"""The editions of the series, and the forms that tests look for in each.

A third language is a folder of notebooks, a file of words in rnnlib/locale, its names in notebooks/glossary.toml, and
an entry here.
"""

import re
from functools import cache
from pathlib import Path

import nbformat

from rnnlib.locale import languages

ROOT = Path(__file__).parents[1]
FORMS = {
    "en": {
        "pages": ("README.md", "TEACHING.md"),
        "here": "In English",  # what a link from another edition says
        "minutes": "**About {read} minutes to read, {do} to do.**",
        "core path": r"^\*\*Core path\*\*: (sections? [^.]*)\.",
        "to": "to",
        "second reading": "(second reading)",
        "class": "Class {n} (90 minutes)",
        "forms": [
            *("**You will do**:", "**You will learn**:", "**You need**:", "**Core path**:", "*second reading*"),
            *("(second reading)", "**Exercise ", "## What to remember", "## References", "**Next**:"),
            *("Try this:", "Stuck?", "Text: [CC BY 4.0](", "seed 2", "(*File → Download*)"),
        ],
    },
    "es": {
        "pages": ("README.es.md", "TEACHING.es.md"),
        "here": "En español",
        "minutes": "**Unos {read} minutos de lectura y {do} de trabajo.**",
        "core path": r"^\*\*Camino básico\*\*: (secci(?:ón|ones) [^.]*)\.",
        "to": "a",
        "second reading": "(segunda lectura)",
        "class": "Clase {n} (90 minutos)",
        "forms": [
            *("**Qué harás**:", "**Qué aprenderás**:", "**Qué necesitas**:", "**Camino básico**:", "*segunda lectura*"),
            *("(segunda lectura)", "**Ejercicio ", "## Para recordar", "## Referencias", "**Siguiente**:"),
            *("Prueba esto:", "¿No sale?", "Texto: [CC BY 4.0](", "semilla 2", "(*File → Download*)"),
        ],
    },
}
# Words of English that are none of Spanish: any of them in a Spanish text is English that was left.
ENGLISH = """
about above after all also and answer any are at be because been before below between but by cannot could does each
else every first for from get gets give gives given have here how if into is it its just keep kept last less like many
more most much must never next not of off one only or other our out over right run same see should show shows so some
state step steps such take takes than that the their them then there these they this those through to two under until
up used was we were what when where which while who why will with without word words would wrong you your
"""
LEFT = re.compile(rf"(?<![\w-])(?:{'|'.join(ENGLISH.split())})(?![\w-])", re.I)
EDITIONS = languages()
OTHERS = [language for language in EDITIONS if language != "en"]


def notebooks(language):
    """The notebooks of an edition by their number."""
    return {path.stem[:2]: path for path in sorted((ROOT / "notebooks" / language).glob("*.ipynb"))}


@cache
def cells(language, number):
    """The cells of a notebook."""
    return nbformat.read(notebooks(language)[number], as_version=4).cells


def markdown(language, number):
    """The Markdown cells of a notebook."""
    return [cell for cell in cells(language, number) if cell.cell_type == "markdown"]


def prose(source):
    """Markdown with its words alone: no code, formulas, addresses of links, marks of HTML."""
    for part in (r"^```.*?^```", r"`[^`\n]*`", r"\$\$.*?\$\$", r"\$[^$\n]+\$", r"<[^>\n]*>"):
        source = re.sub(part, " ", source, flags=re.M | re.S)
    return re.sub(r"\]\([^)\s]*\)", "]", source)


def lines(source):
    """The lines of Markdown and the entries of its tables, as prose; of a work that is cited, what is said of it."""
    found = []
    for line in prose(source).splitlines():
        cited = re.match(r"- .*\(\d{4}\)\. \*", line)
        found += [line.rsplit("]", 1)[-1]] if cited else line.split("|")
    return found
