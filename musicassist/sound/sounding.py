"""Which notes of the song sound in the synth now, and which are on their way."""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable, Iterator

from musicassist.sound import midi_bytes as midi
from musicassist.sound.synth import Synth

Key = tuple[int, int]  # channel with its route, pitch


def note_key(message: midi.Message) -> Key | None:
    """The key that a note-on or note-off concerns; None for other messages."""
    status = message[0]
    is_note = status & midi.KIND_MASK in (midi.NOTE_ON, midi.NOTE_OFF)
    return (midi.channel_of(status), message[1]) if is_note else None


def is_note_on(message: midi.Message) -> bool:
    """Whether the message strikes a key."""
    return message[0] & midi.KIND_MASK == midi.NOTE_ON


class QueuedPart:
    """What one source has in the queue of a synth, and the notes of it that are down. One thread.

    It pairs each note-on with one note-off, whatever is queued, removed and queued again.
    """

    def __init__(self, synth: Synth, source: int) -> None:
        self._synth, self._source = synth, source
        self._queued: deque[tuple[float, bool, Key]] = deque()  # when it is due, whether it strikes, and which key
        self._sounding: dict[Key, None] = {}
        self._held: dict[Key, None] = {}  # when everything queued has sounded
        self._emptied_seconds = -math.inf  # what was due until then has sounded already

    def queue(self, events: Iterable[tuple[float, midi.Message]]) -> None:
        """Queues messages, but no ends and starts of notes that sounded before the queue was emptied."""
        self._schedule(event for event in events if note_key(event[1]) is None or not self.has_sounded(event[0]))

    def let_go_at(self, seconds: float) -> None:
        """Queues the ends of all notes that will be down when everything queued has sounded."""
        self._schedule((seconds, _end_of(key)) for key in list(self._held))

    def advance(self, now_seconds: float) -> None:
        """What was due until now has sounded."""
        while self._queued and self._queued[0][0] <= now_seconds:
            _, is_on, key = self._queued.popleft()
            _put(self._sounding, key, is_on=is_on)

    def has_sounded(self, seconds: float) -> bool:
        """Whether a message was due before the queue was emptied, as the synth rounds it."""
        return self._synth.due_seconds(seconds) <= self._emptied_seconds

    def cut(self) -> tuple[list[Key], float]:
        """Empties the queue: the keys that are, or may be, down, and the moment."""
        before = self._synth.now_seconds()
        self._synth.remove(self._source)
        self._emptied_seconds = self._synth.now_seconds()
        self.advance(before)
        for seconds, is_on, key in self._queued:
            if is_on and seconds <= self._emptied_seconds:  # it may have sounded or not: one note-off more does no harm
                self._sounding[key] = None
        self._queued.clear()
        self._held = dict(self._sounding)
        return list(self._sounding), self._emptied_seconds

    def let_go(self, key: Key) -> None:
        """A key goes up at once, past the queue."""
        self._synth.send(_end_of(key))
        self._sounding.pop(key, None)
        self._held.pop(key, None)

    def silence(self) -> None:
        """Empties the queue and lets go of what sounds of it."""
        for key in self.cut()[0]:
            self.let_go(key)

    def _schedule(self, events: Iterable[tuple[float, midi.Message]]) -> None:
        self._synth.schedule(self._paired(events), self._source)

    def _paired(self, events: Iterable[tuple[float, midi.Message]]) -> Iterator[tuple[float, midi.Message]]:
        """What to queue: no end of a note that never began, and an end before a key is struck again."""
        for seconds, message in events:
            key = note_key(message)
            if key is None:
                yield seconds, message
                continue
            if key in self._held:
                self._note(seconds, key, is_on=False)
                yield seconds, _end_of(key)
            if is_note_on(message):
                self._note(seconds, key, is_on=True)
                yield seconds, message

    def _note(self, seconds: float, key: Key, *, is_on: bool) -> None:
        self._queued.append((self._synth.due_seconds(seconds), is_on, key))
        _put(self._held, key, is_on=is_on)


def _put(keys: dict[Key, None], key: Key, *, is_on: bool) -> None:
    if is_on:
        keys[key] = None
    else:
        keys.pop(key, None)


def _end_of(key: Key) -> midi.Message:
    channel, pitch = key
    return midi.NOTE_OFF | channel, pitch, midi.RELEASE_VELOCITY
