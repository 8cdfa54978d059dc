"""Playing without a sound card: each note begins and ends where the score says, and every road ends in silence."""

from __future__ import annotations

import random
from collections import Counter
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from musicassist.score.midi_bytes import NOTE_OFF, NOTE_ON, Message
from musicassist.score.song import Event, Note, Notes, Song, Track
from musicassist.score.timing import MeterChange, TempoChange
from musicassist.sound.messages import Audition
from musicassist.sound.playback import LOOKAHEAD_SECONDS, START_DELAY_SECONDS, Playback
from musicassist.sound.synth import CLICK_SOURCE, CLOCK_SOURCE, COUNT_IN_SOURCE, SONG_SOURCE, SilentSynth

FEED_SECONDS = 0.02


class Stage:
    """A playback on a silent synth whose clock the test turns."""

    def __init__(self, song: Song, now: float = 100.0) -> None:
        self.now = now
        self.synth = SilentSynth(lambda: self.now, is_recording=True)
        self.playback = Playback(self.synth)
        self.playback.set_song(song)
        self.started_at = self.now + START_DELAY_SECONDS
        self.endings = 0

    def play(self, from_tick: float = 0, *, runs_past_end: bool = False) -> None:
        self.started_at = self.now + START_DELAY_SECONDS
        self.playback.play(from_tick, runs_past_end=runs_past_end)

    def wait(self, seconds: float) -> None:
        end = self.now + seconds
        while self.now < end - 1e-9:
            self.now = min(end, self.now + FEED_SECONDS)
            self.endings += self.playback.feed()
        self.synth.now_seconds()

    def struck(self) -> list[tuple[float, int]]:
        """Song seconds (from the start of playing) and pitch of each note-on."""
        on = [(t, m) for t, m in self.synth.sounded if m[0] & 0xF0 == NOTE_ON]
        return [(round(t - self.started_at, 4), m[1]) for t, m in on]

    def messages(self) -> list[Message]:
        return [message for _, message in self.synth.sounded]

    def sounding(self) -> Counter[tuple[int, int]]:
        """The keys that are down; fails if one was struck while down or let go while up."""
        down: Counter[tuple[int, int]] = Counter()
        for _, (status, pitch, _) in self.synth.sounded:
            key = (status & 15, pitch)
            if status & 0xF0 == NOTE_ON:
                down[key] += 1
                assert down[key] == 1, "struck twice"
            elif status & 0xF0 == NOTE_OFF:
                assert down[key] == 1, "let go while it was up"
                down[key] -= 1
        return +down


def melody(*notes: Note, **track: object) -> Song:
    return Song((replace(Track(notes=Notes.of(notes)), **track),))  # type: ignore[arg-type]


SCALE = melody(*(Note(480 * step, 60 + step, 480) for step in range(8)))  # half a second each


def test_notes_sound_where_the_score_says_and_the_song_ends_by_itself() -> None:
    stage = Stage(SCALE)
    stage.play()
    stage.wait(5)
    assert stage.struck() == [(0.5 * step, 60 + step) for step in range(8)]
    assert not stage.sounding()
    assert stage.endings == 1
    assert not stage.playback.is_playing
    assert stage.playback.heard_tick(stage.now) == 0


def test_playing_from_the_middle_chases_the_instrument() -> None:
    song = melody(
        Note(0, 60, 480), Note(960, 64, 480), program=4, events=(Event(480, b"\xc0\x28"), Event(0, b"\xb0\x07\x50"))
    )
    stage = Stage(song)
    stage.play(960)
    assert {(0xC0, 40, 0), (0xB0, 7, 0x50)} <= set(stage.messages())
    stage.wait(2)
    assert stage.struck() == [(0.0, 64)]


