"""libfluidsynth as pyfluidsynth binds it, with the functions that it lacks."""

from __future__ import annotations

import contextlib
import ctypes
import io
from collections.abc import Callable, Iterator
from typing import Any

from musicassist.errors import QT_TRANSLATE_NOOP, SoundError
from musicassist.score import midi_bytes as midi
from musicassist.sound.messages import Tone

_LOG_LEVELS = 5
_TUNING = (127, 127)  # bank and program of the tuning that we keep there; songs seldom name one
_KEYS = 128
_POINTER, _NUMBER = ctypes.c_void_p, ctypes.c_int


def is_fluidsynth_here() -> bool:
    """Whether libfluidsynth can be loaded."""
    try:
        fluidsynth_binding()
    except SoundError:
        return False
    return True


def fluidsynth_binding() -> Any:
    """The binding, imported late: its import fails without the C library, and it may print.

    Raises:
        SoundError: libfluidsynth is not installed.
    """
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            import fluidsynth
    except (ImportError, OSError, AttributeError) as error:
        raise SoundError(
            QT_TRANSLATE_NOOP(
                "Errors",
                "FluidSynth is not installed, so nothing can sound. Install it (Debian: libfluidsynth3, "
                "Fedora: fluidsynth-libs, Arch: fluidsynth, Homebrew: fluid-synth) and start again.",
            )
        ) from error
    return fluidsynth


def _declared(binding: Any, name: str, result: Any, *kinds: Any) -> Callable[..., Any]:
    """A C function by the types of its result and arguments, called with arguments in their order."""
    function: Callable[..., Any] = binding.cfunc(
        name, result, *((f"of_{row}", kind, 1) for row, kind in enumerate(kinds))
    )
    return function


class FluidLibrary:
    """pyfluidsynth's functions and those of the sequencer that it lacks."""

    def __init__(self) -> None:
        self.binding = binding = fluidsynth_binding()

        def of_event(name: str, numbers: int) -> Callable[..., Any]:
            return _declared(binding, name, None, _POINTER, *(_NUMBER,) * numbers)

        def of_synth(name: str, numbers: int) -> Callable[..., Any]:
            return _declared(binding, name, _NUMBER, _POINTER, *(_NUMBER,) * numbers)

        # By the kind of a channel message: what puts it into an event, and what sounds it at once.
        self.event_calls: dict[int, Callable[..., object]] = {
            midi.NOTE_ON: binding.fluid_event_noteon,
            midi.NOTE_OFF: binding.fluid_event_noteoff,
            midi.CONTROL: of_event("fluid_event_control_change", 3),
            midi.PROGRAM: of_event("fluid_event_program_select", 4),
            midi.BEND: of_event("fluid_event_pitch_bend", 2),
            midi.CHANNEL_PRESSURE: of_event("fluid_event_channel_pressure", 2),
            midi.KEY_PRESSURE: of_event("fluid_event_key_pressure", 3),
        }
        self.synth_calls: dict[int, Callable[..., object]] = {
            midi.NOTE_ON: binding.fluid_synth_noteon,
            midi.NOTE_OFF: binding.fluid_synth_noteoff,
            midi.CONTROL: binding.fluid_synth_cc,
            midi.PROGRAM: binding.fluid_synth_program_select,
            midi.BEND: binding.fluid_synth_pitch_bend,
            midi.CHANNEL_PRESSURE: of_synth("fluid_synth_channel_pressure", 2),
            midi.KEY_PRESSURE: of_synth("fluid_synth_key_pressure", 3),
        }
        self.reset_event = of_event("fluid_event_system_reset", 0)
        short = ctypes.c_short
        self.remove_events = _declared(binding, "fluid_sequencer_remove_events", None, _POINTER, short, short, _NUMBER)
        self._log_type = ctypes.CFUNCTYPE(None, ctypes.c_int, ctypes.c_char_p, ctypes.c_void_p)
        self._set_log = _declared(binding, "fluid_set_log_function", _POINTER, _NUMBER, _POINTER, _POINTER)

    @contextlib.contextmanager
    def listening(self) -> Iterator[list[str]]:
        """Collects what the library would print; afterwards it prints nothing (its audio thread must not call us)."""
        lines: list[str] = []
        listener = self._log_type(lambda _level, text, _data: lines.append((text or b"").decode(errors="replace")))
        for level in range(_LOG_LEVELS):
            self._set_log(level, ctypes.cast(listener, ctypes.c_void_p), None)
        try:
            yield lines
        finally:
            for level in range(_LOG_LEVELS):
                self._set_log(level, None, None)


