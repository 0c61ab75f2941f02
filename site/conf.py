"""How Sphinx renders the pages; build.py says which language, and where the sources are."""

import json
import os
import re
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
sys.path.insert(0, str(HERE))
STAGED = Path(os.environ["SITE_STAGED"])  # the sources, made by stage.py
PARTNERS = json.loads((STAGED / "partners.json").read_text(encoding="utf-8"))

project = os.environ["SITE_TITLE"]
language = os.environ["SITE_LANGUAGE"]
extensions = ["myst_nb", "sphinx.ext.autodoc", "sphinx.ext.napoleon", "formulas"]
exclude_patterns = ["extra"]
html_copy_source = False

nb_execution_mode = "off"  # the stored outputs are shown
nb_merge_streams = True
myst_enable_extensions = ["dollarmath"]
myst_heading_anchors = 3
myst_heading_slug_func = "docutils.nodes.make_id"  # without accents, as the glossary's links are
myst_links_external_new_tab = False

html_math_renderer = "built"

autodoc_default_options = {"members": True}
autodoc_member_order = "bysource"
autodoc_typehints = "none"
napoleon_use_ivar = True

html_theme = "sphinx_book_theme"
html_title = project
html_static_path = [str(HERE / "static"), str(STAGED / "static")]
html_extra_path = [str(STAGED / "extra")]
html_css_files = ["site.css"]
html_js_files = [("page.js", {"type": "module"})]
templates_path = [str(HERE / "templates")]
html_show_sourcelink = False
html_show_sphinx = False
html_show_copyright = False
html_last_updated_fmt = None
html_theme_options = {
    "use_download_button": False,
    "use_fullscreen_button": False,
    "home_page_in_toc": False,
    "show_navbar_depth": 1,
    **{f"navbar_{place}": [] for place in ("start", "center", "end", "persistent")},  # search is in the sidebar
    "footer_content_items": [],
    "article_header_end": ["languages.html", "article-header-buttons"],
}


def setup(app: Any) -> None:
    """Tell each page where it is in the other languages, and give the pages with a moving lab its script."""

    def context(app: Any, name: str, template: str, context: dict[str, Any], doctree: Any) -> None:
        context["partners"] = PARTNERS.get(name, {})
        if "data-live-lab" in context.get("body", ""):
            app.add_css_file("live_lab.css")
            app.add_js_file("live_lab.js", type="module")

    def plain(app: Any, what: str, name: str, found: Any, options: Any, lines: list[str]) -> None:
        """In our docstrings |x| is a size, and D. no list: nothing but code has marks."""
        lines[:] = [re.sub(r"(``.*?``)|(\||(?<=: )[A-Z]\.$)", lambda m: m[1] or f"\\{m[2]}", line) for line in lines]

    # The theme chooses light or dark when its script has come; borders and colours would come that late.
    dark = 'matchMedia("(prefers-color-scheme: dark)").matches'
    app.add_js_file(None, body=f'document.documentElement.dataset.theme ||= {dark} ? "dark" : "light"', priority=100)
    app.connect("html-page-context", context)
    app.connect("autodoc-process-docstring", plain, priority=400)  # before napoleon reads them
