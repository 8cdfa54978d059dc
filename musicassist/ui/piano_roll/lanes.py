"""The lanes under the roll: the velocities, one lollipop for each note, and the whole song in a thin strip."""

from __future__ import annotations

from math import ceil

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QMouseEvent, QPainter, QPaintEvent, QPen, QPixmap, QResizeEvent, QWheelEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from musicassist.score.song import Note, Notes
from musicassist.ui.foreign_text import set_tip
from musicassist.ui.piano_roll import batches
from musicassist.ui.piano_roll.geometry import HIGHEST_PITCH, Frame, PitchTransform, TickTransform, lines_between
from musicassist.ui.piano_roll.gestures import Outcome
from musicassist.ui.piano_roll.note_gestures import VelocityStroke
from musicassist.ui.piano_roll.scanlines import coverage
from musicassist.ui.piano_roll.scene import Backdrop, Offer, Scene
from musicassist.ui.piano_roll.viewport import RollPart, Viewport, cursor, turn_wheel
from musicassist.ui.theme import Theme, faint

LANE_PX = 76
LANE_PAD_PX = 7
HEAD_PX = 8
OVERVIEW_PX = 34
OVERVIEW_PAD_PX = 4
MIN_PITCHES = 24
SPAN_BEATS = 16
BEHIND_ALPHA = 0.3


