"""What a plan says of the next note, and that a predictor that knows no plan is led by it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from melodies import bars_of, even_melody
from musicassist.composing.melody_takes import Sampler, compose
from musicassist.composing.plan import NO_PLAN, BarPlan, Ending, Plan, Relation
from musicassist.composing.plan_following import Ahead, PlanGuide, planned_gap, planned_interval, planned_row
from musicassist.composing.predictor import NetPredictor, Passage
from musicassist.composing.seed_reading import SeedReader, never
from musicassist.tokens.codec import Melody, Surroundings
from musicassist.tokens.context import MelodyContext, interval_class
from musicassist.tokens.demands import Demands
from musicassist.tokens.vocabulary import MAX_INTERVAL, NONE_CLASS
from tiny_models import step_of, tiny_model

BAR = 48
PLACE = Surroundings(bars_of((0, 4, 4)), tonic=0, mode=1)
TUNE = (60, 62, 64, 65, 67, 65, 64, 62)
SEED = even_melody(*TUNE, *TUNE, step=6)  # two bars of eighths
NET = step_of(tiny_model())


def bars_like(relation: Relation, bars: int = 2) -> Plan:
    """Two bars that are alike, and others that take up the one before them."""
    new, same = BarPlan(Relation.NEW, 0, Ending.NONE), BarPlan(Relation.SAME, 1, Ending.NONE)
    return Plan(0, (new, same, *(BarPlan(relation, 1, Ending.NONE),) * bars))


def after(melody: Melody) -> MelodyContext:
    context = MelodyContext(PLACE)
    for note in melody:
        context.append(*note)
    return context


def test_the_bar_that_is_taken_up_tells_each_field() -> None:
    context, plan = after(SEED), bars_like(Relation.SAME)
    assert planned_gap(context, plan) == 6
    assert planned_row(context, plan, 6) == 8
    assert planned_row(context, plan, 7) == -1
    assert planned_interval(context, 8, Relation.SAME) == interval_class(60 - 62)
    assert planned_interval(context, 8, Relation.RHYTHM) == NONE_CLASS  # it moved from nowhere
    assert planned_interval(context, 9, Relation.SEQUENCE_UP) == interval_class(2)


@pytest.mark.parametrize("plan", [NO_PLAN, bars_like(Relation.NEW)])
def test_a_bar_that_takes_up_nothing_tells_nothing(plan: Plan) -> None:
    context = after(SEED)
    context.append(2 * BAR, 60, 6, 80)
    assert planned_gap(context, plan) == NONE_CLASS
    assert planned_row(context, plan, 6) == -1


def composed(*plans: Plan) -> list[list[tuple[int, int]]]:
    """The onsets and intervals within the bars of each take of two bars, by a net that was never trained."""
    demands = Demands(PLACE.bars, 2 * BAR, 4 * BAR, np.ones(128, dtype=bool))
    passage = replace(Passage(SEED, PLACE, demands), plans=plans)
    guide = PlanGuide(NetPredictor(SeedReader(NET)))
    made = compose(guide, passage, len(plans), Sampler(0.3), on_note=lambda _take, _row: None, is_cancelled=never)
    assert made is not None
    return [[(row[0] % BAR, row[1]) for row in take.rows if row[0] < 3 * BAR] for take in made]


def share_alike(notes: list[tuple[int, int]], expected: list[tuple[int, int]]) -> float:
    return len(set(notes) & set(expected)) / len(set(notes) | set(expected))


def test_takes_are_led_by_their_own_plans() -> None:
    first = [(onset % BAR, pitch) for onset, pitch, _, _ in SEED.rows(0, 8)]
    same, free, again = composed(bars_like(Relation.SAME), bars_like(Relation.NEW), bars_like(Relation.SAME))
    assert share_alike(same, first) > 0.3 and share_alike(again, first) > 0.3
    assert share_alike(free, first) < 0.2


def test_each_stream_keeps_its_plan_when_another_ends() -> None:
    guide = PlanGuide(NetPredictor(SeedReader(NET)))
    demands = Demands(PLACE.bars, 2 * BAR, 4 * BAR, np.ones(128, dtype=bool))
    plans = (bars_like(Relation.NEW), bars_like(Relation.SAME))
    contexts = guide.begin(
        replace(Passage(SEED, PLACE, demands), plans=plans), [np.random.default_rng(n) for n in (1, 2)]
    )
    both = guide.gaps(contexts)
    guide.keep([1])
    np.testing.assert_allclose(guide.gaps(contexts[1:]), both[1:], atol=1e-6)
    assert both[1, 6] > both[0, 6]


def test_a_sequence_moves_as_the_bar_did_and_begins_beside_it() -> None:
    guide = PlanGuide(NetPredictor(SeedReader(NET)))
    demands = Demands(PLACE.bars, 2 * BAR, 4 * BAR, np.ones(128, dtype=bool))
    plain, up = bars_like(Relation.NEW), bars_like(Relation.SEQUENCE_UP)
    passage = replace(Passage(SEED, PLACE, demands), plans=(plain, up))
    contexts = guide.begin(passage, [np.random.default_rng(n) for n in (1, 2)])
    more = np.diff(guide.intervals(contexts, [6, 6]), axis=0)[0]
    raised = np.flatnonzero(more > 1) - MAX_INTERVAL + SEED.pitch[-1]
    assert raised.tolist() == [61, 62, 63, 64, 65]  # a little above 60, on which the bar begins


def test_a_bar_that_takes_up_another_begins_with_it_whatever_stands_before() -> None:
    seed = even_melody(60, 62, 64, 65, step=12).rows(1, 4)  # its bar begins with a rest
    plan = Plan(0, (BarPlan(Relation.NEW), BarPlan(Relation.NEW), BarPlan(Relation.RHYTHM, 2)))
    demands = Demands(PLACE.bars, BAR, 3 * BAR, np.ones(128, dtype=bool))
    guide, plain = PlanGuide(NetPredictor(SeedReader(NET))), NetPredictor(SeedReader(NET))
    said = []
    for predictor in (guide, plain):
        contexts = predictor.begin(replace(Passage(seed, PLACE, demands), plans=(plan,)), [np.random.default_rng(1)])
        contexts[0].append(BAR + 24, 60, 12, 80)
        predictor.advance(contexts)
        said.append(predictor.gaps(contexts)[0])
    less = np.flatnonzero(said[0] < said[1] - 1)
    assert less.tolist() == [gap for gap in range(24, len(said[0])) if gap != 24 + 12]


def test_who_reads_plans_is_led_only_where_a_sequence_begins_and_a_bar_comes_again() -> None:
    demands = Demands(PLACE.bars, 2 * BAR, 4 * BAR, np.ones(128, dtype=bool))
    plans = (bars_like(Relation.SAME), bars_like(Relation.SEQUENCE_UP), bars_like(Relation.RHYTHM))
    passage = replace(Passage(SEED, PLACE, demands), plans=plans)
    guide, plain = PlanGuide(NetPredictor(SeedReader(NET)), reads_plans=True), NetPredictor(SeedReader(NET))
    contexts, others = (own.begin(passage, [np.random.default_rng(n) for n in (1, 2, 3)]) for own in (guide, plain))
    gaps, intervals = [6, 6, 6], [40, 40, 40]
    said = [
        guide.gaps(contexts) > plain.gaps(others) + 1,
        guide.intervals(contexts, gaps) > plain.intervals(others, gaps) + 1,
        guide.durations(contexts, gaps, intervals) > plain.durations(others, gaps, intervals) + 1,
    ]
    again, rising, rhythm = ([np.flatnonzero(led[row]).tolist() for led in said] for row in range(3))
    assert again == [[6], [interval_class(60 - 62)], [6]]
    assert [rising[0], rising[2]] == [[], []]
    assert (np.array(rising[1]) - MAX_INTERVAL + SEED.pitch[-1]).tolist() == [61, 62, 63, 64, 65]
    assert rhythm == [[], [], []]


def test_a_bar_behind_the_takes_is_taken_up_like_one_before_them() -> None:
    behind = replace(even_melody(*TUNE, step=6), onset_step=even_melody(*TUNE, step=6).onset_step + 4 * BAR)
    plan = Plan(0, (BarPlan(Relation.NEW), BarPlan(Relation.SAME, 1), BarPlan(Relation.SAME, -2)))
    context, ahead = after(SEED), Ahead.of(behind, PLACE.bars)
    assert [planned_gap(context, plan), planned_gap(context, plan, ahead)] == [NONE_CLASS, 6]
    assert [planned_row(context, plan, 6), planned_row(context, plan, 6, ahead)] == [-1, 0]
    demands = Demands(PLACE.bars, 2 * BAR, 3 * BAR, np.ones(128, dtype=bool))
    passage = replace(Passage(SEED, PLACE, demands, following=behind), plans=(plan,))
    guide, plain = PlanGuide(NetPredictor(SeedReader(NET))), NetPredictor(SeedReader(NET))
    contexts, others = (own.begin(passage, [np.random.default_rng(1)]) for own in (guide, plain))
    led = guide.intervals(contexts, [6])[0] - plain.intervals(others, [6])[0]
    assert np.flatnonzero(led > 1).tolist() == [interval_class(60 - 62)]
