"""The pages in a real browser: nothing cut off, readable in the dark, usable by keyboard, searched without a server."""

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
FIVE = {path.parent.name: path.stem for path in (ROOT / "notebooks").glob("*/05*.ipynb")}
KEY = ["index.html", f"{FIVE['en']}.html", *(f"{code}/{stem}.html" for code, stem in FIVE.items() if code != "en")]
OTHERS = [
    *(f"{'' if path.parent.name == 'en' else path.parent.name + '/'}{path.stem}.html"
      for path in sorted((ROOT / "notebooks").glob("*/*.ipynb")) if not path.stem.startswith("05")),
    *(f"{'' if code == 'en' else code + '/'}{name}.html" for code in FIVE for name in ("teaching", "open")),
    "api.html",
]  # fmt: skip
PAGES = [*KEY, *(pytest.param(path, marks=pytest.mark.slow) for path in OTHERS)]
# What sticks out of the window to the right, but for what scrolls in a place of its own or is not shown.
CUT = """() => {
  const within = e => e && (['auto', 'scroll', 'hidden', 'clip'].includes(getComputedStyle(e).overflowX)
    || getComputedStyle(e).position === 'fixed' || within(e.parentElement));
  const out = [...document.querySelectorAll('main *')].filter(e => e.getBoundingClientRect().width
    && e.getBoundingClientRect().right > innerWidth + 1 && !within(e)).map(e => e.outerHTML.slice(0, 120));
  return document.documentElement.scrollWidth > innerWidth ? [...out, 'the page scrolls sideways'] : out;
}"""
AXE = """async () => {
  const {violations} = await axe.run(document, {resultTypes: ['violations']});
  return violations.filter(v => ['serious', 'critical'].includes(v.impact))
    .map(v => [v.id, v.nodes.length, v.nodes[0].html.slice(0, 200), v.nodes[0].failureSummary]);
}"""
SQUEEZED = """() => [...document.querySelectorAll('main img.stored')].filter(img => {
  const {width, height} = img.getBoundingClientRect();
  return Math.abs(width / height - img.getAttribute('width') / img.getAttribute('height')) > 0.02;
}).map(img => img.alt)"""


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("width", [400, 800, 1280])
def test_nothing_is_cut_off(page_at, path, width):
    page = page_at(path, width)
    assert page.evaluate(CUT) == []
    assert page.evaluate(SQUEEZED) == []


@pytest.mark.parametrize("path", PAGES)
@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_axe_finds_no_serious_fault(page_at, path, dark):
    page = page_at(path, dark=dark)
    page.add_script_tag(path=Path(sys.prefix) / "site/node_modules/axe-core/axe.min.js")
    assert page.evaluate("document.documentElement.dataset.theme") == ("dark" if dark else "light")
    assert page.evaluate(AXE) == []


def test_a_quiz_is_answered(page_at):
    page = page_at(KEY[1])
    quiz = page.locator(".quiz").first
    buttons, verdict = quiz.get_by_role("button"), quiz.get_by_role("status")
    right = quiz.locator("[data-right=true]")
    wrong = quiz.locator("[data-right=false]").first
    assert verdict.inner_text() == ""
    wrong.click()
    assert verdict.inner_text().startswith("No: it is ")
    right.focus()
    page.keyboard.press("Enter")
    assert verdict.inner_text().startswith("Yes, ")
    assert right.get_attribute("aria-pressed") == "true"
    assert buttons.count() == 3


def test_hints_and_solution_are_opened(page_at):
    page = page_at(KEY[1])
    folded = page.locator(".help").first.locator("details")
    assert folded.count() >= 3
    for each in folded.all():
        assert each.locator("p").first.is_hidden()
        each.locator("summary").click()
        assert each.locator("p").first.is_visible()
    assert "def half_life" in page.locator(".help").first.inner_text()


def test_formulas_are_in_the_page_before_any_script(page_at):
    page = page_at(KEY[1], java_script_enabled=False)
    assert page.locator(".katex math").count() > 50
    assert page.get_by_text("katex-error").count() == 0


@pytest.mark.parametrize(("folder", "word"), [("", "eigenvalue"), ("es/", "jacobiana")])
def test_search_finds_a_page_without_a_server_of_its_own(page_at, built, folder, word):
    if not (built / folder / "search.html").exists():
        pytest.skip("no such edition")
    page = page_at(f"{folder}search.html?q={word}")
    page.locator("#search-results li a").first.wait_for()
    assert any("05" in title for title in page.locator("#search-results li a").all_inner_texts())


def test_nothing_moves_while_a_page_loads(page_at):
    watch = """() => new Promise(done => {
      let shift = 0;
      new PerformanceObserver(list => list.getEntries().forEach(e => shift += e.value))
        .observe({type: 'layout-shift', buffered: true});
      setTimeout(() => done(shift), 1500);
    })"""
    for path in KEY[:2]:
        assert page_at(path, 400).evaluate(watch) < 0.01
