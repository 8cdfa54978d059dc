"""Draws the roll's ground: rows of keys, shading of the scale, lines of time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRect
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
from musicassist.ui.piano_roll.geometry import ALL_PITCHES, HIGHEST_PITCH, Frame, Rectangles, lines_between
from musicassist.ui.piano_roll.note_index import NoteIndex
from musicassist.ui.theme import VELOCITY_SHADES, Theme

BLACK_KEYS = (1, 3, 6, 8, 10)
IS_BLACK_KEY = np.isin(ALL_PITCHES % 12, BLACK_KEYS)
LEAST_ROW_PX = 8  # rows lower than this have no line between them


def paint_ground(painter: QPainter, frame: Frame, theme: Theme, key: Key | None, grid: SongGrid) -> None:
    """The rows and the lines of time, each line one device pixel."""
    _paint_rows(painter, frame, theme, key)
    from_tick, to_tick = frame.span
    lines = lines_between(grid, from_tick, to_tick, frame.ticks.pixels_per_tick, min_gap_px=7 * frame.scale)
    for ticks, color in (
        (lines.step_ticks, theme.grid_line),
        (lines.beat_ticks, theme.beat_line),
        (lines.bar_ticks, theme.bar_line),
    ):
        x = frame.ticks.to_x(ticks)
        table = rectangles(x, np.zeros_like(x), np.ones_like(x), float(frame.height_px))
        fill_rectangles(painter, table, QColor(color))


def _paint_rows(painter: QPainter, frame: Frame, theme: Theme, key: Key | None) -> None:
    painter.fillRect(QRect(0, 0, frame.width_px, frame.height_px), QColor(theme.roll))
    if key is None or SCALES[key.scale] == SCALES["chromatic"]:
        _fill_rows(painter, frame, IS_BLACK_KEY, theme.black_key_row)
    else:
        _fill_rows(painter, frame, ~np.isin(ALL_PITCHES % 12, list(key.pitch_classes)), theme.outside_row)
        _fill_rows(painter, frame, np.equal(ALL_PITCHES % 12, key.tonic), theme.tonic_row)
    if frame.pitches.row_px >= LEAST_ROW_PX * frame.scale:
        bottom = frame.pitches.to_y(ALL_PITCHES) + frame.pitches.row_px - 1
        _fill_bands(painter, frame, bottom, 1, theme.row_line)


def _fill_rows(painter: QPainter, frame: Frame, which: Mask, color: str) -> None:
    _fill_bands(painter, frame, frame.pitches.to_y(ALL_PITCHES[which]), frame.pitches.row_px, color)


def _fill_bands(painter: QPainter, frame: Frame, top: np.ndarray, height_px: float, color: str) -> None:
    """Bands over the whole width; those out of sight are left out."""
    top = top[(top < frame.height_px) & (top + height_px > 0)]
    wide = np.full(len(top), float(frame.width_px))
    fill_rectangles(painter, rectangles(np.zeros_like(top), top, wide, height_px), QColor(color))


MOST_ROUNDED = 3_000  # LIMIT above it notes get square ends and no names
MOST_RECTANGLES = 20_000  # LIMIT above it notes become a raster, as they do when they are narrower than two pixels
OTHER_TRACKS_ALPHA = 0.25
RADIUS_PX = 3
LEAST_ROUNDED_ROW_PX, LEAST_NAMED_ROW_PX = 7, 12


def paint_other_track(painter: QPainter, frame: Frame, theme: Theme, index: NoteIndex, track_index: int) -> None:
    """The notes of a track that is not edited, opaque; the layer of all such tracks is drawn with their alpha."""
    rows = index.rows_between(*frame.span)
    color = QColor(theme.note_color(track_index, 100))
    if _is_crowded(frame, index.notes, rows):
        _paint_raster(painter, frame, index.notes, rows, color)
    else:
        fill_rectangles(painter, frame.boxes(index.notes, rows), color)


def paint_notes(
    painter: QPainter, frame: Frame, theme: Theme, index: NoteIndex, track_index: int, key: Key | None
) -> None:
    """The notes of the edited track, the selected ones above the others."""
    rows = index.rows_between(*frame.span)
    if _is_crowded(frame, index.notes, rows):
        is_selected = index.selection[rows]
        color = theme.note_color(track_index, 90)
        _paint_raster(painter, frame, index.notes, rows[~is_selected], QColor(color))
        color = theme.note_color(track_index, 110, is_selected=True)
        _paint_raster(painter, frame, index.notes, rows[is_selected], QColor(color))
        return
    shade = shade_of(index.notes.velocity[rows], index.selection[rows])
    order = np.argsort(shade, kind="stable")  # the shades of selected notes come last, so these lie above
    rows = rows[order]
    batch = _Batch(frame.boxes(index.notes, rows), shade[order], index.notes.pitch[rows])
    _NotesPainter(painter, frame, theme, track_index, key).paint(batch)


def _is_crowded(frame: Frame, notes: Notes, rows: NDArray[np.int64]) -> bool:
    if len(rows) > MOST_RECTANGLES:
        return True
    if len(rows) < MOST_ROUNDED:
        return False
    return bool(notes.duration_ticks[rows].mean() * frame.ticks.pixels_per_tick < 2 * frame.scale)


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


@dataclass(frozen=True, eq=False)
class _NotesPainter:
    """Draws batches of notes of one track."""

    painter: QPainter
    frame: Frame
    theme: Theme
    track_index: int
    key: Key | None

    def paint(self, batch: _Batch) -> None:
        if len(batch.shade) > MOST_ROUNDED or self.frame.pitches.row_px < LEAST_ROUNDED_ROW_PX * self.frame.scale:
            self._paint_square(batch, inset_sides=True)
        else:
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
        if self.frame.pitches.row_px < LEAST_NAMED_ROW_PX * self.frame.scale:
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


def _paint_raster(painter: QPainter, frame: Frame, notes: Notes, rows: NDArray[np.int64], color: QColor) -> None:
    """Notes beyond counting: each pixel column of each row is filled if anything sounds there."""
    if len(rows):
        row_px = round(frame.pitches.row_px)
        top = round(frame.pitches.to_y(HIGHEST_PITCH))
        target = QRect(0, top, frame.width_px, row_px * (HIGHEST_PITCH + 1))
        painter.drawImage(target, coverage_image(frame, notes, rows, color))


def coverage_image(frame: Frame, notes: Notes, rows: NDArray[np.int64], color: QColor) -> QImage:
    """One line of pixels for each pitch, the highest on top; as wide as the frame."""
    width = frame.width_px
    left = np.clip(np.rint(frame.ticks.to_x(notes.start_tick[rows])), 0, width - 1).astype(np.int64)
    right = np.clip(np.rint(frame.ticks.to_x(notes.end_tick[rows])), 1, width).astype(np.int64)
    line = (HIGHEST_PITCH - notes.pitch[rows]) * (width + 1)
    size = (HIGHEST_PITCH + 1) * (width + 1)
    steps = np.bincount(line + left, minlength=size) - np.bincount(line + np.maximum(right, left + 1), minlength=size)
    sounding = np.cumsum(steps.reshape(HIGHEST_PITCH + 1, width + 1), axis=1)[:, :width] > 0
    pixels = np.where(sounding, np.uint32(_premultiplied(color)), np.uint32(0))
    image = QImage(pixels.data, width, HIGHEST_PITCH + 1, 4 * width, QImage.Format.Format_ARGB32_Premultiplied)
    return image.copy()  # Qt does not keep NumPy's memory alive


def _premultiplied(color: QColor) -> int:
    alpha = color.alphaF()
    red, green, blue = (round(channel * alpha) for channel in (color.red(), color.green(), color.blue()))
    return (color.alpha() << 24) | (red << 16) | (green << 8) | blue
