"""What stands around the notes that are written: given parts, bar lines, told harmony."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Collection

import numpy as np
from numpy.typing import NDArray

from musicassist.families.ensemble.columns import WINDOW
from musicassist.families.ensemble.stream import NO_LANE, BarGrid, Column, Lane, Stream
from musicassist.families.ensemble.vocabulary import LENGTHS_STEPS, ROLES

Floats = NDArray[np.float32]
_PROFILES = np.array(  # Krumhansl and Kessler 1982
    [
        [6.35, 2.23, 3.48, 2.33, 4.38, 4.09, 2.52, 5.19, 2.39, 3.66, 2.29, 2.88],
        [6.33, 2.68, 3.52, 5.38, 2.60, 3.53, 2.54, 4.75, 3.98, 2.69, 3.34, 3.17],
    ]
)
_KEYS = np.stack(  # (12, 24) what each pitch class speaks for
    [np.roll(profile - profile.mean(), tonic) / profile.std() for profile in _PROFILES for tonic in range(12)], 1
)


class Given:
    """The given parts, the bar lines and the harmony that is told: what does not change while music is written."""

    def __init__(
        self, notes: Stream, bars: BarGrid, lane: Lane = NO_LANE, roles: Collection[int] | None = None
    ) -> None:
        """Takes the notes, bars and harmony; ``roles`` are those that are not written, if other notes are given too."""
        self.notes, self._bars, self._lane = notes, bars, lane
        self.onset: list[int] = notes.onset_step.tolist()
        self.starts: list[int] = sorted(set(self.onset))
        self._pitch: list[int] = notes.pitch.tolist()
        self._end: list[int] = notes.end_step.tolist()
        self._sums = sums_of(notes)
        found = sorted(set(notes.role.tolist()))
        self.roles = found if roles is None else [role for role in found if role in roles]
        self._of_role = {role: notes.of_roles([role]) for role in self.roles}
        self._columns = {r: (own.onset_step.tolist(), own.end_step.tolist()) for r, own in self._of_role.items()}
        firsts = [bisect_left(self.onset, start) for start in self.starts]
        self._groups = [self._pitch[at:end] for at, end in zip(firsts, [*firsts[1:], len(self.onset)], strict=False)]
        self._lane_starts: list[int] = lane.start_step.tolist()
        self._lane_masks: list[int] = lane.mask.tolist()
        self._rows: list[tuple[int, int, int]] = list(
            zip(bars.start_step.tolist(), bars.bar_steps.tolist(), bars.first_bar.tolist(), strict=True)
        )
        self.bars_key = tuple(self._rows)  # equal for equal bars
        self._row_starts = [row[0] for row in self._rows]

    def bar_at(self, step: int) -> tuple[int, int, int]:
        """The place in the bar, its length in steps, and its number."""
        start, bar_steps, first = self._rows[max(bisect_right(self._row_starts, step) - 1, 0)]
        return (step - start) % bar_steps, bar_steps, first + (step - start) // bar_steps

    def sounding(self, step: int) -> tuple[int, int, int]:
        """The mask of pitch classes, the lowest and the highest pitch; -1 for none."""
        return sounding_of(self._pitch, self._end, bisect_right(self.onset, step), step)

    def weights(self, from_step: int, to_step: int) -> NDArray[np.float64]:
        """(12,) of the notes that begin behind ``from_step`` and not behind ``to_step``."""
        upto = bisect_right(self.onset, to_step)
        return np.asarray(self._sums[upto] - self._sums[min(bisect_right(self.onset, from_step), upto)])

    def starting(self, step: int) -> int:
        """The mask of pitch classes that begin there."""
        at = bisect_left(self.starts, step)
        return mask_of(self._groups[at]) if at < len(self.starts) and self.starts[at] == step else 0

    def next_pitches(self, step: int, bar_steps: int) -> tuple[int, int]:
        """The lowest and the highest pitch of the next onset within a bar; -1 for none."""
        at = bisect_right(self.starts, step)
        if at < len(self.starts) and self.starts[at] <= step + bar_steps:
            return min(self._groups[at]), max(self._groups[at])
        return -1, -1

    def lane(self, step: int, bar_steps: int) -> tuple[int, int]:
        """The chord that is told for now, and the next one within a bar, as masks."""
        row = bisect_right(self._lane_starts, step) - 1
        is_near = row + 1 < len(self._lane_starts) and self._lane_starts[row + 1] <= step + bar_steps
        return self._lane_masks[row] if row >= 0 else 0, self._lane_masks[row + 1] if is_near else 0

    def states(self, step: int) -> tuple[Floats, Floats]:
        """(ROLES,) whether a given part begins a note there, and whether one sounds on."""
        begins, sounds = np.zeros(ROLES, np.float32), np.zeros(ROLES, np.float32)
        for role, (onset, end) in self._columns.items():
            row = bisect_right(onset, step) - 1
            if row >= 0:
                begins[role] = onset[row] == step
                sounds[role] = onset[row] < step < end[row]
        return begins, sounds


def sums_of(notes: Stream) -> NDArray[np.float64]:
    """(N + 1, 12) lengths of the pitch classes of all notes before each."""
    weight = np.zeros((len(notes) + 1, 12))
    weight[np.arange(1, len(notes) + 1), notes.pitch % 12] = np.minimum(LENGTHS_STEPS[notes.length], 48)
    return np.cumsum(weight, axis=0)


def sounding_of(pitch: list[int], end: list[int], before: int, step: int) -> tuple[int, int, int]:
    """The mask of pitch classes, the lowest and the highest pitch of what sounds there; -1 for none."""
    sounds = [pitch[at] for at in range(max(0, before - WINDOW), before) if end[at] > step]
    return (mask_of(sounds), min(sounds), max(sounds)) if sounds else (0, -1, -1)


def mask_of(pitches: Collection[int]) -> int:
    """The pitch classes of some pitches."""
    mask = 0
    for pitch in pitches:
        mask |= 1 << (pitch % 12)
    return mask


_BITS = ((np.arange(4096)[:, None] >> np.arange(12)) & 1).astype(np.float32)


def bits_of_mask(mask: int) -> Floats:
    """(12,) of a mask."""
    return np.asarray(_BITS[mask])


def home_of(weights: NDArray[np.float64]) -> tuple[Column, Column]:
    """The tonic and whether it is minor that (N, 12) weights speak for; C major for nothing."""
    best = (weights @ _KEYS).argmax(1)
    return best % 12, best // 12
