"""The page's side of labs: what Python puts into an element is what live.js and live.css say."""

import html
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
const named = (name) => ({setAttribute: (key, value) => said.push([name, key, value])});
const buttons = [named("first"), named("second"), named("third")];
const still = {set alt(words) { said.push(["still", "alt", words]); }};
const around = {querySelectorAll: () => buttons, querySelector: () => still};
const button = {
  set disabled(state) { said.push(["button", "disabled", state]); },
  set textContent(words) { said.push(["button", "text", words]); },
};
const element = {previousSibling: button, parentNode: named("parent"), closest: () => around};
(function () { %s }).call(element);
console.log(JSON.stringify(said));
"""


def done(handler):
    run = subprocess.run([NODE, "-e", ELEMENT % html.unescape(handler)], capture_output=True, text=True, check=True)
    return run.stdout.strip()


def test_a_live_region_gets_its_role():
    assert done(page.handler("announce")) == '[["parent","role","status"]]'


def test_a_button_is_offered_once_the_page_lets_handlers_run():
    assert done(page.handler("offer", "Save")) == '[["button","disabled",false],["button","text","Save"]]'


def test_the_picture_of_what_stays_is_a_part_of_the_figure_with_its_name():
    assert done(page.handler("hideStill")) == '[["still","alt",""]]'


def test_the_buttons_of_play_get_their_names_in_order():
    wanted = '[["first","aria-label","Play"],["second","aria-label","It\'s \\"Stop\\""],["third","aria-label",""]]'
    assert done(page.handler("nameButtons", "Play", 'It\'s "Stop"')) == wanted


def test_every_function_of_the_script_is_used_and_there_is_no_other():
    used = set()
    for path in FOLDER.rglob("*.py"):
        used |= set(re.findall(r'(?:handler|when_shown)\("(\w+)"', path.read_text(encoding="utf-8").replace("'", '"')))
    assert used == set(re.findall(r"^export function (\w+)", SCRIPT, re.M))
    with pytest.raises(KeyError):
        page.handler("nonsense")


def test_a_handler_is_safe_in_an_attribute():
    assert not set('"<>\n') & set(page.handler("save", '"><script>'))
    assert page.when_shown("announce").count('"') == 6


def test_the_style_sheet_is_well_formed():
    rules = tinycss2.parse_stylesheet((FOLDER / "live.css").read_text(encoding="utf-8"), skip_whitespace=True)
    assert {rule.type for rule in rules} == {"qualified-rule"}
    for rule in rules:
        declared = tinycss2.parse_blocks_contents(rule.content, skip_whitespace=True)
        assert declared
        assert [each.message for each in declared if each.type == "error"] == []
        assert all(each.type == "declaration" and each.value for each in declared)


def test_every_class_that_is_styled_is_one_that_labs_or_widgets_have():
    styled = set(re.findall(r"\.(rnnlib-[\w-]+)", (FOLDER / "live.css").read_text(encoding="utf-8")))
    source = "".join(path.read_text(encoding="utf-8") for path in FOLDER.glob("*.py"))
    assert all(f'"{name}' in source or f'class="{name}' in source for name in styled)
    assert page.look().startswith("<style>.rnnlib-lab")
