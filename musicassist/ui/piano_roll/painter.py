"""The roll's picture: the ground with what lies behind, and the notes of the edited track."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PySide6.QtGui import QColor, QImage, QPainter

from musicassist.score.grid import SongGrid
from musicassist.score.song import Mask, Notes
from musicassist.score.theory import SCALES, Key, pitch_names
from musicassist.ui.piano_roll.batches import (
    DARK_INK,
    LIGHT_INK,
    SHADES,
    Shades,
    draw_sprites,
    fill_rectangles,
    has_light_ink,
    name_sheet,
    note_ends,
    rectangles,
    shade_colors,
    shade_of,
    sprites,
)
from musicassist.ui.piano_roll.geometry import ALL_PITCHES, Frame, Rectangles, lines_between
from musicassist.ui.piano_roll.note_index import NoteIndex
from musicassist.ui.piano_roll.scanlines import (
    NOTE,
    NOTE_EDGE,
    ROLL,
    SHADED,
    TONIC,
    Ground,
    Layer,
    Pixels,
    coverage,
    ground_of,
    pixel,
)
from musicassist.ui.theme import VELOCITY_SHADES, Theme

BLACK_KEYS = (1, 3, 6, 8, 10)
IS_BLACK_KEY = np.isin(ALL_PITCHES % 12, BLACK_KEYS)
MAX_ROUNDED = 3_000  # LIMIT above it notes get square ends and no names, and are filled in scan lines
MAX_SHADED = 20_000  # LIMIT above it notes fill their rows in one colour, as they do when narrower than two pixels
RADIUS_PX = 3
MIN_ROUNDED_ROW_PX, MIN_NAMED_ROW_PX = 7, 12
Look = Literal["rounded", "square", "crowded"]


def pixels_of(image: QImage) -> Pixels:
    """The memory of a picture of 32 bits a pixel, to write into; only while no painter is at work on it."""
    return np.frombuffer(image.bits(), dtype=np.uint32).reshape(image.height(), image.width())


def paint_ground(
    frame: Frame, theme: Theme, key: Key | None, grid: SongGrid, layers: tuple[tuple[int, NoteIndex], ...] = ()
) -> Ground:
    """Rows, lines of time and what lies behind: all notes of a colour as one track, with that track's number."""
    if key is None or SCALES[key.scale] == SCALES["chromatic"]:
        rows = np.where(IS_BLACK_KEY, SHADED, ROLL)
        shaded = theme.black_key_row
    else:
        rows = np.where(np.isin(ALL_PITCHES % 12, list(key.pitch_classes)), ROLL, SHADED)
        rows[key.tonic == ALL_PITCHES % 12] = TONIC
        shaded = theme.outside_row
    lines = lines_between(grid, *frame.span, frame.ticks.pixels_per_tick, min_gap_px=7 * frame.scale)
    names = theme.roll, shaded, theme.tonic_row, theme.row_line, theme.grid_line, theme.beat_line, theme.bar_line
    colors = np.array([pixel(name) for name in names], dtype=np.uint32)
    if not layers:
        return ground_of(frame, rows, lines, colors)
    layer = Layer(frame.width_px, np.uint8)
    for number, (_, index) in enumerate(layers, start=1):
        seen = index.rows_between(*frame.span)
        if look_of(frame, index.notes, seen) == "crowded":
            layer.cover(coverage(frame, index.notes, seen), number)
        else:
            boxes = frame.boxes(index.notes, seen)
            layer.add_boxes(index.notes.pitch[seen], boxes, np.full(len(seen), number, dtype=np.uint8))
    return ground_of(frame, rows, lines, colors, layer, tuple(pixel(theme.note_color(n, 100)) for n, _ in layers))


