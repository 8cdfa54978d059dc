"""Rounds of a recording, as of a loop: what was played in each, and what a track becomes by them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from musicassist.document.edits import EditResult, insert_notes, replace_span
from musicassist.document.track_edits import add_events, replace_hand_controls
from musicassist.document.track_programs import is_of_instrument, settle_programs
from musicassist.midi.hand_controls import Slot, as_bytes, at_rest, held_after
from musicassist.score.song import Event, Note, Notes, Song


@dataclass(eq=False)
class Round:
    """What was played while the playhead went on without a jump, as in one round of a loop.

    Attributes:
        from_tick, to_tick: Where it began, and how far it has come.
        finished: Notes that were struck and let go in it.
        held: By pitch, start tick and velocity of those that were not let go in it, or not yet.
        events: Pedal, bends, wheels and pressure, in the order in which they came, on one channel.
    """

    from_tick: int
    to_tick: int
    finished: list[Note] = field(default_factory=list)
    held: dict[int, tuple[int, int]] = field(default_factory=dict)
    events: list[Event] = field(default_factory=list)

    @property
    def is_played(self) -> bool:
        """Whether a key was struck in it."""
        return bool(self.finished or self.held)

    @property
    def has_begun(self) -> bool:
        """Whether a key was struck in it or the playhead has moved; a pedal may be held before that."""
        return self.is_played or self.to_tick > self.from_tick

    @property
    def notes(self) -> Notes:
        """What was struck in it; what is held ends with it."""
        held = (_note(start, pitch, velocity, self.to_tick) for pitch, (start, velocity) in self.held.items())
        return Notes.of([*self.finished, *held])

    def let_go(self, pitch: int, tick: int) -> None:
        """A key goes up; nothing happens if it was not struck here."""
        if pitch in self.held:
            start, velocity = self.held.pop(pitch)
            self.finished.append(_note(start, pitch, velocity, tick))

    def after(self, notes: Notes, *, is_replacing: bool) -> Notes:
        """What earlier rounds played, and this one, which may replace them as far as it has come."""
        if is_replacing and self.is_played:
            notes = notes.without_span(self.from_tick, self.to_tick)
        return notes.plus(self.notes)


def write_rounds(
    song: Song, index: int, rounds: Iterable[Round], *, is_replacing: bool, beside: Notes | None = None
) -> EditResult:
    """Puts rounds into a track, one after the other; their notes are the selection after it.

    Rounds that replace, and in which a key was struck, do so with what stood there before and with earlier rounds.
    Pedals and bends that are held go from round to round, and are let go at each one's end. Programs change what sounds
    up to there; a first one is the track's instrument.

    Args:
        song: The music.
        index: The track.
        rounds: What was played.
        is_replacing: Whether each replaces what was there; else all stay.
        beside: Notes that are put there too, and not replaced.
    """
    notes, before, spans = Notes.of(), song.tracks[index], []
    for round_ in _with_controls_let_go(rounds):
        if any(is_of_instrument(event.data) for event in round_.events) and (round_.is_played or not is_replacing):
            spans.append((round_.from_tick, round_.to_tick))
        if not is_replacing:
            song = add_events(song, index, round_.events)
        elif round_.is_played:
            song = _with_room_for(song, index, round_)
        notes = round_.after(notes, is_replacing=is_replacing)
    if beside is not None:
        song = insert_notes(song, index, beside).song
    result = insert_notes(song, index, notes)
    return replace(result, song=settle_programs(result.song, index, before, spans)) if spans else result


def _with_controls_let_go(rounds: Iterable[Round]) -> Iterable[Round]:
    held: dict[Slot, bytes] = {}
    for round_ in rounds:
        events = [*(Event(round_.from_tick, message) for message in held.values()), *round_.events]
        held = held_after(event.data for event in events)
        let_go = (Event(round_.to_tick, as_bytes(at_rest(slot))) for slot in sorted(held))
        yield replace(round_, events=[*events, *let_go])


def _with_room_for(song: Song, index: int, round_: Round) -> Song:
    """The song without what a round replaces in a track: its notes, and its pedals and bends, which are put there."""
    span = round_.from_tick, round_.to_tick
    cleared = replace_span(song, index, *span, Notes.of()).song
    return replace_hand_controls(cleared, index, *span, round_.events)


def _note(start_tick: int, pitch: int, velocity: int, end_tick: int) -> Note:
    return Note(start_tick, pitch, max(1, end_tick - start_tick), velocity)
