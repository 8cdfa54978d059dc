"""What a press of Continue goes on from, told from what the user did."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders import phrase
from musicassist.composing.span import Situation, Source, continuation_span, prompt_of
from musicassist.score.meant_times import MeantTimes
from musicassist.score.song import Mask, Note, Notes, Song, Track
from musicassist.score.timing import MeterChange, TimeMap
from musicassist.session.offers import ask_to_continue

BAR = 1920
# eight bars of quarter notes, and a bass that is twice as long
TUNE = phrase(*(60, 62, 64, 65) * 8, step_ticks=480)
SONG = Song(tracks=(Track("Tune", TUNE), Track("Bass", phrase(*[40] * 16, step_ticks=BAR))))


def rows(*chosen: int, count: int = len(TUNE)) -> Mask:
    return np.isin(np.arange(count), chosen)


def situation(
    *chosen: int, by_hand: bool = True, playhead: int | None = None, wish: Source | None = None, song: Song = SONG
) -> Situation:
    mask = rows(*chosen, count=len(song.tracks[0].notes))
    return Situation(song, 0, mask, is_selection_chosen=by_hand, playhead_tick=playhead, wish=wish)


@given(st.sets(st.integers(0, len(TUNE) - 1), min_size=1))
def test_what_an_edit_left_selected_is_no_wish(left: set[int]) -> None:
    asked = ask_to_continue(situation(*left, by_hand=False))
    assert (asked.source, asked.phrase, asked.at_tick) == ("end", None, None)


@given(st.sets(st.integers(0, len(TUNE) - 1), min_size=2))
def test_two_notes_or_more_that_are_selected_by_hand_are_the_phrase(chosen: set[int]) -> None:
    asked = ask_to_continue(situation(*chosen))
    assert asked.source == "selection"
    assert asked.phrase == TUNE.where(rows(*chosen))


@pytest.mark.parametrize("note", [Note(0, 60, 480), Note(0, 60, 4 * BAR)])
def test_a_single_note_is_a_place_not_a_phrase_however_long_it_is(note: Note) -> None:
    song = Song(tracks=(Track("", Notes.of([note, Note(4 * BAR, 62, 480)])),))
    assert situation(0, song=song).source == "end"


@pytest.mark.parametrize(("step_ticks", "source"), [(240, "end"), (300, "selection")])
def test_selected_notes_count_if_they_span_more_than_a_beat(step_ticks: int, source: Source) -> None:
    song = Song(tracks=(Track("", phrase(60, 62, 64, 65, 67, step_ticks=step_ticks)),))
    assert situation(1, 2, song=song).source == source


@given(st.integers(1, 16 * BAR - 1))
def test_a_playhead_that_was_put_inside_the_song_is_where_to_go_on(tick: int) -> None:
    asked = ask_to_continue(situation(playhead=tick))
    if asked.source == "end":  # before or at the first note, at the end of the song or of the track
        assert tick < 60 or abs(tick - 8 * BAR) <= 60 or tick >= 16 * BAR - 60
        return
    assert asked.source == "playhead" and asked.at_tick is not None
    assert abs(asked.at_tick - tick) <= 60  # the eighth of a beat


@pytest.mark.parametrize("tick", [None, 0, 20, 8 * BAR, 16 * BAR, 40 * BAR])
def test_before_the_first_note_and_behind_the_last_the_track_goes_on_at_its_end(tick: int | None) -> None:
    assert situation(playhead=tick).source == "end"


@pytest.mark.parametrize(("tick", "place"), [(4 * BAR + 3, 4 * BAR), (4 * BAR - 60, 4 * BAR), (4 * BAR + 240, 7920)])
def test_a_playhead_near_a_beat_was_put_on_it(tick: int, place: int) -> None:
    assert situation(playhead=tick).start_tick == place


def test_a_playhead_near_a_cut_bars_end_is_on_the_next_bar_line() -> None:
    song = Song((Track("", TUNE),), 480, (), (MeterChange(0, 4, 4), MeterChange(1000, 3, 4)))
    assert situation(playhead=990, song=song).start_tick == 1000


def test_what_is_selected_as_a_phrase_comes_before_the_playhead_and_what_is_said_before_both() -> None:
    assert situation(0, 1, 2, 3, playhead=4 * BAR).source == "selection"
    assert situation(0, 1, 2, 3, playhead=4 * BAR, wish="playhead").source == "playhead"
    assert situation(0, 1, 2, 3, playhead=4 * BAR, wish="end").source == "end"
    assert situation(5, by_hand=False, wish="selection").source == "selection"


def test_what_was_said_and_is_gone_no_longer_counts() -> None:
    assert situation(wish="selection").source == "end"
    assert situation(playhead=99 * BAR, wish="playhead").source == "end"
    assert situation(wish="selection").sources == ("end",)


def test_what_is_continued_and_what_it_replaces_is_known_before() -> None:
    whole = prompt_of(SONG, 0, "end", rows(), 4, None)
    assert (whole.seed_bars, whole.seed_count, whole.replaced_count) == ((1, 8), 32, 0)
    inside = prompt_of(SONG, 0, "playhead", rows(), 2, 4 * BAR)
    assert (inside.seed_bars, inside.take_bars, inside.replaced_count) == ((1, 4), (5, 6), 8)


@given(
    st.lists(st.integers(-20, 20), min_size=len(TUNE), max_size=len(TUNE)),
    st.sets(st.integers(0, len(TUNE) - 1), min_size=1),
    st.none() | st.integers(1, 8 * BAR),
)
def test_what_is_said_is_what_is_asked_for_played_or_drawn(
    early: list[int], chosen: set[int], at_tick: int | None
) -> None:
    start = np.maximum(0, TUNE.start_tick + np.array(early))
    song = Song(tracks=(Track("", Notes.from_columns(start, TUNE.pitch, TUNE.duration_ticks, TUNE.velocity)),))
    selection = rows(*chosen)
    if at_tick is not None and at_tick <= song.tracks[0].notes.start_tick[0]:
        return
    source: Source = "selection" if at_tick is None else "playhead"
    said = prompt_of(song, 0, source, selection, 4, at_tick)
    span = continuation_span(song, 0, selection if at_tick is None else None, 4, at_tick=at_tick)
    time_map = song.time_map
    assert said.take_bars == (time_map.bar_at(span.from_tick) + 1, time_map.bar_at(span.to_tick - 1) + 1)


@given(st.integers(1, 8 * BAR))
def test_at_the_playhead_only_what_starts_before_it_is_gone_on_from_and_it_is_not_held_over(tick: int) -> None:
    span = continuation_span(SONG, 0, bars=1, at_tick=tick)
    assert span.from_tick == tick
    assert span.to_tick % BAR == 0 and BAR <= span.to_tick - tick < 2 * BAR
    assert span.seed.start_tick.max() < tick
    assert span.seed.end_tick.max() <= tick


def test_a_playhead_on_the_bar_line_that_the_last_note_passes_a_little_is_at_the_end() -> None:
    notes = Notes.of([*(Note(480 * i, 60 + i % 5, 480) for i in range(15)), Note(15 * 480, 64, 490)])
    song = Song((Track(notes=notes), Track(notes=Notes.of([Note(0, 48, 8 * 1920)]))))
    situation = Situation(song, 0, np.zeros(16, dtype=np.bool_), playhead_tick=4 * 1920)
    assert situation.source == "end"


@pytest.mark.parametrize("tick", [BAR, 4 * BAR, 8 * BAR - 480, 8 * BAR])
def test_other_tracks_are_not_looked_at_to_tell_whether_the_playhead_is_inside(
    tick: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked_at: list[Notes] = []
    found = MeantTimes.of

    def find(notes: Notes, time_map: TimeMap) -> MeantTimes:
        looked_at.append(notes)
        return found(notes, time_map)

    monkeypatch.setattr(MeantTimes, "of", staticmethod(find))
    song = Song(tuple(Track(f"Part {number}", TUNE) for number in range(200)))
    assert situation(playhead=tick, song=song).source == ("end" if tick == 8 * BAR else "playhead")
    assert len(looked_at) <= 4


def test_a_playhead_behind_the_track_and_before_the_end_of_others_is_inside() -> None:
    song = Song((Track("Tune", TUNE), Track("Pad", Notes.of([Note(0, 48, 12 * BAR)]))))
    assert situation(playhead=10 * BAR, song=song).source == "playhead"
    assert situation(playhead=12 * BAR, song=song).source == "end"
