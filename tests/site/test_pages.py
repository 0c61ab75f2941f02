"""The rendered pages: every link, anchor and picture, what stands on each of them, and how they look."""

import re
from functools import cache
from itertools import pairwise
from pathlib import Path
from urllib.parse import unquote, urldefrag, urlsplit

import nbformat
import pytest
from bs4 import BeautifulSoup

ROOT = Path(__file__).parents[2]
NOTEBOOKS = sorted((ROOT / "notebooks").glob("*/*.ipynb"))
LANGUAGES = sorted({path.parent.name for path in NOTEBOOKS})


@cache
def soup(path):
    return BeautifulSoup(path.read_text(encoding="utf-8"), "html.parser")


def pages(built):
    """Every page but JupyterLite's, and but the theme's own files."""
    found = {path: path.relative_to(built).parts for path in sorted(built.rglob("*.html"))}
    return [path for path, parts in found.items() if not {"lite", "_static"} & set(parts)]


def place(path):
    """Where the page of a notebook is, from the root of the site."""
    return ("" if path.parent.name == "en" else f"{path.parent.name}/") + f"{path.stem}.html"


@pytest.fixture(params=NOTEBOOKS, ids=lambda path: f"{path.parent.name}/{path.stem}")
def notebook(request):
    return request.param


@pytest.fixture
def shown(built, notebook):
    """A notebook's page."""
    return soup(built / place(notebook))


def test_every_link_and_anchor_leads_somewhere(built):
    seen, dead = 0, []
    for path in pages(built):
        page = soup(path)
        found = [(tag, tag.get("href") or tag.get("src")) for tag in page.select("[href], [src]")]
        for tag, link in found:
            parts = urlsplit(link)
            if parts.scheme:
                if tag.name != "a" and parts.scheme != "data":
                    dead.append((path.name, "asks another host", link))
                continue
            target, anchor = urldefrag(link)
            file = (path.parent / unquote(urlsplit(target).path)).resolve() if urlsplit(target).path else path
            file = file / "index.html" if file.is_dir() else file
            seen += 1
            if not file.is_relative_to(built.resolve()) or not file.exists():
                dead.append((path.name, "leads nowhere", link))
            elif anchor and file.suffix == ".html" and not soup(file).find(id=unquote(anchor)):
                dead.append((path.name, "no such place", link))
    assert dead == []
    assert seen > 1000


def test_a_page_says_what_its_notebook_says(built, notebook, shown):
    words = re.sub(r"\W+", "", shown.find("main").get_text())
    stored = nbformat.read(notebook, as_version=4)
    for cell in stored.cells:
        for output in cell.get("outputs", []):
            printed = output.get("text") or output.get("data", {}).get("text/plain", "")
            if not re.search(r"widgets\.", cell.source) and "alt=" not in cell.source:
                assert re.sub(r"\W+", "", printed) in words
    for heading in re.findall(
        r"^#+ (.*)", "\n".join(c.source for c in stored.cells if c.cell_type == "markdown"), re.M
    ):
        plain = re.sub(r"\W+", "", re.sub(r"[$\\]\S*|[*`]", "", heading))
        assert plain[:20] in words


def test_every_stored_picture_is_there_with_its_words(built, notebook, shown):
    stored = "".join(o.data.get("text/html", "") for c in nbformat.read(notebook, as_version=4).cells
                     for o in c.get("outputs", []) if "data" in o)  # fmt: skip
    moving = {tag.select_one("[role=status]").get_text(strip=True) for tag in shown.select("[data-live-lab]")}
    wanted = [tag["alt"] for tag in BeautifulSoup(stored, "html.parser").find_all("img") if tag["alt"] not in moving]
    pictures = shown.select("main img.stored")
    assert [tag["alt"] for tag in pictures] == wanted
    for tag in pictures:
        assert (built / place(notebook)).parent.joinpath(tag["src"]).stat().st_size > 1000
        assert int(tag["width"]) > 0 < int(tag["height"])


def test_every_picture_has_alternative_text(built):
    for path in pages(built):
        assert [tag for tag in soup(path).find_all("img") if not tag.has_attr("alt")] == []


def test_a_notebook_is_opened_in_every_way(built, notebook, shown):
    path = notebook.relative_to(ROOT).as_posix()
    links = [a["href"] for a in shown.select("nav.ways a")]
    up = "" if notebook.parent.name == "en" else "../"
    here = [f"{up}lite/lab/index.html?path={path}"] if (built / "lite").exists() else []
    assert links == [
        *here,
        f"https://mybinder.org/v2/gh/someone/rnnlib/main?urlpath=lab/tree/{path}",
        f"https://colab.research.google.com/github/someone/rnnlib/blob/main/{path}",
        f"{up}{path}",
    ]


def test_what_is_downloaded_is_the_notebook(built, notebook):
    path = notebook.relative_to(ROOT)
    assert (built / path).read_bytes() == notebook.read_bytes()


@pytest.mark.parametrize("language", LANGUAGES)
def test_previous_and_next_lead_through_the_notebooks(built, language):
    notebooks = [path for path in NOTEBOOKS if path.parent.name == language]
    for before, after in pairwise(notebooks):
        assert soup(built / place(before)).select_one("a.right-next")["href"] == f"{after.stem}.html"
        assert soup(built / place(after)).select_one("a.left-prev")["href"] == f"{before.stem}.html"


def test_links_between_notebooks_are_links_between_pages(shown):
    links = [a["href"] for a in shown.select("article a[href]") if not a["href"].startswith("http")]
    assert [link for link in links if ".ipynb" in link.split("?")[0] and "notebooks/" not in link] == []
    assert sum(".html" in link for link in links) >= 5


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_index_lists_every_notebook_and_the_other_language(built, language):
    index = soup(built / ("index.html" if language == "en" else f"{language}/index.html"))
    up = "" if language == "en" else "../"
    links = {a["href"] for a in index.select("article table a")}
    mine, theirs = ([path for path in NOTEBOOKS if (path.parent.name == language) == own] for own in (True, False))
    assert links == {f"{path.stem}.html" for path in mine} | {up + place(path) for path in theirs}
    others = {a["hreflang"] for a in index.select("a.language")}
    assert others == set(LANGUAGES) - {language}
    assert index.html["lang"] == language
    assert index.select_one("[data-live-lab=gradient] [role=status]").get_text(strip=True)


def test_what_is_said_of_binder_is_said_on_binder(shown):
    said = [words for words in shown.find("article").find_all(string=re.compile("Binder")) if words.parent.name != "a"]
    assert said == []


def test_the_page_of_names_has_every_public_name(built):
    import rnnlib

    ids = {tag["id"] for tag in soup(built / "api.html").find_all(id=True)}
    modules = {"sequences", "theory"}
    assert {f"rnnlib.{name}" for name in rnnlib.__all__ if name not in modules} <= ids
    assert {"rnnlib.widgets.gradient_lab", "rnnlib.theory.critical_weight_scale", "rnnlib.sequences.pad"} <= ids
