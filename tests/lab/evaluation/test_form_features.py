"""What a reader counts, of melodies made by hand."""

from __future__ import annotations

import numpy as np
import pytest

from lab.evaluation.form_features import (
    Passage,
    Tones,
    alike,
    described,
    equal_onsets,
    has_comma,
    head_likeness,
    longest_run,
    motifs,
    passage_of,
    table_row,
)

BEAT, BAR = 480, 1920
HEAD = (60, 62, 64, 65)  # four quarters, of which the first bar of the seed is made


def quarters(pitches: tuple[int, ...], from_bar: int, shift: int = 0) -> Tones:
    return tuple((from_bar * BAR + i * BEAT, pitch + shift, BEAT) for i, pitch in enumerate(pitches))


def seed() -> Tones:
    """Eight bars: the head, then whole notes."""
    return (*quarters(HEAD, 0), *((bar * BAR, 60 + bar, BAR) for bar in range(1, 8)))


def passage(notes: Tones, bars: int = 4) -> Passage:
    return passage_of(seed(), notes, from_tick=8 * BAR, bars=bars, bar_ticks=BAR, tonic=0)


def test_a_passage_that_restates_its_seed() -> None:
    again = tuple((tick + 8 * BAR, pitch, length) for tick, pitch, length in seed() if tick < 4 * BAR)
    row = table_row(passage(again))
    assert row["bars equal to a bar of the seed"] == row["likeness with the best seed phrase"] == 1
    assert row["first two bars = head of a phrase"] == row["a run of 5 notes of the seed returns"] == 1
    assert row["bar pairs with equal rhythm"] == pytest.approx(3 / 6)  # three bars are whole notes
    assert row["seam interval, semitones"] == 7
    assert row["rest share"] == 0
    assert row["density against seed"] == pytest.approx(7 / 4 / (11 / 8))


def test_the_head_at_another_pitch_is_one_only_transposed_too() -> None:
    higher = (*quarters(HEAD, 8, shift=5), (9 * BAR, 66, BAR), (10 * BAR, 60, BAR), (11 * BAR, 60, BAR))
    moved = passage(higher)
    assert head_likeness(moved, is_transposed=True) == 1
    assert head_likeness(moved, is_transposed=False) == 0
    row = table_row(moved)
    assert (row["first two bars = head of a phrase"], row["the same, transposed too"]) == (0, 1)
    assert row["bars with a rhythm of the seed"] == 1
    assert row["bars equal to a bar of the seed"] == 1 / 4  # the long note of its second bar


def test_a_bar_of_other_lengths_is_not_equal_though_its_rhythm_is() -> None:
    short = tuple((tick, pitch, BEAT // 2) for tick, pitch, _ in quarters(HEAD, 8))
    row = table_row(passage(short, bars=1))
    assert row["bars equal to a bar of the seed"] == 0
    assert row["bars with a rhythm of the seed"] == 1
    assert row["rest share"] == 0.5


def test_a_comma_is_a_long_last_note_or_silence() -> None:
    assert has_comma((), 0, BAR)
    assert has_comma(((0, 60, BEAT), (BEAT, 62, 640)), 0, BAR)
    assert not has_comma(((0, 60, BAR), (BAR - BEAT, 62, BEAT)), 0, BAR)
    assert has_comma(quarters(HEAD, 0), BAR, BAR)  # nothing starts there


def test_motifs_are_the_same_at_any_pitch_and_place_but_not_in_another_rhythm() -> None:
    line = quarters((60, 62, 64, 65, 67), 0)
    later = tuple((tick + 77, pitch - 9, 3) for tick, pitch, _ in line)
    assert motifs(line) == motifs(later)
    slower = tuple((2 * tick, pitch, length) for tick, pitch, length in line)
    assert motifs(line) != motifs(slower)
    assert motifs(line[:4]) == []


def test_likeness_is_f1_of_places_and_pitches() -> None:
    assert alike([((0, 60), (480, 62))], [((0, 60), (480, 64))]) == 0.5
    assert alike([((0, 60),)], [((0, 62),)], shift=2) == 1
    assert alike([()], [((0, 60),)]) == 0


def test_what_is_too_long_or_late_is_cut_and_a_pickup_stands_by_itself() -> None:
    notes = ((8 * BAR - BEAT, 55, BEAT), (8 * BAR, 60, 9 * BAR), (12 * BAR, 72, BEAT))
    own = passage(notes)
    assert own.lead_in == notes[:1]
    assert own.tones == ((8 * BAR, 60, 4 * BAR),)
    assert table_row(own)["seam interval, semitones"] == 67 - 55
    assert table_row(own)["last note is the tonic"] == 1


def test_steps_repeats_leaps_and_runs() -> None:
    row = table_row(passage(quarters((60, 60, 62, 74), 8), bars=1))
    assert (row["steps"], row["repeated pitches"], row["leaps over a fifth"]) == pytest.approx((1 / 3, 1 / 3, 1 / 3))
    assert row["range, semitones"] == 14
    assert longest_run([1, 2, 2, 2, 1, 1]) == 3


def test_an_empty_passage_is_counted_too() -> None:
    row = table_row(passage(()))
    assert row["rest share"] == row["last bar ends a phrase"] == 1
    assert np.isfinite(described(passage(()))).all()
    assert described(passage(())).shape == described(passage(quarters(HEAD, 8))).shape


def test_takes_of_one_rhythm_share_all_onsets_whatever_their_pitches() -> None:
    one, other = quarters(HEAD, 8), quarters((50, 50, 50, 50), 8)
    assert equal_onsets([one, other]) == (1, 1)
    longer = tuple((tick, pitch, 2 * length) for tick, pitch, length in other)
    assert equal_onsets([one, longer]) == (1, 0)
    assert equal_onsets([one, other[:2], one]) == pytest.approx(((2 / 3 + 1 + 2 / 3) / 3,) * 2)
