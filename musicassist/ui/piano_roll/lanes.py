"""The velocity lane under the roll: one lollipop for each note."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, QSize, Qt
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPixmap, QWheelEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from musicassist.ui.foreign_text import set_tip
from musicassist.ui.piano_roll.batches import (
    SHADES,
    blank_pixmap,
    draw_sprites,
    fill_rectangles,
    rectangles,
    shade_colors,
    shade_of,
    sprites,
)
from musicassist.ui.piano_roll.geometry import lines_between
from musicassist.ui.piano_roll.note_gestures import VelocityStroke
from musicassist.ui.piano_roll.overlay import paint_playhead
from musicassist.ui.piano_roll.scene import Scene
from musicassist.ui.piano_roll.viewport import Viewport, cursor, turn_wheel
from musicassist.ui.theme import Theme

HEIGHT_PX = 76
PAD_PX = 7
HEAD_PX = 8


class VelocityLane(QWidget):
    """Dragging draws velocities; Ctrl makes the stroke a straight line; a selection limits it."""

    def __init__(self, scene: Scene, viewport: Viewport, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._scene, self._viewport = scene, viewport
        self._stroke: VelocityStroke | None = None
        self._heads: dict[tuple[str, int, float], QPixmap] = {}
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setCursor(cursor("draw"))
        self.setAccessibleName(self.tr("Velocity"))
        description = self.tr("How loud each note is. Drag to draw, Ctrl for a straight line.")
        set_tip(
            self,
            self.tr("Drag to draw velocities, Ctrl+drag for a straight line; a selection limits it"),
            description=description,
        )
        viewport.changed.connect(self.update)
        scene.ground_changed.connect(self.update)
        scene.notes_changed.connect(self.update)
        scene.playhead_moved.connect(self._on_playhead_moved)

    def sizeHint(self) -> QSize:
        return QSize(960, HEIGHT_PX)

    def _y(self, velocity: np.ndarray | float) -> np.ndarray | float:
        return self.height() - PAD_PX - velocity * (self.height() - 2 * PAD_PX) / 127

    def _velocity(self, y_px: float) -> float:
        return (self.height() - PAD_PX - y_px) * 127 / (self.height() - 2 * PAD_PX)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, theme = QPainter(self), self._scene.theme
        painter.fillRect(self.rect(), QColor(theme.panel))
        self._paint_lines(painter)
        self._paint_notes(painter)
        painter.fillRect(0, 0, self.width(), 1, QColor(theme.bar_line))
        x = self._viewport.ticks.to_x(self._scene.playhead_tick)
        paint_playhead(painter, x, self.height(), theme, is_recording=self._scene.is_recording)
        painter.end()

    def _paint_lines(self, painter: QPainter) -> None:
        theme, ticks = self._scene.theme, self._viewport.ticks
        lines = lines_between(self._scene.grid, self._viewport.from_tick, self._viewport.to_tick, ticks.pixels_per_tick)
        for column, color in ((lines.beat_ticks, theme.grid_line), (lines.bar_ticks, theme.beat_line)):
            x = ticks.to_x(column)
            table = rectangles(x, np.zeros_like(x), np.ones_like(x), float(self.height()))
            fill_rectangles(painter, table, QColor(color))

    def _paint_notes(self, painter: QPainter) -> None:
        scene = self._scene
        rows = scene.index.rows_between(self._viewport.from_tick, self._viewport.to_tick)
        notes, is_selected = scene.notes, scene.selection[rows]
        shade = shade_of(notes.velocity[rows], is_selected)
        order = np.argsort(shade, kind="stable")
        rows, shade = rows[order], shade[order]
        x = np.rint(self._viewport.ticks.to_x(notes.start_tick[rows]))
        y = np.rint(self._y(notes.velocity[rows]))
        is_dense = len(rows) * HEAD_PX > self.width()
        stems = rectangles(x, y, np.full_like(x, 1 if is_dense else 2), self.height() - PAD_PX + 1 - y)
        edges = np.searchsorted(shade, np.arange(SHADES + 1))
        for color, first, last in zip(shade_colors(scene.theme, scene.track_index), edges[:-1], edges[1:], strict=True):
            if last > first:
                fill_rectangles(painter, stems[first:last], QColor(color))
        if not is_dense:
            self._paint_heads(painter, x, y, shade)

    def _paint_heads(self, painter: QPainter, x: np.ndarray, y: np.ndarray, shade: np.ndarray) -> None:
        scale = self.devicePixelRatioF()
        sheet = self._head_sheet(self._scene.theme, self._scene.track_index, scale)
        side = round(HEAD_PX * scale)
        painter.save()
        painter.scale(1 / scale, 1 / scale)  # sprites are counted in device pixels
        left, top = (x + 1) * scale - side / 2, y * scale - side / 2
        draw_sprites(painter, sprites(left, top, 0, shade * float(side), side, side), sheet)
        painter.restore()

    def _head_sheet(self, theme: Theme, track_index: int, scale: float) -> QPixmap:
        """Discs of every shade below each other."""
        place = (theme.name, track_index, scale)
        if place not in self._heads:
            side = round(HEAD_PX * scale)
            sheet = blank_pixmap(side, side * SHADES)
            painter = QPainter(sheet)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            for shade, color in enumerate(shade_colors(theme, track_index)):
                painter.setPen(QColor(theme.selected_outline) if shade >= SHADES // 2 else Qt.PenStyle.NoPen)
                painter.setBrush(QColor(color))
                painter.drawEllipse(QPointF(side / 2, shade * side + side / 2), side / 2 - 1, side / 2 - 1)
            painter.end()
            self._heads = {place: sheet}
        return self._heads[place]

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton and self._stroke is None:
            ticks = self._viewport.ticks
            tick, velocity = ticks.to_tick(event.position().x()), self._velocity(event.position().y())
            self._scene.begin_drag(self._drop)
            self._stroke = VelocityStroke(self._scene.base, tick, velocity, ticks.pixels_per_tick)
            self.mouseMoveEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._stroke is not None:
            tick, velocity = self._viewport.ticks.to_tick(event.position().x()), self._velocity(event.position().y())
            is_straight = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
            self._scene.show_preview(self._stroke.move(tick, velocity, is_straight=is_straight))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._stroke is not None and event.button() == Qt.MouseButton.LeftButton:
            tick, velocity = self._viewport.ticks.to_tick(event.position().x()), self._velocity(event.position().y())
            is_straight = bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier)
            outcome = self._stroke.move(tick, velocity, is_straight=is_straight)
            name, self._stroke = self._stroke.name, None
            self._scene.end_drag()
            self._scene.commit(name, outcome)

    def _drop(self) -> None:
        self._stroke = None

    def wheelEvent(self, event: QWheelEvent) -> None:
        turn_wheel(self._viewport, event)

    def _on_playhead_moved(self, old_tick: float, new_tick: float) -> None:
        for tick in (old_tick, new_tick):
            self.update(round(self._viewport.ticks.to_x(tick)) - 1, 0, 3, self.height())
