"""Plans that are drawn: true to their intent, possible, different from each other, and the same by the same chance."""

from __future__ import annotations

import json
from itertools import pairwise

import numpy as np
import pytest

from musicassist.composing.plan import POINTING, BarPlan, Ending, Plan, Relation
from musicassist.composing.plan_model import PlanModel, PlanRequest, plan_model
from musicassist.composing.take_plan import Intent, TakePlan

MODEL = plan_model()
NEW = BarPlan(Relation.NEW, 0, Ending.NONE)
SEED = Plan(0, (NEW, NEW, BarPlan(Relation.RHYTHM, 2, Ending.NONE), BarPlan(Relation.NEW, 0, Ending.OPEN)))
FOUR = PlanRequest(SEED, 4, 4)


def drawn(intent: Intent, request: PlanRequest = FOUR, count: int = 40) -> list[TakePlan]:
    return [MODEL.draw(request, intent, np.random.default_rng(seed)) for seed in range(count)]


def relations(plan: TakePlan) -> list[Relation]:
    return [bar.relation for bar in plan.bars]


def test_equal_chance_gives_equal_plans_and_other_chance_others() -> None:
    one, same = (MODEL.draw_different(FOUR, 4, np.random.default_rng(5)) for _ in range(2))
    assert one == same
    assert (
        len({tuple(plan.bars for plan in MODEL.draw_different(FOUR, 4, np.random.default_rng(s))) for s in range(9)})
        > 5
    )


def test_the_takes_of_one_request_have_different_plans() -> None:
    for seed in range(20):
        takes = MODEL.draw_different(FOUR, 4, np.random.default_rng(seed))
        assert len({take.bars for take in takes}) == 4
        assert len({take.intent for take in takes}) == 4


def test_an_answer_begins_as_the_phrase_began() -> None:
    for plan in drawn(Intent.ANSWER):
        assert plan.bars[0].relation in (Relation.SAME, Relation.RHYTHM) and plan.bars[0].back_bars == 4


def test_a_repeat_says_the_phrase_again_but_for_its_end() -> None:
    request = PlanRequest(SEED, 4, 4, Ending.CLOSED)
    for plan in drawn(Intent.REPEAT_AND_CLOSE, request):
        assert [(bar.relation, bar.back_bars) for bar in plan.bars[:3]] == [(Relation.SAME, 4)] * 3
        assert plan.bars[3].relation != Relation.SAME and plan.bars[3].ending == Ending.CLOSED


def test_a_repeat_that_does_not_close_says_the_whole_phrase_again() -> None:
    for plan in drawn(Intent.REPEAT_AND_CLOSE, PlanRequest(SEED, 4, 4, Ending.OPEN)):
        assert [(bar.relation, bar.back_bars) for bar in plan.bars] == [(Relation.SAME, 4)] * 4
        assert plan.bars[3].ending != Ending.CLOSED


def test_a_contrast_takes_up_nothing_of_the_seed() -> None:
    for plan in drawn(Intent.CONTRAST, PlanRequest(SEED, 4, 8)):
        assert plan.bars[0].relation == Relation.NEW
        assert all(bar.back_bars <= place for place, bar in enumerate(plan.bars))


def test_a_sequence_rises() -> None:
    assert all(relations(plan)[:2] == [Relation.SEQUENCE_UP] * 2 for plan in drawn(Intent.SEQUENCE_UP))


@pytest.mark.parametrize("intent", list(Intent))
@pytest.mark.parametrize("bars", [1, 2, 3, 8, 16])
def test_what_is_taken_up_is_there(intent: Intent, bars: int) -> None:
    for plan in drawn(intent, PlanRequest(SEED, 4, bars), 12):
        whole = SEED.followed_by(plan.bars, 4)
        assert len(plan.bars) == bars
        for place, bar in enumerate(plan.bars):
            if bar.relation in POINTING:
                assert whole.at(4 + place - bar.back_bars).relation not in (Relation.UNKNOWN, Relation.HELD)
        assert relations(plan)[0] != Relation.HELD and relations(plan)[-1] != Relation.HELD


@pytest.mark.parametrize("ending", [Ending.OPEN, Ending.CLOSED])
def test_the_last_bar_ends_as_asked(ending: Ending) -> None:
    for intent in Intent:
        ends = {plan.bars[-1].ending for plan in drawn(intent, PlanRequest(SEED, 4, 4, ending))}
        assert ends == {Ending.CLOSED} if ending == Ending.CLOSED else Ending.CLOSED not in ends


def test_from_nothing_a_plan_begins_with_something_new() -> None:
    request = PlanRequest(Plan(), 0, 8)
    for seed in range(20):
        for plan in MODEL.draw_different(request, 4, np.random.default_rng(seed)):
            assert plan.intent in (Intent.GO_ON, Intent.CONTRAST)
            assert plan.bars[0].relation == Relation.NEW


def test_bars_return_about_as_often_as_in_real_music() -> None:
    """.164 of the bars behind real phrases equal a bar of the phrase."""
    bars = [
        (place, bar)
        for seed in range(100)
        for plan in MODEL.draw_different(FOUR, 4, np.random.default_rng(seed))
        for place, bar in enumerate(plan.bars)
    ]
    same = sum(bar.relation == Relation.SAME and bar.back_bars > place for place, bar in bars) / len(bars)
    assert 0.1 <= same <= 0.22


def test_a_model_is_counted_and_comes_back_from_json() -> None:
    model = PlanModel.counted([(SEED, 0)] * 20)
    again = PlanModel.from_json(json.loads(json.dumps(model.as_json())))
    assert again.as_json() == model.as_json()
    assert again.chance(SEED, 2, 0) > 0.8
    assert again.chance(Plan(0, (NEW, NEW, BarPlan(Relation.SAME, 1, Ending.NONE))), 2, 0) == 0


@pytest.mark.parametrize(
    "page", [{}, {"taken": {}}, {"taken": {"": {"NEW": -1}}, "endings": {}}, {"taken": 3, "endings": {}}]
)
def test_what_is_no_model_is_refused(page: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"plans|whole numbers"):
        PlanModel.from_json(page)


def test_the_phrase_before_is_as_long_as_what_is_asked_lets_it_be() -> None:
    lengths = {(to, bars): PlanRequest(Plan(), to, bars).phrase_bars for to in (1, 2, 4, 8, 16) for bars in (2, 4, 8)}
    assert [lengths[4, 4], lengths[8, 8], lengths[8, 4], lengths[1, 4], lengths[2, 2]] == [4, 8, 8, 1, 2]


def test_a_bar_of_a_take_is_silent_only_within_it_and_where_the_melody_waits_too() -> None:
    def silent(*, has_waits: bool) -> set[int]:
        asked = PlanRequest(SEED, 4, 8, has_waits=has_waits)
        plans = [plan for intent in Intent for plan in drawn(intent, asked)]
        return {place for plan in plans for place, own in enumerate(plan.bars) if own.relation == Relation.HELD}

    for intent in Intent:
        for plan in drawn(intent, PlanRequest(SEED, 4, 8, has_waits=True)):
            ends = [own.ending for own, after in pairwise(plan.bars) if after.relation == Relation.HELD]
            assert Ending.NONE not in ends  # silence follows the end of a phrase
    assert not silent(has_waits=False)
    assert silent(has_waits=True) and not silent(has_waits=True) & {0, 7}
