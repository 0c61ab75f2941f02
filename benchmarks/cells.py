"""Forward plus backward of RNN, GRU and LSTM beside PyTorch and autograd, with the same weights, inputs and threads."""

import os
import platform
import time
import tracemalloc

import autograd
import autograd.numpy as anp
import numpy as np
import torch

import rnnlib
from benchmarks import THREADS

SHAPES = [(1, 100, 1, 64), (32, 100, 32, 64), (32, 100, 64, 128), (64, 50, 64, 256)]  # B, T, D, H
CELLS = {"RNN": rnnlib.RNN, "GRU": rnnlib.GRU, "LSTM": rnnlib.LSTM}
ALLOWED = {"RNN": (0.8, 0.8, 0.8, 1.1), "GRU": (0.6, 0.6, 0.6, 0.8), "LSTM": (1.8, 1.8, 1.0, 1.0)}
ROUNDS = 15
REST = 0.02  # seconds before each call: until then a library's threads may still spin, and hold the other's core


def torch_twin(model):
    """PyTorch's network with the weights of ours."""
    twin = getattr(torch.nn, type(model).__name__)(model.input_size, model.hidden_size)
    twin = twin.to(torch.float64 if model.dtype == np.float64 else torch.float32)
    twin.load_state_dict({name: torch.from_numpy(value) for name, value in rnnlib.to_torch(model).items()})
    return twin


def ours(model, xs, dhs):
    def run():
        model.backward(model.forward(xs), dhs)

    return run


def torchs(model, xs, dhs):
    twin, dhs = torch_twin(model), torch.from_numpy(dhs)
    xs = torch.from_numpy(xs).requires_grad_()

    def run():
        twin.zero_grad()
        xs.grad = None
        hs, _ = twin(xs)
        hs.backward(dhs)

    return run


def autograds(model, xs, dhs):
    H, kind = model.hidden_size, type(model).__name__

    def sigmoid(a):
        return 1 / (1 + anp.exp(-a))

    def loss(params, xs):
        h = c = anp.zeros((xs.shape[1], H), xs.dtype)
        total = 0.0
        for x, dh in zip(xs, dhs):
            drive, recur = x @ params["W_xh"] + params["b_h"], h @ params["W_hh"]
            if kind == "RNN":
                h = anp.tanh(drive + recur)
            elif kind == "LSTM":
                a = drive + recur
                i, f, g, o = (a[:, k * H : (k + 1) * H] for k in range(4))
                c = sigmoid(f) * c + sigmoid(i) * anp.tanh(g)
                h = sigmoid(o) * anp.tanh(c)
            else:
                rz = sigmoid(drive[:, : 2 * H] + recur[:, : 2 * H])
                n = anp.tanh(drive[:, 2 * H :] + rz[:, :H] * (recur[:, 2 * H :] + params["b_hn"]))
                h = (1 - rz[:, H:]) * n + rz[:, H:] * h
            total = total + anp.sum(h * dh)
        return total

    gradient = autograd.grad(loss, (0, 1))
    return lambda: gradient(model.params, xs)


def best(calls, rounds):
    """The shortest time of each call in seconds; the calls take turns, so that all meet the same disturbances."""
    times = np.full(len(calls), np.inf)
    for _ in range(rounds):
        for i, call in enumerate(calls):
            time.sleep(REST)
            start = time.perf_counter()
            call()
            times[i] = min(times[i], time.perf_counter() - start)
    return times


def case(cell, shape, dtype):
    B, T, D, H = shape
    rng, model = np.random.default_rng(0), CELLS[cell](D, H, dtype=dtype)
    return model, rng.standard_normal((T, B, D)).astype(dtype), rng.standard_normal((T, B, H)).astype(dtype)


def limit(dtype):
    """Floating-point operations a second in a large matrix product."""
    n = 1024
    a = np.ones((n, n), dtype)
    return 2 * n**3 / best([lambda: a @ a], 10)[0]


def row(cell, k, dtype, rate):
    B, T, D, H = SHAPES[k]
    arguments = case(cell, SHAPES[k], dtype)
    mine, peer = best([ours(*arguments), torchs(*arguments)], ROUNDS)
    slow = best([autograds(*arguments)], 3)[0]
    work = 6 * T * B * (D + H) * arguments[0].params["W_hh"].shape[1]  # two products forward, four backward
    allowed = ALLOWED[cell][k]
    entries = [cell, SHAPES[k], np.dtype(dtype).name, f"{mine * 1e3:.2f}", f"{peer * 1e3:.2f}", f"{mine / peer:.2f}"]
    entries += [f"{allowed}", "yes" if mine / peer <= allowed else "no"]
    entries += [f"{slow / mine:.1f}×", f"{work / mine / rate:.0%}", f"{work / slow / rate:.0%}"]
    return "| " + " | ".join(map(str, entries)) + " |"


def exponent(sizes, costs):
    return np.polyfit(np.log(sizes), np.log(costs), 1)[0]


def peak_bytes(call):
    tracemalloc.start()
    call()
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return peak


def growth(cell):
    steps, batch = [100, 200, 400, 800], [32, 64, 128, 256]
    over_T = [ours(*case(cell, (32, T, 32, 64), np.float64)) for T in steps]
    over_B = [ours(*case(cell, (B, 50, 32, 64), np.float64)) for B in batch]
    numbers = exponent(steps, best(over_T, 7)), exponent(batch, best(over_B, 7))
    numbers += (exponent(steps, [peak_bytes(call) for call in over_T]),)
    return f"| {cell} | " + " | ".join(f"{number:.2f}" for number in numbers) + " |"


def main():
    torch.set_num_threads(THREADS)
    load = os.getloadavg()[0]
    rates = {dtype: limit(dtype) for dtype in (np.float32, np.float64)}
    rows = [row(cell, k, dtype, rates[dtype]) for cell in CELLS for dtype in rates for k in range(len(SHAPES))]
    table, growths = "\n".join(rows), "\n".join(map(growth, CELLS))
    gigaflops = " and ".join(f"{rate / 1e9:.0f} GFLOP/s in {np.dtype(dtype).name}" for dtype, rate in rates.items())
    versions = f"Python {platform.python_version()}, numpy {np.__version__}, PyTorch {torch.__version__}"
    return f"""## Cells: forward plus backward

Milliseconds for the outputs and the gradients of all parameters and inputs, with a loss at every step. Best of {ROUNDS}
rounds (3 for autograd), taken in turns. Same weights and inputs, and {THREADS} thread(s) on every side.
{versions}, {platform.machine()}, {os.cpu_count()} cores, load average {load:.1f} when it began.
The limit is the machine's own rate in a 1024×1024 matrix product: {gigaflops}.
*Allowed* is the most that the ratio to PyTorch may be. Autograd should take at least 4 times as long. Where it reaches
more than a quarter of the limit itself, that cannot be: the matrix products are the same for both.

| cell | (B, T, D, H) | type | rnnlib | PyTorch | ratio | allowed | kept | autograd ÷ ours | of the limit | autograd's |
| --- | --- | --- | --- | --- | --- | --- | --- | --- | --- | --- |
{table}

How time and peak memory grow: the exponent p in cost ∝ size^p, float64, D = 32, H = 64.

| cell | time over T = 100 … 800 | time over B = 32 … 256 | memory over T |
| --- | --- | --- | --- |
{growths}
"""
