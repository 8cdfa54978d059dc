"""What you keep: the table of what became of takes, whether it orders the next ones, and how it is forgotten."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QPoint, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QPushButton, QVBoxLayout

from musicassist.composing.take_plan import Intent
from musicassist.errors import QT_TRANSLATE_NOOP
from musicassist.settings import TakeCount
from musicassist.ui.actions import Command, Need, Rows, calling
from musicassist.ui.foreign_text import PlainLabel, filled, set_face, set_name, set_tip
from musicassist.ui.model_status import title_of
from musicassist.ui.theme import SMALL_PX, arranged, text_font
from musicassist.ui.workspace import Workspace

SHOWN_ROWS = 16  # LIMIT: what fits over a small window
IDEAS = {
    Intent.ANSWER: QT_TRANSLATE_NOOP("KeptTakes", "answers"),
    Intent.REPEAT_AND_CLOSE: QT_TRANSLATE_NOOP("KeptTakes", "repeats and closes"),
    Intent.GO_ON: QT_TRANSLATE_NOOP("KeptTakes", "goes on"),
    Intent.CONTRAST: QT_TRANSLATE_NOOP("KeptTakes", "contrasts"),
    Intent.SEQUENCE_UP: QT_TRANSLATE_NOOP("KeptTakes", "sequence"),
}


class KeepingCommands(QObject):
    """Remembers what became of takes in the settings, shows it, and forgets it when asked to.

    Attributes:
        rows: Its commands, of the menu of the assistant.
    """

    def __init__(self, workspace: Workspace, parent: QObject) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._counts, self._order = workspace.session.take_counts, workspace.session.order
        self._counts.show(workspace.settings.take_counts)
        self._counts.on_change.append(self._on_counts_changed)
        self._apply_rank()
        self.rows = self._rows()

    @property
    def _is_ranking(self) -> bool:
        return self._workspace.settings.rank_by_kept

    def toggle_rank(self) -> None:
        """Lets the next takes stand in the order of what the user keeps, or leaves it to the critic."""
        self._workspace.preferences.change(rank_by_kept=not self._is_ranking)
        self._apply_rank()
        if not self._is_ranking:
            self._workspace.say(self.tr("The critic alone puts takes in order."))
        elif self._counts.has_learned:
            self._workspace.say(self.tr("Of the next takes those come first that are most like what you keep."))
        else:
            self._workspace.say(self.tr("Too little was kept so far. The order changes once you have kept some takes."))

    def show_counts(self) -> None:
        """Opens the table."""
        CountsPopup(self._workspace, self._counts.rows, self.erase).open_over()

    def erase(self) -> None:
        """Forgets what was counted."""
        self._counts.erase()
        self._workspace.actions.refresh()
        self._workspace.say(self.tr("What was counted of your takes is erased."))

    def _apply_rank(self) -> None:
        self._order.likes = self._counts.likes if self._is_ranking and self._counts.has_learned else None

    def _on_counts_changed(self) -> None:
        self._workspace.preferences.change(take_counts=self._counts.rows)
        self._apply_rank()

    # fmt: off
    def _rows(self) -> Rows:
        counted = Need(self.tr("Nothing was counted yet. Ask for takes first."), lambda: bool(self._counts.rows))
        return (
            Command("assistant.kept_takes", self.tr("What you keep…"),
                    self.tr("See how many takes of each model and idea you heard, kept and edited. "
                            "It stays on this computer."),
                    self.show_counts, "", "", (counted,)),
            Command("assistant.rank_by_kept", self.tr("Order takes by what you keep"),
                    self.tr("Of the takes that the critic chose, those come first that are most like what you keep; "
                            "other models are asked in that order."),
                    self.toggle_rank, is_on=lambda: self._is_ranking),
            Command("assistant.erase_kept", self.tr("Erase what was counted of takes"),
                    self.tr("Forget how many takes were offered, heard, kept and edited."), self.erase, "", "",
                    (counted,)),
        )
    # fmt: on


def count_words(row: TakeCount) -> tuple[str, ...]:
    """A row of the table: model, idea, and how many; the last one is how much of the kept ones was edited."""
    idea = filled("KeptTakes", IDEAS[Intent(row.idea)], {}) if row.idea in IDEAS else "\N{EN DASH}"
    edited = f"{round(100 * row.edited_share)} %" if row.kept_notes else "\N{EN DASH}"
    kept = f"{row.kept:.1f}".removesuffix(".0")
    return title_of(row.model), idea, str(row.offered), str(row.heard), kept, str(row.dismissed), edited


class CountsPopup(QFrame):
    """The table over the roll. Esc, Enter or a click elsewhere closes it."""

    def __init__(self, workspace: Workspace, rows: tuple[TakeCount, ...], erase: Callable[[], None]) -> None:
        super().__init__(workspace.window, Qt.WindowType.Popup)
        self.setObjectName("popup")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self._workspace = workspace
        heads = (
            self.tr("Model"), self.tr("Idea"), self.tr("offered"), self.tr("heard"), self.tr("kept"),
            self.tr("dismissed"), self.tr("edited"),
        )  # fmt: skip
        self.lines = [heads, *map(count_words, rows[:SHOWN_ROWS])]
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        for line, words in enumerate(self.lines):
            for column, word in enumerate(words):
                label = PlainLabel(word, look="second" if line == 0 else "")
                label.setFont(text_font(SMALL_PX))
                right = Qt.AlignmentFlag.AlignRight if column > 1 else Qt.AlignmentFlag.AlignLeft
                grid.addWidget(label, line, column, right)
        set_name(self, self.tr("What you keep"))
        set_tip(self, "", description="\n".join(map(self._spoken, self.lines[1:])))
        self.remark = PlainLabel(self._remark(), look="second")
        self.remark.setFont(text_font(SMALL_PX))
        self.erase_button = QPushButton()
        set_face(self.erase_button, self.tr("Erase"))
        self.erase_button.setAutoDefault(False)
        self.erase_button.clicked.connect(calling(erase))
        self.erase_button.clicked.connect(self.close)
        title = PlainLabel(self.tr("What you keep"), look="panel_title")
        arranged(QVBoxLayout(self), title, grid, self.remark, self.erase_button, margins_px=(12, 12, 12, 12))

    def _spoken(self, words: tuple[str, ...]) -> str:
        spoken = self.tr(
            "{model}, {idea}: {offered} offered, {heard} heard, {kept} kept, {dismissed} dismissed, {edited} edited"
        )
        names = ("model", "idea", "offered", "heard", "kept", "dismissed", "edited")
        return spoken.format(**dict(zip(names, words, strict=True)))

    def _remark(self) -> str:
        if self._workspace.session.order.likes is not None:
            return self.tr("The next takes stand in the order of what you keep.")
        return self.tr("It stays on this computer, and changes nothing.")

    def open_over(self) -> None:
        """Shows it at the upper right corner of the roll."""
        roll = self._workspace.roll
        self.adjustSize()
        self.move(roll.mapToGlobal(QPoint(max(0, roll.width() - self.width() - 16), 32)))
        self.show()
        self.erase_button.clearFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.close()
            return
        super().keyPressEvent(event)