class VelocityLane(RollPart):
    """Dragging draws velocities; Ctrl makes the stroke a straight line; a selection limits it."""

    def __init__(self, scene: Scene, viewport: Viewport, parent: QWidget | None = None) -> None:
        super().__init__(scene, viewport, parent)
        self._stroke: VelocityStroke | None = None
        self._heads: dict[tuple[str, int, float], QPixmap] = {}
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setCursor(cursor("draw"))
        self.setAccessibleName(self.tr("Velocity"))
        tip = self.tr("Drag to draw velocities, Ctrl+drag for a straight line; a selection limits it")
        set_tip(self, tip, description=self.tr("How loud each note is. Drag to draw, Ctrl for a straight line."))
        scene.notes_changed.connect(self.update)
        scene.playhead_moved.connect(self._on_playhead_moved)

    def sizeHint(self) -> QSize:
        return QSize(960, LANE_PX)

    def _y(self, velocity: np.ndarray | float) -> np.ndarray | float:
        return self.height() - LANE_PAD_PX - velocity * (self.height() - 2 * LANE_PAD_PX) / 127

    def _velocity(self, y_px: float) -> float:
        return (self.height() - LANE_PAD_PX - y_px) * 127 / (self.height() - 2 * LANE_PAD_PX)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter, theme = QPainter(self), self._scene.theme
        painter.fillRect(self.rect(), QColor(theme.panel))
        self._paint_lines(painter)
        self._paint_notes(painter)
        painter.fillRect(0, 0, self.width(), 1, QColor(theme.bar_line))
        x = self._viewport.ticks.to_x(self._scene.playhead_tick)
        batches.paint_playhead(painter, x, self.height(), theme, is_recording=self._scene.is_recording)
        painter.end()

    def _paint_lines(self, painter: QPainter) -> None:
        theme, ticks = self._scene.theme, self._viewport.ticks
        lines = lines_between(self._scene.grid, self._viewport.from_tick, self._viewport.to_tick, ticks.pixels_per_tick)
        for column, color in ((lines.beat_ticks, theme.grid_line), (lines.bar_ticks, theme.beat_line)):
            x = ticks.to_x(column)
            table = batches.rectangles(x, np.zeros_like(x), np.ones_like(x), float(self.height()))
            batches.fill_rectangles(painter, table, QColor(color))

    def _paint_notes(self, painter: QPainter) -> None:
        scene = self._scene
        rows = scene.index.rows_between(self._viewport.from_tick, self._viewport.to_tick)
        notes, is_selected = scene.notes, scene.selection[rows]
        shade = batches.shade_of(notes.velocity[rows], is_selected)
        order = np.argsort(shade, kind="stable")
        rows, shade = rows[order], shade[order]
        x = np.rint(self._viewport.ticks.to_x(notes.start_tick[rows]))
        y = np.rint(self._y(notes.velocity[rows]))
        is_dense = len(rows) * HEAD_PX > self.width()
        stems = batches.rectangles(x, y, np.full_like(x, 1 if is_dense else 2), self.height() - LANE_PAD_PX + 1 - y)
        edges = np.searchsorted(shade, np.arange(batches.SHADES + 1))
        for color, first, last in zip(
            batches.shade_colors(scene.theme, scene.track_index), edges[:-1], edges[1:], strict=True
        ):
            if last > first:
                batches.fill_rectangles(painter, stems[first:last], QColor(color))
        if not is_dense:
            self._paint_heads(painter, x, y, shade)

    def _paint_heads(self, painter: QPainter, x: np.ndarray, y: np.ndarray, shade: np.ndarray) -> None:
        scale = self.devicePixelRatioF()
        sheet = self._head_sheet(self._scene.theme, self._scene.track_index, scale)
        side = round(HEAD_PX * scale)
        painter.save()
        painter.scale(1 / scale, 1 / scale)  # sprites are counted in device pixels
        left, top = (x + 1) * scale - side / 2, y * scale - side / 2
        batches.draw_sprites(painter, batches.sprites(left, top, 0, shade * float(side), side, side), sheet)
        painter.restore()

    def _head_sheet(self, theme: Theme, track_index: int, scale: float) -> QPixmap:
        """Discs of every shade below each other."""
        place = (theme.name, track_index, scale)
        if place not in self._heads:
            side = round(HEAD_PX * scale)
            sheet = batches.blank_pixmap(side, side * batches.SHADES)
            painter = QPainter(sheet)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            for shade, color in enumerate(batches.shade_colors(theme, track_index)):
                painter.setPen(QColor(theme.selected_outline) if shade >= batches.SHADES // 2 else Qt.PenStyle.NoPen)
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
            self._scene.show_preview(self._moved(self._stroke, event))

    def _moved(self, stroke: VelocityStroke, event: QMouseEvent) -> Outcome:
        tick, velocity = self._viewport.ticks.to_tick(event.position().x()), self._velocity(event.position().y())
        return stroke.move(tick, velocity, is_straight=bool(event.modifiers() & Qt.KeyboardModifier.ControlModifier))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._stroke is not None and event.button() == Qt.MouseButton.LeftButton:
            outcome = self._moved(self._stroke, event)
            name, self._stroke = self._stroke.name, None
            self._scene.end_drag()
            self._scene.commit(name, outcome)

    def _drop(self) -> None:
        self._stroke = None


class Minimap(RollPart):
    """A picture of all notes, kept until they change, with the view's window upon it."""

    def __init__(self, scene: Scene, viewport: Viewport, parent: QWidget | None = None) -> None:
        super().__init__(scene, viewport, parent)
        self._picture: QPixmap | None = None
        self._behind = QPixmap()
        self._behind_look: tuple[object, ...] | None = None
        self._layers: dict[int, tuple[tuple[object, ...], NDArray[np.uint32]]] = {}  # by colour, of the other tracks
        self._grip_px: float | None = None
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
        return QSize(960, OVERVIEW_PX)

    @property
    def _share(self) -> float:
        """Pixels here for one of the paper's, counted in whole spans, so that not each note at its end rescales it."""
        viewport = self._viewport
        span_px = SPAN_BEATS * viewport.ticks_per_beat * viewport.ticks.pixels_per_tick
        return self.width() / max(1.0, ceil(viewport.total_px / span_px) * span_px)

    @property
    def _pixels_per_tick(self) -> float:
        return self._viewport.ticks.pixels_per_tick * self._share

    def x_of(self, tick: float) -> float:
        return tick * self._pixels_per_tick

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
        layers, known = backdrop.layers if backdrop is not None else (), self._layers
        self._layers = {}  # those that are no more are let go
        for track_index, index in layers:
            color = QColor(theme.note_color(track_index, 100))
            look = (index, color.rgba(), self._pixels_per_tick, self.size())
            kept = known.get(track_index)
            pixels = kept[1] if kept is not None and kept[0] == look else self._pixels_of(index.notes, color)
            self._layers[track_index] = look, pixels
            self._paint_pixels(painter, pixels, low, high)
        painter.end()
        return picture

    def _paint_offer(self, painter: QPainter, offer: Offer) -> None:
        """Each frame anew: while a take grows, it is another one each time, and the song behind it is the same."""
        theme, notes, per_tick = self._scene.theme, offer.chosen, self._pixels_per_tick
        left_px, right_px = offer.from_tick * per_tick, offer.to_tick * per_tick
        painter.fillRect(QRectF(left_px, 1, right_px - left_px, self.height() - 1), faint(theme.accent, 0.12))
        low, high = self._pitch_range()
        row_px = (self.height() - 2 * OVERVIEW_PAD_PX) / (high - low + 1)
        pitch = np.clip(notes.pitch, low, high)
        starts_px, widths_px = notes.start_tick * per_tick, notes.duration_ticks * per_tick
        boxes = batches.rectangles(starts_px, OVERVIEW_PAD_PX + (high - pitch) * row_px, widths_px, row_px)
        batches.fill_rectangles(painter, boxes, QColor(theme.accent))

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
        if len(notes):
            self._paint_pixels(painter, self._pixels_of(notes, color), low, high)

    def _pixels_of(self, notes: Notes, color: QColor) -> NDArray[np.uint32]:
        """Notes as wide as the strip, a line of pixels for each pitch."""
        frame = Frame(TickTransform(self._pixels_per_tick), PitchTransform(1.0), self.width(), self.height(), 1.0)
        mask = coverage(frame, notes, np.arange(len(notes)))
        return np.where(mask, np.uint32(color.rgba()), np.uint32(0))

    def _paint_pixels(self, painter: QPainter, pixels: NDArray[np.uint32], low: int, high: int) -> None:
        height, width = pixels.shape
        image = QImage(pixels.data, width, height, 4 * width, QImage.Format.Format_ARGB32_Premultiplied)
        rows = QRect(0, HIGHEST_PITCH - high, width, high - low + 1)
        painter.drawImage(QRect(0, OVERVIEW_PAD_PX, self.width(), self.height() - 2 * OVERVIEW_PAD_PX), image, rows)

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

    def _on_ghost_appended(self, note: Note) -> None:
        left_px, right_px = self.x_of(note.start_tick), self.x_of(note.end_tick)
        self.update(QRect(round(left_px) - 1, 0, round(right_px - left_px) + 3, self.height()))
