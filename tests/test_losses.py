"""The losses: worked values, gradients by central differences, large logits, masks."""

import numpy as np
import pytest

import rnnlib
from rnnlib.losses import accuracy, cross_entropy, mse

SHAPES = [(3, 4), (5, 3, 4)]


def masks(shape):
    mask = np.random.default_rng(9).random(shape[:-1]) < 0.5
    mask.flat[0], mask.flat[1] = True, False
    return [None, mask]


def test_mse_of_a_worked_example():
    value, gradient = mse([[1.0, 2.0], [3.0, 4.0]], [[1.0, 0.0], [0.0, 4.0]])
    assert value == (4 + 9) / 4
    np.testing.assert_array_equal(gradient, [[0, 1], [1.5, 0]])


def test_cross_entropy_of_a_worked_example():
    value, gradient = cross_entropy(np.log([[1.0, 3.0], [1.0, 1.0]]), [1, 0])
    assert value == pytest.approx((np.log(4 / 3) + np.log(2)) / 2, rel=1e-15)
    np.testing.assert_allclose(gradient, [[0.125, -0.125], [-0.25, 0.25]], rtol=1e-15)


def test_equal_logits_cost_the_logarithm_of_the_number_of_classes():
    assert cross_entropy(np.full((7, 5, 28), 3.0), np.zeros((7, 5), int))[0] == pytest.approx(np.log(28), rel=1e-14)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("masked", [0, 1])
@pytest.mark.parametrize("seed", [0, 1])
def test_gradients_by_central_differences(shape, masked, seed):
    rng, mask = np.random.default_rng(seed), masks(shape)[masked]
    ys, targets, labels = rng.normal(0, 3, shape), rng.standard_normal(shape), rng.integers(shape[-1], size=shape[:-1])
    for loss, goal in ((mse, targets), (cross_entropy, labels)):
        _, gradient = loss(ys, goal, mask)
        numeric = rnnlib.numerical_gradient(lambda y, loss=loss, goal=goal: loss(y, goal, mask)[0], ys)
        np.testing.assert_allclose(gradient, numeric, atol=1e-9)


def test_masked_outputs_count_for_nothing():
    rng = np.random.default_rng(3)
    ys, targets, labels = rng.standard_normal((5, 3, 4)), rng.standard_normal((5, 3, 4)), rng.integers(4, size=(5, 3))
    mask = masks(ys.shape)[1]
    for measure, goal, elsewhere in ((mse, targets, 1e9), (cross_entropy, labels, 0), (accuracy, labels, 0)):
        whole = measure(ys, goal, mask)
        alone = measure(ys[mask], goal[mask])
        other_ys, other_goal = np.where(mask[..., None], ys, 1e6), goal.copy()
        other_goal[~mask] = elsewhere
        changed = measure(other_ys, other_goal, mask)
        if measure is accuracy:
            assert whole == alone == changed
        else:
            assert whole[0] == pytest.approx(alone[0], rel=1e-14)
            assert changed[0] == whole[0]
            assert not whole[1][~mask].any()
            np.testing.assert_allclose(whole[1][mask], alone[1], rtol=1e-14)


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
@pytest.mark.parametrize("size", [1e4, 1e30, 1e38])
def test_large_logits_neither_overflow_nor_warn(dtype, size):
    ys = np.array([[size, 0, -size], [-size, -size, size]], dtype)
    value, gradient = cross_entropy(ys, [0, 2])
    assert value == 0
    assert not gradient.any()
    value, gradient = cross_entropy(ys, [1, 2])
    assert value == pytest.approx(size / 2, rel=1e-6)
    np.testing.assert_array_equal(gradient, [[0.5, -0.5, 0], [0, 0, 0]])
    assert gradient.dtype == dtype


def test_a_common_shift_of_the_logits_changes_nothing():
    ys = np.array([[1.0, 2.0, -1.0]])
    np.testing.assert_allclose(cross_entropy(ys + 512, [0])[1], cross_entropy(ys, [0])[1], rtol=1e-12)


def test_an_error_too_large_to_square_is_infinite_not_a_warning():
    assert mse([[1e200]], [[0.0]])[0] == np.inf


@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_what_is_too_small_is_no_error(dtype):
    ys = np.array([[0, -90, -800], [1e-30, 1e-38, 0], [-1e-30, 800, 0]], dtype)
    tiny = np.full((3, 3), 1e-30 if dtype == np.float32 else 1e-200, dtype)
    with np.errstate(all="raise"):
        value, gradient = cross_entropy(ys, [0, 1, 1])
        assert np.isfinite(value)
        assert np.isfinite(gradient).all()
        value, gradient = mse(tiny, np.zeros((3, 3)))
        assert np.isfinite(value)
        assert accuracy(ys, [0, 0, 1]) == 1


@pytest.mark.parametrize(("measure", "goal"), [(mse, np.zeros((2, 4))), (cross_entropy, [0, 1]), (accuracy, [0, 1])])
def test_what_numpy_masks_is_not_counted_silently(measure, goal):
    hidden = np.ma.masked_array(np.zeros((2, 4)), np.arange(8).reshape(2, 4) == 5)
    with pytest.raises(ValueError, match=r"^ys: expected real numbers everywhere, got a masked array; fill it first"):
        measure(hidden, goal)
    with pytest.raises(ValueError, match=r"^mask: expected booleans everywhere, got a masked array"):
        measure(np.zeros((2, 4)), goal, np.ma.masked_array([True, True], [False, True]))
    with pytest.raises(ValueError, match=r"^(targets|labels): expected real numbers everywhere, got a masked array"):
        measure(np.zeros((2, 4)), np.ma.masked_array(goal, np.ones_like(goal)))


def test_accuracy_is_the_share_of_hits():
    ys = np.eye(4)[[0, 1, 2, 3]]
    assert accuracy(ys, [0, 1, 2, 0]) == 0.75
    assert accuracy(ys, [0, 1, 2, 0], np.array([True, True, False, True])) == 2 / 3


@pytest.mark.parametrize("measure", [cross_entropy, accuracy])
@pytest.mark.parametrize("wrong", [[0, 4], [0, -1], [0, 0.5]])
def test_labels_out_of_range_are_refused(measure, wrong):
    with pytest.raises(ValueError, match=rf"labels: expected whole numbers from 0 to 3, got {wrong[1]}"):
        measure(np.zeros((2, 4)), wrong)


@pytest.mark.parametrize(("measure", "goal"), [(mse, np.zeros((2, 4))), (cross_entropy, [0, 1]), (accuracy, [0, 1])])
def test_wrong_input_is_refused_by_name(measure, goal):
    with pytest.raises(ValueError, match=r"ys: expected finite numbers, got nan"):
        measure(np.full((2, 4), np.nan), goal)
    with pytest.raises(ValueError, match=r"ys: expected \(B, K\), got \(4,\)"):
        measure(np.zeros(4), goal)
    with pytest.raises(ValueError, match=r"(targets|labels): expected \(3"):
        measure(np.zeros((3, 4)), goal)
    with pytest.raises(TypeError, match=r"mask: expected an array of booleans \(2,\), got ndarray of int64 \(2,\)"):
        measure(np.zeros((2, 4)), goal, np.ones(2, np.int64))
    with pytest.raises(ValueError, match=r"mask: expected \(2,\), got \(2, 4\)"):
        measure(np.zeros((2, 4)), goal, np.ones((2, 4), bool))
    with pytest.raises(ValueError, match=r"mask: expected True somewhere, got False everywhere$"):
        measure(np.zeros((2, 4)), goal, np.zeros(2, bool))
