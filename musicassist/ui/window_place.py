"""Where the window stands, how large it is and how wide its tracks are: at first, and again in the next run."""

from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import QByteArray, QSize, Qt
from PySide6.QtWidgets import QMainWindow, QSplitter, QWidget

from musicassist.settings import Settings
from musicassist.ui.track_list import FIRST_TRACKS_PX

FIRST_SIZE_PX = QSize(1280, 720)
TITLE_PX = 40  # what the desktop puts above a window; nobody tells before it is shown
SPLIT_PX = 4  # between the tracks and the music; dragging it makes room for long names


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
