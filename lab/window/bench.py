"""How long the piano roll takes to draw itself, beside plain reference loops; drawn offscreen."""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

import numpy as np
from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPixmap
from PySide6.QtWidgets import QApplication

from musicassist.document.document import Document
from musicassist.document.edits import move_notes
from musicassist.score.song import Mask, Notes, Song, Track
from musicassist.ui.piano_roll.gestures import Outcome
from musicassist.ui.piano_roll.scene import Scene
from musicassist.ui.piano_roll.view import PianoRollView
from musicassist.ui.piano_roll.viewport import Viewport
from musicassist.ui.theme import DARK

WIDTH_PX, HEIGHT_PX = 1920, 1000
NOTE_COUNTS = (10_000, 100_000)
RUNS = 20
WARM_UPS = 3
SEED = 0
LOWEST_ROW, ROWS = 35, 70
Row = dict[str, str | int | float]


@dataclass(frozen=True)
class _Stage:
    """A view with every note of its song in sight."""

    document: Document
    scene: Scene
    viewport: Viewport
    view: PianoRollView


def crowded_song(note_count: int, *, seed: int = SEED) -> Song:
    """Notes scattered evenly over rows and time, a hundred and fifty on each row for 10,000."""
    random = np.random.default_rng(seed)
    start = np.sort(random.integers(0, 480 * 400, note_count))
    pitch = LOWEST_ROW + random.integers(0, ROWS, note_count)
    longest = max(3, 480 * 400 * ROWS // note_count)
    duration = random.integers(longest // 3, longest, note_count)
    velocity = random.integers(1, 128, note_count)
    return Song(tracks=(Track("Bench", Notes.from_columns(start, pitch, duration, velocity)),))


def _stage(note_count: int) -> _Stage:
    document = Document(crowded_song(note_count))
    scene = Scene(document, DARK)
    viewport = Viewport(document.song.ticks_per_beat)
    view = PianoRollView(scene, viewport, lambda _pitch, _velocity: None)
    view.setAttribute(Qt.WidgetAttribute.WA_DontShowOnScreen)
    view.resize(WIDTH_PX, HEIGHT_PX)
    viewport.set_song(document.song.ticks_per_beat, document.song.end_tick)
    view.show()
    viewport.set_size(WIDTH_PX, HEIGHT_PX)
    viewport.show_span(0, document.song.end_tick)
    viewport.center_pitch(LOWEST_ROW + ROWS / 2)
    QApplication.processEvents()
    return _Stage(document, scene, viewport, view)


def _timed_ms(work: Callable[[], object]) -> list[float]:
    for _ in range(WARM_UPS):
        work()
    times = []
    for _ in range(RUNS):
        begin = time.perf_counter()
        work()
        times.append((time.perf_counter() - begin) * 1000)
    return times


def _rows(metric: str, times_ms: list[float], note_count: int) -> list[Row]:
    return [
        {
            "metric": f"{metric} p{share}",
            "model": "piano roll",
            "value": round(float(np.percentile(times_ms, share)), 3),
            "unit": "ms",
            "n": RUNS,
            "seed": SEED,
            "split": f"{note_count} visible notes, {WIDTH_PX}x{HEIGHT_PX}",
        }
        for share in (50, 95)
    ]


def _full_repaint(stage: _Stage) -> None:
    """Ground, notes and overlay, as after a scroll."""
    stage.view.draw_anew()
    stage.view.repaint()


def _playhead_step(stage: _Stage) -> None:
    stage.scene.set_playhead(stage.scene.playhead_tick + 40)
    stage.view.repaint()


def _drag_step(stage: _Stage, mask: Mask, step: list[int]) -> None:
    step[0] += 1
    edit = move_notes(stage.document.song, 0, mask, 120 * (step[0] % 7), step[0] % 5)
    stage.scene.show_preview(Outcome(edit))
    stage.view.repaint()


def _reference_loop(stage: _Stage, picture: QPixmap) -> None:
    """One ``fillRect`` a note from a Python loop: what the roll would cost without batches."""
    notes, ticks, pitches = stage.scene.notes, stage.viewport.ticks, stage.viewport.pitches
    painter = QPainter(picture)
    painter.fillRect(picture.rect(), QColor(DARK.roll))
    brushes = [QBrush(QColor(DARK.note_color(0, velocity))) for velocity in range(128)]
    columns = (notes.start_tick, notes.end_tick, notes.pitch, notes.velocity)
    for start, end, pitch, velocity in zip(*(column.tolist() for column in columns), strict=True):
        left, right = round(ticks.to_x(start)), round(ticks.to_x(end))
        top, row_px = round(pitches.to_y(pitch)), int(pitches.row_px)
        painter.fillRect(QRect(left, top, max(1, right - left - 1), row_px - 1), brushes[velocity])
    painter.end()


def measure_repaint() -> list[Row]:
    """Times of drawing, p50 and p95 of 20 runs; makes its own application if there is none.

    Main thread only. Without a display Qt's offscreen platform is used.
    """
    if QApplication.instance() is None:
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
        QApplication([])
    rows: list[Row] = []
    for note_count in NOTE_COUNTS:
        stage = _stage(note_count)
        rows += _rows("repaint", _timed_ms(partial(_full_repaint, stage)), note_count)
        rows += _rows("playhead step", _timed_ms(partial(_playhead_step, stage)), note_count)
        if note_count == 10_000:
            mask = np.zeros(note_count, dtype=np.bool_)
            mask[4000:5000] = True
            rows += _rows(
                "drag 1,000 notes",
                _timed_ms(partial(_drag_step, stage, mask, [0])),
                note_count,
            )
        picture = QPixmap(WIDTH_PX, HEIGHT_PX)
        rows += _rows("reference loop", _timed_ms(partial(_reference_loop, stage, picture)), note_count)
        stage.scene.close()
        stage.view.deleteLater()
    return rows
