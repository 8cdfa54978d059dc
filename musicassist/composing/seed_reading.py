"""What was read of the last seed is kept, so that asking again, or after an edit, reads only what is new.

Nothing of it changes a take: each reader gives, bit for bit, what one gives that has read no seed before.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from musicassist.score.timing import TimeMap
from musicassist.tokens.codec import Melody, Surroundings
from musicassist.tokens.context import MelodyContext
from musicassist.tokens.vocabulary import MAX_COUNTDOWN_BARS, PROFILE_SIZE, STATE_COLUMNS

MIN_LONG_NOTES = 512  # LIMIT: of a longer seed nets read the last notes, so many or up to _WINDOW_NOTES more
_WINDOW_NOTES = 128  # where they begin moves by so many, so that a seed that grows by a note is not read anew
_PART_NOTES = 8  # apart from each other are the places from which can be gone on
_COUNTDOWN = [name for name, _ in STATE_COLUMNS].index("countdown")
IsCancelled = Callable[[], bool]


class ReadingCancelled(Exception):
    """Somebody wants something else; what was read so far is kept."""


def never() -> bool:
    """Of what nobody cancels."""
    return False


def end_of(seed: Melody) -> Melody:
    """What nets read of a seed: all of it, or its last ``MIN_LONG_NOTES`` and some more."""
    return seed.rows(max(0, len(seed) - MIN_LONG_NOTES) // _WINDOW_NOTES * _WINDOW_NOTES, len(seed))


class SeedContexts:
    """Contexts after some of the last seed's beginnings, the more the nearer to its end, where most edits are.

    Used by one thread.

    Args:
        make: The context before the first note.
    """

    def __init__(self, make: Callable[[Surroundings], MelodyContext] = MelodyContext) -> None:
        self._make = make
        self._bars: TimeMap | None = None
        self._notes: NDArray[np.int64] = np.zeros((0, 4), dtype=np.int64)
        self._kept: dict[int, MelodyContext] = {}

    def read(
        self,
        seed: Melody,
        place: Surroundings,
        *,
        on_note: Callable[[int, MelodyContext], None] = lambda _row, _context: None,
        is_cancelled: IsCancelled = never,
    ) -> MelodyContext:
        """The context after a seed. It is kept and must not grow; see ``MelodyContext.continued``.

        Args:
            seed: At least one note.
            place: What it stands in.
            on_note: Told of each row that was read anew, with the context after it, which goes on growing.
            is_cancelled: Asked after every few notes.

        Raises:
            ReadingCancelled: ``is_cancelled`` said so.
        """
        if place.bars != self._bars:  # nothing else of a place is in what a context remembers
            self._bars, self._kept = place.bars, {}
        notes = _rows_of(seed)
        same = equal_rows(notes, self._notes)
        start = max((at for at in self._kept if at <= same), default=0)
        context = self._kept[start] if start else self._make(place)
        self._kept = {at: kept for at, kept in self._kept.items() if at <= start and _is_kept(at, len(notes))}
        if start < len(notes):
            context = context.copy()
        context.place, self._notes = place, notes[:start]
        for at, note in enumerate(notes[start:].tolist(), start + 1):
            if at % _PART_NOTES == 1 and is_cancelled():
                if at > 1:
                    self._kept[at - 1], self._notes = context, notes[: at - 1]
                raise ReadingCancelled
            context.append(*note)
            on_note(at - 1, context)
            if _is_kept(at, len(notes)):
                self._kept[at], self._notes = context.copy() if at < len(notes) else context, notes[:at]
        return context


def _is_kept(at: int, count: int) -> bool:
    """Whether the context after so many of so many notes is kept: the farther from the end, the wider apart.

    Distances are powers of two, so that what is kept stays of use while the seed grows.
    """
    return at == count or at % max(_PART_NOTES, 2 ** ((count - at).bit_length() - 2)) == 0


def _rows_of(seed: Melody) -> NDArray[np.int64]:
    return np.stack([seed.onset_step, seed.pitch, seed.duration_steps, seed.velocity], 1)


class EventNet(Protocol):
    """A net that reads one event after the other. What it knows after some is a past, which is never changed."""

    def beginning(self) -> Any:
        """The past before the first event."""

    def read(self, past: Any, state: NDArray[np.int64], numbers: NDArray[np.float32]) -> Any:
        """The past after some more events, (T, S) and (T, N)."""

    def decoder(self) -> Any:
        """Somebody who composes with it; see ``predictor.Streams``."""


class SeedReader:
    """Reads seeds for one net. Used by one thread.

    A seed is always read in the same parts, whatever of it was read before, so that what is kept changes no take.

    Args:
        net: What reads.
        make: The context before the first note.
    """

    def __init__(self, net: EventNet, make: Callable[[Surroundings], MelodyContext] = MelodyContext) -> None:
        self.net = net
        self._make = make
        self._forget(None)

    def _forget(self, place: Surroundings | None) -> None:
        self._place = place
        self._contexts = SeedContexts(self._make)
        self._states: NDArray[np.int64] = np.zeros((0, len(STATE_COLUMNS)), dtype=np.int64)
        self._profiles: NDArray[np.float32] = np.zeros((0, PROFILE_SIZE), dtype=np.float32)
        self._bars: NDArray[np.int64] = np.zeros(0, dtype=np.int64)
        self._read: NDArray[np.float64] = np.zeros((0, 0))
        self._pasts: dict[int, Any] = {}

    def read(
        self, seed: Melody, place: Surroundings, *, counts_down: bool = True, is_cancelled: IsCancelled = never
    ) -> tuple[MelodyContext, Any]:
        """The context after a seed, and what the net knows then. Both are kept and must not be changed.

        Args:
            seed: At least one note; see :func:`end_of`.
            place: What it stands in.
            counts_down: Whether the net is told how many bars are left; else as if the end were unknown.
            is_cancelled: Asked after every few notes.

        Raises:
            ReadingCancelled: ``is_cancelled`` said so.
        """
        context = self._context(end_of(seed), place, is_cancelled)
        states = self._counted_down(self._states.copy(), place, self._bars)
        if not counts_down:
            states[:, _COUNTDOWN] = 0
        return context, self._past(states, self._profiles, is_cancelled)

    def last_row(self, place: Surroundings) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """The net's input for the last note of the seed that was read last: classes (1, S) and numbers (1, N)."""
        return self._counted_down(self._states[-1:].copy(), place, self._bars[-1:]), self._profiles[-1:]

    def _context(self, seed: Melody, place: Surroundings, is_cancelled: IsCancelled) -> MelodyContext:
        """The context after a seed; the rows of its notes, classes (T, S) and numbers (T, N), are up to date then."""
        # all that they depend on, but for the bars that are left
        known = replace(place, last_bar=None, chord_starts=(), chord_masks=(), chord_basses=())
        if known != self._place:
            self._forget(known)
        self._states, self._profiles = _resized(self._states, len(seed)), _resized(self._profiles, len(seed))

        def on_note(row: int, context: MelodyContext) -> None:
            self._states[row], self._profiles[row] = MelodyContext.state_row(context), context.profile()

        context = self._contexts.read(seed, place, on_note=on_note, is_cancelled=is_cancelled)
        self._bars = np.array(context.bar)
        return context

    def _counted_down(
        self, states: NDArray[np.int64], place: Surroundings, bars: NDArray[np.int64]
    ) -> NDArray[np.int64]:
        """The rows with the bars that are left of a passage; see ``MelodyContext.state_row``."""
        left = 0 if place.last_bar is None else 2 + np.clip(place.last_bar - bars, 0, MAX_COUNTDOWN_BARS)
        states[:, _COUNTDOWN] = left
        return states

    def _past(self, states: NDArray[np.int64], numbers: NDArray[np.float32], is_cancelled: IsCancelled) -> Any:
        rows = np.concatenate([states, numbers], 1)
        same = equal_rows(rows, self._read) if self._pasts else 0
        self._read = rows
        # the past at the end of another seed may lie within a part
        self._pasts = {
            at: past for at, past in self._pasts.items() if at <= same and (at % _PART_NOTES == 0 or at == len(states))
        }
        start = max(self._pasts, default=0)
        past = self._pasts[start] if start else self.net.beginning()
        for at in range(start, len(states), _PART_NOTES):
            if is_cancelled():
                raise ReadingCancelled
            part = slice(at, at + _PART_NOTES)
            past = self.net.read(past, states[part], numbers[part])
            self._pasts[min(at + _PART_NOTES, len(states))] = past
        return past


def _resized(rows: NDArray[Any], count: int) -> NDArray[Any]:
    """The first rows; where there are fewer, with some that are to be filled."""
    return np.concatenate([rows[:count], np.zeros((max(0, count - len(rows)), rows.shape[1]), dtype=rows.dtype)])


def equal_rows(some: NDArray[np.generic], others: NDArray[np.generic]) -> int:
    """How many rows are equal from the first on."""
    count = min(len(some), len(others))
    apart = np.flatnonzero((some[:count] != others[:count]).any(1))
    return int(apart[0]) if len(apart) else count
