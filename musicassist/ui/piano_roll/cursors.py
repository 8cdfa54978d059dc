"""The mouse pointer's shapes: each tells the gesture that a press would begin."""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QCursor, QPainter, QPainterPath, QPen, QPixmap

SIZE_PX = 24

STANDARD = {
    "arrow": Qt.CursorShape.ArrowCursor,
    "cross": Qt.CursorShape.CrossCursor,
    "move": Qt.CursorShape.OpenHandCursor,
    "copy": Qt.CursorShape.DragCopyCursor,
    "resize": Qt.CursorShape.SizeHorCursor,
    "stretch": Qt.CursorShape.SplitHCursor,
    "velocity": Qt.CursorShape.SizeVerCursor,
    "pan": Qt.CursorShape.ClosedHandCursor,
    "pointing": Qt.CursorShape.PointingHandCursor,
}

# Own shapes as strokes on a 24 px grid, and where their tip is.
STROKES: dict[str, tuple[tuple[tuple[float, float], ...], ...]] = {
    "draw": (((4, 20), (5, 15), (16, 4), (20, 8), (9, 19), (4, 20)), ((13.5, 6.5), (17.5, 10.5))),
    "erase": (((9, 20), (4, 15), (14, 5), (20, 11), (11, 20), (9, 20)), ((9, 10), (15, 16))),
    "split": (((12, 2), (12, 22)), ((8, 7), (4, 12), (8, 17)), ((16, 7), (20, 12), (16, 17))),
}
TIPS = {"draw": (4, 20), "erase": (9, 20), "split": (12, 12)}


@lru_cache(maxsize=32)
def cursor(name: str) -> QCursor:
    """The cursor of that name; needs a running application."""
    if name in STANDARD:
        return QCursor(STANDARD[name])
    pixmap = QPixmap(SIZE_PX, SIZE_PX)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for color, width in (("#0f1115", 3.6), ("#ffffff", 1.5)):  # a light line on a dark one shows on any ground
        pen = QPen(QColor(color), width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin)
        painter.setPen(pen)
        for stroke in STROKES[name]:
            painter.drawPath(_path(stroke))
    painter.end()
    return QCursor(pixmap, *TIPS[name])


def _path(points: tuple[tuple[float, float], ...]) -> QPainterPath:
    path = QPainterPath(QPointF(*points[0]))
    for point in points[1:]:
        path.lineTo(QPointF(*point))
    return path
