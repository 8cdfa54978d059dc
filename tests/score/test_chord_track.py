"""Chords as texts of a song."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from musicassist.midi import read_song_bytes, write_song
from musicassist.score.chord_track import (
    ChordMark,
    ChordSpan,
    chord_at,
    chords_until,
    is_only_of_chords,
    playable_track,
    say_the_same,
    with_bound_moved,
    with_chord,
    with_written_chords,
    written_chords,
    written_spans,
)
from musicassist.score.song import Event, KeyChange, Note, Notes, Song, Track
from musicassist.score.theory import CHORD_QUALITIES, NO_CHORD, Chord, parse_chord, parse_key

SONG = Song(
    (Track("Piano", Notes.of([Note(0, 60, 480)])),), events=(Event(0, b"\xff\x06Verse"), Event(960, b"\xff\x06A"))
)
chords = st.builds(
    Chord, st.integers(0, 11), st.sampled_from([*CHORD_QUALITIES, NO_CHORD]), st.none() | st.integers(0, 11)
).map(lambda chord: Chord(0, NO_CHORD) if chord.quality == NO_CHORD else chord)
marks = st.dictionaries(st.integers(0, 20).map(lambda beat: 480 * beat), chords | st.none(), max_size=8).map(
    lambda rows: tuple(ChordMark(tick, rows[tick]) for tick in sorted(rows))
)


@given(marks)
def test_what_is_written_comes_back_from_the_song_and_from_its_file(rows: tuple[ChordMark, ...]) -> None:
    song = with_written_chords(SONG, rows)
    assert written_chords(song) == rows
    assert written_chords(read_song_bytes(write_song(song), "song.mid").song) == rows


@given(marks, marks)
def test_writing_again_leaves_nothing_of_the_chords_before_and_all_else(
    rows: tuple[ChordMark, ...], others: tuple[ChordMark, ...]
) -> None:
    again = with_written_chords(with_written_chords(SONG, others), rows)
    assert written_chords(again) == rows
    assert again.events == with_written_chords(SONG, rows).events
    assert with_written_chords(again, ()).events == SONG.events
    assert again.tracks[0] == SONG.tracks[0]


def test_markers_of_other_programs_are_read_where_they_say_that_they_are_chords() -> None:
    song = Song(SONG.tracks, events=(Event(0, b"\xff\x06chord:Em7"), Event(960, b"\xff\x06A"), Event(5, b"\xff\x01C")))
    assert written_chords(song) == (ChordMark(0, parse_chord("Em7")),)


def test_texts_of_a_chord_track_that_are_no_chords_stay_texts() -> None:
    lane = Track("chords", events=(Event(0, b"\xff\x01Am7/G"), Event(480, b"\xff\x01Refrain")))
    song = Song((*SONG.tracks, lane))
    assert written_chords(song) == (ChordMark(0, parse_chord("Am7/G")),)
    kept = with_written_chords(song, ()).tracks[1]
    assert kept.events == (Event(480, b"\xff\x01Refrain"),)


def test_a_written_chord_holds_to_the_next_and_no_chord_ends_one() -> None:
    rows = (ChordMark(0, Chord(0)), ChordMark(480, Chord(0, NO_CHORD)), ChordMark(960, Chord(7)), ChordMark(1440, None))
    spans = written_spans(rows, 3000)
    assert [(s.from_tick, s.to_tick, str(s.chord)) for s in spans] == [
        (0, 480, "C"), (480, 960, "N.C."), (960, 1440, "G"),
    ]  # fmt: skip
    assert chord_at(spans, 1439) == spans[2]
    assert chord_at(spans, 1440) is None


@given(marks, st.integers(0, 20), st.integers(1, 8), chords | st.none())
def test_a_chord_written_over_a_stretch_changes_nothing_beside_it(
    rows: tuple[ChordMark, ...], beat: int, beats: int, chord: Chord | None
) -> None:
    start, end = 480 * beat, 480 * (beat + beats)
    after = with_chord(rows, start, end, chord)

    def at(some: tuple[ChordMark, ...], tick: int) -> Chord | None:
        return next((mark.chord for mark in reversed(some) if mark.tick <= tick), None)

    for tick in range(0, 480 * 32, 240):
        assert at(after, tick) == (chord if start <= tick < end else at(rows, tick))


def test_a_bound_that_is_moved_takes_what_it_passes_over() -> None:
    rows = (ChordMark(0, Chord(0)), ChordMark(480, Chord(5)), ChordMark(960, Chord(7)), ChordMark(1440, None))

    def moved(tick: int, to_tick: int) -> list[tuple[int, str]]:
        return [(mark.tick, str(mark)) for mark in with_bound_moved(rows, tick, to_tick)]

    assert moved(480, 720) == [(0, "C"), (720, "F"), (960, "G"), (1440, "(heard)")]
    assert moved(960, 240) == [(0, "C"), (240, "G"), (1440, "(heard)")]
    assert moved(480, 960) == [(0, "C"), (960, "G"), (1440, "(heard)")]
    assert moved(1440, 1920) == [(0, "C"), (480, "F"), (960, "G"), (1920, "(heard)")]
    assert with_bound_moved((ChordMark(0, Chord(0)),), 1920, 960) == (ChordMark(0, Chord(0)), ChordMark(960, None))


def test_a_track_is_only_of_chords_where_it_names_some_and_nothing_sounds() -> None:
    written = with_written_chords(SONG, [ChordMark(0, Chord(0))])
    assert [is_only_of_chords(track) for track in written.tracks] == [False, True]
    assert not is_only_of_chords(Track("Chords"))  # somebody's part that is still empty
    assert not is_only_of_chords(written.tracks[1].with_notes(SONG.tracks[0].notes))
    assert (playable_track(written, 0), playable_track(written, 1)) == (0, 0)
    assert playable_track(Song((written.tracks[1],)), 0) == 0


def test_an_edit_of_notes_leaves_what_is_written_alone() -> None:
    written = with_written_chords(SONG, [ChordMark(0, Chord(0))])
    edited = written.with_track(0, written.tracks[0].with_notes(Notes.of([Note(0, 62, 480)])))
    assert say_the_same(written, edited)
    assert not say_the_same(SONG, written) and not say_the_same(written, with_written_chords(written, []))


def test_chords_of_a_stretch_that_ends_sooner_are_cut() -> None:
    spans = (ChordSpan(0, 480, Chord(0)), ChordSpan(480, 960, Chord(5)), ChordSpan(960, 1440, Chord(7)))
    assert chords_until(spans, 600) == (spans[0], ChordSpan(480, 600, Chord(5)))


def test_writing_a_chord_leaves_the_other_tracks_the_very_objects_that_they_were() -> None:
    """Undo, the record and the window tell by identity what an edit has touched."""
    song = Song(tracks=(Track("Melody", events=(Event(0, b"\xff\x05la"),)), Track("Bass")))
    once = with_written_chords(song, [ChordMark(0, parse_chord("C"))])
    again = with_written_chords(once, [ChordMark(960, parse_chord("G"))])
    assert once.tracks[0] is again.tracks[0] is song.tracks[0] and again.tracks[1] is song.tracks[1]


def test_a_chord_is_written_as_the_key_at_its_place_spells_it() -> None:
    keys = (KeyChange.chosen(0, parse_key("E")), KeyChange.chosen(1920, parse_key("Ab")))
    rows = (ChordMark(0, parse_chord("G#m7/D#")), ChordMark(1920, parse_chord("G#")))
    written = with_written_chords(Song(SONG.tracks, key_changes=keys), rows)
    assert [event.data[2:] for event in written.events] == [b"G#m7/D#", b"Ab"]
    assert [event.data[2:] for event in written.tracks[1].events] == [b"G#m7/D#", b"Ab"]
    assert written_chords(written) == rows


def test_a_chord_that_stays_keeps_the_words_of_who_wrote_it() -> None:
    texts = [Event(960 * row, b"\xff\x01" + words.encode()) for row, words in enumerate(("F#-7b5/C", "Csus\0", "C°"))]
    song = Song((*SONG.tracks, Track("Chords", events=tuple(texts))), events=(Event(0, b"\xff\x06F#-7b5/C"),))
    after = with_written_chords(song, (*written_chords(song), ChordMark(2880, Chord(5))))
    for events in (after.tracks[1].events, after.events):
        assert [event.data[2:].decode() for event in events] == ["F#-7b5/C", "Csus", "C°", "F"]
    marked = Song(SONG.tracks, events=(Event(0, b"\xff\x06chord:D#m7"),))
    assert with_written_chords(marked, written_chords(marked)).events == (Event(0, b"\xff\x06D#m7"),)
