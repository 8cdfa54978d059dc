"""The work is kept in one place at least, whichever disk fails."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from builders import phrase
from musicassist.document.entry import Entry
from musicassist.document.journal_file import read_journal
from musicassist.document.keeping import Keeping
from musicassist.document.project_file import begin_project
from musicassist.document.project_reading import read_project
from musicassist.document.recovery import RecoveryJournal
from musicassist.errors import SaveError
from musicassist.score.song import Song, Track


def work(count: int, path: Path | None = None, *, is_unsaved: bool = True) -> Entry:
    return Entry(Song((Track("A", phrase(*range(60, 60 + count))),)), path, 0, is_unsaved)


def recorded(folder: Path) -> Entry:
    return read_journal(next(folder.glob("*.journal")))


def test_a_song_without_a_project_goes_into_the_record_and_one_with_it_does_not(tmp_path: Path) -> None:
    keeping, path = Keeping(RecoveryJournal(tmp_path / "recovery")), tmp_path / "song.musicassist"
    keeping.keep(work(1))
    keeping.flush()
    assert recorded(tmp_path / "recovery").song.note_count == 1 and not keeping.is_kept
    keeping.take(begin_project(path, work(2)))
    assert keeping.is_kept
    keeping.keep(work(3, path, is_unsaved=False))
    keeping.flush()
    assert read_project(path).entry.song.note_count == 3 and read_project(path).entry.path is None
    keeping.record.flush()
    assert not recorded(tmp_path / "recovery").is_unsaved  # nothing is offered at the next start
    keeping.close(keep=True)
    assert RecoveryJournal(tmp_path / "recovery").recoveries() == []


def test_where_the_project_cannot_be_written_the_record_keeps_the_work_until_it_can(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = tmp_path / "songs"
    folder.mkdir()
    path = folder / "song.musicassist"
    keeping = Keeping(RecoveryJournal(tmp_path / "recovery"))
    told: list[SaveError] = []
    keeping.on_failure = told.append
    keeping.take(begin_project(path, work(1)))
    keeping.keep(work(2, path, is_unsaved=False))
    keeping.flush()
    file, write = path.stat().st_ino, os.write

    def full(descriptor: int, data: bytes) -> int:
        if os.fstat(descriptor).st_ino == file:
            raise OSError(28, "No space left on device")
        return write(descriptor, data)

    with monkeypatch.context() as patch:
        patch.setattr(os, "write", full)
        keeping.keep(work(3, path, is_unsaved=False))
        keeping.flush()
        keeping.record.flush()
        assert not keeping.is_kept and "song.musicassist could not be written: No space left" in str(told[0])
        assert recorded(tmp_path / "recovery").song.note_count == 3 and recorded(tmp_path / "recovery").is_unsaved
        assert read_project(path).entry.song.note_count == 2
    keeping.keep(work(4, path, is_unsaved=False))
    keeping.flush()
    assert read_project(path).entry.song.note_count == 4 and keeping.is_kept
    keeping.close(keep=False)


def test_another_project_lets_go_of_the_one_before(tmp_path: Path) -> None:
    keeping = Keeping(RecoveryJournal(tmp_path / "recovery"))
    keeping.take(begin_project(tmp_path / "a.musicassist", work(1)))
    keeping.take(begin_project(tmp_path / "b.musicassist", work(2)))
    begin_project(tmp_path / "a.musicassist", work(3)).close()  # nobody holds it
    with pytest.raises(SaveError, match="open in another window"):
        begin_project(tmp_path / "b.musicassist", work(3))
    keeping.close(keep=False)


def test_the_record_is_not_written_on_beside_a_project(tmp_path: Path) -> None:
    keeping = Keeping(RecoveryJournal(tmp_path / "recovery"))
    keeping.keep(work(1))
    keeping.flush()
    keeping.take(begin_project(tmp_path / "a.musicassist", work(1)))
    keeping.keep(work(2, is_unsaved=False))
    keeping.record.flush()
    (record,) = (tmp_path / "recovery").glob("*.journal")
    size = record.stat().st_size
    for count in range(3, 9):
        keeping.keep(work(count, is_unsaved=False))
    keeping.record.flush()
    assert record.stat().st_size == size
    keeping.close(keep=False)
