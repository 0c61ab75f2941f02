"""The room of ``rnnlib.widgets.broken_backward``."""
