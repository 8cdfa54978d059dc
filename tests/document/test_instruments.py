"""Tracks on one channel share its instrument; one that gets another leaves, and nothing else sounds otherwise."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.sound.agreement import compare, render_ours
from musicassist.document.document import Document
from musicassist.document.instruments import (
    Instrument,
    are_programs_as_before,
    choose_instrument,
    free_wire,
    heard_track,
    leave_shared_channel,
    on_free_wire,
    programs_heard,
    sharers,
)
from musicassist.document.song_edits import CHANNELS
from musicassist.midi.reading import read_song_bytes
from musicassist.midi.track_events import midi_port_of, wire_of
from musicassist.midi.writing import write_song
from musicassist.score.song import Event, Note, Notes, Song, Track
from musicassist.session.commands import TrackCommands
from musicassist.sound.schedule import schedule_of
from musicassist.sound.soundfont_file import bundled_soundfont
from smf import control, meta, notes, program, smf

RIGHT, LEFT = notes(0, (72, 74, 76, 77)), notes(0, (48, 52, 55, 52))
LOUDNESS = [(0, control(0, 7, 50)), (960, control(0, 10, 0)), (960, control(0, 64, 127)), (1500, control(0, 64, 0))]
SHARED = {
    "the first track says all": [[(0, program(0, 19)), *LOUDNESS, *RIGHT], LEFT],
    "the second track says all": [RIGHT, [(0, program(0, 19)), *LOUDNESS, *LEFT]],
    "each has a program": [[(0, program(0, 73)), *RIGHT], [(0, program(0, 19)), *LOUDNESS, *LEFT]],
    "nobody has a program": [RIGHT, LEFT],
    "programs come later": [[*RIGHT, (900, program(0, 40))], [*LEFT, (1900, program(0, 19))]],
}


def opened(*tracks: list[tuple[int, bytes]]) -> Song:
    return read_song_bytes(smf([], *tracks), "test").song


def commands(song: Song) -> tuple[Document, TrackCommands]:
    document = Document(song)
    return document, TrackCommands(document)


def only(song: Song, index: int) -> Song:
    """The song of which one track is heard."""
    return song.with_track(index, replace(song.tracks[index], soloed=True))


@pytest.mark.parametrize("kind", SHARED)
@pytest.mark.parametrize("index", [0, 1])
def test_another_instrument_for_one_of_two_tracks_leaves_the_other_as_it_was(kind: str, index: int) -> None:
    before = opened(*SHARED[kind])
    document, tracks = commands(before)
    tracks.set_program(index, 6)
    after = document.song
    assert after.tracks[index].program == 6
    assert wire_of(after.tracks[0]) != wire_of(after.tracks[1])
    font = bundled_soundfont()
    assert font is not None
    other = 1 - index
    heard = compare(render_ours(only(after, other), font), render_ours(only(before, other), font), np.arange(0, 2, 0.5))
    assert all(note.is_small for note in heard)
    plain = [row for row in SHARED[kind][index] if row[1][0] & 0xF0 != 0xC0]
    said = [row for track in SHARED[kind] for row in track if row[1][0] & 0xF0 == 0xB0 and row not in plain]
    own_later = [row for row in SHARED[kind][index] if row[1][0] & 0xF0 == 0xC0 and row[0]][1:]
    alone = opened([(0, program(0, 6)), *said, *plain, *own_later])
    heard = compare(render_ours(only(after, index), font), render_ours(alone, font), np.arange(0, 0.9, 0.5))
    assert all(note.is_small for note in heard)
    document.undo()
    assert document.song == before


@pytest.mark.parametrize("order", [range(6), range(5, -1, -1), (3, 0, 5, 1, 4, 2)])
def test_a_song_that_has_all_tracks_on_channel_1_gets_one_instrument_each_by_choosing_them(
    order: Sequence[int],
) -> None:
    song = opened(*([(0, program(0, 5 + n)), *notes(0, (60 + n,))] for n in range(6)))
    document, tracks = commands(song)
    for index in order:
        tracks.set_program(index, 10 * index)
    assert len({wire_of(track) for track in document.song.tracks}) == 6
    sounding = {m[0] & 15: m[1] for _, m in schedule_of(document.song).rows(0, 99) if m[0] & 0xF0 == 0xC0}
    struck = {
        m[1]: sounding.get(m[0] & 15, 0) for _, m in schedule_of(document.song).rows(0, 99) if m[0] & 0xF0 == 0x90
    }
    assert struck == {60 + n: 10 * n for n in range(6)}


def test_an_instrument_from_the_keyboard_leaves_the_channel_too() -> None:
    song = choose_instrument(opened(*SHARED["the first track says all"]), 1, Instrument(40, (8, None)))
    assert wire_of(song.tracks[1]) != wire_of(song.tracks[0])
    assert song.tracks[0].program == 19


def test_drums_share_their_channel_and_stay() -> None:
    song = opened(notes(9, (36, 38)), notes(9, (42, 42)))
    assert leave_shared_channel(song, 1) is song


def test_a_track_that_shares_is_called_and_played_by_hand_as_it_sounds() -> None:
    song = opened(*SHARED["the first track says all"])
    assert programs_heard(song) == (19, 19)
    assert heard_track(song, 1).program == 19
    assert (sharers(song, 0), sharers(song, 1)) == ([1], [0])
    on_other_port = opened([(0, program(0, 19)), *RIGHT], [(0, meta(0x21, b"\1")), *LEFT])
    assert programs_heard(on_other_port) == (19, 0)
    assert heard_track(on_other_port, 1) is on_other_port.tracks[1]


@pytest.mark.parametrize("count", [3, 15, 16, 20, 40])
def test_each_track_that_is_added_has_a_channel_of_its_own_also_after_saving(count: int) -> None:
    document, tracks = commands(Song())
    for number in range(1, count):  # an empty song has its first track
        tracks.add(program=number)
    filled = [track.with_notes(Notes.of([Note(0, 60, 480)])) for track in document.song.tracks]
    for song in (document.song, read_song_bytes(write_song(Song(tuple(filled))), "test").song):
        assert len({wire_of(track) for track in song.tracks}) == count
        assert all(track.channel in CHANNELS for track in song.tracks)
        assert [track.program for track in song.tracks] == list(range(count))
        assert max(map(midi_port_of, song.tracks)) == (count - 1) // 15


def test_an_output_of_its_own_has_sixteen_channels_and_no_ports() -> None:
    full = Song(tuple(Track(channel=channel, output_port="Synth") for channel in CHANNELS))
    assert free_wire(full, full.tracks[0])[:2] == ("Synth", 0)
    assert free_wire(full, Track()) == (None, 0, 0)
    assert on_free_wire(full, Track(program=7)).channel == 0


def test_a_track_that_moves_to_another_port_takes_its_events_along() -> None:
    busy = [Track(channel=channel, notes=Notes.of([Note(0, 60, 480)])) for channel in CHANNELS]
    sharer = replace(busy[0], events=(Event(0, b"\xb0\x07\x20"), Event(0, b"\xff\x21\x00"), Event(9, b"\xff\x01hi")))
    song = leave_shared_channel(Song((*busy, sharer)), len(busy))
    assert wire_of(song.tracks[-1]) == (None, 1, 0)
    assert [event.data for event in song.tracks[-1].events] == [b"\xff\x21\x01", b"\xb0\x07\x20", b"\xff\x01hi"]


def test_two_ports_survive_saving(tmp_path: Path) -> None:
    song = opened(
        [(0, meta(0x21, b"\0")), (0, program(0, 19)), *RIGHT], [(0, meta(0x21, b"\1")), (0, program(0, 73)), *LEFT]
    )
    again = read_song_bytes(write_song(song), "test").song
    assert [midi_port_of(track) for track in again.tracks] == [0, 1]
    assert [track.program for track in again.tracks] == [19, 73]


@given(
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 2), st.booleans()), min_size=1, max_size=6),
    st.lists(st.tuples(st.integers(0, 5), st.integers(0, 3), st.integers(0, 2)), max_size=3),
)
def test_programs_are_heard_as_before_only_where_they_are(
    parts: list[tuple[int, int, bool]], edits: list[tuple[int, int, int]]
) -> None:
    notes = Notes.of([Note(0, 60, 480)])
    old = Song(tuple(Track("", notes if has_notes else Notes.of(), ch, prog) for ch, prog, has_notes in parts))
    new = old
    for index, channel, number in edits:
        if index < len(new.tracks):
            new = new.with_track(index, Track("", notes, channel, number))
    if are_programs_as_before(old, new):
        assert programs_heard(old) == programs_heard(new)
    assert are_programs_as_before(old, old)


def test_a_track_that_says_piano_is_heard_as_a_piano_beside_others_on_its_channel() -> None:
    piano, organ = [(0, program(0, 0)), *RIGHT], [(0, program(0, 19)), *LEFT]
    assert programs_heard(opened(piano, organ)) == (0, 19)
    assert programs_heard(opened(organ, piano)) == (19, 0)
    assert programs_heard(opened(organ, RIGHT)) == (19, 19)
