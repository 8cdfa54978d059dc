"""Where played notes are meant to begin and end: a person's timing is not a grid, but it is meant for one.

Bars, spans, seeds, loops and copies are decided by these times; what is kept in a song stays as it was played.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace
from functools import cached_property
from math import ceil

import numpy as np

from musicassist.score.grid import MAX_OFF_SECONDS
from musicassist.score.meant_search import FoundTimes
from musicassist.score.song import Column, Mask, Notes, Song
from musicassist.score.timing import TimeMap

BARS_AROUND = 8  # LIMIT: as far as the grid of a phrase is looked for, and some more
_NOTES_TO_GO_ON = 64  # LIMIT: so many of the last notes show how a phrase goes on


@dataclass(frozen=True, eq=False)
class MeantTimes:
    """The meant start and end of each note, in the order of the notes' rows (which need not be that of the starts).

    An onset or end belongs to the point of its phrase's grid (bar line, beat, half, third, sixteenth ...) that it
    misses by at most 60 ms and at most 40 % of the step that the phrase moves in; else it is meant as it was played.

    Attributes:
        played: The notes as they are.
        start_tick, end_tick: What they are meant to be; int64 columns, shape (n,).
    """

    played: Notes
    start_tick: Column
    end_tick: Column

    @staticmethod
    def of(notes: Notes, time_map: TimeMap) -> MeantTimes:
        """Finds them, for the notes of one track: a phrase tells its grid only as a whole."""
        if len(notes) == 0:
            return MeantTimes(notes, notes.start_tick, notes.end_tick)
        found = FoundTimes.of(notes, time_map)
        return MeantTimes(notes, found.start_tick, found.end_tick)

    @staticmethod
    def of_track(notes: Notes, time_map: TimeMap) -> MeantTimes:
        """The same; what was found last is kept, since a song is asked about again, and an edit changes few notes."""
        for meant, found in _found_whole.copy():
            if meant.played is notes and found.time_map == time_map:
                return meant
        if len(notes) == 0:
            return MeantTimes.of(notes, time_map)
        known = next((found for _, found in reversed(_found_whole.copy()) if found.time_map == time_map), None)
        found = FoundTimes.of(notes, time_map) if known is None else known.edited(notes)
        meant = MeantTimes(notes, found.start_tick, found.end_tick)
        _found_whole.append((meant, found))
        return meant

    @staticmethod
    def around(notes: Notes, time_map: TimeMap, *ticks: int) -> MeantTimes:
        """The same, found only around some places, where a track may be long; notes elsewhere are as played.

        What was found last is kept: the window asks again at all news of a song, and few of them change a note.
        """
        for found, known_map, known_ticks in _found_around.copy():
            if found.played is notes and known_ticks == ticks and known_map == time_map:
                return found
        found = MeantTimes._around(notes, time_map, ticks)
        _found_around.append((found, time_map, ticks))
        return found

    @staticmethod
    def _around(notes: Notes, time_map: TimeMap, ticks: tuple[int, ...]) -> MeantTimes:
        near = np.zeros(len(notes), dtype=np.bool_)
        for tick in ticks:
            bar = time_map.bar_at(max(0, tick))
            first, last = time_map.bar_start_tick(max(0, bar - BARS_AROUND)), time_map.bar_start_tick(bar + BARS_AROUND)
            near |= (notes.end_tick >= first) & (notes.start_tick < last)
        found = MeantTimes.of(notes.where(near), time_map)
        start, end = notes.start_tick.copy(), notes.end_tick.copy()
        start[near], end[near] = found.start_tick, found.end_tick
        return MeantTimes(notes, start, end)

    @cached_property
    def notes(self) -> Notes:
        """The notes as they are meant, in order of their meant starts."""
        return self.notes_of(np.ones(len(self.played), dtype=np.bool_))

    def notes_of(self, rows: Mask) -> Notes:
        """Some of the notes as they are meant."""
        start, duration = self.start_tick[rows], (self.end_tick - self.start_tick)[rows]
        own = self.played.where(rows)
        return Notes.from_columns(start, own.pitch, duration, own.velocity, own.is_pinned)

    def span_of(self, rows: Mask) -> tuple[int, int] | None:
        """From the first meant start to the last meant end of some notes; None without any."""
        return (int(self.start_tick[rows].min()), int(self.end_tick[rows].max())) if rows.any() else None

    def starting_between(self, from_tick: int, to_tick: int) -> Mask:
        """Mask of the notes that are meant to start in [from_tick, to_tick)."""
        return np.asarray((self.start_tick >= from_tick) & (self.start_tick < to_tick))

    def without_span(self, from_tick: int, to_tick: int) -> Notes:
        """What stays, as played, when what is meant for [from_tick, to_tick) is cleared.

        A note that is meant to be held into it ends where it begins; one that is let go a little late stays.
        """
        if from_tick >= to_tick:
            return self.played
        stays = ~self.starting_between(from_tick, to_tick)
        held = (self.start_tick < from_tick) & (self.end_tick > from_tick) & (self.played.start_tick < from_tick)
        duration = np.where(held, from_tick - self.played.start_tick, self.played.duration_ticks)
        return replace(self.played, duration_ticks=duration).where(stays)

    def within_span(self, new: Notes, to_tick: int) -> Notes:
        """New notes for a span that ends at ``to_tick``: they leave room for what is struck early behind it."""
        early = (self.start_tick >= to_tick) & (self.played.start_tick < to_tick)
        if not early.any() or not len(new):
            return new
        limit = int(self.played.start_tick[early].min())
        end = np.where(new.start_tick < limit, np.minimum(new.end_tick, limit), new.end_tick)
        return replace(new, duration_ticks=end - new.start_tick)


_found_whole: deque[tuple[MeantTimes, FoundTimes]] = deque(maxlen=2)
_found_around: deque[tuple[MeantTimes, TimeMap, tuple[int, ...]]] = deque(maxlen=8)


def next_onset_tick(notes: Notes, time_map: TimeMap) -> int:
    """Where a phrase, as it is meant, goes on: where it ends, else at the next sixteenth after that.

    A triplet is a place to go on from only where the phrase has some.
    """
    tick = int(notes.end_tick.max())
    bar, offset_ticks = time_map.bar_and_offset_ticks(tick)
    bar_tick, next_bar_tick = time_map.bar_start_tick(bar), time_map.bar_start_tick(bar + 1)
    if _is_on(np.array([offset_ticks]), time_map.ticks_per_beat, 4)[0]:
        return tick
    onsets = notes.start_tick[-_NOTES_TO_GO_ON:]
    offsets = onsets - time_map.bar_spans(onsets)[0]
    is_triplet = _is_on(offsets, time_map.ticks_per_beat, 3) & ~_is_on(offsets, time_map.ticks_per_beat, 4)
    if is_triplet.any() and _is_on(np.array([offset_ticks]), time_map.ticks_per_beat, 3)[0]:
        return tick
    step = time_map.ticks_per_beat / 4
    return min(bar_tick + round(ceil(offset_ticks / step) * step), next_bar_tick)


def _is_on(offset_ticks: Column, beat_ticks: int, division: int) -> Mask:
    step = beat_ticks / division
    return np.asarray(offset_ticks == np.rint(np.rint(offset_ticks / step) * step))


def meant_notes(notes: Notes, time_map: TimeMap) -> Notes:
    """Some notes as they are meant."""
    return MeantTimes.of(notes, time_map).notes


def meant_span(notes: Notes, rows: Mask, time_map: TimeMap) -> tuple[int, int] | None:
    """From the first meant start to the last meant end of some notes of a track; None without any."""
    if not rows.any():
        return None
    first, last = int(notes.start_tick[rows].min()), int(notes.end_tick[rows].max())
    return MeantTimes.around(notes, time_map, first, last).span_of(rows)


def meant_between(notes: Notes, time_map: TimeMap, from_tick: int, to_tick: int) -> Mask:
    """Mask of the notes of a track that are meant to start in [from_tick, to_tick)."""
    return MeantTimes.around(notes, time_map, from_tick, to_tick).starting_between(from_tick, to_tick)


def span_replaced(notes: Notes, time_map: TimeMap, from_tick: int, to_tick: int, new: Notes) -> tuple[Notes, Notes]:
    """The notes of a track that stay when a span is given other notes, and those others as they fit between them."""
    meant = MeantTimes.around(notes, time_map, from_tick, to_tick)
    return meant.without_span(from_tick, to_tick), meant.within_span(new, to_tick)


def meant_end_tick(song: Song) -> int:
    """Where the last note of a song is meant to stop; 0 without notes."""
    bar_line = song.time_map.bar_line_before(song.end_tick)  # what ends before it cannot be the last
    near = [track.notes for track in song.tracks if track.end_tick > bar_line]
    return max((int(MeantTimes.of(notes, song.time_map).end_tick.max()) for notes in near if len(notes)), default=0)


def meant_end_line_tick(song: Song) -> int:
    """The bar line where a song ends, or the one after its end, by the meant end; 0 without notes.

    Only where the last notes pass a bar line by no more than a person's timing are they looked at.
    """
    time_map, end = song.time_map, song.end_tick
    if end == 0 or is_surely_before(time_map, time_map.bar_line_before(end), end):
        return time_map.bar_line_at_or_after(end)
    return time_map.bar_line_at_or_after(meant_end_tick(song))


def is_surely_before(time_map: TimeMap, first_tick: int, last_tick: int) -> bool:
    """Whether one time lies before another by more than a person's timing is ever put right."""
    first, last = time_map.ticks_to_seconds(np.array([first_tick, last_tick])).tolist()
    return bool(last - first > MAX_OFF_SECONDS)
