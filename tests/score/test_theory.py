"""Pitches and keys."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from musicassist.score.theory import (
    SCALES,
    Key,
    keys_on_offer,
    parse_key,
    parse_pitch,
    pitch_name,
    pitch_names,
)

WRITTEN_KEYS = [key for scale in SCALES for key in keys_on_offer(scale)]


@given(st.integers(0, 127), st.sampled_from([None, *WRITTEN_KEYS]))
def test_pitch_names_read_back_in_every_key_and_spelling(pitch: int, key: Key | None) -> None:
    assert parse_pitch(pitch_name(pitch, key)) == pitch


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
    assert [str(Key(7, "dorian")), str(Key(0, "mixolydian"))] == ["G dorian", "C mixolydian"]
    assert [str(Key(3, "minor")), str(Key(8, "minor")), str(Key(6, "minor"))] == ["Eb minor", "G# minor", "F# minor"]
    signatures = [Key(2, "minor"), Key(2, "dorian"), Key(7, "dorian"), Key(0, "mixolydian"), Key(4, "phrygian")]
    assert [key.signature_fifths for key in signatures] == [-1, 0, -1, -1, 0]


@pytest.mark.parametrize(
    ("key", "raised"),
    [
        ("G minor", {6: "F#", 4: "E"}),
        ("D minor", {1: "C#", 11: "B"}),
        ("C minor", {11: "B", 9: "A"}),
        ("A minor", {8: "G#", 6: "F#"}),
        ("E minor", {3: "D#", 1: "C#"}),
        ("Bb minor", {9: "A", 7: "G"}),
        ("Eb minor", {2: "D", 0: "C"}),
        ("G# minor", {7: "F##", 5: "E#"}),
        ("G harmonic minor", {6: "F#"}),
    ],
)
def test_what_a_minor_key_raises_is_written_raised(key: str, raised: dict[int, str]) -> None:
    names = parse_key(key).note_names
    assert {pitch_class: names[pitch_class] for pitch_class in raised} == raised


@pytest.mark.parametrize(
    ("key", "raised", "flattened"),
    [
        ("A minor", "D#", "Bb"),
        ("G minor", "C#", "Ab"),
        ("Bb minor", "E", "Cb"),
        ("F minor", "B", "Gb"),
        ("C minor", "F#", "Db"),
    ],
)
def test_in_minor_the_fourth_is_raised_and_the_second_flattened(key: str, raised: str, flattened: str) -> None:
    minor = parse_key(key)
    assert minor.note_names[(minor.tonic + 6) % 12] == raised
    assert minor.note_names[(minor.tonic + 1) % 12] == flattened


@pytest.mark.parametrize("key", WRITTEN_KEYS, ids=str)
def test_the_degrees_of_a_key_are_written_with_seven_letters(key: Key) -> None:
    letters = [key.note_names[pitch_class][0] for pitch_class in key.pitch_classes]
    if len(letters) == 7 and key.scale not in ("harmonic_minor", "melodic_minor"):
        assert sorted(letters) == list("ABCDEFG")


def test_a_pitch_is_named_by_its_letter_s_octave() -> None:
    assert [pitch_name(59, parse_key("Gb")), pitch_name(60, parse_key("C#"))] == ["Cb4", "B#3"]
    assert pitch_names(parse_key("G minor"))[66] == "F#4"
    assert pitch_name(70) == "A#4"


def test_a_key_keeps_the_name_that_it_was_given_and_equals_its_other_spelling() -> None:
    flat, sharp = parse_key("Eb:minor"), parse_key("D#:minor")
    assert flat == sharp
    assert [str(flat), flat.signature_fifths, str(sharp), sharp.signature_fifths] == ["Eb minor", -6, "D# minor", 6]
    assert [str(parse_key("Gb")), str(parse_key("F#")), str(parse_key("Cb"))] == ["Gb major", "F# major", "Cb major"]
    assert str(parse_key("G# major")) == "Ab major"  # eight sharps no signature has
    assert str(parse_key("B♭ minor")) == "Bb minor"


def test_keys_are_on_offer_along_the_circle_of_fifths() -> None:
    assert " ".join(key.tonic_name for key in keys_on_offer("minor")) == "Ab Eb Bb F C G D A E B F# C# G#"
    assert " ".join(key.tonic_name for key in keys_on_offer("major")) == "Gb Db Ab Eb Bb F C G D A E B F#"
    assert len(keys_on_offer("chromatic")) == 1
    for scale in SCALES:
        assert {key.tonic for key in keys_on_offer(scale)} == (set(range(12)) if scale != "chromatic" else {0})


def test_minor_raises_its_sixth_and_seventh_where_they_lead_up_and_natural_minor_never() -> None:
    assert parse_key("A:minor").leading_steps == {6: 2, 8: 1}
    assert parse_key("G minor").leading_steps == {4: 2, 6: 1}
    assert parse_key("A natural minor").pitch_classes == parse_key("A minor").pitch_classes
    assert not parse_key("A:natural_minor").leading_steps
    assert not parse_key("A:harmonic_minor").leading_steps
