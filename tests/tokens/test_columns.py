"""What a model is trained on: never out of its tables, the same in all keys, and never from the future."""

from __future__ import annotations

import hashlib
from dataclasses import fields, replace
from itertools import pairwise
from random import Random

import numpy as np
from hypothesis import assume, given
from hypothesis import strategies as st

from melodies import AABB, Row, bars_of, even_melody, melodies, melody_of, places
from musicassist.tokens.codec import Melody, Surroundings
from musicassist.tokens.columns import Columns, columns_of
from musicassist.tokens.context import MelodyContext, velocity_class, velocity_of_class
from musicassist.tokens.vocabulary import (
    DURATION_CLASSES,
    DURATION_COLUMNS,
    GAP_CLASSES,
    GAP_COLUMNS,
    INTERVAL_CLASSES,
    NONE_CLASS,
    PITCH_COLUMNS,
    STATE_COLUMNS,
    TABLES,
    UNKNOWN_TONIC,
    VELOCITY_CLASSES,
    VELOCITY_COLUMNS,
    vocabulary_hash,
)

PAGES = {
    "state": STATE_COLUMNS,
    "gap": GAP_COLUMNS,
    "pitch": PITCH_COLUMNS,
    "duration": DURATION_COLUMNS,
    "velocity": VELOCITY_COLUMNS,
}
COMMON_TIME = Surroundings(bars_of((0, 4, 4)))


def column(columns: Columns, page: str, name: str) -> list[int]:
    """One named column of a page, for each row."""
    return getattr(columns, page)[:, [own for own, _ in PAGES[page]].index(name)].tolist()


def seen_before(context: MelodyContext, note: Row, last: Row) -> tuple[list[int], ...]:
    """Everything that a context says before a note, as training columns hold it."""
    gap, interval = min(note[0] - last[0], 96), max(-48, min(48, note[1] - last[1])) + 48
    return (
        context.state_row(),
        context.gap_row(),
        context.pitch_row(gap),
        context.duration_row(gap, interval),
        context.velocity_row(gap, interval, note[2]),
        np.rint(np.array(context.profile()) * 255).astype(int).tolist(),
        context.chord_tones(gap),
    )


def row_of(columns: Columns, row: int) -> tuple[list[int], ...]:
    return tuple(getattr(columns, f.name)[row].tolist() for f in fields(Columns) if f.name != "target")


@given(melodies(least=2), places())
def test_every_class_lies_in_its_table(melody: Melody, place: Surroundings) -> None:
    columns = columns_of(melody, place)
    for page, names in PAGES.items():
        for number, (name, table) in enumerate(names):
            assert getattr(columns, page)[:, number].max() < TABLES[table], (page, name)
    for number, classes in enumerate((GAP_CLASSES, INTERVAL_CLASSES, DURATION_CLASSES, VELOCITY_CLASSES)):
        assert columns.target[:, number].max() < classes
    assert columns.chord.max() <= 1


@given(melodies(least=2), places())
def test_a_gap_is_never_shorter_than_the_note_before(melody: Melody, place: Surroundings) -> None:
    columns = columns_of(melody, place)
    assert (columns.target[:, 0] >= column(columns, "gap", "duration")).all()


@given(melodies(least=2, pitches=(40, 80)), places(), st.integers(-40, 47))
def test_a_transposed_melody_in_the_transposed_key_reads_the_same(
    melody: Melody, place: Surroundings, semitones: int
) -> None:
    def turned(mask: int) -> int:
        return sum(1 << (tone + semitones) % 12 for tone in range(12) if mask >> tone & 1)

    tonic = place.tonic if place.tonic == UNKNOWN_TONIC else (place.tonic + semitones) % 12
    there = replace(place, tonic=tonic, chord_masks=tuple(turned(mask) for mask in place.chord_masks))
    one, other = columns_of(melody, place), columns_of(replace(melody, pitch=melody.pitch + semitones), there)
    for field in fields(Columns):
        a, b = getattr(one, field.name).astype(int), getattr(other, field.name).astype(int)
        # the profile's shares are summed in another order, which may round the other way
        assert np.abs(a - b).max() <= (field.name == "profile"), field.name


