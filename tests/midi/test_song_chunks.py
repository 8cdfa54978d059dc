"""A saved file keeps what its file was: its format, its wrapper, and the parts of it that are no music."""

from __future__ import annotations

import io
from collections import Counter
from dataclasses import replace
from pathlib import Path

import mido
import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders import control, off, on, songs, track_body
from musicassist.midi import as_saved, lost_on_save, read_song, read_song_bytes, save_song, write_song
from musicassist.score.foreign_chunk import AFTER_MUSIC, AFTER_TRACKS, BEFORE_MUSIC, BEFORE_TRACKS, ForeignChunk
from musicassist.score.song import (
    Event,
    Note,
    Notes,
    Song,
    Track,
)
from musicassist.score.song_bytes import pack_changes, with_changes
from mutants import END, ONE_NOTE, chunk, header, midi_file

THREE_CHANNELS = [
    *((0, data) for data in (b"\xff\x03Song", b"\xff\x51\x09\x89\x68", b"\xff\x58\x03\x02\x18\x08", b"\xff\x06Verse")),
    *((0, data) for data in (b"\xc0\x04", b"\xc1\x21", on(72), on(48, channel=1), on(36, channel=9))),
    *((480, data) for data in (b"\xff\x05la", off(72), control(64, 127), on(74), off(36, channel=9))),
    *((960, data) for data in (off(74), off(48, channel=1), b"\xf0\x7e\x7f\x09\x01\xf7")),
]


def opened(data: bytes) -> Song:
    return read_song_bytes(data, "story.mid").song


def messages(data: bytes) -> Counter[tuple[int, bytes]]:
    """All messages of all tracks with their ticks, as mido reads them; end marks left out."""
    rows: Counter[tuple[int, bytes]] = Counter()
    for track in mido.MidiFile(file=io.BytesIO(data)).tracks:
        tick = 0
        for message in track:
            tick += message.time
            rows[tick, bytes(message.bin())] += message.type != "end_of_track"
    return +rows


def format_of(data: bytes) -> tuple[int, int]:
    """The format and how many tracks, as mido reads them."""
    file = mido.MidiFile(file=io.BytesIO(data))
    return file.type, len(file.tracks)


@pytest.mark.parametrize("end_tick", [960, 1920])
@pytest.mark.parametrize("channels", [16, 1, 0])
def test_a_file_of_format_0_stays_in_one_chunk(channels: int, end_tick: int) -> None:
    rows = [row for row in THREE_CHANNELS if row[1][0] >= 0xF0 or row[1][0] & 0x0F < channels]
    data = midi_file(track_body(*rows, end_tick=end_tick), format_=0)
    song = opened(data)
    saved = write_song(song)
    assert format_of(saved) == (0, 1)
    assert messages(saved) == messages(data)
    assert opened(saved) == song
    assert lost_on_save(song) == ()


def test_notes_that_are_added_behind_the_end_keep_a_file_of_format_0_in_one_chunk() -> None:
    song = opened(midi_file(track_body(*THREE_CHANNELS, end_tick=1920), format_=0))
    melody = song.tracks[0].with_notes(song.tracks[0].notes.plus(Notes.of([Note(3840, 60, 480)])))
    longer = song.with_track(0, melody)
    assert format_of(write_song(longer)) == (0, 1)
    assert lost_on_save(longer) == ()
    assert opened(write_song(longer)).tracks == longer.tracks


@pytest.mark.parametrize(
    "change",
    [
        lambda song: song.with_track(0, replace(song.tracks[0], name="Lead")),
        lambda song: replace(song, tracks=(*song.tracks, song.tracks[0])),
        lambda song: replace(song, tracks=(*song.tracks, Track("Empty", channel=5))),
    ],
    ids=["named", "one channel twice", "empty track"],
)
def test_what_one_chunk_cannot_hold_is_saved_in_format_1_and_said(change: object) -> None:
    assert callable(change)
    song = change(opened(midi_file(track_body(*THREE_CHANNELS), format_=0)))
    assert format_of(write_song(song)) == (1, len(song.tracks) + 1)
    assert any("format 0" in str(sentence) for sentence in lost_on_save(song))
    assert opened(write_song(song)).tracks == song.tracks


def test_patterns_of_format_2_become_tracks_and_that_is_said() -> None:
    song = opened(midi_file(ONE_NOTE + END, ONE_NOTE + END, format_=2))
    assert format_of(write_song(song))[0] == 1
    assert any("format 2" in str(sentence) for sentence in lost_on_save(song))


