"""What everything in the window works with: the session, the parts that are shown, and the user's choices."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import Any

from PySide6.QtCore import QObject, QTimer
from PySide6.QtWidgets import QMainWindow

from musicassist.errors import MusicAssistError, SaveError
from musicassist.session.session import Session
from musicassist.settings import Settings
from musicassist.ui.actions import Actions
from musicassist.ui.background import BackgroundTasks
from musicassist.ui.foreign_text import words_of
from musicassist.ui.notices import WARNING, Notice, NoticeStrip
from musicassist.ui.piano_roll.roll import PianoRoll
from musicassist.ui.status_strip import StatusStrip

REST_MS = 1_000

log = logging.getLogger(__name__)


class Preferences(QObject):
    """Holds the settings and sees to it that they are written."""

    def __init__(self, settings: Settings, save: Callable[[Settings], None], parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._settings = settings
        self._save = save
        self._rest = QTimer(self, singleShot=True, interval=REST_MS)
        self._rest.timeout.connect(self.write)

    @property
    def now(self) -> Settings:
        """The settings as they are."""
        return self._settings

    def change(self, **values: Any) -> None:
        """Changes some of the fields."""
        self.replace(replace(self._settings, **values))

    def replace(self, settings: Settings) -> None:
        """Takes other settings."""
        if settings != self._settings:
            self._settings = settings
            self._rest.start()

    def write(self) -> None:
        """Writes them now. A full disk is logged: choices are not worth a word in front of the music."""
        self._rest.stop()
        try:
            self._save(self._settings)
        except SaveError as error:
            log.warning("%s", error)


@dataclass(eq=False)
class Desk:
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

    def say(self, text: str) -> None:
        """A message in the strip at the bottom."""
        self.strip.say(text, revision=self.session.document.revision)

    def warn(self, key: str, error: MusicAssistError) -> None:
        """A notice above the roll."""
        self.notices.show_notice(Notice(key, words_of(error), WARNING))

    def keys(self, command_id: str, index: int = 0) -> str:
        """A shortcut of a command, for a sentence."""
        return self.actions.keys(command_id, index)

    def focus_roll(self) -> None:
        """Gives the keyboard back to the music."""
        self.roll.setFocus()
