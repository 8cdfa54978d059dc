"""What is played in becomes music: captured, recorded, or written step by step; each is one named step of undo."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from math import ceil

from musicassist.document.document import Document
from musicassist.document.edits import EditResult, insert_notes, replace_span
from musicassist.document.grid import DIVISIONS, Grid
from musicassist.document.note_commands import NoteCommands
from musicassist.document.track_edits import add_events, replace_hand_controls
from musicassist.score.song import Notes, Song
from musicassist.sound.messages import MidiReceived
from musicassist.sound.played_memory import PlayedMemory
from musicassist.sound.recorder import Recorder, Round
from musicassist.sound.step_input import StepInput
from musicassist.sound.transport import Transport

LONGEST_COUNT_IN_BARS = 2


@dataclass(frozen=True)
class RecordingWay:
    """How the user wants to record.

    Attributes:
        count_in_bars: How many bars click before it begins, 0..2.
        is_replacing: Whether what stood in the recorded span goes, in a loop with each round anew; else all stays.
    """

    count_in_bars: int = 0
    is_replacing: bool = False


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
        self._recorder: Recorder | None = None
        self._recorded_track = 0
        self._recording_way = self.way  # of the recording that runs
        self._recording_since = 0.0  # seconds

    def start_over(self) -> None:
        """Another song: nothing that was played belongs to it."""
        self._recorder = None
        self.steps.end()
        self._memory.forget()

    def lose_keys(self) -> None:
        """The sound engine is gone: nobody will tell that the keys of a chord are up."""
        self.steps.lose_keys()

    def hear(self, event: MidiReceived) -> None:
        """Takes in what was played: while stepping and standing, writes it; else records it, and remembers it."""
        if self.steps.is_on and not self._transport.is_playing:
            self.steps.hear(event)
            return
        self.steps.lose_keys()  # those that are down may go up while the song moves
        self._memory.receive(event, is_along=self._transport.is_playing)
        if self._recorder is not None:
            self._recorder.receive(event)

    # Capturing.

    def capture(self) -> Notes:
        """Writes what was played last into the selected track, as one step; the notes, none if nothing was played."""
        document, tick = self._document, self._transport.position_tick()
        captured = self._memory.capture(document.song, self._beat_tick(tick), tick, self._now_seconds())
        if captured is None:
            return Notes.of()
        index = document.selected_track
        result = insert_notes(document.song, index, captured.notes)
        song = add_events(result.song, index, captured.events)
        document.apply("Capture notes", EditResult(song, result.selection))
        return captured.notes

    def _beat_tick(self, tick: float) -> int:
        """The beat of the meter nearest to a place."""
        time_map = self._document.song.time_map
        denominator = time_map.meter_at(tick).denominator
        return Grid(denominator if denominator in DIVISIONS else 4).snap(time_map, tick)

    # Recording.

    @property
    def is_recording(self) -> bool:
        """Whether what is played goes into the song."""
        return self._recorder is not None

    def start_recording(self) -> None:
        """Records into the selected track, from the playhead on; plays along, after a count-in if that is wanted.

        What plays already goes on as it is.
        """
        if self._recorder is None:
            self.steps.end()
            transport, is_playing = self._transport, self._transport.is_playing
            way = replace(self.way, count_in_bars=0) if is_playing else self.way
            self._recording_way = way
            self._recorder = Recorder(
                self._document.song,
                round(transport.position_tick()) if is_playing else transport.next_start_tick(),
                is_counted_in=way.count_in_bars > 0,
                is_replacing=way.is_replacing,
                loop=lambda: transport.active_loop,
            )
            self._recorded_track = self._document.selected_track
            self._recording_since = self._now_seconds()
            if is_playing:
                transport.run_past_end()
                self._tell()
            else:
                transport.play(runs_past_end=True, count_in_bars=way.count_in_bars)

    @property
    def beats_to_wait(self) -> int:
        """How many clicks of the count-in are still to come, the one that sounds included; 0 while recording."""
        if self._recorder is None or self._recording_way.count_in_bars == 0:
            return 0
        beat_ticks = self._document.song.time_map.beat_ticks_at(self._transport.position_tick())
        return ceil(self._transport.waiting_ticks() / beat_ticks)

    def recorded_notes(self) -> Notes:
        """The notes recorded so far, held ones up to the playhead."""
        return self._recorder.notes(self._transport.position_tick()) if self._recorder is not None else Notes.of()

    def stop_recording(self) -> Notes:
        """Puts what was recorded into the track, as one step, and returns it. Playing goes on, a count-in does not."""
        is_waiting = self.beats_to_wait > 0
        recorder, self._recorder = self._recorder, None
        if recorder is None:
            return Notes.of()
        if is_waiting and self._transport.is_playing:
            self._transport.stop()
        notes = recorder.finish(self._transport.position_tick())
        if self._recorded_track >= len(self._document.song.tracks):
            notes = Notes.of()
        if len(notes):
            self._write(recorder, notes)
        self._tell()
        return notes

    def _write(self, recorder: Recorder, notes: Notes) -> None:
        document, index = self._document, self._recorded_track
        song = document.song
        if self._recording_way.is_replacing:
            for round_ in recorder.played_rounds:
                song = _with_room_for(song, index, round_)
        else:
            song = add_events(song, index, recorder.events)
        document.select_track(index)
        document.apply("Record notes", insert_notes(song, index, notes))
        self._memory.forget_since(self._recording_since)

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


def _with_room_for(song: Song, index: int, round_: Round) -> Song:
    """The song without what a round replaces in a track: its notes, and its pedals and bends, which are put there."""
    span = round_.from_tick, round_.to_tick
    cleared = replace_span(song, index, *span, Notes.of()).song
    return replace_hand_controls(cleared, index, *span, round_.events)
