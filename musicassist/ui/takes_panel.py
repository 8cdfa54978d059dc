"""The panel on the right: the takes as contours, what is known about them, and how the next ones are composed."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from PySide6.QtCore import QObject, Qt, QTimer, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QScrollArea, QToolButton, QVBoxLayout, QWidget

from musicassist.errors import MusicAssistError
from musicassist.score.song import Note, Notes
from musicassist.ui.actions import Actions
from musicassist.ui.background import calling
from musicassist.ui.continue_button import COMPOSING, NOTHING, READY, WAITING, ContinueButton
from musicassist.ui.desk import Desk
from musicassist.ui.foreign_text import ElidedButton, PlainLabel, set_face, set_tip, words_of
from musicassist.ui.take_controls import TakeControls
from musicassist.ui.take_row import TakeFace, TakeRow, progress_share, take_faces
from musicassist.ui.theme import SMALL_PX, icon, text_font

WIDTH_PX = 176
SCROLL_BAR_PX = 10
MIN_BUTTON_PX = 56


class TakesPanel(QFrame):
    """Rows of takes, facts about the one that is heard, the buttons and the controls.

    Attributes:
        take_chosen: A row was clicked; carries the number of the take.
        controls: The fields.
    """

    take_chosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("takes_panel")
        self.setFixedWidth(WIDTH_PX)
        self.rows: list[TakeRow] = []
        self.controls = TakeControls()
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
            button.setMinimumWidth(MIN_BUTTON_PX)  # other languages have longer words
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
        self._again.setIcon(icon("again", "second_text"))
        self._fold.setIcon(icon("close", "second_text"))
        self._keep.setProperty("assistant", True)  # noqa: FBT003  # Qt's property
        set_tip(self._fold, self.tr("Fold the panel away."))
        self._again.setAccessibleName(self.tr("Compose again"))
        self._fold.setAccessibleName(self.tr("Fold the panel"))
        for button in (self._keep, self._dismiss, self._again, self._fold):
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def connect_commands(self, actions: Actions) -> None:
        """Lets its buttons do commands of the table, and say in their tips which."""
        commands = {
            self._keep: "assistant.accept",
            self._dismiss: "assistant.dismiss",
            self._again: "assistant.again",
            self._fold: "view.takes_panel",
        }
        for button, command_id in commands.items():
            button.clicked.connect(calling(actions.run, command_id))
            if button is not self._fold:
                set_tip(button, actions.commands[command_id].described())

    def show_takes(self, faces: Sequence[TakeFace], *, auditioned: int | None) -> None:
        """Shows the takes, the first one as number 1; none while nothing is asked for."""
        while len(self.rows) > len(faces):
            row = self.rows.pop()
            self._rows_column.removeWidget(row)
            row.hide()
            row.deleteLater()
        while len(self.rows) < len(faces):
            row = TakeRow(len(self.rows) + 1)
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
        self._desk = desk
        self._roll = desk.roll
        self._panel = panel
        self._button = button
        self._opened_by_itself = False
        self._watched = 1  # the take that is lit while they are composed
        self._rows = QTimer(self, singleShot=True, interval=ROWS_MS)
        self._rows.timeout.connect(self._show_rows)

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
        key = controls.constraints.key or self._session.key
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

    def set_panel_visible(self, *, visible: bool) -> None:
        """Opens or folds it, and it stays so."""
        self._opened_by_itself = False
        self._panel.setVisible(visible)
        self._desk.actions.refresh_switches()
