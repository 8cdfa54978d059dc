"""What further takes are asked for: more like one, other endings for one, those of other models, one of each idea."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace

import numpy as np

from musicassist.composing.composed import between, laid_over
from musicassist.composing.planning import PLANNED
from musicassist.composing.request import GenerationRequest, Kin, Part, Take
from musicassist.composing.take_plan import INTENTS, TakePlan
from musicassist.errors import QT_TRANSLATE_NOOP, SeedError
from musicassist.score.song import Notes
from musicassist.score.timing import TimeMap
from musicassist.session.further_takes import Further, inside, joined
from musicassist.session.offers import Controls, Offer
from musicassist.session.take_parts import song_with

LIKE_TAKES = 2  # with its plan, and as many variations
NEAR = 0.35  # how far a variation goes: one still hears what it was
ENDINGS_TAKES = 3
MODEL_TAKES = 2
MAX_CANDIDATES = 4  # LIMIT: composed for each idea, of which the critic chooses one


def like(offer: Offer, take: Take, controls: Controls, new_seed: Callable[[], int]) -> list[Further]:
    """Takes with the plan of one, gone on from the same phrase, and variations of its notes.

    Args:
        offer: What is on offer.
        take: One of its takes, or the mix.
        controls: Which models there are.
        new_seed: A random number.

    Raises:
        SeedError: It has no plan, and no model that varies is installed.
    """
    request = offer.request
    assert request is not None
    _check_whole(request)
    varies = "vary" in controls.models and not request.has_parts and _varied_from(take, request) < take.to_tick
    is_planned = take.plan is not None and bool(take.plan.bars) and request.kind in PLANNED
    if not varies and not is_planned:
        raise SeedError(
            QT_TRANSLATE_NOOP("Errors", "This take has no plan, and no model that varies phrases is installed.")
        )
    asks = []
    if is_planned:
        assert take.plan is not None
        count = LIKE_TAKES if varies else 2 * LIKE_TAKES
        model, seed = take.model or request.model, new_seed()
        asked = replace(request, plan=take.plan.bars, intent="", takes=count, model=model, seed=seed)
        kin = Kin("plan", take.number)
        asks.append(Further(asked, lambda now, made: _all_joined(now, made, plan=take.plan, kin=kin)))
    if varies:
        song, _ = song_with(take, request, request.song, request.track_index)
        count = LIKE_TAKES if is_planned else 2 * LIKE_TAKES
        model, from_tick = controls.model_for("vary"), _varied_from(take, request)
        asked = replace(
            inside(request, "vary", song, from_tick, take.to_tick),
            takes=count, model=model, seed=new_seed(), amount=NEAR,
        )  # fmt: skip
        asks.append(Further(asked, lambda now, made: _with_variations(now, take, from_tick, made)))
    return asks


def _check_whole(request: GenerationRequest) -> None:
    if request.is_reroll:
        raise SeedError(
            QT_TRANSLATE_NOOP(
                "Errors", "These takes are other only where notes were selected. Compose again for more of them."
            )
        )


def _varied_from(take: Take, request: GenerationRequest) -> int:
    """The bar line from which on a take is varied; what it has in a bar that is begun stays."""
    return request.song.time_map.bar_line_at_or_after(take.from_tick)


def _with_variations(offer: Offer, take: Take, from_tick: int, made: tuple[Take, ...]) -> Offer:
    stays = take.notes.where(take.notes.start_tick < from_tick)
    free = max(from_tick, int(stays.end_tick.max())) if len(stays) else from_tick
    for own in made:
        notes = stays.plus(own.notes.where(own.notes.start_tick >= free))
        composed = laid_over(take.composed, between(own.composed, free, take.to_tick))
        kin = Kin("vary", take.number)
        offer = joined(offer, own, notes, plan=take.plan, kin=kin, evidence=None, composed=composed)
    return offer


def ending_from(take: Take, time_map: TimeMap) -> int:
    """Where the second half of a take begins: behind what is held across its middle bar line.

    Raises:
        SeedError: It has less than two whole bars, or something is held to its end.
    """
    first, last = time_map.bar_at(time_map.bar_line_at_or_after(take.from_tick)), time_map.bar_at(take.to_tick - 1)
    if last <= first:
        raise SeedError(QT_TRANSLATE_NOOP("Errors", "An ending is composed for takes of two bars or more."))
    tick = time_map.bar_start_tick(last + 1 - (last + 1 - first) // 2)
    rows = [take.notes, *(part.notes for part in take.parts)]
    while True:  # each round passes a note, and there is an end
        held = [notes.end_tick[(notes.start_tick < tick) & (notes.end_tick > tick)] for notes in rows]
        reached = max((int(ends.max()) for ends in held if len(ends)), default=tick)
        if reached == tick:
            break
        tick = reached
    if time_map.bar_line_at_or_after(tick) >= take.to_tick:
        raise SeedError(
            QT_TRANSLATE_NOOP(
                "Errors", "The take holds a note into its last bar, so there is no place for another ending."
            )
        )
    return tick


def endings(offer: Offer, take: Take, controls: Controls, new_seed: Callable[[], int]) -> list[Further]:
    """Takes that begin as one does and end otherwise: its second half is composed anew, with another plan.

    Args:
        offer: What is on offer.
        take: One of its takes, or the mix.
        controls: Which models there are.
        new_seed: A random number.

    Raises:
        SeedError: There is no second half.
    """
    request = offer.request
    assert request is not None
    _check_whole(request)
    bars = request.song.time_map
    tick = ending_from(take, bars)
    first = replace(take, notes=_before(take.notes, tick), parts=_parts_before(take.parts, tick))
    song, _ = song_with(first, request, request.song, request.track_index)
    kind = "continue" if request.kind in ("continue", "generate") else "infill"
    if kind != request.kind or not take.model:
        model = controls.model_for(kind, writes_parts=request.has_parts)
    else:
        model = take.model
    asked = replace(inside(request, kind, song, tick, take.to_tick), takes=ENDINGS_TAKES, model=model, seed=new_seed())
    asked = replace(asked, parts=request.parts, all_parts=request.all_parts)
    if kind == "continue":
        whole = bars.bar_at(take.to_tick) - bars.bar_at(bars.bar_line_at_or_after(tick))
        asked = replace(asked, at_tick=tick, bars=whole)
    return [Further(asked, lambda now, made: _with_endings(now, take, first, made))]


def _with_endings(offer: Offer, take: Take, first: Take, made: tuple[Take, ...]) -> Offer:
    for own in made:
        began = _before(first.notes, own.from_tick)
        parts = tuple(
            replace(part, notes=_beginning(first, part, own.from_tick).plus(part.notes)) for part in own.parts
        )
        offer = joined(
            offer,
            own,
            began.plus(own.notes),
            parts=parts,
            plan=_plan_ended(take.plan, own.plan),
            kin=Kin("ending", take.number),
            evidence=None,
            composed=laid_over(take.composed, own.composed),
        )
    return offer


def _beginning(first: Take, part: Part, tick: int) -> Notes:
    rows = (own.notes for own in first.parts if own.track_index == part.track_index)
    return _before(next(rows, Notes.of()), tick)


def _plan_ended(plan: TakePlan | None, ending: TakePlan | None) -> TakePlan | None:
    """The plan of a take with the last bars of another one; None where one of them is not known."""
    if plan is None or ending is None or not 0 < len(ending.bars) < len(plan.bars):
        return None
    return replace(plan, bars=(*plan.bars[: -len(ending.bars)], *ending.bars))


def of_models(offer: Offer, names: Iterable[str]) -> list[Further]:
    """Takes of some models, of the same request with the same random number: their ideas are drawn alike."""
    request = offer.request
    assert request is not None
    asks = (replace(request, model=name, takes=MODEL_TAKES) for name in names)
    return [Further(asked, _all_joined) for asked in asks]


def of_ideas(offer: Offer) -> list[Further]:
    """One take of each idea.

    Raises:
        SeedError: Takes of this kind have no plan.
    """
    request = offer.request
    assert request is not None
    if request.kind not in PLANNED or not any(take.plan is not None for take in offer.takes):
        raise SeedError(QT_TRANSLATE_NOOP("Errors", "These takes have no plan, so there are no other ideas for them."))
    few = min(request.candidates, MAX_CANDIDATES)
    asks = (replace(request, intent=intent, plan=(), takes=1, candidates=few) for intent in INTENTS)
    return [Further(asked, _all_joined) for asked in asks]


def _all_joined(offer: Offer, made: tuple[Take, ...], **changes: object) -> Offer:
    for own in made:
        offer = joined(offer, own, own.notes, None, **changes)
    return offer


def _before(notes: Notes, tick: int) -> Notes:
    return notes.where(np.asarray(notes.start_tick < tick, dtype=np.bool_))


def _parts_before(parts: tuple[Part, ...], tick: int) -> tuple[Part, ...]:
    return tuple(replace(part, notes=_before(part.notes, tick)) for part in parts)
