"""A picture that stays: the same bytes each time, its sentence beside it, the page's style untouched."""

import base64
import io
from xml.etree import ElementTree

import matplotlib as mpl
import numpy as np
from PIL import Image

from rnnlib import plots


def line(ax, ys):
    ax.plot(ys)


def test_it_shows_its_picture_and_its_sentence():
    still = plots.Still(line, [0, 1], alt='A line "goes" up & up.', size=(300, 200))
    bundle, metadata = still._repr_mimebundle_()
    assert bundle["text/plain"] == repr(still) == 'A line "goes" up & up.'
    assert metadata == {}
    (element,) = ElementTree.fromstring(f"<page>{bundle['text/html'].replace('>', '/>')}</page>")
    assert (element.tag, element.get("alt"), element.get("width")) == ("img", 'A line "goes" up & up.', "300")
    picture = Image.open(io.BytesIO(base64.b64decode(element.get("src").removeprefix("data:image/png;base64,"))))
    assert picture.size == (600, 400)
    assert "Software" not in picture.info


def test_it_is_drawn_from_its_data_and_the_same_each_time():
    once, again, other = (plots.Still(line, ys, alt="").png for ys in ([0, 1], [0, 1], [1, 0]))
    assert once == again
    assert once != other


def test_its_background_is_white_and_the_page_keeps_its_style():
    before = dict(mpl.rcParams)
    pixels = np.asarray(Image.open(io.BytesIO(plots.Still(line, [0, 1], alt="").png)).convert("RGB"))
    assert (pixels[0, 0] == 255).all()
    assert dict(mpl.rcParams) == before
