"""What a kill costs somebody who edits in the window, and how long saving a very long song keeps the window busy."""

from __future__ import annotations

import hashlib
import os
import random
import signal
import struct
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NamedTuple, NoReturn

import numpy as np
from PySide6.QtCore import QTimer

from lab.window.turns import turn_until
from musicassist.composing.engine import Engine
from musicassist.document.entry import Entry
from musicassist.document.journal_file import read_journal
from musicassist.document.pages import Page, Pages
from musicassist.document.project_reading import read_project_in_child
from musicassist.errors import MidiImportError
from musicassist.midi import ImportedSong
from musicassist.score.song import Note, Notes, Song, Track
from musicassist.score.song_bytes import pack_changes
from musicassist.settings import Settings
from musicassist.ui.building import GarbageCollector, Surroundings, build_window, make_application
from musicassist.ui.main_window import MainWindow

Row = dict[str, Any]  # {metric, model, value, unit, n, seed, split}
KILLS = 200
PROJECT, VIEW = "song.musicassist", "view"
SEEN_SECONDS = 0.05  # an edit that was seen so long before is not lost
SONG_NOTES = (0, 500, 20_000)  # by turns
KILL_AFTER_SECONDS = (0.1, 1.5)  # of editing
SAVED_NOTES = 250_000
SAVES = 3
_EDIT = struct.Struct("<dd16s")
_STEP_TICKS = 120


class _Edit(NamedTuple):
    """One edit, as the process told it: when it was begun and seen, in seconds since 1970, and a digest of the song."""

    begun_seconds: float
    seen_seconds: float
    digest: bytes


def measure_kills(kills: int = KILLS, seed: int = 1, *, in_projects: bool = False) -> list[Row]:
    """Kills a process with the real window that edits, again and again, and reads what the next start finds.

    Each process is a fork of this one, which must not have made a QApplication yet. Main thread only; POSIX.

    Args:
        kills: How often.
        seed: Of all choices.
        in_projects: The song is a project, which keeps pages and is saved in between; else one without a file.
    """
    chance = random.Random(seed)
    lost, seen, other, unreadable, oldest_seconds = 0, 0, 0, 0, 0.0
    for number in range(kills):
        with tempfile.TemporaryDirectory() as name:
            edits, killed_seconds = _killed(Path(name), number, chance, in_projects=in_projects)
            found = _found(Path(name))
        last_seconds = found.at_unix_seconds if found is not None else 0.0
        gone = [edit for edit in edits if edit.begun_seconds > last_seconds]
        told = [edit for edit in edits if edit.begun_seconds <= last_seconds <= edit.seen_seconds]
        unreadable += found is None
        other += found is not None and any(edit.digest != _digest(found.song, found.pages) for edit in told)
        lost += sum(edit.seen_seconds <= killed_seconds - SEEN_SECONDS for edit in gone)
        seen += sum(edit.seen_seconds <= killed_seconds - SEEN_SECONDS for edit in edits)
        oldest_seconds = max([oldest_seconds, *(killed_seconds - edit.seen_seconds for edit in gone)])
    facts = {"model": "project" if in_projects else "window", "n": kills, "seed": seed, "split": ""}
    return [
        {"metric": "edits lost that were seen 50 ms before a kill", "value": lost, "unit": "edits", **facts},
        {"metric": "edits seen 50 ms before a kill", "value": seen, "unit": "edits", **facts},
        {"metric": "records that hold another song than was seen", "value": other, "unit": "records", **facts},
        {"metric": "records that could not be read after a kill", "value": unreadable, "unit": "records", **facts},
        {"metric": "oldest edit that a kill cost, before it", "value": 1000 * oldest_seconds, "unit": "ms", **facts},
    ]


