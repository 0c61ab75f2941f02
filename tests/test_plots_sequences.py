"""The pictures of a sequence: nothing but order moves, and readers are told apart without colours."""

import numpy as np
from matplotlib.figure import Figure

from rnnlib.plots import sequences


def test_each_reader_has_a_colour_and_a_line_style_of_its_own():
    looks = sequences.READERS.values()
    assert len({look["color"] for look in looks}) == len({look["linestyle"] for look in looks}) == 2


def test_a_space_is_seen_and_each_letter_stands_at_its_step():
    ax = Figure().add_subplot()
    sequences.frame_sequence(ax, "text", 3)
    heard = sequences.Heard("text", "a b", "ab", np.ones(2), {}, {})
    letters = sequences.draw_sequence(ax, heard)
    assert [(letter.get_text(), letter.get_position()[0]) for letter in letters] == [("a", 1), ("␣", 2), ("b", 3)]


def test_the_bag_answers_once_and_the_net_after_every_step():
    ax = Figure().add_subplot()
    sure = {"bag": np.array([0.5]), "recurrent": np.array([0.4, 0.9])}
    bag, net = sequences.draw_sure(ax, sequences.Heard("text", "ab", "ab", np.ones(2), sure, {}))
    assert bag.get_ydata().tolist() == [0.5, 0.5]
    assert net.get_xydata().tolist() == [[1, 0.4], [2, 0.9]]
