"""CPU time of what a press composes: ``python -m lab.evaluation.form_speed BEFORE``.

Takes of this checkout against four takes of four bars of another one, process beside process in turn. One thread each.
"""

from __future__ import annotations

import argparse
import json
import time
from pathlib import Path
from statistics import median
from typing import Any

from lab.beside import HERE, lab_code, measure_beside
from lab.evaluation.form_asking import Asked, Window, first
from musicassist.score.song import Note, Notes, Song, Track
from musicassist.score.timing import MeterChange
from musicassist.terminal import say

RUNS, PROCESSES = 6, 3
BAR, BEAT = 1920, 480
_TUNE = ((0, 62, 2), (2, 66, 1), (3, 69, 1), (4, 74, 2), (6, 73, 1), (7, 71, 1), (8, 69, 4), (12, 66, 2), (14, 64, 2))
_BEFORE = (("bars", 4), ("takes", 4))
PRESSES: dict[str, tuple[tuple[str, Any], ...]] = {  # what is asked here; there it is always four takes
    "four takes as the window asks": (("bars", 4),),
    "4 takes, the best of 4": (("bars", 4), ("takes", 4), ("candidates", 4)),
    "8 takes, the best of 8": (("bars", 4), ("takes", 8), ("candidates", 8)),
    "4 takes, the best of 8": (("bars", 4), ("takes", 4), ("candidates", 8)),
}
PARTS = "4 takes of four tracks"


def phrase() -> tuple[tuple[int, int, int], ...]:
    """Eight bars of a tune in D."""
    eighth = BEAT // 2
    return tuple(
        (repeat * 2 * BAR + at * eighth, pitch, length * eighth) for repeat in range(4) for at, pitch, length in _TUNE
    )


def press_rows(*, is_before: bool) -> list[dict[str, Any]]:
    """CPU milliseconds of each press, median of runs; ``is_before``: of four takes, whatever the row is called."""
    window, rows = Window(), []
    for name, wish in PRESSES.items():
        took = []
        for seed in range(RUNS + 1):
            began = time.process_time()
            window.takes(Asked("continue", phrase(), (4, 4), seed, wish=_BEFORE if is_before else wish))
            took.append(1000 * (time.process_time() - began))
        rows.append(_row(name, median(took[1:])))  # the first one warms up
    rows.append(_row(PARTS, rows[0]["value"] if is_before else _four_tracks()))
    return rows


def _four_tracks() -> float:
    """CPU milliseconds of four takes of four bars of melody, second voice, chords and bass."""
    registry = first("FAMILIES", "musicassist.families.registry")
    engine = first("make_engine", "musicassist.families.registry")()
    models = registry.writing_parts(engine.models(), "continue")
    request_for, ask, controls = (
        first(name, "musicassist.session.offers") for name in ("request_for", "Ask", "Controls")
    )
    asked = ask(at_tick=8 * BAR, all_parts=True)
    took = []
    for seed in range(RUNS + 1):
        request = request_for(asked, four_tracks(), 0, controls(model=models[0].name), seed=seed, revision=0)
        began = time.process_time()
        engine.generate(request)
        took.append(1000 * (time.process_time() - began))
    return median(took[1:])


def four_tracks() -> Song:
    """The tune with a voice below it, chords and a bass."""
    tune = Notes.of(Note(at, pitch, length) for at, pitch, length in phrase())
    below = Notes.of(Note(at, pitch - 5, length) for at, pitch, length in phrase())
    chords = Notes.of(Note(bar * BAR, pitch, BAR) for bar in range(8) for pitch in (50, 54, 57))
    bass = Notes.of(Note(half * BAR // 2, 38 + 7 * (half % 2), BAR // 2) for half in range(16))
    parts = (("MELODY", tune), ("VOICE2", below), ("PIANO", chords), ("BASS", bass))
    return Song(tuple(Track(name, notes) for name, notes in parts), BEAT, (), (MeterChange(0, 4, 4),))


def _row(name: str, value: float) -> dict[str, Any]:
    unit = {"metric": "CPU time of a press", "model": name, "unit": "ms", "n": RUNS, "seed": 0, "split": ""}
    return {**unit, "value": value}


def main() -> None:
    """Measures and prints."""
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("before", type=Path, metavar="BEFORE", help="the other checkout")
    words.add_argument("--json", action="store_true")
    given = words.parse_args()
    code = "from lab.evaluation.form_speed import press_rows; rows = press_rows(is_before={})"
    rows = measure_beside(
        lambda checkout: lab_code(code.format(checkout != HERE))(checkout), given.before, runs=PROCESSES
    )
    if given.json:
        print(json.dumps(rows, indent=1))
        return
    for row in (row for row in rows if row["model"]):
        say(f"{row['model']:32} {row['value']:6.2f} times ({row['here']:.0f} ms against {row['beside']:.0f} ms)")


if __name__ == "__main__":
    main()
