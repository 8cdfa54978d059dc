"""The piano roll's paper: shows the notes and what lies above them, and takes the mouse."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
from PySide6.QtCore import QEvent, QPoint, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QBrush,
    QColor,
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QNativeGestureEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from musicassist.score.song import Note, Notes
from musicassist.ui.foreign_text import paint_words
from musicassist.ui.piano_roll.batches import draw_rectangles, fill_rectangles, hatching, paint_playhead
from musicassist.ui.piano_roll.geometry import Frame, NoteIndex
from musicassist.ui.piano_roll.motif_lines import paint_motif_lines
from musicassist.ui.piano_roll.mouse import MouseHandler
from musicassist.ui.piano_roll.painter import RollPicture, Sheet
from musicassist.ui.piano_roll.plan_brackets import bracket_at, paint_brackets
from musicassist.ui.piano_roll.scene import Offer, Scene
from musicassist.ui.piano_roll.viewport import RollPart, Viewport, pinch
from musicassist.ui.theme import NORMAL_PX, Theme, faint, text_font

_KEY_REASONS = (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason, Qt.FocusReason.ShortcutFocusReason)


def paint_overlay(painter: QPainter, frame: Frame, scene: Scene) -> None:
    """Everything that lies above the notes but the playhead, from bottom to top; the frame is in logical pixels."""
    if scene.loop is not None:
        _paint_loop(painter, frame, scene.theme, scene.loop)
    _paint_difference(painter, frame, scene)
    if scene.offer is not None:
        if scene.offer.replaces:
            _veil_replaced(painter, frame, scene, scene.offer)
        _paint_offer(painter, frame, scene.theme, scene.offer)
        paint_motif_lines(painter, frame, scene.theme, scene.motifs)
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


def _paint_difference(painter: QPainter, frame: Frame, scene: Scene) -> None:
    """An outline around each note that is new or changed since a version, and a dashed one where one went."""
    rows = (
        (scene.new, scene.theme.text, Qt.PenStyle.SolidLine),
        (scene.gone, scene.theme.warning, Qt.PenStyle.DashLine),
    )
    for notes, color, style in rows:
        is_near = (notes.start_tick < frame.span[1]) & (notes.end_tick > frame.span[0])
        if is_near.any():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(QColor(color), 2, style))
            draw_rectangles(painter, frame.boxes(notes, np.flatnonzero(is_near)))


def _veil_replaced(painter: QPainter, frame: Frame, scene: Scene, offer: Offer) -> None:
    """The notes that a take would replace stay in sight, but step back."""
    from_tick, to_tick = max(offer.from_tick, frame.span[0]), min(offer.to_tick, frame.span[1])
    rows = scene.index.rows_between(from_tick, to_tick)
    rows = rows[scene.notes.start_tick[rows] >= offer.from_tick]
    if len(offer.stay):
        rows = rows[~scene.notes.where(rows).among(offer.stay)]
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
    if len(offer.picked):
        _paint_picked(painter, frame, theme, offer.picked)
    paint_brackets(painter, frame, theme, offer.brackets)


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


def _paint_picked(painter: QPainter, frame: Frame, theme: Theme, notes: Notes) -> None:
    """Full, in the outline of what is selected."""
    painter.setPen(QPen(QColor(theme.selected_outline), 2))
    painter.setBrush(QColor(theme.accent))
    painter.drawRects([QRect(x1, y1, x2 - x1, y2 - y1) for x1, y1, x2, y2 in _visible_boxes(frame, notes).tolist()])


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


class PianoRollView(RollPart):
    """A picture of the notes on their ground, both kept, and what moves above them.

    The ground is drawn anew when the view, key or grid changes; the notes also after an edit; everything else only when
    its own part of the window is exposed. Emits ``menu_requested`` with a place on the screen, and
    ``bracket_pressed`` with the place of a bar in the plan of a take.
    """

    menu_requested = Signal(QPoint)
    bracket_pressed = Signal(int)

    def __init__(
        self, scene: Scene, viewport: Viewport, preview: Callable[[int, int], None], parent: QWidget | None = None
    ) -> None:
        super().__init__(scene, viewport, parent)
        self.setAccessibleName(self.tr("Piano roll"))
        self.setAccessibleDescription(self.tr("Notes of the selected track: time runs to the right, pitch upwards."))
        self._picture = RollPicture()
        self._is_reached_by_keys = False
        self.mouse = MouseHandler(self, scene, viewport, preview)
        self.mouse.hover_changed.connect(self.update)
        self.mouse.menu_requested.connect(self._on_menu_requested)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        scene.notes_changed.connect(self.update)
        scene.overlay_changed.connect(self.update)
        scene.ghost_appended.connect(self._on_ghost_appended)
        scene.playhead_moved.connect(self._on_playhead_moved)
        scene.tool_changed.connect(self._on_tool_changed)

    def sizeHint(self) -> QSize:
        return QSize(960, 480)

    def minimumSizeHint(self) -> QSize:
        return QSize(240, 120)

    @property
    def frame(self) -> Frame:
        """The view in logical pixels."""
        return Frame(self._viewport.ticks, self._viewport.pitches, self.width(), self.height(), 1.0)

    def _device_frame(self) -> Frame:
        scale = self.devicePixelRatioF()
        ticks, pitches = self._viewport.ticks.scaled(scale), self._viewport.pitches.scaled(scale)
        return Frame(ticks, pitches, round(self.width() * scale), round(self.height() * scale), scale)

    def paintEvent(self, event: QPaintEvent) -> None:
        self._picture.refresh(self._device_frame(), self._sheet)
        painter = QPainter(self)
        painter.setClipRect(event.rect())
        self._picture.draw(painter)
        paint_overlay(painter, self.frame, self._scene)
        self._paint_hover(painter)
        if self._scene.is_empty and not self._scene.is_dragging:
            self._paint_invitation(painter)
        x = self._viewport.ticks.to_x(self._scene.playhead_tick)
        paint_playhead(painter, x, self.height(), self._scene.theme, is_recording=self._scene.is_recording)
        if self._is_reached_by_keys:
            painter.setPen(QColor(self._scene.theme.second_text))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
        painter.end()

    @property
    def _sheet(self) -> Sheet:
        scene = self._scene
        layers = scene.backdrop.layers if scene.shows_other_tracks else ()
        return Sheet(scene.theme, scene.key, scene.grid, scene.index, scene.track_index, layers)

    def _paint_hover(self, painter: QPainter) -> None:
        """Lights the note, or the edge, that a press would take."""
        hit = self.mouse.hover
        if hit is None or hit.row >= len(self._scene.notes):
            return
        x1, y1, x2, y2 = self.frame.boxes(self._scene.notes, np.array([hit.row]))[0].tolist()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(faint(self._scene.theme.selected_outline, 0.75), 1))
        painter.setBrush(faint(self._scene.theme.selected_outline, 0.12))
        painter.drawRoundedRect(x1, y1, x2 - x1, y2 - y1, 3, 3)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
        if hit.part != "body":
            x = x1 if hit.part == "start" else x2 - 2
            painter.fillRect(QRect(x, y1, 3, y2 - y1 + 1), QColor(self._scene.theme.selected_outline))

    def _paint_invitation(self, painter: QPainter) -> None:
        painter.setPen(QColor(self._scene.theme.second_text))
        font = text_font(NORMAL_PX)
        painter.setFont(font)
        words = self.tr("Click to write, or play your keyboard")
        paint_words(painter, self.rect(), Qt.AlignmentFlag.AlignCenter, words)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """A frame shows that the keyboard has come here, if it came by keys: with a mouse one knows."""
        super().focusInEvent(event)
        self._is_reached_by_keys = event.reason() in _KEY_REASONS
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._press(event, is_double=False)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self._press(event, is_double=True)

    def _press(self, event: QMouseEvent, *, is_double: bool) -> None:
        """On a bracket of a plan it is the plan's; else it begins a gesture."""
        brackets = self._scene.offer.brackets if self._scene.offer is not None else ()
        row = bracket_at(brackets, self.frame, event.position().x(), event.position().y())
        if row is not None and event.button() == Qt.MouseButton.LeftButton and not self.mouse.is_dragging:
            self.bracket_pressed.emit(row)
        else:
            self.mouse.press(event, is_double=is_double)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self.mouse.move(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self.mouse.release(event)

    def leaveEvent(self, event: QEvent) -> None:
        self.mouse.leave()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """A drag does not outlive a window that lost the focus to another program."""
        if event.reason() == Qt.FocusReason.ActiveWindowFocusReason:
            self._scene.cancel_drag()
        super().focusOutEvent(event)
        self._is_reached_by_keys = False
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc gives up a drag; modifiers change what a press would do. All else is the window's."""
        if event.key() == Qt.Key.Key_Escape and self._scene.cancel_drag():
            return
        self.mouse.refresh_hover(event.modifiers())
        event.ignore()

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        self.mouse.refresh_hover(event.modifiers())
        event.ignore()

    def event(self, event: QEvent) -> bool:
        """Esc during a drag comes here before it is anybody's shortcut; pinching zooms."""
        if self._scene.is_dragging and event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            event.setAccepted(event.key() == Qt.Key.Key_Escape)
            return True
        if isinstance(event, QNativeGestureEvent) and pinch(self._viewport, event):
            return True
        return super().event(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        super().wheelEvent(event)
        self.mouse.refresh_hover()

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._viewport.set_size(self.width(), self.height())

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        self.draw_anew()

    def draw_anew(self) -> None:
        self._picture.forget()
        self.update()

    def _on_ghost_appended(self, note: Note) -> None:
        x1, y1, x2, y2 = self.frame.boxes(Notes.of([note]), slice(None))[0].tolist()
        self.update(QRect(x1, y1, x2 - x1 + 1, y2 - y1 + 1).adjusted(-2, -2, 2, 2))  # its outline lies around it

    def _on_tool_changed(self, _tool: str) -> None:
        self.mouse.refresh_hover()

    def _on_menu_requested(self, position: QPointF) -> None:
        self.menu_requested.emit(position.toPoint())
