"""Saving while one works on, and beside other programs: nothing is lost without a choice, and a copy is kept."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from builders import phrase
from musicassist.document import saving
from musicassist.errors import SaveError
from musicassist.midi import read_song, save_song, write_song
from musicassist.score.song import Note, Notes, Song, Track
from musicassist.ui import filing
from window_doubles import Stage

THEIRS = Song((Track("Theirs", phrase(40, 41)),))


def edit(stage: Stage, semitones: int = 1) -> None:
    stage.session.notes.select_all()
    stage.session.notes.transpose(semitones)


def pitches(song: Song) -> list[int]:
    return song.tracks[0].notes.pitch.tolist()


def text_of(stage: Stage) -> str:
    return " ".join(stage.window.notices.texts)


@pytest.fixture
def path(stage: Stage, qtbot: QtBot, tmp_path: Path) -> Path:
    """A file that the window has open, with an edit that is not saved."""
    path = tmp_path / "story.mid"
    save_song(stage.document.song, path)
    stage.window.files.read(path)
    qtbot.waitUntil(lambda: stage.document.path == path)
    stage.window.files._watch.forget()  # the choice does not hang on a notice that came in time
    edit(stage)
    return path


def touched(path: Path) -> None:
    os.utime(path, (1, 1))
    path.chmod(0o640)


def other_music(path: Path) -> None:
    save_song(THEIRS, path)


def same_size_and_time(path: Path) -> None:
    before = path.stat()
    data = bytearray(path.read_bytes())
    data[-10] ^= 1
    path.write_bytes(bytes(data))
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


def no_music(path: Path) -> None:
    path.write_bytes(b"x" * 100)


def replaced(path: Path) -> None:
    other = path.with_name("other")
    save_song(THEIRS, other)
    other.replace(path)


@pytest.mark.parametrize("change", [other_music, same_size_and_time, no_music, replaced])
def test_a_file_that_another_program_changed_is_replaced_only_by_choice_and_kept(
    stage: Stage, qtbot: QtBot, path: Path, change: Callable[[Path], None]
) -> None:
    change(path)
    theirs = path.read_bytes()
    stage.window.files.save()
    qtbot.waitUntil(lambda: "changed by another program since it was opened" in text_of(stage))
    assert path.read_bytes() == theirs and stage.document.is_modified
    stage.window.notices.press("overwrite", "Save, and keep a copy of it")
    qtbot.waitUntil(lambda: not stage.document.is_modified)
    assert pitches(read_song(path).song) == pitches(stage.document.song)
    assert path.with_name("story (kept).mid").read_bytes() == theirs
    assert text_of(stage) == ""
    edit(stage)
    stage.window.files.save()
    qtbot.waitUntil(lambda: not stage.document.is_modified)
    assert len(list(path.parent.glob("story*"))) == 2


@pytest.mark.parametrize("change", [touched, Path.unlink])
def test_a_file_that_holds_nothing_else_is_saved_without_a_question(
    stage: Stage, qtbot: QtBot, path: Path, change: Callable[[Path], None]
) -> None:
    change(path)
    stage.window.files.save()
    qtbot.waitUntil(lambda: not stage.document.is_modified)
    assert text_of(stage) == ""
    assert len(list(path.parent.glob("story*"))) == 1


def test_keeping_mine_is_a_choice_and_a_copy_is_kept_all_the_same(stage: Stage, qtbot: QtBot, path: Path) -> None:
    stage.window.files._watch.watch(path)
    other_music(path)
    qtbot.waitUntil(lambda: text_of(stage) == "story.mid was changed by another program.")
    stage.window.notices.press("disk", "Keep mine")
    stage.window.files.save()
    qtbot.waitUntil(lambda: not stage.document.is_modified)
    assert read_song(path.with_name("story (kept).mid")).song == read_song_of(THEIRS)


def read_song_of(song: Song) -> Song:
    from musicassist.midi import read_song_bytes

    return read_song_bytes(write_song(song), "x").song


def test_the_new_version_can_be_opened_instead(stage: Stage, qtbot: QtBot, path: Path) -> None:
    other_music(path)
    stage.window.files.save()
    qtbot.waitUntil(lambda: bool(text_of(stage)))
    stage.window.notices.press("overwrite", "Open the new version")
    qtbot.waitUntil(lambda: "not saved" in text_of(stage) or pitches(stage.document.song) == [40, 41])
    assert path.with_name("story (kept).mid").exists() is False


@pytest.mark.parametrize("kept_bytes", [-1, -8, -20])
def test_a_file_that_was_cut_off_is_replaced_only_by_choice_and_kept(
    stage: Stage, qtbot: QtBot, tmp_path: Path, kept_bytes: int
) -> None:
    path = tmp_path / "cut.mid"
    cut = write_song(stage.document.song)[:kept_bytes]
    path.write_bytes(cut)
    stage.window.files.read(path)
    qtbot.waitUntil(lambda: stage.document.path == path)
    edit(stage)
    stage.window.files.save()
    qtbot.waitUntil(lambda: "cut.mid could not be read whole." in text_of(stage))
    assert path.read_bytes() == cut
    stage.window.notices.press("overwrite", "Save, and keep a copy of it")
    qtbot.waitUntil(lambda: not stage.document.is_modified)
    assert path.with_name("cut (kept).mid").read_bytes() == cut
    assert "missing" not in text_of(stage)  # what lies there now is whole


class SlowDisk:
    """Saves only when the test lets it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.may_write = threading.Event()
        self.is_writing = threading.Event()
        self.problem: SaveError | None = None
        monkeypatch.setattr(saving, "save_song", self._save)

    def _save(self, song: Song, path: Path, *, as_of_seconds: float) -> None:
        self.is_writing.set()
        self.may_write.wait(30)
        if self.problem is not None:
            raise self.problem
        save_song(song, path, as_of_seconds=as_of_seconds)


