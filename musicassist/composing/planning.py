"""Plans for the takes of a request: the seed's bars as they are, then one of its own for each take."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from musicassist.composing.echoes import echoes, written_bars
from musicassist.composing.melody_task import MelodyTask
from musicassist.composing.plan import NO_PLAN, UNKNOWN_BAR, BarPlan, Ending, Plan, Relation, first_whole_bar, plan_of
from musicassist.composing.plan_model import PlanRequest, plan_model
from musicassist.composing.predictor import Passage
from musicassist.composing.request import GenerationRequest
from musicassist.composing.seed_reading import end_of
from musicassist.composing.take_plan import Intent, TakePlan
from musicassist.score.timing import TimeMap
from musicassist.tokens.codec import Melody
from musicassist.tokens.vocabulary import STEPS_PER_BEAT

PLANNED = ("continue", "generate", "infill")  # kinds of request whose takes have plans
_PLAN_STREAM = 1 << 32  # of the random numbers; takes have the smaller ones


def with_plans(task: MelodyTask, request: GenerationRequest, takes: int) -> tuple[MelodyTask, tuple[TakePlan, ...]]:
    """The task with plans in its passage, and the plan of each take.

    Equal requests get equal plans, and the first takes have the same ones however many there are.

    Args:
        task: Of the request.
        request: What is wanted; of a kind in ``PLANNED``.
        takes: How many.
    """
    asked = plan_request(task)
    if request.plan:
        bars = (*request.plan, *(UNKNOWN_BAR,) * asked.bars)[: asked.bars]
        plans = [TakePlan(None, asked.from_bar, bars, asked.phrase_bars)] * takes
    else:
        intents = (Intent(request.intent),) if request.intent else ()
        random = np.random.default_rng((request.seed, _PLAN_STREAM))
        plans = plan_model().draw_different(asked, takes, random, intents)
        echo = echo_plan(task, asked) if request.kind == "infill" else None
        if echo is not None and intents in ((), (Intent.REPEAT_AND_CLOSE,)):
            plans = [plan if number % 2 and not intents else echo for number, plan in enumerate(plans)]
        plans = [over_chords(plan, task) for plan in plans]
    number = request.song.time_map.bar_number(asked.from_bar)
    plans = [replace(plan, first_number=number) for plan in plans]
    whole = tuple(asked.seed.followed_by(plan.bars, asked.from_bar) for plan in plans)
    return replace(task, passage=replace(task.passage, plans=whole)), tuple(plans)


def echo_plan(task: MelodyTask, asked: PlanRequest) -> TakePlan | None:
    """The plan of bars that are again those which stand elsewhere among the same bars; None where none do."""
    passage = task.passage
    before = {} if passage.is_opening else written_bars(end_of(passage.seed), passage.place.bars)
    around = {**before, **written_bars(passage.following, passage.place.bars)}
    distance = echoes().distance(around, range(asked.from_bar, asked.from_bar + asked.bars))
    if not distance:
        return None
    return TakePlan(Intent.REPEAT_AND_CLOSE, asked.from_bar, (BarPlan(Relation.SAME, distance),) * asked.bars, distance)


def over_chords(plan: TakePlan, task: MelodyTask) -> TakePlan:
    """The plan with the rhythm alone of a bar that was to come again over chords that it does not fit.

    A bar that is written fits where half of its notes on a beat are tones of the chords there, or more; one that is not
    yet, where half of its beats have the same chords.
    """
    if not any(task.passage.place.chord_masks):
        return plan
    bars = [
        replace(own, relation=Relation.RHYTHM)
        if own.relation == Relation.SAME
        and not _fits(task.passage, plan.first_bar + row, own.back_bars, plan.first_bar)
        else own
        for row, own in enumerate(plan.bars)
    ]
    return replace(plan, bars=tuple(bars))


def _fits(passage: Passage, bar: int, back_bars: int, first_bar: int) -> bool:
    place = passage.place
    start, earlier = place.bars.bar_start_tick(bar), place.bars.bar_start_tick(bar - back_bars)
    end = place.bars.bar_start_tick(bar + 1)
    if bar - back_bars >= first_bar:
        beats = range(0, end - start, STEPS_PER_BEAT)
        pairs = [(place.chord_at(start + beat), place.chord_at(earlier + beat)) for beat in beats]
        same = [one == other for one, other in pairs if one and other]
    else:
        onset, pitch = passage.seed.onset_step - earlier, passage.seed.pitch
        is_there = (onset >= 0) & (onset < end - start) & (onset % STEPS_PER_BEAT == 0)
        notes = zip(onset[is_there].tolist(), pitch[is_there].tolist(), strict=True)
        heard = [(place.chord_at(start + at), tone) for at, tone in notes]
        same = [bool(mask >> tone % 12 & 1) for mask, tone in heard if mask]
    return 2 * sum(same) >= len(same)


def plan_request(task: MelodyTask) -> PlanRequest:
    """Which bars a task leaves to be planned, and what stands before them. A bar that is begun is nobody's plan."""
    passage, bars = task.passage, task.passage.place.bars
    line = bars.bar_line_at_or_after(passage.demands.from_step)
    from_bar, to_bar = bars.bar_at(line), bars.bar_at(passage.demands.to_step - 1)
    if line >= passage.demands.to_step:  # it only fills the bar that is begun
        from_bar = to_bar
    if passage.is_opening:
        return PlanRequest(NO_PLAN, from_bar, to_bar - from_bar + 1, _ending(task), from_bar)
    seed = plan_of(end_of(passage.seed), passage.place)
    known = tuple(seed.at(bar) for bar in range(seed.first_bar, from_bar))
    if known and line != passage.demands.from_step:
        known = (*known[:-1], BarPlan(known[-1].relation, known[-1].back_bars))
    origin = first_whole_bar(passage.seed, passage.place)
    waits = has_waits(passage.seed, bars)
    return PlanRequest(Plan(seed.first_bar, known), from_bar, to_bar - from_bar + 1, _ending(task), origin, waits)


def has_waits(melody: Melody, bars: TimeMap) -> bool:
    """Whether it rests somewhere for half a bar or more: then one more bar of silence is nothing foreign."""
    rest = melody.onset_step[1:] - (melody.onset_step + melody.duration_steps)[:-1]
    return bool((2 * rest >= bars.bar_lengths(melody.onset_step[:-1])).any())


def _ending(task: MelodyTask) -> Ending:
    """How the last bar ends; where something follows it is not asked to."""
    if len(task.passage.following):
        return Ending.UNKNOWN
    if task.passage.demands.end.leads_back:
        return Ending.NONE
    return Ending.OPEN if task.passage.place.last_bar is None else Ending.CLOSED
