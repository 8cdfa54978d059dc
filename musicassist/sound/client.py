"""The window's side of the sound engine: no method waits, and an engine that dies is started again."""

from __future__ import annotations

import queue
import tempfile
import threading
import time
from collections import deque
from dataclasses import dataclass, replace
from pathlib import Path

from musicassist.score.seam import NO_AMENDS, Amends
from musicassist.score.song import NO_BANK, Bank, Notes, Song, Track
from musicassist.sound.child import Stall
from musicassist.sound.engine_child import EngineChild
from musicassist.sound.messages import (
    DEFAULT_PREVIEW_SECONDS,
    Audition,
    Command,
    Configure,
    EngineDied,
    MidiReceived,
    NoteOff,
    NoteOn,
    Panic,
    Play,
    PlaybackEnded,
    PortsChanged,
    RunPastEnd,
    Seek,
    SetLiveTrack,
    SetLoop,
    SetMetronome,
    SetSong,
    ShapeInput,
    SoundEvent,
    SoundSettings,
    StatusChanged,
    Stop,
)
from musicassist.sound.position import Position, PositionBoard

__all__ = [
    "EngineDied",
    "MidiReceived",
    "PlaybackEnded",
    "PortsChanged",
    "SoundClient",
    "SoundEvent",
    "SoundSettings",
    "StatusChanged",
]

CLOSE_LIMIT_SECONDS = 2.0  # the window ends within 3 s with all its threads
_WRITER_LIMIT_SECONDS = 0.5
HANG_SECONDS = 5.0  # LIMIT: the engine shows its position 50 times a second; the largest song takes it a second
RESTART_LIMIT = 3  # LIMIT: engines that die one after another within the time below
RESTART_WINDOW_SECONDS = 30.0
DIED_PROBLEM = "The sound engine stopped unexpectedly."
DIED_REMEDY = "It has been started again; your music is untouched."
GAVE_UP_REMEDY = "Choose another driver or SoundFont, which starts it again; your music is untouched."


@dataclass
class _Told:
    """What a new engine must be told so that it goes on where the last one was."""

    settings: Configure
    song: SetSong | None = None
    loop: SetLoop | None = None
    audition: Audition | None = None
    live_track: SetLiveTrack | None = None
    metronome: SetMetronome | None = None
    input: ShapeInput | None = None

    def commands(self) -> list[Command]:
        """All of it in the right order."""
        told = (self.settings, self.song, self.loop, self.audition, self.live_track, self.metronome, self.input)
        return [command for command in told if command is not None]


