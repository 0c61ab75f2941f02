"""Figures: ``frame_…(ax, …)`` draws what stays, ``draw_…(ax, data)`` what moves; both compute and show nothing."""

from rnnlib.plots.bptt import draw_errors as draw_errors
from rnnlib.plots.network import draw_parameters as draw_parameters
from rnnlib.plots.products import draw_derivatives as draw_derivatives
from rnnlib.plots.products import draw_growth as draw_growth
from rnnlib.plots.reading import draw_capacity as draw_capacity
from rnnlib.plots.reading import draw_memory as draw_memory
from rnnlib.plots.still import Still as Still
from rnnlib.plots.training import draw_trainability as draw_trainability
