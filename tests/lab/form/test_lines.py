"""Lines that are learned from: who is a melody, what sounds beneath, what is asked for at which bar line."""

from __future__ import annotations

import tarfile
from pathlib import Path

import numpy as np
import pytest

from form_music import PLACE, tune
from lab.form.lines import Line, drawn_ends, lowest_line, read_lines
from lab.form.shards import read_shards, shard_paths, write_shards
from musicassist.composing.plan import plan_of
from musicassist.midi import write_song
from musicassist.score.song import Note, Notes, Song, Track

TABLE = "dataset,file,split,style,licence_class\n"


def song() -> Song:
    melody = Notes.of([Note(240 * place, 60 + place % 5, 240, 80) for place in range(64)])
    high = Notes.of([Note(480 * place, 52, 480, 80) for place in range(32)])
    low = Notes.of([Note(480 * place, 36 + place % 3, 480, 80) for place in range(32)])
    both = Notes.of([*high, *low])
    return Song(tracks=(Track("MELODY", notes=melody), Track("PIANO_LH", notes=both)))


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    (tmp_path / "set").mkdir()
    files = {"a.mid": "train", "b.mid": "valid", "c.mid": "test", "d.mid": "train"}
    with tarfile.open(tmp_path / "set" / "set.tar.xz", "w:xz") as tar:
        for name in files:
            path = tmp_path / name
            path.write_bytes(write_song(song()))
            tar.add(path, f"set/{name}")
    rows = "".join(f"set,{name},{split},folk,permissive\n" for name, split in files.items())
    (tmp_path / "split.csv").write_text(TABLE + rows)
    return tmp_path


def lines(archive: Path, split: str, *left_out: str) -> list[Line]:
    return [line for seed in range(8) for line in read_lines(archive, (split,), frozenset(left_out), seed)]


def test_training_reads_basses_beside_melodies_and_valid_melodies_alone(archive: Path) -> None:
    training = lines(archive, "train")
    assert {line.source for line in training} == {f"set/{n}.mid#{t}" for n in "ad" for t in ("MELODY", "PIANO_LH")}
    assert {line.source for line in lines(archive, "valid")} == {"set/b.mid#MELODY"}
    assert all(line.is_melody == line.source.endswith("MELODY") for line in training)
    bass = next(line for line in training if not line.is_melody)
    assert bass.melody.pitch.max() < 40
    assert bass.has_harmony


def test_what_a_benchmark_tests_is_left_out(archive: Path) -> None:
    assert {line.source[:9] for line in lines(archive, "train", "set/a.mid")} == {"set/d.mid"}


def test_packed_lines_come_back(archive: Path, tmp_path: Path) -> None:
    read = lines(archive, "train")
    write_shards(read, tmp_path / "packed", "train", seed=1)
    pack = read_shards(shard_paths(tmp_path / "packed", "train"))
    assert sorted(pack.sources) == sorted(line.source for line in read)
    assert len(pack.rows) == pack.first_row[-1] == sum(len(line.melody) - 1 for line in read)
    assert pack.has_harmony.all()
    assert shard_paths(tmp_path / "packed", "valid") == []


def test_the_lowest_line_is_the_lowest_note_of_each_onset() -> None:
    notes = Notes.of([Note(0, 48, 480, 80), Note(0, 64, 240, 80), Note(480, 50, 480, 70)])
    line = lowest_line(notes, 480)
    assert line.pitch.tolist() == [48, 50] and line.duration_steps.tolist() == [12, 12]


def test_ends_are_bar_lines_and_say_what_ends_there() -> None:
    melody = tune()
    found: dict[int, int] = {}
    for seed in range(40):
        ends, wishes = drawn_ends(melody, plan_of(melody, PLACE), PLACE, np.random.default_rng(seed))
        assert ends[-1] == 7 * 48 and all(step % 48 == 0 for step in ends)
        assert list(ends) == sorted(set(ends))
        found.update(zip(ends, wishes, strict=True))
    assert found[7 * 48] == 2  # closed
    assert {wish for step, wish in found.items() if step < 7 * 48} == {1}
