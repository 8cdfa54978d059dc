"""Takes of several tracks in the song as it is now: where their tracks are, whether they fit, and single parts."""

from __future__ import annotations

from dataclasses import replace

from musicassist.composing.composed import with_composed
from musicassist.composing.request import ACCOMPANY, ANSWERED, PLACED, RECORDED, GenerationRequest, Take
from musicassist.document.edits import exchange_span, replace_span
from musicassist.document.excerpts import bars_alone
from musicassist.document.instruments import on_free_wire
from musicassist.document.song_edits import add_track, replace_hand_controls, write_chords
from musicassist.errors import QT_TRANSLATE_NOOP, MusicAssistError
from musicassist.score.chord_track import chords_until
from musicassist.score.meant_times import meant_between
from musicassist.score.midi_bytes import slot_of
from musicassist.score.seam import Amends, with_amends
from musicassist.score.song import Notes, Song

_STEP_NAMES = {  # of undo, when a take is kept
    "continue": QT_TRANSLATE_NOOP("Steps", "Continue phrase"),
    "infill": QT_TRANSLATE_NOOP("Steps", "Fill bars"),
    "vary": QT_TRANSLATE_NOOP("Steps", "Vary phrase"),
    "interpolate": QT_TRANSLATE_NOOP("Steps", "Blend phrases"),
    "generate": QT_TRANSLATE_NOOP("Steps", "New phrase"),
    ACCOMPANY: QT_TRANSLATE_NOOP("Steps", "Accompany"),
    RECORDED: QT_TRANSLATE_NOOP("Steps", "Keep a round"),
    ANSWERED: QT_TRANSLATE_NOOP("Steps", "Keep an answer"),
    PLACED: QT_TRANSLATE_NOOP("Steps", "Keep an earlier take"),
}


_REROLL_NAMES = {  # by what stays
    "rhythm": QT_TRANSLATE_NOOP("Steps", "Other pitches"),
    "pitches": QT_TRANSLATE_NOOP("Steps", "Another rhythm"),
    "notes": QT_TRANSLATE_NOOP("Steps", "Other velocities"),
    "": QT_TRANSLATE_NOOP("Steps", "Other notes here"),
}
_SONG_STEP = QT_TRANSLATE_NOOP("Steps", "Continue song")

Written = tuple[int, Notes, Amends]  # a track, its notes, and what puts things right for them


def place_now(request: GenerationRequest, track_index: int, song: Song) -> int | None:
    """Where a track of a request is in the song as it is now; None if it is gone.

    A track is found by identity, or is the one that was edited in its place; see ``document.FollowedTrack``.
    """
    tracks, then = song.tracks, request.song.tracks
    found = next((index for index, track in enumerate(tracks) if track is then[track_index]), None)
    return track_index if found is None and len(tracks) == len(then) else found


def parts_now(take: Take, request: GenerationRequest, song: Song) -> tuple[Written, ...]:
    """What a take has for further tracks; a part whose track is gone is left out."""
    places = [(place_now(request, part.track_index, song), part) for part in take.parts]
    return tuple((place, part.notes, part.amends) for place, part in places if place is not None)


def writes_now(take: Take, request: GenerationRequest, song: Song, own_index: int) -> tuple[Written, ...]:
    """All that a take writes into tracks that are there; the edited one, at ``own_index``, comes first."""
    parts = parts_now(take, request, song)
    return parts if take.is_part_alone else ((own_index, take.notes, take.amends), *parts)


def is_written(take: Take, request: GenerationRequest, song: Song, own_index: int | None, track_index: int) -> bool:
    """Whether a take writes into a track of the song as it is now."""
    is_own = track_index == own_index and not take.is_part_alone
    return is_own or any(place == track_index for place, _, _ in parts_now(take, request, song))


def song_with(take: Take, request: GenerationRequest, song: Song, own_index: int) -> tuple[Song, int]:
    """The song with all that a take writes, and the track to edit then: the one that it writes first, if it is not new.

    Args:
        take: What is kept.
        request: What was asked.
        song: As it is now.
        own_index: Where the track of the request is in it.
    """
    writes = writes_now(take, request, song, own_index)
    is_beside = request.kind == ACCOMPANY  # the melody stays the one that is edited
    write = exchange_span if request.is_reroll else replace_span
    for place, notes, amends in writes:
        if request.kind == RECORDED:  # what other rounds moved goes with their notes
            song = _without_controls(song, place, take)
        song = with_amends(write(song, place, take.from_tick, take.to_tick, notes).song, place, amends)
    song = write_chords(song, chords_until(take.chords, take.to_tick))
    for track in take.new_tracks:
        song = add_track(song, on_free_wire(song, track))
    return song, own_index if is_beside or not writes else writes[0][0]


