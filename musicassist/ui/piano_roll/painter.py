"""The roll's picture: the ground with what lies behind, and the notes of the edited track."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPoint, QRect
from PySide6.QtGui import QColor, QImage, QPainter

from musicassist.score.grid import SongGrid
from musicassist.score.song import Mask, Notes
from musicassist.score.theory import SCALES, Key, pitch_names
from musicassist.ui.piano_roll import batches, scanlines
from musicassist.ui.piano_roll.geometry import ALL_PITCHES, Frame, GridLines, NoteIndex, Rectangles, lines_between
from musicassist.ui.theme import VELOCITY_SHADES, Theme

BLACK_KEYS = (1, 3, 6, 8, 10)
IS_BLACK_KEY = np.isin(ALL_PITCHES % 12, BLACK_KEYS)
MAX_ROUNDED = 3_000  # LIMIT above it notes get square ends and no names, and are filled in scan lines
MAX_SHADED = 20_000  # LIMIT above it notes fill their rows in one colour, as they do when narrower than two pixels
RADIUS_PX = 3
MIN_ROUNDED_ROW_PX, MIN_NAMED_ROW_PX = 7, 12
Look = Literal["rounded", "square", "crowded"]


@dataclass(frozen=True, eq=False)
class Sheet:
    """What the roll's picture shows.

    Attributes:
        theme, key, grid: Its colours, shaded rows and lines.
        index, track_index: The edited track.
        layers: For each colour behind it the number of a track that has it, and all notes in it.
    """

    theme: Theme
    key: Key | None
    grid: SongGrid
    index: NoteIndex
    track_index: int
    layers: tuple[tuple[int, NoteIndex], ...] = ()

    @property
    def ground(self) -> tuple[object, ...]:
        """What the ground is made from: equal values give equal grounds."""
        times = self.grid.time_map
        return (self.theme, self.key, times.ticks_per_beat, times.meter_changes, self.grid.step_ticks, self.layers)

    def looks(self, frame: Frame) -> tuple[Look, ...]:
        """How the notes of the edited track, and those of each layer, are drawn in a frame."""
        indexes = (self.index, *(index for _, index in self.layers))
        return tuple(look_of(frame, index.notes, index.rows_between(*frame.span)) for index in indexes)


class RollPicture:
    """A picture of the notes on their ground, both kept.

    A step to the side draws only what comes into view: the columns stand in a ring, so that nothing has to move.
    """

    def __init__(self) -> None:
        self._image = QImage()
        self._left_px = 0  # the column of the image at the left edge of the view
        self._frame: Frame | None = None
        self._made_from: tuple[object, ...] = ()
        self._looks: tuple[object, ...] = ()
        self._ground: scanlines.Ground | None = None
        self._ground_made_from: tuple[object, ...] = ()

    def forget(self) -> None:
        """The next refresh draws everything, as with other fonts."""
        self._frame = self._ground = None

    def refresh(self, frame: Frame, sheet: Sheet) -> None:
        """Brings the picture up to date; the frame is in device pixels."""
        made_from = (*sheet.ground, sheet.index, sheet.track_index)
        if frame == self._frame and made_from == self._made_from:
            return
        looks = sheet.looks(frame)
        has_edges = looks[0] == "square" and bool(sheet.index.selection.any())
        lines = lines_between(sheet.grid, *frame.span, frame.ticks.pixels_per_tick, min_gap_px=7 * frame.scale)
        step_px = self._step_px(frame) if (made_from, looks) == (self._made_from, self._looks) else 0
        if step_px:
            for part, at_px in self._uncovered(frame, step_px):
                ground = paint_ground(part, sheet, looks, lines, has_edges=has_edges)
                paint_notes(self._image, ground, part, sheet, looks[0], at_px)
        else:
            ground_made_from = (frame, *sheet.ground, looks[1:], has_edges)
            if self._ground is None or self._ground_made_from != ground_made_from:
                self._ground = paint_ground(frame, sheet, looks, lines, has_edges=has_edges)
                self._ground_made_from = ground_made_from
            if (self._image.width(), self._image.height()) != (frame.width_px, frame.height_px):
                self._image = QImage(frame.width_px, frame.height_px, QImage.Format.Format_RGB32)
            self._left_px = 0
            paint_notes(self._image, self._ground, frame, sheet, looks[0])
        self._frame, self._made_from, self._looks = frame, made_from, looks

    def _step_px(self, frame: Frame) -> int:
        """How far the view has gone to the right, 0 if the picture has to be drawn anew.

        Names of notes hang on the edges of the view, and half pixels are rounded to even ones: after an odd step notes
        that are moved would stand otherwise than notes that are drawn.
        """
        before = self._frame
        if before is None or self._looks[0] == "rounded":
            return 0
        step_px = frame.ticks.scroll_px - before.ticks.scroll_px
        is_step = replace(before, ticks=before.ticks.scrolled_to(frame.ticks.scroll_px)) == frame
        return int(step_px) if is_step and step_px % 2 == 0 and abs(step_px) < frame.width_px else 0

    def _uncovered(self, frame: Frame, step_px: int) -> Iterator[tuple[Frame, int]]:
        """Turns the ring; the parts to draw, each with its first column of the image."""
        width = frame.width_px
        self._left_px = (self._left_px + step_px) % width
        from_px = width - step_px if step_px > 0 else 0
        at_px, rest_px = (self._left_px + from_px) % width, abs(step_px)
        for at, part_px in ((at_px, min(rest_px, width - at_px)), (0, rest_px - min(rest_px, width - at_px))):
            if part_px > 0:
                ticks = frame.ticks.scrolled_to(frame.ticks.scroll_px + from_px)
                yield replace(frame, ticks=ticks, width_px=part_px), at
                from_px += part_px

    def draw(self, painter: QPainter) -> None:
        left, width, height = self._left_px, self._image.width(), self._image.height()
        painter.save()
        scale = self._frame.scale if self._frame is not None else 1.0
        painter.scale(1 / scale, 1 / scale)
        painter.drawImage(QPoint(0, 0), self._image, QRect(left, 0, width - left, height))
        painter.drawImage(QPoint(width - left, 0), self._image, QRect(0, 0, left, height))
        painter.restore()


def paint_ground(
    frame: Frame, sheet: Sheet, looks: Sequence[Look], lines: GridLines, *, has_edges: bool = True
) -> scanlines.Ground:
    """Rows, lines of time and what lies behind; the lines may be those of a wider frame."""
    theme, key = sheet.theme, sheet.key
    if key is None or SCALES[key.scale] == SCALES["chromatic"]:
        rows = np.where(IS_BLACK_KEY, scanlines.SHADED, scanlines.ROLL)
        shaded = theme.black_key_row
    else:
        rows = np.where(np.isin(ALL_PITCHES % 12, list(key.pitch_classes)), scanlines.ROLL, scanlines.SHADED)
        rows[key.tonic == ALL_PITCHES % 12] = scanlines.TONIC
        shaded = theme.outside_row
    names = theme.roll, shaded, theme.tonic_row, theme.row_line, theme.grid_line, theme.beat_line, theme.bar_line
    colors = np.array([scanlines.pixel(name) for name in names], dtype=np.uint32)
    bands = scanlines.bands_of(frame, rows, has_edges=has_edges)
    kinds = scanlines.ground_kinds(frame, lines)
    if not sheet.layers:
        return scanlines.Ground(bands, colors[kinds][bands.ground])
    shown = kinds[bands.ground]
    above = np.zeros_like(shown)
    for number, ((_, index), look) in enumerate(zip(sheet.layers, looks[1:], strict=True), start=1):
        seen = index.rows_between(*frame.span)
        if look == "crowded":
            bands.cover(above, scanlines.coverage(frame, index.notes, seen), number * len(scanlines.GROUNDS))
        else:
            boxes = frame.boxes(index.notes, seen)
            value = np.full(len(seen), number * len(scanlines.GROUNDS), dtype=np.uint8)
            for part in (scanlines.NOTE, scanlines.NOTE_EDGE):
                bands.fill(above, part, index.notes.pitch[seen], boxes, value)
    behind_colors = [scanlines.pixel(theme.note_color(number, 100)) for number, _ in sheet.layers]
    return scanlines.Ground(bands, scanlines.mixed_colors(colors, behind_colors)[shown + above])


def paint_notes(
    picture: QImage, ground: scanlines.Ground, frame: Frame, sheet: Sheet, look: Look, at_px: int = 0
) -> None:
    """Draws ground and notes, the selected ones above the others, into a picture of 32 bits a pixel.

    Args:
        picture: As high as the frame; no painter may be at work on it.
        ground: That of the frame.
        frame: What is drawn.
        sheet: The notes and their colours.
        look: How the notes are drawn.
        at_px: The column of the picture where the frame begins.
    """
    memory = np.frombuffer(picture.bits(), dtype=np.uint32).reshape(picture.height(), picture.width())
    pixels, index = memory[:, at_px : at_px + frame.width_px], sheet.index
    rows = index.rows_between(*frame.span)
    if look == "crowded":
        ground.paint(_crowd(ground, frame, sheet, rows), pixels)
        return
    shade = batches.shade_of(index.notes.velocity[rows], index.selection[rows])
    order = np.argsort(shade, kind="stable")  # the shades of selected notes come last, so these lie above
    rows = rows[order]
    pinned = index.notes.is_pinned[rows] != 0 if index.notes.has_pins else None
    batch = _Batch(frame.boxes(index.notes, rows), shade[order], index.notes.pitch[rows])
    ground.paint(_squares(ground, frame, sheet, batch) if look == "square" else ground.lines, pixels)
    painter = QPainter(picture)
    painter.setClipRect(at_px, 0, frame.width_px, frame.height_px)
    painter.translate(at_px, 0)
    notes_painter = _NotesPainter(painter, frame, sheet)
    notes_painter.paint(batch, is_rounded=look == "rounded")
    if pinned is not None:
        notes_painter.paint_pins(batch.where(pinned))
    painter.end()


def look_of(frame: Frame, notes: Notes, rows: NDArray[np.int64]) -> Look:
    """How notes in view are drawn: the more there are, the plainer."""
    if len(rows) > MAX_SHADED:
        return "crowded"
    if len(rows) >= MAX_ROUNDED and notes.duration_ticks[rows].mean() * frame.ticks.pixels_per_tick < 2 * frame.scale:
        return "crowded"
    is_low = frame.pitches.row_px < MIN_ROUNDED_ROW_PX * frame.scale
    return "square" if len(rows) > MAX_ROUNDED or is_low else "rounded"


def _crowd(ground: scanlines.Ground, frame: Frame, sheet: Sheet, rows: NDArray[np.int64]) -> scanlines.Pixels:
    """Notes beyond counting: each column of a row is filled if anything sounds there."""
    lines, index = ground.copy(), sheet.index
    is_selected = index.selection[rows]
    mask = scanlines.coverage(frame, index.notes, rows[~is_selected])
    ground.bands.cover(lines, mask, scanlines.pixel(sheet.theme.note_color(sheet.track_index, 90)))
    if is_selected.any():
        mask = scanlines.coverage(frame, index.notes, rows[is_selected])
        ground.bands.cover(
            lines, mask, scanlines.pixel(sheet.theme.note_color(sheet.track_index, 110, is_selected=True))
        )
    return lines


@dataclass(frozen=True, eq=False)
class _Batch:
    """Notes to draw, in the order of their shades."""

    boxes: Rectangles
    shade: batches.Shades
    pitch: NDArray[np.int64]

    def where(self, mask: Mask) -> _Batch:
        return _Batch(self.boxes[mask], self.shade[mask], self.pitch[mask])

    @property
    def first_selected(self) -> int:
        return int(np.searchsorted(self.shade, VELOCITY_SHADES))


def _squares(ground: scanlines.Ground, frame: Frame, sheet: Sheet, batch: _Batch) -> scanlines.Pixels:
    """Notes in their shades; selected ones lie on their outline, which they leave free on all sides."""
    lines, bands = ground.copy(), ground.bands
    colors = np.array(
        [scanlines.pixel(color) for color in batches.shade_colors(sheet.theme, sheet.track_index)], dtype=np.uint32
    )
    pitch, boxes, color, first = batch.pitch, batch.boxes, colors[batch.shade], batch.first_selected
    outline = np.full(len(boxes) - first, scanlines.pixel(sheet.theme.selected_outline), dtype=np.uint32)
    for part in (scanlines.NOTE, scanlines.NOTE_EDGE):
        bands.fill(lines, part, pitch[first:], boxes[first:], outline)
        bands.fill(lines, part, pitch[:first], boxes[:first], color[:first])
    inner = boxes[first:] + np.array([frame.line_px, 0, -frame.line_px, 0], dtype=np.int32)
    inner[:, 2] = np.maximum(inner[:, 2], inner[:, 0])
    bands.fill(lines, scanlines.NOTE, pitch[first:], inner, color[first:])
    return lines


@dataclass(frozen=True, eq=False)
class _NotesPainter:
    """Draws batches of notes of one track."""

    painter: QPainter
    frame: Frame
    sheet: Sheet

    def paint(self, batch: _Batch, *, is_rounded: bool) -> None:
        if is_rounded:
            self._paint_rounded(batch)
            self._paint_names(batch)
        self._paint_outside_marks(batch)

    def _paint_square(self, batch: _Batch, *, inset_sides: bool) -> None:
        """One call for each shade; selected notes lie on their outline."""
        first_selected, line_px = batch.first_selected, self.frame.line_px
        batches.fill_rectangles(self.painter, batch.boxes[first_selected:], QColor(self.sheet.theme.selected_outline))
        inner = batch.boxes.copy()
        side_px = line_px if inset_sides else 0
        inner[first_selected:] += np.array([side_px, line_px, -side_px, -line_px], dtype=np.int32)
        inner[:, 2:] = np.maximum(inner[:, 2:], inner[:, :2])
        edges = np.searchsorted(batch.shade, np.arange(batches.SHADES + 1))
        colors = batches.shade_colors(self.sheet.theme, self.sheet.track_index)
        for color, first, last in zip(colors, edges[:-1], edges[1:], strict=True):
            if last > first:
                batches.fill_rectangles(self.painter, inner[first:last], QColor(color))

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
        sheet = batches.note_ends(self.sheet.theme, self.sheet.track_index, height_px, radius_px, self.frame.line_px)
        for left, source_left in ((wide.boxes[:, 0], 0), (wide.boxes[:, 2] + 1 - radius_px, radius_px)):
            source_top = wide.shade * float(height_px)
            table = batches.sprites(left, wide.boxes[:, 1], source_left, source_top, radius_px, height_px)
            batches.draw_sprites(self.painter, table, sheet)

    def _paint_names(self, batch: _Batch) -> None:
        """Note names inside the notes that are wide enough, at the edge of the view in those that begin before it."""
        if self.frame.pitches.row_px < MIN_NAMED_ROW_PX * self.frame.scale:
            return
        pad_px = round(5 * self.frame.scale)
        left = np.maximum(batch.boxes[:, 0], 0)
        room_px = batch.boxes[:, 2] - left - 2 * pad_px
        names = pitch_names(self.sheet.key)
        light = batches.has_light_ink(self.sheet.theme, self.sheet.track_index)[batch.shade]
        for is_light in (False, True):
            sheet, widths, line_px = batches.name_sheet(self.frame.scale, names, is_light=is_light)
            fits = (light == is_light) & (room_px > widths[batch.pitch])
            top = batch.boxes[fits, 1] + (self.frame.note_px - line_px) // 2
            pitch = batch.pitch[fits]
            table = batches.sprites(left[fits] + pad_px, top, 0, pitch * line_px, widths[pitch], line_px)
            batches.draw_sprites(self.painter, table, sheet)

    def paint_pins(self, batch: _Batch) -> None:
        """A pin in each of some notes that stands over its edge: a head, and a needle down into the note."""
        unit = max(1, round(self.frame.scale))
        light = batches.has_light_ink(self.sheet.theme, self.sheet.track_index)[batch.shade]
        for is_light, ink in ((False, batches.DARK_INK), (True, batches.LIGHT_INK)):
            boxes = batch.boxes[light == is_light]
            left, top, many = boxes[:, 0] + unit, boxes[:, 1], np.ones(len(boxes))
            needle_px = np.maximum(unit, boxes[:, 3] - top - 4 * unit)
            for x, y, width, height in ((0, 1, 4, 3 * unit), (1, 4, 2, needle_px)):
                table = batches.rectangles(left + x * unit, top + y * unit, width * unit * many, height)
                table[:, 2:] = np.minimum(table[:, 2:], np.maximum(boxes[:, 2:], table[:, :2]))
                batches.fill_rectangles(self.painter, table, QColor(ink))

    def _paint_outside_marks(self, batch: _Batch) -> None:
        """A small dot at the end of each note outside the scale."""
        if self.sheet.key is None:
            return
        side = max(2, round(3 * self.frame.scale))
        outside = ~np.isin(batch.pitch % 12, [*self.sheet.key.pitch_classes, *self.sheet.key.leading_steps])
        outside &= batch.boxes[:, 2] - batch.boxes[:, 0] >= 2 * side
        light = batches.has_light_ink(self.sheet.theme, self.sheet.track_index)[batch.shade]
        for is_light, ink in ((False, batches.DARK_INK), (True, batches.LIGHT_INK)):
            boxes = batch.boxes[outside & (light == is_light)]
            top = (boxes[:, 1] + boxes[:, 3] + 1 - side) // 2
            table = batches.rectangles(boxes[:, 2] - 2 * side + 2, top, np.full(len(boxes), side), side)
            batches.fill_rectangles(self.painter, table, QColor(ink))
