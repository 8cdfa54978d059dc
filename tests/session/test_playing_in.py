"""What is played in, as it ends up in the song: captured, recorded, stepped; each as one step of undo."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from builders import phrase
from musicassist.document.document import Document
from musicassist.document.edits import insert_notes
from musicassist.document.instruments import Instrument
from musicassist.score.grid import Grid
from musicassist.score.song import Event, Note, Song, Track
from musicassist.score.timing import MeterChange, tempo_change
from musicassist.session.commands import NoteCommands, TrackCommands
from musicassist.session.playing_in import PlayingIn
from musicassist.session.recording import RecordingWay
from musicassist.session.transport import Transport
from musicassist.sound.messages import MidiReceived
from quiet_sound import QuietSound

C, E = 72, 76
PEDAL_DOWN, PEDAL_UP = b"\xb0\x40\x7f", b"\xb0\x40\x00"


class Room:
    """A song of one bar at 120 beats a minute, a keyboard, and a clock that the test turns."""

    def __init__(self, *events: Event) -> None:
        tracks = (Track("Melody", phrase(60, 62, 64, 65, step_ticks=480), events=events), Track("Bass", channel=1))
        self.song = Song(tracks, 480, (tempo_change(0, 120),), (MeterChange(0, 4, 4),))
        self.document = Document(self.song)
        self.sound = QuietSound()
        self.transport = Transport(self.sound)  # type: ignore[arg-type]
        self.now = 1000.0
        self.commands = NoteCommands(self.document)
        self.tracks = TrackCommands(self.document)
        self.said: list[str] = []
        self.input = PlayingIn(
            self.document,
            self.commands,
            self.transport,
            on_change=lambda: None,
            say=lambda template, **_values: self.said.append(template),
            now_seconds=lambda: self.now,
        )

    def play(self, *messages: tuple[float, bytes]) -> None:
        """Beats from the playhead, or while the song moves from the start, and what is sent there."""
        beats = [beat for beat, _ in messages]
        ticks = [480 * beat if self.sound.is_playing else self.sound.position for beat in beats]
        seconds = tuple(self.now + beat / 2 for beat in beats)
        self.input.receive(MidiReceived(seconds, tuple(ticks), tuple(message for _, message in messages)))
        self.now = seconds[-1]

    def play_key(self, pitch: int, down_beat: float, up_beat: float) -> None:
        """A key is struck and let go."""
        self.play((down_beat, down(pitch)), (up_beat, up(pitch)))

    def step(self, *chords: tuple[int, ...]) -> None:
        """Chords of keys that are struck one after the other, and let go in the same order."""
        for chord in chords:
            self.play(*((0, down(pitch)) for pitch in chord), *((0, up(pitch)) for pitch in chord))

    @contextmanager
    def recording(self, from_tick: int = 0, to_tick: int | None = None) -> Iterator[None]:
        """Records what is played meanwhile, to where the playhead is put or is then."""
        self.sound.position = from_tick
        self.input.start_recording()
        yield
        self.sound.position = self.sound.position if to_tick is None else to_tick
        self.input.stop_recording()

    def see_playhead(self, *ticks: float) -> list[Note]:
        """The playhead is seen in some places; what the window shows of the recording then."""
        for tick in ticks:
            self.sound.position = tick
            shown = list(self.input.recorded_notes())
        return shown

    def new_notes(self, track: int = 0) -> list[Note]:
        """What the song did not have."""
        own = list(self.song.tracks[track].notes)
        return [note for note in self.document.song.tracks[track].notes if note not in own]

    def pitches(self) -> list[int]:
        return sorted(note.pitch for note in self.document.track.notes)

    @property
    def is_untouched(self) -> bool:
        """Whether there is nothing to undo any more."""
        return self.document.song == self.song and self.document.undo_name is None


def down(pitch: int) -> bytes:
    return bytes((0x90, pitch, 80))


def up(pitch: int) -> bytes:
    return bytes((0x80, pitch, 0))


@pytest.fixture
def room() -> Room:
    return Room()


@pytest.fixture
def replacing_room(room: Room) -> Room:
    """Recording replaces what is there, and the song's bar is repeated."""
    room.input.way = RecordingWay(is_replacing=True)
    room.transport.set_loop(0, 1920)
    return room