def _without_controls(song: Song, place: int, take: Take) -> Song:
    """Without pedals, bends and wheels in the span of a take."""
    span = take.from_tick, take.to_tick
    moved = (slot_of(e.data) is not None and span[0] <= e.tick <= span[1] for e in song.tracks[place].events)
    return replace_hand_controls(song, place, *span, ()) if any(moved) else song


def step_name(take: Take, request: GenerationRequest) -> str:
    """What undo calls the step that keeps a take."""
    if request.is_reroll:
        return _REROLL_NAMES[request.keep]
    is_song = request.kind == "continue" and len(take.parts) > 0 and not take.is_part_alone
    return _SONG_STEP if is_song else _STEP_NAMES[request.kind]


def only_part(take: Take, request: GenerationRequest, song: Song, own_index: int | None, track_index: int) -> Take:
    """The take with what it has for one track, and nothing for the others.

    Args:
        take: All of it.
        request: What was asked.
        song: As it is now.
        own_index: Where the track of the request is in it.
        track_index: The one that is wanted.

    Raises:
        MusicAssistError: It has nothing for that track.
    """
    if track_index == own_index and not take.is_part_alone:
        return replace(take, parts=())
    mine = tuple(part for part in take.parts if place_now(request, part.track_index, song) == track_index)
    if not mine:
        raise MusicAssistError(
            QT_TRANSLATE_NOOP("Errors", "The take has no notes for this track. Select one that it writes.")
        )
    return replace(take, parts=mine, new_tracks=(), is_part_alone=True)


def check_fits(take: Take, request: GenerationRequest, song: Song, own_index: int | None, revision: int) -> None:
    """Whether a take may go into a song that was changed since it was asked for; see ``_check_track``.

    Raises:
        MusicAssistError: It may not; the words say why.
    """
    tracks = [] if take.is_part_alone else [(request.track_index, own_index)]
    tracks += [(part.track_index, place_now(request, part.track_index, song)) for part in take.parts]
    for then, now in tracks:
        _check_track(take, replace(request, track_index=then), song, now, revision)


def unfinished(request: GenerationRequest, span: tuple[int, int], begun: Notes) -> Take:
    """A take of which only a part is made: nobody has counted yet how much of it is new."""
    take = Take(begun, *span, request.model, request.seed, 1, 1.0, 1.0, request.constraints, request.revision)
    return with_composed(take, request)


def written_since(request: GenerationRequest, span: tuple[int, int], song: Song, track_index: int) -> Notes:
    """The notes that came into the span of a request since it was asked, as by recording.

    Args:
        request: What was asked.
        span: From and to which tick.
        song: The song as it is now.
        track_index: Where the track of the request is in it.
    """
    if song.tracks[track_index].notes is request.song.tracks[request.track_index].notes:
        return Notes.of()
    now, then = _in_span(song, track_index, span), _in_span(request.song, request.track_index, span)
    return now.where(~now.among(then))


def _check_track(take: Take, request: GenerationRequest, song: Song, track_index: int | None, revision: int) -> None:
    """Whether a take may go into a song that was changed since it was asked for: its span must be as it was, or free.

    Notes that stood in the span when it was asked for are meant to go.

    Args:
        take: What is to be kept.
        request: What was asked.
        song: The song as it is now.
        track_index: Where the track is in it; None if it is gone.
        revision: The document's revision.

    Raises:
        MusicAssistError: It may not; the words say why.
    """
    if take.revision == revision:
        return
    if track_index is None or song.ticks_per_beat != request.song.ticks_per_beat:
        raise MusicAssistError(QT_TRANSLATE_NOOP("Errors", "The track of this take is gone. Ask for new takes."))
    span = take.from_tick, take.to_tick
    now, then = _in_span(song, track_index, span), _in_span(request.song, request.track_index, span)
    if not len(now) or now == then:
        return
    if len(then):
        raise MusicAssistError(
            QT_TRANSLATE_NOOP(
                "Errors", "The notes where take {number} would go have changed. Undo that, or ask for new takes."
            ),
            number=take.number,
        )
    raise MusicAssistError(
        QT_TRANSLATE_NOOP(
            "Errors", "There are new notes where take {number} would go. Undo them, or ask for new takes."
        ),
        number=take.number,
    )


def _in_span(song: Song, track_index: int, span: tuple[int, int]) -> Notes:
    """The notes of a track that are meant to start in a span."""
    notes = song.tracks[track_index].notes
    return notes.where(meant_between(notes, song.time_map, *span))


def take_alone(take: Take, request: GenerationRequest, song: Song, own_index: int) -> Song:
    """What a take writes, as a song of its own with the tempo, meter and key that hold there."""
    places = [place for place, _, _ in writes_now(take, request, song, own_index)]
    after, _ = song_with(take, request, song, own_index)
    new = range(len(after.tracks) - len(take.new_tracks), len(after.tracks))
    return bars_alone(after, dict.fromkeys((*places, *new)), take.from_tick, take.to_tick)
