"""The one button in the accent colour: it continues the phrase, says why it cannot, and shows how far it has come.

Beside it stands what would be continued.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QIcon
from PySide6.QtWidgets import QHBoxLayout, QProgressBar, QSizePolicy, QToolButton, QVBoxLayout, QWidget

from musicassist.generation.prompt import Prompt, Source
from musicassist.ui.foreign_text import ElidedButton, Tip, set_face, set_name, set_tip
from musicassist.ui.icons import icon
from musicassist.ui.prompt_field import PromptField
from musicassist.ui.theme import Theme

READY, WAITING, COMPOSING, NOTHING = "ready", "waiting", "composing", "nothing"
WIDTH_PX, LEAST_WIDTH_PX = 216, 128
MOST_SAID_PX = 130


class ContinueButton(QWidget):
    """The button, a thin bar of progress under it, what it continues, and the switch of the takes panel beside it.

    Attributes:
        prompt: Says what would be continued, and lets it be changed.
        pressed: The user wants a continuation, or to cancel the one that is made.
        controls_wanted: The user wants to see bars, heat, scale and seed.
    """

    pressed = Signal()
    controls_wanted = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._state = READY
        self._prompt: Prompt | None = None
        self.prompt = PromptField()
        self.button = ElidedButton()
        self.button.setMinimumWidth(LEAST_WIDTH_PX)
        self.button.setMaximumWidth(WIDTH_PX)
        self.button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.button.clicked.connect(self.pressed)
        self.controls = QToolButton()
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

    def _lay_out(self) -> None:
        column = QVBoxLayout()
        column.setContentsMargins(0, 3, 0, 0)
        column.setSpacing(1)
        column.addWidget(self.button)
        column.addWidget(self.progress)
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(4)
        row.addWidget(self.prompt)
        row.addLayout(column)
        row.addWidget(self.controls)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Preferred)

    @property
    def state(self) -> str:
        """``ready``, ``waiting`` for the model, ``composing`` or ``nothing`` to continue."""
        return self._state

    @property
    def whole_px(self) -> int:
        """Its narrowest width with the button's words whole, and most of what it continues beside them."""
        said = self.prompt
        said_px = min(said.sizeHint().width(), MOST_SAID_PX) - said.minimumSizeHint().width() if said.isVisible() else 0
        return self.minimumSizeHint().width() - self.button.minimumWidth() + self._words_px + said_px

    @property
    def spare_px(self) -> int:
        """How much narrower it is where few words say what it continues."""
        said = self.prompt
        return max(0, min(said.sizeHint().width(), MOST_SAID_PX) - said.least_px) if said.isVisible() else 0

    @property
    def _words_px(self) -> int:
        return max(LEAST_WIDTH_PX, min(WIDTH_PX, self.button.sizeHint().width()))

    def show_whole(self, *, is_whole: bool) -> None:
        """Keeps the button's words whole, or lets them end in an ellipsis where there is no room."""
        least_px = self._words_px if is_whole else LEAST_WIDTH_PX
        if least_px != self.button.minimumWidth():
            self.button.setMinimumWidth(least_px)

    def show_bars(self, bars: int) -> None:
        """How many bars it will compose."""
        set_face(self.controls, " " + self.tr("{bars} bars").format(bars=bars))

    def show_prompt(self, prompt: Prompt | None, list_sources: Callable[[], tuple[Source, ...]]) -> None:
        """Says what would be continued; see ``PromptField``. What it replaces stands on the button, too."""
        self.prompt.show_prompt(prompt, list_sources)
        self._prompt = prompt

    def show_state(self, state: str, reason: str = "") -> None:
        """Changes its face; ``reason`` is what stands in the way when there is nothing to continue."""
        is_other_look = (state == NOTHING) != (self._state == NOTHING)
        self._state = state
        texts = {
            READY: self._ready_words(),
            WAITING: self.tr("Waiting for the model…"),
            COMPOSING: self.tr("Composing · Esc cancels"),
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
        first, last = self._prompt.take_bars
        if first == last:
            return self.tr("Replace bar {bar}").format(bar=first)
        return self.tr("Replace bars {first}-{last}").format(first=first, last=last)

    def _show_look(self) -> None:
        is_quiet = self._state == NOTHING
        self.button.setProperty("assistant", not is_quiet)
        self.button.setProperty("quiet", is_quiet)
        self.button.style().unpolish(self.button)
        self.button.style().polish(self.button)
        self.set_theme(self._theme)

    def show_progress(self, share: float | None) -> None:
        """How much of the takes is there, 0..1; None hides the bar."""
        self.progress.setRange(0, WIDTH_PX)  # Qt draws it at once for each value
        self.progress.setValue(0 if share is None else round(WIDTH_PX * share))

    def set_theme(self, theme: Theme) -> None:
        """Tints the icons."""
        self._theme = theme
        self.button.setIcon(QIcon() if self._state == NOTHING else icon("spark", theme, color=theme.on_accent))
        self.controls.setIcon(icon("takes", theme, color=theme.second_text))

    def _tip(self, reason: str) -> Tip:
        what = self.prompt.accessibleName() or self.tr("Compose a continuation of the track, or of the selected notes.")
        return Tip(what, self.tr("Continue this phrase"), "Ctrl+Return", reason)
