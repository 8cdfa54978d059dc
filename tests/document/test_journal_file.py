"""A journal read again: to its last whole entry, whatever a kill, a disk or a stranger did to its end."""

from __future__ import annotations

import json
import os
import zlib
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders import phrase
from musicassist.document.entry import Entry
from musicassist.document.journal_file import (
    MAGIC,
    MAGIC_1,
    MAX_BYTES,
    NewerJournalError,
    entry_bytes,
    journal_of,
    read_journal,
)
from musicassist.errors import MidiImportError
from musicassist.score.song import Song, Track
from musicassist.score.song_bytes import pack_changes

STATES = [Song((Track("A", phrase(*range(60, 60 + count))),)) for count in range(1, 6)]


def journal_bytes(states: list[Song] = STATES) -> list[bytes]:
    """The magic and the first entry, then each further entry."""
    entries = [Entry(song, Path("/music/a.mid"), 0, at_unix_seconds=float(row)) for row, song in enumerate(states)]
    rest = [entry_bytes(entry, before) for before, entry in pairwise(entries)]
    return [MAGIC + entry_bytes(entries[0], None), *rest]


def read(data: bytes, folder: Path) -> Entry:
    path = folder / "x.journal"
    path.write_bytes(data)
    return read_journal(path)


def made_up(page: object, changes: bytes, *, magic: bytes = MAGIC_1) -> bytes:
    text = json.dumps(page).encode()
    body = b"\1" + zlib.compress(len(text).to_bytes(4, "little") + text + changes)
    return magic + len(body).to_bytes(4, "little") + zlib.crc32(body).to_bytes(4, "little") + body


def test_the_last_entry_is_the_work(tmp_path: Path) -> None:
    entry = read(b"".join(journal_bytes()), tmp_path)
    assert entry.song == STATES[-1]
    assert (entry.path, entry.selected_track, entry.at_unix_seconds) == (Path("/music/a.mid"), 0, 4.0)
    assert entry.is_unsaved and not entry.is_incomplete


def test_a_kill_at_any_byte_costs_only_the_entry_that_it_tore(tmp_path: Path) -> None:
    parts = journal_bytes()
    data, ends = b"".join(parts), [sum(map(len, parts[: row + 1])) for row in range(len(parts))]
    for size in sorted({*range(ends[0], len(data), 3), *ends, *(end - 1 for end in ends[1:])}):
        assert read(data[:size], tmp_path).song == STATES[sum(end <= size for end in ends) - 1]


def test_a_journal_that_never_got_its_first_entry_is_damaged(tmp_path: Path) -> None:
    first = journal_bytes()[0]
    for size in range(len(first)):
        with pytest.raises(MidiImportError, match="set aside"):
            read(first[:size], tmp_path)


@given(st.integers(0, 10_000), st.binary(min_size=1, max_size=30))
def test_noise_anywhere_gives_an_earlier_state_or_is_refused(
    tmp_path_factory: pytest.TempPathFactory, at: int, noise: bytes
) -> None:
    data = b"".join(journal_bytes())
    at %= len(data)
    try:
        entry = read(data[:at] + noise + data[at + len(noise) :], tmp_path_factory.mktemp("x"))
    except MidiImportError:
        return
    assert entry.song in STATES


@given(st.binary(max_size=300))
def test_no_bytes_fail_in_another_way(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    with pytest.raises(MidiImportError):
        read(data, tmp_path_factory.mktemp("x"))


GOOD_PAGE = {
    "at": 1.0,
    "path": "/music/a.mid",
    "track": 0,
    "unsaved": True,
    "incomplete": False,
    "mark": None,
    "whole": True,
}


@pytest.mark.parametrize(
    "change",
    [
        {"at": "today"},
        {"at": 10**400},
        {"at": float("nan")},
        {"at": None},
        {"path": "relative.mid"},
        {"path": "/a\0b"},
        {"path": 7},
        {"track": -1},
        {"track": True},
        {"track": 10**30},
        {"whole": False},
    ],
)
def test_a_made_up_page_is_refused(tmp_path: Path, change: dict[str, object]) -> None:
    changes = pack_changes(Song(), STATES[0])
    assert read(made_up(GOOD_PAGE, changes), tmp_path).song == STATES[0]
    with pytest.raises(MidiImportError):
        read(made_up({**GOOD_PAGE, **change}, changes), tmp_path)


@pytest.mark.parametrize("page", [[], None, 7, "x", {}, {"at": 1}])
def test_a_page_of_another_kind_is_refused(tmp_path: Path, page: object) -> None:
    with pytest.raises(MidiImportError):
        read(made_up(page, b""), tmp_path)


def test_a_bomb_a_giant_a_pipe_and_a_link_are_refused_at_once(tmp_path: Path) -> None:
    bomb = b"\1" + zlib.compress(b"\0" * 300_000_000)
    frame = len(bomb).to_bytes(4, "little") + zlib.crc32(bomb).to_bytes(4, "little") + bomb
    with pytest.raises(MidiImportError):
        read(MAGIC + frame, tmp_path)
    with (tmp_path / "giant").open("wb") as file:
        file.truncate(MAX_BYTES + 1)  # sparse: no disk is used
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "good").write_bytes(b"".join(journal_bytes()))
    (tmp_path / "link").symlink_to(tmp_path / "good")
    assert read_journal(tmp_path / "good").song == STATES[-1]
    for name in ("giant", "pipe", "link", "gone"):
        with pytest.raises(MidiImportError):
            read_journal(tmp_path / name)


def test_a_later_version_is_told_from_noise(tmp_path: Path) -> None:
    later = made_up(GOOD_PAGE, pack_changes(Song(), STATES[0]), magic=b"musicassist journal 3\n")
    with pytest.raises(NewerJournalError):
        journal_of(later)
    with pytest.raises(MidiImportError):
        read(later, tmp_path)
