"""What the bar that a plan takes up says of the next note, and a predictor that is led by it.

Each field of the next note is told by the note at the same place of the bar that is taken up: what it would be if that
bar came again. A net with a plan reads it; for other models it weighs a little more.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence

import numpy as np

from musicassist.composing.plan import POINTING, Ending, Plan, Relation
from musicassist.composing.predictor import Chosen, Contexts, Logits, Passage, Predictor
from musicassist.composing.seed_reading import IsCancelled, never
from musicassist.tokens.context import MelodyContext, interval_class
from musicassist.tokens.vocabulary import MAX_INTERVAL, MAX_STEPS, NONE_CLASS

# how much more what the plan says weighs, in nats (`python -m lab.evaluation.plan_takes`)
GAP_WEIGHT, INTERVAL_WEIGHT, DURATION_WEIGHT, COMMA_WEIGHT = 3.0, 3.0, 2.0, 2.0
_COMMA_OF_BAR = 3  # a phrase ends on no less than this part of a bar
_FARTHEST_IN_SEQUENCE = 5  # semitones between the first notes of a bar and of its sequence


def planned_gap(context: MelodyContext, plan: Plan) -> int:
    """The steps to the next onset if the bars that are taken up are followed; ``NONE_CLASS`` for none."""
    bar, position = context.bar[-1], context.position[-1]
    first, last = rows_taken_up(context, plan, bar)
    if first == last:
        return NONE_CLASS
    row = bisect_right(context.position, position, first, last)
    if row < last:
        return min(context.position[row] - position, MAX_STEPS)
    first, last = rows_taken_up(context, plan, bar + 1)
    if first == last:
        return NONE_CLASS
    return min(context.place.bars.bar_start_tick(bar + 1) - context.onset[-1] + context.position[first], MAX_STEPS)


def planned_row(context: MelodyContext, plan: Plan, gap: int) -> int:
    """The note at the same place of the bar that is taken up, as a row of the context; -1 for none."""
    bar, position = bar_after(context, gap)
    first, last = rows_taken_up(context, plan, bar)
    row = bisect_left(context.position, position, first, last)
    return row if row < last and context.position[row] == position else -1


def planned_interval(context: MelodyContext, row: int, relation: Relation) -> int:
    """The interval class of the note that is taken up: to its pitch where a bar comes again, else as it moved there."""
    if row < 0:
        return NONE_CLASS
    if relation == Relation.SAME:
        return interval_class(context.pitch[row] - context.pitch[-1])
    if row and context.bar[row - 1] == context.bar[row]:
        return interval_class(context.pitch[row] - context.pitch[row - 1])
    return NONE_CLASS


def rows_taken_up(context: MelodyContext, plan: Plan, bar: int) -> tuple[int, int]:
    """From and to which row the bar stands that a bar takes up; equal for none."""
    own = plan.at(bar)
    if own.relation not in POINTING:
        return 0, 0
    taken = bar - own.back_bars
    first = bisect_left(context.bar, taken)
    return first, bisect_right(context.bar, taken, first)


def bar_after(context: MelodyContext, gap: int) -> tuple[int, int]:
    """The bar of an onset ``gap`` steps after the last one, and its position there."""
    return context.place.bars.bar_and_offset_ticks(context.onset[-1] + gap)


class PlanGuide(Predictor):
    """A predictor whose takes are led by plans, one each.

    Args:
        inner: Foretells, with a plan or without.
        reads_plans: Whether it reads the plans itself. Then it is only led where a sequence begins: it follows one
            well, but as often as not begins it on the very pitch of the bar that is taken up.
    """

    def __init__(self, inner: Predictor, *, reads_plans: bool = False) -> None:
        self._inner = inner
        self._reads_plans = reads_plans
        self._plans: list[Plan] = []

    def begin(
        self, passage: Passage, randoms: Sequence[np.random.Generator], is_cancelled: IsCancelled = never
    ) -> list[MelodyContext]:
        """As of the inner predictor; the passage has a plan for each stream."""
        contexts = self._inner.begin(passage, randoms, is_cancelled)
        self._plans = list(passage.plans)
        assert len(self._plans) == len(contexts)
        return contexts

    def gaps(self, contexts: Contexts) -> Logits:
        """The next onset of the bar that is taken up weighs more, and where a phrase ends a wait beyond its bar."""
        logits = self._inner.gaps(contexts)
        if self._reads_plans:
            return logits
        logits = logits.copy()
        for row, context, plan in zip(logits, contexts, self._plans, strict=True):
            gap = planned_gap(context, plan)
            if gap != NONE_CLASS:
                row[gap] += GAP_WEIGHT
            else:
                _begin_as_planned(row, context, plan)
            if plan.at(context.bar[-1]).ending > Ending.NONE:
                _ask_for_comma(row, context)
        return logits

    def intervals(self, contexts: Contexts, gaps: Chosen) -> Logits:
        """Where the bar comes again its pitch weighs more; in a sequence how it moved, a semitone more or less."""
        logits = self._inner.intervals(contexts, gaps).copy()
        for row, context, plan, gap in zip(logits, contexts, self._plans, gaps, strict=True):
            relation = plan.at(bar_after(context, gap)[0]).relation
            taken = planned_row(context, plan, gap)
            if taken < 0 or relation == Relation.RHYTHM:
                continue
            interval = planned_interval(context, taken, relation)
            if interval == NONE_CLASS:
                row[_first_of_sequence(context, taken, relation)] += INTERVAL_WEIGHT
            elif relation == Relation.SAME and not self._reads_plans:
                row[interval] += INTERVAL_WEIGHT
            elif relation in (Relation.SEQUENCE_UP, Relation.SEQUENCE_DOWN) and not self._reads_plans:
                row[_in_sequence(interval)] += INTERVAL_WEIGHT
        return logits

    def durations(self, contexts: Contexts, gaps: Chosen, intervals: Chosen) -> Logits:
        """The length of the note that is taken up weighs more."""
        logits = self._inner.durations(contexts, gaps, intervals)
        if self._reads_plans:
            return logits
        logits = logits.copy()
        for row, context, plan, gap in zip(logits, contexts, self._plans, gaps, strict=True):
            taken = planned_row(context, plan, gap)
            if taken >= 0:
                row[context.duration[taken]] += DURATION_WEIGHT
        return logits

    def velocities(self, contexts: Contexts, gaps: Chosen, intervals: Chosen, durations: Chosen) -> Logits:
        """No plan says how loud."""
        return self._inner.velocities(contexts, gaps, intervals, durations)

    def advance(self, contexts: Contexts) -> None:
        """As of the inner predictor."""
        self._inner.advance(contexts)

    def keep(self, streams: Sequence[int]) -> None:
        """Goes on with some of the streams, and their plans, only."""
        self._plans = [self._plans[stream] for stream in streams]
        self._inner.keep(streams)


def _begin_as_planned(row: Logits, context: MelodyContext, plan: Plan) -> None:
    """Who goes on from a bar that takes up nothing into one that does begins that one as planned."""
    bar = context.bar[-1] + 1
    first, last = rows_taken_up(context, plan, bar)
    if first == last:
        return
    left = context.place.bars.bar_start_tick(bar) - context.onset[-1]
    planned = left + context.position[first]
    beyond = np.arange(len(row))
    row[(beyond >= left) & (beyond != planned)] -= GAP_WEIGHT


def _ask_for_comma(row: Logits, context: MelodyContext) -> None:
    """The last note of a phrase is long, or a rest follows it: from its second half on, a bar is waited out."""
    start, end = (context.place.bars.bar_start_tick(context.bar[-1] + more) for more in (0, 1))
    left = end - context.onset[-1]
    if _COMMA_OF_BAR * left >= end - start and 2 * left <= end - start:
        row[left:MAX_STEPS] += COMMA_WEIGHT


def _in_sequence(interval: int) -> list[int]:
    """The interval classes that move as one does, within a semitone."""
    near = [interval - 1, interval, interval + 1]
    return [own for own in near if 0 <= own <= 2 * MAX_INTERVAL and (own > MAX_INTERVAL) == (interval > MAX_INTERVAL)]


def _first_of_sequence(context: MelodyContext, taken: int, relation: Relation) -> list[int]:
    """The interval classes to pitches a little above or below the first one of the bar that is taken up."""
    way = 1 if relation == Relation.SEQUENCE_UP else -1
    home = context.pitch[taken] - context.pitch[-1]
    return [interval_class(home + way * far) for far in range(1, _FARTHEST_IN_SEQUENCE + 1)]
