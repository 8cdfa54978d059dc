"""What a project outlasts: kills, power cuts, disks that fail, strangers; and what opening one costs."""

from __future__ import annotations

import contextlib
import errno
import os
import random
import tempfile
import time
import zlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from lab.window.project_acts import act, entry_now, is_same_work, reopened
from lab.window.storage_bench import measure_storage
from lab.window.watched_disk import WatchedDisk, after_power_cut
from musicassist.child_process import limit_this_process
from musicassist.document import journal_writer, project_reading
from musicassist.document.document import Document
from musicassist.document.edits import insert_notes
from musicassist.document.entry import Entry
from musicassist.document.entry_bytes import unpack_entry
from musicassist.document.journal_file import MAGIC, entry_bytes, journal_of
from musicassist.document.opening import open_file
from musicassist.document.pages import Page
from musicassist.document.project_file import ProjectFile, begin_project, open_project
from musicassist.document.project_reading import read_project
from musicassist.errors import MidiImportError, SaveError
from musicassist.midi import save_song
from musicassist.midi.reading_process import answer_of
from musicassist.score.song import Note, Notes, Song, Track
from musicassist.score.song_bytes import unpacked

Row = dict[str, Any]  # {metric, model, value, unit, n, seed, split}
EDITING_SECONDS, CUTS = 40.0, 2000
PAUSE_SECONDS = (0.002, 0.06)
PROMISED_SECONDS = 1.0  # what was seen so long before a power cut is not lost
MUTANTS = 2000
LIMIT_BYTES = 256 * 2**20
STEPS, SEEDS = 10_000, 10
OPENED_NOTES, OPENED_TAKES, OPENINGS = 100_000, 200, 18
NAME = "song.musicassist"


def _row(metric: str, value: float, unit: str, n: int, seed: int) -> Row:
    return {"metric": metric, "model": "project", "value": value, "unit": unit, "n": n, "seed": seed, "split": ""}


# Power cuts.


def measure_power_cuts(seconds: float = EDITING_SECONDS, cuts: int = CUTS, seed: int = 1) -> list[Row]:
    """Edits for a while upon a disk that is watched, and replays it up to power cuts at any moment. Blocks."""
    chance, document = random.Random(seed), Document(_song(2000))
    told: list[float] = []  # when each edit was seen; the page "serial" holds how many there were
    with tempfile.TemporaryDirectory() as name, WatchedDisk(Path(name)) as disk:
        project = begin_project(Path(name) / NAME, entry_now(document))
        first, end_seconds = len(disk.log), time.time() + seconds
        while time.time() < end_seconds:
            act(document, chance)
            document.keep_page("serial", Page.of(len(told) + 1))
            project.record(entry_now(document))
            told.append(time.time())
            if chance.random() < 0.01:
                project.save()
            time.sleep(chance.uniform(*PAUSE_SECONDS))
        project.close()
    lost = unreadable = 0
    oldest_seconds = 0.0
    for _ in range(cuts):
        cut = chance.randrange(first, len(disk.log))
        cut_seconds = disk.log[cut].at_seconds
        try:
            kept = _serial(after_power_cut(disk.log, cut, chance)[NAME])
        except (KeyError, MidiImportError):
            unreadable += 1
            continue
        gone = [at_seconds for at_seconds in told[kept:] if at_seconds < cut_seconds]
        lost += sum(at_seconds <= cut_seconds - PROMISED_SECONDS for at_seconds in gone)
        oldest_seconds = max([oldest_seconds, *(cut_seconds - at_seconds for at_seconds in gone)])
    copies = sum(operation.kind == "name" for operation in disk.log) - 1
    return [
        _row("edits lost that were seen 1 s before a power cut", lost, "edits", cuts, seed),
        _row("projects that could not be read after a power cut", unreadable, "projects", cuts, seed),
        _row("oldest edit that a power cut cost, before it", 1000 * oldest_seconds, "ms", cuts, seed),
        _row("edits made meanwhile", len(told), "edits", cuts, seed),
        _row("full copies that took the journal's place meanwhile", copies, "copies", cuts, seed),
    ]


