"""The state of all channels at a place of a song: what sets it after a jump, and what leads from one to another."""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np

from musicassist.score import midi_bytes as midi
from musicassist.sound.schedule import Schedule

# What a controller is before anything set it; the others are 0.
# Source: General MIDI level 1 and MIDI recommended practices RP-015 and RP-021 (sound controllers).
CONTROL_DEFAULTS = {7: 100, 8: 64, 10: 64, 11: 127, 43: 127, **dict.fromkeys(range(70, 80), 64), 91: 40}
# What "reset all controllers" leaves alone: banks, volume, balance, pan, sound and effects.
# Source: MIDI recommended practice RP-015; the balance as FluidSynth does.
_KEPT_CONTROLS = frozenset((*midi.BANK_CONTROLS, 7, 39, 8, 40, 10, 42, *range(70, 80), *range(91, 96)))
_CHOICE_CONTROLS = (*midi.REGISTERED, *midi.UNREGISTERED)
_PARAMETER_CONTROLS = (*midi.VALUE_CONTROLS, *_CHOICE_CONTROLS, midi.RESET_CONTROLLERS)
_PASSING_CONTROLS = (84, 88)  # they belong to the next note: portamento from a key, finer velocity
_NOTHING_CHOSEN = 127
# By number of a registered parameter (high, low): what its value, high and low, is before anything set it.
# Source: MIDI 1.0 Detailed Specification, "Registered Parameters", and General MIDI level 2.
_PARAMETER_DEFAULTS = {
    (0, 0): (2, 0), (0, 1): (64, 0), (0, 2): (64, 0), (0, 3): (0, 0), (0, 4): (0, 0), (0, 5): (0, 64)
}  # fmt: skip
_CENTRED_PARAMETERS = (1, 24, 28, 120)  # high numbers of unregistered ones in GS, XG and SoundFonts that rest at 64
# Status byte with route; controller, or 0; for the value of a parameter, its number, or else -1.
Slot = tuple[int, int, int]
State = dict[Slot, tuple[midi.Message, ...]]
(
    _RESET_RANK, _SYSEX_RANK, _CONTROLLERS_RANK, _BANKS_RANK, _PROGRAM_RANK, _OTHER_RANK, _PARAMETER_RANK,
    _CHOICE_RANK
) = range(8)  # fmt: skip
# In the slot of a system exclusive message, for the controller: what it sets; foreign ones are known by their head.
_RESET, _DRUM_PART, _VOLUME, _FINE, _COARSE, _FOREIGN = range(6)
_WHOLE_SLOTS = {midi.MasterVolume: _VOLUME, midi.FineTuning: _FINE, midi.CoarseTuning: _COARSE}
_HEAD_BYTES = 8
_UNIVERSAL = (0x7F, 0x7F, 4)
_WHOLE_DEFAULTS = {
    _VOLUME: (*_UNIVERSAL, 1, 0x7F, 0x7F), _FINE: (*_UNIVERSAL, 3, 0, 0x40), _COARSE: (*_UNIVERSAL, 4, 0, 0x40)
}  # fmt: skip
_UNREGISTERED, _NO_PARAMETER = 1 << 14, _NOTHING_CHOSEN << 7 | _NOTHING_CHOSEN


def chase(schedule: Schedule, at_seconds: float, touched: Iterable[Slot] = ()) -> list[midi.Message]:
    """The messages that put every channel in the state that the song has just before ``at_seconds``.

    Notes that began earlier are not struck again. What the song sets only later is as before anything set it.

    Args:
        schedule: The song.
        at_seconds: The place.
        touched: What other songs may have set before; it is put back, too.
    """
    state = state_at(schedule, at_seconds)
    for slot in touched:
        state.setdefault(slot, _default(slot))
    used = {midi.channel_of(status) for status, _, _ in state if status & midi.KIND_MASK != midi.SYSEX}
    statuses = [midi.CONTROL | channel for channel in sorted({*schedule.channels, *used})]
    resets: State = {(s, midi.RESET_CONTROLLERS, -1): ((s, midi.RESET_CONTROLLERS, 0),) for s in statuses}
    return _in_order({**resets, **state})


