"""How long the piano roll takes to draw itself, beside plain reference loops; drawn offscreen.

It uses only names that older checkouts have, too: ``--beside`` runs it upon those.
"""

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
from musicassist.ui.piano_roll.roll import PianoRoll
from musicassist.ui.piano_roll.scene import Scene
from musicassist.ui.piano_roll.view import PianoRollView
from musicassist.ui.piano_roll.viewport import Viewport
from musicassist.ui.theme import DARK

WIDTH_PX, HEIGHT_PX = 1920, 1000
NOTE_COUNTS = (10_000, 100_000)
SCROLLED_COUNTS = (500, 10_000)
SCROLLED_PAGES = 2
SCROLL_PX = 40
MANY_TRACKS, MANY_NOTES = 200, 20_000
RUNS = 20
WARM_UPS = 3
SEED = 0
LOWEST_ROW, ROWS = 35, 70
Row = dict[str, str | int | float]


@dataclass(frozen=True)
class _Stage:
    """A view with its song in sight."""

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


def _stage(note_count: int, shown_share: float = 1.0) -> _Stage:
    document = Document(crowded_song(note_count))
    scene = Scene(document, DARK)
    viewport = Viewport(document.song.ticks_per_beat)
    view = PianoRollView(scene, viewport, lambda _pitch, _velocity: None)
    view.setAttribute(Qt.WidgetAttribute.WA_DontShowOnScreen)
    view.resize(WIDTH_PX, HEIGHT_PX)
    viewport.set_song(document.song.ticks_per_beat, document.song.end_tick)
    view.show()
    viewport.set_size(WIDTH_PX, HEIGHT_PX)
    viewport.show_span(0, document.song.end_tick * shown_share)
    viewport.center_pitch(LOWEST_ROW + ROWS / 2)
    QApplication.processEvents()
    return _Stage(document, scene, viewport, view)


def _timed_ms(work: Callable[[], object]) -> list[float]:
    for _ in range(WARM_UPS):
        work()
    times = []
    for _ in range(RUNS):
        begin = time.process_time()  # what others compute meanwhile is not counted
        work()
        times.append((time.process_time() - begin) * 1000)
    return times


def _rows(metric: str, times_ms: list[float], split: str) -> list[Row]:
    return [
        {
            "metric": f"{metric} p{share}",
            "model": "piano roll",
            "value": round(float(np.percentile(times_ms, share)), 3),
            "unit": "ms",
            "n": RUNS,
            "seed": SEED,
            "split": f"{split}, {WIDTH_PX}x{HEIGHT_PX}",
        }
        for share in (50, 95)
    ]


def _full_repaint(stage: _Stage) -> None:
    """Ground, notes and overlay, as after a zoom."""
    stage.view.draw_anew()
    stage.view.repaint()


def _scroll_step(stage: _Stage, step: list[int]) -> None:
    """Forty pixels to the right, after a while back again."""
    step[0] += 1
    stage.viewport.scroll_by(SCROLL_PX if step[0] % 20 < 10 else -SCROLL_PX, 0)
    stage.view.repaint()


def _edit(roll: PianoRoll, document: Document, step: list[int], *, wanders: bool) -> None:
    """A note goes up or down by a row; all parts of the roll are painted."""
    step[0] += 1
    if wanders:
        document.select_track(step[0] % len(document.song.tracks))
    mask = np.zeros(len(document.track.notes), dtype=np.bool_)
    mask[len(mask) // 2] = True
    document.apply("Move", move_notes(document.song, document.selected_track, mask, 0, 1 if step[0] % 2 else -1))
    QApplication.processEvents()


def tracks_song(track_count: int, notes_a_track: int, *, seed: int = SEED) -> Song:
    """The same number of notes in few tracks or in many, over 200 bars."""
    random = np.random.default_rng(seed)
    tracks = []
    for number in range(track_count):
        start = np.sort(random.integers(0, 480 * 800, notes_a_track))
        pitch = LOWEST_ROW + random.integers(0, ROWS, notes_a_track)
        length = random.integers(60, 480, notes_a_track)
        velocity = random.integers(1, 128, notes_a_track)
        tracks.append(Track(f"Part {number + 1}", Notes.from_columns(start, pitch, length, velocity), number % 9))
    return Song(tracks=tuple(tracks))


def _edit_times_ms(track_count: int, notes_a_track: int, *, wanders: bool = False) -> list[float]:
    document = Document(tracks_song(track_count, notes_a_track))
    roll = PianoRoll(document, preview=lambda _pitch, _velocity: None)
    roll.setAttribute(Qt.WidgetAttribute.WA_DontShowOnScreen)
    roll.resize(WIDTH_PX, HEIGHT_PX)
    roll.show()
    roll.zoom_to_song()
    QApplication.processEvents()
    times_ms = _timed_ms(partial(_edit, roll, document, [0], wanders=wanders))
    roll.scene.close()
    roll.deleteLater()
    return times_ms


def _edit_rows() -> list[Row]:
    """One edit with its paint, in one track of many notes and among many tracks of few."""
    one = _edit_times_ms(1, MANY_NOTES)
    among = _edit_times_ms(MANY_TRACKS, MANY_NOTES // MANY_TRACKS)
    wandering = _edit_times_ms(MANY_TRACKS, MANY_NOTES // MANY_TRACKS, wanders=True)
    many = f"{MANY_TRACKS} tracks of {MANY_NOTES // MANY_TRACKS} notes"
    rows = [
        *_rows("edit with its paint", one, f"1 track of {MANY_NOTES} notes"),
        *_rows("edit with its paint", among, many),
        *_rows("edit with its paint, each in another track", wandering, many),
    ]
    for metric, times_ms in (("edit among many tracks", among), ("edits that wander among many tracks", wandering)):
        ratio = float(np.median(times_ms) / np.median(one))
        rows.append({**rows[0], "metric": f"{metric}, against one track", "value": ratio, "unit": "times"})
    return rows


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
        split = f"{note_count} visible notes"
        stage = _stage(note_count)
        rows += _rows("repaint", _timed_ms(partial(_full_repaint, stage)), split)
        rows += _rows("playhead step", _timed_ms(partial(_playhead_step, stage)), split)
        if note_count == NOTE_COUNTS[0]:
            mask = np.zeros(note_count, dtype=np.bool_)
            mask[note_count * 2 // 5 : note_count // 2] = True
            rows += _rows(
                f"drag {np.count_nonzero(mask):,} notes", _timed_ms(partial(_drag_step, stage, mask, [0])), split
            )
        picture = QPixmap(WIDTH_PX, HEIGHT_PX)
        rows += _rows("reference loop", _timed_ms(partial(_reference_loop, stage, picture)), split)
        _close(stage)
    for note_count in SCROLLED_COUNTS:
        stage = _stage(note_count * SCROLLED_PAGES, 1 / SCROLLED_PAGES)
        split = f"about {note_count} visible notes"
        rows += _rows("scroll step", _timed_ms(partial(_scroll_step, stage, [0])), split)
        _close(stage)
    return rows + _edit_rows()


def _close(stage: _Stage) -> None:
    stage.scene.close()
    stage.view.deleteLater()
