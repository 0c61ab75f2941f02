"""rnnlib: recurrent neural networks small enough to read, and the labs that show their gradients live."""

import importlib
import logging
import sys
from types import ModuleType

from rnnlib import sequences, theory
from rnnlib.exchange import from_torch, to_torch
from rnnlib.generation import dream
from rnnlib.gradients import clip_by_norm, log_gradient_norms, log_singular_values, numerical_gradient
from rnnlib.gru import GRU
from rnnlib.locale import set_language
from rnnlib.losses import accuracy, cross_entropy, mse
from rnnlib.lstm import LSTM
from rnnlib.optimizers import Adam
from rnnlib.readout import Readout
from rnnlib.rnn import RNN
from rnnlib.training import Training

__all__ = ["GRU", "LSTM", "RNN", "Readout", "from_torch", "to_torch"]
__all__ += ["Adam", "Training", "accuracy", "clip_by_norm", "cross_entropy", "mse"]
__all__ += ["dream", "log_gradient_norms", "log_singular_values", "numerical_gradient"]
__all__ += ["sequences", "set_language", "theory"]
__version__ = "0.1.0"
if sys.platform == "emscripten":  # in a browser matplotlib builds its font cache at each visit, and warns each time
    logging.getLogger("matplotlib.font_manager").setLevel(logging.ERROR)
_ON_FIRST_USE = ("exercises", "labs", "plots", "widgets")  # most bring in matplotlib and ipywidgets


def __getattr__(name: str) -> ModuleType:
    if name in _ON_FIRST_USE:
        return importlib.import_module(f"rnnlib.{name}")
    raise AttributeError(f"module 'rnnlib' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *_ON_FIRST_USE})
