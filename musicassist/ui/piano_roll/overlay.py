"""What lies above the notes: takes on offer, notes being recorded, marquee, loop, edit cursor and playhead."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QRect, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPen, QPolygonF

from musicassist.score.song import Notes
from musicassist.ui.piano_roll.batches import draw_rectangles, fill_rectangles, hatching
from musicassist.ui.piano_roll.geometry import Frame, NoteIndex
from musicassist.ui.piano_roll.scene import Offer, Scene
from musicassist.ui.theme import Theme


def faint(color: str, share: float) -> QColor:
    """A see-through colour."""
    result = QColor(color)
    result.setAlphaF(share)
    return result


def paint_overlay(painter: QPainter, frame: Frame, scene: Scene) -> None:
    """Everything that lies above the notes but the playhead, from bottom to top; the frame is in logical pixels."""
    if scene.loop is not None:
        _paint_loop(painter, frame, scene.theme, scene.loop)
    if scene.offer is not None:
        _veil_replaced(painter, frame, scene, scene.offer)
        _paint_offer(painter, frame, scene.theme, scene.offer)
    if len(scene.recorded):
        fill_rectangles(painter, frame.boxes(scene.recorded, slice(None)), QColor(scene.theme.record))
    if scene.box is not None:
        _paint_box(painter, frame, scene.theme, scene.box)
    if scene.tool == "edit" and not scene.is_playing:
        _paint_edit_cursor(painter, frame, scene)


def _paint_loop(painter: QPainter, frame: Frame, theme: Theme, loop: tuple[int, int]) -> None:
    left, right = (round(frame.ticks.to_x(tick)) for tick in loop)
    shade = faint("#000000", 0.14 if theme.is_dark else 0.035)
    painter.fillRect(QRect(0, 0, max(0, left), frame.height_px), shade)
    painter.fillRect(QRect(right, 0, max(0, frame.width_px - right), frame.height_px), shade)
    for x in (left, right - 1):
        painter.fillRect(QRect(x, 0, 1, frame.height_px), faint(theme.second_text, 0.5))


def _veil_replaced(painter: QPainter, frame: Frame, scene: Scene, offer: Offer) -> None:
    """The notes that a take would replace stay in sight, but step back."""
    from_tick, to_tick = max(offer.from_tick, frame.span[0]), min(offer.to_tick, frame.span[1])
    rows = scene.index.rows_between(from_tick, to_tick)
    rows = rows[scene.notes.start_tick[rows] >= offer.from_tick]
    if len(rows):
        fill_rectangles(painter, frame.boxes(scene.notes, rows), faint(scene.theme.roll, 0.72))


def _paint_offer(painter: QPainter, frame: Frame, theme: Theme, offer: Offer) -> None:
    left, right = (round(frame.ticks.to_x(tick)) for tick in (offer.from_tick, offer.to_tick))
    painter.fillRect(
        QRect(left, 0, right - left, frame.height_px), faint(theme.accent, 0.045 if theme.is_dark else 0.06)
    )
    painter.setPen(QPen(faint(theme.accent, 0.7), 1, Qt.PenStyle.DashLine))
    for x in (left, right):
        painter.drawLine(x, 0, x, frame.height_px)
    for other in offer.others:
        _paint_dimmed(painter, frame, theme, other)
    _paint_take(painter, frame, theme, offer.chosen)


def _visible_boxes(frame: Frame, notes: Notes) -> np.ndarray:
    index = NoteIndex(notes, np.zeros(len(notes), dtype=np.bool_))
    return frame.boxes(notes, index.rows_between(*frame.span))


def _paint_dimmed(painter: QPainter, frame: Frame, theme: Theme, notes: Notes) -> None:
    painter.setPen(QPen(faint(theme.accent, 0.38), 1, Qt.PenStyle.DotLine))
    painter.setBrush(faint(theme.accent, 0.05))
    painter.drawRects([QRect(x1, y1, x2 - x1, y2 - y1) for x1, y1, x2, y2 in _visible_boxes(frame, notes).tolist()])


def _paint_take(painter: QPainter, frame: Frame, theme: Theme, notes: Notes) -> None:
    """Accent outline and hatching over the ground: told apart by pattern as well as by colour."""
    boxes = _visible_boxes(frame, notes)
    fill_rectangles(painter, boxes, QColor(theme.roll))
    fill_rectangles(painter, boxes, faint(theme.accent, 0.38 if theme.is_dark else 0.22))
    painter.setBrush(hatching(theme.accent, 0.9 if theme.is_dark else 0.6))
    draw_rectangles(painter, boxes)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(QColor(theme.accent), 1.3))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for x1, y1, x2, y2 in boxes.tolist():  # a take has a few dozen notes
        painter.drawRoundedRect(QRectF(x1 + 0.5, y1 + 0.5, x2 - x1, y2 - y1), 2.5, 2.5)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)


def _paint_box(painter: QPainter, frame: Frame, theme: Theme, box: tuple[float, float, int, int]) -> None:
    from_tick, to_tick, low, high = box
    left, right = frame.ticks.to_x(from_tick), frame.ticks.to_x(to_tick)
    top, bottom = frame.pitches.to_y(high), frame.pitches.to_y(low) + frame.pitches.row_px
    painter.setPen(QPen(faint(theme.text, 0.75), 1, Qt.PenStyle.DashLine))
    painter.setBrush(QBrush(faint(theme.text, 0.07)))
    painter.drawRect(QRect(round(left), round(top), round(right - left), round(bottom - top)))


def _paint_edit_cursor(painter: QPainter, frame: Frame, scene: Scene) -> None:
    x = round(frame.ticks.to_x(scene.edit_cursor_tick))
    if scene.edit_cursor_tick > 0 and 0 <= x < frame.width_px:
        painter.setPen(QPen(faint(scene.theme.second_text, 0.8), 1, Qt.PenStyle.DotLine))
        painter.drawLine(x, 0, x, frame.height_px)


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
