"""What is played in, as it ends up in the song: captured, recorded, stepped; each as one step of undo."""

from __future__ import annotations

import pytest

from builders import phrase
from musicassist.document.document import Document
from musicassist.document.grid import Grid
from musicassist.document.note_commands import NoteCommands
from musicassist.score.song import Event, Note, Song, Track
from musicassist.score.timing import MeterChange, tempo_change
from musicassist.sound.input_desk import InputDesk, RecordingWay
from musicassist.sound.messages import MidiReceived
from musicassist.sound.transport import Transport


class Tape:
    """A player that stands where the test puts it."""

    def __init__(self) -> None:
        self.is_playing = False
        self.position = 0.0
        self.waiting = 0.0
        self.counted_in_bars: list[int] = []

    def play(self, from_tick: float, *, runs_past_end: bool = False, count_in_bars: int = 0) -> None:
        self.position, self.is_playing = from_tick, True
        self.counted_in_bars.append(count_in_bars)

    def stop(self) -> None:
        self.is_playing = False

    def seek(self, tick: float) -> None:
        self.position = tick

    def set_loop(self, start_tick: int, end_tick: int) -> None:
        pass

    def clear_loop(self) -> None:
        pass

    def set_metronome(self, *, enabled: bool) -> None:
        pass

    def panic(self) -> None:
        pass

    def preview(self, pitch: int, velocity: int, channel: int = 0, program: int = 0) -> None:
        pass

    def set_live_track(self, channel: int, program: int) -> None:
        pass

    def position_tick(self) -> float:
        return self.position

    def waiting_ticks(self) -> float:
        return self.waiting


class Room:
    """A song of one bar at 120 beats a minute, a keyboard, and a clock that the test turns."""

    def __init__(self, *events: Event) -> None:
        tracks = (Track("Melody", phrase(60, 62, 64, 65, step_ticks=480), events=events), Track("Bass", channel=1))
        self.document = Document(Song(tracks, 480, (tempo_change(0, 120),), (MeterChange(0, 4, 4),)))
        self.tape = Tape()
        self.transport = Transport(self.tape)
        self.now = 1000.0
        self.told: list[str] = []
        self.commands = NoteCommands(self.document)
        tell = lambda: self.told.append("told")  # noqa: E731
        self.input = InputDesk(self.document, self.commands, self.transport, tell, now_seconds=lambda: self.now)

    def play(self, *messages: tuple[float, bytes]) -> None:
        """Beats from the playhead, or while the song moves from the start, and what is sent there."""
        beats = [beat for beat, _ in messages]
        ticks = [480 * beat if self.tape.is_playing else self.tape.position for beat in beats]
        seconds = tuple(self.now + beat / 2 for beat in beats)
        self.input.hear(MidiReceived(seconds, tuple(ticks), tuple(message for _, message in messages)))
        self.now = seconds[-1]

    def notes(self, track: int = 0) -> list[Note]:
        return list(self.document.song.tracks[track].notes)


C_DOWN, C_UP = b"\x90\x48\x50", b"\x80\x48\x00"
E_DOWN, E_UP = b"\x90\x4c\x50", b"\x80\x4c\x00"
PEDAL_DOWN, PEDAL_UP = b"\xb0\x40\x7f", b"\xb0\x40\x00"


@pytest.fixture
def room() -> Room:
    return Room()


# Capturing.


def test_what_was_played_is_captured_at_the_beat_of_the_playhead_and_selected(room: Room) -> None:
    room.transport.seek(1900)
    room.play((0, C_DOWN), (0.5, C_UP), (0.6, E_DOWN), (1, E_UP))
    assert len(room.input.capture()) == 2
    assert room.notes()[4:] == [Note(1920, 72, 240, 80), Note(2208, 76, 192, 80)]
    assert room.document.selection.tolist() == [False] * 4 + [True] * 2
    room.document.undo()
    assert len(room.notes()) == 4
    assert not room.document.can_undo


def test_capturing_twice_in_one_place_is_one_step(room: Room) -> None:
    room.transport.seek(1920)
    room.play((0, C_DOWN), (0.5, C_UP))
    room.input.capture()
    room.input.capture()
    assert len(room.notes()) == 5
    room.document.undo()
    assert len(room.notes()) == 4


def test_what_was_captured_can_be_captured_again_into_another_track(room: Room) -> None:
    room.play((0, C_DOWN), (0.5, C_UP))
    room.input.capture()
    room.document.undo()
    room.document.select_track(1)
    room.input.capture()
    assert room.notes(1) == [Note(0, 72, 240, 80)]


