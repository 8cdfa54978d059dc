"""Music of other files into the song: as further tracks, at the playhead, or as the other phrase; dropped or pasted."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar

from PySide6.QtCore import QMimeData, QObject, QPoint
from PySide6.QtGui import QDropEvent, QGuiApplication
from PySide6.QtWidgets import QMenu

from musicassist.document.opening import read_file_in_child
from musicassist.errors import MusicAssistError
from musicassist.midi import ImportedSong
from musicassist.session.exchange import Joined
from musicassist.ui.actions import calling
from musicassist.ui.dialogs import MIDI_FILTER, ask_what_to_open
from musicassist.ui.foreign_text import add_line, counted, literal
from musicassist.ui.music_out import MIDI_KINDS, OWN_KIND, MusicOut
from musicassist.ui.workspace import Workspace

MAX_CLIP_BYTES = 64 * 2**20  # LIMIT: as large as a file may be
SONG_SUFFIXES = (".mid", ".midi", ".kar", ".rmi", ".smf", ".musicassist")
Prepared = TypeVar("Prepared")


class MusicIn(QObject):
    """Reads files in the child process that opens them, and puts their music where the user wants it."""

    def __init__(self, workspace: Workspace, out: MusicOut, folder: Callable[[], Path]) -> None:
        super().__init__(workspace.window)
        self._workspace = workspace
        self._session = workspace.session
        self._out = out
        self._folder = folder
        self.has_foreign_music = False
        clipboard = QGuiApplication.clipboard()
        clipboard.dataChanged.connect(self._on_clipboard_changed)
        self._look()

    # From a file

    def ask_for_tracks(self) -> None:
        path = self._ask(self.tr("Add tracks from a file"))
        if path is not None:
            self.add_tracks(path)

    def ask_for_melody(self) -> None:
        path = self._ask(self.tr("Put a file at the playhead"))
        if path is not None:
            self.put(path)

    def _ask(self, title: str) -> Path | None:
        return ask_what_to_open(self._workspace.window, title, str(self._folder()), MIDI_FILTER)

    def add_tracks(self, path: Path) -> None:
        """Adds the tracks of a file to the song."""

        def use(joined: Joined, name: str) -> None:
            added = self._session.exchange.add_tracks(joined)
            one, more = (
                self.tr("{count} track of {name} is in the song, in its tempo. {undo} takes it back."),
                self.tr("{count} tracks of {name} are in the song, in its tempo. {undo} takes them back."),
            )
            self._workspace.report(one if added == 1 else more, count=added, name=name)

        self._read(path, path.name, self._session.exchange.joining(), use)

    def put(self, path: Path) -> None:
        """Puts the melody of a file at the playhead, into the selected track."""
        at_tick = self._session.transport.position_tick()
        self._read(path, path.name, _as_read, lambda imported, name: self._put(imported, name, at_tick))

    def _put(self, imported: ImportedSong, name: str, at_tick: float) -> None:
        left_out = self._session.exchange.put(imported, at_tick)
        self._workspace.roll.reveal_tick(round(at_tick))
        if left_out:
            one, more = (
                self.tr("The melody of {name} is in. Its other track was left out."),
                self.tr("The melody of {name} is in. Its {count} other tracks were left out."),
            )
            self._workspace.report(one if left_out == 1 else more, name=name, count=left_out)
        else:
            self._workspace.report(self.tr("{name} is in. {undo} takes it back."), name=name)

    def _read(
        self,
        path: Path,
        name: str,
        prepare: Callable[[ImportedSong], Prepared],
        use: Callable[[Prepared, str], None],
        then: Callable[[], None] = lambda: None,
    ) -> None:
        """Reads and prepares in the background, where ``then`` is called whatever came of it; uses it here."""
        tasks, notices = self._workspace.tasks, self._workspace.notices

        def read() -> Prepared:
            try:
                return prepare(read_file_in_child(path, is_cancelled=lambda: tasks.is_closed))
            finally:
                then()

        def done(prepared: Prepared) -> None:
            notices.dismiss("incoming")
            try:
                use(prepared, name)
            except MusicAssistError as error:
                self._workspace.warn("incoming", error)

        tasks.start(read, done, lambda error: self._workspace.warn("incoming", error))

    # From the clipboard of the system

    @property
    def can_paste(self) -> bool:
        """Whether there is anything to paste, ours or other programs'."""
        return self._session.notes.can_paste or self.has_foreign_music

    def paste(self, at_tick: float) -> bool:
        """Puts music that another program copied at a place, once it is read; False where there is none."""
        if not self.has_foreign_music or self._out.is_copying:
            return False
        data = _clipboard()
        path = dropped_path(data)
        if path is not None:
            self._read(path, path.name, _as_read, lambda imported, name: self._put(imported, name, at_tick))
            return True
        music = midi_bytes_of(data)
        if music is None:
            return False
        self.with_file_of(music, lambda clip, then: self._read_clip(clip, at_tick, then))
        return True

    def _read_clip(self, clip: Path, at_tick: float, then: Callable[[], None]) -> None:
        name = self.tr("What was copied")
        self._read(clip, name, _as_read, lambda imported, said: self._put(imported, said, at_tick), then)

    def with_file_of(self, music: bytes, use: Callable[[Path, Callable[[], None]], None]) -> None:
        """Hands on a private file that holds some bytes, and what takes it away."""
        folder = tempfile.TemporaryDirectory(prefix="musicassist-", ignore_cleanup_errors=True)
        path = Path(folder.name) / "clip.mid"
        path.write_bytes(music)
        use(path, folder.cleanup)

    def _on_clipboard_changed(self) -> None:
        self._look()
        self._workspace.actions.refresh()

    def _look(self) -> None:
        data = _clipboard()
        is_own = bytes(data.data(OWN_KIND).data()) == self._out.own_mark
        self.has_foreign_music = not is_own and _has_music(data)


