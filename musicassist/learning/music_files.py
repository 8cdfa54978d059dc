"""Where the music for training lies: archive folders with a table of pieces, and folders of loose files."""

from __future__ import annotations

import csv
import lzma
import tarfile
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from io import StringIO
from pathlib import Path

from musicassist.disk import read_whole
from musicassist.errors import TrainingDataError
from musicassist.midi.reading import MAX_BYTES

MAX_TABLE_BYTES = 256 * 2**20  # LIMIT: a row for each of a million pieces
_TABLE_COLUMNS = ("dataset", "file", "split", "style", "licence_class")
# The styles of split.csv as ours; a style that is not named here is left unknown.
_STYLE_OF = {
    "pop": "pop",
    "art_song": "art_song",
    "song": "art_song",
    "classical_piano": "classical_piano",
    "ragtime": "classical_piano",
    "dance_piano": "dance",
    "folk": "folk",
    "irish": "folk",
    "choral": "choral",
    "chorale_synthetic": "choral",
    "hymn": "hymn",
    "standards": "standards",
}


@dataclass(frozen=True)
class MusicFile:
    """One MIDI file.

    Attributes:
        dataset, name: Where it comes from.
        split, style: As its table says; empty for loose files. ``style`` is one of ``tokens.vocabulary.STYLES``.
        data: Its bytes.
    """

    dataset: str
    name: str
    split: str
    style: str
    data: bytes


def archived_files(
    table: Path, licences: Collection[str], splits: Sequence[str], dropped: Counter[str]
) -> Iterator[MusicFile]:
    """The pieces of a ``split.csv`` with these licence classes and sides, from the ``.tar.xz`` archives beside it.

    Raises:
        TrainingDataError: The table or an archive is damaged.
    """
    rows = _rows_of(table)
    wanted = {key: row for key, row in rows.items() if row["licence_class"] in licences and row["split"] in splits}
    dropped["of another licence or split"] += len(rows) - len(wanted)
    for dataset in sorted({dataset for dataset, _ in wanted}):
        for archive in sorted((table.parent / dataset).glob("*.tar.xz")):
            for name, data in _members(archive):
                row = wanted.pop((dataset, name), None)
                if row is not None:
                    yield MusicFile(dataset, name, row["split"], _STYLE_OF.get(row["style"], ""), data)
    dropped["not in the archives"] += len(wanted)


def _rows_of(table: Path) -> dict[tuple[str, str], dict[str, str]]:
    try:
        text = read_whole(table, MAX_TABLE_BYTES).decode("utf-8")
        rows = list(csv.DictReader(StringIO(text, newline="")))
        if any(not isinstance(row.get(name), str) for row in rows for name in _TABLE_COLUMNS):
            raise ValueError("a column is missing")
    except (OSError, ValueError, csv.Error) as error:
        raise TrainingDataError(
            "The table {file} cannot be read; it needs the columns {columns}.",
            file=table,
            columns=", ".join(_TABLE_COLUMNS),
        ) from error
    return {(row["dataset"], row["file"]): row for row in rows}


def _members(archive: Path) -> Iterator[tuple[str, bytes]]:
    """MIDI files of an archive whose folder has the archive's own name (others hold other versions of the pieces)."""
    if "original" in archive.name:
        return
    try:
        with tarfile.open(archive) as tar:
            for member in tar:
                is_music = member.isfile() and member.name.endswith(".mid") and member.size <= MAX_BYTES
                handle = tar.extractfile(member) if is_music else None
                if handle is not None:
                    yield Path(member.name).name, handle.read()
    except (OSError, EOFError, tarfile.TarError, lzma.LZMAError) as error:
        raise TrainingDataError("The archive {file} is damaged. Fetch it again.", file=archive) from error


def loose_files(folder: Path, dropped: Counter[str]) -> Iterator[MusicFile]:
    """The MIDI files below a folder.

    Raises:
        TrainingDataError: There are none.
    """
    paths = sorted(path for path in folder.rglob("*") if path.suffix.lower() in {".mid", ".midi"})
    if not paths:
        raise TrainingDataError("There are no MIDI files in {folder}.", folder=folder)
    for path in paths:
        try:
            yield MusicFile(folder.name, path.relative_to(folder).as_posix(), "", "", read_whole(path, MAX_BYTES))
        except OSError:
            dropped["cannot be read"] += 1
