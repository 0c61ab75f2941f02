"""Every lab at several settings and every still, dot for dot as stored in tests/pictures; in each language as it opens.

`make pictures` stores them anew; look at the difference in git. A failure leaves what was drawn, what is stored and the
difference in build/pictures. Dots depend on the version of matplotlib: they are compared with the locked one.

Where the processor rounds in another way than where they were made, marks of errors near 1e-12 move, and so does what
is chaotic: there up to one dot in a hundred may differ (``ELSEWHERE``), and the data that are drawn are held by the
tests of each lab. With OpenBLAS's kernels for Haswell, Nehalem and Prescott (``make kernels``) 3 to 9 of the pictures
were seen to differ, in at most 0.6 % of their dots.
"""

import hashlib
import os
import re
import shutil
from functools import cache
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pytest
from matplotlib.testing.compare import compare_images
from page import read
from threadpoolctl import threadpool_info

from rnnlib import locale, plots, widgets
from rnnlib.activations import ACTIVATIONS
from rnnlib.labs.lab import Lab

ROOT = Path(__file__).parents[1]
STORED, DRAWN = ROOT / "tests/pictures", ROOT / "build/pictures"
LOCKED = re.search(r"^matplotlib==(\S+)", (ROOT / "requirements.lock").read_text(encoding="utf-8"), re.M)[1]
ELSEWHERE = 0.01  # of the dots, where the processor rounds in another way
ALIKE = {"Prescott": "Katmai", "Zen": "Haswell"}  # one kernel for both, and the name that it goes by

# Beside its opening and its presets; "train" is a number of updates. Nothing here is chaotic.
MORE = {
    "sequence_lab": {
        "text_shuffled": {"kind": "text", "example": 7, "shuffle": 3},
        "audio_shuffled": {"kind": "audio", "example": 2, "shuffle": 1},
        "series_shuffled": {"kind": "series", "example": 20, "shuffle": 50},
    },
    "step_through": {
        "relu": {"step": 3, "activation": "relu", "x_1": -2.0, "x_2": 2.0, "weight_scale": 1.5},
        "tanh": {"step": 2, "x_1": -0.4, "x_3": 1.7, "weight_scale": 0.3},
    },
    "reading_lab": {
        "one_letter": {"word": "a", "step": 1, "letter": "z", "weight_scale": 1.0},
        "words": {"word": "trinidad & tobago", "step": 17, "position": 8, "letter": " ", "weight_scale": 0.3},
    },
    "characters_lab": {"trained": {"train": 40, "temperature": 0.5}, "steep": {"train": 3, "learning_rate": 0.1}},
    "bptt_lab": {
        "cut": {"back": 4, "truncation": 2, "weight": -1.5, "seed": 3},
        "steep": {"back": 6, "truncation": 6, "weight": 2.0, "seed": 7},
    },
    "broken_backward": {
        "none": {"bug": "none"},
        "slope": {"bug": "slope", "steps": 12, "batch": 8},
        "overwritten": {"bug": "overwritten", "recurrent_init": "orthogonal", "seed": 5},
        "mean_twice": {"bug": "mean_twice"},
    },
    "gradient_lab": {
        "steep": {"weight_scale": 10.0, "activation": "identity", "hidden_size": 16, "steps": 40},
        "flat": {"weight_scale": 0.1, "activation": "sigmoid", "input_variance": 2.0, "steps": 200},
        "dead": {"activation": "relu", "input_variance": 0.0, "hidden_size": 8},
        "no_theory": {"recurrent_init": "identity", "weight_scale": 0.5, "steps": 30},
        "orthogonal": {"recurrent_init": "orthogonal", "weight_scale": 1.2, "seed": 7},
        "relu": {"activation": "relu", "weight_scale": 1.41},
    },
    "training_lab": {
        "trained": {"weight_scale": 0.9, "train": 60},
        "unclipped": {"weight_scale": 1.0, "clip": False, "train": 60},
        "adding": {"task": "adding", "cell": "LSTM", "steps": 20, "train": 60, "max_norm": 0.1},
        "gru": {"cell": "GRU", "steps": 100, "weight_scale": 0.3},
    },
    "gates_lab": {
        "shut": {"f": 0.0, "i_marked": 0.0, "o": 0.0},
        "full": {"f": 1.0, "i_other": 1.0, "steps": 200},
        "unit_1": {"gates": "trained", "unit": 1, "steps": 30, "forget_bias": -2.0, "weight_scale": 2.0},
    },
}
K = np.arange(21)
STILLS = {
    "draw_growth": ({"falls": 0.8**K, "level": 1.0**K, "rises": 1.1**K, "short": 0.5 ** K[:8]}, "steps", "left"),
    "draw_derivatives": (
        {name: known.derivative(np.linspace(-3, 3, 61)) for name, known in ACTIVATIONS.items()},
        np.linspace(-3, 3, 61),
    ),
    "draw_parameters": ({"recurrent": np.full(21, 30.0), "window": 12.0 * K},),
    "draw_memory": ({"short": 0.6**K, "long": 0.9**K, "longer": 0.97**K, "none": 0.0 * K},),
    "draw_paths": ({"in": 0.9 ** K[:, None] * np.c_[np.cos(K), np.sin(K)], "round": np.c_[np.sin(K), np.cos(K)]},),
    "draw_quartiles": (
        np.array([0.3, 0.6, 1.0, 1.5, 2.0]),
        {"many": np.outer([1, 1.2, 1.5], [5.0, 7.5, 9.8, 6.4, 2.0]), "one": np.full((1, 5), 3.0)},
        "slopes.x",
        "reading.capacity",
    ),
    "draw_errors": (0.1**K, {"forward": 0.1**K + 1e-16, "central": 0.01**K + 1e-11}, "eps", "log"),
    "draw_uses": (),
    "draw_trainability": (
        np.array([[g, seed, 0, 0.25 + seed / 10 + g / 9] for g in (0.3, 0.9, 1.8) for seed in range(4)]),
    ),
}