def _serial(data: bytes) -> int:
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / NAME
        path.write_bytes(data)
        page = read_project(path).entry.pages.get("serial")
    return int(page.plain) if page is not None else 0


# Disks that fail.


def measure_faults() -> list[Row]:
    """Lets each call of a save fail in turn, with a full disk and with an error, once and from there on. Blocks."""
    calls = harmed = lost = strays = 0
    retry_seconds, journal_writer.RETRY_SECONDS = journal_writer.RETRY_SECONDS, 0.01
    try:
        for code in (errno.ENOSPC, errno.EIO):
            for is_new in (True, False):
                for is_lasting in (True, False):
                    for number in range(100):
                        fate = _fault(code, number, is_new=is_new, is_lasting=is_lasting)
                        harmed, lost, strays = harmed + fate[1], lost + fate[2], strays + fate[3]
                        if not fate[0]:
                            break
                        calls += 1
    finally:
        journal_writer.RETRY_SECONDS = retry_seconds
    return [
        _row("old projects harmed by a call of a save that failed", harmed, "projects", calls, 0),
        _row("edits lost by it", lost, "edits", calls, 0),
        _row("stray files left by it", strays, "files", calls, 0),
    ]


def _fault(code: int, number: int, *, is_new: bool, is_lasting: bool) -> tuple[bool, int, int, int]:
    """Whether the save came to so many calls; projects harmed, edits lost, stray files."""
    calls = 0

    def fails(_call: str) -> OSError | None:
        nonlocal calls
        calls += 1
        is_hit = calls > number if is_lasting else calls == number + 1
        return OSError(code, os.strerror(code)) if is_hit else None

    document = Document(_song(200))
    before = document.song.note_count
    with tempfile.TemporaryDirectory() as name, WatchedDisk(Path(name)) as disk:
        path = Path(name) / NAME
        project = begin_project(path, entry_now(document))
        if is_new:
            project.close()
        document.apply("Draw note", insert_notes(document.song, 0, Notes.of([Note(7, 60, 5)])))
        work, disk.fails = entry_now(document), fails
        going_on = None if is_new else project
        with contextlib.suppress(SaveError):
            going_on = _saved(going_on, path, work)
        harmed = int(_notes_in(path) not in (before, before + 1))
        disk.fails = lambda _call: None
        project = _saved(going_on, path, work)
        lost = int(_notes_in(path) != before + 1)
        project.close()
        strays = len(list(Path(name).iterdir())) - 1
    return calls > number, harmed, lost, strays


def _saved(project: ProjectFile | None, path: Path, work: Entry) -> ProjectFile:
    if project is None:
        return begin_project(path, work)
    project.record(work)
    project.save()
    return project


def _notes_in(path: Path) -> int:
    try:
        return read_project(path).entry.song.note_count
    except MidiImportError:
        return -1


# Strangers.


def measure_mutants(count: int = MUTANTS, seed: int = 1) -> list[Row]:
    """Reads damaged and made-up projects, each in a process with the limits of the reader. Blocks; POSIX."""
    chance = random.Random(seed)
    whole = _worked_on(seed)
    read = refused = crashed = 0
    most_bytes = 0
    with tempfile.TemporaryDirectory() as name:
        path = Path(name) / NAME
        for number in range(count):
            path.write_bytes(_made_up(whole, chance) if number % 2 else _damaged(b"".join(whole), chance))
            status, rss_bytes = _read_apart(path)
            most_bytes = max(most_bytes, rss_bytes)
            read, refused, crashed = read + (status == 0), refused + (status == 1), crashed + (status > 1)
    return [
        _row("mutated projects that crashed their reader or gave no words", crashed, "projects", count, seed),
        _row("most memory of a reader", most_bytes / 2**20, "MB", count, seed),
        _row("mutated projects that were read to an entry", read, "projects", count, seed),
        _row("mutated projects that were refused in words", refused, "projects", count, seed),
    ]


