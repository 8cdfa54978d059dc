"""The plan of the take that is heard, changed bar by bar: a click on its bracket, or keys."""

from __future__ import annotations

from PySide6.QtCore import QObject

from musicassist.ui.actions import TAKES, Command, Need, Rows
from musicassist.ui.foreign_text import filled
from musicassist.ui.workspace import Workspace


class PlanCommands(QObject):
    """Changes what a bar of the plan takes up; "Compose again" keeps what was changed.

    Attributes:
        rows: Its commands, of the menu of the assistant.
    """

    def __init__(self, workspace: Workspace, parent: QObject) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._takes = workspace.session.takes
        workspace.roll.view.bracket_pressed.connect(self.change)
        self.rows = self._rows()

    @property
    def _bars(self) -> int:
        plan = self._takes.current.plan if not self._takes.current.is_blind else None
        return len(plan.bars) if plan is not None else 0

    def choose_next(self) -> None:
        """Goes to the next bar of the plan, round and round, and says what it is."""
        chosen = self._takes.planned_row
        self._takes.choose_planned(0 if chosen is None else (chosen + 1) % max(1, self._bars))
        self._say()

    def change_chosen(self) -> None:
        """Gives the chosen bar, at first the first one, its next possibility."""
        self.change(self._takes.planned_row or 0)

    def change(self, row: int) -> None:
        """Gives a bar of the plan its next possibility, and says it."""
        self._takes.choose_planned(row)
        self._takes.change_planned(row)
        self._say()

    def _say(self) -> None:
        plan, row = self._takes.current.plan, self._takes.planned_row
        if plan is None or row is None or row >= len(plan.bars):
            return
        words = filled("Plans", *plan.bar_words(row))
        number = plan.first_number + row
        self._workspace.say(self.tr("Bar {number}: {plan}. {again} composes it").format(
            number=number, plan=words, again=self.tr("Compose again")
        ))  # fmt: skip

    # fmt: off
    def _rows(self) -> Rows:
        seen = Need(self.tr("The takes are blind: their ideas are hidden."), lambda: not self._takes.current.is_blind)
        planned = (seen, Need(self.tr("Ask for a continuation first."), lambda: self._bars > 0))
        return (
            Command("assistant.next_planned", self.tr("Next bar of the plan"),
                    self.tr("Choose a bar of the plan of the take that is heard."), self.choose_next, "O",
                    needs=planned, scope=TAKES),
            Command("assistant.change_planned", self.tr("Change the bar's plan"),
                    self.tr("New, as the bar before it did, its rhythm alone, or higher or lower."),
                    self.change_chosen, "P", needs=planned, scope=TAKES),
        )
    # fmt: on
