"""Turns what the MIDI keyboard sends into notes, as they were played."""

from __future__ import annotations

from musicassist.midi.hand_controls import Slot, as_bytes, at_rest, is_at_rest, slot_of
from musicassist.score.song import Event, Note, Notes, Song
from musicassist.sound.messages import MidiReceived
from musicassist.sound.schedule import CONTROL, KEY_PRESSURE, NOTE_OFF, NOTE_ON

_KEPT_BYTES = (2, 3)  # channel messages; clocks and active sensing have one


class Recorder:
    """One recording. Timing stays raw; notes that are held grow. Main thread only."""

    def __init__(self, song: Song, from_tick: int, *, is_counted_in: bool = False) -> None:
        """Starts at a tick; what is played half a beat earlier still belongs there.

        Args:
            song: The song that plays meanwhile: half a beat back is a new round of its loop.
            from_tick: Where recording began.
            is_counted_in: Whether keys that were struck before the last half beat are not meant; a pedal is.
        """
        self._from_tick = from_tick
        self._round_ticks = song.ticks_per_beat // 2
        self._is_waiting = is_counted_in
        self._finished: list[Note] = []
        self._held: dict[int, tuple[int, int]] = {}  # pitch -> start tick, velocity
        self._events: list[Event] = []
        self._moved: set[Slot] = set()
        self._furthest_tick = from_tick  # of this round
        self._end_tick = from_tick  # of all rounds

    def receive(self, event: MidiReceived) -> None:
        """Takes in what the keyboard sent."""
        for tick, message in zip(event.ticks, event.messages, strict=True):
            if len(message) in _KEPT_BYTES and not self._is_too_early(tick, message):
                self._receive(self._advance(tick), message)

    def notes(self, now_tick: float) -> Notes:
        """All notes until now, those that are still held grown up to ``now_tick``."""
        self._is_waiting = self._is_waiting and now_tick > self._from_tick - 1  # else it was moved back meanwhile
        now = self._advance(now_tick)
        held = [_note(start, pitch, velocity, now) for pitch, (start, velocity) in self._held.items()]
        return Notes.of([*self._finished, *held])

    def finish(self, now_tick: float) -> Notes:
        """All notes; those that are held end at ``now_tick``, and so do pedals and bends."""
        notes = self.notes(now_tick)
        self._held.clear()
        self._events.extend(Event(self._furthest_tick, as_bytes(at_rest(slot))) for slot in sorted(self._moved))
        self._moved.clear()
        return notes

    @property
    def events(self) -> tuple[Event, ...]:
        """Pedal, bends, wheels and pressure, in the order in which they came, on the keyboard's channel."""
        return tuple(self._events)

    @property
    def span(self) -> tuple[int, int]:
        """The ticks in which it ran, in all rounds of a loop."""
        return self._from_tick, self._end_tick

    def _is_too_early(self, tick: float, message: bytes) -> bool:
        is_key = message[0] & 0xF0 in (NOTE_ON, NOTE_OFF)
        return self._is_waiting and is_key and tick < self._from_tick - self._round_ticks

    def _receive(self, tick: int, message: bytes) -> None:
        kind, data1 = message[0] & 0xF0, message[1]
        is_note = kind in (NOTE_ON, NOTE_OFF)
        if is_note:
            self._end(data1, tick)
        if kind == NOTE_ON and message[2] > 0:
            self._held[data1] = (tick, message[2])
        elif not is_note and KEY_PRESSURE <= kind < 0xF0:
            self._move(tick, message)

    def _move(self, tick: int, message: bytes) -> None:
        slot = slot_of(message)
        if slot is not None:
            (self._moved.discard if is_at_rest(message) else self._moved.add)(slot)
        if self._is_waiting:  # of what was moved during the count-in, the last place counts
            self._events = [event for event in self._events if _control(event.data) != _control(message)]
        self._events.append(Event(tick, message))

    def _end(self, pitch: int, tick: int) -> None:
        if pitch in self._held:
            start, velocity = self._held.pop(pitch)
            self._finished.append(_note(start, pitch, velocity, tick))

    def _advance(self, tick: float) -> int:
        """The place as a whole tick. A jump back begins a new round: what is held ends where the last one did."""
        now = round(tick)
        self._is_waiting = self._is_waiting and now <= self._from_tick
        if not self._is_waiting and now < self._furthest_tick - self._round_ticks:
            for pitch in list(self._held):
                self._end(pitch, self._furthest_tick)
            self._from_tick = min(self._from_tick, max(0, now))
            self._furthest_tick = self._from_tick
        now = max(self._from_tick, now)
        self._furthest_tick = max(self._furthest_tick, now)
        self._end_tick = max(self._end_tick, now)
        return now


def _control(message: bytes) -> bytes:
    """What a message moves, without how far."""
    return message[: 2 if message[0] & 0xF0 in (CONTROL, KEY_PRESSURE) else 1]


def _note(start_tick: int, pitch: int, velocity: int, end_tick: int) -> Note:
    return Note(start_tick, pitch, max(1, end_tick - start_tick), velocity)
