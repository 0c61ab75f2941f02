"""What all tests share."""

import hypothesis

# The same examples on every run and every machine; a busy machine is no failure.
hypothesis.settings.register_profile("rnnlib", derandomize=True, deadline=None)
hypothesis.settings.load_profile("rnnlib")
