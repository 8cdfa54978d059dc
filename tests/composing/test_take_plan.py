"""A take says its plan in a few words, and each bar of it can be changed."""

from __future__ import annotations

import pytest

from musicassist.composing.plan import BarPlan, Ending, Relation
from musicassist.composing.take_plan import Intent, TakePlan, in_english

OPEN = BarPlan(Relation.NEW, 0, Ending.OPEN)
CLOSED = BarPlan(Relation.RHYTHM, 4, Ending.CLOSED)
UP = BarPlan(Relation.SEQUENCE_UP, 2, Ending.NONE)


@pytest.mark.parametrize(
    ("plan", "words"),
    [
        (TakePlan(Intent.ANSWER, 4, (BarPlan(Relation.SAME, 4), CLOSED), 4, 5), "answers bars 1-2, closes"),
        (
            TakePlan(Intent.REPEAT_AND_CLOSE, 8, (*(BarPlan(Relation.SAME, 4),) * 4, CLOSED), 4, 9),
            "repeats bars 5-8, closes",
        ),
        (TakePlan(Intent.REPEAT_AND_CLOSE, 4, (UP, CLOSED), 1, 5), "repeats bar 4, closes"),
        (TakePlan(Intent.ANSWER, 4, (CLOSED,), 1, 5), "answers bar 4, closes"),
        (TakePlan(Intent.GO_ON, 4, (UP,), 4, 5), "goes on"),
        (TakePlan(Intent.CONTRAST, 4, (OPEN,), 4, 5), "new idea, ends open"),
        (TakePlan(Intent.SEQUENCE_UP, 4, (UP, OPEN), 4, 5), "takes bar 3 higher, ends open"),
        (TakePlan(None, 4, (OPEN,), 4, 5), "your plan, ends open"),
    ],
)
def test_a_take_says_its_plan(plan: TakePlan, words: str) -> None:
    assert in_english(plan.words) == words


def test_each_bar_says_what_it_takes_up() -> None:
    plan = TakePlan(Intent.ANSWER, 4, (BarPlan(Relation.SAME, 4), CLOSED, UP, OPEN), 4, 5)
    words = [in_english([plan.bar_words(row)]) for row in range(4)]
    assert words == ["as bar 1", "rhythm of bar 2", "bar 5, higher", "new"]


def test_a_bar_goes_through_all_it_can_be_and_its_end_stays() -> None:
    plan, seen = TakePlan(Intent.CONTRAST, 4, (OPEN, OPEN), 4, 5), []
    for _ in range(5):
        plan = plan.changed(1)
        seen.append((plan.bars[1].relation, plan.bars[1].back_bars))
    assert seen == [
        (Relation.SAME, 4),
        (Relation.RHYTHM, 4),
        (Relation.SEQUENCE_UP, 4),
        (Relation.SEQUENCE_DOWN, 4),
        (Relation.NEW, 0),
    ]
    assert plan.intent is None
    assert plan.bars == (OPEN, OPEN)
