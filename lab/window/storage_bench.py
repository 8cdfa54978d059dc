"""What one edit costs in each way to keep a project: a journal, SQLite, a zip that is written anew."""

from __future__ import annotations

import os
import random
import sqlite3
import tempfile
import threading
import time
import zipfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import numpy as np

from lab.window.project_acts import act, entry_now
from musicassist.disk import replacing
from musicassist.document.document import Document
from musicassist.document.entry_bytes import pack_entry
from musicassist.score.song import NOTE_COLUMNS, Notes, Song, Track

Row = dict[str, Any]  # {metric, model, value, unit, n, seed, split}
EDITS, ZIPS = 300, 20
NOTES = 100_000
PAUSE_SECONDS = 0.002
SYNC_PAUSE_SECONDS = 0.005
SQLITE = (("WAL", "NORMAL"), ("WAL", "FULL"), ("DELETE", "FULL"))


def measure_storage(edits: int = EDITS, notes: int = NOTES, seed: int = 1) -> list[Row]:
    """The time that an edit waits in each way, on the disk of the temporary folder. Blocks."""
    song, entries = _worked_on(edits, notes, seed)
    rows: list[Row] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with (folder / "journal").open("ab", buffering=0) as file:
            rows += _rows("appended to a journal", _timed(entries, file.write), seed)
        with (folder / "synced").open("ab", buffering=0) as file, _synced(file.fileno()):
            rows += _rows("appended to a journal while a thread syncs it", _timed(entries, file.write), seed)
        for mode, synchronous in SQLITE:
            base = sqlite3.connect(folder / f"{mode}-{synchronous}", isolation_level=None)
            base.execute(f"pragma journal_mode={mode}")
            base.execute(f"pragma synchronous={synchronous}")
            base.execute("create table entries (number integer primary key, data blob)")
            insert = "insert into entries (data) values (?)"
            took = _timed(entries, lambda data: base.execute(insert, (data,)))  # noqa: B023  # it is used here
            rows += _rows(f"inserted by SQLite, {mode}, synchronous {synchronous}", took, seed)
            base.close()
        took = _timed(entries[:ZIPS], lambda _data: _zip(song, folder / "zip"))
        rows += _rows(f"written with {notes:,} notes as a new zip, synced and put in place", took, seed)
    return rows


def _worked_on(edits: int, notes: int, seed: int) -> tuple[Song, list[bytes]]:
    """A long song, and what becomes of it edit by edit."""
    ticks = np.arange(notes) * 60
    columns = (ticks, 36 + ticks // 60 * 7 % 48, 60 + ticks // 60 % 50, 40 + ticks // 60 % 80)
    chance, document = random.Random(seed), Document(Song((Track("A", Notes.from_columns(*columns)), Track("B"))))
    document.select_track(1)
    last = entry_now(document)
    entries: list[bytes] = []
    while len(entries) < edits:
        act(document, chance)
        now = entry_now(document)
        entries.append(pack_entry(now, last))
        last = now
    return document.song, entries


def _timed(entries: list[bytes], keep: Callable[[bytes], object]) -> list[float]:
    took = []
    for data in entries:
        began = time.perf_counter()
        keep(data)
        took.append(1000 * (time.perf_counter() - began))
        time.sleep(PAUSE_SECONDS)
    return took


@contextmanager
def _synced(descriptor: int) -> Iterator[None]:
    is_over = threading.Event()

    def sync() -> None:
        while not is_over.wait(SYNC_PAUSE_SECONDS):
            os.fsync(descriptor)

    thread = threading.Thread(target=sync)
    thread.start()
    try:
        yield
    finally:
        is_over.set()
        thread.join()


def _zip(song: Song, path: Path) -> None:
    with replacing(path) as file, zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for number, track in enumerate(song.tracks):
            for name in NOTE_COLUMNS:
                archive.writestr(f"{number}/{name}", getattr(track.notes, name).tobytes())


def _rows(metric: str, took_ms: list[float], seed: int) -> list[Row]:
    facts = {"model": "project", "unit": "ms", "n": len(took_ms), "seed": seed, "split": ""}
    p50, p99 = np.percentile(took_ms, (50, 99))
    return [
        {"metric": f"an edit {metric}, p50", "value": float(p50), **facts},
        {"metric": f"an edit {metric}, p99", "value": float(p99), **facts},
    ]
