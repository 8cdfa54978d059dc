"""Saved music opens again equal, here and in other programs."""

from __future__ import annotations

import io
import warnings
from dataclasses import replace

import mido
import pytest
import symusic
from hypothesis import given
from hypothesis import strategies as st

from builders import note_columns, songs
from musicassist.errors import SaveError
from musicassist.midi import as_saved, lost_on_save, read_song_bytes, with_program, write_song
from musicassist.score.song import Event, KeyChange, Note, Notes, Song, Track
from mutants import END, ONE_NOTE, midi_file

EVENTS = st.one_of(
    st.builds(bytes, st.tuples(st.integers(0xA0, 0xBF), st.integers(0, 127), st.integers(0, 127))),
    st.builds(bytes, st.tuples(st.integers(0xC0, 0xDF), st.integers(0, 127))),
    st.builds(lambda kind, text: bytes((0xFF, kind)) + text, st.integers(0, 127), st.binary(max_size=5)),
    st.builds(lambda data: b"\xf0" + data, st.binary(max_size=5)),
    st.binary(max_size=4),
)
EVENT_LISTS = st.lists(st.builds(Event, st.integers(0, 300), EVENTS, st.integers(0, 2)), max_size=6).map(tuple)
HOSTILE_TRACKS = st.builds(
    Track,
    st.text(max_size=3),
    note_columns(most=8),
    st.integers(0, 15),
    st.integers(0, 127),
    EVENT_LISTS,
    output_port=st.none() | st.text(max_size=3),
)


def read(data: bytes) -> Song:
    imported = read_song_bytes(data, "story.mid")
    assert imported.warnings == ()
    return imported.song


@given(songs(), st.lists(HOSTILE_TRACKS, max_size=3).map(tuple), EVENT_LISTS)
def test_what_is_read_is_what_saving_keeps(song: Song, tracks: tuple[Track, ...], events: tuple[Event, ...]) -> None:
    song = replace(song, tracks=song.tracks + tracks, events=events)
    saved = as_saved(song)
    assert read_song_bytes(write_song(song), "story.mid").song == saved
    assert as_saved(saved) == saved
    assert [sorted(t.notes.end_tick) for t in saved.tracks] == [sorted(t.notes.end_tick) for t in song.tracks]


@given(st.lists(st.builds(Note, st.integers(0, 5000), st.integers(0, 127), st.integers(1, 9), st.integers(1, 127))))
def test_notes_that_do_not_lie_within_another_read_back_equal(notes: list[Note]) -> None:
    apart = Notes.of(
        Note(note.start_tick * 10, *(note.pitch, note.duration_ticks, note.velocity)) for note in set(notes)
    )
    unique = {(note.start_tick, note.pitch): note for note in apart}
    song = Song((Track("Lead", Notes.of(unique.values()), 3, 7),), key_changes=(KeyChange(0, 2, "minor"),))
    assert read(write_song(song)) == song
    assert lost_on_save(song) == ()


@given(songs())
def test_other_programs_find_every_note(song: Song) -> None:
    import pretty_midi

    data = write_song(song)
    messages = [m for track in mido.MidiFile(file=io.BytesIO(data)).tracks for m in track]
    assert sum(m.type == "note_on" and m.velocity > 0 for m in messages) == song.note_count
    assert symusic.Score.from_midi(data).note_num() == song.note_count
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        pretty = pretty_midi.PrettyMIDI(io.BytesIO(data))
    assert sum(len(instrument.notes) for instrument in pretty.instruments) == song.note_count


def absolute_events(data: bytes) -> list[list[tuple[int, str]]]:
    """Each track's messages as mido reads them, with ticks; notes sorted within their tick."""
    tracks = []
    for track in mido.MidiFile(file=io.BytesIO(data)).tracks:
        tick, rows, notes = 0, [], []
        for message in track:
            tick += message.time
            target = notes if message.type in {"note_on", "note_off"} else rows
            target.append((tick, str(message.copy(time=0))))
        tracks.append(rows + sorted(notes))
    return tracks


def test_open_and_save_changes_no_event() -> None:
    conductor = (
        b"\x00\xff\x03\x04Song\x00\xff\x51\x03\x06\x1a\x80\x00\xff\x58\x04\x06\x03\x24\x08\x00\xff\x59\x02\xf9\x00"
        b"\x60\xff\x06\x05Verse\x87\x40\xff\x2f\x00"
    )
    melody = (
        b"\x00\xff\x21\x01\x00\x00\xff\x03\x04Lead\x00\xb2\x07\x64\x00\xb2\x00\x01\x00\xc2\x28\x00\xf0\x03\x7e\x01\xf7"
        b"\x60\x92\x3c\x40\x60\x82\x3c\x40\x00\xe2\x00\x40\x10\xff\x05\x02la\x00\xc2\x29\x8a\x00\xff\x2f\x00"
    )
    lyrics = b"\x00\xff\x03\x05Words\x10\xff\x05\x02la\x00\xff\x2f\x00"
    data = midi_file(conductor, melody, lyrics)
    saved, before = absolute_events(write_song(read(data))), absolute_events(data)
    saved[1].remove((0, str(mido.MetaMessage("key_signature", key="Cb"))))  # where other programs look for it
    assert saved == before


def test_a_new_instrument_or_name_replaces_the_one_of_the_file() -> None:
    track = read(midi_file(b"\x00\xff\x01\x00\x00\xff\x03\x01A\x00\xb0\x07\x64\x00\xc0\x28" + ONE_NOTE + END)).tracks[0]
    assert (track.name, track.program) == ("A", 40)
    changed = read(write_song(Song((replace(with_program(track, 3), name="B"),)))).tracks[0]
    assert (changed.name, changed.program) == ("B", 3)
    assert [e.data for e in changed.events] == [b"\xff\x01", b"\xb0\x07\x64", b"\xc0\x03"]


def test_an_empty_track_keeps_its_name_channel_and_program() -> None:
    song = Song((Track("", channel=5), Track("Bass", channel=3, program=33), Track()))
    assert read(write_song(song)) == song


def test_the_port_of_a_track_is_kept_in_the_file_as_its_device_name() -> None:
    song = Song((Track("Drums", Notes.of([Note(0, 36, 100)]), 9, output_port="Drum box"), Track("Sketch", channel=3)))
    assert read(write_song(song)) == song
    assert lost_on_save(song) == ()
    tracks = mido.MidiFile(file=io.BytesIO(write_song(song))).tracks
    assert [m.name for track in tracks for m in track if m.type == "device_name"] == ["Drum box"]


def test_a_silence_longer_than_a_delta_can_say() -> None:
    song = Song((Track(notes=Notes.of([Note(2**28 + 5, 60, 7)])),), ticks_per_beat=32767)
    assert read(write_song(song)) == song


def test_what_a_save_would_lose_is_said() -> None:
    within = Notes.of([Note(0, 60, 100), Note(10, 60, 20)])
    song = Song((Track("Lead", within, muted=True),), key_changes=(KeyChange(0, 2, "dorian"),))
    assert tuple(map(str, lost_on_save(song))) == (
        "Which tracks are muted or solo is not kept in a MIDI file.",
        "2 notes of track 'Lead' that lie within another of their pitch exchange their ends.",
    )


def test_what_no_file_can_hold_is_refused() -> None:
    with pytest.raises(SaveError, match="ticks per beat"):
        write_song(Song(ticks_per_beat=40_000))
    with pytest.raises(SaveError, match="65535 tracks"):
        write_song(Song((Track(),) * 65_535))
