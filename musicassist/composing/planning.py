"""Plans for the takes of a request: the seed's bars as they are, then one of its own for each take."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from musicassist.composing.melody_task import MelodyTask
from musicassist.composing.plan import NO_PLAN, UNKNOWN_BAR, BarPlan, Ending, Plan, first_whole_bar, plan_of
from musicassist.composing.plan_model import PlanRequest, plan_model
from musicassist.composing.request import GenerationRequest
from musicassist.composing.seed_reading import end_of
from musicassist.composing.take_plan import Intent, TakePlan

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
    number = request.song.time_map.bar_number(asked.from_bar)
    plans = [replace(plan, first_number=number) for plan in plans]
    whole = tuple(asked.seed.followed_by(plan.bars, asked.from_bar) for plan in plans)
    return replace(task, passage=replace(task.passage, plans=whole)), tuple(plans)


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
    return PlanRequest(Plan(seed.first_bar, known), from_bar, to_bar - from_bar + 1, _ending(task), origin)


def _ending(task: MelodyTask) -> Ending:
    """How the last bar ends; where something follows it is not asked to."""
    if len(task.passage.following):
        return Ending.UNKNOWN
    if task.passage.demands.end.leads_back:
        return Ending.NONE
    return Ending.OPEN if task.passage.place.last_bar is None else Ending.CLOSED
