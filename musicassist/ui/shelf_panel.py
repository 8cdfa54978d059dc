"""The panel of earlier takes: each offer of the song as a picture, with what it was and when, to be found and used."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QModelIndex, QPersistentModelIndex, QPointF, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPen, QPolygonF, QStandardItemModel
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLineEdit,
    QListView,
    QStyle,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from musicassist.score.song import Notes
from musicassist.ui.actions import Actions, calling
from musicassist.ui.dialogs import matches
from musicassist.ui.foreign_text import (
    ElidedButton,
    PlainLabel,
    list_item,
    paint_words,
    set_face,
    set_name,
    set_placeholder,
    set_tip,
)
from musicassist.ui.takes_panel import paint_contour
from musicassist.ui.theme import SMALL_PX, arranged, faint, icon, text_font, theme_now

PANEL_PX = 232
ROW_PX = 66
_STAR_PX = 16
_FACE_ROLE = int(Qt.ItemDataRole.UserRole) + 1
_USING = (Qt.Key.Key_Return, Qt.Key.Key_Enter)
_THROWING = (Qt.Key.Key_Delete, Qt.Key.Key_Backspace)
_PAGING = (Qt.Key.Key_PageUp, Qt.Key.Key_PageDown)
_LIST_KEYS = (*_USING, *_THROWING, *_PAGING, Qt.Key.Key_Up, Qt.Key.Key_Down)


@dataclass(frozen=True, eq=False)
class ShelfFace:
    """What a row shows.

    Attributes:
        name: Of the offer in the shelf.
        title: What was asked.
        place: Its bars, and what became of it.
        detail: What its takes are.
        ago: When its takes came.
        notes: Of the take that was heard last.
        span: What they fill, in ticks.
        is_pinned: Whether it has a star.
        is_on_desk: Whether it is on offer now.
        searched: All words that find it.
    """

    name: str
    title: str
    place: str
    detail: str
    ago: str
    notes: Notes
    span: tuple[int, int]
    is_pinned: bool = False
    is_on_desk: bool = False
    searched: str = ""


class _RowDelegate(QStyledItemDelegate):
    """The title with its star, the contour, and below it when and where."""

    def sizeHint(self, _option: QStyleOptionViewItem, _index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(100, ROW_PX)

    def paint(
        self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> None:
        theme, face = theme_now(), index.data(_FACE_ROLE)
        rect = QRect(option.rect)  # type: ignore[attr-defined]
        is_chosen = bool(option.state & QStyle.StateFlag.State_Selected)  # type: ignore[attr-defined]
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if is_chosen:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(theme.hover))
            painter.drawRoundedRect(QRectF(rect.adjusted(0, 1, 0, -1)), 6, 6)
        inside = rect.adjusted(8, 4, -8, -4)
        left = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        painter.setFont(text_font(SMALL_PX))
        painter.setPen(QColor(theme.accent if face.is_on_desk else theme.text))
        paint_words(painter, QRect(inside.left(), inside.top(), inside.width() - _STAR_PX, 16), left, face.title)
        _paint_star(painter, star_box(rect), is_on=face.is_pinned, is_shown=is_chosen or face.is_pinned)
        ground = QRectF(inside.left(), inside.top() + 19, inside.width(), 18)
        paint_contour(painter, ground, face.notes, face.span, faint(theme.accent, 1.0 if is_chosen else 0.6))
        painter.setPen(QColor(theme.second_text))
        low = QRect(inside.left(), inside.bottom() - 16, inside.width(), 16)
        ago_px = painter.fontMetrics().horizontalAdvance(face.ago)
        paint_words(painter, low.adjusted(0, 0, -ago_px - 6, 0), left, face.place)
        paint_words(painter, low, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight, face.ago)
        painter.restore()


def star_box(row: QRect) -> QRect:
    """Where the star of a row is."""
    return QRect(row.right() - _STAR_PX - 6, row.top() + 4, _STAR_PX, _STAR_PX)


def _paint_star(painter: QPainter, box: QRect, *, is_on: bool, is_shown: bool) -> None:
    if not is_shown:
        return
    theme, middle = theme_now(), box.center()
    points = [(0, -6), (1.6, -2), (6, -2), (2.6, 1), (4, 5.5), (0, 3), (-4, 5.5), (-2.6, 1), (-6, -2), (-1.6, -2)]
    painter.setPen(QPen(QColor(theme.accent if is_on else theme.second_text), 1))
    painter.setBrush(QColor(theme.accent) if is_on else Qt.BrushStyle.NoBrush)
    painter.drawPolygon(QPolygonF([QPointF(middle.x() + x, middle.y() + y) for x, y in points]))


class ShelfList(QListView):
    """The rows. Enter or a click brings back, Delete throws away, a click on the star keeps one.

    Attributes:
        used: A row is to be brought back.
        thrown: It is to be thrown away.
        starred: Its star was clicked.
        chosen: Another row is the current one.
    """

    used = Signal()
    thrown = Signal()
    starred = Signal()
    chosen = Signal()
    OWN_KEYS = (*_USING, *_PAGING)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setUniformItemSizes(True)
        self.setItemDelegate(_RowDelegate(self))
        self.setModel(QStandardItemModel(self))
        self.selectionModel().currentChanged.connect(calling(self.chosen.emit))
        self.setAccessibleName(self.tr("Earlier takes"))
        how = self.tr("Enter or a click brings takes back, Delete throws them away; the star lets them stay.")
        set_tip(self, "", description=how)

    def event(self, event: QEvent) -> bool:
        """Its keys are its own before they are anybody's shortcut."""
        is_override = event.type() == QEvent.Type.ShortcutOverride
        if is_override and isinstance(event, QKeyEvent) and not event.modifiers() and Qt.Key(event.key()) in _LIST_KEYS:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in _USING:
            self.used.emit()
        elif event.key() in _THROWING:
            self.thrown.emit()
        else:
            super().keyPressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        place = event.position().toPoint()
        index = self.indexAt(place)
        if event.button() != Qt.MouseButton.LeftButton or not index.isValid():
            return
        if star_box(self.visualRect(index)).adjusted(-4, -4, 4, 4).contains(place):
            self.starred.emit()
        else:
            self.used.emit()


