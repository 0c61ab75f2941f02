"""The glossary: one source, a page in each edition, terms that are used and linked, and no other words for them."""

import re
import runpy
import tomllib

import pytest
from editions import EDITIONS, FORMS, OTHERS, ROOT, cells, lines, markdown, notebooks
from test_editions import strings
from test_locale import words

SCRIPT = runpy.run_path(str(ROOT / "notebooks/glossary.py"))
SOURCE = tomllib.loads((ROOT / "notebooks/glossary.toml").read_text(encoding="utf-8"))
TERMS = SOURCE["terms"]
CASES = [(language, key) for language in EDITIONS for key in TERMS]


def pattern(term, genders=True):
    """A term in any number and, where the end of a Spanish word tells it, gender."""
    ends = [(word[:-1], "[oa]s?") if genders and word[-1] in "oa" else (word, "(?:e?s)?") for word in term.split()]
    words = r"[\s-]+".join(re.escape(word) + end for word, end in ends).replace("ón(?:e", "[oó]n(?:e")
    return re.compile(rf"(?<![\w-]){words}(?![\w-])", re.I)


@pytest.mark.parametrize("language", EDITIONS)
def test_the_page_is_what_the_source_gives(language):
    path = ROOT / f"notebooks/{language}/glossary.md"
    assert path.read_text(encoding="utf-8") == SCRIPT["page"](language, **SOURCE), "make notebooks writes it"


@pytest.mark.parametrize("language", EDITIONS)
def test_every_term_has_a_name_one_sentence_and_a_place_of_its_own(language):
    mine = [term[language] for term in TERMS.values()]
    assert [each["term"] for each in mine if set(each) - {"not"} != {"term", "says"}] == []
    assert [each["term"] for each in mine if not re.fullmatch(r"[A-ZÁÉÍÓÚ$].*[^.]\.", each["says"])] == []
    assert [each["term"] for each in mine if re.search(r"\. ", each["says"])] == []
    anchors = {SCRIPT["anchor"](each["term"]) for each in mine}
    assert len(anchors) == len(TERMS)
    assert [anchor for anchor in anchors if not re.fullmatch(r"[a-z-]+", anchor)] == []
    assert {term["notebook"] for term in TERMS.values()} <= notebooks(language).keys()


@pytest.mark.parametrize("language", EDITIONS)
def test_accents_do_not_change_the_order(language):
    assert sorted(["zeta", "área", "b", "Arco"], key=SCRIPT["plain"]) == ["Arco", "área", "b", "zeta"]
    headings = re.findall(r"^### <a id=.*</a>(.*)$", SCRIPT["page"](language, **SOURCE), re.M)
    assert headings == sorted((term[language]["term"] for term in TERMS.values()), key=SCRIPT["plain"])


def running(language, number):
    """A notebook's text after its first cell, without code, formulas and headings."""
    text = "\n\n".join(cell.source for cell in markdown(language, number)[1:])
    return re.sub(r"^```.*?^```|^#[^\n]*|`[^`\n]*`|\$\$.*?\$\$|\$[^$\n]+\$", " ", text, flags=re.M | re.S)


def uses(found, term):
    """Where a text uses a term, and where a link to it begins; names of pages and addresses are no uses."""
    address = f"glossary.md#{SCRIPT['anchor'](term)}"
    links = list(re.finditer(r"\[([^\]]*)\]\(([^)\s]*)\)", found))
    named = [link.span() if not link[2].startswith("glossary.md") else link.span(2) for link in links]
    places = [use.start() for use in pattern(term).finditer(found)]
    return (
        [place for place in places if not any(start <= place < end for start, end in named)],
        [link.start() for link in links if link[2] == address],
    )