def _worked_on(seed: int) -> list[bytes]:
    """The magic, and the bodies of entries, not packed."""
    chance, document = random.Random(seed), Document(_song(300))
    last, parts = None, [MAGIC]
    for _ in range(30):
        now = entry_now(document)
        parts.append(entry_bytes(now, last))
        last = now
        act(document, chance)
    return parts


def _damaged(data: bytes, chance: random.Random) -> bytes:
    """Bits, bytes and pieces changed, doubled or gone, as by a disk."""
    made = bytearray(data)
    for _ in range(chance.randrange(1, 6)):
        at, length = chance.randrange(len(made)), chance.choice((1, 4, 100, 5000))
        piece = made[at : at + length]
        what = chance.randrange(4)
        made[at : at + length] = (b"", piece * 2, chance.randbytes(len(piece)), bytes(len(piece)))[what]
        if not made:
            return b""
    return bytes(made)


def _made_up(parts: list[bytes], chance: random.Random) -> bytes:
    """Entries whose sums are right and whose content is not, as by somebody who means harm."""
    made = list(parts)
    for _ in range(chance.randrange(1, 4)):
        at = chance.randrange(1, len(made))
        body = made[at][8:]
        inside = bytearray(body[1:] if body[:1] == b"\0" else zlib.decompress(body[1:]))
        for _ in range(chance.randrange(1, 6)):
            place = chance.randrange(len(inside))
            if chance.random() < 0.5:  # a number becomes another one, often a large one
                digits = [row for row in range(len(inside)) if 48 <= inside[row] <= 57]
                place = chance.choice(digits) if digits else place
                inside[place : place + 1] = chance.choice((b"9", b"0", b"999999999", b"-1", b"1e9", b"null"))
            else:
                inside[place] = chance.randrange(256)
        made[at] = _framed(b"\1" + zlib.compress(bytes(inside)))
    if chance.random() < 0.05:
        made.insert(1, _framed(b"\1" + zlib.compress(bytes(chance.randrange(2**24, 2**28)))))
    return b"".join(made)


def _framed(body: bytes) -> bytes:
    return len(body).to_bytes(4, "little") + zlib.crc32(body).to_bytes(4, "little") + body


def _read_apart(path: Path) -> tuple[int, int]:
    """0 for read, 1 for refused in words, more for a crash; and the most memory in bytes."""
    child = os.fork()
    if child == 0:
        status = 2
        try:
            limit_this_process(LIMIT_BYTES, 20.0)
            page, _ = unpacked(answer_of(path, project_reading._answer))  # what the reading process runs
            status = int("error" in page)
            if status:
                page["error"].format(**page["values"])
        finally:
            os._exit(status)
    _, status, used = os.wait4(child, 0)
    return os.waitstatus_to_exitcode(status) if not os.WIFSIGNALED(status) else 9, used.ru_maxrss * 1024


# At random, and opening.


