"""Plain chunks are read many at a time, unusual ones byte by byte: both roads give the same song, whatever the file."""

from __future__ import annotations

from unittest.mock import patch

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders import songs
from musicassist.errors import MidiImportError
from musicassist.midi import reading
from musicassist.midi.messages import ChunkMessages, messages_of, plain_chunk
from musicassist.midi.reading import ImportedSong, read_song_bytes
from musicassist.midi.writing import write_song
from musicassist.score.song import Song
from mutants import END, midi_file

TIMES = st.sampled_from([b"\x00", b"\x01", b"\x60", b"\x81\x00", b"\xc0\x00", b"\xff\x7f", b"\x81\x80\x80\x00"])
DATA = st.integers(0, 0x7F).map(lambda value: bytes((value,)))
STATUSES = st.sampled_from([b"", b"", b"\x90", b"\x80", b"\x93", b"\xb0", b"\xe1", b"\xa0"])
PAIRS = st.builds(lambda time, status, one, two: time + status + one + two, TIMES, STATUSES, DATA, DATA)
SINGLES = st.builds(
    lambda time, status, one: time + status + one, TIMES, st.sampled_from([b"\xc0", b"\xd2", b""]), DATA
)
SYSTEMS = st.builds(
    lambda time, kind, body: time + kind + bytes((len(body),)) + body,
    TIMES,
    st.sampled_from([b"\xff\x01", b"\xff\x03", b"\xff\x51", b"\xff\x58", b"\xff\x7f", b"\xff\x2f", b"\xf0", b"\xf7"]),
    st.binary(max_size=6),
)
FILLERS = st.just(b"\xff\xff\xff\x7f\xff\x7f\x00")
ODD = st.binary(min_size=1, max_size=3)
BODIES = st.lists(st.one_of(PAIRS, PAIRS, PAIRS, SINGLES, SYSTEMS, FILLERS, ODD), max_size=30).map(b"".join)
START = b"\x00\x90\x3c\x40"


def opened(data: bytes) -> ImportedSong | str:
    try:
        return read_song_bytes(data, "story.mid")
    except MidiImportError as error:
        return str(error)


def byte_by_byte(data: bytes) -> ImportedSong | str:
    with patch.object(reading, "plain_chunk", lambda _body: None):
        return opened(data)


def messages(body: bytes) -> ChunkMessages | None:
    chunk = plain_chunk(body)
    found = messages_of([chunk]) if chunk is not None else None
    return found[0] if found else None


@given(bodies=st.lists(BODIES, min_size=1, max_size=4), division=st.sampled_from([96, 480, 1, 0x7FFF, 0xE728, 0]))
def test_any_bytes_read_alike_on_both_roads(bodies: list[bytes], division: int) -> None:
    data = midi_file(*(START + body + END for body in bodies), division=division)
    assert opened(data) == byte_by_byte(data)


@given(song=songs(), damage=st.lists(st.tuples(st.integers(0, 10**6), st.integers(0, 255)), max_size=3))
def test_songs_and_damaged_ones_read_alike_on_both_roads(song: Song, damage: list[tuple[int, int]]) -> None:
    data = bytearray(write_song(song))
    for at, value in damage:
        data[14 + at % (len(data) - 14)] = value
    assert opened(bytes(data)) == byte_by_byte(bytes(data))


def test_running_status_long_times_and_programs_are_plain() -> None:
    body = START + b"\x60\x3c\x00\x81\xc0\x00\x3e\x40\x00\xc0\x07\x00\x90\x40\x40\x00\xff\x01\x02hi\x60\x40\x00"
    found = messages(body + END)
    assert found is not None
    assert [hex(value) for value in (found.packed & 0xFFFFFF).tolist()] == [
        *("0x903c40", "0x903c00", "0x903e40", "0xc00700", "0x904040", "0x904000")
    ]
    assert (found.packed >> 24).tolist() == [0, 0x60, 0x60 + 0x6000, 0x6060, 0x6060, 0x60C0]
    assert found.others == [(5, 0x6060, b"\xff\x01hi")] and found.end_tick == 0x60C0


@pytest.mark.parametrize(
    "body",
    [
        b"\x00\x3c\x40" + END,  # a first message without status
        START + b"\x00\xc0\x07\x00\x3c\x40" + END,  # one that goes on with the status of a program
        START + b"\x00\x90\x3c\x90" + END,  # a value over 127
        START + b"\x00\xf1\x00" + END,  # what no file may hold
        START + b"\x81\x81\x81\x81\x00\x3c\x00" + END,  # a time of five bytes
        START + b"\x00\xff\x01\x7fshort" + END,
        START + b"\x00\xff",
        START,  # no end mark
        START + END + START,
    ],
)
def test_what_is_unusual_is_not_plain(body: bytes) -> None:
    assert messages(body) is None


def test_a_chunk_does_not_go_on_with_the_status_of_the_one_before() -> None:
    plain = [plain_chunk(START + END), plain_chunk(b"\x00\x3c\x40" + END)]
    assert messages_of([chunk for chunk in plain if chunk is not None]) is None