def test_what_was_played_along_without_recording_comes_where_it_was_heard(room: Room) -> None:
    room.transport.play()
    room.play((4.1, C_DOWN), (4.6, C_UP))
    room.transport.stop_and_return()
    room.input.capture()
    assert room.notes()[4:] == [Note(1968, 72, 240, 80)]


def test_nothing_to_capture_is_no_step(room: Room) -> None:
    assert len(room.input.capture()) == 0
    room.play((0, PEDAL_DOWN), (1, PEDAL_UP))
    assert len(room.input.capture()) == 0
    assert not room.document.can_undo


def test_what_was_recorded_or_played_to_another_song_is_not_captured(room: Room) -> None:
    room.input.start_recording()
    room.play((4, C_DOWN), (5, C_UP))
    room.input.stop_recording()
    assert len(room.input.capture()) == 0
    room.play((6, C_DOWN), (7, C_UP))
    room.input.start_over()
    assert len(room.input.capture()) == 0


def test_what_was_played_before_a_recording_can_still_be_captured_after_it(room: Room) -> None:
    room.play((0, C_DOWN), (0.5, C_UP))
    room.now += 1
    room.input.start_recording()
    room.now += 0.001
    room.play((4, E_DOWN), (5, E_UP))
    room.transport.stop()
    room.input.stop_recording()
    assert [note.pitch for note in room.input.capture()] == [72]


# Recording.


def test_recording_past_the_loop_begins_at_its_start(room: Room) -> None:
    room.transport.set_loop(0, 1920)
    room.tape.position = 4000
    room.input.start_recording()
    room.play((1, C_DOWN), (2, C_UP))
    room.tape.position = 1200
    assert list(room.input.stop_recording()) == [Note(480, 72, 480, 80)]


def test_a_second_round_of_the_loop_reaches_what_lies_before_the_place_where_recording_began(room: Room) -> None:
    room.transport.set_loop(0, 1920)
    room.tape.position = 960
    room.input.start_recording()
    room.play((3, C_DOWN), (3.5, C_UP))
    room.play((0.5, E_DOWN), (1, E_UP))
    room.tape.position = 700
    assert list(room.input.stop_recording()) == [Note(240, 76, 240, 80), Note(1440, 72, 240, 80)]


def test_recorded_notes_are_selected_and_go_to_the_track_where_recording_began(room: Room) -> None:
    room.input.start_recording()
    room.document.select_track(1)
    room.play((4, C_DOWN), (5, C_UP))
    room.input.stop_recording()
    assert room.document.selected_track == 0
    assert room.document.selection.tolist() == [False] * 4 + [True]


def test_a_pedal_that_is_down_at_the_end_of_the_recording_does_not_stay_down_in_the_song(room: Room) -> None:
    room.input.start_recording()
    room.play((1, PEDAL_DOWN), (4, C_DOWN), (5, C_UP), (5, b"\xe0\x00\x50"))
    room.tape.position = 2880
    room.input.stop_recording()
    assert room.document.track.events == (
        Event(480, PEDAL_DOWN),
        Event(2400, b"\xe0\x00\x50"),
        Event(2880, PEDAL_UP),
        Event(2880, b"\xe0\x00\x40"),
    )


def test_a_count_in_waits_with_the_playhead_and_counts_down(room: Room) -> None:
    room.input.way = RecordingWay(count_in_bars=1)
    room.transport.seek(1920)
    room.input.start_recording()
    assert room.tape.counted_in_bars == [1]
    room.tape.waiting = 1000
    assert room.input.beats_to_wait == 3
    room.play((1, C_DOWN), (3.9, E_DOWN), (5, E_UP))
    room.tape.waiting, room.tape.position = 0, 2400
    assert room.input.beats_to_wait == 0
    assert list(room.input.stop_recording()) == [Note(1920, 76, 480, 80)]


def test_ending_a_recording_in_its_count_in_stops(room: Room) -> None:
    room.input.way = RecordingWay(count_in_bars=2)
    room.input.start_recording()
    room.tape.waiting = 1000
    room.input.stop_recording()
    assert not room.tape.is_playing
    assert not room.document.can_undo


def test_whoever_plays_already_is_not_counted_in(room: Room) -> None:
    room.input.way = RecordingWay(count_in_bars=2)
    room.transport.play()
    room.input.start_recording()
    assert room.tape.counted_in_bars == [0, 0]


