"""The index that is made of archives of music: which lines it holds, what pieces are called, what is usual."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest

from corpora import song_of_tune, write_archive_folder
from lab.training.originality import LENGTH_EDGES, excerpts_of, lines_of, main, names_in
from musicassist.composing.training_music import FILE_NAME, training_music_in
from musicassist.score.song import Notes, Song, Track

TABLE = (
    ("lieder", "tune.mid", "train", "permissive"),
    ("pop909", "007.mid", "train", "mit_underlying_copyright"),
    ("cre", "mill.mid", "train", "permissive"),
    ("cre", "locked.mid", "train", "gpl3"),
    ("cre", "held.mid", "valid", "permissive"),
)


@pytest.fixture
def data(tmp_path: Path) -> Path:
    rows = [
        {"dataset": dataset, "file": file, "split": split, "style": "folk", "licence_class": licence}
        for dataset, file, split, licence in TABLE
    ]
    songs = {f"{dataset}/{file}": song_of_tune(number) for number, (dataset, file, *_) in enumerate(TABLE)}
    tune = songs["lieder/tune.mid"]
    chords = Track("CHORDS", tune.tracks[0].notes)
    songs["lieder/tune.mid"] = Song((*tune.tracks, chords, Track("SHORT", Notes.of([*chords.notes][:9]))))
    folder = write_archive_folder(tmp_path / "data", rows, songs)
    (folder / "lieder" / "index.csv").write_text('file,title,composer\ntune.mid,"Wiesengrund, Der","Lang, Josephine"\n')
    (folder / "pop909" / "index.csv").write_text("file,bpm,title\n007.mid,90,A song that is not named\n")
    (folder / "cre" / "index.csv").write_text('file,title\nmill.mid,"Mill* (reel), "\n')
    return folder


def test_lines_are_those_of_pieces_that_may_be_learned_from(data: Path) -> None:
    lines = list(lines_of(data, ("train",)))
    assert [(line.dataset, line.file, line.is_melody) for line in lines] == [
        ("cre", "mill.mid", True),
        ("lieder", "tune.mid", True),
        ("pop909", "007.mid", True),
    ]
    assert all(line.bar[0] == 1 and (np.diff(line.bar) >= 0).all() for line in lines)


def test_pieces_have_their_titles_and_pop_songs_their_numbers(data: Path) -> None:
    names = names_in(data)
    assert (names["lieder", "tune.mid"].title, names["lieder", "tune.mid"].composer) == (
        "Der Wiesengrund",
        "Lang, Josephine",
    )
    assert names["cre", "mill.mid"].title == "Mill (reel)"
    pop = names["pop909", "007.mid"]
    assert (pop.collection, pop.title, pop.composer) == ("", "POP909, piece 7", "")


def test_excerpts_go_from_bar_line_to_bar_line(data: Path) -> None:
    lines = list(lines_of(data, ("valid",)))
    found = list(excerpts_of(lines, 2, np.random.default_rng(1)))
    assert found
    for notes in found:
        first, last = notes.start_tick[[0, -1]] // 1920
        assert last - first < 2


def test_the_file_that_is_made_knows_the_music_and_is_the_same_again(
    data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    made = []
    for number in range(2):
        out = tmp_path / str(number) / FILE_NAME
        out.parent.mkdir()
        monkeypatch.setattr(sys, "argv", ["originality", str(data), str(out), "--seed", "3"])
        main()
        made.append(out.read_bytes())
    assert made[0] == made[1]
    assert b"not named" not in made[0]
    assert "3 pieces, 3 lines" in capsys.readouterr().out
    music = training_music_in(tmp_path / "0")
    assert music is not None
    evidence = music.evidence_of(song_of_tune(0, shift=5).tracks[0].notes)
    assert (evidence.runs[0].piece, evidence.longest_notes) == ("Der Wiesengrund", 40)
    assert music.usual_notes(LENGTH_EDGES[0]) <= music.usual_notes(LENGTH_EDGES[-1])
