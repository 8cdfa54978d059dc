"""How often the melody is found without names, on made-up pieces."""

from __future__ import annotations

import csv
import tarfile
from io import BytesIO
from pathlib import Path

import pytest

from builders import phrase
from lab.evaluation.melody_tracks import MAX_NOTES_MODEL, MODEL, melody_track_figures
from musicassist.midi import write_song
from musicassist.score.song import Note, Notes, Song, Track

TUNE = phrase(*(72, 74, 76, 77, 79, 77, 76, 74) * 4, step_ticks=480)
BASS = phrase(*(36, 43, 41, 43) * 20, step_ticks=240)
CHORDS = Notes.of(Note(bar * 1920, pitch, 1920) for bar in range(8) for pitch in (48, 55, 64))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two pieces whose tune is the melody, one where the bass is called so, and one of a single part."""
    pieces = [
        Song(tracks=(Track("CHORDS", CHORDS), Track("MELODY", TUNE), Track("LOW", BASS))),
        Song(tracks=(Track("MELODY", TUNE), Track("LOW", BASS))),
        Song(tracks=(Track("TOP", TUNE), Track("MELODY", BASS))),
        Song(tracks=(Track("MELODY", TUNE),)),
    ]
    (tmp_path / "lieder").mkdir()
    with tarfile.open(tmp_path / "lieder" / "lieder.tar.xz", "w:xz") as tar:
        for number, piece in enumerate(pieces):
            data = write_song(piece)
            info = tarfile.TarInfo(f"lieder/{number}.mid")
            info.size = len(data)
            tar.addfile(info, BytesIO(data))
    with (tmp_path / "split.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("dataset", "file", "split", "style", "licence_class"))
        writer.writerows(
            ("lieder", f"{number}.mid", "valid", "art_song", "permissive") for number in range(len(pieces))
        )
    return tmp_path


def test_the_share_is_of_pieces_with_several_parts_and_stands_beside_the_simplest_rule(folder: Path) -> None:
    ours, fullest = melody_track_figures([folder], "valid")
    assert (ours.metric, ours.n, ours.split) == ("melody track found, lieder", 3, "valid")
    assert (ours.model, ours.value) == (MODEL, pytest.approx(2 / 3))
    assert (fullest.model, fullest.value) == (MAX_NOTES_MODEL, pytest.approx(1 / 3))
    assert melody_track_figures([folder], "test") == []