@given(melodies(least=2), places())
def test_note_by_note_gives_the_rows_of_the_whole(melody: Melody, place: Surroundings) -> None:
    columns, notes = columns_of(melody, place), list(melody)
    context = MelodyContext(place)
    context.append(*notes[0])
    for row, (last, note) in enumerate(pairwise(notes)):
        assert seen_before(context.copy(), note, last) == row_of(columns, row)
        context.append(*note)
    assert len(columns) == len(context) - 1


@given(melodies(least=3), melodies(), places(), st.data())
def test_later_notes_never_change_earlier_rows(
    melody: Melody, other: Melody, place: Surroundings, data: st.DataObject
) -> None:
    kept = data.draw(st.integers(1, len(melody) - 1))
    shift = int(melody.onset_step[kept]) - int(other.onset_step[0])
    assume(shift + int(other.onset_step[0]) > int(melody.onset_step[kept - 1]))
    changed = melody_of([*list(melody)[:kept], *((on + shift, p, d, v) for on, p, d, v in other)])
    one, two = columns_of(melody, place), columns_of(changed, place)
    for field in fields(Columns):
        assert np.array_equal(getattr(one, field.name)[: kept - 1], getattr(two, field.name)[: kept - 1])
    # what is known before the first changed note does not depend on it either
    for name in ("state", "gap", "profile"):
        assert np.array_equal(getattr(one, name)[:kept], getattr(two, name)[:kept])


@given(melodies(least=2, most=20), places())
def test_a_copy_goes_its_own_way(melody: Melody, place: Surroundings) -> None:
    context = MelodyContext(place)
    for note in melody:
        context.append(*note)
    before = (context.state_row(), context.gap_row(), context.profile(), len(context))
    twin = context.copy()
    for step in range(1, 9):
        twin.append(int(melody.onset_step[-1]) + 100 + step, 60 + step, 1, 90)
    assert (context.state_row(), context.gap_row(), context.profile(), len(context)) == before


@given(melodies(least=2, most=30), places(), st.integers(0, 30), st.integers(0, 30))
def test_what_goes_on_from_a_context_is_what_it_would_have_become(
    melody: Melody, place: Surroundings, first: int, second: int
) -> None:
    whole, parts = MelodyContext(place), MelodyContext(place)
    kept = []
    for row, note in enumerate(melody):
        if row in (first, second):
            kept.append((parts, parts.copy()))
            parts = parts.continued()
        for context in (whole, parts):
            context.append(*note)
        assert (parts.state_row(), parts.gap_row(), parts.pitch_row(7), parts.profile()) == (
            whole.state_row(),
            whole.gap_row(),
            whole.pitch_row(7),
            whole.profile(),
        )
    for context, before in kept:
        if len(context):
            assert (context.state_row(), context.gap_row()) == (before.state_row(), before.gap_row())


def test_look_back_says_what_stood_here_bars_ago() -> None:
    columns = columns_of(even_melody(*AABB), COMMON_TIME)
    row = 8 - 1  # before the ninth note, the first of the second bar
    assert column(columns, "gap", "back1_gap")[row] == 6
    assert column(columns, "pitch", "back1_interval")[row] == 60 - 72 + 48  # from the last pitch down to the first
    assert column(columns, "duration", "back1_duration")[row] == 6
    assert column(columns, "pitch", "back2_interval")[row] == NONE_CLASS
    row = 25 - 1  # before the second note of the fourth bar, which a bar ago was 67 and two bars ago 62
    assert column(columns, "pitch", "back1_interval")[row] == 67 - 72 + 48
    assert column(columns, "pitch", "back2_interval")[row] == 62 - 72 + 48


def test_a_match_goes_on_as_it_did_before() -> None:
    columns = columns_of(even_melody(*AABB), COMMON_TIME)
    truth, found = columns.target[:, 1].tolist(), column(columns, "pitch", "match_interval")
    second_a, second_b = slice(10, 15), slice(26, 31)  # from the third note on, the bar is known again
    assert found[second_a] == truth[second_a]
    assert found[second_b] == truth[second_b]
    lengths = column(columns, "pitch", "match_length")
    assert lengths[:2] == [0, 0]
    assert lengths[second_b] == sorted(lengths[second_b])
    assert column(columns, "state", "agreement")[30] == 7  # gap, interval and duration came as the match foretold


