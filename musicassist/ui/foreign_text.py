"""Text on its way to the screen, shown as it is written: names from files, ports and programs never become markup.

Qt reads markup in labels and tooltips, ``&`` in buttons and menus as a shortcut, ``[*]`` in titles as a mark. Every
text of the window goes through here, our own too, so that no name has to be known as foreign to be harmless; a test
holds the window to it.
"""

from __future__ import annotations

import html
import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QAction, QFont, QFontMetrics, QFontMetricsF, QPainter, QPaintEvent, QStandardItem
from PySide6.QtWidgets import (
    QAbstractButton,
    QLabel,
    QLineEdit,
    QMenu,
    QMenuBar,
    QPushButton,
    QStyle,
    QStyleOptionButton,
    QStylePainter,
    QWidget,
)

from musicassist.errors import MusicAssistError, Words
from musicassist.score.timing import MeterChange, spoken_bpm

MAX_NAME = 120  # LIMIT: letters of one name in a sentence; a name of 20,000 would push the sentence off the screen
MAX_WORD = 60  # LIMIT: letters without a space; a longer word cannot be wrapped and would widen the window
MAX_TEXT = 4_000  # LIMIT: letters of all that is said at once; Qt lays out longer ones for seconds
ELLIPSIS = "…"
MIN_WRAPPED_PX = 120
FIRST_STRONG_ISOLATE, POP_ISOLATE = "\u2068", "\u2069"
_LINE_BREAK = re.compile("\r\n|[\n\r\x0b\x0c\x85\u2028\u2029]")
_RIGHT_TO_LEFT = frozenset(("R", "AL", "AN"))
_JOINERS = frozenset("\u200c\u200d\u200e\u200f\ufe0f")  # part of the writing of Persian, Hindi and emoji
_LONG_WORD = re.compile(rf"\S{{{MAX_WORD + 1},}}")
_WRAPPED = int(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft | Qt.TextFlag.TextWordWrap)
_TAG = re.compile(r"</?[bi]>")


def literal(name: str) -> str:
    """A name from outside on one line, as it may stand in a sentence: short, its control codes seen.

    Right-to-left letters are isolated, so that they do not turn the words around them.
    """
    shown = _one_line(cut(name, MAX_NAME), breaks="↵")
    if any(unicodedata.bidirectional(letter) in _RIGHT_TO_LEFT for letter in shown):
        return f"{FIRST_STRONG_ISOLATE}{shown}{POP_ISOLATE}"
    return shown


def shown(text: str) -> str:
    """Any text for the screen: cut where it is endless, its control codes seen; line breaks stay."""
    if len(text) > MAX_WORD:
        text = _LONG_WORD.sub(_without_middle, cut(text, MAX_TEXT))
    return text if text.isprintable() else "\n".join(_one_line(line, breaks="") for line in text.split("\n"))


def _without_middle(found: re.Match[str]) -> str:
    """The end of a long word stays: it tells files of one name apart."""
    word, tail = found.group(), MAX_WORD // 3
    return f"{word[: MAX_WORD - tail - 1]}{ELLIPSIS}{word[-tail:]}"


def cut(text: str, letters: int) -> str:
    """At most so many letters, the last one an ellipsis where some are missing."""
    return text if len(text) <= letters else text[: letters - 1] + ELLIPSIS


def _one_line(text: str, *, breaks: str) -> str:
    if text.isprintable():
        return text
    isolates = 0
    letters = []
    for letter in _LINE_BREAK.sub(breaks or " ", text):
        if letter == FIRST_STRONG_ISOLATE and not breaks:
            isolates += 1
        elif letter == POP_ISOLATE and not breaks and isolates:
            isolates -= 1
        else:
            letter = _visible(letter)
        letters.append(letter)
    return "".join(letters) + POP_ISOLATE * isolates


def _visible(letter: str) -> str:
    """The picture of a control code; nothing for what only turns the direction of others."""
    if letter.isprintable() or letter in _JOINERS:
        return letter
    kind = unicodedata.category(letter)
    if kind == "Zs" or letter == "\t":
        return " "
    if ord(letter) < 0x20:
        return chr(0x2400 + ord(letter))
    return "" if kind == "Cf" else "\N{REPLACEMENT CHARACTER}"


