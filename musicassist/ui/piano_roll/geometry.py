"""Where music stands on the screen, which lines are drawn there, and which notes are at a place. No Qt."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any, overload

import numpy as np
from numpy.typing import NDArray

from musicassist.score.grid import SongGrid
from musicassist.score.song import Mask, Notes
from musicassist.score.timing import TimeMap

Floats = NDArray[np.floating[Any]]
Ints = NDArray[np.int64]
LOWEST_PITCH, HIGHEST_PITCH = 0, 127
NO_LINES: Ints = np.empty(0, dtype=np.int64)
MIN_PIXELS_PER_BEAT, MAX_PIXELS_PER_BEAT = 2.0, 960.0
MIN_ROW_PX, MAX_ROW_PX = 4, 40
ALL_PITCHES = np.arange(HIGHEST_PITCH + 1, dtype=np.int64)
Rectangles = NDArray[np.int32]  # shape (n, 4): left, top, right, bottom, all inside the rectangle, as QRect keeps them
EDGE_PX = 6.0


@dataclass(frozen=True, slots=True)
class TickTransform:
    """Ticks and x.

    Attributes:
        pixels_per_tick: The horizontal zoom.
        scroll_px: How far the song is scrolled to the left; tick 0 stands at ``-scroll_px``.
    """

    pixels_per_tick: float
    scroll_px: float = 0.0

    @overload
    def to_x(self, tick: float) -> float: ...
    @overload
    def to_x(self, tick: Ints | Floats) -> Floats: ...
    def to_x(self, tick: float | Ints | Floats) -> float | Floats:
        """The x of a tick, or of each tick of a column."""
        return tick * self.pixels_per_tick - self.scroll_px

    def to_tick(self, x_px: float) -> float:
        """The (fractional) tick at x."""
        return (x_px + self.scroll_px) / self.pixels_per_tick

    def zoomed(self, pixels_per_tick: float, about_x_px: float) -> TickTransform:
        """Another zoom; the tick under ``about_x_px`` stays where it is."""
        return TickTransform(pixels_per_tick, self.to_tick(about_x_px) * pixels_per_tick - about_x_px)

    def scrolled_to(self, scroll_px: float) -> TickTransform:
        return replace(self, scroll_px=scroll_px)

    def scaled(self, factor: float) -> TickTransform:
        """The same view in finer pixels, for a screen of ``factor`` device pixels to the logical one."""
        return TickTransform(self.pixels_per_tick * factor, self.scroll_px * factor)


@dataclass(frozen=True, slots=True)
class PitchTransform:
    """Pitches and y; high pitches stand above.

    Attributes:
        row_px: Height of one row.
        scroll_px: How far the rows are scrolled up; the top of pitch 127 stands at ``-scroll_px``.
    """

    row_px: float
    scroll_px: float = 0.0

    @property
    def total_px(self) -> float:
        """Height of all 128 rows."""
        return self.row_px * (HIGHEST_PITCH + 1)

    @overload
    def to_y(self, pitch: float) -> float: ...
    @overload
    def to_y(self, pitch: Ints) -> Floats: ...
    def to_y(self, pitch: float | Ints) -> float | Floats:
        """The top of a pitch's row, or of each pitch of a column."""
        return (HIGHEST_PITCH - pitch) * self.row_px - self.scroll_px

    def to_pitch(self, y_px: float) -> int:
        """The pitch whose row holds y, within 0..127."""
        pitch = HIGHEST_PITCH - int((y_px + self.scroll_px) // self.row_px)
        return max(LOWEST_PITCH, min(HIGHEST_PITCH, pitch))

    def zoomed(self, row_px: float, about_y_px: float) -> PitchTransform:
        """Another row height; the point under ``about_y_px`` stays where it is."""
        return PitchTransform(row_px, (about_y_px + self.scroll_px) / self.row_px * row_px - about_y_px)

    def scrolled_to(self, scroll_px: float) -> PitchTransform:
        return replace(self, scroll_px=scroll_px)

    def scaled(self, factor: float) -> PitchTransform:
        return PitchTransform(self.row_px * factor, self.scroll_px * factor)


@dataclass(frozen=True, slots=True)
class GridLines:
    """What is drawn of the time in view: ticks of the lines, each tick in one column only.

    Attributes:
        bar_ticks, beat_ticks, step_ticks: Ticks of the lines, strongest first.
        bar_numbers: What people call each bar of ``bar_ticks``.
    """

    bar_ticks: Ints
    bar_numbers: Ints
    beat_ticks: Ints
    step_ticks: Ints


def lines_between(
    grid: SongGrid, from_tick: float, to_tick: float, pixels_per_tick: float, *, min_gap_px: float = 7.0
) -> GridLines:
    """The bar, beat and grid lines in a stretch of the song, no closer together than ``min_gap_px``.

    Bars are thinned to every 2nd, 4th, 8th ... when they are too close.
    """
    time_map = grid.time_map
    bars = _bars_between(time_map, max(0.0, from_tick), max(0.0, to_tick), pixels_per_tick, min_gap_px)
    starts = np.array([time_map.bar_start_tick(bar) for bar in bars], dtype=np.int64)
    shortest_ticks = min_gap_px / pixels_per_tick
    numbers = np.array(bars, dtype=np.int64) + time_map.bar_number(0)
    if bars.step > 1:
        return GridLines(starts, numbers, NO_LINES, NO_LINES)
    pulses = np.array([time_map.pulse_ticks_at(tick) for tick in starts[:-1].tolist()], dtype=np.float64)
    beats = _inner_lines(starts, pulses, shortest_ticks)
    steps = _inner_lines(starts, np.full(len(pulses), grid.step_ticks or 0.0), shortest_ticks)
    is_beat = np.append(beats, -1)[np.searchsorted(beats, steps)] == steps  # ``setdiff1d`` would load ``numpy.ma``
    return GridLines(starts, numbers, beats, steps[~is_beat])


def _bars_between(
    time_map: TimeMap, from_tick: float, to_tick: float, pixels_per_tick: float, min_gap_px: float
) -> range:
    """The bars to mark, the one that begins after the stretch included."""
    bar_px = time_map.bar_ticks_at(from_tick) * pixels_per_tick
    every = 1
    while bar_px * every < min_gap_px * 2:
        every *= 2
    first = time_map.bar_at(from_tick)
    return range(first - first % every, time_map.bar_at(to_tick) + 2, every)


def _inner_lines(starts: Ints, step_ticks: Floats, shortest_ticks: float) -> Ints:
    """The lines inside bars, each bar with steps of its own; none where these are too short."""
    lengths, found = np.diff(starts), [NO_LINES]
    for length, step in {*zip(lengths.tolist(), step_ticks.tolist(), strict=True)}:  # bars of one kind at a time
        if step >= shortest_ticks:
            inner = np.rint(np.arange(1, length / step + 1) * step).astype(np.int64)
            alike = starts[:-1][(lengths == length) & (step_ticks == step)]
            found.append((alike[:, None] + inner[inner < length]).ravel())
    return np.sort(np.concatenate(found))


@dataclass(frozen=True, slots=True)
class Frame:
    """Where things stand in a picture.

    Attributes:
        ticks, pitches: The view, in the picture's pixels.
        width_px, height_px: Size of the picture.
        scale: Pixels of the picture to the logical one.
    """

    ticks: TickTransform
    pitches: PitchTransform
    width_px: int
    height_px: int
    scale: float = 1.0

    @property
    def span(self) -> tuple[float, float]:
        """First and last tick in the picture."""
        return self.ticks.to_tick(0), self.ticks.to_tick(self.width_px)

    @property
    def line_px(self) -> int:
        return max(1, int(self.scale))

    @property
    def note_px(self) -> int:
        """Height of a note: a row but for a line of free ground."""
        return max(1, round(self.pitches.row_px) - self.line_px)

    def boxes(self, notes: Notes, rows: NDArray[np.int64] | slice) -> Rectangles:
        """The rectangle of each of these rows, at least one pixel wide; a line of ground stays free after it."""
        edge_px = round(16 * self.scale)  # the ends of longer notes lie out of sight
        left = np.rint(self.ticks.to_x(notes.start_tick[rows]))
        right = np.rint(self.ticks.to_x(notes.end_tick[rows]))
        right -= (right - left > 4 * self.line_px) * self.line_px
        table = np.empty((len(left), 4), dtype=np.int32)
        table[:, 0] = np.clip(left, -edge_px, self.width_px + edge_px)
        table[:, 2] = np.clip(right, -edge_px, self.width_px + edge_px)
        np.maximum(table[:, 2] - 1, table[:, 0], out=table[:, 2])
        table[:, 1] = np.rint(self.pitches.to_y(ALL_PITCHES)).astype(np.int32)[notes.pitch[rows]]
        table[:, 3] = table[:, 1] + self.note_px - 1
        return table


@dataclass(frozen=True, slots=True)
class Hit:
    """A note under the pointer.

    Attributes:
        row: Its row.
        part: ``"body"``, ``"start"`` or ``"end"``: what a drag from here takes hold of.
    """

    row: int
    part: str


@dataclass(frozen=True, eq=False)
class NoteIndex:
    """Look-ups in one set of notes.

    Attributes:
        notes: The notes, sorted by start.
        selection: Mask of the selected rows, which lie above the others.
    """

    notes: Notes
    selection: Mask

    @cached_property
    def latest_end_tick(self) -> Ints:
        """The latest end among each row and all rows before it: a note is culled by its end, not by its start."""
        return np.maximum.accumulate(self.notes.end_tick) if len(self.notes) else np.empty(0, dtype=np.int64)

    def slice_between(self, from_tick: float, to_tick: float) -> slice:
        """The shortest run of rows that holds every note sounding in [from_tick, to_tick)."""
        first = int(np.searchsorted(self.latest_end_tick, from_tick, side="right"))
        return slice(first, int(np.searchsorted(self.notes.start_tick, to_tick, side="left")))

    def rows_between(self, from_tick: float, to_tick: float) -> Ints:
        """Rows of the notes that sound somewhere in [from_tick, to_tick)."""
        near = self.slice_between(from_tick, to_tick)
        return near.start + np.flatnonzero(self.notes.end_tick[near] > from_tick)

    def rows_in_box(self, from_tick: float, to_tick: float, low_pitch: int, high_pitch: int) -> Ints:
        """Rows of the notes that touch a rectangle of time and (inclusive) pitches."""
        rows = self.rows_between(from_tick, to_tick)
        pitch = self.notes.pitch[rows]
        return rows[(pitch >= low_pitch) & (pitch <= high_pitch)]

    def mask_in_box(self, from_tick: float, to_tick: float, low_pitch: int, high_pitch: int) -> Mask:
        """The same as a mask over all rows."""
        mask = np.zeros(len(self.notes), dtype=np.bool_)
        mask[self.rows_in_box(from_tick, to_tick, low_pitch, high_pitch)] = True
        return mask

    def at(self, tick: float, pitch: int, pixels_per_tick: float) -> Hit | None:
        """The topmost note at a point: selected before unselected, later rows before earlier ones.

        Notes narrower than three pixels can still be caught.
        """
        slack_ticks = 1.5 / pixels_per_tick
        rows = self.rows_in_box(tick - slack_ticks, tick + slack_ticks, pitch, pitch)
        start, end = self.notes.start_tick[rows], self.notes.end_tick[rows]
        wide = (end - start) * pixels_per_tick >= 3.0
        rows = rows[((start <= tick) & (tick < end)) | ~wide]
        if not len(rows):
            return None
        chosen = rows[self.selection[rows]]
        row = int(chosen[-1] if len(chosen) else rows[-1])
        return Hit(row, self._part(row, tick, pixels_per_tick))

    def _part(self, row: int, tick: float, pixels_per_tick: float) -> str:
        start, end = int(self.notes.start_tick[row]), int(self.notes.end_tick[row])
        width_px = (end - start) * pixels_per_tick
        edge_px = min(EDGE_PX, width_px / 4)
        if (end - tick) * pixels_per_tick < max(edge_px, min(3.0, width_px / 2)):
            return "end"
        return "start" if width_px >= 12 and (tick - start) * pixels_per_tick < edge_px else "body"