def _as_read(imported: ImportedSong) -> ImportedSong:
    return imported


def _clipboard() -> QMimeData:
    """What is on it; Qt says None, against its types, where there has been nothing."""
    found: Any = QGuiApplication.clipboard().mimeData()
    return QMimeData() if found is None else found


def _has_music(data: QMimeData) -> bool:
    path = dropped_path(data)
    is_file = path is not None and path.suffix.lower() in SONG_SUFFIXES
    return is_file or any(data.hasFormat(kind) for kind in MIDI_KINDS)


def dropped_paths(data: QMimeData) -> tuple[Path, ...]:
    """The local files that are dragged or copied."""
    return tuple(Path(url.toLocalFile()) for url in data.urls() if url.isLocalFile())


def dropped_path(data: QMimeData) -> Path | None:
    """The first of them."""
    return next(iter(dropped_paths(data)), None)


def midi_bytes_of(data: QMimeData) -> bytes | None:
    """The music itself, as programs hand it on without a file; None without any, or if it is too large."""
    found = next((bytes(data.data(kind).data()) for kind in MIDI_KINDS if data.hasFormat(kind)), None)
    return found if found is not None and len(found) <= MAX_CLIP_BYTES else None


class DropMenu(QObject):
    """Asks where a file is dropped what shall become of it. The arrows and Enter choose, Esc lets it go."""

    def __init__(
        self,
        workspace: Workspace,
        incoming: MusicIn,
        *,
        open_path: Callable[[Path], None],
        blend_with: Callable[[Path], None],
    ) -> None:
        super().__init__(workspace.window)
        self._workspace = workspace
        self._incoming = incoming
        self._open_path = open_path
        self._blend_with = blend_with

    def drop(self, event: QDropEvent) -> None:
        """Takes a file that is dropped on the window; what was dragged from the window itself stays where it was."""
        paths = dropped_paths(event.mimeData())
        if not paths or event.source() is not None:
            return
        event.acceptProposedAction()
        place = self._workspace.window.mapToGlobal(event.position().toPoint())
        self.ask(paths, place)

    def ask(self, paths: Sequence[Path], place: QPoint) -> QMenu:
        """Opens the menu at a place of the screen. Of several files all tracks can be added, else it is the first."""
        path = paths[0]
        menu = QMenu(self._workspace.window)
        menu.setToolTipsVisible(True)
        add_line(menu, literal(path.name)).setEnabled(False)
        menu.addSeparator()
        first = add_line(menu, self.tr("Open it"), tip=self.tr("Instead of the song that is open."))
        first.triggered.connect(calling(self._open_path, path))
        one, more = self.tr("Add its tracks"), self.tr("Add the tracks of {count} files")
        tracks = add_line(menu, counted(len(paths), one, more), tip=self.tr("To the song, in its tempo."))
        for each in paths:
            tracks.triggered.connect(calling(self._incoming.add_tracks, each))
        lines = (
            (self.tr("Put it at the playhead"), self._incoming.put, "file.put_at_playhead"),
            (self.tr("Use it as the other phrase"), self._blend_with, "assistant.blend_phrases"),
        )
        for text, act, command_id in lines:
            command = self._workspace.actions.commands[command_id]
            reason = command.why_not()
            line = add_line(menu, text, tip=command.described(reason))
            line.setEnabled(not reason)
            line.triggered.connect(calling(act, path))
        menu.aboutToHide.connect(menu.deleteLater)
        menu.popup(place)
        menu.setActiveAction(first)
        return menu