@dataclass(frozen=True)
class Tip:
    """What a tooltip says, in plain words.

    Attributes:
        body: What it does, or the fact; may have several lines.
        head: Its name, on a line of its own.
        keys: The shortcut, beside the name.
        note: Why it cannot be used, on the last line.
    """

    body: str
    head: str = ""
    keys: str = ""
    note: str = ""

    @property
    def rich(self) -> str:
        """For Qt's tooltips: our own marks around escaped words, so that long lines are wrapped as well."""
        body, head, keys, note = (_escaped(part) for part in (self.body, self.head, self.keys, self.note))
        first = f"<b>{head}</b>" if head else ""
        lines = (f"{first}&nbsp;&nbsp;{keys}" if keys else first, body, f"<i>{note}</i>" if note else "")
        text = "<br>".join(line for line in lines if line)
        return f"<qt>{text}</qt>" if text else ""

    @property
    def plain(self) -> str:
        """The same words for a screen reader; the name is left out, since it is read before."""
        return " ".join(shown(part).replace("\n", " ") for part in (self.body, self.keys, self.note) if part)


def _escaped(text: str) -> str:
    return html.escape(shown(text)).replace("\n", "<br>")


def set_tip(target: QWidget | QAction | QStandardItem, tip: Tip | str, *, description: str = "") -> None:
    """Gives it a tooltip, and a widget a description: the tooltip's words without markup, if there are no others."""
    tip = Tip(tip) if isinstance(tip, str) else tip
    target.setToolTip(tip.rich)
    if isinstance(target, QWidget):
        target.setAccessibleDescription(shown(description) or tip.plain)


def follow_tip(button: QWidget, action: QAction) -> None:
    """A button that shows an action's tooltip is described in the same words without markup, now and after changes."""

    def describe() -> None:
        lines = _TAG.sub("", action.toolTip().removeprefix("<qt>").removesuffix("</qt>")).split("<br>")
        words = html.unescape(" ".join(lines[1:])).replace("\N{NO-BREAK SPACE}", " ")
        if words != button.accessibleDescription():
            button.setAccessibleDescription(words)

    action.changed.connect(describe)
    describe()


def set_name(widget: QWidget, name: str) -> None:
    """What a screen reader calls it."""
    name = shown(name)
    if name != widget.accessibleName():
        widget.setAccessibleName(name)


def set_face(target: QAbstractButton | QAction, text: str, *, keys: str = "") -> None:
    """What a button or a line of a menu says; ``keys`` stands at the right of a menu."""
    face = shown(text).replace("&", "&&").replace("\n", " ")
    face = f"{face}\t{keys}" if keys else face
    if face != target.text():
        target.setText(face)


def face_of(target: QAbstractButton | QAction) -> str:
    """The words of a button or a line of a menu, without its keys."""
    return target.text().partition("\t")[0].replace("&&", "&")


def add_line(menu: QMenu, text: str, *, tip: Tip | str = "") -> QAction:
    """A line of a menu, which says its tip where the menu shows tips, else nothing but its words."""
    action = menu.addAction("")
    set_face(action, text)
    set_tip(action, tip or text)
    return action


def add_menu(menu: QMenu, title: str, *, shows_tips: bool = False) -> QMenu:
    """A menu in the menu, which owns it."""
    inner = QMenu(menu)
    inner.setToolTipsVisible(shows_tips)
    set_face(inner.menuAction(), title)
    set_tip(inner.menuAction(), title)
    menu.addMenu(inner)
    return inner


def add_head_menu(bar: QMenuBar, title: str) -> QMenu:
    """A menu of the bar; our own words, in which ``&`` marks the key."""
    return bar.addMenu(title)


def set_title(window: QWidget, title: str) -> None:
    """The window's title; its last ``[*]`` is Qt's mark for what is unsaved, any other is part of a name."""
    name, mark, rest = shown(title).replace("\n", " ").rpartition("[*]")
    window.setWindowTitle(f"{name.replace('[*]', '[*][*]')}{mark}{rest}")


def set_placeholder(field: QLineEdit, text: str) -> None:
    """What an empty field says."""
    field.setPlaceholderText(shown(text).replace("\n", " "))


def list_item(text: str, tip: Tip | str) -> QStandardItem:
    """A line of a list."""
    item = QStandardItem(shown(text))
    set_tip(item, tip)
    return item


def fill_field(field: QLineEdit, text: str) -> None:
    """What stands in a field to be edited: as it is, since fields know no markup and refuse line breaks."""
    field.setText(text)


def paint_words(painter: QPainter, box: QRect | QRectF, flags: Qt.AlignmentFlag, text: str) -> None:
    """Paints words on one line, shortened with an ellipsis where the box is too narrow."""
    box = QRectF(box)
    words = shown(text).replace("\n", " ")
    metrics = QFontMetricsF(painter.font())
    if metrics.horizontalAdvance(words) > box.width() + 1:
        words = metrics.elidedText(words, Qt.TextElideMode.ElideRight, box.width())
    painter.drawText(box, int(flags), words)