def _killed(folder: Path, number: int, chance: random.Random, *, in_projects: bool) -> tuple[list[_Edit], float]:
    """The edits that a process told before it was killed, and when that was."""
    reader, writer = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reader)
        _edit_on(folder, SONG_NOTES[number % len(SONG_NOTES)], writer, number, in_project=in_projects)
    os.close(writer)
    with os.fdopen(reader, "rb") as told:
        data = told.read(_EDIT.size)  # the first edit: the window is there
        time.sleep(chance.uniform(*KILL_AFTER_SECONDS))
        killed_seconds = time.time()
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        data += told.read()
    whole = data[: len(data) // _EDIT.size * _EDIT.size]
    return [_Edit(*fields) for fields in _EDIT.iter_unpack(whole)], killed_seconds


def _found(folder: Path) -> Entry | None:
    """What the project or the record holds; None where none can be read."""
    try:
        if (folder / PROJECT).exists():
            return read_project_in_child(folder / PROJECT).entry
        return read_journal(next((folder / "recovery").glob("*.journal")))
    except (StopIteration, MidiImportError):
        return None


def _digest(song: Song, pages: Pages) -> bytes:
    texts = "".join(f"{name}{page.text}" for name, page in pages.items() if name != VIEW)
    return hashlib.blake2b(pack_changes(Song(), song) + texts.encode(), digest_size=16).digest()


def _edit_on(folder: Path, notes: int, pipe: int, seed: int, *, in_project: bool) -> NoReturn:
    """In the child: edits in the real window until it is killed; tells each edit after the window has shown it."""
    try:
        app = make_application()
        window = _silent_window(folder)
        window.session.open(ImportedSong(long_song(notes), (), 1, 0), None)
        window.show()
        chance, document = random.Random(seed), window.session.document
        timer = QTimer(window, singleShot=True)
        if in_project:
            window.files.saving.save(folder / PROJECT)
            turn_until(lambda: document.is_kept)

        def edit() -> None:
            before, begun_seconds = (document.song, document.pages), time.time()
            _edit_somehow(window, chance)
            if in_project:
                _keep_somehow(window, chance)
            seen_seconds, after = time.time(), (document.song, document.pages)
            if after[0] is not before[0] or after[1] is not before[1]:
                os.write(pipe, _EDIT.pack(begun_seconds, seen_seconds, _digest(*after)))
            timer.start(chance.choice((0, 5, 20, 60)))

        timer.timeout.connect(edit)
        timer.start(0)
        app.exec()
    finally:
        os._exit(1)


def _edit_somehow(window: MainWindow, chance: random.Random) -> None:
    """One edit of many kinds, as commands make it."""
    session = window.session
    what = chance.randrange(12)
    if what < 5 or not session.document.song.note_count:
        session.notes.insert(Notes.of([Note(chance.randrange(100) * _STEP_TICKS, chance.randrange(30, 90), 100)]))
    elif what < 7:
        session.document.select(session.document.track.notes.pitch == chance.randrange(30, 90))
        session.notes.transpose(chance.choice((-1, 1)))
    elif what == 7:
        session.notes.change_velocity(chance.randrange(-40, 41))
    elif what == 8:
        session.document.undo()
    elif what == 9:
        session.document.redo()
    elif what == 10:
        session.tracks.rename(session.document.selected_track, f"Track {chance.randrange(1000)}")
    else:
        session.tracks.add(f"Track {chance.randrange(1000)}")


def _keep_somehow(window: MainWindow, chance: random.Random) -> None:
    """A page, now and then one that is thrown away, and now and then a save."""
    document, what = window.session.document, chance.randrange(10)
    if what < 3:
        page = Page.of({"wish": chance.random()}, (document.track.notes,), (document.song,))
        document.keep_page(f"shelf/{chance.randrange(20)}", page if what else None)
    elif what == 3:
        window.files.save()


def long_song(notes: int, tracks: int = 4) -> Song:
    """As many notes as wanted, in some tracks; the same every time."""
    rows = np.arange(notes // tracks)
    columns = (rows * 60, 36 + rows * 7 % 48, 60 + rows % 50, 40 + rows % 80)
    return Song(tuple(Track(f"Part {number}", Notes.from_columns(*columns), number) for number in range(tracks)))


def _no_engine() -> Engine:
    raise NotImplementedError  # nothing is composed here


def _silent_window(folder: Path) -> MainWindow:
    return build_window(
        Surroundings(Settings(), lambda _settings: None, _no_engine, lambda: (), folder / "recovery", is_silent=True)
    )


@contextmanager
def _open_window(folder: Path, notes: int) -> Iterator[MainWindow]:
    make_application()
    window = _silent_window(folder)
    garbage = GarbageCollector(window)  # as in the program: what it costs the main thread counts
    try:
        window.resize(1280, 720)
        window.show()
        window.session.open(ImportedSong(long_song(notes), (), 1, 0), None)
        turn_until(lambda: False, 1.0)
        yield window
    finally:
        garbage.stop()
        window.shut_down(keep_recovery=False)
        window.deleteLater()


def measure_saving(notes: int = SAVED_NOTES) -> list[Row]:
    """The longest gap of the window's loop while a long song is saved and exported as MIDI. Main thread only."""
    saving_ms, exporting_ms = [], []
    with tempfile.TemporaryDirectory() as name, _open_window(Path(name), notes) as window:
        saving = window.files.saving
        for number in range(SAVES):
            window.session.notes.insert(Notes.of([Note(number, 60, 10)]))
            turn_until(lambda: False, 0.5)
            path = Path(name) / "song.mid"
            saving_ms.append(_longest_gap_ms(lambda: saving.save(path, is_chosen=True), window))  # noqa: B023
            exporting_ms.append(_longest_gap_ms(lambda: saving.export(path.with_name("copy.mid")), window))  # noqa: B023
    facts = {"model": "window", "unit": "ms", "n": SAVES, "seed": 0, "split": ""}
    return [
        {"metric": f"longest gap of the loop while {notes:,} notes are saved", "value": max(saving_ms), **facts},
        {"metric": f"longest gap of the loop while {notes:,} notes are exported", "value": max(exporting_ms), **facts},
    ]


def _longest_gap_ms(start: Callable[[], None], window: MainWindow) -> float:
    """From before it is started until it is done, its own beginning and end included."""
    beats = [time.perf_counter()]
    timer = QTimer(window, interval=5)
    timer.timeout.connect(lambda: beats.append(time.perf_counter()))
    timer.start()
    QTimer.singleShot(20, window, start)
    turn_until(lambda: False, 0.1)
    turn_until(lambda: not window.files.saving.is_busy)
    turn_until(lambda: False, 0.1)
    timer.stop()
    return 1000 * float(np.diff(beats).max())