@pytest.fixture
def step_room(room: Room) -> Room:
    """Step input is on, behind the song."""
    room.transport.seek(1920)
    room.input.toggle_stepping()
    return room


# Capturing.


def test_what_was_played_is_captured_at_the_beat_of_the_playhead_and_selected(room: Room) -> None:
    room.transport.seek(1900)
    room.play((0, down(C)), (0.5, up(C)), (0.6, down(E)), (1, up(E)))
    assert len(room.input.capture()) == 2
    assert room.new_notes() == [Note(1920, C, 240, 80), Note(2208, E, 192, 80)]
    assert room.document.selection.tolist() == [False] * 4 + [True] * 2
    room.document.undo()
    assert room.is_untouched


def test_capturing_twice_in_one_place_is_one_step(room: Room) -> None:
    room.transport.seek(1920)
    room.play_key(C, 0, 0.5)
    room.input.capture()
    room.input.capture()
    assert len(room.new_notes()) == 1
    room.document.undo()
    assert room.is_untouched


def test_what_was_captured_can_be_captured_again_into_another_track(room: Room) -> None:
    room.play_key(C, 0, 0.5)
    room.input.capture()
    room.document.undo()
    room.document.select_track(1)
    room.input.capture()
    assert room.new_notes(track=1) == [Note(0, C, 240, 80)]


def test_what_was_played_along_without_recording_comes_where_it_was_heard(room: Room) -> None:
    room.transport.play()
    room.play_key(C, 4.1, 4.6)
    room.transport.stop_and_return()
    room.input.capture()
    assert room.new_notes() == [Note(1968, C, 240, 80)]


def test_a_first_key_that_comes_a_little_before_the_song_is_played_along(room: Room) -> None:
    room.transport.play()
    room.sound.waiting = 48
    room.play_key(C, -0.1, 0.5)
    room.sound.waiting = 0
    room.play_key(E, 1, 1.5)
    room.input.capture()
    assert room.new_notes() == [Note(0, C, 240, 80), Note(480, E, 240, 80)]


@pytest.mark.parametrize("ends_by_itself", [False, True])
def test_a_key_that_is_still_down_when_the_song_goes_back_ends_where_that_was(room: Room, ends_by_itself: bool) -> None:
    room.transport.play()
    room.play((4, down(C)))
    room.see_playhead(2100)
    room.input.on_frame()
    if ends_by_itself:
        room.sound.is_playing, room.sound.position = False, 0
    else:
        room.transport.stop_and_return()
    room.play((1, up(C)))
    room.input.capture()
    assert room.new_notes() == [Note(1920, C, 180, 80)]


def test_of_rounds_that_were_played_along_with_a_loop_the_last_is_captured(room: Room) -> None:
    room.transport.set_loop(0, 1920)
    room.transport.play()
    for pitch in (C, E):
        room.sound.position = 10
        room.play_key(pitch, 0.5, 1)
        room.sound.position = 1900
        room.input.on_frame()
    room.input.capture()
    assert room.new_notes() == [Note(240, E, 240, 80)]


@pytest.mark.parametrize("is_along", [False, True])
def test_a_key_that_is_down_when_the_sound_engine_dies_is_captured_to_there(room: Room, is_along: bool) -> None:
    if is_along:
        room.transport.play()
    room.play((0, down(C)))
    room.now, room.sound.position = room.now + 0.5, 480 if is_along else 0
    room.input.lose_keys()
    room.now, room.sound.position = room.now + 9, 5 * 1920 if is_along else 0
    room.input.capture()
    assert room.new_notes() == [Note(0, C, 480, 80)]


def test_what_was_played_in_a_count_in_is_captured_in_its_own_time(room: Room) -> None:
    room.transport.play(count_in_bars=1)
    room.sound.waiting = 1440
    room.play((-3, down(C)), (-2.5, up(C)), (-2, down(E)), (-1.5, up(E)))
    room.sound.waiting, room.sound.position = 0, 480
    room.input.on_frame()
    room.transport.stop_and_return()
    room.input.capture()
    assert room.new_notes() == [Note(0, C, 240, 80), Note(480, E, 240, 80)]


def test_nothing_to_capture_is_no_step(room: Room) -> None:
    assert len(room.input.capture()) == 0
    room.play((0, PEDAL_DOWN), (1, PEDAL_UP))
    assert len(room.input.capture()) == 0
    assert room.is_untouched


