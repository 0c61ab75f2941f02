"""The room of ``rnnlib.widgets.gradient_lab``."""
