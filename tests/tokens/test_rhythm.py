"""Where notes may start by each rule of rhythm."""

from __future__ import annotations

import numpy as np
import pytest

from musicassist.score.timing import MeterChange, TimeMap
from musicassist.tokens.rhythm import ANY_RHYTHM, Rhythm, bars_played, rhythm_of

BARS = TimeMap(12)
BAR = 48
STEPS = np.arange(1, 2 * BAR)


def rule(kind: str, onsets: list[int] | None = None, *, density: float | None = None) -> Rhythm:
    return rhythm_of(kind, BARS, [(np.array(onsets or []), 4 * BAR)], is_shuffled=False, density=density)


@pytest.mark.parametrize(
    ("kind", "places"),
    [("straight", {0, 3, 6, 9}), ("triplets", {0, 4, 8}), ("swing", {0, 6}), ("free", set(range(12)))],
)
def test_each_kind_has_its_places_of_a_beat(kind: str, places: set[int]) -> None:
    open_ = STEPS[rule(kind).may_start(STEPS, 0, (), 0)]
    assert {int(step) % 12 for step in open_} == places


def test_a_phrase_in_shuffle_swings_on_its_last_triplet() -> None:
    assert rhythm_of("swing", BARS, [], is_shuffled=True, density=None).places == (0, 8)


def test_on_the_finer_grid_straight_means_32nds() -> None:
    assert rhythm_of("straight", TimeMap(24), [], is_shuffled=False, density=None).places == tuple(range(0, 24, 3))


def test_a_bar_goes_on_as_one_that_is_known_and_is_left_when_it_is_done() -> None:
    kept = rule("kept", [0, 12, 24, BAR, BAR + 12, BAR + 36])
    assert kept.patterns == {BAR: ((0, 12, 24), (0, 12, 36))}
    behind = STEPS + 12

    def open_after(begun: list[int]) -> list[int]:
        steps = behind[behind > begun[-1]] if begun else np.arange(2 * BAR)
        return steps[kept.may_start(steps, 0, begun, 0)].tolist()

    assert open_after([]) == [0]  # no bar of the phrase is silent
    assert open_after([0, 12]) == [24, 36]
    assert open_after([0, 12, 24]) == [BAR]
    assert open_after([0, 6]) == []


def test_of_the_bar_that_a_take_begins_in_only_the_rest_counts() -> None:
    kept = rule("kept", [0, 12, 30, BAR, BAR + 24])
    steps = np.arange(20, 2 * BAR)
    assert steps[kept.may_start(steps, 0, (), 20)].tolist() == [24, 30]


def test_silent_bars_may_be_left_out_where_the_phrase_has_some_and_bars_of_another_length_are_free() -> None:
    steps = np.arange(3 * BAR)
    kept = rule("kept", [6, 2 * BAR + 6])
    assert steps[kept.may_start(steps, 0, (), 0)].tolist() == [6, BAR + 6, 2 * BAR + 6]
    changing = TimeMap(12, meter_changes=(MeterChange(0, 4, 4), MeterChange(BAR, 3, 4)))
    other = Rhythm(changing, patterns={BAR: ((0,),)})
    assert steps[other.may_start(steps, 0, (0,), 0)].tolist() == list(range(BAR, 3 * BAR))


def test_places_of_the_end_are_those_that_some_bar_has() -> None:
    kept = rule("kept", [0, 24])
    assert [step for step in range(BAR) if kept.knows(BAR + step)] == [0, 24]
    assert ANY_RHYTHM.knows(7)


def test_denser_bars_than_are_allowed_are_no_patterns() -> None:
    assert rule("kept", [0, 12, 24, 36, BAR], density=0.5).patterns == {BAR: ((0,),)}


def test_a_pickup_and_a_bar_that_is_cut_are_no_bars_of_a_phrase_that_has_others() -> None:
    onsets = np.array([36, BAR, BAR + 24, 2 * BAR])
    assert bars_played(BARS, onsets, 2 * BAR + 12) == [(BAR, (0, 24))]
    assert bars_played(BARS, onsets, 3 * BAR) == [(BAR, (0, 24)), (BAR, (0,))]
    assert bars_played(BARS, np.array([36]), 40) == [(BAR, (36,))]


def test_room_for_notes_is_counted_in_places_that_a_rule_of_rhythm_leaves() -> None:
    """In swing a leading note on the last eighth of a bar would have nowhere to lead."""
    swing = rhythm_of("swing", TimeMap(12), (), is_shuffled=False, density=None)
    assert swing.places == (0, 6)
    assert [swing.latest(47, notes) for notes in (0, 1, 2, 3)] == [47, 42, 36, 30]
    assert rhythm_of("free", TimeMap(12), (), is_shuffled=False, density=None).latest(47, 3) == 47
