"""The strip at the bottom: what sounds, which keyboard, which model, who plays along; each with its menu."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QRect, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QHBoxLayout,
    QMenu,
    QSizePolicy,
    QStyle,
    QStyleOptionToolButton,
    QStylePainter,
    QToolButton,
    QWidget,
)

from musicassist.ui.background import calling
from musicassist.ui.foreign_text import PlainLabel, Tip, add_line, set_face, set_name, set_tip
from musicassist.ui.theme import SMALL_PX, icon, text_font

MESSAGE_MS = 10_000
LIGHT_MS, CALM_LIGHT_MS = 150, 1500
LIGHT_PX = 5
MIN_ITEM_PX, MAX_ITEM_PX = 72, 280  # a name from outside leaves room for the others and the message

SOUND, KEYBOARD, MODEL, TOGETHER = "sound", "keyboard", "model", "together"
GOOD, WAITING, TROUBLED, MISSING = "good", "waiting", "troubled", "missing"


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
    """

    menu_wanted = Signal(str, QMenu)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("status_strip")
        self._full_message = ""
        self._said_at = 0  # the document's revision then
        self._hint = ""
        self.items = {
            SOUND: StatusItem("sound", SOUND),
            KEYBOARD: StatusItem("keyboard", KEYBOARD),
            MODEL: StatusItem("model", MODEL),
            TOGETHER: StatusItem("spark", TOGETHER),
        }
        self.items[TOGETHER].hide()
        self._message = PlainLabel()
        self._message.setFont(text_font(SMALL_PX))
        self._message.setObjectName("status_message")
        self._message.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
        self._message.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._fade = QTimer(self, singleShot=True, interval=MESSAGE_MS)
        self._fade.timeout.connect(self._on_fade_timeout)
        self._lay_out()

    def _lay_out(self) -> None:
        row = QHBoxLayout(self)
        row.setContentsMargins(4, 0, 12, 0)
        row.setSpacing(4)
        for name, item in self.items.items():
            menu = QMenu(self)
            menu.setToolTipsVisible(True)
            menu.aboutToShow.connect(calling(self._on_menu_about_to_show, name, menu))
            item.setMenu(menu)
            row.addWidget(item)
        row.addWidget(self._message, 1)

    @property
    def message(self) -> str:
        """What it says on the right."""
        return self._full_message

    def show_item(self, name: str, text: str, state: str, tip: Tip | str = "") -> None:
        """Says one of the facts; ``state`` is ``good``, ``waiting``, ``troubled`` or ``missing``."""
        self.items[name].show_state(text, state, tip)

    def say(self, text: str, *, revision: int = 0) -> None:
        """Shows a message for some seconds, or until the song changes after the revision that it was said at.

        What is under way, and so ends with an ellipsis, stays until its end is said.
        """
        self._full_message, self._said_at = text, revision
        set_tip(self._message, text)
        set_name(self._message, text)
        self._show_words()
        if text.endswith("…"):
            self._fade.stop()
        else:
            self._fade.start()

    def outdate(self, revision: int) -> None:
        """The song was changed: what was said before it is about an earlier action."""
        if self._full_message and self._said_at < revision:
            self.say("", revision=revision)

    def hint(self, text: str) -> None:
        """Shows what is under the pointer, while no message stands; empty for nothing."""
        self._hint = text
        self._show_words()

    def _show_words(self) -> None:
        self._message.show_text(self._full_message or self._hint)

    def _on_menu_about_to_show(self, name: str, menu: QMenu) -> None:
        for inner in menu.findChildren(QMenu, options=Qt.FindChildOption.FindDirectChildrenOnly):
            inner.deleteLater()  # clearing takes away only its line
        menu.clear()
        self.menu_wanted.emit(name, menu)

    def _on_fade_timeout(self) -> None:
        self._full_message = ""
        self._show_words()


def add_choice(menu: QMenu, text: str, act: Callable[[], None], *, is_chosen: bool = False, tip: str = "") -> None:
    """One line of an item's menu; the chosen one is ticked."""
    action = add_line(menu, text, tip=tip)
    action.setCheckable(is_chosen)
    action.setChecked(is_chosen)
    action.triggered.connect(calling(act))
