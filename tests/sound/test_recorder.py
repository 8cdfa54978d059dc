"""Recording: what was played is what is written, and notes grow while they are held."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from musicassist.score.song import Event, Note, Notes, Song
from musicassist.sound.messages import MidiReceived
from musicassist.sound.recorder import Recorder


def played(*rows: tuple[float, bytes]) -> MidiReceived:
    ticks = tuple(tick for tick, _ in rows)
    return MidiReceived(ticks, ticks, tuple(message for _, message in rows))


def test_a_note_is_written_as_it_was_played() -> None:
    recorder = Recorder(Song(), 0)
    recorder.receive(played((101.6, b"\x90\x3c\x50"), (333.2, b"\x80\x3c\x00")))
    assert recorder.finish(2000) == Notes.of([Note(102, 60, 231, 80)])


def test_a_note_grows_while_it_is_held_and_ends_with_the_recording() -> None:
    recorder = Recorder(Song(), 0)
    recorder.receive(played((100, b"\x90\x3c\x50")))
    assert [recorder.notes(tick)[0].duration_ticks for tick in (100, 150, 400)] == [1, 50, 300]
    assert recorder.finish(500) == Notes.of([Note(100, 60, 400, 80)])
    assert recorder.finish(900) == Notes.of()


def test_a_note_on_of_velocity_0_is_a_note_off_and_a_second_strike_ends_the_first() -> None:
    recorder = Recorder(Song(), 0)
    recorder.receive(
        played((0, b"\x90\x3c\x50"), (100, b"\x90\x3c\x60"), (200, b"\x90\x3c\x00"), (300, b"\x80\x3c\x00"))
    )
    assert recorder.finish(900) == Notes.of([Note(0, 60, 100, 80), Note(100, 60, 100, 96)])


def test_what_is_played_a_little_early_is_moved_to_the_start() -> None:
    recorder = Recorder(Song(), 960)
    recorder.receive(played((950, b"\x90\x3c\x50"), (1200, b"\x80\x3c\x00")))
    assert recorder.finish(2000) == Notes.of([Note(960, 60, 240, 80)])


def test_in_a_loop_a_held_note_ends_where_its_round_does() -> None:
    recorder = Recorder(Song(), 0)
    recorder.receive(played((1800, b"\x90\x3c\x50")))
    recorder.notes(1915)
    recorder.receive(played((100, b"\x80\x3c\x00"), (200, b"\x90\x40\x50"), (300, b"\x80\x40\x00")))
    assert recorder.finish(400) == Notes.of([Note(1800, 60, 115, 80), Note(200, 64, 100, 80)])


def test_pedal_and_bend_are_kept_beside_the_notes() -> None:
    recorder = Recorder(Song(), 0)
    recorder.receive(played((10, b"\xb0\x40\x7f"), (20, b"\xe0\x00\x50"), (25, b"\xf8"), (30, b"\x90\x3c\x50")))
    assert recorder.events == (Event(10, b"\xb0\x40\x7f"), Event(20, b"\xe0\x00\x50"))
    assert len(recorder.finish(60)) == 1


KEYS = st.lists(st.tuples(st.floats(0, 5000), st.booleans(), st.integers(60, 63), st.integers(0, 127)), max_size=40)


@given(KEYS)
def test_every_strike_becomes_a_note(keys: list[tuple[float, bool, int, int]]) -> None:
    recorder = Recorder(Song(), 0)
    rows = [(tick, bytes((0x90 if is_on else 0x80, pitch, velocity))) for tick, is_on, pitch, velocity in sorted(keys)]
    recorder.receive(played(*rows))
    strikes = [message for _, message in rows if message[0] == 0x90 and message[2] > 0]
    assert sorted(note.velocity for note in recorder.finish(6000)) == sorted(message[2] for message in strikes)


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
    assert recorder.finish(2400) == Notes.of([Note(1920, 64, 180, 80)])
    assert recorder.events == (Event(1920, b"\xb0\x40\x7f"), Event(2400, b"\xb0\x40\x00"))
    assert recorder.span == (1920, 2400)


def test_who_moves_the_playhead_back_during_the_count_in_records_there() -> None:
    recorder = Recorder(Song(), 1920, is_counted_in=True)
    recorder.notes(1920)
    recorder.notes(0)
    recorder.receive(played((480, b"\x90\x3c\x50"), (720, b"\x80\x3c\x00")))
    assert recorder.finish(960) == Notes.of([Note(480, 60, 240, 80)])