@given(songs())
def test_a_song_of_format_0_reads_back_as_it_is_saved(song: Song) -> None:
    tracks = tuple(replace(t, channel=i, name="") for i, t in enumerate(song.tracks))
    song = replace(song, tracks=tracks, file_format=0)
    assert opened(write_song(song)) == as_saved(song)


FOREIGN = st.builds(
    ForeignChunk,
    st.sampled_from([BEFORE_TRACKS, AFTER_TRACKS]),
    st.sampled_from([b"XFIH", b"XFKM", b"CASM", b"MDIF"]),
    st.binary(max_size=20),
)
BESIDE = st.builds(
    ForeignChunk,
    st.sampled_from([BEFORE_MUSIC, AFTER_MUSIC]),
    st.sampled_from([b"LIST", b"DISP"]),
    st.binary(max_size=9),
)


@given(songs(), st.lists(FOREIGN, max_size=4), st.lists(BESIDE, max_size=3), st.booleans(), st.integers(0, 1))
def test_foreign_chunks_and_the_wrapper_are_kept(
    song: Song, foreign: list[ForeignChunk], beside: list[ForeignChunk], is_riff: bool, file_format: int
) -> None:
    chunks = sorted([*foreign, *(beside if is_riff else [])], key=lambda c: (c.place < BEFORE_MUSIC, c.place))
    song = replace(song, foreign_chunks=tuple(chunks), is_riff=is_riff, file_format=file_format)
    imported = read_song_bytes(write_song(song), "story.rmi")
    assert imported.song == as_saved(song)
    assert imported.song.foreign_chunks == song.foreign_chunks and imported.song.is_riff == is_riff
    assert imported.warnings == ()
    assert with_changes(Song(), pack_changes(Song(), imported.song)) == imported.song


@pytest.mark.parametrize("size", [0, 1, 7, 2**30])
def test_a_wrapper_that_lies_is_taken_off_all_the_same(size: int) -> None:
    plain = header(1, 1) + chunk(ONE_NOTE + END)
    song = opened(b"RIFF" + size.to_bytes(4, "little") + b"RMIDdata" + (size * 2).to_bytes(4, "little") + plain)
    assert song.note_count == 1 and song.is_riff


def test_styles_of_arrangers_keep_their_sections() -> None:
    """A style file has its parts behind the tracks, where sequencers drop them."""
    data = midi_file(track_body(*THREE_CHANNELS), format_=0) + b"CASM\x00\x00\x00\x03abcOTSc\x00\x00\x00\x02de"
    song = opened(data)
    assert song.foreign_chunks == (
        ForeignChunk(AFTER_TRACKS, b"CASM", b"abc"),
        ForeignChunk(AFTER_TRACKS, b"OTSc", b"de"),
    )
    assert write_song(song).endswith(data[-21:])


def test_silence_at_the_end_that_new_notes_fill_is_no_loss() -> None:
    song = opened(midi_file(track_body((0, on(60)), (480, off(60)), end_tick=1920)))
    assert song.tracks[0].events == (Event(1920, b"\xff\x2f"),)
    longer = song.with_track(0, song.tracks[0].with_notes(Notes.of([Note(0, 60, 480), Note(1920, 62, 480)])))
    assert lost_on_save(longer) == ()


@pytest.mark.parametrize(
    ("name", "was_there", "is_kept"),
    [("b.rmi", False, True), ("b.mid", False, False), ("b.mid", True, True), ("b.RMI", True, True)],
)
def test_a_wrapper_stays_where_it_was_or_belongs_and_goes_to_no_other_mid(
    tmp_path: Path, name: str, was_there: bool, is_kept: bool
) -> None:
    beside = (ForeignChunk(BEFORE_MUSIC, b"LIST", b"INFO"), ForeignChunk(AFTER_TRACKS, b"XFIH", b"x"))
    song = Song((Track("Lead", Notes.of([Note(0, 60, 480)])),), is_riff=True, foreign_chunks=beside)
    if was_there:
        (tmp_path / name).write_bytes(write_song(song))
    save_song(song, tmp_path / name)
    assert (tmp_path / name).read_bytes().startswith(b"RIFF" if is_kept else b"MThd")
    assert read_song(tmp_path / name).song.foreign_chunks == (beside if is_kept else beside[1:])
