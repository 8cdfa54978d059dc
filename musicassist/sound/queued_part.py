"""One part of what plays, such as the song or the clicks, as it is queued in a synth and sounds there."""

from __future__ import annotations

import math
from collections.abc import Iterable

from musicassist.sound.schedule import NOTE_OFF, Message
from musicassist.sound.sounding import Key, SoundingNotes, note_key
from musicassist.sound.synth import Synth


class QueuedPart:
    """What one source has in the queue of a synth, and the notes of it that are down. One thread."""

    def __init__(self, synth: Synth, source: int) -> None:
        self._synth, self._source = synth, source
        self._notes = SoundingNotes()
        self._emptied_seconds = -math.inf  # what was due until then has sounded already

    def queue(self, events: Iterable[tuple[float, Message]]) -> None:
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

    def _schedule(self, events: Iterable[tuple[float, Message]]) -> None:
        self._synth.schedule(self._notes.paired(events, self._synth.due_seconds), self._source)


def _end_of(key: Key) -> Message:
    channel, pitch = key
    return NOTE_OFF | channel, pitch, 64
