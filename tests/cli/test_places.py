"""No word that writes a file ever takes the place of a device, a pipe or a socket, nor waits for one."""

from __future__ import annotations

import os
import socket
import stat
from collections.abc import Callable
from pathlib import Path

import pytest

from builders import phrase
from musicassist.disk import check_place
from musicassist.errors import UsageError
from musicassist.midi import save_song
from musicassist.score.song import Song, Track

pytestmark = pytest.mark.skipif(os.name != "posix", reason="needs pipes and sockets in folders")

WORDS = {
    "continue": (["IN"], ".mid"),
    "infill": (["IN", "--from-bar", "2", "--to-bar", "2"], ".mid"),
    "vary": (["IN", "--amount", "0.5"], ".mid"),
    "interpolate": (["IN", "IN", "--steps", "3"], ".mid"),
    "generate": (["--bars", "2"], ".mid"),
    "render": (["IN"], ".wav"),
    "screenshot": (["IN"], ".png"),
    "train": (["FOLDER", "--model", "lstm"], ".safetensors"),
}


def pipe(path: Path) -> None:
    os.mkfifo(path)


def bound_socket(path: Path) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        here = Path.cwd()
        os.chdir(path.parent)  # a socket's whole path must be short
        try:
            listener.bind(path.name)
        finally:
            os.chdir(here)


def link_to_pipe(path: Path) -> None:
    os.mkfifo(path.with_name("real"))
    path.symlink_to(path.with_name("real"))


KINDS: list[Callable[[Path], None]] = [pipe, bound_socket, link_to_pipe]


@pytest.mark.parametrize("make", KINDS)
@pytest.mark.parametrize("word", WORDS)
def test_a_word_refuses_a_place_that_is_no_file_before_it_works(
    run_cli: Callable, tmp_path: Path, word: str, make: Callable[[Path], None]
) -> None:
    words, suffix = WORDS[word]
    song, out = tmp_path / "in.mid", tmp_path / f"out{suffix}"
    save_song(Song((Track("Lead", phrase(*[60, 62, 64, 65] * 4, step_ticks=480)),)), song)
    make(out)
    before = out.lstat()
    answer = run_cli(word, *(song if w == "IN" else tmp_path if w == "FOLDER" else w for w in words), "-o", out)
    assert answer.code == 2
    assert "is a device or a pipe, not a file" in answer.err
    after = out.lstat()
    assert (after.st_ino, stat.S_IFMT(after.st_mode)) == (before.st_ino, stat.S_IFMT(before.st_mode))
    assert not stat.S_ISREG(out.stat().st_mode)


def test_each_numbered_take_has_a_place_before_the_first_is_made(run_cli: Callable, tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "out-3.mid")
    answer = run_cli("generate", "--bars", "2", "--takes", "3", "-o", tmp_path / "out.mid")
    assert answer.code == 2 and "out-3.mid cannot be written" in answer.err
    assert [path.name for path in tmp_path.glob("*.mid")] == ["out-3.mid"]


@pytest.mark.parametrize("beside", [".json", ".svg"])
def test_what_is_written_beside_a_checkpoint_is_looked_at_before_the_training(
    run_cli: Callable, tmp_path: Path, beside: str
) -> None:
    os.mkfifo(tmp_path / f"out{beside}")
    answer = run_cli("train", tmp_path, "--model", "lstm", "-o", tmp_path / "out.safetensors")
    assert answer.code == 2 and "is a device or a pipe" in answer.err


def test_a_device_is_refused_through_any_number_of_links(tmp_path: Path) -> None:
    first, second = tmp_path / "first.mid", tmp_path / "second.mid"
    first.symlink_to(os.devnull)
    second.symlink_to(first)
    for place in (first, second, Path(os.devnull)):
        with pytest.raises(UsageError, match="is a device or a pipe"):
            check_place(place)


def test_places_that_can_never_be_written_are_told_in_words(tmp_path: Path) -> None:
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    (tmp_path / "away.mid").symlink_to(tmp_path / "gone" / "away.mid")
    for place, words in [
        (tmp_path, "is a folder"),
        (tmp_path / "gone" / "out.mid", "does not exist"),
        (tmp_path / "away.mid", "does not exist"),
        (tmp_path / "loop", "cannot be written"),
        (tmp_path / ("x" * 300), "cannot be written"),
        (tmp_path / "nul\0.mid", "cannot be written"),
    ]:
        with pytest.raises(UsageError, match=words):
            check_place(place)


def test_a_new_file_and_an_old_one_are_places(tmp_path: Path) -> None:
    (tmp_path / "old.mid").write_bytes(b"old")
    (tmp_path / "link.mid").symlink_to("old.mid")
    for name in ("old.mid", "new.mid", "link.mid"):
        check_place(tmp_path / name)
