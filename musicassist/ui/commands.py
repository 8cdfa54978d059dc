"""Every command of the window in one table: menus, toolbar, keys, tooltips, palette and help are made from it."""

from __future__ import annotations

from dataclasses import dataclass

WINDOW, ROLL, TAKES = "window", "roll", "takes"

# Menus in order. All words of this table are translated in the context "Commands" when actions are made from it.
MENUS: dict[str, str] = {
    "file": "&File",
    "edit": "&Edit",
    "notes": "&Notes",
    "play": "&Play",
    "assistant": "&Assistant",
    "view": "&View",
    "help": "&Help",
}

# What must hold before a command can be used, and what is said while it does not.
CONDITIONS: dict[str, str] = {
    "selection": "Select some notes first.",
    "notes": "There are no notes yet.",
    "undo": "There is nothing to undo.",
    "redo": "There is nothing to do again.",
    "clipboard": "Copy some notes first.",
    "takes": "Ask for a continuation first.",
    "bars": "Select some notes or mark a loop first.",
    "neighbours": "There are no notes around these bars.",
    "pitches": "This is a drum track. Choose a melodic one.",
    "infill_model": "No model that fills bars is installed.",
    "vary_model": "No model that varies phrases is installed.",
    "interpolate_model": "No model that blends phrases is installed.",
    "generate_model": "No model that makes phrases from nothing is installed.",
    "composing": "Nothing is being composed.",
    "key": "Choose a key first.",
    "track": "There is no track.",
}


@dataclass(frozen=True, slots=True)
class Command:
    """One thing the user can ask for.

    Attributes:
        id: ``menu.handler``: the menu it stands in, and the method that does it. ``menu.`` alone is a line in the menu.
        text: What menus and the palette call it.
        keys: Its shortcuts as Qt writes them; the first one is shown.
        icon: Name of a file in ``resources/icons``, or empty.
        tip: What it does.
        needs: Names in ``CONDITIONS`` that must hold.
        scope: Where its keys are heard: in the whole window, in the roll, or only while takes are on offer (then from
            everywhere but a text field).
        is_checkable: Whether it is a switch.
    """

    id: str
    text: str = ""
    keys: tuple[str, ...] = ()
    icon: str = ""
    tip: str = ""
    needs: tuple[str, ...] = ()
    scope: str = WINDOW
    is_checkable: bool = False

    @property
    def menu(self) -> str:
        """Name of the menu it stands in."""
        return self.id.partition(".")[0]


def _roll(command_id: str, text: str, *keys: str, tip: str = "", needs: tuple[str, ...] = ("selection",)) -> Command:
    return Command(command_id, text, keys, tip=tip, needs=needs, scope=ROLL)


def _switch(command_id: str, text: str, *keys: str, icon: str = "", tip: str = "") -> Command:
    return Command(command_id, text, keys, icon, tip, is_checkable=True)


def _take(command_id: str, text: str, *keys: str, icon: str = "", tip: str = "") -> Command:
    return Command(command_id, text, keys, icon, tip, ("takes",), TAKES)


_FILE = (
    Command("file.new", "New", ("Ctrl+N",), "new", "Start an empty song."),
    Command("file.open", "Open…", ("Ctrl+O",), "open", "Open a MIDI file."),
    Command("file.open_demo", "Open the demo phrase", (), "note", "Open the short tune that comes with the program."),
    Command("file."),
    Command("file.save", "Save", ("Ctrl+S",), "save", "Save where the file came from."),
    Command("file.save_as", "Save as…", ("Ctrl+Shift+S",), "", "Save under another name."),
    Command(
        "file.export_midi",
        "Export MIDI as played…",
        ("Ctrl+Shift+E",),
        "export",
        "Write a copy as a MIDI file, every note as it is.",
        ("notes",),
    ),
    Command(
        "file.export_on_grid",
        "Export MIDI on the grid…",
        (),
        "export",
        "Write a copy for notation programs: every note on the line that it is meant for.",
        ("notes",),
    ),
    Command("file.export_audio", "Export audio…", (), "export", "Write what playback sounds as WAV.", ("notes",)),
    Command("file."),
    Command("file.quit", "Quit", ("Ctrl+Q",), "", "Close the window."),
)

