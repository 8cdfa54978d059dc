"""Turns what the MIDI keyboard sends into notes, as they were played, in one round or in many rounds of a loop."""

from __future__ import annotations

from collections.abc import Callable

from musicassist.score.song import Event, Notes, Song
from musicassist.sound.messages import MidiReceived
from musicassist.sound.rounds import Round
from musicassist.sound.schedule import CONTROL, KEY_PRESSURE, NOTE_OFF, NOTE_ON

_KEPT_BYTES = (2, 3)  # channel messages; clocks and active sensing have one


class Recorder:
    """One recording. Timing stays raw; notes that are held grow, at most to the end of their round. Main thread only.

    Rounds of a loop are laid over each other. One that replaces does so as far as it has come: who stops in its middle
    keeps what earlier rounds played behind that place. As long as no key is struck in it, it replaces nothing, so that
    whoever listens to a good take, or stops a bar late, does not lose it; "Keep Last" of Cubase does so, too.
    """

    def __init__(
        self,
        song: Song,
        from_tick: int,
        *,
        is_counted_in: bool = False,
        is_replacing: bool = False,
        loop: Callable[[], tuple[int, int] | None] = lambda: None,
    ) -> None:
        """Starts at a tick; what is played half a beat earlier still belongs there.

        Args:
            song: The song that plays meanwhile: half a beat back is a new round of its loop.
            from_tick: Where recording began.
            is_counted_in: Whether keys that were struck before the last half beat are not meant; a pedal is.
            is_replacing: Whether a round replaces what earlier ones played; else all stay.
            loop: The span that is repeated now; without it, a round reaches as far as the playhead was seen.
        """
        self._half_beat_ticks = song.ticks_per_beat // 2
        self._is_waiting = is_counted_in
        self._is_replacing = is_replacing
        self._loop = loop
        self._rounds = [Round(from_tick, from_tick)]
        self._settled = Notes.of()  # of all rounds but the last two, in which nothing changes any more

    def receive(self, event: MidiReceived) -> None:
        """Takes in what the keyboard sent."""
        for tick, message in zip(event.ticks, event.messages, strict=True):
            if len(message) in _KEPT_BYTES and not self._is_too_early(tick, message):
                self._receive(round(tick), message)

    def pass_to(self, now_tick: float) -> None:
        """The playhead is seen in a place."""
        was_moved_back = now_tick <= self._rounds[0].from_tick - 1
        self._is_waiting = self._is_waiting and not was_moved_back
        self._round_at(round(now_tick))

    def notes(self, now_tick: float) -> Notes:
        """All notes until now, those that are still held grown up to ``now_tick``."""
        self.pass_to(now_tick)
        notes = self._settled
        for round_ in self._rounds[-2:]:
            notes = round_.after(notes, is_replacing=self._is_replacing)
        return notes

    @property
    def rounds(self) -> tuple[Round, ...]:
        """All of them; each holds what it played even where a later one has replaced it. The last one may go on."""
        return tuple(self._rounds)

    def _is_too_early(self, tick: float, message: bytes) -> bool:
        is_key = message[0] & 0xF0 in (NOTE_ON, NOTE_OFF)
        return self._is_waiting and is_key and tick < self._rounds[0].from_tick - self._half_beat_ticks

    def _receive(self, tick: int, message: bytes) -> None:
        kind, data1 = message[0] & 0xF0, message[1]
        round_ = self._round_at(tick)
        tick = max(round_.from_tick, tick)
        if kind in (NOTE_ON, NOTE_OFF):
            round_.let_go(data1, tick)
            if kind == NOTE_ON and message[2] > 0:
                round_.held[data1] = (tick, message[2])
        elif KEY_PRESSURE <= kind < 0xF0:
            self._move(round_, Event(tick, message))

    def _move(self, round_: Round, event: Event) -> None:
        if self._is_waiting:  # of what was moved during the count-in, the last place counts
            round_.events = [old for old in round_.events if _control(old.data) != _control(event.data)]
        round_.events.append(event)

    def _round_at(self, tick: int) -> Round:
        """The round in which a place was heard, which has come so far then; a jump back begins a new one."""
        last = self._rounds[-1]
        self._is_waiting = self._is_waiting and tick <= last.from_tick
        if not self._is_waiting and tick < last.to_tick - self._half_beat_ticks:
            last = self._begin_round(tick)
        elif self._is_late(tick):
            return self._rounds[-2]
        last.to_tick = max(last.to_tick, tick)
        return last

    def _is_late(self, tick: int) -> bool:
        """Whether it jumps to the end of the round before: what is played comes in later than the playhead is seen."""
        if len(self._rounds) < 2:
            return False
        before, last = self._rounds[-2:]
        beat_ticks = 2 * self._half_beat_ticks  # LIMIT: 200 ms at 300 beats a minute; users move recordings by up to 80
        has_just_begun = last.to_tick < last.from_tick + beat_ticks
        is_jump = tick > last.to_tick + self._half_beat_ticks
        return has_just_begun and is_jump and abs(tick - before.to_tick) < beat_ticks

    def _begin_round(self, tick: int) -> Round:
        """Where a loop goes round, the last round is heard to its end, and the new one from its start on."""
        before, loop, from_tick = self._rounds[-1], self._loop(), max(0, tick)
        reach_ticks = self._half_beat_ticks  # LIMIT: how far from there the playhead may be seen last and first
        if loop is not None and before.to_tick > loop[1] - reach_ticks and loop[0] <= tick < loop[0] + reach_ticks:
            before.to_tick, from_tick = max(before.to_tick, loop[1]), loop[0]
        if len(self._rounds) > 1:
            self._settled = self._rounds[-2].after(self._settled, is_replacing=self._is_replacing)
        self._rounds.append(Round(from_tick, from_tick))
        return self._rounds[-1]


def _control(message: bytes) -> bytes:
    """What a message moves, without how far."""
    return message[: 2 if message[0] & 0xF0 in (CONTROL, KEY_PRESSURE) else 1]
