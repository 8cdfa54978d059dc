"""Files are read whole and within bounds, and replaced so that one of both is always whole."""

from __future__ import annotations

import gzip
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from musicassist.disk import (
    check_place,
    is_there,
    keep_copy,
    mark_of,
    read_unpacked,
    read_whole,
    remove_strays,
    replace_whole,
    replacing,
    set_aside,
)
from musicassist.errors import UsageError

OLD, NEW = b"the old file", b"the new one"
pytestmark = pytest.mark.skipif(os.name != "posix", reason="needs pipes, links and file modes")


def a_pipe(path: Path) -> None:
    os.mkfifo(path)


def a_link_to_a_device(path: Path) -> None:
    path.symlink_to("/dev/zero")


def a_folder(path: Path) -> None:
    path.mkdir()


NO_FILES = [a_pipe, a_link_to_a_device, a_folder]


@pytest.fixture
def target(tmp_path: Path) -> Path:
    path = tmp_path / "songs" / "story.mid"
    path.parent.mkdir()
    path.write_bytes(OLD)
    return path


@pytest.mark.parametrize("make", NO_FILES)
def test_what_is_no_regular_file_is_neither_read_nor_replaced(tmp_path: Path, make: Callable[[Path], None]) -> None:
    path = tmp_path / "x"
    make(path)
    with pytest.raises(OSError, match="it is a"):
        read_whole(path, 100)
    with pytest.raises(OSError, match="it is a"):
        replace_whole(path, NEW)
    assert not path.is_file()
    assert len(list(tmp_path.glob("x*"))) == 1


def test_what_is_larger_than_asked_for_is_not_read(target: Path) -> None:
    assert read_whole(target, len(OLD)) == OLD
    with pytest.raises(OSError, match="larger"):
        read_whole(target, len(OLD) - 1)


def test_a_packed_file_is_unpacked_within_the_same_bounds(tmp_path: Path) -> None:
    path = tmp_path / "x.gz"
    path.write_bytes(gzip.compress(b"\0" * 10_000_000))
    assert len(read_unpacked(path, 10_000_000)) == 10_000_000
    with pytest.raises(OSError, match="larger"):
        read_unpacked(path, 9_999_999)
    for damaged in (b"", b"no gzip", path.read_bytes()[:-9], path.read_bytes()[:50] + b"x" * 50):
        path.write_bytes(damaged)
        if damaged:
            with pytest.raises(OSError):
                read_unpacked(path, 10_000_000)


def test_a_link_is_followed_only_where_that_is_wanted(target: Path) -> None:
    link = target.with_name("link")
    link.symlink_to(target)
    assert read_whole(link, 100) == OLD
    with pytest.raises(OSError):
        read_whole(link, 100, follows_links=False)


def test_a_file_is_replaced_with_its_mode_and_behind_its_link(target: Path) -> None:
    target.chmod(0o640)
    link = target.with_name("link")
    link.symlink_to(target)
    replace_whole(link, NEW, mtime_seconds=1_000_000.5)
    assert link.is_symlink() and target.read_bytes() == NEW
    assert target.stat().st_mode & 0o777 == 0o640
    assert target.stat().st_mtime == 1_000_000.5
    assert sorted(path.name for path in target.parent.iterdir()) == ["link", "story.mid"]


@pytest.mark.parametrize(("is_private", "mode"), [(True, 0o600), (False, 0o666)])
def test_a_new_file_is_private_where_that_is_wanted(tmp_path: Path, is_private: bool, mode: int) -> None:
    umask = os.umask(0)
    try:
        replace_whole(tmp_path / "x", NEW, is_private=is_private)
    finally:
        os.umask(umask)
    assert (tmp_path / "x").stat().st_mode & 0o777 == mode


def test_a_block_that_fails_leaves_the_old_file_and_nothing_else(target: Path) -> None:
    with pytest.raises(ZeroDivisionError), replacing(target) as file:
        file.write(NEW)
        raise ZeroDivisionError
    assert target.read_bytes() == OLD
    assert list(target.parent.iterdir()) == [target]