def test_stop_is_silent_at_once_even_with_the_pedal_down() -> None:
    stage = Stage(melody(Note(0, 60, 9600), Note(0, 64, 9600), events=(Event(0, b"\xb0\x40\x7f"),)))
    stage.play()
    stage.wait(1)
    assert len(stage.sounding()) == 2
    stage.playback.stop()
    assert not stage.sounding()
    assert stage.messages()[-4:] == [(0xB0, 64, 0), (0xB0, 121, 0), (0xB0, 123, 0), (0xB0, 120, 0)]
    count = len(stage.synth.sounded)
    stage.wait(30)
    assert len(stage.synth.sounded) == count
    assert stage.playback.heard_tick(stage.now) == pytest.approx((1 - START_DELAY_SECONDS) * 960)


@pytest.mark.parametrize("control", [64, 66, 67, 69])
def test_a_pedal_that_the_last_event_leaves_down_is_let_go_at_the_end_and_by_stop(control: int) -> None:
    stage = Stage(melody(Note(0, 60, 960), events=(Event(900, bytes((0xB0, control, 127))),)))
    for is_stopped in (False, True):
        stage.play()
        stage.wait(0.98 if is_stopped else 2)
        stage.playback.stop()
        moved = [m[2] for m in stage.messages() if m[:2] == (0xB0, control)]
        assert 127 in moved
        assert moved[-1] == 0


@pytest.mark.parametrize("control", [64, 66])
def test_the_song_is_over_when_the_pedal_that_holds_its_last_note_goes_up(control: int) -> None:
    pedal = Event(900, bytes((0xB0, control, 127))), Event(2880, bytes((0xB0, control, 0)))
    stage = Stage(melody(Note(0, 60, 960), events=pedal))
    stage.play()
    stage.wait(2.9)
    assert stage.endings == 0
    assert [m[2] for m in stage.messages() if m[:2] == (0xB0, control)][-1] == 127
    stage.wait(0.2)
    assert stage.endings == 1


def test_what_the_song_set_before_an_edit_took_it_away_is_put_back_when_it_is_played_again() -> None:
    bend_range = tuple(Event(0, bytes((0xB0, *pair))) for pair in ((101, 0), (100, 0), (6, 24), (7, 20)))
    stage = Stage(melody(Note(0, 60, 480), events=bend_range))
    stage.play()
    stage.wait(1)
    stage.playback.set_song(melody(Note(0, 60, 480)))
    stage.synth.sounded.clear()
    stage.play()
    assert {(0xB0, 7, 100), (0xB0, 6, 2)} <= set(stage.messages())


def test_a_seek_while_playing_goes_on_there() -> None:
    stage = Stage(SCALE)
    stage.play()
    stage.wait(0.7)
    stage.started_at = stage.now + START_DELAY_SECONDS
    before = len(stage.struck())
    stage.playback.seek(480 * 5)
    stage.wait(1.2)
    assert stage.struck()[before:] == [(0.0, 65), (0.5, 66), (1.0, 67)]
    stage.playback.stop()
    assert not stage.sounding()


def test_a_loop_has_no_seam() -> None:
    stage = Stage(SCALE)
    stage.playback.set_loop(480, 1440)
    stage.play()
    stage.wait(4)
    pitches = [60, 61, 62, 61, 62, 61, 62, 61]
    assert stage.struck() == [(0.5 * step, pitch) for step, pitch in enumerate(pitches)]
    assert 480 <= stage.playback.heard_tick(stage.now) < 1440
    stage.playback.set_loop(0, 0)
    stage.wait(5)
    assert stage.struck()[-1][1] == 67
    assert stage.endings == 1
    assert not stage.sounding()


def test_a_note_that_reaches_over_the_end_of_the_loop_ends_there() -> None:
    stage = Stage(melody(Note(0, 60, 4800)))
    stage.playback.set_loop(0, 960)
    stage.play()
    stage.wait(3.5)
    assert stage.struck() == [(0.0, 60), (1.0, 60), (2.0, 60), (3.0, 60)]
    stage.playback.stop()
    assert not stage.sounding()


