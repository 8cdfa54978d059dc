"""A song on its way to a file, here and in a child process: the same answers, and nothing lost without a word."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from builders import phrase
from musicassist.disk import mark_of
from musicassist.document import saving
from musicassist.document.saving import Objections, Saved, SaveOrder, carry_out, save_apart
from musicassist.errors import SaveError, Words
from musicassist.midi import read_song
from musicassist.score.song import Event, Song, Track

SONG = Song((Track("Melody", phrase(60, 62, 64)),))
MUTED = Song((replace(SONG.tracks[0], muted=True),))
Carry = Callable[[SaveOrder], Saved | Objections]


@pytest.fixture(params=["here", "apart"])
def carry(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Carry:
    if request.param == "here":
        return carry_out
    monkeypatch.setattr(saving, "MAX_EVENTS_IN_THREAD", 0)
    return save_apart


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "story \N{MUSICAL SYMBOL G CLEF}.mid"


def order_for(path: Path, song: Song = SONG) -> SaveOrder:
    return SaveOrder(song, path, 1_000_000.0)


def test_the_file_is_that_of_the_song_and_as_old_as_it(carry: Carry, path: Path) -> None:
    assert carry(order_for(path)) == Saved(mark_of(path, 10_000))
    assert read_song(path).song.tracks == SONG.tracks
    assert path.stat().st_mtime == 1_000_000.0


def test_losses_are_said_before_anything_is_written(carry: Carry, path: Path) -> None:
    answer = carry(replace(order_for(path, MUTED), may_lose=False))
    assert answer == Objections(False, False, (Words("Which tracks are muted or solo is not kept in a MIDI file."),))
    assert not path.exists()


def test_a_file_that_is_another_one_is_kept_where_its_loss_was_agreed_to(carry: Carry, path: Path) -> None:
    path.write_bytes(b"theirs")
    order = replace(order_for(path), known_mark="another", is_incomplete=True)
    assert carry(order) == Objections(True, True, ())
    assert path.read_bytes() == b"theirs"
    answer = carry(replace(order, may_replace=True))
    copy = path.with_name(f"{path.stem} (kept).mid")
    assert answer == Saved(mark_of(path, 10_000), copy)
    assert copy.read_bytes() == b"theirs"


def test_what_fails_is_said_in_words(carry: Carry, path: Path) -> None:
    path.mkdir()
    with pytest.raises(SaveError, match="could not be saved: it is a folder"):
        carry(order_for(path))


def program(code: str, **pipes: Any) -> subprocess.Popen[bytes]:
    return subprocess.Popen([sys.executable, "-c", code], **pipes)


def test_a_child_that_dies_is_said_and_the_old_file_stays(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path.write_bytes(b"old")
    monkeypatch.setattr(saving, "MAX_EVENTS_IN_THREAD", 0)
    monkeypatch.setattr(saving, "start_module", lambda _name, **pipes: program("", **pipes))
    with pytest.raises(SaveError, match="its writer stopped"):
        save_apart(order_for(path))
    assert path.read_bytes() == b"old"


def test_many_events_are_written_apart(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    events = tuple(Event(tick, b"\xb0\x01\x05") for tick in range(saving.MAX_EVENTS_IN_THREAD))
    started: list[str] = []

    def start(name: str, **pipes: Any) -> subprocess.Popen[bytes]:
        started.append(name)
        return program('import sys; sys.stdin.buffer.read(); print(\'{"mark": "x", "copy": null}\')', **pipes)

    monkeypatch.setattr(saving, "start_module", start)
    assert save_apart(order_for(path, Song((Track(events=events),)))) == Saved("x")
    assert started == ["musicassist.document.saving"]
    assert isinstance(save_apart(order_for(path)), Saved) and len(started) == 1
