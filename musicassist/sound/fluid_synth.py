"""FluidSynth, which plays a queue by the samples that it renders."""

from __future__ import annotations

import math
import threading
import time
from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from musicassist.errors import QT_TRANSLATE_NOOP, SoundError, Words
from musicassist.score import midi_bytes as midi
from musicassist.sound.clocks import Stall
from musicassist.sound.fluid_library import FluidLibrary, FluidWhole
from musicassist.sound.messages import USUAL_TONE, Tone
from musicassist.sound.soundfont_file import SoundFontError, font_bank, nearest_preset, presets_of
from musicassist.sound.synth import Synth, TimedQueue

DEFAULT_SAMPLE_RATE = 48000
BLOCK_FRAMES = 64  # FluidSynth's own: events begin at a multiple
DRIVER_STALL_SECONDS = 1.0  # LIMIT: no audio driver pauses longer while it lives
_ROUNDING = 1e-6  # of what is computed from ticks
_TICK_ROUND = 1 << 32  # its sequencer counts in 32 bits
_CHANNELS = 256  # sixteen ports of them
_EARLY_SECONDS = 0.012  # about half a turn of who asks for the time
_EVERY_TYPE = -1
_SETTING_OK = 0
TICKS_PER_MS = 16  # LIMIT: of 32 bits, so that the count begins anew after three days
_ORDERED_CONTROLS = frozenset((*midi.BANK_CONTROLS, *midi.HOLD_CONTROLS, 6, 38, 84, 88, *range(96, 102)))
_EVERY_CHANNEL = -1
_NO_DRUMS = QT_TRANSLATE_NOOP("Errors", "{font} has no drums: they are silent.")
_NO_PROGRAM = QT_TRANSLATE_NOOP("Errors", "{font} has no program {number}: its {name} plays instead.")
_Group = tuple[str, int]


