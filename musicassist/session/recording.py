"""Rounds of a recording, as of a loop: what was played in each, and what a track becomes by them."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from math import ceil

import numpy as np

from musicassist.document.document import FollowedTrack
from musicassist.document.edits import EditResult, insert_notes, replace_span
from musicassist.document.instruments import is_of_instrument, settle_programs
from musicassist.document.song_edits import add_events, replace_hand_controls
from musicassist.score import midi_bytes as midi
from musicassist.score.song import Event, Mask, Note, Notes, Song
from musicassist.session.transport import Transport
from musicassist.sound.messages import MidiReceived

HEARD_AHEAD_SECONDS = 0.5  # LIMIT: a busy window, and an engine that plays 0.2 s ahead of what is heard
_KEPT_BYTES = (2, 3)  # channel messages; clocks and active sensing have one
_LATE_SECONDS = 0.5  # LIMIT: a busy window, and recordings that the user moves by up to 80 ms
_BACK_SECONDS = 0.25  # LIMIT: less is no round but a clock that was corrected, as after a stall of the sound driver


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
        elif round_.is_played:  # its span is cleared of notes, and of pedals and bends, which are put there
            span = round_.from_tick, round_.to_tick
            cleared = replace_span(song, index, *span, Notes.of(), keeps_pins=False).song
            song = replace_hand_controls(cleared, index, *span, round_.events)
        notes = round_.after(notes, is_replacing=is_replacing)
    if beside is not None:
        song = insert_notes(song, index, beside).song
    result = insert_notes(song, index, notes)
    return replace(result, song=settle_programs(result.song, index, before, spans)) if spans else result


def _with_controls_let_go(rounds: Iterable[Round]) -> Iterable[Round]:
    held: dict[midi.Slot, bytes] = {}
    for round_ in rounds:
        events = [*(Event(round_.from_tick, message) for message in held.values()), *round_.events]
        held = midi.held_after(event.data for event in events)
        let_go = (Event(round_.to_tick, midi.as_bytes(midi.at_rest(slot))) for slot in sorted(held))
        yield replace(round_, events=[*events, *let_go])


def _note(start_tick: int, pitch: int, velocity: int, end_tick: int) -> Note:
    return Note(start_tick, pitch, max(1, end_tick - start_tick), velocity)


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
        moved_seconds = self._time_map.seconds_between(self._seen_tick, now_tick)
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
        if self._counted_in_tick is None or midi.parts_of(message)[0] not in (midi.NOTE_ON, midi.NOTE_OFF):
            return False
        return tick < self._counted_in_tick - self._time_map.ticks_per_beat / 2

    def _receive(self, heard_tick: float, message: bytes) -> None:
        kind, _, data1, velocity = midi.parts_of(message)
        round_ = self._rounds[-2 if self._is_late(heard_tick) else -1]
        tick = max(round_.from_tick, round(heard_tick))
        round_.to_tick = max(round_.to_tick, tick)
        if kind in (midi.NOTE_ON, midi.NOTE_OFF):
            round_.let_go(data1, tick)
            if kind == midi.NOTE_ON:
                round_.held[data1] = (tick, velocity)
        elif kind == midi.CONTROL and data1 >= midi.ALL_SOUND_OFF:
            for pitch in tuple(round_.held) if midi.ends_notes(data1) else ():
                round_.let_go(pitch, tick)
        elif midi.KEY_PRESSURE <= kind < 0xF0:
            # Parts of one message are all on one tick; of what else moved during a count-in, the last place counts.
            is_part = kind == midi.CONTROL and midi.ParameterReader.is_part(data1)
            if tick == self._counted_in_tick and not is_part:
                round_.events = [old for old in round_.events if _control(old.data) != _control(message)]
            round_.events.append(Event(tick, message))

    def _is_late(self, tick: float) -> bool:
        """Whether it belongs to the round before: what is played comes in later than the playhead is seen."""
        if len(self._rounds) < 2:
            return False
        between, (before, last) = self._time_map.seconds_between, self._rounds[-2:]
        has_gone_on = between(last.from_tick, last.to_tick) >= _LATE_SECONDS
        if has_gone_on or last.from_tick <= tick <= last.to_tick:
            return False
        from_last = max(between(tick, last.from_tick), between(last.to_tick, tick))
        return 0 <= between(tick, before.to_tick) < min(from_last, _LATE_SECONDS)

    def _back_seconds(self) -> float:
        loop = self._loop()
        return min(_BACK_SECONDS, self._time_map.seconds_between(*loop) / 2) if loop is not None else _BACK_SECONDS

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
        return abs(self._time_map.seconds_between(edge_tick, seen_tick)) < _LATE_SECONDS

    def _begin_round(self, tick: int) -> None:
        """The last one ends; if nothing has come into it, it did not even begin."""
        last = self._rounds[-1]
        if not last.has_begun and not last.events:
            self._rounds.pop()
        elif len(self._rounds) > 1:
            self._settled = self._rounds[-2].after(self._settled, is_replacing=self._is_replacing)
        self._rounds.append(Round(tick, tick))
        self._seen_tick, self._counted_in_tick = float(tick), None


def _control(message: bytes) -> bytes:
    """What a message moves, without how far."""
    return message[: 2 if message[0] & 0xF0 in (midi.CONTROL, midi.KEY_PRESSURE) else 1]


@dataclass(frozen=True)
class RecordingWay:
    """How the user wants to record.

    Attributes:
        count_in_bars: How many bars click before it begins, 0..2.
        is_replacing: Whether what stood in the recorded span goes, in a loop with each round anew; else all stays.
        keeps_rounds: Whether each round of a loop is a take, too.
    """

    count_in_bars: int = 0
    is_replacing: bool = False
    keeps_rounds: bool = True


class Recording:
    """One recording, from the playhead on. Main thread only.

    A round of a loop is heard in the next ones, written into the song as it will be at the end. The engine gets it a
    moment before its end, for what is written later than the loop goes round misses its first notes; and once more
    when it is over.
    """

    def __init__(self, followed: FollowedTrack, transport: Transport, way: RecordingWay, since_seconds: float) -> None:
        """Goes into a track, ``since_seconds`` on the clock of what is received."""
        self.since_seconds, self.way = since_seconds, way
        self._followed = followed
        self._transport = transport
        self._recorder = Recorder(
            self._song,
            round(transport.position_tick()) if transport.is_playing else transport.next_start_tick(),
            is_counted_in=way.count_in_bars > 0,
            is_replacing=way.is_replacing,
            loop=lambda: transport.active_loop,
        )
        song, index = followed.song_with_it()
        self._stood = self._compared = song.tracks[index].notes
        self._has_stood_mask = np.ones(len(self._stood), dtype=np.bool_)
        self._is_round_ending = False
        self._round_count = 1

    def receive(self, event: MidiReceived) -> None:
        """Takes in what the keyboard sent."""
        self._recorder.pass_to(self._transport.position_tick())
        self._recorder.receive(event)

    def lose_keys(self) -> None:
        """Keys that are down go up now."""
        self._recorder.lose_keys(self._transport.position_tick())

    def jump_to(self, tick: int) -> None:
        """The playhead is about to be put elsewhere, or, if nothing plays yet, where recording begins."""
        if self._transport.is_playing:
            self._recorder.pass_to(self._transport.position_tick())
        self._recorder.jump_to(tick)

    @property
    def beats_to_wait(self) -> int:
        """How many clicks of the count-in are still to come, the one that sounds included; 0 while recording."""
        if self.way.count_in_bars == 0:
            return 0
        beat_ticks = self._song.time_map.pulse_ticks_at(self._transport.position_tick())
        return ceil(self._transport.waiting_ticks() / beat_ticks)

    def notes(self) -> Notes:
        """What was recorded so far, held notes up to the playhead."""
        return self._recorder.notes(self._transport.position_tick())

    def on_frame(self) -> bool:
        """Looks where the playhead is; call it for each frame. Whether the song sounds otherwise from now on."""
        tick = self._transport.position_tick()
        self._recorder.pass_to(tick)
        before = self._round_count, self._is_round_ending
        self._round_count, self._is_round_ending = len(self._recorder.rounds), self._is_ending_at(tick)
        is_new = before != (self._round_count, self._is_round_ending)
        return is_new and any(round_.is_played for round_ in self._rounds_over[-2:])  # keys may come in a little late

    def song_with_rounds(self) -> Song:
        """The song as it sounds now: with the rounds that are over, or nearly so."""
        return self._written(self._rounds_over).song

    def written(self) -> tuple[EditResult, int]:
        """The song with what was recorded, which is selected, and the track; what is held ends at the playhead."""
        self._recorder.pass_to(self._transport.position_tick())
        return self._written(self._recorder.rounds), self._followed.song_with_it()[1]

    @property
    def rounds(self) -> tuple[Round, ...]:
        """All of them."""
        return self._recorder.rounds

    @property
    def _rounds_over(self) -> tuple[Round, ...]:
        rounds = self._recorder.rounds
        return rounds if self._is_round_ending else rounds[:-1]

    @property
    def _song(self) -> Song:
        return self._followed.song_with_it()[0]

    def _written(self, rounds: tuple[Round, ...]) -> EditResult:
        """The song with rounds; answers, takes and edits that came into it meanwhile are not replaced by them."""
        song, index = self._followed.song_with_it()
        track = song.tracks[index]
        if not self.way.is_replacing or track.notes is self._stood:
            return write_rounds(song, index, rounds, is_replacing=self.way.is_replacing)
        is_old = self._has_stood(track.notes)
        song = song.with_track(index, track.with_notes(track.notes.where(is_old)))
        return write_rounds(song, index, rounds, is_replacing=True, beside=track.notes.where(~is_old))

    def _has_stood(self, notes: Notes) -> Mask:
        """Mask of the notes that the track had when recording began; found once for each edit."""
        if notes is not self._compared:
            self._compared, self._has_stood_mask = notes, notes.among(self._stood)
        return self._has_stood_mask

    def _is_ending_at(self, tick: float) -> bool:
        """Whether the loop is about to go round."""
        loop, time_map = self._transport.active_loop, self._song.time_map
        if loop is None or not loop[0] <= tick < loop[1]:
            return False
        return time_map.seconds_between(tick, loop[1]) < HEARD_AHEAD_SECONDS