def state_change(old: Schedule, old_seconds: float, new: Schedule, new_seconds: float) -> list[midi.Message]:
    """The messages that lead from the state of one place to that of another, perhaps of an edited song."""
    before, after = state_at(old, old_seconds), state_at(new, new_seconds)
    for slot in before.keys() - after.keys():
        after[slot] = _default(slot) or before[slot]
    changed = {slot: messages for slot, messages in after.items() if messages and messages != before.get(slot)}
    chosen = {midi.channel_of(status) for status, control, number in changed if number >= 0}
    banked = {midi.channel_of(status) for status, control, _ in changed if _is_bank(status, control)}
    reset_routes = {slot[0] & midi.ROUTE_MASK for slot in changed if _rank(slot) == _RESET_RANK}
    for slot, messages in after.items():
        channel, kind = midi.channel_of(slot[0]), slot[0] & midi.KIND_MASK
        is_bank_taken = kind == midi.PROGRAM and channel in banked  # a bank is heard from its next program on
        is_choice_lost = _rank(slot) == _CHOICE_RANK and channel in chosen
        if is_bank_taken or is_choice_lost or slot[0] & midi.ROUTE_MASK in reset_routes:
            changed[slot] = messages
    return _in_order(changed)


def touched_by(schedule: Schedule) -> set[Slot]:
    """Everything that a song sets anywhere."""
    return set(state_at(schedule, np.inf))


def whole_at_rest(touched: Iterable[Slot]) -> list[midi.Message]:
    """What gives the whole its usual loudness and tuning where a song has changed them."""
    return [message for slot in touched if slot[0] & midi.KIND_MASK == midi.SYSEX for message in _default(slot)]


def state_at(schedule: Schedule, at_seconds: float) -> State:
    """By slot: the messages that set what holds just before ``at_seconds``; none where nothing is known to."""
    row = schedule.row_at(at_seconds)
    return {**_sysex_state(schedule, row), **_plain_state(schedule, row), **_parameter_state(schedule, row)}


def _sysex_state(schedule: Schedule, row: int) -> State:
    """The last system exclusive message of each kind, since everything was reset."""
    state: State = {}
    for at, message in schedule.sysex_rows():
        slot = _sysex_slot(message)
        if at >= row:
            state.setdefault(slot, _default(slot))
            continue
        if _rank(slot) == _RESET_RANK:
            state = {s: _default(s) if (s[0] ^ slot[0]) & midi.ROUTE_MASK == 0 else old for s, old in state.items()}
        state.pop(slot, None)  # what is sent last comes last
        state[slot] = (message,)
    return state


def _sysex_slot(message: midi.Message) -> Slot:
    """What a system exclusive message sets."""
    status = midi.SYSEX | message[0] & ~0xFF
    meaning = midi.meaning_of(message)
    if isinstance(meaning, midi.SystemReset):
        return status, _RESET, -1
    if isinstance(meaning, midi.DrumPart):
        return status, _DRUM_PART, meaning.channel
    if meaning is not None:
        return status, _WHOLE_SLOTS[type(meaning)], -1
    return status, _FOREIGN, int.from_bytes(message[1:_HEAD_BYTES], "big")


def _whole_resets(schedule: Schedule, row: int) -> dict[int, int]:
    """By route: the last row before ``row`` that resets everything."""
    slots = ((at, _sysex_slot(message)) for at, message in schedule.sysex_rows(row))
    return {slot[0] & midi.ROUTE_MASK: at for at, slot in slots if _rank(slot) == _RESET_RANK}


