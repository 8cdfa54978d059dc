"""A project that is open: each edit is in it at once, one window holds it, and no disk takes it away."""

from __future__ import annotations

import errno
import os
import random
from dataclasses import replace
from pathlib import Path

import pytest

from builders import phrase
from lab.window.watched_disk import WatchedDisk, after_power_cut
from musicassist.document import journal_writer
from musicassist.document.document import Document
from musicassist.document.edits import insert_notes
from musicassist.document.entry import Entry
from musicassist.document.project_file import IN_USE, PROTECTED, ProjectFile, begin_project, is_project, open_project
from musicassist.document.project_reading import read_project
from musicassist.errors import MidiImportError, SaveError, UsageError
from musicassist.score.song import Note, Notes, Song, Track

SONG = Song((Track("A", phrase(60, 62)),))


class Editor:
    """A document whose edits are numbered by its notes."""

    def __init__(self) -> None:
        self.document = Document(SONG)

    def edit(self) -> Entry:
        tick = 5000 + 10 * self.document.song.note_count
        self.document.apply("Draw note", insert_notes(self.document.song, 0, Notes.of([Note(tick, 60, 5)])))
        return self.work()

    def work(self) -> Entry:
        return Entry(self.document.song, None, 0, undo=self.document.undo_list, pages=self.document.pages)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "songs"
    made.mkdir()
    return made


def notes_in(path: Path) -> int:
    return read_project(path).entry.song.note_count


def test_a_project_holds_each_edit_and_goes_on_where_it_was(folder: Path) -> None:
    path, editor = folder / "song.musicassist", Editor()
    project = begin_project(path, editor.work())
    for _ in range(3):
        project.record(editor.edit())
        project.flush()
        assert notes_in(path) == editor.document.song.note_count
    project.close()
    before = path.read_bytes()
    opened = open_project(path)
    again = ProjectFile(path, opened)
    again.record(opened.read.entry)
    again.flush()
    assert path.read_bytes() == before  # what says nothing new is not written
    again.record(replace(opened.read.entry, song=SONG))
    again.flush()
    again.close()
    assert path.read_bytes().startswith(before) and notes_in(path) == 2
    assert [name.name for name in folder.iterdir()] == ["song.musicassist"]
    assert is_project(Path("A.MusicAssist")) and not is_project(Path("a.mid")) and not is_project(None)


def test_the_second_window_can_only_read_until_the_first_is_closed(folder: Path) -> None:
    path, editor = folder / "song.musicassist", Editor()
    first = begin_project(path, editor.work())
    second = open_project(path)
    assert second.lock is None and second.obstacle == IN_USE
    for _ in range(journal_writer.MAX_ENTRIES + 10):  # a full copy takes its place meanwhile
        first.record(editor.edit())
    first.save()
    assert open_project(path).obstacle == IN_USE
    with pytest.raises(SaveError, match="open in another window"):
        begin_project(path, Editor().work())
    first.close()
    after = open_project(path)
    assert after.obstacle is None and after.read.entry.song == editor.document.song
    after.leave()


@pytest.mark.skipif(os.geteuid() == 0, reason="nothing is protected from root")
def test_a_protected_project_can_only_be_read(folder: Path) -> None:
    path = folder / "song.musicassist"
    begin_project(path, Editor().work()).close()
    path.chmod(0o444)
    assert open_project(path).obstacle == PROTECTED


def test_what_cannot_be_opened_or_written_is_said(folder: Path) -> None:
    with pytest.raises(MidiImportError, match="does not exist"):
        open_project(folder / "gone.musicassist")
    (folder / "noise.musicassist").write_bytes(b"noise")
    with pytest.raises(MidiImportError, match="is no project"):
        open_project(folder / "noise.musicassist")
    open_project_again = begin_project(folder / "noise.musicassist", Editor().work())  # and nobody holds it
    open_project_again.close()
    with pytest.raises(UsageError, match="does not exist"):
        begin_project(folder / "nowhere" / "song.musicassist", Editor().work())