class ShelfPanel(QFrame):
    """A field that finds, the rows, and what can be done with the chosen one.

    Attributes:
        field: What is looked for.
        list: The rows.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("takes_panel")
        self.setFixedWidth(PANEL_PX)
        set_name(self, self.tr("Earlier takes"))
        self.field, self.list = QLineEdit(), ShelfList()
        set_placeholder(self.field, self.tr("Find by words, model, bars, date"))
        set_name(self.field, self.tr("Find earlier takes"))
        self.field.textChanged.connect(calling(self._fill))
        self._faces: tuple[ShelfFace, ...] = ()
        self._hint = PlainLabel(look="second")
        self._refusal = PlainLabel(look="refusal")
        self._detail = PlainLabel(look="second")
        self._buttons = {name: ElidedButton() for name in ("bring", "throw", "here", "new", "undo")}
        self._fold = QToolButton()
        self._fold.setIcon(icon("close", "second_text"))
        self._fold.setAccessibleName(self.tr("Fold the panel"))
        self._fold.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        for label in (self._hint, self._refusal, self._detail):
            label.setWordWrap(True)
            label.setFont(text_font(SMALL_PX))
        self._lay_out()
        self.list.chosen.connect(self._show_detail)
        self.show_refusal("")
        self.show_thrown(0)
        self.show_faces(())

    def _lay_out(self) -> None:
        buttons = self._buttons
        for name, words in {
            "bring": self.tr("Bring back"),
            "throw": self.tr("Throw away"),
            "here": self.tr("At the playhead"),
            "new": self.tr("New track"),
            "undo": self.tr("Undo"),
        }.items():
            set_face(buttons[name], words)
            buttons[name].setFocusPolicy(Qt.FocusPolicy.TabFocus)
        buttons["bring"].setProperty("assistant", True)  # noqa: FBT003  # Qt's property
        self._thrown = PlainLabel(look="second")
        title = PlainLabel(self.tr("Earlier takes"), look="panel_title")
        head = arranged(QHBoxLayout(), (title, 1), self._fold)
        main = arranged(QHBoxLayout(), buttons["bring"], buttons["throw"], spacing_px=4)
        elsewhere = arranged(QHBoxLayout(), buttons["here"], buttons["new"], spacing_px=4)
        undo = arranged(QHBoxLayout(), (self._thrown, 1), buttons["undo"], spacing_px=4)
        parts = head, self.field, self._hint, (self.list, 1), self._detail, self._refusal, elsewhere, main, undo
        arranged(QVBoxLayout(self), *parts, margins_px=(8, 8, 6, 12), spacing_px=8)

    def connect_commands(self, actions: Actions) -> None:
        """Lets rows and buttons do commands of the table."""
        for name, command_id in {
            "bring": "assistant.use_earlier",
            "throw": "assistant.throw_away",
            "here": "assistant.earlier_at_playhead",
            "new": "assistant.earlier_in_new_track",
            "undo": "assistant.take_back_thrown",
        }.items():
            self._buttons[name].clicked.connect(calling(actions.run, command_id))
            set_tip(self._buttons[name], actions.commands[command_id].described())
        self._fold.clicked.connect(calling(actions.run, "assistant.shelf"))
        self.list.used.connect(calling(actions.run, "assistant.use_earlier"))
        self.list.thrown.connect(calling(actions.run, "assistant.throw_away"))
        self.list.starred.connect(calling(actions.run, "assistant.star_earlier"))

    @property
    def chosen(self) -> str | None:
        """Name of the row that is chosen; None without one."""
        face = self._chosen_face
        return face.name if face is not None else None

    @property
    def _chosen_face(self) -> ShelfFace | None:
        face = self.list.currentIndex().data(_FACE_ROLE)
        return face if isinstance(face, ShelfFace) else None

    @property
    def shown(self) -> tuple[str, ...]:
        """Names of the rows that match what is looked for."""
        model = self.list.model()
        return tuple(model.index(row, 0).data(_FACE_ROLE).name for row in range(model.rowCount()))

    def show_faces(self, faces: Sequence[ShelfFace]) -> None:
        """Shows other offers, or the same with other words; the chosen row stays."""
        self._faces = tuple(faces)
        self._fill()

    def _fill(self) -> None:
        chosen, row = self.chosen, max(0, self.list.currentIndex().row())
        faces = [face for face in self._faces if matches(face.searched, self.field.text())]
        model = self.list.model()
        assert isinstance(model, QStandardItemModel)
        model.clear()
        for face in faces:
            item = list_item(", ".join(filter(None, (face.title, face.place, face.ago, face.detail))), face.detail)
            item.setData(face, _FACE_ROLE)
            model.appendRow(item)
        names = [face.name for face in faces]
        self.list.setCurrentIndex(model.index(names.index(chosen) if chosen in names else min(row, len(names) - 1), 0))
        self._hint.show_text(
            self.tr("No earlier takes have these words.")
            if self._faces
            else self.tr(
                "Takes that you dismiss, undo or replace by others stay here, and so do rounds of a recording and "
                "answers that you heard. A click brings them back."
            )
        )
        self._hint.setVisible(not faces)
        self._show_detail()

    def _show_detail(self) -> None:
        face = self._chosen_face
        self._detail.show_text(face.detail if face is not None else "")
        self._detail.setVisible(face is not None and bool(face.detail))
        self._buttons["bring"].setEnabled(face is not None and not face.is_on_desk)
        self._buttons["throw"].setEnabled(face is not None and not face.is_on_desk)
        self.show_refusal("")

    def show_refusal(self, words: str) -> None:
        """Why the chosen takes do not fit, with what can be done with them instead; empty takes that away."""
        self._refusal.show_text(words)
        for part in (self._refusal, self._buttons["here"], self._buttons["new"]):
            part.setVisible(bool(words))

    def show_thrown(self, count: int) -> None:
        """How many were thrown away last, which can be taken back; 0 for none."""
        self._thrown.show_text(self.tr("Thrown away: {count}").format(count=count) if count else "")
        for part in (self._thrown, self._buttons["undo"]):
            part.setVisible(count > 0)
