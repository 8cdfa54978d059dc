"""The window's side of the sound engine: no method waits, and an engine that dies is started again."""

from __future__ import annotations

import contextlib
import queue
import subprocess
import tempfile
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import IO

from musicassist.child_process import start_module
from musicassist.errors import QT_TRANSLATE_NOOP, Words
from musicassist.score.seam import NO_AMENDS, Amends
from musicassist.score.song import NO_BANK, Bank, Notes, Song, Track
from musicassist.sound import messages as m
from musicassist.sound.clocks import Stall
from musicassist.sound.wire import Position, PositionBoard, encode, read_message

CLOSE_LIMIT_SECONDS = 2.0  # the window ends within 3 s with all its threads
_WRITER_LIMIT_SECONDS = 0.5
_KILL_LIMIT_SECONDS = 0.5  # LIMIT: a process that waits for a device in the kernel ends only after that
HANG_SECONDS = 5.0  # LIMIT: the engine shows its position 50 times a second; the largest song takes it a second
RESTART_LIMIT = 3  # LIMIT: engines that die one after another within the time below
RESTART_WINDOW_SECONDS = 30.0
DIED_PROBLEM = Words(QT_TRANSLATE_NOOP("Errors", "The sound engine stopped unexpectedly."))
DIED_REMEDY = Words(QT_TRANSLATE_NOOP("Errors", "It has been started again; your music is untouched."))
GAVE_UP_REMEDY = Words(
    QT_TRANSLATE_NOOP("Errors", "Choose another driver or SoundFont, which starts it again; your music is untouched.")
)