_EDIT = (
    Command("edit.undo", "Undo", ("Ctrl+Z",), "undo", "Take back the last step.", ("undo",)),
    Command("edit.redo", "Redo", ("Ctrl+Shift+Z", "Ctrl+Y"), "redo", "Do the step again.", ("redo",)),
    Command("edit."),
    Command("edit.cut", "Cut", ("Ctrl+X",), "cut", "Take the selected notes away to paste them.", ("selection",)),
    Command("edit.copy", "Copy", ("Ctrl+C",), "copy", "Keep a copy of the selected notes to paste.", ("selection",)),
    Command("edit.paste", "Paste", ("Ctrl+V",), "paste", "Put the copied notes at the edit cursor.", ("clipboard",)),
    Command("edit.duplicate", "Duplicate", ("Ctrl+D",), "duplicate", "Repeat the selected notes.", ("selection",)),
    Command(
        "edit.delete", "Delete", ("Del", "Backspace"), "delete", "Delete the selected notes.", ("selection",), ROLL
    ),
    Command("edit."),
    Command("edit.select_all", "Select all", ("Ctrl+A",), "", "Select every note of the track.", ("notes",)),
    Command("edit.select_none", "Select none", ("Ctrl+Shift+A", "Esc"), "", "Let the selection go."),
    _roll("edit.select_next", "Next note", "Tab", tip="Select the note after this one.", needs=("notes",)),
    _roll("edit.select_previous", "Previous note", "Shift+Tab", tip="Select the note before.", needs=("notes",)),
    Command("edit.bar_one", "Bar 1 begins at the playhead", (), "", "What stands before it is a pickup."),
    Command("edit."),
    _switch("edit.tool_edit", "Edit tool", "1", icon="edit", tip="Select, move and resize notes."),
    _switch("edit.tool_draw", "Draw tool", "2", icon="draw", tip="Write notes: drag sets length and pitch."),
    _switch("edit.tool_erase", "Erase tool", "3", icon="erase", tip="Delete the notes you touch."),
    _switch("edit.tool_split", "Split tool", "4", icon="split", tip="Cut a note in two where you click."),
    Command("edit.toggle_draw", "Edit or draw", ("B",), "", "Change between the edit and the draw tool."),
)

_NOTES = (
    _roll("notes.transpose_up", "Semitone up", "Up"),
    _roll("notes.transpose_down", "Semitone down", "Down"),
    _roll("notes.octave_up", "Octave up", "Shift+Up"),
    _roll("notes.octave_down", "Octave down", "Shift+Down"),
    _roll("notes.step_up", "Scale step up", "Alt+Up", needs=("selection", "key")),
    _roll("notes.step_down", "Scale step down", "Alt+Down", needs=("selection", "key")),
    Command("notes.transpose", "Transpose…", ("T",), "", "Move by any number of semitones.", ("selection",)),
    Command("notes."),
    _roll("notes.nudge_later", "Later", "Right", tip="Move the notes one step of the grid."),
    _roll("notes.nudge_earlier", "Earlier", "Left", tip="Move the notes one step of the grid."),
    _roll("notes.tick_later", "A tick later", "Alt+Right"),
    _roll("notes.tick_earlier", "A tick earlier", "Alt+Left"),
    _roll("notes.longer", "Longer", "Shift+Right", tip="Lengthen by one step of the grid."),
    _roll("notes.shorter", "Shorter", "Shift+Left", tip="Shorten by one step of the grid."),
    _roll("notes.louder", "Louder", "Ctrl+Up", tip="Raise the velocity by 8."),
    _roll("notes.softer", "Softer", "Ctrl+Down", tip="Lower the velocity by 8."),
    Command("notes."),
    Command("notes.quantise", "Quantise", ("Q",), "quantise", "Move the notes to the grid.", ("notes",)),
    Command("notes.quantise_options", "Quantise…", ("Shift+Q",), "", "Choose strength and swing.", ("notes",)),
    Command("notes.split", "Split", ("Ctrl+E",), "split", "Cut the notes at the playhead.", ("notes",)),
    Command("notes.join", "Join", ("J",), "", "Make one note of neighbours of one pitch.", ("selection",)),
    Command("notes.legato", "Legato", ("Alt+L",), "", "Hold each note until the next.", ("selection",)),
    Command("notes.staccato", "Staccato", ("Alt+S",), "", "Make the notes half as long.", ("selection",)),
)

