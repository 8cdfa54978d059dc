"""What is played in becomes music: captured, recorded, or written step by step; each is one named step of undo."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from musicassist.document import instruments
from musicassist.document.document import Document, FollowedTrack
from musicassist.document.edits import EditResult, insert_notes
from musicassist.document.song_edits import add_events
from musicassist.errors import QT_TRANSLATE_NOOP
from musicassist.score import midi_bytes as midi
from musicassist.score.song import Notes, Song, Track
from musicassist.session.commands import NoteCommands
from musicassist.session.offers import Offer
from musicassist.session.recorded_rounds import rounds_offer
from musicassist.session.recording import Recorder, Recording, RecordingWay, write_rounds
from musicassist.session.step_input import StepInput
from musicassist.session.transport import Transport
from musicassist.sound.messages import MidiReceived

MAX_COUNT_IN_BARS = 2
MEMORY_SECONDS = 60.0
_MAX_MESSAGES = 50_000  # LIMIT: a minute of a bender and a wheel that move all the time
_RECORDED = QT_TRANSLATE_NOOP("Session", "Recorded as played, notes: {count}. {quantise} moves them to the grid.")
_RECORDED_ELSEWHERE = QT_TRANSLATE_NOOP(
    "Session", "The track was removed. What was recorded is in a new one, {track}; notes: {count}."
)
_CAPTURED = QT_TRANSLATE_NOOP("Session", "Captured as played, notes: {count}. {quantise} moves them to the grid.")
_NOTHING_PLAYED = QT_TRANSLATE_NOOP("Session", "Nothing was played that is not in the song. Play first, then capture.")


class PlayingIn:
    """Takes in what keyboard, letter keys and piano clicks play. Main thread only.

    Attributes:
        way: How to record, from the next time on.
        steps: Step input.
        on_rounds: Called with the rounds of a loop that was recorded over, as takes, and with their track.
    """

    def __init__(
        self,
        document: Document,
        notes: NoteCommands,
        transport: Transport,
        *,
        on_change: Callable[[], None],
        say: Callable[..., None],
        now_seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        """Decides what becomes of each key: a step, a note of a recording, or something that may yet be captured.

        Args:
            document: Gets the music.
            notes: Have the grid.
            transport: Where the playhead is.
            on_change: Called when recording or stepping has begun or ended, or goes on in another way.
            say: Tells the user something: a template, and what fills its fields.
            now_seconds: The clock of what is received.
        """
        self.way = RecordingWay()
        self.on_rounds: Callable[[Offer, int], None] = lambda _offer, _index: None
        self.steps = StepInput(document, notes, transport)
        self._document = document
        self._transport = transport
        self._on_change = on_change
        self._say = say
        self._now_seconds = now_seconds
        self._memory = PlayedMemory()
        self._recording: Recording | None = None
        self._recorded = FollowedTrack(document)
        self._instruments = instruments.TrackInstruments()
        self._played_instrument: instruments.Instrument | None = None  # chosen on the keyboard while recording
        transport.on_jump.append(self._on_jump)

    def start_over(self) -> None:
        """Another song: nothing that was played belongs to it."""
        self._end_recording()
        self.steps.end()
        self._memory.forget()

    def lose_keys(self) -> None:
        """The sound engine is gone: nobody will tell that keys which are down go up; they do so now."""
        self.steps.lose_keys()
        self._memory.lose_keys(self._now_seconds(), self._transport.position_tick())
        if self._recording is not None:
            self._recording.lose_keys()

    def receive(self, event: MidiReceived) -> None:
        """While stepping and standing, writes what was played; else records it, and remembers it.

        A program that is not recorded is the instrument of the selected track from now on, as a step of its own.
        """
        if any(instruments.is_of_instrument(message) for message in event.messages):
            self._choose_instrument(event)
        if self.steps.is_on and not self._transport.is_playing:
            self.steps.receive(event)
            return
        self.steps.lose_keys()  # those that are down may go up while the song moves
        self._memory.see(self._now_seconds(), self._transport.position_tick())
        # A key is meant for the song if it plays, or does so in half a beat at most.
        half_beat_ticks = self._document.song.ticks_per_beat / 2
        is_along = self._transport.is_playing and self._transport.waiting_ticks() <= half_beat_ticks
        self._memory.receive(event, is_along=is_along)
        if self._recording is not None:
            self._recording.receive(event)

    def _choose_instrument(self, event: MidiReceived) -> None:
        before, document = self.instrument(), self._document
        self._transport.leave_live_track()
        self._played_instrument = instruments.instrument_after(event.messages, before)
        is_chosen = any(message[0] & 0xF0 == midi.PROGRAM for message in event.messages)
        if self._recording is None and is_chosen:
            index, instrument = document.selected_track, self._played_instrument
            song = instruments.choose_instrument(document.song, index, instrument)
            document.apply(QT_TRANSLATE_NOOP("Steps", "Change instrument"), song, merge_key=("program", index))

    def instrument(self) -> instruments.Instrument:
        """What the keyboard sounds like: the selected track at the playhead, or what was chosen while recording."""
        is_recorded = self._recording is not None and self._recorded.index == self._document.selected_track
        if is_recorded and self._played_instrument is not None:
            return self._played_instrument
        return self._instruments.at(self._document.song, self._document.selected_track, self._transport.position_tick())

    def on_frame(self) -> bool:
        """Looks where the playhead is; call it for each frame. Whether the song sounds otherwise from now on."""
        self._memory.see(self._now_seconds(), self._transport.position_tick())
        return self._recording is not None and self._recording.on_frame()

    def _on_jump(self, tick: int) -> None:
        self._memory.jump(self._now_seconds(), self._transport.position_tick(), tick)
        if self._recording is not None:
            self._recording.jump_to(tick)

    def song_to_sound(self) -> Song:
        """The song as it sounds: with the rounds of a recording that are over."""
        return self._recording.song_with_rounds() if self._recording is not None else self._document.song

    def song_to_keep(self) -> tuple[Song, int]:
        """The song and its selected track as they would be if a recording ended now."""
        if self._recording is None or len(self._recording.notes()) == 0:
            return self._document.song, self._document.selected_track
        result, index = self._recording.written()
        return result.song, index

    # Capturing.

    def capture(self) -> Notes:
        """Writes what was played last into the selected track, as one step; while recording, that ends instead.

        Returns:
            The notes that were written; none if nothing was played.
        """
        if self._recording is not None:
            return self.stop_recording()
        document, tick, time_map = self._document, self._transport.position_tick(), self._document.song.time_map
        bar_tick, pulse_ticks = time_map.bar_start_tick(time_map.bar_at(tick)), time_map.pulse_ticks_at(tick)
        beat_tick = bar_tick + round(round((tick - bar_tick) / pulse_ticks) * pulse_ticks)
        beat_tick = min(beat_tick, time_map.bar_start_tick(time_map.bar_at(tick) + 1))  # the counted beat nearest
        captured = self._memory.capture(document.song, beat_tick, self._now_seconds(), self._transport.active_loop)
        before = document.song
        if captured is not None:
            index = document.selected_track
            result = insert_notes(document.song, index, captured.notes)
            song = add_events(result.song, index, captured.events)
            document.apply(QT_TRANSLATE_NOOP("Steps", "Capture notes"), EditResult(song, result.selection))
        if document.song is before:
            self._say(_NOTHING_PLAYED)
        elif captured is not None:
            self._say_written(_CAPTURED, captured.notes)
        return captured.notes if captured is not None else Notes.of()

    def _say_written(self, template: str, notes: Notes) -> None:
        if len(notes):
            self._say(template, count=len(notes), track=self._document.track.name)

    # Recording.

    @property
    def is_recording(self) -> bool:
        """Whether what is played goes into the song."""
        return self._recording is not None

    def set_way(self, way: RecordingWay) -> None:
        """Counts in, replaces or adds, from the next recording on."""
        self.way = way
        self._on_change()

    def start_recording(self) -> None:
        """Records into the selected track, from the playhead on; plays along, after a count-in if that is wanted.

        What plays already goes on as it is.
        """
        if self._recording is None:
            self.steps.end()
            is_playing = self._transport.is_playing
            way = replace(self.way, count_in_bars=0) if is_playing else self.way
            self._recorded.follow(self._document.selected_track)
            self._played_instrument = None
            self._recording = Recording(self._recorded, self._transport, way, self._now_seconds())
            self._transport.accompany("recording", is_on=True)
            if is_playing:
                self._on_change()
            else:
                self._transport.play(count_in_bars=way.count_in_bars)

    @property
    def beats_to_wait(self) -> int:
        """How many clicks of the count-in are still to come, the one that sounds included; 0 while recording."""
        return self._recording.beats_to_wait if self._recording is not None else 0

    def recorded_notes(self) -> Notes:
        """The notes recorded so far, held ones up to the playhead."""
        return self._recording.notes() if self._recording is not None else Notes.of()

    def stop_recording(self) -> Notes:
        """Puts what was recorded into the track, as one step with the new notes selected, and returns it.

        Playing goes on, a count-in does not. Where the track was removed, a new one like it gets what was recorded.
        """
        is_waiting, is_gone = self.beats_to_wait > 0, self._recorded.index is None
        recording = self._end_recording()
        if recording is None:
            return Notes.of()
        if is_waiting and self._transport.is_playing:
            self._transport.stop()
        notes = recording.notes()
        if len(notes):
            before, own_index = self._recorded.song_with_it()
            result, index = recording.written()
            self._document.apply(QT_TRANSLATE_NOOP("Steps", "Record notes"), result, selected_track=index)
            self._memory.forget_since(recording.since_seconds)
            self._tell_rounds(recording, before, own_index, index)
        self._on_change()
        self._say_written(_RECORDED_ELSEWHERE if is_gone else _RECORDED, notes)
        return notes

    def _tell_rounds(self, recording: Recording, before: Song, own: int, written: int) -> None:
        """Each round of a loop is a take as well."""
        song, is_replacing = self._document.song, recording.way.is_replacing
        offer = rounds_offer(before, own, recording.rounds, song, written, is_replacing=is_replacing)
        if offer is not None and self.way.keeps_rounds:
            self.on_rounds(offer, written)

    def toggle_recording(self) -> None:
        """Starts or ends recording."""
        if self.is_recording:
            self.stop_recording()
        else:
            self.start_recording()

    def _end_recording(self) -> Recording | None:
        recording, self._recording = self._recording, None
        if recording is not None:
            self._transport.accompany("recording", is_on=False)
        return recording

    # Stepping.

    @property
    def is_stepping(self) -> bool:
        """Whether each chord that is let go is written at the playhead, which moves on."""
        return self.steps.is_on

    def toggle_stepping(self) -> None:
        """Begins or ends writing step by step; the song stops for it, and a recording ends."""
        if self.steps.is_on:
            self.steps.end()
        else:
            if self._transport.is_playing:
                self._transport.stop()
            self.steps.begin()
        self._on_change()


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
        return bool(self.message) and midi.parts_of(self.message)[0] == midi.NOTE_ON

    @property
    def is_release(self) -> bool:
        return bool(self.message) and midi.parts_of(self.message)[0] == midi.NOTE_OFF


class PlayedMemory:
    """Remembers the last minute of playing, counted back from the last key. Main thread only."""

    def __init__(self) -> None:
        self._rows: deque[_Row] = deque(maxlen=_MAX_MESSAGES)
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
            if not instruments.is_of_instrument(message):
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
            self._rows.append(_Row(seconds, tick, bytes((midi.NOTE_OFF, pitch, 0)), is_along))

    def forget(self) -> None:
        """What was played until now belongs to another song."""
        self._rows.clear()
        self._captured, self._seen_tick = (), 0.0

    def forget_since(self, seconds: float) -> None:
        """What was played from a moment on is in the song already."""
        while self._rows and self._rows[-1].seconds >= seconds:
            self._rows.pop()

    def capture(self, song: Song, beat_tick: int, now_seconds: float, loop: tuple[int, int] | None) -> Track | None:
        """What was played since the last capture; with nothing new, the same again. None if there was nothing.

        What was played along with the song comes where it was heard; of many rounds of a loop each replaces the one
        before as far as it came, as in a recording that replaces. What was played while the song stood begins at
        ``beat_tick``, in the tempo that holds there; of a mixture, the last kind counts. Notes are as they were played,
        none on a grid; pedal, bends and wheels are on one channel.

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
        if rows[-1].is_along:
            recorder = Recorder(song, max(0, round(rows[0].tick)), is_replacing=True, loop=lambda: loop)
            ticks = [row.tick for row in rows]
        else:
            first_seconds = next(row.seconds for row in rows if row.is_strike)
            shift_seconds = song.time_map.tick_to_seconds(beat_tick) - first_seconds
            recorder = Recorder(song, beat_tick, is_counted_in=True)
            seconds = np.array([row.seconds for row in rows]) + shift_seconds
            ticks = song.time_map.seconds_to_ticks(seconds).tolist()
        for row, tick in zip(rows, ticks, strict=True):
            if row.message:
                recorder.receive(MidiReceived((row.seconds,), (tick,), (row.message,)))
            elif row.is_jump:
                recorder.jump_to(round(tick))
            else:
                recorder.pass_to(tick)
        return write_rounds(replace(song, tracks=(Track(),)), 0, recorder.rounds, is_replacing=True).song.tracks[0]


def _last_kind(rows: tuple[_Row, ...]) -> list[_Row]:
    """From the end back, what was played along with the song, or what was played without it, each key with its end."""
    strikes = [row for row in rows if row.is_strike]
    is_along = bool(strikes) and strikes[-1].is_along
    last_other = next((row.seconds for row in reversed(strikes) if row.is_along != is_along), float("-inf"))
    return [row for row in rows if row.seconds > last_other and (row.is_along == is_along or row.is_release)]
