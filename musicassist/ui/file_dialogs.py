"""The only dialogs there are: which file to open, where to write one."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QFileDialog, QWidget

MIDI_FILTER = "MIDI (*.mid *.midi *.MID *.kar *.rmi)"


def ask_what_to_open(window: QWidget, title: str, start: str, kinds: str) -> Path | None:
    """The file that the user chose, or None.

    Args:
        window: What the dialog stands over.
        title: Its title.
        start: The folder or file to start from.
        kinds: File kinds as Qt writes them.
    """
    name, _ = QFileDialog.getOpenFileName(window, title, start, kinds)
    window.activateWindow()  # without a window manager the keyboard would stay with the dialog that is gone
    return Path(name) if name else None


def ask_where_to_write(window: QWidget, title: str, suggested: Path, kinds: str) -> Path | None:
    """Where the user wants the file, or None; without a suffix it gets the suggested one."""
    name, _ = QFileDialog.getSaveFileName(window, title, str(suggested), kinds)
    window.activateWindow()
    if not name:
        return None
    path = Path(name)
    return path if path.suffix else path.with_suffix(suggested.suffix)
