"""What becomes of a message from the keyboard: it is played, does a command, is learned, or is not meant."""

from __future__ import annotations

import threading
from collections.abc import Callable

from musicassist.score import midi_bytes as midi
from musicassist.score.song import NO_BANK, Bank
from musicassist.sound.messages import Binding, ControlLearned, ControlPressed, ShapeInput
from musicassist.sound.synth import Synth

CURVES = ("soft", "linear", "hard", "fixed")
FIXED_VELOCITY = 100
_EXPONENTS = {"soft": 0.6, "hard": 1.7}  # soft: a light touch is enough; hard: only a strong one is loud
_UP_FROM = 64  # Source: MIDI 1.0, switch controllers: 0..63 is off, 64..127 is on
_Control = tuple[int, int, int]  # kind, channel, number


def curved(velocity: int, curve: str) -> int:
    """The velocity, 1..127, as a curve of ``CURVES`` has it."""
    if curve == "fixed":
        return FIXED_VELOCITY
    share: float = (velocity / 127) ** _EXPONENTS.get(curve, 1.0)
    return max(1, min(127, round(127 * share)))


class KeyInput:
    """Filters and shapes what one keyboard sends. :meth:`meaning_of` is called in the MIDI system's thread."""

    def __init__(self) -> None:
        self.settings = ShapeInput()
        self._values: dict[_Control, int] = {}  # the last value of each control that is bound
        self._learned: _Control | None = None  # just now, and not at rest since

    def shape(self, settings: ShapeInput) -> None:
        """Other settings from the next message on."""
        if settings.is_learning and not self.settings.is_learning:
            self._learned = None
        self.settings = settings

    def meaning_of(self, message: bytes, port: str) -> bytes | ControlPressed | ControlLearned | None:
        """What to play of a channel message, or what to report to the window; None if it is meant for neither."""
        settings = self.settings
        control, value = _control_of(message)
        if control is not None:
            if settings.is_learning and self._learned is None and value:
                self._learned, self._values[control] = control, value
                return ControlLearned(port, *control)
            binding = self._binding(control, port)
            if binding is not None or control == self._learned:
                return self._press(control, value, binding)
            if not settings.is_learning:
                self._learned = None
        if settings.channel is not None and message[0] & 0x0F != settings.channel:
            return None
        kind, _, pitch, velocity = midi.parts_of(message)
        if kind == midi.NOTE_ON:
            return bytes((message[0], pitch, curved(velocity, settings.velocity_curve)))
        return message

    def _binding(self, control: _Control, port: str) -> Binding | None:
        bound = (b for b in self.settings.bindings if (b.kind, b.channel, b.number) == control and b.port == port)
        return next(bound, None)

    def _press(self, control: _Control, value: int, binding: Binding | None) -> ControlPressed | None:
        """A key counts when it is struck; a knob, pedal or button when it comes up to the middle, or says so again.

        One that was just learned first has to come to rest.
        """
        before = self._values.get(control, 0)
        self._values[control] = value
        is_again = value == before
        is_moving_still = control == self._learned and not is_again
        if control == self._learned and (is_again or value == 0):
            self._learned = None
        is_up = value > 0 if control[0] == midi.NOTE_ON else value >= _UP_FROM and (before < _UP_FROM or is_again)
        return ControlPressed(binding.command) if binding is not None and is_up and not is_moving_still else None


def _control_of(message: bytes) -> tuple[_Control | None, int]:
    """The key or controller of a message, whatever its value, and the value."""
    kind, channel, number, value = midi.parts_of(message)
    if kind == midi.NOTE_OFF:
        return (midi.NOTE_ON, channel, number), 0
    return ((kind, channel, number), value) if kind in (midi.NOTE_ON, midi.CONTROL) else (None, 0)


