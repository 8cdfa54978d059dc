"""What is on offer, as a value; and what the song has become in its place since it was asked for."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal

from musicassist.composing.request import GenerationRequest, Take
from musicassist.errors import MusicAssistError
from musicassist.score.meant_times import meant_between
from musicassist.score.song import Note, Notes, Song

Phase = Literal["idle", "waiting", "generating", "offered"]


@dataclass(frozen=True)
class Offer:
    """Where the takes are.

    Attributes:
        phase: ``idle``, ``waiting`` (for the model), ``generating`` (notes stream in) or ``offered``.
        request: What was asked; None while idle.
        streamed: The notes that came in so far, for each take.
        takes: The takes on offer.
        auditioned: Number of the take that sounds, from 1; None before there are takes.
    """

    phase: Phase = "idle"
    request: GenerationRequest | None = None
    streamed: tuple[tuple[Note, ...], ...] = ()
    takes: tuple[Take, ...] = ()
    auditioned: int | None = None

    def with_note(self, take_number: int, note: Note) -> Offer:
        """One more note of a take, counted from 1."""
        rows = list(self.streamed) + [()] * (take_number - len(self.streamed))
        rows[take_number - 1] = (*rows[take_number - 1], note)
        return replace(self, streamed=tuple(rows))

    def with_takes(self, takes: tuple[Take, ...]) -> Offer:
        """The takes are made; the first is auditioned."""
        return replace(self, phase="offered", takes=takes, auditioned=takes[0].number)

    def take(self, number: int | None) -> Take | None:
        """The take of a number, if it is made."""
        return next((take for take in self.takes if take.number == number), None)

    @property
    def audition(self) -> Take | None:
        """The take that is auditioned."""
        return self.take(self.auditioned)

    def notes(self, take_number: int) -> Notes:
        """The notes of a take, as far as they are known."""
        take = self.take(take_number)
        if take is not None:
            return take.notes
        is_known = 1 <= take_number <= len(self.streamed)
        return Notes.of(self.streamed[take_number - 1]) if is_known else Notes.of()


@dataclass(frozen=True, eq=False)
class Kept:
    """The take that was kept last: the songs around that step, and what was on offer."""

    before: Song
    after: Song
    offer: Offer
    track_index: int | None


def unfinished(request: GenerationRequest, span: tuple[int, int]) -> Take:
    """A take of which only a part is made: nobody has counted yet how much of it is new."""
    return Take(Notes.of(), *span, request.model, request.seed, 1, 1.0, 1.0, request.constraints, request.revision)


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


def check_fits(take: Take, request: GenerationRequest, song: Song, track_index: int | None, revision: int) -> None:
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
        raise MusicAssistError("The track of this take is gone. Ask for new takes.")
    span = take.from_tick, take.to_tick
    now, then = _in_span(song, track_index, span), _in_span(request.song, request.track_index, span)
    if not len(now) or now == then:
        return
    if len(then):
        raise MusicAssistError(
            "The notes where take {number} would go have changed. Undo that, or ask for new takes.", number=take.number
        )
    raise MusicAssistError(
        "There are new notes where take {number} would go. Undo them, or ask for new takes.", number=take.number
    )


def _in_span(song: Song, track_index: int, span: tuple[int, int]) -> Notes:
    """The notes of a track that are meant to start in a span."""
    notes = song.tracks[track_index].notes
    return notes.where(meant_between(notes, song.time_map, *span))
