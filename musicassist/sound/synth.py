"""What can sound: the base of all synths, the queue in which their messages wait, what of it sounds, and silence."""

from __future__ import annotations

import heapq
import math
import threading
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from itertools import count

from musicassist.score import midi_bytes as midi
from musicassist.sound.messages import Tone

# Who queues: what is sent at once, the song, its clicks, the MIDI clock, and the count-in.
DIRECT_SOURCE, SONG_SOURCE, CLICK_SOURCE, CLOCK_SOURCE, COUNT_IN_SOURCE = range(5)
Key = tuple[int, int]  # channel with its route, pitch


class Synth(ABC):
    """Something that sounds channel messages at given seconds of a clock of its own.

    Attributes:
        driver: What the user reads: the audio driver, the port, or ``silent``.
        soundfont: Name of the font's file, or empty.
        latency_seconds: From the clock's time to the ear.
        takes_clock: Whether something behind it follows a MIDI clock.
    """

    driver = "silent"
    soundfont = ""
    latency_seconds = 0.0
    takes_clock = False

    @abstractmethod
    def now_seconds(self) -> float:
        """The synth's clock; it only goes forward."""

    def due_seconds(self, seconds: float) -> float:
        """When a message that is queued for ``seconds`` will really sound."""
        return seconds

    @abstractmethod
    def schedule(self, events: Iterable[tuple[float, midi.Message]], source: int) -> None:
        """Queues messages, in ascending time, under a source that can be removed alone."""

    @abstractmethod
    def remove(self, source: int) -> None:
        """Forgets what is queued under a source."""

    @abstractmethod
    def send(self, message: midi.Message) -> None:
        """Sounds a message at once. Any thread."""

    def set_tone(self, tone: Tone) -> None:  # noqa: B027  # most have none
        """Sounds otherwise from now on, what sounds already included."""

    def is_lost(self) -> bool:
        """Whether the device behind it is gone; asked about every 20 ms."""
        return False

    @abstractmethod
    def close(self) -> None:
        """Falls silent and frees everything. The object is of no use afterwards."""


class TimedQueue:
    """A heap of (seconds, message); messages of one moment keep the order in which they were put."""

    def __init__(self) -> None:
        self._heap: list[tuple[float, int, int, midi.Message]] = []
        self._numbers = count()
        self.changed = threading.Condition()  # its lock is re-entrant

    def put(self, events: Iterable[tuple[float, midi.Message]], source: int) -> None:
        """Adds messages under a source and wakes who waits on ``changed``."""
        with self.changed:
            for seconds, message in events:
                heapq.heappush(self._heap, (seconds, next(self._numbers), source, message))
            self.changed.notify_all()

    def remove(self, source: int, after_seconds: float = -math.inf) -> None:
        """Forgets the messages of a source that are due later than ``after_seconds``."""
        with self.changed:
            self._heap = [row for row in self._heap if row[2] != source or row[0] <= after_seconds]
            heapq.heapify(self._heap)
            self.changed.notify_all()

    def hasten(self, source: int) -> None:
        """Makes everything due at once up to the last message of a source, in its order, and forgets what comes later.

        It is due at the second ``-math.inf``, before what is put later, whatever that is due at.
        """
        with self.changed:
            rows = sorted(self._heap)
            last = max((index for index, row in enumerate(rows) if row[2] == source), default=-1)
            self._heap = [(-math.inf, next(self._numbers), *row[2:]) for row in rows[: last + 1]]  # sorted: a heap
            self.changed.notify_all()

    def clear(self) -> None:
        """Forgets everything."""
        with self.changed:
            self._heap.clear()
            self.changed.notify_all()

    def next_seconds(self) -> float | None:
        """When the first message is due; None when nothing waits."""
        with self.changed:
            return self._heap[0][0] if self._heap else None

    def take_until(self, now_seconds: float) -> list[tuple[float, midi.Message]]:
        """Takes out what is due, in order."""
        due: list[tuple[float, midi.Message]] = []
        with self.changed:
            while self._heap and self._heap[0][0] <= now_seconds:
                seconds, _, _, message = heapq.heappop(self._heap)
                due.append((seconds, message))
        return due


class SilentSynth(Synth):
    """Sounds nothing on an injected clock.

    Attributes:
        sounded: With ``is_recording``, every message with the second at which it would have sounded.
    """

    def __init__(self, clock: Callable[[], float], *, is_recording: bool = False, takes_clock: bool = False) -> None:
        self.takes_clock = takes_clock
        self.sounded: list[tuple[float, midi.Message]] = []
        self._clock = clock
        self._is_recording = is_recording
        self._queue = TimedQueue()

    def now_seconds(self) -> float:
        """The injected clock; what was due until now has sounded."""
        now = self._clock()
        self._sound(self._queue.take_until(now))
        return now

    def schedule(self, events: Iterable[tuple[float, midi.Message]], source: int) -> None:
        self._queue.put(events, source)

    def remove(self, source: int) -> None:
        self.now_seconds()
        self._queue.remove(source)

    def send(self, message: midi.Message) -> None:
        self._sound([(self.now_seconds(), message)])

    def close(self) -> None:
        self._queue.clear()

    def _sound(self, events: list[tuple[float, midi.Message]]) -> None:
        if self._is_recording:
            self.sounded += events


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
