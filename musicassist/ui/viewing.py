"""What the View menu does: zoom, what is shown, panels, colours."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QWidget

from musicassist.ui.actions import Actions
from musicassist.ui.desk import Desk
from musicassist.ui.track_list import TrackList


class ViewCommands:
    """Switches keep their state in the action that shows it."""

    def __init__(
        self, desk: Desk, panels: dict[str, QWidget], tracks: TrackList, set_theme_name: Callable[[str], None]
    ) -> None:
        """Knows what can be shown.

        Args:
            desk: The session and the roll.
            panels: What F6 goes through, in order, by name; ``tracks`` and ``takes`` can be folded.
            tracks: The panel of that name.
            set_theme_name: Dresses the window.
        """
        self._desk = desk
        self._tracks = tracks
        self._roll = desk.roll
        self._panels = panels
        self._set_theme_name = set_theme_name
        self._actions: Actions | None = None

    def attach(self, actions: Actions) -> None:
        """Gets the switches; they start as the window starts."""
        self._actions = actions
        for name in ("follow", "snap", "ghosts", "velocity", "tracks_panel"):
            actions.set_checked(f"view.{name}", checked=True)

    def _is_on(self, name: str) -> bool:
        assert self._actions is not None
        return self._actions[f"view.{name}"].isChecked()

    def zoom_in(self) -> None:
        """Fewer bars, larger."""
        self._roll.zoom_in()

    def zoom_out(self) -> None:
        """More bars, smaller."""
        self._roll.zoom_out()

    def zoom_to_selection(self) -> None:
        """Fits the selected notes, or all."""
        self._roll.zoom_to_selection()

    def follow(self) -> None:
        """Turns the page while playing, or not."""
        self._roll.set_follow(enabled=self._is_on("follow"))

    def snap(self) -> None:
        """Edits land on the grid, or not."""
        notes = self._desk.session.notes
        notes.set_grid(replace(notes.grid, is_snapping=self._is_on("snap")))

    def ghosts(self) -> None:
        """Shows the other tracks, or not."""
        self._roll.set_other_tracks_visible(visible=self._is_on("ghosts"))

    def velocity(self) -> None:
        """Shows the velocity lane, or not."""
        self._roll.set_velocity_lane_visible(visible=self._is_on("velocity"))

    def tracks_panel(self) -> None:
        """Shows or folds the track list."""
        self._panels["tracks"].setVisible(self._is_on("tracks_panel"))

    def rename_track(self) -> None:
        """Puts the keyboard into the name of the selected track."""
        self._show_tracks()
        self._tracks.rename_selected()

    def choose_instrument(self) -> None:
        """Opens the instruments of the selected track."""
        self._show_tracks()
        self._tracks.choose_instrument_of_selected()

    def _show_tracks(self) -> None:
        assert self._actions is not None
        self._actions.set_checked("view.tracks_panel", checked=True)
        self._tracks.show()

    def takes_panel(self) -> None:
        """Shows or folds the takes panel."""
        self._panels["takes"].setVisible(self._is_on("takes_panel"))
        if not self._is_on("takes_panel"):
            self._desk.focus_roll()

    def next_panel(self) -> None:
        """Moves the keyboard to the next panel that is shown."""
        shown = [panel for panel in self._panels.values() if panel.isVisible()]
        focus = QApplication.focusWidget()
        inside = [
            i for i, panel in enumerate(shown) if focus is not None and (panel is focus or panel.isAncestorOf(focus))
        ]
        panel = shown[(inside[0] + 1) % len(shown)] if inside else self._roll
        _first_field(panel).setFocus(Qt.FocusReason.ShortcutFocusReason)

    def light(self) -> None:
        """Between dark and light."""
        self._set_theme_name("light" if self._is_on("light") else "dark")


def _first_field(panel: QWidget) -> QWidget:
    """The first widget of a panel that takes the keyboard; the panel itself if it has a proxy or no such child."""
    if panel.focusProxy() is not None:
        return panel
    children = panel.findChildren(QWidget)
    return next((child for child in children if child.isVisible() and child.focusPolicy() and child.isEnabled()), panel)