def test_links_in_a_circle_are_refused(tmp_path: Path) -> None:
    (tmp_path / "a").symlink_to(tmp_path / "b")
    (tmp_path / "b").symlink_to(tmp_path / "a")
    with pytest.raises(OSError):
        replace_whole(tmp_path / "a", NEW)


WRITER = """
import sys
from pathlib import Path
from musicassist.disk import replacing
with replacing(Path(sys.argv[1])) as file:
    file.write(b"half")
    file.flush()
    print("writing", flush=True)
    sys.stdin.read()
"""


def test_what_a_killed_writer_left_is_removed_and_that_of_a_living_one_stays(target: Path) -> None:
    """Also not what another program or a person calls so, and not what a link points to."""
    pipe = subprocess.PIPE
    child = subprocess.Popen([sys.executable, "-c", WRITER, str(target)], stdin=pipe, stdout=pipe)
    assert child.stdin is not None and child.stdout is not None
    child.stdout.readline()
    others = [target.with_name(name) for name in ("x.tmp", ".musicassist-notes", "musicassist.tmp")]
    for other in others:
        other.write_bytes(OLD)
    link = target.with_name(".musicassist-aa.tmp")
    link.symlink_to(others[0])
    assert remove_strays(target.parent) == 0
    child.send_signal(signal.SIGKILL)
    child.wait()
    child.stdin.close()
    child.stdout.close()
    assert target.read_bytes() == OLD
    assert remove_strays(target.parent) == 1
    assert sorted(target.parent.iterdir()) == sorted([target, link, *others])
    assert remove_strays(target.parent / "gone") == 0


def test_writers_at_the_same_time_do_not_meet(target: Path) -> None:
    contents = [bytes([number]) * 10_000 for number in range(8)]
    threads = [threading.Thread(target=replace_whole, args=(target, content)) for content in contents]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert target.read_bytes() in contents
    assert list(target.parent.iterdir()) == [target]


def test_copies_take_names_that_are_free(target: Path) -> None:
    target.chmod(0o640)
    names = [copy.name for _ in range(3) if (copy := keep_copy(target)) is not None]
    assert names == ["story (kept).mid", "story (kept 2).mid", "story (kept 3).mid"]
    assert {target.with_name(name).read_bytes() for name in names} == {OLD}
    assert target.with_name(names[0]).stat().st_mode & 0o777 == 0o640
    assert keep_copy(target.with_name("gone.mid")) is None
    assert set_aside(target).name == "story (kept 4).mid"
    assert not target.exists()


def test_a_mark_tells_another_content_and_nothing_else(target: Path) -> None:
    before, times = mark_of(target, 100), target.stat()
    os.utime(target, (1, 1))
    target.chmod(0o600)
    assert mark_of(target, 100) == before
    target.write_bytes(OLD.swapcase())
    os.utime(target, ns=(times.st_atime_ns, times.st_mtime_ns))
    assert mark_of(target, 100) != before
    assert mark_of(target.with_name("gone"), 100) is None


@pytest.mark.parametrize("name", ["x" * 300, "x" * 5000, "a\0b", "ö" * 200, "no/such/place"])
def test_under_a_name_that_no_system_takes_nothing_lies(tmp_path: Path, name: str) -> None:
    assert is_there(tmp_path)
    assert not is_there(tmp_path / name)


@pytest.mark.skipif(not Path("/dev/fd").is_dir(), reason="the system gives open files no names")
def test_a_pipe_that_has_only_a_number_is_no_place_for_a_file() -> None:
    reader, writer = os.pipe()
    try:
        with pytest.raises(UsageError, match="it is a device or a pipe, not a file"):
            check_place(Path(f"/dev/fd/{writer}"))
    finally:
        os.close(reader)
        os.close(writer)
