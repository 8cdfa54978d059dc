"""Turns what the MIDI keyboard sends into notes, as they were played, in one round or in many rounds of a loop."""

from __future__ import annotations

from collections.abc import Callable

from musicassist.score.song import Event, Notes, Song
from musicassist.sound.messages import MidiReceived
from musicassist.sound.parameter_reader import ParameterReader
from musicassist.sound.rounds import Round
from musicassist.sound.schedule import ALL_SOUND_OFF, CONTROL, KEY_PRESSURE, NOTE_OFF, NOTE_ON, ends_notes

_KEPT_BYTES = (2, 3)  # channel messages; clocks and active sensing have one
_LATE_SECONDS = 0.5  # LIMIT: a busy window, and recordings that the user moves by up to 80 ms
_BACK_SECONDS = 0.25  # LIMIT: less is no round but a clock that was corrected, as after a stall of the sound driver


class Recorder:
    """One recording. Timing stays raw; notes that are held grow, at most to the end of their round. Main thread only.

    A round goes on as long as the playhead does: it ends where a loop goes round, which is seen, and where the playhead
    is put elsewhere, which is told. What is played never begins a round; it may come in after its own is over.

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
            song: The song that plays meanwhile.
            from_tick: Where recording began.
            is_counted_in: Whether keys that were struck before the last half beat are not meant; a pedal is.
            is_replacing: Whether a round replaces what earlier ones played; else all stay.
            loop: The span that is repeated now; without it, a round reaches as far as the playhead was seen.
        """
        self._time_map = song.time_map
        self._counted_in_tick = from_tick if is_counted_in else None
        self._is_replacing = is_replacing
        self._loop = loop
        self._seen_tick = float(from_tick)
        self._rounds = [Round(from_tick, from_tick)]
        self._settled = Notes.of()  # of all rounds but the last two, in which nothing changes any more

    def receive(self, event: MidiReceived) -> None:
        """Takes in what the keyboard sent, after the playhead was seen."""
        for tick, message in zip(event.ticks, event.messages, strict=True):
            if len(message) in _KEPT_BYTES and not self._is_too_early(tick, message):
                self._receive(tick, message)

    def lose_keys(self, now_tick: float) -> None:
        """Keys that are down go up where the playhead is seen."""
        self.pass_to(now_tick)
        round_ = self._rounds[-1]
        for pitch in tuple(round_.held):
            round_.let_go(pitch, round_.to_tick)

    def pass_to(self, now_tick: float) -> None:
        """The playhead is seen in a place; a step back is the next round of a loop."""
        moved_seconds = self._seconds_between(self._seen_tick, now_tick)
        if moved_seconds > _BACK_SECONDS and self._is_late(now_tick):
            return
        if moved_seconds < -self._back_seconds():
            self._go_round(now_tick)
        self._seen_tick = now_tick
        self._rounds[-1].to_tick = max(self._rounds[-1].to_tick, round(now_tick))

    def jump_to(self, tick: int) -> None:
        """The playhead is put into a place: what lies between was not played through."""
        if tick != round(self._seen_tick):
            is_waiting = self._counted_in_tick is not None and not self._rounds[-1].has_begun
            self._begin_round(tick)
            self._counted_in_tick = tick if is_waiting else None

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
        from_tick = self._counted_in_tick
        return is_key and from_tick is not None and tick < from_tick - self._time_map.ticks_per_beat / 2

    def _receive(self, heard_tick: float, message: bytes) -> None:
        kind, data1 = message[0] & 0xF0, message[1]
        round_ = self._rounds[-2 if self._is_late(heard_tick) else -1]
        tick = max(round_.from_tick, round(heard_tick))
        round_.to_tick = max(round_.to_tick, tick)
        if kind in (NOTE_ON, NOTE_OFF):
            round_.let_go(data1, tick)
            if kind == NOTE_ON and message[2] > 0:
                round_.held[data1] = (tick, message[2])
        elif kind == CONTROL and data1 >= ALL_SOUND_OFF:
            for pitch in tuple(round_.held) if ends_notes(data1) else ():
                round_.let_go(pitch, tick)
        elif KEY_PRESSURE <= kind < 0xF0:
            self._move(round_, Event(tick, message))

    def _move(self, round_: Round, event: Event) -> None:
        if event.tick == self._counted_in_tick and not _is_of_parameter(
            event.data
        ):  # of what was moved during the count-in, the last place counts
            round_.events = [old for old in round_.events if _control(old.data) != _control(event.data)]
        round_.events.append(event)

    def _is_late(self, tick: float) -> bool:
        """Whether it belongs to the round before: what is played comes in later than the playhead is seen."""
        if len(self._rounds) < 2:
            return False
        before, last = self._rounds[-2:]
        has_gone_on = self._seconds_between(last.from_tick, last.to_tick) >= _LATE_SECONDS
        if has_gone_on or last.from_tick <= tick <= last.to_tick:
            return False
        from_last = max(self._seconds_between(tick, last.from_tick), self._seconds_between(last.to_tick, tick))
        return 0 <= self._seconds_between(tick, before.to_tick) < min(from_last, _LATE_SECONDS)

    def _back_seconds(self) -> float:
        loop = self._loop()
        return min(_BACK_SECONDS, self._seconds_between(*loop) / 2) if loop is not None else _BACK_SECONDS

    def _go_round(self, tick: float) -> None:
        """Where a loop goes round, the last round is heard to its end, and the new one from its start on."""
        before, loop = self._rounds[-1], self._loop()
        if loop is None or not self._is_near(loop[1], before.to_tick) or not self._is_near(loop[0], tick):
            self._begin_round(round(tick))
            return
        before.to_tick = max(before.to_tick, loop[1])
        self._begin_round(loop[0])

    def _is_near(self, edge_tick: int, seen_tick: float) -> bool:
        """Whether the playhead may have been seen there last before, or first after, an edge of the loop."""
        return abs(self._seconds_between(edge_tick, seen_tick)) < _LATE_SECONDS

    def _begin_round(self, tick: int) -> None:
        """The last one ends; if nothing has come into it, it did not even begin."""
        last = self._rounds[-1]
        if not last.has_begun and not last.events:
            self._rounds.pop()
        elif len(self._rounds) > 1:
            self._settled = self._rounds[-2].after(self._settled, is_replacing=self._is_replacing)
        self._rounds.append(Round(tick, tick))
        self._seen_tick, self._counted_in_tick = float(tick), None

    def _seconds_between(self, from_tick: float, to_tick: float) -> float:
        """From a place to another; negative if that is before it."""
        return self._time_map.tick_to_seconds(to_tick) - self._time_map.tick_to_seconds(from_tick)


def _is_of_parameter(message: bytes) -> bool:
    """Whether a message is a part of one that counts only with its other parts, all on one tick."""
    return message[0] & 0xF0 == CONTROL and ParameterReader.is_part(message[1])


def _control(message: bytes) -> bytes:
    """What a message moves, without how far."""
    return message[: 2 if message[0] & 0xF0 in (CONTROL, KEY_PRESSURE) else 1]
