"""Places of melodies: whole bars, pickups cut as a writer would, and what is asked there."""

from __future__ import annotations

import numpy as np

from lab.evaluation.form_cases import AFTER_BARS, SEED_BARS, Case, cases_of, pickup_steps
from musicassist.learning.corpus import Line
from musicassist.score.timing import MeterChange, TimeMap
from musicassist.tokens.codec import Melody, Surroundings

STEP, BAR = 40, 1920  # ticks of a step and of a bar of four quarters


def line_of(onsets: list[int], source: str = "made/one.mid") -> Line:
    """Quarters at some beats, in C."""
    steps = np.array(onsets, dtype=np.int64) * 12
    size = len(steps)
    melody = Melody(steps, 60 + np.arange(size) % 5, np.full(size, 12), np.full(size, 80))
    place = Surroundings(TimeMap(12, (), (MeterChange(0, 4, 4),)), tonic=0, mode=1)
    return Line(source, "test", "", melody, place, is_melody=True)


def only_case(line: Line) -> Case:
    (case,) = cases_of([line], 5, seed=1)
    return case


def test_a_tune_of_whole_bars_is_cut_at_the_bar_line() -> None:
    line = line_of(list(range(4 * (SEED_BARS + AFTER_BARS) + 4)))
    case = only_case(line)
    assert pickup_steps(line, 0) == 0
    assert (case.begin_tick, case.cut_tick, case.from_tick) == (0, 8 * BAR, 8 * BAR)
    assert len(case.seed) == 32
    assert len(case.passage(case.truth, 4).tones) == 16
    assert not case.passage(case.truth, 4).lead_in


def test_a_tune_with_a_pickup_is_cut_before_the_next_one() -> None:
    line = line_of([3, *range(4, 4 * (SEED_BARS + AFTER_BARS + 1) + 4)])
    case = only_case(line)
    assert pickup_steps(line, 0) == 12
    assert case.tones[0][0] == BAR - 480  # the pickup, in a bar of its own
    assert (case.begin_tick, case.from_tick, case.cut_tick) == (BAR, 9 * BAR, 9 * BAR - 480)
    true = case.passage(case.truth, 4)
    assert len(true.lead_in) == 1 and len(true.tones) == 16
    assert len(true.seed_bars) == SEED_BARS


def test_the_second_half_of_what_follows_is_judged_with_the_first_in_its_seed() -> None:
    case = only_case(line_of(list(range(4 * 17))))
    later = case.passage(case.truth, 4, from_bar=4)
    assert len(later.seed) == 48 and later.from_tick == 12 * BAR and len(later.tones) == 16


def test_holes_and_phrases_are_asked_for_without_what_stands_there() -> None:
    case = only_case(line_of(list(range(4 * 17))))
    hole = case.infill(7)
    assert (hole.kind, hole.from_tick, hole.to_tick, hole.seed) == ("infill", 4 * BAR, 6 * BAR, 7)
    assert not any(4 * BAR <= tick < 6 * BAR for tick, _, _ in hole.tones)
    assert len(hole.tones) == 4 * 14
    varied = case.variation(7, 0.1)
    assert (varied.to_tick, len(varied.tones), dict(varied.wish)) == (4 * BAR, 16, {"amount": 0.1})
    assert dict(case.continuation(7, bars=8).wish) == {"bars": 8}


def test_each_piece_gives_one_place_before_any_gives_two() -> None:
    long, short = (line_of(list(range(4 * count)), f"made/{count}.mid") for count in (70, 17))
    places = cases_of([long, short], 3, seed=1)
    assert {case.piece for case in places[:2]} == {"made/70.mid", "made/17.mid"}
    assert places[2].piece == "made/70.mid"


def test_what_is_silent_where_something_is_to_be_written_is_no_example() -> None:
    assert cases_of([line_of([*range(41), *range(66, 76)])], 5, seed=1) != []
    assert cases_of([line_of([*range(28), *range(36, 76)])], 5, seed=1) == []  # nothing in the seed's last bar
    assert cases_of([line_of([*range(16), *range(24, 76)])], 5, seed=1) == []  # nothing in bars 5 and 6
