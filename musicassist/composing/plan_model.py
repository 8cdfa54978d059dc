"""Plans for bars that are not yet written: a small model of what bars take up, counted in real melodies.

A bar's relation is drawn from what came before it in the plan and from its place in a phrase of eight bars, by counts
that back off from longer contexts to shorter ones (Witten and Bell 1991, "The zero-frequency problem"); then, whether
a phrase ends in it. An intent rules out what would be another one's idea.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, TypeVar

import numpy as np

from musicassist.composing.plan import MAX_BACK_BARS, POINTING, BarPlan, Ending, Plan, Relation
from musicassist.composing.take_plan import Intent, TakePlan
from musicassist.resources import resources_folder

PHRASE_BARS = 8
_MAX_SINCE = 8  # LIMIT: bars since the last phrase ended
_FEWEST = 3  # times that something was seen, for it to be kept
_FEWEST_IN_CONTEXT = 12  # bars that followed a context, for it to be kept
T = TypeVar("T")
_TRIES = 12  # draws for a plan that differs from those before it
Taken = tuple[Relation, int]  # what is taken up, and from how many bars back
_START: Taken = (Relation.UNKNOWN, 0)
_NEW: Taken = (Relation.NEW, 0)


DEFAULT_INTENTS = (Intent.ANSWER, Intent.GO_ON, Intent.CONTRAST)
# one of them is on offer: more, and bars would return, or rise, more often than in real music
RARER_INTENTS = (Intent.REPEAT_AND_CLOSE, Intent.SEQUENCE_UP)
REPEAT_SHARE = 0.65  # of the requests with the first of them: so four bars are bars of the phrase as often as in music
# against what the counts say (`python -m lab.evaluation.form`): takes would be like their phrase in part too often, and
# too seldom say what is new twice, or keep silent
ANSWER_SAME_WEIGHT, AGAIN_WEIGHT, SILENCE_WEIGHT = 0.25, 2.0, 2.0
FLOW_WEIGHT = 1.5  # of no end in the last bar before what stands behind it


@dataclass(frozen=True)
class PlanRequest:
    """What is to be planned.

    Attributes:
        seed: The plan of what is written.
        from_bar: The first bar to plan, as the song counts.
        bars: How many.
        ending: How the last of them ends: ``CLOSED``; ``NONE`` goes on; ``OPEN`` for either but ``CLOSED``; ``UNKNOWN``
            as it comes.
        origin_bar: The first whole bar of the melody, from which phrases are counted.
        has_waits: Whether the melody rests for half a bar somewhere, so that a bar of silence is nothing foreign.
    """

    seed: Plan
    from_bar: int
    bars: int
    ending: Ending = Ending.UNKNOWN
    origin_bar: int = 0
    has_waits: bool = False

    @property
    def phrase_bars(self) -> int:
        """Of the phrase just before, as far as its length can be told from the bars that are written."""
        written = self.from_bar - self.origin_bar
        for length in (8, 4, 2):
            if written >= length and (length <= self.bars or length == 2 or written < 2 * length):
                return length
        return max(1, written)


class PlanModel:
    """What was counted.

    Args:
        taken: For each context what a bar took up, and how often.
        endings: For each context how its phrase ended, and how often.
    """

    def __init__(self, taken: Mapping[str, Mapping[str, int]], endings: Mapping[str, Mapping[str, int]]) -> None:
        self._taken = {context: _read(own, _taken_of) for context, own in taken.items()}
        self._endings = {context: _read(own, lambda name: Ending[name]) for context, own in endings.items()}

    @staticmethod
    def counted(plans: Iterable[tuple[Plan, int]]) -> PlanModel:
        """The model of some melodies: the plan of each, and its first whole bar."""
        taken: dict[str, Counter[str]] = defaultdict(Counter)
        endings: dict[str, Counter[str]] = defaultdict(Counter)
        for plan, origin in plans:
            for row, own in enumerate(plan.bars):
                bar = plan.first_bar + row
                for context in _taken_contexts(plan, bar, origin):
                    taken[context][_name_of((own.relation, own.back_bars))] += 1
                for context in _ending_contexts(plan, bar, origin, own):
                    endings[context][own.ending.name] += 1
        return PlanModel(*({c: kept for c, own in page.items() if (kept := _kept(own))} for page in (taken, endings)))

    def as_json(self) -> dict[str, Any]:
        """Plain values, from which :meth:`from_json` makes an equal model."""
        return {
            "taken": {context: {_name_of(x): n for x, n in own.items()} for context, own in self._taken.items()},
            "endings": {context: {x.name: n for x, n in own.items()} for context, own in self._endings.items()},
        }

    @staticmethod
    def from_json(page: Mapping[str, Any]) -> PlanModel:
        """The inverse of :meth:`as_json`.

        Raises:
            ValueError: Something is missing or of another kind.
        """
        try:
            return PlanModel(page["taken"], page["endings"])
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError("it is no model of plans") from error

    def chance(self, plan: Plan, bar: int, origin: int) -> float:
        """How likely the model finds a bar of a plan after those before it."""
        own = plan.at(bar)
        taken = _mixed(self._taken, _taken_contexts(plan, bar, origin)).get((own.relation, own.back_bars), 0.0)
        return taken * _mixed(self._endings, _ending_contexts(plan, bar, origin, own)).get(own.ending, 0.0)

    def draw(self, request: PlanRequest, intent: Intent, random: np.random.Generator) -> TakePlan:
        """A plan; equal requests and random states give equal plans."""
        plan = request.seed.followed_by((), request.from_bar)
        for place in range(request.bars):
            bar = request.from_bar + place
            own = self._drawn_bar(request, intent, plan, bar, random)
            if place == request.bars - 1 and request.ending == Ending.CLOSED:
                own = _closing(own)
            if own.relation == Relation.HELD and place and plan.at(bar - 1).ending == Ending.NONE:
                plan = plan.followed_by((replace(plan.at(bar - 1), ending=Ending.OPEN),), bar - 1)
            plan = plan.followed_by((own,), bar)
        return TakePlan(
            intent,
            request.from_bar,
            tuple(plan.at(request.from_bar + place) for place in range(request.bars)),
            request.phrase_bars,
        )

    def draw_different(
        self, request: PlanRequest, count: int, random: np.random.Generator, intents: Sequence[Intent] = ()
    ) -> list[TakePlan]:
        """Plans for several takes of one request: the intents in turn, no two plans alike where chance allows.

        Without ``intents`` take part those by default, and one of the rarer ones.
        """
        if not intents:
            intents = (*DEFAULT_INTENTS, RARER_INTENTS[int(random.random() >= REPEAT_SHARE)])
        possible = [intent for intent in intents if _is_possible(request, intent)] or [Intent.GO_ON]
        drawn: list[TakePlan] = []
        for place in range(count):
            intent = possible[place % len(possible)]
            for _ in range(_TRIES):
                own = self.draw(request, intent, random)
                if all(own.bars != other.bars for other in drawn):
                    break
            drawn.append(own)
        return drawn

    def _drawn_bar(
        self, request: PlanRequest, intent: Intent, plan: Plan, bar: int, random: np.random.Generator
    ) -> BarPlan:
        chances = _mixed(self._taken, _taken_contexts(plan, bar, request.origin_bar))
        fits = _RULES[intent]
        place = bar - request.from_bar
        allowed = {
            taken: chance * _weight(taken, place, intent)
            for taken, chance in chances.items()
            if _is_there(plan, bar, taken)
            and fits(request, place, taken)
            and (taken[0] != Relation.HELD or _may_be_silent(request, bar))
        }
        relation, back = _drawn(allowed, random) if allowed else _fallback(request, intent, plan, bar)
        own = BarPlan(relation, back)
        endings = _mixed(self._endings, _ending_contexts(plan, bar, request.origin_bar, own))
        is_last = bar == request.from_bar + request.bars - 1
        if request.ending == Ending.NONE and is_last:
            endings = {Ending.NONE: 1.0}
        if request.ending == Ending.OPEN and is_last:
            endings = {ending: chance for ending, chance in endings.items() if ending != Ending.CLOSED}
        if request.ending == Ending.UNKNOWN and is_last:
            endings = {**endings, Ending.NONE: FLOW_WEIGHT * endings.get(Ending.NONE, 0.0)}
        return replace(own, ending=_drawn(endings, random))


@lru_cache(maxsize=1)
def plan_model() -> PlanModel:
    """The model that the program ships; read at its first use.

    Raises:
        OSError, ValueError: It is missing or damaged.
    """
    return PlanModel.from_json(json.loads((resources_folder() / "plans.json").read_text("utf-8")))


# what an intent allows: of the request, the place in the take and what would be taken up


def _answers(request: PlanRequest, place: int, taken: Taken) -> bool:
    relation, back = taken
    if place < max(1, request.bars // 4):
        return relation in (Relation.SAME, Relation.RHYTHM) and back == request.phrase_bars
    if place < request.bars // 2:
        return relation == Relation.RHYTHM and back == request.phrase_bars
    return relation != Relation.SAME or back < place


def _repeats(request: PlanRequest, place: int, taken: Taken) -> bool:
    relation, back = taken
    is_again = relation == Relation.SAME and back == request.phrase_bars
    if place < request.bars - max(1, request.bars // 4) or request.ending != Ending.CLOSED:
        return is_again
    return relation in (Relation.NEW, Relation.RHYTHM, Relation.HELD)


def _contrasts(request: PlanRequest, place: int, taken: Taken) -> bool:
    relation, back = taken
    return relation in (Relation.NEW, Relation.HELD) if place == 0 else back <= place


def _rises(request: PlanRequest, place: int, taken: Taken) -> bool:
    relation, back = taken
    if place < min(2, max(1, request.bars // 2)):
        return relation == Relation.SEQUENCE_UP and back <= max(2, request.phrase_bars)
    return True


def _goes_on(request: PlanRequest, place: int, taken: Taken) -> bool:
    relation, back = taken
    return place > 0 or relation != Relation.SAME or back != request.phrase_bars


def _weight(taken: Taken, place: int, intent: Intent) -> float:
    """How much more often than in the mean of all music something is taken up, as real bars behind phrases have it."""
    relation, back = taken
    if relation == Relation.SAME and back <= place:
        return AGAIN_WEIGHT
    if relation == Relation.SAME and intent == Intent.ANSWER:
        return ANSWER_SAME_WEIGHT
    return SILENCE_WEIGHT if relation == Relation.HELD else 1.0


_RULES: dict[Intent, Callable[[PlanRequest, int, Taken], bool]] = {
    Intent.ANSWER: _answers,
    Intent.REPEAT_AND_CLOSE: _repeats,
    Intent.GO_ON: _goes_on,
    Intent.CONTRAST: _contrasts,
    Intent.SEQUENCE_UP: _rises,
}


def _is_possible(request: PlanRequest, intent: Intent) -> bool:
    """Whether there is anything that the intent could take up."""
    first = request.seed.at(request.from_bar - request.phrase_bars).relation
    if intent in (Intent.ANSWER, Intent.REPEAT_AND_CLOSE):
        return first not in (Relation.UNKNOWN, Relation.HELD)
    if intent == Intent.SEQUENCE_UP:
        last = request.seed.at(request.from_bar - 1).relation
        return {first, last} - {Relation.UNKNOWN, Relation.HELD} != set()
    return True


def _fallback(request: PlanRequest, intent: Intent, plan: Plan, bar: int) -> Taken:
    """What the intent itself says where nothing that was counted fits it."""
    if intent in (Intent.CONTRAST, Intent.GO_ON):
        return _NEW
    wanted = {Intent.ANSWER: Relation.RHYTHM, Intent.REPEAT_AND_CLOSE: Relation.SAME}
    taken = wanted.get(intent, Relation.SEQUENCE_UP), request.phrase_bars
    return taken if _is_there(plan, bar, taken) else _NEW


def _is_there(plan: Plan, bar: int, taken: Taken) -> bool:
    """Whether the bar that would be taken up has notes; silence follows a bar that has some."""
    relation, back = taken
    if relation == Relation.HELD:
        return plan.at(bar - 1).relation not in (Relation.UNKNOWN, Relation.HELD)
    if relation not in POINTING:
        return True
    return plan.at(bar - back).relation not in (Relation.UNKNOWN, Relation.HELD)


def _may_be_silent(request: PlanRequest, bar: int) -> bool:
    """Within a take of a melody that waits, too."""
    return request.has_waits and request.from_bar < bar < request.from_bar + request.bars - 1


def _closing(own: BarPlan) -> BarPlan:
    """The last bar, which has to end at home, and so is no bar's copy or silence."""
    if own.relation == Relation.HELD:
        return BarPlan(Relation.NEW, 0, Ending.CLOSED)
    relation = Relation.RHYTHM if own.relation == Relation.SAME else own.relation
    return BarPlan(relation, own.back_bars, Ending.CLOSED)


