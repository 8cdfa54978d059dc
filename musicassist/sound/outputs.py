"""Which synth and audio driver sound here, found by trying them in a thread with a time limit."""

from __future__ import annotations

import queue
import sys
import threading
import time
from concurrent.futures import Future
from dataclasses import dataclass, replace
from pathlib import Path

from musicassist.errors import QT_TRANSLATE_NOOP, SoundError, Words
from musicassist.sound.builtin_synth import open_builtin
from musicassist.sound.fluid_library import is_fluidsynth_here
from musicassist.sound.fluid_synth import FluidSynth
from musicassist.sound.messages import SILENT_DRIVER, USUAL_TONE, SoundSettings, StatusChanged, Tone
from musicassist.sound.ports import PortSynth
from musicassist.sound.soundfont_file import SoundFontError
from musicassist.sound.soundfonts import find_soundfont, open_fluidsynth
from musicassist.sound.synth import SilentSynth, Synth

TIMEOUT_SECONDS = 2.0  # LIMIT: a driver that takes longer to open hangs
NO_AUDIO_REMEDY = Words(
    QT_TRANSLATE_NOOP(
        "Errors",
        "Choose another audio driver, or send the notes to a MIDI port. Everything but the sound works without.",
    )
)
_LINUX_DRIVERS = ("pipewire", "pulseaudio", "alsa", "jack")
NO_LIBRARY = Words(QT_TRANSLATE_NOOP("Errors", "FluidSynth is not installed, so nothing can be heard."))
BUILTIN_PLAYS = Words(QT_TRANSLATE_NOOP("Errors", "Built-in synth: FluidSynth is missing."))
BUILTIN_HELPS_OUT = QT_TRANSLATE_NOOP("Errors", "Built-in synth: {reason}")
NO_LIBRARY_REMEDY = Words(
    QT_TRANSLATE_NOOP(
        "Errors",
        "Install it (Debian: apt install libfluidsynth3, Fedora: dnf install fluidsynth-libs, Arch: pacman -S "
        "fluidsynth, macOS: brew install fluid-synth, Windows: choco install fluidsynth) and start again.",
    )
)
FONT_REMEDY = Words(QT_TRANSLATE_NOOP("Errors", "Choose another SoundFont, an SF2 or SF3 file."))
DRIVER_REMEDY = Words(QT_TRANSLATE_NOOP("Errors", "Choose another audio driver, or let it be found by itself."))
FAILED_PROBLEM = Words(QT_TRANSLATE_NOOP("Errors", "The sound output could not be opened."))
FAILED_REMEDY = Words(QT_TRANSLATE_NOOP("Errors", "Choose another audio driver or SoundFont, or try again."))
ONE_INSTRUMENT, FEW_INSTRUMENTS = (
    QT_TRANSLATE_NOOP("Errors", "{file} has no piano: its one instrument plays."),
    QT_TRANSLATE_NOOP("Errors", "{file} has no piano: of its {n} instruments the nearest ones play."),
)
PORT_REMEDY = Words(
    QT_TRANSLATE_NOOP("Errors", "Plug it in again, or choose another output; until then the built-in synth plays.")
)
FIRST_WAIT_SECONDS = 3.0  # LIMIT: then what is played is played silently
RETRY_SECONDS = 3.0
CLOSE_LIMIT_SECONDS = 5.0  # LIMIT: a driver that does not close is no reason to stay silent
MAX_RETRY_SECONDS = 30.0


def drivers_in_order() -> tuple[str, ...]:
    """The drivers to try on this system, the likeliest first."""
    by_platform = {"darwin": ("coreaudio", "portaudio", "jack"), "win32": ("wasapi", "dsound", "waveout", "portaudio")}
    return by_platform.get(sys.platform, _LINUX_DRIVERS)


