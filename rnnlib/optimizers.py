"""Adam, which changes parameters against their gradient.

An optimizer holds settings and nothing else, so that one serves any number of models. What it has to remember between
updates, its state, goes in and comes out: {} before the first update.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from rnnlib.recurrent import Params
from rnnlib.validation import arrays, integer, real

State = dict[str, Any]


@dataclass
class Adam:
    """Adam: θ ← θ − η m̂ / (√v̂ + ε), with running means m of the gradient and v of its square.

    The state holds ``steps``, how many updates there were, and ``m`` and ``v``, each by parameter.

    Attributes:
        learning_rate: η, at least 0; all settings may be changed between two updates.
        beta_1, beta_2: how much of m and of v is kept at each step, at least 0 and below 1.
        epsilon: ε, above 0.

    Source: Kingma & Ba (2015), arXiv:1412.6980.
    """

    learning_rate: float = 1e-3
    beta_1: float = 0.9
    beta_2: float = 0.999
    epsilon: float = 1e-8

    @np.errstate(under="ignore", over="ignore")
    def update(self, params: Params, gradients: Params, state: State) -> tuple[Params, State]:
        """One step.

        Args:
            params: θ, a dict of arrays.
            gradients: ∂L/∂θ, with the same names and shapes.
            state: what the last update of these parameters gave, {} before the first.

        Returns:
            (the new parameters, the new state); nothing that came is changed.

        Raises:
            ValueError, TypeError: the gradients or the state do not fit the parameters, a gradient is not finite, or a
                setting is out of range.
            OverflowError: the square of a gradient is too large for its type.
        """
        if not isinstance(state, dict):
            raise TypeError(f"state: expected a dict, empty before the first update, got {type(state).__name__}")
        gradients = arrays("gradients", gradients, {name: value.shape for name, value in params.items()}, None)
        rate = real("learning_rate", self.learning_rate, at_least=0)
        beta_1 = real("beta_1", self.beta_1, at_least=0, below=1)
        beta_2 = real("beta_2", self.beta_2, at_least=0, below=1)
        epsilon = real("epsilon", self.epsilon, above=0)
        steps = integer("state['steps']", state.get("steps", 0), at_least=0) + 1
        shapes = {name: g.shape for name, g in gradients.items()}
        zeros = {name: np.zeros_like(g) for name, g in gradients.items()}
        m, v = (arrays(f"state[{key!r}]", state.get(key, zeros), shapes, None) for key in "mv")
        new = {}
        for name, g in gradients.items():
            m[name] = beta_1 * m[name] + (1 - beta_1) * g
            v[name] = beta_2 * v[name] + (1 - beta_2) * g**2
            if not np.isfinite(v[name]).all():
                raise OverflowError(f"gradients[{name!r}]: too large to be squared in {g.dtype}; clip the gradient")
            m_hat = m[name] / (1 - beta_1**steps)  # both start at 0: this takes out the pull towards it
            v_hat = v[name] / (1 - beta_2**steps)
            new[name] = params[name] - rate * m_hat / (np.sqrt(v_hat) + max(epsilon, np.finfo(g.dtype).tiny))
        return new, {"steps": steps, "m": m, "v": v}