def kinds(kind):
    return [kind, *(each for child in kind.__subclasses__() for each in kinds(child))]


def labs():
    ours = [kind for kind in kinds(Lab) if kind.__module__.startswith("rnnlib.") and "presets" in vars(kind)]
    presets = {kind.name: kind.presets for kind in ours}  # without opening any
    for name, more in MORE.items():
        for setting, settings in {"opened": {}, **presets[name], **more}.items():
            yield f"{name}-{setting}", name, settings


@cache
def lab_of(name, language):
    return getattr(widgets, name)()


def lab_picture(name, settings):
    """What a lab shows with these settings; however it came to them, the picture is that of a new one."""
    settings = dict(settings)
    updates = settings.pop("train", 0)
    lab = lab_of(name, locale.language())
    lab.reset()
    lab.apply(**settings)
    if updates:
        lab.train(updates)
    return lab.figure.png()


PICTURES = {key: (lab_picture, name, settings) for key, name, settings in labs()} | {
    f"still-{name}": (lambda name, data: plots.Still(getattr(plots, name), *data, alt="").png, name, data)
    for name, data in STILLS.items()
}


def spoken(language, draw, *what):
    """What this draws in this language."""
    with locale.speaking(language):
        return draw(*what)


PICTURES |= {
    f"{language}-{name.removesuffix('-opened')}": (spoken, language, *what)
    for language in locale.languages()
    for name, what in list(PICTURES.items())
    if language != "en" and name.endswith(("-opened", *STILLS))
}


def rounding():
    """How this processor rounds: a digest of what the labs compute with."""
    a = np.random.default_rng(0).standard_normal((64, 64))
    numbers = np.concatenate([a @ a, a[:5] @ a, np.tanh(a), np.exp(a), np.linalg.svd(a)[0], np.linalg.qr(a)[0]])
    return hashlib.sha256(numbers.tobytes()).hexdigest()


@pytest.fixture(scope="module")
def allowed(request):
    """The share of dots that may differ."""
    kept = STORED / "rounding"
    if request.config.getoption("renew_pictures"):
        kept.write_text(rounding() + "\n", encoding="utf-8")
    return 0 if kept.read_text(encoding="utf-8").strip() == rounding() else ELSEWHERE


@pytest.mark.skipif(version("matplotlib") != LOCKED, reason="pictures are compared with the locked matplotlib")
@pytest.mark.parametrize("name", PICTURES)
def test_it_looks_as_stored(name, request, allowed):
    draw, *what = PICTURES[name]
    stored, drawn, beside = STORED / f"{name}.png", DRAWN / f"{name}.png", DRAWN / f"{name}-stored.png"
    picture = draw(*what)
    if request.config.getoption("renew_pictures"):
        stored.write_bytes(picture)
    assert stored.exists(), "no such picture is stored: make pictures"
    one, other = read(picture), read(stored.read_bytes())
    if one.shape != other.shape or np.any(one != other, axis=2).mean() > allowed:
        DRAWN.mkdir(parents=True, exist_ok=True)
        drawn.write_bytes(picture)
        shutil.copy(stored, beside)
        raise AssertionError(compare_images(beside, drawn, tol=0) or f"{drawn} is not as stored")


def test_every_lab_and_every_still_has_its_pictures():
    assert set(MORE) == {name for name in vars(widgets) if callable(getattr(widgets, name)) and name != "quiz"}
    assert set(STILLS) == {name for name in vars(plots) if name.startswith("draw_")}
    assert {path.stem for path in STORED.glob("*.png")} == set(PICTURES)


@pytest.mark.skipif("OPENBLAS_CORETYPE" not in os.environ, reason="asks for no other processor's rounding")
def test_it_rounds_as_the_processor_that_was_asked_for():
    # OpenBLAS passes over a name that it does not know.
    asked = os.environ["OPENBLAS_CORETYPE"]
    assert {library.get("architecture") for library in threadpool_info()} == {ALIKE.get(asked, asked)}
