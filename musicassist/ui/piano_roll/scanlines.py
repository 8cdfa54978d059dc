"""The roll's picture as scan lines: its rows of pixels are copies of a few lines, and NumPy fills those. No Qt.

Ten thousand notes are some hundred thousand pixels of such lines, but millions of pixels of the picture: Qt filled each
note as often as its row is high, and drew rows and grid under it anew at every scroll.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from musicassist.score.song import Mask, Notes
from musicassist.ui.piano_roll.geometry import ALL_PITCHES, HIGHEST_PITCH, Frame, GridLines, Ints, Rectangles

Pixels = NDArray[np.uint32]  # opaque, 0xffrrggbb
NO_PIXEL = np.uint32(0)
PITCHES = HIGHEST_PITCH + 1
ROLL, SHADED, TONIC, ROW_LINE, STEP, BEAT, BAR = GROUNDS = range(7)  # the colours of the ground
NOTE, NOTE_EDGE, GAP = PARTS = range(3)  # of a row of keys: a note's body, its first and last line, the ground after it
NO_KEY = len(PARTS)  # above the highest row and below the lowest
BEHIND_ALPHA = 63  # of 255: a quarter, as Qt rounds it for pictures
MAX_PIXELS_AT_ONCE = 1 << 21  # LIMIT of memory: long notes that lie on each other may have any number
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
    width = frame.width_px
    left = np.clip(np.rint(frame.ticks.to_x(notes.start_tick[rows])), 0, width - 1).astype(np.int64)
    right = np.clip(np.rint(frame.ticks.to_x(notes.end_tick[rows])), 1, width).astype(np.int64)
    line = (HIGHEST_PITCH - notes.pitch[rows]) * (width + 1)
    size = PITCHES * (width + 1)
    steps = np.bincount(line + left, minlength=size) - np.bincount(line + np.maximum(right, left + 1), minlength=size)
    return np.asarray(np.cumsum(steps.reshape(PITCHES, width + 1), axis=1)[:, :width] > 0)


class Layer:
    """What lies on the lines of the rows of keys: a value for each pixel, 0 where nothing lies."""

    def __init__(self, width_px: int, kind: type, *, has_edges: bool = False) -> None:
        """``has_edges``: the first and last lines of notes look otherwise than their bodies."""
        self._width_px, self._kind, self._has_edges = width_px, kind, has_edges
        self._parts: dict[int, NDArray] = {}

    def part(self, part: int) -> NDArray:
        """The lines of a part, one for each pitch, the highest first."""
        part = NOTE if part == NOTE_EDGE and not self._has_edges else part
        if part not in self._parts:
            self._parts[part] = np.zeros((PITCHES, self._width_px), dtype=self._kind)
        return self._parts[part]

    def has(self, part: int) -> bool:
        """Whether anything may lie on a part."""
        return (NOTE if part == NOTE_EDGE and not self._has_edges else part) in self._parts

    def cover(self, mask: Mask, value: int) -> None:
        """Fills whole rows, the gap between them included, where the mask says so."""
        for part in PARTS:
            self.part(part)[mask] = value

    def add_boxes(self, pitch: Ints, boxes: Rectangles, value: NDArray, parts: tuple[int, ...] = (NOTE,)) -> None:
        """Fills the width of boxes in their rows; later ones lie above earlier ones."""
        for part in parts:
            fill_spans(self.part(part), HIGHEST_PITCH - pitch, boxes[:, 0], boxes[:, 2], value)


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


def bands_of(frame: Frame, ground_of_pitch: Ints) -> Bands:
    """Where the rows of keys stand, and the line under each."""
    y = np.arange(frame.height_px)
    tops = np.rint(frame.pitches.to_y(ALL_PITCHES[::-1])).astype(np.int64)  # the highest first
    row = np.maximum(np.searchsorted(tops, y, side="right") - 1, 0)
    depth = y - tops[row]
    is_body = (depth >= frame.line_px) & (depth <= max(frame.note_px - 1 - frame.line_px, frame.line_px))
    part = np.where(is_body, NOTE, np.where(depth < frame.note_px, NOTE_EDGE, GAP))
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

    def with_notes(self, layer: Layer) -> Pixels:
        """The lines with notes upon them."""
        lines = self.lines.copy()
        for part, where in enumerate(self.bands.parts):
            if layer.has(part):
                above = layer.part(part)[self.bands.row[where]]
                np.copyto(lines[where], above, where=above != NO_PIXEL)
        return lines

    def paint(self, lines: Pixels, picture: Pixels) -> None:
        """Copies lines to all rows of a picture."""
        np.take(lines, self.bands.line_of_y, axis=0, out=picture, mode="clip")


def ground_of(
    frame: Frame,
    ground_of_pitch: Ints,
    lines: GridLines,
    colors: Pixels,
    layer: Layer | None = None,
    behind_colors: tuple[int, ...] = (),
) -> Ground:
    """The ground of a picture.

    Args:
        frame: Where things stand in it.
        ground_of_pitch: ``ROLL``, ``SHADED`` or ``TONIC`` for each pitch.
        lines: The lines of time in view.
        colors: The pixel of each of ``GROUNDS``.
        layer: What lies behind: numbers of ``behind_colors`` from 1 on, as bytes.
        behind_colors: Their colours, which are mixed into the ground.
    """
    bands = bands_of(frame, ground_of_pitch)
    kinds = np.repeat(np.arange(STEP, dtype=np.uint8)[:, None], frame.width_px, axis=1)
    for ticks, kind in ((lines.step_ticks, STEP), (lines.beat_ticks, BEAT), (lines.bar_ticks, BAR)):
        x = np.rint(frame.ticks.to_x(ticks)).astype(np.int64)
        kinds[:, x[(x >= 0) & (x < frame.width_px)]] = kind
    if layer is None:
        return Ground(bands, colors[kinds][bands.ground])
    mixed = np.concatenate([colors, *(behind(colors, color) for color in behind_colors)])
    shown = kinds[bands.ground]
    for part, where in enumerate(bands.parts):
        if layer.has(part):
            shown[where] += layer.part(part)[bands.row[where]] * np.uint8(len(GROUNDS))
    return Ground(bands, mixed[shown])
