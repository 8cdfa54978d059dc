"""Which notes of the song sound in the synth now, and which are on their way."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator

from musicassist.sound.schedule import NOTE_OFF, NOTE_ON, Message, channel_of

Key = tuple[int, int]  # channel with its route, pitch


def note_key(message: Message) -> Key | None:
    """The key that a note-on or note-off concerns; None for other messages."""
    status = message[0]
    return (channel_of(status), message[1]) if status & 0xF0 in (NOTE_ON, NOTE_OFF) else None


def is_note_on(message: Message) -> bool:
    """Whether the message strikes a key."""
    return message[0] & 0xF0 == NOTE_ON


class SoundingNotes:
    """Pairs each note-on with one note-off, whatever is queued, removed and queued again."""

    def __init__(self) -> None:
        self._queued: deque[tuple[float, bool, Key]] = deque()
        self._sounding: dict[Key, None] = {}
        self._held: dict[Key, None] = {}  # when everything queued has sounded

    def paired(
        self, events: Iterable[tuple[float, Message]], due_seconds: Callable[[float], float]
    ) -> Iterator[tuple[float, Message]]:
        """What to queue: no end of a note that never began, and an end before a key is struck again."""
        for seconds, message in events:
            key = note_key(message)
            if key is None:
                yield seconds, message
                continue
            if key in self._held:
                self._note(due_seconds(seconds), key, is_on=False)
                yield seconds, (NOTE_OFF | key[0], key[1], 64)
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
