"""Many rectangles or small pictures in one call of Qt: rounded ends of notes, note names, the hatching of takes."""

from __future__ import annotations

from functools import cache, lru_cache
from typing import Any

import numpy as np
import shiboken6
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QFontMetricsF, QImage, QPainter, QPen, QPixmap, QPolygonF

from musicassist.ui.foreign_text import paint_words
from musicassist.ui.piano_roll.geometry import HIGHEST_PITCH, Rectangles
from musicassist.ui.theme import SMALL_PX, VELOCITY_SHADES, Theme, faint, text_font

DARK_INK, LIGHT_INK = "#000000", "#ffffff"
PITCHES = HIGHEST_PITCH + 1
SHADE_OF_VELOCITY = (np.arange(128) * VELOCITY_SHADES // 128).astype(np.uint8)
SHADES = 2 * VELOCITY_SHADES  # those of selected notes come after those of the others
Shades = NDArray[np.uint8]  # bytes, because NumPy sorts those by counting
Sprites = NDArray[np.float64]  # shape (n, 10): a QPainter.PixmapFragment each
MAX_PX = 1 << 20  # LIMIT keeps far-away edges within what the rasteriser can count


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
    painter.setPen(QPen(faint(color, alpha_share), 1.4))
    for offset in (-side, 0, side):
        painter.drawLine(offset - 1, side + 1, offset + side + 1, -1)
    painter.end()
    return QBrush(pixmap)


def rectangles(left: NDArray, top: NDArray, width: NDArray, height: NDArray | float) -> Rectangles:
    """Rectangles from columns of places and sizes in pixels, at least one pixel wide and high."""
    table = np.empty((len(left), 4), dtype=np.int32)
    table[:, 0] = np.clip(np.rint(left), -MAX_PX, MAX_PX)
    table[:, 1] = np.clip(np.rint(top), -MAX_PX, MAX_PX)
    table[:, 2] = np.maximum(np.clip(np.rint(left + width), -MAX_PX, MAX_PX) - 1, table[:, 0])
    table[:, 3] = np.maximum(np.clip(np.rint(top + height), -MAX_PX, MAX_PX) - 1, table[:, 1])
    return table


def draw_rectangles(painter: QPainter, table: Rectangles) -> None:
    """Draws rectangles with the painter's pen and brush."""
    if not len(table):
        return
    if pointer_drawing_works():
        _draw_from_memory(painter, table)
    else:
        _draw_one_by_one(painter, table)


def fill_rectangles(painter: QPainter, table: Rectangles, color: QColor) -> None:
    """Fills rectangles with one colour."""
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QBrush(color))
    draw_rectangles(painter, table)


def _draw_from_memory(painter: QPainter, table: Rectangles) -> None:
    table = np.ascontiguousarray(table, dtype=np.int32)
    first: Any = shiboken6.wrapInstance(table.ctypes.data, QRect)
    painter.drawRects(first, len(table))


def _draw_one_by_one(painter: QPainter, table: Rectangles) -> None:
    painter.drawRects([QRect(x1, y1, x2 - x1 + 1, y2 - y1 + 1) for x1, y1, x2, y2 in table.tolist()])


@cache
def pointer_drawing_works() -> bool:
    """Whether this build of Qt draws rectangles from memory as it draws them one by one; found out once, at the start.

    Qt documents the call for C++ only, so a small picture is drawn both ways and compared.
    """
    table = np.array([[1, 1, 4, 3], [6, 2, 6, 9], [0, 8, 11, 11]], dtype=np.int32)
    try:
        return _test_image(table, from_memory=True) == _test_image(table, from_memory=False)
    except (TypeError, ValueError, RuntimeError):
        return False


def _test_image(table: Rectangles, *, from_memory: bool) -> QImage:
    image = QImage(12, 12, QImage.Format.Format_RGB32)
    image.fill(Qt.GlobalColor.black)
    painter = QPainter(image)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor("#ff8040"))
    try:
        (_draw_from_memory if from_memory else _draw_one_by_one)(painter, table)
    finally:
        painter.end()  # a picture that goes while it is painted on ends the process
    return image


def sprites(left: NDArray, top: NDArray, source_left: NDArray | float, source_top: NDArray | float,
            width: NDArray | float, height: NDArray | float) -> Sprites:  # fmt: skip
    """Pieces of one pixmap, each with its top left corner on whole pixels."""
    table = np.ones((len(left), 10), dtype=np.float64)
    table[:, 0] = np.rint(left) + np.asarray(width) / 2
    table[:, 1] = np.rint(top) + np.asarray(height) / 2
    table[:, 2], table[:, 3], table[:, 4], table[:, 5] = source_left, source_top, width, height
    table[:, 8] = 0.0
    return table


def draw_sprites(painter: QPainter, table: Sprites, pixmap: QPixmap) -> None:
    """Draws pieces of a pixmap."""
    if not len(table):
        return
    if pointer_drawing_works():
        table = np.ascontiguousarray(table, dtype=np.float64)
        first: Any = shiboken6.wrapInstance(table.ctypes.data, QPainter.PixmapFragment)
        painter.drawPixmapFragments(first, len(table), pixmap)
        return
    for x, y, source_left, source_top, width, height, *_ in table.tolist():
        source = QRectF(source_left, source_top, width, height)
        painter.drawPixmap(QPointF(x - width / 2, y - height / 2), pixmap, source)


def paint_playhead(painter: QPainter, x: float, height_px: int, theme: Theme, *, is_recording: bool) -> None:
    """A line of one pixel."""
    painter.fillRect(QRect(round(x), 0, 1, height_px), QColor(theme.record if is_recording else theme.playhead))


def paint_playhead_handle(painter: QPainter, x: float, bottom_px: int, color: str) -> None:
    """The small triangle that the line hangs from, in the ruler."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(color))
    tip = round(x) + 0.5
    corners = [
        (tip - 5, bottom_px - 9),
        (tip + 5, bottom_px - 9),
        (tip + 5, bottom_px - 6),
        (tip, bottom_px),
        (tip - 5, bottom_px - 6),
    ]
    painter.drawPolygon(QPolygonF([QPointF(cx, cy) for cx, cy in corners]))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
