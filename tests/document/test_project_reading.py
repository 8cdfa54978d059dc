"""Projects are read in a child with limits: to their last whole entry, and whatever a stranger wrote into them."""

from __future__ import annotations

import random
import zlib
from pathlib import Path

import pytest

from builders import phrase
from musicassist.document import project_reading
from musicassist.document.document import Document
from musicassist.document.edits import insert_notes
from musicassist.document.entry import Entry
from musicassist.document.entry_bytes import unpack_entry
from musicassist.document.journal_file import MAGIC, entry_bytes
from musicassist.document.pages import Page
from musicassist.document.project_reading import ReadProject, read_project, read_project_in_child
from musicassist.errors import MidiImportError
from musicassist.midi.reading_process import answer_of
from musicassist.score.song import Note, Notes, Song, Track
from musicassist.score.song_bytes import unpacked


def project_parts(edits: int = 4) -> list[bytes]:
    """The beginning, and an entry for each edit."""
    document = Document(Song((Track("A", phrase(60, 62)),)))
    document.keep_page("shelf/1", Page.of({"wish": "more"}, (phrase(60),), (document.song,)))
    last, parts = None, []
    for number in range(edits + 1):
        now = Entry(document.song, None, 0, undo=document.undo_list, pages=document.pages, at_unix_seconds=1e9)
        parts.append((b"" if last else MAGIC) + entry_bytes(now, last))
        last = now
        note = Note(5000 + 10 * number, 60, 5)
        document.apply(f"Draw {number}", insert_notes(document.song, 0, Notes.of([note])))
    return parts


def written(folder: Path, data: bytes) -> Path:
    path = folder / "song.musicassist"
    path.write_bytes(data)
    return path


def told(project: ReadProject) -> str:
    return " ".join(map(str, project.warnings))


def test_song_undo_list_and_pages_come_out_of_the_child(tmp_path: Path) -> None:
    path = written(tmp_path, b"".join(project_parts()))
    read = read_project_in_child(path)
    assert read.entry.song.note_count == 6 and read.can_grow and read.warnings == ()
    assert [step.name for step in read.entry.undo.done] == [f"Draw {number}" for number in range(4)]
    assert read.entry.undo.done[-1].after.song is read.entry.song
    assert read.entry.pages["shelf/1"].plain == {"wish": "more"}
    assert (read.size_bytes, read.entry_count) == (path.stat().st_size, 5)


def test_a_torn_end_costs_the_last_edit_and_is_said(tmp_path: Path) -> None:
    data = b"".join(project_parts())
    for end in (data[:-3], data + bytes(200), data + b"\xff\xff\0\0torn"):
        read = read_project(written(tmp_path, end))
        assert read.entry.song.note_count == (6 if end.startswith(data) else 5)
        assert "not written to its end" in told(read) and read.can_grow


def test_damage_in_the_middle_is_said_and_nothing_is_appended_behind_it(tmp_path: Path) -> None:
    parts = project_parts()
    data = bytearray(b"".join(parts))
    data[len(parts[0]) + len(parts[1]) + 20] ^= 0xFF
    read = read_project(written(tmp_path, bytes(data)))
    assert read.entry.song.note_count == 3 and "is damaged" in told(read)
    assert not read.can_grow


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "is no project"),
        (b"MThd\0\0\0\6", "is no project"),
        (MAGIC, "is no project"),
        (b"musicassist journal 3\n" + b"x" * 100, "made by a newer musicassist"),
        (b"musicassist journal 12\n", "made by a newer musicassist"),
    ],
)
def test_what_cannot_be_read_is_refused_in_words(tmp_path: Path, data: bytes, words: str) -> None:
    with pytest.raises(MidiImportError, match=words):
        read_project(written(tmp_path, data))
    with pytest.raises(MidiImportError, match="does not exist"):
        read_project(tmp_path / "gone.musicassist")
    with pytest.raises(MidiImportError, match="cannot be read"):
        read_project(tmp_path)


def test_a_bomb_ends_in_words_and_within_the_limit(tmp_path: Path) -> None:
    bomb = b"\1" + zlib.compress(bytes(200 * 2**20))
    path = written(tmp_path, MAGIC + len(bomb).to_bytes(4, "little") + zlib.crc32(bomb).to_bytes(4, "little") + bomb)
    with pytest.raises(MidiImportError, match=r"too much memory|no project"):
        read_project_in_child(path)
    assert project_reading._limit_bytes(path) == 256 * 2**20
    with path.open("r+b") as file:
        file.truncate(20 * 2**20)  # a long file may need more
    assert 256 * 2**20 < project_reading._limit_bytes(path) <= 2**31


def test_mutated_projects_are_read_or_refused(tmp_path: Path) -> None:
    chance, parts = random.Random(3), project_parts()
    whole = b"".join(parts)
    for _ in range(60):
        data = bytearray(whole)
        for _ in range(chance.randrange(1, 4)):
            at = chance.randrange(len(data))
            data[at : at + chance.randrange(5)] = chance.randbytes(chance.randrange(5))
        page, raw = unpacked(answer_of(written(tmp_path, bytes(data)), project_reading._answer))
        assert "error" in page or unpack_entry(raw, None).song.note_count in range(2, 7)
