"""A file that grows by whole entries, is held while it is open, and takes another one's place at once."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from musicassist.disk import hold, is_held, remove_strays
from musicassist.document.growing_file import GrowingFile


def test_what_is_appended_takes_the_place_of_a_file_and_grows_on(tmp_path: Path) -> None:
    target = tmp_path / "song"
    target.write_bytes(b"old")
    target.chmod(0o640)
    file = GrowingFile.beside(target, is_private=True)
    file.append(b"first")
    assert target.read_bytes() == b"old" and not file.path.samefile(target)
    file.put_in_place(target)
    file.append(b" second")
    assert target.read_bytes() == b"first second" and file.is_there()
    assert target.stat().st_mode & 0o777 == 0o640
    assert not list(tmp_path.glob(".*"))
    file.close()


def test_it_is_held_from_its_beginning_through_being_put_in_place(tmp_path: Path) -> None:
    file = GrowingFile.beside(tmp_path / "song", is_private=False)
    assert remove_strays(tmp_path) == 0
    file.append(b"x")
    file.put_in_place(tmp_path / "song")
    assert is_held(tmp_path / "song") and hold(tmp_path / "song") is None
    file.close()
    assert not is_held(tmp_path / "song")


def test_it_goes_on_behind_what_can_be_trusted(tmp_path: Path) -> None:
    path = tmp_path / "song"
    path.write_bytes(b"whole, and torn")
    lock = hold(path)
    assert lock is not None
    file = GrowingFile(lock, 5, 1, 5)
    assert path.read_bytes() == b"whole, and torn"  # opening writes nothing
    file.append(b"!")
    assert path.read_bytes() == b"whole!"
    file.close()


def test_what_a_full_disk_cut_off_is_taken_back(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file, write = GrowingFile.beside(tmp_path / "song", is_private=False), os.write
    file.append(b"whole")
    room = [3]

    def full(descriptor: int, data: bytes) -> int:
        if not room:
            raise OSError(28, "No space left on device")
        return write(descriptor, data[: room.pop()])

    with monkeypatch.context() as patch:
        patch.setattr(os, "write", full)
        with pytest.raises(OSError, match="No space"):
            file.append(b"torn!")
    assert file.path.read_bytes() == b"whole"
    file.append(b", on")
    assert file.path.read_bytes() == b"whole, on"
    file.remove()
    assert not list(tmp_path.glob(".*"))


def test_it_knows_when_nobody_can_find_it_any_more(tmp_path: Path) -> None:
    file = GrowingFile.beside(tmp_path / "song", is_private=False)
    file.put_in_place(tmp_path / "song")
    (tmp_path / "song").rename(tmp_path / "elsewhere")
    assert not file.is_there()
    (tmp_path / "song").write_bytes(b"of somebody else")
    assert not file.is_there()
    file.close()


def test_a_full_copy_is_shorter_once_entries_or_bytes_are_many(tmp_path: Path) -> None:
    file = GrowingFile.beside(tmp_path / "song", is_private=False)
    for _ in range(3):
        file.append(b"0123456789")
    assert not file.is_longer_than(3, 30) and file.is_longer_than(2, 30)
    file.append(b"0")
    assert file.is_longer_than(5, 30)
    file.remove()
