"""Which audio driver sounds here, found by trying them with a time limit."""

from __future__ import annotations

import sys
import threading
from concurrent.futures import Future
from pathlib import Path

from musicassist.errors import SoundError
from musicassist.sound.fluid_library import is_fluidsynth_here
from musicassist.sound.fluid_synth import FluidSynth, open_fluidsynth
from musicassist.sound.soundfont_file import SoundFontError
from musicassist.sound.soundfonts import find_soundfont
from musicassist.sound.tone import USUAL_TONE, Tone

TIMEOUT_SECONDS = 2.0  # LIMIT: a driver that takes longer to open hangs
NO_AUDIO_REMEDY = (
    "Choose another audio driver, or send the notes to a MIDI port. Everything but the sound works without."
)
_LINUX_DRIVERS = ("pipewire", "pulseaudio", "alsa", "jack")


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
        "No audio device was found (tried {drivers}), so nothing is heard.", drivers=", ".join(drivers_in_order())
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
        raise SoundError("The audio driver {driver} does not answer.", driver=driver) from None
