"""The editions say the same, cell by cell: compared with the English one, and no English is left in the others.

What differs between two cells is their words. A number may differ where the data do: then each of the two stands in an
output of its own section, or in a sentence of its edition that test_claims.py measures.
"""

import ast
import io
import re
import tokenize
from collections import Counter
from functools import cache

import pytest
from editions import EDITIONS, FORMS, LEFT, OTHERS, ROOT, cells, lines, notebooks, prose
from py3langid.langid import MODEL_FILE, LanguageIdentifier

NUMBERS = sorted(notebooks("en"))
# What stays English in every edition: what stands on a screen, what practitioners say, what a work says of itself.
STAYS = ["File → Download", "Run All", "In English", "feed-forward", "teacher forcing", "context units", "et al"]
STAYS += ["backpropagation through time", "overfitting"]  # in brackets, behind the term
STAYS += ["The problem with time", "Sequence modeling: recurrent and recursive nets", "CC BY"]
# One word each: what code asks for by name (settings, columns of tables, keys of words), and names in both languages.
NAMES = """
accuracy all audio back bias cell china chad data distance early eps factors gaussian gradient identity labels lag
late learns left length log longer madagascar norm orthogonal rate readout relu rnnlib share sigmoid singular size
steps tanh updates window
"""


@pytest.fixture(params=[(language, number) for language in OTHERS for number in NUMBERS], ids="/".join)
def pair(request):
    """The cells of an English notebook, each with that of another edition in its place, and which edition it is."""
    language, number = request.param
    return list(zip(cells("en", number), cells(language, number))), language, number


def differing(pairs, kind, said):
    """Where the two cells of a pair do not say the same: what only the English one says, and what only the other."""
    found = []
    for place, cells_here in enumerate(pairs):
        if {cell.cell_type for cell in cells_here} == {kind}:
            mine, theirs = (Counter(said(cell.source)) for cell in cells_here)
            found += [(place, dict(mine - theirs), dict(theirs - mine))] if mine != theirs else []
    return found


def test_every_edition_has_every_notebook_and_its_pages():
    assert {language: sorted(notebooks(language)) for language in EDITIONS} == dict.fromkeys(EDITIONS, NUMBERS)
    assert [page for language in EDITIONS for page in FORMS[language]["pages"] if not (ROOT / page).exists()] == []


@pytest.mark.parametrize("language", OTHERS)
@pytest.mark.parametrize("number", NUMBERS)
def test_the_same_cells_stand_in_the_same_order(language, number):
    one, other = ([(cell.id, cell.cell_type) for cell in cells(each, number)] for each in ("en", language))
    assert one == other


# --- code


class Bare(ast.NodeTransformer):
    """Takes the words out of strings, and leaves what is put into them, and how."""

    def visit_Constant(self, node):
        return ast.Constant("") if isinstance(node.value, str) else node

    def visit_JoinedStr(self, node):
        holes = [each for each in node.values if isinstance(each, ast.FormattedValue)]
        for hole in holes:
            hole.value = self.visit(hole.value)
        return ast.JoinedStr(sorted(holes, key=ast.dump))


def bare(source):
    """What code does, without the words of its strings; and how many comments it has."""
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    comments = sum(token.type == tokenize.COMMENT for token in tokens)
    return [ast.dump(Bare().visit(statement)) for statement in ast.parse(source).body] + [f"comments: {comments}"]


def keys(source):
    """Strings by which code asks for something, in its order: a quiz, or words of the package by their full key."""
    calls = [node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Call)]
    asked = [ast.unparse(call) for call in calls if ast.unparse(call.func) == "widgets.quiz"]
    strings = [node.value for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Constant)]
    return asked + [each for each in strings if isinstance(each, str) and re.fullmatch(r"[a-z_]+\.[a-z_]+", each)]


def test_code_is_the_same_but_for_words(pair):
    assert differing(pair[0], "code", bare) == []
    assert differing(pair[0], "code", keys) == []


@pytest.mark.parametrize("language", EDITIONS)
@pytest.mark.parametrize("number", NUMBERS)
def test_the_first_code_chooses_the_language_and_so_do_its_data(language, number):
    code = [cell.source for cell in cells(language, number) if cell.cell_type == "code"]
    chosen = f'rnnlib.set_language("{language}")'
    assert re.search(rf"^{re.escape(chosen)}.*\none_thread\.keep\(\)", code[0], re.M), f"wanted: {chosen}"
    said = re.findall(r"\b(?:set_language|country_names)\((.*?)\)", "\n".join(code))
    assert set(said) == {f'"{language}"'}


# --- prose


def skeleton(source):
    """What stands where: headings with their level and number, items of lists, rows of tables, folds."""
    found = []
    for line in re.sub(r"^```.*?^```", "```", source, flags=re.M | re.S).splitlines():
        mark = re.match(r"#+ (?:\d+)?|\s*(?:\d+\.|-) |\||</?(?:details|summary)>|```", line)
        if mark:
            found.append(f"{len(found)}: {mark[0].strip()} {line.count('|') if mark[0] == '|' else ''}")
    return found


