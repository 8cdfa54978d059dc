"""libfluidsynth as pyfluidsynth binds it, with the functions that it lacks."""

from __future__ import annotations

import contextlib
import ctypes
import io
from collections.abc import Callable, Iterator
from typing import Any

from musicassist.errors import SoundError
from musicassist.sound import midi_bytes as midi

_LOG_LEVELS = 5


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
            "FluidSynth is not installed, so nothing can sound. Install it (Debian: libfluidsynth3, "
            "Fedora: fluidsynth-libs, Arch: fluidsynth, Homebrew: fluid-synth) and start again."
        ) from error
    return fluidsynth


class FluidLibrary:
    """pyfluidsynth's functions and those of the sequencer that it lacks."""

    def __init__(self) -> None:
        self.binding = binding = fluidsynth_binding()
        event = ("evt", ctypes.c_void_p, 1)

        def of_event(name: str, *numbers: str) -> Callable[..., None]:
            function: Callable[..., None] = binding.cfunc(name, None, event, *((n, ctypes.c_int, 1) for n in numbers))
            return function

        def of_synth(name: str, *numbers: str) -> Callable[..., int]:
            synth = ("synth", ctypes.c_void_p, 1)
            function: Callable[..., int] = binding.cfunc(
                name, ctypes.c_int, synth, *((n, ctypes.c_int, 1) for n in numbers)
            )
            return function

        # By the kind of a channel message: what puts it into an event, and what sounds it at once.
        self.event_calls: dict[int, Callable[..., object]] = {
            midi.NOTE_ON: binding.fluid_event_noteon,
            midi.NOTE_OFF: binding.fluid_event_noteoff,
            midi.CONTROL: of_event("fluid_event_control_change", "channel", "control", "value"),
            midi.PROGRAM: of_event("fluid_event_program_select", "channel", "font", "bank", "program"),
            midi.BEND: of_event("fluid_event_pitch_bend", "channel", "value"),
            midi.CHANNEL_PRESSURE: of_event("fluid_event_channel_pressure", "channel", "value"),
            midi.KEY_PRESSURE: of_event("fluid_event_key_pressure", "channel", "key", "value"),
        }
        self.synth_calls: dict[int, Callable[..., object]] = {
            midi.NOTE_ON: binding.fluid_synth_noteon,
            midi.NOTE_OFF: binding.fluid_synth_noteoff,
            midi.CONTROL: binding.fluid_synth_cc,
            midi.PROGRAM: binding.fluid_synth_program_select,
            midi.BEND: binding.fluid_synth_pitch_bend,
            midi.CHANNEL_PRESSURE: of_synth("fluid_synth_channel_pressure", "channel", "value"),
            midi.KEY_PRESSURE: of_synth("fluid_synth_key_pressure", "channel", "key", "value"),
        }
        self.reset_event = of_event("fluid_event_system_reset")
        self.remove_events = binding.cfunc(
            "fluid_sequencer_remove_events",
            None,
            ("seq", ctypes.c_void_p, 1),
            ("source", ctypes.c_short, 1),
            ("dest", ctypes.c_short, 1),
            ("type", ctypes.c_int, 1),
        )
        self._log_type = ctypes.CFUNCTYPE(None, ctypes.c_int, ctypes.c_char_p, ctypes.c_void_p)
        self._set_log = binding.cfunc(
            "fluid_set_log_function",
            ctypes.c_void_p,
            ("level", ctypes.c_int, 1),
            ("function", ctypes.c_void_p, 1),
            ("data", ctypes.c_void_p, 1),
        )

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
