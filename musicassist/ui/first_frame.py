"""Waits for a frame: before it the window is black, or shows yesterday's state, and nothing may hold it up."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QWidget

LIMIT_MS = 1_000


class FirstFrame(QObject):
    """Calls ``then`` once when a widget has been painted, or after a second where nobody paints it."""

    def __init__(self, widget: QWidget, then: Callable[[], None]) -> None:
        super().__init__(widget)
        self._widget = widget
        self._then: Callable[[], None] | None = then
        self._limit = QTimer(self, singleShot=True, interval=LIMIT_MS)
        self._limit.timeout.connect(self._proceed)
        self._limit.start()
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """After the paint event the frame is on its way to the screen."""
        if watched is self._widget and event.type() == QEvent.Type.Paint:
            QTimer.singleShot(0, self._proceed)
        return super().eventFilter(watched, event)

    def _proceed(self) -> None:
        then, self._then = self._then, None
        if then is not None:
            self._limit.stop()
            self._widget.removeEventFilter(self)
            then()