# contexts, long ones first, and what is counted in them


def _taken_contexts(plan: Plan, bar: int, origin: int) -> list[str]:
    last, before = (_taken(plan.at(bar - back)) for back in (1, 2))
    place = (bar - origin) % PHRASE_BARS
    written = min(MAX_BACK_BARS, max(0, bar - plan.first_bar))
    return [
        f"{place} {_name_of(last)} {_name_of(before)}",
        f"{place} {_name_of(last)}",
        f"{place % 4} {_name_of(last)}",
        f"{place % 4} of {written if written < PHRASE_BARS else PHRASE_BARS}",
        "",
    ]


def _ending_contexts(plan: Plan, bar: int, origin: int, own: BarPlan) -> list[str]:
    since = next((k for k in range(1, _MAX_SINCE) if plan.at(bar - k).ending > Ending.NONE), _MAX_SINCE)
    taken = plan.at(bar - own.back_bars).ending.name if own.back_bars else "NONE"
    place = (bar - origin) % PHRASE_BARS
    return [
        f"{own.relation.name} {taken} {place % 4} {since}",
        f"{own.relation.name} {taken} {place % 4}",
        f"{own.relation.name} {taken}",
        own.relation.name,
        "",
    ]


def _taken(own: BarPlan) -> Taken:
    return own.relation, own.back_bars