def test_what_was_recorded_or_played_to_another_song_is_not_captured(room: Room) -> None:
    with room.recording():
        room.play_key(C, 4, 5)
    assert len(room.input.capture()) == 0
    room.play_key(C, 6, 7)
    room.input.start_over()
    assert len(room.input.capture()) == 0


def test_what_was_played_before_a_recording_can_still_be_captured_after_it(room: Room) -> None:
    room.play_key(C, 0, 0.5)
    room.now += 1
    with room.recording():
        room.now += 0.001
        room.play_key(E, 4, 5)
        room.transport.stop()
    assert [note.pitch for note in room.input.capture()] == [C]


# Recording.


def test_recording_past_the_loop_begins_at_its_start(room: Room) -> None:
    room.transport.set_loop(0, 1920)
    with room.recording(4000, 1200):
        room.play_key(C, 1, 2)
    assert room.new_notes() == [Note(480, C, 480, 80)]


def test_a_second_round_of_the_loop_reaches_what_lies_before_the_place_where_recording_began(room: Room) -> None:
    room.transport.set_loop(0, 1920)
    with room.recording(960, 700):
        room.play_key(C, 3, 3.5)
        room.see_playhead(1910, 5)
        room.play_key(E, 0.5, 1)
    assert room.new_notes() == [Note(240, E, 240, 80), Note(1440, C, 240, 80)]


def test_recorded_notes_are_selected_and_go_to_the_track_where_recording_began(room: Room) -> None:
    with room.recording():
        room.document.select_track(1)
        room.play_key(C, 4, 5)
    assert room.document.selected_track == 0
    assert room.document.selection.tolist() == [False] * 4 + [True]


def test_a_recording_goes_to_its_track_wherever_that_is_moved_meanwhile(room: Room) -> None:
    with room.recording():
        room.tracks.add("Kit")
        room.tracks.move(0, 2)
        room.play_key(C, 4, 5)
        room.tracks.remove(0)
    assert [track.name for track in room.document.song.tracks] == ["Kit", "Melody"]
    assert (room.document.selected_track, room.pitches()) == (1, [60, 62, 64, 65, C])


def test_what_was_recorded_into_a_track_that_is_gone_comes_into_a_new_one_like_it(room: Room) -> None:
    with room.recording():
        room.play_key(C, 4, 5)
        room.tracks.remove(0)
    assert "The track was removed." in room.said[-1]
    assert [track.name for track in room.document.song.tracks] == ["Bass", "Melody"]
    assert (room.document.selected_track, room.pitches()) == (1, [C])
    assert room.document.selection.all()
    room.document.undo()
    room.document.undo()
    assert room.is_untouched


def test_a_pedal_that_is_down_at_the_end_of_the_recording_does_not_stay_down_in_the_song(room: Room) -> None:
    with room.recording(to_tick=2880):
        room.play((1, PEDAL_DOWN), (4, down(C)), (5, up(C)), (5, b"\xe0\x00\x50"))
    assert room.document.track.events == (
        Event(480, PEDAL_DOWN),
        Event(2400, b"\xe0\x00\x50"),
        Event(2880, PEDAL_UP),
        Event(2880, b"\xe0\x00\x40"),
    )


def test_a_count_in_waits_with_the_playhead_and_counts_down(room: Room) -> None:
    room.input.way = RecordingWay(count_in_bars=1)
    with room.recording(1920, 2400):
        assert room.sound.counted_in_bars == 1
        room.sound.waiting = 1000
        assert room.input.beats_to_wait == 3
        room.play((1, down(C)), (3.9, down(E)), (5, up(E)))
        room.sound.waiting = 0
        assert room.input.beats_to_wait == 0
    assert room.new_notes() == [Note(1920, E, 480, 80)]


def test_a_count_in_before_the_loop_begins_no_round_where_the_playhead_was(room: Room) -> None:
    room.transport.set_loop(0, 1920)
    room.input.way = RecordingWay(count_in_bars=1)
    with room.recording(9600, 1200):
        room.play_key(E, -3, -2.5)
        room.play_key(C, 1, 2)
    assert room.new_notes() == [Note(480, C, 480, 80)]


