"""Entries as bytes: what became of the entry before.

Songs go by number: 0 is a song without anything, then come those of the entry before (the work, and both sides of each
step of its undo list, each once), then the new ones of this entry, each as what became of one with a smaller number.
The bytes are the length of a page of JSON, the page, and what it speaks of: songs, selections, texts, notes, one behind
the other. Nothing in them can run code.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from types import MappingProxyType
from typing import Annotated

import numpy as np
from msgspec import Meta

from musicassist.document.entry import Entry
from musicassist.document.history import MAX_KEPT_STEPS, State, Step, Undo, own_bytes
from musicassist.document.pages import MAX_NAME_LETTERS, MAX_OF_A_PAGE, MAX_PAGES, MAX_TEXT_LETTERS, Page, Pages
from musicassist.score.song import Mask, Song
from musicassist.score.song_bytes import MAX_TRACKS, notes_of, pack_changes, pack_notes, with_changes
from musicassist.values import plain_of, value_of

MAX_TIME = 1e11  # LIMIT: in seconds since 1970; some thousand years
_NUMBER_BYTES = 4
_NOTHING = Song()
_SPARSE, _BITS = 0, 1  # a selection as the numbers of its rows, or as a bit for each row
_Count = Annotated[int, Meta(ge=0, lt=2**31)]
_Name = Annotated[str, Meta(max_length=MAX_NAME_LETTERS)]

# What stands on the page of JSON. Lengths are in bytes, songs and steps are numbers.


@dataclass(frozen=True)
class _StoredSong:
    base: _Count
    length: _Count


@dataclass(frozen=True)
class _StoredState:
    song: _Count
    track: Annotated[int, Meta(ge=0, le=MAX_TRACKS)]
    rows: _Count  # of the track
    kind: Annotated[int, Meta(ge=_SPARSE, le=_BITS)]
    length: _Count


@dataclass(frozen=True)
class _StoredStep:
    name: _Name
    before: _StoredState
    after: _StoredState


@dataclass(frozen=True)
class _StoredSteps:
    """Steps from ``first`` to before ``last`` of the list as it was; then others, known ones by number."""

    first: _Count
    last: _Count
    then: Annotated[tuple[int | _StoredStep, ...], Meta(max_length=MAX_KEPT_STEPS)]


@dataclass(frozen=True)
class _StoredPage:
    name: Annotated[str, Meta(min_length=1, max_length=MAX_NAME_LETTERS)]
    length: Annotated[int, Meta(ge=0, le=4 * MAX_TEXT_LETTERS)] | None  # of its text; None for a page that is gone
    notes: Annotated[tuple[_Count, ...], Meta(max_length=MAX_OF_A_PAGE)]
    songs: Annotated[tuple[_Count, ...], Meta(max_length=MAX_OF_A_PAGE)]


@dataclass(frozen=True)
class _Stored:
    """Paths are absolute."""

    at: Annotated[float, Meta(ge=0, lt=MAX_TIME)]
    path: Path | None
    unsaved: bool
    incomplete: bool
    mark: str | None
    whole: bool
    songs: tuple[_StoredSong, ...]
    state: _StoredState
    done: _StoredSteps | None  # None where nothing became of them
    undone: _StoredSteps | None
    pages: Annotated[tuple[_StoredPage, ...], Meta(max_length=2 * MAX_PAGES)]

    def __post_init__(self) -> None:
        if self.path is not None and not self.path.is_absolute():
            raise ValueError("no path")


def _known_songs(entry: Entry | None) -> list[Song]:
    """By number, what an entry that follows may refer to."""
    songs = [_NOTHING]
    if entry is not None:
        songs.append(entry.song)
        for step in chain(entry.undo.done, entry.undo.undone):
            songs += (step.before.song, step.after.song)
    return list({id(song): song for song in songs}.values())


# Packing.


def pack_entry(entry: Entry, before: Entry | None) -> bytes:
    """The entry as what became of the one before; None for a whole one. Any thread."""
    return _Packing(before).bytes_of(entry)


class _Packing:
    def __init__(self, before: Entry | None) -> None:
        self._before = before
        known = _known_songs(before)
        self._numbers = {id(song): number for number, song in enumerate(known)}
        self._count = len(known)
        self._songs: list[_StoredSong] = []
        self._of_songs: list[bytes] = []
        self._raw: list[bytes] = []

    def bytes_of(self, entry: Entry) -> bytes:
        old = self._before or Entry(_NOTHING, None, 0)
        self._number(entry.song, old.song)
        state = self._state(entry.song, entry.selected_track, entry.selection)
        steps = {id(step): row for row, step in enumerate(chain(old.undo.done, old.undo.undone))}
        done = self._steps(old.undo.done, entry.undo.done, steps, entry.song, is_done=True)
        undone = self._steps(old.undo.undone, entry.undo.undone, steps, entry.song, is_done=False)
        pages = self._pages(old.pages, entry)
        path = entry.path.absolute() if entry.path is not None else None
        known = entry.is_unsaved, entry.is_incomplete, entry.file_mark, self._before is None
        page = _Stored(entry.at_unix_seconds, path, *known, tuple(self._songs), state, done, undone, pages)
        text = json.dumps(plain_of(page), separators=(",", ":")).encode()
        return b"".join([len(text).to_bytes(_NUMBER_BYTES, "little"), text, *self._of_songs, *self._raw])

    def _number(self, song: Song, *likely: Song) -> int:
        """The song's number; a new one is packed as what became of the likely one that shares the most with it."""
        known = self._numbers.get(id(song))
        if known is not None:
            return known
        base = max(likely, key=lambda other: _shared(song, other)) if len(likely) > 1 else likely[0]
        changes = pack_changes(base if id(base) in self._numbers else _NOTHING, song)
        self._songs.append(_StoredSong(self._numbers.get(id(base), 0), len(changes)))
        self._of_songs.append(changes)
        number = self._numbers[id(song)] = self._count
        self._count += 1
        return number

    def _state(self, song: Song, track: int, selection: Mask | None) -> _StoredState:
        count = song.tracks[track].note_count if track < len(song.tracks) else 0
        if selection is None or len(selection) != count:  # of another track, which nobody could read
            selection = np.zeros(count, dtype=np.bool_)
        rows = np.flatnonzero(selection)
        kind = _SPARSE if 32 * len(rows) <= count else _BITS
        data = rows.astype("<u4").tobytes() if kind == _SPARSE else np.packbits(selection).tobytes()
        self._raw.append(data)
        return _StoredState(self._numbers[id(song)], track, count, kind, len(data))

    def _steps(
        self, old: tuple[Step, ...], new: tuple[Step, ...], known: dict[int, int], song: Song, *, is_done: bool
    ) -> _StoredSteps | None:
        if old == new:  # by identity
            return None
        first = last = old.index(new[0]) if new and new[0] in old else 0
        while last < len(old) and last - first < len(new) and old[last] is new[last - first]:
            last += 1
        others = new[last - first :]
        self._number_songs_of([step for step in others if id(step) not in known], song, is_done=is_done)
        then = tuple(known[id(step)] if id(step) in known else self._step(step) for step in others)
        return _StoredSteps(first, last, then)

    def _number_songs_of(self, steps: Iterable[Step], song: Song, *, is_done: bool) -> None:
        """From the nearest to the furthest: each side of a step shares the most with the one that is nearer."""
        for step in reversed(list(steps)):
            near, far = (step.after.song, step.before.song) if is_done else (step.before.song, step.after.song)
            self._number(near, song)
            self._number(far, near)
            song = far

    def _step(self, step: Step) -> _StoredStep:
        before, after = (
            self._state(state.song, state.selected_track, state.selection) for state in (step.before, step.after)
        )
        return _StoredStep(step.name[:MAX_NAME_LETTERS], before, after)

    def _pages(self, old: Pages, entry: Entry) -> tuple[_StoredPage, ...]:
        if entry.pages is old:
            return ()
        gone = tuple(_StoredPage(name, None, (), ()) for name in old if name not in entry.pages)
        return gone + tuple(
            self._page(name, page, entry.song) for name, page in entry.pages.items() if old.get(name) is not page
        )

    def _page(self, name: str, page: Page, near: Song) -> _StoredPage:
        songs: list[int] = []
        for song in page.songs:
            songs.append(self._number(song, near, *page.songs[: len(songs)][-1:]))
        self._raw.append(page.text.encode("utf-8", "surrogatepass"))
        length, notes = len(self._raw[-1]), [pack_notes(notes) for notes in page.notes]
        self._raw += notes
        return _StoredPage(name, length, tuple(map(len, notes)), tuple(songs))


