"""The whole song in a thin strip; dragging the window upon it scrolls, a double-click shows everything."""

from __future__ import annotations

from math import ceil

import numpy as np
from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QMouseEvent, QPainter, QPaintEvent, QPen, QPixmap, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from musicassist.score.song import Note, Notes
from musicassist.ui.foreign_text import set_tip
from musicassist.ui.piano_roll.batches import fill_rectangles, rectangles
from musicassist.ui.piano_roll.geometry import HIGHEST_PITCH, Frame, PitchTransform, TickTransform
from musicassist.ui.piano_roll.overlay import faint
from musicassist.ui.piano_roll.scanlines import coverage
from musicassist.ui.piano_roll.scene import Backdrop, Offer, Scene
from musicassist.ui.piano_roll.viewport import Viewport, turn_wheel

HEIGHT_PX = 34
PAD_PX = 4
MIN_PITCHES = 24
SPAN_BEATS = 16
BEHIND_ALPHA = 0.3


class Minimap(QWidget):
    """A picture of all notes, kept until they change, with the view's window upon it."""

    def __init__(self, scene: Scene, viewport: Viewport, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._scene, self._viewport = scene, viewport
        self._picture: QPixmap | None = None
        self._behind = QPixmap()
        self._behind_look: tuple[object, ...] | None = None
        self._grip_px: float | None = None
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(self.tr("Overview"))
        description = self.tr("The whole song. Drag to scroll.")
        set_tip(self, self.tr("Drag to scroll, double-click to see the whole song"), description=description)
        viewport.changed.connect(self._on_viewport_changed)
        scene.ground_changed.connect(self._on_ground_changed)
        scene.notes_changed.connect(self._on_notes_changed)
        scene.overlay_changed.connect(self.update)
        scene.ghost_appended.connect(self._on_ghost_appended)
        scene.playhead_moved.connect(self._on_playhead_moved)
        self._shown_px = 0.0

    def sizeHint(self) -> QSize:
        return QSize(960, HEIGHT_PX)

    @property
    def _share(self) -> float:
        """Pixels here for one of the paper's, counted in whole spans, so that not each note at its end rescales it."""
        viewport = self._viewport
        span_px = SPAN_BEATS * viewport.ticks_per_beat * viewport.ticks.pixels_per_tick
        return self.width() / max(1.0, ceil(viewport.total_px / span_px) * span_px)

    @property
    def _pixels_per_tick(self) -> float:
        return self._viewport.ticks.pixels_per_tick * self._share

    @property
    def window_box(self) -> QRectF:
        """The part of the strip that the roll shows."""
        left = self._viewport.ticks.scroll_px * self._share
        return QRectF(left, 0.5, max(8.0, self._viewport.width_px * self._share), self.height() - 1)

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._picture is None:
            self._picture = self._drawn()
        painter, theme = QPainter(self), self._scene.theme
        painter.drawPixmap(0, 0, self._picture)
        if self._scene.offer is not None:
            self._paint_offer(painter, self._scene.offer)
        window = self.window_box
        painter.fillRect(window, faint(theme.text, 0.07))
        painter.setPen(QPen(faint(theme.text, 0.30), 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(window.adjusted(0.5, 0, -1, -0.5))
        x = round(self._scene.playhead_tick * self._pixels_per_tick)
        painter.fillRect(
            QRect(x, 0, 1, self.height()), QColor(theme.record if self._scene.is_recording else theme.playhead)
        )
        painter.end()

    def _drawn(self) -> QPixmap:
        scene = self._scene
        low, high = self._pitch_range()
        backdrop = scene.backdrop if scene.shows_other_tracks else None
        look = (backdrop, scene.theme.name, low, high, self._pixels_per_tick, self.size(), self.devicePixelRatioF())
        if look != self._behind_look:
            self._behind = self._drawn_behind(backdrop, low, high)
            self._behind_look = look
        picture = self._behind.copy()
        painter = QPainter(picture)
        self._paint(painter, scene.notes, QColor(scene.theme.note_color(scene.track_index, 110)), low, high)
        painter.end()
        return picture

    def _drawn_behind(self, backdrop: Backdrop | None, low: int, high: int) -> QPixmap:
        """The other tracks, kept until one of them, the length of the song or its range is another."""
        theme, scale = self._scene.theme, self.devicePixelRatioF()
        picture = QPixmap(round(self.width() * scale), round(self.height() * scale))
        picture.setDevicePixelRatio(scale)
        picture.fill(QColor(theme.window))
        painter = QPainter(picture)
        painter.fillRect(0, 0, self.width(), 1, QColor(theme.bar_line))
        painter.setOpacity(BEHIND_ALPHA)
        for track_index, index in backdrop.layers if backdrop is not None else ():
            self._paint(painter, index.notes, QColor(theme.note_color(track_index, 100)), low, high)
        painter.end()
        return picture

    def _paint_offer(self, painter: QPainter, offer: Offer) -> None:
        """Each frame anew: while a take grows, it is another one each time, and the song behind it is the same."""
        theme, notes, per_tick = self._scene.theme, offer.chosen, self._pixels_per_tick
        left_px, right_px = offer.from_tick * per_tick, offer.to_tick * per_tick
        painter.fillRect(QRectF(left_px, 1, right_px - left_px, self.height() - 1), faint(theme.accent, 0.12))
        low, high = self._pitch_range()
        row_px = (self.height() - 2 * PAD_PX) / (high - low + 1)
        pitch = np.clip(notes.pitch, low, high)
        starts_px, widths_px = notes.start_tick * per_tick, notes.duration_ticks * per_tick
        boxes = rectangles(starts_px, PAD_PX + (high - pitch) * row_px, widths_px, row_px)
        fill_rectangles(painter, boxes, QColor(theme.accent))

    def _pitch_range(self) -> tuple[int, int]:
        """Lowest and highest pitch of the song, at least two octaves apart."""
        notes, behind = self._scene.notes, self._scene.backdrop.pitches
        is_drums = self._scene.song.tracks[self._scene.track_index].is_drums
        ranges = [behind] if behind is not None else []
        if len(notes) and not is_drums:
            ranges.append((int(notes.pitch.min()), int(notes.pitch.max())))
        if not ranges:
            return 48, 48 + MIN_PITCHES
        low, high = min(low for low, _ in ranges), max(high for _, high in ranges)
        spare = max(0, MIN_PITCHES - (high - low))
        return max(0, low - spare // 2), min(HIGHEST_PITCH, high + (spare + 1) // 2)

    def _paint(self, painter: QPainter, notes: Notes, color: QColor, low: int, high: int) -> None:
        if len(notes) == 0:
            return
        frame = Frame(TickTransform(self._pixels_per_tick), PitchTransform(1.0), self.width(), self.height(), 1.0)
        mask = coverage(frame, notes, np.arange(len(notes)))
        pixels = np.where(mask, np.uint32(color.rgba()), np.uint32(0))
        image = QImage(
            pixels.data, self.width(), len(mask), 4 * self.width(), QImage.Format.Format_ARGB32_Premultiplied
        )
        rows = QRect(0, HIGHEST_PITCH - high, self.width(), high - low + 1)
        painter.drawImage(QRect(0, PAD_PX, self.width(), self.height() - 2 * PAD_PX), image, rows)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            window, x = self.window_box, event.position().x()
            self._grip_px = x - window.left() if window.left() <= x < window.right() else window.width() / 2
            self.mouseMoveEvent(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if self._grip_px is not None:
            x_px = (event.position().x() - self._grip_px) / self._share
            self._viewport.scroll_to(x_px, self._viewport.pitches.scroll_px)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._grip_px = None

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self._viewport.show_span(0, max(self._scene.end_tick, 4 * self._scene.song.ticks_per_beat))

    def wheelEvent(self, event: QWheelEvent) -> None:
        turn_wheel(self._viewport, event, self.rect().center().toPointF())

    def resizeEvent(self, event: QResizeEvent) -> None:
        self._picture = None

    def _on_ground_changed(self) -> None:
        """Other colours, or another song."""
        self._picture = None
        self.update()

    def _on_notes_changed(self) -> None:
        """While a drag goes on the old picture will do."""
        if not self._scene.is_dragging:
            self._picture = None
            self.update()

    def _on_viewport_changed(self) -> None:
        """Scrolling moves the window only; another zoom or length changes the scale."""
        if self._viewport.total_px != self._shown_px:
            self._shown_px = self._viewport.total_px
            self._picture = None
        self.update()

    def _on_ghost_appended(self, note: Note) -> None:
        left_px, right_px = note.start_tick * self._pixels_per_tick, note.end_tick * self._pixels_per_tick
        self.update(QRect(round(left_px) - 1, 0, round(right_px - left_px) + 3, self.height()))

    def _on_playhead_moved(self, old_tick: float, new_tick: float) -> None:
        for tick in (old_tick, new_tick):
            self.update(QRect(round(tick * self._pixels_per_tick) - 1, 0, 3, self.height()))
