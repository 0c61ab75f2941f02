"""Networks that were trained beforehand, by scripts in rnnlib/data."""

from importlib import resources
from typing import Any, TypeVar

import numpy as np

from rnnlib.readout import Readout
from rnnlib.recurrent import Recurrent

Network = TypeVar("Network", bound=Recurrent[Any])


def saved(file: str, rnn: Network, readout: Readout, prefix: str = "") -> tuple[Network, Readout]:
    """Give a network and its readout the parameters saved in this file of rnnlib/data.

    Args:
        file: name of the .npz file.
        rnn: a network of the saved one's kind and size; its parameters are replaced.
        readout: a readout of the saved one's size; likewise.
        prefix: what stands before the parameters' names in the file.

    Returns:
        (rnn, readout).

    Raises:
        KeyError: the file holds no such parameters.
    """
    with resources.files("rnnlib").joinpath("data", file).open("rb") as opened:
        params = np.load(opened)
        for owner in (rnn, readout):
            owner.params = {name: params[prefix + name].astype(np.float64) for name in owner.params}
    return rnn, readout
