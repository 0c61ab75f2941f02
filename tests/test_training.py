"""The training loop: it learns, can be stopped and changed, truncates as it says, and ends well when it fails."""

import itertools

import numpy as np
import pytest

import rnnlib
from rnnlib import GRU, LSTM, RNN, SGD, Adam, Readout, Training, accuracy, cross_entropy, mse, sequences

CELLS = [RNN, GRU, LSTM]


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
@pytest.mark.parametrize("every_step", [False, True])
def test_a_step_is_one_step_of_gradient_descent_by_central_differences(cell, every_step):
    rng = np.random.default_rng(5)
    xs, mask = rng.standard_normal((4, 3, 8)), rng.random((4, 3)) < 0.7
    labels = rng.integers(4, size=(4, 3) if every_step else 3)
    batch = (xs, labels, mask) if every_step else (xs, labels)
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
    assert free.log_norms is None
    training.max_norm, training.log_norms, training.metric = 1e-3, True, None
    before = params(training)
    clipped = next(run)
    assert clipped.clipped_norm == 1e-3 < clipped.norm
    assert clipped.log_norms.shape == (13, 8)
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
def test_log_norms_are_those_of_the_loss(cell):
    training = classifier(cell, log_norms=True)
    batch = next(batches())
    trace = training.model.forward(batch.xs)
    _, dys = cross_entropy(training.readout.forward(trace.hs), batch.targets)
    _, dhs = training.readout.backward(trace.hs, dys)
    expected = rnnlib.log_gradient_norms(training.model, batch.xs, dhs[-1])
    (record,) = training.run([batch])
    np.testing.assert_allclose(record.log_norms, expected, rtol=1e-10)


@pytest.mark.parametrize("cell", CELLS)
def test_log_norms_of_a_loss_at_every_step_are_the_total_derivatives(cell):
    rng = np.random.default_rng(0)
    batch = (rng.standard_normal((5, 3, 8)), rng.integers(4, size=(5, 3)), np.arange(5)[:, None] < [5, 3, 1])
    training = classifier(cell, every_step=True, log_norms=True)
    trace = training.model.forward(batch[0])
    _, dys = cross_entropy(training.readout.forward(trace.hs), *batch[1:])
    back = training.model.backward(trace, training.readout.backward(trace.hs, dys)[1])
    squares = (back.hs**2).sum(axis=2) + ((back.cs**2).sum(axis=2) if cell is LSTM else 0)
    (record,) = training.run([batch])
    with np.errstate(divide="ignore"):
        np.testing.assert_allclose(record.log_norms, np.log(squares) / 2, rtol=1e-10)
    assert record.log_norms[2:, 2].max() == -np.inf  # nothing counts there any more


def test_log_norms_do_not_underflow():
    training = Training(
        RNN(8, 12, "sigmoid", 0.1, dtype=np.float32), Readout(12, 4, dtype=np.float32), cross_entropy, SGD(0.1)
    )
    training.log_norms = True
    (record,) = training.run([sequences.temporal_order(200, 4, 0)])
    assert np.isfinite(record.log_norms).all()
    assert record.log_norms[0].max() < -500


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
