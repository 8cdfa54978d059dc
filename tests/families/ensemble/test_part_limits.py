"""What holds for each part: polyphony, range, runs, leaps and rhythm."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from ensemble_songs import band
from musicassist.composing.request import Constraints, GenerationRequest
from musicassist.families.ensemble.arrangement import arrangement_of
from musicassist.families.ensemble.vocabulary import Role
from musicassist.score.song import Note, Notes, Song, Track
from musicassist.score.theory import Key, parse_chords

REQUEST = GenerationRequest("continue", band(), bars=2, model="parts", all_parts=True)


@pytest.mark.parametrize("most", [1, 2])
def test_polyphony_is_a_limit_of_every_part(most: int) -> None:
    own = arrangement_of(replace(REQUEST, constraints=Constraints(polyphony=most)))
    assert max(part.polyphony for part in own.parts.values()) == most


def test_minor_chords_have_their_leading_tone_and_the_range_is_the_edited_tracks() -> None:
    constraints = Constraints(key=Key(9, "minor"), lowest_pitch=70, highest_pitch=80)
    own = arrangement_of(replace(REQUEST, constraints=constraints))
    assert np.flatnonzero(own.parts[Role.MELODY].allowed)[[0, -1]].tolist() == [71, 80]
    assert own.parts[Role.BASS].allowed[44] and not own.parts[Role.BASS].allowed[46]


def test_a_note_comes_as_often_in_a_row_as_in_the_song() -> None:
    notes = Notes.of(Note(beat * 480, 60 if beat < 10 else 62, 480) for beat in range(12))
    own = arrangement_of(GenerationRequest("continue", Song((Track("Lead", notes),)), model="parts"))
    assert own.parts[Role.MELODY].longest_run == 10


def test_leaps_are_those_of_the_edited_part_and_each_part_keeps_its_own_rhythm() -> None:
    own = arrangement_of(replace(REQUEST, constraints=Constraints(largest_leap=4, rhythm="kept")))
    assert {Role(role): part.largest_leap for role, part in own.parts.items()} == {
        Role.MELODY: 4,
        Role.BASS: None,
        Role.CHORDS: None,
    }
    known = {
        Role(role): [step for step in range(192, 240) if part.rhythm.knows(step)] for role, part in own.parts.items()
    }
    assert known == {Role.MELODY: [192, 204, 216, 228], Role.BASS: [192, 216], Role.CHORDS: [192]}


def test_from_every_pitch_of_a_narrow_line_each_chord_can_be_reached() -> None:
    rules = Constraints(chords=parse_chords("C G"), largest_leap=2)
    allowed = np.flatnonzero(arrangement_of(replace(REQUEST, constraints=rules)).parts[Role.MELODY].allowed)
    for chord in rules.chords:
        tones = allowed[np.isin(allowed % 12, list(chord.pitch_classes))]
        assert all(np.abs(tones - pitch).min() <= 2 for pitch in allowed)
