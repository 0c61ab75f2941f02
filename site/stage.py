"""Makes the sources of one edition's pages: notebooks and Markdown as they stand, with links that lead to pages."""

import base64
import html
import inspect
import json
import re
import struct
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, partial
from pathlib import Path
from posixpath import join, normpath
from typing import Any
from urllib.parse import quote, urlsplit

import nbformat

from rnnlib import exercises, locale

sys.path.insert(0, str(Path(__file__).with_name("live")))
import frames as frames
import markup

ROOT = Path(__file__).parents[1]
WORDS = tomllib.loads(Path(__file__).with_name("words.toml").read_text(encoding="utf-8"))
PICTURE = re.compile(r'<img width="(\d+)" alt="([^"]*)" src="data:image/png;base64,([^"]+)">')
LINK = re.compile(r"(?<!!)\[([^\]]*)\]\(([^)\s]+)\)")


@dataclass(frozen=True)
class Edition:
    """One language's notebooks and pages.

    Attributes:
        language: its two-letter code.
        repository: "owner/name" on GitHub, or nothing: then Binder and Colab lead to the page that says how.
        lite: whether notebooks run in the browser, too.
    """

    language: str
    repository: str = ""
    lite: bool = True

    @property
    def folder(self) -> Path:
        """Where its notebooks stand."""
        return ROOT / "notebooks" / self.language

    @property
    def notebooks(self) -> list[Path]:
        """Its notebooks, in their order."""
        return sorted(self.folder.glob("*.ipynb"))

    @property
    def words(self) -> dict[str, Any]:
        """What the site says in its language."""
        return WORDS[self.language]

    @property
    def up(self) -> str:
        """From its pages to the root of the site: English stands at the root."""
        return "" if self.language == "en" else "../"

    @cached_property
    def pages(self) -> dict[str, str]:
        """The source's name of each page, by the path in the repository of what it shows."""
        mark = "" if self.language == "en" else f".{self.language}"
        named = {f"README{mark}.md": "open.md", f"TEACHING{mark}.md": "teaching.md"}
        found = [*self.notebooks, *self.folder.glob("glossary.md")]
        shown = named | {path.relative_to(ROOT).as_posix(): path.name for path in found}
        return {path: name for path, name in shown.items() if (ROOT / path).exists()}

    def address(self, path: str) -> str:
        """Where its page of this path is found, from the root of the site."""
        folder = "" if self.language == "en" else f"{self.language}/"
        return folder + self.pages[path].rpartition(".")[0] + ".html"


def editions(repository: str = "", lite: bool = True) -> list[Edition]:
    """Every language that has notebooks."""
    found = {path.parent.name for path in (ROOT / "notebooks").glob("*/*.ipynb")}
    return [Edition(language, repository, lite) for language in sorted(found)]


def partners(edition: Edition, others: list[Edition]) -> dict[str, dict[str, str]]:
    """The same page in the other languages: by the page's name, the address from it, by language."""
    found: dict[str, dict[str, str]] = {}
    for other in others:
        if other.language != edition.language:
            mine = [*map(str, edition.notebooks), "open", "teaching", "glossary", "index"]
            theirs = [*map(str, other.notebooks), "open", "teaching", "glossary", "index"]
            folder = "" if other.language == "en" else f"{other.language}/"
            for one, its in zip(mine, theirs):
                found.setdefault(Path(one).stem, {})[other.language] = f"{edition.up}{folder}{Path(its).stem}.html"
    return found


def linked(words: str, source: Path, edition: Edition, others: list[Edition]) -> str:
    """Markdown whose links lead to pages of the site, or to the repository, if it is known which that is."""
    folder = source.parent.relative_to(ROOT).as_posix()

    def there(match: re.Match[str]) -> str:
        name, link = match.groups()
        parts = urlsplit(link)
        if parts.scheme or not parts.path:
            return match[0]
        path, anchor = normpath(join(folder, parts.path)), parts.fragment and f"#{parts.fragment}"
        if path in edition.pages:
            return f"[{name}]({edition.pages[path]}{anchor})"
        for other in others:
            if path in other.pages:
                return f'<a href="{edition.up}{other.address(path)}{anchor}" hreflang="{other.language}">{name}</a>'
        if edition.repository:
            return f"[{name}](https://github.com/{edition.repository}/blob/main/{path}{anchor})"
        return name

    return LINK.sub(there, words)


def placed(words: str, place: dict[str, str], where: str) -> str:
    """A cell that says of changes what is true on the page, or in the browser alone, instead of what is on Binder."""
    if where == "page":
        words = words.replace(f"{place['shift_enter']} {place['binder']}", place["page"])
        return words.replace(f" {place['leaving']}", "")
    return words.replace(place["binder"], place["lite"]).replace(place["leaving"], place["lite_leaving"])


