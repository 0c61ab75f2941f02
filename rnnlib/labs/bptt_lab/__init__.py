"""The room of ``rnnlib.widgets.bptt_lab``."""
