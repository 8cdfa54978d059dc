"""Chords under a melody: of the key, near each other, and where they lead."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders import phrase
from musicassist.score.song import Note, Notes
from musicassist.score.theory import SCALES, Chord, Key, parse_chord
from musicassist.score.timing import MeterChange, TimeMap
from musicassist.session.harmony import (
    MAX_PITCH,
    MIN_BASS,
    MIN_PITCH,
    Slot,
    Step,
    next_step,
    palette,
    parallels,
    pitch_weights,
    slot_after,
    voiced,
)

BAR = 1920
C = Key(0)


def slot(bar: int = 1) -> Slot:
    return Slot(bar * BAR, (bar + 1) * BAR, bar, is_first_of_bar=True, is_last_of_bar=True)


def chord_for(*pitches: int, key: Key = C, before: str | None = None, bar: int = 1) -> str:
    steps = palette(key)
    previous = next((step for step in steps if str(step.chord) == before), None) if before else None
    heard = pitch_weights(phrase(*pitches, step_ticks=480), 0, 480 * len(pitches), 480, fades=False)
    return str(next_step(steps, previous, (slot(bar),), (heard,)).chord)


def test_a_key_has_its_triads_and_sevenths() -> None:
    names = {str(step.chord) for step in palette(C)}
    assert names == {"C", "Cmaj7", "Dm", "Dm7", "Em", "Em7", "F", "Fmaj7", "G", "G7", "Am", "Am7", "Bdim", "Bm7b5"}
    assert {"E", "E7", "Am", "Dm", "Em"} <= {str(step.chord) for step in palette(Key(9, "minor"))}


@pytest.mark.parametrize("scale", SCALES)
def test_every_scale_has_chords(scale: str) -> None:
    assert len(palette(Key(3, scale))) >= 7


@pytest.mark.parametrize(
    ("pitches", "chord"),
    [((60, 64, 67, 72), "C"), ((65, 69, 72, 69), "F"), ((67, 71, 74, 71), "G"), ((69, 72, 76, 72), "Am")],
)
def test_a_melody_of_chord_tones_gets_that_chord(pitches: tuple[int, ...], chord: str) -> None:
    assert chord_for(*pitches).removesuffix("7") == chord


def test_the_dominant_leads_home() -> None:
    assert chord_for(64, 67, before="G7").startswith("C")
    assert chord_for(67, before="G7", bar=4) == "C"


@given(st.lists(st.integers(55, 80), min_size=1, max_size=8), st.integers(0, 11))
def test_chords_are_of_the_key(pitches: list[int], tonic: int) -> None:
    key = Key(tonic)
    heard = pitch_weights(phrase(*pitches), 0, 4000, 480, fades=True)
    chosen = next_step(palette(key), None, (slot(), slot(2)), (heard, np.zeros(12)))
    assert chosen.chord.pitch_classes <= key.pitch_classes


def test_what_was_played_last_counts_most() -> None:
    weights = pitch_weights(Notes.of((Note(0, 60, 480), Note(1440, 67, 480))), 0, BAR, 480, fades=True)
    assert weights[7] > weights[0] > 0
    assert weights.sum() == pytest.approx(1)


def test_a_bar_of_four_has_two_chords_and_one_of_three_has_one() -> None:
    four = TimeMap()
    assert (slot_after(four, 0).from_tick, slot_after(four, 0).to_tick) == (0, 960)
    assert (slot_after(four, 1).from_tick, slot_after(four, 1).to_tick) == (960, BAR)
    assert slot_after(four, 961).from_tick == BAR
    three = TimeMap(meter_changes=(MeterChange(0, 3, 4),))
    assert (slot_after(three, 1).from_tick, slot_after(three, 1).to_tick) == (1440, 2880)


# Voices


def test_voices_hold_what_is_common_and_move_by_step() -> None:
    before = (48, 60, 64, 67)
    assert voiced(parse_chord("Am"), before) == (45, 60, 64, 69)
    assert voiced(parse_chord("G7"), before)[1:] == (59, 65, 67)


@given(st.lists(st.sampled_from(palette(C)), min_size=2, max_size=12))
def test_four_voices_in_range_that_never_move_in_parallel_fifths_or_octaves(steps: list[Step]) -> None:
    voices = None
    bad = 0
    for step in steps:
        now = voiced(step.chord, voices)
        assert MIN_BASS <= now[0] < MIN_PITCH <= now[1] < now[2] < now[3] <= MAX_PITCH
        assert now[0] % 12 == step.chord.root
        assert {pitch % 12 for pitch in now} <= step.chord.pitch_classes
        bad += parallels(voices, now) if voices is not None else 0
        voices = now
    assert bad == 0


def test_voices_keep_below_the_melody() -> None:
    assert max(voiced(Chord(0), None, melody_floor=64)) < 64
