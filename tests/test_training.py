"""The training loop: it learns, can be stopped and changed, truncates as it says, and ends well when it fails."""

import itertools
from dataclasses import dataclass

import numpy as np
import pytest

import rnnlib
from rnnlib import GRU, LSTM, RNN, Adam, Readout, Training, accuracy, cross_entropy, mse, sequences

CELLS = [RNN, GRU, LSTM]


@dataclass
class SGD:
    """Plain descent: an optimizer as a reader may write one."""

    learning_rate: float

    def update(self, params, gradients, state):
        return {name: value - self.learning_rate * gradients[name] for name, value in params.items()}, state


def batches(steps=12, batch=8, seed=0):
    rng = np.random.default_rng(seed)
    while True:
        yield sequences.temporal_order(steps, batch, rng)


def classifier(cell=RNN, every_step=False, seed=0, **settings):
    settings = {"optimizer": Adam(5e-3), "metric": accuracy} | settings
    return Training(cell(8, 12, rng=seed), Readout(12, 4, every_step, rng=seed), cross_entropy, **settings)


def params(training):
    return {name: value.copy() for name, value in (training.model.params | training.readout.params).items()}


def assert_same(a, b):
    assert a.keys() == b.keys()
    for name in a:
        np.testing.assert_array_equal(a[name], b[name], err_msg=name)


@pytest.mark.parametrize("cell", CELLS)
def test_it_learns_a_short_task(cell):
    training, held_out = classifier(cell, optimizer=Adam(1e-2), max_norm=1.0), next(batches(batch=200, seed=99))
    before = training.evaluate(held_out)
    records = list(itertools.islice(training.run(batches(batch=32)), 400))
    loss, hits = training.evaluate(held_out)
    assert [r.step for r in records] == list(range(1, 401))
    assert before[1] < 0.5
    assert hits > 0.95
    assert loss < 0.3 < np.log(4) / 2 < before[0]
    assert np.mean([r.loss for r in records[-20:]]) < 0.3


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("kind", ["at the end", "at every step", "padded"])
def test_a_step_is_one_step_of_gradient_descent_by_central_differences(cell, kind):
    rng, every_step = np.random.default_rng(5), kind == "at every step"
    xs, mask = rng.standard_normal((4, 3, 8)), rng.random((4, 3)) < 0.7
    labels = rng.integers(4, size=(4, 3) if every_step else 3)
    batch = (xs, labels, mask if every_step else None, *([[2, 4, 3]] if kind == "padded" else []))
    training = classifier(cell, every_step, optimizer=SGD(1.0))
    old = params(training)

    def loss_at(owner, name, value):
        before, owner.params[name] = owner.params[name], value
        loss, _ = training.evaluate(batch)
        owner.params[name] = before
        return loss

    numeric = {
        name: rnnlib.numerical_gradient(lambda v, o=owner, n=name: loss_at(o, n, v), owner.params[name])
        for owner in (training.model, training.readout)
        for name in owner.params
    }
    (record,) = training.run([batch])
    new = params(training)
    for name, gradient in numeric.items():
        np.testing.assert_allclose(old[name] - new[name], gradient, atol=2e-9, err_msg=name)
    norm = np.sqrt(sum((g**2).sum() for g in numeric.values()))
    assert record.norm == record.clipped_norm == pytest.approx(norm, rel=1e-7)


def test_stopping_and_going_on_is_as_if_never_stopped():
    whole, parts, source = classifier(), classifier(), batches()
    straight = list(itertools.islice(whole.run(batches()), 20))
    stopped = list(itertools.islice(parts.run(source), 7))
    stopped += list(itertools.islice(parts.run(source), 13))
    assert stopped == straight
    assert_same(params(parts), params(whole))


def test_settings_may_change_between_two_steps():
    training = classifier(optimizer=SGD(0.1))
    run = training.run(batches())
    free = next(run)
    assert free.clipped_norm == free.norm > 1e-3
    training.max_norm, training.metric = 1e-3, None
    before = params(training)
    clipped = next(run)
    assert clipped.clipped_norm == 1e-3 < clipped.norm
    assert clipped.metric is None
    moved = np.sqrt(sum(((params(training)[name] - before[name]) ** 2).sum() for name in before))
    assert moved == pytest.approx(0.1 * 1e-3, rel=1e-9)
    training.optimizer.learning_rate, training.max_norm = 0, None
    before = params(training)
    assert next(run).clipped_norm > 1e-3
    assert_same(params(training), before)
    training.model.activation = rnnlib.RNN(1, 1, "relu").activation
    assert np.isfinite(next(run).loss)


