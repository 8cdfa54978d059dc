"""What the rows of the takes panel show, made from the takes as they stand."""

from __future__ import annotations

from musicassist.generation.request import Take
from musicassist.generation.take_desk import TakeDesk
from musicassist.score.seam import FACT_WORDS
from musicassist.score.theory import Key
from musicassist.ui.take_row import TakeFace
from musicassist.ui.words import filled, tr


def take_faces(takes: TakeDesk, lit: int, song_key: Key | None) -> tuple[TakeFace, ...]:
    """A face for each take, the first one for take 1; none while nothing was asked for.

    Args:
        takes: The takes.
        lit: Number of the take that is heard or watched.
        song_key: The song's key, for takes that were made without one.
    """
    if takes.span is None or takes.phase not in ("generating", "offered"):
        return ()
    from_tick, to_tick = takes.span
    offer = {take.number: take for take in takes.offer}
    count = len(offer) or (takes.request.takes if takes.request is not None else 0)
    return tuple(
        TakeFace(
            notes=takes.ghosts(number),
            from_tick=from_tick,
            to_tick=to_tick,
            is_auditioned=number == lit,
            is_complete=number in offer,
            facts=take_facts(offer[number], song_key) if number in offer else "",
        )
        for number in range(1, count + 1)
    )


def take_facts(take: Take, song_key: Key | None) -> str:
    """What is known about a take, in two short lines, and a third where it puts something right."""
    notes = tr("Takes", "{count} notes").format(count=len(take.notes))
    new = tr("Takes", "{share} % new").format(share=round(100 * take.originality))
    seed = tr("Takes", "seed {seed}").format(seed=take.seed)
    facts = f"{notes}{_in_key(take, song_key)}\n{new} · {seed}"
    put_right = ", ".join(filled("Takes", FACT_WORDS[kind], {"value": value}) for kind, value in take.amends.facts)
    return f"{facts}\n{put_right}" if put_right else facts


def _in_key(take: Take, song_key: Key | None) -> str:
    key = take.constraints.key or song_key
    if key is None:
        return ""
    if take.in_scale_share >= 1:
        return tr("Takes", ", all in {key}").format(key=key)
    return tr("Takes", ", {share} % in {key}").format(share=round(100 * take.in_scale_share), key=key)


def progress_share(faces: tuple[TakeFace, ...]) -> float:
    """How far the takes have come in time, 0..1, on the average."""
    if not faces:
        return 0.0
    reached = (face.notes.end_tick.max() - face.from_tick if len(face.notes) else 0 for face in faces)
    spans_ticks = sum(max(1, face.to_tick - face.from_tick) for face in faces)
    return max(0.0, min(1.0, float(sum(reached)) / spans_ticks))