class SoundClient:
    """Sound as the window sees it. Main thread only; no method blocks, and all work goes through a writer thread."""

    def __init__(self, settings: SoundSettings | None = None, *, log: Path | None = None) -> None:
        """Makes a client; nothing runs before :meth:`start`. The engine's own words go into the log."""
        self._log = log
        self._told = _Told(Configure(settings or SoundSettings()))
        self._outbox: queue.SimpleQueue[Command | None] = queue.SimpleQueue()
        self._events: deque[SoundEvent] = deque()
        self._child: EngineChild | None = None
        self._writer: threading.Thread | None = None
        self._deaths: deque[float] = deque(maxlen=RESTART_LIMIT)
        self._hang = Stall(time.monotonic, HANG_SECONDS)
        self._started_at_seconds = 0.0  # the engine, on the clock of the board
        self._is_closing = False
        self._has_given_up = False
        self._number = 0  # of the last command that moved the position
        self._play_number = 0  # of the last one that began to play
        self._moved_tick = 0.0  # where that command put it
        self._is_playing = False
        self._runs_past_end = False
        self._folder = tempfile.TemporaryDirectory(prefix="musicassist-", ignore_cleanup_errors=True)
        self._board = PositionBoard(self._board_path())

    # --- life -----------------------------------------------------------------------------------------------------

    def start(self) -> None:
        """Starts the engine; returns at once. What sounds is told as ``StatusChanged``."""
        if self._writer is None:
            self._writer = threading.Thread(target=self._write, name="sound client", daemon=True)
            self._writer.start()
            self._send_everything()

    def close(self) -> None:
        """Silence; the engine is gone afterwards, within 2 s. Safe to call twice."""
        if self._is_closing:
            return
        self._is_closing = True
        self._outbox.put(None)
        if self._writer is not None:
            self._writer.join(timeout=_WRITER_LIMIT_SECONDS)
        if self._child is not None and self._writer is not None:
            if self._writer.is_alive():  # it waits for an engine that does not read
                self._child.kill()
            else:
                self._child.close(CLOSE_LIMIT_SECONDS - _WRITER_LIMIT_SECONDS)
        self._board.close()
        self._folder.cleanup()

    @property
    def is_running(self) -> bool:
        """Whether the engine lives."""
        return self._child is not None and self._child.is_alive()

    @property
    def engine_process_id(self) -> int | None:
        """The system's number of the engine's process; None before the first."""
        return None if self._child is None else self._child.process_id

    def configure(self, settings: SoundSettings) -> None:
        """Other outputs and inputs; song, loop and position are kept."""
        self._told.settings = Configure(settings)
        if self._has_given_up:
            self._has_given_up = False
            self._deaths.clear()
            self._send_everything()
        else:
            self._send(self._told.settings)

    # --- the song -------------------------------------------------------------------------------------------------

    def set_song(self, song: Song) -> None:
        """The song from now on; while playing it is queued anew without a gap."""
        self._told.song = SetSong(song)
        self._send(self._told.song)

    def audition(
        self,
        notes: Notes,
        track_index: int | None,
        from_tick: int,
        to_tick: int,
        *,
        track: Track | None = None,
        amends: Amends = NO_AMENDS,
    ) -> None:
        """The song sounds as if the span of that track were replaced by these notes, until :meth:`clear_audition`.

        Without a ``track_index`` the notes sound beside the song, with the channel and program of ``track``. ``amends``
        put the track's state right for them.
        """
        channel, program = (track.channel, track.program) if track is not None else (0, 0)
        self._told.audition = Audition(notes, track_index, from_tick, to_tick, channel, program, amends)
        self._send(self._told.audition)

    def clear_audition(self) -> None:
        """The song sounds as it is."""
        if self._told.audition is not None:
            self._told.audition = None
            self._send(Audition(None))

    # --- moving ---------------------------------------------------------------------------------------------------

    def play(self, from_tick: float, *, runs_past_end: bool = False, count_in_bars: int = 0) -> None:
        """Plays from a tick, or jumps there; ``runs_past_end`` for recording, and where the song is over already.

        Before that, ``count_in_bars`` bars click while the position waits.
        """
        self._is_playing, self._runs_past_end = True, runs_past_end
        self._send(self._played_from(from_tick, count_in_bars))

    def run_past_end(self) -> None:
        """What plays goes on past the end of the song from now on."""
        self._runs_past_end = True
        self._send(RunPastEnd())

    def stop(self) -> None:
        """Stops where it is heard."""
        tick = self.position_tick()
        self._is_playing = False
        self._send(Stop(self._moved_to(tick)))

    def seek(self, tick: float) -> None:
        """Goes to a tick, playing on if it plays."""
        self._send(Seek(tick, self._moved_to(tick)))

    def set_loop(self, start_tick: int, end_tick: int) -> None:
        """Repeats [start_tick, end_tick)."""
        self._told.loop = SetLoop(start_tick, end_tick)
        self._send(self._told.loop)

    def clear_loop(self) -> None:
        """Repeats nothing."""
        self._told.loop = None
        self._send(SetLoop(0, 0))

    def set_metronome(self, *, enabled: bool) -> None:
        """Clicks on the beats while playing, or not."""
        self._told.metronome = SetMetronome(enabled)
        self._send(self._told.metronome)

    def panic(self) -> None:
        """Silences everything and stops."""
        tick = self.position_tick()
        self._is_playing = False
        self._send(Panic(self._moved_to(tick)))

    def position_tick(self) -> float:
        """The place that is heard now; while stopped, where it stands. Cheap enough for each frame."""
        if self._is_closing:
            return self._moved_tick
        position = self._board.read()
        if position.number != self._number:
            return self._moved_tick  # the engine has not yet obeyed the last command
        return position.tick_at(time.monotonic())

    def waiting_ticks(self) -> float:
        """How long the song still waits to move, while it is counted in."""
        position = Position() if self._is_closing else self._board.read()
        if position.number != self._number:
            return 0.0
        return position.waiting_at(time.monotonic())

    @property
    def is_playing(self) -> bool:
        """Whether the song is played; true at once after :meth:`play`."""
        return self._is_playing

    # --- keys -----------------------------------------------------------------------------------------------------

    def preview(self, pitch: int, velocity: int, channel: int = 0, program: int = 0) -> None:
        """Sounds a note for 300 ms."""
        self._send(NoteOn(pitch, velocity, channel, program, DEFAULT_PREVIEW_SECONDS))

    def note_on(self, pitch: int, velocity: int, channel: int = 0, program: int = 0) -> None:
        """A key goes down."""
        self._send(NoteOn(pitch, velocity, channel, program))

    def note_off(self, pitch: int, channel: int = 0) -> None:
        """A key goes up."""
        self._send(NoteOff(pitch, channel))

    def set_live_track(
        self,
        channel: int,
        program: int,
        output_port: str | None = None,
        bank: Bank = NO_BANK,
    ) -> None:
        """What the MIDI keyboard plays; through ``output_port`` if the track has one."""
        self._told.live_track = SetLiveTrack(channel, program, output_port, bank)
        self._send(self._told.live_track)

    def shape_input(self, shape: ShapeInput) -> None:
        """How what the keyboard sends is taken; nothing is opened anew. Learning is not gone on with after a death."""
        self._told.input = replace(shape, is_learning=False)
        self._send(shape)

    # --- events ---------------------------------------------------------------------------------------------------

    def poll(self) -> list[SoundEvent]:
        """What has happened since the last call; call it 30 to 60 times a second."""
        events: list[SoundEvent] = []
        self._end_hanging_engine()
        while self._events:
            event = self._events.popleft()
            if isinstance(event, PlaybackEnded):
                if event.number < self._play_number or not self._is_playing:
                    continue  # it was started anew or stopped meanwhile
                self._is_playing = False
            elif isinstance(event, EngineDied):
                self._restart(event)
            events.append(event)
        return events

    def _end_hanging_engine(self) -> None:
        """Kills an engine that has stopped showing its position; its reader then tells of its death."""
        at_seconds = 0.0 if self._is_closing else self._board.read().at_seconds
        is_hanging = self._hang.is_over(at_seconds)
        is_its_own = at_seconds > self._started_at_seconds  # and not what the engine before it has left
        if is_hanging and is_its_own and self._child is not None and self._child.is_alive():
            self._child.kill()

    def _played_from(self, tick: float, count_in_bars: int = 0) -> Play:
        self._play_number = self._moved_to(tick)
        return Play(tick, self._play_number, self._runs_past_end, count_in_bars)

    def _moved_to(self, tick: float) -> int:
        """Counts a command that moves the position; its number."""
        self._number += 1
        self._moved_tick = max(0.0, tick)
        return self._number

    def _send(self, command: Command) -> None:
        if self._writer is not None and not self._is_closing:
            self._outbox.put(command)

    def _send_everything(self) -> None:
        for command in self._told.commands():
            self._outbox.put(command)
        if self._is_playing:
            self._outbox.put(self._played_from(self._moved_tick))
        elif self._moved_tick:
            self._outbox.put(Seek(self._moved_tick, self._moved_to(self._moved_tick)))

    def _restart(self, event: EngineDied) -> None:
        """Tells a new engine everything, so that it goes on where the last one was."""
        self._moved_tick = self._last_tick()
        self._number += 1
        if event.restarted:
            self._send_everything()
        else:
            self._is_playing, self._has_given_up = False, True

    def _last_tick(self) -> float:
        position: Position = self._board.read()
        if position.number != self._number:
            return self._moved_tick
        return replace(position, ticks_per_second=0.0).tick_at(0.0)

    # --- the writer thread ----------------------------------------------------------------------------------------

    def _write(self) -> None:
        """Starts the engine when there is something to tell, and tells it."""
        while (command := self._outbox.get()) is not None:
            child = self._child if self.is_running else self._started(command)
            if child is not None:
                child.write(command)

    def _started(self, command: Command) -> EngineChild | None:
        """A new engine if it is to be configured; else the last one has died, and the next is told everything."""
        if not isinstance(command, Configure):
            return None
        if self._child is not None:
            self._child.close(0.0)
        self._started_at_seconds = time.monotonic()
        try:
            self._child = EngineChild(self._board_path(), self._events.append, self._on_death, self._log)
        except OSError:  # the system starts no process
            self._on_death()
            return None
        return self._child

    def _on_death(self) -> None:
        """Called in the reader thread when the engine's pipe has ended, and in the writer thread if none starts."""
        if self._is_closing:
            return
        now = time.monotonic()
        is_hopeless = len(self._deaths) == RESTART_LIMIT and now - self._deaths[0] < RESTART_WINDOW_SECONDS
        self._deaths.append(now)
        remedy = GAVE_UP_REMEDY if is_hopeless else DIED_REMEDY
        self._events.append(EngineDied(DIED_PROBLEM, remedy, restarted=not is_hopeless))

    def _board_path(self) -> Path:
        return Path(self._folder.name) / "position"