def _shared(a: Song, b: Song) -> int:
    """How many notes lie in tracks that both have."""
    own = {id(track) for track in b.tracks}
    return sum(track.note_count for track in a.tracks if id(track) in own)


# Unpacking.


def unpack_entry(data: bytes, before: Entry | None) -> Entry:
    """The reverse. Songs and notes may still hold what the program cannot live with, see ``sound_entry``. Any thread.

    Raises:
        ValueError: The data are damaged or made up.
    """
    try:
        length = int.from_bytes(data[:_NUMBER_BYTES], "little")
        stored = value_of(_Stored, json.loads(data[_NUMBER_BYTES : _NUMBER_BYTES + length]))
        if not stored.whole and before is None:
            raise ValueError("the first entry is not whole")
        return _Unpacking(data[_NUMBER_BYTES + length :], None if stored.whole else before).entry_of(stored)
    except (TypeError, IndexError, RecursionError) as error:
        raise ValueError("no entry") from error


class _Unpacking:
    def __init__(self, raw: bytes, before: Entry | None) -> None:
        self._raw, self._at = raw, 0
        self._before = before
        self._songs = _known_songs(before)

    def entry_of(self, stored: _Stored) -> Entry:
        old = self._before or Entry(_NOTHING, None, 0)
        for packed in stored.songs:
            self._songs.append(with_changes(self._songs[packed.base], self._take(packed.length)))
        state = self._state(stored.state)
        done = self._steps(stored.done, old.undo.done, old.undo)
        undone = self._steps(stored.undone, old.undo.undone, old.undo)
        pages = self._pages(stored.pages, old.pages)
        known = stored.unsaved, stored.incomplete, stored.mark, stored.at
        selection = state.selection if len(state.selection) else None
        undo = Undo(done, undone)
        return Entry(state.song, stored.path, state.selected_track, *known, selection, undo, pages)

    def _take(self, length: int) -> bytes:
        taken = self._raw[self._at : self._at + length]
        if len(taken) != length:
            raise ValueError("cut off")
        self._at += length
        return taken

    def _state(self, stored: _StoredState) -> State:
        song, data = self._songs[stored.song], self._take(stored.length)
        count = song.tracks[stored.track].note_count if stored.track < len(song.tracks) else 0
        if stored.rows != count:
            raise ValueError("a selection of other rows")
        return State(song, stored.track, _selection(stored, data))

    def _steps(self, stored: _StoredSteps | None, old: tuple[Step, ...], undo: Undo) -> tuple[Step, ...]:
        if stored is None:
            return old
        if not stored.first <= stored.last <= len(old):
            raise ValueError("steps that are not there")
        known = undo.done + undo.undone
        then = []
        for item in stored.then:
            if isinstance(item, int):
                if not 0 <= item < len(known):
                    raise ValueError("a step that is not there")
                then.append(known[item])
            else:
                states = self._state(item.before), self._state(item.after)
                if any(state.selected_track >= len(state.song.tracks) for state in states):
                    raise ValueError("a track that is not there")
                then.append(Step(item.name, *states, None, own_bytes(states[0].song, states[1].song)))
        steps = (*old[stored.first : stored.last], *then)
        if len(steps) > MAX_KEPT_STEPS:
            raise ValueError("too many steps")
        return steps

    def _pages(self, stored: Sequence[_StoredPage], old: Pages) -> Pages:
        if not stored:
            return old
        changed = {page.name for page in stored}
        pages = {name: page for name, page in old.items() if name not in changed}
        for page in stored:
            if page.length is not None:
                text = self._take(page.length).decode("utf-8", "surrogatepass")
                notes = tuple(notes_of(self._take(length)) for length in page.notes)
                pages[page.name] = Page(text, notes, tuple(self._songs[number] for number in page.songs))
        if len(pages) > MAX_PAGES or any(len(page.text) > MAX_TEXT_LETTERS for page in pages.values()):
            raise ValueError("too many pages, or too long ones")
        return MappingProxyType(pages)


def _selection(stored: _StoredState, data: bytes) -> Mask:
    if stored.kind == _BITS:
        if stored.length != -(-stored.rows // 8):
            raise ValueError("a selection of another length")
        return np.unpackbits(np.frombuffer(data, dtype=np.uint8), count=stored.rows).astype(np.bool_)
    mask = np.zeros(stored.rows, dtype=np.bool_)
    mask[np.frombuffer(data, dtype="<u4")] = True
    return mask
