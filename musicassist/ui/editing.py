"""The commands of the Edit and Notes menus that also touch the roll or ask something at its edge."""

from __future__ import annotations

from musicassist.ui.desk import Desk
from musicassist.ui.dialogs import QuantisePopover, TransposePopover


class Editing:
    """What a command on notes does beyond the session: it brings them into view, or asks how far."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._session = desk.session
        self._notes = desk.session.notes

    def paste(self) -> None:
        """Puts the copied notes at the edit cursor and shows them."""
        at_tick = self._desk.roll.edit_cursor_tick
        self._notes.paste(at_tick)
        self._desk.roll.reveal_tick(at_tick)

    def select_none(self) -> None:
        """Lets the selection go; a continuation that waits for the model is let go first."""
        if self._session.takes.phase == "waiting":
            self._session.takes.cancel()
        else:
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

    def begin_bar_one(self) -> None:
        """Lets bar 1 begin at the playhead."""
        time_map = self._session.document.song.time_map
        tick = self._notes.grid.snap(time_map, self._session.transport.position_tick())
        self._session.score.begin_bar_one(tick)

    def step_in_scale(self, steps: int) -> None:
        """Moves the notes by steps of the song's scale."""
        key = self._session.key
        if key is not None:
            self._notes.transpose_in_scale(steps, key)

    def ask_transpose(self) -> None:
        """Asks how far, at the edge of the roll."""
        TransposePopover(self._desk.window, self._notes.transpose).open_over(self._desk.roll)

    def ask_quantise(self) -> None:
        """Asks for strength and swing, at the edge of the roll."""
        QuantisePopover(self._desk.window, self._notes.quantise).open_over(self._desk.roll)
