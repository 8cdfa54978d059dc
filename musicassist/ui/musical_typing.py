"""The letter keys as a piano: two rows, found by where the keys lie and not by what is printed on them."""

from __future__ import annotations

import sys
from collections.abc import Callable
from typing import Protocol

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QWidget

from musicassist.ui.window_keys import is_text_field

VELOCITY = 88
LOWEST_PITCH = 48
# Semitones above the lowest pitch for the keys of a US layout, lower then upper row, black keys between.
_LETTERS = {
    "Z": 0, "S": 1, "X": 2, "D": 3, "C": 4, "V": 5, "G": 6, "B": 7, "H": 8, "N": 9, "J": 10, "M": 11,
    "Q": 12, "2": 13, "W": 14, "3": 15, "E": 16, "R": 17, "5": 18, "T": 19, "6": 20, "Y": 21, "7": 22, "U": 23, "I": 24,
    "9": 25, "O": 26, "0": 27, "P": 28,
}  # fmt: skip
# Set 1 scan codes of the four rows of a PC keyboard; X11 and Wayland add 8.
# Source: USB HID to PS/2 Scan Code Translation Table, Microsoft (2004).
_ROWS = ((0x02, "1234567890"), (0x10, "QWERTYUIOP"), (0x1E, "ASDFGHJKL"), (0x2C, "ZXCVBNM"))
_SCAN_LETTERS = {first + place: letter for first, letters in _ROWS for place, letter in enumerate(letters)}


class Player(Protocol):
    """What is played."""

    def note_on(self, pitch: int, velocity: int) -> None:
        """A key goes down."""

    def note_off(self, pitch: int) -> None:
        """A key goes up."""


def semitones_of(event_scan_code: int, key: int) -> int | None:
    """Semitones above the lowest note for a key, by its place where the platform tells it, else by its letter."""
    offset = 8 if sys.platform.startswith("linux") else 0
    letter = _SCAN_LETTERS.get(event_scan_code - offset) if event_scan_code > 1 else None
    if letter is None and event_scan_code <= 1 and Qt.Key.Key_0 <= key <= Qt.Key.Key_Z:
        letter = chr(key)
    return _LETTERS.get(letter) if letter is not None else None


class MusicalTyping(QObject):
    """While it is on, letters without a modifier are notes and no shortcuts."""

    def __init__(
        self, window: QWidget, player: Player, *, tell: Callable[[bool], None], are_digits_taken: Callable[[], bool]
    ) -> None:
        """Is off.

        Args:
            window: Keys of its own dialogs are left alone.
            player: What is played.
            tell: Hears whether it is on.
            are_digits_taken: Whether digits choose takes now.
        """
        super().__init__(window)
        self._window = window
        self._player = player
        self._tell = tell
        self._are_digits_taken = are_digits_taken
        self._held: dict[int, int] = {}
        self.is_on = False

    def toggle(self) -> None:
        """Switches it on or off."""
        self.is_on = not self.is_on
        app = QApplication.instance()
        assert app is not None
        if self.is_on:
            app.installEventFilter(self)
        else:
            app.removeEventFilter(self)
            self.release_all()
        self._tell(self.is_on)

    def release_all(self) -> None:
        """No note stays held."""
        for pitch in self._held.values():
            self._player.note_off(pitch)
        self._held.clear()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Plays, and keeps letters from being shortcuts."""
        if event.type() in (QEvent.Type.ApplicationDeactivate, QEvent.Type.WindowDeactivate):
            self.release_all()
            return False
        if not isinstance(event, QKeyEvent) or not self._is_ours(watched):
            return False
        semitones = semitones_of(event.nativeScanCode(), event.key())
        if semitones is None or event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            return False
        if Qt.Key.Key_0 <= event.key() <= Qt.Key.Key_9 and self._are_digits_taken():
            return False
        event.accept()
        if not event.isAutoRepeat():
            self._play(event, LOWEST_PITCH + semitones)
        return True

    def _play(self, event: QKeyEvent, pitch: int) -> None:
        if event.type() == QEvent.Type.KeyPress and event.key() not in self._held:
            self._held[event.key()] = pitch
            self._player.note_on(pitch, VELOCITY)
        elif event.type() == QEvent.Type.KeyRelease and event.key() in self._held:
            self._player.note_off(self._held.pop(event.key()))

    def _is_ours(self, watched: QObject) -> bool:
        if not isinstance(watched, QWidget) or watched.window() is not self._window:
            return False
        return QApplication.activePopupWidget() is None and not is_text_field(QApplication.focusWidget())
