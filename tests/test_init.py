"""What `import rnnlib` gives."""

import subprocess
import sys
import tomllib
from pathlib import Path

import numpy as np
import pytest
from packaging.version import Version

import rnnlib

ROOT = Path(__file__).parents[1]


PACKAGES = sorted(path.parent.name for path in Path(rnnlib.__file__).parent.glob("*/__init__.py"))


@pytest.mark.parametrize("name", [name for name in PACKAGES if name != "locale"])
def test_packages_load_on_first_use(name):
    code = f"import sys, rnnlib; assert 'rnnlib.{name}' not in sys.modules; print(rnnlib.{name}.__name__)"
    told = subprocess.run([sys.executable, "-W", "error", "-c", code], capture_output=True, text=True)
    assert (told.stdout, told.stderr) == (f"rnnlib.{name}\n", "")


def test_what_there_is_is_listed():
    listed = dir(rnnlib)
    assert {*PACKAGES, "RNN", "Training", "dream", "sequences", "theory", "__version__"} <= set(listed)
    assert listed == sorted(set(listed))


def test_the_version_is_one_and_costs_no_import():
    told = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    assert "version" not in told["project"]
    assert told["project"]["dynamic"] == ["version"]  # the build backend reads it from the module
    assert Version(rnnlib.__version__).release >= (0, 1)
    code = "import sys, rnnlib; print('importlib.metadata' in sys.modules, rnnlib.__version__)"
    said = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert said == f"False {rnnlib.__version__}\n"


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match=r"^module 'rnnlib' has no attribute 'RNNs'$"):
        rnnlib.RNNs  # noqa: B018


def test_the_names_and_orders_of_arguments_that_others_rely_on():
    xs = np.zeros((2, 1, 3))
    for model in (
        rnnlib.RNN(3, 4, "tanh", 1.0, "gaussian", 0, np.float64),
        rnnlib.RNN(input_size=3, hidden_size=4, activation="relu", weight_scale=2, recurrent_init="identity", rng=1),
        rnnlib.LSTM(3, 4, forget_bias=2.0, rng=0, dtype="float32"),
        rnnlib.GRU(3, 4, weight_scale=0.5, recurrent_init="orthogonal", rng=0),
    ):
        trace = model.forward(xs, h_0=np.zeros((1, 4)))
        grads = model.backward(trace, dhs=np.zeros((2, 1, 4)))
        assert grads.params.keys() == model.params.keys()
        assert (grads.xs.shape, grads.hs.shape) == (xs.shape, (3, 1, 4))
        assert rnnlib.log_gradient_norms(rnn=model, xs=xs, dh_T=None).shape == (3, 1)
    assert rnnlib.numerical_gradient(f=np.sum, x=[1.0], eps=1e-3) == pytest.approx(1)
    assert rnnlib.clip_by_norm(gradients={"a": np.ones(1)}, max_norm=1.0)[1] == 1
    assert rnnlib.theory.mean_field_slope(weight_scale=2.0, activation="identity", input_variance=0) == np.log(2)
    assert rnnlib.theory.critical_weight_scale(activation="relu", input_variance=0) == pytest.approx(np.sqrt(2))
    assert rnnlib.theory.norm_bound(W_hh=np.eye(2), activation="sigmoid") == 0.25
    assert rnnlib.theory.spectral_radius(W=np.eye(2)) == 1
