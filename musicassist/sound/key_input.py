"""What becomes of a message from the keyboard: it is played, does a command, is learned, or is not meant."""

from __future__ import annotations

from musicassist.sound.messages import Binding, ControlLearned, ControlPressed, ShapeInput
from musicassist.sound.schedule import CHANNEL_PRESSURE, CONTROL, NOTE_OFF, NOTE_ON, PROGRAM

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


def channel_message(data: bytes) -> bytes | None:
    """The channel message that stands in what a port told; None if it is none, such as a clock, or is broken."""
    if not data or not NOTE_OFF <= data[0] < 0xF0:
        return None
    length = 2 if data[0] & 0xF0 in (PROGRAM, CHANNEL_PRESSURE) else 3
    message = data[:length]
    return message if len(message) == length and max(message[1:]) < 0x80 else None


class KeyInput:
    """Filters and shapes what one keyboard sends. :meth:`take` is called in the MIDI system's thread."""

    def __init__(self) -> None:
        self.settings = ShapeInput()
        self._values: dict[_Control, int] = {}  # the last value of each control that is bound
        self._learned: _Control | None = None  # just now, and not at rest since

    def shape(self, settings: ShapeInput) -> None:
        """Other settings from the next message on."""
        if settings.is_learning and not self.settings.is_learning:
            self._learned = None
        self.settings = settings

    def take(self, message: bytes, port: str) -> bytes | ControlPressed | ControlLearned | None:
        """What to play of a channel message, or what to tell the window; None if it is meant for neither."""
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
        if message[0] & 0xF0 == NOTE_ON and len(message) == 3 and message[2]:
            return bytes((message[0], message[1], curved(message[2], settings.velocity_curve)))
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
        is_up = value > 0 if control[0] == NOTE_ON else value >= _UP_FROM and (before < _UP_FROM or is_again)
        return ControlPressed(binding.command) if binding is not None and is_up and not is_moving_still else None


def _control_of(message: bytes) -> tuple[_Control | None, int]:
    """The key or controller of a message, whatever its value, and the value."""
    kind, channel = message[0] & 0xF0, message[0] & 0x0F
    if len(message) != 3 or kind not in (NOTE_ON, NOTE_OFF, CONTROL):
        return None, 0
    is_off = kind == NOTE_OFF
    return (NOTE_ON if is_off else kind, channel, message[1]), 0 if is_off else message[2]
