"""Music out of the window as MIDI files: dragged into another program, and on the clipboard of the system."""

from __future__ import annotations

import re
import tempfile
from collections.abc import Callable
from itertools import count
from pathlib import Path

from PySide6.QtCore import QMimeData, QObject, Qt, QUrl
from PySide6.QtGui import QDrag, QGuiApplication

from musicassist.document.recovery import UNTITLED
from musicassist.errors import QT_TRANSLATE_NOOP, MusicAssistError, SaveError
from musicassist.midi import write_song
from musicassist.session.comping import MIX
from musicassist.session.exchange import Piece
from musicassist.session.session import SessionChange
from musicassist.ui.workspace import Workspace

MIDI_KINDS = ("audio/midi", "audio/x-midi")  # IANA has none; the first is what most programs know
OWN_KIND = "application/x-musicassist-notes"
MAX_NAME_LETTERS = 60
_NO_LETTERS = re.compile(r'[\x00-\x1f\x7f/\\:*?"<>|\u200e\u200f\u202a-\u202e\u2066-\u2069]+')  # of a file's name


def file_name(*parts: str) -> str:
    """A name for a MIDI file on every system; names of songs and tracks may hold anything."""
    cleaned = (_NO_LETTERS.sub(" ", part).strip(" .") for part in parts)
    name = " - ".join(filter(None, cleaned))
    encoded = name.encode(errors="ignore").decode()[:MAX_NAME_LETTERS].strip(" .")
    return f"{encoded or UNTITLED}.mid"


class MusicOut(QObject):
    """Makes files of music beside the main thread, in a folder of its own that goes with the window.

    Attributes:
        is_copying: Whether the system's clipboard still holds what was there before the last copy.
    """

    def __init__(self, workspace: Workspace) -> None:
        super().__init__(workspace.window)
        self._workspace = workspace
        self._exchange = workspace.session.exchange
        self._folder: tempfile.TemporaryDirectory[str] | None = None  # made when something goes out
        self._numbers = count()
        self._copies = 0
        self.is_copying = False
        workspace.session.subscribe(self._on_session_changed)

    def close(self) -> None:
        """Takes the files away."""
        if self._folder is not None:
            self._folder.cleanup()

    @property
    def own_mark(self) -> bytes:
        """What says on the clipboard that it holds the notes that were copied here last."""
        return f"{id(self)}.{self._copies}".encode()

    # What goes out

    def drag_phrase(self) -> None:
        piece = self._exchange.phrase()
        if piece is not None:
            self._drag(piece, self._name(self.tr("phrase")))

    def drag_track(self, index: int) -> None:
        self._drag(self._exchange.track(index), self._name(self._track_name(index)))

    def drag_take(self, number: int) -> None:
        piece = self._exchange.take(number)
        if piece is not None:
            self._drag(piece, self._name(self._take_name(number)))

    def copy_file(self) -> None:
        """Puts the take that is heard, else the selected notes, else the track on the clipboard as a MIDI file."""
        session = self._workspace.session
        auditioned, index = session.takes.auditioned, session.document.selected_track
        taken = self._exchange.take(auditioned) if auditioned is not None else None
        if taken is not None and auditioned is not None:
            piece, what = taken, self._take_name(auditioned)
        elif (phrase := self._exchange.phrase()) is not None:
            piece, what = phrase, self.tr("phrase")
        else:
            piece, what = self._exchange.track(index), self._track_name(index)
        name = self._name(what)
        self._copy(piece, name, lambda: self._workspace.report(self.tr("{name} is on the clipboard."), name=name))

    def _on_session_changed(self, change: SessionChange) -> None:
        """What is copied to be pasted here is there for other programs, too."""
        piece = self._exchange.phrase() if change.kind == "clipboard" else None
        if piece is not None:
            self._copies += 1
            self._copy(piece, self._name(self.tr("phrase")), mark=self.own_mark)

    def _name(self, what: str) -> str:
        path = self._workspace.session.document.path
        return file_name(path.stem if path is not None else UNTITLED, what)

    def _take_name(self, number: int) -> str:
        return self.tr("take {number}").format(number=number) if number != MIX else self.tr("mix of takes")

    def _track_name(self, index: int) -> str:
        words = self.tr("track {number}").format(number=index + 1)
        return self._workspace.session.document.song.tracks[index].name or words

    # How it goes

    def _drag(self, piece: Piece, name: str) -> None:
        def go(made: tuple[Path, bytes]) -> None:
            if self.is_held():
                drag = QDrag(self._workspace.window)
                drag.setMimeData(_mime_data(*made))
                drag.exec(Qt.DropAction.CopyAction)

        self._make(piece, name, go)

    def is_held(self) -> bool:
        """Whether the mouse still holds what is to be dragged."""
        return bool(QGuiApplication.mouseButtons() & Qt.MouseButton.LeftButton)

    def _copy(self, piece: Piece, name: str, then: Callable[[], object] = lambda: None, mark: bytes = b"") -> None:
        self.is_copying = True
        copies = self._copies

        def put(made: tuple[Path, bytes]) -> None:
            if copies != self._copies:
                return  # something else was copied meanwhile
            self.is_copying = False
            data = _mime_data(*made)
            if mark:
                data.setData(OWN_KIND, mark)
            QGuiApplication.clipboard().setMimeData(data)
            then()

        self._make(piece, name, put)

    def _make(self, piece: Piece, name: str, then: Callable[[tuple[Path, bytes]], None]) -> None:
        number = next(self._numbers)

        def write() -> tuple[Path, bytes]:
            data = write_song(piece())
            try:
                if self._folder is None:  # only this thread makes it
                    self._folder = tempfile.TemporaryDirectory(prefix="musicassist-", ignore_cleanup_errors=True)
                folder = Path(self._folder.name) / str(number)
                folder.mkdir()
                (folder / name).write_bytes(data)
            except OSError as error:
                reason = error.strerror or error
                raise SaveError(
                    QT_TRANSLATE_NOOP("Errors", "{file} could not be written: {reason}."), file=name, reason=reason
                ) from error
            return folder / name, data

        self._workspace.tasks.start(write, then, self._on_failed)

    def _on_failed(self, error: MusicAssistError) -> None:
        self.is_copying = False
        self._workspace.warn("out", error)


def _mime_data(path: Path, data: bytes) -> QMimeData:
    mime = QMimeData()
    mime.setUrls([QUrl.fromLocalFile(str(path))])
    for kind in MIDI_KINDS:
        mime.setData(kind, data)
    return mime
