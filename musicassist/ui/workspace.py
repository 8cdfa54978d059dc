"""What everything in the window works with: session, parts, choices; where it opens, and its first frame."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from PySide6.QtCore import QByteArray, QEvent, QObject, QSize, Qt, QTimer
from PySide6.QtWidgets import QMainWindow, QSplitter, QWidget

from musicassist.errors import MusicAssistError, SaveError
from musicassist.session.session import Session
from musicassist.settings import Settings
from musicassist.ui.actions import Actions
from musicassist.ui.background import BackgroundTasks
from musicassist.ui.foreign_text import fill, words_of
from musicassist.ui.piano_roll.roll import PianoRoll
from musicassist.ui.strips import WARNING, Notice, NoticeStrip, StatusStrip
from musicassist.ui.track_list import FIRST_TRACKS_PX

REST_MS = 1_000
SPOKEN_KEYS = {
    "undo": "edit.undo",
    "quantise": "notes.quantise",
    "audition": "assistant.audition",
    "accept": "assistant.accept",
    "dismiss": "assistant.dismiss",
}
log = logging.getLogger(__name__)
FIRST_SIZE_PX = QSize(1280, 720)
TITLE_PX = 40  # what the desktop puts above a window; nobody tells before it is shown
SPLIT_PX = 4  # between the tracks and the music; dragging it makes room for long names
MAX_FRAME_WAIT_MS = 1_000


class Preferences(QObject):
    """Holds the settings as they are ``now`` and sees to it that they are written."""

    def __init__(self, settings: Settings, save: Callable[[Settings], None], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.now = settings
        self._save = save
        self._rest = QTimer(self, singleShot=True, interval=REST_MS)
        self._rest.timeout.connect(self.write)

    def change(self, **values: Any) -> None:
        self.replace(replace(self.now, **values))

    def replace(self, settings: Settings) -> None:
        if settings != self.now:
            self.now = settings
            self._rest.start()

    def write(self) -> None:
        """Writes them now. A full disk is logged: choices are not worth a word in front of the music."""
        self._rest.stop()
        try:
            self._save(self.now)
        except SaveError as error:
            log.warning("%s", error)


@dataclass(eq=False)
class Workspace:
    """Handed to everything that handles commands.

    Attributes:
        actions: What the table of commands became; set last, since the table needs everybody who has this.
    """

    window: QMainWindow
    session: Session
    roll: PianoRoll
    notices: NoticeStrip
    strip: StatusStrip
    tasks: BackgroundTasks
    preferences: Preferences
    actions: Actions = field(init=False)

    @property
    def settings(self) -> Settings:
        """The user's choices as they are."""
        return self.preferences.now

    def say(self, text: str) -> None:
        """A message in the strip at the bottom."""
        self.strip.say(text, revision=self.session.document.revision)

    def report(self, template: str, **values: object) -> None:
        """The same, translated but not yet filled in: with the values, names as they are written, and keys to press."""
        self.say(fill(template, {**self.spoken_keys(), **values}))

    def spoken_keys(self) -> dict[str, str]:
        """By the names that sentences have for them, shortcuts of commands."""
        return {name: self.keys(command_id, -1) for name, command_id in SPOKEN_KEYS.items()}

    def warn(self, key: str, error: MusicAssistError) -> None:
        """A notice above the roll."""
        self.notify(Notice(key, words_of(error), WARNING))

    def notify(self, notice: Notice) -> None:
        self.notices.show_notice(notice)

    def keys(self, command_id: str, index: int = 0) -> str:
        """A shortcut of a command, for a sentence."""
        return self.actions.keys(command_id, index)

    def focus_roll(self) -> None:
        """Gives the keyboard back to the music."""
        self.roll.setFocus()


def first_size(room: QSize) -> QSize:
    """The size of the window when nobody has chosen one: it fits the screen's room, title and all."""
    return FIRST_SIZE_PX.boundedTo(QSize(room.width(), room.height() - TITLE_PX))


def parted(tracks: QWidget, music: QWidget) -> QSplitter:
    """The tracks and the music side by side; the music takes what the window grows."""
    sides = QSplitter(Qt.Orientation.Horizontal)
    sides.setChildrenCollapsible(False)
    sides.setHandleWidth(SPLIT_PX)
    sides.addWidget(tracks)
    sides.addWidget(music)
    sides.setStretchFactor(1, 1)
    sides.setSizes([FIRST_TRACKS_PX, FIRST_SIZE_PX.width() - FIRST_TRACKS_PX])
    return sides


def restore_place(window: QMainWindow, sides: QSplitter, settings: Settings) -> None:
    """As it was left, else as it is at first."""
    geometry = _bytes(settings.window_geometry)
    if geometry.isEmpty() or not window.restoreGeometry(geometry):
        window.resize(first_size(window.screen().availableGeometry().size()))
    state = _bytes(settings.window_state)
    if not state.isEmpty():
        sides.restoreState(state)


def with_place(settings: Settings, window: QMainWindow, sides: QSplitter) -> Settings:
    """The settings with the place as it is left."""
    geometry, state = window.saveGeometry().toBase64(), sides.saveState().toBase64()
    return replace(settings, window_geometry=geometry.toStdString(), window_state=state.toStdString())


def _bytes(stored: str) -> QByteArray:
    return QByteArray.fromBase64(stored.encode())


class FirstFrame(QObject):
    """Calls ``then`` once when a widget has been painted, or after a second where nobody paints it."""

    def __init__(self, widget: QWidget, then: Callable[[], None]) -> None:
        super().__init__(widget)
        self._widget = widget
        self._then: Callable[[], None] | None = then
        self._limit = QTimer(self, singleShot=True, interval=MAX_FRAME_WAIT_MS)
        self._limit.timeout.connect(self._proceed)
        self._limit.start()
        widget.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """After the paint event the frame is on its way to the screen."""
        if watched is self._widget and event.type() == QEvent.Type.Paint:
            QTimer.singleShot(0, self._proceed)
        return super().eventFilter(watched, event)

    def _proceed(self) -> None:
        then, self._then = self._then, None
        if then is not None:
            self._limit.stop()
            self._widget.removeEventFilter(self)
            then()
