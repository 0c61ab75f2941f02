"""rnnlib: recurrent neural networks small enough to read, and the labs that show their gradients live."""

from __future__ import annotations

import importlib
from types import ModuleType

from rnnlib import sequences as sequences
from rnnlib import theory as theory
from rnnlib.gradients import clip_by_norm as clip_by_norm
from rnnlib.gradients import log_gradient_norms as log_gradient_norms
from rnnlib.gradients import numerical_gradient as numerical_gradient
from rnnlib.gru import GRU as GRU
from rnnlib.locale import set_language as set_language
from rnnlib.losses import accuracy as accuracy
from rnnlib.losses import cross_entropy as cross_entropy
from rnnlib.losses import mse as mse
from rnnlib.lstm import LSTM as LSTM
from rnnlib.optimizers import SGD as SGD
from rnnlib.optimizers import Adam as Adam
from rnnlib.readout import Readout as Readout
from rnnlib.rnn import RNN as RNN
from rnnlib.training import Training as Training


def __getattr__(name: str) -> ModuleType:
    if name in ("plots", "widgets"):  # on first use: they bring in matplotlib and ipywidgets
        return importlib.import_module(f"rnnlib.{name}")
    raise AttributeError(f"module 'rnnlib' has no attribute {name!r}")
