"""The last minute that was played, whether anything recorded it or not."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace

import numpy as np

from musicassist.document.instruments import is_of_instrument
from musicassist.score.song import Event, Notes, Song, Track
from musicassist.session.recorder import Recorder, write_rounds
from musicassist.session.transport import Span
from musicassist.sound.messages import MidiReceived
from musicassist.sound.midi_bytes import NOTE_OFF, NOTE_ON

MEMORY_SECONDS = 60.0
_MOST_MESSAGES = 50_000  # LIMIT: a minute of a bender and a wheel that move all the time


@dataclass(frozen=True)
class Captured:
    """What was played, as music.

    Attributes:
        notes: As they were played, none on a grid.
        events: Pedal, bends and wheels, on one channel.
    """

    notes: Notes
    events: tuple[Event, ...]


@dataclass(frozen=True, slots=True)
class _Row:
    """A message, or without one, a place where the playhead was, or was put."""

    seconds: float
    tick: float
    message: bytes
    is_along: bool
    is_jump: bool = False

    @property
    def is_strike(self) -> bool:
        return len(self.message) == 3 and self.message[0] & 0xF0 == NOTE_ON and self.message[2] > 0

    @property
    def is_release(self) -> bool:
        return len(self.message) == 3 and self.message[0] & 0xF0 in (NOTE_ON, NOTE_OFF) and not self.is_strike


class PlayedMemory:
    """Remembers the last minute of playing, counted back from the last key. Main thread only."""

    def __init__(self) -> None:
        self._rows: deque[_Row] = deque(maxlen=_MOST_MESSAGES)
        self._captured: tuple[_Row, ...] = ()
        self._seen_tick = 0.0

    def see(self, seconds: float, tick: float) -> None:
        """Where the playhead is; a jump back, as in a loop or at the song's end, begins another round."""
        if self._rows and tick < self._seen_tick:
            self._rows += (_Row(seconds, place, b"", is_along=True) for place in (self._seen_tick, tick))
        self._seen_tick = tick

    def jump(self, seconds: float, from_tick: float, to_tick: int) -> None:
        """The playhead is put elsewhere: what is down is heard to the place that it leaves."""
        self.see(seconds, from_tick)
        if self._rows and round(from_tick) != to_tick:
            if self._rows[-1].is_jump:
                self._rows.pop()
            else:
                self._rows.append(_Row(seconds, from_tick, b"", is_along=True))
            self._rows.append(_Row(seconds, to_tick, b"", is_along=True, is_jump=True))
        self._seen_tick = to_tick

    def receive(self, event: MidiReceived, *, is_along: bool) -> None:
        """Takes in what was played, but no programs: they changed the track at once; ``is_along`` while it moved."""
        for seconds, tick, message in zip(event.seconds, event.ticks, event.messages, strict=True):
            if not is_of_instrument(message):
                self._rows.append(_Row(seconds, tick, message, is_along))
        while self._rows and self._rows[0].seconds < self._rows[-1].seconds - MEMORY_SECONDS:
            self._rows.popleft()

    def lose_keys(self, seconds: float, tick: float) -> None:
        """Keys that are down go up now."""
        held: dict[int, bool] = {}  # by pitch, whether the song moved
        for row in self._rows:
            if row.is_strike:
                held[row.message[1]] = row.is_along
            elif row.is_release:
                held.pop(row.message[1], None)
        for pitch, is_along in held.items():
            self._rows.append(_Row(seconds, tick, bytes((NOTE_OFF, pitch, 0)), is_along))

    def forget(self) -> None:
        """What was played until now belongs to another song."""
        self._rows.clear()
        self._captured, self._seen_tick = (), 0.0

    def forget_since(self, seconds: float) -> None:
        """What was played from a moment on is in the song already."""
        while self._rows and self._rows[-1].seconds >= seconds:
            self._rows.pop()

    def capture(self, song: Song, beat_tick: int, now_seconds: float, loop: Span | None) -> Captured | None:
        """What was played since the last capture; with nothing new, the same again. None if there was nothing.

        What was played along with the song comes where it was heard; of many rounds of a loop each replaces the one
        before as far as it came, as in a recording that replaces. What was played while the song stood begins at
        ``beat_tick``, in the tempo that holds there; of a mixture, the last kind counts.

        Args:
            song: Gives the tempo.
            beat_tick: Where the first note goes that was played without the song.
            now_seconds: Keys that are still down end now, on the clock of ``time.monotonic``.
            loop: What playing repeats.
        """
        last = next((row for row in reversed(self._rows) if row.is_strike), None)
        if last is not None:
            self._captured = (*self._rows, _Row(now_seconds, self._seen_tick, b"", last.is_along))
            self._rows.clear()
        rows = _last_kind(self._captured)
        if not rows:
            return None
        recorder, ticks = _along(song, rows, loop) if rows[-1].is_along else _begun_at(beat_tick, song, rows)
        for row, tick in zip(rows, ticks, strict=True):
            if row.message:
                recorder.receive(MidiReceived((row.seconds,), (tick,), (row.message,)))
            elif row.is_jump:
                recorder.jump_to(round(tick))
            else:
                recorder.pass_to(tick)
        tape = write_rounds(replace(song, tracks=(Track(),)), 0, recorder.rounds, is_replacing=True).song.tracks[0]
        return Captured(tape.notes, tape.events)


def _along(song: Song, rows: list[_Row], loop: Span | None) -> tuple[Recorder, list[float]]:
    """What was played along with the song, in its place."""
    recorder = Recorder(song, max(0, round(rows[0].tick)), is_replacing=True, loop=lambda: loop)
    return recorder, [row.tick for row in rows]


def _begun_at(beat_tick: int, song: Song, rows: list[_Row]) -> tuple[Recorder, list[float]]:
    """What was played while the song stood, with its first key on a beat."""
    first_seconds = next(row.seconds for row in rows if row.is_strike)
    shift_seconds = song.time_map.tick_to_seconds(beat_tick) - first_seconds
    ticks = song.time_map.seconds_to_ticks(np.array([row.seconds for row in rows]) + shift_seconds)
    return Recorder(song, beat_tick, is_counted_in=True), ticks.tolist()


def _last_kind(rows: tuple[_Row, ...]) -> list[_Row]:
    """From the end back, what was played along with the song, or what was played without it, each key with its end."""
    strikes = [row for row in rows if row.is_strike]
    is_along = bool(strikes) and strikes[-1].is_along
    last_other = next((row.seconds for row in reversed(strikes) if row.is_along != is_along), float("-inf"))
    return [row for row in rows if row.seconds > last_other and (row.is_along == is_along or row.is_release)]