def test_the_pedal_of_a_loop_does_not_leak_into_its_next_round() -> None:
    stage = Stage(melody(Note(0, 60, 960), events=(Event(480, b"\xb0\x40\x7f"),)))
    stage.playback.set_loop(0, 960)
    stage.play()
    stage.wait(1.2)
    pedal = [(round(t - stage.started_at, 4), m[2]) for t, m in stage.synth.sounded if m[:2] == (0xB0, 64)]
    assert pedal[-2:] == [(0.5, 127), (1.0, 0)]


def test_an_edit_while_playing_is_heard_without_a_gap() -> None:
    stage = Stage(SCALE)
    stage.play()
    stage.wait(0.8)
    edited = melody(*(Note(480 * step, 72 + step if step > 2 else 60 + step, 480) for step in range(8)))
    stage.playback.set_song(edited)
    stage.wait(4)
    expected = [(0.5 * step, 72 + step if step > 2 else 60 + step) for step in range(8)]
    assert stage.struck() == expected
    assert not stage.sounding()


def test_a_note_that_is_deleted_while_it_sounds_ends_at_once() -> None:
    stage = Stage(melody(Note(0, 60, 4800), Note(0, 67, 4800)))
    stage.play()
    stage.wait(0.5)
    stage.playback.set_song(melody(Note(0, 67, 4800)))
    assert stage.sounding() == Counter({(0, 67): 1})


def test_a_note_that_is_lengthened_while_it_sounds_is_not_struck_again() -> None:
    stage = Stage(melody(Note(0, 60, 960)))
    stage.play()
    stage.wait(0.5)
    stage.playback.set_song(melody(Note(0, 60, 1920)))
    stage.wait(3)
    assert stage.struck() == [(0.0, 60)]
    ends = [t - stage.started_at for t, m in stage.synth.sounded if m[0] == NOTE_OFF]
    assert ends == [pytest.approx(2.0)]


def test_a_note_that_was_struck_again_just_before_an_edit_goes_on() -> None:
    stage = Stage(melody(Note(0, 60, 480), Note(480, 60, 480)))
    stage.play()
    stage.wait(0.5 + START_DELAY_SECONDS + 0.002)
    stage.playback.set_song(melody(Note(0, 60, 480), Note(480, 60, 480), Note(960, 72, 480)))
    assert stage.sounding() == Counter({(0, 60): 1})
    stage.wait(0.3)
    assert stage.sounding() == Counter({(0, 60): 1})


def test_an_edit_of_the_tempo_keeps_the_place() -> None:
    stage = Stage(SCALE)
    stage.play()
    stage.wait(1.0 + START_DELAY_SECONDS)
    stage.playback.set_song(replace(SCALE, tempo_changes=(TempoChange(0, 1_000_000),)))
    assert stage.playback.heard_tick(stage.now) == pytest.approx(960)
    stage.wait(2.1)
    assert stage.struck() == [(0.0, 60), (0.5, 61), (1.0, 62), (2.0, 63), (3.0, 64)]


def test_an_edit_of_the_tempo_does_not_move_the_place_that_is_heard_later_than_it_is_queued() -> None:
    stage = Stage(melody(Note(0, 60, 480 * 400)))
    stage.synth.latency_seconds = 0.2
    stage.play(4800)
    stage.wait(1 + START_DELAY_SECONDS)
    slower = replace(stage.playback._song, tempo_changes=(TempoChange(0, 1_000_000),))
    ticks = [stage.playback.heard_tick(stage.now)]
    stage.playback.set_song(slower)
    for _ in range(4):
        ticks.append(stage.playback.heard_tick(stage.now))
        stage.wait(0.1)
    assert [tick - 4800 for tick in ticks] == pytest.approx([768, 768, 864, 960, 1008])


