"""Each take of a request gets a plan of its own, of the bars that are really new."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from builders import phrase
from musicassist.composing.melody_task import melody_task
from musicassist.composing.plan import BarPlan, Ending, Plan, Relation
from musicassist.composing.planning import plan_request, with_plans
from musicassist.composing.request import Constraints, GenerationRequest
from musicassist.composing.take_plan import Intent, TakePlan
from musicassist.score.song import Notes
from musicassist.score.theory import parse_chord
from take_laws import request_of

BEAT, BAR = 480, 1920
FOUR_BARS = phrase(*(60, 62, 64, 65, 67, 65, 64, 62) * 2, step_ticks=BEAT)  # two bars of one rhythm, twice


def asked(**more: object) -> GenerationRequest:
    return request_of(FOUR_BARS, **{"bars": 4, "takes": 4, **more})


def plans_of(request: GenerationRequest) -> tuple[TakePlan, ...]:
    return with_plans(melody_task(request), request, request.takes)[1]


def test_the_plan_begins_with_the_first_new_bar_and_knows_those_before_it() -> None:
    found = plan_request(melody_task(asked()))
    assert (found.from_bar, found.bars, found.origin_bar) == (4, 4, 0)
    assert [bar.relation for bar in found.seed.bars] == [
        Relation.NEW,
        Relation.RHYTHM,
        Relation.SAME,
        Relation.SAME,
    ]


def test_the_bar_that_is_begun_is_nobodys_plan() -> None:
    request = replace(asked(), song=request_of(phrase(60, 62, 64, 65, 67, step_ticks=BEAT // 2)).song)
    found = plan_request(melody_task(request))
    assert (found.from_bar, found.bars) == (1, 4)
    assert found.seed.at(0).ending == Ending.UNKNOWN


def test_takes_of_one_request_get_different_ideas_and_the_same_number_the_same_ones() -> None:
    plans = plans_of(asked())
    assert len({plan.intent for plan in plans}) == 4
    assert plans == plans_of(asked())
    assert plans == plans_of(asked(takes=8))[:4]
    assert all(len(plan.bars) == 4 and plan.first_bar == 4 for plan in plans)


@pytest.mark.parametrize("intent", list(Intent))
def test_an_idea_that_is_asked_for_is_every_takes(intent: Intent) -> None:
    assert {plan.intent for plan in plans_of(asked(intent=str(intent)))} == {intent}


def test_a_plan_that_somebody_wrote_is_every_takes() -> None:
    own = (BarPlan(Relation.SAME, 4, Ending.NONE), BarPlan(Relation.RHYTHM, 2, Ending.OPEN))
    plans = plans_of(asked(plan=own))
    assert {plan.intent for plan in plans} == {None}
    assert all(plan.bars == (*own, BarPlan(), BarPlan()) for plan in plans)


def test_the_passage_has_the_whole_plan_of_each_take() -> None:
    request = asked()
    task, plans = with_plans(melody_task(request), request, 4)
    seed = plan_request(melody_task(request)).seed
    assert task.passage.plans == tuple(Plan(0, (*seed.bars, *plan.bars)) for plan in plans)


def test_where_the_music_leads_back_no_phrase_ends_in_the_last_bar() -> None:
    plans = plans_of(asked(ending="loop", takes=16))
    assert {plan.bars[-1].ending for plan in plans} == {Ending.NONE}
    assert len({plan.bars[-1].ending for plan in plans_of(asked(ending="open", takes=16))}) > 1


def test_from_nothing_there_is_nothing_to_answer() -> None:
    request = request_of(Notes.of(()), kind="generate", bars=4, takes=4)
    assert {plan.intent for plan in plans_of(request)} <= {Intent.GO_ON, Intent.CONTRAST}


def test_a_melody_waits_where_it_rests_for_half_a_bar() -> None:
    assert not plan_request(melody_task(asked())).has_waits
    late = Notes.of([*phrase(60, 62, step_ticks=BEAT), *phrase(64, 65, step_ticks=BEAT, from_tick=BAR)])
    assert plan_request(melody_task(request_of(late, bars=4))).has_waits


def over(chords: str, **more: object) -> set[Relation]:
    """What the bars of repeats become over chords that were asked for, one a bar."""
    constraints = Constraints(chords=tuple(map(parse_chord, chords.split())))
    plans = plans_of(asked(intent="repeat", ending="open", constraints=constraints, **more))
    return {bar.relation for plan in plans for bar in plan.bars}


def test_a_bar_comes_again_with_its_rhythm_alone_over_chords_that_it_does_not_fit() -> None:
    assert over("C G") == {Relation.SAME}  # two of its four notes are tones of either
    assert over("F#") == {Relation.RHYTHM}
    own = (BarPlan(Relation.SAME, 4, Ending.NONE),) * 4
    assert over("F#", plan=own) == {Relation.SAME}  # somebody said so


def holed(pitches: tuple[int, ...], **more: object) -> tuple[TakePlan, ...]:
    """Plans for bars 3 and 4 of eight, in quarters."""
    notes = phrase(*pitches, step_ticks=BEAT).without_span(2 * BAR, 4 * BAR)
    return plans_of(request_of(notes, kind="infill", from_tick=2 * BAR, to_tick=4 * BAR, takes=4, **more))


def test_bars_among_the_same_bars_are_in_half_of_the_takes_what_stands_there() -> None:
    tune = tuple(int(pitch) for pitch in np.random.default_rng(3).integers(55, 77, 8 * 4))
    plans = holed(tune * 2)
    assert [plan.intent == Intent.REPEAT_AND_CLOSE for plan in plans[::2]] == [True, True]
    assert all(plan.bars == (BarPlan(Relation.SAME, -8),) * 2 for plan in plans[::2])
    assert all(plan.bars != (BarPlan(Relation.SAME, -8),) * 2 for plan in plans[1::2])
    assert {plan.bars for plan in holed(tune * 2, intent="repeat")} == {plans[0].bars}
    alone = holed(tune + tuple(pitch + 1 for pitch in tune))
    assert all(bar.back_bars >= 0 for plan in alone for bar in plan.bars)
