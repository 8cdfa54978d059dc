"""A switch whose tick is drawn in the theme's colours."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QCheckBox, QWidget

from musicassist.ui.foreign_text import face_of, paint_words
from musicassist.ui.icons import tinted_pixmap
from musicassist.ui.theme import Theme

BOX_PX = 16
GAP_PX = 8


class CheckBox(QCheckBox):
    """A square with a tick, and words beside it. The accent is its ground while it is on."""

    def __init__(self, text: str, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self._theme = theme

    def set_theme(self, theme: Theme) -> None:
        """Changes the colours."""
        self._theme = theme
        self.update()

    def sizeHint(self) -> QSize:
        """Box and words."""
        return QSize(BOX_PX + GAP_PX + self.fontMetrics().horizontalAdvance(face_of(self)) + 4, BOX_PX + 8)

    def hitButton(self, place: object) -> bool:  # noqa: N802
        """Box and words react alike."""
        return True

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Box, tick, words."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        box = QRectF(0.5, (self.height() - BOX_PX) / 2 + 0.5, BOX_PX - 1, BOX_PX - 1)
        painter.setPen(QColor(self._theme.second_text if self.hasFocus() else self._theme.bar_line))
        painter.setBrush(QColor(self._theme.accent if self.isChecked() else self._theme.field))
        painter.drawRoundedRect(box, 4, 4)
        if self.isChecked():
            tick = tinted_pixmap("accept", self._theme.on_accent, size_px=12, scale=self.devicePixelRatioF())
            painter.drawPixmap(round(box.left()) + 2, round(box.top()) + 2, tick)
        painter.setPen(QColor(self._theme.text))
        words = self.rect().adjusted(BOX_PX + GAP_PX, 0, 0, 0)
        paint_words(painter, words, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, face_of(self))
        painter.end()
