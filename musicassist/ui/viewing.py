"""What the View menu does with the panels and colours of the window."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QWidget

from musicassist.ui.desk import Desk
from musicassist.ui.theme import LIGHT, theme_named
from musicassist.ui.track_list import TrackList


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
