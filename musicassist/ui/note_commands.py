"""The commands of the Notes menu: what moves the selected notes, and what gives them another shape."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QObject

from musicassist.ui.actions import ROLL, WINDOW, Command, Need, Rows
from musicassist.ui.window_commands import Editing
from musicassist.ui.workspace import Workspace

VELOCITY_STEP, OCTAVE = 8, 12


class NoteRows(QObject):
    """A part of the table of :mod:`musicassist.ui.commands`.

    Attributes:
        rows: The menu.
    """

    def __init__(self, workspace: Workspace, editing: Editing) -> None:
        super().__init__()
        self._session = session = workspace.session
        self._selected = Need(self.tr("Select some notes first."), lambda: session.notes.has_selection)
        self._notes = Need(self.tr("There are no notes yet."), lambda: session.document.song.note_count > 0)
        self._pins = Need(self.tr("No note of this track is pinned."), lambda: session.pins.has_any)
        self.rows: Rows = (*self._move(editing), None, *self._shape(editing))

    # fmt: off

    def _move(self, editing: Editing) -> Rows:
        session, notes = self._session, self._session.notes
        move = partial(Command, needs=(self._selected,), scope=ROLL)
        in_key = (self._selected, Need(self.tr("Choose a key first."), lambda: session.key is not None))
        step_in_scale, grid = editing.step_in_scale, self.tr("Move the notes one step of the grid.")
        return (
            move("notes.transpose_up", self.tr("Semitone up"), "", partial(notes.transpose, 1), "Up"),
            move("notes.transpose_down", self.tr("Semitone down"), "", partial(notes.transpose, -1), "Down"),
            move("notes.octave_up", self.tr("Octave up"), "", partial(notes.transpose, OCTAVE), "Shift+Up"),
            move("notes.octave_down", self.tr("Octave down"), "", partial(notes.transpose, -OCTAVE), "Shift+Down"),
            move("notes.step_up", self.tr("Scale step up"), "", partial(step_in_scale, 1), "Alt+Up", needs=in_key),
            move("notes.step_down", self.tr("Scale step down"), "", partial(step_in_scale, -1), "Alt+Down",
                    needs=in_key),
            move("notes.transpose", self.tr("Transpose…"), self.tr("Move by any number of semitones."),
                    editing.ask_transpose, "T", scope=WINDOW),
            None,
            move("notes.nudge_later", self.tr("Later"), grid, partial(notes.nudge, 1), "Right"),
            move("notes.nudge_earlier", self.tr("Earlier"), grid, partial(notes.nudge, -1), "Left"),
            move("notes.tick_later", self.tr("A tick later"), "", partial(notes.nudge_ticks, 1), "Alt+Right"),
            move("notes.tick_earlier", self.tr("A tick earlier"), "", partial(notes.nudge_ticks, -1), "Alt+Left"),
            move("notes.longer", self.tr("Longer"), self.tr("Lengthen by one step of the grid."),
                    partial(notes.lengthen, 1), "Shift+Right"),
            move("notes.shorter", self.tr("Shorter"), self.tr("Shorten by one step of the grid."),
                    partial(notes.lengthen, -1), "Shift+Left"),
            move("notes.louder", self.tr("Louder"), self.tr("Raise the velocity by 8."),
                    partial(notes.change_velocity, VELOCITY_STEP), "Ctrl+Up"),
            move("notes.softer", self.tr("Softer"), self.tr("Lower the velocity by 8."),
                    partial(notes.change_velocity, -VELOCITY_STEP), "Ctrl+Down"),
        )

    def _shape(self, editing: Editing) -> Rows:
        session, notes, transport = self._session, self._session.notes, self._session.transport
        some, chosen = (self._notes,), (self._selected,)

        def split() -> None:
            notes.split(round(transport.position_tick()))

        return (
            Command("notes.quantise", self.tr("Quantise"), self.tr("Move the notes to the grid."), notes.quantise, "Q",
                    "quantise", some),
            Command("notes.quantise_options", self.tr("Quantise…"), self.tr("Choose strength and swing."),
                    editing.ask_quantise, "Shift+Q", "", some),
            Command("notes.split", self.tr("Split"), self.tr("Cut the notes at the playhead."), split, "Ctrl+E",
                    "split", some),
            Command("notes.join", self.tr("Join"), self.tr("Make one note of neighbours of one pitch."), notes.join,
                    "J", "", chosen),
            Command("notes.pin", self.tr("Pin the notes"),
                    self.tr("Let the assistant leave the selected notes as they are, or no longer."),
                    session.pins.toggle, "Shift+P", "", chosen, is_on=lambda: session.pins.are_set),
            Command("notes.unpin_all", self.tr("Unpin all notes"), self.tr("Take the pins of the track away."),
                    session.pins.take_all_away, "", "", (self._pins,)),
            Command("notes.legato", self.tr("Legato"), self.tr("Hold each note until the next."), notes.legato, "Alt+L",
                    "", chosen),
            Command("notes.staccato", self.tr("Staccato"), self.tr("Make the notes half as long."), notes.staccato,
                    "Alt+S", "", chosen),
        )
    # fmt: on