@pytest.mark.parametrize("cell", CELLS)
def test_truncation_carries_the_states_on_and_stops_the_gradient(cell):
    rng = np.random.default_rng(2)
    batch = (rng.standard_normal((7, 3, 8)), rng.integers(4, size=(7, 3)))
    training = classifier(cell, every_step=True, optimizer=SGD(0.3), window=3)
    twin, expected, starts = classifier(cell, every_step=True), [], {}
    for window in (slice(0, 3), slice(3, 6), slice(6, 7)):
        trace = twin.model.forward(batch[0][window], **starts)
        loss, dys = cross_entropy(twin.readout.forward(trace.hs), batch[1][window])
        d_read, dhs = twin.readout.backward(trace.hs, dys)
        gradients = twin.model.backward(trace, dhs).params | d_read
        for owner in (twin.model, twin.readout):
            owner.params = {name: value - 0.3 * gradients[name] for name, value in owner.params.items()}
        starts = {"h_0": trace.hs[-1]} | ({"c_0": trace.cs[-1]} if cell is LSTM else {})
        expected.append(loss)
    records = list(training.run([batch]))
    np.testing.assert_allclose([r.loss for r in records], expected, rtol=1e-12)
    for name, value in params(twin).items():
        np.testing.assert_allclose(params(training)[name], value, rtol=1e-10, err_msg=name)


def test_a_window_as_long_as_the_sequence_is_no_truncation():
    rng = np.random.default_rng(2)
    source = [(rng.standard_normal((7, 3, 8)), rng.integers(4, size=(7, 3))) for _ in range(4)]
    whole, windowed = classifier(every_step=True), classifier(every_step=True, window=7)
    assert list(whole.run(source)) == list(windowed.run(source))
    assert_same(params(whole), params(windowed))


def test_a_window_where_nothing_counts_is_heard_but_not_learnt_from():
    def echo(window, lag=4):
        model, readout = RNN(1, 10, "identity", 1.0, "orthogonal"), Readout(10, 1, every_step=True)
        return Training(model, readout, mse, SGD(0.0), window=window), sequences.echo(12, 5, lag, 0)

    training, batch = echo(window=2)
    records = list(training.run([batch]))
    assert [r.step for r in records] == [1, 2, 3, 4]
    # The states are those of the whole sequence: the windows' mean loss is the whole loss.
    assert np.mean([r.loss for r in records]) == pytest.approx(training.evaluate(batch)[0], rel=1e-12)


# Padded batches


def alone(batch):
    """The sequences of a padded batch, each a batch of its own without padding."""
    xs, targets, _, lengths = batch
    return [(xs[:n, b : b + 1], targets[b : b + 1]) for b, n in enumerate(lengths)]


def padded(seed=0, lengths=(5, 2, 7, 2), dirty=0.0):
    """Sequences of these lengths; what stands behind their ends may be anything."""
    rng = np.random.default_rng(seed)
    xs, lengths = sequences.pad([rng.standard_normal((n, 8)) for n in lengths])
    xs[np.arange(len(xs))[:, None] >= lengths] = dirty
    return xs, rng.integers(4, size=len(lengths)), None, lengths


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("dirty", [0.0, 3.0])
def test_a_padded_batch_is_each_sequence_alone(cell, dirty):
    training, batch = classifier(cell), padded(dirty=dirty)
    xs, targets, _, lengths = batch
    model, readout = training.model, training.readout
    model.params["b_h"] += 0.5  # so that the state would move on over zeros
    trace = model.forward(xs)
    ys = readout.forward(trace.hs, lengths)
    loss, dys = cross_entropy(ys, targets)
    d_read, dhs = readout.backward(trace.hs, dys, lengths)
    back, sums, losses = model.backward(trace, dhs), {}, []
    for b, (own_xs, target) in enumerate(alone(batch)):
        one, n = model.forward(own_xs), len(own_xs)
        np.testing.assert_allclose(ys[b], readout.forward(one.hs)[0], rtol=1e-12)
        value, dy = cross_entropy(readout.forward(one.hs), target)
        losses.append(value)
        d_own, dhs_own = readout.backward(one.hs, dy / 4)  # the batch's loss is the mean over four
        own = model.backward(one, dhs_own)
        for name, gradient in (own.params | d_own).items():
            sums[name] = sums.get(name, 0) + gradient
        np.testing.assert_allclose(back.xs[:n, b], own.xs[:, 0], rtol=1e-9, atol=1e-15)
        for state in model.states:
            whole, short = getattr(back, f"{state}s"), getattr(own, f"{state}s")
            np.testing.assert_allclose(whole[: n + 1, b], short[:, 0], rtol=1e-9, atol=1e-15)
            assert not whole[n + 1 :, b].any()
        assert not back.xs[n:, b].any()  # exactly nothing comes from the padding
    assert loss == pytest.approx(np.mean(losses), rel=1e-12) == training.evaluate(batch)[0]
    for name, gradient in (back.params | d_read).items():
        np.testing.assert_allclose(gradient, sums[name], rtol=1e-9, atol=1e-14, err_msg=name)
    read_at_T = readout.forward(trace.hs)
    assert np.abs(read_at_T - ys)[[0, 1, 3]].min(axis=1).max() > 1e-3  # which is what goes wrong without lengths


