"""Write in_order.npz again: the six small networks of the sequence lab.

Run by hand, python rnnlib/data/make_in_order.py: about 20 seconds. For each kind of sequence one network reads it step
by step, and one like it is given the bag of inputs. The question is: in order (1), or shuffled (0)? At every update
each sequence of the batch comes once in order and once shuffled anew. Longer training learns the sequences by heart.
"""

from pathlib import Path

import numpy as np

import rnnlib
from rnnlib import sequences
from rnnlib.labs.sequence_lab.compute import HIDDEN, KINDS
from rnnlib.sequences import Batch

UPDATES = {"text": 600, "audio": 300, "series": 300}
BATCH = 32


def task(seen, rng):
    """BATCH sequences in order and the same ones shuffled, asked after every step."""
    chosen = [seen[i] for i in rng.choice(len(seen), BATCH)]
    both = [*chosen, *(rng.permutation(xs) for xs in chosen)]
    xs, lengths = sequences.pad(both)
    labels = np.tile(np.arange(len(both)) < BATCH, (len(xs), 1)).astype(int)
    return Batch(xs, labels, np.arange(len(xs))[:, None] < lengths)


def bags(batch):
    """The same question about the bag of inputs."""
    bag = batch.xs.sum(axis=0, keepdims=True) / batch.mask.sum(axis=0)[:, None]
    return Batch(bag, batch.targets[:1])


def main():
    """Train all six."""
    stored = {}
    for kind, made in KINDS.items():
        seen = made().seen
        for reader, seen_as in (("recurrent", lambda batch: batch), ("bag", bags)):
            rng = np.random.default_rng(0)
            rnn = rnnlib.RNN(seen[0].shape[1], HIDDEN, rng=0)
            readout = rnnlib.Readout(HIDDEN, 2, every_step=True)
            training = rnnlib.Training(rnn, readout, rnnlib.cross_entropy, rnnlib.Adam(0.005), max_norm=1.0)
            for record in training.run(seen_as(task(seen, rng)) for _ in range(UPDATES[kind])):
                if record.step % 300 == 0:
                    print(kind, reader, record.step, round(record.loss, 3), flush=True)
            for name, value in (rnn.params | readout.params).items():
                stored[f"{kind}/{reader}/{name}"] = value.astype(np.float32)
    np.savez_compressed(Path(__file__).with_name("in_order.npz"), **stored)


if __name__ == "__main__":
    main()
