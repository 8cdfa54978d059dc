"""What the bar that a plan takes up says of the next note, and a predictor that is led by it.

Each field of the next note is told by the note at the same place of the bar that is taken up: what it would be if that
bar came again. A net with a plan reads it; for other models it weighs a little more.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from musicassist.composing.plan import POINTING, Ending, Plan, Relation
from musicassist.composing.predictor import Chosen, Contexts, Logits, Passage, Predictor
from musicassist.composing.seed_reading import IsCancelled, never
from musicassist.score.timing import TimeMap
from musicassist.tokens.codec import Melody
from musicassist.tokens.context import MelodyContext, interval_class
from musicassist.tokens.vocabulary import MAX_INTERVAL, MAX_STEPS, NONE_CLASS

# how much more what the plan says weighs, in nats (`python -m lab.evaluation.plan_takes`)
GAP_WEIGHT, INTERVAL_WEIGHT, DURATION_WEIGHT, COMMA_WEIGHT = 3.0, 3.0, 2.0, 2.0
SAME_WEIGHT, SILENCE_WEIGHT = 5.0, 8.0
_COMMA_OF_BAR = 3  # a phrase ends on no less than this part of a bar
_FARTHEST_IN_SEQUENCE = 5  # semitones between the first notes of a bar and of its sequence


@dataclass(frozen=True)
class Ahead:
    """What stands behind the takes: of each note its bar, its place there, its pitch and its length in steps."""

    bar: list[int]
    position: list[int]
    pitch: list[int]
    duration: list[int]

    @staticmethod
    def of(melody: Melody, bars: TimeMap) -> Ahead:
        """That of a melody."""
        places = [bars.bar_and_offset_ticks(onset) for onset in melody.onset_step.tolist()]
        at = [bar for bar, _ in places], [position for _, position in places]
        return Ahead(*at, melody.pitch.tolist(), melody.duration_steps.tolist())


Written = MelodyContext | Ahead  # whose notes bars may take up


def planned_gap(context: MelodyContext, plan: Plan, ahead: Ahead | None = None) -> int:
    """The steps to the next onset if the bars that are taken up are followed; ``NONE_CLASS`` for none."""
    bar, position = context.bar[-1], context.position[-1]
    taken = taken_from(context, plan, bar, ahead)
    first, last = rows_taken_up(taken, plan, bar)
    if first == last:
        return NONE_CLASS
    row = bisect_right(taken.position, position, first, last)
    if row < last:
        return min(taken.position[row] - position, MAX_STEPS)
    taken = taken_from(context, plan, bar + 1, ahead)
    first, last = rows_taken_up(taken, plan, bar + 1)
    if first == last:
        return NONE_CLASS
    return min(context.place.bars.bar_start_tick(bar + 1) - context.onset[-1] + taken.position[first], MAX_STEPS)


def planned_row(context: MelodyContext, plan: Plan, gap: int, ahead: Ahead | None = None) -> int:
    """The note at the same place of the bar that is taken up, as a row of :func:`taken_from`; -1 for none."""
    bar, position = bar_after(context, gap)
    taken = taken_from(context, plan, bar, ahead)
    first, last = rows_taken_up(taken, plan, bar)
    row = bisect_left(taken.position, position, first, last)
    return row if row < last and taken.position[row] == position else -1


def planned_interval(context: MelodyContext, row: int, relation: Relation, taken: Written | None = None) -> int:
    """The interval class of the note that is taken up: to its pitch where a bar comes again, else as it moved there.

    ``taken`` has the row; without it the context does.
    """
    written: Written = taken or context
    if row < 0:
        return NONE_CLASS
    if relation == Relation.SAME:
        return interval_class(written.pitch[row] - context.pitch[-1])
    if row and written.bar[row - 1] == written.bar[row]:
        return interval_class(written.pitch[row] - written.pitch[row - 1])
    return NONE_CLASS


def taken_from(context: MelodyContext, plan: Plan, bar: int, ahead: Ahead | None) -> Written:
    """Where the bar stands that a bar takes up: behind the takes, or before it."""
    return ahead if ahead is not None and plan.at(bar).back_bars < 0 else context


def rows_taken_up(written: Written, plan: Plan, bar: int) -> tuple[int, int]:
    """From and to which row the bar stands that a bar takes up; equal for none."""
    own = plan.at(bar)
    if own.relation not in POINTING:
        return 0, 0
    taken = bar - own.back_bars
    first = bisect_left(written.bar, taken)
    return first, bisect_right(written.bar, taken, first)


def bar_after(context: MelodyContext, gap: int) -> tuple[int, int]:
    """The bar of an onset ``gap`` steps after the last one, and its position there."""
    return context.place.bars.bar_and_offset_ticks(context.onset[-1] + gap)


class PlanGuide(Predictor):
    """A predictor whose takes are led by plans, one each.

    Args:
        inner: Foretells, with a plan or without.
        reads_plans: Whether it reads the plans itself. Then it is only led where a sequence begins, for it follows one
            well, but as often as not begins it on the very pitch of the bar that is taken up; and where a bar comes
            again: four such bars in a row would seldom all be the same.
    """

    def __init__(self, inner: Predictor, *, reads_plans: bool = False) -> None:
        self._inner = inner
        self._reads_plans = reads_plans
        self._plans: list[Plan] = []
        self._ahead: Ahead | None = None

    def begin(
        self, passage: Passage, randoms: Sequence[np.random.Generator], is_cancelled: IsCancelled = never
    ) -> list[MelodyContext]:
        """As of the inner predictor; the passage has a plan for each stream."""
        contexts = self._inner.begin(passage, randoms, is_cancelled)
        self._plans = list(passage.plans)
        self._ahead = Ahead.of(passage.following, passage.place.bars) if len(passage.following) else None
        assert len(self._plans) == len(contexts)
        return contexts

    def gaps(self, contexts: Contexts) -> Logits:
        """The next onset of the bar that is taken up weighs more, and where a phrase ends a wait beyond its bar."""
        logits = self._inner.gaps(contexts).copy()
        for row, context, plan in zip(logits, contexts, self._plans, strict=True):
            bar = context.bar[-1]
            gap = planned_gap(context, plan, self._ahead)
            if gap == NONE_CLASS:
                self._begin_as_planned(row, context, plan)
            elif self._leads_through(plan, bar_after(context, gap)[0]):
                row[gap] += SAME_WEIGHT if plan.at(bar_after(context, gap)[0]).relation == Relation.SAME else GAP_WEIGHT
            if plan.at(bar + 1).relation == Relation.HELD:
                _keep_silent(row, context)
            if plan.at(bar).ending > Ending.NONE and not self._reads_plans:
                _ask_for_comma(row, context)
        return logits

    def intervals(self, contexts: Contexts, gaps: Chosen) -> Logits:
        """Where the bar comes again its pitch weighs more; in a sequence how it moved, a semitone more or less."""
        logits = self._inner.intervals(contexts, gaps).copy()
        for row, context, plan, gap in zip(logits, contexts, self._plans, gaps, strict=True):
            bar = bar_after(context, gap)[0]
            relation, written = plan.at(bar).relation, taken_from(context, plan, bar, self._ahead)
            taken = planned_row(context, plan, gap, self._ahead)
            if taken < 0 or relation == Relation.RHYTHM:
                continue
            interval = planned_interval(context, taken, relation, written)
            if interval == NONE_CLASS:
                row[_first_of_sequence(context, written.pitch[taken], relation)] += INTERVAL_WEIGHT
            elif relation == Relation.SAME:
                row[interval] += SAME_WEIGHT
            elif relation in (Relation.SEQUENCE_UP, Relation.SEQUENCE_DOWN) and not self._reads_plans:
                row[_in_sequence(interval)] += INTERVAL_WEIGHT
        return logits

    def durations(self, contexts: Contexts, gaps: Chosen, intervals: Chosen) -> Logits:
        """The length of the note that is taken up weighs more."""
        logits = self._inner.durations(contexts, gaps, intervals).copy()
        for row, context, plan, gap in zip(logits, contexts, self._plans, gaps, strict=True):
            bar = bar_after(context, gap)[0]
            taken = planned_row(context, plan, gap, self._ahead)
            if taken >= 0 and self._leads_through(plan, bar):
                weight = SAME_WEIGHT if plan.at(bar).relation == Relation.SAME else DURATION_WEIGHT
                row[taken_from(context, plan, bar, self._ahead).duration[taken]] += weight
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

    def _leads_through(self, plan: Plan, bar: int) -> bool:
        """Whether all notes of a bar are led, not only where a sequence begins."""
        return not self._reads_plans or plan.at(bar).relation == Relation.SAME

    def _begin_as_planned(self, row: Logits, context: MelodyContext, plan: Plan) -> None:
        """Who goes on from a bar that takes up nothing into one that does begins that one as planned."""
        bar = context.bar[-1] + 1
        taken = taken_from(context, plan, bar, self._ahead)
        first, last = rows_taken_up(taken, plan, bar)
        if first == last or not self._leads_through(plan, bar):
            return
        left = context.place.bars.bar_start_tick(bar) - context.onset[-1]
        planned = left + taken.position[first]
        beyond = np.arange(len(row))
        row[(beyond >= left) & (beyond != planned)] -= GAP_WEIGHT


def _keep_silent(row: Logits, context: MelodyContext) -> None:
    """Nothing starts in the next bar, and something in the first half of the one behind it."""
    start, end, stop = (context.place.bars.bar_start_tick(context.bar[-1] + more) for more in (1, 2, 3))
    onsets = context.onset[-1] + np.arange(len(row))
    row[(onsets >= start) & ((onsets < end) | (2 * onsets > end + stop))] -= SILENCE_WEIGHT


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


def _first_of_sequence(context: MelodyContext, pitch: int, relation: Relation) -> list[int]:
    """The interval classes to pitches a little above or below the first one of the bar that is taken up."""
    way = 1 if relation == Relation.SEQUENCE_UP else -1
    home = pitch - context.pitch[-1]
    return [interval_class(home + way * far) for far in range(1, _FARTHEST_IN_SEQUENCE + 1)]
