"""Draws many rectangles or sprites with one call each, straight from NumPy memory."""

from __future__ import annotations

from functools import cache
from typing import Any

import numpy as np
import shiboken6
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QImage, QPainter, QPixmap

from musicassist.ui.piano_roll.frame import Rectangles

Sprites = NDArray[np.float64]  # shape (n, 10): a QPainter.PixmapFragment each
LARGEST_PX = 1 << 20  # LIMIT keeps far-away edges within what the rasteriser can count


def rectangles(left: NDArray, top: NDArray, width: NDArray, height: NDArray | float) -> Rectangles:
    """Rectangles from columns of places and sizes in pixels, at least one pixel wide and high."""
    table = np.empty((len(left), 4), dtype=np.int32)
    table[:, 0] = np.clip(np.rint(left), -LARGEST_PX, LARGEST_PX)
    table[:, 1] = np.clip(np.rint(top), -LARGEST_PX, LARGEST_PX)
    table[:, 2] = np.maximum(np.clip(np.rint(left + width), -LARGEST_PX, LARGEST_PX) - 1, table[:, 0])
    table[:, 3] = np.maximum(np.clip(np.rint(top + height), -LARGEST_PX, LARGEST_PX) - 1, table[:, 1])
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
