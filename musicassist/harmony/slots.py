"""The stretches of time that chords fill: half bars in common time, bars elsewhere."""

from __future__ import annotations

from dataclasses import dataclass

from musicassist.score.timing import TimeMap


@dataclass(frozen=True)
class Slot:
    """A stretch of time that one chord fills.

    Attributes:
        from_tick, to_tick: Where it begins and ends.
        bar: The bar it lies in, from 0.
        is_last_of_bar, is_first_of_bar: Its place there.
    """

    from_tick: int
    to_tick: int
    bar: int
    is_first_of_bar: bool
    is_last_of_bar: bool


def slot_after(time_map: TimeMap, tick: float) -> Slot:
    """The first slot that does not begin before a tick: half a bar where that has four beats or more, else a bar."""
    bar = time_map.bar_at(tick)
    while True:
        start, end = time_map.bar_start_tick(bar), time_map.bar_start_tick(bar + 1)
        meter = time_map.meter_at(start)
        is_split = meter.denominator == 4 and meter.numerator >= 4 and meter.numerator % 2 == 0
        is_split = is_split and end - start > 1  # a bar may be cut short by the next meter
        middle = (start + end) // 2 if is_split else end
        if tick <= start:
            return Slot(start, middle, bar, is_first_of_bar=True, is_last_of_bar=not is_split)
        if is_split and tick <= middle:
            return Slot(middle, end, bar, is_first_of_bar=False, is_last_of_bar=True)
        bar += 1


def slots_between(time_map: TimeMap, from_tick: int, to_tick: int) -> tuple[Slot, ...]:
    """The slots of a stretch, the first and the last cut to it."""
    found: list[Slot] = []
    slot = slot_after(time_map, time_map.bar_start_tick(time_map.bar_at(from_tick)))
    while slot.from_tick < to_tick:
        if slot.to_tick > from_tick:
            start, end = max(slot.from_tick, from_tick), min(slot.to_tick, to_tick)
            found.append(Slot(start, end, slot.bar, slot.is_first_of_bar, slot.is_last_of_bar))
        slot = slot_after(time_map, slot.to_tick)
    return tuple(found)