def _plain_state(schedule: Schedule, row: int) -> State:
    """The last message of each controller, program, bend and pressure, or the default of what is set only later."""
    kind = schedule.status & midi.KIND_MASK
    is_skipped = np.isin(schedule.data1, (*_PARAMETER_CONTROLS, *_PASSING_CONTROLS))
    is_skipped |= schedule.data1 >= midi.ALL_SOUND_OFF
    rows = np.flatnonzero((kind >= midi.CONTROL) & (kind != midi.SYSEX) & ~((kind == midi.CONTROL) & is_skipped))
    codes = schedule.status[rows].astype(np.int64) << 7 | np.where(kind[rows] == midi.CONTROL, schedule.data1[rows], 0)
    slots: list[Slot] = [(code >> 7, code & 0x7F, -1) for code in np.unique(codes).tolist()]
    slots.extend((midi.PROGRAM | channel, 0, -1) for channel in schedule.channels)
    state = {slot: _default(slot) for slot in slots}
    past = int(np.searchsorted(rows, row))
    last_codes, from_end = np.unique(codes[:past][::-1], return_index=True)
    resets, whole_resets = _last_resets(schedule, row), _whole_resets(schedule, row)
    for code, at in zip(last_codes.tolist(), rows[past - 1 - from_end].tolist(), strict=True):
        slot = (code >> 7, code & 0x7F, -1)
        if at < whole_resets.get(slot[0] & midi.ROUTE_MASK, -1):
            continue
        if _is_kept(slot) or at > resets.get(midi.channel_of(slot[0]), -1):
            state[slot] = (_message(schedule, at),)
    return state


def _parameter_state(schedule: Schedule, row: int) -> State:
    """The last value of each parameter (bend range, tuning) as the messages that set it, and which one is chosen."""
    is_control = (schedule.status & midi.KIND_MASK) == midi.CONTROL
    rows = np.flatnonzero(is_control & np.isin(schedule.data1, _PARAMETER_CONTROLS))
    state: State = {}
    resets = _whole_resets(schedule, row)
    choices: dict[int, dict[int, midi.Message]] = {}  # by status: the last message of each control that chooses
    for at in rows.tolist():
        message = _message(schedule, at)
        status, control, _ = message
        choice = choices.setdefault(status, {})
        if control == midi.RESET_CONTROLLERS:
            choice.clear()
        elif control in _CHOICE_CONTROLS:
            choice.pop(control, None)  # the one that is sent last decides which kind is meant
            choice[control] = message
        else:
            slot, chosen = _chosen(status, choice)
            if slot[2] == _NO_PARAMETER:
                continue
            if resets.get(status & midi.ROUTE_MASK, -1) < at < row:
                before = state.get(slot) or _default(slot)
                state[slot] = (*chosen, *_values(before[len(chosen) :], message))
            else:
                state.setdefault(slot, _default(slot))
        if at < resets.get(status & midi.ROUTE_MASK, -1):
            choice.clear()
        if at < row:
            state[status, _CHOICE_CONTROLS[0], -1] = (*_no_choice(status), *choice.values())
        else:
            state.setdefault((status, _CHOICE_CONTROLS[0], -1), _no_choice(status))
    return state


def _chosen(status: int, choice: dict[int, midi.Message]) -> tuple[Slot, tuple[midi.Message, ...]]:
    """The slot of the parameter that is chosen, and the messages that choose it."""
    is_unregistered = bool(choice) and next(reversed(choice)) in midi.UNREGISTERED
    controls = midi.UNREGISTERED if is_unregistered else midi.REGISTERED
    parts = tuple(choice.get(control, (status, control, _NOTHING_CHOSEN)) for control in controls)
    number = parts[0][2] << 7 | parts[1][2] | (_UNREGISTERED if is_unregistered else 0)
    return (status, midi.DATA, number), parts


