"""The assistant in the window: asking, notes that arrive one by one, auditioning, keeping."""

from __future__ import annotations

import time
from dataclasses import replace

from PySide6.QtCore import QObject, QTimer

from musicassist.errors import ConstraintError, MusicAssistError
from musicassist.generation.request import GenerationRequest
from musicassist.score.song import Note, Notes
from musicassist.session import SessionChange
from musicassist.ui.actions import Actions
from musicassist.ui.background import BackgroundGenerator
from musicassist.ui.continue_button import COMPOSING, NOTHING, READY, WAITING, ContinueButton
from musicassist.ui.desk import Desk
from musicassist.ui.take_faces import progress_share, take_faces
from musicassist.ui.take_row import TakeFace
from musicassist.ui.takes_panel import TakesPanel
from musicassist.ui.words import words_of

ROWS_MS = 50  # the rows of the panel follow the notes at this pace


class Assistant(QObject):
    """Connects the session's takes with the generation thread, the roll, the panel and the button.

    Its public methods without arguments do the commands of the Assistant menu.
    """

    def __init__(
        self,
        desk: Desk,
        generator: BackgroundGenerator,
        panel: TakesPanel,
        button: ContinueButton,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._desk = desk
        self._takes = desk.session.takes
        self._roll = desk.roll
        self._panel = panel
        self._button = button
        self._generator = generator
        self._actions: Actions | None = None
        self._phase = "idle"
        self._started_seconds = 0.0
        self._opened_panel = False
        self._watched = 1  # the take that is lit while they are composed
        self._rows = QTimer(self, singleShot=True, interval=ROWS_MS)
        self._rows.timeout.connect(self._show_rows)
        self._connect()

    def _connect(self) -> None:
        self._generator.model_ready.connect(self._on_model_ready)
        self._generator.note_arrived.connect(self._takes.on_note)
        self._generator.takes_arrived.connect(self._takes.on_takes)
        self._generator.failed.connect(self._on_generator_failed)
        self._panel.take_chosen.connect(self.pick)
        self._panel.keep_wanted.connect(self.accept)
        self._panel.dismiss_wanted.connect(self.dismiss)
        self._panel.again_wanted.connect(self.again)
        self._panel.controls.changed.connect(self._on_controls_changed)
        self._button.pressed.connect(self._on_button_pressed)
        self._desk.session.subscribe(self._on_session_changed)

    def attach(self, actions: Actions) -> None:
        """Gets the switch of the takes panel, and shows how things stand."""
        self._actions = actions
        self._panel.fold_wanted.connect(self._on_fold_wanted)
        self._button.controls_wanted.connect(self._on_controls_wanted)
        self._panel.hide()
        self.refresh()

    @property
    def _lit(self) -> int:
        return self._takes.auditioned or self._watched

    @property
    def is_on_offer(self) -> bool:
        """Whether keys belong to the takes."""
        return self._takes.phase in ("generating", "offered")

    # Commands

    def continue_phrase(self) -> None:
        """Asks for takes; where that makes no sense, says why."""
        self._ask(again=False)

    def again(self) -> None:
        """Asks for other takes."""
        self._ask(again=True)

    def _ask(self, *, again: bool) -> None:
        self._panel.controls.show_refusal("")
        try:
            if again:
                self._takes.again()
            else:
                self._takes.continue_phrase()
        except ConstraintError as error:
            self._refuse(error)
        except MusicAssistError as error:
            self._desk.say(words_of(error))
            self._button.show_state(NOTHING, words_of(error))

    def cancel(self) -> None:
        """Stops composing."""
        self._takes.cancel()

    def next_take(self) -> None:
        """Hears the next take."""
        self._takes.audition_next()

    def previous_take(self) -> None:
        """Hears the take before."""
        self._takes.audition_previous()

    def pick(self, number: int) -> None:
        """Hears a take by its number, from 1; while they are composed, lights it."""
        if number > len(self._faces()):
            self._desk.say(self.tr("There is no take {number}.").format(number=number))
        elif self._takes.phase == "offered":
            self._takes.audition(number)
        else:
            self._watched = number
            self._show_takes_in_roll()
            self._show_rows()

    def audition(self) -> None:
        """Plays the take that is lit in the loop, or stops."""
        self._desk.session.transport.toggle()

    def accept(self) -> None:
        """Writes the take into the track."""
        if self._takes.phase != "offered":
            self._desk.say(self.tr("The takes are still being composed. Esc cancels."))
            return
        number = self._lit
        self._takes.accept()
        self._desk.say(self.tr("Take {number} is yours. Ctrl+Z takes it back.").format(number=number))
        self._desk.focus_roll()

    def dismiss(self) -> None:
        """Lets the takes go, or stops composing them."""
        if self._takes.phase == "offered":
            self._takes.dismiss()
            self._desk.focus_roll()
        else:
            self._takes.cancel()
            self._desk.say(self.tr("Cancelled. Your music is untouched."))

    # What the session says

    def _on_session_changed(self, change: SessionChange) -> None:
        if change.kind == "ghost" and change.note is not None:
            self._show_ghost(change.note, change.take_number)
        elif change.kind == "takes":
            self._on_takes_changed()

    def _show_ghost(self, note: Note, take_number: int) -> None:
        self._roll.append_ghost(note, is_chosen=take_number == self._lit)
        if not self._rows.isActive():
            self._rows.start()

    def _on_takes_changed(self) -> None:
        before, self._phase = self._phase, self._takes.phase
        if self._phase in ("waiting", "generating") and before not in ("waiting", "generating"):
            self._started_seconds = time.monotonic()
            self._open_panel()
        if self._phase == "waiting" and before != "waiting":
            self._desk.say(self.tr("The model is still loading. Your phrase is continued as soon as it is there."))
        if self._phase == "generating" and before != "generating":
            self._started_seconds = time.monotonic()
            self._watched = 1
            self._show_takes_in_roll()
            self._reveal_span()
        if self._phase == "offered":
            self._show_takes_in_roll()
        if self._phase == "offered" and before == "generating":
            self._say_finished()
        if self._phase == "idle" and before != "idle":
            self._roll.clear_takes()
            self._close_panel()
        self.refresh()

    def _reveal_span(self) -> None:
        """Brings the span into view with a bar of what comes before it; where it is too long, zooms out."""
        span = self._takes.span
        if span is None:
            return
        time_map = self._desk.session.document.song.time_map
        lead_in_tick = time_map.bar_start_tick(max(0, time_map.bar_at(max(0, span[0] - 1))))
        viewport = self._roll.viewport
        if lead_in_tick < viewport.from_tick or span[1] > viewport.to_tick:
            viewport.show_span(lead_in_tick, span[1])

    def _show_takes_in_roll(self) -> None:
        span = self._takes.span
        if span is None:
            return
        chosen = self._lit
        count = len(self._takes.offer) or self._takes.controls.takes
        ghosts = {number: self._takes.ghosts(number) for number in range(1, count + 1)}
        others = [notes for number, notes in ghosts.items() if number != chosen]
        self._roll.set_takes(ghosts.get(chosen, Notes.of()), others, *span)

    def _say_finished(self) -> None:
        seconds = time.monotonic() - self._started_seconds
        words = self.tr("{count} takes in {seconds:.1f} s · 1-{count} choose, Space plays, Enter keeps")
        self._desk.say(words.format(count=len(self._takes.offer), seconds=seconds))

    # What is shown

    def refresh(self) -> None:
        """Shows how things stand on the button and in the panel."""
        reason = self._takes.why_not() if self._takes.phase in ("idle", "offered") else None
        states = {"waiting": WAITING, "generating": COMPOSING}
        state = states.get(self._takes.phase, READY if reason is None else NOTHING)
        words = words_of(reason) if reason is not None else ""
        self._button.show_state(state, words)
        self._show_controls()
        self._show_rows()

    def _show_controls(self) -> None:
        controls = self._takes.controls
        self._panel.controls.show_values(
            bars=controls.bars,
            temperature=controls.temperature,
            is_in_scale=controls.is_in_scale,
            seed=controls.seed,
        )
        key = controls.key or self._desk.session.key
        self._panel.controls.show_key(str(key) if key is not None else "")
        self._button.show_bars(controls.bars)

    def _show_rows(self) -> None:
        faces = self._faces()
        self._panel.show_takes(faces, auditioned=self._lit if faces else None)
        if self._takes.phase == "generating":
            self._button.show_progress(progress_share(faces))

    def _faces(self) -> tuple[TakeFace, ...]:
        return take_faces(self._takes, self._lit, self._desk.session.key)

    def _open_panel(self) -> None:
        if not self._panel.isVisible():
            self._opened_panel = True
        self._set_panel_visible(is_visible=True)

    def _close_panel(self) -> None:
        if self._opened_panel:
            self._set_panel_visible(is_visible=False)
        self._opened_panel = False

    def _set_panel_visible(self, *, is_visible: bool) -> None:
        self._panel.setVisible(is_visible)
        if self._actions is not None:
            self._actions.set_checked("view.takes_panel", checked=is_visible)

    # What the user and the thread do

    def _on_button_pressed(self) -> None:
        if self._takes.phase in ("waiting", "generating"):
            self.dismiss()
        else:
            self.continue_phrase()
        self._desk.focus_roll()

    def _on_fold_wanted(self) -> None:
        self._opened_panel = False
        self._set_panel_visible(is_visible=False)
        self._desk.focus_roll()

    def _on_controls_wanted(self) -> None:
        self._opened_panel = False
        self._set_panel_visible(is_visible=not self._panel.isVisible())

    def _on_controls_changed(self) -> None:
        fields = self._panel.controls
        self._panel.controls.show_refusal("")
        self._takes.set_controls(
            replace(
                self._takes.controls,
                bars=fields.bars,
                temperature=fields.temperature,
                is_in_scale=fields.keeps_scale,
                seed=fields.seed,
            )
        )
        self._desk.preferences.change(
            take_bars=fields.bars,
            take_temperature=fields.temperature,
            keep_in_scale=fields.keeps_scale,
            take_seed=fields.seed,
        )
        self._button.show_bars(fields.bars)

    def _on_model_ready(self, _name: str) -> None:
        self._takes.on_model_ready()

    def _on_generator_failed(self, request: GenerationRequest | None, error: MusicAssistError) -> None:
        if request is None:
            self._takes.on_no_model(error)
            return
        is_wanted = request is self._takes.request
        self._takes.on_failure(request, error)
        if is_wanted and isinstance(error, ConstraintError):
            self._refuse(error)
        elif is_wanted:
            self._desk.warn("composing", error)

    def _refuse(self, error: ConstraintError) -> None:
        """Says it beside the fields."""
        self._set_panel_visible(is_visible=True)
        self._opened_panel = False
        self._panel.controls.show_refusal(words_of(error))
