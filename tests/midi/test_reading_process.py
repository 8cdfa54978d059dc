"""A child process opens files: the same song, the same words, and never a hang."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from hypothesis import given

from builders import songs
from musicassist.errors import MidiImportError, Words
from musicassist.midi import ImportedSong, read_song, reading_process, save_song
from musicassist.midi.reading_process import read_song_in_child
from musicassist.score.song import Event, KeyChange, Note, Notes, Song, Track
from musicassist.score.song_bytes import unpacked
from mutants import END, ONE_NOTE, midi_file


@given(songs())
def test_a_song_crosses_the_border_unchanged(song: Song) -> None:
    imported = ImportedSong(song, (Words("{n} word.", {"n": 1}),), 1, 7)
    assert reading_process._imported(*unpacked(reading_process._message_of(imported))) == imported


def test_the_child_reads_as_we_do(tmp_path: Path) -> None:
    path = tmp_path / "-story ü.mid"
    track = Track("Flöte", Notes.of([Note(0, 60, 480)]), 3, 7, (Event(10, b"\xb3\x07\x64"), Event(10, b"\xff\x05la")))
    save_song(
        Song(
            (track, Track("empty", output_port="Rack")),
            key_changes=(KeyChange(0, 2),),
            events=(Event(0, b"\xff\x06A"),),
        ),
        path,
    )
    imported = read_song_in_child(path)
    assert imported == read_song(path)
    assert not imported.song.tracks[0].notes.pitch.flags.writeable


def test_warnings_come_along(tmp_path: Path) -> None:
    path = tmp_path / "story.mid"
    path.write_bytes(midi_file(b"\x00\x90\x3c\x40" + END))
    assert read_song_in_child(path).warnings == read_song(path).warnings != ()


def test_errors_come_back_as_they_are(tmp_path: Path) -> None:
    path = tmp_path / "story.mid"
    path.write_bytes(b"a letter")
    with pytest.raises(MidiImportError) as refused:
        read_song_in_child(path)
    assert refused.value.template == "{file} is no MIDI file." and refused.value.values == {"file": "story.mid"}


def never_answering(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, script: str) -> None:
    """Lets the child run a script instead."""
    stand_in = tmp_path / "python"
    stand_in.write_text(f"#!{sys.executable}\n{script}\n")
    stand_in.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(stand_in))


@pytest.mark.skipif(sys.platform == "win32", reason="needs a script as a program")
def test_a_child_that_hangs_is_ended(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    never_answering(monkeypatch, tmp_path, "while True: pass")
    with pytest.raises(MidiImportError, match=r"could not be read within 0\.1 seconds"):
        read_song_in_child(tmp_path / "story.mid", timeout_seconds=0.1)


@pytest.mark.skipif(sys.platform == "win32", reason="needs a script as a program")
def test_opening_can_be_cancelled(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    never_answering(monkeypatch, tmp_path, "while True: pass")
    with pytest.raises(MidiImportError, match=r"Opening story\.mid was cancelled"):
        read_song_in_child(tmp_path / "story.mid", is_cancelled=lambda: True)


@pytest.mark.skipif(sys.platform == "win32", reason="needs a script as a program")
@pytest.mark.parametrize(
    "answer", ["", "import sys; sys.stdout.write('\\2' + '\\0' * 7 + '{}')", "import os; os.abort()"]
)
def test_a_child_that_dies_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, answer: str) -> None:
    never_answering(monkeypatch, tmp_path, answer)
    with pytest.raises(MidiImportError, match="its reader stopped"):
        read_song_in_child(tmp_path / "story.mid")


@pytest.mark.skipif(sys.platform == "win32", reason="needs limits on memory")
def test_a_child_that_needs_too_much_memory_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "story.mid"
    path.write_bytes(midi_file(ONE_NOTE + END))
    monkeypatch.setattr(reading_process, "read_song", lambda _path: bytes(2**62))
    header, _ = unpacked(reading_process.answer_of(path, reading_process._answer))
    assert header["error"].format(**header["values"]) == "story.mid needs too much memory and is not opened."
