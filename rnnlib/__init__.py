"""rnnlib: recurrent neural networks small enough to read, and the labs that show their gradients live."""

from __future__ import annotations

import importlib
from types import ModuleType

from rnnlib import theory as theory
from rnnlib.gradients import clip_by_norm as clip_by_norm
from rnnlib.gradients import log_gradient_norms as log_gradient_norms
from rnnlib.gradients import numerical_gradient as numerical_gradient
from rnnlib.gru import GRU as GRU
from rnnlib.locale import set_language as set_language
from rnnlib.lstm import LSTM as LSTM
from rnnlib.rnn import RNN as RNN


def __getattr__(name: str) -> ModuleType:
    if name in ("plots", "widgets"):  # on first use: they bring in matplotlib and ipywidgets
        return importlib.import_module(f"rnnlib.{name}")
    raise AttributeError(f"module 'rnnlib' has no attribute {name!r}")
