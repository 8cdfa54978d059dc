"""Keys and knobs that do commands: which commands they may do, their words, and how the settings keep them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QMenu

from musicassist.score.midi_bytes import CONTROL, NOTE_ON, PROGRAM, SUSTAIN_CONTROL
from musicassist.settings import Settings
from musicassist.sound.live_keys import CURVES
from musicassist.sound.messages import (
    Binding,
    ControlLearned,
    ControlPressed,
    EngineDied,
    MidiReceived,
    PortsChanged,
    ShapeInput,
    SoundEvent,
    StatusChanged,
)
from musicassist.ui.actions import add_choice, add_values, calling
from musicassist.ui.foreign_text import Tip, add_line, add_menu, literal, set_tip, translate
from musicassist.ui.strips import KEYBOARD, WAITING
from musicassist.ui.track_row import instrument_name
from musicassist.ui.workspace import Workspace

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
CHANNELS = range(1, 17)
OFFSETS_MS = (-20, -10, -5, 0, 5, 10, 15, 20, 30, 40, 60, 80)


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
        words = translate("Keyboard", "key {number}, channel {channel}")
    elif binding.number == SUSTAIN_CONTROL:
        words = translate("Keyboard", "sustain pedal, channel {channel}")
    else:
        words = translate("Keyboard", "knob {number}, channel {channel}")
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


class KeyboardMenu(QObject):
    """Adds to the keyboard's menu, lights its item, and does what its knobs are bound to. Main thread only."""

    def __init__(self, workspace: Workspace, show_keyboard: Callable[[], None], parent: QObject | None = None) -> None:
        """Tells the sound engine how to listen.

        Args:
            workspace: The window's parts.
            show_keyboard: Says in the strip which keyboard is there.
            parent: Owns it.
        """
        super().__init__(parent)
        self._workspace = workspace
        self._session = workspace.session
        self._show_keyboard = show_keyboard
        self._port: str | None = None
        self._latency_ms = 0
        self._learning: str | None = None
        workspace.strip.menu_wanted.connect(self._on_menu_wanted)
        self._send()

    def tell(self, events: Sequence[SoundEvent]) -> None:
        for event in events:
            if isinstance(event, MidiReceived):
                self._workspace.strip.items[KEYBOARD].flash()
                self._say_program(event)
            elif isinstance(event, ControlPressed):
                self._workspace.strip.items[KEYBOARD].flash()
                self._press(event.command)
            elif isinstance(event, ControlLearned):
                self._bind(event)
            elif isinstance(event, EngineDied):
                self.stop_learning()
            elif isinstance(event, StatusChanged):
                self._latency_ms = round(1000 * event.latency_seconds)
            elif isinstance(event, PortsChanged):
                self._notice_port(event.input_port)

    def _say_program(self, event: MidiReceived) -> None:
        """Names the instrument that was chosen on the keyboard."""
        programs = [message[1] for message in event.messages if message[0] & 0xF0 == PROGRAM]
        if not programs:
            return
        track = self._session.document.track
        name = self.tr("drum kit {number}").format(number=programs[-1] + 1) if track.is_on_drum_channel else ""
        words = (
            self.tr("{instrument} is recorded from here on.")
            if self._session.input.is_recording
            else self.tr("{track} is {instrument} now, as chosen on the keyboard. {undo} takes that back.")
        )
        instrument = name or instrument_name(programs[-1])
        self._workspace.say(
            words.format(track=literal(track.name), instrument=instrument, undo=self._workspace.keys("edit.undo"))
        )

    def _send(self) -> None:
        shape = input_shape(self._workspace.settings)
        self._session.sound.shape_input(replace(shape, is_learning=self._learning is not None))

    def _change(self, name: str, value: Any) -> None:
        self._workspace.preferences.change(**{name: value})
        self._send()

    def _listen_to(self, channel: int | None, *, is_mpe: bool = False) -> None:
        self._workspace.preferences.change(keyboard_channel=channel, keyboard_is_mpe=is_mpe)
        self._send()

    # What its knobs do

    def _press(self, command_id: str) -> None:
        reason = self._workspace.actions.commands[command_id].why_not()
        if reason:
            self._workspace.say(reason)
        else:
            self._workspace.actions.run(command_id)

    def learn(self, command_id: str) -> None:
        """The next key, knob, button or pedal that is used does a command from then on."""
        self._learning = command_id
        self._send()
        name = self._name_of(command_id)
        words = self.tr("press what does: {command}").format(command=name)
        tip = Tip(self.tr("Press a key, knob, button or pedal. Click to stop learning."), self.tr("Keyboard"))
        self._workspace.strip.show_item(KEYBOARD, words, WAITING, tip)
        self._workspace.report(
            self.tr("Press a key, knob, button or pedal of the keyboard for: {command}"), command=name
        )

    def stop_learning(self) -> None:
        if self._learning is not None:
            self._learning = None
            self._send()
            self._show_keyboard()

    def _bind(self, event: ControlLearned) -> None:
        if self._learning is None:
            return
        binding = Binding(event.port, event.kind, event.channel, event.number, self._learning)
        self._learning = None
        self._keep(with_binding(self._bindings(), binding))
        self._show_keyboard()
        self._workspace.report(
            self.tr("{command}: {control} of {port}. It is not played or recorded any more."),
            command=self._name_of(binding.command),
            control=control_words(binding),
            port=binding.port,
        )

    def forget(self, binding: Binding) -> None:
        self._keep(tuple(old for old in self._bindings() if old != binding))
        self._workspace.report(self.tr("{control} is played again."), control=control_words(binding).capitalize())

    def _name_of(self, command_id: str) -> str:
        return self._workspace.actions.commands[command_id].text

    def _bindings(self) -> tuple[Binding, ...]:
        return bindings_of(self._workspace.settings.keyboard_bindings)

    def _keep(self, bindings: tuple[Binding, ...]) -> None:
        self._change("keyboard_bindings", tuple(binding_text(binding) for binding in bindings))

    def _notice_port(self, port: str | None) -> None:
        self._port = port
        if port is None:
            self.stop_learning()
        elif self._learning is not None:
            self.learn(self._learning)  # the strip has just named the keyboard instead

    # Menus

    def _on_menu_wanted(self, name: str, menu: QMenu) -> None:
        if name != KEYBOARD:
            return
        menu.addSeparator()
        if self._learning is not None:
            add_choice(menu, self.tr("Stop learning"), self.stop_learning)
        self._fill_channels(add_menu(menu, self.tr("Channel"), shows_tips=True))
        self._fill_curves(add_menu(menu, self.tr("Touch"), shows_tips=True))
        self._fill_offsets(add_menu(menu, self.tr("Timing of recordings"), shows_tips=True))
        menu.addSeparator()
        learn = add_menu(menu, self.tr("Learn a key or knob for…"), shows_tips=True)
        for command_id in LEARNABLE:
            add_choice(learn, self._words_of(command_id), calling(self.learn, command_id))
        learn.setEnabled(self._port is not None)
        why = self.tr("Plug in a keyboard first.") if self._port is None else self.tr("Then press it.")
        set_tip(learn.menuAction(), why)
        self._fill_forgetting(menu)

    def _words_of(self, command_id: str) -> str:
        """The command, and what does it on this keyboard."""
        bound = next((b for b in self._bindings() if (b.port, b.command) == (self._port, command_id)), None)
        name = self._name_of(command_id)
        return name if bound is None else f"{name} ({control_words(bound)})"

    def _fill_forgetting(self, menu: QMenu) -> None:
        bindings = self._bindings()
        if not bindings:
            return
        forgetting = add_menu(menu, self.tr("Forget"), shows_tips=True)
        for binding in bindings:
            words = f"{self._name_of(binding.command)}: {control_words(binding)}"
            add_choice(forgetting, words, calling(self.forget, binding), tip=binding.port)

    def _fill_channels(self, menu: QMenu) -> None:
        chosen, is_mpe = self._workspace.settings.keyboard_channel, self._workspace.settings.keyboard_is_mpe
        is_all = chosen is None and not is_mpe
        add_choice(menu, self.tr("All channels"), calling(self._listen_to, None), is_chosen=is_all)
        add_choice(
            menu,
            self.tr("MPE: a channel for each finger"),
            lambda: self._listen_to(None, is_mpe=True),
            is_chosen=is_mpe,
            tip=self.tr("For a keyboard that was switched to MPE before it could tell so."),
        )
        for channel in CHANNELS:
            words = self.tr("Only channel {number}").format(number=channel)
            is_chosen = channel == chosen and not is_mpe
            add_choice(menu, words, calling(self._listen_to, channel), is_chosen=is_chosen)

    def _fill_curves(self, menu: QMenu) -> None:
        words = {
            self.tr("Soft: a light touch is loud"): "soft",
            self.tr("Linear: as it is struck"): "linear",
            self.tr("Hard: only a strong touch is loud"): "hard",
            self.tr("Fixed: always the same"): "fixed",
        }
        add_values(menu, words, self._workspace.settings.velocity_curve, partial(self._change, "velocity_curve"))

    def _fill_offsets(self, menu: QMenu) -> None:
        reported = self.tr("The driver reports {ms} ms, which is reckoned in.").format(ms=self._latency_ms)
        add_line(menu, reported).setEnabled(False)
        values = {}
        for offset_ms in OFFSETS_MS:
            words = self.tr("{ms} ms later") if offset_ms < 0 else self.tr("{ms} ms earlier")
            values[words.format(ms=abs(offset_ms)) if offset_ms else self.tr("As played")] = offset_ms
        now = self._workspace.settings.recording_offset_ms
        add_values(menu, values, now, partial(self._change, "recording_offset_ms"))
