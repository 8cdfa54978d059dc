"""What was recorded in a round of a loop is heard in the next ones: over a real playback, on the test's own clock."""

from __future__ import annotations

import pytest

from builders import phrase
from musicassist.document.document import Document
from musicassist.score.midi_bytes import NOTE_OFF, NOTE_ON
from musicassist.score.song import Song, Track
from musicassist.session.recording import RecordingWay
from musicassist.session.session import Session
from musicassist.sound.messages import MidiReceived
from musicassist.sound.playback import START_DELAY_SECONDS, Playback
from musicassist.sound.synth import SilentSynth
from quiet_sound import QuietSound

BAR, ROUND_SECONDS, FRAME_SECONDS = 1920, 2.0, 0.016
C, E = 72, 76


class PlayedSound(QuietSound):
    """A sound client with a playback in it."""

    def __init__(self) -> None:
        super().__init__()
        self.now_seconds = 0.0
        self.synth = SilentSynth(lambda: self.now_seconds, is_recording=True)
        self.playback = Playback(self.synth)

    def set_song(self, song: Song) -> None:
        super().set_song(song)
        self.playback.set_song(song)

    def set_loop(self, start_tick: int, end_tick: int) -> None:
        self.playback.set_loop(start_tick, end_tick)

    def play(self, from_tick: float, *, runs_past_end: bool = False, count_in_bars: int = 0) -> None:
        super().play(from_tick)
        self.playback.play(from_tick, runs_past_end=runs_past_end)

    def position_tick(self) -> float:
        return self.playback.heard_tick(self.now_seconds)


class Booth:
    """A bar of quarter notes is repeated and recorded over, at 120 beats a minute."""

    def __init__(self, *, is_replacing: bool = False) -> None:
        self.sound = PlayedSound()
        self.document = Document(Song((Track("Melody", phrase(60, 62, 64, 65, step_ticks=480)),)))
        self.session = Session(self.document, self.sound, None)  # type: ignore[arg-type]
        self.session.transport.set_loop(0, BAR)
        self.session.input.set_way(RecordingWay(is_replacing=is_replacing))
        self.session.input.start_recording()
        self.sound.now_seconds += START_DELAY_SECONDS - FRAME_SECONDS / 4

    def play_round(self, *keys: tuple[int, float]) -> tuple[list[tuple[int, float]], int]:
        """Keys are struck at beats, each for half of one; what sounded by itself, and how often a song was sent."""
        moves = [(beat + late, kind, key) for key, beat in keys for late, kind in ((0, NOTE_ON), (0.5, NOTE_OFF))]
        strikes, songs = len(self._strikes()), len(self.sound.songs)
        for frame in range(round(ROUND_SECONDS / FRAME_SECONDS)):
            self.sound.now_seconds += FRAME_SECONDS / 2
            tick = self.sound.position_tick()
            due = [(kind, key) for beat, kind, key in moves if frame <= beat / 2 / FRAME_SECONDS < frame + 1]
            for kind, key in due:
                self.session.receive(MidiReceived((self.sound.now_seconds,), (tick,), (bytes((kind, key, 80)),)))
            self.sound.now_seconds += FRAME_SECONDS / 2
            self.sound.playback.feed()
            self.session.poll_sound()
        return sorted(self._strikes()[strikes:]), len(self.sound.songs) - songs

    def _strikes(self) -> list[tuple[int, float]]:
        """Pitch and beat in its round of everything that was struck, to the nearest quarter of a beat."""
        on = ((seconds - START_DELAY_SECONDS, data) for seconds, data in self.sound.synth.sounded)
        return [(data[1], round(8 * s) % 16 / 4) for s, data in on if data[0] & 0xF0 == NOTE_ON]


SONG = [(60, 0), (62, 1), (64, 2), (65, 3)]


@pytest.fixture
def booth() -> Booth:
    return Booth()


def test_a_round_is_heard_in_the_next_ones_from_its_first_note_to_its_last_and_not_in_itself(booth: Booth) -> None:
    assert booth.play_round((C, 0), (C, 3.25))[0] == SONG
    assert booth.play_round((E, 0))[0] == [*SONG, (C, 0), (C, 3.25)]
    assert booth.play_round()[0] == [*SONG, (C, 0), (C, 3.25), (E, 0)]


def test_a_round_that_replaces_is_heard_instead_of_what_stood_there() -> None:
    booth = Booth(is_replacing=True)
    assert booth.play_round((C, 0), (C, 3))[0] == SONG
    assert booth.play_round((E, 2))[0] == [(C, 0), (C, 3)]
    assert booth.play_round()[0] == [(E, 2)]
    assert booth.play_round()[0] == [(E, 2)]


def test_the_song_is_sent_only_before_and_after_the_end_of_a_round_with_something_new(booth: Booth) -> None:
    assert [booth.play_round(*keys)[1] for keys in ((), ((C, 0),), (), (), ())] == [0, 1, 2, 1, 0]
    booth.session.input.stop_recording()
    assert booth.sound.song is booth.document.song


def test_other_edits_and_what_sounds_beside_the_song_are_heard_with_the_rounds(booth: Booth) -> None:
    booth.play_round((C, 1))
    booth.play_round()
    booth.session.sound_beside(Track("Chords", phrase(48, from_tick=480), 1))
    booth.session.tracks.remove(0)
    assert booth.play_round()[0] == [(48, 1), (C, 1)]