def measure_random_work(steps: int = STEPS, seeds: int = SEEDS, first_seed: int = 0) -> list[Row]:
    """Edits, pages, undo, redo, saves and reopens at random; each state is read back and compared. Blocks."""
    other = reopens = 0
    for seed in range(first_seed, first_seed + seeds):
        chance, document = random.Random(seed), Document()
        with tempfile.TemporaryDirectory() as name:
            path = Path(name) / NAME
            project, mirror = begin_project(path, entry_now(document)), _Mirror(path)
            for _ in range(steps // seeds):
                act(document, chance)
                now = entry_now(document)
                project.record(now)
                what = chance.random()
                if what < 0.02:
                    project.save()
                project.flush()
                other += not is_same_work(mirror.entry(), now)
                if what > 0.98:
                    project.close()
                    opened = open_project(path)
                    other += not is_same_work(opened.read.entry, now)
                    document, project = reopened(opened.read.entry), ProjectFile(path, opened)
                    reopens += 1
            project.close()
    return [
        _row("states that were read back as other ones", other, "states", steps, first_seed),
        _row("times a project was closed and opened meanwhile", reopens, "times", steps, first_seed),
    ]


class _Mirror:
    """Reads a project again and again, of one that has grown only what is new."""

    def __init__(self, path: Path) -> None:
        self._path, self._file, self._at = path, 0, 0
        self._entry: Entry | None = None

    def entry(self) -> Entry:
        """The last entry that stands in the file."""
        with self._path.open("rb") as opened:  # another one may take its place at any time
            data, file = opened.read(), os.fstat(opened.fileno()).st_ino
        if file != self._file or self._entry is None:
            journal = journal_of(data)
            self._entry, self._at, self._file = journal.entry, journal.size_bytes, file
        while self._at < len(data):
            length = int.from_bytes(data[self._at : self._at + 4], "little")
            body = data[self._at + 8 : self._at + 8 + length]
            inside = body[1:] if body[:1] == b"\0" else zlib.decompress(body[1:])
            self._entry, self._at = unpack_entry(inside, self._entry), self._at + 8 + length
        return self._entry


def measure_opening(notes: int = OPENED_NOTES, takes: int = OPENED_TAKES, seed: int = 1) -> list[Row]:
    """How long a project with takes beside takes to open against the same MIDI file, by turns. Blocks."""
    song = _song(notes, seed)
    document = Document(song)
    for number in range(takes):
        offered = Notes.of([Note(480 * row, 60 + row % 12, 240) for row in range(32)])
        document.keep_page(f"shelf/{number}", Page.of({"wish": number}, (offered,) * 4, (document.song,)))
        if number % 10 == 0:
            tick = 10**6 + 10 * number
            document.apply("Draw note", insert_notes(document.song, 0, Notes.of([Note(tick, 60, 5)])))
    with tempfile.TemporaryDirectory() as name:
        midi, path = Path(name) / "song.mid", Path(name) / NAME
        save_song(document.song, midi)
        begin_project(path, entry_now(document)).close()
        took: dict[Path, list[float]] = {midi: [], path: []}
        for _ in range(OPENINGS):
            for one in took:
                took[one].append(_opening_ms(one))
        size_bytes = {one: one.stat().st_size for one in took}
    of_midi, of_project = (float(np.median(took[one])) for one in (midi, path))
    about = f"{notes:,} notes and {takes} takes"
    return [
        _row(f"opening a project of {about}, p50", of_project, "ms", OPENINGS, seed),
        _row("opening the same MIDI file, p50", of_midi, "ms", OPENINGS, seed),
        _row("the one by the other", of_project / of_midi, "times", OPENINGS, seed),
        _row("length of the project", size_bytes[path] / 2**20, "MB", 1, seed),
        _row("length of the MIDI file", size_bytes[midi] / 2**20, "MB", 1, seed),
    ]


def _opening_ms(path: Path) -> float:
    began = time.perf_counter()
    open_file(path).leave()
    return 1000 * (time.perf_counter() - began)


def _song(notes: int, seed: int = 1, tracks: int = 4) -> Song:
    """Notes as somebody might have played them."""
    chance = np.random.default_rng(seed)
    count = notes // tracks

    def track(number: int) -> Track:
        start = np.sort(chance.integers(0, 100 * count, count))
        columns = (
            start,
            chance.integers(36, 90, count),
            chance.integers(20, 400, count),
            chance.integers(30, 120, count),
        )
        return Track(f"Part {number}", Notes.from_columns(*columns), number)

    return Song(tuple(map(track, range(tracks))))


def measure_kills() -> list[Row]:
    """``safety_bench.measure_kills`` in projects; it forks windows, so nothing else here may have made one."""
    from lab.window import safety_bench

    return safety_bench.measure_kills(in_projects=True)


MEASURES: dict[str, Callable[[], list[Row]]] = {
    "kills": measure_kills,
    "power": measure_power_cuts,
    "faults": measure_faults,
    "mutants": measure_mutants,
    "random": measure_random_work,
    "opening": measure_opening,
    "storage": measure_storage,
}


def measure_projects() -> list[Row]:
    """All of it; some twenty minutes."""
    return [row for measure in MEASURES.values() for row in measure()]
