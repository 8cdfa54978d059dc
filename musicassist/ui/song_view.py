"""Shows the song everywhere but in the roll, which looks for itself: title, track list, fields, actions, loop."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, QPoint
from PySide6.QtGui import QCursor
from PySide6.QtWidgets import QMenu

from musicassist.document.document import DocumentChange
from musicassist.score.theory import Key
from musicassist.session.session import SessionChange
from musicassist.ui.background import calling
from musicassist.ui.desk import Desk
from musicassist.ui.foreign_text import filled, literal, set_face, set_title, tempo_pulse_beats, translate
from musicassist.ui.notices import Notice
from musicassist.ui.track_list import TrackList
from musicassist.ui.transport_bar import TransportBar

_CONTEXT_COMMANDS = (
    "edit.cut", "edit.copy", "edit.paste", "edit.duplicate", "edit.delete", "", "notes.quantise", "notes.split",
    "notes.join", "notes.legato", "notes.staccato", "", "play.loop_selection", "assistant.continue_phrase",
)  # fmt: skip


class SongView(QObject):
    """Listens to document and session, and hands on what the fields and the list are told."""

    def __init__(
        self,
        desk: Desk,
        bar: TransportBar,
        track_list: TrackList,
        refresh_assistant: Callable[[], None],
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._desk = desk
        self._session = desk.session
        self._actions = desk.actions
        self._document = desk.session.document
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
        tracks = self._session.tracks
        self._track_list.track_selected.connect(tracks.select)
        self._track_list.track_renamed.connect(tracks.rename)
        self._track_list.program_chosen.connect(tracks.set_program)
        self._track_list.output_chosen.connect(tracks.set_output_port)
        self._track_list.mute_toggled.connect(self._on_mute_toggled)
        self._track_list.solo_toggled.connect(self._on_solo_toggled)
        self._track_list.removal_wanted.connect(tracks.remove)
        self._track_list.add_wanted.connect(self._on_add_wanted)

    def _connect_roll(self) -> None:
        roll = self._desk.roll
        roll.seek_requested.connect(self._session.transport.put_playhead)
        roll.loop_changed.connect(self._session.transport.set_loop)
        roll.loop_cleared.connect(self._session.transport.clear_loop)
        roll.status_message.connect(self._desk.strip.hint)
        roll.tool_changed.connect(calling(self._actions.refresh_switches))
        roll.menu_requested.connect(self._on_menu_requested)

    # Showing

    def show_all(self) -> None:
        """Everything at once."""
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
            self._desk.say(translate("Play", "Counting in: {beats}").format(beats=beats))
            return
        self.show_tick(self._session.transport.position_tick())
        if self._session.input.is_recording:
            name = literal(self._document.track.name)
            self._desk.say(translate("Play", "Recording into {track}.").format(track=name))

    def _show_key(self) -> None:
        found = self._session.song_key
        self._bar.key.show_key(found.key, is_detected=not found.is_stated)
        self._desk.roll.set_key(found.key)

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
        window = self._desk.window
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
        self._desk.roll.set_grid(grid.over(self._document.song.time_map).step_ticks)

    def _show_transport(self) -> None:
        transport = self._session.transport
        self._bar.show_playing(is_playing=transport.is_playing)
        self._desk.roll.set_playing(playing=transport.is_playing)
        self._desk.roll.set_recording(recording=self._session.input.is_recording)
        loop = transport.active_loop
        if loop is None:
            self._desk.roll.clear_loop()
        else:
            self._desk.roll.set_loop(*loop)
        self._actions.refresh_switches()
        self._show_stepping(is_stepping=self._session.input.is_stepping)

    def _show_stepping(self, *, is_stepping: bool) -> None:
        """Says what the keys mean while notes are written step by step, and keeps the playhead in view."""
        if is_stepping:
            self._desk.roll.reveal_tick(self._session.transport.position_tick())
        if is_stepping == self._is_stepping:
            return
        self._is_stepping = is_stepping
        if is_stepping:
            text = self.tr(
                "Step input is on: play a note or chord, or letter keys. Right is a rest, Backspace a step back."
            )
            end = (self.tr("End it"), self._session.input.toggle_stepping)
            self._desk.notices.show_notice(Notice("step", text, remedies=(end,)))
        else:
            self._desk.notices.dismiss("step")

    # Hearing

    def _on_document_changed(self, change: DocumentChange) -> None:
        if change.kind in ("opened", "song"):
            self._desk.strip.outdate(change.revision)
        if change.kind == "opened":
            self._bar.tempo.forget_typing()
            self._track_list.forget_typing()
            self.show_all()
        elif change.kind == "song" or change.kind == "track":
            self._show_song()
            if change.kind == "track":
                self._desk.roll.reveal_track()
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
            keys = {"undo": self._desk.keys("edit.undo"), "quantise": self._desk.keys("notes.quantise")}
            self._desk.say(filled("Session", change.template, {**keys, **change.values}))
        elif change.kind in ("takes", "clipboard"):
            self._actions.refresh()

    def _position_tick(self) -> int:
        return max(0, round(self._session.transport.position_tick()))

    def _on_tempo_chosen(self, tempo_bpm: float) -> None:
        """Changes the tempo that holds at the playhead, where it began."""
        tick = self._position_tick()
        began = [change.tick for change in self._document.song.tempo_changes if change.tick <= tick]
        self._session.song_commands.set_tempo(tempo_bpm, began[-1] if began else 0)

    def _on_meter_chosen(self, numerator: int, denominator: int) -> None:
        tick = self._position_tick()
        began = [change.tick for change in self._document.song.meter_changes if change.tick <= tick]
        self._session.song_commands.set_meter(numerator, denominator, began[-1] if began else 0)
        self._desk.focus_roll()

    def _on_key_chosen(self, key: Key | None) -> None:
        tick = self._position_tick()
        began = [change.tick for change in self._document.song.key_changes if change.tick <= tick]
        self._session.song_commands.set_key(key, began[-1] if began else 0)
        self._desk.focus_roll()

    def _on_mute_toggled(self, index: int) -> None:
        self._session.tracks.set_muted(index, muted=not self._document.song.tracks[index].muted)

    def _on_solo_toggled(self, index: int) -> None:
        self._session.tracks.set_soloed(index, soloed=not self._document.song.tracks[index].soloed)

    def _on_add_wanted(self) -> None:
        self._session.tracks.add()
        self._desk.focus_roll()

    def _on_menu_requested(self, _place: QPoint) -> None:
        menu = QMenu(self._desk.window)
        menu.setToolTipsVisible(True)
        for command_id in _CONTEXT_COMMANDS:
            if command_id:
                menu.addAction(self._actions[command_id])
            else:
                menu.addSeparator()
        menu.popup(QCursor.pos() if _place.isNull() else _place)
