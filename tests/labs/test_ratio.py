"""How a ratio of gradient norms is said."""

import numpy as np
import pytest

from rnnlib.gradients import LIMIT
from rnnlib.labs.ratio import fate, ratio


@pytest.mark.parametrize(
    ("log_r", "digits", "words"),
    [
        (-749.0, "5.2e-326", "vanishes"),
        (np.log(9.99e-4), "1.0e-3", "vanishes"),
        (-LIMIT, "1.0e-3", "carries"),  # only what is beyond
        (np.log(0.4), "0.40", "carries"),
        (0.0, "1", "carries"),
        (np.log(42), "42", "carries"),
        (np.log(990), "9.9e+2", "carries"),
        (LIMIT, "1.0e+3", "carries"),
        (np.log(1010), "1.0e+3", "explodes"),
        (800.0, "2.7e+347", "explodes"),
        (-np.inf, "0", "is exactly zero"),
    ],
)
def test_ratio_and_fate(log_r, digits, words):
    assert (ratio(log_r), fate(log_r)) == (digits, words)
