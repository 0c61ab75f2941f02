"""The room of ``rnnlib.widgets.sequence_lab``."""
