"""A song becomes a stream: roles, order, bars, harmony, views."""

from __future__ import annotations

import numpy as np
import pytest

from lab.ensemble.pieces import View, piece_of
from musicassist.families.ensemble.stream import roles_of
from musicassist.families.ensemble.vocabulary import LENGTHS_STEPS, Role, gap_class, length_class, velocity_class
from musicassist.score.song import Note, Notes, Song, Track
from musicassist.score.timing import MeterChange


def track(name: str, *pitches: int, at: int = 0) -> Track:
    return Track(name, Notes.of(Note(at + 480 * place, pitch, 480) for place, pitch in enumerate(pitches)))


@pytest.mark.parametrize(
    ("names", "roles"),
    [
        (("MELODY", "PIANO_RH", "PIANO_LH"), (Role.MELODY, Role.RIGHT_HAND, Role.LEFT_HAND)),
        (("MELODY", "ALTO", "TENOR", "BASS"), (Role.SOPRANO, Role.ALTO, Role.TENOR, Role.CHORAL_BASS)),
        (("MELODY", "BRIDGE", "PIANO", "CHORDS"), (Role.MELODY, Role.SECOND_VOICE, Role.CHORDS, None)),
        (("Lead", "Strings", "E-Bass"), (Role.MELODY, Role.CHORDS, Role.BASS)),
        (("Flute",), (Role.MELODY,)),
        (("CHORDS",), (Role.CHORDS,)),
    ],
)
def test_tracks_have_the_roles_that_their_names_say(names: tuple[str, ...], roles: tuple[Role | None, ...]) -> None:
    assert roles_of([track(name, 60, 64) for name in names]) == list(roles)


def test_notes_stand_by_onset_then_role_then_pitch() -> None:
    song = Song((track("MELODY", 72, 74), track("PIANO_RH", 64, 65), track("PIANO_LH", 52), track("PIANO_LH", 48)))
    piece = piece_of(song, "a/b")
    assert piece is not None
    assert piece.notes.onset_step.tolist() == [0, 0, 0, 0, 12, 12]
    assert piece.notes.pitch.tolist() == [48, 52, 64, 72, 65, 74]
    assert piece.notes.role.tolist() == [2, 2, 6, 9, 6, 9]
    assert (LENGTHS_STEPS[piece.notes.length] == 12).all()
    assert piece.roles == (2, 6, 9)
    assert not piece.has_velocities


def test_of_equal_notes_the_longest_stays() -> None:
    notes = Notes.of([Note(0, 60, 240), Note(0, 60, 480), Note(480, 60, 480)])
    piece = piece_of(Song((Track("MELODY", notes),)), "a/b")
    assert piece is not None
    assert LENGTHS_STEPS[piece.notes.length].tolist() == [12, 12]


def test_bars_follow_the_meters() -> None:
    meters = (MeterChange(0, 4, 4), MeterChange(3840, 3, 4))
    piece = piece_of(Song((track("MELODY", *range(60, 80)),), meter_changes=meters), "a/b")
    assert piece is not None
    place, bar_steps, number = piece.bars.at(np.array([0, 50, 96, 140]))
    assert place.tolist() == [0, 2, 0, 8]
    assert bar_steps.tolist() == [48, 48, 36, 36]
    assert number.tolist() == [0, 1, 2, 3]


def test_a_view_tells_harmony_only_if_asked_and_begins_on_a_bar_line() -> None:
    chords = Track("CHORDS", Notes.of([Note(0, 48, 960), Note(0, 64, 960), Note(960, 53, 960)]))
    piece = piece_of(Song((track("MELODY", 72, 74, at=2400), track("PIANO", 60, at=2880), chords)), "a/b")
    assert piece is not None
    assert piece.lane.start_step.tolist() == [0, 24]
    assert piece.lane.mask.tolist() == [0b10001, 0b100000]
    view = View.of(piece, [Role.MELODY], [Role.CHORDS])
    assert len(view.free) == 2 and len(view.given) == 1 and not len(view.lane.mask)
    assert view.begin_step == 48
    assert len(View.of(piece, [Role.MELODY], with_lane=True).lane.mask) == 2


def test_songs_without_parts_are_no_pieces() -> None:
    assert piece_of(Song(), "a/b") is None
    assert piece_of(Song((Track("drums", Notes.of([Note(0, 36, 10)]), channel=9),)), "a/b") is None


def test_classes() -> None:
    assert gap_class(np.array([0, 96, 97, 5000])).tolist() == [0, 96, 97, 97]
    assert LENGTHS_STEPS[length_class(np.array([1, 5, 7, 12, 50, 400]))].tolist() == [1, 6, 8, 12, 48, 192]
    assert (length_class(LENGTHS_STEPS) == np.arange(len(LENGTHS_STEPS))).all()
    assert velocity_class(np.array([1, 127])).tolist() == [0, 15]
