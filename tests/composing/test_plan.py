"""The labels of bars, from notes whose form is known."""

from __future__ import annotations

from dataclasses import replace

import pytest

from form_music import PLACE, tune
from melodies import bars_of, even_melody, melody_of
from musicassist.composing.plan import NO_PLAN, UNKNOWN_BAR, BarPlan, Ending, Plan, Relation, plan_of
from musicassist.tokens.codec import Melody, Surroundings


def test_each_bar_is_said_to_take_up_what_it_does() -> None:
    plan = plan_of(tune(), PLACE)
    assert plan.bars == (
        BarPlan(Relation.NEW, 0, Ending.NONE),
        BarPlan(Relation.NEW, 0, Ending.OPEN),
        BarPlan(Relation.SEQUENCE_UP, 2, Ending.NONE),
        BarPlan(Relation.RHYTHM, 2, Ending.OPEN),
        BarPlan(Relation.HELD, 0, Ending.NONE),
        BarPlan(Relation.SAME, 5, Ending.NONE),
        BarPlan(Relation.NEW, 0, Ending.CLOSED),
    )


@pytest.mark.parametrize("semitones", [-7, 5, 12])
def test_the_plan_is_the_same_in_every_key(semitones: int) -> None:
    higher = replace(tune(), pitch=tune().pitch + semitones)
    place = replace(PLACE, tonic=semitones % 12)
    assert plan_of(higher, place) == plan_of(tune(), PLACE)


def test_a_phrase_closes_on_the_tonic_alone() -> None:
    endings = {tonic: plan_of(tune(), replace(PLACE, tonic=tonic)).bars[-1].ending for tonic in (0, 7, 12)}
    assert endings == {0: Ending.CLOSED, 7: Ending.OPEN, 12: Ending.CLOSED}  # unknown: where the line ends is home


def test_a_repeat_is_sought_four_bars_back_before_one() -> None:
    bar = [(0, 60), (24, 62), (36, 64)]
    rows = [(48 * number + at, pitch, 12, 80) for number in range(5) for at, pitch in bar]
    assert [own.back_bars for own in plan_of(melody_of(rows), PLACE).bars] == [0, 1, 2, 2, 4]


def test_bars_of_other_lengths_are_not_compared() -> None:
    place = Surroundings(bars_of((0, 3, 4), (36, 4, 4)))
    melody = melody_of([(0, 60, 12, 80), (12, 62, 12, 80), (36, 60, 12, 80), (48, 62, 12, 80)])
    assert [own.relation for own in plan_of(melody, place).bars] == [Relation.NEW, Relation.NEW]


def test_even_notes_end_no_phrase_before_the_last() -> None:
    endings = [own.ending for own in plan_of(even_melody(*range(60, 92), step=6), PLACE).bars]
    assert endings == [Ending.NONE] * 4


def test_a_plan_goes_on_and_is_unknown_outside() -> None:
    assert plan_of(Melody.empty(), PLACE) == NO_PLAN
    known = Plan(3, (BarPlan(Relation.NEW), BarPlan(Relation.SAME, 1)))
    more = known.followed_by((BarPlan(Relation.RHYTHM, 2),), 6)
    assert [more.at(bar).relation for bar in range(2, 8)] == [
        Relation.UNKNOWN,
        Relation.NEW,
        Relation.SAME,
        Relation.UNKNOWN,
        Relation.RHYTHM,
        Relation.UNKNOWN,
    ]
    assert more.at(99) is UNKNOWN_BAR
