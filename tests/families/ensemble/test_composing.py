"""Takes of all parts keep every rule, whatever the net says, and come out the same for one number."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ensemble_songs import BAR, band, check_rules, most_at_once, small_model, wild_request
from musicassist.composing.family import IsCancelled, OnNote, OnShare
from musicassist.composing.melody_task import melody_task
from musicassist.composing.request import Constraints, GenerationRequest, Take
from musicassist.composing.seed_reading import never
from musicassist.errors import ConstraintError, SeedError
from musicassist.families.ensemble.composing import compose
from musicassist.score.chord_track import ChordMark, with_written_chords
from musicassist.score.song import Note, Notes, Song
from musicassist.score.theory import Key, parse_chords

MODEL = small_model()
REQUEST = GenerationRequest("continue", band(), bars=2, takes=2, model="parts", seed=1, all_parts=True, candidates=1)


def composed(
    request: GenerationRequest,
    on_note: OnNote = lambda _number, _note: None,
    on_share: OnShare = lambda _share: None,
    is_cancelled: IsCancelled = never,
) -> tuple[Take, ...] | None:
    return compose(MODEL, request, melody_task(request), on_note, on_share, is_cancelled)


def takes_of(request: GenerationRequest) -> tuple[Take, ...]:
    made = composed(request)
    assert made is not None
    return made


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.integers(0, 10**6))
def test_no_rule_is_ever_broken(number: int) -> None:
    request = wild_request(number)
    try:
        takes = takes_of(request)
    except (SeedError, ConstraintError):
        return
    for take in takes:
        check_rules(take, request)


def test_all_tracks_that_play_go_on_together() -> None:
    for take in takes_of(REQUEST):
        check_rules(take, REQUEST)
        assert (take.from_tick, take.to_tick) == (4 * BAR, 6 * BAR)
        assert [part.track_index for part in take.parts] == [1, 2, 3]
        assert len(take.notes) and all(len(part.notes) for part in take.parts)
        assert most_at_once(take.notes) == most_at_once(take.parts[1].notes) == 1
        assert most_at_once(take.parts[0].notes) <= 3


def orchestra(tracks: int) -> Song:
    """A band whose melody is doubled in many tracks."""
    band_tracks, lead = band().tracks, band().tracks[0]
    more = [
        replace(lead, name=f"Strings {by}", notes=Notes.of(replace(note, pitch=note.pitch - by) for note in lead.notes))
        for by in range(tracks - 4)
    ]
    return replace(band(), tracks=(*band_tracks, *more))


def test_more_tracks_than_the_net_has_parts_go_on_too_and_hear_the_others() -> None:
    request = replace(REQUEST, song=orchestra(16), ending="closed", constraints=Constraints(key=Key(0), density=1.0))
    shares: list[float] = []
    takes = composed(request, on_share=shares.append)
    assert takes is not None
    for take in takes:
        check_rules(take, request)
        assert sorted(part.track_index for part in take.parts) == list(range(1, 16))
        assert all(len(part.notes) for part in take.parts if part.track_index > 10)
    assert shares == sorted(shares) and shares[-1] == 1
    assert takes_of(request) == takes
    last = [next(part.notes for part in take.parts if part.track_index == 15) for take in takes]
    assert last[0] != last[1]
    few = takes_of(replace(request, song=replace(request.song, tracks=request.song.tracks[:4])))
    assert len(few[0].parts) == 3


def test_one_number_gives_the_same_takes_and_another_gives_others() -> None:
    first, again, other = (takes_of(replace(REQUEST, seed=seed)) for seed in (7, 7, 8))
    assert [(take.notes, take.parts) for take in first] == [(take.notes, take.parts) for take in again]
    assert first[0].notes != other[0].notes
    assert first[0].notes != first[1].notes
    one = takes_of(replace(REQUEST, takes=1, seed=7))
    assert one[0].notes == first[0].notes


def test_the_notes_of_the_edited_track_are_told_as_they_come() -> None:
    told: dict[int, list[Note]] = {1: [], 2: []}
    takes = composed(REQUEST, lambda number, note: told[number].append(note))
    assert takes is not None
    for take in takes:
        assert sorted(told[take.number], key=lambda note: (note.start_tick, note.pitch)) == list(take.notes)


def test_a_cancelled_request_gives_nothing() -> None:
    assert composed(REQUEST, is_cancelled=lambda: True) is None


@pytest.mark.parametrize("strength", ["strong", "always"])
def test_chords_bind_all_parts(strength: str) -> None:
    constraints = Constraints(chords=parse_chords("Dm G7"), chord_strength=strength)
    request = replace(REQUEST, constraints=constraints)
    for take in takes_of(request):
        for notes in (take.notes, *(part.notes for part in take.parts[:2])):
            for note in notes:
                place = note.start_tick % BAR
                chord = constraints.chords[(note.start_tick - take.from_tick) // BAR % 2]
                if strength == "always" or place in (0, BAR // 2):
                    assert note.pitch % 12 in chord.pitch_classes


def test_an_empty_track_gets_a_part_by_its_name() -> None:
    song = band()
    tracks = list(song.tracks)
    tracks[2] = replace(tracks[2], notes=tracks[2].notes.where(np.zeros(8, dtype=bool)))
    request = GenerationRequest(
        "infill",
        replace(song, tracks=tuple(tracks)),
        2,
        takes=1,
        model="parts",
        candidates=1,
        from_tick=0,
        to_tick=2 * BAR,
        parts=(2,),
    )
    (take,) = takes_of(request)
    check_rules(take, request)
    assert not take.parts and len(take.notes)
    assert most_at_once(take.notes) == 1 and take.notes.pitch.max() <= 58


@pytest.mark.parametrize(("track", "first_bar"), [(1, 0), (0, 4)])
def test_other_tracks_and_what_follows_an_infill_are_heard(track: int, first_bar: int) -> None:
    song = band(8)
    notes = song.tracks[track].notes
    later = (notes.start_tick >= first_bar * BAR).astype(np.int64)
    moved = Notes.from_columns(notes.start_tick, notes.pitch + 6 * later, notes.duration_ticks, notes.velocity)
    other = song.with_track(track, replace(song.tracks[track], notes=moved))
    request = GenerationRequest(
        "infill", song, takes=8, candidates=1, model="parts", from_tick=2 * BAR, to_tick=4 * BAR, seed=3
    )
    heard, unheard = takes_of(replace(request, song=other)), takes_of(request)
    assert [take.notes for take in heard] != [take.notes for take in unheard]


def test_a_closed_take_ends_at_home_in_all_parts_with_a_breath_of_the_line() -> None:
    for take in takes_of(replace(REQUEST, song=band(), takes=8, ending="closed", constraints=Constraints(key=Key(0)))):
        last = take.notes.start_tick == take.notes.start_tick.max()
        home = int(take.notes.start_tick.max())
        assert home - take.to_tick in (-BAR, -BAR // 2)
        assert set((take.notes.pitch[last] % 12).tolist()) <= {0, 4, 7}
        assert (take.notes.duration_ticks[last] >= 480).all()
        for part in take.parts[:2]:
            later = part.notes.where(part.notes.end_tick > home)
            assert set((later.pitch % 12).tolist()) <= {0, 4, 7}
        bass = take.parts[1].notes
        assert set((bass.pitch[bass.start_tick == home] % 12).tolist()) <= {0}


def test_a_closed_take_comes_home_although_its_line_has_32nds() -> None:
    """The line's own grid is finer there than that of all parts."""
    song = band()
    shakes = [
        Note(tick, note.pitch + 2 * (tick // 60 % 2), 60, note.velocity)
        for note in song.tracks[0].notes
        for tick in range(note.start_tick, note.end_tick, 60)
    ]
    song = replace(song, tracks=(replace(song.tracks[0], notes=Notes.of(shakes)), *song.tracks[1:]))
    request = replace(REQUEST, song=song, takes=8, ending="closed", constraints=Constraints(key=Key(0)))
    assert melody_task(request).grid.is_fine
    for take in takes_of(request):
        last = take.notes.start_tick == take.notes.start_tick.max()
        assert int(take.notes.start_tick.max()) - take.to_tick in (-BAR, -BAR // 2)
        assert set((take.notes.pitch[last] % 12).tolist()) <= {0, 4, 7}
        assert (take.notes.duration_ticks[last] >= 480).all()


def test_an_open_take_is_not_held_to_its_end() -> None:
    ends = {int(take.to_tick - take.notes.end_tick.max()) for take in takes_of(replace(REQUEST, takes=8))}
    assert len(ends) > 1


def test_proposed_chords_are_told_and_stand_in_the_take() -> None:
    request = replace(REQUEST, constraints=Constraints(chord_strength="always"), song=band(8))
    for take in takes_of(request):
        assert take.chords[0].from_tick == take.from_tick and take.chords[-1].to_tick == take.to_tick
        for notes in (take.notes, *(part.notes for part in take.parts[:2])):
            for start, pitch in zip(notes.start_tick.tolist(), notes.pitch.tolist(), strict=True):
                (span,) = (span for span in take.chords if span.from_tick <= start < span.to_tick)
                assert pitch % 12 in span.chord.pitch_classes


def test_the_share_that_is_composed_grows_to_the_end() -> None:
    told: list[float] = []
    composed(REQUEST, on_share=told.append)
    assert told == sorted(told) and told[0] < 0.2 and 0.7 < told[-1] <= 1


def test_the_line_comes_home_with_the_last_chord_and_not_before() -> None:
    begin, dominant, home, late = (
        ChordMark(tick, parse_chords(name)[0])
        for tick, name in ((0, "C"), (5 * BAR, "G"), (5 * BAR, "C"), (5 * BAR + BAR // 2, "C"))
    )
    request = replace(REQUEST, seed=3, takes=8, ending="closed", constraints=Constraints(key=Key(0)))
    for marks, homes in (((begin, home), {BAR, BAR // 2}), ((begin, dominant, late), {BAR // 2})):
        song = with_written_chords(band(), marks)
        takes = takes_of(replace(request, song=song))
        assert {int(take.to_tick - take.notes.start_tick.max()) for take in takes} == homes
