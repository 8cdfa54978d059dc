"""Archives of music, and what was read of them."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from corpora import song_of_tune, write_archive_folder
from musicassist.learning.corpus import Line, Report, read_lines


def lines_of(folder: Path, **options: object) -> tuple[list[Line], Report]:
    report = Report()
    return list(read_lines([folder], report, **options)), report  # type: ignore[arg-type]


def archive(folder: Path) -> Path:
    rows, songs = [], {}
    table = [
        ("nottingham", "a.mid", "train", "folk", "permissive"),
        ("nottingham", "b.mid", "valid", "irish", "permissive"),
        ("nottingham", "c.mid", "test", "folk", "permissive"),
        ("nottingham", "locked.mid", "train", "folk", "gpl3"),
        ("nottingham", "absent.mid", "train", "folk", "permissive"),
        ("hymns", "a.mid", "train", "choral", "permissive"),
    ]
    for number, (dataset, file, split, style, licence) in enumerate(table):
        rows.append({"dataset": dataset, "file": file, "split": split, "style": style, "licence_class": licence})
        if file != "absent.mid":
            songs[f"{dataset}/{file}"] = song_of_tune(number)
    alto = song_of_tune(50, name="ALTO").tracks[0]
    songs["hymns/a.mid"] = replace(songs["hymns/a.mid"], tracks=(*songs["hymns/a.mid"].tracks, alto))
    return write_archive_folder(folder / "archives", rows, songs)
