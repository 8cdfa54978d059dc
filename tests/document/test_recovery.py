"""The recovery journal: what a crash, a kill and a hostile file may do to it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from builders import phrase, song_of
from musicassist.document import recovery as project_file
from musicassist.document.entry import Entry
from musicassist.document.recovery import KEPT_SECONDS, RecoveryJournal
from musicassist.errors import MidiImportError, SaveError
from musicassist.score.song import Note, Song, Track

SONG = Song(tracks=(Track("Melody", phrase(60, 62, 64)),))


class Clock:
    """The time as a test sets it."""

    def __init__(self) -> None:
        self.seconds = 1_000_000.0

    def __call__(self) -> float:
        return self.seconds


def left_behind(
    folder: Path, path: Path | None = None, *, song: Song = SONG, clock: Clock | None = None, is_unsaved: bool = True
) -> None:
    """What a process leaves that died with unsaved work."""
    journal = RecoveryJournal(folder, now=clock or Clock())
    journal.record(Entry(song, path, 0, is_unsaved))
    journal.flush()
    journal.close(keep=True)


def files(folder: Path) -> list[str]:
    return sorted(path.suffix for path in folder.iterdir() if path.is_file())


def test_work_of_a_dead_process_comes_back(tmp_path: Path) -> None:
    left_behind(tmp_path / "recovery", Path("/music/story.mid"))
    journal = RecoveryJournal(tmp_path / "recovery")
    (recovery,) = journal.recoveries()
    assert journal.load(recovery).path == Path("/music/story.mid")
    assert (recovery.song_name, recovery.selected_track) == ("story", 0)
    assert recovery.saved_at_unix_seconds == Clock().seconds
    assert journal.load(recovery).song == SONG
    assert journal.passed_over == ()


def test_a_song_that_never_had_a_file_comes_back_too(tmp_path: Path) -> None:
    left_behind(tmp_path)
    journal = RecoveryJournal(tmp_path)
    (recovery,) = journal.recoveries()
    assert journal.load(recovery).path is None
    assert recovery.song_name == "Untitled"


def test_work_of_living_processes_is_left_alone(tmp_path: Path) -> None:
    alive, other = RecoveryJournal(tmp_path), RecoveryJournal(tmp_path)
    for journal in (alive, other):
        journal.record(Entry(SONG, None, 0))
        journal.flush()
    assert RecoveryJournal(tmp_path).recoveries() == []
    assert alive.recoveries() == []
    alive.close(keep=True)
    assert len(other.recoveries()) == 1
    other.close(keep=False)


@pytest.mark.skipif(os.name != "posix", reason="needs file modes")
def test_records_can_be_read_by_their_owner_only(tmp_path: Path) -> None:
    umask = os.umask(0)
    try:
        left_behind(tmp_path / "recovery")
    finally:
        os.umask(umask)
    assert (tmp_path / "recovery").stat().st_mode & 0o777 == 0o700
    assert {path.stat().st_mode & 0o777 for path in (tmp_path / "recovery").iterdir()} == {0o600}


def test_what_a_file_holds_is_not_offered_and_a_clean_end_leaves_nothing(tmp_path: Path) -> None:
    left_behind(tmp_path, Path("/music/story.mid"), is_unsaved=False)
    assert files(tmp_path) == [".journal", ".lock"]
    assert RecoveryJournal(tmp_path).recoveries() == []
    assert files(tmp_path) == []
    journal = RecoveryJournal(tmp_path)
    journal.record(Entry(SONG, None, 0))
    journal.close(keep=False)
    assert files(tmp_path) == []
    journal.record(Entry(SONG, None, 0))
    assert files(tmp_path) == []


@pytest.mark.parametrize(("file_seconds", "is_offered"), [(-1.0, True), (0.0, True), (0.5, False), (1e6, False)])
def test_work_that_is_older_than_the_saved_file_is_not_offered(
    tmp_path: Path, file_seconds: float, is_offered: bool
) -> None:
    path = tmp_path / "story.mid"
    path.write_bytes(b"saved later, or not")
    os.utime(path, (Clock().seconds + file_seconds,) * 2)
    left_behind(tmp_path / "recovery", path)
    assert bool(RecoveryJournal(tmp_path / "recovery").recoveries()) == is_offered
    assert files(tmp_path / "recovery") == ([".journal", ".lock"] if is_offered else [".dismissed"])


def test_a_dismissed_recovery_is_kept_for_30_days(tmp_path: Path) -> None:
    left_behind(tmp_path)
    clock = Clock()
    journal = RecoveryJournal(tmp_path, now=clock)
    (recovery,) = journal.recoveries()
    journal.dismiss(recovery)
    assert journal.recoveries() == []
    clock.seconds += KEPT_SECONDS - 1
    assert journal.recoveries() == []
    assert journal.load(recovery).song.note_count == 3
    clock.seconds += 2
    assert journal.recoveries() == []
    assert files(tmp_path) == []


def test_the_newest_comes_first(tmp_path: Path) -> None:
    clock = Clock()
    for name in ("a", "b", "c"):
        left_behind(tmp_path, Path(f"/{name}.mid"), clock=clock)
        clock.seconds += 60
    assert [recovery.song_name for recovery in RecoveryJournal(tmp_path).recoveries()] == ["c", "b", "a"]


def test_what_killed_processes_left_half_written_is_swept_away(tmp_path: Path) -> None:
    """In the folder of the records, and beside the song that was worked on."""
    songs, folder = tmp_path / "songs", tmp_path / "recovery"
    songs.mkdir()
    left_behind(folder, songs / "story.mid")
    (folder / "1-aa.lock").touch()
    (folder / "1-aa.copy").write_bytes(b"torn")
    (folder / "2-bb.copy").write_bytes(b"torn")
    (songs / ".musicassist-0123456789abcdef.tmp").write_bytes(b"half a song")
    assert len(RecoveryJournal(folder).recoveries()) == 1
    assert files(folder) == [".journal", ".lock"]
    assert files(songs) == []


@pytest.mark.parametrize("content", [b"", b"{}", b"\0" * 5000, b"musicassist journal 1\n", b"musicassist journal 9\n"])
def test_a_damaged_record_is_told_once_and_set_aside(tmp_path: Path, content: bytes) -> None:
    left_behind(tmp_path)
    next(tmp_path.glob("*.journal")).write_bytes(content)
    left_behind(tmp_path, Path("/music/good.mid"))
    clock = Clock()
    journal = RecoveryJournal(tmp_path, now=clock)
    assert [recovery.song_name for recovery in journal.recoveries()] == ["good"]
    assert len(journal.passed_over) == 1
    assert "damaged" in str(journal.passed_over[0])
    assert [recovery.song_name for recovery in journal.recoveries()] == ["good"]
    assert journal.passed_over == ()
    (aside,) = tmp_path.glob("*.unreadable")
    assert aside.read_bytes() == content
    clock.seconds += KEPT_SECONDS + 1
    journal.recoveries()
    assert not aside.exists()


def test_a_record_that_goes_meanwhile_is_told(tmp_path: Path) -> None:
    left_behind(tmp_path)
    journal = RecoveryJournal(tmp_path)
    (recovery,) = journal.recoveries()
    recovery.path.unlink()
    with pytest.raises(MidiImportError):
        journal.load(recovery)


@pytest.mark.skipif(os.name != "posix", reason="needs links")
def test_a_record_that_is_a_link_is_not_followed(tmp_path: Path) -> None:
    left_behind(tmp_path / "elsewhere")
    (folder := tmp_path / "recovery").mkdir()
    (folder / "1-aa.journal").symlink_to(next((tmp_path / "elsewhere").glob("*.journal")))
    journal = RecoveryJournal(folder)
    assert journal.recoveries() == []
    assert len(journal.passed_over) == 1
    assert len(files(tmp_path / "elsewhere")) == 2


def test_a_folder_that_cannot_be_written_is_said_once_until_it_can(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    journal = RecoveryJournal(tmp_path / "file")
    told: list[SaveError] = []
    journal.on_failure = told.append
    again: list[bool] = []
    journal.on_success = lambda: again.append(True)
    for _ in range(3):
        journal.record(Entry(SONG, None, 0))
    assert len(told) == 1 and "could not be written" in str(told[0])
    (tmp_path / "file").unlink()
    journal.record(Entry(SONG, None, 0))
    journal.flush()
    assert again == [True]
    assert len(list((tmp_path / "file").glob("*.journal"))) == 1
    journal.close(keep=False)


def test_a_full_disk_is_said_and_the_last_record_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    journal = RecoveryJournal(tmp_path)
    journal.record(Entry(SONG, None, 0))
    journal.flush()

    def full(*_: object, **__: object) -> int:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "write", full)
        journal.record(Entry(song_of(Note(0, 60, 100)), None, 0))
        with pytest.raises(SaveError, match="No space left"):
            journal.flush()
    journal.close(keep=True)
    reader = RecoveryJournal(tmp_path)
    assert reader.load(reader.recoveries()[0]).song.note_count in (1, 3)


EDITING = """
import sys
from pathlib import Path
from musicassist.document.entry import Entry
from musicassist.document.recovery import RecoveryJournal
from musicassist.score.song import Note, Notes, Song, Track
journal = RecoveryJournal(Path(sys.argv[1]))
for count in range(1, 100_000):
    notes = Notes.of(Note(i, 60 + i % 12, 1) for i in range(count))
    journal.record(Entry(Song(tracks=(Track(notes=notes),)), None, 0))
    journal.flush()
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
        notes = journal.load(recovery).song.note_count
        assert journal.passed_over == ()
        assert not acknowledged or acknowledged[-1] <= notes <= acknowledged[-1] + 1


def test_the_journal_needs_no_folder_yet(tmp_path: Path) -> None:
    journal = RecoveryJournal(tmp_path / "not" / "there")
    assert journal.recoveries() == []
    journal.close(keep=False)
    assert project_file.UNTITLED == "Untitled"
