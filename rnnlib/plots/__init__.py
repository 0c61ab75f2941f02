"""The notebooks' pictures: ``Still(draw_…, data, alt=…)``; what is drawn is computed elsewhere."""

from rnnlib.plots.curves import draw_capacity as draw_capacity
from rnnlib.plots.curves import draw_derivatives as draw_derivatives
from rnnlib.plots.curves import draw_errors as draw_errors
from rnnlib.plots.curves import draw_growth as draw_growth
from rnnlib.plots.curves import draw_memory as draw_memory
from rnnlib.plots.curves import draw_parameters as draw_parameters
from rnnlib.plots.curves import draw_trainability as draw_trainability
from rnnlib.plots.still import Still as Still
from rnnlib.plots.uses import draw_uses as draw_uses
