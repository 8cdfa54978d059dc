"""How often the printed key is heard, on made-up pieces."""

from __future__ import annotations

import csv
import sys
import tarfile
from io import BytesIO
from pathlib import Path

import pytest

from builders import phrase
from lab.evaluation.keys import KRUMHANSL, MUSIC21, OURS, key_figures, krumhansl_key, music21_key
from lab.evaluation.labelled_keys import WHOLE, LabelledKey, labelled_keys
from melodies import A_MINOR_TUNE, C_TUNE
from musicassist.midi import write_song
from musicassist.score.keys import key_heard
from musicassist.score.song import KeyChange, Notes, Song, Track
from musicassist.score.theory import Key


def piece(pitches: tuple[int, ...], up: int, *keys: KeyChange) -> Song:
    notes = phrase(*(pitch + up for pitch in pitches * 2), step_ticks=480)
    return Song((Track("MELODY", notes),), key_changes=keys)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A set that tells minor from major, and one that prints signatures alone."""
    pieces = {
        "pop909/0.mid": piece(C_TUNE, 0, KeyChange(0, 0)),
        "pop909/1.mid": piece(A_MINOR_TUNE, 2, KeyChange(0, 11, "minor")),
        "pop909/2.mid": piece(C_TUNE, 4, KeyChange(0, 1, "minor")),
        "pop909/3.mid": piece(C_TUNE, 4, KeyChange(0, 4), KeyChange(1920, 5)),
        "lieder/4.mid": piece(A_MINOR_TUNE, 0, KeyChange(0, 0)),
        "lieder/5.mid": piece(C_TUNE, 0),
    }
    for dataset in ("pop909", "lieder"):
        (tmp_path / dataset).mkdir()
        with tarfile.open(tmp_path / dataset / f"{dataset}.tar.xz", "w:xz") as tar:
            for name, song in pieces.items():
                if name.startswith(dataset):
                    data = write_song(song)
                    info = tarfile.TarInfo(f"{dataset}/{Path(name).name}")
                    info.size = len(data)
                    tar.addfile(info, BytesIO(data))
    with (tmp_path / "split.csv").open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("dataset", "file", "split", "style", "licence_class"))
        writer.writerows(
            (*name.split("/"), "valid" if name.endswith("0.mid") else "test", "pop", "gpl3") for name in pieces
        )
    return tmp_path


def test_stretches_end_where_the_key_changes(folder: Path) -> None:
    rows = labelled_keys([folder], ("valid", "test"), (4, WHOLE))
    assert sum(row.bars == 4 for row in rows) == 4  # of five pieces with a key one changes it in bar 2
    changed = next(row for row in rows if row.bars == WHOLE and row.key == Key(4))
    assert max(int(notes.end_tick.max()) for notes in changed.parts) == 1920
    assert {row.dataset: row.names_tonic for row in rows} == {"pop909": True, "lieder": False}


def test_the_table_has_both_sides_all_sets_and_the_references(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    rows = key_figures([folder])
    models = {row.model for row in rows}
    assert {OURS, KRUMHANSL} <= models
    assert (MUSIC21 in models) is ("not installed" not in capsys.readouterr().err)
    found = {(row.metric, row.split): row for row in rows if row.model == OURS}
    near = found["key of the first four bars, right or relative, all sets", "valid and test"]
    assert (near.value, near.n) == (1.0, 4)
    right = found["key of the first four bars, right, pop909", "valid and test"]
    assert (right.value, right.n) == (pytest.approx(2 / 3), 3)
    assert found["key of the first four bars, right or relative, all sets", "valid"].n == 1
    assert ("key of the whole piece, right, lieder", "valid and test") not in found


def test_without_music21_its_rows_are_left_out_and_that_is_said(
    folder: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "music21", None)
    assert MUSIC21 not in {row.model for row in key_figures([folder])}
    assert "music21 is not installed" in capsys.readouterr().err


@pytest.mark.parametrize("up", [0, 5, 7])
def test_the_references_find_the_key_of_a_scale(up: int) -> None:
    notes = phrase(*(pitch + up for pitch in (60, 64, 67, 64, 60, 65, 67, 60)))
    assert notes.key_evidence is not None
    assert krumhansl_key(notes.key_evidence) == Key(up)
    pytest.importorskip("music21")
    assert music21_key(LabelledKey("", "", 4, Key(up), True, (notes,))) == Key(up)


def test_nothing_is_heard_where_there_is_nothing() -> None:
    assert key_heard(Notes.of().key_evidence) is None