def test_what_was_there_stays_or_is_replaced_in_the_recorded_span(room: Room) -> None:
    for is_replacing, kept in ((False, [60, 62, 64, 65]), (True, [60, 65])):
        room.input.way = RecordingWay(is_replacing=is_replacing)
        room.transport.seek(480)
        room.input.start_recording()
        room.play((1.5, C_DOWN), (2, C_UP))
        room.tape.position = 1440
        room.input.stop_recording()
        assert sorted(note.pitch for note in room.notes()) == [*kept, 72]
        room.document.undo()
        assert len(room.notes()) == 4
        room.transport.stop()


def test_replacing_lets_an_old_pedal_go_within_the_span_and_takes_it_up_after_it() -> None:
    room = Room(Event(0, PEDAL_DOWN), Event(0, b"\xb0\x07\x50"), Event(960, PEDAL_UP), Event(1200, PEDAL_DOWN))
    room.input.way = RecordingWay(is_replacing=True)
    room.transport.seek(480)
    room.input.start_recording()
    room.play((1.5, C_DOWN), (2, C_UP))
    room.tape.position = 1440
    room.input.stop_recording()
    assert room.document.track.events == (
        Event(0, PEDAL_DOWN),
        Event(0, b"\xb0\x07\x50"),
        Event(480, PEDAL_UP),
        Event(1440, PEDAL_DOWN),
    )


# Stepping.


def test_each_chord_is_written_as_long_as_a_step_and_the_playhead_moves_on(room: Room) -> None:
    room.transport.seek(1920)
    room.commands.set_grid(Grid(8))
    room.input.toggle_stepping()
    assert room.input.is_stepping
    room.play((0, C_DOWN), (1, E_DOWN), (2, C_UP), (3, E_UP))
    room.play((0, C_DOWN), (0, C_UP), (0, PEDAL_DOWN), (0, PEDAL_UP), (0, E_DOWN), (0, E_UP))
    assert room.notes()[4:] == [
        Note(1920, 72, 240, 80), Note(1920, 76, 240, 80), Note(2160, 72, 240, 80), Note(2640, 76, 240, 80)
    ]  # fmt: skip
    assert room.tape.position == 2880
    room.document.undo()
    room.document.undo()
    room.document.undo()
    assert len(room.notes()) == 4
    assert not room.document.can_undo


def test_a_step_back_takes_the_notes_of_the_last_step_away(room: Room) -> None:
    room.transport.seek(1920)
    room.input.toggle_stepping()
    room.play((0, C_DOWN), (0, C_UP), (0, E_DOWN), (0, E_UP))
    room.input.step_back()
    assert (room.tape.position, [note.pitch for note in room.notes()[4:]]) == (2040, [72])
    room.input.rest()
    assert room.tape.position == 2160
    room.input.step_back()
    room.input.step_back()
    assert (room.tape.position, len(room.notes())) == (1920, 4)
    room.transport.seek(0)
    room.input.step_back()
    assert (room.tape.position, len(room.notes())) == (0, 4)


def test_triplets_reach_the_next_beat_though_a_step_is_no_whole_tick() -> None:
    room = Room()
    song = Song((Track("Melody"),), 100, (tempo_change(0, 120),), (MeterChange(0, 4, 4),))
    room.document.replace_song(song, None)
    room.commands.set_grid(Grid(8, is_triplet=True))
    room.input.toggle_stepping()
    for _ in range(6):
        room.play((0, C_DOWN), (0, C_UP))
    assert [note.start_tick for note in room.notes()] == [0, 33, 67, 100, 133, 167]
    assert room.tape.position == 200
    for _ in range(6):
        room.input.step_back()
    assert (room.tape.position, room.notes()) == (0, [])


def test_stepping_stops_the_song_and_gives_way_to_recording(room: Room) -> None:
    room.transport.play()
    room.input.toggle_stepping()
    assert not room.tape.is_playing
    room.transport.play()
    room.play((5, C_DOWN), (6, C_UP))
    assert len(room.notes()) == 4
    room.transport.stop()
    room.input.start_recording()
    assert not room.input.is_stepping


def test_what_was_stepped_is_not_captured_as_well(room: Room) -> None:
    room.input.toggle_stepping()
    room.play((0, C_DOWN), (0, C_UP))
    room.input.toggle_stepping()
    assert len(room.input.capture()) == 0


def test_an_engine_that_dies_leaves_no_key_of_a_chord_down(room: Room) -> None:
    room.input.toggle_stepping()
    room.play((0, C_DOWN))
    room.input.lose_keys()
    room.play((0, E_DOWN), (0, E_UP))
    assert [note.pitch for note in room.notes() if note.pitch > 70] == [76]
