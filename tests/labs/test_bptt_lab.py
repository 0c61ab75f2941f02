"""The BPTT lab: at every setting it computes, shows and says what the formulas give."""

import random
import re

import numpy as np
import pytest
from contract import lines, moving, printed, touching, walk
from matplotlib.colors import same_color
from matplotlib.figure import Figure
from matplotlib.text import Annotation, Text

from rnnlib.labs.bptt_lab import compute, draw
from rnnlib.locale import text
from rnnlib.plots.style import BLACK, BLUE, GREEN, GREY, ORANGE
from rnnlib.widgets import bptt_lab

T = 6
CORNERS = [
    {"back": 0, "truncation": 1, "weight": -2.0, "seed": 999},
    {"back": 6, "truncation": 1, "weight": 2.0, "seed": 991},  # no seed has a longer bar: 22.0
    {"back": 6, "truncation": 6, "weight": 0.0, "seed": 0},
    {"back": 1, "truncation": 6, "weight": 1.8, "seed": 3},
]
ROWS = ("total_dh", "immediate", "total_dw", "share")


def fresh(settings):
    """States, multipliers and rows, by hand, forward in t."""
    w, rng, slopes = settings["weight"], np.random.default_rng(settings["seed"]), [np.nan]
    xs, hs = rng.normal(0, 0.6, T).round(1), [rng.choice([-0.5, 0.5])]
    for x in xs:
        hs.append(np.tanh(x + w * hs[-1]))
        slopes.append(1 - hs[-1] ** 2)
    multipliers = w * np.array(slopes)
    immediate = np.r_[np.nan, np.array(slopes[1:]) * hs[:-1]]
    total_dw = [np.nan, immediate[1]]
    for t in range(2, T + 1):
        total_dw.append(immediate[t] + multipliers[t] * total_dw[-1])
    total_dh = np.array([(hs[-1] - 1) * np.prod(multipliers[t + 1 :]) for t in range(T + 1)])
    rows = total_dh, immediate, np.array(total_dw), total_dh * immediate
    return np.array(hs), multipliers, dict(zip(ROWS, rows))


def framed(frame, *data):
    ax = Figure().add_subplot()
    frame(ax, *data)
    return ax


def number(word):
    return float(word.replace("−", "-"))


@pytest.mark.parametrize("settings", CORNERS)
def test_each_number_computed_is_the_formulas_and_the_finite_difference_agrees(settings):
    run, (hs, multipliers, rows) = compute.run(**settings), fresh(settings)
    np.testing.assert_allclose(run.hs, hs, atol=1e-14)
    np.testing.assert_allclose(run.multipliers, multipliers, atol=1e-14)
    assert list(run.rows) == list(rows)
    for name, row in rows.items():
        exact, numeric = run.rows[name]
        np.testing.assert_allclose(exact, row, atol=1e-12)
        np.testing.assert_allclose(numeric, row, rtol=1e-6, atol=1e-8)
    np.testing.assert_allclose(run.whole, [np.nansum(rows["share"])] * 2, atol=1e-8)
    assert (run.reached, run.cut) == (T - settings["back"], T - settings["truncation"])


@pytest.mark.parametrize(
    ("reached", "cut", "first", "so_far"),
    [(6, 0, 7, 0.0), (5, 0, 6, 4.0), (4, 0, 5, 6.0), (0, 0, 1, 8.0), (0, 4, 5, 6.0), (5, 4, 6, 4.0), (0, 5, 6, 4.0)],
)
def test_a_share_counts_once_it_is_reached_and_not_cut(reached, cut, first, so_far):
    row = np.array([np.nan, 0.5, 0.5, 0.5, 0.5, 2.0, 4.0])
    run = compute.Backprop(row, row, {"share": np.stack([row, row])}, (8.0, 8.0), reached, cut)
    assert (run.first, run.so_far, run.missing) == (first, so_far, 1 - so_far / 8)


