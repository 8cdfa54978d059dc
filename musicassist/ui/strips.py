"""The two strips of words: notices above the roll; at the bottom what sounds, which keyboard, which model."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from PySide6.QtCore import QEvent, QRect, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QHBoxLayout,
    QMenu,
    QPushButton,
    QSizePolicy,
    QStyle,
    QStyleOptionToolButton,
    QStylePainter,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from musicassist.errors import MusicAssistError
from musicassist.ui.actions import calling
from musicassist.ui.foreign_text import PlainLabel, Tip, cut, face_of, set_face, set_name, set_tip, words_of
from musicassist.ui.theme import SMALL_PX, arranged, icon, text_font, theme_now, tinted_pixmap

MAX_NOTICE_LETTERS = 480  # LIMIT: some three lines; the whole is the tooltip
MAX_NOTICES = 3  # LIMIT: more notices would push the music out of the window; the oldest goes
INFO, WARNING = "info", "warning"
MESSAGE_MS = 10_000
LIGHT_MS, CALM_LIGHT_MS = 150, 1500
LIGHT_PX = 5
MIN_ITEM_PX, MAX_ITEM_PX = 72, 280  # a name from outside leaves room for the others and the message
SOUND, KEYBOARD, MODEL, TOGETHER = "sound", "keyboard", "model", "together"
GOOD, WAITING, TROUBLED, MISSING = "good", "waiting", "troubled", "missing"


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
        words = PlainLabel(cut(notice.text, MAX_NOTICE_LETTERS))
        words.setWordWrap(True)
        set_tip(words, notice.details or (notice.text if len(notice.text) > MAX_NOTICE_LETTERS else ""))
        words.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        for label, act in notice.remedies:
            button = QPushButton()
            set_face(button, label)
            button.clicked.connect(calling(self._on_remedy_clicked, act, close))
            self.buttons.append(button)
        row = arranged(QHBoxLayout(self), self._picture, (words, 1), margins_px=(12, 4, 4, 4), spacing_px=8)
        for part in (*self.buttons, self._close):
            row.addWidget(part)
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
        self._column = arranged(QVBoxLayout(self), spacing_px=1)
        self.hide()

    @property
    def texts(self) -> tuple[str, ...]:
        return tuple(row.notice.text for row in self._rows.values())

    def show_notice(self, notice: Notice) -> None:
        """Says it, in place of an older notice of the same key."""
        self.dismiss(notice.key)
        while len(self._rows) >= MAX_NOTICES:
            self.dismiss(next(iter(self._rows)))
        row = NoticeRow(notice, calling(self.dismiss, notice.key))
        self._rows[notice.key] = row
        self._column.addWidget(row)
        self.show()

    def dismiss(self, key: str) -> None:
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


class StatusItem(QToolButton):
    """One of the facts. A click opens its menu, or does its remedy when there is only one.

    Attributes:
        is_lit: Whether something comes in just now: a dot stands beside the icon.
    """

    def __init__(self, icon_name: str, name: str) -> None:
        super().__init__()
        self._icon_name = icon_name
        self._name = name
        self.state = WAITING
        self.setFont(text_font(SMALL_PX))
        self.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setObjectName(f"status_{name}")
        self.is_lit = False
        self._light = QTimer(self, singleShot=True, interval=LIGHT_MS)
        self._light.timeout.connect(self._on_light_timeout)

    def sizeHint(self) -> QSize:
        hint = super().sizeHint()
        return QSize(min(hint.width(), MAX_ITEM_PX), hint.height())

    def minimumSizeHint(self) -> QSize:
        hint = self.sizeHint()
        return QSize(min(hint.width(), MIN_ITEM_PX), hint.height())

    def flash(self) -> None:
        """Lights for a moment; where motion is not wanted, it stays lit as long as one plays."""
        self._light.start(LIGHT_MS if QApplication.isEffectEnabled(Qt.UIEffect.UI_General) else CALM_LIGHT_MS)
        self._show_light(is_lit=True)

    def _on_light_timeout(self) -> None:
        self._show_light(is_lit=False)

    def _show_light(self, *, is_lit: bool) -> None:
        if is_lit != self.is_lit:
            self.is_lit = is_lit
            self.update(self._light_rect())

    def _light_rect(self) -> QRect:
        """Before the icon, where nothing else is drawn."""
        return QRect(1, (self.height() - LIGHT_PX) // 2, LIGHT_PX, LIGHT_PX)

    def paintEvent(self, event: QPaintEvent) -> None:
        option = QStyleOptionToolButton()
        self.initStyleOption(option)
        lacking_px = super().sizeHint().width() - self.width()
        if lacking_px > 0:
            room_px = self.fontMetrics().horizontalAdvance(self.text()) - lacking_px
            option.text = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, room_px)
        QStylePainter(self).drawComplexControl(QStyle.ComplexControl.CC_ToolButton, option)
        if self.is_lit:
            painter = QPainter(self)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(self.palette().buttonText())
            painter.drawEllipse(self._light_rect())
            painter.end()

    def show_state(self, text: str, state: str, tip: Tip | str) -> None:
        """Says the fact; the icon warns where something is missing, or works otherwise than was wanted."""
        self.state = state
        set_face(self, f" {text}")  # the space keeps the words off the icon
        set_tip(self, tip)
        set_name(self, text)
        calm = "accent" if self._name == TOGETHER else "second_text"
        role = "warning" if state in (MISSING, TROUBLED) else calm
        name = "no-sound" if self._name == SOUND and self.state == MISSING else self._icon_name
        self.setIcon(icon(name, role))


class StatusStrip(QFrame):
    """What sounds, which keyboard, which model, whether the assistant plays along, and the last message.

    Attributes:
        menu_wanted: The menu of an item is about to open; carries its name and the QMenu to fill.
        message: What it says on the right.
    """

    menu_wanted = Signal(str, QMenu)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("status_strip")
        self.message = ""
        self._said_at = 0  # the document's revision then
        self._hint = ""
        self.items = {
            SOUND: StatusItem("sound", SOUND),
            KEYBOARD: StatusItem("keyboard", KEYBOARD),
            MODEL: StatusItem("model", MODEL),
            TOGETHER: StatusItem("spark", TOGETHER),
        }
        self.items[TOGETHER].hide()
        self._message = PlainLabel(look="status_message")
        self._message.setFont(text_font(SMALL_PX))
        self._message.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._message.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._fade = QTimer(self, singleShot=True, interval=MESSAGE_MS)
        self._fade.timeout.connect(self._on_fade_timeout)
        self._lay_out()

    def _lay_out(self) -> None:
        for name, item in self.items.items():
            menu = QMenu(self)
            menu.setToolTipsVisible(True)
            menu.aboutToShow.connect(calling(self._on_menu_about_to_show, name, menu))
            item.setMenu(menu)
        row = arranged(QHBoxLayout(self), *self.items.values(), margins_px=(4, 0, 12, 0), spacing_px=4)
        row.addWidget(self._message, 1)

    def show_item(self, name: str, text: str, state: str, tip: Tip | str = "") -> None:
        """Says one of the facts; ``state`` is ``good``, ``waiting``, ``troubled`` or ``missing``."""
        self.items[name].show_state(text, state, tip)

    def say(self, text: str, *, revision: int = 0) -> None:
        """Shows a message for some seconds, or until the song changes after the revision that it was said at.

        What is under way, and so ends with an ellipsis, stays until its end is said.
        """
        self.message, self._said_at = text, revision
        set_tip(self._message, text)
        set_name(self._message, text)
        self._show_words()
        if text.endswith("…"):
            self._fade.stop()
        else:
            self._fade.start()

    def outdate(self, revision: int) -> None:
        """The song was changed: what was said before it is about an earlier action."""
        if self.message and self._said_at < revision:
            self.say("", revision=revision)

    def hint(self, text: str) -> None:
        """Shows what is under the pointer, while no message stands; empty for nothing."""
        self._hint = text
        self._show_words()

    def _show_words(self) -> None:
        self._message.show_text(self.message or self._hint)

    def _on_menu_about_to_show(self, name: str, menu: QMenu) -> None:
        for inner in menu.findChildren(QMenu, options=Qt.FindChildOption.FindDirectChildrenOnly):
            inner.deleteLater()  # clearing takes away only its line
        menu.clear()
        self.menu_wanted.emit(name, menu)

    def _on_fade_timeout(self) -> None:
        self.message = ""
        self._show_words()


class LeavablePanel(QFrame):
    """A panel under the roll that Escape leaves.

    Attributes:
        left: It is to be closed.
    """

    left = Signal()

    def event(self, event: QEvent) -> bool:
        """Escape is the panel's before it is anybody's shortcut."""
        is_override = event.type() == QEvent.Type.ShortcutOverride
        if is_override and isinstance(event, QKeyEvent) and event.key() == Qt.Key.Key_Escape:
            event.accept()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)
