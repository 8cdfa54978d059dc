"""Takes in another place than they were made for: later, earlier, in another track, or in new tracks of their own."""

from __future__ import annotations

from dataclasses import replace

from musicassist.composing.composed import shifted
from musicassist.composing.request import PLACED, GenerationRequest, Take
from musicassist.score.seam import NO_AMENDS
from musicassist.score.song import Notes, Song, Track
from musicassist.session.comping import Comp
from musicassist.session.offers import Offer
from musicassist.session.take_parts import place_now

_ANY_REVISION = -1  # whether such takes fit is always looked at


def of_any_time(offer: Offer) -> Offer:
    """The offer without a word on which revision of the song its takes were made for."""
    return _with_takes(offer, tuple(replace(take, revision=_ANY_REVISION) for take in offer.takes), offer.comp)


def _with_takes(offer: Offer, takes: tuple[Take, ...], comp: Comp | None) -> Offer:
    """With other takes under the same numbers, and their mix."""
    made = replace(offer, takes=takes, comp=None, mix=None)
    if comp is not None:
        return replace(made.mixed(comp), auditioned=offer.auditioned)
    return made if made.audition is not None else replace(made, auditioned=takes[0].number)


def placed(offer: Offer, song: Song, index: int, shift_ticks: int) -> Offer:
    """The takes of an offer in another place of a song; their mix goes along.

    Args:
        offer: Takes that are there.
        song: As it is now.
        index: The track that they go into.
        shift_ticks: How much later they begin.
    """
    then, first = offer.request, offer.takes[0]
    assert then is not None
    takes = tuple(_moved(take, then, song, shift_ticks) for take in offer.takes)
    span = first.from_tick + shift_ticks, first.to_tick + shift_ticks
    request = replace(
        then,
        kind=PLACED,
        from_tick=span[0],
        to_tick=span[1],
        song=song,
        track_index=index,
        selection=None,
        other=None,
        at_tick=None,
        plan=(),
        parts=(),
        all_parts=False,
        chords=(),
    )
    comp = offer.comp
    if comp is not None:
        pieces = comp.pieces
        comp = Comp(
            tuple(replace(p, from_tick=p.from_tick + shift_ticks, to_tick=p.to_tick + shift_ticks) for p in pieces)
        )
    return _with_takes(replace(offer, request=request, fits=None), takes, comp)


def _moved(take: Take, request: GenerationRequest, song: Song, ticks: int) -> Take:
    parts = [(place_now(request, part.track_index, song), part) for part in take.parts]
    return replace(
        take,
        notes=_shifted(take.notes, ticks),
        from_tick=take.from_tick + ticks,
        to_tick=take.to_tick + ticks,
        revision=_ANY_REVISION,
        amends=NO_AMENDS,
        parts=tuple(
            replace(part, track_index=place, notes=_shifted(part.notes, ticks), amends=NO_AMENDS)
            for place, part in parts
            if place is not None
        ),
        chords=tuple(
            replace(span, from_tick=span.from_tick + ticks, to_tick=span.to_tick + ticks) for span in take.chords
        ),
        plan=take.plan if ticks == 0 else None,
        composed=shifted(take.composed, ticks),
        new_tracks=tuple(track.with_notes(_shifted(track.notes, ticks)) for track in take.new_tracks),
    )


def _shifted(notes: Notes, ticks: int) -> Notes:
    columns = notes.start_tick + ticks, notes.pitch, notes.duration_ticks, notes.velocity
    return Notes.from_columns(*columns) if ticks else notes


def in_new_tracks(offer: Offer, song: Song, index: int) -> Offer:
    """Takes that write nothing into tracks that are there; each of their parts gets a track like the one it was for.

    Args:
        offer: Takes that are there.
        song: As it is now.
        index: The track that is edited meanwhile.
    """
    then = offer.request
    assert then is not None
    takes = tuple(_in_new_tracks(take, then) for take in offer.takes)
    return _with_takes(placed(offer, song, index, 0), takes, None)


def _in_new_tracks(take: Take, request: GenerationRequest) -> Take:
    of = [(request.track_index, take.notes)] if not take.is_part_alone else []
    of += [(part.track_index, part.notes) for part in take.parts]
    tracks = (replace(request.song.tracks[i], notes=notes, events=(), muted=False, soloed=False) for i, notes in of)
    added: tuple[Track, ...] = (*tracks, *take.new_tracks)
    return replace(
        take, notes=Notes.of(), parts=(), new_tracks=added, is_part_alone=True, amends=NO_AMENDS, revision=_ANY_REVISION
    )