def formulas(source):
    """Formulas but for their words and spaces: each display, and which others there are."""
    source = re.sub(r"^```.*?^```|`[^`\n]*`", "", source, flags=re.M | re.S)
    displays, inline = re.findall(r"\$\$.*?\$\$", source, re.S), re.sub(r"\$\$.*?\$\$", "", source, flags=re.S)
    kinds = [*displays, *{re.sub(r"\s", "", each) for each in re.findall(r"\$([^$\n]+)\$", inline)}]
    return [re.sub(r"\\text\{[^}]*\}|\s", "", each) for each in kinds]


def code_spans(source):
    """Which code stands in the text, but for what is quoted in it; and what is fenced, but for words."""
    fenced = [line for each in re.findall(r"^```python\n(.*?)^```", source, re.M | re.S) for line in bare(each)]
    spans = re.findall(r"`([^`\n]+)`", re.sub(r"^```.*?^```", "", source, flags=re.M | re.S))
    return [*fenced, *{re.sub(r'"[^"]*"', '""', each) for each in spans}]


def links(source):
    """Where links lead, a notebook by its number; those to the glossary stand where a term comes first."""
    found = re.findall(r"\]\(([^)\s]+)", source)
    found = [each for each in found if not each.startswith(("glossary.md", "../"))]
    return [re.sub(r"^(\d\d)_\w+\.ipynb", r"\1", each) for each in found]


def references(source):
    """The works named: their identifiers and, in a list of them, their titles."""
    named = re.findall(r"\b10\.\d{4,}/[^\s)\]]+|\barXiv:\d{4}\.\d{5}", source)
    return named + re.findall(r"^- [^*\n]*\(\d{4}\)\. \*([^*\n]+)\*", source, re.M)


@pytest.mark.parametrize("said", [skeleton, formulas, code_spans, links, references], ids=lambda said: said.__name__)
def test_prose_has_the_same(pair, said):
    assert differing(pair[0], "markdown", said) == []


def test_fixed_forms_stand_in_the_same_cells(pair):
    pairs, language, _ = pair
    found = []
    for place, (one, other) in enumerate(pairs):
        for mine, theirs in zip(FORMS["en"]["forms"], FORMS[language]["forms"], strict=True):
            counts = one.source.count(mine), other.source.count(theirs)
            found += [(place, mine, theirs, counts)] if counts[0] != counts[1] else []
    assert found == []


@pytest.mark.parametrize("language", EDITIONS)
@pytest.mark.parametrize("number", NUMBERS)
def test_a_notebook_leads_to_its_counterparts(language, number):
    top = cells(language, number)[0].source
    wanted = [
        f"[{FORMS[each]['here']}](../{each}/{notebooks(each)[number].name})" for each in EDITIONS if each != language
    ]
    assert [link for link in wanted if link not in top] == []


@pytest.mark.parametrize("number", [0, 1], ids=["readme", "teaching"])
@pytest.mark.parametrize("language", EDITIONS)
def test_a_page_leads_to_its_counterparts_from_its_first_line(language, number):
    page = FORMS[language]["pages"][number]
    first = (ROOT / page).read_text(encoding="utf-8").splitlines()[0]
    others = [FORMS[each]["pages"][number] for each in EDITIONS if each != language]
    assert [other for other in others if f"]({other})" not in first] == [], page


# --- numbers


def minutes(language):
    """Where the minutes of a notebook are said, which are counted anew in each language."""
    return re.sub(r"\\{\w+\\}", r"\\d+", re.escape(FORMS[language]["minutes"]))


def numbers(said):
    """The numbers of a text: 2,900 and 10 000 (with a space that does not break) are one each; no formulas."""
    said = re.sub("|".join(map(minutes, FORMS)) + r"|doi:\S+|arXiv:\S+", " ", prose(said))
    said = re.sub(r"(?<=\d)[,\u00a0\u202f](?=\d{3}(?!\d))", "", said)
    return re.findall(r"(?<![\w.])\d+(?:\.\d+)?(?:e[+-]?\d+)?", said)


def strings(source):
    """The strings of code but keys of quizzes, with a gap for each thing that is put in, and then its comments."""
    found, waiting = [], [ast.parse(re.sub(r'quiz\("\w+"\)', "quiz()", source))]
    while waiting:
        node = waiting.pop(0)
        if isinstance(node, ast.JoinedStr):
            found.append(" … ".join(part.value for part in node.values if isinstance(part, ast.Constant)))
            waiting += [part.value for part in node.values if isinstance(part, ast.FormattedValue)]
        elif isinstance(node, ast.Constant):
            found += [node.value] if isinstance(node.value, str) else []
        else:
            waiting += ast.iter_child_nodes(node)
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    return found + [token.string.lstrip("# ") for token in tokens if token.type == tokenize.COMMENT]


