"""The roll's picture as scan lines: its rows of pixels are copies of a few lines, and NumPy fills those. No Qt.

Ten thousand notes are some hundred thousand pixels of such lines, but millions of pixels of the picture: Qt filled each
note as often as its row is high, and drew rows and grid under it anew at every scroll.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from musicassist.score.song import Mask, Notes
from musicassist.ui.piano_roll.geometry import ALL_PITCHES, HIGHEST_PITCH, Frame, GridLines, Ints, Rectangles

Pixels = NDArray[np.uint32]  # opaque, 0xffrrggbb
PITCHES = HIGHEST_PITCH + 1
ROLL, SHADED, TONIC, ROW_LINE, STEP, BEAT, BAR = GROUNDS = range(7)  # the colours of the ground
NOTE, NOTE_EDGE, GAP = PARTS = range(3)  # of a row of keys: a note's body, its first and last line, the ground after it
NO_KEY = len(PARTS)  # above the highest row and below the lowest
BEHIND_ALPHA = 63  # of 255: a quarter, as Qt rounds it for pictures
MAX_PIXELS_AT_ONCE = 1 << 14  # long notes that lie on each other may have any number
NARROW_PX = 3
# What NumPy makes on the way stays so small that it lies in the cache, and that no memory is asked of the system and
# given back each time: on a megabyte that took longer than the work itself.
LINES_AT_ONCE, NOTES_AT_ONCE = 4, 8_192
MIN_RULED_ROW_PX = 8  # rows lower than this have no line between them


def pixel(color: str) -> int:
    """``#rrggbb`` as a pixel."""
    return 0xFF000000 | int(color[1:], 16)


def behind(ground: Pixels, color: int) -> Pixels:
    """Pixels of the ground under a colour that is a quarter there.

    Source: Qt's ``qt_blend_argb32_on_argb32``, so that the roll looks as when Qt itself drew it.
    """
    shifts = np.array([0, 8, 16, 24], dtype=np.uint32)
    above = _scaled(np.uint32(color) >> shifts, BEHIND_ALPHA)
    below = _scaled(ground[:, None] >> shifts, 255 - BEHIND_ALPHA)
    return np.asarray(((above + below) << shifts).sum(axis=1, dtype=np.uint32))


def _scaled(channel: Pixels, alpha: int) -> Pixels:
    product = (channel & np.uint32(0xFF)) * np.uint32(alpha)
    return (product + (product >> np.uint32(8)) + np.uint32(128)) >> np.uint32(8)


def fill_spans(lines: NDArray, row: Ints, left: NDArray, right: NDArray, value: NDArray) -> None:
    """Fills a stretch of a line for each value, both ends inside it; later ones lie above earlier ones."""
    if not len(row):
        return
    width = lines.shape[1]
    left, right = np.maximum(left, 0), np.minimum(right, width - 1)
    length = np.maximum(right - left + 1, 0).astype(np.int64)
    end = np.cumsum(length)
    if end[-1] > MAX_PIXELS_AT_ONCE and len(row) > 1:
        half = len(row) // 2
        fill_spans(lines, row[:half], left[:half], right[:half], value[:half])
        fill_spans(lines, row[half:], left[half:], right[half:], value[half:])
        return
    first = row * width + left - (end - length)
    lines.reshape(-1)[np.arange(end[-1]) + np.repeat(first, length)] = np.repeat(value, length)


def coverage(frame: Frame, notes: Notes, rows: Ints) -> Mask:
    """For each pitch, the highest first, the columns of pixels in which any of the notes sounds."""
    mask = np.zeros((PITCHES, frame.width_px), dtype=np.bool_)
    for first in range(0, len(rows), NOTES_AT_ONCE):
        some = rows[first : first + NOTES_AT_ONCE]
        left = np.rint(frame.ticks.to_x(notes.start_tick[some])).astype(np.int64)
        right = np.rint(frame.ticks.to_x(notes.end_tick[some])).astype(np.int64) - 1
        _cover(mask, HIGHEST_PITCH - notes.pitch[some], left, np.maximum(right, left))
    return mask


def _cover(mask: Mask, row: Ints, left: Ints, right: Ints) -> None:
    width = mask.shape[1]
    is_wide = right - left >= NARROW_PX
    fill_spans(mask, row[is_wide], left[is_wide], right[is_wide], np.ones(np.count_nonzero(is_wide), dtype=np.bool_))
    for column_px in range(NARROW_PX):  # most of a crowd is that narrow, and a column of all is one step
        x = left + column_px
        mask.reshape(-1)[(row * width + x)[(x <= right) & (x >= 0) & (x < width)]] = True


