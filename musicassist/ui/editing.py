"""What the Edit and Notes menus do."""

from __future__ import annotations

from musicassist.ui.desk import Desk
from musicassist.ui.dialogs import QuantisePopover, TransposePopover

VELOCITY_STEP = 8
OCTAVE = 12


class EditCommands:
    """Undo, the clipboard, selecting, and the tools."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._session = desk.session
        self._notes = desk.session.notes

    def undo(self) -> None:
        """Takes back the last step."""
        self._session.document.undo()

    def redo(self) -> None:
        """Does it again."""
        self._session.document.redo()

    def cut(self) -> None:
        """Takes the selected notes away to paste them."""
        self._notes.cut()

    def copy(self) -> None:
        """Keeps a copy of the selected notes."""
        self._notes.copy()

    def paste(self) -> None:
        """Puts the copied notes at the edit cursor and shows them."""
        at_tick = self._desk.roll.edit_cursor_tick
        self._notes.paste(at_tick)
        self._desk.roll.reveal_tick(at_tick)

    def duplicate(self) -> None:
        """Repeats the selected notes."""
        self._notes.duplicate()

    def delete(self) -> None:
        """Deletes the selected notes."""
        self._notes.delete()

    def select_all(self) -> None:
        """Selects every note of the track."""
        self._notes.select_all()

    def select_none(self) -> None:
        """Lets the selection go; a continuation that waits for the model is let go first."""
        if self._session.takes.phase == "waiting":
            self._session.takes.cancel()
            return
        self._notes.select_none()

    def select_next(self) -> None:
        """Selects the note after this one and shows it."""
        self._notes.select_next()
        self._reveal_selection()

    def select_previous(self) -> None:
        """Selects the note before and shows it."""
        self._notes.select_previous()
        self._reveal_selection()

    def _reveal_selection(self) -> None:
        span = self._notes.selected_span()
        if span is not None:
            self._desk.roll.reveal_tick(span[0])

    def bar_one(self) -> None:
        """Lets bar 1 begin at the playhead."""
        time_map = self._session.document.song.time_map
        tick = self._notes.grid.snap(time_map, self._session.transport.position_tick())
        self._session.score.begin_bar_one(tick)

    def tool_edit(self) -> None:
        """The edit tool."""
        self._desk.roll.set_tool("edit")

    def tool_draw(self) -> None:
        """The draw tool."""
        self._desk.roll.set_tool("draw")

    def tool_erase(self) -> None:
        """The erase tool."""
        self._desk.roll.set_tool("erase")

    def tool_split(self) -> None:
        """The split tool."""
        self._desk.roll.set_tool("split")

    def toggle_draw(self) -> None:
        """Between the edit and the draw tool."""
        self._desk.roll.set_tool("edit" if self._desk.roll.tool == "draw" else "draw")


class NotesCommands:
    """Moving, stretching, quantising."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._session = desk.session
        self._notes = desk.session.notes

    def transpose_up(self) -> None:
        """A semitone up."""
        self._notes.transpose(1)

    def transpose_down(self) -> None:
        """A semitone down."""
        self._notes.transpose(-1)

    def octave_up(self) -> None:
        """An octave up."""
        self._notes.transpose(OCTAVE)

    def octave_down(self) -> None:
        """An octave down."""
        self._notes.transpose(-OCTAVE)

    def step_up(self) -> None:
        """A step of the scale up."""
        self._in_scale(1)

    def step_down(self) -> None:
        """A step of the scale down."""
        self._in_scale(-1)

    def _in_scale(self, steps: int) -> None:
        key = self._session.key
        if key is not None:
            self._notes.transpose_in_scale(steps, key)

    def transpose(self) -> None:
        """Asks how far, at the edge of the roll."""
        TransposePopover(self._desk.window, self._notes.transpose).open_over(self._desk.roll)

    def nudge_later(self) -> None:
        """A grid step later."""
        self._notes.nudge(1)

    def nudge_earlier(self) -> None:
        """A grid step earlier."""
        self._notes.nudge(-1)

    def tick_later(self) -> None:
        """A tick later."""
        self._notes.nudge_ticks(1)

    def tick_earlier(self) -> None:
        """A tick earlier."""
        self._notes.nudge_ticks(-1)

    def longer(self) -> None:
        """A grid step longer."""
        self._notes.lengthen(1)

    def shorter(self) -> None:
        """A grid step shorter."""
        self._notes.lengthen(-1)

    def louder(self) -> None:
        """Raises the velocity."""
        self._notes.change_velocity(VELOCITY_STEP)

    def softer(self) -> None:
        """Lowers the velocity."""
        self._notes.change_velocity(-VELOCITY_STEP)

    def quantise(self) -> None:
        """Moves the notes to the grid; the whole track where nothing is selected."""
        self._notes.quantise()

    def quantise_options(self) -> None:
        """Asks for strength and swing, at the edge of the roll."""
        QuantisePopover(self._desk.window, self._notes.quantise).open_over(self._desk.roll)

    def split(self) -> None:
        """Cuts at the playhead."""
        self._notes.split(round(self._session.transport.position_tick()))

    def join(self) -> None:
        """Makes one note of neighbours."""
        self._notes.join()

    def legato(self) -> None:
        """Holds each note until the next."""
        self._notes.legato()

    def staccato(self) -> None:
        """Shortens the notes."""
        self._notes.staccato()
