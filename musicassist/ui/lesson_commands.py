"""Why is this bar strong? The command that asks about a bar, and what its panel is told."""

from __future__ import annotations

from PySide6.QtCore import QObject

from musicassist.session.teaching import Teaching
from musicassist.ui.actions import Command, Need, Rows
from musicassist.ui.lessons_panel import LEVELS, LessonsPanel
from musicassist.ui.workspace import Workspace


class LessonCommands(QObject):
    """Asks about the bar of the selected notes or of the playhead, and shows what is found.

    Attributes:
        rows: Its commands, of the menu of the assistant.
    """

    def __init__(self, workspace: Workspace, panel: LessonsPanel, parent: QObject) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._session, self._panel = workspace.session, panel
        self._teaching: Teaching = workspace.session.teaching
        panel.level_chosen.connect(self._on_level_chosen)
        panel.without_chosen.connect(self._teaching.hear_without)
        panel.left.connect(self.leave)
        workspace.session.subscribe(lambda change: self._show() if change.kind == "lessons" else None)
        self.rows = self._rows()

    @property
    def _bar(self) -> int:
        span, time_map = self._session.notes.selected_span(), self._session.document.song.time_map
        return time_map.bar_at(span[0] if span is not None else max(0, int(self._session.transport.position_tick())))

    def explain(self) -> None:
        """Shows why the bar of the selection, else that of the playhead, is strong.

        Raises:
            SeedError: There are no notes in it.
        """
        self._teaching.look(self._bar, self._workspace.roll.chord_lane.spans)
        self._panel.setFocus()

    def leave(self) -> None:
        """Closes the panel."""
        self._teaching.leave()
        self._workspace.focus_roll()

    def _on_level_chosen(self, level: int) -> None:
        self._workspace.preferences.change(lesson_level=level)
        self._show()

    def _show(self) -> None:
        teaching = self._teaching
        if teaching.bar is not None:
            number = self._session.document.song.time_map.bar_number(teaching.bar)
            level = min(max(self._workspace.settings.lesson_level, 0), len(LEVELS) - 1)
            self._panel.show_lessons(number, teaching.lessons, level, teaching.without)
        self._panel.setVisible(teaching.bar is not None)

    # fmt: off
    def _rows(self) -> Rows:
        document = self._session.document
        notes = Need(self.tr("Select a track with a melody first."),
                     lambda: len(document.track.notes) > 0 and not document.song.is_drum_track(document.selected_track))
        idle = Need(self.tr("Keep or dismiss the takes first."), lambda: self._teaching.may_sound)
        return (
            Command("assistant.why_strong", self.tr("Why is this bar strong?"),
                    self.tr("Cadence, sequence, suspension, syncopation, chord tones: what the notes of the bar prove, "
                            "and how it would sound without."),
                    self.explain, "Shift+W", "", (notes, idle)),
        )
    # fmt: on
