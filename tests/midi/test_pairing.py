"""Notes whose ends a file lost, or wrote once for many, end where a player would end them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders import control, off, on, track_body
from musicassist.midi import read_song_bytes, write_song
from musicassist.score.song import Note
from mutants import midi_file

Spans = list[tuple[int, int]]


def spans(*rows: tuple[int, bytes], end_tick: int = 0, pitch: int = 60) -> Spans:
    """Start and end of the notes of one key in a file of one track."""
    song = read_song_bytes(midi_file(track_body(*rows, end_tick=end_tick)), "story.mid").song
    assert read_song_bytes(write_song(song), "again.mid").song == song
    notes = song.tracks[0].notes
    return [(note.start_tick, note.end_tick) for note in notes if note.pitch == pitch]


def strokes(ons: list[int], offs: list[int], pitch: int = 60) -> list[tuple[int, bytes]]:
    """Starts and ends; of one tick the ends come first."""
    return [*((tick, off(pitch)) for tick in offs), *((tick, on(pitch)) for tick in ons)]


@pytest.mark.parametrize("second", [1, 2, 30, 99])
def test_a_slip_shifts_no_later_note(second: int) -> None:
    later = [(tick, tick + 240) for tick in (480, 960, 1440, 9600)]
    rows = strokes([0, second, *(s for s, _ in later)], [100, *(e for _, e in later)])
    assert spans(*rows) == [(0, second), (second, 100), *later]


@pytest.mark.parametrize("times", [2, 3, 12])
def test_a_key_plucked_many_times_and_ended_once_sounds_from_pluck_to_pluck(times: int) -> None:
    plucks = [480 * i for i in range(times)]
    rows = strokes([*plucks, 9600], [480 * times, 9700])
    assert spans(*rows) == [*((tick, tick + 480) for tick in plucks), (9600, 9700)]


def test_an_end_closes_all_that_is_open_of_a_key_that_does_not_balance() -> None:
    assert spans(*strokes([0, 100, 200], [300, 400])) == [(0, 100), (100, 200), (200, 300)]


def test_two_strokes_on_one_tick_are_one_stroke() -> None:
    rows = [*strokes([0, 0], [480]), *strokes([960], [1440])]
    assert spans(*rows) == [(0, 480), (0, 480), (960, 1440)]


def test_balanced_overlaps_stay_first_in_first_out_before_and_after_a_slip() -> None:
    rows = [*strokes([0, 10], [20, 40]), *strokes([100, 102], [200]), *strokes([300, 310], [320, 340])]
    assert spans(*rows) == [(0, 20), (10, 40), (100, 102), (102, 200), (300, 320), (310, 340)]


def test_repeated_notes_whose_next_start_is_written_before_the_end_stay_when_the_last_end_is_lost() -> None:
    rows = [(0, on(60)), (480, on(60)), (480, off(60)), (960, on(60)), (960, off(60)), (1200, on(62)), (1440, off(62))]
    assert spans(*rows) == [(0, 480), (480, 960), (960, 1440)]


@pytest.mark.parametrize("end_tick", [0, 7680, 192_000])
def test_a_note_without_an_end_ends_with_the_last_note_wherever_the_end_mark_stands(end_tick: int) -> None:
    rows = [(0, on(64)), (480, off(64)), (480, on(60)), (960, on(62)), (3840, off(62))]
    assert spans(*rows, end_tick=end_tick) == [(480, 3840)]


def test_a_last_note_without_an_end_lasts_no_longer_than_four_beats() -> None:
    assert spans((480, on(60)), end_tick=192_000) == [(480, 480 + 4 * 480)]
    assert spans((480, on(60)), end_tick=960) == [(480, 960)]


@pytest.mark.parametrize("step_ticks", [120, 160, 240, 480, 960])
def test_a_last_note_without_an_end_is_as_long_as_the_steps_before_it(step_ticks: int) -> None:
    rows = [(row * step_ticks, message) for row in range(8) for message in (on(60 + row),)]
    rows += [((row + 1) * step_ticks, off(60 + row)) for row in range(7)]
    rows = sorted(rows, key=lambda row: row[0])
    assert spans(*rows, pitch=67, end_tick=192_000) == [(7 * step_ticks, 8 * step_ticks)]


def test_a_drone_without_an_end_lasts_as_long_as_the_music_of_the_other_tracks() -> None:
    drone = track_body((0, on(36)), end_tick=50_000)
    tune = track_body(*((480 * i, data) for i in range(20) for data in (off(60), on(60))), (9600, off(60)))
    song = read_song_bytes(midi_file(drone, tune), "story.mid").song
    assert list(song.tracks[0].notes) == [Note(0, 36, 9600, 80)]


@pytest.mark.parametrize("controller", [120, 123, 124, 125, 126, 127])
@pytest.mark.parametrize("tick", [30, 480, 900])
def test_what_silences_the_channel_ends_notes_without_an_end(controller: int, tick: int) -> None:
    rows = [(0, on(60)), (10, on(64)), (tick, control(controller, 0)), (960, on(60)), (1440, off(60)), (5000, on(65))]
    assert spans(*rows) == [(0, tick), (960, 1440)]
    assert spans(*rows, pitch=64) == [(10, tick)]


def test_a_silence_in_another_track_of_the_channel_ends_notes_that_nothing_else_ends() -> None:
    tune = track_body((0, on(60)), (0, on(64)), (960, off(64)), (1440, on(67)), (1920, off(67)))
    other = track_body((480, control(123, 0)), (1000, on(48)), (1100, off(48)))
    song = read_song_bytes(midi_file(tune, other), "story.mid").song
    assert list(song.tracks[0].notes) == [Note(0, 60, 480, 80), Note(0, 64, 960, 80), Note(1440, 67, 480, 80)]


def test_a_silence_on_another_channel_ends_nothing() -> None:
    rows = [(0, on(60)), (480, control(123, 0, channel=3)), (960, on(62)), (1440, off(62))]
    assert spans(*rows) == [(0, 1440)]


@pytest.mark.parametrize("times", [1, 2])
def test_an_end_just_before_its_start_on_one_tick_is_the_notes_own(times: int) -> None:
    """So music21 writes grace notes and chord symbols, which have no length."""
    rows = [*[(480, off(60))] * times, *[(480, on(60))] * times, (960, on(60)), (1200, off(60)), (4800, on(72))]
    assert spans(*rows) == [*[(480, 481)] * times, (960, 1200)]


def test_a_grace_note_before_a_note_of_its_key_on_one_tick_leaves_that_note_its_end() -> None:
    assert spans((0, off(60)), (0, on(60)), (0, on(60)), (480, off(60))) == [(0, 1), (0, 480)]


def test_an_end_before_a_start_that_has_its_own_end_stays_without_a_note() -> None:
    assert spans((0, off(60)), (0, on(60)), (480, off(60))) == [(0, 480)]


def test_a_sweep_of_ends_over_all_keys_hides_no_slip_and_ends_what_still_sounds() -> None:
    """Some programs end every key at the end of a track, whether it sounds or not."""
    later = [(tick, tick + 240) for tick in (480, 960, 1440)]
    rows = strokes([0, 2, *(s for s, _ in later)], [100, *(e for _, e in later)])
    rows += [(1920, on(72)), (1920, on(74)), (2160, off(74))]
    rows += [(3840, off(pitch)) for pitch in range(128)]
    assert spans(*rows) == [(0, 2), (2, 100), *later]
    assert spans(*rows, pitch=72) == [(1920, 3840)]
    assert spans(*rows, pitch=74) == [(1920, 2160)]


@given(st.lists(st.tuples(st.integers(0, 40), st.booleans()), min_size=1, max_size=30))
def test_every_start_is_a_note_and_none_lasts_longer_than_the_music(moments: list[tuple[int, bool]]) -> None:
    moments.sort(key=lambda moment: moment[0])
    rows = [(tick, on(60) if is_on else off(60)) for tick, is_on in moments]
    found = spans(*rows, (41, on(90)), (42, off(90)))
    assert [start for start, _ in found] == [tick for tick, is_on in moments if is_on]
    assert all(start < end <= 42 for start, end in found)


@given(st.lists(st.tuples(st.integers(0, 2000), st.integers(1, 300)), min_size=1, max_size=12), st.data())
def test_one_lost_end_changes_only_the_stretch_that_it_stands_in(
    notes: list[tuple[int, int]], data: st.DataObject
) -> None:
    """Phrases of one key, each silent at its end; one of them loses an end."""
    phrases = [(5000 * i + start, 5000 * i + start + length) for i, (start, length) in enumerate(notes)]
    lost = data.draw(st.integers(0, len(phrases) - 1))
    ends = [end for i, (_, end) in enumerate(phrases) if i != lost]
    found = spans(*strokes([start for start, _ in phrases], ends), (90_000, on(90)), (90_480, off(90)))
    assert [span for i, span in enumerate(found) if i != lost] == [s for i, s in enumerate(phrases) if i != lost]
