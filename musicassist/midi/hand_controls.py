"""Controls that a hand or foot holds, such as pedal, bender and wheel, and where they are when it lets go."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

_CONTROL, _PRESSURE, _BEND = 0xB0, 0xD0, 0xE0
_MODULATION, _BREATH = 1, 2
_PEDALS = range(64, 70)  # sustain, portamento, sostenuto, soft, legato, hold
HELD_CONTROLS = (_MODULATION, _BREATH, *_PEDALS)
Slot = tuple[int, int]  # status byte, and the controller's number or 0
Moved = tuple[int, int, int]


def slot_of(message: Sequence[int]) -> Slot | None:
    """Which control a message of two or three bytes moves; None if none that is held."""
    if not 2 <= len(message) <= 3:
        return None
    status, data1 = message[0], message[1]
    if status & 0xF0 == _CONTROL:
        return (status, data1) if data1 in HELD_CONTROLS else None
    return (status, 0) if status & 0xF0 in (_BEND, _PRESSURE) else None


def at_rest(slot: Slot) -> Moved:
    """The message that lets a control go: the bender in the middle, everything else at 0."""
    status, control = slot
    return (status, 0, 64) if status & 0xF0 == _BEND else (status, control, 0)


def is_at_rest(message: Sequence[int]) -> bool:
    """Whether a message that moves a control lets it go."""
    slot = slot_of(message)
    return slot is not None and tuple(message) == at_rest(slot)[: len(message)]


def as_bytes(message: Moved) -> bytes:
    """The message as a track keeps it: pressure has one data byte."""
    return bytes(message[:2] if message[0] & 0xF0 == _PRESSURE else message)


def held_after(messages: Iterable[bytes]) -> dict[Slot, bytes]:
    """By control, the message that holds it where it is not at rest after these, in the order in which they came."""
    held: dict[Slot, bytes] = {}
    for message in messages:
        slot = slot_of(message)
        if slot is None:
            continue
        held.pop(slot, None)
        if not is_at_rest(message):
            held[slot] = message
    return held