class FluidSynth(Synth):
    """FluidSynth with a sequencer that is clocked by the samples it renders.

    Without a driver (``driver=None``) nothing moves until :meth:`render` is called: offline export.

    LIMIT: its sequencer knows no system exclusive messages. A reset is an event of it; loudness and tuning of the whole
    change when somebody asks for the time, within some 20 ms; offline all are exact.

    Attributes:
        replaced: By bank and program that notes asked for and the font lacks: what plays them, or None.

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
        self._waiting: list[tuple[float, midi.Message]] = []  # what begins after the frames that were asked for
        self._counting = threading.Lock()
        with library.listening() as lines:
            self._synth = library.binding.Synth(samplerate=float(sample_rate), channels=_CHANNELS, **tone.settings())
            self._font = self._synth.sfload(str(soundfont), 1)
            if self._font < 0:
                self._synth.delete()
                raise SoundFontError(
                    QT_TRANSLATE_NOOP("Errors", "FluidSynth cannot load the SoundFont {file}; choose another."),
                    file=soundfont.name,
                )
            self._sequencer = library.binding.Sequencer(time_scale=1000 * TICKS_PER_MS, use_system_timer=False)
            self._order = FluidOrder()
            self._rounds, self._last_tick = 0, 0
            self._destination = self._sequencer.register_fluidsynth(self._synth)
            self._event = library.binding.new_fluid_event()
            library.binding.fluid_event_set_dest(self._event, self._destination)
            self.presets = presets_of(soundfont)
            self.replaced: dict[tuple[int, int], tuple[int, int] | None] = {}
            self._lacking: dict[int, tuple[int, int]] = {}  # by channel: what it asked for in vain
            self._banks: dict[int, int] = {}  # by channel: controller 0
            self._whole = FluidWhole(library.binding, self._synth, _CHANNELS, tone)
            self._whole_queue = TimedQueue()
            self._choose_first_presets()
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
            raise SoundError(
                QT_TRANSLATE_NOOP("Errors", "The audio driver {driver} does not open ({reason})."),
                driver=driver,
                reason=reason,
            )
        self.sample_rate = _adjusted_sample_rate(lines) or self.sample_rate
        frames = self._synth.get_setting("audio.period-size") * self._synth.get_setting("audio.periods")
        self.latency_seconds = 0.0 if driver == "jack" else frames / self.sample_rate

    def now_seconds(self) -> float:
        """Seconds of samples rendered so far."""
        with self._counting:
            tick = int(self._sequencer.get_tick())
            self._rounds += tick < self._last_tick - _TICK_ROUND // 2
            self._last_tick = tick
            now = (self._rounds * _TICK_ROUND + tick) / (1000 * TICKS_PER_MS)
        for _, message in self._whole_queue.take_until(now + _EARLY_SECONDS):
            self._whole.obey(message)
        return now

    def due_seconds(self, seconds: float) -> float:
        return self._ms_at(seconds) / 1000

    def schedule(self, events: Iterable[tuple[float, midi.Message]], source: int) -> None:
        """See ``Synth``. Each message begins with a block of 64 frames, at most 2 ms after its time."""
        binding, sequencer, event = self._library.binding, self._sequencer.sequencer, self._event
        binding.fluid_event_set_source(event, source)
        timed = ((self._ms_at(seconds), message) for seconds, message in events)
        for tick, message in self._order.ticks(timed, source):
            if midi.is_sysex(message):
                self._whole_queue.put([(tick / (1000 * TICKS_PER_MS), message)], source)
            if self._fill(event, message):
                binding.fluid_sequencer_send_at(sequencer, event, tick % _TICK_ROUND, 1)

    def _ms_at(self, seconds: float) -> int:
        """The millisecond at the start of its block; the sequencer looks at whole milliseconds."""
        return int(1000.0 * (self._block_at(seconds) * BLOCK_FRAMES) / self.sample_rate)

    def _block_at(self, seconds: float) -> int:
        """The first block that begins in the nearest millisecond or later, as FluidSynth's own player has it."""
        ms = math.ceil(1000 * max(0.0, seconds) - 0.5 - _ROUNDING)
        return math.ceil(ms * self.sample_rate / (1000 * BLOCK_FRAMES) - _ROUNDING)

    def _fill(self, event: int, message: midi.Message) -> bool:
        """Puts a message into an event; False for one that FluidSynth has no event for."""
        if midi.is_sysex(message):
            is_reset = _is_reset(message)
            if is_reset:
                self._library.reset_event(event)
            return is_reset
        call, values = self._library.event_calls.get(message[0] & midi.KIND_MASK), self._values(message)
        if call is None or values is None:
            return False
        call(event, *values)
        return True

    def remove(self, source: int) -> None:
        self._order.forget(source)
        self._whole_queue.remove(source)
        self._library.remove_events(self._sequencer.sequencer, source, -1, _EVERY_TYPE)

    def send(self, message: midi.Message) -> None:
        if midi.is_sysex(message):
            if _is_reset(message):
                self._synth.system_reset()
                self._choose_first_presets()
            self._whole.obey(message)
            return
        call, values = self._library.synth_calls.get(message[0] & midi.KIND_MASK), self._values(message)
        if call is not None and values is not None:
            call(self._synth.synth, *values)

    def _choose_first_presets(self) -> None:
        """What sounds before any program is chosen: in a font that lacks it, what is nearest."""
        for channel in range(16):
            self.send((midi.PROGRAM | channel, 0, 0))

    def _values(self, message: midi.Message) -> tuple[int, ...] | None:
        """The numbers of FluidSynth's functions, the channel first; None where nothing can be chosen."""
        status, data1, data2 = message
        kind, channel = status & midi.KIND_MASK, midi.cable_channel(status)
        if kind == midi.PROGRAM:
            preset = self._preset(channel, data1, data2)
            return None if preset is None else (channel, self._font, *preset)
        if kind == midi.BEND:
            return channel, data1 | data2 << 7
        if kind == midi.CONTROL and data1 == midi.BANK_CONTROLS[0]:
            self._banks[channel] = data2
        if kind == midi.NOTE_ON and channel in self._lacking:
            asked = self._lacking[channel]
            self.replaced[asked] = nearest_preset(self.presets, *asked)
        return (channel, data1, data2) if kind in (midi.NOTE_ON, midi.KEY_PRESSURE, midi.CONTROL) else (channel, data1)

    def _preset(self, channel: int, program: int, bank: int) -> tuple[int, int] | None:
        """The bank and program of the font that play a program change; by itself it means the bank that was sent."""
        asked = font_bank(channel & 0x0F, bank or min(self._banks.get(channel, midi.USUAL_BANK), 127)), program
        found = nearest_preset(self.presets, *asked)
        self._lacking.pop(channel, None)
        if found is None or (found[1] != program and asked[0] != midi.DRUM_KIT):
            self._lacking[channel] = asked
        return found

    def set_tone(self, tone: Tone) -> None:
        self._whole.set_tone(tone)

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

    def play_through(self, events: Iterable[tuple[float, midi.Message]], frames: int) -> NDArray[np.int16]:
        """See ``OfflineSynth``: each message before a block of 64 frames, at most 2 ms after its time.

        Offline the sequencer is left out: at the very start there is no earlier millisecond to order messages in.
        """
        parts, end = [], self._frames + frames
        waiting, self._waiting = [*self._waiting, *events], []
        for index, (seconds, message) in enumerate(waiting):
            begins = self._block_at(seconds) * BLOCK_FRAMES
            if begins > end:
                self._waiting = waiting[index:]
                break
            if begins > self._frames:
                parts.append(self.render(begins - self._frames))
            self.send(message)
        parts.append(self.render(end - self._frames))
        return np.concatenate(parts)

    def replacements(self) -> list[Words]:
        """In words: which instruments that notes asked for the font lacks, and what plays for them."""
        sentences = []
        for (_, program), found in sorted(self.replaced.items()):
            if found is None:
                sentences.append(Words(_NO_DRUMS, {"font": self.soundfont}))
            else:
                name = self.presets[found] or f"program {found[1] + 1}"
                sentences.append(Words(_NO_PROGRAM, {"font": self.soundfont, "number": program + 1, "name": name}))
        return [said for at, said in enumerate(sentences) if said not in sentences[:at]]

    def close(self) -> None:
        """See ``Synth``. The driver goes first, so that nothing renders while the rest is freed."""
        binding = self._library.binding
        if self._synth.audio_driver:
            binding.delete_fluid_audio_driver(self._synth.audio_driver)
            self._synth.audio_driver = None
        binding.delete_fluid_event(self._event)
        self._sequencer.delete()
        self._synth.delete()


