"""The key that people hear in notes, and the key at a place of a song."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders import phrase
from musicassist.score.keys import SongKey, find_key, is_contradicted, key_at
from musicassist.score.song import KeyChange, Note, Notes, Song, Track
from musicassist.score.theory import SCALES, Key, parse_key

ALL_KEYS = [Key(tonic, scale) for tonic in range(12) for scale in ("major", "minor")]
SHIFTS = st.integers(-5, 6)


def tune(words: str, *, up: int = 0) -> Notes:
    """Notes one after the other, each ``pitch:beats``; one beat where nothing is said."""
    rows, tick = [], 0
    for word in words.split():
        pitch, _, beats = word.partition(":")
        ticks = round(float(beats or 1) * 480)
        rows.append(Note(tick, int(pitch) + up, ticks))
        tick += ticks
    return Notes.of(rows)


def song_of(*parts: Notes, keys: tuple[KeyChange, ...] = ()) -> Song:
    tracks = tuple(Track(f"Part {number}", notes) for number, notes in enumerate(parts, 1))
    return Song(tracks, 480, key_changes=keys)


FIRST_PHRASES = {  # well-known tunes that are in the public domain, written in C (or its mode)
    "Ode to Joy": ("C major", "64 64 65 67 67 65 64 62 60 60 62 64 64:1.5 62:.5 62:2"),
    "Silent Night": ("C major", "67:1.5 69:.5 67 64:3 67:1.5 69:.5 67 64:3 74:2 74 71:3 72:2 72 67:3"),
    "Twinkle": ("C major", "60 60 67 67 69 69 67:2 65 65 64 64 62 62 60:2"),
    "Frère Jacques": ("C major", "60 62 64 60 60 62 64 60 64 65 67:2 64 65 67:2"),
    "London Bridge": ("C major", "67:1.5 69:.5 67 65 64 65 67:2 62 64 65:2 64 65 67:2"),
    "Row your Boat": ("C major", "60:1.5 60:1.5 60 62:.5 64:1.5 64 62:.5 64 65:.5 67:3"),
    "Joy to the World": ("D major", "74 73:.75 71:.25 69:1.5 67:.5 66 64 62:2"),
    "Amazing Grace, five tones": ("F major", "60 65:2 69:.5 65:.5 69:2 67 65:2 62 60:2"),
    "Auld Lang Syne, five tones": ("F major", "60 65:1.5 65:.5 65 69 67:1.5 65:.5 67 69 65:1.5 65:.5 69 72 74:3"),
    "Jingle Bells": ("C major", "64 64 64:2 64 64 64:2 64 67 60:1.5 62:.5 64:4"),
    "Greensleeves": (
        "A minor", "69 72:2 74 76:1.5 77:.5 76 74:2 71 67:1.5 69:.5 71 72:2 69 69:1.5 68:.5 69 71:2 68 64:2"
    ),
    "Drunken Sailor": (
        "D dorian", "69 69 69 69 69 62 65 69 67 67 67 67 67 60 64 67 69 69 69 71 72 74 72 69 67 64 62 62"
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", FIRST_PHRASES)
@pytest.mark.parametrize("up", [0, -5, 1, 6])
def test_the_first_phrase_of_a_simple_tune_is_heard_in_its_key(name: str, up: int) -> None:
    written, words = FIRST_PHRASES[name]
    key = parse_key(written)
    assert find_key(tune(words, up=up)) == Key((key.tonic + up) % 12, key.scale)


@pytest.mark.parametrize("key", ALL_KEYS, ids=str)
def test_the_key_of_a_scale_from_tonic_to_tonic_is_found(key: Key) -> None:
    steps = [*SCALES[key.scale], 12]
    there_and_back = [*steps, *steps[-2::-1]]
    assert find_key(phrase(*(60 + key.tonic + step for step in there_and_back))) == key


@pytest.mark.parametrize("key", ALL_KEYS, ids=str)
def test_the_key_of_its_tonic_chord_is_found(key: Key) -> None:
    third = 4 if key.scale == "major" else 3
    root = 60 + key.tonic
    assert find_key(phrase(root, root + third, root + 7, root)) == key


@pytest.mark.parametrize(
    "notes",
    [
        Notes.of(),
        phrase(62),
        phrase(*[62] * 12),
        phrase(60, 67, 60, 67, 60, 67),
        phrase(60, 62, 64),
        phrase(*range(60, 72)),
        phrase(*range(60, 85)),
        phrase(*range(72, 59, -1)),
        phrase(60, 67, 61, 68, 66, 70, 62, 71, 65, 64, 69, 63),
        phrase(60, 62, 64, 66, 68, 70, 72, 70, 68),
    ],
    ids="nothing,one note,one pitch,two pitches,three notes,chromatic,two octaves,down,row,whole tones".split(","),  # noqa: SIM905
)  # fmt: skip
def test_where_there_is_too_little_to_hear_there_is_no_key(notes: Notes) -> None:
    assert find_key(notes) is None


@given(st.permutations(range(12)))
def test_a_twelve_tone_row_has_no_key(row: list[int]) -> None:
    assert find_key(phrase(*(60 + step for step in row))) is None


SEVEN_TONES = ("major", "minor", "dorian", "mixolydian", "lydian", "phrygian", "harmonic_minor")


@given(st.sampled_from(SEVEN_TONES), SHIFTS, st.lists(st.integers(0, 14), min_size=4, max_size=24), st.data())
def test_a_key_that_excludes_notes_is_never_chosen_where_another_holds_them_all(
    scale: str, up: int, degrees: list[int], data: st.DataObject
) -> None:
    steps = [*SCALES[scale], *(step + 12 for step in SCALES[scale]), 24]
    lengths = data.draw(st.lists(st.sampled_from([0.5, 1, 2, 4]), min_size=len(degrees), max_size=len(degrees)))
    notes = tune(" ".join(f"{60 + steps[d]}:{beats}" for d, beats in zip(degrees, lengths, strict=True)), up=up)
    key = find_key(notes)
    heard = set((notes.pitch % 12).tolist())
    if key is not None and key.scale == "minor":
        forms = ("natural_minor", "harmonic_minor", "melodic_minor")
        leads = Notes.in_key(notes, key)
        assert any(heard <= Key(key.tonic, form).pitch_classes for form in forms) or leads[:-1].all()
    elif key is not None:
        assert heard <= key.pitch_classes


@given(st.sampled_from(sorted(FIRST_PHRASES)), SHIFTS)
def test_a_tune_is_heard_the_same_in_every_transposition(name: str, up: int) -> None:
    words = FIRST_PHRASES[name][1]
    here, there = find_key(tune(words)), find_key(tune(words, up=up))
    assert here is not None
    assert there == Key((here.tonic + up) % 12, here.scale)


def test_a_mode_is_heard_by_its_own_degree() -> None:
    dorian = "62 64 65 67 69 71 69 67 65 64 62 60 62 69 71 69 67 65 64 62"
    assert find_key(tune(dorian)) == Key(2, "dorian")
    mixolydian = "67 69 71 72 74 71 67 65 67 69 71 74 72 71 69 67 65 67"
    heard = find_key(tune(mixolydian))
    assert heard is not None
    assert heard.pitch_classes == Key(7, "mixolydian").pitch_classes


def test_five_tones_of_c_are_c_major() -> None:
    assert find_key(tune("60 62 64 67 69 67 64 62 60:2")) == Key(0)


def test_parts_are_heard_together_and_drums_not() -> None:
    upper, lower = tune("72:2 76:2 74:2 71:2 72:4"), tune("48 55 52 55 53 55 43 55 48:4")
    song = song_of(upper, lower)
    assert key_at(song).key == find_key(upper, lower) == Key(0)
    drums = Track("Drums", phrase(*[42, 38, 36, 49, 46, 41] * 4), channel=9)
    assert key_at(replace(song, tracks=(*song.tracks, drums))).key == Key(0)


# the key at a place of a song

E_MAJOR = "64 66 68 69 71 71 73 71 69 68 66 68 64 66 63 64 71 71 73 75 76 75 73 71 69 71 69 68 66 66 64 64"


@given(SHIFTS)
def test_a_default_c_major_that_the_notes_contradict_is_no_key(up: int) -> None:
    song = song_of(tune(E_MAJOR, up=up), keys=(KeyChange(0, 0),))
    is_c = (4 + up) % 12 == 0
    assert is_contradicted(song) is not is_c
    assert key_at(song) == SongKey(Key((4 + up) % 12), is_stated=is_c)


@pytest.mark.parametrize("name", ["Ode to Joy", "Twinkle", "Drunken Sailor", "Greensleeves"])
def test_a_c_major_signature_that_fits_is_the_key(name: str) -> None:
    song = song_of(tune(FIRST_PHRASES[name][1]), keys=(KeyChange(0, 0),))
    if name != "Greensleeves":  # its leading notes are heard in A minor
        assert key_at(song) == SongKey(Key(0), is_stated=True)


def test_c_major_with_a_passing_note_stays_c_major() -> None:
    notes = tune("60 62 64 65 67 66:.5 67:.5 69 67 65 64 62 60:2 67 69 71 72 74 72 71 69 67 65 64 62 60:4")
    assert key_at(song_of(notes, keys=(KeyChange(0, 0),))) == SongKey(Key(0), is_stated=True)


def test_a_c_major_beside_other_keys_was_chosen_by_somebody() -> None:
    keys = (KeyChange(0, 0), KeyChange(9600, 7))
    song = song_of(tune(E_MAJOR), keys=keys)
    assert [key_at(song, tick).key for tick in (0, 9599, 9600)] == [Key(0), Key(0), Key(7)]


def test_another_signature_is_the_key_whatever_stands_under_it() -> None:
    song = song_of(tune(E_MAJOR), keys=(KeyChange(0, 3, "minor", -6),))
    assert key_at(song) == SongKey(Key(3, "minor"), is_stated=True)
    assert str(key_at(song).key) == "Eb minor"


def test_before_the_first_signature_that_one_counts() -> None:
    song = song_of(tune(E_MAJOR), keys=(KeyChange(1920, 4), KeyChange(3840, 2)))
    assert [key_at(song, tick).key for tick in (0, 1920, 4000)] == [Key(4), Key(4), Key(2)]


def test_a_song_that_says_too_little_has_no_key() -> None:
    assert key_at(Song()) == SongKey(None)
    assert key_at(song_of(phrase(60))) == SongKey(None)


# what a key allows


def test_in_a_minor_key_raised_degrees_are_in_key_where_they_lead_up() -> None:
    key = parse_key("A minor")
    assert tune("69 71 72 74 76 78 80 81").in_key(key).all()
    assert tune("81 80 81 79 77 76").in_key(key).all()
    assert tune("69 68 66 64").in_key(key).tolist() == [True, False, False, True]
    assert tune("69 68").in_key(key).tolist() == [True, False]
    assert tune("69 68 68 69").in_key(key).all()
    assert tune("69 68 69").in_key(parse_key("A natural minor")).tolist() == [True, False, True]
    assert tune("69 68 69").in_key(parse_key("A harmonic minor")).all()
    assert tune("69 67 69").in_key(parse_key("A harmonic minor")).tolist() == [True, False, True]
    assert tune("60 61 62").in_key(Key(0)).tolist() == [True, False, True]
