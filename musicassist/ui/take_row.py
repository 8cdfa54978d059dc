"""One take as a row: its number, its contour, and whether it is the one that is heard."""

from __future__ import annotations

from dataclasses import dataclass, field

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QEnterEvent, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from musicassist.composing.request import Take
from musicassist.score.seam import FACT_WORDS
from musicassist.score.song import Notes
from musicassist.score.theory import Key
from musicassist.session.takes import Takes
from musicassist.ui.foreign_text import filled, paint_words, set_name, set_tip, translate
from musicassist.ui.theme import SMALL_PX, text_font, theme_now

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

    def __init__(self, number: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.number = number
        self.face = TakeFace()
        self._is_hovered = False
        self.setFixedHeight(HEIGHT_PX)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.show_face(self.face)

    def sizeHint(self) -> QSize:
        return QSize(160, HEIGHT_PX)

    def show_face(self, face: TakeFace) -> None:
        """Shows another state of the take."""
        self.face = face
        set_tip(self, face.facts)
        name, heard = self.tr("Take {number}").format(number=self.number), self.tr("heard now")
        set_name(self, f"{name}, {heard}" if face.is_auditioned else name)
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        if self.face.is_auditioned or self._is_hovered:
            painter.setBrush(QColor(theme_now().hover))
            painter.drawRoundedRect(QRectF(self.rect()), 6, 6)
        if self.face.is_auditioned:
            painter.setBrush(QColor(theme_now().accent))
            painter.drawRoundedRect(QRectF(0, 8, 3, HEIGHT_PX - 16), 1.5, 1.5)
        self._paint_number(painter)
        self._paint_contour(painter)
        painter.end()

    def _paint_number(self, painter: QPainter) -> None:
        font = text_font(SMALL_PX)
        font.setBold(self.face.is_auditioned)
        painter.setFont(font)
        painter.setPen(QColor(theme_now().text if self.face.is_auditioned else theme_now().second_text))
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
        color = QColor(theme_now().accent)
        color.setAlphaF(1.0 if self.face.is_auditioned else 0.55)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(color)
        for note in notes:
            left = ground.left() + ground.width() * (note.start_tick - self.face.from_tick) / ticks
            wide = max(2.0, ground.width() * note.duration_ticks / ticks - 1)
            top = ground.center().y() - (note.pitch - middle) / reach * (ground.height() - 3) - 1.5
            painter.drawRoundedRect(QRectF(left, top, wide, 3), 1, 1)

    def _paint_waiting(self, painter: QPainter, ground: QRectF) -> None:
        pen = QPen(QColor(theme_now().bar_line), 1, Qt.PenStyle.DotLine)
        painter.setPen(pen)
        middle = ground.center().y()
        painter.drawLine(QPointF(ground.left(), middle), QPointF(ground.right(), middle))

    def enterEvent(self, event: QEnterEvent) -> None:
        self._is_hovered = True
        self.update()
        super().enterEvent(event)

    def leaveEvent(self, event: object) -> None:
        self._is_hovered = False
        self.update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() == Qt.MouseButton.LeftButton:
            self.chosen.emit(self.number)


def take_faces(takes: Takes, lit: int, song_key: Key | None) -> tuple[TakeFace, ...]:
    """A face for each take, the first one for take 1; none while nothing was asked for.

    Args:
        takes: The takes.
        lit: Number of the take that is heard or watched.
        song_key: The song's key, for takes that were made without one.
    """
    if takes.span is None or takes.phase not in ("generating", "offered"):
        return ()
    from_tick, to_tick = takes.span
    offer = {take.number: take for take in takes.offer}
    count = len(offer) or (takes.request.takes if takes.request is not None else 0)
    return tuple(
        TakeFace(
            notes=takes.ghosts(number),
            from_tick=from_tick,
            to_tick=to_tick,
            is_auditioned=number == lit,
            is_complete=number in offer,
            facts=take_facts(offer[number], song_key) if number in offer else "",
        )
        for number in range(1, count + 1)
    )


def take_facts(take: Take, song_key: Key | None) -> str:
    """What is known about a take, in two short lines, and a third where it puts something right."""
    notes = translate("Takes", "{count} notes").format(count=len(take.notes))
    new = translate("Takes", "{share} % new").format(share=round(100 * take.originality))
    seed = translate("Takes", "seed {seed}").format(seed=take.seed)
    facts = f"{notes}{_in_key(take, song_key)}\n{new} · {seed}"
    put_right = ", ".join(filled("Takes", FACT_WORDS[kind], {"value": value}) for kind, value in take.amends.facts)
    return f"{facts}\n{put_right}" if put_right else facts


def _in_key(take: Take, song_key: Key | None) -> str:
    key = take.constraints.key or song_key
    if key is None:
        return ""
    if take.in_scale_share >= 1:
        return translate("Takes", ", all in {key}").format(key=key)
    return translate("Takes", ", {share} % in {key}").format(share=round(100 * take.in_scale_share), key=key)


def progress_share(faces: tuple[TakeFace, ...]) -> float:
    """How far the takes have come in time, 0..1, on the average."""
    if not faces:
        return 0.0
    reached = (face.notes.end_tick.max() - face.from_tick if len(face.notes) else 0 for face in faces)
    spans_ticks = sum(max(1, face.to_tick - face.from_tick) for face in faces)
    return max(0.0, min(1.0, float(sum(reached)) / spans_ticks))
