"""Mixing takes in the window, measured: how soon a swipe is heard, and what the lanes cost to draw."""

from __future__ import annotations

import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from lab.comping import measure_comps
from lab.window.bench import HEIGHT_PX, RUNS, SEED, WARM_UPS, WIDTH_PX, crowded_song
from lab.window.turns import turn_until
from musicassist.app import make_engine, model_facts
from musicassist.document.document import Document
from musicassist.score.song import Notes
from musicassist.settings import Settings
from musicassist.ui.building import Surroundings, build_window, make_application
from musicassist.ui.main_window import MainWindow
from musicassist.ui.piano_roll.roll import PianoRoll
from musicassist.ui.piano_roll.take_lanes import LANE_PX, Lanes

Row = dict[str, Any]  # {metric, model, value, unit, n, seed, split}
LANES, LANE_NOTES, SONG_NOTES = 8, 64, 10_000
LANES_SPAN = 480 * 4 * 20, 480 * 4 * 60
SWIPES = 60


def measure_mixing(offers: int) -> list[Row]:
    """All of it: some minutes for a thousand offers. Main thread only.

    Args:
        offers: Of how many the mixes are made.
    """
    make_application()
    return [*_heard_rows(), *_lane_rows(), *(figure.as_json() for figure in measure_comps(make_engine(), offers))]


def _row(metric: str, value: float, unit: str, n: int, split: str) -> Row:
    value = round(value, 3)
    return {"metric": metric, "model": "window", "value": value, "unit": unit, "n": n, "seed": SEED, "split": split}


def _heard_rows() -> list[Row]:
    """From a press in a lane until the sound process is told of the mix, and until the window has drawn it."""
    with tempfile.TemporaryDirectory() as folder:
        world = Surroundings(
            Settings(take_seed=SEED), lambda _settings: None, make_engine, model_facts, Path(folder), is_silent=True
        )
        window = build_window(world)
        try:
            window.resize(1280, 760)
            window.show()
            window.start(None)
            turn_until(lambda: window.generator.is_ready)
            window.session.takes.ask()
            turn_until(lambda: window.session.takes.phase == "offered")
            times_ms = [_swipe_ms(window, step) for step in range(SWIPES + WARM_UPS)][WARM_UPS:]
        finally:
            window.shut_down(keep_recovery=False)
            window.deleteLater()
    told, drawn = (list(column) for column in zip(*times_ms, strict=True))
    rows = (("the sound process knows the mix", told), ("the window shows it", drawn))
    return [
        _row(
            f"from a press in a lane until {metric}, p{share}", float(np.percentile(times, share)), "ms", SWIPES, "demo"
        )
        for metric, times in rows
        for share in (50, 95)
    ]


def _swipe_ms(window: MainWindow, step: int) -> tuple[float, float]:
    """Milliseconds until the mix is handed to the sound process, and until all is drawn."""
    lanes, takes, sound = window.roll.take_lanes, window.session.takes, window.session.sound
    span, told, audition = takes.span, [0.0], sound.audition
    assert span is not None

    def listening(*values: Any, **more: Any) -> None:
        audition(*values, **more)
        told[0] = time.perf_counter()

    sound.audition = listening  # type: ignore[method-assign]
    bar_ticks = window.session.document.song.time_map.bar_ticks_at(span[0])
    tick = span[0] + (step * 3 % 4 + 0.4) * bar_ticks
    place = QPoint(round(lanes.x_of(tick)), ((step + step // 4) % len(takes.offer)) * LANE_PX + LANE_PX // 2)
    comp, start = takes.current.comp, time.perf_counter()
    QTest.mousePress(lanes, Qt.MouseButton.LeftButton, pos=place)
    QApplication.processEvents()
    drawn = time.perf_counter()
    QTest.mouseRelease(lanes, Qt.MouseButton.LeftButton, pos=place)
    sound.audition = audition  # type: ignore[method-assign]
    if takes.current.comp == comp or not told[0]:  # that bar was of that take already
        return _swipe_ms(window, step + 1)
    return (told[0] - start) * 1000, (drawn - start) * 1000


def _lane_rows() -> list[Row]:
    """The roll drawn anew, alone and with lanes of takes below it, in turn."""
    document, random = Document(crowded_song(SONG_NOTES)), np.random.default_rng(SEED)
    roll = PianoRoll(document, preview=lambda _pitch, _velocity: None)
    roll.setAttribute(Qt.WidgetAttribute.WA_DontShowOnScreen)
    roll.resize(WIDTH_PX, HEIGHT_PX)
    roll.show()
    roll.zoom_to_song()
    takes = []
    for _ in range(LANES):
        start = np.sort(random.integers(LANES_SPAN[0], LANES_SPAN[1], LANE_NOTES))
        columns = start, random.integers(55, 80, LANE_NOTES), np.full(LANE_NOTES, 400), np.full(LANE_NOTES, 80)
        takes.append(Notes.from_columns(*columns))
    roll.take_lanes.show_lanes(Lanes(tuple(takes), ("",) * LANES, None, (), *LANES_SPAN, 1))
    times_ms: dict[bool, list[float]] = {False: [], True: []}
    for step in range(2 * (RUNS + WARM_UPS)):
        is_shown = bool(step % 2)
        roll.set_take_lanes_visible(visible=is_shown)
        QApplication.processEvents()
        roll.view.draw_anew()
        begin = time.process_time()  # what others compute meanwhile is not counted
        roll.grab()
        times_ms[is_shown].append((time.process_time() - begin) * 1000)
    roll.scene.close()
    roll.deleteLater()
    alone, beside = (float(np.median(times_ms[is_shown][WARM_UPS:])) for is_shown in (False, True))
    split = f"{SONG_NOTES} notes in sight, {LANES} lanes of {LANE_NOTES} notes, {WIDTH_PX}x{HEIGHT_PX}"
    return [
        _row("roll with all its parts drawn anew, alone, p50", alone, "ms", RUNS, split),
        _row("the same with lanes of takes, p50", beside, "ms", RUNS, split),
        _row("with lanes, against the roll alone", beside / alone, "times", RUNS, split),
    ]