_PLAY = (
    Command("play.toggle", "Play or stop", ("Space",), "play", "Play from the playhead, or stop."),
    Command("play.return_to_start", "Back to the start", ("Home",), "start", "Move the playhead to the start."),
    Command("play.stop_and_return", "Stop and go back", ("Return", "Enter"), "stop", "Stop where playing began."),
    _switch("play.record", "Record", "R", icon="record", tip="Write what you play into the track at the playhead."),
    _switch("play.count_in", "Count-in", "Shift+C", tip="Click no bar, one or two before recording begins."),
    _switch(
        "play.replace",
        "Replace while recording",
        tip="What stood in the recorded bars of the track goes. In a loop, each round replaces those before.",
    ),
    Command(
        "play.capture",
        "Capture what was played",
        ("Shift+R",),
        "keyboard",
        "Write what you played last without recording, up to a minute of it, into the track.",
    ),
    _switch("play.loop", "Loop", "L", icon="loop", tip="Repeat the region marked in the ruler."),
    Command("play.loop_selection", "Loop the selection", ("Ctrl+L",), "", "Repeat the selected notes.", ("selection",)),
    _switch("play.metronome", "Metronome", "C", icon="metronome", tip="Click on each beat."),
    Command("play."),
    _switch("play.musical_typing", "Musical typing", "Ctrl+K", icon="keyboard", tip="Play notes on the letter keys."),
    _switch(
        "play.two_rows",
        "Letter keys in two rows",
        tip="Play two octaves on two rows of white keys, instead of one on the row of A, S and D.",
    ),
    _switch(
        "play.step_input",
        "Step input",
        "Ctrl+Shift+K",
        tip="Write each chord you play at the playhead, a step of the grid long. Right is a rest, Backspace goes back.",
    ),
    Command("play.panic", "Silence", ("Ctrl+.",), "no-sound", "Stop every note that hangs."),
    Command("play."),
    Command("play.add_track", "Add a track", (), "add", "Add an empty track."),
    Command("play.mute", "Mute the track", ("M",), "", "Play the song without this track.", ("track",)),
    Command("play.solo", "Solo the track", ("S",), "", "Play this track alone.", ("track",)),
    Command("play.next_track", "Next track", ("Ctrl+PgDown",), "", "Edit the track below.", ("track",)),
    Command("play.previous_track", "Previous track", ("Ctrl+PgUp",), "", "Edit the track above.", ("track",)),
)

