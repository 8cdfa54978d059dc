"""Draws the roll's ground: rows of keys, shading of the scale, lines of time."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QRect
from PySide6.QtGui import QColor, QPainter

from musicassist.score.song import Mask
from musicassist.score.theory import SCALES, Key
from musicassist.ui.piano_roll.batches import fill_rectangles, rectangles
from musicassist.ui.piano_roll.frame import ALL_PITCHES, Frame
from musicassist.ui.piano_roll.geometry import Grid, lines_between
from musicassist.ui.theme import Theme

BLACK_KEYS = (1, 3, 6, 8, 10)
IS_BLACK_KEY = np.isin(ALL_PITCHES % 12, BLACK_KEYS)
LEAST_ROW_PX = 8  # rows lower than this have no line between them


def paint_ground(painter: QPainter, frame: Frame, theme: Theme, key: Key | None, grid: Grid) -> None:
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
