"""Pins of notes, and what the assistant may compose anew around them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from musicassist.document import edits
from musicassist.document.document import Document
from musicassist.document.edits import EditResult
from musicassist.errors import QT_TRANSLATE_NOOP
from musicassist.score.meant_times import meant_span
from musicassist.score.song import Mask
from musicassist.session.offers import Ask, ask_for


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

    @property
    def are_free(self) -> bool:
        """Whether a selected note of the top line is not pinned, so that it can be composed anew."""
        notes, chosen = self._document.track.notes, self._document.selection
        if not chosen.any():
            return False
        is_top = np.append(notes.start_tick[1:] != notes.start_tick[:-1], True)  # of one tick the highest is the last
        return bool((chosen & is_top & ~notes.pinned).any())

    def ask_anew(self, keep: str) -> Ask:
        """What a press means that composes the selected notes anew, but what is kept of them.

        Args:
            keep: One of ``composing.request.KEEPS``, or empty for nothing.

        Raises:
            SeedError: No notes are selected.
        """
        document = self._document
        span = meant_span(document.track.notes, document.selection, document.song.time_map)
        ask = ask_for("infill", document.song, selected=span, loop=None, playhead_tick=0)
        chosen = document.selection & ~document.track.notes.pinned
        return replace(ask, keep=keep, phrase=document.track.notes.where(chosen))

    def _set(self, mask: Mask, *, are_pinned: bool) -> None:
        document = self._document
        result = edits.pin_notes(document.song, document.selected_track, mask, are_pinned=are_pinned)
        name = QT_TRANSLATE_NOOP("Steps", "Pin notes") if are_pinned else QT_TRANSLATE_NOOP("Steps", "Unpin notes")
        document.apply(name, EditResult(result.song, document.selection))
