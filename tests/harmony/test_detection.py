"""Chords heard in notes."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from musicassist.harmony.detection import Frames, chord_detector, profiles
from musicassist.score.song import Note, Notes
from musicassist.score.theory import Chord, parse_chord
from musicassist.score.timing import MeterChange, TimeMap

BAR = 1920


def block(names: str, bar_ticks: int = BAR, low: int = 48) -> Notes:
    """A chord a bar, its bass an octave lower."""
    notes = []
    for bar, name in enumerate(names.split()):
        chord = parse_chord(name)
        bass = chord.root if chord.bass is None else chord.bass
        notes.append(Note(bar * bar_ticks, low - 12 + bass, bar_ticks))
        notes += [Note(bar * bar_ticks, low + tone, bar_ticks) for tone in sorted(chord.pitch_classes)]
    return Notes.of(notes)


def heard(notes: Notes, time_map: TimeMap | None = None) -> list[tuple[int, str]]:
    spans = chord_detector().spans([notes], time_map or TimeMap(), 0, int(notes.end_tick.max()))
    return [(span.from_tick, str(span.chord)) for span in spans]


def test_plain_chords_are_heard_with_their_sevenths_and_their_bass() -> None:
    names = "C Am F G7 Dm7 Bbmaj7 Bdim E7 C/E"
    assert heard(block(names)) == [(bar * BAR, name) for bar, name in enumerate(names.split())]


def test_a_chord_twice_running_is_one_and_a_broken_one_is_one_too() -> None:
    tones = [36, 48, 52, 55, 60, 55, 52, 48]
    broken = Notes.of(Note(240 * i, tones[i % 8], 240) for i in range(16))
    assert heard(broken) == [(0, "C")]


def _turned(chord: Chord, shift: int) -> Chord:
    bass = None if chord.bass is None else (chord.bass + shift) % 12
    return Chord((chord.root + shift) % 12, chord.quality, bass)


@given(st.integers(-5, 6))
@settings(max_examples=12)
def test_a_piece_in_another_key_is_heard_as_the_same_chords_there(shift: int) -> None:
    notes = block("C Am Dm7 G7 Fm C/G G C")
    moved = Notes(notes.start_tick, notes.pitch + shift, notes.duration_ticks, notes.velocity)
    spans = chord_detector().spans([notes], TimeMap(), 0, 8 * BAR)
    turned = [(s.from_tick, _turned(s.chord, shift)) for s in spans]
    assert [(s.from_tick, s.chord) for s in chord_detector().spans([moved], TimeMap(), 0, 8 * BAR)] == turned


@pytest.mark.parametrize(("numerator", "denominator"), [(3, 4), (6, 8), (7, 8), (5, 16)])
def test_chords_begin_on_the_bar_lines_of_any_meter(numerator: int, denominator: int) -> None:
    meter = MeterChange(0, numerator, denominator)
    time_map = TimeMap(480, (), (meter,))
    bar = meter.bar_ticks(480)
    assert heard(block("F C G C", bar), time_map) == [(0, "F"), (bar, "C"), (2 * bar, "G"), (3 * bar, "C")]


def test_where_nothing_sounds_there_is_no_chord() -> None:
    notes = block("C").plus(Notes.of([Note(4 * BAR + n.start_tick, n.pitch, n.duration_ticks) for n in block("G")]))
    spans = chord_detector().spans([notes], TimeMap(), 0, 5 * BAR)
    assert [(s.from_tick, s.to_tick, str(s.chord)) for s in spans] == [(0, BAR, "C"), (4 * BAR, 5 * BAR, "G")]
    assert chord_detector().spans([], TimeMap(), 0, BAR) == ()


def test_profiles_are_shares_of_what_sounds() -> None:
    frames = Frames.of(TimeMap(), 0, BAR)
    assert len(frames) == 8
    rows = profiles(block("C"), frames)
    np.testing.assert_allclose(rows[:, 0, [0, 4, 7]].sum(1), 1, atol=1e-3)
    assert rows[:, 1].argmax(1).tolist() == [0] * 8
