"""The page's side of labs: what Python puts into an element is what live.js and live.css say."""

import html
import json
import re
import subprocess
from pathlib import Path

import playwright
import pytest
import tinycss2

from rnnlib.labs import page

FOLDER = Path(page.__file__).parent
SCRIPT = (FOLDER / "live.js").read_text(encoding="utf-8")
NODE = next((Path(playwright.__file__).parent / "driver").glob("node*"))  # it brings one
# An element that says what was done to it.
ELEMENT = """
const said = [];
const button = {
  set disabled(state) { said.push(["disabled", state]); },
  set textContent(words) { said.push(["text", words]); },
};
(function () { %s }).call({previousSibling: button});
console.log(JSON.stringify(said));
"""


def test_a_button_is_offered_once_the_page_lets_handlers_run():
    offered = ELEMENT % html.unescape(page.handler("offer", "Save"))
    run = subprocess.run([NODE, "-e", offered], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == '[["disabled",false],["text","Save"]]'


@pytest.mark.parametrize("name", re.findall(r"^export function (\w+)", SCRIPT, re.M))
def test_a_function_is_still_one_on_a_single_line(name):
    """What it does is seen in tests/browser."""
    handler = html.unescape(page.handler(name, 'It\'s "Stop"'))
    wanted = f"new Function({json.dumps(handler)}); console.log('fine')"
    assert subprocess.run([NODE, "-e", wanted], capture_output=True, text=True, check=True).stdout == "fine\n"
    assert "//" not in handler  # it would end there


def test_every_function_of_the_script_is_used_and_there_is_no_other():
    used = set()
    for path in FOLDER.rglob("*.py"):
        used |= set(re.findall(r'(?:handler|when_shown)\("(\w+)"', path.read_text(encoding="utf-8").replace("'", '"')))
    assert used == set(re.findall(r"^export function (\w+)", SCRIPT, re.M))
    with pytest.raises(KeyError):
        page.handler("nonsense")


def test_a_handler_is_safe_in_an_attribute():
    assert not set('"<>\n') & set(page.handler("save", '"><script>'))
    assert page.when_shown("attend").count('"') == 6


def test_the_style_sheet_is_well_formed():
    rules = tinycss2.parse_stylesheet((FOLDER / "live.css").read_text(encoding="utf-8"), skip_whitespace=True)
    for media in [rule for rule in rules if rule.type == "at-rule"]:
        assert media.at_keyword == "media"
        rules += tinycss2.parse_rule_list(media.content, skip_whitespace=True)
        rules.remove(media)
    assert {rule.type for rule in rules} == {"qualified-rule"}
    for rule in rules:
        declared = tinycss2.parse_blocks_contents(rule.content, skip_whitespace=True)
        assert declared
        assert [each.message for each in declared if each.type == "error"] == []
        assert all(each.type == "declaration" and each.value for each in declared)


def test_every_class_that_is_styled_is_one_that_labs_or_widgets_have():
    styled = set(re.findall(r"\.(rnnlib-[\w-]+)", (FOLDER / "live.css").read_text(encoding="utf-8")))
    source = "".join(path.read_text(encoding="utf-8") for path in [*FOLDER.glob("*.py"), FOLDER / "live.js"])
    assert all(f'"{name}' in source or f'class="{name}' in source for name in styled)
    assert page.look().startswith("<style>.rnnlib-lab")