def test_a_key_at_the_end_of_a_loop_stays_there_however_late_it_is_asked_for() -> None:
    for loop_ticks in range(965, 1100, 9):
        stage = Stage(melody(Note(0, 60, 48000)))
        stage.playback.set_loop(0, loop_ticks)
        stage.play()
        for round_ in range(1, 4):
            end = stage.started_at + round_ * loop_ticks / 960
            stage.wait(end + 0.1 - stage.now)
            assert stage.playback.played_tick(end - 0.1) == pytest.approx(loop_ticks - 96)


def test_a_new_program_is_heard_while_playing() -> None:
    stage = Stage(SCALE)
    stage.play()
    stage.wait(0.2)
    stage.playback.set_song(melody(*SCALE.tracks[0].notes, program=30))
    assert stage.messages()[-1] == (0xC0, 30, 0)


def test_mute_and_solo_act_at_once() -> None:
    stage = Stage(melody(Note(0, 60, 4800)))
    stage.play()
    stage.wait(0.5)
    stage.playback.set_song(melody(Note(0, 60, 4800), muted=True))
    assert not stage.sounding()


def test_a_song_whose_last_tracks_are_silenced_goes_on_to_its_end() -> None:
    bass = Track("Bass", Notes.of([Note(0, 40, 480)]), 1)
    muted, soloed = replace(SCALE.tracks[0], muted=True), replace(bass, soloed=True)
    for tracks in ((muted, bass), (SCALE.tracks[0], soloed)):
        stage = Stage(Song((SCALE.tracks[0], bass)))
        stage.play()
        stage.wait(1.2)
        stage.playback.set_song(Song(tracks))
        stage.wait(1.2)
        assert (stage.endings, stage.playback.heard_tick(stage.now)) == (0, pytest.approx(2285, abs=1))
        stage.wait(2)
        assert stage.endings == 1


def test_a_take_sounds_in_place_of_its_span_and_goes_without_a_trace() -> None:
    stage = Stage(SCALE)
    stage.play()
    stage.wait(0.2)
    take = Notes.of([Note(960, 80, 480), Note(1440, 81, 480)])
    stage.playback.set_audition(Audition(take, 0, 960, 1920))
    stage.wait(1.1)
    stage.playback.set_audition(None)
    stage.wait(4)
    assert [pitch for _, pitch in stage.struck()] == [60, 61, 80, 63, 64, 65, 66, 67]
    assert not stage.sounding()


def test_a_take_without_a_track_sounds_beside_the_song_although_others_are_soloed() -> None:
    stage = Stage(melody(Note(0, 60, 480), soloed=True))
    stage.playback.set_audition(Audition(Notes.of([Note(0, 72, 480)]), channel=3, program=11))
    stage.play()
    stage.wait(2)
    assert stage.struck() == [(0.0, 60), (0.0, 72)]
    assert (0xC3, 11, 0) in stage.messages()


def test_the_metronome_clicks_on_the_beats_of_the_meter() -> None:
    stage = Stage(replace(melody(Note(0, 60, 480 * 6)), meter_changes=(MeterChange(0, 3, 4),)))
    stage.playback.set_metronome(enabled=True)
    stage.play()
    stage.wait(2.9)
    clicks = [row for row in stage.struck() if row[1] in (76, 77)]
    assert clicks == [(0.0, 76), (0.5, 77), (1.0, 77), (1.5, 76), (2.0, 77), (2.5, 77)]
    stage.playback.set_metronome(enabled=False)
    stage.wait(3)
    assert not stage.sounding()


def test_recording_runs_past_the_end() -> None:
    stage = Stage(melody(Note(0, 60, 480)))
    stage.play(runs_past_end=True)
    stage.wait(10)
    assert stage.playback.is_playing
    assert stage.endings == 0


def test_who_begins_to_record_while_it_plays_hears_no_note_struck_again_and_no_end() -> None:
    stage = Stage(melody(Note(0, 60, 480), Note(480, 64, 480)))
    stage.play()
    stage.wait(0.7)
    count = len(stage.synth.sounded)
    stage.playback.run_past_end()
    assert len(stage.synth.sounded) == count
    stage.wait(3)
    assert stage.struck() == [(0.0, 60), (0.5, 64)]
    assert stage.endings == 0