def paint_notes(
    picture: QImage, ground: Ground, frame: Frame, theme: Theme, index: NoteIndex, track_index: int, key: Key | None
) -> None:
    """Fills a picture (32 bits a pixel) with the ground and the edited track, its selected notes above the others."""
    rows = index.rows_between(*frame.span)
    look = look_of(frame, index.notes, rows)
    if look == "crowded":
        ground.paint(ground.with_notes(_crowd(frame, theme, index, rows, track_index)), pixels_of(picture))
        return
    shade = shade_of(index.notes.velocity[rows], index.selection[rows])
    order = np.argsort(shade, kind="stable")  # the shades of selected notes come last, so these lie above
    rows = rows[order]
    batch = _Batch(frame.boxes(index.notes, rows), shade[order], index.notes.pitch[rows])
    if look == "square":
        ground.paint(ground.with_notes(_squares(frame, theme, batch, track_index)), pixels_of(picture))
    else:
        ground.paint(ground.lines, pixels_of(picture))
    painter = QPainter(picture)
    _NotesPainter(painter, frame, theme, track_index, key).paint(batch, is_rounded=look == "rounded")
    painter.end()


def look_of(frame: Frame, notes: Notes, rows: NDArray[np.int64]) -> Look:
    """How notes in view are drawn: the more there are, the plainer."""
    if len(rows) > MAX_SHADED:
        return "crowded"
    if len(rows) >= MAX_ROUNDED and notes.duration_ticks[rows].mean() * frame.ticks.pixels_per_tick < 2 * frame.scale:
        return "crowded"
    is_low = frame.pitches.row_px < MIN_ROUNDED_ROW_PX * frame.scale
    return "square" if len(rows) > MAX_ROUNDED or is_low else "rounded"


def _crowd(frame: Frame, theme: Theme, index: NoteIndex, rows: NDArray[np.int64], track_index: int) -> Layer:
    """Notes beyond counting: each column of a row is filled if anything sounds there."""
    layer = Layer(frame.width_px, np.uint32)
    is_selected = index.selection[rows]
    layer.cover(coverage(frame, index.notes, rows[~is_selected]), pixel(theme.note_color(track_index, 90)))
    if is_selected.any():
        color = pixel(theme.note_color(track_index, 110, is_selected=True))
        layer.cover(coverage(frame, index.notes, rows[is_selected]), color)
    return layer


@dataclass(frozen=True, eq=False)
class _Batch:
    """Notes to draw, in the order of their shades."""

    boxes: Rectangles
    shade: Shades
    pitch: NDArray[np.int64]

    def where(self, mask: Mask) -> _Batch:
        return _Batch(self.boxes[mask], self.shade[mask], self.pitch[mask])

    @property
    def first_selected(self) -> int:
        return int(np.searchsorted(self.shade, VELOCITY_SHADES))


def _squares(frame: Frame, theme: Theme, batch: _Batch, track_index: int) -> Layer:
    """Notes in their shades; selected ones lie on their outline, which they leave free on all sides."""
    first, line_px = batch.first_selected, frame.line_px
    layer = Layer(frame.width_px, np.uint32, has_edges=first < len(batch.shade))
    colors = np.array([pixel(color) for color in shade_colors(theme, track_index)], dtype=np.uint32)
    pitch, boxes, color = batch.pitch, batch.boxes, colors[batch.shade]
    outline = np.full(len(boxes) - first, pixel(theme.selected_outline), dtype=np.uint32)
    layer.add_boxes(pitch[first:], boxes[first:], outline, (NOTE, NOTE_EDGE) if len(outline) else ())
    layer.add_boxes(pitch[:first], boxes[:first], color[:first], (NOTE, NOTE_EDGE) if len(outline) else (NOTE,))
    inner = boxes[first:] + np.array([line_px, 0, -line_px, 0], dtype=np.int32)
    inner[:, 2] = np.maximum(inner[:, 2], inner[:, 0])
    layer.add_boxes(pitch[first:], inner, color[first:])
    return layer


