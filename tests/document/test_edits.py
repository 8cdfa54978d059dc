"""Edits of notes: laws for all music, and the stories a user would tell."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from builders import note_columns, phrase, song_of, songs
from musicassist.document import edits
from musicassist.score.meant_times import meant_span
from musicassist.score.song import Mask, Note, Notes, Song, Track
from musicassist.score.theory import Key


@st.composite
def selections(draw: st.DrawFn) -> tuple[Song, Mask]:
    """A song and a mask over its first track."""
    song = draw(songs())
    count = len(song.tracks[0].notes)
    return song, np.array(draw(st.lists(st.booleans(), min_size=count, max_size=count)), dtype=np.bool_)


def notes_of(song: Song) -> Notes:
    return song.tracks[0].notes


def apart(notes: Notes) -> Notes:
    """The same notes without any that overlap on one pitch."""
    return Notes.of(Note(i * 3000, n.pitch, n.duration_ticks, n.velocity) for i, n in enumerate(notes))


def rows(*picked: bool) -> Mask:
    return np.array(picked, dtype=np.bool_)


def is_in_range(notes: Notes) -> bool:
    return bool(
        (notes.start_tick >= 0).all()
        and (notes.duration_ticks >= 1).all()
        and ((notes.pitch >= 0) & (notes.pitch <= 127)).all()
        and ((notes.velocity >= 1) & (notes.velocity <= 127)).all()
        and (np.diff(notes.start_tick) >= 0).all()
    )


@given(selections(), st.integers(-5000, 5000), st.integers(-130, 130))
def test_moved_notes_keep_their_relations_and_the_mask_finds_them(
    selected: tuple[Song, Mask], ticks: int, semitones: int
) -> None:
    song, mask = selected
    before = notes_of(song).where(mask)
    result = edits.move_notes(song, 0, mask, ticks, semitones)
    after = notes_of(result.song).where(result.selection)
    assert is_in_range(notes_of(result.song))
    assert len(after) == len(before)
    if len(before):
        ticks, semitones = edits.limit_move(before, ticks, semitones)
        assert sorted(after) == sorted(
            Note(n.start_tick + ticks, n.pitch + semitones, n.duration_ticks, n.velocity) for n in before
        )


@given(note_columns(), st.data(), st.integers(0, 500), st.integers(-20, 20))
def test_moving_there_and_back_is_nothing_where_no_note_is_met(
    notes: Notes, data: st.DataObject, ticks: int, semitones: int
) -> None:
    notes = apart(Notes.of(Note(n.start_tick, 20 + n.pitch % 80, n.duration_ticks, n.velocity) for n in notes))
    song = Song(tracks=(Track(notes=notes),))
    mask = np.array(data.draw(st.lists(st.booleans(), min_size=len(notes), max_size=len(notes))), dtype=np.bool_)
    there = edits.move_notes(song, 0, mask, ticks, semitones)
    back = edits.move_notes(there.song, 0, there.selection, -ticks, -semitones)
    assert back.song == song
    assert np.array_equal(back.selection, mask)


@given(selections())
def test_an_edit_by_nothing_gives_the_very_same_song(selected: tuple[Song, Mask]) -> None:
    song, mask = selected
    for result in (
        edits.move_notes(song, 0, mask, 0, 0),
        edits.resize_notes(song, 0, mask, 0, 0),
        edits.change_velocity(song, 0, mask, 0),
        edits.transpose_in_scale(song, 0, mask, 0, Key(0)),
        edits.stretch_notes(song, 0, mask, 0, 1.0),
    ):
        assert result.song is song
        assert np.array_equal(result.selection, mask)


@given(selections())
def test_deleting_takes_exactly_the_selected_notes(selected: tuple[Song, Mask]) -> None:
    song, mask = selected
    result = edits.delete_notes(song, 0, mask)
    assert notes_of(result.song) == notes_of(song).where(~mask)
    assert not result.selection.any()


@given(selections(), st.integers(-6000, 6000), st.integers(-6000, 6000))
def test_resizing_stays_in_range_and_never_loses_a_selected_length(
    selected: tuple[Song, Mask], start: int, end: int
) -> None:
    song, mask = selected
    result = edits.resize_notes(song, 0, mask, start, end)
    assert is_in_range(notes_of(result.song))
    assert len(result.selection) == len(notes_of(result.song))


@given(selections(), st.integers(0, 4000), st.floats(0.01, 20))
def test_stretching_stays_in_range(selected: tuple[Song, Mask], anchor: int, factor: float) -> None:
    song, mask = selected
    assert is_in_range(notes_of(edits.stretch_notes(song, 0, mask, anchor, factor).song))


@given(selections(), st.integers(-200, 200))
def test_louder_and_softer_keep_the_differences(selected: tuple[Song, Mask], delta: int) -> None:
    song, mask = selected
    result = edits.change_velocity(song, 0, mask, delta)
    after, before = notes_of(result.song).velocity, notes_of(song).velocity
    assert is_in_range(notes_of(result.song))
    assert len(set((after - before)[mask].tolist())) <= 1
    assert np.array_equal(after[~mask], before[~mask])


@given(selections(), st.sampled_from([60.0, 80.0, 120.0, 26.67]))
def test_duplicating_adds_as_many_notes_as_were_selected_where_none_are_met(
    selected: tuple[Song, Mask], grid: float
) -> None:
    song, mask = selected
    song = song.with_track(0, song.tracks[0].with_notes(notes_of(song).where(mask)))
    everything = np.ones(len(notes_of(song)), dtype=np.bool_)
    result = edits.duplicate_notes(song, 0, everything, grid)
    copies = notes_of(result.song).where(result.selection)
    assert len(copies) == len(notes_of(song))
    assert len(notes_of(result.song)) == 2 * len(notes_of(song))
    if len(copies):
        distance = int(copies.start_tick[0] - notes_of(song).start_tick[0])
        span = meant_span(notes_of(song), everything, song.time_map)
        assert span is not None
        assert distance >= span[1] - span[0]
        assert abs(distance / grid - round(distance / grid)) < 0.51 / grid


@given(
    selections(),
    st.integers(-12, 12),
    st.integers(0, 11),
    st.sampled_from(["major", "blues", "harmonic_minor", "chromatic"]),
)
def test_steps_of_the_scale_stay_in_the_scale(selected: tuple[Song, Mask], steps: int, tonic: int, scale: str) -> None:
    song, mask = selected
    key = Key(tonic, scale)
    inside = mask & np.array([key.has_pitch(int(p)) for p in notes_of(song).pitch], dtype=np.bool_)
    result = edits.transpose_in_scale(song, 0, inside, steps, key)
    moved = notes_of(result.song).where(result.selection)
    assert is_in_range(notes_of(result.song))
    assert all(key.has_pitch(n.pitch) for n in moved)
    assert len(moved) == inside.sum()


@given(selections(), note_columns())
def test_inserted_notes_are_there_as_given_and_selected(selected: tuple[Song, Mask], new: Notes) -> None:
    song, _ = selected
    result = edits.insert_notes(song, 0, new)
    assert sorted(notes_of(result.song).where(result.selection)) == sorted(new)


@given(selections(), note_columns(), st.integers(0, 3000), st.integers(0, 3000))
def test_a_replaced_span_holds_only_the_new_notes(selected: tuple[Song, Mask], new: Notes, a: int, b: int) -> None:
    song, _ = selected
    from_tick, to_tick = min(a, b), max(a, b)
    new = new.where(new.starting_between(from_tick, to_tick))
    result = edits.replace_span(song, 0, from_tick, to_tick, new)
    inside = notes_of(result.song).starting_between(from_tick, to_tick) & ~result.selection
    originals = notes_of(song).where(~notes_of(song).starting_between(from_tick, to_tick))
    assert inside.sum() <= len(originals)
    assert sorted(notes_of(result.song).where(result.selection)) == sorted(new)


def test_notes_that_are_held_into_a_replaced_span_end_where_it_begins() -> None:
    song = song_of(Note(0, 48, 4000), Note(0, 60, 960), Note(0, 67, 480), Note(960, 62, 480), Note(1920, 64, 480))
    result = edits.replace_span(song, 0, 960, 1920, Notes.of([Note(960, 65, 960)]))
    assert list(notes_of(result.song)) == [
        *(Note(0, 48, 960), Note(0, 60, 960), Note(0, 67, 480)),
        *(Note(960, 65, 960), Note(1920, 64, 480)),
    ]
    assert list(notes_of(result.song).where(result.selection)) == [Note(960, 65, 960)]


def test_steps_of_c_major_up_from_a_c_chord_make_a_d_minor_chord() -> None:
    song = song_of(Note(0, 60, 480), Note(0, 64, 480), Note(0, 67, 480))
    result = edits.transpose_in_scale(song, 0, rows(True, True, True), 1, Key(0, "major"))
    assert notes_of(result.song).pitch.tolist() == [62, 65, 69]


def test_a_group_stops_together_at_the_highest_pitch() -> None:
    song = song_of(Note(0, 120, 480), Note(0, 125, 480))
    result = edits.move_notes(song, 0, rows(True, True), 0, 12)
    assert notes_of(result.song).pitch.tolist() == [122, 127]


def test_a_drawn_note_cuts_what_it_covers_on_its_pitch_only() -> None:
    song = song_of(Note(0, 60, 300), Note(0, 61, 1000), Note(300, 60, 100), Note(450, 60, 200))
    result = edits.insert_notes(song, 0, Notes.of([Note(240, 60, 260)]))
    assert list(notes_of(result.song)) == [
        Note(0, 60, 240),
        Note(0, 61, 1000),
        Note(240, 60, 260),
        Note(500, 60, 150),
    ]
    assert notes_of(result.song).where(result.selection)[0] == Note(240, 60, 260)


def test_a_note_dropped_onto_an_equal_one_replaces_it() -> None:
    song = song_of(Note(0, 60, 480, 50), Note(480, 60, 480, 99))
    result = edits.move_notes(song, 0, rows(False, True), -480, 0)
    assert list(notes_of(result.song)) == [Note(0, 60, 480, 99)]


def test_doubled_notes_of_a_file_survive_edits_of_each_other() -> None:
    song = song_of(Note(0, 60, 480, 50), Note(0, 60, 480, 60), Note(100, 60, 480, 70))
    louder = edits.change_velocity(song, 0, rows(True, False, False), 5)
    assert len(notes_of(louder.song)) == 3
    longer = edits.resize_notes(song, 0, rows(False, False, True), 0, 100)
    assert len(notes_of(longer.song)) == 3
    moved = edits.move_notes(song, 0, rows(True, True, True), 480, 1)
    assert len(notes_of(moved.song)) == 3


def test_duplicates_of_a_bar_that_ends_early_begin_on_the_next_step_of_the_grid() -> None:
    song = Song(tracks=(Track(notes=phrase(60, 62, 64, 65, step_ticks=110)),))
    result = edits.duplicate_notes(song, 0, np.ones(4, dtype=np.bool_), 120)
    assert notes_of(result.song).start_tick.tolist() == [0, 110, 220, 330, 480, 590, 700, 810]


@pytest.mark.parametrize(("early_ticks", "late_ticks"), [(0, 20), (15, 0), (15, 30), (-10, -40)])
def test_bars_played_by_hand_are_duplicated_by_whole_bars(early_ticks: int, late_ticks: int) -> None:
    notes = [Note(1920 + i * 480 - early_ticks * (i == 0), 60 + i % 5, 480) for i in range(7)]
    song = song_of(*notes, Note(1920 + 7 * 480, 71, 480 + late_ticks))
    result = edits.duplicate_notes(song, 0, np.ones(8, dtype=np.bool_), 120)
    copies = notes_of(result.song).where(result.selection)
    assert copies.start_tick.tolist() == [note.start_tick + 2 * 1920 for note in notes_of(song)]


def test_velocity_edits_share_every_other_column_with_the_song_before() -> None:
    song = Song(tracks=(Track(notes=phrase(60, 62, 64)),))
    louder = edits.set_velocity(song, 0, np.ones(3, dtype=np.bool_), 100)
    assert notes_of(louder.song).start_tick is notes_of(song).start_tick
    higher = edits.move_notes(song, 0, np.ones(3, dtype=np.bool_), 0, 1)
    assert notes_of(higher.song).start_tick is notes_of(song).start_tick


@given(selections(), note_columns(), st.integers(0, 5000), st.integers(1, 5000))
def test_pinned_notes_stay_as_they_are_where_a_span_is_replaced(
    selected: tuple[Song, Mask], new: Notes, from_tick: int, ticks: int
) -> None:
    song, mask = selected
    song = edits.pin_notes(song, 0, mask, are_pinned=True).song
    pinned = notes_of(song).where(mask)
    after = notes_of(edits.replace_span(song, 0, from_tick, from_tick + ticks, new).song)
    assert after.where(after.pinned) == pinned
    cleared = edits.replace_span(song, 0, 0, 10**6, Notes.of(), keeps_pins=False).song
    assert not len(notes_of(cleared))
