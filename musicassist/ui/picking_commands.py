"""Ghost notes that are selected in the roll, or bar by bar with keys, and kept alone."""

from __future__ import annotations

from PySide6.QtCore import QObject

from musicassist.ui.actions import TAKES, Command, Need, Rows
from musicassist.ui.workspace import Workspace

Box = tuple[float, float, int, int]


class PickingCommands(QObject):
    """Lets a rectangle or a click in the roll select ghosts of the take that is heard, besides the notes of the song.

    Attributes:
        rows: Its commands, of the menu of the assistant.
    """

    def __init__(self, workspace: Workspace, parent: QObject) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._session = workspace.session
        self._takes, self._picking = workspace.session.takes, workspace.session.picking
        workspace.roll.view.mouse.boxed.connect(self._on_boxed)
        self.rows = self._rows()

    def pick_bar(self) -> None:
        """Selects the ghosts of the bars that are chosen in the lanes, else of the bar at the playhead, or not."""
        lanes, time_map = self._workspace.roll.take_lanes, self._session.document.song.time_map
        if lanes.hasFocus():
            self._picking.pick_bars(*lanes.chosen_ticks())
        else:
            bar = time_map.bar_at(max(0, int(self._session.transport.position_tick())))
            self._picking.pick_bars(time_map.bar_start_tick(bar), time_map.bar_start_tick(bar + 1))
        self._say()

    def keep(self) -> None:
        """Keeps the selected ghosts; the takes stay on offer around them."""
        count = self._picking.keep()
        if count:
            one, more = (
                self.tr("{count} note is yours. {undo} takes it back. The takes stay on offer around it."),
                self.tr("{count} notes are yours. {undo} takes them back. The takes stay on offer around them."),
            )
            self._workspace.report(one if count == 1 else more, count=count)

    def _on_boxed(self, box: Box, is_adding: bool) -> None:  # noqa: FBT001  # a slot
        if self._takes.phase == "offered" and self._picking.is_possible:
            had = len(self._picking.notes)
            self._picking.pick_box(*box, is_adding=is_adding)
            if had or len(self._picking.notes):
                self._say()

    def _say(self) -> None:
        count = len(self._picking.notes)
        if not count:
            self._workspace.say(self.tr("No ghost notes are selected."))
            return
        one, more = (
            self.tr("{count} ghost note is selected. {key} keeps it alone."),
            self.tr("{count} ghost notes are selected. {key} keeps them alone."),
        )
        self._workspace.say(
            (one if count == 1 else more).format(count=count, key=self._workspace.keys("assistant.keep_picked"))
        )

    # fmt: off
    def _rows(self) -> Rows:
        possible = Need(self.tr("Ask for takes first, and select their track."), lambda: self._picking.is_possible)
        picked = Need(self.tr("Select ghost notes first: drag around them, or choose bars."),
                      lambda: len(self._picking.notes) > 0)
        return (
            None,
            Command("assistant.pick_bar", self.tr("Select the bar's ghost notes"),
                    self.tr("Select the notes of the take that is heard in the bar at the playhead, or in the bars "
                            "that are chosen in the lanes; or let them go."),
                    self.pick_bar, "X", "", (possible,), TAKES),
            Command("assistant.keep_picked", self.tr("Keep the selected ghost notes"),
                    self.tr("Write only the selected notes of the take into the track. The rest stays on offer."),
                    self.keep, "Shift+Return", "", (possible, picked)),
        )
    # fmt: on
