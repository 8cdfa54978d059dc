"""Drawing velocities: a stroke over the lane sets the notes under it, Ctrl draws a straight line. No Qt."""

from __future__ import annotations

import numpy as np

from musicassist.document.edits import EditResult, set_velocity
from musicassist.ui.piano_roll.gestures import Base, Outcome

REACH_PX = 4.0


class VelocityStroke:
    """One press, drag and release in the velocity lane; a selection limits what it changes."""

    name = "Draw velocities"

    def __init__(self, base: Base, tick: float, velocity: float, pixels_per_tick: float) -> None:
        self._base = base
        self._first = self._last = (tick, velocity)
        self._reach_ticks = REACH_PX / pixels_per_tick
        self._velocity = base.notes.velocity.copy()
        self._changed = np.zeros(len(base.notes), dtype=np.bool_)
        self._allowed = base.selection if base.selection.any() else np.ones(len(base.notes), dtype=np.bool_)

    def move(self, tick: float, velocity: float, *, is_straight: bool = False) -> Outcome:
        """The song with the stroke so far; ``velocity`` may lie outside 1..127 and is limited."""
        if is_straight:
            self._velocity = self._base.notes.velocity.copy()
            self._changed[:] = False
        from_tick, from_velocity = self._first if is_straight else self._last
        start = self._base.notes.start_tick
        low, high = min(from_tick, tick) - self._reach_ticks, max(from_tick, tick) + self._reach_ticks
        rows = np.flatnonzero((start >= low) & (start <= high) & self._allowed)
        self._velocity[rows] = np.clip(
            np.rint(self._line(from_tick, from_velocity, tick, velocity, start[rows])), 1, 127
        )
        self._changed[rows] = True
        self._last = (tick, velocity)
        return self._outcome()

    def _line(self, from_tick: float, from_velocity: float, tick: float, velocity: float, at: np.ndarray) -> np.ndarray:
        if from_tick == tick:
            return np.full(len(at), velocity)
        ends = sorted(((from_tick, from_velocity), (tick, velocity)))
        return np.interp(at, [ends[0][0], ends[1][0]], [ends[0][1], ends[1][1]])

    def _outcome(self) -> Outcome:
        if not self._changed.any():
            return Outcome()
        base = self._base
        edit = set_velocity(base.song, base.track_index, self._changed, self._velocity[self._changed])
        return Outcome(EditResult(edit.song, base.selection))
