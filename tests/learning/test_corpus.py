"""From folders of MIDI files to packed music: what is read, what is dropped, and on which side each piece falls."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import pytest

from corpora import song_of_tune, write_loose_folder
from music_folders import archive, lines_of
from musicassist.errors import TrainingDataError
from musicassist.learning.corpus import leave_out_of, with_validation
from musicassist.learning.pack import load_corpus
from musicassist.midi import write_song
from musicassist.score.song import Notes, Song, Track


def test_what_cannot_be_used_is_reported_not_raised(tmp_path: Path) -> None:
    folder = write_loose_folder(tmp_path / "mine", 2)
    (folder / "broken.mid").write_bytes(b"MThd but no more")
    (folder / "empty.mid").write_bytes(b"")
    (folder / "silent.mid").write_bytes(write_song(Song((Track("Nothing"),))))
    drums = replace(song_of_tune(7).tracks[0], channel=9)
    (folder / "drums.mid").write_bytes(write_song(Song((drums,))))
    (folder / "short.mid").write_bytes(write_song(song_of_tune(8, notes=23)))
    distant = song_of_tune(9).tracks[0].notes
    distant = Notes.from_columns(distant.start_tick * 600, distant.pitch, distant.duration_ticks, distant.velocity)
    (folder / "endless.mid").write_bytes(write_song(Song((Track("MELODY", distant),))))
    (folder / "copy.mid").write_bytes(write_song(song_of_tune(1, shift=4)))
    lines, report = lines_of(folder)
    assert len(lines) == 2
    assert {reason: n for reason, n in report.dropped.items() if n} == {
        "no MIDI file that can be read": 2,
        "no pitched notes": 2,
        "fewer than 24 onsets": 1,
        "longer than 2,000 bars": 1,
        "a copy of another piece": 1,
    }


def test_without_a_track_named_melody_the_fullest_is_the_melody(tmp_path: Path) -> None:
    full, short = song_of_tune(1, name="Lead").tracks[0], song_of_tune(2, notes=30, name="Pad").tracks[0]
    (tmp_path / "a.mid").write_bytes(write_song(replace(song_of_tune(1), tracks=(short, full))))
    (line,) = [line for line in lines_of(tmp_path)[0] if line.is_melody]
    assert len(line.melody) == 40


def test_copies_are_read_once_and_versions_of_a_tune_stand_on_one_side(tmp_path: Path) -> None:
    for number in range(40):
        for name, song in (
            ("a", song_of_tune(number)),
            ("higher", song_of_tune(number, shift=3)),  # a copy
            ("longer", song_of_tune(number, notes=52, shift=7)),  # a version
        ):
            (tmp_path / f"{number:02d}-{name}.mid").write_bytes(write_song(song))
    lines, report = lines_of(tmp_path)
    assert report.dropped["a copy of another piece"] == 40
    sides: dict[str, list[str]] = {}
    for line in lines:
        sides.setdefault(line.source.split("/")[-1][:2], []).append(line.split)
    assert all(len(side) == 2 and len(set(side)) == 1 for side in sides.values())
    assert len({side[0] for side in sides.values()}) > 1


def test_what_a_benchmark_tests_on_is_left_out(tmp_path: Path) -> None:
    page = {"test": [{"id": "a"}], "versions_of_test_tunes": [{"dataset": "hymns", "file": "a.mid"}]}
    (tmp_path / "splits.json").write_text(json.dumps(page))
    left_out = leave_out_of(tmp_path / "splits.json")
    assert left_out == {"nottingham/a.mid", "hymns/a.mid"}
    lines, report = lines_of(archive(tmp_path), leave_out=left_out)
    assert {line.source for line in lines} == {"nottingham/b.mid", "nottingham/c.mid"}
    assert report.dropped["left out for a benchmark"] == 2


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"test": 3, "versions_of_test_tunes": []}'])
def test_a_list_of_test_tunes_that_is_none_is_told_in_words(tmp_path: Path, text: str) -> None:
    (tmp_path / "splits.json").write_text(text)
    with pytest.raises(TrainingDataError, match=r"splits\.json"):
        leave_out_of(tmp_path / "splits.json")
    with pytest.raises(TrainingDataError, match=r"absent\.json"):
        leave_out_of(tmp_path / "absent.json")


def test_folders_without_music_are_told_in_words(tmp_path: Path) -> None:
    with pytest.raises(TrainingDataError, match="no folder"):
        lines_of(tmp_path / "nowhere")
    with pytest.raises(TrainingDataError, match="no MIDI files"):
        lines_of(tmp_path)


def test_fewer_than_ten_pieces_are_refused_in_words(tmp_path: Path) -> None:
    folder = write_loose_folder(tmp_path / "mine", 9)
    with pytest.raises(TrainingDataError, match="Only 9 usable pieces") as caught:
        load_corpus([folder], tmp_path / "cache")
    assert "10" in str(caught.value)


@pytest.mark.parametrize("first", [0, 100, 200, 300])
def test_ten_pieces_are_enough_to_train_and_validate(tmp_path: Path, first: int) -> None:
    folder = write_loose_folder(tmp_path / "mine", 10, first=first)
    corpus = load_corpus([folder], tmp_path / "cache", workers=1)
    assert len(corpus.sides["train"]) >= 5
    assert len(corpus.sides["valid"]) >= 1
    sources = [source for side in corpus.sides.values() for source in side.sources]
    assert len(sources) == len(set(sources)) == 10
    sides = {side: len(pack) for side, pack in corpus.sides.items() if len(pack)}
    assert {side: count for side, count in corpus.report["pieces"].items() if count} == sides
    assert {f"{side} melody": count for side, count in sides.items()} == {
        name: count for name, count in corpus.report["lines"].items() if count
    }


def test_a_piece_that_is_moved_to_validation_takes_its_copies_along_and_leaves_no_voice_behind(tmp_path: Path) -> None:
    for number in range(12):
        song = song_of_tune(number)
        alto = song_of_tune(50 + number, name="ALTO").tracks[0]
        (tmp_path / f"{number}.mid").write_bytes(write_song(replace(song, tracks=(*song.tracks, alto))))
        (tmp_path / f"{number} higher.mid").write_bytes(write_song(song_of_tune(number, notes=34, shift=5)))
    lines, report = lines_of(tmp_path)
    training = [replace(line, split="train") for line in lines if line.split == "train"]
    split = with_validation(training, report)
    moved = {line.source.split("/")[1].split(".")[0].split(" ")[0] for line in split if line.split == "valid"}
    assert len(moved) == 1
    assert sum(line.split == "valid" for line in split) == 2
    left = {line.source.split("/")[1].split(".")[0].split(" ")[0] for line in split if line.split == "train"}
    assert not moved & left
    assert with_validation(split, report) == split
