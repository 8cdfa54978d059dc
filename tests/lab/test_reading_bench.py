"""What reading costs is measured on files of a folder and of its archives, the same ones for the same seed."""

from __future__ import annotations

import tarfile
from pathlib import Path

import pytest

from lab.reading_bench import measure
from musicassist.errors import UsageError
from mutants import END, ONE_NOTE, midi_file


def test_files_and_archives_are_read_beside_symusic(tmp_path: Path) -> None:
    (tmp_path / "one.mid").write_bytes(midi_file(ONE_NOTE + END))
    (tmp_path / "notes.txt").write_text("no music")
    with tarfile.open(tmp_path / "more.tar.xz", "w:xz") as archive:
        archive.add(tmp_path / "one.mid", "two.mid")
    figures = {figure.metric: figure for figure in measure(tmp_path)}
    assert {figure.n for figure in figures.values()} == {2}
    ours, theirs = figures["reading MIDI files"].value, figures["reading MIDI files, symusic"].value
    assert figures["reading MIDI files against symusic"].value == pytest.approx(ours / theirs)


def test_without_music_it_says_what_it_needs(tmp_path: Path) -> None:
    for folder in (None, tmp_path):
        with pytest.raises(UsageError, match="--music"):
            measure(folder)
