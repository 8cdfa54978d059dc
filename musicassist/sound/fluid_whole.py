"""What messages to the whole of a synth do to FluidSynth: loudness and tuning of everything, and its own tunings."""

from __future__ import annotations

import ctypes
from typing import Any

from musicassist.midi.system_exclusive import (
    SYSEX,
    CoarseTuning,
    FineTuning,
    MasterVolume,
    SystemReset,
    meaning_of,
)
from musicassist.score.song import DRUM_CHANNEL
from musicassist.sound.schedule import Message
from musicassist.sound.tone import Tone

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
        self._volume, self._fine, self._coarse = 1.0, FineTuning(0.0), CoarseTuning(0)
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

    def obey(self, message: Message) -> None:
        """A system exclusive message; of a reset only what concerns loudness and tuning."""
        data = bytes((SYSEX, *message[1:]))
        meaning = meaning_of(data)
        if isinstance(meaning, SystemReset):
            is_changed = (self._volume, self._fine, self._coarse) != (1.0, FineTuning(0.0), CoarseTuning(0))
            self._volume, self._fine, self._coarse = 1.0, FineTuning(0.0), CoarseTuning(0)
            if is_changed:
                self._set_gain()
                self._set_tuning()
        elif isinstance(meaning, MasterVolume):
            self._volume = meaning.gain
            self._set_gain()
        elif isinstance(meaning, FineTuning | CoarseTuning):
            self._fine = meaning if isinstance(meaning, FineTuning) else self._fine
            self._coarse = meaning if isinstance(meaning, CoarseTuning) else self._coarse
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