@pytest.mark.parametrize("cell", CELLS)
def test_training_on_padded_sequences_of_one_length_is_training_on_them_unpadded(cell):
    with_padding, without = classifier(cell), classifier(cell)
    for seed in range(5):
        xs, targets, _ = batch = padded(seed, (6,) * 5)[:3]
        longer = np.concatenate([xs, np.full((4, 5, 8), 9.0)])
        (padded_record,) = with_padding.run([(longer, targets, None, np.full(5, 6))])
        (record,) = without.run([batch])
        assert padded_record.loss == pytest.approx(record.loss, rel=1e-9)
        assert padded_record.norm == pytest.approx(record.norm, rel=1e-9)
    for name, value in params(without).items():
        np.testing.assert_allclose(params(with_padding)[name], value, rtol=1e-7, atol=1e-9, err_msg=name)


def test_lengths_are_refused_where_a_mask_does_it():
    batch = padded()
    every = (batch[0], np.zeros((7, 4), int), *batch[2:])
    for settings in ({}, {"window": 3}):
        with pytest.raises(ValueError, match=r"^lengths: expected None with a readout at every step, where a mask"):
            next(classifier(every_step=True, **settings).run([every]))
    with pytest.raises(ValueError, match=r"^lengths: expected None with a readout at every step, where a mask"):
        classifier(every_step=True).evaluate(every)
    with pytest.raises(ValueError, match=r"^window: expected None with a readout at the last step, got 3"):
        next(classifier(window=3).run([batch]))


# What goes on, what is refused


@pytest.mark.parametrize("make", [Adam, SGD])
def test_one_optimizer_trains_two_models_as_two_would(make):
    shared, apart = make(1e-2), [classifier(cell, optimizer=make(1e-2), seed=s) for s, cell in enumerate((RNN, LSTM))]
    together = [classifier(cell, optimizer=shared, seed=s) for s, cell in enumerate((RNN, LSTM))]
    for training in apart:
        list(itertools.islice(training.run(batches()), 5))
    for _ in itertools.islice(zip(*(training.run(batches()) for training in together)), 5):
        pass
    for one, other in zip(together, apart):
        assert_same(params(one), params(other))


class TooFar(Adam):
    """Adam, but its steps end at infinity."""

    def update(self, *given):
        params, state = super().update(*given)
        return {name: value + np.inf for name, value in params.items()}, state


def test_a_failed_update_leaves_what_adam_remembers_where_it_was():
    training, source = classifier(optimizer=Adam(1e-2)), batches()
    twin = classifier(optimizer=Adam(1e-2))
    first, second = next(source), next(source)
    list(training.run([first]))
    list(twin.run([first]))
    adam, training.optimizer = training.optimizer, TooFar(1e-2)
    with pytest.raises(FloatingPointError, match="step 2: the update is not finite"):
        list(training.run([second]))
    training.optimizer = adam
    list(training.run([second]))
    list(twin.run([second]))
    assert_same(params(training), params(twin))


def test_parameters_and_memory_of_adam_go_back_together():
    """The loss is no number at step 3: both are again what they were before the update of step 2."""
    training, source = classifier(optimizer=Adam(1e-2)), batches()
    twin = classifier(optimizer=Adam(1e-2))
    first, second, third = (next(source) for _ in range(3))
    list(training.run([first, second]))
    list(twin.run([first]))
    loss, training.loss = training.loss, lambda *given: (np.nan, np.zeros((8, 4)))
    with pytest.raises(FloatingPointError, match="step 3: the loss is not finite"):
        list(training.run([third]))
    training.loss = loss
    assert_same(params(training), params(twin))
    list(training.run([third]))
    list(twin.run([third]))
    assert_same(params(training), params(twin))


@pytest.mark.parametrize("cell", CELLS)
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_what_is_too_small_is_no_error(cell, dtype):
    """Over 300 steps at scale 0.01 every gradient underflows: under numpy's strictest setting as under its own."""

    def run():
        model, readout = cell(8, 6, weight_scale=0.01, dtype=dtype), Readout(6, 4, dtype=dtype)
        readout.params["W_hy"] *= 1e-30
        training = Training(model, readout, cross_entropy, Adam(1e-3), accuracy, max_norm=1.0)
        list(training.run([sequences.temporal_order(300, 3, 0)] * 2))
        return params(training) | {"seen": training.evaluate(sequences.temporal_order(300, 3, 1))}

    usual = run()
    with np.errstate(all="raise"):
        assert_same(run(), usual)


