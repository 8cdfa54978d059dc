"""Which notes of the song sound in the synth now, and which are on their way."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

from musicassist.score.meant_times import span_replaced
from musicassist.score.seam import with_amends
from musicassist.score.song import Song, Track
from musicassist.sound import midi_bytes as midi
from musicassist.sound.messages import Audition
from musicassist.sound.synth import Synth

Key = tuple[int, int]  # channel with its route, pitch


def note_key(message: midi.Message) -> Key | None:
    """The key that a note-on or note-off concerns; None for other messages."""
    status = message[0]
    return (midi.channel_of(status), message[1]) if status & 0xF0 in (midi.NOTE_ON, midi.NOTE_OFF) else None


def is_note_on(message: midi.Message) -> bool:
    """Whether the message strikes a key."""
    return message[0] & 0xF0 == midi.NOTE_ON


class SoundingNotes:
    """Pairs each note-on with one note-off, whatever is queued, removed and queued again."""

    def __init__(self) -> None:
        self._queued: deque[tuple[float, bool, Key]] = deque()
        self._sounding: dict[Key, None] = {}
        self._held: dict[Key, None] = {}  # when everything queued has sounded

    def paired(
        self, events: Iterable[tuple[float, midi.Message]], due_seconds: Callable[[float], float]
    ) -> Iterator[tuple[float, midi.Message]]:
        """What to queue: no end of a note that never began, and an end before a key is struck again."""
        for seconds, message in events:
            key = note_key(message)
            if key is None:
                yield seconds, message
                continue
            if key in self._held:
                self._note(due_seconds(seconds), key, is_on=False)
                yield seconds, (midi.NOTE_OFF | key[0], key[1], 64)
            if is_note_on(message):
                self._note(due_seconds(seconds), key, is_on=True)
                yield seconds, message

    def _note(self, seconds: float, key: Key, *, is_on: bool) -> None:
        self._queued.append((seconds, is_on, key))
        _put(self._held, key, is_on=is_on)

    def held(self) -> list[Key]:
        """The keys that are down when everything queued has sounded."""
        return list(self._held)

    def advance(self, now_seconds: float) -> None:
        """What was due until now has sounded."""
        while self._queued and self._queued[0][0] <= now_seconds:
            _, is_on, key = self._queued.popleft()
            _put(self._sounding, key, is_on=is_on)

    def cut(self, before_seconds: float, after_seconds: float) -> list[Key]:
        """The queue was emptied between two moments: the keys that are, or may be, down."""
        self.advance(before_seconds)
        while self._queued and self._queued[0][0] <= after_seconds:
            _, is_on, key = self._queued.popleft()
            if is_on:  # it may have sounded or not; one note-off too many is harmless
                self._sounding[key] = None
        self._queued.clear()
        self._held = dict(self._sounding)
        return list(self._sounding)

    def released(self, key: Key) -> None:
        """The key was let go at once, past the queue."""
        self._sounding.pop(key, None)
        self._held.pop(key, None)


def _put(keys: dict[Key, None], key: Key, *, is_on: bool) -> None:
    if is_on:
        keys[key] = None
    else:
        keys.pop(key, None)


class QueuedPart:
    """What one source has in the queue of a synth, and the notes of it that are down. One thread."""

    def __init__(self, synth: Synth, source: int) -> None:
        self._synth, self._source = synth, source
        self._notes = SoundingNotes()
        self._emptied_seconds = -math.inf  # what was due until then has sounded already

    def queue(self, events: Iterable[tuple[float, midi.Message]]) -> None:
        """Queues messages, but no ends and starts of notes that sounded before the queue was emptied."""
        self._schedule(event for event in events if note_key(event[1]) is None or not self.has_sounded(event[0]))

    def let_go_at(self, seconds: float) -> None:
        """Queues the ends of all notes that will be down when everything queued has sounded."""
        self._schedule((seconds, _end_of(key)) for key in self._notes.held())

    def advance(self, now_seconds: float) -> None:
        """What was due until now has sounded."""
        self._notes.advance(now_seconds)

    def has_sounded(self, seconds: float) -> bool:
        """Whether a message was due before the queue was emptied, as the synth rounds it."""
        return self._synth.due_seconds(seconds) <= self._emptied_seconds

    def cut(self) -> tuple[list[Key], float]:
        """Empties the queue: the keys that are down, and the moment."""
        before = self._synth.now_seconds()
        self._synth.remove(self._source)
        self._emptied_seconds = self._synth.now_seconds()
        return self._notes.cut(before, self._emptied_seconds), self._emptied_seconds

    def let_go(self, key: Key) -> None:
        """A key goes up at once."""
        self._synth.send(_end_of(key))
        self._notes.released(key)

    def silence(self) -> None:
        """Empties the queue and lets go of what sounds of it."""
        for key in self.cut()[0]:
            self.let_go(key)

    def _schedule(self, events: Iterable[tuple[float, midi.Message]]) -> None:
        self._synth.schedule(self._notes.paired(events, self._synth.due_seconds), self._source)


def _end_of(key: Key) -> midi.Message:
    channel, pitch = key
    return midi.NOTE_OFF | channel, pitch, 64


def with_audition(song: Song, audition: Audition | None) -> Song:
    """The song as it would be with the notes on trial, which are heard whatever is muted or soloed."""
    if audition is None or audition.notes is None:
        return song
    is_soloed = any(track.soloed for track in song.tracks)
    index = audition.track_index
    if index is None or index >= len(song.tracks):
        extra = Track("", audition.notes, audition.channel, audition.program, soloed=is_soloed)
        return replace(song, tracks=(*song.tracks, extra))
    track = song.tracks[index]
    span = audition.from_tick, audition.to_tick
    kept, new = span_replaced(track.notes, song.time_map, *span, audition.notes)
    notes = kept.plus(new)
    heard = song.with_track(index, replace(track, notes=notes, muted=False, soloed=is_soloed))
    return with_amends(heard, index, audition.amends)