class LiveKeys:
    """Sounds keys at once, remembers which are down, and lets go of all of them. Any thread.

    Attributes:
        synth: What sounds.
    """

    def __init__(self, synth: Synth, sets_program: Callable[[int], bool] = lambda _channel: False) -> None:
        """``sets_program`` says whether the playing song decides about a channel's instrument."""
        self.synth = synth
        self._sets_program = sets_program
        self._live_channel, self._live_program, self._live_bank = 0, 0, NO_BANK
        # (channel without its route, pitch) -> the routed channel, and when it goes up by itself
        self._down: dict[tuple[int, int], tuple[int, float | None]] = {}
        self._struck: dict[int, int] = {}  # pitch on the keyboard -> the channel that it struck
        self._moved: dict[midi.Slot, midi.Message] = {}  # pedals, benders and wheels that are not at rest
        self._programs: dict[int, tuple[int, Bank]] = {}  # what we last sent to each channel
        self._banked: set[int] = set()  # channels that we sent a bank
        self._has_played_program = False  # the keyboard chose one, over the song if that plays
        self._lock = threading.RLock()

    def set_track(self, channel: int, program: int, bank: Bank = NO_BANK) -> None:
        """What the MIDI keyboard plays from its next key on. Pedals stay with what they were pressed for no longer."""
        with self._lock:
            is_taken_back = self._has_played_program and channel == self._live_channel
            self._has_played_program = False
            if channel != self._live_channel:
                self._rest_controls()
            self._live_channel, self._live_program, self._live_bank = channel, program, bank
            self._send_program(channel, program, is_set_by_song=self._sets_program(channel) and not is_taken_back)

    def strike(self, pitch: int, velocity: int, channel: int, program: int, seconds: float | None = None) -> None:
        """A key goes down, and up again by itself after ``seconds`` if given."""
        with self._lock:
            self.release(pitch, channel)
            self._send_program(channel, program, is_set_by_song=self._sets_program(channel))
            until_seconds = None if seconds is None else self.synth.now_seconds() + seconds
            self._down[channel & midi.CHANNEL_MASK, pitch] = channel, until_seconds
            self.synth.send((midi.NOTE_ON | channel, pitch, velocity))

    def release(self, pitch: int, channel: int) -> None:
        """A key goes up, by whatever route it went down; nothing happens if it is not down."""
        with self._lock:
            struck = self._down.pop((channel & midi.CHANNEL_MASK, pitch), None)
            if struck is not None:
                self.synth.send((midi.NOTE_OFF | struck[0], pitch, midi.RELEASE_VELOCITY))

    def release_due(self) -> None:
        """Lets go of the keys whose time is over."""
        with self._lock:
            now = self.synth.now_seconds()
            due = [key for key, (_, until) in self._down.items() if until is not None and until <= now]
            for channel, pitch in due:
                self.release(pitch, channel)

    def release_all(self) -> None:
        """Lets go of every key and pedal."""
        with self._lock:
            for channel, pitch in list(self._down):
                self.release(pitch, channel)
            self._struck.clear()
            self._rest_controls()

    def change_synth(self, synth: Synth) -> None:
        """Another synth sounds from now on; afterwards nobody speaks to the old one here."""
        with self._lock:
            self.release_all()
            self.synth = synth
            self._programs.clear()

    def rest_banks(self) -> None:
        """Before the song plays: banks that were chosen by hand do not hold for its programs."""
        with self._lock:
            for channel in self._banked:
                for number in midi.BANK_CONTROLS:
                    self.synth.send((midi.CONTROL | channel, number, 0))
                self._programs.pop(channel, None)
            self._banked.clear()

    def forget_programs(self) -> None:
        """The song may have changed the channels' instruments, and reset pedals that are held."""
        with self._lock:
            self._programs.clear()
            for message in self._moved.values():
                self.synth.send(message)

    def play(self, message: bytes) -> None:
        """Sounds what the keyboard sent, with the selected track's instrument."""
        if not 2 <= len(message) <= 3 or not midi.NOTE_OFF <= message[0] < 0xF0:
            return
        kind, _, data1, data2 = midi.parts_of(message)
        with self._lock:
            if kind == midi.NOTE_ON:
                self._come_up(data1)
                self._struck[data1] = self._live_channel
                self.strike(data1, data2, self._live_channel, self._live_program)
            elif kind == midi.NOTE_OFF:
                self._come_up(data1)
            elif kind == midi.PROGRAM:
                self._live_program, self._has_played_program = data1, True
                self._programs[self._live_channel] = data1, self._live_bank
                self.synth.send((midi.PROGRAM | self._live_channel, data1, 0))
            elif kind == midi.CONTROL and data1 in midi.BANK_CONTROLS:
                high, low = self._live_bank
                self._live_bank = (data2, low) if data1 == midi.BANK_CONTROLS[0] else (high, data2)
                self._banked.add(self._live_channel)
                self.synth.send((midi.CONTROL | self._live_channel, data1, data2))
            elif kind == midi.KEY_PRESSURE:
                self.synth.send((kind | self._struck.get(data1, self._live_channel), data1, data2))
            elif kind in (midi.BEND, midi.CHANNEL_PRESSURE) or (kind == midi.CONTROL and data1 < midi.ALL_SOUND_OFF):
                self._move((kind | self._live_channel, data1, data2))
            elif kind == midi.CONTROL and midi.ends_notes(data1):
                for pitch in list(self._struck):
                    self._come_up(pitch)
                if data1 == midi.ALL_SOUND_OFF:
                    self.synth.send((midi.CONTROL | self._live_channel, data1, 0))

    def _come_up(self, pitch: int) -> None:
        """A key of the keyboard, on the channel that it struck: another track may be selected by now."""
        self.release(pitch, self._struck.pop(pitch, self._live_channel))

    def _move(self, message: midi.Message) -> None:
        midi.hold(self._moved, message)
        self.synth.send(message)

    def _rest_controls(self) -> None:
        for slot in list(self._moved):
            self._move(midi.at_rest(slot))

    def _send_program(self, channel: int, program: int, *, is_set_by_song: bool) -> None:
        """Sends an instrument, unless it is there, or the song decides; a bank of before does not stay by itself."""
        is_live = (channel, program) == (self._live_channel, self._live_program)
        bank = self._live_bank if is_live else NO_BANK
        if is_set_by_song or self._programs.get(channel) == (program, bank):
            return
        self._programs[channel] = program, bank
        if bank == NO_BANK and channel in self._banked:
            self._banked.discard(channel)
            bank = 0, 0
        elif bank != NO_BANK:
            self._banked.add(channel)
        for number, value in zip(midi.BANK_CONTROLS, bank, strict=True):
            if value is not None:
                self.synth.send((midi.CONTROL | channel, number, value))
        self.synth.send((midi.PROGRAM | channel, program, 0))