def test_who_plays_from_behind_the_end_and_then_goes_back_hears_the_song_end() -> None:
    stage = Stage(SCALE)
    stage.play(9000)
    stage.wait(1)
    assert stage.endings == 0
    stage.playback.seek(480 * 7)
    stage.wait(1)
    assert stage.endings == 1


def test_playing_goes_on_in_another_synth_when_the_first_is_lost() -> None:
    stage = Stage(SCALE)
    stage.play()
    stage.wait(1.0 + START_DELAY_SECONDS)
    other = SilentSynth(lambda: stage.now, is_recording=True)
    stage.playback.change_synth(other)
    stage.wait(1.0)
    assert [m[1] for _, m in other.sounded if m[0] & 0xF0 == NOTE_ON] == [62, 63]


def test_a_frozen_feeder_misses_nothing_within_its_lookahead() -> None:
    stage = Stage(SCALE)
    stage.play()
    stage.wait(0.1)
    stage.now += LOOKAHEAD_SECONDS * 0.9
    stage.wait(4)
    assert stage.struck() == [(0.5 * step, 60 + step) for step in range(8)]


@given(st.floats(0, 1e6), st.floats(0, 3000), st.booleans())
def test_no_rounding_of_a_clock_stops_the_clockwork(now: float, from_tick: float, is_looping: bool) -> None:
    stage = Stage(SCALE, now)
    if is_looping:
        stage.playback.set_loop(0, 700)
    stage.play(from_tick, runs_past_end=True)
    stage.wait(0.5)
    assert stage.playback.is_playing


ACTIONS = st.lists(
    st.tuples(
        st.sampled_from(
            ["play", "count", "stop", "seek", "loop", "unloop", "edit", "mute", "audition", "click", "panic", "lose"]
        ),
        st.integers(0, 1 << 16),
        st.floats(0.001, 1.3),
    ),
    max_size=25,
)


def random_song(seed: int) -> Song:
    chance = random.Random(seed)
    notes = [
        Note(chance.randrange(0, 3000, 40), chance.randrange(60, 66), chance.choice([40, 480, 2000])) for _ in range(30)
    ]
    drums = Track(notes=Notes.of(notes[20:]), channel=9, muted=chance.random() < 0.2)
    return Song((Track(notes=Notes.of(notes[:20]), program=chance.randrange(128)), drums))


@given(ACTIONS)
def test_whatever_the_user_does_no_note_stays(actions: list[tuple[str, int, float]]) -> None:
    stage = Stage(random_song(0))
    for action, number, seconds in actions:
        act(stage, action, number)
        stage.wait(seconds)
        stage.sounding()
    stage.playback.stop()
    assert not stage.sounding()


def act(stage: Stage, action: str, number: int) -> None:
    playback = stage.playback
    start = number % 2500
    if action == "play":
        playback.play(start)
    elif action == "count":
        playback.play(start, count_in_bars=1 + number % 2)
    elif action == "seek":
        playback.seek(start)
    elif action == "loop":
        playback.set_loop(start, start + 1 + number % 700)
    elif action == "unloop":
        playback.set_loop(0, 0)
    elif action in ("edit", "mute"):
        playback.set_song(random_song(number))
    elif action == "audition":
        playback.set_audition(Audition(random_song(number).tracks[0].notes, number % 3, start, start + 900))
    elif action == "click":
        playback.set_metronome(enabled=bool(number % 2))
    elif action == "panic":
        playback.panic()
    elif action == "lose":
        playback.stop()
        playback.change_synth(stage.synth)
    else:
        playback.stop()


