"""Shows what document and session say: the song everywhere but in the roll, and the takes everywhere."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import QObject, QPoint, QTimer
from PySide6.QtGui import QCursor
from PySide6.QtWidgets import QMenu

from musicassist.document.document import DocumentChange
from musicassist.errors import MusicAssistError
from musicassist.score.song import KeyChange, Note
from musicassist.score.theory import Key
from musicassist.score.timing import MeterChange, TempoChange
from musicassist.session.comping import MIX
from musicassist.session.offers import PARTS, has_chords
from musicassist.session.session import SessionChange
from musicassist.ui.actions import calling
from musicassist.ui.continue_button import COMPOSING, NOTHING, READY, WAITING, ContinueButton
from musicassist.ui.foreign_text import filled, set_face, set_title, tempo_pulse_beats, translate, words_of
from musicassist.ui.model_status import title_of
from musicassist.ui.strips import Notice
from musicassist.ui.take_ghosts import ghosts_of, reveal_beside, reveal_span
from musicassist.ui.take_words import choice_words, further_words
from musicassist.ui.takes_panel import TakeFace, TakesPanel, progress_share, take_faces
from musicassist.ui.track_list import TrackList
from musicassist.ui.transport_bar import TransportBar
from musicassist.ui.workspace import Workspace

_CONTEXT_COMMANDS = (
    "edit.cut", "edit.copy", "edit.paste", "edit.duplicate", "edit.delete", "file.copy_midi", "",
    "notes.quantise", "notes.split", "notes.join", "notes.legato", "notes.staccato", "notes.pin", "",
    "play.loop_selection", "assistant.continue_phrase", "assistant.other_pitches", "assistant.another_rhythm",
    "assistant.other_velocities", "assistant.other_notes",
)  # fmt: skip
ROWS_MS = 50  # the rows of the panel follow the notes at this pace
_STATES = {"waiting": WAITING, "generating": COMPOSING}


class SongView(QObject):
    """Listens to document and session, and hands on what the fields and the list are told."""

    def __init__(
        self,
        workspace: Workspace,
        bar: TransportBar,
        track_list: TrackList,
        refresh_assistant: Callable[[], None],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._workspace = workspace
        self._session = workspace.session
        self._actions = workspace.actions
        self._document = workspace.session.document
        self._bar = bar
        self._track_list = track_list
        self._refresh_assistant = refresh_assistant
        self._is_stepping = False
        self._connect_fields()
        self._connect_tracks()
        self._connect_roll()
        self._document.subscribe(self._on_document_changed)
        self._session.subscribe(self._on_session_changed)
        self.show_all()

    def _connect_fields(self) -> None:
        self._bar.tempo.tempo_chosen.connect(self._on_tempo_chosen)
        self._bar.meter.meter_chosen.connect(self._on_meter_chosen)
        self._bar.key.key_chosen.connect(self._on_key_chosen)
        self._bar.grid.grid_chosen.connect(self._session.notes.set_grid)

    def _connect_tracks(self) -> None:
        tracks, wishes = self._session.tracks, self._track_list.wishes
        wishes.selected.connect(tracks.select)
        wishes.renamed.connect(tracks.rename)
        wishes.program_chosen.connect(tracks.set_program)
        wishes.output_chosen.connect(tracks.set_output_port)
        wishes.mute_toggled.connect(self._on_mute_toggled)
        wishes.solo_toggled.connect(self._on_solo_toggled)
        wishes.removal_wanted.connect(tracks.remove)
        self._track_list.add_wanted.connect(self._on_add_wanted)

    def _connect_roll(self) -> None:
        roll = self._workspace.roll
        roll.seek_requested.connect(self._session.transport.put_playhead)
        roll.loop_changed.connect(self._session.transport.set_loop)
        roll.loop_cleared.connect(self._session.transport.clear_loop)
        roll.status_message.connect(self._workspace.strip.hint)
        roll.tool_changed.connect(calling(self._actions.refresh_switches))
        roll.menu_requested.connect(self._on_menu_requested)

    # Showing

    def show_all(self) -> None:
        self._show_grid()
        self._show_transport()
        self._show_song()

    def show_tick(self, tick: float) -> None:
        """Where the playhead is, with the tempo, meter and key that hold there; cheap."""
        song = self._document.song
        self._bar.show_position(*song.time_map.position(max(0, int(tick))))
        meter = song.time_map.meter_at(tick)
        self._bar.tempo.show_tempo(song.time_map.tempo_bpm_at(tick), tempo_pulse_beats(meter))
        self._bar.meter.show_meter(meter)
        if len(song.key_changes) > 1:
            self._show_key()

    def show_count_in(self, beats: int) -> None:
        """How many beats are still counted before recording begins; 0 when it does."""
        if beats:
            self._bar.show_count_in(beats)
            self._workspace.report(translate("Play", "Counting in: {beats}"), beats=beats)
            return
        self.show_tick(self._session.transport.position_tick())
        if self._session.input.is_recording:
            self._workspace.report(translate("Play", "Recording into {track}."), track=self._document.track.name)

    def _show_key(self) -> None:
        found = self._session.song_key
        self._bar.key.show_key(found.key, is_detected=not found.is_stated)
        self._workspace.roll.set_key(found.key)

    def _show_song(self) -> None:
        self.show_tick(self._session.transport.position_tick())
        self._show_key()
        self._show_tracks()

    def _show_tracks(self) -> None:
        self._track_list.show_song(self._document.song, self._document.selected_track)
        self._show_state()

    def _show_state(self) -> None:
        self._show_title()
        self._refresh_assistant()

    def _show_title(self) -> None:
        """Title and actions: all that saving changes."""
        window = self._workspace.window
        set_title(window, self._session.title())
        window.setWindowModified(self._document.is_modified)
        self._show_step("edit.undo", self._actions.commands["edit.undo"].text, self._document.undo_name)
        self._show_step("edit.redo", self._actions.commands["edit.redo"].text, self._document.redo_name)
        self._actions.refresh()

    def _show_step(self, command_id: str, verb: str, name: str | None) -> None:
        step = translate("Steps", name) if name else ""
        set_face(self._actions[command_id], f"{verb}: {step}" if step else verb)

    def _show_grid(self) -> None:
        grid = self._session.notes.grid
        self._bar.grid.show_grid(grid)
        self._actions.refresh_switches()
        self._workspace.roll.set_grid(grid.over(self._document.song.time_map).step_ticks)

    def _show_transport(self) -> None:
        transport = self._session.transport
        self._bar.show_playing(is_playing=transport.is_playing)
        self._workspace.roll.set_playing(playing=transport.is_playing)
        self._workspace.roll.set_recording(recording=self._session.input.is_recording)
        self._workspace.roll.show_loop(transport.active_loop)
        self._actions.refresh_switches()
        self._show_stepping(is_stepping=self._session.input.is_stepping)

    def _show_stepping(self, *, is_stepping: bool) -> None:
        """Says what the keys mean while notes are written step by step, and keeps the playhead in view."""
        if is_stepping:
            self._workspace.roll.reveal_tick(self._session.transport.position_tick())
        if is_stepping == self._is_stepping:
            return
        self._is_stepping = is_stepping
        if is_stepping:
            text = self.tr(
                "Step input is on: play a note or chord, or letter keys. Right is a rest, Backspace a step back."
            )
            end = (self.tr("End it"), self._session.input.toggle_stepping)
            self._workspace.notify(Notice("step", text, remedies=(end,)))
        else:
            self._workspace.notices.dismiss("step")

    # Hearing

    def _on_document_changed(self, change: DocumentChange) -> None:
        if change.kind in ("opened", "song"):
            self._workspace.strip.outdate(change.revision)
        if change.kind == "opened":
            self._bar.tempo.forget_typing()
            self._track_list.forget_typing()
            self.show_all()
        elif change.kind == "song" or change.kind == "track":
            self._show_song()
            if change.kind == "track":
                self._workspace.roll.reveal_track()
        elif change.kind == "saved":
            self._show_title()
        else:
            self._show_state()

    def _on_session_changed(self, change: SessionChange) -> None:
        if change.kind == "transport":
            self._show_transport()
            self._actions.refresh()  # a loop chooses bars
        elif change.kind == "grid":
            self._show_grid()
        elif change.kind == "message":
            self._workspace.say(
                filled(change.context, change.template, {**self._workspace.spoken_keys(), **change.values})
            )
        elif change.kind in ("takes", "further", "clipboard", "chords"):
            self._actions.refresh()

    def _began_tick(self, changes: Sequence[TempoChange | MeterChange | KeyChange]) -> int:
        """Where the tempo, meter or key began that holds at the playhead: there another is chosen in its place."""
        tick = max(0, round(self._session.transport.position_tick()))
        return max((change.tick for change in changes if change.tick <= tick), default=0)

    def _on_tempo_chosen(self, tempo_bpm: float) -> None:
        self._session.song_commands.set_tempo(tempo_bpm, self._began_tick(self._document.song.tempo_changes))

    def _on_meter_chosen(self, numerator: int, denominator: int) -> None:
        tick = self._began_tick(self._document.song.meter_changes)
        self._session.song_commands.set_meter(numerator, denominator, tick)
        self._workspace.focus_roll()

    def _on_key_chosen(self, key: Key | None) -> None:
        self._session.song_commands.set_key(key, self._began_tick(self._document.song.key_changes))
        self._workspace.focus_roll()

    def _on_mute_toggled(self, index: int) -> None:
        self._session.tracks.set_muted(index, muted=not self._document.song.tracks[index].muted)

    def _on_solo_toggled(self, index: int) -> None:
        self._session.tracks.set_soloed(index, soloed=not self._document.song.tracks[index].soloed)

    def _on_add_wanted(self) -> None:
        self._session.tracks.add()
        self._workspace.focus_roll()

    def _on_menu_requested(self, _place: QPoint) -> None:
        menu = QMenu(self._workspace.window)
        menu.setToolTipsVisible(True)
        for command_id in _CONTEXT_COMMANDS:
            if command_id:
                menu.addAction(self._actions[command_id])
            else:
                menu.addSeparator()
        menu.popup(QCursor.pos() if _place.isNull() else _place)


class TakesDisplay(QObject):
    """Reads the session's takes and never changes them.

    The panel opens by itself with takes and then folds by itself without; what the user has opened stays open.
    """

    def __init__(self, workspace: Workspace, panel: TakesPanel, button: ContinueButton, parent: QObject) -> None:
        super().__init__(parent)
        self._session = workspace.session
        self._takes = workspace.session.takes
        self._workspace = workspace
        self._roll = workspace.roll
        self._panel = panel
        self._button = button
        self._opened_by_itself = False
        self._watched = 1  # the take that is lit while they are composed
        self._rows = QTimer(self, singleShot=True, interval=ROWS_MS)
        self._rows.timeout.connect(self._show_rows)

    @property
    def lit(self) -> int:
        """Number of the take that is heard or, while they are composed, watched."""
        return self._takes.auditioned if self._takes.auditioned is not None else self._watched

    @property
    def take_count(self) -> int:
        """How many takes there are or will be."""
        return sum(face.number != MIX for face in self._faces())

    # The roll

    def show_further(self) -> None:
        """How far further takes have come; cheap."""
        self.show_prompt()
        further = self._session.further
        self._panel.show_choice(further_words(further) or choice_words(self._takes))
        if further.is_running:
            self._button.show_progress(further.share)

    def light(self, number: int) -> None:
        """Lights a take while they are composed."""
        self._watched = number
        self.show_in_roll()
        self._show_rows()

    def show_in_roll(self) -> None:
        picked = self._session.picking.notes
        offer = ghosts_of(self._takes, self._faces(), self.lit, self._session.document, picked)
        if offer is not None:
            self._roll.set_takes(offer)

    def show_ghost(self, note: Note, take_number: int) -> None:
        self._roll.append_ghost(note, is_chosen=take_number == self.lit)
        if not self._rows.isActive():
            self._rows.start()

    def reveal_span(self) -> None:
        """Brings the place of the takes into view."""
        reveal_span(self._takes, self._session.document, self._roll.viewport)

    def reveal_beside(self) -> None:
        """Brings an accompaniment into view."""
        reveal_beside(self._takes, self._session.document, self._roll.viewport)

    def clear(self) -> None:
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
        self._button.show_prompt(prompt, self._takes.prompt_sources, self._chord_words())
        state = COMPOSING if self._session.further.is_running else _STATES.get(self._takes.phase)
        if state is not None:
            words = ""
        if state is None or state != self._button.state:
            self._button.show_state(state or (NOTHING if words else READY), words)

    def _chord_words(self) -> str:
        """Who continues a track with chords, or that nobody does; empty for a line."""
        document, controls = self._session.document, self._takes.controls
        if not has_chords(document.song, document.selected_track, "continue", controls):
            return ""
        name, usual = controls.model_for("continue", writes_parts=True), controls.model_for("continue")
        if PARTS not in controls.models:
            words = self.tr("{name} writes one line: the chords of this track are not continued.")
            return words.format(name=title_of(usual))
        if name == usual:
            return ""
        words = self.tr("This track has chords: “{name}” continues all its notes; “{usual}” would write one line.")
        return words.format(name=title_of(name), usual=title_of(usual))

    def _show_controls(self) -> None:
        controls = self._takes.controls
        self._panel.controls.show_controls(controls)
        key = controls.constraints.key or self._session.key
        self._panel.controls.show_key(str(key) if key is not None else "")
        self._button.show_bars(controls.bars)

    def _show_rows(self) -> None:
        faces = self._faces()
        self._panel.show_takes(faces, auditioned=self.lit if faces else None)
        self._panel.show_choice(further_words(self._session.further) or choice_words(self._takes))
        if self._takes.phase == "generating":
            self._button.show_progress(max(self._takes.current.composed_share, progress_share(faces)))
        elif self._session.further.is_running:
            self._button.show_progress(self._session.further.share)

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
        self._workspace.actions.refresh_switches()
