"""Two ways to change parameters against their gradient: SGD and Adam."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from rnnlib import validation
from rnnlib.recurrent import Params


@dataclass
class SGD:
    """Gradient descent, θ ← θ − η ∂L/∂θ; stochastic, as each gradient is that of one batch.

    Attributes:
        learning_rate: η, at least 0; it may be changed between two updates.
    """

    learning_rate: float

    def update(self, params: Params, gradients: Params) -> Params:
        """One step.

        Args:
            params: θ, a dict of arrays.
            gradients: ∂L/∂θ, with the same names and shapes.

        Returns:
            The new parameters; the arrays that came are not changed.

        Raises:
            ValueError, TypeError: the gradients do not fit the parameters or are not finite, or η is out of range.
        """
        rate, gradients = _checked(self.learning_rate, params, gradients)
        return {name: value - rate * gradients[name] for name, value in params.items()}


@dataclass
class Adam:
    """Adam: θ ← θ − η m̂ / (√v̂ + ε), with running means m of the gradient and v of its square.

    Attributes:
        learning_rate: η, at least 0; it may be changed between two updates.
        beta_1, beta_2: how much of m and of v is kept at each step.
        epsilon: ε.
        steps: how many updates there were.
        m, v: the running means by parameter, empty before the first update.

    Source: Kingma & Ba (2015), arXiv:1412.6980.
    """

    learning_rate: float = 1e-3
    beta_1: float = 0.9
    beta_2: float = 0.999
    epsilon: float = 1e-8
    steps: int = 0
    m: Params = field(default_factory=dict)
    v: Params = field(default_factory=dict)

    def update(self, params: Params, gradients: Params) -> Params:
        """One step: see ``SGD.update``; it moves ``steps``, ``m`` and ``v`` on."""
        rate, gradients = _checked(self.learning_rate, params, gradients)
        self.steps += 1
        new = {}
        for name, value in params.items():
            g = gradients[name]
            m = self.m[name] = self.beta_1 * self.m.get(name, 0) + (1 - self.beta_1) * g
            v = self.v[name] = self.beta_2 * self.v.get(name, 0) + (1 - self.beta_2) * g**2
            m_hat = m / (1 - self.beta_1**self.steps)  # both start at 0: this takes out the pull towards it
            v_hat = v / (1 - self.beta_2**self.steps)
            new[name] = value - rate * m_hat / (np.sqrt(v_hat) + self.epsilon)
        return new


def _checked(rate: float, params: Params, gradients: Params) -> tuple[float, Params]:
    shapes = {name: value.shape for name, value in params.items()}
    checked = validation.arrays("gradients", gradients, shapes, None)
    return validation.real("learning_rate", rate, at_least=0), checked
