"""Folders and archives of music."""

from __future__ import annotations

from pathlib import Path

import pytest

from corpora import tune, write_loose_folder
from music_folders import archive, lines_of
from musicassist.errors import TrainingDataError
from musicassist.tokens.vocabulary import STYLES


def test_a_folder_of_loose_files_is_read_with_its_subfolders(tmp_path: Path) -> None:
    write_loose_folder(tmp_path / "mine", 3)
    write_loose_folder(tmp_path / "mine" / "more", 1, first=9)
    (tmp_path / "mine" / "notes.txt").write_text("no music")
    lines, report = lines_of(tmp_path / "mine")
    assert [line.source for line in lines] == [
        "mine/more/tune009.mid",
        "mine/tune000.mid",
        "mine/tune001.mid",
        "mine/tune002.mid",
    ]
    assert all(line.is_melody for line in lines)
    assert list(lines[1].melody) == list(tune(0))
    assert (lines[1].place.tonic, lines[1].place.mode) == (0, 1)
    assert sum(report.pieces.values()) == 4


def test_an_archive_folder_follows_its_table(tmp_path: Path) -> None:
    lines, report = lines_of(archive(tmp_path))
    assert {(line.source, line.split, line.style, line.is_melody) for line in lines} == {
        ("hymns/a.mid", "train", "choral", True),
        ("hymns/a.mid#ALTO", "train", "choral", False),
        ("nottingham/a.mid", "train", "folk", True),
        ("nottingham/b.mid", "valid", "folk", True),
        ("nottingham/c.mid", "test", "folk", True),
    }
    assert report.dropped["of another licence or split"] == 1
    assert report.dropped["not in the archives"] == 1
    assert all(STYLES[line.place.style] == line.style for line in lines)


def test_sides_licences_and_other_lines_are_chosen(tmp_path: Path) -> None:
    folder = archive(tmp_path)
    assert [line.source for line in lines_of(folder, splits=("test",))[0]] == ["nottingham/c.mid"]
    assert [line.source for line in lines_of(folder, licences=("gpl3",))[0]] == ["nottingham/locked.mid"]
    assert all(line.is_melody for line in lines_of(folder, other_lines=False)[0])


def test_damaged_archives_and_tables_are_told_in_words(tmp_path: Path) -> None:
    folder = archive(tmp_path)
    (folder / "hymns" / "hymns.tar.xz").write_bytes(b"no archive")
    with pytest.raises(TrainingDataError, match="hymns"):
        lines_of(folder)
    (folder / "split.csv").write_text("dataset,file\nhymns,a.mid\n")
    with pytest.raises(TrainingDataError, match=r"split\.csv"):
        lines_of(folder)