def open_synth(driver: str | None = None, *, soundfont: Path | None = None, tone: Tone = USUAL_TONE) -> FluidSynth:
    """FluidSynth on the named driver, or on the first that opens.

    Raises:
        SoundFontError: The font is of no use.
        SoundError: No library, or no driver opens.
    """
    if is_fluidsynth_here():
        find_soundfont(soundfont)  # a trial of a font that is new here takes longer than a driver may
    failures = []
    for name in (driver,) if driver else drivers_in_order():
        try:
            return _opened_in_time(soundfont, name, tone)
        except SoundFontError:
            raise  # no other driver would load it
        except SoundError as error:
            failures.append(error)
    if driver:
        raise failures[0]
    raise SoundError(
        QT_TRANSLATE_NOOP("Errors", "No audio device was found (tried {drivers}), so nothing is heard."),
        drivers=", ".join(drivers_in_order()),
    )


def _opened_in_time(soundfont: Path | None, driver: str, tone: Tone) -> FluidSynth:
    """Opens a driver in a thread of its own: one that hangs is left behind there."""
    answer: Future[FluidSynth] = Future()

    def open_driver() -> None:
        try:
            synth = open_fluidsynth(soundfont, driver=driver, tone=tone)
        except SoundError as error:
            if answer.set_running_or_notify_cancel():
                answer.set_exception(error)
            return
        if answer.set_running_or_notify_cancel():
            answer.set_result(synth)
        else:
            synth.close()  # nobody waits for it any more

    threading.Thread(target=open_driver, name=f"open {driver}", daemon=True).start()
    try:
        return answer.result(TIMEOUT_SECONDS)
    except TimeoutError:
        if not answer.cancel():
            return answer.result()  # it has opened at the last moment
        raise SoundError(
            QT_TRANSLATE_NOOP("Errors", "The audio driver {driver} does not answer."), driver=driver
        ) from None


@dataclass(frozen=True)
class Output:
    """An open synth and what the user is told about it."""

    synth: Synth
    status: StatusChanged


def open_output(settings: SoundSettings) -> Output:
    """The synth that the settings ask for; the last resort is a silent one. No ``SoundError`` leaves it.

    May take some seconds, for drivers are given time to answer. Any thread.
    """
    if settings.silent:
        return _output(SilentSynth(time.monotonic))
    if settings.leading_port is None:
        return _open_fluidsynth(settings)
    try:
        return _output(PortSynth(settings.leading_port, takes_clock=settings.midi_clock))
    except SoundError as error:
        output = _open_fluidsynth(settings)
        return _retold(output, error.words, output.status.remedy or PORT_REMEDY)


def silent_output(problem: Words, remedy: Words) -> Output:
    """Silence, and in words why."""
    return _output(SilentSynth(time.monotonic), problem, remedy)


def _open_fluidsynth(settings: SoundSettings) -> Output:
    """FluidSynth with the chosen font and driver; a wrong choice is told, and the default taken instead."""
    if settings.driver == SILENT_DRIVER:
        return _output(SilentSynth(time.monotonic))
    if not is_fluidsynth_here():
        return _open_builtin(settings, BUILTIN_PLAYS, NO_LIBRARY, NO_LIBRARY_REMEDY)
    try:
        return _open_driver(settings)
    except SoundFontError as error:
        if settings.soundfont is None:
            helps_out = Words(BUILTIN_HELPS_OUT, {"reason": error.words})
            return _open_builtin(settings, helps_out, error.words, FONT_REMEDY)
        return _retold(_open_fluidsynth(replace(settings, soundfont=None)), error.words, FONT_REMEDY)


def _open_driver(settings: SoundSettings) -> Output:
    """FluidSynth on the chosen driver, else on any, else silence."""
    try:
        synth = open_synth(settings.driver, soundfont=settings.soundfont, tone=settings.tone)
        if (0, 0) in synth.presets:
            return _output(synth)
        count = len(synth.presets)
        few = Words(ONE_INSTRUMENT if count == 1 else FEW_INSTRUMENTS, {"file": synth.soundfont, "n": count})
        return _output(synth, few, FONT_REMEDY)
    except SoundFontError:
        raise
    except SoundError as error:
        if settings.driver is None:
            helps_out = Words(BUILTIN_HELPS_OUT, {"reason": error.words})
            # PortAudio has no device that FluidSynth has not, and would keep one that comes back from it.
            return _open_builtin(settings, helps_out, error.words, NO_AUDIO_REMEDY, with_portaudio=False)
        return _retold(_open_driver(replace(settings, driver=None)), error.words, DRIVER_REMEDY)


