"""The sound engine: obeys messages, plays, listens to the keyboard, and survives the loss of its device.

``python -m musicassist.sound.engine BOARD`` is its process: the engine over its standard pipes; their end is its end.
"""

from __future__ import annotations

import contextlib
import faulthandler
import os
import queue
import signal
import sys
import threading
import time
import traceback
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO, assert_never

from musicassist.errors import QT_TRANSLATE_NOOP, Words
from musicassist.score.midi_bytes import channel_message
from musicassist.score.song import Song
from musicassist.sound import messages as m
from musicassist.sound.clocks import ENGINE_PRIORITY, ask_realtime_priority
from musicassist.sound.live_keys import KeyInput, LiveKeys
from musicassist.sound.one_channel import OneChannel
from musicassist.sound.outputs import Opening, Output, silent_output
from musicassist.sound.playback import Playback
from musicassist.sound.port_watch import PortWatch
from musicassist.sound.synth import SilentSynth
from musicassist.sound.wire import Position, PositionBoard, encode, read_message
from musicassist.sound.wiring import Wiring

FEED_SECONDS = 0.02
LOST_REMEDY = Words(QT_TRANSLATE_NOOP("Errors", "It is looked for again by itself; or choose another audio driver."))
LOST_PROBLEM = Words(QT_TRANSLATE_NOOP("Errors", "The audio device does not answer any more."))
LOST_PORT_PROBLEM = Words(QT_TRANSLATE_NOOP("Errors", "The MIDI port does not answer any more."))
CROWDED_PROBLEM = Words(
    QT_TRANSLATE_NOOP(
        "Errors", "The song names more ports of 16 channels than this one, so some of its tracks share channels."
    )
)
CROWDED_REMEDY = Words(
    QT_TRANSLATE_NOOP("Errors", "Give these tracks an output of their own, or let FluidSynth play the song.")
)
_MAX_RECEIVED = 4096  # LIMIT: messages kept between two turns
EXIT_LIMIT_SECONDS = 2.0  # LIMIT: a driver that does not close is left to the system
_Commands = queue.SimpleQueue[m.Command | None]