@cache
def measured(language):
    """The sentences of this language that test_claims.py measures."""
    tree = ast.parse((ROOT / "tests/test_claims.py").read_text(encoding="utf-8"))
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call) and ast.unparse(node.func) == "claims"]
    given = [[ast.literal_eval(each) for each in (*call.args, *(k.value for k in call.keywords))] for call in calls]
    return [" ".join(sentence.split()) for _, sentence, *rest in given if (rest or ["en"])[0] == language]


def computed(language, number, place):
    """The numbers that the outputs of this cell's section show, and those of its sentences that are measured."""
    here = cells(language, number)
    heads = [0, *(i for i, each in enumerate(here) if re.search(r"^## ", each.source, re.M)), len(here)]
    start, end = max(i for i in heads[:-1] if i <= place), min(i for i in heads[1:] if i > place)
    said = []
    for each in here[start:end]:
        shown = [output.get("text") or output.data["text/plain"] for output in each.get("outputs", [])]
        said += [words for words in shown if words not in strings(each.source)]  # words below a picture are no result
    text = " ".join(here[place].source.split())
    said += [sentence for sentence in measured(language) if sentence in text]
    return {float(each) for words in said for each in numbers(words)}


def test_numbers_are_the_same_or_computed(pair):
    pairs, language, number = pair
    found = differing(pairs, "markdown", numbers)
    found += differing(pairs, "code", lambda source: [each for said in strings(source) for each in numbers(said)])
    wrong = []
    for place, mine, theirs in found:
        one, other = (
            set(map(float, each)) - computed(where, number, place) for each, where in ((mine, "en"), (theirs, language))
        )
        wrong += [(place, one, other)] if one or other else []
    assert wrong == []


# --- no English is left


def pieces(source):
    """The words and the stops of each line of Markdown, and the words in its formulas."""
    inside = re.findall(r"\\text\{([^}\\]*)\}", source)
    found = (" ".join(re.findall(r"[^\W\d_][\w’-]*|[.,;:?!→]", line)) for line in [*lines(source), *inside])
    return [each for each in found if each]


def texts(language, number):
    """All that a notebook says in words: (place, text), the lines of its prose and what its code holds."""
    for place, cell in enumerate(cells(language, number)):
        yield from ((place, each) for each in (pieces if cell.cell_type == "markdown" else strings)(cell.source))


DETECTOR = LanguageIdentifier.from_model_file(MODEL_FILE)


def plain_words(said, letters=3):
    """The words of a text, of so many letters or more; names in code are none."""
    found = (each.strip(".,:;?!()[]*«»“”\"'→=") for each in said.split())
    return [each for each in found if each.isalpha() and len(each) >= letters]


def english(said, language):
    """Why a text looks English to one who expects this language; nothing if it does not.

    Any word that only English has says so; of a sentence of three words or more, so may the detector.
    """
    if said.strip() in NAMES.split():
        return False
    for name in STAYS:
        said = re.sub(rf"\b{re.escape(name)}\b", " ", said, flags=re.I)
    DETECTOR.set_languages(["en", language])
    found = LEFT.findall(said)
    for sentence in re.split(r"[.:;?!]\s|\n", said):
        words = [word for word in plain_words(sentence, 2) if word.islower() and word not in NAMES.split()]
        found += [sentence] if len(words) > 2 and DETECTOR.classify(" ".join(words))[0] == "en" else []
    return found


@pytest.mark.parametrize(
    "said",
    [
        "The gradient vanishes here",
        "what comes in",
        "held out",
        "la red of Elman",
        "Recurrent networks learn long lags",
    ],
)
def test_english_is_found(said):
    assert english(said, "es")


@pytest.mark.parametrize("said", ["el gradiente se desvanece", "una capa (feed-forward) no puede", "no", "tanh, g = 1"])
def test_what_is_not_english_is_not_found(said):
    assert not english(said, "es")


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize("language", OTHERS)
def test_a_notebook_says_nothing_in_english(language, number):
    assert [(place, said) for place, said in texts(language, number) if english(said, language)] == []


@pytest.mark.parametrize("number", NUMBERS)
@pytest.mark.parametrize("language", OTHERS)
def test_no_words_are_those_of_the_english_cell(language, number):
    """But for a name by which code asks for something, which is one word."""
    same = {(where, said): plain_words(said) for where, said in {*texts("en", number)} & {*texts(language, number)}}
    named = [[name] for name in NAMES.split()]
    assert [where for where, found in same.items() if found and found not in named and where[1] not in STAYS] == []


@pytest.mark.parametrize("language", OTHERS)
def test_pages_say_nothing_in_english(language):
    pages = {name: (ROOT / name).read_text(encoding="utf-8") for name in FORMS[language]["pages"]}
    glossary = (ROOT / f"notebooks/{language}/glossary.md").read_text(encoding="utf-8")
    pages["glossary"] = re.sub(r"\*[^*\n]+\*", "", glossary)  # which says how the others call a term
    said = [(name, each) for name, text in pages.items() for each in pieces(text)]
    assert len(said) > 100
    assert [(page, each) for page, each in said if english(each, language)] == []
