"""Shows the takes as they stand: in the roll, in the panel and on the button."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QObject, QTimer

from musicassist.errors import MusicAssistError
from musicassist.score.song import Note, Notes
from musicassist.ui.actions import Actions
from musicassist.ui.continue_button import COMPOSING, NOTHING, READY, WAITING, ContinueButton
from musicassist.ui.desk import Desk
from musicassist.ui.take_faces import progress_share, take_faces
from musicassist.ui.take_row import TakeFace
from musicassist.ui.takes_panel import TakesPanel
from musicassist.ui.words import words_of

LEAD_IN_BARS = 2
ROWS_MS = 50  # the rows of the panel follow the notes at this pace
_STATES = {"waiting": WAITING, "generating": COMPOSING}


class TakesDisplay(QObject):
    """Reads the session's takes and never changes them.

    The panel opens by itself with takes and then folds by itself without; what the user has opened stays open.
    """

    def __init__(self, desk: Desk, panel: TakesPanel, button: ContinueButton, parent: QObject) -> None:
        super().__init__(parent)
        self._session = desk.session
        self._takes = desk.session.takes
        self._roll = desk.roll
        self._panel = panel
        self._button = button
        self._actions: Actions | None = None
        self._opened_by_itself = False
        self._watched = 1  # the take that is lit while they are composed
        self._rows = QTimer(self, singleShot=True, interval=ROWS_MS)
        self._rows.timeout.connect(self._show_rows)

    def attach(self, actions: Actions) -> None:
        """Gets the switch of the takes panel, and shows how things stand."""
        self._actions = actions
        self._panel.hide()
        self.refresh()

    @property
    def lit(self) -> int:
        """Number of the take that is heard or, while they are composed, watched."""
        return self._takes.auditioned or self._watched

    @property
    def take_count(self) -> int:
        """How many takes there are or will be."""
        return len(self._faces())

    # The roll

    def light(self, number: int) -> None:
        """Lights a take while they are composed."""
        self._watched = number
        self.show_in_roll()
        self._show_rows()

    def show_in_roll(self) -> None:
        """The lit take among the others."""
        if self._takes.span is not None:
            faces = self._faces()
            lit = next((face.notes for face in faces if face.is_auditioned), Notes.of())
            others = [face.notes for face in faces if not face.is_auditioned]
            self._roll.set_takes(lit, others, *self._takes.span)

    def show_ghost(self, note: Note, take_number: int) -> None:
        """One more note."""
        self._roll.append_ghost(note, is_chosen=take_number == self.lit)
        if not self._rows.isActive():
            self._rows.start()

    def reveal_span(self) -> None:
        """Brings the span into view with some bars of what comes before it; where it is too long, zooms out."""
        span = self._takes.span
        if span is None:
            return
        time_map = self._session.document.song.time_map
        last_bar = time_map.bar_at(max(0, span[0] - 1))
        lead_in_tick = time_map.bar_start_tick(max(0, last_bar - LEAD_IN_BARS + 1))
        viewport = self._roll.viewport
        if lead_in_tick < viewport.from_tick or span[1] > viewport.to_tick:
            viewport.show_span(lead_in_tick, span[1])
        self._reveal_pitches(lead_in_tick)

    def _reveal_pitches(self, from_tick: int) -> None:
        """Brings the pitches of the last bars into the middle where they are out of view; takes go on from there."""
        notes = self._session.document.track.notes
        pitches = notes.pitch[notes.start_tick >= from_tick]
        viewport = self._roll.viewport
        if len(pitches) and not 0 <= viewport.pitches.to_y(float(np.median(pitches))) < viewport.height_px:
            viewport.center_pitch(float(np.median(pitches)))

    def clear(self) -> None:
        """No takes any more."""
        self._roll.clear_takes()
        if self._opened_by_itself:
            self.set_panel_visible(visible=False)

    # The panel and the button

    def refresh(self) -> None:
        """Everything but the roll."""
        self.show_prompt()
        self._show_controls()
        self._show_rows()

    def show_prompt(self) -> None:
        """What a press would continue, or why there is nothing to continue."""
        prompt, words = None, ""
        try:
            prompt = self._takes.prompt()
        except MusicAssistError as reason:
            words = words_of(reason)
        self._button.show_prompt(prompt, self._takes.prompt_sources)
        state = _STATES.get(self._takes.phase)
        if state is not None:
            words = ""
        if state is None or state != self._button.state:
            self._button.show_state(state or (NOTHING if words else READY), words)

    def _show_controls(self) -> None:
        controls = self._takes.controls
        self._panel.controls.show_values(
            bars=controls.bars,
            temperature=controls.temperature,
            is_in_scale=controls.is_in_scale,
            seed=controls.seed,
        )
        key = controls.key or self._session.key
        self._panel.controls.show_key(str(key) if key is not None else "")
        self._button.show_bars(controls.bars)

    def _show_rows(self) -> None:
        faces = self._faces()
        self._panel.show_takes(faces, auditioned=self.lit if faces else None)
        if self._takes.phase == "generating":
            self._button.show_progress(progress_share(faces))

    def _faces(self) -> tuple[TakeFace, ...]:
        return take_faces(self._takes, self.lit, self._session.key)

    def open_panel(self) -> None:
        """Opens it for as long as there are takes."""
        if not self._panel.isVisible():
            self.set_panel_visible(visible=True)
            self._opened_by_itself = True

    def toggle_panel(self) -> None:
        """Opens or folds it because the user wants it so."""
        self.set_panel_visible(visible=not self._panel.isVisible())

    def set_panel_visible(self, *, visible: bool) -> None:
        """Opens or folds it, and it stays so."""
        self._opened_by_itself = False
        self._panel.setVisible(visible)
        if self._actions is not None:
            self._actions.set_checked("view.takes_panel", checked=visible)
