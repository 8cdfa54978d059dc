"""Music in the form that training reads."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import numpy as np

from corpora import song_of_tune, write_loose_folder
from music_folders import lines_of
from musicassist.learning.pack import load_corpus
from musicassist.midi import write_song
from musicassist.tokens.columns import columns_of


def test_packed_music_is_what_was_read(tmp_path: Path) -> None:
    folder = write_loose_folder(tmp_path / "mine", 12)
    corpus = load_corpus([folder], tmp_path / "cache", workers=1)
    lines = {line.source: line for line in lines_of(folder)[0]}
    for pack in corpus.sides.values():
        for number, source in enumerate(pack.sources):
            expected = columns_of(lines[source].melody, lines[source].place)
            assert np.array_equal(pack.line(number).state, expected.state)
            assert np.array_equal(pack.line(number).target, expected.target)
    assert sum(corpus.report["pieces"].values()) == 12


def test_packing_is_done_once_until_the_music_changes(tmp_path: Path) -> None:
    folder = write_loose_folder(tmp_path / "mine", 12)
    first = load_corpus([folder], tmp_path / "cache", workers=1)
    cached = {path: path.stat().st_mtime_ns for path in (tmp_path / "cache").iterdir()}
    again = load_corpus([folder], tmp_path / "cache", workers=1)
    assert {path: path.stat().st_mtime_ns for path in (tmp_path / "cache").iterdir()} == cached
    assert again.data_hash == first.data_hash
    assert Counter(again.sides["train"].sources) == Counter(first.sides["train"].sources)
    (folder / "new.mid").write_bytes(write_song(song_of_tune(99)))
    assert load_corpus([folder], tmp_path / "cache", workers=1).data_hash != first.data_hash


def test_music_that_changed_is_packed_again(tmp_path: Path) -> None:
    folder = write_loose_folder(tmp_path / "mine", 12)
    before = load_corpus([folder], tmp_path / "cache", workers=1)
    path = folder / "tune003.mid"
    path.write_bytes(path.read_bytes()[:-5] + bytes([5]) + path.read_bytes()[-4:])  # a byte, at equal size
    after = load_corpus([folder], tmp_path / "cache", workers=1)
    assert load_corpus([folder], tmp_path / "cache", workers=1).data_hash == after.data_hash != before.data_hash
