"""From a request to the grid: seeds, bars and chords where the models' grid does not fit the song's."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from builders import phrase
from musicassist.composing.melody_task import MelodyTask, melody_task
from musicassist.composing.request import Constraints, GenerationRequest
from musicassist.errors import SeedError
from musicassist.score.chord_track import ChordMark, with_written_chords
from musicassist.score.song import KeyChange, Note, Notes, Song, Track
from musicassist.score.theory import Chord, Key, parse_chord
from musicassist.score.timing import MeterChange


def task_of(
    notes: Notes, *, constraints: Constraints | None = None, kind: str = "continue", **song: object
) -> MelodyTask:
    made = Song((Track("Melody", notes),), **song)  # type: ignore[arg-type]
    return melody_task(GenerationRequest(kind, made, bars=2, constraints=constraints or Constraints()))


def test_a_short_phrase_is_read_as_it_stands() -> None:
    task = task_of(phrase(60, 62, 64))
    assert list(task.passage.seed) == [(0, 60, 6, 88), (6, 62, 6, 88), (12, 64, 6, 88)]
    assert (task.passage.demands.from_step, task.passage.demands.latest_first_step, task.passage.demands.to_step) == (
        18,
        24 + 47,
        144,
    )
    assert (task.span.from_tick, task.span.to_tick, task.passage.is_opening) == (720, 5760, False)
    assert task.passage.place.last_bar is None  # of three bars, the end is open: no model is told of an end


def test_a_long_last_note_counts_from_where_it_comes_into_reach() -> None:
    task = task_of(Notes.of([Note(0, 60, 480 * 40)]))
    (note,) = task.passage.seed
    assert note == (40 * 12 - 48, 60, 48, 88)


def test_a_note_that_rounds_up_to_its_own_end_stays_before_it() -> None:
    task = task_of(Notes.of([Note(479, 60, 1)]))  # it is meant for the beat
    assert list(task.passage.seed) == [(12, 60, 1, 88)]
    assert task.passage.demands.from_step == 15
    both = Notes.of([Note(440, 62, 20), Note(479, 60, 1)])
    assert list(task_of(both).passage.seed) == [(11, 62, 1, 88), (12, 60, 1, 88)]


def test_bars_that_are_no_whole_steps_are_aligned_at_the_span() -> None:
    task = task_of(phrase(60), ticks_per_beat=480, meter_changes=(MeterChange(0, 3, 32),))  # 180 ticks, 4.5 steps
    lines = [round(tick / 40) for tick in range(180, task.span.to_tick + 1, 180)]
    bars = task.passage.place.bars
    assert all(bars.bar_line_at_or_after(step) == step for step in lines)
    assert task.passage.demands.to_step == lines[-1]
    last = task.note((lines[-1] - 3, 60, 3, 88))
    assert last.end_tick == task.span.to_tick


def test_a_meter_change_between_two_steps_still_ends_on_its_bar_line() -> None:
    task = task_of(phrase(60), meter_changes=(MeterChange(0, 4, 4), MeterChange(1945, 3, 4)))
    assert task.span.to_tick == 1945 + 1440
    assert task.note((task.passage.demands.to_step - 6, 60, 6, 88)).end_tick == task.span.to_tick


def test_a_note_inside_the_span_is_decoded_as_it_is() -> None:
    assert task_of(phrase(60)).note((24, 62, 6, 70)) == Note(960, 62, 240, 70)


@pytest.mark.parametrize(
    ("constraints", "changes", "expected"),
    [
        (Constraints(key=Key(4)), (KeyChange(0, 2, "minor"),), Key(4)),
        (Constraints(), (KeyChange(0, 2, "minor"), KeyChange(99_999, 5)), Key(2, "minor")),
        (Constraints(), (), Key(0)),
    ],
)
def test_the_key_is_asked_for_else_stated_else_heard(
    constraints: Constraints, changes: tuple[KeyChange, ...], expected: Key
) -> None:
    notes = phrase(60, 62, 64, 65, 67, 69, 71, 72, 67, 64, 60)
    assert task_of(notes, constraints=constraints, key_changes=changes).key == expected


def test_from_few_notes_no_key_is_guessed() -> None:
    assert task_of(phrase(60, 62)).key is None


def test_chords_go_one_a_bar_from_the_bar_that_is_begun() -> None:
    task = task_of(phrase(60), constraints=Constraints(chords=(Chord(0), Chord(7))))
    assert task.passage.place.chord_starts == (0, 48, 96)
    c_major, g_major = 0b10010001, 0b100010000100
    assert task.passage.place.chord_masks == (c_major, g_major, c_major)


def test_from_nothing_the_first_note_obeys_every_demand() -> None:
    constraints = Constraints(key=Key(2), chords=(Chord(9, "m"),), lowest_pitch=70, highest_pitch=80)
    for number in range(6):
        request = GenerationRequest("generate", Song(), seed=number, constraints=constraints)
        (note,) = melody_task(request).passage.seed
        assert note[0] == 0
        assert 70 <= note[1] <= 80
        assert note[1] % 12 in {9, 4}  # in A minor and in D major


def test_where_no_beat_is_left_in_the_bar_chords_begin_with_the_next() -> None:
    task = task_of(phrase(60, step_ticks=1900), constraints=Constraints(chords=(Chord(0), Chord(7))))
    assert task.passage.demands.latest_first_step == 48 + 47
    assert task.passage.place.chord_starts == (48, 96)


def test_an_answer_begins_with_its_bar() -> None:
    song = Song((Track("Melody", phrase(60, 62, 64)),))
    request = GenerationRequest(
        "infill", song, from_tick=1920, to_tick=3840, constraints=Constraints(begins_at_once=True)
    )
    demands = melody_task(request).passage.demands
    assert (demands.from_step, demands.latest_first_step) == (48, 48)


def test_under_no_chord_every_tone_of_the_scale_may_stand() -> None:
    constraints = Constraints(key=Key(0), chords=(parse_chord("C"), parse_chord("N.C.")))
    task = task_of(phrase(69, 71, 72, 76, 74, 72), constraints=constraints)
    assert [mask > 0 for mask in task.passage.place.chord_masks[:2]] == [True, False]


def test_a_minor_key_may_raise_what_leads_up_within_the_range() -> None:
    constraints = Constraints(key=Key(9, "minor"), lowest_pitch=60, highest_pitch=70)
    assert task_of(phrase(69, 71, 72, 76, 74, 72), constraints=constraints).passage.demands.leading == {68: 69, 66: 68}
    strict = Constraints(key=Key(9, "natural_minor"))
    assert not task_of(phrase(69, 71, 72, 76), constraints=strict).passage.demands.leading


def test_an_interpolation_needs_a_second_phrase() -> None:
    song = Song((Track("Melody", phrase(60, 62, 64)),))
    with pytest.raises(SeedError, match="second phrase"):
        melody_task(GenerationRequest("interpolate", song, to_tick=1920))


@pytest.mark.parametrize("strength", ["strong", "always"])
def test_from_nothing_the_first_note_is_of_the_chord_that_is_written_there(strength: str) -> None:
    """The chords that were asked for bound it, but not those of the song."""
    marks = [ChordMark(0, parse_chord("C")), ChordMark(4 * 480, parse_chord("F#"))]
    song = with_written_chords(Song((Track("Melody"),)), marks)
    for seed in range(4):
        constraints = Constraints(chord_strength=strength)
        place = {"from_tick": 4 * 480, "seed": seed, "constraints": constraints}
        (first,) = melody_task(GenerationRequest("generate", song, **place)).passage.seed
        assert first[1] % 12 in parse_chord("F#").pitch_classes


@pytest.mark.parametrize(
    ("pitches", "asked", "expected"),
    [
        ((60, 62, 64), {}, (53, 71)),
        ((21, 28, 30), {}, (21, 37)),  # no lower than a piano
        ((12, 14, 15), {}, (8, 22)),  # below it already
        ((126, 127), {}, (94, 127)),
        ((60, 62), {"lowest_pitch": 0, "highest_pitch": 126}, (0, 126)),
        ((60, 62), {"lowest_pitch": 70}, (70, 127)),
    ],
)
def test_takes_lie_around_the_phrase_where_no_range_is_asked_for(
    pitches: tuple[int, ...], asked: dict[str, Any], expected: tuple[int, int]
) -> None:
    allowed = np.flatnonzero(
        task_of(phrase(*pitches), constraints=replace(Constraints(), **asked)).passage.demands.pitch_allowed
    )
    assert (int(allowed[0]), int(allowed[-1])) == expected


def test_a_slow_phrase_stays_slow() -> None:
    slow = phrase(60, 62, 64, 65, step_ticks=8 * 480)  # a note in two bars
    assert task_of(slow).passage.demands.notes_per_beat == 0.5
    assert task_of(slow, constraints=Constraints(density=3.0)).passage.demands.notes_per_beat == 3.0
    assert task_of(phrase(60, step_ticks=8 * 480)).passage.demands.notes_per_beat is None


def test_rests_are_no_longer_than_half_a_bar_or_than_those_of_the_phrase() -> None:
    assert task_of(phrase(60, 62, 64)).passage.demands.longest_rest_steps == 24
    apart = Notes.of([Note(0, 60, 480), Note(3840, 62, 480), Note(4320, 64, 480)])
    assert task_of(apart).passage.demands.longest_rest_steps == 84


def test_notes_are_no_longer_than_half_a_bar_or_than_those_of_the_phrase() -> None:
    assert task_of(phrase(60, 62, 64)).passage.demands.longest_note_steps == 24
    held = Notes.of([Note(0, 60, 1920), Note(1920, 62, 480), Note(2400, 64, 480)])
    assert task_of(held).passage.demands.longest_note_steps == 48


def test_a_phrase_in_sixteenths_goes_on_in_sixteenths() -> None:
    assert task_of(phrase(*[60, 62] * 5)).passage.demands.is_in_sixteenths
    assert not task_of(phrase(60, 62, 64)).passage.demands.is_in_sixteenths  # too few to tell
    assert not task_of(phrase(*[60, 62] * 5, step_ticks=160)).passage.demands.is_in_sixteenths


def test_a_pitch_repeats_as_often_as_in_the_phrase_and_eight_times_at_least() -> None:
    assert task_of(phrase(60, 62, 64)).passage.demands.most_repeats == 8
    assert task_of(phrase(60, *[62] * 12, 64)).passage.demands.most_repeats == 12
