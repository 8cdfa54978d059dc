"""Which part of the song is in view, and at what zoom; shared by the roll, its ruler, its keys and its lanes."""

from __future__ import annotations

from functools import lru_cache

from PySide6.QtCore import QObject, QPointF, Qt, Signal
from PySide6.QtGui import QColor, QCursor, QNativeGestureEvent, QPainter, QPainterPath, QPen, QPixmap, QWheelEvent
from PySide6.QtWidgets import QWidget

from musicassist.ui.piano_roll.geometry import (
    MAX_PIXELS_PER_BEAT,
    MAX_ROW_PX,
    MIN_PIXELS_PER_BEAT,
    MIN_ROW_PX,
    PitchTransform,
    TickTransform,
)
from musicassist.ui.piano_roll.scene import Scene

START_PIXELS_PER_BEAT = 72.0
START_ROW_PX = 14
AFTER_SHARE = 0.5  # of the width that can be scrolled to after the end
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
NOTCH = 120  # what Qt reports for one notch
PX_PER_NOTCH = 84.0
ZOOM_PER_NOTCH = 1.2


class Viewport(QObject):
    """Scroll and zoom; ``changed`` after each change. Main thread only."""

    changed = Signal()

    def __init__(self, ticks_per_beat: int, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.ticks_per_beat = ticks_per_beat
        self.ticks = TickTransform(START_PIXELS_PER_BEAT / ticks_per_beat)
        self.pitches = PitchTransform(START_ROW_PX, 40.0 * START_ROW_PX)
        self.width_px, self.height_px = 100, 100
        self.end_tick = 0
        self._wanted_row_px = float(START_ROW_PX)
        self._size = (0, 0)

    @property
    def from_tick(self) -> float:
        return self.ticks.to_tick(0)

    @property
    def to_tick(self) -> float:
        return self.ticks.to_tick(self.width_px)

    @property
    def total_px(self) -> float:
        """Width of everything that can be scrolled to: the song and half a view after it."""
        return self.end_tick * self.ticks.pixels_per_tick + self.width_px * AFTER_SHARE

    def set_size(self, width_px: int, height_px: int) -> None:
        """The size of the roll's view; the middle pitch stays in the middle."""
        grown_px = height_px - self.height_px
        self.width_px, self.height_px = max(1, width_px), max(1, height_px)
        self._show(self.ticks, self.pitches.scrolled_to(self.pitches.scroll_px - grown_px / 2))

    def set_song(self, ticks_per_beat: int, end_tick: int) -> None:
        """What can be scrolled through; the zoom in beats stays."""
        if ticks_per_beat != self.ticks_per_beat:
            per_tick = self.ticks.pixels_per_tick * self.ticks_per_beat / ticks_per_beat
            self.ticks_per_beat = ticks_per_beat
            self.ticks = TickTransform(per_tick, self.ticks.scroll_px)
        self.end_tick = end_tick
        self._show(self.ticks, self.pitches)

    def scroll_by(self, dx_px: float, dy_px: float) -> None:
        self.scroll_to(self.ticks.scroll_px + dx_px, self.pitches.scroll_px + dy_px)

    def scroll_to(self, x_px: float, y_px: float) -> None:
        self._show(self.ticks.scrolled_to(x_px), self.pitches.scrolled_to(y_px))

    def zoom_time(self, factor: float, about_x_px: float) -> None:
        """Nearer or further in time; what is under ``about_x_px`` stays."""
        beat_px = self.ticks.pixels_per_tick * self.ticks_per_beat * factor
        beat_px = max(MIN_PIXELS_PER_BEAT, min(MAX_PIXELS_PER_BEAT, beat_px))
        self._show(self.ticks.zoomed(beat_px / self.ticks_per_beat, about_x_px), self.pitches)

    def zoom_pitch(self, factor: float, about_y_px: float) -> None:
        """Higher or lower rows, in whole pixels; what is under ``about_y_px`` stays."""
        self._wanted_row_px = max(MIN_ROW_PX, min(MAX_ROW_PX, self._wanted_row_px * factor))
        self._show(self.ticks, self.pitches.zoomed(round(self._wanted_row_px), about_y_px))

    def show_span(self, from_tick: float, to_tick: float) -> None:
        beats = max(1.0, (to_tick - from_tick) / self.ticks_per_beat)
        beat_px = max(MIN_PIXELS_PER_BEAT, min(MAX_PIXELS_PER_BEAT / 4, self.width_px * 0.92 / beats))
        per_tick = beat_px / self.ticks_per_beat
        middle_px = (from_tick + to_tick) / 2 * per_tick
        self._show(TickTransform(per_tick, middle_px - self.width_px / 2), self.pitches)

    def center_pitch(self, pitch: float) -> None:
        middle_px = (127.5 - pitch) * self.pitches.row_px
        self.scroll_to(self.ticks.scroll_px, middle_px - self.height_px / 2)

    @property
    def middle_pitch(self) -> float:
        """What ``center_pitch`` put in the middle."""
        return 127.5 - (self.pitches.scroll_px + self.height_px / 2) / self.pitches.row_px

    def show_view(self, beat_px: float, row_px: float, from_beat: float, middle_pitch: float) -> None:
        """A zoom and a place that were seen before, as far as the song and the window have them."""
        self.zoom_time(beat_px / (self.ticks.pixels_per_tick * self.ticks_per_beat), 0)
        self.zoom_pitch(row_px / self._wanted_row_px, 0)
        self.scroll_to(from_beat * self.ticks_per_beat * self.ticks.pixels_per_tick, self.pitches.scroll_px)
        self.center_pitch(middle_pitch)

    def reveal_tick(self, tick: float, *, at_share: float = 0.1) -> None:
        """Turns the page if the tick is out of view, so that it stands at a share of the width."""
        if not 0 <= self.ticks.to_x(tick) < self.width_px:
            self.scroll_to(tick * self.ticks.pixels_per_tick - self.width_px * at_share, self.pitches.scroll_px)

    def _show(self, ticks: TickTransform, pitches: PitchTransform) -> None:
        furthest_px = self.end_tick * ticks.pixels_per_tick - self.width_px * (1 - AFTER_SHARE)
        lowest_px = pitches.total_px - self.height_px
        before = self.ticks, self.pitches
        self.ticks = ticks.scrolled_to(float(round(max(0.0, min(ticks.scroll_px, furthest_px)))))
        self.pitches = pitches.scrolled_to(float(round(max(0.0, min(pitches.scroll_px, lowest_px)))))
        if before != (self.ticks, self.pitches) or self._size != (self.width_px, self.height_px):
            self._size = self.width_px, self.height_px
            self.changed.emit()


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


def wheel_px(event: QWheelEvent) -> tuple[float, float]:
    """How far the wheel or the touchpad was turned, in pixels to the right and down.

    A touchpad says pixels; a wheel says notches.
    """
    pixels, angle = event.pixelDelta(), event.angleDelta()
    if not pixels.isNull():
        return float(-pixels.x()), float(-pixels.y())
    return -angle.x() / NOTCH * PX_PER_NOTCH, -angle.y() / NOTCH * PX_PER_NOTCH


def turn_wheel(viewport: Viewport, event: QWheelEvent, position: QPointF | None = None) -> None:
    """Scrolls or zooms.

    With Alt held Qt reports a plain wheel on the x axis, and macOS does so with Shift; so where one axis is meant, the
    one that has moved is taken.
    """
    where = position if position is not None else event.position()
    keys = event.modifiers()
    dx_px, dy_px = wheel_px(event)
    main_px = dy_px or dx_px
    is_shift = bool(keys & Qt.KeyboardModifier.ShiftModifier)
    if keys & Qt.KeyboardModifier.ControlModifier:
        factor = ZOOM_PER_NOTCH ** (-main_px / PX_PER_NOTCH)
        if is_shift:
            viewport.zoom_pitch(factor, where.y())
        else:
            viewport.zoom_time(factor, where.x())
    elif is_shift:
        viewport.scroll_by(main_px, 0)
    elif keys & Qt.KeyboardModifier.AltModifier:
        viewport.scroll_by(0, main_px)
    else:
        viewport.scroll_by(dx_px, dy_px)
    event.accept()


def pinch(viewport: Viewport, event: QNativeGestureEvent) -> bool:
    """Zooms time about the fingers; whether it was a pinch."""
    if event.gestureType() != Qt.NativeGestureType.ZoomNativeGesture:
        return False
    viewport.zoom_time(1 + event.value(), event.position().x())
    return True


class RollPart(QWidget):
    """What the paper, the rulers and the lanes share: scene and viewport, which they are drawn from, and the wheel.

    Attributes:
        HALF_PLAYHEAD_PX: How far the playhead reaches to each side of its place.
    """

    HALF_PLAYHEAD_PX = 1

    def __init__(self, scene: Scene, viewport: Viewport, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._scene, self._viewport = scene, viewport
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        viewport.changed.connect(self.update)
        scene.ground_changed.connect(self.update)

    def wheelEvent(self, event: QWheelEvent) -> None:
        turn_wheel(self._viewport, event)

    def x_of(self, tick: float) -> float:
        return self._viewport.ticks.to_x(tick)

    def _on_playhead_moved(self, old_tick: float, new_tick: float) -> None:
        reach_px = self.HALF_PLAYHEAD_PX
        for tick in (old_tick, new_tick):
            self.update(round(self.x_of(tick)) - reach_px, 0, 2 * reach_px + 1, self.height())
