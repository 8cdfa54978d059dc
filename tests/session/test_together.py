"""Continue and listen: what sounds is always made before, and stopping keeps what was heard."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders import phrase
from ensemble_desk import EnsembleDesk, take_of
from musicassist.score.song import Note, Notes, Song, Track
from musicassist.score.timing import TimeMap, tempo_change
from musicassist.session.recording import RecordingWay
from musicassist.session.together import KEPT, PlayAhead, is_enough, known_bar_line, vamp
from musicassist.sound.messages import MidiReceived

BAR = 1920
QUARTERS = phrase(*range(70, 86), step_ticks=480, from_tick=BAR)  # the take, four bars from the second on


class AheadDesk(EnsembleDesk):
    """A session in which somebody has pressed."""

    def __init__(self, *, at_tick: float = 0, is_playing: bool = False, song: Song | None = None) -> None:
        super().__init__(song)
        self.sound.position, self.sound.is_playing = at_tick, is_playing
        self.ahead = PlayAhead(self.session, self.now_seconds)
        self.ahead.toggle()

    def composes(self, *rows: int, after_seconds: float = 0.01) -> None:
        """Notes arrive, one after the other."""
        for row in rows:
            self.seconds += after_seconds
            self.session.takes.on_note(self.generator.asked[-1], 1, QUARTERS[row])

    def completes(self) -> None:
        request = self.generator.asked[-1]
        self.session.takes.on_takes(request, (take_of(request, QUARTERS, (BAR, 5 * BAR)),))

    def plays_to(self, *ticks: float) -> None:
        for tick in ticks:
            self.sound.position = tick
            self.ahead.on_frame()


def test_one_take_is_asked_for_and_nothing_sounds_before_its_first_bar_is_there() -> None:
    desk = AheadDesk(at_tick=BAR)
    assert desk.generator.asked[-1].takes == 1
    desk.composes(0, 1, 2, 3)
    assert not desk.sound.is_playing and desk.sound.heard is None
    desk.composes(4)  # the next bar has begun, so the first is known
    assert desk.sound.is_playing and desk.sound.position == BAR
    assert desk.sound.heard is not None and len(desk.sound.heard) == 5


def test_only_another_round_counts_as_a_late_bar_not_a_rounded_tick() -> None:
    desk = AheadDesk(at_tick=BAR)
    desk.composes(0, 1, 2, 3, 4)
    desk.plays_to(BAR - 1e-9, BAR + 100)
    assert desk.ahead.late_bars == 0
    desk.plays_to(2 * BAR - 10, 10)
    assert desk.ahead.late_bars == 1


def test_the_engine_itself_goes_round_before_a_bar_that_is_not_made() -> None:
    desk = AheadDesk(at_tick=BAR)
    assert not desk.generator.asked[-1].is_chosen_from  # each note is wanted as it is made
    desk.composes(0, 1, 2, 3, 4)
    assert desk.sound.loop == (0, 2 * BAR)
    desk.composes(5, 6, 7, 8)
    assert desk.sound.loop == (0, 3 * BAR)
    desk.completes()
    assert desk.sound.loop == (0, 5 * BAR)
    assert desk.sound.heard == QUARTERS


def test_stopped_elsewhere_one_listens_from_the_last_bar_of_the_phrase() -> None:
    desk = AheadDesk(at_tick=4 * BAR)
    desk.composes(0, 1, 2, 3, 4)
    assert desk.sound.position == 0


def test_stopped_in_the_last_bar_one_listens_from_there() -> None:
    desk = AheadDesk(at_tick=960)
    desk.composes(0, 1, 2, 3, 4)
    assert desk.sound.position == 960


def test_a_song_that_plays_goes_on_into_the_take() -> None:
    song = Song(tracks=(Track("Melody", phrase(*[60, 62, 64, 65] * 2, step_ticks=480)),))
    desk = AheadDesk(at_tick=700, is_playing=True, song=song)
    assert desk.sound.loop == (BAR, 2 * BAR)  # if nothing is made in time, the last bar is played again
    for row in range(5):
        note = QUARTERS[row]
        later = Note(note.start_tick + BAR, note.pitch, note.duration_ticks)
        desk.session.takes.on_note(desk.generator.asked[-1], 1, later)
    assert desk.sound.position == 700 and desk.sound.is_playing
    assert desk.sound.told("play") == []  # to start it again in its place would be heard
    assert desk.sound.loop == (BAR, 3 * BAR)


def test_composing_that_is_slower_than_playing_delays_the_start_until_it_cannot_be_overtaken() -> None:
    desk = AheadDesk(at_tick=BAR)  # a quarter note sounds for half a second
    desk.composes(0, 1, 2, 3, 4, after_seconds=0.6)
    assert not desk.sound.is_playing
    desk.composes(5, 6, 7, 8, after_seconds=0.6)
    assert not desk.sound.is_playing
    desk.composes(9, 10, 11, 12, after_seconds=0.6)
    assert desk.sound.is_playing
    assert desk.sound.position == BAR


def test_stopping_keeps_what_was_heard_as_one_step() -> None:
    desk = AheadDesk(at_tick=BAR)
    desk.composes(*range(12))
    desk.plays_to(BAR, BAR + 500, 2 * BAR + 490)
    before = desk.document.song
    desk.session.transport.stop()
    assert [note.pitch for note in desk.notes] == [60, 62, 64, 65, 70, 71, 72, 73, 74, 75]
    assert desk.session.takes.phase == "idle" and not desk.ahead.is_live
    assert desk.sound.loop is None and desk.sound.heard is None
    assert desk.said == [KEPT]
    assert desk.session.document.undo_name == "Continue phrase"
    desk.session.document.undo()
    assert desk.document.song == before


@pytest.mark.parametrize("is_replacing", [False, True])
def test_what_is_recorded_along_and_what_was_heard_both_stay(is_replacing: bool) -> None:
    desk = AheadDesk(at_tick=BAR)
    desk.session.input.set_way(RecordingWay(is_replacing=is_replacing))
    desk.composes(*range(12))
    desk.session.input.start_recording()
    for tick, data in ((BAR + 100, b"\x90\x30\x50"), (BAR + 400, b"\x80\x30\x00")):
        desk.session.receive(MidiReceived((0.0,), (tick,), (data,)))
    desk.plays_to(2 * BAR - 10)
    desk.session.transport.stop()
    assert [note.pitch for note in desk.notes] == [60, 62, 64, 65, 70, 48, 71, 72, 73]
    assert desk.session.document.undo_name == "Record notes"
    assert KEPT in desk.said


def test_what_was_heard_once_is_kept_wherever_the_loop_is_stopped() -> None:
    desk = AheadDesk(at_tick=BAR)
    desk.composes(*range(9))
    desk.completes()
    desk.plays_to(BAR, 5 * BAR - 1, 100)
    desk.session.transport.stop()
    assert len(desk.notes) == 4 + 16
    assert desk.ahead.late_bars == 0


def test_the_same_key_stops_again() -> None:
    desk = AheadDesk(at_tick=BAR)
    desk.composes(*range(12))
    desk.plays_to(BAR + 10)
    desk.ahead.toggle()
    assert not desk.sound.is_playing
    assert len(desk.notes) == 5


def test_letting_it_go_keeps_nothing_and_gives_the_loop_back() -> None:
    desk = AheadDesk(at_tick=BAR)
    desk.session.transport.set_loop(0, BAR)
    desk.composes(*range(12))
    desk.plays_to(2 * BAR)
    desk.session.takes.dismiss()
    assert len(desk.notes) == 4
    assert desk.sound.loop == (0, BAR) and desk.sound.heard is None
    desk.session.transport.stop()
    assert len(desk.notes) == 4


def test_takes_that_were_asked_for_in_the_other_way_are_not_kept_by_stopping() -> None:
    desk = AheadDesk(at_tick=BAR)
    desk.session.takes.dismiss()
    desk.session.takes.ask()
    assert desk.generator.asked[-1].takes == 4
    desk.completes()
    desk.session.transport.play()
    desk.session.transport.stop()
    assert desk.session.takes.phase == "offered"


@pytest.mark.parametrize("is_replacing", [False, True])
def test_a_recording_that_ends_before_the_take_is_heard_with_it_and_both_stay(is_replacing: bool) -> None:
    desk = AheadDesk(at_tick=BAR)
    desk.session.input.set_way(RecordingWay(is_replacing=is_replacing))
    desk.composes(*range(12))
    desk.session.input.start_recording()
    desk.plays_to(BAR + 100)
    for tick, data in ((BAR + 100, b"\x90\x30\x50"), (BAR + 400, b"\x80\x30\x00")):
        desk.session.receive(MidiReceived((0.0,), (tick,), (data,)))
    desk.plays_to(BAR + 900)
    desk.session.input.toggle_recording()
    assert desk.ahead.is_live and desk.sound.heard is not None
    assert [note.pitch for note in desk.sound.heard][:3] == [70, 48, 71]
    desk.plays_to(2 * BAR - 10)
    desk.session.transport.stop()
    assert [note.pitch for note in desk.notes] == [60, 62, 64, 65, 70, 48, 71, 72, 73]
    assert desk.said[-1] == KEPT


def test_a_take_that_is_heard_goes_with_its_track() -> None:
    desk = AheadDesk(at_tick=BAR)
    desk.composes(*range(12))
    desk.session.tracks.add("Kit")
    desk.session.tracks.move(0, 1)
    assert desk.sound.heard_place == (1, BAR, 5 * BAR)
    desk.plays_to(BAR + 500)
    desk.session.transport.stop()
    assert [len(track.notes) for track in desk.document.song.tracks] == [0, 6]


def test_notes_written_meanwhile_into_the_place_of_the_take_are_not_overwritten() -> None:
    desk = AheadDesk(at_tick=BAR)
    desk.composes(*range(12))
    desk.plays_to(2 * BAR)
    track = desk.document.track
    written = track.with_notes(track.notes.plus(phrase(50, from_tick=BAR)))
    desk.document.apply("Write", desk.document.song.with_track(0, written))
    desk.session.transport.stop()
    assert sorted(note.pitch for note in desk.notes) == [50, 60, 62, 64, 65, 70, 71, 72, 73]
    assert desk.session.takes.phase == "idle"
    assert desk.said == [KEPT]


# How far a take is known, and whether that is enough


def test_a_bar_is_known_when_a_note_of_the_next_one_is_there() -> None:
    bars = TimeMap()
    assert known_bar_line(bars, Notes.of(), (BAR, 5 * BAR)) == BAR
    assert known_bar_line(bars, phrase(60, from_tick=2 * BAR - 1), (BAR, 5 * BAR)) == BAR
    assert known_bar_line(bars, phrase(60, from_tick=2 * BAR), (BAR, 5 * BAR)) == 2 * BAR


def test_a_song_that_begins_with_the_take_has_no_bar_to_repeat() -> None:
    assert vamp(TimeMap(), 0) is None
    assert vamp(TimeMap(), BAR + 7) == (0, BAR)


@given(
    bars=st.integers(1, 16),
    known=st.integers(1, 16),
    spent_seconds=st.floats(0.001, 60),
    tempo_bpm=st.integers(40, 240),
    slower=st.floats(0.2, 1.5),
)
def test_whoever_begins_then_is_never_overtaken(
    bars: int, known: int, spent_seconds: float, tempo_bpm: int, slower: float
) -> None:
    known = min(known, bars)
    time_map = TimeMap(tempo_changes=(tempo_change(0, tempo_bpm),))
    if not is_enough(time_map, (0, bars * BAR), known * BAR, spent_seconds, 0):
        return
    bar_seconds = time_map.tick_to_seconds(BAR)
    for bar in range(known, bars):
        made_after_seconds = slower * spent_seconds / known * (bar + 1 - known)
        assert made_after_seconds <= bar * bar_seconds + 1e-6
