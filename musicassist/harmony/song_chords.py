"""The chords of a song: what is written wins, and elsewhere it is what the notes of its parts say."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from musicassist.harmony.detection import chord_detector
from musicassist.score.chord_track import ChordSpan, clipped, gaps_between, joined_spans, written_chords, written_spans
from musicassist.score.song import Notes, Song
from musicassist.score.timing import TimeMap

MIN_CHORD_SHARE = 0.15  # of the time that something sounds, with several pitch classes, for chords to be heard in it
BARS_AROUND = 8  # LIMIT: what lies further off says nothing of a chord


def song_chords(song: Song, from_tick: int, to_tick: int, *, but_track: int | None = None) -> tuple[ChordSpan, ...]:
    """The chords of a stretch, in order, cut to it; there are places without any.

    Args:
        song: The song.
        from_tick: Where the stretch begins.
        to_tick: Where it ends.
        but_track: A track whose notes do not count, since they are to be written against the others.
    """
    written = written_spans(written_chords(song), max(to_tick, song.end_tick))
    free = gaps_between(clipped(written, from_tick, to_tick), from_tick, to_tick)
    parts = harmony_parts(song, but_track) if free else []
    heard = heard_between(song, parts, from_tick, to_tick) if parts else []
    return tuple(s for s in joined_spans(written, heard, from_tick, to_tick) if s.chord.pitch_classes)


def heard_between(song: Song, parts: Sequence[Notes], from_tick: int, to_tick: int) -> list[ChordSpan]:
    """The chords that parts of a song are heard in, in a stretch and some bars around it; cut to the stretch."""
    bars = song.time_map
    wide_from = bars.bar_start_tick(max(0, bars.bar_at(from_tick) - BARS_AROUND))
    wide_to = bars.bar_start_tick(bars.bar_at(to_tick) + BARS_AROUND)
    found = chord_detector().spans(parts, bars, wide_from, min(wide_to, bars.bar_line_at_or_after(song.end_tick)))
    return clipped(found, from_tick, to_tick)


def harmony_parts(song: Song, but_track: int | None = None) -> list[Notes]:
    """The notes in which chords are heard: of all pitched tracks that sound; none where they are a single line."""
    parts = [
        track.notes
        for index, track in enumerate(song.tracks)
        if index != but_track and len(track.notes) and not track.muted and not song.is_drum_track(index)
    ]
    return parts if _chord_share(parts, song.time_map) >= MIN_CHORD_SHARE else []


def _chord_share(parts: Sequence[Notes], time_map: TimeMap) -> float:
    """In how many of the beats in which something sounds three pitch classes or two at once are heard.

    A broken chord is one as well: what counts is what a beat holds.
    """
    beat = time_map.ticks_per_beat
    pairs = [np.unique(notes.start_tick // beat * 12 + notes.pitch % 12) for notes in parts]
    if not pairs:
        return 0.0
    held = np.bincount(np.unique(np.concatenate(pairs)) // 12)
    return float((held[held > 0] >= 3).mean())
