"""Draws the roll's ground and its notes, in device pixels, with a handful of calls whatever their number."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRect
from PySide6.QtGui import QColor, QImage, QPainter

from musicassist.score.song import Mask, Notes
from musicassist.score.theory import SCALES, Key
from musicassist.ui.piano_roll.batches import Rectangles, draw_sprites, fill_rectangles, rectangles, sprites
from musicassist.ui.piano_roll.geometry import HIGHEST_PITCH, Grid, PitchTransform, TickTransform, lines_between
from musicassist.ui.piano_roll.note_index import NoteIndex
from musicassist.ui.piano_roll.sprites import SHADES, Shades, has_light_ink, name_sheet, note_ends, shade_colors, shade_of
from musicassist.ui.theme import VELOCITY_SHADES, Theme

BLACK_KEYS = (1, 3, 6, 8, 10)
ALL_PITCHES = np.arange(HIGHEST_PITCH + 1, dtype=np.int64)
MOST_ROUNDED = 3_000  # LIMIT above it notes get square ends and no names
MOST_RECTANGLES = 20_000  # LIMIT above it notes become a raster, as they do when they are narrower than two pixels
OTHER_TRACKS_ALPHA = 0.25


@dataclass(frozen=True, slots=True)
class Frame:
    """The part of the music that is drawn, in device pixels.

    Attributes:
        ticks, pitches: Where things stand.
        width_px, height_px: Size of the picture.
        scale: Device pixels to the logical one.
    """

    ticks: TickTransform
    pitches: PitchTransform
    width_px: int
    height_px: int
    scale: float

    @property
    def span(self) -> tuple[float, float]:
        """First and last tick in the picture."""
        return self.ticks.to_tick(0), self.ticks.to_tick(self.width_px)

    @property
    def line_px(self) -> int:
        """A thin line."""
        return max(1, int(self.scale))

    def boxes(self, notes: Notes, rows: NDArray | slice) -> Rectangles:
        """The rectangle of each note; a pixel of ground stays free below and after it."""
        edge_px = round(16 * self.scale)  # the ends of longer notes lie out of sight
        left = np.rint(self.ticks.to_x(notes.start_tick[rows]))
        right = np.rint(self.ticks.to_x(notes.end_tick[rows]))
        right -= (right - left > 4 * self.line_px) * self.line_px
        table = np.empty((len(left), 4), dtype=np.int32)
        table[:, 0] = np.maximum(left, -edge_px)
        table[:, 2] = np.minimum(right, self.width_px + edge_px)
        np.maximum(table[:, 2] - 1, table[:, 0], out=table[:, 2])
        table[:, 1] = np.rint(self.pitches.to_y(ALL_PITCHES)).astype(np.int32)[notes.pitch[rows]]
        table[:, 3] = table[:, 1] + max(0, round(self.pitches.row_px) - self.line_px - 1)
        return table


def paint_ground(painter: QPainter, frame: Frame, theme: Theme, key: Key | None, grid: Grid) -> None:
    """The rows and the lines of time."""
    _paint_rows(painter, frame, theme, key)
    from_tick, to_tick = frame.span
    lines = lines_between(grid, from_tick, to_tick, frame.ticks.pixels_per_tick, min_gap_px=7 * frame.scale)
    for ticks, color in (
        (lines.step_ticks, theme.grid_line),
        (lines.beat_ticks, theme.beat_line),
        (lines.bar_ticks, theme.bar_line),
    ):
        x = frame.ticks.to_x(ticks)
        table = rectangles(x, np.zeros_like(x), np.full_like(x, frame.line_px), float(frame.height_px))
        fill_rectangles(painter, table, QColor(color))


def _paint_rows(painter: QPainter, frame: Frame, theme: Theme, key: Key | None) -> None:
    painter.fillRect(QRect(0, 0, frame.width_px, frame.height_px), QColor(theme.roll))
    pitch_class = ALL_PITCHES % 12
    if key is None or SCALES[key.scale] == SCALES["chromatic"]:
        _fill_rows(painter, frame, np.isin(pitch_class, BLACK_KEYS), theme.black_key_row)
    else:
        _fill_rows(painter, frame, ~np.isin(pitch_class, list(key.pitch_classes)), theme.outside_row)
        _fill_rows(painter, frame, pitch_class == key.tonic, theme.tonic_row)
    if frame.pitches.row_px >= 8 * frame.scale:
        top = frame.pitches.to_y(ALL_PITCHES) + frame.pitches.row_px - frame.line_px
        wide = np.full(len(top), float(frame.width_px))
        fill_rectangles(painter, rectangles(np.zeros_like(top), top, wide, frame.line_px), QColor(theme.row_line))


def _fill_rows(painter: QPainter, frame: Frame, which: Mask, color: str) -> None:
    top = frame.pitches.to_y(ALL_PITCHES[which])
    wide = np.full(len(top), float(frame.width_px))
    fill_rectangles(painter, rectangles(np.zeros_like(top), top, wide, frame.pitches.row_px), QColor(color))


def paint_other_track(painter: QPainter, frame: Frame, theme: Theme, index: NoteIndex, track_index: int) -> None:
    """The notes of a track that is not edited, as ghosts."""
    rows = index.rows_between(*frame.span)
    color = QColor(theme.note_color(track_index, 100))
    color.setAlphaF(OTHER_TRACKS_ALPHA)
    if _is_crowded(frame, index.notes, rows):
        _paint_raster(painter, frame, index.notes, rows, color)
    else:
        fill_rectangles(painter, frame.boxes(index.notes, rows), color)


def paint_notes(
    painter: QPainter, frame: Frame, theme: Theme, index: NoteIndex, track_index: int, key: Key | None
) -> None:
    """The notes of the edited track, the selected ones above the others."""
    notes = index.notes
    rows = index.rows_between(*frame.span)
    if _is_crowded(frame, notes, rows):
        is_selected = index.selection[rows]
        for part, color in zip(
            (rows[~is_selected], rows[is_selected]),
            (theme.note_color(track_index, 90), theme.note_color(track_index, 110, is_selected=True)),
            strict=True,
        ):
            _paint_raster(painter, frame, notes, part, QColor(color))
        return
    shade = shade_of(notes.velocity[rows], index.selection[rows])
    order = np.argsort(shade, kind="stable")
    rows, shade = rows[order], shade[order]
    boxes = frame.boxes(notes, rows)
    if len(rows) > MOST_ROUNDED or frame.pitches.row_px < 7 * frame.scale:
        _paint_square(painter, theme, track_index, boxes, shade, frame)
    else:
        _paint_rounded(painter, theme, track_index, boxes, shade, frame)
        _paint_names(painter, theme, track_index, boxes, shade, notes.pitch[rows], frame, key)
    if key is not None:
        _paint_outside_marks(painter, theme, track_index, boxes, shade, notes.pitch[rows], frame, key)


def _is_crowded(frame: Frame, notes: Notes, rows: NDArray[np.int64]) -> bool:
    if len(rows) > MOST_RECTANGLES:
        return True
    if len(rows) < MOST_ROUNDED:
        return False
    return bool(notes.duration_ticks[rows].mean() * frame.ticks.pixels_per_tick < 2 * frame.scale)


def _paint_square(
    painter: QPainter, theme: Theme, track_index: int, boxes: Rectangles, shade: Shades, frame: Frame
) -> None:
    """One batch for each shade; selected notes lie on their outline."""
    colors = shade_colors(theme, track_index)
    edges = np.searchsorted(shade, np.arange(SHADES + 1))
    first_selected = int(edges[VELOCITY_SHADES])
    fill_rectangles(painter, boxes[first_selected:], QColor(theme.selected_outline))
    inner = boxes.copy()
    inner[first_selected:] = _inset(boxes[first_selected:], frame.line_px)
    for color, first, last in zip(colors, edges[:-1], edges[1:], strict=True):
        if last > first:
            fill_rectangles(painter, inner[first:last], QColor(color))


def _inset(boxes: Rectangles, by_px: int) -> Rectangles:
    inner = boxes + np.array([by_px, by_px, -by_px, -by_px], dtype=np.int32)
    inner[:, 2:] = np.maximum(inner[:, 2:], inner[:, :2])
    return inner


def _paint_rounded(
    painter: QPainter, theme: Theme, track_index: int, boxes: Rectangles, shade: Shades, frame: Frame
) -> None:
    """Square middles, and round ends cut from a sheet."""
    radius_px = round(3 * frame.scale)
    height_px = int(round(frame.pitches.row_px) - frame.line_px)
    is_wide = boxes[:, 2] - boxes[:, 0] + 1 >= 2 * radius_px
    _paint_square(painter, theme, track_index, boxes[~is_wide], shade[~is_wide], frame)
    boxes, shade = boxes[is_wide], shade[is_wide]
    middle = boxes + np.array([radius_px, 0, -radius_px, 0], dtype=np.int32)
    is_long = middle[:, 2] >= middle[:, 0]
    _paint_middles(painter, theme, track_index, middle[is_long], shade[is_long], frame)
    sheet = note_ends(theme, track_index, height_px, radius_px, frame.line_px)
    for left, source_left in ((boxes[:, 0], 0), (boxes[:, 2] + 1 - radius_px, radius_px)):
        table = sprites(left, boxes[:, 1], source_left, shade * float(height_px), radius_px, height_px)
        draw_sprites(painter, table, sheet)


def _paint_middles(
    painter: QPainter, theme: Theme, track_index: int, boxes: Rectangles, shade: Shades, frame: Frame
) -> None:
    first_selected = int(np.searchsorted(shade, VELOCITY_SHADES))
    fill_rectangles(painter, boxes[first_selected:], QColor(theme.selected_outline))
    inner = boxes.copy()
    inner[first_selected:] += np.array([0, frame.line_px, 0, -frame.line_px], dtype=np.int32)
    edges = np.searchsorted(shade, np.arange(SHADES + 1))
    for color, first, last in zip(shade_colors(theme, track_index), edges[:-1], edges[1:], strict=True):
        if last > first:
            fill_rectangles(painter, inner[first:last], QColor(color))


def _paint_names(
    painter: QPainter,
    theme: Theme,
    track_index: int,
    boxes: Rectangles,
    shade: Shades,
    pitch: NDArray[np.int64],
    frame: Frame,
    key: Key | None,
) -> None:
    """Note names inside the notes that are wide enough."""
    if frame.pitches.row_px < 12 * frame.scale:
        return
    light = has_light_ink(theme, track_index)[shade]
    for is_light in (False, True):
        flats = key is not None and key.uses_flats
        sheet, widths, line_px = name_sheet(frame.scale, uses_flats=flats, is_light=is_light)
        pad_px = round(5 * frame.scale)
        left = np.maximum(boxes[:, 0], 0)
        fits = (light == is_light) & (boxes[:, 2] - left > widths[pitch] + 2 * pad_px)
        top = boxes[fits, 1] + (boxes[fits, 3] - boxes[fits, 1] + 1 - line_px) // 2
        name = pitch[fits]
        draw_sprites(painter, sprites(left[fits] + pad_px, top, 0, name * line_px, widths[name], line_px), sheet)


def _paint_outside_marks(
    painter: QPainter,
    theme: Theme,
    track_index: int,
    boxes: Rectangles,
    shade: Shades,
    pitch: NDArray[np.int64],
    frame: Frame,
    key: Key,
) -> None:
    """A small dot at the end of each note outside the scale."""
    side = max(2, round(3 * frame.scale))
    outside = ~np.isin(pitch % 12, list(key.pitch_classes)) & (boxes[:, 2] - boxes[:, 0] >= 3 * side)
    light = has_light_ink(theme, track_index)[shade]
    for is_light in (False, True):
        chosen = boxes[outside & (light == is_light)]
        top = (chosen[:, 1] + chosen[:, 3] + 1 - side) // 2
        table = rectangles(chosen[:, 2] - 2 * side + 1, top, np.full(len(chosen), side), side)
        fill_rectangles(painter, table, QColor("#ffffff" if is_light else "#0f1115"))


def _paint_raster(painter: QPainter, frame: Frame, notes: Notes, rows: NDArray[np.int64], color: QColor) -> None:
    """Notes beyond counting: each pixel column of each row is filled if anything sounds there."""
    if len(rows) == 0:
        return
    image = coverage_image(frame, notes, rows, color)
    top = round(frame.pitches.to_y(HIGHEST_PITCH))
    row_px = round(frame.pitches.row_px)
    target = QRect(0, top, frame.width_px, row_px * (HIGHEST_PITCH + 1))
    painter.drawImage(target, image)


def coverage_image(frame: Frame, notes: Notes, rows: NDArray[np.int64], color: QColor) -> QImage:
    """One pixel row for each pitch, the highest on top; as wide as the picture."""
    width = frame.width_px
    left = np.clip(np.rint(frame.ticks.to_x(notes.start_tick[rows])), 0, width - 1).astype(np.int64)
    right = np.clip(np.rint(frame.ticks.to_x(notes.end_tick[rows])), 1, width).astype(np.int64)
    line = (HIGHEST_PITCH - notes.pitch[rows]) * (width + 1)
    size = (HIGHEST_PITCH + 1) * (width + 1)
    steps = np.bincount(line + left, minlength=size) - np.bincount(line + np.maximum(right, left + 1), minlength=size)
    sounding = np.cumsum(steps.reshape(HIGHEST_PITCH + 1, width + 1), axis=1)[:, :width] > 0
    pixels = np.where(sounding, np.uint32(_premultiplied(color)), np.uint32(0))
    image = QImage(pixels.data, width, HIGHEST_PITCH + 1, 4 * width, QImage.Format.Format_ARGB32_Premultiplied)
    return image.copy()


def _premultiplied(color: QColor) -> int:
    alpha = color.alphaF()
    red, green, blue = (round(channel * alpha) for channel in (color.red(), color.green(), color.blue()))
    return (color.alpha() << 24) | (red << 16) | (green << 8) | blue

