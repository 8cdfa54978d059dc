"""Meant times after an edit are those that are found when all notes are looked at."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from musicassist.score.meant_search import FoundTimes
from musicassist.score.song import Note, Notes
from musicassist.score.timing import MeterChange, TimeMap, tempo_change
from played_phrases import time_map

MAPS = (
    time_map(),
    time_map(400, (1, 4)),
    TimeMap(480, (tempo_change(0, 90), tempo_change(40_000, 170)), (MeterChange(0, 3, 4), MeterChange(25_920, 7, 8))),
)


def played_piece(seed: int, count: int = 900) -> list[Note]:
    """Stretches that are drawn in, played by hand, strummed, swung or so dense that strums run into each other."""
    random = np.random.default_rng(seed)
    rows: list[Note] = []
    tick = 0
    while len(rows) < count:
        kind, step = random.integers(6), int(random.choice((60, 80, 120, 160, 240, 480)))
        tick += int(random.choice((0, 0, 0, 1920, 30_000)))
        for place in range(int(random.integers(1, 60))):
            off = 0 if kind == 0 else int(random.integers(-40, 41))
            swing = 80 * (place % 2) if kind == 1 else 0
            start, length = max(0, tick + swing + off), int(random.choice((step // 2, step, step + 9, 4000)))
            if kind == 2:
                rows += [Note(start + 12 * voice, 48 + 4 * voice, length) for voice in range(4)]
            rows.append(Note(start, int(random.integers(40, 90)), length))
            tick += int(random.integers(5, 50)) if kind == 3 else step
    return rows


def edited(rows: list[Note], random: np.random.Generator) -> list[Note]:
    """One edit: notes are moved in time or pitch, made longer, taken away or written."""
    rows = sorted(rows)
    first = int(random.integers(len(rows)))
    few = rows[first : first + int(random.choice((1, 1, 2, 8, 40)))]
    others = rows[:first] + rows[first + len(few) :]
    shift, grow = int(random.integers(-700, 701)), int(random.choice((1, 60, 5000, 90_000)))
    match int(random.integers(6)):
        case 0:
            return others or rows
        case 1:
            return others + [Note(max(0, own.start_tick + shift), own.pitch, own.duration_ticks) for own in few]
        case 2:
            return others + [Note(own.start_tick, own.pitch, own.duration_ticks + grow) for own in few]
        case 3:
            return others + [Note(own.start_tick, own.pitch + 1, own.duration_ticks) for own in few]
        case 4:
            return rows + [Note(own.start_tick + 20_000 + shift, own.pitch, own.duration_ticks) for own in few]
        case _:
            return [*rows, Note(max(own.end_tick for own in rows) + abs(shift), 60, 240)]


@settings(max_examples=60)
@given(st.integers(0, 10**6), st.sampled_from(MAPS), st.sampled_from((1, 60, 300, 900)))
def test_after_any_edits_it_is_as_if_all_notes_were_looked_at(seed: int, bars: TimeMap, count: int) -> None:
    rows, random = played_piece(seed, count), np.random.default_rng(seed)
    found = FoundTimes.of(Notes.of(rows), bars)
    for _ in range(8):
        rows = edited(rows, random)
        notes = Notes.of(rows)
        found, whole = found.edited(notes), FoundTimes.of(notes, bars)
        assert found.start_tick.tolist() == whole.start_tick.tolist()
        assert found.end_tick.tolist() == whole.end_tick.tolist()
