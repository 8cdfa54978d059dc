"""What the handlers of commands work with: the session and the parts of the window."""

from __future__ import annotations

from dataclasses import dataclass, field

from PySide6.QtWidgets import QMainWindow

from musicassist.errors import MusicAssistError
from musicassist.session.session import Session
from musicassist.ui.actions import Actions
from musicassist.ui.foreign_text import words_of
from musicassist.ui.notices import WARNING, Notice, NoticeStrip
from musicassist.ui.piano_roll.roll import PianoRoll
from musicassist.ui.preferences import Preferences
from musicassist.ui.status_strip import StatusStrip
from musicassist.ui.tasks import BackgroundTasks


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
