"""Call and response in a session: keys come in, the answer sounds, and both stand in the song as one step."""

from __future__ import annotations

from builders import phrase
from ensemble_desk import EnsembleDesk, take_of
from musicassist.errors import Words
from musicassist.score.midi_bytes import NOTE_OFF, NOTE_ON
from musicassist.score.song import Song, Track
from musicassist.score.theory import Key
from musicassist.session.call_response import STEP, CallResponse
from musicassist.session.recording import RecordingWay
from musicassist.sound.messages import EngineDied, MidiReceived

BAR = 1920


class TalkDesk(EnsembleDesk):
    """A session in which the mode is on, and an empty song plays."""

    def __init__(self, *, is_playing: bool = True) -> None:
        super().__init__(Song(tracks=(Track("Melody"),)))
        self.mode = CallResponse(self.session, self.generator, self.now_seconds)
        self.mode.toggle()
        if is_playing:
            self.session.transport.play()

    def hears(self, tick: float, *data: int) -> None:
        self.session.receive(MidiReceived((self.seconds,), (tick,), (bytes(data),)))

    def wind_to(self, tick: int) -> None:
        while self.sound.position < tick:
            self.sound.position = min(tick, self.sound.position + 15)
            self.mode.on_frame()

    def plays(self, start_tick: int, end_tick: int, pitch: int = 60) -> None:
        self.wind_to(start_tick)
        self.hears(start_tick, NOTE_ON, pitch, 80)
        self.wind_to(end_tick)
        self.hears(end_tick, NOTE_OFF, pitch, 0)

    def composes(self, *pitches: int) -> None:
        request = self.generator.asked[-1]
        notes = phrase(*pitches, step_ticks=480, from_tick=request.from_tick)
        self.mode.on_takes(request, (take_of(request, notes, (request.from_tick, request.to_tick)),))

    def rows(self) -> list[tuple[int, int]]:
        return [(note.start_tick, note.pitch) for note in self.notes]


def test_an_exchange_sounds_on_the_bar_line_and_is_one_step() -> None:
    desk = TalkDesk()
    desk.plays(0, 400, 60)
    desk.plays(480, 880, 64)
    desk.wind_to(1000)
    request = desk.generator.asked[-1]
    assert (request.kind, request.takes, request.from_tick, request.to_tick) == ("infill", 1, BAR, 2 * BAR)
    assert [note.pitch for note in request.song.tracks[0].notes] == [60, 64]
    assert request.constraints.begins_at_once
    assert request.composed == 1  # an answer has no time for more
    desk.composes(67, 65, 64, 60)
    desk.wind_to(BAR)
    assert desk.sound.heard is not None and desk.sound.heard_place == (0, BAR, 2 * BAR)
    assert desk.mode.answered_by == "lstm"
    assert not desk.notes
    desk.wind_to(2 * BAR)
    assert desk.rows() == [(0, 60), (480, 64), (1920, 67), (2400, 65), (2880, 64), (3360, 60)]
    assert desk.sound.heard is None
    assert desk.session.document.undo_name == STEP
    desk.session.document.undo()
    assert not desk.notes


def test_a_model_that_is_not_there_in_time_gives_way_to_the_faster_one_and_that_to_a_rule() -> None:
    desk = TalkDesk()
    desk.plays(0, 900)
    desk.wind_to(BAR - 150)
    assert [request.model for request in desk.generator.asked] == ["lstm", "markov"]
    desk.composes(62)
    desk.wind_to(BAR)
    assert desk.mode.answered_by == "markov"
    desk.wind_to(2 * BAR)
    desk.plays(2 * BAR, 2 * BAR + 900)
    desk.wind_to(3 * BAR)
    assert desk.mode.answered_by == ""
    assert desk.sound.heard is not None and desk.sound.heard[0].start_tick == 3 * BAR


def test_what_comes_when_the_answer_has_begun_does_not_change_it() -> None:
    desk = TalkDesk()
    desk.plays(0, 900)
    desk.wind_to(BAR - 100)
    by_rule = desk.sound.heard
    assert by_rule is not None
    desk.sound.position = BAR + 100  # and no frame came in between
    desk.composes(62)
    assert desk.sound.heard is by_rule
    assert desk.mode.answered_by == ""


def test_without_any_model_it_is_never_silent() -> None:
    desk = TalkDesk()
    desk.generator.is_ready = False
    desk.plays(0, 900)
    desk.wind_to(BAR)
    assert not desk.generator.asked
    assert desk.sound.heard is not None and len(desk.sound.heard) == 1


