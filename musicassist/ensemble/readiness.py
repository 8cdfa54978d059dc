"""How far a take that is still being composed is known, and whether it can be begun without running out of music."""

from __future__ import annotations

from musicassist.score.song import Notes
from musicassist.score.timing import TimeMap

CAUTION = 1.5  # LIMIT: composing may become slower by half while it is heard
Span = tuple[int, int]


def known_bar_line(time_map: TimeMap, notes: Notes, span: Span) -> int:
    """The last bar line before which every note of the take is there; where the take begins if it is not yet a bar.

    Notes come in the order of their starts, so all that starts before the newest one is known.

    Args:
        time_map: Bars of the song.
        notes: The notes that have come, each as it stays.
        span: First tick of the take, and the bar line on which it ends.
    """
    if not len(notes):
        return span[0]
    newest_tick = int(notes.start_tick[-1])
    bar_line = time_map.bar_start_tick(time_map.bar_at(newest_tick))
    return min(span[1], max(span[0], bar_line))


def vamp(time_map: TimeMap, from_tick: int) -> Span | None:
    """The last whole bar before a take, which can be repeated until the take may begin; None if there is none."""
    bar = time_map.bar_at(from_tick)
    return (time_map.bar_start_tick(bar - 1), time_map.bar_start_tick(bar)) if bar > 0 else None


def is_enough(time_map: TimeMap, span: Span, known_tick: int, spent_seconds: float, start_tick: int) -> bool:
    """Whether playing may begin at ``start_tick`` now and will still find each bar made when it comes there.

    Both move on evenly, so it is enough that a whole bar is made now, and that all is made when the last one begins.

    Args:
        time_map: Bars and tempo of the song.
        span: What the take fills.
        known_tick: The bar line up to which it is known.
        spent_seconds: How long composing took so far.
        start_tick: Where playing would begin.
    """
    if known_tick >= span[1]:
        return True
    if known_tick <= time_map.bar_line_at_or_after(span[0]):
        return False
    start, first, known, end = (time_map.tick_to_seconds(tick) for tick in (start_tick, span[0], known_tick, span[1]))
    last_bar_seconds = time_map.tick_to_seconds(time_map.bar_start_tick(time_map.bar_at(span[1] - 1)))
    left_to_compose_seconds = spent_seconds * (end - known) / (known - first)
    return left_to_compose_seconds * CAUTION <= last_bar_seconds - start
