"""Accompaniments as takes: each way to play the chords under a melody is one, with all the tracks that it writes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from musicassist.composing.composed import with_composed
from musicassist.composing.request import ACCOMPANY, GenerationRequest, Part, Take
from musicassist.composing.seed_reading import ReadingCancelled
from musicassist.errors import QT_TRANSLATE_NOOP, SeedError
from musicassist.score.chord_track import ChordSpan
from musicassist.score.keys import key_at
from musicassist.score.song import Notes, Track

NO_CHORDS = QT_TRANSLATE_NOOP("Errors", "There are no chords to play here. Harmonise the melody or write some first.")


def accompaniment_takes(request: GenerationRequest, is_cancelled: Callable[[], bool]) -> tuple[Take, ...]:
    """Held chords, broken ones, bass and chords and, where other tracks play, as they have played; in this order.

    The chords are those of the request, else those of the song, else some are found for the melody, by the request's
    random number. They come with the takes where the song does not have them.

    Args:
        request: Of the kind ``ACCOMPANY``; its track has the melody, and its span is where chords are played.
        is_cancelled: Asked before each take.

    Raises:
        SeedError: There are no chords, and no melody to find some for.
        ReadingCancelled: ``is_cancelled`` said so.
    """
    from musicassist.harmony.accompanying import ACCOMPANIMENTS, LIKE, TITLES, accompany  # a start needs none of it

    assert request.kind == ACCOMPANY
    song, index = request.song, request.track_index
    spans, is_own = _chords(request)
    key = key_at(song, request.from_tick).key
    takes: list[Take] = []
    for style in ACCOMPANIMENTS:
        if is_cancelled():
            raise ReadingCancelled
        made = accompany(song, index, spans, style)
        parts = tuple(Part(part.track_index, part.notes) for part in made if part.track_index is not None)
        new = tuple(Track(part.name, part.notes, program=part.program) for part in made if part.track_index is None)
        if not made or (style == LIKE and not parts):
            continue  # nobody has played yet
        take = Take(
            notes=Notes.of(),
            from_tick=made[0].from_tick,
            to_tick=made[0].to_tick,
            model="",
            seed=request.seed,
            number=len(takes) + 1,
            in_scale_share=1.0,
            originality=1.0,
            constraints=request.constraints,
            revision=request.revision,
            parts=parts,
            chords=() if is_own else spans,
            is_part_alone=True,
            new_tracks=new,
            title=TITLES[style],
        )
        in_key = float(take.ghosts.in_key(key).mean()) if key is not None else 1.0
        takes.append(with_composed(replace(take, in_scale_share=in_key), request))
    if not takes:
        raise SeedError(NO_CHORDS)
    return tuple(takes)


def _chords(request: GenerationRequest) -> tuple[tuple[ChordSpan, ...], bool]:
    """The chords that are played, and whether the song has them."""
    from musicassist.harmony.harmonising import harmonise
    from musicassist.harmony.song_chords import song_chords

    if request.chords:
        return request.chords, False
    song, index, place = request.song, request.track_index, (request.from_tick, request.to_tick)
    own = song_chords(song, *place, but_track=index)
    if own or song.is_drum_track(index):
        return own, True
    found = harmonise(song, song.tracks[index].notes, *place, count=1, seed=request.seed)
    return (found[0].spans if found else ()), False