def test_each_kind_of_what_is_queued_can_be_forgotten_alone() -> None:
    assert len({SONG_SOURCE, CLICK_SOURCE, COUNT_IN_SOURCE, CLOCK_SOURCE}) == 4


WOOD_BLOCKS = (76, 77)


def clicks(stage: Stage) -> list[tuple[float, int]]:
    """Seconds from the first click on, and pitch."""
    on = [(t, m[1]) for t, m in stage.synth.sounded if m[0] == NOTE_ON | 9 and m[1] in WOOD_BLOCKS]
    return [(round(t - on[0][0], 4), pitch) for t, pitch in on]


def test_a_bar_is_counted_in_while_the_song_waits() -> None:
    stage = Stage(SCALE)
    stage.playback.play(1920, count_in_bars=1)
    stage.wait(1.0)
    assert stage.playback.heard_tick(stage.now) == 1920
    assert stage.playback.waiting_ticks(stage.now) == pytest.approx(960 * (1 + START_DELAY_SECONDS))
    assert stage.playback.played_tick(stage.now) == pytest.approx(1920 - 960 * (1 + START_DELAY_SECONDS))
    stage.wait(2.0)
    assert clicks(stage) == [(0.0, 76), (0.5, 77), (1.0, 77), (1.5, 77)]
    assert stage.struck()[-2:] == [(2.0, 64), (2.5, 65)]
    assert stage.playback.heard_tick(stage.now) == pytest.approx(1920 + 960 * (1 - START_DELAY_SECONDS))


def test_a_count_in_before_the_middle_of_a_bar_accents_its_bar_line() -> None:
    stage = Stage(replace(SCALE, meter_changes=(MeterChange(0, 3, 4),)))
    stage.playback.play(480, count_in_bars=2)
    stage.wait(3.2)
    assert [pitch for _, pitch in clicks(stage)] == [77, 77, 76, 77, 77, 76]
    assert stage.struck()[-1] == (3.0, 61)


def test_an_edit_or_another_loop_during_the_count_in_keeps_the_moment_at_which_the_song_begins() -> None:
    stage = Stage(SCALE)
    stage.playback.play(0, count_in_bars=1)
    stage.wait(0.7)
    stage.playback.set_song(melody(Note(0, 72, 480), Note(480, 74, 480)))
    stage.wait(0.2)
    stage.playback.set_metronome(enabled=True)
    stage.wait(1.4)
    assert [time for time in stage.struck() if time[1] >= 70 and time[1] not in WOOD_BLOCKS] == [(2.0, 72)]
    assert clicks(stage) == [(0.0, 76), (0.5, 77), (1.0, 77), (1.5, 77), (2.0, 76)]


def test_a_count_in_goes_on_after_a_seek_and_in_another_synth() -> None:
    stage = Stage(SCALE)
    stage.playback.play(0, count_in_bars=1)
    stage.wait(0.7)
    stage.playback.seek(1920)
    stage.wait(0.5)
    assert stage.playback.waiting_ticks(stage.now) == pytest.approx(960 * (0.8 + START_DELAY_SECONDS))
    first, stage.synth = stage.synth, SilentSynth(lambda: stage.now, is_recording=True)
    stage.playback.change_synth(stage.synth)
    stage.wait(1.0)
    stage.synth.sounded = first.sounded + stage.synth.sounded
    assert clicks(stage) == [(0.0, 76), (0.5, 77), (1.0, 77), (1.5, 77)]
    assert stage.struck()[-1] == (2.0, 64)
    assert not stage.sounding() - Counter({(0, 64): 1})


def test_stopping_the_count_in_leaves_no_click_and_no_note() -> None:
    stage = Stage(SCALE)
    stage.playback.play(960, count_in_bars=2)
    stage.wait(0.6)
    stage.playback.stop()
    count = len(stage.synth.sounded)
    stage.wait(8)
    assert len(stage.synth.sounded) == count
    assert not stage.sounding()
    assert stage.playback.heard_tick(stage.now) == 960