def _values(values: tuple[midi.Message, ...], message: midi.Message) -> tuple[midi.Message, ...]:
    """What sets a parameter after one more message: a value takes the place of the last one and of steps from it."""
    control = message[1]
    if control in (midi.INCREMENT, midi.DECREMENT):
        return (*values, message)
    other = midi.DATA_LOW if control == midi.DATA else midi.DATA
    return (*(value for value in values if value[1] == other), message)


def _no_choice(status: int) -> tuple[midi.Message, ...]:
    """No parameter: of both kinds, or half a choice later in the song would find the other half of an old one."""
    return tuple((status, control, _NOTHING_CHOSEN) for control in (*midi.UNREGISTERED, *midi.REGISTERED))


def _message(schedule: Schedule, row: int) -> midi.Message:
    return int(schedule.status[row]), int(schedule.data1[row]), int(schedule.data2[row])


def _last_resets(schedule: Schedule, row: int) -> dict[int, int]:
    """By channel: the last row before ``row`` that resets its controllers."""
    status = schedule.status[:row]
    is_reset = (status & midi.KIND_MASK == midi.CONTROL) & (schedule.data1[:row] == midi.RESET_CONTROLLERS)
    return {midi.channel_of(int(status[at])): at for at in np.flatnonzero(is_reset).tolist()}


def _is_kept(slot: Slot) -> bool:
    """Whether a slot is left alone where controllers are reset."""
    kind = slot[0] & midi.KIND_MASK
    return kind == midi.PROGRAM or (kind == midi.CONTROL and slot[1] in _KEPT_CONTROLS)


def _default(slot: Slot) -> tuple[midi.Message, ...]:
    """What holds before anything sets it; nothing where that is not known."""
    status, control, number = slot
    if status & midi.KIND_MASK == midi.SYSEX:
        return ((status, *_WHOLE_DEFAULTS[control], midi.SYSEX_END),) if control in _WHOLE_DEFAULTS else ()
    if number >= 0:
        return _default_parameter(status, number)
    if _rank(slot) == _CHOICE_RANK:
        return _no_choice(status)
    kind = status & midi.KIND_MASK
    if kind == midi.CONTROL:
        return ((status, control, CONTROL_DEFAULTS.get(control, 0)),)
    return ((status, 0, 64 if kind == midi.BEND else 0),)


def _default_parameter(status: int, number: int) -> tuple[midi.Message, ...]:
    high, low = number >> 7 & 0x7F, number & 0x7F
    if number & _UNREGISTERED:
        controls, value = midi.UNREGISTERED, (64, 0) if high in _CENTRED_PARAMETERS else None
    else:
        controls, value = midi.REGISTERED, _PARAMETER_DEFAULTS.get((high, low))
    if value is None:
        return ()
    numbers = (*controls, midi.DATA_LOW, midi.DATA)
    return tuple((status, control, data) for control, data in zip(numbers, (high, low, *value[::-1]), strict=True))


def _is_bank(status: int, control: int) -> bool:
    return status & midi.KIND_MASK == midi.CONTROL and control in midi.BANK_CONTROLS


def _rank(slot: Slot) -> int:
    """Which slots are set before which."""
    status, control, number = slot
    if status & midi.KIND_MASK == midi.SYSEX:
        return _RESET_RANK if control == _RESET else _SYSEX_RANK
    if control == midi.RESET_CONTROLLERS and status & midi.KIND_MASK == midi.CONTROL:
        return _CONTROLLERS_RANK
    if number >= 0:
        return _PARAMETER_RANK
    if status & midi.KIND_MASK == midi.PROGRAM:
        return _PROGRAM_RANK
    if status & midi.KIND_MASK == midi.CONTROL and control in _CHOICE_CONTROLS:
        return _CHOICE_RANK
    return _BANKS_RANK if _is_bank(status, control) else _OTHER_RANK


def _in_order(state: State) -> list[midi.Message]:
    return [message for slot in sorted(state, key=_rank) for message in state[slot]]