class FluidWhole:
    """Obeys at once. FluidSynth's functions may be called in any thread.

    LIMIT: where a song tunes single keys, too (MIDI tuning standard), the last of both holds.
    """

    def __init__(self, binding: Any, synth: Any, channels: int, tone: Tone) -> None:
        """Nothing is changed yet.

        Args:
            binding: The functions of the library.
            synth: The synth as the binding has it.
            channels: How many it has.
            tone: How loud it is by itself.
        """
        self._synth, self._channels, self._tone = synth, channels, tone
        self._volume, self._fine_cents, self._coarse_semitones = 1.0, 0.0, 0
        text, pitches = ctypes.c_char_p, ctypes.POINTER(ctypes.c_double)

        def of_synth(name: str, *kinds: Any) -> Callable[..., Any]:
            return _declared(binding, name, _NUMBER, _POINTER, *kinds)

        # A tuning is named by its bank and program; the last number says whether it is heard at once.
        self._tune = of_synth("fluid_synth_activate_key_tuning", _NUMBER, _NUMBER, text, pitches, _NUMBER)
        self._use_tuning = of_synth("fluid_synth_activate_tuning", *(_NUMBER,) * 4)
        self._leave_tuning = of_synth("fluid_synth_deactivate_tuning", _NUMBER, _NUMBER)
        self._pass_on = of_synth("fluid_synth_sysex", text, _NUMBER, _POINTER, _POINTER, _POINTER, _NUMBER)

    def set_tone(self, tone: Tone) -> None:
        """How the synth sounds by itself."""
        self._tone = tone
        for name, value in tone.settings().items():
            self._synth.setting(name, value)
        self._set_gain()

    def obey(self, message: midi.Message) -> None:
        """A system exclusive message; of a reset only what concerns loudness and tuning."""
        meaning = midi.meaning_of(message)
        if isinstance(meaning, midi.SystemReset):
            if (self._volume, self._fine_cents, self._coarse_semitones) != (1.0, 0.0, 0):
                self._volume, self._fine_cents, self._coarse_semitones = 1.0, 0.0, 0
                self._set_gain()
                self._set_tuning()
        elif isinstance(meaning, midi.MasterVolume):
            self._volume = meaning.gain
            self._set_gain()
        elif isinstance(meaning, midi.FineTuning):
            self._fine_cents = meaning.cents
            self._set_tuning()
        elif isinstance(meaning, midi.CoarseTuning):
            self._coarse_semitones = meaning.semitones
            self._set_tuning()
        elif meaning is None:
            self._pass_on(self._synth.synth, bytes(message[1:-1]), len(message) - 2, None, None, None, 0)

    def _set_gain(self) -> None:
        self._synth.setting("synth.gain", float(self._tone.settings()["synth.gain"]) * self._volume)

    def _set_tuning(self) -> None:
        """Drums on channel 10 keep their pitches. Source: General MIDI level 2, "Master Coarse Tuning"."""
        cents = self._fine_cents + 100 * self._coarse_semitones
        pitches = (ctypes.c_double * _KEYS)(*(100.0 * key + cents for key in range(_KEYS)))
        self._tune(self._synth.synth, *_TUNING, b"whole", pitches, 1)
        for channel in range(self._channels):
            if channel % 16 == midi.DRUM_CHANNEL:
                continue
            if cents:
                self._use_tuning(self._synth.synth, channel, *_TUNING, 1)
            else:
                self._leave_tuning(self._synth.synth, channel, 1)
