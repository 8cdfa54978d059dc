"""The disk that is watched: what a power cut may leave, and what it may not take."""

from __future__ import annotations

import os
import random
from pathlib import Path

import pytest

from lab.window.watched_disk import WatchedDisk, after_power_cut


def contents(disk: WatchedDisk, name: str, cuts: int = 200) -> set[bytes | None]:
    chance = random.Random(2)
    return {after_power_cut(disk.log, len(disk.log), chance).get(name) for _ in range(cuts)}


def test_what_was_synced_stays_and_what_was_not_may_be_torn_or_gone(tmp_path: Path) -> None:
    with WatchedDisk(tmp_path) as disk:
        descriptor = os.open(tmp_path / "a", os.O_RDWR | os.O_CREAT)
        os.write(descriptor, b"safe")
        os.fsync(descriptor)
        folder = os.open(tmp_path, os.O_RDONLY)
        os.fsync(folder)
        assert contents(disk, "a") == {b"safe"}
        os.write(descriptor, b"12")
        os.write(descriptor, b"3")
        os.close(descriptor)
        os.close(folder)
    assert contents(disk, "a") == {
        b"safe" + end for end in (b"", b"1", b"12", b"\0\0", b"1\0", b"\0\x003", b"1\x003", b"123")
    }
    assert (tmp_path / "a").read_bytes() == b"safe123"


def test_names_are_safe_only_with_their_folder_and_come_in_their_order(tmp_path: Path) -> None:
    (tmp_path / "a").write_bytes(b"old")
    with WatchedDisk(tmp_path) as disk:
        descriptor = os.open(tmp_path / "b", os.O_RDWR | os.O_CREAT)
        os.write(descriptor, b"new")
        os.fsync(descriptor)
        (tmp_path / "b").replace(tmp_path / "a")
        assert contents(disk, "a") == {b"old", b"new"}
        folder = os.open(tmp_path, os.O_RDONLY)
        os.fsync(folder)
        assert contents(disk, "a") == {b"new"} and contents(disk, "b") == {None}
        (tmp_path / "a").unlink()
        assert contents(disk, "a") == {b"new", None}
        os.close(descriptor)
        os.close(folder)


def test_calls_fail_as_they_are_told_and_those_elsewhere_do_not(tmp_path: Path) -> None:
    (tmp_path / "songs").mkdir()
    with WatchedDisk(tmp_path / "songs") as disk:
        disk.fails = lambda call: OSError(28, "full") if call == "write" else None
        descriptor = os.open(tmp_path / "songs" / "a", os.O_RDWR | os.O_CREAT)
        with pytest.raises(OSError, match="full"):
            os.write(descriptor, b"x")
        os.close(descriptor)
        elsewhere = os.open(tmp_path / "b", os.O_RDWR | os.O_CREAT)
        assert os.write(elsewhere, b"x") == 1
        os.close(elsewhere)
    assert [operation.kind for operation in disk.log] == ["make"]
    assert os.write is not disk._write
