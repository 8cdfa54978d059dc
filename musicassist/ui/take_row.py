"""One take as a row: its number, its contour, and whether it is the one that is heard."""

from __future__ import annotations

from dataclasses import dataclass, field

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QEnterEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from musicassist.score.song import Notes
from musicassist.ui.foreign_text import paint_words, set_name, set_tip
from musicassist.ui.theme import SMALL_PX, Theme, text_font

HEIGHT_PX = 40
_NUMBER_PX = 24


@dataclass(frozen=True)
class TakeFace:
    """What a row shows.

    Attributes:
        notes: The notes so far.
        from_tick, to_tick: The span they fill.
        is_auditioned: Whether it is the take that is heard.
        is_complete: Whether all its notes are there.
        facts: A line for the tooltip and the screen reader.
    """

    notes: Notes = field(default_factory=Notes.of)
    from_tick: int = 0
    to_tick: int = 1
    is_auditioned: bool = False
    is_complete: bool = False
    facts: str = ""


class TakeRow(QWidget):
    """A take's contour. A click chooses it.

    Attributes:
        chosen: It was clicked; carries its number.
    """

    chosen = Signal(int)

    def __init__(self, number: int, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.number = number
        self.face = TakeFace()
        self._theme = theme
        self._is_hovered = False
        self.setFixedHeight(HEIGHT_PX)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.show_face(self.face)

    def sizeHint(self) -> QSize:
        """As wide as the panel."""
        return QSize(160, HEIGHT_PX)

    def show_face(self, face: TakeFace) -> None:
        """Shows another state of the take."""
        self.face = face
        set_tip(self, face.facts)
        name = self.tr("Take {number}").format(number=self.number)
        set_name(self, f"{name}, {self.tr('heard now')}" if face.is_auditioned else name)
        self.update()

    def set_theme(self, theme: Theme) -> None:
        """Changes the colours."""
        self._theme = theme
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Ground, number and contour."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        if self.face.is_auditioned or self._is_hovered:
            painter.setBrush(QColor(self._theme.hover))
            painter.drawRoundedRect(QRectF(self.rect()), 6, 6)
        if self.face.is_auditioned:
            painter.setBrush(QColor(self._theme.accent))
            painter.drawRoundedRect(QRectF(0, 8, 3, HEIGHT_PX - 16), 1.5, 1.5)
        self._paint_number(painter)
        self._paint_contour(painter)
        painter.end()

    def _paint_number(self, painter: QPainter) -> None:
        font = text_font(SMALL_PX)
        font.setBold(self.face.is_auditioned)
        painter.setFont(font)
        painter.setPen(QColor(self._theme.text if self.face.is_auditioned else self._theme.second_text))
        box = QRectF(4, 0, _NUMBER_PX - 4, HEIGHT_PX)
        paint_words(painter, box, Qt.AlignmentFlag.AlignCenter, str(self.number))

    def _paint_contour(self, painter: QPainter) -> None:
        ground = QRectF(_NUMBER_PX + 4, 7, self.width() - _NUMBER_PX - 12, HEIGHT_PX - 14)
        notes = self.face.notes
        if len(notes) == 0:
            self._paint_waiting(painter, ground)
            return
        lowest, highest = int(notes.pitch.min()), int(notes.pitch.max())
        middle, reach = (lowest + highest) / 2, max(highest - lowest, 10)
        ticks = max(1, self.face.to_tick - self.face.from_tick)
        color = QColor(self._theme.accent)
        color.setAlphaF(1.0 if self.face.is_auditioned else 0.55)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color)
        for note in notes:
            left = ground.left() + ground.width() * (note.start_tick - self.face.from_tick) / ticks
            wide = max(2.0, ground.width() * note.duration_ticks / ticks - 1)
            top = ground.center().y() - (note.pitch - middle) / reach * (ground.height() - 3) - 1.5
            painter.drawRoundedRect(QRectF(left, top, wide, 3), 1, 1)

    def _paint_waiting(self, painter: QPainter, ground: QRectF) -> None:
        pen = QPen(QColor(self._theme.bar_line), 1, Qt.PenStyle.DotLine)
        painter.setPen(pen)
        middle = ground.center().y()
        painter.drawLine(QPointF(ground.left(), middle), QPointF(ground.right(), middle))

    def enterEvent(self, event: QEnterEvent) -> None:
        """Lights the row before the press."""
        self._is_hovered = True
        self.update()
        super().enterEvent(event)

    def leaveEvent(self, event: object) -> None:
        """Dims it again."""
        self._is_hovered = False
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Chooses the take."""
        if event.button() == Qt.MouseButton.LeftButton:
            self.chosen.emit(self.number)
