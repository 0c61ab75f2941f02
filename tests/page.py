"""What the page shows of a live figure."""

import base64
import io
import re

import numpy as np
from PIL import Image

PIECE = re.compile(r'left:(\S+)%;top:(\S+)%;width:(\S+)%;height:(\S+)%" src="data:image/png;base64,([^"]*)"')


def seen(live, layers=None):
    """(height, width, 3): the picture of what stays and, pasted over it, each piece of what moves at its place."""
    picture = Image.open(io.BytesIO(live.still.value)).convert("RGB")
    for *place, data in PIECE.findall("".join(layers or [live.moving.value])):
        piece = Image.open(io.BytesIO(base64.b64decode(data))).convert("RGB")
        left, top, *size = (round(float(share) / 100 * picture.size[i % 2]) for i, share in enumerate(place))
        assert piece.size == tuple(size)
        picture.paste(piece, (left, top))
    return np.asarray(picture)


def read(png):
    """(height, width, 3) from a file's bytes."""
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB"))
