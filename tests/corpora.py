"""Small made-up corpora as folders of MIDI files and as packs."""

from __future__ import annotations

import csv
import tarfile
from collections.abc import Sequence
from io import BytesIO
from pathlib import Path
from random import Random

import numpy as np

from melodies import bars_of, melody_of
from musicassist.learning.pack import Corpus, Pack
from musicassist.midi import write_song
from musicassist.score.song import KeyChange, Note, Notes, Song, Track
from musicassist.score.timing import MeterChange
from musicassist.tokens.codec import Melody, Surroundings
from musicassist.tokens.columns import Columns, columns_of

MAJOR = (0, 2, 4, 5, 7, 9, 11)


def tune(number: int, *, notes: int = 40, shift: int = 0) -> Melody:
    """A random walk on a major scale; ``shift`` transposes it."""
    random = Random(number)
    rows, onset, degree = [], 0, 7
    for _ in range(notes):
        gap = (3, 6, 6, 12)[int(random.random() * 4)]
        degree = max(0, min(20, degree + int(random.random() * 5) - 2))
        rows.append((onset, 48 + shift + 12 * (degree // 7) + MAJOR[degree % 7], gap, 80))
        onset += gap
    return melody_of(rows)


def song_of_tune(number: int, *, notes: int = 40, shift: int = 0, name: str = "MELODY") -> Song:
    """The same as a song in 4/4."""
    own = [Note(on * 40, pitch, d * 40, v) for on, pitch, d, v in tune(number, notes=notes, shift=shift)]
    return Song(
        (Track(name, Notes.of(own)),),
        meter_changes=(MeterChange(0, 4, 4),),
        key_changes=(KeyChange(0, shift % 12, "major"),),
    )


def write_loose_folder(folder: Path, count: int, *, first: int = 0) -> Path:
    """A folder of MIDI files, one tune each."""
    folder.mkdir(parents=True, exist_ok=True)
    for number in range(first, first + count):
        (folder / f"tune{number:03d}.mid").write_bytes(write_song(song_of_tune(number)))
    return folder


def write_archive_folder(folder: Path, rows: Sequence[dict[str, str]], songs: dict[str, Song]) -> Path:
    """A folder with ``split.csv`` and one archive a dataset; ``songs`` is keyed by ``dataset/file``."""
    folder.mkdir(parents=True)
    with (folder / "split.csv").open("w", newline="", encoding="utf-8") as handle:
        writer = csv.DictWriter(handle, ["dataset", "file", "split", "style", "licence_class"])
        writer.writeheader()
        writer.writerows(rows)
    for dataset in sorted({key.split("/")[0] for key in songs}):
        (folder / dataset).mkdir()
        with tarfile.open(folder / dataset / f"{dataset}.tar.xz", "w:xz") as tar:
            for key, song in songs.items():
                if key.startswith(f"{dataset}/"):
                    data = write_song(song)
                    member = tarfile.TarInfo(key)
                    member.size = len(data)
                    tar.addfile(member, BytesIO(data))
    return folder


def pack_of(melodies: Sequence[Melody], *, is_melody: bool = True) -> Pack:
    """One side of a corpus, of melodies in C major and 4/4."""
    place = Surroundings(
        bars_of((0, 4, 4)), tonic=0, mode=1, style=5, last_bar=9, chord_starts=(0,), chord_masks=(145,)
    )
    parts = [columns_of(melody, place) for melody in melodies]
    return Pack(
        Columns.joined(parts),
        np.cumsum([0, *(len(part) for part in parts)]),
        tuple(f"made/{i}" for i in range(len(parts))),
        tuple("folk" for _ in parts),
        np.full(len(parts), is_melody),
    )


def small_corpus() -> Corpus:
    """Twelve tunes to learn from, three to validate on."""
    sides = {"train": range(12), "valid": range(12, 15), "test": range(15, 17)}
    return Corpus({side: pack_of([tune(number) for number in numbers]) for side, numbers in sides.items()}, {}, "made")