@pytest.mark.parametrize(("language", "key"), CASES)
def test_a_term_is_used_where_it_is_taught_and_its_first_use_is_a_link(language, key):
    term, number = TERMS[key][language]["term"], TERMS[key]["notebook"]
    text = running(language, number)
    used, linked = uses(text, term)
    assert used, f"{term} is not used in notebook {number}"
    first = min(linked, default=len(text))
    assert first <= min(used), f"wanted a link at {term}: {text[min(used) - 80 : min(used) + 40]}"


@pytest.mark.parametrize("language", EDITIONS)
def test_every_link_to_the_glossary_leads_to_a_term_of_its_notebook(language):
    places = {f"#{SCRIPT['anchor'](term[language]['term'])}": term["notebook"] for term in TERMS.values()}
    wrong = []
    for number in notebooks(language):
        found = re.findall(r"\]\(glossary\.md([^)]*)\)", "\n".join(cell.source for cell in markdown(language, number)))
        wrong += [(number, link) for link in found if places.get(link) != number]
    assert wrong == []


def said(language):
    """All that an edition says: (where, text)."""
    for number in notebooks(language):
        for cell in cells(language, number):
            texts = (lines if cell.cell_type == "markdown" else strings)(cell.source)
            yield from ((number, each) for each in texts if " " in each)  # one word is a key that code asks by
    for page in FORMS[language]["pages"]:
        yield from ((page, each) for each in lines((ROOT / page).read_text(encoding="utf-8")))
    yield from ((f"glossary.toml, {key}", term[language]["says"]) for key, term in TERMS.items())
    yield from words(language).items()


def wrong_words(language, texts):
    """Where these texts call a term by a name that the list forbids; brackets behind its own may say it in English."""
    mine = [term[language] for term in TERMS.values()]
    glossed = [re.compile(rf"({pattern(each['term']).pattern})[\]*]*\s\([^)]*\)", re.I) for each in mine]
    others = [(pattern(other, genders=False), each["term"]) for each in mine for other in each.get("not", [])]
    found = []
    for where, each in texts:
        for bracket in glossed:
            each = bracket.sub(r"\1", each)
        found += [(where, each, f"wanted: {term}") for other, term in others if other.search(each)]
    return found


def translated(language):
    """What is said twice: (in English, in this language), by cell and by entry."""
    for number in notebooks("en"):
        for one, other in zip(markdown("en", number), markdown(language, number)):
            named = (re.sub(r"^# .*|\[\d\d [^\]]*\]", " ", cell.source, flags=re.M) for cell in (one, other))
            yield tuple(" ".join(lines(source)) for source in named)  # without names of notebooks
    english, other = words("en"), words(language)
    yield from ((english[key], other[key]) for key in english)


@pytest.mark.parametrize("language", OTHERS)
def test_where_english_uses_a_term_so_does_the_translation(language):
    """In three of four cells and entries at least: a term may be shortened where it was just named."""
    pairs, seldom = list(translated(language)), {}
    for key, term in TERMS.items():
        one, other = (pattern(term[each]["term"]) for each in ("en", language))
        uses = [bool(other.search(theirs)) for mine, theirs in pairs if one.search(mine)]
        seldom |= {key: f"{sum(uses)} of {len(uses)}"} if sum(uses) < 0.75 * len(uses) else {}
    assert seldom == {}


@pytest.mark.parametrize("language", EDITIONS)
def test_no_other_word_is_used_for_a_term(language):
    assert wrong_words(language, said(language)) == []


@pytest.mark.parametrize(
    ("said", "wrong"),
    [
        ("el gradiente pasa por la puerta", "compuerta"),
        ("las puertas", "compuerta"),
        ("gradientes desvanecientes", "gradiente evanescente"),
        ("Un batch", "lote"),
        ("la capa de lectura (*readout*) y un lote (batch)", None),
        ("[lotes] (*batch*)", None),
        ("compuertas", None),
    ],
)
def test_another_word_is_found(said, wrong):
    assert [found[2] for found in wrong_words("es", [("", said)])] == ([f"wanted: {wrong}"] if wrong else [])
