"""Order among messages of one moment for FluidSynth's sequencer, which keeps none among events of a tick.

It looks at whole milliseconds only, but counts in finer ticks. So a message that has to come after another of its
channel takes the next tick within the same millisecond, and both are obeyed before the same block of samples.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from itertools import groupby

from musicassist.sound.schedule import (
    ALL_SOUND_OFF,
    BANK_CONTROLS,
    CONTROL,
    HOLD_CONTROLS,
    KIND_MASK,
    NOTE_OFF,
    NOTE_ON,
    PROGRAM,
    Message,
    channel_of,
    is_sysex,
)

TICKS_PER_MS = 16  # LIMIT: of 32 bits, so that the count begins anew after three days
_ORDERED_CONTROLS = frozenset((*BANK_CONTROLS, *HOLD_CONTROLS, 6, 38, 84, 88, *range(96, 102)))
_EVERY = -1
_Group = tuple[str, int]


class FluidOrder:
    """Gives each message its tick. One thread."""

    def __init__(self) -> None:
        # By source and channel: the last tick given. What is queued later of one source has to be obeyed later.
        self._last: defaultdict[int, dict[int, int]] = defaultdict(dict)

    def ticks(self, timed: Iterable[tuple[int, Message]], source: int) -> Iterator[tuple[int, Message]]:
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
            if any(is_sysex(message) for message in messages):
                last[_EVERY] = max(last.values(), default=-1)
            starts = {
                channel: max(first, last.get(channel, -1) + 1, last.get(_EVERY, -1) + 1)
                for channel in {channel_of(message[0]) for message in messages}
            }
            for step, message in zip(steps, messages, strict=True):
                channel = channel_of(message[0])
                tick = max(0, min(starts[channel] + step, end))
                last[_EVERY if is_sysex(message) else channel] = tick
                yield tick, message

    def forget(self, source: int) -> None:
        """What a source has queued is gone."""
        self._last.pop(source, None)


def _steps(messages: list[Message]) -> list[int]:
    """For each message of one moment, how many ticks after the first of its channel it has to come."""
    steps: list[int] = []
    places: dict[int, tuple[int, set[_Group]]] = {}
    floor = 0
    for message in messages:
        if is_sysex(message):  # it is for all channels
            floor = max(steps, default=-1) + 2
            steps.append(floor - 1)
            places.clear()
            continue
        channel, group = channel_of(message[0]), _group(message)
        step, beside = places.get(channel, (floor, set()))
        if beside and not _may_stand_beside(group, beside):
            step, beside = step + 1, set()
        places[channel] = (step, beside | {group})
        steps.append(step)
    return steps


def _group(message: Message) -> _Group:
    """What a message is among others of its moment: the end or start of a note, one of several controls, or alone."""
    kind = message[0] & KIND_MASK
    if kind in (NOTE_OFF, NOTE_ON):
        return ("off" if kind == NOTE_OFF else "on", message[1])
    if kind == PROGRAM:
        return ("alone", 0)
    if kind == CONTROL:
        is_ordered = message[1] in _ORDERED_CONTROLS or message[1] >= ALL_SOUND_OFF
        return ("alone" if is_ordered else "control", message[1])
    return ("control", message[0])


def _may_stand_beside(group: _Group, beside: set[_Group]) -> bool:
    """Whether it makes no difference which of them is obeyed first."""
    return group not in beside and group[0] != "alone" and all(other[0] == group[0] for other in beside)
