"""The packed lines as files that are written once and read whole: some hundred lines a file, in mixed order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lab.form.columns import FormRows, rows_of
from lab.form.lines import Line

_LINES = 400  # of a file


@dataclass(frozen=True)
class FormPack:
    """Lines of one side of the split.

    Attributes:
        rows: Of all lines, one line after the other.
        first_row: (lines + 1,), where each line's rows begin; the last entry is the end.
        sources: One string a line.
        is_melody, has_harmony: (lines,), see ``lines.Line``.
    """

    rows: FormRows
    first_row: NDArray[np.int64]
    sources: tuple[str, ...]
    is_melody: NDArray[np.bool_]
    has_harmony: NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.sources)

    @staticmethod
    def of(lines: Sequence[Line], parts: Sequence[FormRows]) -> FormPack:
        """Lines with the rows of each."""
        return FormPack(
            FormRows.joined(parts),
            np.cumsum([0, *(len(part) for part in parts)]),
            tuple(line.source for line in lines),
            np.array([line.is_melody for line in lines], dtype=bool),
            np.array([line.has_harmony for line in lines], dtype=bool),
        )

    @staticmethod
    def joined(parts: Sequence[FormPack]) -> FormPack:
        """The lines of all parts."""
        lengths = np.concatenate([np.diff(part.first_row) for part in parts])
        return FormPack(
            FormRows.joined([part.rows for part in parts]),
            np.concatenate([[0], np.cumsum(lengths)]),
            tuple(source for part in parts for source in part.sources),
            np.concatenate([part.is_melody for part in parts]),
            np.concatenate([part.has_harmony for part in parts]),
        )


def _rows_of(line: Line) -> FormRows:
    return rows_of(line.melody, line.place, line.form)


def write_shards(lines: Sequence[Line], folder: Path, name: str, *, seed: int, workers: int = 1) -> None:
    """Packs the lines in an order drawn by chance; a file is complete as soon as it has its name."""
    folder.mkdir(parents=True, exist_ok=True)
    mixed = [lines[at] for at in np.random.default_rng(seed).permutation(len(lines))]
    with ProcessPoolExecutor(workers) as pool:
        for number, start in enumerate(range(0, len(mixed), _LINES)):
            chosen = mixed[start : start + _LINES]
            pack = FormPack.of(chosen, list(pool.map(_rows_of, chosen, chunksize=16)))
            unfinished = folder / f"{name}-{number:03}.new.npz"
            np.savez(
                unfinished,
                first_row=pack.first_row,
                source=np.array(pack.sources),
                is_melody=pack.is_melody,
                has_harmony=pack.has_harmony,
                **{f.name: getattr(pack.rows, f.name) for f in fields(FormRows)},
            )
            unfinished.replace(folder / f"{name}-{number:03}.npz")


def shard_paths(folder: Path, name: str) -> list[Path]:
    """The files that are complete."""
    return sorted(path for path in folder.glob(f"{name}-*.npz") if not path.name.endswith(".new.npz"))


def read_shards(paths: Sequence[Path]) -> FormPack:
    """The lines of some files."""
    return FormPack.joined(list(_read(paths)))


def _read(paths: Sequence[Path]) -> Iterator[FormPack]:
    for path in paths:
        with np.load(path, allow_pickle=False) as table:
            yield FormPack(
                FormRows(*(table[f.name] for f in fields(FormRows))),
                table["first_row"],
                tuple(str(source) for source in table["source"]),
                table["is_melody"],
                table["has_harmony"],
            )