def test_nothing_is_missing_where_the_whole_gradient_is_zero():
    zeros = np.zeros(T + 1)
    assert compute.Backprop(zeros, zeros, {"share": np.zeros((2, T + 1))}, (0.0, 0.0)).missing == 0


def test_the_axis_holds_every_bar_and_little_more():
    for seed in range(60):
        run = compute.run(6, 1 + seed % 6, 2.0 if seed % 2 else -1.3, seed)
        bars = [*run.rows["share"][0, 1:], run.so_far, run.whole[0]]
        for limit, most in zip(np.abs(run.limits), (-min(bars), max(bars))):
            assert most < limit <= max(0.1, 2.2 * most)


def test_the_share_of_every_step_adds_up_to_total_times_total():
    """The other way to count: dL/dw = dL/dh_T dh_T/dw, the totals at the last step."""
    for seed in range(20):
        rows = compute.run(T, T, 1.3, seed).rows
        assert rows["share"][0, 1:].sum() == pytest.approx(rows["total_dh"][0, T] * rows["total_dw"][0, T])


def arrows(artists):
    """(from, to) of each arrow, in x and y, rounded, and its look."""
    for each in artists:
        if isinstance(each, Annotation):
            yield (*np.round(each.xyann, 2), *np.round(each.xy, 2)), each.arrow_patch


def test_the_frame_is_a_unit_unrolled_with_its_arrows_forward():
    ax = framed(draw.frame_unit)
    at = {said.get_text(): said.get_position() for said in ax.texts if said.get_text()}
    nodes = {tuple(place) for line in lines(ax.lines, marker="o") for place in line.get_xydata()}
    names = [f"h_{t}" for t in range(T + 1)]
    assert {at[name] for name in [*names, "L"]} == nodes
    assert [at[name][0] for name in names] == [0, 1, 2, 3, 4, 5, 6]
    assert at["L"][0] == T + 0.95
    found = {tail_head for tail_head, _ in arrows(ax.texts)}
    height = at["h_0"][1]
    along = {(t - 0.76, height, t - 0.24, height) for t in range(1, T + 1)} | {(6.24, height, 6.71, height)}
    into = {(x, y, x, height - 18) for x, y in ((t, at[f"x_{t}"][1] + 12) for t in range(1, T + 1))}
    assert found == along | into
    assert sorted(said.get_position()[0] for said in ax.texts if said.get_text() == "w") == [
        t - 0.5 for t in range(1, 7)
    ]
    heights = [at[text(f"unrolled.{name}")][1] for name in ("states", *ROWS)]
    assert heights == sorted(heights, reverse=True)


def test_the_key_of_the_shares_shows_what_is_drawn():
    ax = framed(draw.frame_shares, (-1.0, 10.0))
    legend = ax.get_legend()
    named = dict(zip((said.get_text() for said in legend.get_texts()), legend.legend_handles))
    counted, left_out, numeric = (named[text(f"shares.{name}")] for name in ("counted", "left_out", "numeric"))
    bars = draw.draw_shares(ax, compute.run(4, T, 0.9, 10))
    shown = {bar.get_x() + 0.25: bar for bar in bars if hasattr(bar, "get_hatch")}
    for key, t in ((counted, 3), (left_out, 2)):
        assert key.get_hatch() == shown[t].get_hatch()
        assert same_color(key.get_facecolor(), shown[t].get_facecolor())
    assert same_color(counted.get_facecolor(), BLUE)
    assert (counted.get_hatch(), left_out.get_hatch()) == (None, "///")
    assert numeric.get_marker() == bars[-1].get_marker() == "_"
    assert numeric.get_color() == bars[-1].get_color() == BLACK
    assert [said.get_text() for said in ax.get_xticklabels()] == ["1", "2", "3", "4", "5", "6", "sum"]
    assert ax.get_xticks().tolist() == [1, 2, 3, 4, 5, 6, T + 0.95]
    assert ax.get_ylim() == (-1, 10)


