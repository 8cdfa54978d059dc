"""Small songs and hypothesis strategies that many tests share."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from hypothesis import strategies as st
from numpy.typing import NDArray

from musicassist.midi import save_song
from musicassist.score.song import Note, Notes, Song, Track
from musicassist.score.timing import MeterChange, TempoChange, TimeMap
from musicassist.session.session import Session


def phrase(*pitches: int, step_ticks: int = 240, from_tick: int = 0) -> Notes:
    """One note after the other, each ``step_ticks`` long."""
    return Notes.of(Note(from_tick + i * step_ticks, pitch, step_ticks) for i, pitch in enumerate(pitches))


def song_of(*notes: Note, name: str = "Melody") -> Song:
    """A song with one track of these notes."""
    return Song(tracks=(Track(name=name, notes=Notes.of(notes)),))


def single_notes(*, most_tick: int = 4000) -> st.SearchStrategy[Note]:
    """Any note in the first bars."""
    return st.builds(Note, st.integers(0, most_tick), st.integers(0, 127), st.integers(1, 2000), st.integers(1, 127))


def note_columns(*, most: int = 20) -> st.SearchStrategy[Notes]:
    """Any notes, equal and overlapping ones too."""
    return st.lists(single_notes(), max_size=most).map(Notes.of)


def songs(*, most_notes: int = 20) -> st.SearchStrategy[Song]:
    """One to three tracks of any notes, with tempo and meter changes."""
    tracks = st.builds(Track, st.sampled_from(["", "Melody", "Bass"]), note_columns(most=most_notes))
    tempos = st.builds(TempoChange, st.integers(0, 5000), st.integers(200_000, 2_000_000))
    meters = st.builds(MeterChange, st.integers(0, 5000), st.integers(1, 12), st.sampled_from([2, 4, 8, 16]))
    return st.builds(
        Song,
        st.lists(tracks, min_size=1, max_size=3).map(tuple),
        st.sampled_from([24, 96, 480, 960]),
        st.lists(tempos, max_size=3, unique_by=lambda c: c.tick).map(lambda c: tuple(sorted(c, key=lambda x: x.tick))),
        st.lists(meters, max_size=3, unique_by=lambda c: c.tick).map(lambda c: tuple(sorted(c, key=lambda x: x.tick))),
    )


def track_body(*rows: tuple[int, bytes], end_tick: int = 0) -> bytes:
    """The body of a track chunk, as a program might write it: messages with their ticks, those of one tick as given.

    Meta events and sysex are given as ``Event.data`` has them, without their length.
    """
    body, now = b"", 0
    for tick, data in sorted(
        (*rows, (max([end_tick, *(row[0] for row in rows)]), b"\xff\x2f")), key=lambda row: row[0]
    ):
        head = 2 if data[0] == 0xFF else 1
        length = b"" if data[0] < 0xF0 else _vlq(len(data) - head)
        body += _vlq(tick - now) + (data if data[0] < 0xF0 else data[:head] + length + data[head:])
        now = tick
    return body


def _vlq(value: int) -> bytes:
    data = bytes((value & 0x7F,))
    while value := value >> 7:
        data = bytes((value & 0x7F | 0x80,)) + data
    return data


def on(pitch: int, velocity: int = 80, *, channel: int = 0) -> bytes:
    """A note-on."""
    return bytes((0x90 | channel, pitch, velocity))


def off(pitch: int, *, channel: int = 0) -> bytes:
    """A note-off."""
    return bytes((0x80 | channel, pitch, 64))


def control(number: int, value: int, *, channel: int = 0) -> bytes:
    """A controller."""
    return bytes((0xB0 | channel, number, value))


def save_as(session: Session, path: Path) -> None:
    """Saves a session's song at once, as the window does in its file thread."""
    save_song(session.document.song, path)
    session.document.mark_saved(path)


def grid_lines(time_map: TimeMap, grid_ticks: float, from_tick: int, to_tick: int) -> NDArray[np.int64]:
    """Every grid line in [from_tick, to_tick), in order."""
    lines = [np.zeros(0, dtype=np.int64)]
    bar, next_bar = (int(edge[0]) for edge in time_map.bar_spans(np.array([max(0, from_tick)])))
    while bar < to_tick:
        lines.append(bar + np.rint(np.arange(0, next_bar - bar, grid_ticks)).astype(np.int64))
        bar, next_bar = (int(edge[0]) for edge in time_map.bar_spans(np.array([next_bar])))
    all_lines = np.unique(np.concatenate(lines))
    return np.asarray(all_lines[(all_lines >= from_tick) & (all_lines < to_tick)], dtype=np.int64)
