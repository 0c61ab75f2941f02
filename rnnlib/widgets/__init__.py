"""The labs: controls, a live figure, a sentence that says what it shows, and the code that reproduces it."""

from rnnlib.widgets.bptt import bptt_lab as bptt_lab
from rnnlib.widgets.broken import broken_backward as broken_backward
from rnnlib.widgets.characters import characters_lab as characters_lab
from rnnlib.widgets.gates import gates_lab as gates_lab
from rnnlib.widgets.gradient import gradient_lab as gradient_lab
from rnnlib.widgets.quiz import quiz as quiz
from rnnlib.widgets.reading import reading_lab as reading_lab
from rnnlib.widgets.sequence import sequence_lab as sequence_lab
from rnnlib.widgets.step import step_through as step_through
from rnnlib.widgets.training import training_lab as training_lab