@dataclass(frozen=True, eq=False)
class Bands:
    """Which line each row of pixels shows.

    Attributes:
        line_of_y: For each row of pixels the number of its line.
        ground: For each line its colour: ``ROLL``, ``SHADED``, ``TONIC`` or ``ROW_LINE``.
        row: For each line its row of keys, 0 the highest.
        parts: For each of ``PARTS`` the lines that show it; the lines beyond the keys come after them.
    """

    line_of_y: Ints
    ground: Ints
    row: Ints
    parts: tuple[slice, ...]

    @cached_property
    def _lines_of_row(self) -> tuple[tuple[Ints, ...], ...]:
        """For each part, tables from rows to lines, -1 where a row has none: it may have two on different ground."""
        tables = []
        for where in self.parts:
            rows, lines, found = self.row[where], np.arange(where.start, where.stop), []
            while len(rows):
                first = np.flatnonzero(np.diff(rows, prepend=-1))
                table = np.full(PITCHES, -1)
                table[rows[first]] = lines[first]
                found.append(table)
                rows, lines = np.delete(rows, first), np.delete(lines, first)
            tables.append(tuple(found))
        return tuple(tables)

    def fill(self, lines: NDArray, part: int, pitch: Ints, boxes: Rectangles, value: NDArray) -> None:
        """Fills the width of boxes in the lines of a part of their rows; later ones lie above earlier ones."""
        for table in self._lines_of_row[part]:
            line = table[HIGHEST_PITCH - pitch]
            seen = line >= 0
            if seen.all():
                fill_spans(lines, line, boxes[:, 0], boxes[:, 2], value)
            else:
                fill_spans(lines, line[seen], boxes[seen, 0], boxes[seen, 2], value[seen])

    def cover(self, lines: NDArray, mask: Mask, value: int) -> None:
        """Fills whole rows, the gap between them included, in the columns of a mask with a line for each pitch."""
        for first in range(0, self.parts[-1].stop, LINES_AT_ONCE):
            rows = self.row[first : min(first + LINES_AT_ONCE, self.parts[-1].stop)]
            part = lines[first : first + len(rows)]
            chosen = mask[rows].astype(lines.dtype) * np.iinfo(lines.dtype).max  # bits: choosing by a mask takes longer
            part ^= (part ^ lines.dtype.type(value)) & chosen


def bands_of(frame: Frame, ground_of_pitch: Ints, *, has_edges: bool = True) -> Bands:
    """Where the rows of keys stand, and the line under each.

    ``has_edges``: the first and last lines of notes may look otherwise than the others.
    """
    y = np.arange(frame.height_px)
    tops = np.rint(frame.pitches.to_y(ALL_PITCHES[::-1])).astype(np.int64)  # the highest first
    row = np.maximum(np.searchsorted(tops, y, side="right") - 1, 0)
    depth = y - tops[row]
    is_body = (depth >= frame.line_px) & (depth <= max(frame.note_px - 1 - frame.line_px, frame.line_px))
    edge = NOTE_EDGE if has_edges else NOTE
    part = np.where(is_body, NOTE, np.where(depth < frame.note_px, edge, GAP))
    is_key = (y >= tops[0]) & (y < round(frame.pitches.to_y(-1)))
    part, row = np.where(is_key, part, NO_KEY), np.where(is_key, row, 0)
    ground = np.where(is_key, ground_of_pitch[HIGHEST_PITCH - row], ROLL)
    if frame.pitches.row_px >= MIN_RULED_ROW_PX * frame.scale:
        bottom = np.rint(frame.pitches.to_y(ALL_PITCHES - 1)).astype(np.int64) - 1  # right above the next row
        ground[bottom[(bottom >= 0) & (bottom < frame.height_px)]] = ROW_LINE
    first, line_of_y = _distinct((part * PITCHES + row) * len(GROUNDS) + ground)
    edges = np.searchsorted(part[first], [*PARTS, NO_KEY])
    parts = tuple(slice(int(low), int(high)) for low, high in pairwise(edges))
    return Bands(line_of_y, ground[first], row[first], parts)


def _distinct(values: Ints) -> tuple[Ints, Ints]:
    """Where each value comes first, and which of them each is; ``np.unique`` would load ``numpy.ma`` for that."""
    order = np.argsort(values, kind="stable")
    is_new = np.append(True, np.diff(values[order]) != 0)
    of_each = np.empty_like(order)
    of_each[order] = np.cumsum(is_new) - 1
    return order[is_new], of_each


@dataclass(frozen=True, eq=False)
class Ground:
    """Rows, lines of time and what lies behind, without the notes."""

    bands: Bands
    lines: Pixels

    @cached_property
    def _copy(self) -> Pixels:
        return np.empty_like(self.lines)

    def copy(self) -> Pixels:
        """The lines to draw upon; the next copy takes the same memory."""
        np.copyto(self._copy, self.lines)
        return self._copy

    def paint(self, lines: Pixels, picture: Pixels) -> None:
        """Copies lines to all rows of a picture, or of a part of one that is as wide as they are."""
        if picture.flags.c_contiguous:
            np.take(lines, self.bands.line_of_y, axis=0, out=picture, mode="clip")
        else:
            picture[:] = lines[self.bands.line_of_y]


def ground_kinds(frame: Frame, lines: GridLines) -> NDArray[np.uint8]:
    """Which of ``GROUNDS`` each pixel of a line shows; a line for each colour that a row can have."""
    kinds = np.repeat(np.arange(STEP, dtype=np.uint8)[:, None], frame.width_px, axis=1)
    for ticks, kind in ((lines.step_ticks, STEP), (lines.beat_ticks, BEAT), (lines.bar_ticks, BAR)):
        x = np.rint(frame.ticks.to_x(ticks)).astype(np.int64)
        kinds[:, x[(x >= 0) & (x < frame.width_px)]] = kind
    return kinds


def mixed_colors(ground: Pixels, behind_colors: Sequence[int]) -> Pixels:
    """The colours of ``GROUNDS``, and after them the same under each of the colours of what lies behind."""
    return np.concatenate([ground, *(behind(ground, color) for color in behind_colors)])