def test_a_damaged_project_is_kept_beside_before_it_is_written(folder: Path) -> None:
    path, editor = folder / "song.musicassist", Editor()
    project = begin_project(path, editor.work())
    project.record(editor.edit())
    project.record(editor.edit())
    project.close()
    data = bytearray(path.read_bytes())
    data[len(data) * 2 // 3] ^= 0xFF
    path.write_bytes(data)
    opened = open_project(path)
    again = ProjectFile(path, opened)
    assert sorted(name.name for name in folder.iterdir()) == ["song.musicassist"]
    again.record(replace(opened.read.entry, song=SONG))
    again.flush()
    again.close()
    assert (folder / "song (kept).musicassist").read_bytes() == data
    assert read_project(path).can_grow


def test_what_another_program_put_in_its_place_is_kept_beside(folder: Path) -> None:
    path, editor = folder / "song.musicassist", Editor()
    project = begin_project(path, editor.work())
    (folder / "other").write_bytes(b"theirs")
    (folder / "other").replace(path)
    project.record(editor.edit())
    project.flush()
    project.close()
    assert (folder / "song (kept).musicassist").read_bytes() == b"theirs"
    assert notes_in(path) == 3


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EIO])
@pytest.mark.parametrize("is_new", [True, False], ids=["begun", "gone on with"])
def test_a_failure_at_any_call_leaves_the_old_file_whole_and_the_edits_are_kept_later(
    folder: Path, monkeypatch: pytest.MonkeyPatch, code: int, is_new: bool
) -> None:
    """At each write, sync, cut and rename of a save in turn; from there on the disk stays as it is for a while."""
    monkeypatch.setattr(journal_writer, "RETRY_SECONDS", 0.01)
    for number in range(30):
        path, editor = folder / f"{number}.musicassist", Editor()
        project = begin_project(path, editor.work())
        before = notes_in(path)
        if is_new:
            project.close()
        calls = [0]

        def fails(_call: str) -> OSError | None:
            calls[0] += 1  # noqa: B023  # it is used here
            return OSError(code, os.strerror(code)) if calls[0] > number else None  # noqa: B023  # it is used here

        with WatchedDisk(folder) as disk:
            disk.fails = fails
            work = editor.edit()
            try:
                if is_new:
                    project = begin_project(path, work)
                else:
                    project.record(work)
                    project.save()
                has_failed = False
            except SaveError as error:
                has_failed = True
                assert os.strerror(code) in str(error)
            assert notes_in(path) in (before, before + 1)
            disk.fails = lambda _call: None
            if not is_new:
                project.record(work)
                project.save()
                assert notes_in(path) == before + 1
        if not (is_new and has_failed):
            project.close()
        assert not list(folder.glob(".musicassist-*"))
        if not has_failed:
            assert number >= (4 if is_new else 2)
            return
    raise AssertionError("a save takes less than thirty calls")


def test_no_power_cut_makes_a_project_unreadable_or_takes_what_was_saved(
    folder: Path, monkeypatch: pytest.MonkeyPatch, cuts: int = 150
) -> None:
    monkeypatch.setattr(journal_writer, "MAX_ENTRIES", 10)
    monkeypatch.setattr(journal_writer, "MIN_BYTES", 1000)
    monkeypatch.setattr(journal_writer, "SYNC_SECONDS", 0.001)
    path, editor, chance = folder / "song.musicassist", Editor(), random.Random(5)
    saved = []  # how many operations there were, and how many notes were safe
    with WatchedDisk(folder) as disk:
        project = begin_project(path, editor.work())
        for number in range(60):
            project.record(editor.edit())
            if number % 7 == 0:
                project.save()
                saved.append((len(disk.log), editor.document.song.note_count))
        project.close()
    assert sum(operation.kind == "name" for operation in disk.log) >= 2  # full copies
    first = saved[0][0]
    for row in range(cuts):
        cut = chance.randint(first, len(disk.log))
        left = folder / f"after-{row}"
        left.mkdir()
        for name, data in after_power_cut(disk.log, cut, chance).items():
            (left / name).write_bytes(data)
        safe = max(notes for done, notes in saved if done <= cut)
        assert notes_in(left / path.name) >= safe
