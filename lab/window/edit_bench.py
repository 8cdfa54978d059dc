"""What one inserted note costs the window, in a song of one track and in one of a thousand; drawn offscreen."""

from __future__ import annotations

import os
import tempfile
import time
from pathlib import Path

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from lab.window.window_bench import Row
from musicassist.composing.engine import Engine
from musicassist.errors import UsageError
from musicassist.midi import ImportedSong
from musicassist.score.song import Notes, Song, Track
from musicassist.settings import Settings
from musicassist.ui.building import Surroundings, build_window, make_application
from musicassist.ui.main_window import MainWindow

TRACK_COUNTS = (1, 1_000)
NOTES_A_TRACK = 64
RUNS = 40
WARM_UPS = 5
FREE_TICK = 960  # where the pasted pitch has no note yet
SIZE_PX = (1280, 720)
SETTLED_SECONDS = 1.5  # after the song was opened: the sound engine has it


def wide_song(track_count: int) -> Song:
    """Eight bars in each track, each a little otherwise than the one before; no two tracks share an instrument."""
    starts = np.arange(NOTES_A_TRACK, dtype=np.int64) * 240
    lengths = np.full(NOTES_A_TRACK, 200, dtype=np.int64)
    tracks = []
    for number in range(track_count):
        pitches = 40 + (np.arange(NOTES_A_TRACK, dtype=np.int64) * 5 + number) % 48
        notes = Notes.from_columns(starts, pitches, lengths, np.full(NOTES_A_TRACK, 90, dtype=np.int64))
        tracks.append(Track(f"Part {number + 1}", notes, number % 9, number % 128))
    return Song(tracks=tuple(tracks))


class EditStage:
    """A window with a song, in which a key press inserts a note."""

    def __init__(self, window: MainWindow, song: Song) -> None:
        self.window = window
        self.open(song)

    def open(self, song: Song) -> None:
        """Opens another song, with one of its notes ready to be pasted."""
        window = self.window
        window.session.open(ImportedSong(song, (), 1, 6), None)
        document = window.session.document
        mask = np.zeros(len(document.track.notes), dtype=np.bool_)
        mask[0] = True
        document.select(mask)
        window.session.notes.copy()
        window.roll.setFocus()
        window.roll.scene.set_edit_cursor(FREE_TICK)
        self._settle()

    def _settle(self) -> None:
        deadline = time.monotonic() + SETTLED_SECONDS
        while time.monotonic() < deadline:
            QApplication.processEvents()
            time.sleep(0.005)

    def insert(self) -> float:
        """Presses the key that pastes a note; gives the milliseconds of CPU until its frame is painted."""
        view = self.window.roll.view
        before = self.window.session.document.revision
        start = time.process_time()
        QTest.keyClick(view, Qt.Key.Key_V, Qt.KeyboardModifier.ControlModifier)
        QApplication.processEvents()
        spent_ms = (time.process_time() - start) * 1000
        if self.window.session.document.revision == before:
            raise UsageError("The key press inserted no note.")
        self.take_back()
        return spent_ms

    def take_back(self) -> None:
        """Undoes it, frame and all."""
        self.window.session.document.undo()
        QApplication.processEvents()


def measure_edits() -> list[Row]:
    """CPU of the window's process, all its threads, from a key press to the painted frame. Main thread only."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    make_application()
    rows: list[Row] = []
    medians = []
    with tempfile.TemporaryDirectory() as folder:
        for track_count in TRACK_COUNTS:
            times_ms = _times_ms(Path(folder), track_count)
            medians.append(float(np.median(times_ms)))
            rows += [_row(f"one inserted note, p{share}", float(np.percentile(times_ms, share)), "ms", track_count)
                     for share in (50, 95)]  # fmt: skip
    return [*rows, _row("one inserted note, against one track", medians[-1] / medians[0], "times", TRACK_COUNTS[-1])]


def _times_ms(folder: Path, track_count: int) -> list[float]:
    world = Surroundings(Settings(), lambda _settings: None, _no_engine, tuple, folder / "recovery", is_silent=True)
    window = build_window(world)
    try:
        window.resize(*SIZE_PX)
        window.show()
        window.activateWindow()
        window.session.sound.start()
        stage = EditStage(window, wide_song(track_count))
        return [stage.insert() for _ in range(WARM_UPS + RUNS)][WARM_UPS:]
    finally:
        window.shut_down(keep_recovery=False)
        window.deleteLater()


def _no_engine() -> Engine:
    raise UsageError("This bench composes nothing.")


def _row(metric: str, value: float, unit: str, track_count: int) -> Row:
    tracks = f"{track_count} tracks of {NOTES_A_TRACK} notes, {SIZE_PX[0]}x{SIZE_PX[1]}"
    return {"metric": metric, "model": "window", "value": value, "unit": unit, "n": RUNS, "seed": 0, "split": tracks}