def _name_of(taken: Taken) -> str:
    relation, back = taken
    return f"{relation.name}:{back}" if back else relation.name


def _taken_of(name: str) -> Taken:
    relation, _, back = name.partition(":")
    return Relation[relation], int(back or 0)


def _kept(own: Counter[str]) -> dict[str, int]:
    if sum(own.values()) < _FEWEST_IN_CONTEXT:
        return {}
    return {name: count for name, count in sorted(own.items()) if count >= _FEWEST}


def _read(own: Mapping[str, Any], of: Callable[[str], T]) -> dict[T, int]:
    if not all(isinstance(count, int) and count > 0 for count in own.values()):
        raise ValueError("counts must be whole numbers above 0")
    return {of(name): count for name, count in own.items()}


def _mixed(counts: Mapping[str, Mapping[T, int]], contexts: Sequence[str]) -> dict[T, float]:
    """The chances of what was counted: each context's own, as far as it can be trusted, then those of shorter ones."""
    chances: dict[T, float] = {}
    for context in reversed(contexts):
        own = counts.get(context, {})
        total = sum(own.values())
        if total > 0:
            trust = total / (total + len(own)) if chances else 1.0  # what is rarest was not kept: near enough
            chances = {x: (1 - trust) * chance for x, chance in chances.items()}
            for x, count in own.items():
                chances[x] = chances.get(x, 0.0) + trust * count / total
    return chances


def _drawn(chances: Mapping[T, float], random: np.random.Generator) -> T:
    names = list(chances)
    reached = np.cumsum([chances[name] for name in names])
    row = int(np.searchsorted(reached, random.random() * reached[-1], side="right"))
    return names[min(row, len(names) - 1)]
