"""Every command of the window in one table: menus, toolbar, keys, tooltips, palette and help are made from it."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from PySide6.QtCore import QObject

from musicassist.session.offers import PARTS
from musicassist.ui.actions import ROLL, STEPS, TAKES, Command, CommandMenu, Need, Rows
from musicassist.ui.anew_commands import AnewRows
from musicassist.ui.assisting import Assistant
from musicassist.ui.explain_commands import ExplainCommands
from musicassist.ui.file_commands import FileRows
from musicassist.ui.filing import FileCommands
from musicassist.ui.further_commands import FurtherCommands
from musicassist.ui.harmony_commands import HarmonyCommands
from musicassist.ui.keeping_commands import KeepingCommands
from musicassist.ui.lesson_commands import LessonCommands
from musicassist.ui.mix_commands import MixCommands
from musicassist.ui.note_commands import NoteRows
from musicassist.ui.origin_commands import OriginCommands
from musicassist.ui.picking_commands import PickingCommands
from musicassist.ui.plan_commands import PlanCommands
from musicassist.ui.shelf_commands import ShelfCommands
from musicassist.ui.version_commands import VersionCommands
from musicassist.ui.window_commands import Editing, HelpCommands, Playing, Viewing
from musicassist.ui.window_keys import ROWS
from musicassist.ui.workspace import Workspace


class Commands(QObject):
    """The table of one window: a row says what a command is called, what does it, its keys, and when it can be used.

    A row calls what does the command itself, so that a type checker and "go to definition" follow it. The class is a
    QObject for the sake of ``tr``: ``pyside6-lupdate`` finds its words, in the context "Commands".
    """

    def __init__(
        self,
        workspace: Workspace,
        *,
        files: FileCommands,
        playing: Playing,
        assistant: Assistant,
        harmony: HarmonyCommands,
        planning: PlanCommands,
        mixing: MixCommands,
        lessons: LessonCommands,
        further: FurtherCommands,
        keeping: KeepingCommands,
        picking: PickingCommands,
        shelf: ShelfCommands,
        explaining: ExplainCommands,
        origins: OriginCommands,
        versions: VersionCommands,
        viewing: Viewing,
        helping: HelpCommands,
    ) -> None:
        super().__init__()
        self._workspace, self._session = workspace, (session := workspace.session)
        self._selected = Need(self.tr("Select some notes first."), lambda: session.notes.has_selection)
        self._notes = Need(self.tr("There are no notes yet."), lambda: session.document.song.note_count > 0)
        self._track = Need(self.tr("There is no track."), lambda: bool(session.document.song.tracks))
        editing = Editing(workspace, files.incoming)
        self.menus = (
            CommandMenu("file", self.tr("&File"), FileRows(workspace, files).rows),
            CommandMenu("edit", self.tr("&Edit"), (*self._edit(editing), None, *versions.rows, None, *self._tools())),
            CommandMenu("notes", self.tr("&Notes"), NoteRows(workspace, editing).rows),
            CommandMenu("play", self.tr("&Play"), (*self._play(playing), None, *self._keys(playing), *self._tracks())),
            CommandMenu(
                "assistant",
                self.tr("&Assistant"),
                (
                    *self._ask(assistant),
                    *AnewRows(workspace, assistant).rows,
                    *planning.rows,
                    *self._takes(assistant),
                    *mixing.rows,
                    *picking.rows,
                    *further.rows,
                    *keeping.rows,
                    None,
                    *shelf.rows,
                    *explaining.rows,
                    *harmony.rows,
                    *lessons.rows,
                    *origins.rows,
                ),
            ),
            CommandMenu("view", self.tr("&View"), (*self._view(), None, *self._panels(viewing, assistant))),
            CommandMenu("help", self.tr("&Help"), self._help(helping)),
        )

    # fmt: off

    def _edit(self, editing: Editing) -> Rows:
        document, notes = self._session.document, self._session.notes
        chosen, some = (self._selected,), (self._notes,)
        undo = (Need(self.tr("There is nothing to undo."), lambda: document.undo_name is not None),)
        redo = (Need(self.tr("There is nothing to do again."), lambda: document.redo_name is not None),)
        copied = (Need(self.tr("Copy some notes first."), lambda: editing.can_paste),)
        return (
            Command("edit.undo", self.tr("Undo"), self.tr("Take back the last step."), document.undo, "Ctrl+Z", "undo",
                    undo),
            Command("edit.redo", self.tr("Redo"), self.tr("Do the step again."), document.redo, "Ctrl+Shift+Z Ctrl+Y",
                    "redo", redo),
            None,
            Command("edit.cut", self.tr("Cut"), self.tr("Take the selected notes away to paste them."), notes.cut,
                    "Ctrl+X", "cut", chosen),
            Command("edit.copy", self.tr("Copy"), self.tr("Keep a copy of the selected notes to paste."), notes.copy,
                    "Ctrl+C", "copy", chosen),
            Command("edit.paste", self.tr("Paste"), self.tr("Put the copied notes at the edit cursor."), editing.paste,
                    "Ctrl+V", "paste", copied),
            Command("edit.duplicate", self.tr("Duplicate"), self.tr("Repeat the selected notes."), notes.duplicate,
                    "Ctrl+D", "duplicate", chosen),
            Command("edit.delete", self.tr("Delete"), self.tr("Delete the selected notes."), notes.delete,
                    "Del Backspace", "delete", chosen, ROLL),
            None,
            Command("edit.select_all", self.tr("Select all"), self.tr("Select every note of the track."),
                    notes.select_all, "Ctrl+A", "", some),
            Command("edit.select_none", self.tr("Select none"), self.tr("Let the selection go."), editing.select_none,
                    "Ctrl+Shift+A Esc"),
            Command("edit.select_next", self.tr("Next note"), self.tr("Select the note after this one."),
                    editing.select_next, "Tab", "", some, ROLL),
            Command("edit.select_previous", self.tr("Previous note"), self.tr("Select the note before."),
                    editing.select_previous, "Shift+Tab", "", some, ROLL),
            Command("edit.bar_one", self.tr("Bar 1 begins at the playhead"),
                    self.tr("What stands before it is a pickup."), editing.begin_bar_one),
            Command("edit.fit_to_picture", self.tr("Fit to picture…"),
                    self.tr("Let the end and accents fall on given times, by the number of bars and the tempo."),
                    editing.fit_to_picture, "Ctrl+Alt+F", "", some),
            Command("edit.write_chord", self.tr("Write a chord"),
                    self.tr("Type the name of the chord at the playhead, for its bar or the selected notes."),
                    editing.write_chord, "K"),
        )

    def _tools(self) -> Rows:
        roll = self._workspace.roll

        def tool(name: str, text: str, tip: str, key: str) -> Command:
            return Command(
                f"edit.tool_{name}", text, tip, partial(roll.set_tool, name), key, name, is_on=lambda: roll.tool == name
            )

        def toggle() -> None:
            roll.set_tool("edit" if roll.tool == "draw" else "draw")

        return (
            tool("edit", self.tr("Edit tool"), self.tr("Select, move and resize notes."), "1"),
            tool("draw", self.tr("Draw tool"), self.tr("Write notes: drag sets length and pitch."), "2"),
            tool("erase", self.tr("Erase tool"), self.tr("Delete the notes you touch."), "3"),
            tool("split", self.tr("Split tool"), self.tr("Cut a note in two where you click."), "4"),
            Command("edit.toggle_draw", self.tr("Edit or draw"), self.tr("Change between the edit and the draw tool."),
                    toggle, "B"),
        )

    def _play(self, playing: Playing) -> Rows:
        session, transport, chosen = self._session, self._session.transport, (self._selected,)
        return (
            Command("play.toggle", self.tr("Play or stop"), self.tr("Play from the playhead, or stop."),
                    transport.toggle, "Space", "play"),
            Command("play.return_to_start", self.tr("Back to the start"), self.tr("Move the playhead to the start."),
                    playing.return_to_start, "Home", "start"),
            Command("play.stop_and_return", self.tr("Stop and go back"), self.tr("Stop where playing began."),
                    transport.stop_and_return, "Return Enter", "stop"),
            Command("play.record", self.tr("Record"), self.tr("Write what you play into the track at the playhead."),
                    playing.record, "R", "record", is_on=lambda: session.input.is_recording, tint="record"),
            Command("play.count_in", self.tr("Count-in"), self.tr("Click no bar, one or two before recording begins."),
                    playing.count_in, "Shift+C", is_on=lambda: session.input.way.count_in_bars > 0),
            Command("play.replace", self.tr("Replace while recording"),
                    self.tr("What stood in the recorded bars of the track goes. "
                            "In a loop, each round replaces those before."),
                    playing.replace, is_on=lambda: session.input.way.is_replacing),
            Command("play.keep_rounds", self.tr("Keep every round"),
                    self.tr("Record over a loop, and each round is a take as well, beside what is written."),
                    playing.keep_rounds, is_on=lambda: session.input.way.keeps_rounds),
            Command("play.capture", self.tr("Capture what was played"),
                    self.tr("Write what you played last without recording, up to a minute of it, into the track."),
                    session.input.capture, "Shift+R", "keyboard"),
            Command("play.loop", self.tr("Loop"), self.tr("Repeat the region marked in the ruler."),
                    session.toggle_loop, "L", "loop", is_on=lambda: transport.is_looping),
            Command("play.loop_selection", self.tr("Loop the selection"), self.tr("Repeat the selected notes."),
                    session.loop_to_selection, "Ctrl+L", "", chosen),
            Command("play.metronome", self.tr("Metronome"), self.tr("Click on each beat."), playing.metronome, "C",
                    "metronome", is_on=lambda: transport.is_metronome_on),
        )

    def _keys(self, playing: Playing) -> Rows:
        session, typing = self._session, playing.typing
        return (
            Command("play.musical_typing", self.tr("Musical typing"), self.tr("Play notes on the letter keys."),
                    typing.toggle, "Ctrl+K", "keyboard", is_on=lambda: typing.is_on),
            Command("play.two_rows", self.tr("Letter keys in two rows"),
                    self.tr("Play two octaves on two rows of white keys, instead of one on the row of A, S and D."),
                    playing.two_rows, is_on=lambda: typing.layout is ROWS),
            Command("play.step_input", self.tr("Step input"),
                    self.tr("Write each chord you play at the playhead, a step of the grid long. "
                            "Right is a rest, Backspace goes back."),
                    playing.step_input, "Ctrl+Shift+K", is_on=lambda: session.input.is_stepping),
            Command("play.step_rest", "", "", session.input.steps.rest, "Right", scope=STEPS),
            Command("play.step_back", "", "", session.input.steps.back, "Backspace", scope=STEPS),
            Command("play.panic", self.tr("Silence"), self.tr("Stop every note that hangs."), session.transport.panic,
                    "Ctrl+.", "no-sound"),
            None,
        )

    def _tracks(self) -> Rows:
        tracks, needs = self._session.tracks, (self._track,)
        return (
            Command("play.add_track", self.tr("Add a track"), self.tr("Add an empty track."), tracks.add, "", "add"),
            Command("play.mute", self.tr("Mute the track"), self.tr("Play the song without this track."),
                    tracks.toggle_mute, "M", "", needs),
            Command("play.solo", self.tr("Solo the track"), self.tr("Play this track alone."), tracks.toggle_solo, "S",
                    "", needs),
            Command("play.next_track", self.tr("Next track"), self.tr("Edit the track below."), tracks.select_next,
                    "Ctrl+PgDown", "", needs),
            Command("play.previous_track", self.tr("Previous track"), self.tr("Edit the track above."),
                    tracks.select_previous, "Ctrl+PgUp", "", needs),
        )

    def _ask(self, assistant: Assistant) -> Rows:
        session, takes = self._session, self._session.takes

        def model(verb: str, words: str) -> Need:
            return Need(words, lambda: verb in takes.controls.models)

        pitches = Need(
            self.tr("This is a drum track. Choose a melodic one."),
            lambda: not session.document.song.is_drum_track(session.document.selected_track),
        )
        bars = Need(
            self.tr("Select some notes or mark a loop first."),
            lambda: session.notes.has_selection or session.transport.is_looping,
        )
        neighbours = Need(self.tr("There are no notes around these bars."), lambda: assistant.can_fill)
        fills = model("infill", self.tr("No model that fills bars is installed."))
        varies = model("vary", self.tr("No model that varies phrases is installed."))
        blends = model("interpolate", self.tr("No model that blends phrases is installed."))
        invents = model("generate", self.tr("No model that makes phrases from nothing is installed."))
        arranges = model(PARTS, self.tr("No model that writes several tracks is installed."))
        composing = Need(self.tr("Nothing is being composed."), lambda: takes.phase in ("waiting", "generating"))
        return (
            Command("assistant.continue_phrase", self.tr("Continue this phrase"),
                    self.tr("Compose a continuation of the selected notes, or of the track."),
                    assistant.continue_phrase, "Ctrl+Return Ctrl+Enter", "spark", tint="accent"),
            Command("assistant.continue_song", self.tr("Continue the song"),
                    self.tr("Compose a continuation of every track that plays where the song goes on. "
                            "Drums repeat the song's own patterns: no drum music was learned."),
                    assistant.continue_song, "Ctrl+Alt+Return", "", (pitches, arranges)),
            Command("assistant.continue_and_listen", self.tr("Continue and listen"),
                    self.tr("Compose a continuation and hear it from its first bar on. Stopping keeps what you heard."),
                    assistant.continue_and_listen, "Shift+Space"),
            Command("assistant.fill_bars", self.tr("Fill the selected bars"),
                    self.tr("Compose other notes for the bars of the selection, or of the loop, "
                            "that fit what stands around them."),
                    partial(assistant.ask_for, "infill"), "Ctrl+I", "", (pitches, fills, bars, neighbours)),
            Command("assistant.vary_selection", self.tr("Vary the selection"),
                    self.tr("Compose variations of the bars of the selection."), partial(assistant.ask_for, "vary"),
                    "Ctrl+R", "", (pitches, varies, self._selected)),
            Command("assistant.blend_phrases", self.tr("Between this phrase and another…"),
                    self.tr("Choose a file with another phrase, and hear phrases on the way to it "
                            "in place of the bars of the selection."),
                    assistant.blend_phrases, "Ctrl+B", "", (pitches, blends, self._selected)),
            Command("assistant.write_new", self.tr("Write something new"),
                    self.tr("Compose a phrase from nothing, from the bar of the playhead on."),
                    partial(assistant.ask_for, "generate"), "Ctrl+G", "", (pitches, invents)),
            Command("assistant.again", self.tr("Compose again"), self.tr("Ask for other takes."), assistant.again,
                    "Ctrl+Shift+Return", "again"),
            Command("assistant.cancel", self.tr("Cancel composing"), self.tr("Stop composing."), takes.cancel, "",
                    "close", (composing,)),
            None,
        )

    def _takes(self, assistant: Assistant) -> Rows:
        takes, together, ensemble = self._session.takes, assistant.together, assistant.together.ensemble
        on_offer = Need(self.tr("Ask for a continuation first."), lambda: assistant.is_on_offer)
        take = partial(Command, needs=(on_offer,), scope=TAKES)
        return (
            take("assistant.next_take", self.tr("Next take"), self.tr("Hear the take after this one."),
                    partial(takes.audition_by, 1), "PgDown"),
            take("assistant.previous_take", self.tr("Previous take"), self.tr("Hear the take before this one."),
                    partial(takes.audition_by, -1), "PgUp"),
            take("assistant.audition", self.tr("Audition the take"), self.tr("Hear the take in the loop, or stop."),
                    self._session.transport.toggle, "Space", "play"),
            take("assistant.accept", self.tr("Keep the take"), self.tr("Write the take into the track."),
                    assistant.accept, "Return Enter", "accept"),
            Command("assistant.accept_part", self.tr("Keep only this track's part"),
                    self.tr("Of a take of several tracks, write what it has for the selected track."),
                    partial(assistant.accept, is_part=True), "Alt+Return", "", (on_offer,)),
            take("assistant.dismiss", self.tr("Dismiss the takes"), self.tr("Let all takes go."), assistant.dismiss,
                    "Esc", "close"),
            *(take(f"assistant.take_{n}", "", "", partial(assistant.pick, n), str(n)) for n in range(1, 10)),
            None,
            Command("assistant.call_and_response", self.tr("Call and response"),
                    self.tr("Play a phrase; the assistant answers on the next bar line, "
                            "for as many bars, and listens again."),
                    together.call_and_response, "Ctrl+Shift+R", is_on=lambda: ensemble.talk.is_on),
            Command("assistant.keep_exchanges", self.tr("Keep exchanges"),
                    self.tr("Write each call and its answer into the track."), together.keep_exchanges,
                    is_on=lambda: ensemble.talk.keeps_exchanges),
            Command("assistant.keep_last_exchange", self.tr("Keep the last exchange"),
                    self.tr("Write the call and the answer that you heard last into the track."),
                    together.keep_last_exchange),
            Command("assistant.duet", self.tr("Duet"), self.tr("The assistant plays chords under what you play."),
                    together.duet, "Ctrl+Shift+D", is_on=lambda: ensemble.duet.is_on),
            Command("assistant.write_accompaniment", self.tr("Write the accompaniment"),
                    self.tr("Put the chords of the duet into the song, as a track."), together.write_accompaniment),
            None,
        )

    def _view(self) -> Rows:
        roll, notes = self._workspace.roll, self._session.notes
        scene, lane, chords = roll.scene, roll.velocity_lane, roll.chord_lane

        def follow() -> None:
            roll.set_follow(enabled=not scene.follows_playhead)

        def snap() -> None:
            notes.set_grid(replace(notes.grid, is_snapping=not notes.grid.is_snapping))

        def ghosts() -> None:
            roll.set_other_tracks_visible(visible=not scene.shows_other_tracks)

        def velocity() -> None:
            roll.set_velocity_lane_visible(visible=lane.isHidden())

        def chord_lane() -> None:
            roll.set_chord_lane_visible(visible=chords.isHidden())

        return (
            Command("view.zoom_in", self.tr("Zoom in"), self.tr("See fewer bars, larger."), roll.zoom_in, "+ =",
                    "zoom-in"),
            Command("view.zoom_out", self.tr("Zoom out"), self.tr("See more bars, smaller."), roll.zoom_out, "-",
                    "zoom-out"),
            Command("view.zoom_to_selection", self.tr("Zoom to the selection"),
                    self.tr("Fit the selected notes, or all."), roll.zoom_to_selection, "Z"),
            None,
            Command("view.follow", self.tr("Follow the playhead"), self.tr("Turn the page while playing."), follow, "F",
                    "follow", is_on=lambda: scene.follows_playhead),
            Command("view.snap", self.tr("Snap to the grid"), self.tr("Edits land on the grid. Alt edits freely."),
                    snap, "N", "snap", is_on=lambda: notes.grid.is_snapping),
            Command("view.ghosts", self.tr("Show other tracks"), self.tr("Show the notes of other tracks, pale."),
                    ghosts, "G", is_on=lambda: scene.shows_other_tracks),
            Command("view.velocity", self.tr("Velocity lane"), self.tr("Show the velocities below the notes."),
                    velocity, "V", is_on=lambda: not lane.isHidden()),
            Command("view.chords", self.tr("Chord lane"), self.tr("Show the song's chords above the notes."),
                    chord_lane, "Shift+K", is_on=lambda: not chords.isHidden()),
        )

    def _panels(self, viewing: Viewing, assistant: Assistant) -> Rows:
        tracks, takes, needs = viewing.tracks, assistant.panel, (self._track,)

        def fold_tracks() -> None:
            tracks.setVisible(tracks.isHidden())

        return (
            Command("view.tracks_panel", self.tr("Track list"), self.tr("Show or fold the track list."), fold_tracks,
                    "Ctrl+1", "tracks", is_on=lambda: not tracks.isHidden()),
            Command("view.takes_panel", self.tr("Takes panel"), self.tr("Show or fold the takes and their controls."),
                    assistant.toggle_panel, "Ctrl+2", "takes", is_on=lambda: not takes.isHidden()),
            Command("view.rename_track", self.tr("Rename the track"), self.tr("Type another name for the track."),
                    viewing.rename_track, "F2", "", needs),
            Command("view.choose_instrument", self.tr("Instrument of the track"),
                    self.tr("Choose what plays the track."), viewing.choose_instrument, "Shift+F2", "", needs),
            Command("view.next_panel", self.tr("Next panel"), self.tr("Move the keyboard to the next panel."),
                    viewing.next_panel, "F6"),
            Command("view.light", self.tr("Light colours"), self.tr("Change between dark and light."),
                    viewing.toggle_light, "", "theme", is_on=lambda: viewing.is_light),
        )

    def _help(self, helping: HelpCommands) -> Rows:
        return (
            Command("help.palette", self.tr("Find a command…"), self.tr("Search all commands and start one."),
                    helping.palette, "Ctrl+Shift+P", "search"),
            Command("help.keys", self.tr("Keys and gestures"), self.tr("See every shortcut."), helping.keys, "F1 ?",
                    "help"),
            Command("help.copy_diagnostics", self.tr("Copy diagnostics"),
                    self.tr("Copy versions, sound and model to report them."), helping.copy_diagnostics, "", "copy"),
            Command("help.about", self.tr("About musicassist"), self.tr("Version, licence and thanks."), helping.about,
                    "", "info"),
        )
    # fmt: on
