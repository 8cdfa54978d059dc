"""Recording: what was played is what is written, and notes grow while they are held."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from musicassist.score.song import Event, Note, Notes, Song
from musicassist.score.timing import tempo_change
from musicassist.session.recording import Recorder
from musicassist.sound.messages import MidiReceived


def played(*rows: tuple[float, bytes]) -> MidiReceived:
    ticks = tuple(tick for tick, _ in rows)
    return MidiReceived(ticks, ticks, tuple(message for _, message in rows))


def test_a_note_is_written_as_it_was_played() -> None:
    recorder = Recorder(Song(), 0)
    recorder.receive(played((101.6, b"\x90\x3c\x50"), (333.2, b"\x80\x3c\x00")))
    assert recorder.notes(2000) == Notes.of([Note(102, 60, 231, 80)])


def test_a_note_grows_while_it_is_held_and_ends_with_the_recording() -> None:
    recorder = Recorder(Song(), 0)
    recorder.receive(played((100, b"\x90\x3c\x50")))
    assert [recorder.notes(tick)[0].duration_ticks for tick in (100, 150, 400)] == [1, 50, 300]
    assert recorder.notes(500) == Notes.of([Note(100, 60, 400, 80)])


def test_a_note_on_of_velocity_0_is_a_note_off_and_a_second_strike_ends_the_first() -> None:
    recorder = Recorder(Song(), 0)
    recorder.receive(
        played((0, b"\x90\x3c\x50"), (100, b"\x90\x3c\x60"), (200, b"\x90\x3c\x00"), (300, b"\x80\x3c\x00"))
    )
    assert recorder.notes(900) == Notes.of([Note(0, 60, 100, 80), Note(100, 60, 100, 96)])


@pytest.mark.parametrize("control", [120, 123, 124, 127])
def test_all_notes_off_ends_what_is_held_and_is_no_event_of_the_song(control: int) -> None:
    recorder = Recorder(Song(), 0)
    recorder.receive(played((0, b"\x90\x3c\x50"), (10, b"\x90\x40\x50"), (480, bytes((0xB0, control, 0)))))
    assert recorder.notes(1920) == Notes.of([Note(0, 60, 480, 80), Note(10, 64, 470, 80)])
    assert recorder.rounds[0].events == []


@pytest.mark.parametrize("control", [121, 122])
def test_other_modes_end_nothing_and_are_no_events_of_the_song(control: int) -> None:
    recorder = Recorder(Song(), 0)
    recorder.receive(played((0, b"\x90\x3c\x50"), (480, bytes((0xB0, control, 0)))))
    assert recorder.notes(1920) == Notes.of([Note(0, 60, 1920, 80)])
    assert recorder.rounds[0].events == []


def test_all_notes_off_in_a_count_in_ends_what_was_struck_ahead_of_the_beat() -> None:
    recorder = Recorder(Song(), 1920, is_counted_in=True)
    recorder.receive(played((1000, b"\x90\x3c\x50"), (1800, b"\x90\x40\x50"), (2400, b"\xb0\x7b\x00")))
    assert recorder.notes(3840) == Notes.of([Note(1920, 64, 480, 80)])


def test_a_range_of_bend_that_is_set_in_a_count_in_is_kept_whole() -> None:
    recorder = Recorder(Song(), 1920, is_counted_in=True)
    parts = [bytes((0xB0, *part)) for part in ((101, 0), (100, 0), (6, 12), (101, 127), (100, 127))]
    recorder.receive(played(*((1500, part) for part in (*parts, b"\xe0\x00\x50", b"\xe0\x00\x60"))))
    assert [event.data for event in recorder.rounds[0].events] == [*parts, b"\xe0\x00\x60"]


def test_what_is_played_a_little_early_is_moved_to_the_start() -> None:
    recorder = Recorder(Song(), 960)
    recorder.receive(played((950, b"\x90\x3c\x50"), (1200, b"\x80\x3c\x00")))
    assert recorder.notes(2000) == Notes.of([Note(960, 60, 240, 80)])


def test_in_a_loop_a_held_note_ends_where_its_round_does() -> None:
    recorder = Recorder(Song(), 0)
    recorder.receive(played((1800, b"\x90\x3c\x50")))
    recorder.notes(1915)
    recorder.notes(5)
    recorder.receive(played((100, b"\x80\x3c\x00"), (200, b"\x90\x40\x50"), (300, b"\x80\x40\x00")))
    assert recorder.notes(400) == Notes.of([Note(1800, 60, 115, 80), Note(200, 64, 100, 80)])


def recorder_in_loop(from_tick: int = 0) -> Recorder:
    """Each round of 1920 ticks replaces the one before."""
    return Recorder(Song(), from_tick, is_replacing=True, loop=lambda: (0, 1920))


def test_a_round_of_a_loop_is_the_whole_loop_wherever_the_playhead_was_seen() -> None:
    recorder = recorder_in_loop(960)
    recorder.receive(played((1800, b"\x90\x3c\x50")))
    recorder.notes(1911)
    assert recorder.notes(9) == Notes.of([Note(1800, 60, 120, 80)])
    recorder.receive(played((200, b"\x90\x40\x50"), (300, b"\x80\x40\x00")))
    recorder.notes(400)
    assert [(round_.from_tick, round_.to_tick) for round_ in recorder.rounds] == [(960, 1920), (0, 400)]


def test_what_comes_in_after_its_round_is_over_belongs_to_it_all_the_same() -> None:
    recorder = recorder_in_loop()
    recorder.receive(played((960, b"\x90\x40\x50"), (1200, b"\x80\x40\x00"), (1700, b"\x90\x3c\x50")))
    recorder.notes(1911)
    recorder.notes(9)
    recorder.receive(played((1800, b"\x80\x3c\x00"), (1900, b"\x90\x3e\x50"), (100, b"\x80\x3e\x00")))
    assert recorder.notes(400) == Notes.of([Note(960, 64, 240, 80), Note(1700, 60, 100, 80), Note(1900, 62, 20, 80)])


def test_in_a_loop_of_a_beat_each_key_belongs_to_its_own_round() -> None:
    recorder = Recorder(Song(), 0, is_replacing=True, loop=lambda: (0, 480))
    for velocity in (1, 2, 3):
        for tick in range(0, 480, 17):
            recorder.notes(tick)
        recorder.receive(played((470, bytes((0x90, 60, velocity))), (475, b"\x80\x3c\x00")))
    assert recorder.notes(478) == Notes.of([Note(470, 60, 5, 3)])


def test_where_the_playhead_is_put_a_round_begins_and_late_keys_belong_to_the_one_before() -> None:
    recorder = Recorder(Song(), 0)
    recorder.receive(played((100, b"\x90\x3c\x50")))
    recorder.pass_to(480)
    recorder.jump_to(9600)
    recorder.receive(played((470, b"\x90\x3e\x50"), (9600, b"\x80\x3c\x00"), (9610, b"\x90\x40\x50")))
    assert recorder.notes(9700) == Notes.of([Note(100, 60, 380, 80), Note(470, 62, 10, 80), Note(9610, 64, 90, 80)])
    assert [(round_.from_tick, round_.to_tick) for round_ in recorder.rounds] == [(0, 480), (9600, 9700)]


def test_a_playhead_that_is_put_back_by_less_than_a_beat_begins_a_round_too() -> None:
    recorder = Recorder(Song(), 0, is_replacing=True)
    recorder.receive(played((0, b"\x90\x3c\x50"), (90, b"\x80\x3c\x00")))
    recorder.pass_to(96)
    recorder.jump_to(0)
    recorder.receive(played((10, b"\x90\x40\x50")))
    assert recorder.notes(60) == Notes.of([Note(10, 64, 50, 80)])


def test_a_clock_that_is_corrected_begins_no_round() -> None:
    recorder = Recorder(Song(), 0)
    recorder.receive(played((0, b"\x90\x3c\x50")))
    for tick in (480, 300, 600):
        recorder.pass_to(tick)
    assert recorder.notes(600) == Notes.of([Note(0, 60, 600, 80)])


@pytest.mark.parametrize("ticks_per_beat", [1, 480])
def test_keys_of_a_fast_song_that_come_late_begin_no_round(ticks_per_beat: int) -> None:
    song = Song(ticks_per_beat=ticks_per_beat, tempo_changes=(tempo_change(0, 300),))
    recorder, ticks_per_second = Recorder(song, 0), 5 * ticks_per_beat
    for frame in range(1, 140):
        recorder.pass_to(frame * 0.016 * ticks_per_second)
        if frame % 35 == 0:  # what was struck 110 ms ago: some of them as the user wants it moved
            struck = (frame * 0.016 - 0.11) * ticks_per_second
            recorder.receive(played((struck, b"\x90\x3c\x50")))
    assert len(recorder.rounds) == 1
    assert [note.start_tick for note in recorder.notes(11 * ticks_per_beat)] == [
        round((frame * 0.016 - 0.11) * ticks_per_second) for frame in (35, 70, 105)
    ]


def test_a_fast_loop_of_a_beat_goes_round() -> None:
    song = Song(tempo_changes=(tempo_change(0, 300),))
    recorder = Recorder(song, 0, loop=lambda: (0, 480))
    for frame in range(64):  # a second in five rounds, and a little
        recorder.pass_to(frame * 0.016 * 2400 % 480)
    assert len(recorder.rounds) == 6


def test_who_moves_the_playhead_back_within_the_loop_begins_a_round_there() -> None:
    recorder = recorder_in_loop()
    recorder.receive(played((0, b"\x90\x3c\x50"), (240, b"\x80\x3c\x00"), (720, b"\x90\x3c\x50")))
    recorder.notes(960)
    recorder.notes(480)
    recorder.receive(played((600, b"\x90\x40\x50"), (700, b"\x80\x40\x00")))
    assert recorder.notes(800) == Notes.of([Note(0, 60, 240, 80), Note(600, 64, 100, 80)])


@given(st.lists(st.sets(st.integers(0, 1919), max_size=5), min_size=1, max_size=6), st.integers(1, 1919))
def test_in_each_place_stands_what_the_last_round_played_that_came_there(
    rounds: list[set[int]], stop_tick: int
) -> None:
    recorder, expected = recorder_in_loop(), set[tuple[int, int]]()
    for velocity, struck in enumerate(rounds, start=1):
        to_tick = stop_tick if velocity == len(rounds) else 1920
        ticks = {tick for tick in struck if tick < to_tick}
        for tick in sorted({*range(0, to_tick, 120), *ticks}):
            recorder.notes(tick)
            if tick in ticks:
                recorder.receive(played((tick, bytes((0x90, 60, velocity))), (tick + 1, b"\x80\x3c\x00")))
        kept = {(tick, old) for tick, old in expected if tick >= to_tick or not ticks}
        expected = kept | {(tick, velocity) for tick in ticks}
    assert {(note.start_tick, note.velocity) for note in recorder.notes(stop_tick)} == expected


def test_pedal_and_bend_are_kept_beside_the_notes() -> None:
    recorder = Recorder(Song(), 0)
    recorder.receive(played((10, b"\xb0\x40\x7f"), (20, b"\xe0\x00\x50"), (25, b"\xf8"), (30, b"\x90\x3c\x50")))
    assert recorder.rounds[0].events == [Event(10, b"\xb0\x40\x7f"), Event(20, b"\xe0\x00\x50")]
    assert len(recorder.notes(60)) == 1


KEYS = st.lists(st.tuples(st.floats(0, 5000), st.booleans(), st.integers(60, 63), st.integers(0, 127)), max_size=40)


@given(KEYS)
def test_every_strike_becomes_a_note(keys: list[tuple[float, bool, int, int]]) -> None:
    recorder = Recorder(Song(), 0)
    rows = [(tick, bytes((0x90 if is_on else 0x80, pitch, velocity))) for tick, is_on, pitch, velocity in sorted(keys)]
    recorder.receive(played(*rows))
    strikes = [message for _, message in rows if message[0] == 0x90 and message[2] > 0]
    assert sorted(note.velocity for note in recorder.notes(6000)) == sorted(message[2] for message in strikes)


def test_in_the_count_in_the_last_half_beat_belongs_to_the_first_beat_and_the_rest_is_not_meant() -> None:
    recorder = Recorder(Song(), 1920, is_counted_in=True)
    assert len(recorder.notes(1920)) == 0
    recorder.receive(
        played(
            (1000, b"\x90\x3c\x50"),
            (1100, b"\xb0\x40\x7f"),
            (1200, b"\xb0\x40\x00"),
            (1400, b"\x80\x3c\x00"),
            (1500, b"\xb0\x40\x7f"),
            (1700, b"\x90\x40\x50"),
            (2100, b"\x80\x40\x00"),
        )
    )
    assert recorder.notes(2400) == Notes.of([Note(1920, 64, 180, 80)])
    (round_,) = recorder.rounds
    assert (round_.from_tick, round_.to_tick, round_.events) == (1920, 2400, [Event(1920, b"\xb0\x40\x7f")])


@pytest.mark.parametrize("tick", [0, 3840])
def test_who_moves_the_playhead_during_the_count_in_records_there(tick: int) -> None:
    recorder = Recorder(Song(), 1920, is_counted_in=True)
    recorder.notes(1920)
    recorder.jump_to(tick)
    recorder.receive(played((tick - 1500, b"\x90\x3e\x50"), (tick - 900, b"\x80\x3e\x00")))
    recorder.receive(played((tick + 480, b"\x90\x3c\x50"), (tick + 720, b"\x80\x3c\x00")))
    assert recorder.notes(tick + 960) == Notes.of([Note(tick + 480, 60, 240, 80)])
    assert recorder.rounds[0].from_tick == tick


def test_a_key_of_the_count_in_that_comes_late_is_not_meant() -> None:
    recorder = Recorder(Song(), 1920, is_counted_in=True)
    recorder.pass_to(1950)
    recorder.receive(played((1600, b"\x90\x3c\x50"), (1700, b"\x90\x40\x50")))
    assert recorder.notes(2000) == Notes.of([Note(1920, 64, 80, 80)])
