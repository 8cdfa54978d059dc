"""Fitting the song to a picture, as a user does it: asked first, and then one step of undo."""

from __future__ import annotations

from musicassist.document import song_edits
from musicassist.document.document import Document
from musicassist.errors import QT_TRANSLATE_NOOP
from musicassist.score.hit_points import Fit, HitPoints, bars_of, fitted


class PictureCommands:
    """Commands on bars and tempo for the points of a picture. Main thread only."""

    def __init__(self, document: Document) -> None:
        self._document = document

    @property
    def own_bars(self) -> int:
        """How many bars the song has."""
        return bars_of(self._document.song)

    @property
    def end_seconds(self) -> float:
        """When its last bar ends now."""
        time_map = self._document.song.time_map
        return time_map.tick_to_seconds(time_map.bar_start_tick(self.own_bars))

    def fit(self, points: HitPoints) -> Fit:
        """What would meet the points; nothing is changed.

        Raises:
            ConstraintError: They cannot be met, and why.
        """
        return fitted(self._document.song.time_map, self.own_bars, points)

    def apply(self, fit: Fit) -> None:
        """Takes the tempos and the number of bars of a fit."""
        self._document.apply(
            QT_TRANSLATE_NOOP("Steps", "Fit to picture"), song_edits.fit_to_picture(self._document.song, fit)
        )