class SoundEngine:
    """Everything behind the pipes. One thread calls :meth:`obey` and :meth:`turn`; MIDI threads :meth:`receive`."""

    def __init__(self, report: Callable[[m.Report], None], publish: Callable[[Position], None]) -> None:
        """Silent until it is configured.

        Args:
            report: Sends a report to the window; must not block.
            publish: Shows the position to the window.
        """
        self.settings = m.SoundSettings()
        self.playback = Playback(SilentSynth(time.monotonic))
        self.keys = LiveKeys(self.playback.synth, self.playback.sets_program)
        self._report, self._publish = report, publish
        self._number = 0
        self._output_opened_seconds = 0.0
        self._opening = Opening()
        self._wiring = Wiring(self.playback, self.keys, self._opening.close_later)
        self._song = Song()
        self._status: m.StatusChanged | None = None
        self._watch: PortWatch | None = None
        self._reported_ports: m.PortsChanged | None = None
        self._reported_status: m.StatusChanged | None = None
        self._key_input = KeyInput()
        self._one_channel = OneChannel()
        self._keys_lock = threading.Lock()  # the keyboard's thread, the port watch's and ours let keys go
        self._sending_port = ""
        self._received: deque[tuple[float, bytes]] = deque(maxlen=_MAX_RECEIVED)
        self._is_touched = False  # whether the keyboard sent anything since the last turn

    @property
    def is_getting_ready(self) -> bool:
        """Whether the first output is still being opened: what is played now would not be heard."""
        return self._opening.is_first_pending

    def obey(self, command: m.Command) -> None:
        """Does what the window asks: one case for each command of ``messages``."""
        playback = self.playback
        match command:
            case m.SetSong(song):
                self._song = song
                playback.set_song(song)
                self._wiring.want(self.settings, song)
            case m.Play(from_tick, number, runs_past_end, count_in_bars):
                self._number = number
                self.keys.rest_banks()
                playback.play(from_tick, runs_past_end=runs_past_end, count_in_bars=count_in_bars)
                self.keys.forget_programs()
            case m.RunPastEnd():
                playback.run_past_end()
            case m.Stop(number):
                self._number = number
                playback.stop()
                self.keys.forget_programs()
            case m.Seek(tick, number):
                self._number = number
                self.keys.rest_banks()
                playback.seek(tick)
                self.keys.forget_programs()
            case m.SetLoop(start_tick, end_tick):
                playback.set_loop(start_tick, end_tick)
            case m.Audition():
                playback.set_audition(None if command.notes is None else command)
            case m.NoteOn(pitch, velocity, channel, program, seconds):
                self.keys.strike(pitch, velocity, self._wiring.live_channel(channel), program, seconds)
            case m.NoteOff(pitch, channel):
                self.keys.release(pitch, channel)
            case m.SetLiveTrack(channel, program, output_port, bank):
                self._wiring.set_live_track(channel, program, output_port, bank)
            case m.ShapeInput():
                self._shape_input(command)
            case m.SetMetronome(enabled):
                playback.set_metronome(enabled=enabled)
            case m.Panic(number):
                self._number = number
                self.keys.release_all()
                playback.panic()
            case m.Configure(settings):
                self._configure(settings)
            case _:
                assert_never(command)

    def receive(self, seconds: float, data: bytes) -> None:
        """Sounds what the keyboard sent and notes it for the window. Called in the MIDI system's thread."""
        message = channel_message(data)
        if message is None:
            return
        port = self._watch.input_port if self._watch is not None else None
        meant = self._key_input.meaning_of(message, port or "")
        self._is_touched = True
        if isinstance(meant, bytes):
            with self._keys_lock:
                if port and port != self._sending_port:
                    self._sending_port = port
                    self._one_channel.forget(is_mpe=self._key_input.settings.is_mpe)
                self._play(seconds, self._one_channel.convert(meant, seconds))
        elif meant is not None:
            self._report(meant)

    def _play(self, seconds: float, messages: list[bytes]) -> None:
        for message in messages:
            self.keys.play(message)
            self._received.append((seconds, message))

    def _shape_input(self, shape: m.ShapeInput) -> None:
        """Another meaning from now on; with another channel, nobody would let go of what is down."""
        before = self._key_input.settings
        if (shape.channel, shape.is_mpe) != (before.channel, before.is_mpe):
            self._let_keys_go()
        if shape.is_mpe != before.is_mpe:
            with self._keys_lock:
                self._one_channel.forget(is_mpe=shape.is_mpe)
        self._key_input.shape(shape)

    def _let_keys_go(self) -> None:
        """The keyboard is gone: nobody else will say that its keys and pedals are up."""
        with self._keys_lock:
            self._play(time.monotonic(), self._one_channel.let_go())

    def turn(self) -> None:
        """One turn of the clockwork, about every 20 ms."""
        output = self._opening.result()
        if output is not None:
            self._use(output)
        self._look_after_wiring()
        if self.playback.feed():
            self.keys.forget_programs()
            heard_tick = self.playback.heard_tick(self.playback.synth.now_seconds())
            self._report(m.PlaybackEnded(heard_tick, self._number))
        self.keys.release_due()
        self._report_received()
        self._look_after_output()
        self._look_after_ports()
        self._publish(self._position())

    def close(self) -> None:
        """Silence, and everything let go."""
        self.keys.release_all()
        if self._watch is not None:
            self._watch.close()
        self._wiring.close()

    def _configure(self, settings: m.SoundSettings) -> None:
        """The same settings again: what does not sound as it should is tried again, and the keyboard opened anew."""
        old, self.settings = self.settings, settings
        self._wiring.want(settings, self._song)
        is_asked_again = settings == old
        is_open = self._status is not None and not self._opening.is_pending
        is_retry = is_asked_again and self._status is not None and self._status.problem is not None
        if is_open and not is_retry and _lead_of(settings) == _lead_of(old):
            if settings.tone != old.tone:
                self._wiring.lead.set_tone(settings.tone)
        else:
            self._opening.begin(settings)
        keyboard, old_keyboard = ("" if s.silent else s.input_port for s in (settings, old))
        if self._watch is None and not settings.silent:
            self._watch = PortWatch(keyboard, self.receive, self._let_keys_go)
            self._watch.start()
        elif self._watch is not None and (is_asked_again or keyboard != old_keyboard):
            self._watch.want(keyboard)

    def _use(self, output: Output) -> None:
        """Moves everything to another leading synth."""
        self._output_opened_seconds = time.monotonic()
        old = self._wiring.lead
        self._wiring.use(output.synth)
        self._opening.close_later(old)
        self._report_status(output.status)

    def _look_after_wiring(self) -> None:
        """Ports of tracks come and go; the window learns which are missed."""
        self._wiring.look(self._watch.ports.outputs if self._watch is not None else ())
        if self._status is not None:
            self._report_status(self._status)

    def _look_after_output(self) -> None:
        """Notices that the device is gone, and looks for it, or for a missing one, again."""
        synth, reported = self._wiring.lead, self._reported_status
        if synth.is_lost() and not self._opening.is_pending:
            self._open_again()
        elif reported is not None and reported.problem is not None and isinstance(synth, SilentSynth):
            self._opening.begin_again_later(self.settings)

    def _open_again(self) -> None:
        """Leaves an output that is gone, in silence until the next one is open."""
        problem = LOST_PORT_PROBLEM if self.settings.leading_port is not None else LOST_PROBLEM
        self._use(silent_output(problem, LOST_REMEDY))
        self._opening.begin(self.settings)

    def _look_after_ports(self) -> None:
        if self._watch is None:
            return
        wanted, outputs = self.settings.leading_port, self._watch.ports.outputs
        is_connected = wanted is not None and self._wiring.lead.driver == f"MIDI port {wanted}"
        report = replace(self._watch.report(wanted if is_connected else None), is_mpe=self._one_channel.zones.are_there)
        if report != self._reported_ports:
            is_back = not is_connected and wanted is not None and wanted in outputs
            self._reported_ports = report
            self._report(report)
            if is_back and not self._opening.is_pending:
                self._opening.begin(self.settings)
        is_list_older = self._watch.looked_at_seconds < self._output_opened_seconds
        if is_connected and wanted not in outputs and not is_list_older and not self._opening.is_pending:
            self._open_again()

    def _report_status(self, status: m.StatusChanged) -> None:
        """Reports what sounds, with the ports beside it, if that is news."""
        self._status, ports = status, self._wiring.ports
        has_looked = self._watch is not None and self._watch.has_looked
        missing = ports.missing if has_looked else ()
        status = replace(status, ports=tuple(sorted(ports.open)), missing_ports=missing)
        if status.problem is None and self._wiring.is_crowded:
            status = replace(status, problem=CROWDED_PROBLEM, remedy=CROWDED_REMEDY)
        if status != self._reported_status:
            self._reported_status = status
            self._report(status)

    def _report_received(self) -> None:
        """Hands what the keyboard sent to the window, each with the tick that was heard then."""
        with self._keys_lock:  # what one message of the keyboard became stays together
            received = list(self._received)
            self._received.clear()
        is_touched, self._is_touched = self._is_touched, False
        if received or is_touched:
            seconds = tuple(seconds for seconds, _ in received)
            offset_seconds = self._key_input.settings.offset_seconds
            meant = (self._wiring.clock.to_synth(second - offset_seconds) for second in seconds)
            ticks = tuple(self.playback.played_tick(second) for second in meant)
            self._report(m.MidiReceived(seconds, ticks, tuple(message for _, message in received)))

    def _position(self) -> Position:
        now = time.monotonic()
        playback = self.playback
        synth_seconds = self._wiring.clock.to_synth(now)
        tick, waiting_ticks = playback.heard_tick(synth_seconds), playback.waiting_ticks(synth_seconds)
        speed = playback.ticks_per_second(synth_seconds)
        return Position(self._number, tick, speed, now, *playback.loop_ticks(), waiting_ticks)