def test_the_formulas_number_is_bold_and_a_bar_and_the_finite_differences_below_it_and_a_line():
    row = np.array([np.nan, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0])
    run = compute.Backprop(row, row, {name: np.stack([row, row + 1]) for name in ROWS}, (6.0, 7.0))
    said = draw.draw_way_back(framed(draw.frame_unit), run)
    written = {(each.get_text(), each.get_weight(), *each.get_position()) for each in said}
    for y in draw.ROWS.values():
        for t in range(1, T + 1):
            assert {("+1.0000", "bold", t, y + 8), ("+2.0000", "normal", t, y - 8)} <= written
    *bars, marks = draw.draw_shares(framed(draw.frame_shares, run.limits), run)
    assert [bar.get_height() for bar in bars] == [1.0] * T + [6.0]
    assert marks.get_ydata().tolist() == [2.0] * T + [7.0]


def check_way_back(lab, artists, settings):
    """Each number stands in its row and column, its finite difference below it; every arc is where it was walked."""
    hs, multipliers, rows = fresh(settings)
    reached, cut = T - settings["back"], T - settings["truncation"]
    said = {(round(x, 2), y): each for each in artists if isinstance(each, Text) for x, y in [each.get_position()]}
    heights = {each.get_text(): each.get_position()[1] for each in lab.figure.axes["unrolled"].texts}
    wanted = {}
    for t, h in enumerate(hs):
        wanted[t, heights[text("unrolled.states")]] = h, BLACK
    for name, row in rows.items():
        y, on_states = heights[text(f"unrolled.{name}")], name == "total_dh"
        for t in range(reached if on_states else reached + 1, T + 1):
            if (on_states and t < cut) or (name == "share" and t <= cut):
                wanted[t, y] = "cut", GREY
            else:
                wanted |= {(t, y + 8): (row[t], BLUE), (t, y - 8): (row[t], "#404040")}
    share, last = rows["share"], max(reached, cut)
    y = heights[text("unrolled.share")]
    wanted[T + 0.95, y + 25] = "sum", BLACK
    sums = (share[last + 1 :].sum(), GREEN), (share[1:].sum(), "#404040")
    wanted |= {(T + 0.95, y + 8): sums[0], (T + 0.95, y - 8): sums[1]}
    arcs = {(T + 0.475, heights["h_0"] + 42): ("", ORANGE)}
    for t in range(reached + 1, T + 1):
        arc = ("cut", GREY) if t <= cut else (f"×{multipliers[t]:.2f}".replace("-", "−"), ORANGE)
        arcs[t - 0.5, heights["h_0"] + 42] = arc
    for place, (value, colour) in {**wanted, **arcs}.items():
        each = said.pop((round(place[0], 2), place[1]))
        assert same_color(each.get_color(), colour), (place, settings)
        word = each.get_text()
        # The finite difference agrees to the digits shown, or nearly where they round to either side.
        assert word == value if isinstance(value, str) else abs(number(word) - value) < 6e-5, (place, settings)
    assert all(isinstance(each, Annotation) for each in said.values()), settings
    return share, last


def check_arcs(artists, settings):
    reached, cut = T - settings["back"], T - settings["truncation"]
    found = {(tail, head): look for (tail, _, head, _), look in arrows(artists)}
    walked = {(t - 0.08, t - 1 + 0.08): t <= cut for t in range(reached + 1, T + 1)}
    assert found.keys() == {(round(a, 2), round(b, 2)) for a, b in walked} | {(6.87, 6.08)}
    for (tail, head), gone in walked.items():
        look = found[round(tail, 2), round(head, 2)]
        assert same_color(look.get_edgecolor(), GREY if gone else ORANGE)
        assert look.get_linestyle() == (":" if gone else "solid")


