"""The other editions in a real browser: their notebooks, labs and quizzes, and the way to the glossary and back."""

import re

import pytest
from editions import OTHERS, ROOT, notebooks
from playwright.sync_api import TimeoutError

from rnnlib.locale import speaking, table, text

SPEAK = """import rnnlib
from IPython.display import display
from rnnlib import widgets
rnnlib.set_language({language!r})
for lab in (widgets.step_through(), widgets.reading_lab(), widgets.sequence_lab(kind="audio"), widgets.quiz("order")):
    display(lab)"""


def path(language, number):
    """Where a notebook lies below the root of the server."""
    return notebooks(language)[number].relative_to(ROOT).as_posix()


RENDERED = "place => document.querySelector(`.jp-MarkdownViewer [data-jupyter-id='${place}']`)"
# Whether the glossary is shown, rendered, with the heading of this place at its top.
AT_ITS_PLACE = """place => {
  const page = document.querySelector('.jp-MarkdownViewer'), mark = page?.querySelector(`[data-jupyter-id="${place}"]`);
  if (!mark || !mark.closest('h3')) return false;
  const {top} = mark.closest('h3').getBoundingClientRect(), edge = page.getBoundingClientRect();
  return Math.abs(top - edge.top) < 60;
}"""


def leads_to_the_glossary(notebook, place):
    """Press the first term that has this place in the glossary, and wait until it is seen there."""
    page, term = notebook.page, notebook.page.locator(f'.jp-MarkdownCell a[href$="#{place}"]').first
    term.click()
    page.wait_for_function(RENDERED, arg=place)
    try:
        page.wait_for_function(AT_ITS_PLACE, arg=place, timeout=10_000)
    except TimeoutError:  # JupyterLab forgets a place that comes while it renders a page: press again
        page.locator(".lm-TabBar-tab", has_text=".ipynb").click()
        term.click()
        page.wait_for_function(AT_ITS_PLACE, arg=place)


@pytest.fixture(params=OTHERS)
def language(request):
    """Each language but English, spoken."""
    with speaking(request.param):
        yield request.param


def test_the_gradient_lab_is_stored_run_and_moved_in_its_language(open_notebook, language):
    notebook = open_notebook(path(language, "05"))
    assert notebook.complaints() == []
    assert notebook.page.get_by_text(text("lab.stored")).first.is_visible()
    notebook.run_until("widgets.gradient_lab(")
    assert notebook.complaints() == []
    assert notebook.sentences() == notebook.stored()[:1]
    lab = notebook.lab()
    scale = lab.slider(text("settings.weight_scale"))
    scale.focus()
    lab.changes(lambda: scale.press("ArrowRight"))
    assert text("ratio.explodes") in lab.changes(lambda: lab.press(text("gradient_lab.explode")))
    number = notebook.run(lab.code())
    said = text("gradient_lab.alive", steps=100, r=number, fate=text("ratio.explodes"), pace="")
    assert lab.sentence().startswith(said.rstrip(" .,"))
    assert notebook.complaints() == []
    term = notebook.page.locator('.jp-MarkdownCell a[href*="glossary.md"]').first
    leads_to_the_glossary(notebook, term.get_attribute("href").rpartition("#")[2])


def test_what_is_typed_played_and_answered_is_so_too(open_notebook, language):
    notebook = open_notebook("spoken.ipynb")
    notebook.run(SPEAK.format(language=language))
    notebook.page.wait_for_selector(".rnnlib-quiz")
    steps, reader = notebook.lab(0), notebook.lab(1)
    steps.box.get_by_role("button", name=text("lab.stop"), exact=True).click()
    steps.changes(lambda: steps.press(text("lab.next")))
    steps.press(text("lab.play"))
    steps.box.locator(".rnnlib-sentence", has_text=re.compile(r"\b3\b.*\b3\b.*h_3")).wait_for()
    word = reader.box.locator("input[type=text]").first
    word.fill("España")
    assert "españa" in reader.changes(lambda: word.press("Enter"))
    assert abs(notebook.lab(2).sound() - 0.4) < 0.01
    asked = table("quiz.order")
    wrong = next(letter for letter in "abc" if letter != asked["right"])
    notebook.page.locator(".rnnlib-quiz").get_by_role("button", name=f"{wrong}. ").click()
    notebook.page.locator(".rnnlib-quiz").get_by_text(text("quiz_frame.wrong", right=asked["right"])).wait_for()
    assert notebook.complaints() == []


@pytest.mark.slow
@pytest.mark.parametrize(
    ("language", "number", "place"),
    [
        ("en", "01", "hidden-state"),
        ("es", "01", "estado-oculto"),
        ("es", "04", "retropropagacion-a-traves-del-tiempo"),
    ],
)
def test_a_term_leads_to_its_place_in_the_glossary(open_notebook, language, number, place):
    leads_to_the_glossary(open_notebook(path(language, number)), place)


@pytest.mark.slow
@pytest.mark.parametrize("number", sorted(notebooks("en")))
def test_every_notebook_runs_and_says_what_is_stored(open_notebook, language, number):
    notebook = open_notebook(path(language, number))
    notebook.run_all()
    assert notebook.complaints() == []
    assert notebook.sentences() == notebook.stored()