class SoundClient:
    """Sound as the window sees it. Main thread only; no method blocks, and all work goes through a writer thread."""

    def __init__(self, settings: m.SoundSettings | None = None, *, log: Path | None = None) -> None:
        """Nothing runs before :meth:`start`. The engine's own words go into the log."""
        self._log = log
        self._state: dict[type[m.Command], m.Command] = {m.Configure: m.Configure(settings or m.SoundSettings())}
        self._outbox: queue.SimpleQueue[m.Command | None] = queue.SimpleQueue()
        self._events: deque[m.SoundEvent] = deque()
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
        """Starts the engine; returns at once. What sounds comes as ``StatusChanged``."""
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

    def configure(self, settings: m.SoundSettings) -> None:
        """Other outputs and inputs; song, loop and position are kept. Starts an engine that was given up."""
        self._state[m.Configure] = m.Configure(settings)
        if self._has_given_up:
            self._has_given_up = False
            self._deaths.clear()
            self._send_everything()
        else:
            self._send(m.Configure(settings))

    # --- the song -------------------------------------------------------------------------------------------------

    def set_song(self, song: Song) -> None:
        """The song from now on; while playing it is queued anew without a gap."""
        self._send(m.SetSong(song))

    def audition(
        self,
        notes: Notes,
        track_index: int | None,
        from_tick: int,
        to_tick: int,
        *,
        track: Track | None = None,
        amends: Amends = NO_AMENDS,
        parts: Sequence[tuple[int, Notes, Amends]] = (),
    ) -> None:
        """The song sounds as if the span of that track were replaced by these notes, until :meth:`clear_audition`.

        Without a ``track_index`` the notes sound beside the song, with the channel and program of ``track``. ``amends``
        put the track's state right for them. ``parts`` are heard in their tracks, in the same span.
        """
        channel, program = (track.channel, track.program) if track is not None else (0, 0)
        others = tuple(m.Audition(n, index, from_tick, to_tick, amends=right) for index, n, right in parts)
        self._send(m.Audition(notes, track_index, from_tick, to_tick, channel, program, amends, others))

    def clear_audition(self) -> None:
        """The song sounds as it is."""
        if m.Audition in self._state:
            self._send(m.Audition(None))
            del self._state[m.Audition]

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
        self._send(m.RunPastEnd())

    def stop(self) -> None:
        """Stops where it is heard."""
        tick = self.position_tick()
        self._is_playing = False
        self._send(m.Stop(self._moved_to(tick)))

    def seek(self, tick: float) -> None:
        """Goes to a tick, playing on if it plays."""
        self._send(m.Seek(tick, self._moved_to(tick)))

    def set_loop(self, start_tick: int, end_tick: int) -> None:
        """Repeats [start_tick, end_tick)."""
        self._send(m.SetLoop(start_tick, end_tick))

    def clear_loop(self) -> None:
        """Repeats nothing."""
        self._send(m.SetLoop(0, 0))

    def set_metronome(self, *, enabled: bool) -> None:
        """Clicks on the beats while playing, or not."""
        self._send(m.SetMetronome(enabled))

    def panic(self) -> None:
        """Silences everything and stops."""
        tick = self.position_tick()
        self._is_playing = False
        self._send(m.Panic(self._moved_to(tick)))

    def position_tick(self) -> float:
        """The tick that is heard now; while stopped, where it stands. Cheap enough for each frame."""
        position = None if self._is_closing else self._obeyed_position()
        return self._moved_tick if position is None else position.tick_at(time.monotonic())

    def waiting_ticks(self) -> float:
        """How long the song still waits to move, while it is counted in."""
        position = None if self._is_closing else self._obeyed_position()
        return 0.0 if position is None else position.waiting_at(time.monotonic())

    @property
    def is_playing(self) -> bool:
        """Whether the song is played; true at once after :meth:`play`."""
        return self._is_playing

    # --- keys -----------------------------------------------------------------------------------------------------

    def preview(self, pitch: int, velocity: int, channel: int = 0, program: int = 0) -> None:
        """Sounds a note for 300 ms."""
        self._send(m.NoteOn(pitch, velocity, channel, program, m.DEFAULT_PREVIEW_SECONDS))

    def note_on(self, pitch: int, velocity: int, channel: int = 0, program: int = 0) -> None:
        """A key goes down."""
        self._send(m.NoteOn(pitch, velocity, channel, program))

    def note_off(self, pitch: int, channel: int = 0) -> None:
        """A key goes up."""
        self._send(m.NoteOff(pitch, channel))

    def set_live_track(self, channel: int, program: int, output_port: str | None = None, bank: Bank = NO_BANK) -> None:
        """What the MIDI keyboard plays; through ``output_port`` if the track has one."""
        self._send(m.SetLiveTrack(channel, program, output_port, bank))

    def shape_input(self, shape: m.ShapeInput) -> None:
        """How what the keyboard sends is meant; nothing is opened anew."""
        self._send(shape)
        self._state[m.ShapeInput] = replace(shape, is_learning=False)  # a new engine does not go on learning

    # --- events ---------------------------------------------------------------------------------------------------

    def poll(self) -> list[m.SoundEvent]:
        """What has happened since the last call; call it 30 to 60 times a second."""
        events: list[m.SoundEvent] = []
        self._end_hanging_engine()
        while self._events:
            event = self._events.popleft()
            if isinstance(event, m.PlaybackEnded):
                if event.number < self._play_number or not self._is_playing:
                    continue  # it was started anew or stopped meanwhile
                self._is_playing = False
            elif isinstance(event, m.EngineDied):
                self._restart(event)
            events.append(event)
        return events

    def _end_hanging_engine(self) -> None:
        """Kills an engine that has stopped showing its position; its reader then reports its death."""
        at_seconds = 0.0 if self._is_closing else self._board.read().at_seconds
        is_hanging = self._hang.is_over(at_seconds)
        is_from_this_engine = at_seconds > self._started_at_seconds  # and not what the one before it has left
        if is_hanging and is_from_this_engine and self._child is not None and self._child.is_alive():
            self._child.kill()

    def _obeyed_position(self) -> Position | None:
        """What the engine shows; None while it has not yet obeyed the last command that moves the position."""
        position = self._board.read()
        return position if position.number == self._number else None

    def _played_from(self, tick: float, count_in_bars: int = 0) -> m.Play:
        self._play_number = self._moved_to(tick)
        return m.Play(tick, self._play_number, self._runs_past_end, count_in_bars)

    def _moved_to(self, tick: float) -> int:
        """Counts a command that moves the position; its number."""
        self._number += 1
        self._moved_tick = max(0.0, tick)
        return self._number

    def _send(self, command: m.Command) -> None:
        if type(command) in m.STATE_COMMANDS:
            self._state[type(command)] = command
        if self._writer is not None and not self._is_closing:
            self._outbox.put(command)

    def _send_everything(self) -> None:
        for kind in m.STATE_COMMANDS:
            if kind in self._state:
                self._outbox.put(self._state[kind])
        if self._is_playing:
            self._outbox.put(self._played_from(self._moved_tick))
        elif self._moved_tick:
            self._outbox.put(m.Seek(self._moved_tick, self._moved_to(self._moved_tick)))

    def _restart(self, event: m.EngineDied) -> None:
        """Sends a new engine everything, so that it goes on where the last one was."""
        position = self._obeyed_position()
        if position is not None:
            self._moved_tick = replace(position, ticks_per_second=0.0).tick_at(0.0)
        self._number += 1
        if event.restarted:
            self._send_everything()
        else:
            self._is_playing, self._has_given_up = False, True

    # --- the writer thread ----------------------------------------------------------------------------------------

    def _write(self) -> None:
        """Starts the engine when there is something to send, and sends it."""
        while (command := self._outbox.get()) is not None:
            child = self._child if self.is_running else self._started(command)
            if child is not None:
                child.write(command)

    def _started(self, command: m.Command) -> EngineChild | None:
        """A new engine if it is to be configured; else the last one has died, and the next is sent everything."""
        if not isinstance(command, m.Configure):
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
        self._events.append(m.EngineDied(DIED_PROBLEM, remedy, restarted=not is_hopeless))

    def _board_path(self) -> Path:
        return Path(self._folder.name) / "position"


