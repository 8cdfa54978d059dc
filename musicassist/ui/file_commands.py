"""The commands of the File menu."""

from __future__ import annotations

from PySide6.QtCore import QObject

from musicassist.ui.actions import Command, Need, Rows
from musicassist.ui.filing import FileCommands
from musicassist.ui.workspace import Workspace


class FileRows(QObject):
    """A part of the table of :mod:`musicassist.ui.commands`.

    Attributes:
        rows: The menu.
    """

    def __init__(self, workspace: Workspace, files: FileCommands) -> None:
        super().__init__()
        session = workspace.session
        self._notes = Need(self.tr("There are no notes yet."), lambda: session.document.song.note_count > 0)
        self._track = Need(self.tr("There is no track."), lambda: bool(session.document.song.tracks))
        self.rows: Rows = self._all(workspace, files)

    # fmt: off

    def _all(self, workspace: Workspace, files: FileCommands) -> Rows:
        return (
            Command("file.new", self.tr("New"), self.tr("Start an empty song."), files.new, "Ctrl+N", "new"),
            Command("file.open", self.tr("Open…"), self.tr("Open a project or a MIDI file."), files.open,
                    "Ctrl+O", "open"),
            Command("file.open_demo", self.tr("Open the demo phrase"),
                    self.tr("Open the short tune that comes with the program."), files.open_demo, icon="note"),
            Command("file.reopen_last", self.tr("Open the last song at the start"),
                    self.tr("The program begins with the song that was open when it ended."), files.toggle_reopening,
                    is_on=lambda: files.is_last_reopened),
            None,
            Command("file.save", self.tr("Save"), self.tr("Save where the song came from; a project is made safe."),
                    files.save, "Ctrl+S", "save"),
            Command("file.save_as", self.tr("Save as…"), self.tr("Save under another name, as a project or as MIDI."),
                    files.save_as, "Ctrl+Shift+S"),
            Command("file.export_midi", self.tr("Export MIDI as played…"),
                    self.tr("Write a copy as a MIDI file, every note as it is."), files.export_midi, "Ctrl+Shift+E",
                    "export", (self._notes,)),
            Command("file.export_on_grid", self.tr("Export MIDI on the grid…"),
                    self.tr("Write a copy for notation programs: every note on the line that it is meant for."),
                    files.export_on_grid, "", "export", (self._notes,)),
            Command("file.export_audio", self.tr("Export audio…"),
                    self.tr("Write what playback sounds as WAV, FLAC or OGG."), files.export_audio, "", "export",
                    (self._notes,)),
            Command("file.export_loop", self.tr("Export audio as a loop…"),
                    self.tr("Write the loop, the bars of the selection, or the whole song as audio that repeats "
                            "without a seam."),
                    files.export_loop, "", "loop", (self._notes,)),
            None,
            Command("file.add_tracks", self.tr("Add tracks from a file…"),
                    self.tr("Add the tracks of a MIDI file to the song, in the song's tempo."),
                    files.incoming.ask_for_tracks, "Ctrl+Shift+O", "add"),
            Command("file.put_at_playhead", self.tr("Put a file at the playhead…"),
                    self.tr("Put the melody of a MIDI file into the track, from the playhead on."),
                    files.incoming.ask_for_melody, "Ctrl+Alt+O", "paste", (self._track,)),
            Command("file.copy_midi", self.tr("Copy as a MIDI file"),
                    self.tr("Put the take that is heard, the selected notes, or else the track on the clipboard "
                            "as a MIDI file, for other programs."),
                    files.outgoing.copy_file, "Ctrl+Alt+C", "copy", (self._notes, self._track)),
            None,
            Command("file.quit", self.tr("Quit"), self.tr("Close the window."), workspace.window.close, "Ctrl+Q"),
        )
    # fmt: on
