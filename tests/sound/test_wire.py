"""The pipe: what goes into the pipe comes out of it."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from musicassist.errors import Words
from musicassist.score.song import Event, KeyChange, Note, Notes, Song, Track
from musicassist.score.timing import MeterChange, TempoChange
from musicassist.sound import messages as m
from musicassist.sound.wire import decode, encode, read_message

NOTES = st.lists(
    st.builds(Note, st.integers(0, 1 << 40), st.integers(0, 127), st.integers(1, 1 << 30), st.integers(1, 127)),
    max_size=5,
).map(Notes.of)
EVENTS = st.lists(st.builds(Event, st.integers(0, 10_000), st.binary(min_size=1, max_size=6)), max_size=3).map(tuple)
TRACKS = st.builds(
    Track,
    st.text(max_size=8),
    NOTES,
    st.integers(0, 15),
    st.integers(0, 127),
    EVENTS,
    st.booleans(),
    st.booleans(),
    st.none() | st.text(),
)
SONGS = st.builds(
    Song,
    st.lists(TRACKS, max_size=3).map(tuple),
    st.integers(1, 10_000),
    st.lists(st.builds(TempoChange, st.integers(0, 9), st.integers(1, 0xFFFFFF)), max_size=2).map(tuple),
    st.lists(st.builds(MeterChange, st.integers(0, 9), st.integers(1, 9), st.sampled_from([2, 4, 8])), max_size=2).map(
        tuple
    ),
    st.lists(st.builds(KeyChange, st.integers(0, 9), st.integers(0, 11)), max_size=2).map(tuple),
    EVENTS,
)
SETTINGS = st.builds(
    m.SoundSettings, st.none() | st.text(), st.none() | st.just(Path("a/b.sf2")), st.none() | st.text()
)
PLAIN_WORDS = st.builds(Words, st.text(), st.dictionaries(st.text(), st.text() | st.integers(0, 1 << 40), max_size=2))
WORDS = PLAIN_WORDS | st.builds(Words, st.text(), st.dictionaries(st.text(), PLAIN_WORDS, max_size=1))
FLOATS = st.floats(allow_nan=False, allow_infinity=False)
BINDINGS = st.builds(m.Binding, st.text(), st.just(0x90), st.integers(0, 15), st.integers(0, 127), st.text())
MESSAGES = st.one_of(
    st.builds(m.SetSong, SONGS),
    st.builds(m.Configure, SETTINGS),
    st.builds(m.Play, FLOATS, st.integers(0, 99), st.booleans()),
    st.just(m.RunPastEnd()),
    st.builds(m.Audition, st.none() | NOTES, st.none() | st.integers(0, 9), st.integers(0, 99), st.integers(0, 99)),
    st.builds(
        m.Audition,
        NOTES,
        st.integers(0, 9),
        parts=st.lists(st.builds(m.Audition, NOTES, st.integers(0, 9)), min_size=1, max_size=3).map(tuple),
    ),
    st.builds(m.NoteOn, st.integers(0, 127), st.integers(1, 127), st.integers(0, 15), st.integers(0, 127)),
    st.builds(m.StatusChanged, st.text(), st.text(), st.none() | WORDS, st.none() | WORDS, FLOATS),
    st.builds(m.PortsChanged, st.lists(st.text()).map(tuple), st.just(()), st.none() | st.text()),
    st.builds(
        m.ShapeInput, st.none() | st.integers(0, 15), st.text(), FLOATS, st.lists(BINDINGS, max_size=2).map(tuple)
    ),
    st.builds(m.ControlLearned, st.text(), st.just(0xB0), st.integers(0, 15), st.integers(0, 127)),
    st.builds(m.MidiReceived, st.just((1.5,)), st.just((2.5,)), st.binary(min_size=1).map(lambda data: (data,))),
)


@given(st.lists(MESSAGES, max_size=4))
def test_messages_arrive_as_they_were_sent(sent: list[m.Sent]) -> None:
    pipe = io.BytesIO(b"".join(encode(message) for message in sent))
    arrived = [read_message(pipe) for _ in sent]
    assert arrived == sent
    assert read_message(pipe) is None


def test_a_pipe_that_ends_within_a_message_has_ended() -> None:
    data = encode(m.SetSong(Song((Track(notes=Notes.of([Note(0, 60, 1)])),))))
    assert all(read_message(io.BytesIO(data[:length])) is None for length in range(len(data)))


@pytest.mark.parametrize(
    "text",
    [
        b"{}",
        b"[]",
        b"3",
        b"[" * 100_000,
        b'["Popen", {}]',
        b'["Song", {}]',
        b'["Stop", {}]',
        b'["Stop", {"number": "1"}]',
    ],
)
def test_what_is_no_message_is_refused(text: bytes) -> None:
    with pytest.raises(ValueError, match="no sound message"):
        decode(len(text).to_bytes(8, "little") + text)


@pytest.mark.parametrize("note", [Note(0, 300, 1, 90), Note(0, 60, -7, 90), Note(0, 60, 1, 900)])
def test_notes_that_no_synth_can_play_are_refused(note: Note) -> None:
    with pytest.raises(ValueError, match="no sound message"):
        read_message(io.BytesIO(encode(m.SetSong(Song((Track(notes=Notes.of([note])),))))))


def parts(count: int) -> tuple[Track, ...]:
    return tuple(Track(f"Part {n}", Notes.of([Note(0, 40 + n % 40, 480)])) for n in range(count))


@given(st.data())
def test_a_song_arrives_whole_though_only_other_tracks_than_before_are_sent(data: st.DataObject) -> None:
    """Tracks changed, moved, doubled, removed and added, song after song through one pipe."""
    pool = parts(6)
    sent_known = arrived_known = Song()
    for _ in range(4):
        tracks = tuple(data.draw(st.lists(st.sampled_from(pool), max_size=8)))
        message = read_message(io.BytesIO(encode(m.SetSong(Song(tracks)), sent_known)), arrived_known)
        assert isinstance(message, m.SetSong)
        assert message.song == Song(tracks)
        sent_known, arrived_known = Song(tracks), message.song


def test_an_edit_of_one_track_of_a_thousand_sends_that_track_alone_and_keeps_the_others() -> None:
    before = parts(1000)
    edited = Track("Part 500", Notes.of([Note(0, 90, 960)]))
    after = (*before[:500], edited, *before[501:])
    data = encode(m.SetSong(Song(after)), Song(before))
    assert len(data) < len(encode(m.SetSong(Song(before)))) / 10
    message = read_message(io.BytesIO(data), Song(before))
    assert isinstance(message, m.SetSong)
    assert all(track is old for track, old in zip(message.song.tracks, after, strict=True) if old is not edited)


def test_a_place_that_no_song_had_is_no_message() -> None:
    known = Song(parts(3))
    data = encode(m.SetSong(known))
    kept = encode(m.SetSong(Song(known.tracks[::-1])), known)
    assert read_message(io.BytesIO(data)) is not None
    with pytest.raises(ValueError, match="no sound message"):
        read_message(io.BytesIO(kept))