def _lead_of(settings: m.SoundSettings) -> tuple[object, ...]:
    """What decides which output leads: other settings change without opening it anew."""
    return settings.silent, settings.driver, settings.soundfont, settings.leading_port


def main() -> int:
    """Runs the engine until its input ends."""
    commands_in, reports_out = _private_pipes()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl+C is for the program that started us; it closes the pipe
    board_path = Path(sys.argv[1])
    board = PositionBoard(board_path)
    commands: _Commands = queue.SimpleQueue()
    reports: queue.SimpleQueue[m.Report] = queue.SimpleQueue()
    engine = SoundEngine(reports.put, board.write)
    threading.Thread(target=_read, args=(commands_in, commands), name="commands", daemon=True).start()
    threading.Thread(target=_write, args=(reports_out, reports), name="reports", daemon=True).start()
    ask_realtime_priority(ENGINE_PRIORITY)
    try:
        _run(engine, commands)
        _remove(board_path)
    finally:
        _exit_in_time()
        engine.close()
    return 0


def _remove(board_path: Path) -> None:
    """The window may have been killed: then nobody else tidies up."""
    with contextlib.suppress(OSError):
        board_path.unlink()
        board_path.parent.rmdir()


def _private_pipes() -> tuple[BinaryIO, BinaryIO]:
    """The pipes to the window, moved away from where libraries print; what we print goes to the log."""
    commands_in, reports_out = os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb")
    log = os.fdopen(os.dup(2), "w", buffering=1)
    nowhere = os.open(os.devnull, os.O_RDWR)
    for descriptor in (0, 1, 2):
        os.dup2(nowhere, descriptor)
    sys.stdout = sys.stderr = log
    faulthandler.enable(log)
    return commands_in, reports_out