def test_what_is_edited_while_the_file_is_written_is_unsaved_work(
    stage: Stage, qtbot: QtBot, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = SlowDisk(monkeypatch)
    stage.window.files.save()
    saved = stage.document.song
    assert disk.is_writing.wait(30)
    edit(stage, 5)
    disk.may_write.set()
    qtbot.waitUntil(lambda: stage.window.strip.message == "Saved story.mid.")
    assert pitches(read_song(path).song) == pitches(saved) != pitches(stage.document.song)
    assert stage.document.is_modified
    stage.document.undo()
    assert not stage.document.is_modified


def test_quitting_waits_for_the_file_that_is_written(
    stage: Stage, qtbot: QtBot, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = SlowDisk(monkeypatch)
    stage.window.files.save()
    assert disk.is_writing.wait(30)
    assert not stage.window.close()
    assert text_of(stage) == "A file is still being written."
    disk.may_write.set()
    qtbot.waitUntil(lambda: not stage.window.isVisible())
    assert pitches(read_song(path).song) == pitches(stage.document.song)


def test_a_disk_that_hangs_keeps_nobody_from_quitting(
    stage: Stage, qtbot: QtBot, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = SlowDisk(monkeypatch)
    stage.window.files.save()
    assert disk.is_writing.wait(30)
    assert not stage.window.close()
    assert text_of(stage) == "A file is still being written."
    stage.window.notices.press("writing", "Quit without saving")
    qtbot.waitUntil(lambda: not stage.window.isVisible())
    assert not stage.window.is_over  # so the process just goes
    disk.may_write.set()
    stage.window.is_over = stage.window.generator.close()


def test_a_disk_that_fails_is_told_until_saving_succeeds(
    stage: Stage, qtbot: QtBot, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = SlowDisk(monkeypatch)
    disk.may_write.set()
    disk.problem = SaveError("{file} could not be saved: {reason}.", file="story.mid", reason="the disk is full")
    stage.window.files.save()
    qtbot.waitUntil(lambda: text_of(stage) == "story.mid could not be saved: the disk is full.")
    assert stage.document.is_modified
    disk.problem = None
    stage.window.files.save()
    qtbot.waitUntil(lambda: not stage.document.is_modified)
    assert text_of(stage) == ""


def test_a_save_that_ends_after_another_song_was_opened_says_nothing_about_that_one(
    stage: Stage, qtbot: QtBot, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    disk = SlowDisk(monkeypatch)
    stage.window.files.save()
    assert disk.is_writing.wait(30)
    stage.window.files.show_demo()
    disk.may_write.set()
    qtbot.waitUntil(lambda: stage.window.strip.message == "Saved story.mid.")
    assert stage.document.path is None


def long_song() -> Song:
    return Song((Track("Long", phrase(*range(40, 100), step_ticks=96_000)),))


def files_beside(path: Path) -> set[str]:
    return {other.name for other in path.parent.iterdir() if other.is_file()}


@pytest.mark.parametrize("suffix", [".wav", ".flac"])
def test_an_audio_export_that_is_stopped_leaves_no_file(stage: Stage, qtbot: QtBot, path: Path, suffix: str) -> None:
    stage.document.apply("Make it long", long_song())
    before = files_beside(path)
    stage.window.files.render(path.with_suffix(suffix))
    qtbot.waitUntil(lambda: files_beside(path) != before)
    stage.window.notices.press("render", "Stop")
    qtbot.waitUntil(lambda: stage.window.strip.message == f"story{suffix} was not written.")
    assert files_beside(path) == before
    assert text_of(stage) == ""


def test_quitting_breaks_an_audio_export_off_and_leaves_no_file(stage: Stage, qtbot: QtBot, path: Path) -> None:
    stage.document.apply("Make it long", long_song())
    before = files_beside(path)
    stage.window.files.render(path.with_suffix(".wav"))
    qtbot.waitUntil(lambda: files_beside(path) != before)
    stage.window.shut_down(keep_recovery=False)
    qtbot.waitUntil(lambda: files_beside(path) == before)


def test_the_window_ends_within_three_seconds_whatever_hangs(
    stage: Stage, qtbot: QtBot, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The model loads, the sound engine does not answer, the disk takes nothing, a file is being read: all at once."""
    disk, gate = SlowDisk(monkeypatch), threading.Event()
    stage.engine.may_load.clear()
    stage.window.model_status.load()
    monkeypatch.setattr(stage.sound, "close", lambda: gate.wait(30))
    monkeypatch.setattr(os, "fsync", lambda _descriptor: gate.wait(30))
    stage.window.files.save()
    stage.window.tasks.start(lambda: gate.wait(30), lambda _done: None, lambda _error: None)
    assert disk.is_writing.wait(30)
    edit(stage)
    started_seconds = time.monotonic()
    stage.window.shut_down(keep_recovery=True)
    assert time.monotonic() - started_seconds < 3
    assert not stage.window.is_over  # so the process just goes
    for event in (gate, disk.may_write, stage.engine.may_load):
        event.set()
    qtbot.waitUntil(stage.window.generator.close)
    stage.window.is_over = True


def test_a_record_that_cannot_be_written_is_told_until_it_can(stage: Stage, qtbot: QtBot) -> None:
    stage.journal.on_failure(SaveError("The recovery copy could not be written."))
    qtbot.waitUntil(lambda: text_of(stage) == "The recovery copy could not be written.")
    stage.journal.on_success()
    qtbot.waitUntil(lambda: text_of(stage) == "")


def test_a_file_is_opened_while_another_is_rendered(stage: Stage, qtbot: QtBot, path: Path) -> None:
    stage.document.apply("Make it long", long_song())
    before = files_beside(path)
    stage.window.files.render(path.with_suffix(".wav"))
    qtbot.waitUntil(lambda: files_beside(path) != before)
    stage.window.files.read(path)
    qtbot.waitUntil(lambda: stage.document.song.tracks[0].name == "Melody" or "not saved" in text_of(stage))
    assert stage.window.files._rendering.is_busy


def test_an_export_leaves_the_document_its_own_file(stage: Stage, qtbot: QtBot, path: Path) -> None:
    copy = path.with_name("copy.mid")
    stage.window.files.saving.export(copy)
    qtbot.waitUntil(copy.exists)
    qtbot.waitUntil(lambda: not stage.window.files.saving.is_busy)
    assert stage.document.path == path and stage.document.is_modified


def test_an_export_on_the_grid_writes_what_was_meant_and_leaves_the_song_as_it_was_played(
    stage: Stage, qtbot: QtBot, path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    played = Notes.of(Note(max(0, i * 480 - 12 * (i % 3)), 60 + i % 5, 470) for i in range(16))
    stage.document.apply("Play", stage.document.song.with_track(0, Track("Melody", played)))
    copy = path.with_name("grid.mid")
    monkeypatch.setattr(filing, "ask_where_to_write", lambda *_: copy)
    stage.window.files.export_on_grid()
    qtbot.waitUntil(copy.exists)
    qtbot.waitUntil(lambda: not stage.window.files.saving.is_busy)
    assert read_song(copy).song.tracks[0].notes.start_tick.tolist() == [i * 480 for i in range(16)]
    assert stage.document.track.notes == played


@pytest.mark.parametrize("name", ["story.mid", "my tune.v2.mid", "Lied.MID"])
def test_an_export_on_the_grid_suggests_another_name_than_that_of_the_song(
    stage: Stage, path: Path, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    suggested: list[Path] = []
    monkeypatch.setattr(filing, "ask_where_to_write", lambda _window, _title, place, _kinds: suggested.append(place))
    stage.document.mark_saved(path.with_name(name))
    stage.window.files.export_on_grid()
    assert suggested[0].suffix == ".mid"
    assert suggested[0].stem == f"{Path(name).stem} on the grid"


def test_a_file_that_is_gone_is_asked_about_no_more(stage: Stage, qtbot: QtBot, path: Path) -> None:
    other_music(path)
    stage.window.files.save()
    qtbot.waitUntil(lambda: "since it was opened" in text_of(stage))
    path.unlink()
    qtbot.waitUntil(lambda: "moved or deleted" in text_of(stage))
    assert "since it was opened" not in text_of(stage)


def test_an_export_on_the_grid_never_replaces_the_song_itself(stage: Stage, path: Path, qtbot: QtBot) -> None:
    before = path.read_bytes() if path.exists() else b""
    stage.document.mark_saved(path)
    stage.window.files.saving.export(path, lambda song: song)
    assert "another file" in text_of(stage)
    assert (path.read_bytes() if path.exists() else b"") == before