def _open_builtin(
    settings: SoundSettings, helps_out: Words, is_silent: Words, remedy: Words, *, with_portaudio: bool = True
) -> Output:
    """The built-in synth where something plays it, else silence; each with what the user is told."""
    try:
        return _output(open_builtin(settings.tone, with_portaudio=with_portaudio), helps_out, remedy)
    except SoundError:
        return silent_output(is_silent, remedy)


def _retold(output: Output, problem: Words, remedy: Words) -> Output:
    """The same output with the problem that came before its own."""
    return Output(output.synth, replace(output.status, problem=problem, remedy=remedy))


def _output(synth: Synth, problem: Words | None = None, remedy: Words | None = None) -> Output:
    status = StatusChanged(synth.driver, synth.soundfont, problem, remedy, synth.latency_seconds)
    return Output(synth, status)


class Opening:
    """At most one output is being opened at a time; the newest settings win. Used by one thread."""

    def __init__(self) -> None:
        self._results: queue.SimpleQueue[Output] = queue.SimpleQueue()
        self._next: SoundSettings | None = None
        self._is_running = False
        self._began_at = time.monotonic()
        self._has_opened = False
        self._retry_seconds = RETRY_SECONDS
        self._is_retry = False
        self._closing: list[threading.Thread] = []

    @property
    def is_pending(self) -> bool:
        """Whether an output is being opened."""
        return self._is_running

    @property
    def is_first_pending(self) -> bool:
        """Whether the very first output is still to come, within a time limit."""
        is_in_time = time.monotonic() - self._began_at < FIRST_WAIT_SECONDS
        return self._is_running and not self._has_opened and is_in_time

    def begin(self, settings: SoundSettings) -> None:
        """Starts to open what the settings ask for."""
        self._is_retry = False
        self._retry_seconds = RETRY_SECONDS
        self._begin(settings)

    def begin_again_later(self, settings: SoundSettings) -> None:
        """Tries once more when some seconds have passed, each time a longer while."""
        if not self._is_running and time.monotonic() - self._began_at >= self._retry_seconds:
            self._retry_seconds = min(2 * self._retry_seconds, MAX_RETRY_SECONDS)
            self._is_retry = True
            self._begin(settings)

    def _begin(self, settings: SoundSettings) -> None:
        if self._is_running:
            self._next = settings
            return
        self._is_running, self._began_at = True, time.monotonic()
        closing, self._closing = self._closing, []
        threading.Thread(target=self._open, args=(settings, closing), name="open output", daemon=True).start()

    def _open(self, settings: SoundSettings, closing: list[threading.Thread]) -> None:
        # A client of JACK that is opened after its server has died frees the old ones; what closes them then crashes.
        for thread in closing:
            thread.join(CLOSE_LIMIT_SECONDS)
        output = silent_output(FAILED_PROBLEM, FAILED_REMEDY)
        try:
            output = open_output(settings)
        finally:  # a bug is written into the log, and must not leave the engine waiting for ever
            self._results.put(output)

    def result(self) -> Output | None:
        """The output that has been opened, once; None while there is none, or only the old trouble again."""
        try:
            output = self._results.get_nowait()
        except queue.Empty:
            return None
        self._is_running = False
        if self._next is not None:
            settings, self._next = self._next, None
            self.close_later(output.synth)
            self._begin(settings)
            return None
        self._has_opened = True
        if self._is_retry and isinstance(output.synth, SilentSynth):
            self.close_later(output.synth)
            return None
        return output

    def close_later(self, synth: Synth) -> None:
        """Closes a synth in a thread: with its server dead it may take seconds."""
        thread = threading.Thread(target=synth.close, name="close output", daemon=True)
        thread.start()
        self._closing = [*(old for old in self._closing if old.is_alive()), thread]
