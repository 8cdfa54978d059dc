"""Chords under a melody: of the key, near each other, and where they lead."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders import phrase
from musicassist.harmony.slots import Slot
from musicassist.score.song import Note, Notes
from musicassist.score.theory import SCALES, Key, parse_chord
from musicassist.session.harmony import next_step, palette, pitch_weights, step_of

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


@pytest.mark.parametrize(("name", "degree"), [("C", 0), ("G7", 4), ("Am7", 5), ("E7", 2), ("Bbmaj7", 6)])
def test_a_chord_of_the_song_has_its_degree(name: str, degree: int) -> None:
    step = step_of(parse_chord(name), C)
    assert (str(step.chord), step.degree) == (name, degree)