def test_the_first_key_starts_the_song_on_its_bar_line() -> None:
    desk = TalkDesk(is_playing=False)
    desk.sound.position = BAR + 700
    desk.seconds = 0.1
    desk.session.receive(MidiReceived((0.0,), (BAR + 700,), (bytes((NOTE_ON, 60, 80)),)))
    assert desk.sound.is_playing and desk.sound.runs_past_end
    assert desk.sound.position == BAR + round(0.15 * 960)  # the key went down 0.1 s ago, and the sound needs 0.05 s
    desk.wind_to(BAR + 900)
    desk.hears(BAR + 900, NOTE_OFF, 60, 0)
    desk.wind_to(3 * BAR)
    assert desk.rows()[0] == (BAR, 60)
    assert desk.notes[1].start_tick == 2 * BAR


def test_without_keeping_the_song_stays_as_it_is() -> None:
    desk = TalkDesk()
    desk.mode.toggle_keeping()
    desk.plays(0, 900)
    desk.wind_to(2 * BAR)
    assert not desk.notes and desk.sound.heard is None


def test_an_answer_that_is_played_into_ends_with_its_bar_and_the_next_one_follows_without_a_hole() -> None:
    desk = TalkDesk()
    for bar in range(2):
        desk.plays(bar * BAR, bar * BAR + 1200)
    desk.plays(2 * BAR, 2 * BAR + 900)
    desk.wind_to(2 * BAR + 1000)
    desk.composes(*range(60, 72))
    desk.wind_to(3 * BAR + 100)
    desk.plays(3 * BAR + 200, 3 * BAR + 700, 72)
    desk.wind_to(4 * BAR - 20)
    assert desk.sound.heard is not None
    starts = desk.sound.heard.start_tick.tolist()
    assert starts[:4] == [3 * BAR + beat * 480 for beat in range(4)]
    assert starts[4] == 4 * BAR
    desk.wind_to(4 * BAR + 20)
    assert max(note.end_tick for note in desk.notes) <= 4 * BAR
    desk.wind_to(5 * BAR)
    assert desk.rows()[-1][0] == 4 * BAR


def test_stopping_writes_what_was_played_and_answered_so_far() -> None:
    desk = TalkDesk()
    desk.plays(0, 900)
    desk.wind_to(1000)
    desk.composes(60, 62, 64, 65)
    desk.wind_to(BAR + 500)
    desk.session.transport.stop()
    assert desk.rows() == [(0, 60), (BAR, 60), (BAR + 480, 62)]
    assert desk.sound.heard is None


def test_a_call_that_nobody_answered_is_not_lost() -> None:
    desk = TalkDesk()
    desk.plays(0, 900)
    desk.mode.toggle()
    assert desk.rows() == [(0, 60)]
    assert not desk.session.transport.is_accompanied


def test_a_moved_playhead_begins_anew() -> None:
    desk = TalkDesk()
    desk.plays(BAR, BAR + 900)
    desk.sound.position = 0
    desk.mode.on_frame()
    desk.wind_to(3 * BAR)
    assert desk.rows() == [(BAR, 60)]


def test_a_seek_forward_within_a_call_brings_no_answer_that_nobody_heard() -> None:
    desk = TalkDesk()
    desk.plays(0, 900)
    desk.session.transport.seek(10 * BAR)
    desk.wind_to(13 * BAR)
    assert desk.rows() == [(0, 60)]


def test_a_slower_tempo_that_takes_the_playhead_back_a_little_changes_nothing() -> None:
    desk = TalkDesk()
    desk.plays(0, 900)
    desk.wind_to(1000)
    desk.sound.position = 995
    desk.wind_to(2 * BAR)
    assert [tick for tick, _ in desk.rows()] == [0, BAR]


def test_the_first_chord_stays_together_wherever_the_playhead_stood() -> None:
    desk = TalkDesk(is_playing=False)
    desk.sound.position = 700
    desk.seconds = 0.02
    chord = tuple(bytes((NOTE_ON, pitch, 80)) for pitch in (60, 64, 67))
    desk.session.receive(MidiReceived((0.0, 0.004, 0.01), (700, 700, 700), chord))
    desk.wind_to(480)
    for pitch in (60, 64, 67):
        desk.hears(480, NOTE_OFF, pitch, 0)
    desk.wind_to(2 * BAR)
    assert [note.start_tick for note in desk.notes[:3]] == [0, 4, 10]


