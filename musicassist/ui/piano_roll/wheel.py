"""The wheel: scroll, Shift sideways, Ctrl zooms time about the pointer, Ctrl+Shift zooms pitch; and pinching."""

from __future__ import annotations

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QNativeGestureEvent, QWheelEvent

from musicassist.ui.piano_roll.viewport import Viewport

NOTCH = 120  # what Qt reports for one notch
PX_PER_NOTCH = 84.0
ZOOM_PER_NOTCH = 1.2


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
