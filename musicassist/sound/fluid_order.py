"""Order among messages of one moment for FluidSynth's sequencer, which keeps none among events of a tick.

It looks at whole milliseconds only, but counts in finer ticks. So a message that has to come after another of its
channel takes the next tick within the same millisecond, and both are obeyed before the same block of samples.
"""

from __future__ import annotations

import ctypes
from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Any

from musicassist.midi import system_exclusive as sysex
from musicassist.score.song import DRUM_CHANNEL
from musicassist.sound import midi_bytes as midi
from musicassist.sound.banks import Tone

TICKS_PER_MS = 16  # LIMIT: of 32 bits, so that the count begins anew after three days
_ORDERED_CONTROLS = frozenset((*midi.BANK_CONTROLS, *midi.HOLD_CONTROLS, 6, 38, 84, 88, *range(96, 102)))
_EVERY = -1
_Group = tuple[str, int]


class FluidOrder:
    """Gives each message its tick. One thread."""

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
                last[_EVERY] = max(last.values(), default=-1)
            starts = {
                channel: max(first, last.get(channel, -1) + 1, last.get(_EVERY, -1) + 1)
                for channel in {midi.channel_of(message[0]) for message in messages}
            }
            for step, message in zip(steps, messages, strict=True):
                channel = midi.channel_of(message[0])
                tick = max(0, min(starts[channel] + step, end))
                last[_EVERY if midi.is_sysex(message) else channel] = tick
                yield tick, message

    def forget(self, source: int) -> None:
        """What a source has queued is gone."""
        self._last.pop(source, None)


def _steps(messages: list[midi.Message]) -> list[int]:
    """For each message of one moment, how many ticks after the first of its channel it has to come."""
    steps: list[int] = []
    places: dict[int, tuple[int, set[_Group]]] = {}
    floor = 0
    for message in messages:
        if midi.is_sysex(message):  # it is for all channels
            floor = max(steps, default=-1) + 2
            steps.append(floor - 1)
            places.clear()
            continue
        channel, group = midi.channel_of(message[0]), _group(message)
        step, beside = places.get(channel, (floor, set()))
        if beside and not _may_stand_beside(group, beside):
            step, beside = step + 1, set()
        places[channel] = (step, beside | {group})
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


_TUNING = (127, 127)  # bank and program of the tuning that we keep there; songs seldom name one
_KEYS = 128


class FluidWhole:
    """Obeys at once. FluidSynth's functions may be called in any thread.

    LIMIT: where a song tunes single keys, too (MIDI tuning standard), the last of both holds.
    """

    def __init__(self, binding: Any, synth: Any, channels: int, tone: Tone) -> None:
        """Makes it.

        Args:
            binding: The functions of the library.
            synth: The synth as the binding has it.
            channels: How many it has.
            tone: How loud it is by itself.
        """
        self._synth, self._channels, self._tone = synth, channels, tone
        self._volume, self._fine, self._coarse = 1.0, sysex.FineTuning(0.0), sysex.CoarseTuning(0)
        pointer, number = ctypes.c_void_p, ctypes.c_int
        pitches = ctypes.POINTER(ctypes.c_double)
        self._tune = binding.cfunc(
            "fluid_synth_activate_key_tuning", number, ("synth", pointer, 1), ("bank", number, 1), ("prog", number, 1),
            ("name", ctypes.c_char_p, 1), ("pitch", pitches, 1), ("apply", number, 1),
        )  # fmt: skip
        self._use_tuning = binding.cfunc(
            "fluid_synth_activate_tuning", number, ("synth", pointer, 1), ("chan", number, 1), ("bank", number, 1),
            ("prog", number, 1), ("apply", number, 1),
        )  # fmt: skip
        self._leave_tuning = binding.cfunc(
            "fluid_synth_deactivate_tuning", number, ("synth", pointer, 1), ("chan", number, 1), ("apply", number, 1)
        )
        self._pass_on = binding.cfunc(
            "fluid_synth_sysex", number, ("synth", pointer, 1), ("data", ctypes.c_char_p, 1), ("len", number, 1),
            ("answer", pointer, 1), ("answer_len", pointer, 1), ("handled", pointer, 1), ("dry", number, 1),
        )  # fmt: skip

    def set_tone(self, tone: Tone) -> None:
        """How the synth sounds by itself."""
        self._tone = tone
        for name, value in tone.settings().items():
            self._synth.setting(name, value)
        self._set_gain()

    def obey(self, message: midi.Message) -> None:
        """A system exclusive message; of a reset only what concerns loudness and tuning."""
        data = bytes((sysex.SYSEX, *message[1:]))
        meaning = sysex.meaning_of(data)
        if isinstance(meaning, sysex.SystemReset):
            is_changed = (self._volume, self._fine, self._coarse) != (1.0, sysex.FineTuning(0.0), sysex.CoarseTuning(0))
            self._volume, self._fine, self._coarse = 1.0, sysex.FineTuning(0.0), sysex.CoarseTuning(0)
            if is_changed:
                self._set_gain()
                self._set_tuning()
        elif isinstance(meaning, sysex.MasterVolume):
            self._volume = meaning.gain
            self._set_gain()
        elif isinstance(meaning, sysex.FineTuning | sysex.CoarseTuning):
            self._fine = meaning if isinstance(meaning, sysex.FineTuning) else self._fine
            self._coarse = meaning if isinstance(meaning, sysex.CoarseTuning) else self._coarse
            self._set_tuning()
        elif meaning is None:
            self._pass_on(self._synth.synth, data[1:-1], len(data) - 2, None, None, None, 0)

    def _set_gain(self) -> None:
        self._synth.setting("synth.gain", float(self._tone.settings()["synth.gain"]) * self._volume)

    def _set_tuning(self) -> None:
        """Drums on channel 10 keep their pitches. Source: General MIDI level 2, "Master Coarse Tuning"."""
        cents = self._fine.cents + 100 * self._coarse.semitones
        pitches = (ctypes.c_double * _KEYS)(*(100.0 * key + cents for key in range(_KEYS)))
        self._tune(self._synth.synth, *_TUNING, b"whole", pitches, 1)
        for channel in range(self._channels):
            if channel % 16 == DRUM_CHANNEL:
                continue
            if cents:
                self._use_tuning(self._synth.synth, channel, *_TUNING, 1)
            else:
                self._leave_tuning(self._synth.synth, channel, 1)
