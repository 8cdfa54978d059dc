"""The panel on the right: the takes as contours, what is known about them, and how the next ones are composed."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QEnterEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from musicassist.score.song import Notes
from musicassist.score.theory import Key
from musicassist.session.comping import MIX
from musicassist.session.takes import Takes
from musicassist.ui.actions import Actions, calling
from musicassist.ui.dragging import DragStart
from musicassist.ui.foreign_text import (
    ElidedButton,
    PlainLabel,
    paint_words,
    paint_wrapped,
    set_face,
    set_name,
    set_tip,
    wrapped_px,
)
from musicassist.ui.take_controls import TakeControls
from musicassist.ui.take_words import evidence_words, take_facts, take_title
from musicassist.ui.theme import SMALL_PX, arranged, faint, icon, text_font, theme_now

ROW_PX = 40
PLAN_LINES = 3  # LIMIT: the longest words of a plan need them in the narrow panel
_NUMBER_PX = 24
PANEL_PX = 176
MIN_BUTTON_PX = 56


@dataclass(frozen=True)
class TakeFace:
    """What a row shows.

    Attributes:
        number: Of the take, from 1; ``MIX`` for the mix.
        notes: The notes so far.
        from_tick, to_tick: The span they fill.
        is_auditioned: Whether it is the take that is heard.
        is_complete: Whether all its notes are there.
        facts: Some lines for the panel and the tooltip.
        evidence: What it has in common with the training music, for the tooltip; empty where that is not known.
        plan: What its plan says, in a few words; empty where it has none.
    """

    number: int = MIX
    notes: Notes = field(default_factory=Notes.of)
    from_tick: int = 0
    to_tick: int = 1
    is_auditioned: bool = False
    is_complete: bool = False
    facts: str = ""
    evidence: str = ""
    plan: str = ""


class TakeRow(QWidget):
    """A take's contour. A click chooses it.

    Attributes:
        chosen: It was clicked; carries its number.
    """

    chosen = Signal(int)

    def __init__(self, face: TakeFace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.face = face
        self._is_hovered = False
        self.setFixedHeight(ROW_PX)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.show_face(self.face)

    def sizeHint(self) -> QSize:
        return QSize(160, ROW_PX)

    def show_face(self, face: TakeFace) -> None:
        self.face = face
        set_tip(self, "\n".join(filter(None, (face.plan, face.facts, face.evidence))))
        self._fit()
        name = (
            self.tr("Take {number}").format(number=face.number) if face.number != MIX else self.tr("Mix of the takes")
        )
        heard = self.tr("heard now")
        set_name(self, ", ".join(filter(None, (name, face.plan, heard if face.is_auditioned else ""))))
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Makes room for all lines that the words of the plan take."""
        plan_px = wrapped_px(text_font(SMALL_PX), self._plan_box.width(), self.face.plan, PLAN_LINES)
        self.setFixedHeight(ROW_PX + (plan_px - 2 if plan_px else 0))

    @property
    def _plan_box(self) -> QRect:
        return QRect(_NUMBER_PX + 4, ROW_PX - 6, self.width() - _NUMBER_PX - 8, self.height() - ROW_PX + 4)

    def paintEvent(self, _event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        if self.face.is_auditioned or self._is_hovered:
            painter.setBrush(QColor(theme_now().hover))
            painter.drawRoundedRect(QRectF(self.rect()), 6, 6)
        if self.face.is_auditioned:
            painter.setBrush(QColor(theme_now().accent))
            painter.drawRoundedRect(QRectF(0, 8, 3, ROW_PX - 16), 1.5, 1.5)
        self._paint_number(painter)
        self._paint_contour(painter)
        self._paint_plan(painter)
        painter.end()

    def _paint_number(self, painter: QPainter) -> None:
        font = text_font(SMALL_PX)
        font.setBold(self.face.is_auditioned)
        painter.setFont(font)
        painter.setPen(QColor(theme_now().text if self.face.is_auditioned else theme_now().second_text))
        box = QRectF(3, 0, _NUMBER_PX, ROW_PX) if self.face.number == MIX else QRectF(4, 0, _NUMBER_PX - 4, ROW_PX)
        words = str(self.face.number) if self.face.number != MIX else self.tr("mix")
        paint_words(painter, box, Qt.AlignmentFlag.AlignCenter, words)

    def _paint_plan(self, painter: QPainter) -> None:
        painter.setFont(text_font(SMALL_PX))
        painter.setPen(QColor(theme_now().text if self.face.is_auditioned else theme_now().second_text))
        paint_wrapped(painter, self._plan_box, self.face.plan)

    def _paint_contour(self, painter: QPainter) -> None:
        ground = QRectF(_NUMBER_PX + 4, 7, self.width() - _NUMBER_PX - 12, ROW_PX - 14)
        notes = self.face.notes
        if len(notes) == 0:
            self._paint_waiting(painter, ground)
            return
        color = faint(theme_now().accent, 1.0 if self.face.is_auditioned else 0.55)
        paint_contour(painter, ground, notes, (self.face.from_tick, self.face.to_tick), color)

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
            self.chosen.emit(self.face.number)


def paint_contour(painter: QPainter, ground: QRectF, notes: Notes, span: tuple[int, int], color: QColor) -> None:
    """Notes as a tiny picture; whatever their pitches are, it is as high as the ground."""
    if not len(notes):
        return
    lowest, highest = int(notes.pitch.min()), int(notes.pitch.max())
    middle, reach = (lowest + highest) / 2, max(highest - lowest, 10)
    ticks = max(1, span[1] - span[0])
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(color)
    for note in notes:
        left = ground.left() + ground.width() * (note.start_tick - span[0]) / ticks
        wide = max(2.0, ground.width() * note.duration_ticks / ticks - 1)
        top = ground.center().y() - (note.pitch - middle) / reach * (ground.height() - 3) - 1.5
        painter.drawRoundedRect(QRectF(left, top, wide, 3), 1, 1)


def take_faces(takes: Takes, lit: int, song_key: Key | None) -> tuple[TakeFace, ...]:
    """A face for each take, in order, and one for the mix behind them; none while nothing was asked for.

    Args:
        takes: The takes.
        lit: Number of the take that is heard or watched.
        song_key: The song's key, for takes that were made without one.
    """
    if takes.span is None or takes.phase not in ("generating", "offered"):
        return ()
    from_tick, to_tick = takes.span
    offer, mix = {take.number: take for take in takes.offer}, takes.current.mix
    is_blind = takes.current.is_blind
    count = len(offer) or (takes.request.takes if takes.request is not None else 0)
    numbers = [*range(1, count + 1)]
    if mix is not None:
        offer[MIX] = mix.take
        numbers.append(MIX)
    return tuple(
        TakeFace(
            number=number,
            notes=takes.ghosts(number),
            from_tick=from_tick,
            to_tick=to_tick,
            is_auditioned=number == lit,
            is_complete=number in offer,
            facts=take_facts(offer[number], song_key, is_blind=is_blind) if number in offer else "",
            evidence=evidence_words(offer[number]) if number in offer and not is_blind else "",
            plan=take_title(offer[number], takes.current) if number in offer else "",
        )
        for number in numbers
    )


def progress_share(faces: tuple[TakeFace, ...]) -> float:
    """How far the takes have come in time, 0..1, on the average."""
    if not faces:
        return 0.0
    reached = (face.notes.end_tick.max() - face.from_tick if len(face.notes) else 0 for face in faces)
    spans_ticks = sum(max(1, face.to_tick - face.from_tick) for face in faces)
    return max(0.0, min(1.0, float(sum(reached)) / spans_ticks))


class TakesPanel(QFrame):
    """Rows of takes, facts about the one that is heard, the buttons and the controls.

    Attributes:
        take_chosen, take_dragged: A row was clicked, or is dragged out; carries the number of the take.
        controls: The fields.
    """

    take_chosen, take_dragged = Signal(int), Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("takes_panel")
        self.setFixedWidth(PANEL_PX)
        self.rows: list[TakeRow] = []
        self.controls = TakeControls()
        self._column, self._rows_column = QVBoxLayout(), QVBoxLayout()
        self._hint = PlainLabel(self.tr("Takes appear here. Each is a different way to go on."), look="second")
        self._facts = PlainLabel(look="take_facts")
        self._choice = PlainLabel(look="second")
        self._again = QToolButton()
        self._fold = QToolButton()
        self._keep = ElidedButton()
        self._dismiss = ElidedButton()
        set_face(self._dismiss, self.tr("Dismiss"))
        self._lay_out()
        self._connect()
        self.show_takes((), auditioned=None)
        self.show_choice("")
        words = self.tr("A small net learned to tell real music from takes. It puts the takes in order.")
        set_tip(self._choice, words)

    def _lay_out(self) -> None:
        title = PlainLabel(self.tr("Takes"), look="panel_title")
        for label in (self._hint, self._facts, self._choice):
            label.setWordWrap(True)
            label.setFont(text_font(SMALL_PX))
        head = arranged(QHBoxLayout(), (title, 1), self._again, self._fold)
        self._rows_column.setSpacing(2)
        for button in (self._keep, self._dismiss):
            button.setMinimumWidth(MIN_BUTTON_PX)  # other languages have longer words
        buttons = arranged(QHBoxLayout(), self._keep, self._dismiss, spacing_px=4)
        inside, area = QWidget(), QScrollArea()
        inside.setObjectName("takes_panel")
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidgetResizable(True)
        area.setWidget(inside)
        area.verticalScrollBar().rangeChanged.connect(self._on_scroll_range_changed)
        arranged(QVBoxLayout(self), area)
        parts = head, self._hint, self._choice, self._rows_column, self._facts, buttons, 8, self.controls
        arranged(self._column, *parts, spacing_px=8).addStretch(1)
        inside.setLayout(self._column)
        self._on_scroll_range_changed(0, 0)

    def _on_scroll_range_changed(self, _lowest: int, highest: int) -> None:
        """A low window's scroll bar stands in the right margin: a wider panel would take room from the roll."""
        self._column.setContentsMargins(8, 8, 0 if highest else 6, 12)

    def _connect(self) -> None:
        self._again.setIcon(icon("again", "second_text"))
        self._fold.setIcon(icon("close", "second_text"))
        self._keep.setProperty("assistant", True)  # noqa: FBT003  # Qt's property
        set_tip(self._fold, self.tr("Fold the panel away."))
        self._again.setAccessibleName(self.tr("Compose again"))
        self._fold.setAccessibleName(self.tr("Fold the panel"))
        for button in (self._keep, self._dismiss, self._again, self._fold):
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def connect_commands(self, actions: Actions) -> None:
        """Lets its buttons do commands of the table, and say in their tips which."""
        commands = {
            self._keep: "assistant.accept",
            self._dismiss: "assistant.dismiss",
            self._again: "assistant.again",
            self._fold: "view.takes_panel",
        }
        for button, command_id in commands.items():
            button.clicked.connect(calling(actions.run, command_id))
            if button is not self._fold:
                set_tip(button, actions.commands[command_id].described())

    def show_choice(self, words: str) -> None:
        """Says above the takes who put them in order; empty says nothing."""
        self._choice.show_text(words)
        self._choice.setVisible(bool(words))

    def show_takes(self, faces: Sequence[TakeFace], *, auditioned: int | None) -> None:
        """Shows the takes, and which is heard by its number; none while nothing is asked for."""
        while len(self.rows) > len(faces):
            row = self.rows.pop()
            self._rows_column.removeWidget(row)
            row.hide()
            row.deleteLater()
        while len(self.rows) < len(faces):
            row = TakeRow(faces[len(self.rows)])
            row.chosen.connect(self.take_chosen)
            DragStart(row).begun.connect(lambda shown=row: self.take_dragged.emit(shown.face.number))
            self._rows_column.addWidget(row)
            self.rows.append(row)
        for row, face in zip(self.rows, faces, strict=True):
            row.show_face(face)
        heard = next((face for face in faces if face.number == auditioned), None)
        self._facts.show_text(heard.facts if heard is not None else "")
        self._facts.setVisible(heard is not None and bool(heard.facts))
        self._hint.setVisible(not faces)
        is_complete = heard is not None and heard.is_complete
        short, whole = self.tr("Keep"), self.tr("Keep")
        if is_complete:
            short = self.tr("Keep mix") if auditioned == MIX else self.tr("Keep {number}").format(number=auditioned)
            whole = short if auditioned == MIX else self.tr("Keep take {number}").format(number=auditioned)
        set_face(self._keep, short)
        set_name(self._keep, whole)
        for button in (self._keep, self._dismiss):
            button.setVisible(bool(faces))
        self._keep.setEnabled(is_complete)