def test_settings_of_the_wrong_kind_are_refused():
    with pytest.raises(TypeError, match=r"^mask: expected an array of booleans \(4, 3\), got list of int64 \(4, 3\)"):
        next(classifier(every_step=True).run([(np.zeros((4, 3, 8)), np.zeros((4, 3), int), [[1, 0, 1]] * 4)]))
    masked = np.ma.masked_array(np.zeros((4, 3), bool), np.eye(4, 3) > 0)
    with pytest.raises(ValueError, match=r"^mask: expected booleans everywhere, got a masked array"):
        next(classifier(every_step=True).run([(np.zeros((4, 3, 8)), np.zeros((4, 3), int), masked)]))


def test_a_window_needs_a_loss_at_every_step():
    with pytest.raises(ValueError, match="window: expected None with a readout at the last step, got 3"):
        next(classifier(window=3).run(batches()))
    with pytest.raises(ValueError, match="window: expected a whole number of at least 1, got 0"):
        next(classifier(every_step=True, window=0).run(batches()))


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_float32_stays_float32(dtype):
    training = Training(LSTM(8, 6, dtype=dtype), Readout(6, 4, dtype=dtype), cross_entropy, Adam(1e-2), max_norm=0.01)
    list(itertools.islice(training.run(batches()), 3))
    assert {value.dtype for value in params(training).values()} == {np.dtype(dtype)}


def regression(learning_rate, dtype=np.float64):
    model = RNN(2, 6, "identity", dtype=dtype)
    return Training(model, Readout(6, 1, dtype=dtype), mse, SGD(learning_rate))


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("learning_rate", [3.0, 1e10, 1e20])
def test_divergence_names_the_step_and_keeps_the_last_good_parameters(dtype, learning_rate):
    training, rng = regression(learning_rate, dtype), np.random.default_rng(0)
    source = [sequences.adding(10, 4, rng) for _ in range(200)]
    starts, records = [params(training)], []

    def run():
        for record in training.run(source):
            records.append(record)
            starts.append(params(training))

    with pytest.raises(FloatingPointError, match=r"training stopped at step \d+: ") as caught:
        run()
    steps = len(records)
    assert f"step {steps + 1}: " in str(caught.value)
    assert np.isfinite([record.loss for record in records]).all()
    kept = params(training)
    assert all(np.isfinite(value).all() for value in kept.values())
    # Those of the last step whose loss and gradient were finite: of the step that failed, or of the one before.
    assert any(all((kept[n] == start[n]).all() for n in kept) for start in starts[-2:])
    assert np.isfinite(training.evaluate(source[steps - 1])[0])


def test_an_update_that_is_too_large_is_not_made():
    training, batch = regression(1e308), sequences.adding(10, 4, 0)
    batch = batch._replace(targets=batch.targets * 1e3)
    before = params(training)
    with pytest.raises(FloatingPointError, match="step 1: the update is not finite; use a smaller learning rate"):
        next(training.run([batch]))
    assert_same(params(training), before)


def test_a_gradient_that_overflows_is_said_in_words():
    training = regression(0.1)
    training.readout.params["W_hy"] *= 1e140
    training.model.params["W_xh"] *= 1e-130
    (xs, targets, _), before = sequences.adding(10, 4, 0), params(training)
    with pytest.raises(FloatingPointError, match=r"training stopped at step 1: .*gradient"):
        next(training.run([(xs * 1e140, targets)]))
    assert_same(params(training), before)


def test_after_a_failure_training_can_go_on():
    training, batch = regression(1e20), sequences.adding(10, 4, 0)
    with pytest.raises(FloatingPointError):
        list(training.run([batch] * 100))
    training.optimizer.learning_rate = 1e-3
    first, *_, last = training.run([batch] * 50)
    assert last.loss < first.loss


def test_evaluating_changes_nothing():
    training, batch = classifier(), next(batches())
    before = params(training)
    loss, hits = training.evaluate(batch)
    assert (loss, hits) == training.evaluate(batch)
    assert_same(params(training), before)
    assert training.steps == 0
    (record,) = training.run([batch])
    assert (record.loss, record.metric) == (loss, hits)


def test_wrong_settings_and_batches_are_refused_by_name():
    with pytest.raises(ValueError, match="max_norm: expected a number above 0, got 0"):
        next(classifier(max_norm=0).run(batches()))
    with pytest.raises(ValueError, match=r"xs: expected \(T, B, 8\), got \(3, 2, 7\)"):
        next(classifier().run([(np.zeros((3, 2, 7)), [0, 1])]))
    with pytest.raises(ValueError, match=r"labels: expected \(2,\), got \(3,\)"):
        next(classifier().run([(np.zeros((3, 2, 8)), [0, 1, 2])]))
