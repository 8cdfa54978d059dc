"""New notes beside pinned ones, which stay as they are."""

from __future__ import annotations

import numpy as np

from musicassist.score.song import Mask, Notes


def beside_pins(new: Notes, pinned: Notes) -> Notes:
    """Those of the new notes that can stand beside pinned ones: no two of a pitch sound at once."""
    return new.where(~sounding_with(new, pinned)) if len(pinned) else new


def sounding_with(notes: Notes, others: Notes) -> Mask:
    """Mask of the notes during which another of their pitch sounds."""
    clashes = np.zeros(len(notes), dtype=np.bool_)
    for pitch in np.unique(others.pitch).tolist():
        rows, own = np.flatnonzero(notes.pitch == pitch), others.where(others.pitch == pitch)
        reach = np.maximum.accumulate(own.end_tick)
        last = np.searchsorted(own.start_tick, notes.end_tick[rows]) - 1  # of those that begin before it ends
        clashes[rows] = (last >= 0) & (reach[np.maximum(last, 0)] > notes.start_tick[rows])
    return clashes


def with_pins(new: Notes, pinned: Notes) -> Notes:
    """New notes and the pinned ones."""
    return beside_pins(new, pinned).plus(pinned) if len(pinned) else new
