"""The numbers of the gates lab: a memory cell over one sequence, by hand or trained, and gradients of three cells."""

from functools import cache, lru_cache
from typing import NamedTuple

import numpy as np

from rnnlib import GRU, LSTM, RNN, Readout, log_gradient_norms
from rnnlib.labs.saved import saved
from rnnlib.sequences import adding
from rnnlib.validation import Array

HIDDEN_SIZE, BATCH = 32, 8
UNITS = 4  # of the trained LSTM
LIMITS = (1.2, 2.2, 4.5, 12, 25, 60, 120, 210)  # of the axis of c: the first that holds it; |c_T| ≤ T
FOUND = 0.05  # as near as c_T has to come to the sum


class Memory(NamedTuple):
    """One unit of an LSTM over a sequence.

    Attributes:
        by_hand: whether its gates are set by hand; it is a network of its own then.
        gates: i, f, o by name, (T,) each.
        written: (T,) the candidate g_t.
        c: (T+1,) the cell state, c_0 first.
        h: (T+1,) the state, h_0 first.
        marked: the steps, from 1, at which a number is marked.
        wanted: the sum of the marked numbers.
        answer: what the network says it is: c_T by hand.
    """

    by_hand: bool
    gates: dict[str, Array]
    written: Array
    c: Array
    h: Array
    marked: np.ndarray
    wanted: float
    answer: float

    @property
    def found(self) -> bool:
        """Whether the answer is near enough."""
        return abs(self.answer - self.wanted) < FOUND

    @property
    def limits(self) -> tuple[float, float]:
        """From where to where the axis of c goes."""
        top = max(np.abs(self.c).max(), self.wanted if self.by_hand else 0)
        limit = next(limit for limit in LIMITS if top < limit)
        return -limit if min(self.c.min(), self.written.min()) < 0 else -0.03 * limit, limit


class Run(NamedTuple):
    """What the lab shows.

    Attributes:
        memory: the cell.
        logs: (T+1,) ln ‖∂L/∂state_t‖ ÷ ‖∂L/∂state_T‖ by cell, from 0 steps back to T: the median of the batch; as "c"
            that on the path through the c of ``memory`` alone.
    """

    memory: Memory
    logs: dict[str, Array]

    @property
    def norms(self) -> dict[str, Array]:
        """The same in powers of ten."""
        return {name: log / np.log(10) for name, log in self.logs.items()}


@cache
def trained() -> tuple[LSTM, Readout]:
    """The LSTM that data/make_adding_lstm.py trained, and its readout."""
    return saved("adding_lstm.npz", LSTM(2, UNITS), Readout(UNITS, 1))


@lru_cache(maxsize=2)
def log_norms(steps: int, weight_scale: float, forget_bias: float, seed: int) -> dict[str, Array]:
    """Logs of the norms (T+1, B) by cell; the loss is at row T, where they are 0."""
    found = {}
    for cell in (RNN, GRU, LSTM):
        net = cell(2, HIDDEN_SIZE, weight_scale=weight_scale, recurrent_init="orthogonal", rng=seed)
        net.params["b_h"][HIDDEN_SIZE : 2 * HIDDEN_SIZE] = forget_bias  # nothing, in an RNN
        found[cell.__name__] = log_gradient_norms(net, adding(steps, BATCH, seed).xs)
    return found


def by_hand(f: float, i_marked: float, i_other: float, o: float, steps: int, seed: int) -> Memory:
    """A cell of one unit that is offered the numbers themselves, through gates that only know what is marked."""
    xs, targets, _ = adding(steps, BATCH, seed)
    numbers, marks = xs[:, 0].T
    gates = {"i": np.where(marks, i_marked, i_other), "f": np.full(steps, float(f)), "o": np.full(steps, o)}
    c = np.zeros(steps + 1)
    for t, (i_t, g_t) in enumerate(zip(gates["i"], numbers)):
        c[t + 1] = f * c[t] + i_t * g_t
    return Memory(True, gates, numbers, c, o * np.tanh(c), np.flatnonzero(marks) + 1, targets[0, 0], c[-1])


def through_trained(unit: int, steps: int, seed: int) -> Memory:
    """One unit, from 1 on, of the trained LSTM."""
    (model, readout), k = trained(), unit - 1
    xs, targets, _ = adding(steps, BATCH, seed)
    trace = model.forward(xs[:, :1])
    i, f, g, o = trace.gates[:, 0].reshape(-1, 4, UNITS)[..., k].T
    c, h, answer = trace.cs[:, 0, k], trace.hs[:, 0, k], readout.forward(trace.hs)[0, 0]
    return Memory(False, {"i": i, "f": f, "o": o}, g, c, h, np.flatnonzero(xs[:, 0, 1]) + 1, targets[0, 0], answer)


def through_c(f: Array) -> Array:
    """What the path through c alone multiplies a gradient by, ln of 1, f_T, f_T f_{T-1}, … (T+1,), from f (T,)."""
    logs = np.log(f, out=np.full_like(f, -np.inf), where=f > 0)
    return np.concatenate([[0], np.cumsum(logs[::-1])])


def run(gates: str, unit: int, steps: int, forget_bias: float, weight_scale: float, seed: int, **hand: float) -> Run:
    """All that the lab shows at these settings; hand is f, i_marked, i_other and o."""
    memory = by_hand(**hand, steps=steps, seed=seed) if gates == "hand" else through_trained(unit, steps, seed)
    logs = log_norms(steps, weight_scale, forget_bias, seed)
    medians = {name: np.median(every, axis=1)[::-1] for name, every in logs.items()}
    return Run(memory, medians | {"c": through_c(memory.gates["f"])})
