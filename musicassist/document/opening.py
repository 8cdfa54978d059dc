"""Any file that holds a song: a MIDI file or a project, by its name."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from musicassist.disk import mark_of, remove_strays
from musicassist.document.project_file import OpenedProject, is_project, open_project
from musicassist.document.project_reading import ReadProject, read_project, read_project_in_child
from musicassist.document.saving import MAX_FILE_BYTES
from musicassist.midi import ImportedSong, read_song
from musicassist.midi.reading_process import read_song_in_child


@dataclass(frozen=True, eq=False)
class OpenedFile:
    """What the window opens.

    Attributes:
        imported: The song and what to tell of it.
        mark: What ``disk.mark_of`` said of a MIDI file before it was read; None for a project.
        project: The project, which is held from now on; None for a MIDI file.
    """

    imported: ImportedSong
    mark: str | None = None
    project: OpenedProject | None = None

    def leave(self) -> None:
        """Lets go of the file, for one that is not shown after all."""
        if self.project is not None:
            self.project.leave()


def open_file(path: Path, *, is_cancelled: Callable[[], bool] | None = None) -> OpenedFile:
    """Opens a file for work on it, in a child process with limits. Blocks; any thread but the main one.

    Raises:
        MidiImportError: It cannot be opened, took too long, or opening was cancelled.
    """
    remove_strays(path.parent)
    if is_project(path):
        project = open_project(path, is_cancelled=is_cancelled)
        return OpenedFile(_imported(project.read), project=project)
    mark = mark_of(path, MAX_FILE_BYTES)  # before: what is written while we read is a change
    return OpenedFile(read_song_in_child(path, is_cancelled=is_cancelled), mark)


def read_file_in_child(path: Path, *, is_cancelled: Callable[[], bool] | None = None) -> ImportedSong:
    """The song of a file that is only looked at, in a child process with limits. Blocks; any thread.

    Raises:
        MidiImportError: It cannot be opened, took too long, or opening was cancelled.
    """
    if is_project(path):
        return _imported(read_project_in_child(path, is_cancelled=is_cancelled))
    return read_song_in_child(path, is_cancelled=is_cancelled)


def read_file(path: Path) -> ImportedSong:
    """The song of a file, here and now.

    Raises:
        MidiImportError: It cannot be opened as music at all.
    """
    return _imported(read_project(path)) if is_project(path) else read_song(path)


def _imported(read: ReadProject) -> ImportedSong:
    song, track = read.entry.song, read.entry.selected_track
    return ImportedSong(song, read.warnings, song.file_format, song.note_count, first_track=track)
