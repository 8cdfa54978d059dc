"""Pins of notes, and what the assistant may compose anew around them."""

from __future__ import annotations

import numpy as np

from musicassist.document import edits
from musicassist.document.document import Document
from musicassist.document.edits import EditResult
from musicassist.errors import QT_TRANSLATE_NOOP
from musicassist.score.song import Mask


class Pins:
    """Pins of the notes of the selected track. Main thread only."""

    def __init__(self, document: Document) -> None:
        self._document = document

    @property
    def are_set(self) -> bool:
        """Whether some notes are selected and all of them are pinned."""
        chosen = self._document.selection
        return bool(chosen.any()) and bool(self._document.track.notes.pinned[chosen].all())

    @property
    def has_any(self) -> bool:
        """Whether any note of the track is pinned."""
        return bool(self._document.song.tracks) and self._document.track.notes.has_pins

    def toggle(self) -> None:
        """Pins the selected notes, so that the assistant leaves them as they are; unpins them where all are pinned."""
        self._set(self._document.selection, are_pinned=not self.are_set)

    def take_all_away(self) -> None:
        """Unpins all notes of the track."""
        self._set(np.ones(len(self._document.track.notes), dtype=np.bool_), are_pinned=False)

    def _set(self, mask: Mask, *, are_pinned: bool) -> None:
        document = self._document
        result = edits.pin_notes(document.song, document.selected_track, mask, are_pinned=are_pinned)
        name = QT_TRANSLATE_NOOP("Steps", "Pin notes") if are_pinned else QT_TRANSLATE_NOOP("Steps", "Unpin notes")
        document.apply(name, EditResult(result.song, document.selection))