def test_answers_are_in_the_key_of_what_the_user_plays_whatever_they_were_before() -> None:
    desk = TalkDesk()
    for row, pitch in enumerate((69, 74, 73, 74, 76, 78)):  # D major without its fourth
        desk.plays(240 * row, 240 * row + 200, pitch)
    desk.wind_to(BAR)
    desk.composes(69, 68, 69, 68)  # would make it A major
    desk.wind_to(2 * BAR)
    desk.plays(2 * BAR, 2 * BAR + 400, 74)
    desk.wind_to(2 * BAR + 600)
    assert desk.generator.asked[-1].constraints.key == Key(2)


def test_an_exchange_that_was_only_heard_can_be_kept_afterwards_once() -> None:
    desk = TalkDesk()
    desk.mode.toggle_keeping()
    desk.plays(0, 900)
    desk.wind_to(2 * BAR)
    desk.plays(2 * BAR, 2 * BAR + 900)
    desk.session.transport.stop()  # a call that is broken off is not what one liked
    assert not desk.notes
    shelf = desk.session.shelf
    (name,) = shelf.names()  # the answer that was heard; one that is not written is not lost
    assert (shelf[name].fate, shelf[name].request.kind) == ("heard", "answered")
    assert len(shelf[name].offer.takes[0].notes) > 0 and shelf[name].request.from_tick == BAR
    assert desk.mode.keep_last()
    assert [tick for tick, _ in desk.rows()] == [0, BAR]
    assert not desk.mode.keep_last()
    desk.session.document.undo()
    assert not desk.notes


def test_a_call_goes_on_after_the_sound_engine_has_died_with_a_key_down() -> None:
    desk = TalkDesk()
    desk.wind_to(100)
    desk.hears(100, NOTE_ON, 60, 80)
    desk.wind_to(480)
    desk.sound.events.append(EngineDied(Words(""), Words(""), restarted=True))
    desk.session.poll_sound()
    desk.wind_to(2 * BAR)
    assert [tick for tick, _ in desk.rows()] == [100, BAR]


def test_what_is_played_in_a_count_in_is_no_call_and_a_hasty_first_note_is_on_the_beginning() -> None:
    desk = TalkDesk(is_playing=False)
    desk.session.transport.seek(2 * BAR)
    desk.session.input.set_way(RecordingWay(count_in_bars=1))
    desk.session.input.start_recording()
    for tick in (BAR, BAR + 480):
        desk.hears(tick, NOTE_ON, 60, 80)
        desk.hears(tick + 200, NOTE_OFF, 60, 0)
    desk.hears(2 * BAR - 30, NOTE_ON, 64, 80)
    desk.wind_to(2 * BAR + 480)
    desk.hears(2 * BAR + 480, NOTE_OFF, 64, 0)
    desk.wind_to(2 * BAR + 700)
    assert [(note.start_tick, note.pitch) for note in desk.generator.asked[-1].song.tracks[0].notes] == [(2 * BAR, 64)]


def test_a_call_whose_recording_began_later_is_not_lost_and_one_that_is_recorded_is_not_written_twice() -> None:
    desk = TalkDesk()
    desk.plays(0, 900)
    desk.wind_to(BAR)
    desk.session.input.start_recording()
    desk.wind_to(2 * BAR)
    desk.plays(2 * BAR, 2 * BAR + 900, 64)
    desk.wind_to(4 * BAR)
    desk.session.transport.stop()
    assert [tick for tick, _ in desk.rows()] == [0, BAR, 2 * BAR, 3 * BAR]


def test_the_first_key_lets_a_take_on_offer_go_before_the_song_starts() -> None:
    desk = TalkDesk(is_playing=False)
    desk.sound.position = 6 * BAR
    desk.document.apply("", desk.document.song.with_track(0, Track("Melody", phrase(60, 62, step_ticks=480))))
    desk.session.takes.ask()
    request = desk.generator.asked[-1]
    desk.session.takes.on_takes(request, (take_of(request, phrase(64, from_tick=BAR), (BAR, 5 * BAR)),))
    desk.hears(0, NOTE_ON, 72, 80)
    assert desk.sound.position >= 6 * BAR
    assert desk.session.takes.phase == "idle"


def test_the_song_starts_so_much_earlier_as_the_sound_is_late() -> None:
    desk = TalkDesk(is_playing=False)
    desk.session.latency_seconds = 0.1
    desk.hears(0, NOTE_ON, 60, 80)
    assert desk.sound.position == round((0.05 + 0.1) * 960)


def test_another_track_that_was_selected_meanwhile_stays_selected() -> None:
    desk = TalkDesk()
    desk.session.tracks.add("Bass")
    desk.session.tracks.select(0)
    desk.plays(0, 900)
    desk.wind_to(BAR + 100)
    desk.session.tracks.select(1)
    desk.wind_to(2 * BAR)
    assert desk.document.selected_track == 1
    assert [len(track.notes) for track in desk.document.song.tracks] == [2, 0]