def _adjusted_sample_rate(lines: list[str]) -> int | None:
    """The rate that JACK dictated; FluidSynth tells it only in its log."""
    for line in lines:
        _, found, rate = line.partition("jackd=")
        if found:
            return int(rate.rstrip(" )\n"))
    return None


def _is_reset(message: midi.Message) -> bool:
    return isinstance(midi.meaning_of(message), midi.SystemReset)


class FluidOrder:
    """Gives each message its tick. One thread.

    FluidSynth's sequencer keeps no order among events of a tick. It looks at whole milliseconds only, but counts in
    finer ticks. So a message that has to come after another of its channel takes the next tick within the same
    millisecond, and both are obeyed before the same block of samples.
    """

    def __init__(self) -> None:
        # By source and channel: the last tick given. What is queued later of one source has to be obeyed later.
        self._last: defaultdict[int, dict[int, int]] = defaultdict(dict)

    def ticks(self, timed: Iterable[tuple[int, midi.Message]], source: int) -> Iterator[tuple[int, midi.Message]]:
        """The messages with the sequencer's ticks.

        Args:
            timed: Each with the millisecond by which it is to be obeyed, ascending.
            source: Who queues them.
        """
        last = self._last[source]
        for ms, group in groupby(timed, key=lambda row: row[0]):
            messages = [message for _, message in group]
            steps = _steps(messages)
            end = ms * TICKS_PER_MS
            # Where a millisecond is too short for all of them, the first ones come before it.
            first = end - max(TICKS_PER_MS - 1, max(steps))
            if any(midi.is_sysex(message) for message in messages):
                last[_EVERY_CHANNEL] = max(last.values(), default=-1)
            starts = {
                channel: max(first, last.get(channel, -1) + 1, last.get(_EVERY_CHANNEL, -1) + 1)
                for channel in {midi.channel_of(message[0]) for message in messages}
            }
            for step, message in zip(steps, messages, strict=True):
                channel = midi.channel_of(message[0])
                tick = max(0, min(starts[channel] + step, end))
                last[_EVERY_CHANNEL if midi.is_sysex(message) else channel] = tick
                yield tick, message

    def forget(self, source: int) -> None:
        """What a source has queued is gone."""
        self._last.pop(source, None)


def _steps(messages: list[midi.Message]) -> list[int]:
    """For each message of one moment, how many ticks after the first of its channel it has to come."""
    steps: list[int] = []
    steps_of: dict[int, tuple[int, set[_Group]]] = {}
    floor = 0
    for message in messages:
        if midi.is_sysex(message):  # it is for all channels
            floor = max(steps, default=-1) + 2
            steps.append(floor - 1)
            steps_of.clear()
            continue
        channel, group = midi.channel_of(message[0]), _group(message)
        step, beside = steps_of.get(channel, (floor, set()))
        if beside and not _may_stand_beside(group, beside):
            step, beside = step + 1, set()
        steps_of[channel] = (step, beside | {group})
        steps.append(step)
    return steps


def _group(message: midi.Message) -> _Group:
    """What a message is among others of its moment: the end or start of a note, one of several controls, or alone."""
    kind = message[0] & midi.KIND_MASK
    if kind in (midi.NOTE_OFF, midi.NOTE_ON):
        return ("off" if kind == midi.NOTE_OFF else "on", message[1])
    if kind == midi.PROGRAM:
        return ("alone", 0)
    if kind == midi.CONTROL:
        is_ordered = message[1] in _ORDERED_CONTROLS or message[1] >= midi.ALL_SOUND_OFF
        return ("alone" if is_ordered else "control", message[1])
    return ("control", message[0])


def _may_stand_beside(group: _Group, beside: set[_Group]) -> bool:
    """Whether it makes no difference which of them is obeyed first."""
    return group not in beside and group[0] != "alone" and all(other[0] == group[0] for other in beside)