def test_without_a_past_nothing_is_remembered() -> None:
    columns = columns_of(even_melody(60, 61), COMMON_TIME)
    names = [name for name, _ in PITCH_COLUMNS if name.endswith("_interval") and not name.startswith("next")]
    assert all(column(columns, "pitch", name) == [NONE_CLASS] for name in names)
    assert column(columns, "state", "agreement") == [8]


def test_velocity_counts_from_the_running_mean() -> None:
    assert velocity_class(80, 80.0) == VELOCITY_CLASSES // 2
    assert (velocity_class(127, 20.0), velocity_class(1, 120.0)) == (VELOCITY_CLASSES - 1, 0)
    tune = melody_of([(0, 60, 6, 70), (6, 62, 6, 84), (12, 64, 6, 77)])
    assert columns_of(tune, COMMON_TIME).target[:, 3].tolist() == [6, 4]  # 14 above 70, then the mean of 70 and 84


@given(st.integers(0, VELOCITY_CLASSES - 1), st.integers(40, 90))
def test_a_velocity_class_comes_back(row: int, mean: int) -> None:
    assert velocity_class(velocity_of_class(row, mean), mean) == row


@given(st.integers(0, VELOCITY_CLASSES - 1), st.integers(0, 127))
def test_a_velocity_is_one_that_midi_knows(row: int, mean: int) -> None:
    assert 1 <= velocity_of_class(row, mean) <= 127


def test_the_profile_shares_the_time_among_pitch_classes_above_the_last() -> None:
    context = MelodyContext(COMMON_TIME)
    for note in even_melody(60, 67, 60):
        context.append(*note)
    slow, fast = context.profile()[:12], context.profile()[12:]
    assert abs(sum(slow) - 1) < 1e-9
    assert abs(sum(fast) - 1) < 1e-9
    assert slow[0] > slow[7] > 0
    assert slow[0] + slow[7] > 1 - 1e-9
    assert fast[0] > slow[0]  # the last note counts for more where memory is short


def test_copied_pitches_name_every_way_to_go_on_copying() -> None:
    run = (60, 62, 64, 65, 67, 65, 64, 62, 60, 71)
    context = MelodyContext(COMMON_TIME)
    for note in even_melody(*run, *run[:-1], 72, *run[:-1]):
        context.append(*note)
    assert context.copied_pitches(6, 8) == {71, 72}
    assert context.copied_pitches(5, 8) == set()
    assert context.copied_pitches(6, 30) == set()


def test_the_columns_are_the_ones_that_the_installed_models_were_trained_on() -> None:
    """A change of any value makes every trained model wrong: then the vocabulary must change as well."""
    digest = hashlib.sha256()
    for number, meter in enumerate([(4, 4), (3, 4), (6, 8), (7, 8), (5, 16), (12, 4)]):
        place = Surroundings(
            bars_of((0, *meter), (600, 4, 4)),
            tonic=number,
            mode=1 + number % 2,
            style=number,
            last_bar=40,
            chord_starts=tuple(range(0, 3000, 48)),
            chord_masks=tuple((0b10010001 << (i % 5)) & 4095 for i in range(63)),
        )
        columns = columns_of(_wandering_tune(number), place)
        for name in (*PAGES, "profile", "chord", "target"):
            digest.update(getattr(columns, name).tobytes())
    assert (vocabulary_hash(), digest.hexdigest()[:16]) == ("d2ca0b26a4e43272", "6eb9105b5fb88c84")


def _wandering_tune(seed: int) -> Melody:
    random = Random(seed)
    rows, onset, pitch = [], int(random.random() * 20), 60
    motif = [(int(random.random() * 5) * 3 + 3, int(random.random() * 9) - 4) for _ in range(8)]
    for i in range(160):
        own = motif[i % 8]
        gap, leap = own if random.random() < 0.8 else (int(random.random() * 110) + 1, int(random.random() * 100) - 50)
        duration = max(1, min(96, int(gap * (0.5 + 0.5 * random.random()))))
        rows.append((onset, pitch, duration, 40 + int(random.random() * 80)))
        onset, pitch = onset + gap, max(0, min(127, pitch + leap))
    return melody_of(rows)