def check_shares(lab, artists, shares, last):
    bars = {round(bar.get_x() + bar.get_width() / 2, 2): bar for bar in artists if hasattr(bar, "get_hatch")}
    assert len(bars) == T + 1
    for t in range(1, T + 1):
        assert bars[t].get_height() == pytest.approx(shares[t], abs=1e-12)
        assert (bars[t].get_hatch() is None) == (t > last)
        assert same_color(bars[t].get_facecolor(), BLUE if t > last else "white")
    assert bars[T + 0.95].get_height() == pytest.approx(shares[last + 1 :].sum(), abs=1e-12)
    assert same_color(bars[T + 0.95].get_facecolor(), GREEN)
    (marks,) = lines(artists)
    np.testing.assert_allclose(marks.get_xdata(), [1, 2, 3, 4, 5, 6, T + 0.95])
    np.testing.assert_allclose(marks.get_ydata(), [*shares[1:], shares[1:].sum()], atol=1e-8)
    low, high = lab.figure.axes["shares"].get_ylim()
    assert low < min(0, *shares[1:], shares[last + 1 :].sum())
    assert high > max(0, *shares[1:], shares[last + 1 :].sum())


def check_sentence(lab, shares, last):
    whole, so_far = shares[1:].sum(), shares[last + 1 :].sum()
    said, numbers = lab.summary, [float(n) for n in re.findall(r"[+-]\d+\.\d{4}", lab.summary)]
    assert float(printed(lab.code)) == pytest.approx(so_far, abs=6e-5)
    if last == T:
        assert "no use of w" in said
        np.testing.assert_allclose(numbers, [whole], atol=6e-5)
        return "nothing"
    np.testing.assert_allclose(numbers, [so_far, whole], atol=6e-5)
    truncation = lab.settings["truncation"]
    if truncation < lab.settings["back"]:
        error = float(re.search(r"the error is (\d+) %", said)[1])
        assert error == pytest.approx(100 * abs(whole - so_far) / abs(whole) if whole else 0, abs=0.51)
        return "truncated"
    assert ("All 6 uses" in said) == (last == 0)
    return "all" if last == 0 else "on the way"


@pytest.mark.parametrize("count", [8, pytest.param(80, marks=pytest.mark.slow)])
def test_what_is_drawn_and_said_is_what_the_formulas_give(drawn, count):
    lab, found = bptt_lab(), set()
    for settings in walk(lab, random.Random(0), count, CORNERS):
        drawn.clear()
        lab.apply()
        shares, last = check_way_back(lab, moving(lab, drawn, "unrolled"), settings)
        check_arcs(moving(lab, drawn, "unrolled"), settings)
        check_shares(lab, moving(lab, drawn, "shares"), shares, last)
        found.add(check_sentence(lab, shares, last))
    assert found == {"nothing", "truncated", "all", "on the way"}


@pytest.mark.parametrize(
    ("preset", "phrase"), [("at_the_loss", "At the loss"), ("all_the_way", "All 6"), ("truncated", "Cut after step 5")]
)
def test_presets_show_what_they_are_named_after(preset, phrase):
    lab = bptt_lab(back=2, weight=-0.7)
    lab.apply(**lab.presets[preset])
    assert lab.summary.startswith(phrase)


def test_words_stay_apart(drawn):
    lab = bptt_lab()
    for settings in walk(lab, random.Random(3), 8, CORNERS):
        drawn.clear()
        lab.apply()
        assert touching(lab, drawn) == [], settings


def test_only_the_frame_of_a_new_axis_is_drawn_again():
    lab = bptt_lab(weight=0.9, seed=10)
    before = dict(lab.figure.axes)
    lab.apply(back=6, truncation=2)
    assert lab.figure.axes == before
    lab.apply(seed=225, weight=2.0)
    assert lab.figure.axes["unrolled"] is before["unrolled"]
    assert lab.figure.axes["shares"] is not before["shares"]
