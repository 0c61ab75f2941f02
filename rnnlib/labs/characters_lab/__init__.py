"""The room of ``rnnlib.widgets.characters_lab``."""
