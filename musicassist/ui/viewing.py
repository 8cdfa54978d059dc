"""How the window opens and what it shows: its place and size, its first frame, its panels and colours."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from PySide6.QtCore import QByteArray, QEvent, QObject, QSize, Qt, QTimer
from PySide6.QtWidgets import QApplication, QMainWindow, QSplitter, QWidget

from musicassist.settings import Settings
from musicassist.ui.desk import Desk
from musicassist.ui.theme import LIGHT, theme_named
from musicassist.ui.track_list import FIRST_TRACKS_PX, TrackList

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


LIMIT_MS = 1_000


class FirstFrame(QObject):
    """Calls ``then`` once when a widget has been painted, or after a second where nobody paints it."""

    def __init__(self, widget: QWidget, then: Callable[[], None]) -> None:
        super().__init__(widget)
        self._widget = widget
        self._then: Callable[[], None] | None = then
        self._limit = QTimer(self, singleShot=True, interval=LIMIT_MS)
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


class Viewing:
    """The panels, and the way of the keyboard through them."""

    def __init__(
        self, desk: Desk, tracks: TrackList, panels: Mapping[str, QWidget], set_theme_name: Callable[[str], None]
    ) -> None:
        """Remembers what can be shown.

        Args:
            desk: The session and the roll.
            tracks: The track list.
            panels: What F6 goes through, in order, by name.
            set_theme_name: Dresses the window ``dark`` or ``light``.
        """
        self.tracks = tracks
        self._desk = desk
        self._panels = panels
        self._set_theme_name = set_theme_name

    @property
    def is_light(self) -> bool:
        """Whether the window has light colours."""
        return theme_named(self._desk.preferences.now.theme) is LIGHT

    def toggle_light(self) -> None:
        """Changes between dark and light colours."""
        self._set_theme_name("dark" if self.is_light else "light")

    def rename_track(self) -> None:
        """Puts the keyboard into the name of the selected track."""
        self.tracks.show()
        self.tracks.rename_selected()

    def choose_instrument(self) -> None:
        """Opens the instruments of the selected track."""
        self.tracks.show()
        self.tracks.choose_instrument_of_selected()

    def next_panel(self) -> None:
        """Moves the keyboard to the next panel that is shown."""
        shown = [panel for panel in self._panels.values() if panel.isVisible()]
        focus = QApplication.focusWidget()
        inside = [
            i for i, panel in enumerate(shown) if focus is not None and (panel is focus or panel.isAncestorOf(focus))
        ]
        panel = shown[(inside[0] + 1) % len(shown)] if inside else self._desk.roll
        _first_field(panel).setFocus(Qt.FocusReason.ShortcutFocusReason)


def _first_field(panel: QWidget) -> QWidget:
    """The first widget of a panel that takes the keyboard; the panel itself if it has a proxy or no such child."""
    if panel.focusProxy() is not None:
        return panel
    children = panel.findChildren(QWidget)
    return next((child for child in children if child.isVisible() and child.focusPolicy() and child.isEnabled()), panel)
