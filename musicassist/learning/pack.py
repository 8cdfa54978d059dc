"""The corpus as one block of columns in memory, kept in a cache file between runs."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from musicassist.disk import open_regular, replacing
from musicassist.errors import TrainingDataError
from musicassist.learning.corpus import (
    MIN_ONSETS,
    MIN_PIECES,
    SHIPPED_LICENCES,
    Line,
    Report,
    read_lines,
    with_validation,
)
from musicassist.tokens.codec import Melody, Surroundings
from musicassist.tokens.columns import Columns, columns_of
from musicassist.tokens.vocabulary import vocabulary_hash

_COLUMN_NAMES = tuple(f.name for f in fields(Columns))


@dataclass(frozen=True)
class Pack:
    """Lines of one side of the split.

    Attributes:
        columns: Rows of all lines, one line after the other.
        first_row: (lines + 1,), where each line's rows begin; the last entry is the end.
        sources, styles: One string a line.
        is_melody: (lines,), see ``corpus.Line``.
    """

    columns: Columns
    first_row: NDArray[np.int64]
    sources: tuple[str, ...]
    styles: tuple[str, ...]
    is_melody: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.sources)

    def line(self, index: int) -> Columns:
        """The rows of one line."""
        return self.columns.rows(int(self.first_row[index]), int(self.first_row[index + 1]))


@dataclass(frozen=True)
class Corpus:
    """The packed sides of the split, what was read, and a hash that tells whether the data changed."""

    sides: dict[str, Pack]
    report: dict[str, dict[str, int]]
    data_hash: str


def load_corpus(
    folders: Sequence[Path],
    cache_folder: Path,
    *,
    licences: Sequence[str] = SHIPPED_LICENCES,
    leave_out: frozenset[str] = frozenset(),
    fewest_pieces: int = MIN_PIECES,
    workers: int = 2,
) -> Corpus:
    """Reads and packs the music, or takes it from the cache if the same music was packed before.

    Raises:
        TrainingDataError: There are fewer than ``fewest_pieces`` usable pieces, or nothing to train or validate on.
    """
    mark = _mark(folders, licences, leave_out)
    cache = cache_folder / f"corpus-{mark}.npz"
    if not cache.exists():
        cache_folder.mkdir(parents=True, exist_ok=True)
        report = Report()
        lines = list(read_lines(folders, report, licences=licences, leave_out=leave_out))
        _check_enough(report, fewest_pieces)
        _write(cache, with_validation(lines, report), report, workers)
    return _read(cache, mark)


def _check_enough(report: Report, fewest_pieces: int) -> None:
    found = sum(report.pieces.values())
    if found < fewest_pieces:
        left_out = "; ".join(f"{count} {reason}" for reason, count in sorted(report.dropped.items()) if count)
        raise TrainingDataError(
            "Only {n} usable pieces were found; training needs at least {least}, each with a melody of {notes} notes. "
            "Left out: {left_out}.",
            n=found,
            least=fewest_pieces,
            notes=MIN_ONSETS,
            left_out=left_out or "nothing",
        )


def _mark(folders: Sequence[Path], licences: Sequence[str], leave_out: frozenset[str]) -> str:
    files = sorted(
        (path.relative_to(folder).as_posix(), _digest(path))
        for folder in folders
        for path in folder.rglob("*")
        if path.is_file() and path.suffix.lower() in {".mid", ".midi", ".xz", ".csv"}
    )
    page = [files, list(licences), sorted(leave_out), vocabulary_hash()]
    return hashlib.sha256(json.dumps(page).encode()).hexdigest()[:16]


def _digest(path: Path) -> str:
    try:
        with open_regular(path) as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:
        return ""  # reading the music says so


def _columns_of(line: tuple[Melody, Surroundings]) -> Columns:
    return columns_of(*line)


def _write(cache: Path, lines: Sequence[Line], report: Report, workers: int) -> None:
    with ProcessPoolExecutor(workers) as pool:
        parts = list(pool.map(_columns_of, [(line.melody, line.place) for line in lines], chunksize=16))
    columns = Columns.joined(parts)
    arrays = {name: getattr(columns, name) for name in _COLUMN_NAMES}
    with replacing(cache) as file:
        np.savez(
            file,
            first_row=np.cumsum([0, *(len(part) for part in parts)]),
            source=np.array([line.source for line in lines]),
            style=np.array([line.style for line in lines]),
            split=np.array([line.split for line in lines]),
            is_melody=np.array([line.is_melody for line in lines]),
            report=np.array(json.dumps(report.as_json())),
            **arrays,
        )


def _read(cache: Path, mark: str) -> Corpus:
    with np.load(cache, allow_pickle=False) as table:
        columns = Columns(*(table[name] for name in _COLUMN_NAMES))
        first_row, split = table["first_row"], table["split"]
        sources, styles, is_melody = table["source"], table["style"], table["is_melody"]
        report = json.loads(str(table["report"]))
    sides = {}
    for side in ("train", "valid", "test"):
        lines = np.flatnonzero(split == side)
        parts = [columns.rows(int(first_row[i]), int(first_row[i + 1])) for i in lines]
        sides[side] = Pack(
            Columns.joined(parts) if parts else Columns.empty(0),
            np.cumsum([0, *(len(part) for part in parts)]),
            tuple(str(sources[i]) for i in lines),
            tuple(str(styles[i]) for i in lines),
            is_melody[lines],
        )
    if not len(sides["train"]) or not len(sides["valid"]):
        raise TrainingDataError("There is too little music to hold some out for validation. Add more pieces.")
    return Corpus(sides, report, mark)
