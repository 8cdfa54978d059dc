"""Which broken rules are found, of takes made by hand, and that random requests break none."""

from __future__ import annotations

from dataclasses import replace

import pytest

from lab.evaluation.form_rules import RULES, Drawn, broken, drawn, most_at_once, rows_of
from musicassist.composing.engine import Engine
from musicassist.composing.originality import Evidence
from musicassist.composing.request import (
    CHORD_STRENGTHS,
    DEFAULT_CANDIDATES,
    ENDINGS,
    RHYTHMS,
    SCALE_STRENGTHS,
    Constraints,
    GenerationRequest,
    Part,
    Take,
)
from musicassist.composing.take_plan import INTENTS
from musicassist.families.registry import FAMILIES
from musicassist.resources import checkpoints_folder
from musicassist.score.song import Note, Notes, Song, Track
from musicassist.score.theory import Key, parse_chord

BAR, BEAT = 1920, 480
GOOD = (Note(BAR, 60, BEAT), Note(BAR + BEAT, 64, 3 * BEAT))


def asked() -> Drawn:
    """One bar behind a bar, in C, over C, within an octave, one note at once."""
    song = Song((Track("MELODY", Notes.of([Note(0, 60, BAR)])), Track("PIANO")))
    constraints = Constraints(key=Key(0), lowest_pitch=60, highest_pitch=72, chord_strength="always")
    request = GenerationRequest("continue", song, bars=1, constraints=constraints)
    return Drawn(request, 1, (parse_chord("C"),), 1)


def take_of(*notes: Note) -> Take:
    return Take(Notes.of(notes), BAR, 2 * BAR, "made", 1, 1, 1.0, 1.0, Constraints())


def test_a_take_that_keeps_all_breaks_none() -> None:
    assert broken(asked(), take_of(*GOOD)) == []


@pytest.mark.parametrize(
    ("rules", "note"),
    [
        (["scale", "chords always"], Note(BAR + BEAT, 61, BEAT)),
        (["chords always"], Note(BAR + BEAT, 62, BEAT)),
        (["range"], Note(BAR + BEAT, 76, BEAT)),
        (["polyphony"], Note(BAR, 67, BAR)),
        (["exact end"], Note(BAR + BEAT, 67, BAR)),
        (["exact end"], Note(BAR - BEAT, 67, BEAT)),
    ],
)
def test_each_broken_rule_is_found(rules: list[str], note: Note) -> None:
    assert broken(asked(), take_of(GOOD[0], note)) == rules


def test_spans_of_other_bars_and_takes_without_notes_are_no_exact_ends() -> None:
    own = take_of(*GOOD)
    assert broken(asked(), replace(own, to_tick=2 * BAR + 1)) == ["exact end"]
    assert broken(replace(asked(), bars=2), own) == ["exact end"]
    assert broken(asked(), take_of()) == ["exact end"]


