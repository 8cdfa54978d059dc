"""Small pictures that the roll draws many times: rounded ends of notes, note names, the hatching of takes."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QFontMetricsF, QPainter, QPen, QPixmap

from musicassist.ui.foreign_text import paint_words
from musicassist.ui.piano_roll.geometry import HIGHEST_PITCH
from musicassist.ui.theme import SMALL_PX, VELOCITY_SHADES, Theme, text_font

DARK_INK, LIGHT_INK = "#000000", "#ffffff"
PITCHES = HIGHEST_PITCH + 1
SHADE_OF_VELOCITY = (np.arange(128) * VELOCITY_SHADES // 128).astype(np.uint8)
SHADES = 2 * VELOCITY_SHADES  # those of selected notes come after those of the others
Shades = NDArray[np.uint8]  # bytes, because NumPy sorts those by counting


def shade_of(velocity: NDArray[np.int64], is_selected: NDArray[np.bool_]) -> Shades:
    """Number of the colour of each note, 0..31."""
    return SHADE_OF_VELOCITY[velocity] + VELOCITY_SHADES * is_selected.view(np.uint8)


@lru_cache(maxsize=64)
def shade_colors(theme: Theme, track_index: int) -> tuple[str, ...]:
    """The colour of each shade of a track."""
    return tuple(
        theme.note_color(
            track_index, (i % VELOCITY_SHADES) * 128 // VELOCITY_SHADES + 4, is_selected=i >= VELOCITY_SHADES
        )
        for i in range(SHADES)
    )


@lru_cache(maxsize=64)
def has_light_ink(theme: Theme, track_index: int) -> NDArray[np.bool_]:
    """For each shade whether words upon it are light."""
    return np.array([theme.ink_on(color) == LIGHT_INK for color in shade_colors(theme, track_index)])


def blank_pixmap(width_px: float, height_px: float) -> QPixmap:
    """A transparent pixmap of device pixels."""
    pixmap = QPixmap(max(1, round(width_px)), max(1, round(height_px)))
    pixmap.fill(Qt.GlobalColor.transparent)
    return pixmap


@lru_cache(maxsize=64)
def note_ends(theme: Theme, track_index: int, height_px: int, radius_px: int, line_px: int) -> QPixmap:
    """Rounded notes of each shade below each other, just wide enough to cut both ends from them."""
    width = 2 * radius_px
    pixmap = blank_pixmap(width, height_px * SHADES)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    for shade, color in enumerate(shade_colors(theme, track_index)):
        box = QRectF(0, shade * height_px, width, height_px)
        if shade >= VELOCITY_SHADES:
            painter.setBrush(QColor(theme.selected_outline))
            painter.drawRoundedRect(box, radius_px, radius_px)
            box = box.adjusted(line_px, line_px, -line_px, -line_px)
        painter.setBrush(QColor(color))
        inner_px = max(1.0, radius_px - (line_px if shade >= VELOCITY_SHADES else 0))
        painter.drawRoundedRect(box, inner_px, inner_px)
    painter.end()
    return pixmap


@lru_cache(maxsize=16)
def name_sheet(scale: float, names: tuple[str, ...], *, is_light: bool) -> tuple[QPixmap, NDArray[np.int64], int]:
    """The names of all pitches, as they are given, below each other.

    Returns:
        The sheet, the width of each name and the height of a line, in pixels.
    """
    font = text_font(SMALL_PX)
    font.setPixelSize(round((SMALL_PX - 1) * scale))
    metrics = QFontMetricsF(font)
    widths = np.array([int(np.ceil(metrics.horizontalAdvance(name))) for name in names], dtype=np.int64)
    line_px = int(np.ceil(metrics.height()))
    pixmap = blank_pixmap(int(widths.max()), line_px * PITCHES)
    painter = QPainter(pixmap)
    painter.setFont(font)
    ink = QColor(LIGHT_INK if is_light else DARK_INK)
    painter.setPen(ink)
    for pitch, name in enumerate(names):
        paint_words(
            painter, QRectF(0, pitch * line_px, widths[pitch] + 1, line_px), Qt.AlignmentFlag.AlignVCenter, name
        )
    painter.end()
    return pixmap, widths, line_px


@lru_cache(maxsize=8)
def hatching(color: str, alpha_share: float) -> QBrush:
    """Diagonal lines: what is proposed is told apart without colour, too."""
    side = 6
    pixmap = blank_pixmap(side, side)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    ink = QColor(color)
    ink.setAlphaF(alpha_share)
    painter.setPen(QPen(ink, 1.4))
    for offset in (-side, 0, side):
        painter.drawLine(offset - 1, side + 1, offset + side + 1, -1)
    painter.end()
    return QBrush(pixmap)
