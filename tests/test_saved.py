"""Networks from the package's data."""

from importlib import resources

import numpy as np
import pytest

from rnnlib import LSTM, Readout
from rnnlib.labs.saved import saved


def test_a_saved_network_has_the_files_parameters_in_float64():
    lstm, readout = saved("adding_lstm.npz", model := LSTM(2, 4), Readout(4, 1))
    assert lstm is model
    with np.load(resources.files("rnnlib") / "data/adding_lstm.npz") as file:
        for name, value in (lstm.params | readout.params).items():
            assert value.dtype == np.float64
            np.testing.assert_array_equal(value, file[name])


def test_a_name_that_the_file_has_not_is_an_error():
    with pytest.raises(KeyError, match="nobody/W_xh"):
        saved("adding_lstm.npz", LSTM(2, 4), Readout(4, 1), "nobody/")
