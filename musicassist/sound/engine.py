"""The sound engine: obeys messages, plays, listens to the keyboard, and survives the loss of its device."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from typing import assert_never

from musicassist.sound.clocks import SynthClock
from musicassist.sound.live_keys import LiveKeys
from musicassist.sound.messages import (
    Audition,
    Command,
    Configure,
    MidiReceived,
    NoteOff,
    NoteOn,
    Panic,
    Play,
    PlaybackEnded,
    PortsChanged,
    Report,
    Seek,
    SetLiveTrack,
    SetLoop,
    SetMetronome,
    SetSong,
    SoundSettings,
    StatusChanged,
    Stop,
)
from musicassist.sound.opening import Opening
from musicassist.sound.outputs import Output
from musicassist.sound.playback import Playback
from musicassist.sound.port_watch import PortWatch
from musicassist.sound.position import Position
from musicassist.sound.schedule import NOTE_OFF
from musicassist.sound.silent_synth import SilentSynth

FEED_SECONDS = 0.02
LOST_REMEDY = "It is looked for again by itself; or choose another audio driver."
LOST_PROBLEM = "The audio device does not answer any more."
LOST_PORT_PROBLEM = "The MIDI port does not answer any more."
_LAST_MIDI_INPUTS = 4096  # LIMIT: messages kept between two turns


class SoundEngine:
    """Everything behind the pipes. One thread calls :meth:`obey` and :meth:`turn`; MIDI threads call :meth:`hear`."""

    def __init__(self, tell: Callable[[Report], None], publish: Callable[[Position], None]) -> None:
        """Makes a silent engine that is not configured yet.

        Args:
            tell: Sends a report to the window; must not block.
            publish: Shows the position to the window.
        """
        self.settings = SoundSettings()
        self.playback = Playback(SilentSynth(time.monotonic))
        self.keys = LiveKeys(self.playback.synth, self.playback.owns_channel)
        self._tell, self._publish = tell, publish
        self._clock = SynthClock()
        self._number = 0
        self._used_at_seconds = 0.0  # when the output was opened
        self._opening = Opening()
        self._watch: PortWatch | None = None
        self._told_ports: PortsChanged | None = None
        self._told_status: StatusChanged | None = None
        self._received: deque[tuple[float, bytes]] = deque(maxlen=_LAST_MIDI_INPUTS)

    @property
    def is_getting_ready(self) -> bool:
        """Whether the first output is still being opened: what is played now would not be heard."""
        return self._opening.is_first_pending

    def obey(self, command: Command) -> None:
        """Does what the window asks."""
        playback = self.playback
        match command:
            case SetSong(song):
                playback.set_song(song)
            case Play(from_tick, number, runs_past_end):
                self._number = number
                playback.play(from_tick, runs_past_end=runs_past_end)
                self.keys.forget_programs()
            case Stop(number):
                self._number = number
                playback.stop()
                self.keys.forget_programs()
            case Seek(tick, number):
                self._number = number
                playback.seek(tick)
            case SetLoop(start_tick, end_tick):
                playback.set_loop(start_tick, end_tick)
            case Audition():
                playback.set_audition(None if command.notes is None else command)
            case NoteOn(pitch, velocity, channel, program, seconds):
                self.keys.strike(pitch, velocity, channel, program, seconds)
            case NoteOff(pitch, channel):
                self.keys.release(pitch, channel)
            case SetLiveTrack(channel, program):
                self.keys.set_track(channel, program)
            case SetMetronome(enabled):
                playback.set_metronome(enabled=enabled)
            case Panic(number):
                self._number = number
                self.keys.release_all()
                playback.panic()
            case Configure(settings):
                self._configure(settings)
            case _:
                assert_never(command)

    def hear(self, seconds: float, message: bytes) -> None:
        """Sounds what the keyboard sent and notes it for the window. Called in the MIDI system's thread."""
        self.keys.hear(message)
        self._received.append((seconds, message))

    def _let_keys_go(self) -> None:
        """The keyboard is gone: nobody else will tell that its keys are up."""
        for pitch in self.keys.heard_pitches():
            self.hear(time.monotonic(), bytes((NOTE_OFF, pitch, 64)))

    def turn(self) -> None:
        """One turn of the clockwork, about every 20 ms."""
        output = self._opening.take()
        if output is not None:
            self._use(output)
        synth = self.playback.synth
        self._clock.look(time.monotonic(), synth.now_seconds())
        if self.playback.feed():
            self._tell(PlaybackEnded(self.playback.heard_tick(synth.now_seconds()), self._number))
        self.keys.release_due()
        self._tell_received()
        self._look_after_output()
        self._look_after_ports()
        self._publish(self._position())

    def close(self) -> None:
        """Silence, and everything let go."""
        self.keys.release_all()
        self.playback.panic()
        if self._watch is not None:
            self._watch.close()
        synth = self.playback.synth
        self.keys.change_synth(SilentSynth(time.monotonic))
        synth.close()

    def _configure(self, settings: SoundSettings) -> None:
        self.settings = settings
        self._opening.begin(settings)
        if self._watch is None:
            if settings.silent:
                return
            self._watch = PortWatch(settings.input_port, self.hear, self._let_keys_go)
            self._watch.start()
        else:
            self._watch.want("" if settings.silent else settings.input_port)

    def _use(self, output: Output) -> None:
        """Moves everything to another synth."""
        self._used_at_seconds = time.monotonic()
        old = self.playback.synth
        self.keys.change_synth(output.synth)
        self.playback.change_synth(output.synth)
        self._clock.forget()
        self._clock.look(time.monotonic(), output.synth.now_seconds())
        self._opening.close_later(old)
        self._tell_status(output.status)

    def _look_after_output(self) -> None:
        """Notices that the device is gone, and looks for it, or for a missing one, again."""
        synth = self.playback.synth
        if synth.is_lost() and not self._opening.is_pending:
            self._open_again()
        elif self._told_status is not None and self._told_status.problem is not None and isinstance(synth, SilentSynth):
            self._opening.begin_again_later(self.settings)

    def _open_again(self) -> None:
        """Leaves an output that is gone, in silence until the next one is open."""
        is_port = self.settings.output_port is not None
        problem = LOST_PORT_PROBLEM if is_port else LOST_PROBLEM
        silent = SilentSynth(time.monotonic)
        self._use(Output(silent, StatusChanged(silent.driver, problem=problem, remedy=LOST_REMEDY)))
        self._opening.begin(self.settings)

    def _look_after_ports(self) -> None:
        if self._watch is None:
            return
        wanted, outputs = self.settings.output_port, self._watch.ports.outputs
        is_connected = wanted is not None and self.playback.synth.driver == f"MIDI port {wanted}"
        report = self._watch.report(wanted if is_connected else None)
        if report != self._told_ports:
            is_back = not is_connected and wanted is not None and wanted in outputs
            self._told_ports = report
            self._tell(report)
            if is_back and not self._opening.is_pending:
                self._opening.begin(self.settings)
        is_listed = wanted in outputs or self._watch.looked_at_seconds < self._used_at_seconds  # the list is older
        if is_connected and not is_listed and not self._opening.is_pending:
            self._open_again()

    def _tell_status(self, status: StatusChanged) -> None:
        if status != self._told_status:
            self._told_status = status
            self._tell(status)

    def _tell_received(self) -> None:
        """Hands what the keyboard sent to the window, each with the place that was heard then."""
        received = [self._received.popleft() for _ in range(len(self._received))]
        if received:
            seconds = tuple(seconds for seconds, _ in received)
            ticks = tuple(self.playback.heard_tick(self._clock.to_synth(second)) for second in seconds)
            self._tell(MidiReceived(seconds, ticks, tuple(message for _, message in received)))

    def _position(self) -> Position:
        now = time.monotonic()
        playback = self.playback
        tick = playback.heard_tick(self._clock.to_synth(now))
        start, end = playback.loop_ticks()
        return Position(
            self._number, tick, playback.ticks_per_second(tick), now, start, end, is_playing=playback.is_playing
        )
