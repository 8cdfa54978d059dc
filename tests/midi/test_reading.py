"""Whatever stands in a file, it opens as far as it makes sense or is refused in words."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path

import pytest

from musicassist.errors import MidiImportError
from musicassist.midi import read_song, read_song_bytes, write_song
from musicassist.score.song import Event, KeyChange, Note, Song
from musicassist.score.timing import MeterChange, TempoChange
from mutants import END, ONE_NOTE, chunk, giants, header, midi_file, mutants


def opened(data: bytes) -> Song:
    return read_song_bytes(data, "story.mid").song


def warnings_of(data: bytes) -> str:
    return " ".join(map(str, read_song_bytes(data, "story.mid").warnings))


def first_notes(data: bytes) -> list[Note]:
    return list(opened(data).tracks[0].notes)


def test_a_plain_file_opens_without_a_warning() -> None:
    conductor = b"\x00\xff\x51\x03\x06\x1a\x80\x00\xff\x58\x04\x06\x03\x24\x08\x00\xff\x59\x02\xff\x01"
    melody = b"\x00\xff\x03\x06Melody\x00\xc2\x28\x60\x92\x3c\x40\x60\x82\x3c\x40\x00\xb2\x07\x64"
    imported = read_song_bytes(midi_file(conductor + END, melody + END, division=96), "story.mid")
    song = imported.song
    assert imported.warnings == () and imported.format == 1 and imported.note_on_count == 1
    assert song.ticks_per_beat == 96
    assert song.tempo_changes == (TempoChange(0, 400_000),)
    assert song.meter_changes == (MeterChange(0, 6, 8),)
    assert song.key_changes == (KeyChange(0, 2, "minor"),)
    (track,) = song.tracks
    assert (track.name, track.channel, track.program) == ("Melody", 2, 40)
    assert list(track.notes) == [Note(96, 60, 96, 64)]
    assert track.events == (Event(192, b"\xb2\x07\x64"),)


def test_the_fast_and_the_slow_road_read_alike() -> None:
    song = b"".join(bytes((0x81, i % 128, 0x93, i % 128, 1 + i % 127, 5, i % 128, 0)) for i in range(500))
    with_texts = b"".join(
        bytes((0x81, i % 128, 0x93, i % 128, 1 + i % 127, 0, 0xFF, 1, 0, 5, i % 128, 0)) for i in range(500)
    )
    assert opened(midi_file(song + END)).tracks[0].notes == opened(midi_file(with_texts + END)).tracks[0].notes


def test_equal_and_overlapping_notes_stay_and_end_first_in_first_out() -> None:
    body = b"\x00\x90\x3c\x10\x0a\x3c\x20\x00\x3c\x30\x0a\x3c\x00\x0a\x3c\x00\x0a\x3c\x00"
    assert first_notes(midi_file(body + END)) == [Note(0, 60, 20, 16), Note(10, 60, 20, 32), Note(10, 60, 30, 48)]


def test_a_note_without_end_ends_with_its_track() -> None:
    data = midi_file(b"\x00\x90\x3c\x40\x83\x60\xff\x2f\x00")
    assert first_notes(data) == [Note(0, 60, 480, 64)]
    assert "without an end" in warnings_of(data)


def test_an_end_without_note_disturbs_no_later_note() -> None:
    data = midi_file(b"\x00\x80\x3c\x40\x00\x80\x3c\x40" + ONE_NOTE + END)
    assert first_notes(data) == [Note(0, 60, 96, 64)]
    assert "2 ends without a note" in warnings_of(data)


def test_values_over_127_are_limited() -> None:
    data = midi_file(b"\x00\x90\x3c\xff\x60\x3c\x00" + END)
    assert first_notes(data) == [Note(0, 60, 96, 127)]
    assert "set to 127" in warnings_of(data)


@pytest.mark.parametrize(
    ("event", "words"),
    [
        (b"\xff\x59\x02\x08\x00", "key signature"),
        (b"\xff\x59\x01\x00", "key signature"),
        (b"\xff\x58\x04\x00\x02\x18\x08", "time signature"),
        (b"\xff\x58\x04\x04\xff\x18\x08", "time signature"),
        (b"\xff\x51\x03\x00\x00\x00", "tempo"),
        (b"\xff\x51\x01\x07", "tempo"),
        (b"\xf8", "message that no file may hold"),
    ],
)
def test_a_bad_event_is_left_out_and_told(event: bytes, words: str) -> None:
    data = midi_file(b"\x00" + event + ONE_NOTE + END)
    song = opened(data)
    assert words in warnings_of(data) and song.note_count == 1
    assert song.tempo_changes == song.meter_changes == song.key_changes == ()


def test_a_cut_file_keeps_its_beginning() -> None:
    data = midi_file(ONE_NOTE * 3 + END)[:-6]
    assert tuple(map(str, read_song_bytes(data, "story.mid").warnings)) == (
        "This file ends in the middle of a track. Notes that could be read: 3.",
        "6 bytes of it are missing.",
        "A note without an end was ended at the next stroke of its key, or with the music.",
    )


@pytest.mark.parametrize("cut", range(1, 49))
def test_a_cut_file_says_how_much_is_missing_wherever_it_was_cut(cut: int) -> None:
    whole = midi_file(ONE_NOTE + END, ONE_NOTE * 3 + END)
    imported = read_song_bytes(whole[:-cut], "story.mid")
    words = " ".join(map(str, imported.warnings))
    last_chunk = len(ONE_NOTE * 3 + END) + 8
    assert imported.is_incomplete
    if cut <= last_chunk - 8:
        assert f"{cut} byte{'s' if cut > 1 else ''} of it" in words
    elif cut < last_chunk + 8:
        assert "1 track that the header announces is missing." in words
    assert not read_song_bytes(whole, "story.mid").is_incomplete


@pytest.mark.parametrize("length", [0, 3, 500, 2**32 - 1])
def test_a_wrong_length_loses_no_track(length: int) -> None:
    body = ONE_NOTE * 2 + END
    data = header(1, 2) + chunk(body, length=length) + chunk(body)
    assert [len(track.notes) for track in opened(data).tracks] == [2, 2]


@pytest.mark.parametrize(("announced", "read"), [(0, 3), (1, 1), (2, 2), (3, 3), (9, 3)])
def test_as_many_tracks_are_read_as_the_header_announces(announced: int, read: int) -> None:
    data = header(1, announced) + chunk(ONE_NOTE + END) * 3
    assert opened(data).note_count == read
    assert ("than the header announces" in warnings_of(data)) == (announced in {1, 2})
    assert ("missing" in warnings_of(data)) == (announced == 9)


def test_no_end_mark_and_running_status_over_a_text_are_no_hurdle() -> None:
    assert first_notes(midi_file(b"\x00\x90\x3c\x40\x10\xff\x01\x01a\x10\x3c\x00")) == [Note(0, 60, 32, 64)]


def test_a_data_byte_without_status_ends_the_track() -> None:
    data = midi_file(b"\x00\x3c\x40" + END, ONE_NOTE + END)
    assert opened(data).note_count == 1
    assert "damaged" in warnings_of(data)


def test_film_frames_keep_their_seconds() -> None:
    data = midi_file(
        b"\x00\x90\x3c\x40\x87\x68\x80\x3c\x40" + END, division=0xE728
    )  # 25 frames of 40 ticks: 1,000 a second
    song = opened(data)
    assert song.time_map.tick_to_seconds(song.end_tick) == pytest.approx(1.0)
    assert "film frames" in warnings_of(data)


def test_a_division_of_zero_becomes_480() -> None:
    assert opened(midi_file(ONE_NOTE + END, division=0)).ticks_per_beat == 480


def test_format_0_is_split_by_channel_and_its_texts_stay_with_the_song() -> None:
    notes = b"\x00\x91\x3c\x40\x00\x99\x24\x50\x60\x81\x3c\x40\x00\x89\x24\x40"
    body = b"\x00\xff\x03\x04Song\x00\xc1\x05" + notes + b"\x00\xff\x05\x01a"
    song = opened(midi_file(body + END, format_=0))
    assert [(t.channel, t.program, list(t.notes)) for t in song.tracks] == [
        (1, 5, [Note(0, 60, 96, 64)]),
        (9, 0, [Note(0, 36, 96, 80)]),
    ]
    assert song.events == (Event(0, b"\xff\x03Song"), Event(96, b"\xff\x05a"))


def test_format_2_opens_its_patterns_as_tracks() -> None:
    data = midi_file(ONE_NOTE + END, ONE_NOTE + END, format_=2)
    assert opened(data).note_count == 2
    assert "2 independent patterns" in warnings_of(data)


def test_wrapped_and_unknown_chunks_are_looked_through() -> None:
    plain = header(1, 1) + b"XFIH\x00\x00\x00\x02ab" + chunk(ONE_NOTE + END)
    riff = b"RIFF" + (len(plain) + 12).to_bytes(4, "little") + b"RMIDdata" + len(plain).to_bytes(4, "little") + plain
    assert opened(riff).tracks == opened(plain).tracks == opened(midi_file(ONE_NOTE + END)).tracks
    assert read_song_bytes(riff, "story.rmi").warnings == ()
    assert "foreign bytes" in warnings_of(b"??" + plain)


def test_old_texts_are_understood_and_kept_as_they_are() -> None:
    body = b"\x00\xff\x03\x05Fl\xf6te" + ONE_NOTE + END
    track = opened(midi_file(body)).tracks[0]
    assert track.name == "Flöte"
    assert body[:9] in write_song(Song((track,)))


def test_what_stands_after_a_day_is_cut() -> None:
    data = midi_file(ONE_NOTE + b"\xff\xff\xff\x7f\x90\x3c\x40" * 2 + END)
    imported = read_song_bytes(data, "story.mid")
    assert imported.song.note_count == 1 and imported.note_on_count == 3
    assert "later than 24 hours" in " ".join(map(str, imported.warnings))


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "story.mid is empty."),
        (b"GIF89a picture", "story.mid is no MIDI file."),
        (b"SMF2CLIP\x00\x00", "story.mid is a MIDI 2.0 clip"),
        (b"MThd\x00\x00", "story.mid ends within its first bytes"),
        (header(), "story.mid holds no track."),
        (bytes(32 * 2**20 + 1), "story.mid is larger than 32 MB"),
        (midi_file(b"\x00\x90\x3c\x40" * 2_000_001 + END), "story.mid holds more than 2,000,000 events"),
    ],
    ids=["empty", "picture", "clip", "cut", "trackless", "large", "long"],
)
def test_what_cannot_be_opened_is_refused_in_words(data: bytes, words: str) -> None:
    with pytest.raises(MidiImportError) as refused:
        read_song_bytes(data, "story.mid")
    assert str(refused.value).startswith(words)


def test_what_is_no_file_is_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(MidiImportError, match=r"gone\.mid does not exist"):
        read_song(tmp_path / "gone.mid")
    with pytest.raises(MidiImportError, match="is no file"):
        read_song(tmp_path)
    if hasattr(os, "mkfifo"):
        os.mkfifo(tmp_path / "pipe.mid")
        with pytest.raises(MidiImportError, match="is no file"):
            read_song(tmp_path / "pipe.mid")


def test_damaged_files_open_or_are_refused_and_what_opened_saves_equal() -> None:
    opened_count = 0
    for data in mutants(seed=2, count=300):
        try:
            song = opened(data)
        except MidiImportError:
            continue
        opened_count += 1
        again = read_song_bytes(write_song(song), "again.mid")
        assert replace(again.song, file_format=song.file_format) == song and again.warnings == ()
        assert again.song.file_format == song.file_format or song.file_format == 2
    assert opened_count > 250


@pytest.mark.parametrize("name", list(giants(0.001)))
def test_giants_open_or_are_refused(name: str) -> None:
    data = giants(0.5)[name]
    try:
        song = opened(data)
    except MidiImportError:
        return
    assert song.note_count <= len(data)