def test_keys_that_are_down_when_the_sound_engine_dies_end_there(room: Room) -> None:
    with room.recording(to_tick=4800):
        room.play((1, down(C)))
        room.sound.position = 720
        room.input.lose_keys()
        room.play((4, down(E)), (5, up(E)))
    assert room.new_notes() == [Note(480, C, 240, 80), Note(1920, E, 480, 80)]


def test_the_song_to_keep_is_the_one_that_stopping_would_leave_and_no_step(room: Room) -> None:
    assert room.input.song_to_keep() == (room.song, 0)
    with room.recording(480, 1440):
        assert room.input.song_to_keep()[0] is room.document.song
        room.document.select_track(1)
        room.play((1.5, down(C)))
        room.sound.position = 1440
        kept = room.input.song_to_keep()
        assert room.is_untouched
    assert kept == (room.document.song, room.document.selected_track)
    assert room.new_notes() == [Note(720, C, 720, 80)]


def test_ending_a_recording_in_its_count_in_stops(room: Room) -> None:
    room.input.way = RecordingWay(count_in_bars=2)
    with room.recording():
        room.sound.waiting = 1000
    assert not room.sound.is_playing
    assert room.is_untouched


def test_whoever_records_while_the_song_plays_is_neither_counted_in_nor_hears_it_played_anew(room: Room) -> None:
    room.input.way = RecordingWay(count_in_bars=2)
    room.sound.position = 480
    room.transport.play()
    room.sound.position = 700.6
    room.input.start_recording()
    room.play_key(C, 2, 3)
    room.input.stop_recording()
    assert room.sound.told("play") == [(480,)]
    assert room.sound.runs_past_end
    assert [(note.start_tick, note.pitch, note.duration_ticks) for note in room.new_notes()] == [(960, C, 480)]


def test_a_recording_goes_on_past_the_end_when_a_lent_loop_is_played_meanwhile_and_nothing_after_it_does(
    room: Room,
) -> None:
    with room.recording():
        room.transport.play_lent_loop(480, 1920, 480)
        assert room.sound.runs_past_end
    room.transport.play()
    assert not room.sound.runs_past_end
    room.input.start_recording()
    room.input.start_over()
    room.transport.play()
    assert not room.sound.runs_past_end


def test_whether_it_replaces_is_chosen_before_a_recording(room: Room) -> None:
    with room.recording(480, 1440):
        room.input.way = RecordingWay(is_replacing=True)
        room.play_key(C, 1.5, 2)
    assert room.pitches() == [60, 62, 64, 65, C]


@pytest.mark.parametrize(("is_replacing", "kept"), [(False, [60, 62, 64, 65]), (True, [60, 65])])
def test_what_was_there_stays_or_is_replaced_in_the_recorded_span(
    room: Room, is_replacing: bool, kept: list[int]
) -> None:
    room.input.way = RecordingWay(is_replacing=is_replacing)
    with room.recording(480, 1440):
        room.play_key(C, 1.5, 2)
    assert room.pitches() == [*kept, C]
    room.document.undo()
    assert room.is_untouched


def test_what_the_playhead_was_put_over_is_not_replaced(room: Room) -> None:
    room.input.way = RecordingWay(is_replacing=True)
    with room.recording(to_tick=1700):
        room.play_key(C, 0.5, 0.75)
        room.see_playhead(400)
        room.transport.seek(1400)
        room.play_key(E, 3, 3.25)
    assert [note.pitch for note in room.document.track.notes] == [C, 62, 64, E]


def test_rounds_of_a_loop_are_laid_over_each_other_unless_one_replaces(room: Room) -> None:
    room.transport.set_loop(0, 1920)
    with room.recording(to_tick=960):
        room.play_key(C, 0.5, 1)
        room.see_playhead(1910, 5)
        room.play_key(E, 0.5, 1)
    assert room.new_notes() == [Note(240, C, 240, 80), Note(240, E, 240, 80)]


def test_a_round_replaces_what_earlier_ones_recorded_as_far_as_it_comes(replacing_room: Room) -> None:
    with replacing_room.recording(to_tick=960):
        replacing_room.play_key(C, 0, 0.5)
        replacing_room.play_key(C, 1.9, 2.5)
        replacing_room.play_key(C, 3, 3.5)
        replacing_room.see_playhead(1910, 5)
        replacing_room.play_key(E, 1, 1.5)
    assert list(replacing_room.document.track.notes) == [Note(480, E, 240, 80), Note(1440, C, 240, 80)]
    assert replacing_room.document.selection.all()
    replacing_room.document.undo()
    assert replacing_room.is_untouched


