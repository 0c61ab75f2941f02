"""The room of ``rnnlib.widgets.training_lab``."""
