"""Says beside the button what would be continued; a click changes it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QActionGroup, QFontMetrics, QResizeEvent
from PySide6.QtWidgets import QMenu, QSizePolicy, QWidget

from musicassist.generation.prompt import Prompt, Source
from musicassist.ui.foreign_text import add_line, set_face, set_name, set_tip
from musicassist.ui.slots import calling
from musicassist.ui.song_fields import MenuField
from musicassist.ui.theme import SMALL_PX, text_font
from musicassist.ui.words import tr

_ROOM_PX = 18  # beside the words
_NARROWEST_PX = 24


class PromptField(MenuField):
    """A line of words with a menu of what else could be continued. Where there is no room, fewer words say it.

    Attributes:
        source_chosen: The user wants something else to be continued; carries a ``Source``.
    """

    source_chosen = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__("", "", parent)
        set_tip(self, self.tr("What Continue goes on from, and where. Click to change it."))
        self.setObjectName("prompt_field")
        self.setFont(text_font(SMALL_PX))
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Preferred)
        self.words, self._short_words = "", ""
        self._source: Source = "end"
        self._list_sources: Callable[[], tuple[Source, ...]] = tuple

    def show_prompt(self, prompt: Prompt | None, list_sources: Callable[[], tuple[Source, ...]]) -> None:
        """Says what would be continued.

        Args:
            prompt: It; None hides the field.
            list_sources: What could be continued at the moment when the menu opens.
        """
        self.setVisible(prompt is not None)
        self._list_sources = list_sources
        if prompt is None:  # what was said is no longer true, also not in the button's tip
            self.words = self._short_words = ""
            set_name(self, "")
            return
        self._source = prompt.source
        words, replaced = prompt_words(prompt), replaced_words(prompt)
        set_name(self, f"{words}, {replaced}" if replaced else words)
        if words != self.words:
            self.words, self._short_words = words, short_words(prompt)
            self.updateGeometry()
            self._elide()

    def fill(self, menu: QMenu) -> None:
        """What could be continued."""
        texts: dict[Source, str] = {
            "end": self.tr("The whole track, at its end"),
            "selection": self.tr("The selected notes, at their end"),
            "playhead": self.tr("What stands before the playhead, there"),
        }
        group, possible = QActionGroup(menu), self._list_sources()
        for source, text in texts.items():
            action = add_line(menu, text)
            action.setCheckable(True)
            action.setChecked(source == self._source)
            action.setEnabled(source in possible)
            action.triggered.connect(calling(self.source_chosen.emit, source))
            group.addAction(action)

    def sizeHint(self) -> QSize:
        """Room for all the words."""
        words_px = self._mark_px + QFontMetrics(self.font()).horizontalAdvance(self.words) + 1
        return QSize(words_px + _ROOM_PX, super().sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        """Room for the first of them."""
        return QSize(_NARROWEST_PX, super().minimumSizeHint().height())

    @property
    def least_px(self) -> int:
        """Room for the few words."""
        return self._mark_px + QFontMetrics(self.font()).horizontalAdvance(self._short_words) + 1 + _ROOM_PX

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Shortens the words to the room there is."""
        super().resizeEvent(event)
        self._elide()

    @property
    def _mark_px(self) -> int:
        return QFontMetrics(self.font()).horizontalAdvance(" ▾")

    def _elide(self) -> None:
        room_px = self.width() - _ROOM_PX - self._mark_px
        metrics = QFontMetrics(self.font())
        words = self.words if metrics.horizontalAdvance(self.words) <= room_px else self._short_words
        text = metrics.elidedText(words, Qt.TextElideMode.ElideRight, max(0, room_px))
        set_face(self, f"{text} ▾")


def prompt_words(prompt: Prompt) -> str:
    """What is continued, in a line."""
    first, last = prompt.seed_bars
    if prompt.source == "selection":
        return tr("Prompt", "continues {count} selected notes").format(count=prompt.seed_count)
    if first == last:
        return tr("Prompt", "continues bar {bar}").format(bar=first)
    return tr("Prompt", "continues bars {first}-{last}").format(first=first, last=last)


def short_words(prompt: Prompt) -> str:
    """The same where there is little room; the button beside it says that it is continued."""
    first, last = prompt.seed_bars
    if prompt.source == "selection":
        return tr("Prompt", "{count} notes").format(count=prompt.seed_count)
    if first == last:
        return tr("Prompt", "bar {bar}").format(bar=first)
    return tr("Prompt", "bars {first}-{last}").format(first=first, last=last)


def replaced_words(prompt: Prompt) -> str:
    """Which bars a take would replace; empty for none."""
    first, last = prompt.take_bars
    if not prompt.replaced_count:
        return ""
    if first == last:
        return tr("Prompt", "replaces bar {bar}").format(bar=first)
    return tr("Prompt", "replaces bars {first}-{last}").format(first=first, last=last)
