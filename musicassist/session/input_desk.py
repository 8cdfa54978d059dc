"""What is played in becomes music: captured, recorded, or written step by step; each is one named step of undo."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace

from musicassist.document.document import Document
from musicassist.document.edits import EditResult, insert_notes
from musicassist.document.instruments import (
    Instrument,
    TrackInstruments,
    choose_instrument,
    instrument_after,
    is_of_instrument,
)
from musicassist.document.song_edits import add_events
from musicassist.document.track_place import TrackPlace
from musicassist.score.song import Notes, Song
from musicassist.session.note_commands import NoteCommands
from musicassist.session.played_memory import PlayedMemory
from musicassist.session.recording import Recording, RecordingWay
from musicassist.session.step_input import StepInput
from musicassist.session.transport import Transport
from musicassist.sound.messages import MidiReceived
from musicassist.sound.midi_bytes import PROGRAM

LONGEST_COUNT_IN_BARS = 2


class InputDesk:
    """Takes in what keyboard, letter keys and piano clicks play. Main thread only.

    Attributes:
        way: How to record, from the next time on.
        steps: Step input.
    """

    def __init__(
        self,
        document: Document,
        notes: NoteCommands,
        transport: Transport,
        tell: Callable[[], None],
        *,
        now_seconds: Callable[[], float] = time.monotonic,
    ) -> None:
        """Records nothing yet.

        Args:
            document: Gets the music.
            notes: Have the grid.
            transport: Where the playhead is.
            tell: Called when recording or stepping has begun or ended.
            now_seconds: The clock of what is received.
        """
        self.way = RecordingWay()
        self.steps = StepInput(document, notes, transport)
        self._document = document
        self._transport = transport
        self._tell = tell
        self._now_seconds = now_seconds
        self._memory = PlayedMemory()
        self._recording: Recording | None = None
        self._recorded = TrackPlace(document)
        self._instruments = TrackInstruments()
        self._played_instrument: Instrument | None = None  # chosen on the keyboard while recording
        transport.on_jump(self._on_jump)

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

    def hear(self, event: MidiReceived) -> None:
        """Takes in what was played: while stepping and standing, writes it; else records it, and remembers it.

        A program that is not recorded is the instrument of the selected track from now on, as a step of its own.
        """
        if any(is_of_instrument(message) for message in event.messages):
            self._take_programs(event)
        if self.steps.is_on and not self._transport.is_playing:
            self.steps.hear(event)
            return
        self.steps.lose_keys()  # those that are down may go up while the song moves
        self._memory.see(self._now_seconds(), self._transport.position_tick())
        self._memory.receive(event, is_along=self._is_along)
        if self._recording is not None:
            self._recording.receive(event)

    def _take_programs(self, event: MidiReceived) -> None:
        """The keyboard has another instrument."""
        before, document = self.instrument(), self._document
        self._transport.leave_live_track()
        self._played_instrument = instrument_after(event.messages, before)
        is_chosen = any(message[0] & 0xF0 == PROGRAM for message in event.messages)
        if self._recording is None and is_chosen:
            index, instrument = document.selected_track, self._played_instrument
            song = choose_instrument(document.song, index, instrument)
            document.apply("Change instrument", song, merge_key=("program", index))

    def instrument(self) -> Instrument:
        """What the keyboard sounds like: the selected track at the playhead, or what was chosen while recording."""
        is_recorded = self._recording is not None and self._recorded.index == self._document.selected_track
        if is_recorded and self._played_instrument is not None:
            return self._played_instrument
        return self._instruments.at(self._document.song, self._document.selected_track, self._transport.position_tick())

    @property
    def _is_along(self) -> bool:
        """Whether a key that is struck now is meant for the song: it plays, or does so in half a beat at most."""
        half_beat_ticks = self._document.song.ticks_per_beat / 2
        return self._transport.is_playing and self._transport.waiting_ticks() <= half_beat_ticks

    def beat(self) -> bool:
        """Looks where the playhead is; call it for each frame. Whether the song sounds otherwise from now on."""
        self._memory.see(self._now_seconds(), self._transport.position_tick())
        return self._recording is not None and self._recording.beat()

    def _on_jump(self, tick: int) -> None:
        self._memory.jump(self._now_seconds(), self._transport.position_tick(), tick)
        if self._recording is not None:
            self._recording.jump_to(tick)

    def song_to_hear(self) -> Song:
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
        """Writes what was played last into the selected track, as one step; the notes, none if nothing was played."""
        document, tick = self._document, self._transport.position_tick()
        loop = self._transport.active_loop
        captured = self._memory.capture(document.song, self._beat_tick(tick), self._now_seconds(), loop)
        if captured is None:
            return Notes.of()
        index = document.selected_track
        result = insert_notes(document.song, index, captured.notes)
        song = add_events(result.song, index, captured.events)
        document.apply("Capture notes", EditResult(song, result.selection))
        return captured.notes

    def _beat_tick(self, tick: float) -> int:
        """The counted beat nearest to a place."""
        time_map = self._document.song.time_map
        bar = time_map.bar_at(tick)
        start_tick, next_tick = time_map.bar_start_tick(bar), time_map.bar_start_tick(bar + 1)
        pulse_ticks = time_map.pulse_ticks_at(tick)
        return min(next_tick, start_tick + round(round((tick - start_tick) / pulse_ticks) * pulse_ticks))

    # Recording.

    @property
    def is_recording(self) -> bool:
        """Whether what is played goes into the song."""
        return self._recording is not None

    @property
    def is_recorded_track_gone(self) -> bool:
        """Whether the track into which is recorded was removed; then a new one like it gets what was recorded."""
        return self._recorded.index is None

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
                self._tell()
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
        """Puts what was recorded into the track, as one step, and returns it. Playing goes on, a count-in does not."""
        is_waiting = self.beats_to_wait > 0
        recording = self._end_recording()
        if recording is None:
            return Notes.of()
        if is_waiting and self._transport.is_playing:
            self._transport.stop()
        notes = recording.notes()
        if len(notes):
            result, index = recording.written()
            self._document.apply("Record notes", result, selected_track=index)
            self._memory.forget_since(recording.since_seconds)
        self._tell()
        return notes

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
        self._tell()
