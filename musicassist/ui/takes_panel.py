"""The panel on the right: the takes as contours, what is known about them, and how the next ones are composed."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QToolButton, QVBoxLayout, QWidget

from musicassist.ui.foreign_text import ElidedButton, PlainLabel, Tip, set_face, set_tip
from musicassist.ui.icons import icon
from musicassist.ui.take_controls import TakeControls
from musicassist.ui.take_row import TakeFace, TakeRow
from musicassist.ui.theme import SMALL_PX, Theme, text_font

WIDTH_PX = 176
SCROLL_BAR_PX = 10
LEAST_BUTTON_PX = 56


class TakesPanel(QFrame):
    """Rows of takes, facts about the one that is heard, the buttons and the controls.

    Attributes:
        take_chosen: A row was clicked; carries the number of the take.
        keep_wanted, dismiss_wanted, again_wanted, fold_wanted: A button was pressed.
        controls: The fields.
    """

    take_chosen = Signal(int)
    keep_wanted = Signal()
    dismiss_wanted = Signal()
    again_wanted = Signal()
    fold_wanted = Signal()

    def __init__(self, theme: Theme, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("takes_panel")
        self.setFixedWidth(WIDTH_PX)
        self._theme = theme
        self.rows: list[TakeRow] = []
        self.controls = TakeControls(theme)
        self._rows_column = QVBoxLayout()
        self._hint = PlainLabel(self.tr("Takes appear here. Each is a different way to go on."))
        self._facts = PlainLabel()
        self._again = QToolButton()
        self._fold = QToolButton()
        self._keep = ElidedButton()
        self._dismiss = ElidedButton()
        set_face(self._dismiss, self.tr("Dismiss"))
        self._lay_out()
        self._connect()
        self.set_theme(theme)
        self.show_takes((), auditioned=None)

    def _lay_out(self) -> None:
        title = PlainLabel(self.tr("Takes"))
        title.setObjectName("panel_title")
        for label, name in ((self._hint, "second"), (self._facts, "take_facts")):
            label.setObjectName(name)
            label.setWordWrap(True)
            label.setFont(text_font(SMALL_PX))
        head = QHBoxLayout()
        head.addWidget(title, 1)
        head.addWidget(self._again)
        head.addWidget(self._fold)
        self._rows_column.setSpacing(2)
        buttons = QHBoxLayout()
        buttons.setSpacing(4)
        for button in (self._keep, self._dismiss):
            button.setMinimumWidth(LEAST_BUTTON_PX)  # other languages have longer words
        buttons.addWidget(self._keep)
        buttons.addWidget(self._dismiss)
        inside, area = QWidget(), QScrollArea()
        inside.setObjectName("takes_panel")
        area.setFrameShape(QFrame.Shape.NoFrame)
        area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidgetResizable(True)
        area.setWidget(inside)
        area.verticalScrollBar().rangeChanged.connect(self._on_scroll_range_changed)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        outer.addWidget(area)
        column = QVBoxLayout(inside)
        column.setContentsMargins(8, 8, 6, 12)
        column.setSpacing(8)
        column.addLayout(head)
        column.addWidget(self._hint)
        column.addLayout(self._rows_column)
        column.addWidget(self._facts)
        column.addLayout(buttons)
        column.addSpacing(8)
        column.addWidget(self.controls)
        column.addStretch(1)

    def _on_scroll_range_changed(self, _lowest: int, highest: int) -> None:
        """A low window has a scroll bar here, which covers nothing."""
        self.setFixedWidth(WIDTH_PX + (SCROLL_BAR_PX if highest else 0))

    def _connect(self) -> None:
        self._keep.setProperty("assistant", True)  # noqa: FBT003  # Qt's property
        set_tip(self._keep, Tip(self.tr("Write it into the track as one step."), self.tr("Keep the take"), "Return"))
        set_tip(self._dismiss, Tip(self.tr("Let all of them go."), self.tr("Dismiss the takes"), "Esc"))
        set_tip(self._again, Tip(self.tr("Ask for other takes."), self.tr("Compose again"), "Ctrl+Shift+Return"))
        set_tip(self._fold, self.tr("Fold the panel away."))
        self._again.setAccessibleName(self.tr("Compose again"))
        self._fold.setAccessibleName(self.tr("Fold the panel"))
        for button in (self._keep, self._dismiss, self._again, self._fold):
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self._keep.clicked.connect(self.keep_wanted)
        self._dismiss.clicked.connect(self.dismiss_wanted)
        self._again.clicked.connect(self.again_wanted)
        self._fold.clicked.connect(self.fold_wanted)

    def show_takes(self, faces: Sequence[TakeFace], *, auditioned: int | None) -> None:
        """Shows the takes, the first one as number 1; none while nothing is asked for."""
        while len(self.rows) > len(faces):
            row = self.rows.pop()
            self._rows_column.removeWidget(row)
            row.hide()
            row.deleteLater()
        while len(self.rows) < len(faces):
            row = TakeRow(len(self.rows) + 1, self._theme)
            row.chosen.connect(self.take_chosen)
            self._rows_column.addWidget(row)
            self.rows.append(row)
        for row, face in zip(self.rows, faces, strict=True):
            row.show_face(face)
        heard = faces[auditioned - 1] if auditioned is not None and 1 <= auditioned <= len(faces) else None
        self._facts.show_text(heard.facts if heard is not None else "")
        self._facts.setVisible(heard is not None and bool(heard.facts))
        self._hint.setVisible(not faces)
        is_complete = heard is not None and heard.is_complete
        keep = self.tr("Keep take {number}").format(number=auditioned) if is_complete else self.tr("Keep")
        set_face(self._keep, keep)
        for button in (self._keep, self._dismiss):
            button.setVisible(bool(faces))
        self._keep.setEnabled(is_complete)

    def set_theme(self, theme: Theme) -> None:
        """Tints the icons and contours."""
        self._theme = theme
        self._again.setIcon(icon("again", theme, color=theme.second_text))
        self._fold.setIcon(icon("close", theme, color=theme.second_text))
        self.controls.set_theme(theme)
        for row in self.rows:
            row.set_theme(theme)
