"""Where the name of a chord is typed, with chords below it that often come next."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QModelIndex, QObject, QPoint, Qt, Signal
from PySide6.QtGui import QCloseEvent, QKeyEvent, QStandardItemModel
from PySide6.QtWidgets import QFrame, QLineEdit, QListView, QVBoxLayout, QWidget

from musicassist.score.chord_track import MAX_SYMBOL_CHARS, chord_name
from musicassist.score.theory import Chord, Key
from musicassist.ui.foreign_text import PlainLabel, fill_field, list_item, set_name, set_placeholder, set_tip
from musicassist.ui.piano_roll.chord_places import chord_typed, chord_words
from musicassist.ui.theme import arranged

WIDTH_PX, MARGIN_PX = 200, 4
ROW_PX = 26
MAX_ROWS = 8  # LIMIT: of chords to choose from


class ChordEditor(QFrame):
    """A field over the lane. Enter writes, Esc or a click elsewhere leaves all as it was.

    Attributes:
        entered: Carries the ``Chord``; None gives the place back to what is heard.
        field: Where it is typed.
        list: The chords that often come next.
    """

    entered = Signal(object)

    def __init__(self, name: str, key: Key | None, parent: QWidget) -> None:
        """Shows a name, selected, so that another one can be typed over it.

        Args:
            name: The chord that stands there, or empty.
            key: The key there, by which they are spelled.
            parent: The lane.
        """
        super().__init__(parent, Qt.WindowType.Popup)
        self.setObjectName("popup")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        set_name(self, self.tr("Chord"))
        self._lane, self._key = parent, key
        self._suggested: tuple[Chord, ...] = ()
        self.field = QLineEdit()
        self.field.setMaxLength(MAX_SYMBOL_CHARS)
        set_name(self.field, self.tr("Name of the chord"))
        set_placeholder(self.field, self.tr("Am7/G, N.C."))
        self.field.installEventFilter(self)
        self.field.textEdited.connect(self._on_edited)
        self._refusal = PlainLabel(look="refusal")
        self._refusal.setWordWrap(True)
        self._refusal.hide()
        self.list = QListView()
        self.list.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self.list.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.list.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        set_name(self.list, self.tr("Chords that often come next"))
        self.list.clicked.connect(self._on_list_clicked)
        self._model = QStandardItemModel(self)
        self.list.setModel(self._model)
        self._rows: list[Chord] = []
        arranged(QVBoxLayout(self), self.field, self._refusal, self.list, margins_px=(MARGIN_PX,) * 4, spacing_px=4)
        fill_field(self.field, name)
        self.field.selectAll()
        self._show_rows("")

    def show_suggested(self, chords: Sequence[Chord]) -> None:
        """Shows chords to choose from, the likeliest first."""
        self._suggested = tuple(chords[:MAX_ROWS])
        self._show_rows(self.field.text() if self.field.isModified() else "")

    def open_at(self, place: QPoint) -> None:
        """Shows it with its upper left corner at a place of the screen."""
        self.setFixedWidth(WIDTH_PX)
        self.adjustSize()
        self.move(place)
        self.show()
        self.field.setFocus(Qt.FocusReason.PopupFocusReason)

    def closeEvent(self, event: QCloseEvent) -> None:
        super().closeEvent(event)
        self._lane.window().activateWindow()  # without a window manager the keyboard would go nowhere

    @property
    def refusal(self) -> str:
        """What is said of what was typed; empty where nothing is wrong."""
        return self._refusal.text()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """The arrows move in the list, and Enter writes."""
        if watched is self.field and event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            if event.key() in (Qt.Key.Key_Down, Qt.Key.Key_Up):
                self._move(1 if event.key() == Qt.Key.Key_Down else -1)
                return True
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                self._enter()
                return True
        return super().eventFilter(watched, event)

    def _on_edited(self, text: str) -> None:
        self._refuse("")
        self._show_rows(text)

    def _show_rows(self, typed: str) -> None:
        """The suggestions that begin with what was typed."""
        self._rows = [c for c in self._suggested if chord_name(c, self._key).lower().startswith(typed.strip().lower())]
        self._model.clear()
        for chord in self._rows:
            self._model.appendRow(list_item(chord_name(chord, self._key), chord_words(chord, self._key)))
        self.list.setVisible(bool(self._rows))
        self.list.setFixedHeight(max(1, len(self._rows)) * ROW_PX + 2)
        self.adjustSize()

    def _move(self, rows: int) -> None:
        """To another suggestion, whose name then stands in the field."""
        row = min(max(self.list.currentIndex().row() + rows, 0), len(self._rows) - 1)
        if row >= 0:
            self.list.setCurrentIndex(self._model.index(row, 0))
            fill_field(self.field, chord_name(self._rows[row], self._key))
            self.field.selectAll()

    def _on_list_clicked(self, index: QModelIndex) -> None:
        self._end(self._rows[index.row()])

    def _enter(self) -> None:
        try:
            chord = chord_typed(self.field.text())
        except ValueError:
            self._refuse(
                self.tr("Write a chord such as Am7, F#m, Bbmaj9 or G/B, N.C. for none, or nothing for what is heard.")
            )
            return
        self._end(chord)

    def _end(self, chord: Chord | None) -> None:
        self.close()
        self.entered.emit(chord)

    def _refuse(self, words: str) -> None:
        self._refusal.show_text(words)
        if words:
            self._refusal.setFixedHeight(self._refusal.heightForWidth(WIDTH_PX - 2 * MARGIN_PX))  # Qt asks only once
        self._refusal.setVisible(bool(words))
        set_tip(self.field, words)
        self.adjustSize()
