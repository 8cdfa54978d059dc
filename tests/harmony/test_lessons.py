"""Why a bar is strong: each finding is proved once more from the notes alone, and goes when its cause goes."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from builders import phrase
from musicassist.harmony.lessons import TITLES, Bar, Feature, Lesson, lessons_of
from musicassist.score.chord_track import ChordSpan
from musicassist.score.song import Note, Notes
from musicassist.score.theory import Key, parse_chord, parse_key
from musicassist.score.timing import MeterChange, TimeMap

BAR, BEAT = 1920, 480
C = parse_key("C:major")
TIMES = TimeMap(480)


def chords(*names: str, ticks: int = BAR) -> list[ChordSpan]:
    """Chords of equal length, from the first bar on."""
    return [ChordSpan(ticks * i, ticks * (i + 1), parse_chord(name)) for i, name in enumerate(names)]


def found(notes: Notes, spans: list[ChordSpan], number: int, key: Key | None = C) -> dict[Feature, Lesson]:
    return {lesson.feature: lesson for lesson in lessons_of(Bar.of(notes, spans, key, TIMES, number))}


def said(lesson: Lesson) -> tuple[str, ...]:
    return tuple(template.format(**values) for template, values in lesson.words)


def test_a_full_close_comes_home_on_the_tonic() -> None:
    line = phrase(67, 71, 74, 71, 72, step_ticks=BEAT)
    lesson = found(line, chords("G7", "C"), 1)[Feature.CADENCE]
    assert said(lesson) == (
        "The music comes home here: G7 leads to C.",
        "A full close: the dominant G7 resolves to the tonic C of C major.",
        "Authentic cadence V7\N{EN DASH}I in C major, C in the melody.",
    )
    assert lesson.rows == (4,)
    assert list(lesson.without) == [Note(BAR, 74, BEAT)]


def test_the_other_closes_have_their_names() -> None:
    line = phrase(65, 65, 65, 65, 67, step_ticks=BEAT)
    home, away = phrase(65, 65, 65, 65, 60, step_ticks=BEAT), phrase(67, 67, 67, 67, 69, step_ticks=BEAT)
    assert "Plagal cadence IV" in said(found(home, chords("F", "C"), 1)[Feature.CADENCE])[2]
    assert "Half cadence" in said(found(line, chords("C", "G"), 1)[Feature.CADENCE])[2]
    assert "Deceptive cadence V" in said(found(away, chords("G", "Am"), 1)[Feature.CADENCE])[2]
    assert Feature.CADENCE not in found(line, chords("Em", "Am"), 1)
    assert Feature.CADENCE not in found(home, chords("F", "C"), 1, key=None)


def test_a_half_close_must_rest() -> None:
    line = phrase(64, 64, 64, 64, 67, 69, 71, 72, step_ticks=BEAT)
    assert Feature.CADENCE not in found(line, chords("C", "G"), 1)


def test_a_sequence_repeats_the_figure_in_steps_of_the_scale() -> None:
    line = phrase(60, 64, 62, 65, 62, 65, 64, 67, step_ticks=BEAT)
    lesson = found(line, [], 1)[Feature.SEQUENCE]
    assert said(lesson)[1] == "A sequence: the rhythm of bar 1, each note 1 step of the scale higher."
    assert lesson.without.pitch.tolist() == [60, 64, 62, 65]
    exact = phrase(60, 64, 62, 66, 58, 62, 60, 64, step_ticks=BEAT)
    assert "2 steps downwards" in said(found(exact, [], 1, key=None)[Feature.SEQUENCE])[2]
    assert Feature.SEQUENCE not in found(phrase(60, 64, 62, 65, 60, 64, 62, 65, step_ticks=BEAT), [], 1)  # the same


def test_a_suspension_is_prepared_rubs_and_resolves() -> None:
    line = Notes.of(
        [Note(0, 67, BEAT), Note(BEAT, 65, BAR, 80), Note(BAR + BEAT, 64, BEAT), Note(BAR + 2 * BEAT, 60, BEAT)]
    )
    lesson = found(line, chords("Dm", "C"), 1)[Feature.SUSPENSION]
    assert said(lesson) == (
        "F stays while the harmony changes, rubs, and sinks to E.",
        "A suspension: F of Dm is held into C and resolves to E.",
        "Suspension 4\N{EN DASH}3 over C, prepared in Dm, resolved by step.",
    )
    assert lesson.without.pitch.tolist() == [64, 64, 60]
    again = phrase(67, 65, 65, 65, 65, 64, step_ticks=BEAT)
    assert found(again, chords("Dm", "C"), 1)[Feature.SUSPENSION].rows == (3, 4, 5)
    unresolved = phrase(67, 65, 65, 65, 65, 67, step_ticks=BEAT)
    assert Feature.SUSPENSION not in found(unresolved, chords("Dm", "C"), 1)


def test_a_syncopation_is_held_over_the_beat() -> None:
    line = Notes.of([Note(0, 60, 240), Note(240, 62, 480), Note(720, 64, 240), Note(960, 65, 960)])
    lesson = found(line, [], 0)[Feature.SYNCOPATION]
    assert said(lesson)[1] == "A syncopation: D begins off the beat and sounds across beat 2."
    assert lesson.without.start_tick.tolist() == [0, 480, 720, 960]
    assert Feature.SYNCOPATION not in found(phrase(60, 62, 64, 65, step_ticks=BEAT), [], 0)


def test_chord_tones_on_beats_are_counted_under_known_chords() -> None:
    line = phrase(60, 62, 64, 65, 67, 65, 64, 62, step_ticks=240)
    lesson = found(line, chords("C"), 0)[Feature.CHORD_TONES]
    assert said(lesson)[1] == "4 of 4 notes on beats are tones of C."
    assert not {60, 64, 67} & set(lesson.without.pitch[::2].tolist())
    assert Feature.CHORD_TONES not in found(line, chords("Bb"), 0)
    assert Feature.CHORD_TONES not in found(line, [], 0)


def test_each_feature_has_a_title_in_the_users_language() -> None:
    assert set(TITLES) == set(Feature)


NOTES = st.lists(st.tuples(st.integers(0, 2), st.integers(1, 6), st.integers(55, 79)), min_size=1, max_size=24)
NAMES = st.lists(st.sampled_from(["C", "F", "G", "G7", "Am", "Dm", "E7", "N.C."]), min_size=4, max_size=4)


@settings(max_examples=60)
@given(NOTES, NAMES, st.sampled_from([(4, 4), (3, 4), (6, 8)]), st.integers(0, 2))
def test_every_finding_can_be_proved_from_the_notes(
    rows: list[tuple[int, int, int]], names: list[str], meter: tuple[int, int], number: int
) -> None:
    notes, at = [], 0
    for gap, length, pitch in rows:
        notes.append(Note(at + 120 * gap, pitch, 120 * length))
        at += 120 * (gap + length)
    times = TimeMap(480, meter_changes=(MeterChange(0, *meter),))
    spans = chords(*names, ticks=times.bar_start_tick(1))
    bar = Bar.of(Notes.of(notes), spans, C, times, number)
    start, stop = bar.ticks()
    inside = bar.line.where(bar.line.starting_between(start, stop))
    for lesson in lessons_of(bar):
        said(lesson)
        assert lesson.without != inside  # one hears a difference
        assert np.all((lesson.without.start_tick >= start) & (lesson.without.start_tick <= stop))
        PROOFS[lesson.feature](bar, lesson)


def prove_cadence(bar: Bar, lesson: Lesson) -> None:
    (row,) = lesson.rows
    tick, pitch = int(bar.line.start_tick[row]), int(bar.line.pitch[row])
    span = next(span for span in bar.spans if span.from_tick == tick)
    before = next(own for own in bar.spans if own.to_tick == tick)
    assert pitch % 12 in span.chord.pitch_classes
    assert (before.chord.root, span.chord.root) in {(7, 0), (5, 0), (7, 9), (0, 7), (5, 7), (2, 7), (9, 7), (4, 7)}


def prove_sequence(bar: Bar, lesson: Lesson) -> None:
    count = len(lesson.rows) // 2
    model, own = list(lesson.rows[:count]), list(lesson.rows[count:])
    degrees = {tone: step for step, tone in enumerate((0, 2, 4, 5, 7, 9, 11))}
    for row, back in zip(own, model, strict=True):
        assert bar.line.duration_ticks[row] == bar.line.duration_ticks[back]
    if {int(p) % 12 for p in bar.line.pitch[[*model, *own]]} <= degrees.keys():
        steps = [int(p) // 12 * 7 + degrees[int(p) % 12] for p in bar.line.pitch[[*model, *own]]]
        assert len({b - a for a, b in zip(steps[:count], steps[count:], strict=True)} - {0}) == 1


def prove_suspension(bar: Bar, lesson: Lesson) -> None:
    *_, held, goal = lesson.rows
    pitch, next_pitch = int(bar.line.pitch[held]), int(bar.line.pitch[goal])
    (before, span) = next(
        (a, b)
        for a, b in pairwise(bar.spans)
        if bar.line.start_tick[held] <= b.from_tick < bar.line.end_tick[held]
        and bar.ticks()[0] <= b.from_tick < bar.ticks()[1]
    )
    assert pitch % 12 in before.chord.pitch_classes and pitch % 12 not in span.chord.pitch_classes
    assert next_pitch % 12 in span.chord.pitch_classes and 1 <= pitch - next_pitch <= 2


def prove_syncopation(bar: Bar, lesson: Lesson) -> None:
    pulse = bar.time_map.pulse_ticks_at(0)
    for row in lesson.rows:
        start, stop = int(bar.line.start_tick[row]) - bar.ticks()[0], int(bar.line.end_tick[row]) - bar.ticks()[0]
        assert start % pulse and any(start < beat < stop for beat in np.arange(0, stop + pulse, pulse))


def prove_chord_tones(bar: Bar, lesson: Lesson) -> None:
    for row in lesson.rows:
        tick = int(bar.line.start_tick[row])
        chord = next(span.chord for span in bar.spans if span.from_tick <= tick < span.to_tick)
        assert int(bar.line.pitch[row]) % 12 in chord.pitch_classes
        assert (tick - bar.ticks()[0]) % bar.time_map.pulse_ticks_at(0) == 0


PROOFS = {
    Feature.CADENCE: prove_cadence,
    Feature.SEQUENCE: prove_sequence,
    Feature.SUSPENSION: prove_suspension,
    Feature.SYNCOPATION: prove_syncopation,
    Feature.CHORD_TONES: prove_chord_tones,
}