class EngineChild:
    """One run of ``musicassist.sound.engine``: a pipe to it, a thread that reads from it, and its end."""

    def __init__(
        self,
        board: Path,
        on_report: Callable[[m.Report], None],
        on_death: Callable[[], None],
        log: Path | None = None,
    ) -> None:
        """Starts the process.

        Args:
            board: File of the shared position.
            on_report: Called in a reader thread with each report.
            on_death: Called there once when the pipe has ended.
            log: Where the engine's own words go; None drops them, and so does one that cannot be written.

        Raises:
            OSError: The system starts no process.
        """
        self._on_report, self._on_death = on_report, on_death
        self._song = Song()  # that it was sent last
        with contextlib.ExitStack() as files:
            stderr: int | IO[bytes] = subprocess.DEVNULL
            if log is not None:
                with contextlib.suppress(OSError):
                    stderr = files.enter_context(log.open("wb"))
            pipe = subprocess.PIPE
            self._process = start_module("musicassist.sound.engine", str(board), stdin=pipe, stdout=pipe, stderr=stderr)
        threading.Thread(target=self._read, name="sound reports", daemon=True).start()

    @property
    def process_id(self) -> int:
        """The system's number of the process."""
        return self._process.pid

    def is_alive(self) -> bool:
        """Whether it runs."""
        return self._process.poll() is None

    def write(self, command: m.Command) -> None:
        """Sends a command; waits if the engine is behind. One thread. A dead engine is noticed by the reader."""
        stdin = self._process.stdin
        with contextlib.suppress(OSError, ValueError):
            if stdin is not None:
                stdin.write(encode(command, self._song))
                stdin.flush()
                if isinstance(command, m.SetSong):
                    self._song = command.song

    def close(self, limit_seconds: float) -> None:
        """Ends its input, which silences it, and waits for its end; after the limit it is killed."""
        with contextlib.suppress(OSError):
            if self._process.stdin is not None:
                self._process.stdin.close()
        try:
            self._process.wait(limit_seconds)
        except subprocess.TimeoutExpired:
            self.kill()
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._process.wait(_KILL_LIMIT_SECONDS)

    def kill(self) -> None:
        """Ends a process that does not read any more; waits for nothing."""
        self._process.kill()

    def _read(self) -> None:
        stdout = self._process.stdout
        if stdout is None:
            return
        with contextlib.suppress(OSError, ValueError):  # a broken pipe, or nonsense in it, is its end
            while (report := read_message(stdout)) is not None:
                self._on_report(report)  # type: ignore[arg-type]  # the engine sends reports only
        self._process.kill()  # nobody reads from it any more
        self._process.wait()
        stdout.close()
        self._on_death()
