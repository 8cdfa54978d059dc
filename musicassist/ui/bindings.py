"""Keys and knobs that do commands: which commands they may do, their words, and how the settings keep them."""

from __future__ import annotations

from collections.abc import Iterable

from musicassist.settings import Settings
from musicassist.sound.key_input import CURVES
from musicassist.sound.messages import Binding, ShapeInput
from musicassist.sound.schedule import CONTROL, NOTE_ON, SUSTAIN_CONTROL
from musicassist.ui.words import tr

LEARNABLE = (
    "play.toggle",
    "play.record",
    "play.stop_and_return",
    "play.return_to_start",
    "play.capture",
    "assistant.continue_phrase",
    "assistant.continue_and_listen",
    "assistant.next_take",
    "assistant.accept",
    "assistant.call_and_response",
    "assistant.keep_last_exchange",
    "assistant.duet",
)
_KINDS = {"key": NOTE_ON, "control": CONTROL}


def binding_text(binding: Binding) -> str:
    """A line of the settings: command, kind, channel, number, and the keyboard's name, which may hold spaces."""
    kind = next(name for name, kind in _KINDS.items() if kind == binding.kind)
    return f"{binding.command} {kind} {binding.channel} {binding.number} {binding.port}"


def bindings_of(lines: Iterable[str]) -> tuple[Binding, ...]:
    """The bindings of the settings; what makes no sense is left out."""
    return tuple(binding for line in lines if (binding := _binding_of(line)) is not None)


def _binding_of(line: str) -> Binding | None:
    words = line.split(" ", 4)
    if len(words) < 5 or words[0] not in LEARNABLE or words[1] not in _KINDS:
        return None
    if not (words[2].isdecimal() and words[3].isdecimal()):
        return None
    return Binding(words[4], _KINDS[words[1]], int(words[2]), int(words[3]), words[0])


def with_binding(bindings: Iterable[Binding], new: Binding) -> tuple[Binding, ...]:
    """The bindings with a new one: one control does one command, and on one keyboard one control does it."""
    kept = (
        old
        for old in bindings
        if old.port != new.port
        or ((old.kind, old.channel, old.number) != (new.kind, new.channel, new.number) and old.command != new.command)
    )
    return (*kept, new)


def control_words(binding: Binding) -> str:
    """What was pressed or turned."""
    if binding.kind == NOTE_ON:
        words = tr("Keyboard", "key {number}, channel {channel}")
    elif binding.number == SUSTAIN_CONTROL:
        words = tr("Keyboard", "sustain pedal, channel {channel}")
    else:
        words = tr("Keyboard", "knob {number}, channel {channel}")
    return words.format(number=binding.number, channel=binding.channel + 1)


def input_shape(settings: Settings) -> ShapeInput:
    """What the engine is told about the keyboard; a choice that makes no sense counts as none."""
    channel, curve = settings.keyboard_channel, settings.velocity_curve
    return ShapeInput(
        channel - 1 if channel is not None and 1 <= channel <= 16 else None,
        curve if curve in CURVES else "linear",
        settings.recording_offset_ms / 1000,
        bindings_of(settings.keyboard_bindings),
        is_mpe=settings.keyboard_is_mpe,
    )