def _read(stream: BinaryIO, commands: _Commands) -> None:
    """Puts each command into the queue, and None when the window is gone."""
    song = Song()  # that came last: of the next one the window sends what became of it
    try:
        while (message := read_message(stream, song)) is not None:
            if isinstance(message, m.SetSong):
                song = message.song
            commands.put(message)  # type: ignore[arg-type]  # the window sends commands only
    except (OSError, ValueError):
        traceback.print_exc()
    finally:  # after a bug, too: the engine must not outlive its window
        commands.put(None)
        _exit_in_time()


def _write(stream: BinaryIO, reports: queue.SimpleQueue[m.Report]) -> None:
    """Sends the reports; a window that is frozen or gone holds up only this thread."""
    try:
        while True:
            stream.write(encode(reports.get()))
            stream.flush()
    except OSError:
        return  # the window is gone; the end of the input says so too


def _run(engine: SoundEngine, commands: _Commands) -> None:
    waiting: list[m.Command] = []
    while True:
        for command in _waiting_commands(commands):
            if command is None:
                return
            waiting.append(command)
        while waiting and not engine.is_getting_ready:
            command = waiting.pop(0)
            is_outdated = isinstance(command, m.SetSong) and waiting and isinstance(waiting[0], m.SetSong)
            if not is_outdated:
                engine.obey(command)
        engine.turn()


def _waiting_commands(commands: _Commands) -> Iterator[m.Command | None]:
    """What has come within a turn's time; returns at once after the first."""
    try:
        yield commands.get(timeout=FEED_SECONDS)
        while True:
            yield commands.get_nowait()
    except queue.Empty:
        return


def _exit_in_time() -> None:
    """Ends the process even if a driver hangs, and leaves in the log where."""
    faulthandler.dump_traceback_later(EXIT_LIMIT_SECONDS * 0.75, file=sys.stderr)
    timer = threading.Timer(EXIT_LIMIT_SECONDS, os._exit, args=(0,))
    timer.daemon = True
    timer.start()


if __name__ == "__main__":
    code = main()
    os._exit(code)  # threads of audio libraries must not be waited for
