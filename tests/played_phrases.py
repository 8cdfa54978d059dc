"""Phrases as somebody plays them."""

from __future__ import annotations

from musicassist.score.song import Note, Notes
from musicassist.score.timing import MeterChange, TimeMap, tempo_change


def time_map(tempo_bpm: float = 100, meter: tuple[int, int] = (4, 4)) -> TimeMap:
    return TimeMap(480, (tempo_change(0, tempo_bpm),), (MeterChange(0, *meter),))


def line(starts: list[int], duration: int) -> Notes:
    return Notes.of(Note(start, 60 + i % 12, duration) for i, start in enumerate(starts))
