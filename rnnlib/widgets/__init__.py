"""The labs: controls, a live figure, a sentence that says what it shows, and the code that reproduces it."""

from rnnlib.labs.bptt_lab.lab import bptt_lab as bptt_lab
from rnnlib.labs.broken_backward.lab import broken_backward as broken_backward
from rnnlib.labs.characters_lab.lab import characters_lab as characters_lab
from rnnlib.labs.gates_lab.lab import gates_lab as gates_lab
from rnnlib.labs.gradient_lab.lab import gradient_lab as gradient_lab
from rnnlib.labs.quiz import quiz as quiz
from rnnlib.labs.reading_lab.lab import reading_lab as reading_lab
from rnnlib.labs.sequence_lab.lab import sequence_lab as sequence_lab
from rnnlib.labs.step_through.lab import step_through as step_through
from rnnlib.labs.training_lab.lab import training_lab as training_lab
