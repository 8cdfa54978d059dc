"""The event list: every note ends once, in the right order, and a seek finds the right instrument."""

from __future__ import annotations

from collections import Counter

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from musicassist.score.midi_bytes import NOTE_OFF, NOTE_ON
from musicassist.score.song import AFTER_STARTS, BEFORE_ENDS, Event, Note, Notes, Song, Track
from musicassist.score.timing import TempoChange
from musicassist.sound.schedule import Schedule, Scheduler, schedule_of

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


def test_the_order_on_a_tick_is_that_of_the_file() -> None:
    events = (
        Event(480, b"\xb0\x07\x40"), Event(480, b"\xc0\x28"), Event(480, b"\xb0\x00\x01"),
        Event(480, b"\xb0\x40\x7f", BEFORE_ENDS), Event(480, b"\xb0\x07\x10", AFTER_STARTS),
    )  # fmt: skip
    track = Track(notes=Notes.of([Note(0, 60, 480), Note(480, 60, 480)]), program=5, events=events)
    at_half = [m for t, m in messages_of(schedule_of(Song((track,)))) if t == 0.5]
    assert at_half == [
        (0xB0, 64, 127), (0x80, 60, 64), (0xB0, 7, 64), (0xC0, 40, 0), (0xB0, 0, 1), (0x90, 60, 88), (0xB0, 7, 16)
    ]  # fmt: skip


def test_on_a_tick_one_track_comes_after_the_other_but_a_key_goes_up_before_it_goes_down() -> None:
    first = Track(notes=Notes.of([Note(480, 60, 480)]), events=(Event(480, b"\xb0\x07\x40"),))
    second = Track(notes=Notes.of([Note(0, 60, 480), Note(0, 48, 480)]), events=(Event(480, b"\xb0\x07\x10"),))
    at_half = [m for t, m in messages_of(schedule_of(Song((first, second)))) if t == 0.5]
    assert at_half == [(0x80, 60, 64), (0xB0, 7, 64), (0x90, 60, 88), (0x80, 48, 64), (0xB0, 7, 16)]


@given(st.lists(st.tuples(st.integers(0, 127), st.integers(0, 127)), max_size=30), st.integers(0, 2000))
def test_controllers_of_a_tick_keep_their_order(rows: list[tuple[int, int]], tick: int) -> None:
    sent = [(0xB0, number, value) for number, value in rows if number not in (122, 124, 125, 126, 127)]
    track = Track(events=tuple(Event(tick, bytes((0xB0, *row))) for row in rows))
    assert [m for _, m in messages_of(schedule_of(Song((track,))))] == sent


def test_a_program_belongs_to_the_channel_and_not_to_each_track_on_it() -> None:
    right, left = Track(notes=Notes.of([Note(0, 72, 480)]), program=19), Track(notes=Notes.of([Note(0, 48, 480)]))
    for tracks in ((right, left), (left, right)):
        programs = [m for _, m in messages_of(schedule_of(Song(tracks))) if m[0] & 0xF0 == 0xC0]
        assert programs == [(0xC0, 19, 0)]


def test_the_tempo_map_gives_the_seconds() -> None:
    song = Song((Track(notes=Notes.of([Note(960, 60, 480)])),), tempo_changes=(TempoChange(480, 1_000_000),))
    ons = [t for t, m in messages_of(schedule_of(song)) if m[0] == NOTE_ON]
    assert ons == [1.5]
    assert schedule_of(song).end_seconds == 2.5


def test_a_muted_track_silences_no_other_and_no_track_changes_the_mode_of_a_keyboard() -> None:
    silencing = tuple(Event(0, bytes((0xB0, number, 0))) for number in (120, 122, 123, 124, 126))
    for muted, numbers in ((False, [120, 123, 64]), (True, [64])):
        track = Track(events=(*silencing, Event(0, b"\xb0\x40\x7f"), Event(0, b"\xff\x03abc")), muted=muted)
        assert [m[1] for _, m in messages_of(schedule_of(Song((track,))))] == numbers


ODD_EVENTS = st.sampled_from(
    [
        b"\xb0\x07\x40",
        b"\xb0\x00\x08",
        b"\xc0\x05",
        b"\xe0\x00\x20",
        b"\xf0\x7e\x7f\x09\x01\xf7",
        b"\xf0\x41\x10\x42\x12\x40\x11\x15\x01\x19\xf7",
    ]
)
EDITED_TRACKS = st.builds(
    Track,
    notes=st.lists(NOTES, max_size=6).map(Notes.of),
    channel=st.sampled_from([0, 1, 9]),
    program=st.integers(0, 3),
    events=st.lists(st.builds(Event, st.integers(0, 4000), ODD_EVENTS, st.integers(0, 2)), max_size=3).map(tuple),
    muted=st.booleans(),
    soloed=st.booleans(),
    output_port=st.sampled_from([None, "Box"]),
)


@given(st.data())
def test_what_an_edit_left_alone_is_kept_and_the_schedule_is_that_of_the_song_alone(data: st.DataObject) -> None:
    """Tracks changed, moved, doubled, removed and added, song after song."""
    pool = data.draw(st.lists(EDITED_TRACKS, min_size=1, max_size=4))
    scheduler = Scheduler()
    for route in (None, 1, 1, None):
        routes = {"Box": route} if route is not None else {}
        song = Song(tuple(data.draw(st.lists(st.sampled_from(pool), max_size=5))))
        made, alone = scheduler.schedule_of(song, routes), schedule_of(song, routes)
        assert messages_of(made) == messages_of(alone)