def test_on_strong_beats_only_what_starts_a_bar_or_its_second_half_is_bound() -> None:
    own = asked()
    strong = replace(own, request=replace(own.request, constraints=Constraints(chord_strength="strong")))
    for beat, rules in ((0, ["chords strong"]), (1, []), (1.5, []), (2, ["chords strong"]), (3, [])):
        assert broken(strong, take_of(Note(BAR + round(beat * BEAT), 62, BEAT // 2))) == rules


def ruled(*beats_and_pitches: tuple[float, int], **rules: object) -> list[str]:
    """What a bar of short notes breaks, behind a bar of two halves."""
    song = Song((Track("MELODY", Notes.of([Note(0, 60, BAR // 2), Note(BAR // 2, 62, BAR // 2)])),))
    constraints = Constraints(**rules)  # type: ignore[arg-type]
    own = Drawn(GenerationRequest("continue", song, bars=1, constraints=constraints), 1, (), 1)
    return broken(own, take_of(*(Note(BAR + round(beat * BEAT), pitch, 1) for beat, pitch in beats_and_pitches)))


def test_leaps_and_density_are_counted() -> None:
    assert ruled((0, 60), (1, 65), largest_leap=5) == []
    assert ruled((0, 60), (1, 66), largest_leap=5) == ["leap"]
    assert ruled((0, 60), (1, 60), density=0.5) == []
    assert ruled((0, 60), (1, 60), (2, 60), density=0.5) == ["density"]


def test_each_rhythm_has_its_places() -> None:
    for rhythm, good, bad in (
        ("straight", 0.75, 1 / 3),
        ("triplets", 1 / 3, 0.5),
        ("swing", 0.5, 0.25),
        ("kept", 2, 1),
    ):
        assert ruled((0, 60), (good, 60), rhythm=rhythm) == []
        assert ruled((0, 60), (bad, 60), rhythm=rhythm) == ["rhythm"]


def test_every_strength_ending_and_idea_is_asked_for() -> None:
    asked = [own.request for own in drawn("continue", "lstm", 200, writes_parts=False, seed=4)]
    assert {own.constraints.chord_strength for own in asked} == set(CHORD_STRENGTHS)
    assert {own.constraints.scale_strength for own in asked} == set(SCALE_STRENGTHS)
    assert {own.constraints.rhythm for own in asked} == set(RHYTHMS)
    assert {own.constraints.largest_leap is None for own in asked} == {True, False}
    assert {own.ending for own in asked} == set(ENDINGS)
    assert {own.intent for own in asked} == {"", *INTENTS}
    assert {own.candidates for own in asked} == {1, DEFAULT_CANDIDATES}
    assert min(own.temperature for own in asked) < 0.5 and max(own.temperature for own in asked) > 1.5


def test_further_tracks_keep_the_scale_and_the_chords_too() -> None:
    part = Part(1, Notes.of([Note(BAR, 61, BEAT)]))
    assert broken(asked(), replace(take_of(*GOOD), parts=(part,))) == ["scale", "chords always"]


def test_chords_may_have_a_raised_degree_that_a_line_must_lead_up_from() -> None:
    constraints = Constraints(key=Key(0, "minor"), lowest_pitch=48, highest_pitch=84)
    minor = replace(asked(), chords=(), request=replace(asked().request, constraints=constraints))
    raised = take_of(Note(BAR, 71, BEAT), Note(BAR + BEAT, 67, 3 * BEAT))
    assert broken(minor, raised) == ["scale"]
    assert broken(replace(minor, writes_parts=True), raised) == []
    assert broken(replace(minor, writes_parts=True), take_of(Note(BAR, 64, 4 * BEAT))) == ["scale"]


def test_a_take_that_shares_more_than_is_usual_breaks_the_demand_for_a_new_one() -> None:
    own = asked()
    constraints = replace(own.request.constraints, new_to_training=True)
    strict = replace(own, request=replace(own.request, constraints=constraints))
    good = take_of(*GOOD)
    assert broken(strict, good) == ["new to training"]
    assert broken(strict, replace(good, evidence=Evidence(2, 9, 8))) == ["new to training"]
    assert broken(strict, replace(good, evidence=Evidence(2, 8, 8))) == []
    assert broken(own, replace(good, evidence=Evidence(2, 9, 8))) == []


def test_notes_that_only_touch_do_not_sound_together() -> None:
    assert most_at_once(Notes.of([Note(0, 60, 480), Note(480, 62, 480)])) == 1
    assert most_at_once(Notes.of([Note(0, 60, 481), Note(480, 62, 480), Note(480, 64, 1)])) == 3
    assert most_at_once(Notes.of()) == 0


def test_requests_are_drawn_alike_for_one_random_number() -> None:
    one, other = (list(drawn("infill", "gru", 3, writes_parts=False, seed=4)) for _ in range(2))
    assert [own.request.song for own in one] == [own.request.song for own in other]
    assert one[0].request.song != one[1].request.song


def test_no_rule_is_broken_by_the_smallest_models() -> None:
    found = rows_of(Engine(checkpoints_folder(), FAMILIES), 80, seed=3, models=("markov",))
    assert set(found) == {"continue, markov", "infill, markov", "generate, markov"}
    assert all(row["takes"] >= 24 for row in found.values())
    assert sum(row[rule] for row in found.values() for rule in RULES) == 0
