"""Undo: named steps between immutable songs, and how many bytes they hold."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from operator import attrgetter

from musicassist.score.song import NOTE_COLUMNS, Mask, Song

MAX_UNDO_BYTES = 512 * 2**20  # LIMIT note columns held for undo; the oldest steps go first
MAX_KEPT_STEPS = 200  # LIMIT: of each list, that a file holds; so many are read in a fraction of a second
MAX_KEPT_BYTES = 48 * 2**20  # LIMIT: of their columns, once read
_NOTES = attrgetter("notes")


@dataclass(frozen=True, eq=False)
class State:
    """Everything that undo brings back.

    Attributes:
        song: The music.
        selected_track: Index of the track that is edited.
        selection: Mask over the rows of that track.
    """

    song: Song
    selected_track: int
    selection: Mask


@dataclass(frozen=True, eq=False)
class Step:
    """One entry of the undo list.

    Attributes:
        name: What was done, as shown after "Undo".
        before, after: The states around it.
        merge_key: Steps that follow each other with one key that is not None are one step.
        own_bytes: Size of the columns that ``after`` does not share with ``before``.
    """

    name: str
    before: State
    after: State
    merge_key: Hashable | None
    own_bytes: int


@dataclass(frozen=True, eq=False)
class Undo:
    """The undo list as a value, as a file keeps it.

    Attributes:
        done, undone: The steps, the last one last.
    """

    done: tuple[Step, ...] = ()
    undone: tuple[Step, ...] = ()

    def is_like(self, other: Undo) -> bool:
        """Whether they are the very same steps."""
        return self.done == other.done and self.undone == other.undone  # steps are compared by identity


NO_UNDO = Undo()


class History:
    """Undo: named steps between immutable songs, which share what they have in common, so depth costs little.

    Attributes:
        done, undone: The steps, the last one last.
    """

    def __init__(self, undo: Undo = NO_UNDO, *, max_bytes: int = MAX_UNDO_BYTES) -> None:
        self._max_bytes = max_bytes
        self.done: list[Step] = list(undo.done)
        self.undone: list[Step] = list(undo.undone)
        self._is_open = False
        self._held_bytes = sum(step.own_bytes for step in self.done)

    def kept(self) -> Undo:
        """The steps that a file keeps, those that are nearest."""
        return Undo(_nearest(self.done), _nearest(self.undone))

    def push(self, name: str, before: State, after: State, *, merge_key: Hashable | None = None) -> None:
        """Adds a step and forgets the undone ones."""
        self.undone.clear()
        base = self.merge_base(merge_key)
        if base is not None:
            self.drop_last()
            before = base
        step = Step(name, before, after, merge_key, own_bytes(before.song, after.song))
        self.done.append(step)
        self._held_bytes += step.own_bytes
        self._is_open = True
        self._forget_oldest()

    def merge_base(self, merge_key: Hashable | None) -> State | None:
        """The state before the last step if a step with this key would merge with it."""
        is_same = self._is_open and bool(self.done) and merge_key is not None and self.done[-1].merge_key == merge_key
        return self.done[-1].before if is_same else None

    def close_step(self) -> None:
        """Nothing merges with the last step from now on."""
        self._is_open = False

    def undo(self) -> State | None:
        """Takes the last step back and returns the state before it; None if there is none."""
        if not self.done:
            return None
        self.undone.append(self.done[-1])
        self.drop_last()
        return self.undone[-1].before

    def redo(self) -> State | None:
        """Does the step that was undone last again and returns the state after it; None if there is none."""
        if not self.undone:
            return None
        self.done.append(self.undone.pop())
        self._held_bytes += self.done[-1].own_bytes
        self._is_open = False
        return self.done[-1].after

    def drop_last(self) -> None:
        """Forgets the last step: a drag came back to where it began."""
        self._held_bytes -= self.done.pop().own_bytes
        self._is_open = False

    def _forget_oldest(self) -> None:
        while self._held_bytes > self._max_bytes and len(self.done) > 1:
            self._held_bytes -= self.done.pop(0).own_bytes


def _nearest(steps: list[Step]) -> tuple[Step, ...]:
    first, held_bytes = len(steps), 0
    while first and len(steps) - first < MAX_KEPT_STEPS:
        held_bytes += steps[first - 1].own_bytes
        if held_bytes > MAX_KEPT_BYTES:
            break
        first -= 1
    return tuple(steps[first:])


def own_bytes(before: Song, after: Song) -> int:
    """Size of the columns of ``after`` that are not the very ones of ``before``; notes that both have cost no look."""
    kept = set(map(id, map(_NOTES, before.tracks)))
    new = [track.notes for track in after.tracks if id(track.notes) not in kept]
    staying = set(map(id, map(_NOTES, after.tracks)))
    old = [track.notes for track in before.tracks if id(track.notes) not in staying]
    shared = {id(getattr(notes, name)) for notes in old for name in NOTE_COLUMNS}
    columns = (getattr(notes, name) for notes in new for name in NOTE_COLUMNS)
    return sum(c.nbytes for c in columns if id(c) not in shared and c.strides != (0,))  # those of no pins cost nothing
