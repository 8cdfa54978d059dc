"""Whatever goes wrong while saving, the old file is as it was and nothing else is left."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from io import BufferedRandom, FileIO
from pathlib import Path
from typing import BinaryIO

import pytest

from builders import song_of
from musicassist import disk
from musicassist.errors import SaveError
from musicassist.midi import read_song, save_song, write_song
from musicassist.midi import writing as saving
from musicassist.score.song import Note, Song

OLD, NEW = song_of(Note(0, 60, 480)), song_of(Note(0, 64, 480), Note(480, 67, 480))


class Forgetful(BufferedRandom):
    """A file on a disk that gives back zeros."""

    def read(self, _size: int | None = None) -> bytes:
        return b"\0" * 100


def forgetful(descriptor: int, *_args: object, **_kwargs: object) -> BinaryIO:
    return Forgetful(FileIO(descriptor, "w+b", closefd=False))


@pytest.fixture
def target(tmp_path: Path) -> Path:
    path = tmp_path / "songs" / "story.mid"
    path.parent.mkdir()
    save_song(OLD, path)
    return path


def broken(*_args: object, **_kwargs: object) -> int:
    raise OSError(28, "No space left on device")


def test_saving_replaces_the_file_and_leaves_nothing_else(target: Path) -> None:
    save_song(NEW, target)
    assert read_song(target).song == NEW
    assert list(target.parent.iterdir()) == [target]


@pytest.mark.skipif(os.name != "posix", reason="needs links and file modes")
def test_links_and_file_modes_stay(target: Path) -> None:
    link = target.parent / "link.mid"
    link.symlink_to(target)
    target.chmod(0o640)
    save_song(NEW, link)
    assert link.is_symlink() and target.stat().st_mode & 0o777 == 0o640
    assert read_song(target).song == NEW


@pytest.mark.parametrize(
    "step",
    ["os.open", "os.fsync", "Path.chmod", "Path.replace"],
)
def test_a_failing_step_leaves_the_old_file(target: Path, monkeypatch: pytest.MonkeyPatch, step: str) -> None:
    before = target.read_bytes()
    owner, name = step.split(".")
    with monkeypatch.context() as patch:
        patch.setattr(Path if owner == "Path" else os, name, broken)
        with pytest.raises(SaveError, match=r"story\.mid could not be saved: No space left on device"):
            save_song(NEW, target)
    assert target.read_bytes() == before
    assert list(target.parent.iterdir()) == [target]
    save_song(NEW, target)  # it works as soon as the disk does
    assert read_song(target).song == NEW


def test_a_disk_that_gives_back_other_data_is_noticed(target: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = target.read_bytes()
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", lambda _descriptor: None)
        patch.setattr(disk, "open", forgetful, raising=False)
        with pytest.raises(SaveError, match="other data than was written"):
            save_song(NEW, target)
    assert target.read_bytes() == before


@pytest.mark.parametrize("write", [lambda _song: write_song(OLD), lambda song: write_song(song)[:20]])
def test_music_that_would_not_open_again_is_not_saved(
    target: Path, monkeypatch: pytest.MonkeyPatch, write: Callable[[Song], bytes]
) -> None:
    before = target.read_bytes()
    monkeypatch.setattr(saving, "write_song", write)
    with pytest.raises(SaveError, match=r"story\.mid was not saved"):
        save_song(NEW, target)
    assert target.read_bytes() == before
    assert list(target.parent.iterdir()) == [target]


@pytest.mark.skipif(os.name != "posix", reason="needs pipes and devices")
def test_a_pipe_and_a_device_are_refused_and_stay_what_they_are(tmp_path: Path) -> None:
    pipe, device = tmp_path / "pipe.mid", tmp_path / "device.mid"
    os.mkfifo(pipe)
    device.symlink_to(os.devnull)
    for path in (pipe, device, Path(os.devnull)):
        with pytest.raises(SaveError, match="could not be saved: it is a device or a pipe, not a file"):
            save_song(NEW, path)
    assert pipe.is_fifo() and device.is_symlink() and Path(os.devnull).is_char_device()
    assert sorted(path.name for path in tmp_path.iterdir() if path.name.startswith((".", "p", "d"))) == [
        "device.mid",
        "pipe.mid",
    ]


def test_a_folder_and_a_missing_folder_are_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(SaveError, match="it is a folder"):
        save_song(NEW, tmp_path)
    with pytest.raises(SaveError, match="could not be saved"):
        save_song(NEW, tmp_path / "gone" / "story.mid")


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="needs a limit on file sizes")
def test_a_full_disk_is_told_and_the_old_file_stays(target: Path) -> None:
    before = target.read_bytes()
    script = (
        "import resource, signal, sys; from pathlib import Path\n"
        "from musicassist.errors import SaveError\n"
        "from musicassist.midi import save_song\n"
        "from musicassist.score.song import Note, Notes, Song, Track\n"
        "signal.signal(signal.SIGXFSZ, signal.SIG_IGN); resource.setrlimit(resource.RLIMIT_FSIZE, (4096, 4096))\n"
        "song = Song((Track(notes=Notes.of(Note(i, 60, 1) for i in range(5000))),))\n"
        "try: save_song(song, Path(sys.argv[1]))\n"
        "except SaveError as error: print(error)\n"
    )
    child = subprocess.run([sys.executable, "-c", script, str(target)], capture_output=True, text=True, check=True)
    assert child.stdout == "story.mid could not be saved: File too large.\n"
    assert target.read_bytes() == before
    assert list(target.parent.iterdir()) == [target]
