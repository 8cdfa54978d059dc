"""Pitches, keys and chords."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders import phrase
from musicassist.score.song import Notes
from musicassist.score.theory import (
    CHORD_QUALITIES,
    SCALES,
    Chord,
    Key,
    detect_key,
    parse_chord,
    parse_key,
    parse_pitch,
    parse_pitch_class,
    pitch_name,
)

ALL_KEYS = [Key(tonic, scale) for tonic in range(12) for scale in ("major", "minor")]


@given(st.integers(0, 127), st.booleans())
def test_pitch_names_read_back(pitch: int, flats: bool) -> None:
    assert parse_pitch(pitch_name(pitch, flats=flats)) == pitch


def test_middle_c_is_60() -> None:
    assert parse_pitch("C4") == 60
    assert [parse_pitch(name) for name in ("Bb3", "A#3", "B#3", "Cb4", "F##2", "C-1", "G9", "61")] == [
        58, 58, 60, 59, 43, 0, 127, 61,
    ]  # fmt: skip


@pytest.mark.parametrize("name", ["H4", "C", "G#9", "Cb-1", "", "128", "C4 x", "4C"])
def test_what_is_no_pitch_is_refused(name: str) -> None:
    with pytest.raises(ValueError, match="pitch"):
        parse_pitch(name)


@pytest.mark.parametrize("key", [Key(tonic, scale) for tonic in range(12) for scale in SCALES], ids=str)
def test_key_names_read_back(key: Key) -> None:
    assert parse_key(str(key)) == key
    assert parse_key(f"{key.tonic_name}:{key.scale}") == key


@pytest.mark.parametrize(
    ("text", "key"),
    [
        ("D:major", Key(2)),
        ("d", Key(2)),
        ("Bb minor", Key(10, "minor")),
        ("F#m", Key(6, "minor")),
        ("C:harmonic minor", Key(0, "harmonic_minor")),
        ("A-minor", Key(9, "minor")),
        ("Eb-dorian", Key(3, "dorian")),
        (" G maj ", Key(7)),
        ("CM", Key(0)),
    ],
)
def test_keys_as_people_write_them(text: str, key: Key) -> None:
    assert parse_key(text) == key


@pytest.mark.parametrize("text", ["", "H major", "C:funky", "major", "C#x"])
def test_what_is_no_key_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="is no"):
        parse_key(text)


def test_keys_are_spelled_as_musicians_do() -> None:
    assert [str(Key(tonic)) for tonic in (5, 10, 3, 6, 11)] == [
        "F major",
        "Bb major",
        "Eb major",
        "F# major",
        "B major",
    ]
    assert str(Key(10, "minor")) == "Bb minor"
    assert str(Key(1, "minor")) == "C# minor"
    assert str(Key(2, "minor")) == "D minor"
    assert Key(2, "minor").uses_flats
    assert not Key(2, "dorian").uses_flats
    assert [str(Key(7, "dorian")), str(Key(0, "mixolydian"))] == ["G dorian", "C mixolydian"]
    assert [Key(7, "dorian").uses_flats, Key(0, "mixolydian").uses_flats] == [True, True]


def scale_of(key: Key) -> Notes:
    """One octave up, from tonic to tonic."""
    steps = [*SCALES[key.scale], 12]
    return phrase(*(60 + key.tonic + step for step in steps))


@pytest.mark.parametrize("key", ALL_KEYS, ids=str)
def test_the_key_of_a_scale_from_tonic_to_tonic_is_found(key: Key) -> None:
    assert detect_key(scale_of(key)) == key


@pytest.mark.parametrize("key", ALL_KEYS, ids=str)
def test_the_key_of_its_tonic_chord_is_found(key: Key) -> None:
    third = 4 if key.scale == "major" else 3
    root = 60 + key.tonic
    assert detect_key(phrase(root, root + third, root + 7, root)) == key


def test_no_notes_have_no_key() -> None:
    assert detect_key(Notes.of()) is None
    assert detect_key(phrase(62)) in (Key(2), Key(2, "minor"))


def test_every_note_equally_long_still_has_a_key() -> None:
    assert detect_key(phrase(*range(60, 72))) is not None


@pytest.mark.parametrize("quality", CHORD_QUALITIES)
def test_chord_symbols_read_back(quality: str) -> None:
    for root in range(12):
        for bass in (None, 0, 10):
            chord = Chord(root, quality, bass)
            assert parse_chord(str(chord)) == chord


def test_chords_hold_their_tones() -> None:
    assert parse_chord("F#m7").pitch_classes == {6, 9, 1, 4}
    assert parse_chord("G/B").pitch_classes == {7, 11, 2}
    assert parse_chord("Bb").root == parse_pitch_class("A#")


@pytest.mark.parametrize("text", ["", "H", "Cfoo", "C/H", "c"])
def test_what_is_no_chord_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="chord"):
        parse_chord(text)