def test_a_take_that_is_let_go_does_not_silence_the_answer() -> None:
    desk = TalkDesk()
    desk.plays(0, 900)
    desk.wind_to(BAR + 100)
    desk.session.takes.ask(desk.session.ask_for("generate"))
    desk.session.sound.clear_audition()
    desk.session.takes.dismiss()
    assert desk.sound.heard is not None


def test_leaving_the_song_writes_the_exchange_first() -> None:
    desk = TalkDesk()
    desk.plays(0, 900)
    desk.wind_to(BAR + 500)
    desk.session.settle()
    assert not desk.sound.is_playing
    assert desk.rows() == [(0, 60), (BAR, 60)]
    assert desk.document.is_modified


# Tracks that come and go


def test_an_exchange_goes_to_its_track_wherever_that_is_moved_meanwhile_and_sounds_there() -> None:
    desk = TalkDesk()
    desk.session.tracks.add("Bass")
    desk.session.tracks.select(0)
    desk.plays(0, 900)
    desk.wind_to(BAR)
    desk.session.tracks.move(0, 1)
    assert desk.sound.heard_place == (1, BAR, 2 * BAR)
    desk.wind_to(2 * BAR)
    assert [(track.name, len(track.notes)) for track in desk.document.song.tracks] == [("Bass", 0), ("Melody", 2)]


def test_an_exchange_whose_track_was_removed_is_kept_in_a_new_one_like_it() -> None:
    desk = TalkDesk()
    desk.session.tracks.add("Bass", program=32)
    desk.wind_to(100)
    desk.hears(100, NOTE_ON, 60, 80)
    desk.session.tracks.remove(1)
    desk.wind_to(900)
    desk.hears(900, NOTE_OFF, 60, 0)
    desk.wind_to(BAR)
    assert desk.generator.asked[-1].song.tracks[1].name == "Bass"
    assert desk.sound.heard is not None and desk.sound.heard_place == (None, BAR, 2 * BAR)
    assert desk.sound.heard_as is not None and desk.sound.heard_as.program == 32
    desk.wind_to(2 * BAR)
    assert desk.rows() == [(100, 60), (BAR, 60)]
    assert (desk.document.track.name, desk.document.selected_track) == ("Bass", 1)
    desk.plays(2 * BAR, 2 * BAR + 900)
    desk.wind_to(4 * BAR)
    assert len(desk.document.song.tracks) == 2 and len(desk.notes) == 4


def test_another_song_gets_nothing_of_an_exchange() -> None:
    desk = TalkDesk()
    desk.plays(0, 900)
    desk.session.new()
    assert not desk.notes and desk.document.undo_name is None


# The loop, and other ways to play


def test_the_loop_that_it_switched_off_comes_back_with_its_end() -> None:
    desk = TalkDesk(is_playing=False)
    desk.mode.toggle()
    desk.session.transport.set_loop(0, BAR)
    for is_looping in (False, True):
        desk.mode.toggle()
        assert desk.session.transport.is_looping is is_looping
    desk.session.transport.toggle_loop()
    for _ in range(2):
        desk.mode.toggle()
        assert not desk.session.transport.is_looping


def test_a_loop_that_the_user_has_switched_on_meanwhile_stays_on() -> None:
    desk = TalkDesk(is_playing=False)
    desk.mode.toggle()
    desk.session.transport.set_loop(0, BAR)
    desk.mode.toggle()
    desk.session.transport.toggle_loop()
    desk.mode.toggle()
    assert desk.session.transport.is_looping


def test_step_input_and_call_and_response_end_each_other() -> None:
    desk = TalkDesk(is_playing=False)
    desk.session.input.toggle_stepping()
    assert not desk.mode.is_on
    assert desk.said == ["Call and response is off: step input writes what you play."]
    desk.mode.toggle()
    assert desk.mode.is_on and not desk.session.input.is_stepping
    desk.hears(0, NOTE_ON, 60, 80)
    assert desk.sound.is_playing


def test_calls_are_recorded_as_they_are_played_and_a_recording_that_replaces_leaves_the_answers() -> None:
    desk = TalkDesk()
    desk.session.input.set_way(RecordingWay(is_replacing=True))
    desk.session.input.start_recording()
    desk.plays(0, 900, 60)
    desk.wind_to(2 * BAR)
    desk.plays(2 * BAR + 200, 2 * BAR + 400, 72)
    desk.session.transport.stop()
    assert desk.rows() == [(0, 60), (BAR, 60), (2 * BAR + 200, 72)]
    assert desk.session.document.undo_name == "Record notes"


# The answer by rule
