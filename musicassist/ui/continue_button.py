"""The button that continues the phrase, and the line that says what would be continued; a click there changes it."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QActionGroup, QFontMetrics, QIcon, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QMenu, QProgressBar, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from musicassist.composing.span import Prompt, Source
from musicassist.ui.actions import MenuField, add_option, calling
from musicassist.ui.foreign_text import ElidedButton, Tip, counted, set_face, set_name, set_tip, translate
from musicassist.ui.theme import SMALL_PX, arranged, icon, restyle, text_font

_ROOM_PX = 18  # beside the words
_NARROWEST_PX = 24
READY, WAITING, COMPOSING, NOTHING = "ready", "waiting", "composing", "nothing"
WIDTH_PX, MIN_WIDTH_PX = 216, 128
MAX_SAID_PX = 130


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
        texts: dict[Source, str] = {
            "end": self.tr("The whole track, at its end"),
            "selection": self.tr("The selected notes, at their end"),
            "playhead": self.tr("What stands before the playhead, there"),
        }
        group, possible = QActionGroup(menu), self._list_sources()
        for source, text in texts.items():
            chosen = calling(self.source_chosen.emit, source)
            action = add_option(menu, text, chosen, is_chosen=source == self._source)
            action.setEnabled(source in possible)
            group.addAction(action)

    def sizeHint(self) -> QSize:
        words_px = self._mark_px + QFontMetrics(self.font()).horizontalAdvance(self.words) + 1
        return QSize(words_px + _ROOM_PX, super().sizeHint().height())

    def minimumSizeHint(self) -> QSize:
        return QSize(_NARROWEST_PX, super().minimumSizeHint().height())

    @property
    def least_px(self) -> int:
        """Room for the few words."""
        return self._mark_px + QFontMetrics(self.font()).horizontalAdvance(self._short_words) + 1 + _ROOM_PX

    def resizeEvent(self, event: QResizeEvent) -> None:
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
    if prompt.source == "selection":
        return translate("Prompt", "continues {count} selected notes").format(count=prompt.seed_count)
    one, more = translate("Prompt", "continues bar {bar}"), translate("Prompt", "continues bars {first}-{last}")
    return _bar_words(prompt.seed_bars, one, more)


def short_words(prompt: Prompt) -> str:
    """The same where there is little room; the button beside it says that it is continued."""
    if prompt.source == "selection":
        return translate("Prompt", "{count} notes").format(count=prompt.seed_count)
    return _bar_words(prompt.seed_bars, translate("Prompt", "bar {bar}"), translate("Prompt", "bars {first}-{last}"))


def replaced_words(prompt: Prompt) -> str:
    """Which bars a take would replace; empty for none."""
    if not prompt.replaced_count:
        return ""
    one, more = translate("Prompt", "replaces bar {bar}"), translate("Prompt", "replaces bars {first}-{last}")
    return _bar_words(prompt.take_bars, one, more)


def _bar_words(bars: tuple[int, int], one: str, more: str) -> str:
    """Words about a bar, or about the bars from the first to the last."""
    first, last = bars
    return (one if first == last else more).format(bar=first, first=first, last=last)


class ContinueButton(QWidget):
    """The button, a thin bar of progress under it, what it continues, and the switch of the takes panel beside it.

    Attributes:
        prompt: Says what would be continued, and lets it be changed.
        state: ``ready``, ``waiting`` for the model, ``composing`` or ``nothing`` to continue.
        pressed: The user wants a continuation, or to cancel the one that is made.
        controls_wanted: The user wants to see bars, heat, scale and seed.
    """

    pressed = Signal()
    controls_wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.state = READY
        self._key_of: Callable[[str], str] = str  # the shortcut of a command, once there are commands
        self._prompt: Prompt | None = None
        self._remark = ""
        self.prompt = PromptField()
        self.button = ElidedButton()
        self.button.setMinimumWidth(MIN_WIDTH_PX)
        self.button.setMaximumWidth(WIDTH_PX)
        self.button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.button.clicked.connect(self.pressed)
        self.controls = QToolButton()
        self.controls.setIcon(icon("takes", "second_text"))
        self.controls.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.controls.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.controls.setProperty("wide", True)  # noqa: FBT003
        set_tip(self.controls, self.tr("How long, how bold, in which scale: show the controls."))
        self.controls.clicked.connect(self.controls_wanted)
        self.progress = QProgressBar()
        self.progress.setObjectName("progress")
        self.progress.setTextVisible(False)
        self.progress.setFixedHeight(2)
        self._lay_out()
        self.show_bars(4)
        self._show_look()
        self.show_state(READY)

    def name_keys(self, key_of: Callable[[str], str]) -> None:
        """Says from now on which keys do what it does; ``key_of`` gives the shortcut of a command."""
        self._key_of = key_of

    def _lay_out(self) -> None:
        column = arranged(QVBoxLayout(), self.button, self.progress, margins_px=(0, 3, 0, 0), spacing_px=1)
        arranged(QHBoxLayout(self), self.prompt, column, self.controls, spacing_px=4)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Preferred)

    @property
    def whole_px(self) -> int:
        """Its narrowest width with the button's words whole, and most of what it continues beside them."""
        said = self.prompt
        said_px = min(said.sizeHint().width(), MAX_SAID_PX) - said.minimumSizeHint().width() if said.isVisible() else 0
        return self.minimumSizeHint().width() - self.button.minimumWidth() + self._words_px + said_px

    @property
    def spare_px(self) -> int:
        """How much narrower it is where few words say what it continues."""
        said = self.prompt
        return max(0, min(said.sizeHint().width(), MAX_SAID_PX) - said.least_px) if said.isVisible() else 0

    @property
    def _words_px(self) -> int:
        return max(MIN_WIDTH_PX, min(WIDTH_PX, self.button.sizeHint().width()))

    def show_whole(self, *, is_whole: bool) -> None:
        """Keeps the button's words whole, or lets them end in an ellipsis where there is no room."""
        least_px = self._words_px if is_whole else MIN_WIDTH_PX
        if least_px != self.button.minimumWidth():
            self.button.setMinimumWidth(least_px)

    def show_bars(self, bars: int) -> None:
        set_face(self.controls, " " + counted(bars, self.tr("{count} bar"), self.tr("{count} bars")))

    def show_prompt(
        self, prompt: Prompt | None, list_sources: Callable[[], tuple[Source, ...]], remark: str = ""
    ) -> None:
        """Says what would be continued; see ``PromptField``. What it replaces stands on the button, too.

        Args:
            prompt: What that is.
            list_sources: What else it could be.
            remark: What the model does of it, or cannot do, for the tip.
        """
        self.prompt.show_prompt(prompt, list_sources)
        self._prompt, self._remark = prompt, remark

    def show_state(self, state: str, reason: str = "") -> None:
        """Changes its face; ``reason`` is what stands in the way when there is nothing to continue."""
        is_other_look = (state == NOTHING) != (self.state == NOTHING)
        self.state = state
        texts = {
            READY: self._ready_words(),
            WAITING: self.tr("Waiting for the model…"),
            COMPOSING: self.tr("Composing · {dismiss} cancels").format(dismiss=self._key_of("assistant.dismiss")),
            NOTHING: reason.partition(".")[0] or self.tr("Continue this phrase"),
        }
        set_face(self.button, f" {texts[state]}")  # the space keeps the words off the icon
        set_tip(self.button, self._tip(reason))
        set_name(self.button, texts[state])
        if is_other_look:
            self._show_look()
        self.show_progress(None if state != COMPOSING else 0.0)
        if state == WAITING:
            self.progress.setRange(0, 0)

    def _ready_words(self) -> str:
        if self._prompt is None or not self._prompt.replaced_count:
            return self.tr("Continue this phrase")
        one, more = self.tr("Replace bar {bar}"), self.tr("Replace bars {first}-{last}")
        return _bar_words(self._prompt.take_bars, one, more)

    def _show_look(self) -> None:
        is_quiet = self.state == NOTHING
        restyle(self.button, assistant=not is_quiet, quiet=is_quiet)
        self.button.setIcon(QIcon() if is_quiet else icon("spark", "on_accent"))

    def show_progress(self, share: float | None) -> None:
        """How much of the takes is there, 0..1; None hides the bar."""
        self.progress.setRange(0, WIDTH_PX)  # Qt draws it at once for each value
        self.progress.setValue(0 if share is None else round(WIDTH_PX * share))

    def _tip(self, reason: str) -> Tip:
        what = self.prompt.accessibleName() or self.tr("Compose a continuation of the track, or of the selected notes.")
        what = f"{what}\n{self._remark}" if self._remark else what
        return Tip(what, self.tr("Continue this phrase"), self._key_of("assistant.continue_phrase"), reason)
