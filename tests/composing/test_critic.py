"""The critic hears the same music the same way, wherever and in whatever key, and keeps different takes apart."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from musicassist.composing.critic import (
    MAX_PARTS,
    MAX_SHARED,
    TABLES,
    Before,
    Row,
    best_of,
    critic_of,
    parts_of,
    scores_of,
    shipped_critic,
)
from musicassist.errors import CheckpointError
from musicassist.score.timing import MeterChange, TimeMap
from musicassist.tokens.vocabulary import STEPS_PER_BEAT

BAR = 48
BARS = TimeMap(STEPS_PER_BEAT, meter_changes=(MeterChange(0, 4, 4),))
TUNE = (60, 62, 64, 65, 67, 65, 64, 62)


def quarters(pitches: tuple[int, ...], from_step: int = 0, steps: int = 12) -> list[Row]:
    return [(from_step + steps * place, pitch, steps) for place, pitch in enumerate(pitches)]


SEED = quarters(TUNE * 4)  # eight bars
BEFORE = Before(SEED, BARS, 0, 8 * BAR)
ANSWER = quarters((67, 65, 64, 62, 60, 62, 64, 60) * 2, 8 * BAR)
LEAPS = quarters((48, 79, 50, 81, 47, 78, 53, 85) * 2, 8 * BAR)


def test_a_take_is_read_four_bars_at_a_time_behind_what_stands_before() -> None:
    take = quarters(TUNE * 5, 8 * BAR)  # ten bars
    parts = parts_of(BEFORE, take)
    is_new = list(TABLES).index("is_new")
    assert [int(part[:, is_new].sum()) for part in parts] == [16, 16, 8]
    assert [len(part) for part in parts] == [32 + 16, 32 + 32, 64 + 8]
    assert all((part >= 0).all() and (part < list(TABLES.values())).all() for part in parts)


def test_very_long_takes_and_empty_bars_are_judged_by_what_there_is() -> None:
    long = quarters(TUNE * 100, 8 * BAR)
    assert len(parts_of(BEFORE, long)) == MAX_PARTS
    gap = [*quarters((60,), 8 * BAR), *quarters((62,), 17 * BAR)]
    assert len(parts_of(BEFORE, gap)) == 2  # the four bars between have no notes
    (score,) = scores_of(shipped_critic(), BEFORE, [gap])
    assert np.isfinite(score)
    assert scores_of(shipped_critic(), BEFORE, [[]]) == [-np.inf]


def test_what_begins_inside_the_last_bar_belongs_to_the_first_part() -> None:
    early = [(7 * BAR + 36, 67, 12), *ANSWER]
    before = Before(SEED[:-1], BARS, 0, 7 * BAR + 36)
    (part,) = parts_of(before, early)
    assert int(part[:, list(TABLES).index("is_new")].sum()) == 17


def test_another_key_and_another_place_sound_the_same() -> None:
    def moved(rows: list[Row], steps: int, semitones: int) -> list[Row]:
        return [(onset + steps, pitch + semitones, length) for onset, pitch, length in rows]

    here = scores_of(shipped_critic(), BEFORE, [ANSWER, LEAPS])
    there = Before(moved(SEED, 3 * BAR, 5), BARS, 5, 11 * BAR)
    takes = [moved(rows, 3 * BAR, 5) for rows in (ANSWER, LEAPS)]
    np.testing.assert_allclose(scores_of(shipped_critic(), there, takes), here, rtol=1e-5)


def test_a_score_does_not_depend_on_the_takes_beside_it() -> None:
    alone = [scores_of(shipped_critic(), BEFORE, [take])[0] for take in (ANSWER, LEAPS, quarters((60,), 8 * BAR))]
    beside = scores_of(shipped_critic(), BEFORE, [ANSWER, LEAPS, quarters((60,), 8 * BAR)])
    np.testing.assert_allclose(alone, beside, atol=1e-4)


def rhythm(*lengths: int) -> list[Row]:
    onsets = np.cumsum([0, *lengths[:-1]]).tolist()
    return [(onset, 60, length) for onset, length in zip(onsets, lengths, strict=True)]


EVEN, UNEVEN, LONG = rhythm(*[12] * 8), rhythm(*[18, 6] * 4), rhythm(*[24] * 4)


def test_the_best_come_first() -> None:
    assert best_of([0.1, 0.9, 0.5], [EVEN, UNEVEN, LONG], 3) == [1, 2, 0]
    assert best_of([0.1, 0.9, 0.5], [EVEN, UNEVEN, LONG], 1) == [1]


def test_takes_of_one_rhythm_are_kept_apart_as_far_as_there_are_others() -> None:
    takes = [EVEN, EVEN, UNEVEN, LONG]
    assert best_of([0.9, 0.8, 0.2, 0.1], takes, 3) == [0, 2, 3]
    assert best_of([0.9, 0.8, 0.2, 0.1], takes, 4) == [0, 1, 2, 3]
    half = [*EVEN[:4], *[(onset, pitch, 6) for onset, pitch, _ in EVEN[4:]]]
    assert MAX_SHARED > 0.5
    assert best_of([0.9, 0.8, 0.7], [EVEN, EVEN, half], 2) == [0, 2]  # shares just half


def test_the_best_of_each_plan_comes_before_a_second_one() -> None:
    plans = ["answer", "answer", "repeat", "new"]
    takes = [EVEN, UNEVEN, LONG, [*EVEN, (96, 60, 12)]]
    assert best_of([0.9, 0.8, 0.2, 0.1], takes, 3, plans) == [0, 2, 3]
    assert best_of([0.9, 0.8, 0.2, 0.1], takes, 4, plans) == [0, 1, 2, 3]


def test_a_file_that_is_no_critic_is_refused_in_words(tmp_path: Path) -> None:
    with pytest.raises(CheckpointError, match="missing"):
        critic_of(tmp_path / "critic.safetensors")
    (tmp_path / "other.safetensors").write_bytes(b"nothing of the kind")
    with pytest.raises(CheckpointError, match="damaged"):
        critic_of(tmp_path / "other.safetensors")


def test_what_is_much_better_may_have_the_same_rhythm() -> None:
    higher = [(onset, pitch + 2, steps) for onset, pitch, steps in EVEN]
    assert best_of([0.9, 0.8, -5.0], [EVEN, higher, UNEVEN], 2) == [0, 1]


def test_the_same_notes_are_shown_twice_only_where_there_are_no_others() -> None:
    assert best_of([0.9, 0.8, -5.0], [EVEN, EVEN, UNEVEN], 2, ["answer", "new", "answer"]) == [0, 2]
    assert best_of([0.9, 0.8, -5.0], [EVEN, EVEN, UNEVEN], 3) == [0, 1, 2]
