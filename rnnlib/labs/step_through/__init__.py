"""The room of ``rnnlib.widgets.step_through``."""
