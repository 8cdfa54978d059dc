"""Takes in the roll: which ghosts stand over the notes of the edited track, and how they come into view."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from musicassist.composing.request import ACCOMPANY
from musicassist.document.document import Document
from musicassist.score.meant_times import meant_between
from musicassist.score.song import Notes
from musicassist.session.take_parts import is_written
from musicassist.session.takes import Takes
from musicassist.ui.piano_roll.plan_brackets import Bracket, brackets_of
from musicassist.ui.piano_roll.scene import Offer
from musicassist.ui.piano_roll.viewport import Viewport
from musicassist.ui.takes_panel import TakeFace

LEAD_IN_BARS = 2
MARGIN_ROWS = 1


def ghosts_of(
    takes: Takes, faces: Sequence[TakeFace], lit: int, document: Document, picked: Notes | None = None
) -> Offer | None:
    """What the roll shows of the takes; None while nothing is asked for.

    Args:
        takes: The takes.
        faces: What their rows show.
        lit: Number of the take that is heard or watched.
        document: Its song, and the track that is edited.
        picked: Ghosts that are picked to be kept alone.
    """
    if takes.span is None or takes.request is None:
        return None
    made = takes.heard if lit == takes.auditioned else None
    chosen = next((face.notes for face in faces if face.is_auditioned), made.ghosts if made else Notes.of())
    others: Sequence[Notes] = tuple(face.notes for face in faces if not face.is_auditioned)
    replaces = True
    if made is not None:
        # of several tracks the other ones' notes are behind the edited one's, and no other take's
        parts = () if made.is_part_alone else tuple(part.notes for part in made.parts)
        others = parts if made.is_part_alone or parts else others
        replaces = is_written(made, takes.request, document.song, takes.track_index, document.selected_track)
    elif takes.request.kind == ACCOMPANY:
        replaces = False
    stay = _staying(takes, document, chosen) if replaces else Notes.of()
    if len(stay):
        chosen, *others = (notes.where(~notes.among(stay)) for notes in (chosen, *others))
    brackets = _brackets(takes, document)
    return Offer(chosen, tuple(others), *takes.span, brackets, replaces, picked or Notes.of(), stay)


def _staying(takes: Takes, document: Document, chosen: Notes) -> Notes:
    """The notes of the edited track that a take leaves as they are, where it may leave some."""
    notes, request, span = document.track.notes, takes.request, takes.span
    if request is None or span is None or takes.track_index != document.selected_track:
        return Notes.of()
    if not (request.is_reroll or notes.has_pins):
        return Notes.of()
    inside = notes.where(meant_between(notes, document.song.time_map, *span))
    return inside.where(inside.among(chosen))


def _brackets(takes: Takes, document: Document) -> tuple[Bracket, ...]:
    plan = takes.current.plan
    if plan is None or takes.current.is_blind:
        return ()
    return brackets_of(plan, document.song.time_map, takes.planned_row)


def reveal_span(takes: Takes, document: Document, viewport: Viewport) -> None:
    """Brings the span into view with some bars of what comes before it; where it is too long, zooms out.

    Of an accompaniment, which goes along with what is there, it is enough that some of it is in view.
    """
    span = takes.span
    if span is None or takes.request is None:
        return
    time_map = document.song.time_map
    if takes.request.kind == ACCOMPANY:
        if span[1] <= viewport.from_tick or span[0] >= viewport.to_tick:
            viewport.reveal_tick(span[0])
        return
    last_bar = time_map.bar_at(max(0, span[0] - 1))
    lead_in_tick = time_map.bar_start_tick(max(0, last_bar - LEAD_IN_BARS + 1))
    if lead_in_tick < viewport.from_tick or span[1] > viewport.to_tick:
        viewport.show_span(lead_in_tick, span[1])
    _reveal_pitches(document.track.notes, lead_in_tick, viewport)


def _reveal_pitches(notes: Notes, from_tick: int, viewport: Viewport) -> None:
    """Brings the pitches of the last bars into the middle where they are out of view; takes go on from there."""
    pitches = notes.pitch[notes.start_tick >= from_tick]
    if len(pitches) and not _is_seen(float(np.median(pitches)), viewport):
        viewport.center_pitch(float(np.median(pitches)))


def reveal_beside(takes: Takes, document: Document, viewport: Viewport) -> None:
    """Brings the pitches of an accompaniment into view, with as much of the melody as there is room for."""
    if takes.request is None or takes.request.kind != ACCOMPANY or takes.auditioned is None:
        return
    pitches = takes.ghosts(takes.auditioned).pitch
    low, high = int(pitches.min()), int(pitches.max())
    if _is_seen(low, viewport) and _is_seen(high, viewport):
        return
    both = np.concatenate([pitches, document.track.notes.pitch])
    room = int(viewport.height_px / viewport.pitches.row_px) - 2 * MARGIN_ROWS
    if high - low < room:
        low, high = int(both.min()), int(both.max())
        high = min(high, max(int(pitches.max()), low + room))
    viewport.center_pitch((low + high) / 2)


def _is_seen(pitch: float, viewport: Viewport) -> bool:
    return bool(0 <= viewport.pitches.to_y(pitch) < viewport.height_px)
