"""Opens what the settings ask for, or the next best thing, and says in words what is missing."""

from __future__ import annotations

import time
from dataclasses import dataclass, replace

from musicassist.errors import SoundError
from musicassist.sound.builtin_synth import open_builtin
from musicassist.sound.drivers import NO_AUDIO_REMEDY, open_synth
from musicassist.sound.fluid_library import is_fluidsynth_here
from musicassist.sound.messages import SILENT_DRIVER, SoundSettings, StatusChanged
from musicassist.sound.ports import PortSynth
from musicassist.sound.silent_synth import SilentSynth
from musicassist.sound.soundfont_file import SoundFontError
from musicassist.sound.synth import Synth

NO_LIBRARY = "FluidSynth is not installed, so nothing can be heard."
BUILTIN_PLAYS = "Built-in synth: FluidSynth is missing."
BUILTIN_HELPS_OUT = "Built-in synth: {reason}"
NO_LIBRARY_REMEDY = (
    "Install it (Debian: apt install libfluidsynth3, Fedora: dnf install fluidsynth-libs, Arch: pacman -S fluidsynth, "
    "macOS: brew install fluid-synth, Windows: choco install fluidsynth) and start again."
)
FONT_REMEDY = "Choose another SoundFont, an SF2 or SF3 file."
DRIVER_REMEDY = "Choose another audio driver, or let it be found by itself."
FAILED_PROBLEM = "The sound output could not be opened."
FAILED_REMEDY = "Choose another audio driver or SoundFont, or try again."
FEW_INSTRUMENTS = "{file} has no piano: of its {n} instruments the nearest ones play."
PORT_REMEDY = "Plug it in again, or choose another output; until then the built-in synth plays."


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
        problem, remedy = str(error), output.status.remedy or PORT_REMEDY
        return Output(output.synth, replace(output.status, problem=problem, remedy=remedy))


def silent_output(problem: str, remedy: str) -> Output:
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
            helps_out = BUILTIN_HELPS_OUT.format(reason=error)
            return _open_builtin(settings, helps_out, str(error), FONT_REMEDY)
        return _retold(_open_fluidsynth(replace(settings, soundfont=None)), str(error), FONT_REMEDY)


def _open_driver(settings: SoundSettings) -> Output:
    """FluidSynth on the chosen driver, else on any, else silence."""
    try:
        synth = open_synth(settings.driver, soundfont=settings.soundfont, tone=settings.tone)
        if (0, 0) in synth.presets:
            return _output(synth)
        few = FEW_INSTRUMENTS.format(file=synth.soundfont, n=len(synth.presets))
        return _output(synth, few, FONT_REMEDY)
    except SoundFontError:
        raise
    except SoundError as error:
        if settings.driver is None:
            helps_out = BUILTIN_HELPS_OUT.format(reason=error)
            # PortAudio has no device that FluidSynth has not, and would keep one that comes back from it.
            return _open_builtin(settings, helps_out, str(error), NO_AUDIO_REMEDY, with_portaudio=False)
        return _retold(_open_driver(replace(settings, driver=None)), str(error), DRIVER_REMEDY)


def _open_builtin(
    settings: SoundSettings, helps_out: str, is_silent: str, remedy: str, *, with_portaudio: bool = True
) -> Output:
    """The built-in synth where something plays it, else silence; each with what the user is told."""
    try:
        return _output(open_builtin(settings.tone, with_portaudio=with_portaudio), helps_out, remedy)
    except SoundError:
        return silent_output(is_silent, remedy)


def _retold(output: Output, problem: str, remedy: str) -> Output:
    """The same output with the problem that came before its own."""
    return Output(output.synth, replace(output.status, problem=problem, remedy=remedy))


def _output(synth: Synth, problem: str | None = None, remedy: str | None = None) -> Output:
    status = StatusChanged(synth.driver, synth.soundfont, problem, remedy, synth.latency_seconds)
    return Output(synth, status)
