"""What all tests share."""

import hypothesis

from rnnlib.labs.threads import one_thread

# The same examples on every run and every machine; a busy machine is no failure.
hypothesis.settings.register_profile("rnnlib", derandomize=True, deadline=None)
hypothesis.settings.load_profile("rnnlib")

one_thread.keep()  # small matrices, and two processes side by side


def pytest_addoption(parser):
    parser.addoption("--renew-pictures", action="store_true", help="store what test_pictures.py draws")
    alone = "run the browser tests on notebooks that run in the browser alone; SITE is a folder that make site built"
    parser.addoption("--alone", metavar="SITE", help=alone)


def pytest_collection_modifyitems(items):
    """Browser tests come last: playwright keeps an event loop running, beside which no other can be started."""
    items.sort(key=lambda item: item.path.parent.name in ("browser", "site"))