_ASSISTANT = (
    Command(
        "assistant.continue_phrase",
        "Continue this phrase",
        ("Ctrl+Return", "Ctrl+Enter"),
        "spark",
        "Compose a continuation of the selected notes, or of the track.",
    ),
    Command(
        "assistant.continue_and_listen",
        "Continue and listen",
        ("Shift+Space",),
        "",
        "Compose a continuation and hear it from its first bar on. Stopping keeps what you heard.",
    ),
    Command(
        "assistant.fill_bars",
        "Fill the selected bars",
        ("Ctrl+I",),
        "",
        "Compose other notes for the bars of the selection, or of the loop, that fit what stands around them.",
        ("pitches", "infill_model", "bars", "neighbours"),
    ),
    Command(
        "assistant.vary_selection",
        "Vary the selection",
        ("Ctrl+R",),
        "",
        "Compose variations of the bars of the selection.",
        ("pitches", "vary_model", "selection"),
    ),
    Command(
        "assistant.blend_phrases",
        "Between this phrase and another…",
        ("Ctrl+B",),
        "",
        "Choose a file with another phrase, and hear phrases on the way to it in place of the bars of the selection.",
        ("pitches", "interpolate_model", "selection"),
    ),
    Command(
        "assistant.write_new",
        "Write something new",
        ("Ctrl+G",),
        "",
        "Compose a phrase from nothing, from the bar of the playhead on.",
        ("pitches", "generate_model"),
    ),
    Command("assistant.again", "Compose again", ("Ctrl+Shift+Return",), "again", "Ask for other takes."),
    Command("assistant.cancel", "Cancel composing", (), "close", "Stop composing.", ("composing",)),
    Command("assistant."),
    _take("assistant.next_take", "Next take", "PgDown", tip="Hear the take after this one."),
    _take("assistant.previous_take", "Previous take", "PgUp", tip="Hear the take before this one."),
    _take("assistant.audition", "Audition the take", "Space", icon="play", tip="Hear the take in the loop, or stop."),
    _take("assistant.accept", "Keep the take", "Return", "Enter", icon="accept", tip="Write the take into the track."),
    _take("assistant.dismiss", "Dismiss the takes", "Esc", icon="close", tip="Let all takes go."),
    Command("assistant."),
    _switch(
        "assistant.call_and_response",
        "Call and response",
        "Ctrl+Shift+R",
        tip="Play a phrase; the assistant answers on the next bar line, for as many bars, and listens again.",
    ),
    _switch("assistant.keep_exchanges", "Keep exchanges", tip="Write each call and its answer into the track."),
    Command(
        "assistant.keep_last_exchange",
        "Keep the last exchange",
        (),
        "",
        "Write the call and the answer that you heard last into the track.",
    ),
    _switch("assistant.duet", "Duet", "Ctrl+Shift+D", tip="The assistant plays chords under what you play."),
    Command(
        "assistant.write_accompaniment",
        "Write the accompaniment",
        (),
        "",
        "Put the chords of the duet into the song, as a track.",
    ),
    Command("assistant."),
)

_VIEW = (
    Command("view.zoom_in", "Zoom in", ("+", "="), "zoom-in", "See fewer bars, larger."),
    Command("view.zoom_out", "Zoom out", ("-",), "zoom-out", "See more bars, smaller."),
    Command("view.zoom_to_selection", "Zoom to the selection", ("Z",), "", "Fit the selected notes, or all."),
    Command("view."),
    _switch("view.follow", "Follow the playhead", "F", icon="follow", tip="Turn the page while playing."),
    _switch("view.snap", "Snap to the grid", "N", icon="snap", tip="Edits land on the grid. Alt edits freely."),
    _switch("view.ghosts", "Show other tracks", "G", tip="Show the notes of other tracks, pale."),
    _switch("view.velocity", "Velocity lane", "V", tip="Show the velocities below the notes."),
    Command("view."),
    _switch("view.tracks_panel", "Track list", "Ctrl+1", icon="tracks", tip="Show or fold the track list."),
    _switch(
        "view.takes_panel", "Takes panel", "Ctrl+2", icon="takes", tip="Show or fold the takes and their controls."
    ),
    Command("view.rename_track", "Rename the track", ("F2",), "", "Type another name for the track.", ("track",)),
    Command(
        "view.choose_instrument",
        "Instrument of the track",
        ("Shift+F2",),
        tip="Choose what plays the track.",
        needs=("track",),
    ),
    Command("view.next_panel", "Next panel", ("F6",), "", "Move the keyboard to the next panel."),
    _switch("view.light", "Light colours", icon="theme", tip="Change between dark and light."),
)

_HELP = (
    Command("help.palette", "Find a command…", ("Ctrl+Shift+P",), "search", "Search all commands and start one."),
    Command("help.keys", "Keys and gestures", ("F1", "?"), "help", "See every shortcut."),
    Command("help.copy_diagnostics", "Copy diagnostics", (), "copy", "Copy versions, sound and model to report them."),
    Command("help.about", "About musicassist", (), "info", "Version, licence and thanks."),
)

COMMANDS: tuple[Command, ...] = (*_FILE, *_EDIT, *_NOTES, *_PLAY, *_ASSISTANT, *_VIEW, *_HELP)


def command_named(command_id: str) -> Command:
    """The command with that id.

    Raises:
        KeyError: There is none.
    """
    found = next((command for command in COMMANDS if command.id == command_id), None)
    if found is None:
        raise KeyError(command_id)
    return found


def missing_condition(command: Command, holding: frozenset[str]) -> str | None:
    """What to say why the command cannot be used now; None when it can."""
    return next((CONDITIONS[need] for need in command.needs if need not in holding), None)
