"""The event list: every note ends once, in the right order, and a seek finds the right instrument."""

from __future__ import annotations

from collections import Counter

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from musicassist.score.song import Event, Note, Notes, Song, Track
from musicassist.score.timing import TempoChange
from musicassist.sound.schedule import NOTE_OFF, NOTE_ON, Schedule, chase, schedule_of

NOTES = st.builds(Note, st.integers(0, 4000), st.integers(58, 62), st.integers(1, 2000), st.integers(1, 127))
TRACKS = st.builds(
    Track,
    notes=st.lists(NOTES, max_size=25).map(Notes.of),
    channel=st.sampled_from([0, 1, 9]),
    muted=st.booleans(),
    soloed=st.booleans(),
)
SONGS = st.builds(Song, tracks=st.lists(TRACKS, max_size=4).map(tuple))


def messages_of(schedule: Schedule) -> list[tuple[float, tuple[int, int, int]]]:
    return list(schedule.rows(0, len(schedule)))


@given(SONGS)
def test_each_note_on_has_exactly_one_note_off_and_no_key_is_struck_while_held(song: Song) -> None:
    held: Counter[tuple[int, int]] = Counter()
    for _, (status, pitch, _) in messages_of(schedule_of(song)):
        if status & 0xF0 == NOTE_ON:
            held[status & 15, pitch] += 1
            assert held[status & 15, pitch] == 1
        elif status & 0xF0 == NOTE_OFF:
            held[status & 15, pitch] -= 1
            assert held[status & 15, pitch] == 0
    assert not any(held.values())


@given(SONGS)
def test_every_distinct_start_is_struck_and_times_ascend(song: Song) -> None:
    schedule = schedule_of(song)
    assert np.all(np.diff(schedule.seconds) >= 0)
    solo = any(track.soloed for track in song.tracks)
    expected = {
        (track.channel, note.pitch, note.start_tick)
        for track in song.tracks
        if not track.muted and (track.soloed or not solo)
        for note in track.notes
    }
    struck = [(s & 15, p) for _, (s, p, _) in messages_of(schedule) if s & 0xF0 == NOTE_ON]
    assert Counter(struck) == Counter((channel, pitch) for channel, pitch, _ in expected)


def test_a_note_that_contains_another_sounds_to_its_own_end() -> None:
    song = Song((Track(notes=Notes.of([Note(0, 60, 960), Note(240, 60, 240)])),))
    times = [(round(t, 3), m[0] & 0xF0) for t, m in messages_of(schedule_of(song)) if m[0] & 0xF0 <= NOTE_ON]
    assert times == [(0.0, NOTE_ON), (0.25, NOTE_OFF), (0.25, NOTE_ON), (1.0, NOTE_OFF)]


def test_at_one_moment_off_comes_before_bank_program_controller_and_on() -> None:
    events = (Event(480, b"\xb0\x07\x40"), Event(480, b"\xc0\x28"), Event(480, b"\xb0\x00\x01"))
    track = Track(notes=Notes.of([Note(0, 60, 480), Note(480, 60, 480)]), program=5, events=events)
    at_half = [m for t, m in messages_of(schedule_of(Song((track,)))) if t == 0.5]
    assert at_half == [(0x80, 60, 64), (0xB0, 0, 1), (0xC0, 40, 0), (0xB0, 7, 64), (0x90, 60, 88)]


def test_the_first_program_follows_its_bank() -> None:
    track = Track(notes=Notes.of([Note(480, 60, 480)]), program=5, events=(Event(10, b"\xb0\x00\x08"),))
    messages = [m for _, m in messages_of(schedule_of(Song((track,))))]
    assert messages[:2] == [(0xB0, 0, 8), (0xC0, 5, 0)]


def test_the_tempo_map_gives_the_seconds() -> None:
    song = Song((Track(notes=Notes.of([Note(960, 60, 480)])),), tempo_changes=(TempoChange(480, 1_000_000),))
    ons = [t for t, m in messages_of(schedule_of(song)) if m[0] == NOTE_ON]
    assert ons == [1.5]
    assert schedule_of(song).end_seconds == 2.5


def test_messages_that_would_silence_other_notes_are_left_out() -> None:
    track = Track(
        events=(Event(0, b"\xb0\x7b\x00"), Event(0, b"\xb0\x40\x7f"), Event(0, b"\xff\x03abc"), Event(0, b"\xf0\x01"))
    )
    assert [m for _, m in messages_of(schedule_of(Song((track,))))] == [(0xC0, 0, 0), (0xB0, 64, 127)]


def test_a_chase_restores_program_controllers_bend_and_bend_range() -> None:
    events = (
        Event(0, b"\xb0\x65\x00"), Event(0, b"\xb0\x64\x00"), Event(0, b"\xb0\x06\x0c"),
        Event(100, b"\xb0\x07\x20"), Event(200, b"\xb0\x07\x30"), Event(200, b"\xe0\x00\x50"), Event(300, b"\xc0\x09"),
        Event(2000, b"\xb0\x0a\x00"),
    )  # fmt: skip
    schedule = schedule_of(Song((Track(notes=Notes.of([Note(0, 60, 4000)]), events=events),)))
    chased = chase(schedule, 1.0)
    assert chased[0] == (0xB0, 121, 0)
    assert {(0xC0, 9, 0), (0xB0, 7, 0x30), (0xE0, 0, 0x50), (0xB0, 10, 64)} <= set(chased)
    assert chased[-3:] == [(0xB0, 101, 0), (0xB0, 100, 0), (0xB0, 6, 12)]
    assert not any(m[0] & 0xF0 <= NOTE_ON for m in chased)


def test_what_the_song_resets_stays_so_after_a_seek() -> None:
    events = (
        Event(0, b"\xb0\x40\x7f"), Event(0, b"\xb0\x0b\x20"), Event(0, b"\xb0\x07\x20"), Event(0, b"\xe0\x00\x50"),
        Event(0, b"\xb1\x40\x7f"), Event(480, b"\xb0\x79\x00"), Event(600, b"\xb0\x01\x30"),
    )  # fmt: skip
    schedule = schedule_of(Song((Track(notes=Notes.of([Note(0, 60, 4000)]), events=events),)))
    assert {(0xB0, 64, 127), (0xB0, 11, 0x20), (0xE0, 0, 0x50)} <= set(chase(schedule, 0.25))
    kept = {(0xB0, 7, 0x20), (0xB1, 64, 127), (0xB0, 1, 0x30)}
    assert kept | {(0xB0, 64, 0), (0xB0, 11, 127), (0xE0, 0, 64)} <= set(chase(schedule, 1.0))


@given(SONGS, st.floats(0, 8))
def test_a_chase_sounds_no_note(song: Song, at_seconds: float) -> None:
    assert all(status & 0xF0 not in (NOTE_ON, NOTE_OFF) for status, _, _ in chase(schedule_of(song), at_seconds))