def test_what_is_replaced_is_seen_from_the_first_key_of_a_round_on(replacing_room: Room) -> None:
    first, second, third = Note(0, C, 240, 80), Note(480, C, 240, 80), Note(1440, C, 240, 80)
    with replacing_room.recording():
        for beat in (0, 1, 3):
            replacing_room.play_key(C, beat, beat + 0.5)
        assert replacing_room.see_playhead(1910, 5, 240) == [first, second, third]
        replacing_room.play((0.75, down(E)))
        assert replacing_room.see_playhead(400) == [Note(360, E, 40, 80), second, third]
        assert replacing_room.see_playhead(600) == [Note(360, E, 240, 80), third]


def test_a_round_in_which_no_key_is_struck_keeps_what_the_one_before_recorded(replacing_room: Room) -> None:
    with replacing_room.recording(to_tick=1200):
        replacing_room.play((0, down(C)), (0.5, up(C)), (3, PEDAL_DOWN), (3.5, down(E)))
        replacing_room.see_playhead(1910, 5)
        replacing_room.play((0.2, up(E)), (0.3, PEDAL_UP))
    assert list(replacing_room.document.track.notes) == [Note(0, C, 240, 80), Note(1680, E, 240, 80)]
    assert replacing_room.document.track.events == (Event(1440, PEDAL_DOWN), Event(1920, PEDAL_UP))


def test_a_first_round_in_which_no_key_is_struck_leaves_the_song_as_it_is_there(replacing_room: Room) -> None:
    with replacing_room.recording(960, 700):
        replacing_room.see_playhead(1910, 5)
        replacing_room.play_key(C, 0, 0.5)
    assert replacing_room.pitches() == [64, 65, C]


def test_what_comes_into_the_song_while_a_recording_replaces_stays(replacing_room: Room) -> None:
    document = replacing_room.document
    with replacing_room.recording(to_tick=1900):
        replacing_room.play_key(C, 0, 0.5)
        for pitch in (40, 41):
            document.apply("Insert", insert_notes(document.song, 0, phrase(pitch, from_tick=480)))
            assert pitch in replacing_room.input.song_to_keep()[0].tracks[0].notes.pitch
    assert replacing_room.pitches() == [40, 41, C]


def test_a_pedal_that_is_held_from_round_to_round_is_replaced_with_its_round() -> None:
    room = Room(Event(960, PEDAL_DOWN))
    room.input.way = RecordingWay(is_replacing=True)
    room.transport.set_loop(0, 1920)
    with room.recording(to_tick=1900):
        room.play((0, down(C)), (0.5, up(C)), (2, PEDAL_DOWN))
        for _ in range(2):
            room.see_playhead(1910, 5)
            room.play_key(C, 0, 0.5)
        room.play((1, PEDAL_UP))
    pedals = [(event.tick, event.data) for event in room.document.track.events]
    assert pedals == [(0, PEDAL_DOWN), (480, PEDAL_UP), (1900, PEDAL_DOWN), (1920, PEDAL_UP), (1920, PEDAL_DOWN)]


def test_replacing_lets_an_old_pedal_go_within_the_span_and_takes_it_up_after_it() -> None:
    volume = Event(0, b"\xb0\x07\x50")
    room = Room(Event(0, PEDAL_DOWN), volume, Event(960, PEDAL_UP), Event(1200, PEDAL_DOWN))
    room.input.way = RecordingWay(is_replacing=True)
    with room.recording(480, 1440):
        room.play_key(C, 1.5, 2)
    pedals = (Event(480, PEDAL_UP), Event(1440, PEDAL_DOWN))
    assert room.document.track.events == (Event(0, PEDAL_DOWN), volume, *pedals)


# Stepping.


def test_each_chord_is_written_as_long_as_a_step_and_the_playhead_moves_on(step_room: Room) -> None:
    step_room.commands.set_grid(Grid(8))
    assert step_room.input.is_stepping
    step_room.play((0, down(C)), (1, down(E)), (2, up(C)), (3, up(E)))
    step_room.play((0, down(C)), (0, up(C)), (0, PEDAL_DOWN), (0, PEDAL_UP), (0, down(E)), (0, up(E)))
    assert step_room.new_notes() == [
        Note(1920, C, 240, 80), Note(1920, E, 240, 80), Note(2160, C, 240, 80), Note(2640, E, 240, 80)
    ]  # fmt: skip
    assert step_room.sound.position == 2880
    for _ in range(3):
        step_room.document.undo()
    assert step_room.is_untouched


