"""What was read of the last seed is kept, so that asking again, or after an edit, reads only what is new."""

from __future__ import annotations

from dataclasses import replace
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from musicassist.tokens.codec import Melody, Surroundings
from musicassist.tokens.context import MelodyContext
from musicassist.tokens.vocabulary import MAX_COUNTDOWN_BARS, PROFILE_SIZE, STATE_COLUMNS

MAX_SEED_NOTES = 512  # LIMIT: of a longer seed only the last notes are read
_PAST_NOTES = 8  # apart from each other are the places from which a net can go on
_CONTEXT_NOTES = 64  # the same of contexts, which are larger; near the end, where most edits are, they lie as close
_COUNTDOWN = [name for name, _ in STATE_COLUMNS].index("countdown")


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
    """

    def __init__(self, net: EventNet) -> None:
        self.net = net
        self._forget(None)

    def _forget(self, place: Surroundings | None) -> None:
        self._place = place
        self._notes = np.zeros((0, 4), dtype=np.int64)
        self._states: NDArray[np.int64] = np.zeros((0, len(STATE_COLUMNS)), dtype=np.int64)
        self._profiles: NDArray[np.float32] = np.zeros((0, PROFILE_SIZE), dtype=np.float32)
        self._bars: NDArray[np.int64] = np.zeros(0, dtype=np.int64)
        self._read: NDArray[np.float64] = np.zeros((0, 0))
        self._contexts: dict[int, MelodyContext] = {}
        self._pasts: dict[int, Any] = {}

    def read(self, seed: Melody, place: Surroundings, *, counts_down: bool = True) -> tuple[MelodyContext, Any]:
        """The context after a seed, and what the net knows then.

        Args:
            seed: At least one note.
            place: What it stands in.
            counts_down: Whether the net is told how many bars are left; else as if the end were unknown.
        """
        # all that the rows of a seed depend on, but for the bars that are left
        known = replace(place, last_bar=None, chord_starts=(), chord_masks=())
        if known != self._place:
            self._forget(known)
        context, states, profiles = self._rows(seed, place)
        if not counts_down:
            states[:, _COUNTDOWN] = 0
        return context, self._past(states, profiles)

    def last_row(self, place: Surroundings) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
        """The net's input for the last note of the seed that was read last: classes (1, S) and numbers (1, N)."""
        return self._counted_down(self._states[-1:].copy(), place, self._bars[-1:]), self._profiles[-1:]

    def _rows(self, seed: Melody, place: Surroundings) -> tuple[MelodyContext, NDArray[np.int64], NDArray[np.float32]]:
        """The context after a seed with the net's input for each of its notes: classes (T, S) and numbers (T, N)."""
        notes = np.stack([seed.onset_step, seed.pitch, seed.duration_steps, seed.velocity], 1)[-MAX_SEED_NOTES:]
        same = _equal_rows(notes, self._notes)
        start = max((at for at in self._contexts if at <= same), default=0)
        context = self._contexts[start].copy() if start else MelodyContext(place)
        context.place = place
        states: list[list[int]] = []
        profiles: list[list[float]] = []
        self._contexts = {at: kept for at, kept in self._contexts.items() if at <= start}
        for at, note in enumerate(notes[start:].tolist(), start + 1):
            context.append(*note)
            states.append(context.state_row())
            profiles.append(context.profile())
            is_near_end = at > len(notes) - _CONTEXT_NOTES
            if at % (_PAST_NOTES if is_near_end else _CONTEXT_NOTES) == 0 or at == len(notes):
                self._contexts[at] = context.copy()
        self._notes, self._bars = notes, np.array(context.bar)
        if states:
            self._states = np.concatenate([self._states[:start], np.array(states, dtype=np.int64)])
            self._profiles = np.concatenate([self._profiles[:start], np.array(profiles, dtype=np.float32)])
        else:
            self._states, self._profiles = self._states[:start], self._profiles[:start]
        return context, self._counted_down(self._states.copy(), place, self._bars), self._profiles

    def _counted_down(
        self, states: NDArray[np.int64], place: Surroundings, bars: NDArray[np.int64]
    ) -> NDArray[np.int64]:
        """The rows with the bars that are left of a passage; see ``MelodyContext.state_row``."""
        left = 0 if place.last_bar is None else 2 + np.clip(place.last_bar - bars, 0, MAX_COUNTDOWN_BARS)
        states[:, _COUNTDOWN] = left
        return states

    def _past(self, states: NDArray[np.int64], profiles: NDArray[np.float32]) -> Any:
        same = _equal_rows(np.concatenate([states, profiles], 1), self._read) if self._pasts else 0
        self._read = np.concatenate([states, profiles], 1)
        # the past at the end of another seed may lie within a part
        self._pasts = {
            at: past for at, past in self._pasts.items() if at <= same and (at % _PAST_NOTES == 0 or at == len(states))
        }
        start = max(self._pasts, default=0)
        past = self._pasts[start] if start else self.net.beginning()
        for at in range(start, len(states), _PAST_NOTES):
            part = slice(at, at + _PAST_NOTES)
            past = self.net.read(past, states[part], profiles[part])
            self._pasts[min(at + _PAST_NOTES, len(states))] = past
        return past


def _equal_rows(some: NDArray[np.generic], others: NDArray[np.generic]) -> int:
    """How many rows are equal from the first on."""
    count = min(len(some), len(others))
    apart = np.flatnonzero((some[:count] != others[:count]).any(1))
    return int(apart[0]) if len(apart) else count
