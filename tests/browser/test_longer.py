"""Controls in a language two fifths longer than English: no label, choice or button is cut off."""

from pathlib import Path

import pytest
from contract import LABS

PATH = "longer.ipynb"
# ../labs/test_longer.py sends such words through all that is drawn.
pytestmark = [pytest.mark.slow, pytest.mark.server]
SPEAK = f"""import sys
sys.path.append({str(Path(__file__).parents[1])!r})
import longer
from IPython.display import display
from rnnlib import widgets
longer.speak()
for name in {list(LABS)}:
    display(getattr(widgets, name)())
display(widgets.quiz("order"))"""
# Waits until the page has this width and its last lab was at one place for five frames.
SETTLED = """async width => {
  const place = () => JSON.stringify([...document.querySelectorAll('.rnnlib-lab')].at(-1).getBoundingClientRect());
  for (let still = 0, before = ''; still < 5; still++, before = place()) {
    await new Promise(requestAnimationFrame);
    if (document.body.clientWidth !== width || place() !== before) still = -1;
  }
}"""
# The words that do not have the room which they need; of a list, its longest choice beside the arrow.
CUT = """() => {
  const pen = document.createElement('canvas').getContext('2d'), edge = document.querySelector('.jp-Notebook');
  const needs = select => {
    const {font, paddingLeft, paddingRight} = getComputedStyle(select);
    pen.font = font;
    const widths = [...select.options].map(option => pen.measureText(option.text).width);
    return Math.max(...widths) + parseFloat(paddingLeft) + parseFloat(paddingRight);
  };
  const cut = each => each.matches('select') ? needs(each) > each.clientWidth
    : each.clientWidth && (each.scrollWidth > each.clientWidth + 1 || each.scrollHeight > each.clientHeight + 1)
      || (each.matches('.widget-label') && each.clientHeight > each.parentElement.clientHeight + 1)
      || each.getBoundingClientRect().right > edge.getBoundingClientRect().right;
  const all = '.widget-label, button, select, .rnnlib-sentence, .rnnlib-remark, .rnnlib-ticks span';
  const boxes = [...document.querySelectorAll('.rnnlib-lab, .rnnlib-quiz')];
  const found = boxes.flatMap(box => [...box.querySelectorAll(all)]);
  const seen = found.filter(each => each.getClientRects().length && each.innerText.trim());
  return [seen.length, seen.filter(cut).map(each => [each.className || each.tagName, each.innerText])];
}"""


@pytest.mark.parametrize("width", [1280, 600])
def test_no_label_choice_or_button_is_cut_off(notebook, width):
    if not notebook.page.locator(".rnnlib-quiz").count():
        notebook.run(SPEAK)
        notebook.page.wait_for_selector(".rnnlib-quiz")
    notebook.page.set_viewport_size({"width": width, "height": 1000})
    notebook.page.evaluate(SETTLED, width)
    seen, cut = notebook.page.evaluate(CUT)
    assert seen > 100
    assert not cut, "\n".join(map(str, cut))
