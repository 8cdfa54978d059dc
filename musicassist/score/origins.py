"""Where stretches of a track come from: which take was kept there, carried along by what edits do to its notes.

The story itself is told elsewhere; an origin only names it. Origins of one track never overlap.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

MAX_ORIGINS = 2000  # LIMIT: of one track; of more than that the last ones are forgotten


@dataclass(frozen=True, slots=True)
class Origin:
    """One stretch.

    Attributes:
        from_tick, to_tick: Where it lies now; notes that start in it belong to it.
        story: Name of what tells it.
        shift_ticks: How much later it lies than the take did when it was kept; below 0, earlier.
    """

    from_tick: int
    to_tick: int
    story: str
    shift_ticks: int = 0

    @property
    def is_sound(self) -> bool:
        """Whether it is one at all; a file may say anything."""
        return 0 <= self.from_tick < self.to_tick and bool(self.story)


Origins = tuple[Origin, ...]
_Column = NDArray[np.int64]
_Mask = NDArray[np.bool_]


def without_span(origins: Origins, from_tick: int, to_tick: int) -> Origins:
    """What stays of them where [from_tick, to_tick) is cut out."""
    if not any(own.from_tick < to_tick and own.to_tick > from_tick for own in origins):
        return origins
    kept: list[Origin] = []
    for own in origins:
        if own.to_tick <= from_tick or own.from_tick >= to_tick:
            kept.append(own)
            continue
        if own.from_tick < from_tick:
            kept.append(replace(own, to_tick=from_tick))
        if own.to_tick > to_tick:
            kept.append(replace(own, from_tick=to_tick))
    return tuple(kept)


def with_origins(origins: Origins, new: Iterable[Origin]) -> Origins:
    """With others laid over them, in order of time."""
    kept = origins
    for own in new:
        kept = (*without_span(kept, own.from_tick, own.to_tick), own)
    return kept if kept is origins else tuple(sorted(kept, key=lambda own: own.from_tick))[:MAX_ORIGINS]


def apart(origins: Iterable[Origin]) -> Origins:
    """Those that are in order and reach into none before them; a stranger's file may hold others."""
    kept: list[Origin] = []
    for own in origins:
        if not kept or own.from_tick >= kept[-1].to_tick:
            kept.append(own)
    return tuple(kept)


def moved_by(own: Origin, ticks: int) -> Origin:
    """It, later by some ticks; it may lie before the beginning then, as on a clipboard."""
    return Origin(own.from_tick + ticks, own.to_tick + ticks, own.story, own.shift_ticks + ticks)


def shifted(origins: Iterable[Origin], ticks: int) -> Origins:
    """All of them later by some ticks; what would lie before the beginning is cut."""
    moved = (moved_by(own, ticks) for own in origins)
    return tuple(own for own in (replace(own, from_tick=max(0, own.from_tick)) for own in moved) if own.is_sound)


def wholly_in(origins: Origins, start_ticks: _Column, chosen: _Mask) -> Origins:
    """Those whose notes, at least one, are all chosen.

    Args:
        origins: Of a track.
        start_ticks: The starts of its notes, in order.
        chosen: Mask over them.
    """
    if not origins or not chosen.any():
        return ()
    bounds = np.searchsorted(start_ticks, [(own.from_tick, own.to_tick) for own in origins])
    counted = np.concatenate([[0], np.cumsum(chosen)])
    held = counted[bounds[:, 1]] - counted[bounds[:, 0]]
    is_whole = (held > 0) & (held == bounds[:, 1] - bounds[:, 0])
    return tuple(own for own, is_own in zip(origins, is_whole.tolist(), strict=True) if is_own)


def without(origins: Origins, gone: Origins) -> Origins:
    """The others of them."""
    return tuple(own for own in origins if own not in gone) if gone else origins
