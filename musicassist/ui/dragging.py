"""What is dragged out of the window: when a drag begins, and the grip of the selected notes."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QPoint, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QApplication, QToolButton, QWidget

from musicassist.ui.foreign_text import Tip, set_name, set_tip
from musicassist.ui.theme import icon, theme_now

GRIP_PX, ICON_PX = 28, 6  # its size, and the room around its icon


class DragStart(QObject):
    """Notices that a widget is dragged by the left button. It eats no event.

    Attributes:
        begun: The pointer was moved far enough.
    """

    begun = Signal()

    def __init__(self, widget: QWidget) -> None:
        super().__init__(widget)
        self._from: QPointF | None = None
        widget.installEventFilter(self)

    def eventFilter(self, _watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QMouseEvent):
            if event.type() == QEvent.Type.MouseButtonPress and event.button() == Qt.MouseButton.LeftButton:
                self._from = event.position()
            elif event.type() == QEvent.Type.MouseButtonRelease:
                self._from = None
            elif event.type() == QEvent.Type.MouseMove and self._from is not None:
                away_px = (event.position() - self._from).manhattanLength()
                if event.buttons() & Qt.MouseButton.LeftButton and away_px >= QApplication.startDragDistance():
                    self._from = None
                    self.begun.emit()
        return False


class PhraseGrip(QToolButton):
    """Stands in the corner of the paper while notes are selected, to drag them out by."""

    def __init__(self, paper: QWidget, drag: Callable[[], None]) -> None:
        super().__init__(paper)
        self._paper = paper
        self.setFixedSize(GRIP_PX, GRIP_PX)
        self.setIcon(icon("export", "text"))
        self.setCursor(Qt.CursorShape.OpenHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        set_name(self, self.tr("Drag the selected notes out"))
        words = self.tr("Drag the selected notes from here into another program or a folder, as a MIDI file.")
        set_tip(self, Tip(words, self.tr("Drag the selected notes out")))
        DragStart(self).begun.connect(drag)
        paper.installEventFilter(self)
        self.hide()
        self._place()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self._place()
        return super().eventFilter(watched, event)

    def paintEvent(self, _event: QPaintEvent) -> None:
        """On a ground of its own, for notes may lie beneath it."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme_now().hover))
        painter.drawRoundedRect(QRectF(self.rect()), 6, 6)
        self.icon().paint(painter, self.rect().adjusted(ICON_PX, ICON_PX, -ICON_PX, -ICON_PX))
        painter.end()

    def _place(self) -> None:
        self.move(QPoint(self._paper.width() - GRIP_PX - 8, 8))