def wrapped_px(font: QFont, width_px: int, text: str, most_lines: int) -> int:
    """How high words stand that go on in the next line where a box ends; 0 without words."""
    metrics = QFontMetrics(font)
    box = QRect(0, 0, max(1, width_px), metrics.lineSpacing() * most_lines)
    return min(metrics.boundingRect(box, _WRAPPED, shown(text)).height(), box.height()) if text else 0


def paint_wrapped(painter: QPainter, box: QRect, text: str) -> None:
    """Paints words that go on in the next line where the box ends."""
    painter.drawText(box, _WRAPPED, shown(text))


class ElidedButton(QPushButton):
    """A button whose words end in an ellipsis where it has no room for them."""

    def paintEvent(self, _event: QPaintEvent) -> None:
        option = QStyleOptionButton()
        self.initStyleOption(option)
        words_px = self.fontMetrics().horizontalAdvance(self.text())
        lacking_px = self.sizeHint().width() - self.width()
        if lacking_px > 0:
            option.text = self.fontMetrics().elidedText(
                self.text(), Qt.TextElideMode.ElideRight, max(0, words_px - lacking_px)
            )
        QStylePainter(self).drawControl(QStyle.ControlElement.CE_PushButton, option)


class PlainLabel(QLabel):
    """A label that shows its words as they are.

    One line that has no room ends in an ellipsis, and the whole is its tooltip unless it has another. ``look`` is what
    the style sheet calls it.
    """

    def __init__(self, text: str = "", parent: QWidget | None = None, *, look: str = "") -> None:
        super().__init__(parent)
        self.setObjectName(look)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.show_text(text)

    def show_text(self, text: str) -> None:
        text = shown(text)
        if text != self.text():
            self.setText(text)

    @property
    def is_cut(self) -> bool:
        """Whether its line is longer than it is wide."""
        if self.wordWrap() or "\n" in self.text() or not self.text():
            return False
        return self.fontMetrics().horizontalAdvance(self.text()) > self.contentsRect().width() - 2 * self.margin()

    def minimumSizeHint(self) -> QSize:
        hint = super().minimumSizeHint()
        # a long word in several lines does not widen what it stands in
        return QSize(min(hint.width(), MIN_WRAPPED_PX), hint.height()) if self.wordWrap() else hint

    def paintEvent(self, event: QPaintEvent) -> None:
        if not self.is_cut:
            super().paintEvent(event)
            return
        painter = QPainter(self)
        box = self.contentsRect()
        words = self.fontMetrics().elidedText(self.text(), Qt.TextElideMode.ElideRight, box.width())
        align = int(QStyle.visualAlignment(self.layoutDirection(), self.alignment()))
        self.style().drawItemText(painter, box, align, self.palette(), self.isEnabled(), words, self.foregroundRole())
        painter.end()


def translate(context: str, text: str) -> str:
    """``text`` in the user's language; ``context`` tells the translators where it stands."""
    return QCoreApplication.translate(context, text)


def filled(context: str, template: str, values: Mapping[str, object]) -> str:
    """A translated template with its ``{named}`` fields filled in; the English one where a translation is broken.

    Names in the fields stand as they are written, whatever letters they have.
    """
    try:
        return fill(translate(context, template), values)
    except (KeyError, IndexError, ValueError):
        return fill(template, values)


def fill(template: str, values: Mapping[str, object]) -> str:
    """A template with its ``{named}`` fields filled in; names among the values become ``literal``."""
    return template.format(**{name: _filling(value) for name, value in values.items()})


def counted(count: int, one: str, more: str) -> str:
    """The words for one or those for several, translated, with ``{count}`` filled in."""
    return (one if count == 1 else more).format(count=count)


def _filling(value: object) -> object:
    if isinstance(value, MusicAssistError | Words):
        return words_of(value)
    return literal(str(value)) if isinstance(value, str | Path) else value


def tempo_words(tempo_bpm: float, meter: MeterChange) -> str:
    """A tempo as it is read in a meter: in dotted quarters in 6/8 and the like, in quarters everywhere else."""
    pulse_beats = tempo_pulse_beats(meter)
    return f"{note_sign(pulse_beats)} {round(spoken_bpm(tempo_bpm, pulse_beats), 2):g}"


def tempo_pulse_beats(meter: MeterChange) -> float:
    """What a tempo is counted in, in quarter notes."""
    return meter.pulse_beats if meter.is_compound else 1.0


def note_sign(beats: float) -> str:
    """The note of some quarter notes: a quarter, or three eighths or sixteenths."""
    return {1.5: "♩.", 0.75: "♪."}.get(beats, "♩")


def words_of(said: MusicAssistError | Words) -> str:
    """What an error, or another sentence of a room without Qt, says to the user."""
    return filled("Errors", said.template, said.values)