def test_a_step_back_takes_the_notes_of_the_last_step_away(step_room: Room) -> None:
    step_room.step((C,), (E,))
    step_room.input.steps.back()
    assert (step_room.sound.position, step_room.new_notes()) == (2040, [Note(1920, C, 120, 80)])
    step_room.input.steps.rest()
    assert step_room.sound.position == 2160
    step_room.input.steps.back()
    step_room.input.steps.back()
    assert (step_room.sound.position, step_room.document.song) == (1920, step_room.song)
    step_room.transport.seek(0)
    step_room.input.steps.back()
    assert (step_room.sound.position, step_room.document.song) == (0, step_room.song)


def test_undo_and_redo_of_steps_take_the_playhead_along(step_room: Room) -> None:
    step_room.step((C,))
    step_room.input.steps.rest()
    step_room.step((E,))
    step_room.input.steps.back()
    document, places = step_room.document, [step_room.sound.position]
    for do in (document.undo, document.undo, document.undo, document.redo, document.redo, document.redo):
        do()
        places.append(step_room.sound.position)
    assert places == [2160, 2280, 2160, 1920, 2040, 2280, 2160]


def test_the_chord_after_an_undone_step_is_written_in_its_place(step_room: Room) -> None:
    step_room.step((C,))
    step_room.document.undo()
    step_room.step((E,))
    assert step_room.new_notes() == [Note(1920, E, 120, 80)]


def test_undo_of_anything_else_leaves_the_playhead_where_it_is(step_room: Room) -> None:
    step_room.step((C,))
    step_room.transport.seek(0)
    step_room.commands.transpose(1)
    for do in (step_room.document.undo, step_room.document.redo, step_room.document.undo):
        do()
        assert step_room.sound.position == 0


def test_undo_of_a_step_moves_the_playhead_neither_in_a_song_that_plays_nor_without_step_input(step_room: Room) -> None:
    step_room.step((C,))
    step_room.transport.play()
    step_room.document.undo()
    assert step_room.sound.position == 2040
    step_room.transport.stop()
    step_room.input.toggle_stepping()
    step_room.document.redo()
    step_room.document.undo()
    assert step_room.sound.position == 2040


def test_steps_that_undo_and_redo_cannot_reach_any_more_are_forgotten(step_room: Room) -> None:
    for _ in range(20):
        step_room.step((C,))
        step_room.document.undo()
    step_room.step((C,), (E,))
    assert len(step_room.input.steps._steps) <= 3


def test_triplets_reach_the_next_beat_though_a_step_is_no_whole_tick(step_room: Room) -> None:
    song = Song((Track("Melody"),), 100, step_room.song.tempo_changes, step_room.song.meter_changes)
    step_room.document.replace_song(song, None)
    step_room.transport.seek(0)
    step_room.commands.set_grid(Grid(8, is_triplet=True))
    step_room.step(*[(C,)] * 6)
    assert step_room.document.track.notes.start_tick.tolist() == [0, 33, 67, 100, 133, 167]
    assert step_room.sound.position == 200
    for _ in range(6):
        step_room.input.steps.back()
    assert (step_room.sound.position, step_room.pitches()) == (0, [])


def test_stepping_stops_the_song_and_gives_way_to_recording(room: Room) -> None:
    room.transport.play()
    room.input.toggle_stepping()
    assert not room.sound.is_playing
    room.transport.play()
    room.play_key(C, 5, 6)
    assert room.is_untouched
    room.transport.stop()
    room.input.start_recording()
    assert not room.input.is_stepping


def test_what_was_stepped_is_not_captured_as_well(step_room: Room) -> None:
    step_room.step((C,))
    step_room.input.toggle_stepping()
    assert len(step_room.input.capture()) == 0


def test_an_engine_that_dies_leaves_no_key_of_a_chord_down(step_room: Room) -> None:
    step_room.play((0, down(C)))
    step_room.input.lose_keys()
    step_room.step((E,))
    assert [note.pitch for note in step_room.new_notes()] == [E]


