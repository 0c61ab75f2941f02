"""Write adding_lstm.npz again: a small LSTM that adds the two marked numbers among 50.

Run by hand, python rnnlib/data/make_adding_lstm.py: about a minute. The file holds the parameters of the network and of
its readout by name. Its mean squared error on fresh sequences is printed: guessing 1 has 1/6.
"""

import itertools
from pathlib import Path

import numpy as np

from rnnlib import LSTM, Adam, Readout, Training, mse, sequences

STEPS, HIDDEN_SIZE, UPDATES = 50, 4, 4000


def trained() -> Training:
    """The network after training; the learning rate falls for the last quarter."""
    model = LSTM(2, HIDDEN_SIZE, recurrent_init="orthogonal", forget_bias=3.0, rng=0)
    training = Training(model, Readout(HIDDEN_SIZE, 1, rng=0), mse, Adam(1e-2), max_norm=1.0)
    rng = np.random.default_rng(0)
    batches = (sequences.adding(STEPS, 32, rng) for _ in range(UPDATES))
    for _ in itertools.islice(training.run(batches), 3 * UPDATES // 4):
        pass
    training.optimizer.learning_rate = 2e-3
    for _ in training.run(batches):
        pass
    return training


if __name__ == "__main__":
    training = trained()
    params = training.model.params | training.readout.params
    np.savez(Path(__file__).with_name("adding_lstm.npz"), **{name: value.round(4) for name, value in params.items()})
    print(f"mean squared error {training.evaluate(sequences.adding(STEPS, 500, 1))[0]:.5f}")
