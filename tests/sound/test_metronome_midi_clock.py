"""MIDI clock: whoever counts the pulses is always where the song is."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import pytest

from musicassist.score.midi_bytes import is_clock
from musicassist.score.song import Note, Notes, Song, Track
from musicassist.score.timing import TempoChange
from musicassist.sound.metronome import CONTINUE, LEAD_SECONDS, PULSE, SONG_POSITION, START, STOP
from musicassist.sound.playback import START_DELAY_SECONDS, Playback
from musicassist.sound.synth import SilentSynth

FEED_SECONDS = 0.02
SONG = Song((Track(notes=Notes.of(Note(480 * step, 60 + step, 480) for step in range(16))),))  # two beats a second


class Follower:
    """A drum machine that hears the clock of a playback, and counts where it believes the song to be."""

    def __init__(self, song: Song = SONG, *, takes_clock: bool = True) -> None:
        self.now = 100.0
        self.synth = SilentSynth(lambda: self.now, is_recording=True, takes_clock=takes_clock)
        self.playback = Playback(self.synth)
        self.playback.set_song(song)

    def wait(self, seconds: float) -> None:
        end = self.now + seconds
        while self.now < end - 1e-9:
            self.now = min(end, self.now + FEED_SECONDS)
            self.playback.feed()
        self.synth.now_seconds()

    def clock(self) -> list[tuple[float, int]]:
        """Seconds since playing began, and status, of each message of the clock."""
        begun = 100.0 + START_DELAY_SECONDS
        return [(round(t - begun, 4), m[0]) for t, m in self.synth.sounded if is_clock(m)]

    def kinds(self) -> list[int]:
        """What was sent besides pulses."""
        return [status for _, status in self.clock() if status != PULSE]

    def pulse(self) -> int | None:
        """The pulse at which it believes the song to be; None while it stands."""
        pulse, pointed, is_running = -1, 0, False
        for status, data1, data2 in (message for _, message in self.synth.sounded):
            if status == SONG_POSITION:
                pointed = 6 * (data1 | data2 << 7)
            elif status in (START, CONTINUE):
                pulse, is_running = (0 if status == START else pointed) - 1, True
            elif status == STOP:
                is_running = False
            elif status == PULSE and is_running:
                pulse += 1
        return pulse if is_running else None

    def song_pulse(self) -> int:
        """The pulse at which the song is."""
        return int(self.playback.heard_tick(self.now) * 24 / 480 + 1e-4)


def test_no_tempo_makes_more_pulses_than_a_cable_carries() -> None:
    follower = Follower(replace(SONG, tempo_changes=(TempoChange(0, 1),)))  # a million beats in a second
    follower.playback.play(0, runs_past_end=True)
    follower.wait(0.1)
    assert 0 < len(follower.clock()) < 150


def test_a_song_from_its_start_sends_start_and_24_pulses_a_beat() -> None:
    follower = Follower()
    follower.playback.play(0)
    follower.wait(1.5 + START_DELAY_SECONDS)
    assert follower.kinds() == [START]
    pulses = [seconds for seconds, status in follower.clock() if status == PULSE]
    assert pulses[:3] == [0.0, 0.0208, 0.0417]
    assert pulses[24:49:24] == [0.5, 1.0]
    assert follower.clock()[0][0] < 0  # Start comes before the first pulse


def test_a_pulse_comes_before_the_note_of_its_moment() -> None:
    follower = Follower()
    follower.playback.play(0)
    follower.wait(1.7)
    messages = [message for _, message in follower.synth.sounded]
    for pitch in range(60, 64):
        row = messages.index((0x90, pitch, 88))
        before = [message[0] for message in messages[:row] if message[0] in (PULSE, 0x90)]
        assert before[-1] == PULSE


def test_the_pulses_follow_the_tempo_map() -> None:
    follower = Follower(replace(SONG, tempo_changes=(TempoChange(480, 1_000_000),)))
    follower.playback.play(0)
    follower.wait(2.6)
    pulses = [seconds for seconds, status in follower.clock() if status == PULSE]
    assert (pulses[24], pulses[48], pulses[72]) == (0.5, 1.5, 2.5)


def test_followers_wait_through_a_count_in() -> None:
    follower = Follower()
    follower.playback.play(0, count_in_bars=1)
    follower.wait(3.0)
    assert follower.clock()[0] == (2.0 - LEAD_SECONDS, START)
    assert follower.pulse() == follower.song_pulse()


def test_a_song_from_its_middle_is_continued_at_the_next_sixteenth() -> None:
    follower = Follower()
    follower.playback.play(1000)
    follower.wait(0.5)
    assert follower.kinds() == [SONG_POSITION, CONTINUE]
    assert follower.pulse() == follower.song_pulse()


def test_stop_stops_the_follower_once() -> None:
    follower = Follower()
    follower.playback.play(0)
    follower.wait(0.7)
    follower.playback.stop()
    follower.playback.stop()
    count = len(follower.clock())
    follower.wait(5)
    assert follower.kinds() == [START, STOP]
    assert len(follower.clock()) == count


def test_the_end_of_the_song_stops_the_follower() -> None:
    follower = Follower()
    follower.playback.play(480 * 14)
    follower.wait(3)
    assert follower.kinds() == [SONG_POSITION, CONTINUE, STOP]


def test_a_seek_points_to_the_new_place_and_plays_on_there() -> None:
    follower = Follower()
    follower.playback.seek(960)
    assert follower.kinds() == [SONG_POSITION]
    follower.playback.play(960)
    follower.wait(0.6)
    follower.playback.seek(480 * 7 + 30)
    follower.wait(0.6)
    assert follower.kinds() == [SONG_POSITION, SONG_POSITION, CONTINUE, STOP, SONG_POSITION, CONTINUE]
    assert follower.pulse() == follower.song_pulse()


@pytest.mark.parametrize("loop", [(480, 1440), (490, 1333), (0, 955)])
def test_a_loop_takes_the_follower_with_it_each_time(loop: tuple[int, int]) -> None:
    follower = Follower()
    follower.playback.set_loop(*loop)
    follower.playback.play(loop[0])
    compared = 0
    for _ in range(60):
        follower.wait(0.1307)
        tick = follower.playback.heard_tick(follower.now)
        if loop[0] + 120 < tick < loop[1] - 10:  # not on the way round the corner
            assert follower.pulse() == follower.song_pulse()
            compared += 1
    assert compared > 30


def test_edits_while_playing_lose_and_double_no_pulse() -> None:
    follower = Follower()
    follower.playback.set_loop(480, 1440)
    follower.playback.play(480)
    for step in range(30):
        follower.wait(0.0773)
        follower.playback.set_song(SONG.with_track(0, replace(SONG.tracks[0], program=step)))
    pulses = [seconds for seconds, status in follower.clock() if status == PULSE]
    steps = [later - earlier for earlier, later in pairwise(pulses)]
    assert steps == [pytest.approx(0.5 / 24, abs=2e-4)] * len(steps)
    assert follower.pulse() == follower.song_pulse()


def test_a_new_tempo_and_a_new_loop_put_the_follower_to_its_place_anew() -> None:
    follower = Follower()
    follower.playback.play(0)
    follower.wait(0.7)
    follower.playback.set_song(replace(SONG, tempo_changes=(TempoChange(0, 400_000),)))
    follower.wait(0.5)
    assert follower.pulse() == follower.song_pulse()
    follower.playback.set_loop(480, 1920)
    follower.wait(0.7)
    assert follower.pulse() == follower.song_pulse()


def test_a_synth_that_follows_no_clock_gets_none() -> None:
    follower = Follower(takes_clock=False)
    follower.playback.seek(10)
    follower.playback.play(0)
    follower.wait(0.5)
    follower.playback.stop()
    assert follower.clock() == []