def test_a_key_that_goes_up_while_the_song_plays_is_not_waited_for(step_room: Room) -> None:
    step_room.play((0, down(C)))
    step_room.transport.play()
    step_room.play((4, up(C)))
    step_room.transport.stop()
    step_room.step((E,))
    assert [note.pitch for note in step_room.new_notes()] == [E]


# Programs of the keyboard.

STRINGS, BRASS = 48, 61


def program(number: int) -> bytes:
    return bytes((0xC0, number))


def programs(room: Room) -> list[tuple[int, int]]:
    return [(event.tick, event.data[1]) for event in room.document.track.events if event.data[0] & 0xF0 == 0xC0]


@pytest.mark.parametrize("is_playing", [False, True])
def test_a_program_from_the_keyboard_is_the_instrument_of_the_selected_track_and_can_be_undone(
    room: Room, is_playing: bool
) -> None:
    if is_playing:
        room.transport.play()
    room.document.select_track(1)
    room.play((0, b"\xb0\x00\x08"), (0, b"\xb0\x20\x00"), (0, program(STRINGS)))
    assert room.document.track.program == STRINGS
    assert room.input.instrument() == Instrument(STRINGS, (8, 0))
    assert room.document.undo_name == "Change instrument"
    room.play((0, program(BRASS)))
    assert room.document.track.program == BRASS
    room.document.undo()  # pressing on to another one is one step
    assert room.document.song is room.song
    assert room.input.instrument() == Instrument(0)


def test_the_same_program_again_is_no_step(room: Room) -> None:
    room.play((0, program(0)))
    assert room.document.undo_name is None


def test_a_program_that_is_chosen_while_recording_is_recorded_with_the_notes_as_one_step(room: Room) -> None:
    with room.recording(to_tick=1920):
        room.play((0.5, down(C)), (0.9, up(C)), (1.0, program(STRINGS)), (1.5, down(E)), (1.9, up(E)))
        assert room.document.song is room.song
        assert room.input.instrument().program == STRINGS
    assert programs(room) == [(480, STRINGS)]
    assert room.document.track.program == 0
    assert room.input.instrument().program == STRINGS  # at the playhead, behind it
    room.document.undo()
    assert room.document.song is room.song
    assert room.input.instrument().program == 0


def test_a_track_that_is_selected_during_a_recording_sounds_like_itself(room: Room) -> None:
    with room.recording(to_tick=1920):
        room.play((0, program(STRINGS)), (1, down(C)), (2, up(C)))
        room.document.select_track(1)
        assert room.input.instrument().program == 0
        room.document.select_track(0)
        assert room.input.instrument().program == STRINGS


def test_a_program_that_is_recorded_into_an_empty_track_before_its_first_note_is_its_instrument(room: Room) -> None:
    room.document.select_track(1)
    with room.recording(to_tick=1920):
        room.play((0.5, program(STRINGS)), (1, down(C)), (2, up(C)))
    assert (room.document.track.program, programs(room)) == (STRINGS, [])


def test_a_program_chosen_while_nothing_else_is_recorded_leaves_the_song_alone(room: Room) -> None:
    with room.recording(to_tick=1920):
        room.play((1, program(STRINGS)))
    assert room.document.song is room.song
    assert room.input.instrument().program == 0


@pytest.mark.parametrize("is_replacing", [False, True])
def test_a_program_of_a_round_of_the_loop_holds_to_its_end_and_not_behind_the_loop(
    room: Room, is_replacing: bool
) -> None:
    room.document.select_track(0)
    room.input.way = RecordingWay(is_replacing=is_replacing)
    room.transport.set_loop(0, 960)
    with room.recording(to_tick=480):
        room.play((0.2, down(C)), (0.5, up(C)), (1.0, program(STRINGS)), (1.2, down(E)), (1.6, up(E)))
        room.see_playhead(900, 20, 480)
    assert programs(room) == [(480, STRINGS), (960, 0)]


def test_captured_notes_bring_no_program_for_it_was_taken_at_once(room: Room) -> None:
    room.play((0, down(C)), (1, up(C)), (1, program(STRINGS)), (2, down(E)), (3, up(E)))
    room.input.capture()
    assert (room.document.track.program, programs(room)) == (STRINGS, [])
