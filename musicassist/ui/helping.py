"""What the Help menu does: the palette, the keys, the diagnostics."""

from __future__ import annotations

import platform
import sys
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version

from PySide6.QtCore import qVersion
from PySide6.QtGui import QGuiApplication

from musicassist.ui.command_popup import CommandPopup, Entry, command_entries, gesture_entries
from musicassist.ui.commands import CONDITIONS
from musicassist.ui.desk import Desk
from musicassist.ui.letter_layouts import LetterLayout
from musicassist.ui.notices import INFO, Notice
from musicassist.ui.theme import Theme
from musicassist.ui.words import tr

PACKAGES = (
    *("musicassist", "PySide6-Essentials", "numpy", "torch", "mido"),
    *("pyfluidsynth", "python-rtmidi", "sounddevice", "soundfile"),
)


class HelpCommands:
    """Help in place: nothing here leaves the window."""

    def __init__(
        self,
        desk: Desk,
        *,
        theme: Callable[[], Theme],
        holding: Callable[[], frozenset[str]],
        run: Callable[[str], None],
        describe_sound: Callable[[], str],
        layout: Callable[[], LetterLayout],
    ) -> None:
        self._desk = desk
        self._theme = theme
        self._holding = holding
        self._run = run
        self._describe_sound = describe_sound
        self._layout = layout

    def palette(self) -> None:
        """The searchable list that starts a command."""
        self._open(
            CommandPopup(self._theme(), command_entries(self._holding()), _words("Find a command"), self._desk.window)
        )

    def keys(self) -> None:
        """Every key and gesture, searchable."""
        letters = (Entry(_words(text), places) for text, places in self._layout().rows)
        entries = (*command_entries(frozenset(CONDITIONS)), *letters, *gesture_entries())
        shown = tuple(entry for entry in entries if entry.keys)
        self._open(CommandPopup(self._theme(), shown, _words("Keys and gestures"), self._desk.window))

    def _open(self, popup: CommandPopup) -> None:
        popup.command_chosen.connect(self._run)
        popup.open_over(self._desk.window)

    def copy_diagnostics(self) -> None:
        """Puts what a report needs on the clipboard."""
        QGuiApplication.clipboard().setText(self.diagnostics())
        self._desk.say(_words("Copied. Paste it into your report."))

    def diagnostics(self) -> str:
        """Versions, platform, sound and model, in lines."""
        lines = [
            f"Python {sys.version.split()[0]} on {platform.platform()}",
            f"Qt {qVersion()} ({QGuiApplication.platformName()})",
            *(f"{name} {_version_of(name)}" for name in PACKAGES),
            f"sound: {self._describe_sound()}",
            f"model: {self._desk.session.takes.controls.model}",
        ]
        return "\n".join(lines)

    def about(self) -> None:
        """Says what this is, above the roll."""
        text = _words("musicassist {version}: sketch a phrase, continue it, hear it, export it. MIT licence.")
        self._desk.notices.show_notice(Notice("about", text.format(version=_version_of("musicassist")), INFO))


def _words(text: str) -> str:
    return tr("Help", text)


def _version_of(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "?"