def ways(edition: Edition, notebook: Path) -> str:
    """The links that open a notebook, as one line of HTML."""
    path, words = notebook.relative_to(ROOT).as_posix(), edition.words
    known = {
        "binder": f"https://mybinder.org/v2/gh/{edition.repository}/main?urlpath=lab/tree/{path}",
        "colab": f"https://colab.research.google.com/github/{edition.repository}/blob/main/{path}",
    }
    links = [f'<a class="run" href="{run_here(edition, path)}" title="{words["run_title"]}">{words["run"]}</a>']
    links = links if edition.lite else []
    links += [f'<a href="{known[name] if edition.repository else "open.html"}">{words[name]}</a>' for name in known]
    links.append(f'<a href="{edition.up}{path}" download>{words["download"]}</a>')
    return f'<nav class="ways" aria-label="{words["ways"]}">{" ".join(links)}</nav>'


def run_here(edition: Edition, path: str) -> str:
    """Where a notebook, by its path in the repository, runs in the browser alone."""
    return f"{edition.up}lite/lab/index.html?path={quote(path)}"


def quiz(key: str) -> str:
    """A quiz that can be answered on the page; without scripts its answer unfolds."""
    words = locale.table(f"quiz.{key}")
    right = words["right"]
    frame = {name: html.escape(locale.text(f"quiz_frame.{name}", **words)) for name in locale.names("quiz_frame")}
    why = html.escape(words["why"])
    buttons = [
        f'<button type="button" data-right="{str(name == right).lower()}" '
        f'data-verdict="{frame["right" if name == right else "wrong"]} {why}">{name}. {html.escape(said)}</button>'
        for name, said in words.items()
        if len(name) == 1
    ]
    folded = f"<details><summary>{frame['show']}</summary><p>{frame['answer']}</p></details>"
    asked = f'<p>{frame["asked"]}</p>\n<div class="options">{"".join(buttons)}</div>'
    return f'<div class="quiz">{asked}<p class="verdict" role="status"></p>{folded}</div>'


def helped(name: str, words: dict[str, Any]) -> str:
    """Hints and solution of an exercise, folded, as Markdown: what ``hint()`` and ``solution()`` print."""
    exercise = getattr(exercises, name)
    table = f"exercises.{exercise.name}"
    hints = [key for key in locale.names(table) if key.startswith("hint_")]
    fold = "<details><summary>{}</summary><p>{}</p></details>".format
    folded = [
        fold(words["hint"].format(number=number), html.escape(locale.text(f"{table}.{key}")))
        for number, key in enumerate(hints, 1)
    ]
    code, meaning = inspect.getsource(exercise.reference), html.escape(locale.text(f"{table}.right"))
    solution = (
        f"<details><summary>{words['solution']}</summary>\n\n```python\n{code}```\n\n<p>{meaning}</p>\n\n</details>"
    )
    return "\n\n".join([f'<div class="help">{"".join(folded)}', solution, "</div>"])


def pictured(shown: str, name: str, folder: Path) -> str:
    """HTML whose first picture is a file in this folder, of a size that is known before it has come."""

    def stored(match: re.Match[str]) -> str:
        width, alt, data = match.groups()
        png = base64.b64decode(data)
        dots = struct.unpack_from(">II", png, 16)
        (folder / f"{name}.png").write_bytes(png)
        height = round(int(width) * dots[1] / dots[0])
        size = f'width="{width}" height="{height}" alt="{alt}"'
        return f'<img class="stored" {size} src="pictures/{name}.png" loading="lazy" decoding="async">'

    return PICTURE.sub(stored, shown)


def live(edition: Edition, source: str) -> str:
    """The lab of a cell as it moves on the page, if it is one that does."""
    static = f"{edition.up}_static/live/"
    opened = (key for key, (name, _) in frames.LABS.items() if re.search(rf"\bwidgets\.{name}\(", source))
    return next((markup.place(key, edition.language, static) for key in opened), "")


def page(path: Path, edition: Edition, others: list[Edition], pictures: Path) -> Any:
    """A notebook as the page shows it."""
    notebook = nbformat.read(path, as_version=4)
    note, run = html.escape(locale.text("lab.stored")), run_here(edition, path.relative_to(ROOT).as_posix())
    moved = f'<a href="{run}">{edition.words["picture"]}</a>' if edition.lite else note
    cells = []
    for cell in notebook.cells:
        cells.append(cell)
        if cell.cell_type == "markdown":
            cell.source = placed(linked(cell.source, path, edition, others), edition.words["place"], "page")
        for output in cell.get("outputs", []):
            shown = output.get("data", {})
            if asked := re.search(r'\bwidgets\.quiz\("(\w+)"\)', cell.source):
                shown.pop("text/markdown")
                shown["text/html"] = quiz(asked[1])
            elif "text/html" in shown:
                shown["text/html"] = pictured(shown["text/html"], f"{path.stem}-{cell.id}", pictures)
                shown["text/html"] = shown["text/html"].replace(note, moved)
                shown["text/html"] = live(edition, cell.source) or shown["text/html"]
        if checked := re.search(r"\bexercises\.(\w+)\.check\(", cell.get("source", "") * (cell.cell_type == "code")):
            cells.append(nbformat.v4.new_markdown_cell(helped(checked[1], edition.words), id=f"{cell.id}-help"))
    title, _, rest = cells[0].source.partition("\n")
    cells[0].source = f"{title}\n\n{ways(edition, path)}\n{rest}"
    notebook.cells = cells
    return notebook


