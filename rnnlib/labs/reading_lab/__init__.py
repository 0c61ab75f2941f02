"""The room of ``rnnlib.widgets.reading_lab``."""
