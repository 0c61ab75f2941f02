"""Formulas are set while the page is built, by KaTeX in Node: the page needs no script for them, and nothing moves."""

import json
import subprocess
import sys
from functools import cache
from pathlib import Path
from typing import Any

from docutils import nodes

SET = """
const katex = require(process.argv[1]);
require('readline').createInterface({input: process.stdin}).on('line', (line) => {
  const [formula, displayMode] = JSON.parse(line);
  const options = {displayMode, strict: (code) => (code === 'unicodeTextInMathMode' ? 'ignore' : 'error')};
  let answer;
  try { answer = {html: katex.renderToString(formula, options)}; } catch (error) { answer = {error: error.message}; }
  process.stdout.write(JSON.stringify(answer) + '\\n');
});
"""


@cache
def _node() -> Any:
    """Node, with KaTeX in it; it ends when this process does, and so closes its input."""
    katex = Path(sys.prefix) / "site" / "node_modules" / "katex"
    piped = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True, "encoding": "utf-8"}
    return subprocess.Popen(["node", "-e", SET, str(katex)], **piped)  # type: ignore[call-overload]


def html(formula: str, display: bool) -> str:
    """A formula as HTML, with MathML in it for screen readers.

    Raises:
        ValueError: KaTeX does not understand the formula.
    """
    node = _node()
    node.stdin.write(json.dumps([formula, display]) + "\n")
    node.stdin.flush()
    answer = json.loads(node.stdout.readline())
    if "error" in answer:
        raise ValueError(f"{formula}: {answer['error']}")
    return answer["html"]


def _inline(translator: Any, node: Any) -> None:
    translator.body.append(html(node.astext(), False))
    raise nodes.SkipNode


def _block(translator: Any, node: Any) -> None:
    translator.body.append(f'<div class="formula">{html(node.astext(), True)}</div>')
    raise nodes.SkipNode


def setup(app: Any) -> dict[str, bool]:
    """Make it a renderer of Sphinx's."""
    app.add_html_math_renderer("built", inline_renderers=(_inline, None), block_renderers=(_block, None))
    app.add_css_file("katex/katex.min.css")
    return {"parallel_read_safe": True}