@dataclass(frozen=True, eq=False)
class _NotesPainter:
    """Draws batches of notes of one track."""

    painter: QPainter
    frame: Frame
    theme: Theme
    track_index: int
    key: Key | None

    def paint(self, batch: _Batch, *, is_rounded: bool) -> None:
        if is_rounded:
            self._paint_rounded(batch)
            self._paint_names(batch)
        self._paint_outside_marks(batch)

    def _paint_square(self, batch: _Batch, *, inset_sides: bool) -> None:
        """One call for each shade; selected notes lie on their outline."""
        first_selected, line_px = batch.first_selected, self.frame.line_px
        fill_rectangles(self.painter, batch.boxes[first_selected:], QColor(self.theme.selected_outline))
        inner = batch.boxes.copy()
        side_px = line_px if inset_sides else 0
        inner[first_selected:] += np.array([side_px, line_px, -side_px, -line_px], dtype=np.int32)
        inner[:, 2:] = np.maximum(inner[:, 2:], inner[:, :2])
        edges = np.searchsorted(batch.shade, np.arange(SHADES + 1))
        colors = shade_colors(self.theme, self.track_index)
        for color, first, last in zip(colors, edges[:-1], edges[1:], strict=True):
            if last > first:
                fill_rectangles(self.painter, inner[first:last], QColor(color))

    def _paint_rounded(self, batch: _Batch) -> None:
        """Square middles, and round ends cut from a sheet."""
        radius_px = round(RADIUS_PX * self.frame.scale)
        is_wide = batch.boxes[:, 2] - batch.boxes[:, 0] + 1 >= 2 * radius_px
        self._paint_square(batch.where(~is_wide), inset_sides=True)
        wide = batch.where(is_wide)
        middle = wide.boxes + np.array([radius_px, 0, -radius_px, 0], dtype=np.int32)
        has_middle = middle[:, 2] >= middle[:, 0]
        self._paint_square(_Batch(middle, wide.shade, wide.pitch).where(has_middle), inset_sides=False)
        height_px = self.frame.note_px
        sheet = note_ends(self.theme, self.track_index, height_px, radius_px, self.frame.line_px)
        for left, source_left in ((wide.boxes[:, 0], 0), (wide.boxes[:, 2] + 1 - radius_px, radius_px)):
            source_top = wide.shade * float(height_px)
            table = sprites(left, wide.boxes[:, 1], source_left, source_top, radius_px, height_px)
            draw_sprites(self.painter, table, sheet)

    def _paint_names(self, batch: _Batch) -> None:
        """Note names inside the notes that are wide enough, at the edge of the view in those that begin before it."""
        if self.frame.pitches.row_px < MIN_NAMED_ROW_PX * self.frame.scale:
            return
        pad_px = round(5 * self.frame.scale)
        left = np.maximum(batch.boxes[:, 0], 0)
        room_px = batch.boxes[:, 2] - left - 2 * pad_px
        names = pitch_names(self.key)
        light = has_light_ink(self.theme, self.track_index)[batch.shade]
        for is_light in (False, True):
            sheet, widths, line_px = name_sheet(self.frame.scale, names, is_light=is_light)
            fits = (light == is_light) & (room_px > widths[batch.pitch])
            top = batch.boxes[fits, 1] + (self.frame.note_px - line_px) // 2
            pitch = batch.pitch[fits]
            table = sprites(left[fits] + pad_px, top, 0, pitch * line_px, widths[pitch], line_px)
            draw_sprites(self.painter, table, sheet)

    def _paint_outside_marks(self, batch: _Batch) -> None:
        """A small dot at the end of each note outside the scale."""
        if self.key is None:
            return
        side = max(2, round(3 * self.frame.scale))
        outside = ~np.isin(batch.pitch % 12, [*self.key.pitch_classes, *self.key.leading_steps])
        outside &= batch.boxes[:, 2] - batch.boxes[:, 0] >= 2 * side
        light = has_light_ink(self.theme, self.track_index)[batch.shade]
        for is_light, ink in ((False, DARK_INK), (True, LIGHT_INK)):
            boxes = batch.boxes[outside & (light == is_light)]
            top = (boxes[:, 1] + boxes[:, 3] + 1 - side) // 2
            table = rectangles(boxes[:, 2] - 2 * side + 2, top, np.full(len(boxes), side), side)
            fill_rectangles(self.painter, table, QColor(ink))
