"""FluidSynth, which plays a queue by the samples that it renders."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from musicassist.errors import SoundError
from musicassist.sound.fluid_library import FluidLibrary
from musicassist.sound.fluid_order import TICKS_PER_MS, FluidOrder
from musicassist.sound.schedule import BEND, CONTROL, KEY_PRESSURE, NOTE_ON, Message
from musicassist.sound.soundfont_file import SoundFontError
from musicassist.sound.soundfonts import usable_soundfonts
from musicassist.sound.stall import Stall
from musicassist.sound.tone import USUAL_TONE, Tone

DEFAULT_SAMPLE_RATE = 48000
BLOCK_FRAMES = 64  # FluidSynth's own: events begin at a multiple
DRIVER_STALL_SECONDS = 1.0  # LIMIT: no audio driver pauses longer while it lives
_TICK_ROUND = 1 << 32  # its sequencer counts in 32 bits
_EVERY_TYPE = -1
_SETTING_OK = 0


class FluidSynth:
    """FluidSynth with a sequencer that is clocked by the samples it renders.

    Without a driver (``driver=None``) nothing moves until :meth:`render` is called: offline export.

    Raises:
        SoundError: No library, no usable font, or the driver does not open.
    """

    def __init__(
        self,
        soundfont: Path,
        *,
        driver: str | None = None,
        sample_rate: int = DEFAULT_SAMPLE_RATE,
        tone: Tone = USUAL_TONE,
    ) -> None:
        self._library = library = FluidLibrary()
        self.driver, self.latency_seconds, self.takes_clock = driver or "offline", 0.0, False
        self.soundfont = soundfont.resolve().name  # systems link a default name to the real font
        self.sample_rate = sample_rate
        self._stall = Stall(time.monotonic, DRIVER_STALL_SECONDS)
        self._frames = 0  # rendered by us
        self._counting = threading.Lock()
        with library.listening() as lines:
            self._synth = library.binding.Synth(samplerate=float(sample_rate), channels=16, **tone.settings())
            if self._synth.sfload(str(soundfont), 1) < 0:
                self._synth.delete()
                raise SoundFontError(
                    "FluidSynth cannot load the SoundFont {file}; choose another.", file=soundfont.name
                )
            self._sequencer = library.binding.Sequencer(time_scale=1000 * TICKS_PER_MS, use_system_timer=False)
            self._order = FluidOrder()
            self._rounds, self._last_tick = 0, 0
            self._destination = self._sequencer.register_fluidsynth(self._synth)
            self._event = library.binding.new_fluid_event()
            library.binding.fluid_event_set_dest(self._event, self._destination)
            if driver is not None:
                self._open_driver(driver, lines)

    def _open_driver(self, driver: str, lines: list[str]) -> None:
        """Opens the audio driver; only the driver's handle tells whether that worked, not FluidSynth's result."""
        binding, settings = self._library.binding, self._synth.settings
        accepted = binding.fluid_settings_setstr(settings, b"audio.driver", driver.encode()) == _SETTING_OK
        if driver == "jack":
            self._synth.setting("audio.jack.autoconnect", 1)
            self._synth.setting("audio.jack.id", "musicassist")
        if accepted:
            self._synth.audio_driver = binding.new_fluid_audio_driver(settings, self._synth.synth)
        if not self._synth.audio_driver:
            self.close()
            reason = next((line for line in reversed(lines) if line.strip()), "no reason given")
            raise SoundError("The audio driver {driver} does not open ({reason}).", driver=driver, reason=reason)
        self.sample_rate = _adjusted_sample_rate(lines) or self.sample_rate
        frames = self._synth.get_setting("audio.period-size") * self._synth.get_setting("audio.periods")
        self.latency_seconds = 0.0 if driver == "jack" else frames / self.sample_rate

    def now_seconds(self) -> float:
        """Seconds of samples rendered so far."""
        with self._counting:
            tick = int(self._sequencer.get_tick())
            self._rounds += tick < self._last_tick - _TICK_ROUND // 2
            self._last_tick = tick
            return (self._rounds * _TICK_ROUND + tick) / (1000 * TICKS_PER_MS)

    def due_seconds(self, seconds: float) -> float:
        """See ``Synth``."""
        return self._ms_at(seconds) / 1000

    def schedule(self, events: Iterable[tuple[float, Message]], source: int) -> None:
        """See ``Synth``. Each message begins with the block of 64 frames that is nearest to its time."""
        binding, sequencer, event = self._library.binding, self._sequencer.sequencer, self._event
        binding.fluid_event_set_source(event, source)
        timed = ((self._ms_at(seconds), message) for seconds, message in events)
        for tick, message in self._order.ticks(timed, source):
            if self._fill(event, message):
                binding.fluid_sequencer_send_at(sequencer, event, tick % _TICK_ROUND, 1)

    def _ms_at(self, seconds: float) -> int:
        """The millisecond at the start of the nearest block; the sequencer looks at whole milliseconds."""
        block = round(max(0.0, seconds) * self.sample_rate / BLOCK_FRAMES)
        return int(1000.0 * (block * BLOCK_FRAMES) / self.sample_rate)

    def _fill(self, event: int, message: Message) -> bool:
        """Puts a message into an event; False for one that FluidSynth has no event for."""
        call = self._library.event_calls.get(message[0] & 0xF0)
        if call is not None:
            call(event, message[0] & 0x0F, *_values(message))
        return call is not None

    def remove(self, source: int) -> None:
        """See ``Synth``."""
        self._order.forget(source)
        self._library.remove_events(self._sequencer.sequencer, source, -1, _EVERY_TYPE)

    def send(self, message: Message) -> None:
        """See ``Synth``."""
        call = self._library.synth_calls.get(message[0] & 0xF0)
        if call is not None:
            call(self._synth.synth, message[0] & 0x0F, *_values(message))

    def set_tone(self, tone: Tone) -> None:
        """See ``Synth``."""
        for name, value in tone.settings().items():
            self._synth.setting(name, value)

    def is_lost(self) -> bool:
        """See ``Synth``: whether the driver has asked for no samples for a second."""
        return self._synth.audio_driver is not None and self._stall.is_over(self.now_seconds())

    def active_voices(self) -> int:
        """Voices that still sound."""
        return int(self._synth.get_active_voice_count())

    def render(self, frames: int) -> NDArray[np.int16]:
        """The next samples, shape (frames, 2); a multiple of 64 frames keeps the blocks aligned."""
        self._frames += frames
        samples: NDArray[np.int16] = self._synth.get_samples(frames)
        return samples.reshape(-1, 2)

    def play_through(self, events: Iterable[tuple[float, Message]], frames: int) -> NDArray[np.int16]:
        """See ``OfflineSynth``: each message before the block of 64 frames that is nearest to its time.

        Offline the sequencer is left out: at the very start there is no earlier millisecond to order messages in.
        """
        parts, begun = [], self._frames
        for seconds, message in events:
            block = round(seconds * self.sample_rate / BLOCK_FRAMES) * BLOCK_FRAMES
            ahead = min(block, begun + frames) - self._frames
            if ahead > 0:
                parts.append(self.render(ahead))
            self.send(message)
        parts.append(self.render(begun + frames - self._frames))
        return np.concatenate(parts)

    def close(self) -> None:
        """See ``Synth``. The driver goes first, so that nothing renders while the rest is freed."""
        binding = self._library.binding
        if self._synth.audio_driver:
            binding.delete_fluid_audio_driver(self._synth.audio_driver)
            self._synth.audio_driver = None
        binding.delete_fluid_event(self._event)
        self._sequencer.delete()
        self._synth.delete()


def open_fluidsynth(
    soundfont: Path | None = None,
    *,
    driver: str | None = None,
    sample_rate: int = DEFAULT_SAMPLE_RATE,
    tone: Tone = USUAL_TONE,
) -> FluidSynth:
    """FluidSynth with the chosen font; without a choice with the best that it can load.

    Raises:
        SoundFontError: The chosen font, or every font, is of no use.
        SoundError: No library, or the driver does not open.
    """
    problem: SoundFontError | None = None
    for font in usable_soundfonts(soundfont):
        try:
            return FluidSynth(font, driver=driver, sample_rate=sample_rate, tone=tone)
        except SoundFontError as error:  # as of an SF3 font where FluidSynth knows no SF3
            problem = problem or error
    raise problem or SoundFontError("No SoundFont was found. Choose an SF2 or SF3 file.")


def _adjusted_sample_rate(lines: list[str]) -> int | None:
    """The rate that JACK dictated; FluidSynth tells it only in its log."""
    for line in lines:
        _, found, rate = line.partition("jackd=")
        if found:
            return int(rate.rstrip(" )\n"))
    return None


def _values(message: Message) -> tuple[int, ...]:
    """What follows the channel in FluidSynth's functions."""
    status, data1, data2 = message
    kind = status & 0xF0
    if kind == BEND:
        return (data1 | data2 << 7,)
    return (data1, data2) if kind in (NOTE_ON, KEY_PRESSURE, CONTROL) else (data1,)
