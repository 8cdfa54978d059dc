"""The recovery journal: what a crash, a kill and a hostile file may do to it."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders import phrase, song_of
from musicassist.document import project_file
from musicassist.document.project_file import KEPT_SECONDS, RecoveryJournal
from musicassist.document.recovery_record import parse_record
from musicassist.errors import MidiImportError, SaveError
from musicassist.process_lock import ProcessLock, is_held
from musicassist.score.song import Note, Song, Track

SONG = Song(tracks=(Track("Melody", phrase(60, 62, 64)),))


class Clock:
    """The time as a test sets it."""

    def __init__(self) -> None:
        self.seconds = 1_000_000.0

    def __call__(self) -> float:
        return self.seconds


def left_behind(folder: Path, path: Path | None = None, *, clock: Clock | None = None) -> None:
    """What a process leaves that died with unsaved work."""
    journal = RecoveryJournal(folder, now=clock or Clock())
    journal.record(SONG, path, 0)
    journal.close(keep=True)


def files(folder: Path) -> list[str]:
    return sorted(path.suffix for path in folder.iterdir() if path.is_file())


def test_work_of_a_dead_process_comes_back(tmp_path: Path) -> None:
    left_behind(tmp_path / "recovery", Path("/music/story.mid"))
    journal = RecoveryJournal(tmp_path / "recovery")
    (recovery,) = journal.recoveries()
    assert recovery.original_path == Path("/music/story.mid")
    assert (recovery.song_name, recovery.selected_track) == ("story", 0)
    assert recovery.saved_at_unix_seconds == Clock().seconds
    assert journal.load(recovery).tracks[0].notes == SONG.tracks[0].notes
    assert journal.passed_over == ()


def test_a_song_that_never_had_a_file_comes_back_too(tmp_path: Path) -> None:
    left_behind(tmp_path)
    (recovery,) = RecoveryJournal(tmp_path).recoveries()
    assert recovery.original_path is None
    assert recovery.song_name == "Untitled"


def test_work_of_living_processes_is_left_alone(tmp_path: Path) -> None:
    alive = RecoveryJournal(tmp_path)
    alive.record(SONG, None, 0)
    other = RecoveryJournal(tmp_path)
    other.record(song_of(Note(0, 60, 10)), None, 0)
    assert RecoveryJournal(tmp_path).recoveries() == []
    assert alive.recoveries() == []
    alive.close(keep=True)
    assert len(other.recoveries()) == 1


def test_each_record_replaces_the_one_before(tmp_path: Path) -> None:
    journal = RecoveryJournal(tmp_path)
    for pitch in range(60, 65):
        journal.record(song_of(Note(0, pitch, 100)), None, 0)
    assert files(tmp_path) == [".json", ".lock", ".mid"]
    journal.close(keep=True)
    reader = RecoveryJournal(tmp_path)
    assert reader.load(reader.recoveries()[0]).tracks[0].notes[0].pitch == 64


def test_saving_and_a_clean_end_leave_nothing(tmp_path: Path) -> None:
    journal = RecoveryJournal(tmp_path)
    journal.record(SONG, None, 0)
    journal.clear()
    assert files(tmp_path) == [".lock"]
    journal.record(SONG, None, 0)
    journal.close(keep=False)
    assert files(tmp_path) == []
    journal.record(SONG, None, 0)
    assert files(tmp_path) == []


def test_a_dismissed_recovery_is_kept_for_30_days(tmp_path: Path) -> None:
    left_behind(tmp_path)
    clock = Clock()
    journal = RecoveryJournal(tmp_path, now=clock)
    (recovery,) = journal.recoveries()
    journal.dismiss(recovery)
    assert journal.recoveries() == []
    clock.seconds += KEPT_SECONDS - 1
    assert journal.recoveries() == []
    assert journal.load(recovery).note_count == 3
    clock.seconds += 2
    assert journal.recoveries() == []
    assert files(tmp_path) == []


def test_the_newest_comes_first(tmp_path: Path) -> None:
    clock = Clock()
    for name in ("a", "b", "c"):
        left_behind(tmp_path, Path(f"/{name}.mid"), clock=clock)
        clock.seconds += 60
    assert [recovery.song_name for recovery in RecoveryJournal(tmp_path).recoveries()] == ["c", "b", "a"]


def test_leftovers_of_a_process_that_died_without_a_record_are_swept_away(tmp_path: Path) -> None:
    (tmp_path / "1-aa.lock").touch()
    (tmp_path / "1-aa-1.mid").write_bytes(b"torn")
    (tmp_path / "1-aa-1.mid.tmp").write_bytes(b"torn")
    RecoveryJournal(tmp_path).recoveries()
    assert files(tmp_path) == []


def change_record(folder: Path, **fields: object) -> None:
    (path,) = folder.glob("*.json")
    path.write_text(json.dumps({**json.loads(path.read_text()), **fields}))


@pytest.mark.parametrize(
    "fields",
    [
        {"music_name": "../../etc/passwd"},
        {"music_name": "a/b.mid"},
        {"music_name": 7},
        {"sha256": "0" * 64},
        {"sha256": None},
        {"format": 2},
        {"selected_track": -1},
        {"selected_track": True},
        {"selected_track": 10**30},
        {"saved_at_unix_seconds": "today"},
        {"saved_at_unix_seconds": 10**400},
        {"saved_at_unix_seconds": float("nan")},
        {"original_path": "relative.mid"},
        {"original_path": "/a\0b"},
        {"surprise": 1},
    ],
)
def test_a_hostile_record_is_passed_over_with_a_word(tmp_path: Path, fields: dict[str, object]) -> None:
    left_behind(tmp_path, Path("/music/a.mid"))
    change_record(tmp_path, **fields)
    left_behind(tmp_path, Path("/music/good.mid"))
    journal = RecoveryJournal(tmp_path)
    assert [recovery.song_name for recovery in journal.recoveries()] == ["good"]
    assert len(journal.passed_over) == 1
    assert "damaged" in str(journal.passed_over[0])


@pytest.mark.parametrize("content", [b"", b"[]", b"{", b"[" * 60_000, b"1" * 5000, b"\xff\xfe", b" " * 70_000])
def test_a_damaged_record_is_passed_over(tmp_path: Path, content: bytes) -> None:
    left_behind(tmp_path)
    next(tmp_path.glob("*.json")).write_bytes(content)
    journal = RecoveryJournal(tmp_path)
    assert journal.recoveries() == []
    assert len(journal.passed_over) == 1


def test_damaged_missing_or_linked_music_is_passed_over(tmp_path: Path) -> None:
    left_behind(tmp_path)
    (music,) = tmp_path.glob("*.mid")
    whole = music.read_bytes()
    journal = RecoveryJournal(tmp_path)
    (recovery,) = journal.recoveries()
    music.write_bytes(whole[:-1])
    assert journal.recoveries() == []
    with pytest.raises(MidiImportError):
        journal.load(recovery)
    music.unlink()
    assert journal.recoveries() == []
    elsewhere = tmp_path / "elsewhere"
    elsewhere.write_bytes(whole)
    music.symlink_to(elsewhere)
    assert journal.recoveries() == []
    assert len(journal.passed_over) == 1


@given(st.binary(max_size=300))
def test_no_bytes_make_a_record_fail_in_another_way(tmp_path_factory: pytest.TempPathFactory, data: bytes) -> None:
    path = tmp_path_factory.mktemp("record") / "x.json"
    path.write_bytes(data)
    with pytest.raises(MidiImportError):
        parse_record(path)


@pytest.mark.parametrize("name", ["fsync", "replace"])
def test_a_full_disk_is_said_and_the_last_record_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    journal = RecoveryJournal(tmp_path)
    journal.record(SONG, None, 0)

    def full(*_: object, **__: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(*((os, "fsync") if name == "fsync" else (Path, "replace")), full)
        with pytest.raises(SaveError, match="No space left"):
            journal.record(song_of(Note(0, 60, 100)), None, 0)
    assert files(tmp_path) == [".json", ".lock", ".mid"]
    journal.record(song_of(Note(0, 60, 100)), None, 0)
    journal.close(keep=True)
    reader = RecoveryJournal(tmp_path)
    assert reader.load(reader.recoveries()[0]).note_count == 1


def test_records_from_several_threads_do_not_mix(tmp_path: Path) -> None:
    journal = RecoveryJournal(tmp_path)
    songs = [song_of(Note(0, 40 + n, 100)) for n in range(16)]
    threads = [threading.Thread(target=journal.record, args=(song, None, 0)) for song in songs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert files(tmp_path) == [".json", ".lock", ".mid"]


def test_a_lock_is_held_until_it_is_released(tmp_path: Path) -> None:
    path = tmp_path / "x.lock"
    assert not is_held(path)
    lock = ProcessLock.take(path)
    assert lock is not None
    assert is_held(path)
    assert ProcessLock.take(path) is None
    lock.release()
    assert not path.exists()


EDITING = """
import sys
from pathlib import Path
from musicassist.document.project_file import RecoveryJournal
from musicassist.score.song import Note, Notes, Song, Track
journal = RecoveryJournal(Path(sys.argv[1]))
for count in range(1, 100_000):
    notes = Notes.of(Note(i, 60 + i % 12, 1) for i in range(count))
    journal.record(Song(tracks=(Track(notes=notes),)), None, 0)
    print(count, flush=True)
"""


@pytest.mark.slow
def test_a_killed_process_loses_no_edit_that_was_acknowledged(tmp_path: Path) -> None:
    random = np.random.default_rng(4)
    for round_number in range(6):
        folder = tmp_path / f"{round_number}"
        child = subprocess.Popen([sys.executable, "-c", EDITING, str(folder)], stdout=subprocess.PIPE, text=True)
        assert child.stdout is not None
        for _ in range(int(random.integers(1, 30))):
            child.stdout.readline()
        child.send_signal(signal.SIGKILL)
        acknowledged = [int(line) for line in child.stdout]
        child.stdout.close()
        child.wait()
        journal = RecoveryJournal(folder)
        (recovery,) = journal.recoveries()
        notes = journal.load(recovery).note_count
        assert journal.passed_over == ()
        assert not acknowledged or acknowledged[-1] <= notes <= acknowledged[-1] + 1


def test_the_journal_needs_no_folder_yet(tmp_path: Path) -> None:
    journal = RecoveryJournal(tmp_path / "not" / "there")
    assert journal.recoveries() == []
    journal.close(keep=False)
    assert project_file.UNTITLED == "Untitled"
