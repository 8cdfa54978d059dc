"""The strip above the roll: what happened, in words, with what to do about it. Nothing opens in front of the music."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QFrame, QHBoxLayout, QPushButton, QToolButton, QVBoxLayout, QWidget

from musicassist.errors import MusicAssistError
from musicassist.ui.background import calling
from musicassist.ui.foreign_text import PlainLabel, cut, face_of, set_face, set_name, set_tip, words_of
from musicassist.ui.theme import icon, theme_now, tinted_pixmap

LIMIT_LETTERS = 480  # LIMIT: some three lines; the whole is the tooltip
LIMIT_SHOWN = 3  # LIMIT: more notices would push the music out of the window; the oldest goes

INFO, WARNING = "info", "warning"


@dataclass(frozen=True)
class Notice:
    """One thing to say.

    Attributes:
        key: A notice with the same key takes the place of the one before.
        text: Words for the user, translated; plain text.
        kind: ``info`` or ``warning``.
        remedies: Buttons: what they say and what they do. Pressing one lets the notice go.
        details: More lines, shown as a tooltip; empty for none.
    """

    key: str
    text: str
    kind: str = INFO
    remedies: Sequence[tuple[str, Callable[[], None]]] = field(default_factory=tuple)
    details: str = ""


class NoticeRow(QFrame):
    """One notice with its buttons."""

    def __init__(self, notice: Notice, close: Callable[[], None]) -> None:
        super().__init__()
        self.notice = notice
        self._dismiss = close
        self.buttons: list[QPushButton] = []
        self.setObjectName("notice")
        self.setProperty("kind", notice.kind)
        set_name(self, notice.text)
        self._picture = PlainLabel()
        self._close = QToolButton()
        self._close.setAccessibleName(self.tr("Close"))
        set_tip(self._close, self.tr("Close"))
        self._close.clicked.connect(calling(close))
        words = PlainLabel(cut(notice.text, LIMIT_LETTERS))
        words.setWordWrap(True)
        set_tip(words, notice.details or (notice.text if len(notice.text) > LIMIT_LETTERS else ""))
        words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 4, 4, 4)
        row.setSpacing(8)
        row.addWidget(self._picture)
        row.addWidget(words, 1)
        for label, act in notice.remedies:
            button = QPushButton()
            set_face(button, label)
            button.clicked.connect(calling(self._on_remedy_clicked, act, close))
            self.buttons.append(button)
            row.addWidget(button)
        row.addWidget(self._close)
        self._close.setIcon(icon("close", "second_text"))
        self._show_picture()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            self._show_picture()

    def _show_picture(self) -> None:
        theme = theme_now()
        is_warning = self.notice.kind == WARNING
        name, color = ("warning", theme.warning) if is_warning else ("info", theme.second_text)
        self._picture.setPixmap(tinted_pixmap(name, color, scale=self.devicePixelRatioF()))

    def event(self, event: QEvent) -> bool:
        """Esc is the notice's while one of its buttons has the keyboard."""
        is_key = event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent)
        if is_key and event.key() == Qt.Key.Key_Escape:  # type: ignore[attr-defined]
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc lets the notice go."""
        if event.key() == Qt.Key.Key_Escape:
            self._dismiss()
            return
        super().keyPressEvent(event)

    def _on_remedy_clicked(self, act: Callable[[], None], close: Callable[[], None]) -> None:
        close()
        act()


class NoticeStrip(QWidget):
    """The notices that stand, newest last. Takes no room without one.

    Attributes:
        left: A notice has gone that had the keyboard.
    """

    left = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._rows: dict[str, NoticeRow] = {}
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(1)
        self.hide()

    @property
    def texts(self) -> tuple[str, ...]:
        """What the strip says now."""
        return tuple(row.notice.text for row in self._rows.values())

    def show_notice(self, notice: Notice) -> None:
        """Says it, in place of an older notice of the same key."""
        self.dismiss(notice.key)
        while len(self._rows) >= LIMIT_SHOWN:
            self.dismiss(next(iter(self._rows)))
        row = NoticeRow(notice, calling(self.dismiss, notice.key))
        self._rows[notice.key] = row
        self._column.addWidget(row)
        self.show()

    def dismiss(self, key: str) -> None:
        """Takes a notice away, if it stands."""
        row = self._rows.pop(key, None)
        if row is not None:
            had_focus = row.isAncestorOf(QApplication.focusWidget() or self)
            self._column.removeWidget(row)
            row.hide()
            row.deleteLater()
            if had_focus:
                self.left.emit()
        self.setVisible(bool(self._rows))

    def ask(self, notice: Notice) -> None:
        """Says it with the keyboard on its first button: Return answers, Esc lets it go."""
        self.show_notice(notice)
        self._rows[notice.key].buttons[0].setFocus()

    def press(self, key: str, label: str) -> None:
        """Presses a button of a notice, as the mouse would."""
        next(button for button in self._rows[key].buttons if face_of(button) == label).click()


class CommandNotices:
    """What is said of commands that failed, until they succeed."""

    def __init__(self, notices: NoticeStrip) -> None:
        self._notices = notices
        self._failed: dict[str, str] = {}  # by menu, the command whose notice stands

    def show_failure(self, command_id: str, error: MusicAssistError) -> None:
        """Says it, in place of what was said of another command of that menu."""
        menu = command_id.partition(".")[0]
        self._failed[menu] = command_id
        self._notices.show_notice(Notice(menu, words_of(error), WARNING))

    def forget_failure(self, command_id: str) -> None:
        """The command was done: what was said of its failure is over."""
        menu = command_id.partition(".")[0]
        if self._failed.get(menu) == command_id:
            del self._failed[menu]
            self._notices.dismiss(menu)
