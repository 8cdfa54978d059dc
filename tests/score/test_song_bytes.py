"""What became of a song comes back exactly, from as little as changed."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders import note_columns, phrase, songs
from musicassist.document.edits import move_notes
from musicassist.score.foreign_chunk import ForeignChunk
from musicassist.score.origins import Origin
from musicassist.score.song import NOTE_COLUMNS, Event, KeyChange, Note, Notes, Song, Track
from musicassist.score.song_bytes import pack_changes, sound_song, with_changes
from musicassist.score.timing import MeterChange, TempoChange

EVENTS = st.lists(
    st.builds(Event, st.integers(0, 5000), st.binary(min_size=1, max_size=9), st.integers(0, 2)), max_size=6
).map(tuple)
TRACKS = st.builds(
    Track,
    st.text(max_size=5),
    note_columns(most=8),
    st.integers(0, 15),
    st.integers(0, 127),
    EVENTS,
    st.booleans(),
    st.booleans(),
    st.none() | st.text(max_size=5),
)
WHOLE_SONGS = st.builds(
    lambda song, tracks, events, keys, foreign: replace(
        song, tracks=tracks, events=events, key_changes=keys, foreign_chunks=foreign, file_format=0, is_riff=True
    ),
    songs(most_notes=3),
    st.lists(TRACKS, min_size=1, max_size=4).map(tuple),
    EVENTS,
    st.lists(st.builds(KeyChange, st.integers(0, 9), st.integers(0, 11), st.just("minor")), max_size=2).map(tuple),
    st.lists(st.builds(ForeignChunk, st.integers(0, 3), st.just(b"XFIH"), st.binary(max_size=5)), max_size=2).map(
        tuple
    ),
)


def large_song(notes: int = 50_000) -> Song:
    ticks = np.arange(notes) * 120
    return Song((Track("Melody", Notes.from_columns(ticks, 40 + ticks // 120 % 50, ticks * 0 + 100, ticks * 0 + 80)),))


@given(WHOLE_SONGS, WHOLE_SONGS)
def test_any_song_becomes_any_other(before: Song, after: Song) -> None:
    assert with_changes(before, pack_changes(before, after)) == after
    assert with_changes(Song(), pack_changes(Song(), after)) == after


@given(WHOLE_SONGS, st.data())
def test_tracks_that_were_moved_doubled_removed_or_edited_come_back(before: Song, data: st.DataObject) -> None:
    """As edits make them: most tracks are the very same."""
    picked = data.draw(st.lists(st.sampled_from(before.tracks), min_size=1, max_size=6))
    row = data.draw(st.integers(0, len(picked) - 1))
    notes = data.draw(note_columns(most=4))
    picked[row] = picked[row].with_notes(data.draw(st.sampled_from([notes, picked[row].notes.plus(notes)])))
    after = replace(before, tracks=tuple(picked))
    again = with_changes(before, pack_changes(before, after))
    assert again == after


def test_a_small_edit_of_a_large_song_is_small() -> None:
    song = large_song()
    notes = song.tracks[0].notes
    whole = len(pack_changes(Song(), song))
    edits = [notes.plus(Notes.of([Note(777, 60, 10)])), notes.where(np.arange(len(notes)) != 20_000)]
    for edited in edits:
        after = song.with_track(0, song.tracks[0].with_notes(edited))
        assert len(pack_changes(song, after)) < 300 < whole / 100
        assert with_changes(song, pack_changes(song, after)) == after
    mask = np.arange(len(notes)) == 30_000
    assert len(pack_changes(song, move_notes(song, 0, mask, 0, 1).song)) < 300
    muted = song.with_track(0, replace(song.tracks[0], muted=True))
    assert len(pack_changes(song, muted)) < 120


@pytest.mark.parametrize("order", [[0, 1, 2], [2, 1, 0], [1, 0, 2]])
def test_rows_that_somebody_made_up_in_another_order_come_back_sorted_and_read_only(order: list[int]) -> None:
    columns = [np.array(column)[order] for column in ([0, 480, 480], [72, 60, 64], [120, 240, 480], [80, 90, 100])]
    back = with_changes(Song(), pack_changes(Song(), Song((Track(notes=Notes(*columns)),)))).tracks[0].notes
    assert back == Notes.from_columns(*columns)
    assert not any(getattr(back, name).flags.writeable for name in NOTE_COLUMNS)


@pytest.mark.parametrize("most", [127, 128, 32_767, 32_768, 2**31 - 1, 2**31, 2**63 - 1])
def test_numbers_at_the_edge_of_a_width_come_back(most: int) -> None:
    numbers = np.array([most, ~most])
    notes = Notes.from_columns(numbers, numbers * 0, numbers, numbers * 0)
    assert with_changes(Song(), pack_changes(Song(), Song((Track(notes=notes),)))).tracks[0].notes == notes


def test_one_track_of_a_thousand_is_small_too() -> None:
    song = Song(tuple(Track(f"{number}", phrase(60, 62)) for number in range(1000)))
    after = song.with_track(500, song.tracks[500].with_notes(phrase(60, 64)))
    assert len(pack_changes(song, after)) < 300
    assert with_changes(song, pack_changes(song, after)) == after


def test_each_field_of_song_and_track_is_carried() -> None:
    """A field that somebody adds later must be one that JSON or raw numbers can hold."""
    track = Track("x", phrase(60), 3, 7, (Event(1, b"\xb0\x07\x10", 2),), True, True, "Port", (Origin(0, 9, "a"),))
    for field in fields(Track):
        assert getattr(track, field.name) != getattr(Track(), field.name), f"give {field.name} another value here"
    foreign = (ForeignChunk(0, b"XFIH", b"\0\xff"),)
    changes = ((TempoChange(0, 400_000),), (MeterChange(0, 6, 8),), (KeyChange(0, 2),), (Event(0, b"\xff\x01x"),))
    song = Song((track,), 96, *changes, file_format=0, foreign_chunks=foreign, is_riff=True)
    for field in fields(Song):
        assert getattr(song, field.name) != getattr(Song(), field.name), f"give {field.name} another value here"
    assert sound_song(with_changes(Song(), pack_changes(Song(), song))) == song


@pytest.mark.parametrize("field", ["name", "channel", "program", "muted", "output_port"])
@pytest.mark.parametrize("value", [1.5, b"x", (1,), float("nan")])
def test_a_value_of_another_kind_is_refused(field: str, value: object) -> None:
    track = replace(Track(), **{field: value})
    with pytest.raises(ValueError):
        sound_song(with_changes(Song(), pack_changes(Song(), Song((track,)))))


def test_numbers_of_numpy_come_back_as_pythons() -> None:
    ticks = np.array([480, 3])
    song = Song(
        (Track(channel=ticks[1], events=(Event(ticks[0], b"\xb0\x01\x02"),)),), tempo_changes=(TempoChange(*ticks),)
    )
    again = sound_song(with_changes(Song(), pack_changes(Song(), song)))
    assert again == song
    assert type(again.tempo_changes[0].tick) is type(again.tracks[0].channel) is int


@pytest.mark.parametrize("field", ["file_format", "is_riff", "ticks_per_beat"])
def test_a_song_of_another_kind_is_refused(field: str) -> None:
    song = replace(Song((Track(),)), **{field: "x"})
    with pytest.raises(ValueError):
        sound_song(with_changes(Song(), pack_changes(Song(), song)))


@given(WHOLE_SONGS, st.binary(max_size=20), st.integers(0, 400))
def test_damaged_changes_are_refused_or_give_a_song_that_is_sound(before: Song, noise: bytes, at: int) -> None:
    data = pack_changes(Song(), before)
    data = data[:at] + noise + data[at + len(noise) :]
    try:
        song = sound_song(with_changes(Song(), data))
    except (ValueError, TypeError):
        return
    for track in song.tracks:
        assert 0 <= track.channel < 16 and 0 <= track.program < 128
        for note in track.notes:
            assert 0 <= note.pitch < 128 and 0 < note.velocity < 128
            assert note.start_tick >= 0 and note.duration_ticks > 0


@pytest.mark.parametrize("song", [Song(), Song((Track(channel=16),)), Song((Track(program=-1),)), Song((Track(),), 0)])
def test_what_is_no_song_is_refused(song: Song) -> None:
    with pytest.raises(ValueError):
        sound_song(song)
