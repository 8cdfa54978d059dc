"""Pairs of rolls from packed lines: each after the two bars before it, in one key, counted from one tonic."""

from __future__ import annotations

import numpy as np

from corpora import pack_of, tune
from melodies import even_melody, melody_of
from musicassist.families.gan.learning import RollPairs, roll_pairs
from musicassist.families.gan.predictor import LOWEST_ROW, ROWS, SILENT, notes_of

TONIC_ROW = -LOWEST_ROW


def notes_in(symbols: np.ndarray) -> list[tuple[int, int, int]]:
    _, place, row, length = notes_of(symbols[None])
    return list(zip(place.tolist(), (row - TONIC_ROW).tolist(), length.tolist(), strict=True))


def pair_with(pairs: RollPairs, roll: list[tuple[int, int, int]]) -> list[tuple[int, int, int]]:
    """What stands before the one roll that holds these notes."""
    (found,) = [place for place in range(len(pairs)) if notes_in(pairs.roll[place]) == roll]
    return notes_in(pairs.previous[found])


def test_a_roll_stands_after_the_two_bars_before_it() -> None:
    melody = even_melody(*range(60, 76), step=24)  # two notes a bar, eight bars
    pairs = roll_pairs(pack_of([melody]))
    assert pair_with(pairs, [(0, 4, 24), (24, 5, 24), (48, 6, 24), (72, 7, 24)]) == [
        (0, 0, 24),
        (24, 1, 24),
        (48, 2, 24),
        (72, 3, 24),
    ]


def test_the_first_roll_has_silence_before_it() -> None:
    pairs = roll_pairs(pack_of([even_melody(60, 64, 67, 72, step=24)]))
    first = [place for place in range(len(pairs)) if len(notes_in(pairs.roll[place])) == 4]
    assert (pairs.previous[first] == SILENT).all()


def test_rows_count_from_the_tonic_below_what_stands_before() -> None:
    low, high = (48, 50, 52, 53), (60, 62, 64, 65)
    pairs = roll_pairs(pack_of([even_melody(*low, *high, step=24)]))
    assert pair_with(pairs, [(place * 24, pitch - 48, 24) for place, pitch in enumerate(high)]) == [
        (place * 24, pitch - 48, 24) for place, pitch in enumerate(low)
    ]


def test_a_tune_in_another_octave_gives_equal_pairs() -> None:
    one, other = (roll_pairs(pack_of([tune(3, shift=shift)])) for shift in (0, 12))
    assert all(np.array_equal(getattr(one, name), getattr(other, name)) for name in ("previous", "roll", "condition"))


def test_notes_end_with_their_roll() -> None:
    pairs = roll_pairs(pack_of([melody_of([(0, 60, 12, 80), (90, 62, 40, 80), (132, 64, 12, 80), (150, 65, 12, 80)])]))
    assert pair_with(pairs, [(36, 4, 12), (54, 5, 12)]) == [(0, 0, 12), (90, 2, 6)]


def test_rolls_that_reach_too_far_are_left_out() -> None:
    wide = even_melody(60, 62, 64, 65, 60, 62 + ROWS, 64, 65, step=24)
    rolls = [notes_in(roll) for roll in roll_pairs(pack_of([wide])).roll]
    assert rolls
    assert not any(row > ROWS for roll in rolls for _, row, _ in roll)
    assert not any(roll[0] == (0, 0, 24) and len(roll) == 4 and roll[1][1] == 2 + ROWS for roll in rolls)


def test_no_pair_stands_twice_and_other_lines_stay_out() -> None:
    pack = pack_of([tune(1), tune(1), tune(2)])
    pairs = roll_pairs(pack)
    table = np.concatenate([pairs.previous, pairs.roll, pairs.condition], 1)
    assert len(np.unique(table, axis=0)) == len(table)
    others = pack_of([tune(1)], is_melody=False)
    assert len(roll_pairs(others)) == 0
    assert len(roll_pairs(others, melodies_only=False)) > 0


def test_conditions_are_meter_mode_and_style() -> None:
    assert (roll_pairs(pack_of([tune(1)])).condition == [1, 1, 5]).all()
