"""The journal while somebody works: it is behind by milliseconds, stays short, and survives a disk that fails."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from builders import phrase
from musicassist.document import journal_writer
from musicassist.document.entry import Entry
from musicassist.document.growing_file import GrowingFile
from musicassist.document.journal_file import read_journal
from musicassist.document.journal_writer import MAX_ENTRIES, JournalWriter
from musicassist.score.song import Notes, Song, Track

WAIT_SECONDS = 30.0


def state(number: int, path: Path | None = None) -> Entry:
    return Entry(Song((Track("A", phrase(*(60 + i % 12 for i in range(number)))),)), path, 0)


@pytest.fixture
def start(tmp_path: Path) -> Iterator[Callable[[], JournalWriter]]:
    writers: list[JournalWriter] = []

    def start() -> JournalWriter:
        writers.append(JournalWriter(tmp_path / "x.journal", on_failure=lambda error: None))
        return writers[-1]

    yield start
    for writer in writers:
        writer.close()


def test_each_state_is_in_the_file_as_soon_as_it_was_flushed(start: Callable[[], JournalWriter]) -> None:
    writer = start()
    for number in range(1, 20):
        writer.write(state(number))
        assert writer.flush(WAIT_SECONDS)
        assert read_journal(writer.path).song.note_count == number
    assert writer.path.stat().st_mode & 0o777 == 0o600


def test_entries_are_small_and_those_that_say_nothing_new_are_left_out(start: Callable[[], JournalWriter]) -> None:
    writer = start()
    ticks = np.arange(20_000) * 10
    song = Song((Track("A", Notes.from_columns(ticks, ticks % 100, ticks * 0 + 5, ticks % 99 + 1)), Track("B")))
    sizes = []
    states = [song.with_track(1, Track("B", phrase(*pitches))) for pitches in ((), (60,), (60, 62))]
    for after in (*states, states[-1]):
        writer.write(Entry(after, None, 0))
        writer.flush(WAIT_SECONDS)
        sizes.append(writer.path.stat().st_size)
    assert sizes[1] - sizes[0] < 500 > sizes[2] - sizes[1]
    assert sizes[3] == sizes[2]


def test_full_copies_keep_the_journal_short_and_lose_nothing(
    start: Callable[[], JournalWriter], monkeypatch: pytest.MonkeyPatch
) -> None:
    """While the copy is made, entries go on; the copy is caught up before it takes the journal's place."""
    made, copies = threading.Event(), []
    sync = GrowingFile.sync

    def slow_sync(file: GrowingFile) -> None:
        if file.path.suffix == ".tmp":
            copies.append(file.path)
            made.wait(WAIT_SECONDS)
        sync(file)

    monkeypatch.setattr(GrowingFile, "sync", slow_sync)
    monkeypatch.setattr(journal_writer, "SYNC_SECONDS", 0.0)
    writer = start()
    for number in range(1, MAX_ENTRIES + 50):
        writer.write(state(number))
        writer.flush(WAIT_SECONDS)
        assert number % 25 or read_journal(writer.path).song.note_count == number
    long_bytes = writer.path.stat().st_size
    made.set()
    while not copies or copies[0].exists() or writer.path.stat().st_size >= long_bytes:
        number += 1
        writer.write(state(number))
        writer.flush(WAIT_SECONDS)
        assert read_journal(writer.path).song.note_count == number
    assert writer.path.stat().st_mode & 0o777 == 0o600


def test_a_disk_that_is_full_is_told_once_and_the_work_is_written_when_there_is_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A write that was cut off leaves no torn entry in the middle."""
    told: list[str] = []
    again = threading.Event()
    writer = JournalWriter(
        tmp_path / "x.journal", on_failure=lambda error: told.append(str(error)), on_success=again.set
    )
    writer.write(state(1))
    writer.flush(WAIT_SECONDS)
    whole = writer.path.read_bytes()
    write = os.write

    def full(descriptor: int, data: bytes) -> int:
        if len(data) > 5 and told.count("cut") == 0:
            told.append("cut")
            return write(descriptor, data[:5])
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "write", full)
        for number in (2, 3):
            writer.write(state(number))
            with pytest.raises(OSError, match="No space left"):
                writer.flush(WAIT_SECONDS)
        assert writer.path.read_bytes() == whole
    writer.write(state(4))
    assert writer.flush(WAIT_SECONDS)
    assert again.wait(WAIT_SECONDS)
    assert told == ["cut", "[Errno 28] No space left on device"]
    assert read_journal(writer.path).song.note_count == 4
    writer.close()


def test_work_goes_on_in_a_new_file_where_somebody_took_the_old_one_away(start: Callable[[], JournalWriter]) -> None:
    writer = start()
    writer.write(state(1))
    writer.flush(WAIT_SECONDS)
    writer.path.unlink()
    writer.write(state(2))
    writer.flush(WAIT_SECONDS)
    assert read_journal(writer.path).song.note_count == 2


@pytest.mark.parametrize("make", ["link", "file"])
def test_what_lies_in_its_place_is_not_written_into(
    tmp_path: Path, start: Callable[[], JournalWriter], make: str
) -> None:
    victim = tmp_path / "victim"
    victim.write_bytes(b"mine")
    if make == "link":
        (tmp_path / "x.journal").symlink_to(victim)
    else:
        (tmp_path / "x.journal").hardlink_to(victim)
    writer = start()
    writer.write(state(3))
    writer.flush(WAIT_SECONDS)
    assert victim.read_bytes() == b"mine"
    assert read_journal(writer.path).song.note_count == 3


def test_closing_writes_what_waits(tmp_path: Path, start: Callable[[], JournalWriter]) -> None:
    writer = start()
    writer.write(state(7, tmp_path / "a.mid"))
    writer.close()
    assert read_journal(writer.path).song.note_count == 7
    writer.write(state(8))
    assert read_journal(writer.path).song.note_count == 7


def test_an_edit_is_in_the_file_before_the_editor_goes_on(start: Callable[[], JournalWriter]) -> None:
    """So that no busy machine can come between what is seen and what is kept; only the first entry is waited for."""
    writer = start()
    writer.write(state(1))
    writer.flush(WAIT_SECONDS)
    for number in range(2, 40):
        writer.write(state(number))
        assert read_journal(writer.path).song.note_count == number


def test_a_disk_that_was_slow_once_keeps_no_editor_waiting_again(
    start: Callable[[], JournalWriter], monkeypatch: pytest.MonkeyPatch
) -> None:
    writer, here = start(), threading.get_ident()
    writer.write(state(1))
    writer.flush(WAIT_SECONDS)
    writers: list[int] = []
    append = GrowingFile.append

    def noted(file: GrowingFile, data: bytes) -> None:
        writers.append(threading.get_ident())
        append(file, data)

    monkeypatch.setattr(GrowingFile, "append", noted)
    monkeypatch.setattr(journal_writer, "SLOW_SECONDS", 0.0)
    for number in (2, 3, 4):
        writer.write(state(number))
        writer.flush(WAIT_SECONDS)
    assert [writer == here for writer in writers] == [True, False, False]
    assert read_journal(writer.path).song.note_count == 4
