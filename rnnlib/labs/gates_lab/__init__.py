"""The room of ``rnnlib.widgets.gates_lab``."""