def in_browser(path: Path, edition: Edition) -> dict[str, Any]:
    """A notebook as it runs in the browser alone, with its version: a reader's copy keeps that of which it was made."""
    notebook = nbformat.read(path, as_version=4)  # its outputs' texts are whole, which its table of contents needs
    for cell in notebook.cells:
        if cell.cell_type == "markdown":
            cell.source = placed(cell.source, edition.words["place"], "lite")
    return dict(notebook)


def read(path: Path) -> str:
    """A Markdown file from its title on, without the link to its other language, which every page has elsewhere."""
    return re.sub(r"\A.*?(?=^# )", "", path.read_text(encoding="utf-8"), flags=re.M | re.S)


def sections(path: Path) -> Iterator[tuple[str, str]]:
    """The title and words of each section of a README; the first is its opening, without pictures."""
    title, *parts = re.split(r"^## ", read(path), flags=re.M)
    heading, _, opening = title.partition("\n")
    yield heading.removeprefix("# "), re.sub(r"^!\[.*\n", "", opening, flags=re.M).strip()
    for part in parts:
        heading, _, rest = part.partition("\n")
        yield heading, rest.strip()


def index(edition: Edition) -> str:
    """The first page: what it is, the lab that moves, the table of notebooks."""
    (readme,) = [path for path, name in edition.pages.items() if name == "open.md"]
    (title, opening), *rest = sections(ROOT / readme)
    listed = next((heading, rest) for heading, rest in rest if f"](notebooks/{edition.language}/" in rest)
    words, first = edition.words, edition.notebooks[0].stem
    heart = next(path for path in edition.notebooks if path.stem.startswith("05"))
    run = (
        f' <a href="{run_here(edition, heart.relative_to(ROOT).as_posix())}">{words["heart"]}</a>'
        if edition.lite
        else ""
    )
    begin = f'<nav class="ways"><a class="run" href="{first}.html">{words["begin"]}</a>{run}</nav>'
    tree = partial("```{{toctree}}\n:hidden:\n:caption: {}\n\n{}\n```".format)
    more = [name for name in ("open", "teaching", "glossary") if f"{name}.md" in edition.pages.values()]
    more += ["api"] if edition.language == "en" else []
    trees = (
        tree(words["notebooks"], "\n".join(path.stem for path in edition.notebooks)),
        tree(words["more"], "\n".join(more)),
    )
    api = "" if edition.language == "en" else f'<p><a href="{edition.up}api.html" hreflang="en">{words["api"]}</a></p>'
    return "\n\n".join(
        [
            f"# {title}",
            opening,
            begin,
            live(edition, "widgets.gradient_lab()"),
            f"## {listed[0]}",
            listed[1],
            api,
            *trees,
        ]
    )


def opened(edition: Edition) -> str:
    """The page of ways to open the series, from the README; the repository's name filled in where it is known."""
    (readme,) = [path for path, name in edition.pages.items() if name == "open.md"]
    heading, words = next((heading, rest) for heading, rest in sections(ROOT / readme) if "mybinder.org" in rest)
    if edition.repository:
        owner, _, name = edition.repository.partition("/")
        words = words.replace("<owner>", owner).replace("<repo>", name)
    return f"# {heading}\n\n{words}"


def api(words: dict[str, Any]) -> str:
    """The page of public names."""
    gathered = "\n   :imported-members:"
    modules = {"rnnlib": gathered, "rnnlib.theory": "", "rnnlib.sequences": "", "rnnlib.widgets": gathered}
    modules |= {"rnnlib.exercises.exercise": ""}
    listed = [f"## {name}\n\n```{{eval-rst}}\n.. automodule:: {name}{more}\n```" for name, more in modules.items()]
    return "\n\n".join([f"# {words['api']}", words["api_intro"], *listed])


def stage(edition: Edition, others: list[Edition], target: Path) -> None:
    """Write the sources of an edition's pages, and beside them its pictures, into a new folder."""
    pictures = target / "extra" / "pictures"
    pictures.mkdir(parents=True)
    with locale.speaking(edition.language):
        for path in edition.notebooks:
            nbformat.write(page(path, edition, others, pictures), target / path.name)
        first = index(edition)
    readme = next(ROOT / path for path, name in edition.pages.items() if name == "open.md")
    written = {"index.md": (first, readme), "open.md": (opened(edition), readme)}
    for source, name in edition.pages.items():
        if name.endswith(".md") and name not in written:
            written[name] = read(ROOT / source).replace("\n### ", "\n## "), ROOT / source  # terms of the glossary
    for name, (words, shown) in written.items():
        (target / name).write_text(linked(words, shown, edition, others), encoding="utf-8")
    if edition.language == "en":
        (target / "api.md").write_text(api(edition.words), encoding="utf-8")
    (target / "partners.json").write_text(json.dumps(partners(edition, others)), encoding="utf-8")
